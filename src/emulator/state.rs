//! The file of `--state`: read once at the start, replaced whole after changes.
//!
//! A file that cannot be read is an error and never an empty fleet: what is in it would be overwritten.

use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use super::fleet::Fleet;
use super::model::Model;

/// Where a model is kept.
#[derive(Clone, Debug)]
pub(crate) struct StateFile(PathBuf);

impl StateFile {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self(path)
    }

    /// The model of the file; without a file that of the fleet.
    pub(crate) fn load(&self, fleet: &Fleet, start: u64) -> io::Result<Model> {
        match fs::read(&self.0) {
            Ok(json) => Model::restore(fleet, start, &json).map_err(|what| self.broken(&what)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Model::new(fleet, start)),
            Err(error) => Err(self.named(&error)),
        }
    }

    /// Replaces the file: whoever reads it sees the former or the new one, also after a crash.
    pub(crate) fn save(&self, json: &[u8]) -> io::Result<()> {
        let folder = self.0.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let replace = || {
            let mut file = tempfile::NamedTempFile::new_in(folder)?;
            file.write_all(json)?;
            file.as_file().sync_all()?;
            file.persist(&self.0).map(|_| ()).map_err(|error| error.error)
        };
        replace().map_err(|error| self.named(&error))
    }

    fn broken(&self, what: &str) -> io::Error {
        let file = self.0.display();
        let text = format!("{file}: this is not the state of this fleet: {what}\n  move the file away to start anew");
        io::Error::new(ErrorKind::InvalidData, text)
    }

    fn named(&self, error: &io::Error) -> io::Error {
        io::Error::new(error.kind(), format!("{}: {error}", self.0.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_a_broken_one_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.json");
        let file = StateFile::new(path.clone());
        assert!(file.load(&Fleet::empty(), 0).is_ok(), "without a file the fleet is the beginning");
        file.save(b"first").unwrap();
        file.save(b"second").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"second");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left behind");
        let error = file.load(&Fleet::empty(), 0).unwrap_err().to_string();
        assert!(error.contains("state.json: this is not the state of this fleet"), "{error}");
        fs::write(&path, br#"{"schema": "keyfleet.emulator/2", "at": 0, "random": 0, "accounts": []}"#).unwrap();
        let error = file.load(&Fleet::empty(), 0).unwrap_err().to_string();
        assert!(error.contains("this version reads `keyfleet.emulator/1`"), "{error}");
        let nowhere = StateFile::new(folder.path().join("none/state.json"));
        assert!(nowhere.save(b"x").is_err());
    }
}
