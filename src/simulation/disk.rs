//! A disk in memory: it loses what was not synced when the power goes, fails when it is told to, and has locks that end with their holder.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::{Arc, Mutex};

use crate::domain::text::Safe;
use crate::state::private::PrivateError;
use crate::state::storage::{Storage, StorageError};

/// What is on the disk, shared by everybody who uses it.
#[derive(Clone, Debug, Default)]
pub(super) struct Disk(Arc<Mutex<Platter>>);

#[derive(Debug, Default)]
struct Platter {
    files: BTreeMap<String, Content>,
    /// By name: the process that holds it.
    locks: BTreeMap<String, u32>,
    /// By process: the calls that still succeed, and how many fail then.
    failing: BTreeMap<u32, (u64, u64)>,
    /// What a program error can get wrong: a lock that excludes nobody, a sync that does nothing.
    lock_is_open: bool,
    sync_is_empty: bool,
}

#[derive(Clone, Debug, Default)]
struct Content {
    written: Vec<u8>,
    durable: Vec<u8>,
}

impl Disk {
    pub(super) fn storage(&self, process: u32) -> ProcessStorage {
        ProcessStorage { disk: self.clone(), process }
    }

    /// After so many more calls of this process, so many fail.
    pub(super) fn fail(&self, process: u32, after: u64, count: u64) {
        self.0.lock().unwrap().failing.insert(process, (after, count));
    }

    pub(super) fn heal(&self) {
        self.0.lock().unwrap().failing.clear();
    }

    /// Locks exclude nobody from now on.
    pub(super) fn break_locks(&self) {
        self.0.lock().unwrap().lock_is_open = true;
    }

    /// Syncing does nothing from now on.
    pub(super) fn break_sync(&self) {
        self.0.lock().unwrap().sync_is_empty = true;
    }

    /// The power goes: of what was not synced, any beginning may have reached the disk.
    pub(super) fn lose_power(&self, mut keep: impl FnMut(usize) -> usize) {
        let mut platter = self.0.lock().unwrap();
        for content in platter.files.values_mut() {
            let tail = content.written.strip_prefix(content.durable.as_slice()).map(<[u8]>::to_vec);
            // What was cut off and not synced may be there again.
            let tail = tail.unwrap_or_default();
            let kept = keep(tail.len()).min(tail.len());
            content.durable.extend_from_slice(&tail[..kept]);
            content.written.clone_from(&content.durable);
        }
    }

    /// What any process sees of a file.
    pub(super) fn written(&self, name: &str) -> Vec<u8> {
        self.0.lock().unwrap().files.get(name).map(|content| content.written.clone()).unwrap_or_default()
    }

    /// What is left of a file whatever happens.
    pub(super) fn durable(&self, name: &str) -> Vec<u8> {
        self.0.lock().unwrap().files.get(name).map(|content| content.durable.clone()).unwrap_or_default()
    }
}

/// The disk as one process uses it. Its locks end with it.
#[derive(Debug)]
pub(super) struct ProcessStorage {
    disk: Disk,
    process: u32,
}

impl ProcessStorage {
    /// Carries a call out; one that is to fail does half of it.
    fn call(&self, name: &str, work: impl FnOnce(&mut Platter, bool)) -> Result<(), StorageError> {
        let mut platter = self.disk.0.lock().unwrap();
        let fails = match platter.failing.get_mut(&self.process) {
            Some((0, count)) => {
                *count = count.saturating_sub(1);
                let last = *count == 0;
                if last {
                    platter.failing.remove(&self.process);
                }
                true
            }
            Some((after, _)) => {
                *after -= 1;
                false
            }
            None => false,
        };
        work(&mut platter, fails);
        let full = || PrivateError::io("use", Path::new(name), ErrorKind::StorageFull);
        if fails { Err(full().into()) } else { Ok(()) }
    }

    fn on_file(&self, name: &str, work: impl FnOnce(&mut Content, bool)) -> Result<(), StorageError> {
        self.call(name, |platter, fails| work(platter.files.entry(name.to_owned()).or_default(), fails))
    }
}

impl Storage for ProcessStorage {
    fn lock(&mut self, name: &str, _holder: &str) -> Result<(), StorageError> {
        self.call(name, |_, _| {})?;
        let mut platter = self.disk.0.lock().unwrap();
        match platter.locks.get(name) {
            Some(holder) if *holder != self.process && !platter.lock_is_open => {
                Err(StorageError::Locked { path: name.into(), holder: Safe::from_static("another process") })
            }
            Some(_) | None => {
                platter.locks.insert(name.to_owned(), self.process);
                Ok(())
            }
        }
    }

    fn open(&mut self, name: &str) -> Result<(), StorageError> {
        self.on_file(name, |_, _| {})
    }

    fn read(&mut self, name: &str) -> Result<Vec<u8>, StorageError> {
        let mut bytes = Vec::new();
        self.on_file(name, |content, _| bytes.clone_from(&content.written))?;
        Ok(bytes)
    }

    fn append(&mut self, name: &str, bytes: &[u8]) -> Result<(), StorageError> {
        self.on_file(name, |content, fails| {
            let end = if fails { bytes.len() / 2 } else { bytes.len() };
            content.written.extend_from_slice(&bytes[..end]);
        })
    }

    fn truncate(&mut self, name: &str, length: u64) -> Result<(), StorageError> {
        self.on_file(name, |content, fails| {
            if !fails {
                content.written.truncate(usize::try_from(length).unwrap());
            }
        })
    }

    fn sync(&mut self, name: &str) -> Result<(), StorageError> {
        self.call(name, |platter, fails| {
            let is_empty = platter.sync_is_empty;
            let content = platter.files.entry(name.to_owned()).or_default();
            if !fails && !is_empty {
                content.durable.clone_from(&content.written);
            }
        })
    }

    fn put(&mut self, name: &str, bytes: &[u8]) -> Result<(), StorageError> {
        self.on_file(name, |content, fails| {
            if !fails {
                (content.written, content.durable) = (bytes.to_vec(), bytes.to_vec());
            }
        })
    }
}

impl Drop for ProcessStorage {
    fn drop(&mut self) {
        let process = self.process;
        self.disk.0.lock().unwrap().locks.retain(|_, holder| *holder != process);
    }
}
