//! What keyfleet keeps on disk: private files, the lock of each account, the journal.
//!
//! Where that is arrives as a value; nothing here looks for a home directory. A file that others could have written is refused by name, not repaired.

pub(crate) mod cache;
pub(crate) mod journal;
pub(crate) mod journals;
pub(crate) mod private;
pub(crate) mod storage;

use std::path::{Path, PathBuf};

/// The directory that holds everything keyfleet keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StateDir(pub(crate) PathBuf);

impl StateDir {
    /// The platform's place for state, or for local data where it has none for state.
    pub(crate) fn of(directories: &directories::ProjectDirs) -> Self {
        Self(directories.state_dir().unwrap_or_else(|| directories.data_local_dir()).to_owned())
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}
