//! The few things that a journal asks of a disk, so that a test can be a disk that fails.
//!
//! Names are relative to one directory. Nothing here retries: a failed call is the caller's to refuse.

#[cfg(test)]
pub(crate) mod failing;

use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::io::{Read as _, Seek as _, Write as _};
use std::path::PathBuf;

use rustix::fs::FlockOperation;
use rustix::io::Errno;

use super::StateDir;
use super::private::{self, Access, PrivateError, shown};
use crate::domain::text::{Foreign, Safe, safe};

/// A directory of private files.
pub(crate) trait Storage: fmt::Debug + Send {
    /// Takes the lock of this name without waiting, and writes into it who holds it. It is held as long as the storage lives.
    fn lock(&mut self, name: &str, holder: &str) -> Result<(), StorageError>;
    /// Opens a file for appending and makes its name durable; it is made if it is not there.
    fn open(&mut self, name: &str) -> Result<(), StorageError>;
    /// The whole of an opened file.
    fn read(&mut self, name: &str) -> Result<Vec<u8>, StorageError>;
    fn append(&mut self, name: &str, bytes: &[u8]) -> Result<(), StorageError>;
    /// Cuts an opened file.
    fn truncate(&mut self, name: &str, length: u64) -> Result<(), StorageError>;
    /// Returns when all that was written to an opened file is durable.
    fn sync(&mut self, name: &str) -> Result<(), StorageError>;
    /// Writes a file of its own, whole and durable.
    fn put(&mut self, name: &str, bytes: &[u8]) -> Result<(), StorageError>;
}

/// What the disk did not do.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StorageError {
    /// Another keyfleet is at work.
    #[error("{} is held by {holder}", shown(path))]
    Locked { path: PathBuf, holder: Safe },
    #[error(transparent)]
    Private(#[from] PrivateError),
}

impl StorageError {
    fn io(doing: &'static str, path: PathBuf, source: impl Into<std::io::Error>) -> Self {
        StorageError::Private(PrivateError::Io { doing, path, source: source.into() })
    }
}

/// The file system.
#[derive(Debug)]
pub(crate) struct FileStorage {
    directory: StateDir,
    files: BTreeMap<String, File>,
    locks: Vec<File>,
}

impl FileStorage {
    /// Makes the directory if it is not there.
    pub(crate) fn new(directory: StateDir) -> Result<Self, StorageError> {
        private::directory(directory.path())?;
        Ok(Self { directory, files: BTreeMap::new(), locks: Vec::new() })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn file(&mut self, name: &str) -> Result<&mut File, StorageError> {
        let path = self.path(name);
        let missing = || StorageError::io("use", path, std::io::ErrorKind::NotFound);
        self.files.get_mut(name).ok_or_else(missing)
    }
}

impl Storage for FileStorage {
    fn lock(&mut self, name: &str, holder: &str) -> Result<(), StorageError> {
        let path = self.path(name);
        let mut file = private::open(&path, Access::Append)?;
        match rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(Errno::WOULDBLOCK) => return Err(StorageError::Locked { holder: held_by(&mut file), path }),
            Err(error) => return Err(StorageError::io("lock", path, error)),
        }
        let written = file.set_len(0).and_then(|()| file.write_all(holder.as_bytes()));
        written.map_err(|error| StorageError::io("write", path, error))?;
        self.locks.push(file);
        Ok(())
    }

    fn open(&mut self, name: &str) -> Result<(), StorageError> {
        let file = private::open(&self.path(name), Access::Append)?;
        private::sync_directory(self.directory.path())?;
        self.files.insert(name.to_owned(), file);
        Ok(())
    }

    fn read(&mut self, name: &str) -> Result<Vec<u8>, StorageError> {
        let path = self.path(name);
        let file = self.file(name)?;
        let mut bytes = Vec::new();
        let read = file.rewind().and_then(|()| file.read_to_end(&mut bytes));
        read.map_err(|error| StorageError::io("read", path, error))?;
        Ok(bytes)
    }

    fn append(&mut self, name: &str, bytes: &[u8]) -> Result<(), StorageError> {
        let path = self.path(name);
        self.file(name)?.write_all(bytes).map_err(|error| StorageError::io("append to", path, error))
    }

    fn truncate(&mut self, name: &str, length: u64) -> Result<(), StorageError> {
        let path = self.path(name);
        self.file(name)?.set_len(length).map_err(|error| StorageError::io("cut", path, error))
    }

    fn sync(&mut self, name: &str) -> Result<(), StorageError> {
        let path = self.path(name);
        self.file(name)?.sync_all().map_err(|error| StorageError::io("sync", path, error))
    }

    fn put(&mut self, name: &str, bytes: &[u8]) -> Result<(), StorageError> {
        Ok(private::replace(&self.path(name), bytes)?)
    }
}

/// Who wrote itself into a lock, capped: the file may hold anything.
fn held_by(file: &mut File) -> Safe {
    let mut text = Vec::new();
    let read = file.rewind().and_then(|()| file.take(200).read_to_end(&mut text));
    let text = Foreign::new(String::from_utf8_lossy(&text).trim());
    if read.is_err() || text.is_empty() { Safe::from_static("another keyfleet") } else { safe!("{}", text.safe()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn storage(directory: &std::path::Path) -> FileStorage {
        FileStorage::new(StateDir(directory.join("keyfleet"))).unwrap()
    }

    #[test]
    fn a_lock_names_who_holds_it_and_ends_with_its_storage() {
        let temporary = tempfile::tempdir().unwrap();
        let mut first = storage(temporary.path());
        first.lock("lock", "process 41 on ops-1").unwrap();
        let mut second = storage(temporary.path());
        let error = second.lock("lock", "process 42 on ops-1").unwrap_err();
        assert!(matches!(&error, StorageError::Locked { holder, .. } if holder.as_str() == "process 41 on ops-1"));
        drop(first);
        second.lock("lock", "process 42 on ops-1").unwrap();
        let held = std::fs::read_to_string(temporary.path().join("keyfleet/lock")).unwrap();
        assert_eq!(held, "process 42 on ops-1");
    }

    #[test]
    fn a_file_is_appended_to_read_and_cut() {
        let temporary = tempfile::tempdir().unwrap();
        let mut storage = storage(temporary.path());
        assert!(storage.append("file", b"x").is_err(), "a file must be opened first");
        storage.open("file").unwrap();
        storage.append("file", b"one\ntwo").unwrap();
        storage.truncate("file", 4).unwrap();
        storage.append("file", b"three\n").unwrap();
        storage.sync("file").unwrap();
        assert_eq!(storage.read("file").unwrap(), b"one\nthree\n");
        storage.put("aside", b"two").unwrap();
        assert_eq!(std::fs::read(temporary.path().join("keyfleet/aside")).unwrap(), b"two");
    }
}
