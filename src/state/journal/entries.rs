//! A journal as it is read: its lines, the one that was cut off, and the first that does not follow from the one before.
//!
//! The file may have been edited, so everything in it is foreign. A line that cannot be read is counted and named, never guessed at.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::NO_HASH;
use super::line::{VERSION, expected_hash};
use crate::domain::plan::{Outcome, RecordKind};
use crate::domain::text::{Foreign, Safe, safe};

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) number: u64,
    pub(crate) kind: RecordKind,
    pub(crate) at: Foreign,
    pub(crate) intent: Foreign,
    pub(crate) caller_arn: Foreign,
    pub(crate) operation: Foreign,
    pub(crate) key_arn: Foreign,
    pub(crate) sent_to: Foreign,
    pub(crate) parameters: Option<Value>,
    pub(crate) outcome: Option<Foreign>,
    pub(crate) code: Option<Foreign>,
    pub(crate) request_id: Option<Foreign>,
    pub(crate) detail: Option<Foreign>,
    prev: String,
    hash: String,
}

/// A line as serde sees it. What is missing is empty: the chain of hashes tells whether it was there.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Raw {
    v: u32,
    n: u64,
    prev: String,
    at: String,
    kind: String,
    intent: Option<String>,
    caller_arn: Option<String>,
    operation: Option<String>,
    key_arn: Option<String>,
    sent_to: Option<String>,
    parameters: Option<Value>,
    outcome: Option<String>,
    code: Option<String>,
    request_id: Option<String>,
    detail: Option<String>,
    hash: String,
}

impl Entry {
    /// `None` if the line is not one of this format's.
    pub(super) fn parse(line: &str) -> Option<Self> {
        let raw: Raw = serde_json::from_str(line).ok().filter(|raw: &Raw| raw.v == VERSION)?;
        let text = |text: Option<String>| Foreign::new(text.unwrap_or_default());
        Some(Self {
            number: raw.n,
            kind: kind(&raw.kind)?,
            at: Foreign::new(raw.at),
            intent: text(raw.intent),
            caller_arn: text(raw.caller_arn),
            operation: text(raw.operation),
            key_arn: text(raw.key_arn),
            sent_to: text(raw.sent_to),
            parameters: raw.parameters,
            outcome: raw.outcome.map(Foreign::new),
            code: raw.code.map(Foreign::new),
            request_id: raw.request_id.map(Foreign::new),
            detail: raw.detail.map(Foreign::new),
            prev: raw.prev,
            hash: raw.hash,
        })
    }

    pub(super) fn intent_id(&self) -> &str {
        self.intent.original()
    }

    /// Whether this line says how its intent ended.
    pub(super) fn closes(&self) -> bool {
        match self.kind {
            RecordKind::Intent | RecordKind::Note => false,
            RecordKind::ResolvedByHand => true,
            RecordKind::Outcome | RecordKind::Reconciled => {
                self.outcome.as_ref().is_some_and(|outcome| outcome.original() != Outcome::Unknown.name())
            }
        }
    }

    /// Which request it is about.
    pub(crate) fn summary(&self) -> Safe {
        safe!("{} {} recorded {}", self.operation.safe(), self.key_arn.safe(), self.at.safe())
    }
}

fn kind(name: &str) -> Option<RecordKind> {
    [RecordKind::Intent, RecordKind::Outcome, RecordKind::Reconciled, RecordKind::ResolvedByHand, RecordKind::Note]
        .into_iter()
        .find(|kind| kind.name() == name)
}

/// Every line of a journal.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(crate) struct Entries {
    pub(crate) all: Vec<Entry>,
    /// What stands after the last line break: a line that was not written to its end.
    pub(crate) torn: Vec<u8>,
    /// The first line that was changed or does not follow from the one before, counted from one, and how.
    pub(crate) broken: Option<(usize, Safe)>,
    /// The first line of a later format.
    pub(crate) later: Option<usize>,
}

impl Entries {
    pub(crate) fn parse(bytes: &[u8]) -> Self {
        let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        let (whole, torn) = bytes.split_at_checked(whole).unwrap_or((bytes, &[]));
        let mut entries = Self { torn: torn.to_vec(), ..Self::default() };
        for (index, line) in whole.split(|byte| *byte == b'\n').enumerate() {
            if !line.is_empty() {
                entries.add(index + 1, line);
            }
        }
        entries
    }

    fn add(&mut self, number: usize, line: &[u8]) {
        let text = String::from_utf8_lossy(line);
        let Some(entry) = Entry::parse(&text) else {
            if self.later.is_none() && is_later(&text) {
                self.later = Some(number);
            }
            self.note_broken(number, "is not a line of this journal");
            return;
        };
        if expected_hash(&text).as_deref() != Some(entry.hash.as_str()) {
            self.note_broken(number, "was changed after it was written");
        } else if entry.prev != self.head() || entry.number != self.last_number() + 1 {
            self.note_broken(number, "does not follow the one before: lines were removed, added or moved");
        }
        self.all.push(entry);
    }

    fn note_broken(&mut self, line: usize, why: &'static str) {
        self.broken.get_or_insert((line, Safe::from_static(why)));
    }

    /// The hash of the last line.
    pub(crate) fn head(&self) -> &str {
        self.all.last().map_or(NO_HASH, |entry| entry.hash.as_str())
    }

    pub(super) fn last_number(&self) -> u64 {
        self.all.last().map_or(0, |entry| entry.number)
    }

    /// The IDs of all intents.
    pub(super) fn intents(&self) -> impl Iterator<Item = &str> {
        self.all.iter().filter(|entry| entry.kind == RecordKind::Intent).map(Entry::intent_id)
    }

    /// The intents that no later line says the end of: without an outcome, or with one that is unknown.
    pub(crate) fn open_intents(&self) -> Vec<&Entry> {
        let mut open: BTreeMap<&str, (u64, &Entry)> = BTreeMap::new();
        let mut ended: BTreeMap<&str, &Entry> = BTreeMap::new();
        for entry in &self.all {
            let id = entry.intent_id();
            match (entry.kind, entry.closes()) {
                (RecordKind::Intent, _) => {
                    open.insert(id, (entry.number, entry));
                }
                (RecordKind::Note, _) => {}
                (_, true) => ended.extend(open.remove(id).map(|(_, intent)| (id, intent))),
                // What was thought to have ended is open again: the latest word counts.
                (_, false) => open.extend(ended.remove(id).map(|intent| (id, (intent.number, intent)))),
            }
        }
        let mut intents: Vec<(u64, &Entry)> = open.into_values().collect();
        intents.sort_by_key(|(number, _)| *number);
        intents.into_iter().map(|(_, intent)| intent).collect()
    }
}

fn is_later(line: &str) -> bool {
    let version = serde_json::from_str::<Value>(line).ok().and_then(|value| value.get("v")?.as_u64());
    version.is_some_and(|version| version > u64::from(VERSION))
}
