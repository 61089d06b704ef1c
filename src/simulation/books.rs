//! The journal of one process: opened and locked by its first record, as `state::journals` does it, over the disk in memory.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::disk::Disk;
use super::fleet::ACCOUNT;
use crate::domain::id::{AccountId, Partition};
use crate::domain::plan::{Claim, Intent, RecordKind};
use crate::domain::time::Timestamp;
use crate::engine::message::RecordError;
use crate::state::journal::entries::Entries;
use crate::state::journal::history::{OpenIntents, StepRecord};
use crate::state::journal::{Journal, JournalError, Receipt, Subject, Writer, file_name};

#[derive(Debug)]
pub(super) struct Books {
    disk: Disk,
    process: u32,
    journal: Option<Journal>,
}

pub(super) fn subject() -> Subject {
    (Partition::Aws, AccountId::parse(ACCOUNT).unwrap())
}

/// The journal's file.
pub(super) fn journal_name() -> String {
    let (partition, account) = subject();
    file_name(partition, account)
}

/// The journal as anybody may read it.
pub(super) fn entries(disk: &Disk) -> Entries {
    Entries::parse(&disk.written(&journal_name()), subject())
}

impl Books {
    pub(super) fn new(disk: Disk, process: u32) -> Self {
        Self { disk, process, journal: None }
    }

    /// The journal under its lock, from the first time on until the process ends.
    fn hold(&mut self) -> Result<&mut Journal, JournalError> {
        if self.journal.is_none() {
            let (partition, account) = subject();
            let writer = Writer { host: "ops".into(), pid: self.process };
            let storage = Box::new(self.disk.storage(self.process));
            self.journal = Some(Journal::open(storage, writer, partition, account)?.0);
        }
        Ok(self.journal.as_mut().unwrap())
    }

    pub(super) fn append_intent(&mut self, intent: &Arc<Intent>, at: Timestamp) -> Result<Receipt, RecordError> {
        self.hold().and_then(|journal| journal.append_intent(intent, at)).map_err(|error| told(&error))
    }

    pub(super) fn append_outcome(
        &mut self,
        intent: &Intent,
        kind: RecordKind,
        claim: &Claim,
        at: Timestamp,
    ) -> Result<(), RecordError> {
        self.hold().and_then(|journal| journal.append_outcome(intent, kind, claim, at)).map_err(|error| told(&error))
    }

    /// What a former run left open, if it is this process's to reconcile.
    pub(super) fn open_intents(&mut self) -> Option<OpenIntents> {
        let open = entries(&self.disk).open_intents();
        if open.all.is_empty() && self.journal.is_none() {
            return None;
        }
        self.hold().ok()?;
        Some(entries(&self.disk).open_intents())
    }

    /// Takes the lock. Says whether this process has it.
    pub(super) fn lock(&mut self) -> bool {
        self.hold().is_ok()
    }

    /// What became of the steps of a plan. Without the lock another process may still be sending them.
    pub(super) fn steps_of(&self, plan: &str) -> Option<BTreeMap<u32, StepRecord>> {
        entries(&self.disk).steps_of(plan).ok()
    }
}

fn told(error: &JournalError) -> RecordError {
    let words = error.words();
    if error.is_locked() { RecordError::Locked(words) } else { RecordError::Journal(words) }
}
