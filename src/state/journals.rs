//! The journals of one run: each account's is opened and locked when the first change to it is recorded, and stays so until the end.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::StateDir;
use super::journal::{Journal, JournalError, Notice, Receipt, Writer};
use super::private::PrivateError;
use super::storage::{FileStorage, StorageError};
use crate::domain::id::{AccountId, Partition};
use crate::domain::plan::{Claim, Intent, RecordKind};
use crate::domain::time::Timestamp;

/// Whose journal.
pub(crate) type Subject = (Partition, AccountId);

#[derive(Debug)]
pub(crate) struct Journals {
    directory: StateDir,
    writer: Writer,
    open: BTreeMap<Subject, Journal>,
    notices: Vec<(AccountId, Notice)>,
}

impl Journals {
    /// Touches nothing yet.
    pub(crate) fn new(directory: StateDir, writer: Writer) -> Self {
        Self { directory, writer, open: BTreeMap::new(), notices: Vec::new() }
    }

    /// Records an intent in its account's journal. May block on the disk.
    pub(crate) fn append_intent(&mut self, intent: &Arc<Intent>, at: Timestamp) -> Result<Receipt, JournalError> {
        self.journal(intent)?.append_intent(intent, at)
    }

    /// Records what came of an intent. May block on the disk.
    pub(crate) fn append_outcome(
        &mut self,
        intent: &Intent,
        kind: RecordKind,
        claim: &Claim,
        at: Timestamp,
    ) -> Result<(), JournalError> {
        self.journal(intent)?.append_outcome(intent, kind, claim, at)
    }

    /// What opening the journals found, once.
    pub(crate) fn take_notices(&mut self) -> Vec<(AccountId, Notice)> {
        std::mem::take(&mut self.notices)
    }

    /// The last hash of each journal that was written to: printed at the end.
    pub(crate) fn heads(&self) -> impl Iterator<Item = (AccountId, &str)> {
        self.open.iter().map(|((_, account), journal)| (*account, journal.head()))
    }

    fn journal(&mut self, intent: &Intent) -> Result<&mut Journal, JournalError> {
        let subject = (intent.mutation.arn.partition, intent.account);
        let journal = match self.open.remove(&subject) {
            Some(journal) => journal,
            None => self.open_journal(subject)?,
        };
        Ok(self.open.entry(subject).or_insert(journal))
    }

    fn open_journal(&mut self, (partition, account): Subject) -> Result<Journal, JournalError> {
        let storage = FileStorage::new(self.directory.clone())?;
        let (journal, notices) = Journal::open(Box::new(storage), self.writer.clone(), partition, account)?;
        self.notices.extend(notices.into_iter().map(|notice| (account, notice)));
        Ok(journal)
    }
}

/// The journals that are in a directory, by partition and account. None if there is no such directory.
pub(crate) fn found_in(directory: &Path) -> Result<Vec<(Subject, PathBuf)>, JournalError> {
    let failed = |error| StorageError::from(PrivateError::io("read the directory", directory, error));
    let listing = match std::fs::read_dir(directory) {
        Ok(listing) => listing,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(error).into()),
    };
    let mut found = Vec::new();
    for entry in listing {
        let entry = entry.map_err(failed)?;
        if let Some(subject) = entry.file_name().to_str().and_then(subject) {
            found.push((subject, entry.path()));
        }
    }
    found.sort();
    Ok(found)
}

/// Reads `journal-aws-us-gov-111122223333.jsonl` back.
fn subject(file_name: &str) -> Option<Subject> {
    let name = file_name.strip_prefix("journal-")?.strip_suffix(".jsonl")?;
    let (partition, account) = name.rsplit_once('-')?;
    Some((Partition::from_name(partition)?, AccountId::parse(account)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::plan::Outcome;
    use crate::state::journal::tests::{at, claim, intent};

    fn journals(directory: &Path, pid: u32) -> Journals {
        let writer = Writer { host: "ops-1".into(), pid };
        Journals::new(StateDir(directory.join("state")), writer)
    }

    #[test]
    fn a_journal_is_opened_by_the_first_intent_and_locked_for_others() {
        let temporary = tempfile::tempdir().unwrap();
        let mut first = journals(temporary.path(), 41);
        assert!(found_in(&temporary.path().join("state")).unwrap().is_empty());
        first.append_intent(&intent("i-1"), at(1)).unwrap();
        let error = journals(temporary.path(), 42).append_intent(&intent("i-2"), at(2)).unwrap_err();
        assert!(error.is_locked());
        let words = error.words();
        assert!(words.as_str().ends_with("is held by process 41 on ops-1"), "{words}");
        first.append_outcome(&intent("i-1"), RecordKind::Outcome, &claim(Outcome::Unknown), at(3)).unwrap();
        let head = first.heads().next().unwrap().1.to_owned();
        drop(first);
        let mut second = journals(temporary.path(), 42);
        assert!(matches!(second.append_intent(&intent("i-1"), at(4)), Err(JournalError::Repeated)));
        assert_eq!(second.heads().next().unwrap().1, head);
        let notices = second.take_notices();
        assert!(matches!(notices.as_slice(), [(_, Notice::OpenIntent(_))]), "{notices:?}");
        let found = found_in(&temporary.path().join("state")).unwrap();
        assert_eq!(found.len(), 1, "the lock is not a journal");
    }

    #[test]
    fn names_of_journals_are_read_back() {
        let account = AccountId::parse("011122223333").unwrap();
        for partition in Partition::ALL {
            let name = super::super::journal::file_name(partition, account);
            assert_eq!(subject(&name), Some((partition, account)), "{name}");
        }
        assert_eq!(subject("journal-aws-1.jsonl"), None);
        assert_eq!(subject("journal-aws-011122223333.jsonl.torn-at-7"), None);
    }
}
