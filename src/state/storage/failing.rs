//! A disk in memory that fails at its n-th call, half way through, and forgets on a crash what was not synced.

use std::io::ErrorKind;
use std::sync::{Arc, Mutex};

use super::*;

/// What is on the disk, shared by the storages of one test.
#[derive(Clone, Debug, Default)]
pub(crate) struct Disk(Arc<Mutex<Platter>>);

#[derive(Debug, Default)]
struct Platter {
    files: BTreeMap<String, Content>,
    calls: usize,
    fails_at: Option<usize>,
}

#[derive(Clone, Debug, Default)]
struct Content {
    written: Vec<u8>,
    durable: Vec<u8>,
}

impl Disk {
    pub(crate) fn holding(name: &str, bytes: &[u8]) -> Self {
        let disk = Self::default();
        let content = Content { written: bytes.to_vec(), durable: bytes.to_vec() };
        disk.0.lock().unwrap().files.insert(name.to_owned(), content);
        disk
    }

    /// The call with this number fails, counted from now; every other one succeeds.
    pub(crate) fn fail_at(&self, call: usize) {
        let mut platter = self.0.lock().unwrap();
        (platter.calls, platter.fails_at) = (0, Some(call));
    }

    pub(crate) fn has_failed(&self) -> bool {
        let platter = self.0.lock().unwrap();
        platter.fails_at.is_some_and(|call| platter.calls > call)
    }

    /// The power goes: what was not synced is gone, and the disk works again.
    pub(crate) fn crash(&self) {
        let mut platter = self.0.lock().unwrap();
        platter.fails_at = None;
        for content in platter.files.values_mut() {
            content.written.clone_from(&content.durable);
        }
    }

    pub(crate) fn heal(&self) {
        self.0.lock().unwrap().fails_at = None;
    }

    pub(crate) fn content(&self, name: &str) -> Vec<u8> {
        self.0.lock().unwrap().files.get(name).map(|content| content.written.clone()).unwrap_or_default()
    }

    pub(crate) fn storage(&self) -> FailingStorage {
        FailingStorage(self.clone())
    }

    /// Counts a call and carries it out; the one that is to fail does half of it.
    fn call(&self, name: &str, work: impl FnOnce(&mut Content, bool)) -> Result<(), StorageError> {
        let mut platter = self.0.lock().unwrap();
        let fails = platter.fails_at == Some(platter.calls);
        platter.calls += 1;
        work(platter.files.entry(name.to_owned()).or_default(), fails);
        if fails { Err(StorageError::io("use", name.into(), ErrorKind::StorageFull)) } else { Ok(()) }
    }
}

#[derive(Debug)]
pub(crate) struct FailingStorage(Disk);

impl Storage for FailingStorage {
    fn lock(&mut self, name: &str, _holder: &str) -> Result<(), StorageError> {
        self.0.call(name, |_, _| {})
    }

    fn open(&mut self, name: &str) -> Result<(), StorageError> {
        self.0.call(name, |_, _| {})
    }

    fn read(&mut self, name: &str) -> Result<Vec<u8>, StorageError> {
        let mut bytes = Vec::new();
        self.0.call(name, |content, _| bytes.clone_from(&content.written))?;
        Ok(bytes)
    }

    fn append(&mut self, name: &str, bytes: &[u8]) -> Result<(), StorageError> {
        self.0.call(name, |content, fails| {
            let end = if fails { bytes.len() / 2 } else { bytes.len() };
            content.written.extend_from_slice(&bytes[..end]);
        })
    }

    fn truncate(&mut self, name: &str, length: u64) -> Result<(), StorageError> {
        self.0.call(name, |content, fails| {
            if !fails {
                content.written.truncate(usize::try_from(length).unwrap());
            }
        })
    }

    fn sync(&mut self, name: &str) -> Result<(), StorageError> {
        self.0.call(name, |content, fails| {
            if !fails {
                content.durable.clone_from(&content.written);
            }
        })
    }

    fn put(&mut self, name: &str, bytes: &[u8]) -> Result<(), StorageError> {
        self.0.call(name, |content, fails| {
            if !fails {
                (content.written, content.durable) = (bytes.to_vec(), bytes.to_vec());
            }
        })
    }
}
