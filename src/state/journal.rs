//! The journal: what was going to be sent, written down before it was, and what came of it.
//!
//! One file per partition and account, one JSON object per line, each with the hash of the one before. A [`Receipt`] exists only for an intent whose line the
//! disk has confirmed, and a request needs one. After the first failure nothing more is written: what the disk holds is then not known.
//!
//! The hash of a line is the SHA-256 of its own bytes up to its last key, `hash`, with the object closed there. The keys stand in the order of
//! [`line::Line`], so whatever is changed in a line, be it white space, changes its hash; and fields that a later version adds do not.

pub(crate) mod entries;
pub(crate) mod entry;
pub(crate) mod history;
mod line;
#[cfg(test)]
pub(crate) mod tests;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use super::private::{self, PrivateError};
use super::storage::{Storage, StorageError};
use crate::domain::id::{AccountId, Partition};
use crate::domain::plan::{Claim, Intent, Outcome, RecordKind};
use crate::domain::text::{Safe, safe};
use crate::domain::time::Timestamp;
use crate::wire::parameters;
use entries::Entries;
use entry::Entry;
use history::Story;
use line::Line;

/// Whose journal.
pub(crate) type Subject = (Partition, AccountId);

/// Proof that an intent is durable. It is spent by the one request it allows, so it cannot be copied.
#[derive(Debug)]
pub(crate) struct Receipt {
    intent: Arc<Intent>,
}

impl Receipt {
    pub(crate) fn intent(&self) -> &Intent {
        &self.intent
    }

    #[cfg(test)]
    pub(crate) fn for_test(intent: Arc<Intent>) -> Self {
        Self { intent }
    }
}

/// Who writes: this machine and process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Writer {
    pub(crate) host: Arc<str>,
    pub(crate) pid: u32,
}

/// Something found on opening that does not keep the journal from being used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Notice {
    /// The last line was not written to its end; it was moved into this file.
    TornLine { aside: String, bytes: usize },
    /// The chain of hashes is broken: the file was changed by something else.
    Broken { line: usize, why: Safe },
    /// A change whose outcome was never recorded, or is unknown.
    OpenIntent(Safe),
}

impl Notice {
    pub(crate) fn words(&self) -> Safe {
        match self {
            Notice::TornLine { aside, bytes } => {
                safe!("the journal's last line was cut off; its {bytes} bytes were moved to {aside}")
            }
            Notice::Broken { line, why } => safe!("the journal was changed by something else: line {line} {why}"),
            Notice::OpenIntent(summary) => safe!("not known to have ended: {summary}"),
        }
    }
}

/// Why nothing was recorded.
#[derive(Debug, thiserror::Error)]
pub(crate) enum JournalError {
    #[error(transparent)]
    Storage(#[from] StorageError),
    #[error("an earlier write to the journal failed, so nothing more is recorded in this run")]
    Poisoned,
    #[error("line {line} of the journal was written by a later keyfleet")]
    Later { line: usize },
    #[error("this change is already in the journal")]
    Repeated,
    #[error("the intent itself is not an outcome, and belongs to the journal of its own account")]
    Misplaced,
    #[error("a request for step {0} of this plan was recorded before, and may have been made")]
    Taken(u32),
    #[error("only a change that is still open can be resolved by hand, as done or as failed")]
    NotOpen,
    #[error("{0}")]
    Illegible(Safe),
    #[error("the record cannot be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
}

impl JournalError {
    /// Another keyfleet holds the account's lock.
    pub(crate) fn is_locked(&self) -> bool {
        matches!(self, JournalError::Storage(StorageError::Locked { .. }))
    }

    /// There is no such file.
    pub(crate) fn is_absence(&self) -> bool {
        let JournalError::Storage(StorageError::Private(PrivateError::Io { source, .. })) = self else { return false };
        source.kind() == std::io::ErrorKind::NotFound
    }

    pub(crate) fn words(&self) -> Safe {
        safe!("{self}")
    }
}

/// The journal of one account, open and locked.
#[derive(Debug)]
pub(crate) struct Journal {
    storage: Box<dyn Storage>,
    writer: Writer,
    name: String,
    partition: Partition,
    account: AccountId,
    next: u64,
    head: String,
    /// Every intent that was ever recorded: none is recorded twice.
    recorded: BTreeSet<Arc<str>>,
    /// The steps of plans for which a request was recorded that left, or may have left: there is no second one.
    taken: BTreeSet<(Arc<str>, u32)>,
    /// The intents without an end.
    open: BTreeSet<Arc<str>>,
    is_poisoned: bool,
}

/// The hash before the first line.
pub(crate) const NO_HASH: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// The file of an account's journal.
pub(crate) fn file_name(partition: Partition, account: AccountId) -> String {
    format!("journal-{}-{account}.jsonl", partition.name())
}

/// Reads an account's journal without locking or changing it.
pub(crate) fn read(path: &Path, subject: Subject) -> Result<Entries, JournalError> {
    Ok(Entries::parse(&private::read(path).map_err(StorageError::from)?, subject))
}

impl Journal {
    /// Locks the account's journal, moves a torn last line aside and reads what is there.
    pub(crate) fn open(
        mut storage: Box<dyn Storage>,
        writer: Writer,
        partition: Partition,
        account: AccountId,
    ) -> Result<(Self, Vec<Notice>), JournalError> {
        let holder = format!("process {} on {}", writer.pid, writer.host);
        storage.lock(&format!("lock-{}-{account}", partition.name()), &holder)?;
        let name = file_name(partition, account);
        storage.open(&name)?;
        let bytes = storage.read(&name)?;
        let mut notices = Vec::new();
        let entries = Entries::parse(&bytes, (partition, account));
        if let Some(line) = entries.later() {
            return Err(JournalError::Later { line });
        }
        if !entries.torn.is_empty() {
            notices.push(move_aside(storage.as_mut(), &name, &bytes, &entries)?);
        }
        let broken = entries.faults.first().map(|(line, fault)| Notice::Broken { line: *line, why: fault.words() });
        notices.extend(broken);
        let stories = entries.stories();
        let unended = || stories.iter().filter(|story| story.is_open());
        notices.extend(unended().map(|story| Notice::OpenIntent(story.intent.summary())));
        let open = unended().map(|story| Arc::from(story.intent.intent_id())).collect();
        let recorded = entries.intents().map(Arc::from).collect();
        let may_have_left = |story: &&Story<'_>| !story.ended_unsent();
        let taken = stories.iter().filter(may_have_left).map(Story::step).collect();
        let (next, head) = (entries.last_number() + 1, entries.head().to_owned());
        let journal =
            Self { storage, writer, name, partition, account, next, head, recorded, taken, open, is_poisoned: false };
        Ok((journal, notices))
    }

    /// Writes the intent down. The receipt is proof that the disk has it.
    pub(crate) fn append_intent(&mut self, intent: &Arc<Intent>, at: Timestamp) -> Result<Receipt, JournalError> {
        if self.recorded.contains(&intent.id) {
            return Err(JournalError::Repeated);
        }
        // Whatever the caller has read and believed: one step of a plan is one request.
        let step = (Arc::clone(&intent.plan), intent.step);
        if self.taken.contains(&step) {
            return Err(JournalError::Taken(intent.step));
        }
        let line =
            Line::of(intent, RecordKind::Intent, &self.writer, at).with_parameters(parameters::of(&intent.mutation));
        self.append(intent, line)?;
        self.recorded.insert(Arc::clone(&intent.id));
        self.taken.insert(step);
        self.open.insert(Arc::clone(&intent.id));
        Ok(Receipt { intent: Arc::clone(intent) })
    }

    /// Writes down what came of an intent.
    pub(crate) fn append_outcome(
        &mut self,
        intent: &Intent,
        kind: RecordKind,
        claim: &Claim,
        at: Timestamp,
    ) -> Result<(), JournalError> {
        let line = Line::of(intent, kind, &self.writer, at);
        let line = match kind {
            RecordKind::Intent => return Err(JournalError::Misplaced),
            RecordKind::ResolvedByHand if !self.may_be_resolved(intent, claim) => return Err(JournalError::NotOpen),
            RecordKind::Outcome | RecordKind::Reconciled | RecordKind::ResolvedByHand => line.with_claim(claim),
            // A note says something of a change and claims nothing.
            RecordKind::Note => line.with_detail(&claim.detail),
        };
        let entry = self.append(intent, line)?;
        if entry.closes() && claim.outcome == Outcome::NotSent {
            self.taken.remove(&(Arc::clone(&intent.plan), intent.step));
        }
        if entry.closes() {
            self.open.remove(&intent.id);
        } else if kind != RecordKind::Note {
            self.open.insert(Arc::clone(&intent.id));
        }
        Ok(())
    }

    /// The hash of the last line: whoever keeps it can tell later whether lines before it were changed or removed.
    pub(crate) fn head(&self) -> &str {
        &self.head
    }

    /// A person may say how a change ended only while nothing else does, and only what can have been the end.
    fn may_be_resolved(&self, intent: &Intent, claim: &Claim) -> bool {
        self.open.contains(&intent.id) && matches!(claim.outcome, Outcome::Done | Outcome::Failed)
    }

    fn append(&mut self, intent: &Intent, line: Line<'_>) -> Result<Entry, JournalError> {
        if self.is_poisoned {
            return Err(JournalError::Poisoned);
        }
        if (intent.account, intent.mutation.arn.partition) != (self.account, self.partition) {
            return Err(JournalError::Misplaced);
        }
        let (text, hash) = line.finish(self.next, &self.head)?;
        let entry = Entry::parse(&text).ok_or(JournalError::Misplaced)?;
        // Set first, so that a panic half way leaves the journal closed as well.
        self.is_poisoned = true;
        self.storage.append(&self.name, format!("{text}\n").as_bytes())?;
        self.storage.sync(&self.name)?;
        self.is_poisoned = false;
        self.next += 1;
        self.head = hash;
        Ok(entry)
    }
}

/// Copies the torn line into a file of its own before it is cut off, so that a crash between the two loses nothing.
fn move_aside(storage: &mut dyn Storage, name: &str, bytes: &[u8], entries: &Entries) -> Result<Notice, JournalError> {
    let whole = bytes.len() - entries.torn.len();
    let aside = format!("{name}.torn-at-{whole}");
    storage.put(&aside, &entries.torn)?;
    storage.truncate(name, u64::try_from(whole).unwrap_or(u64::MAX))?;
    storage.sync(name)?;
    Ok(Notice::TornLine { aside, bytes: entries.torn.len() })
}
