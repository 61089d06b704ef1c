//! The last fleet of each login, kept for the first frame of the next run. Worth nothing but a look: whoever cannot read or write it goes on without it.

use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use super::private::{self, Access, PrivateError};
use crate::domain::policy::sha256;
use crate::domain::text::{Safe, safe};

/// More than this is neither written nor read: the first frame waits for it.
const LARGEST: u64 = 8 << 20;

/// One login's file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cache {
    file: PathBuf,
}

impl Cache {
    /// `login` tells apart what must not be taken for one another: profiles, and endpoints other than AWS's own.
    pub(crate) fn of(directory: &Path, login: &str) -> Self {
        let name: String = sha256(login).chars().take(16).collect();
        Self { file: directory.join(format!("fleet-{name}.json")) }
    }

    /// What was kept; `None` if nothing was.
    pub(crate) fn read(&self) -> Result<Option<Vec<u8>>, Safe> {
        let file = match private::open(&self.file, Access::Read) {
            Ok(file) => file,
            Err(PrivateError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(words(&error)),
        };
        let mut bytes = Vec::new();
        let failed = |error| words(&PrivateError::io("read", &self.file, error));
        file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(failed)?;
        if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > LARGEST {
            return Err(safe!("{} is larger than 8 MiB", private::shown(&self.file)));
        }
        Ok(Some(bytes))
    }

    /// Keeps it instead of what was kept before.
    pub(crate) fn write(&self, bytes: &[u8]) -> Result<(), Safe> {
        if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > LARGEST {
            return Ok(());
        }
        let parent = self.file.parent().unwrap_or(Path::new("."));
        private::directory(parent).and_then(|()| private::replace(&self.file, bytes)).map_err(|error| words(&error))
    }
}

fn words(error: &PrivateError) -> Safe {
    safe!("{error}")
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    fn cache(directory: &Path) -> Cache {
        Cache::of(&directory.join("keyfleet"), "prod")
    }

    #[test]
    fn it_is_private_and_comes_back() {
        let directory = tempfile::tempdir().unwrap();
        let cache = cache(directory.path());
        assert_eq!(cache.read().unwrap(), None);
        cache.write(b"one").unwrap();
        cache.write(b"two").unwrap();
        assert_eq!(cache.read().unwrap().as_deref(), Some(b"two".as_slice()));
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&cache.file), mode(cache.file.parent().unwrap())), (0o600, 0o700));
        assert_eq!(Cache::of(directory.path(), "other").read().unwrap(), None);
    }

    #[test]
    fn a_link_and_a_file_that_is_too_large_are_refused() {
        let directory = tempfile::tempdir().unwrap();
        let cache = cache(directory.path());
        cache.write(b"x").unwrap();
        std::fs::File::options().write(true).open(&cache.file).unwrap().set_len(LARGEST + 1).unwrap();
        assert!(cache.read().unwrap_err().as_str().contains("larger than"));
        std::fs::remove_file(&cache.file).unwrap();
        symlink("/dev/zero", &cache.file).unwrap();
        assert!(cache.read().unwrap_err().as_str().contains("symbolic link"));
    }
}
