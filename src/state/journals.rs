//! The journals of one run: each account's is opened and locked when the first change to it is recorded, and stays so until the end.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::StateDir;
use super::journal::entries::Entries;
use super::journal::history::{OpenIntents, StepRecord};
use super::journal::{self, Journal, JournalError, Notice, Receipt, Subject, Writer};
use super::private::PrivateError;
use super::storage::{FileStorage, StorageError};
use crate::domain::id::{AccountId, Partition};
use crate::domain::plan::{Claim, Intent, RecordKind};
use crate::domain::text::Safe;
use crate::domain::time::Timestamp;

/// Who may reconcile an account's open intents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Holder {
    /// Nothing is open, so the lock was not asked for.
    Nobody,
    /// This run holds the account's lock, and goes on holding it.
    Us,
    /// Another keyfleet does: its process and host as it wrote them into the lock, where they could be read.
    Other(Safe),
}

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

    /// What an account's journal leaves open, for whoever only shows it: without the lock, and without making anything.
    pub(crate) fn look_at_open_intents(&self, subject: Subject) -> Result<OpenIntents, JournalError> {
        Ok(self.entries(subject)?.open_intents())
    }

    /// What an account's journal leaves open, for whoever reconciles it: under the lock, if there is anything to reconcile and nobody else has it. What this run
    /// has sent and not yet heard of is among it.
    pub(crate) fn open_intents_of(&mut self, subject: Subject) -> Result<(OpenIntents, Holder), JournalError> {
        if !self.open.contains_key(&subject) {
            let open = self.look_at_open_intents(subject)?;
            if open == OpenIntents::default() {
                return Ok((open, Holder::Nobody));
            }
            match self.hold(subject) {
                Ok(_) => {}
                Err(JournalError::Storage(StorageError::Locked { holder, .. })) => {
                    return Ok((open, Holder::Other(holder)));
                }
                Err(error) => return Err(error),
            }
        }
        // Read under the lock: until it was taken another keyfleet could still settle something.
        Ok((self.look_at_open_intents(subject)?, Holder::Us))
    }

    /// What became of the steps of a plan, by their numbers; a step that was never recorded was never sent. Under the lock, and so for whoever is about to send
    /// the others: without it another keyfleet could be sending the very same steps, and record them only after this was read.
    pub(crate) fn steps_of(&mut self, subject: Subject, plan: &str) -> Result<BTreeMap<u32, StepRecord>, JournalError> {
        self.hold(subject)?;
        self.entries(subject)?.steps_of(plan).map_err(JournalError::Illegible)
    }

    /// What opening the journals found, once.
    pub(crate) fn take_notices(&mut self) -> Vec<(AccountId, Notice)> {
        std::mem::take(&mut self.notices)
    }

    /// The last hash of each journal that was written to: printed at the end.
    pub(crate) fn heads(&self) -> impl Iterator<Item = (AccountId, &str)> {
        self.open.iter().map(|((_, account), journal)| (*account, journal.head()))
    }

    fn entries(&self, (partition, account): Subject) -> Result<Entries, JournalError> {
        let path = self.directory.path().join(journal::file_name(partition, account));
        match journal::read(&path, (partition, account)) {
            Err(error) if error.is_absence() => Ok(Entries::default()),
            read => read,
        }
    }

    fn journal(&mut self, intent: &Intent) -> Result<&mut Journal, JournalError> {
        self.hold((intent.mutation.arn.partition, intent.account))
    }

    /// The account's journal, opened and locked until the end of the run.
    fn hold(&mut self, subject: Subject) -> Result<&mut Journal, JournalError> {
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
    use crate::state::journal::tests::{at, claim, intent, subject as subject_of_tests};

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
    fn open_intents_are_looked_at_by_all_and_reconciled_by_one() {
        let temporary = tempfile::tempdir().unwrap();
        let mut first = journals(temporary.path(), 41);
        let of = |open: &OpenIntents| open.all.iter().map(|open| open.intent.id.to_string()).collect::<Vec<_>>();
        let (open, holder) = first.open_intents_of(subject_of_tests()).unwrap();
        assert_eq!((of(&open).len(), holder), (0, Holder::Nobody));
        assert!(!temporary.path().join("state").exists(), "looking makes nothing");
        first.append_intent(&intent("i-1"), at(1)).unwrap();
        let (open, holder) = first.open_intents_of(subject_of_tests()).unwrap();
        assert_eq!((of(&open), holder), (vec!["i-1".to_owned()], Holder::Us));
        let mut second = journals(temporary.path(), 42);
        let (open, holder) = second.open_intents_of(subject_of_tests()).unwrap();
        assert_eq!((of(&open), holder), (vec!["i-1".to_owned()], Holder::Other("process 41 on ops-1".into())));
        drop(first);
        let (open, holder) = second.open_intents_of(subject_of_tests()).unwrap();
        assert_eq!((of(&open).len(), holder), (1, Holder::Us));
        assert!(journals(temporary.path(), 43).append_intent(&intent("i-2"), at(2)).unwrap_err().is_locked());
        second.append_outcome(&intent("i-1"), RecordKind::Reconciled, &claim(Outcome::Done), at(3)).unwrap();
        let mut third = journals(temporary.path(), 43);
        assert_eq!(third.look_at_open_intents(subject_of_tests()).unwrap(), OpenIntents::default());
        let error = third.steps_of(subject_of_tests(), "plan-1").unwrap_err();
        assert!(error.is_locked(), "the other one may be sending them: {error}");
        drop(second);
        let steps = third.steps_of(subject_of_tests(), "plan-1").unwrap();
        assert_eq!(steps.keys().collect::<Vec<_>>(), [&1]);
        assert!(!steps[&1].is_open);
        assert!(third.steps_of(subject_of_tests(), "plan-2").unwrap().is_empty());
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
