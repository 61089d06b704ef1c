//! Where changes are recorded before they are sent: the account's journal, opened under its lock when the first change needs it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError, TryLockError};

use crate::app::left_open::{LeftOpen, Owner};
use crate::app::message::Message;
use crate::app::screen::journal::Entry as Shown;
use crate::domain::text::{Foreign, Safe, safe};
use crate::domain::time::Timestamp;
use crate::engine::message::RecordError;
use crate::runtime::tasks::{Record, Recorder};
use crate::state::StateDir;
use crate::state::journal::entry::Entry;
use crate::state::journal::history::StepRecord;
use crate::state::journal::{JournalError, Receipt, Subject, Writer};
use crate::state::journals::{Holder, Journals, found_in};
use crate::state::private;

/// The recorder of a command that changes nothing.
pub(super) fn refuses_everything() -> Recorder {
    Arc::new(|_, _| Err(RecordError::Journal("this command changes nothing".into())))
}

/// The journals of this run, shared between those who record and whoever says at the end what was recorded.
#[derive(Clone)]
pub(super) struct Books(Arc<Mutex<Journals>>);

impl Books {
    pub(super) fn new(directory: StateDir) -> Self {
        let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
        let writer = Writer { host: host.into(), pid: std::process::id() };
        Self(Arc::new(Mutex::new(Journals::new(directory, writer))))
    }

    pub(super) fn recorder(&self) -> Recorder {
        let books = Arc::clone(&self.0);
        Arc::new(move |record, at| {
            // A panic while recording poisons the lock: after that nothing may be recorded, and so nothing sent.
            let mut journals =
                books.lock().map_err(|_| RecordError::Journal("an earlier record failed inside keyfleet".into()))?;
            append(&mut journals, record, at).map_err(|error| {
                let words = error.words();
                if error.is_locked() { RecordError::Locked(words) } else { RecordError::Journal(words) }
            })
        })
    }

    /// Looks into an account's journal for what a former run left open. Where it is to be settled the account's lock is taken, and kept.
    pub(super) fn finder(&self) -> Arc<dyn Fn(Owner, bool) -> Message + Send + Sync> {
        let books = self.clone();
        Arc::new(move |owner, to_settle| {
            let found = books.left_open((owner.partition, owner.account), to_settle);
            Message::LeftOpen { login: owner.login, found: found.map_err(|error| error.words()) }
        })
    }

    pub(super) fn left_open(&self, subject: Subject, to_settle: bool) -> Result<LeftOpen, JournalError> {
        let mut journals = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (open, holder) = if to_settle {
            journals.open_intents_of(subject)?
        } else {
            (journals.look_at_open_intents(subject)?, Holder::Nobody)
        };
        let held_by = match holder {
            Holder::Nobody | Holder::Us => None,
            Holder::Other(holder) => Some(holder),
        };
        let intents = open.all.into_iter().map(|open| open.intent).collect();
        Ok(LeftOpen { intents, illegible: open.illegible, held_by })
    }

    /// What the journal knows of the steps of a plan.
    pub(super) fn steps_of(&self, subject: Subject, plan: &str) -> Result<BTreeMap<u32, StepRecord>, JournalError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).steps_of(subject, plan)
    }

    /// The last words of a run: what opening the journals found, and the head of each that was written to.
    pub(super) fn last_words(&self) -> Option<String> {
        let mut journals = match self.0.try_lock() {
            Ok(journals) => journals,
            Err(TryLockError::Poisoned(journals)) => journals.into_inner(),
            // A record is still being written: waiting for that disk could take for ever.
            Err(TryLockError::WouldBlock) => return Some("the journal's disk does not answer".to_owned()),
        };
        let mut words: Vec<String> = journals
            .take_notices()
            .into_iter()
            .map(|(account, notice)| format!("journal of {account}: {}", notice.words()))
            .collect();
        words.extend(journals.heads().map(|(account, head)| format!("journal of {account}: head {head}")));
        (!words.is_empty()).then(|| words.join("\n"))
    }
}

fn append(journals: &mut Journals, record: Record, at: Timestamp) -> Result<Option<Receipt>, JournalError> {
    match record {
        Record::Intent(intent) => journals.append_intent(&intent, at).map(Some),
        Record::Outcome { intent, kind, claim } => journals.append_outcome(&intent, kind, &claim, at).map(|()| None),
    }
}

/// Every line of every journal in the directory, for the screen.
pub(super) fn load(directory: &StateDir) -> Message {
    Message::JournalLoaded(read(directory))
}

fn read(directory: &StateDir) -> Result<Vec<Shown>, Safe> {
    let journals = found_in(directory.path()).map_err(|error| error.words())?;
    let mut shown = Vec::new();
    for (subject, path) in journals {
        let entries = crate::state::journal::read(&path, subject)
            .map_err(|error| safe!("{}: {}", private::shown(&path), error.words()))?;
        shown.extend(entries.all.iter().map(line));
    }
    Ok(shown)
}

fn line(entry: &Entry) -> Shown {
    Shown {
        at: Timestamp::parse(entry.at.original()).unwrap_or(Timestamp::from_millis(0)),
        kind: Safe::from_static(entry.kind.name()),
        what: entry.summary(),
        outcome: entry.outcome.as_ref().map(Foreign::safe),
        detail: entry.detail.as_ref().map(Foreign::safe),
    }
}
