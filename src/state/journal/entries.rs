//! A journal as it is read: its lines, the one that was cut off, and everything that does not follow from what stands before it.
//!
//! A line that cannot be read is counted and named, never guessed at. Whether lines are missing at the end cannot be seen from the file: that takes a head that
//! was kept elsewhere.

use serde_json::Value;

use super::entry::Entry;
use super::line::{VERSION, own_hash};
use super::{NO_HASH, Subject};
use crate::domain::plan::RecordKind;
use crate::domain::text::{Safe, safe};

/// What is wrong with a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It is none of this format's.
    NotALine,
    /// Its format is a later one.
    Later,
    /// Its bytes are not those that its hash was made of.
    Altered,
    /// The records with these numbers should stand before it.
    Missing { from: u64, to: u64 },
    /// The record with this number should stand here.
    OutOfPlace { expected: u64 },
    /// It has the right number, and the hash of another line than the one before it.
    Unlinked,
    /// It is of another account or partition than the file.
    OtherAccount,
}

impl Fault {
    pub(crate) fn words(&self) -> Safe {
        match self {
            Fault::NotALine => Safe::from_static("is not a line of this journal"),
            Fault::Later => Safe::from_static("was written by a later keyfleet, or changed"),
            Fault::Altered => Safe::from_static("was changed after it was written"),
            Fault::Missing { from, to } if from == to => safe!("follows a gap: record {from} was removed before it"),
            Fault::Missing { from, to } => safe!("follows a gap: records {from} to {to} were removed before it"),
            Fault::OutOfPlace { expected } => {
                safe!("does not belong here, where record {expected} should be: it was inserted, copied or moved")
            }
            Fault::Unlinked => Safe::from_static("does not follow the line before it: that one was replaced"),
            Fault::OtherAccount => Safe::from_static("is of another account's journal"),
        }
    }

    /// What a person can do about it.
    pub(crate) fn remedy(&self) -> Safe {
        match self {
            Fault::NotALine | Fault::Altered | Fault::Unlinked => {
                Safe::from_static("do not trust it; compare it with a copy of the file, and with CloudTrail")
            }
            Fault::Later => Safe::from_static("verify it with the keyfleet that wrote it"),
            Fault::Missing { .. } => {
                Safe::from_static("take what is missing from a copy of the file, or from CloudTrail")
            }
            Fault::OutOfPlace { .. } => Safe::from_static("compare the order with a copy of the file"),
            Fault::OtherAccount => Safe::from_static("put each account's own file back under its name"),
        }
    }
}

/// Every line of a journal.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(crate) struct Entries {
    pub(crate) all: Vec<Entry>,
    /// What stands after the last line break: a line that was not written to its end.
    pub(crate) torn: Vec<u8>,
    /// What is wrong, by line, counted from one.
    pub(crate) faults: Vec<(usize, Fault)>,
}

/// What the next line must name as the one before it.
struct Before {
    number: u64,
    hash: String,
    /// The hash that an altered line should have: whoever follows it may name either.
    made: String,
}

impl Entries {
    /// Reads the journal of an account.
    pub(crate) fn parse(bytes: &[u8], subject: Subject) -> Self {
        let whole = bytes.iter().rposition(|byte| *byte == b'\n');
        let (whole, torn) = match whole.and_then(|end| Some((bytes.get(..end)?, bytes.get(end + 1..)?))) {
            Some((whole, torn)) => (Some(whole), torn),
            None => (None, bytes),
        };
        let mut entries = Self { torn: torn.to_vec(), ..Self::default() };
        let mut before = Before { number: 0, hash: NO_HASH.to_owned(), made: NO_HASH.to_owned() };
        for (index, line) in whole.into_iter().flat_map(|whole| whole.split(|byte| *byte == b'\n')).enumerate() {
            entries.add(index + 1, line, subject, &mut before);
        }
        entries
    }

    fn add(&mut self, number: usize, line: &[u8], subject: Subject, before: &mut Before) {
        let Some((text, entry)) = std::str::from_utf8(line).ok().and_then(|text| Some((text, Entry::parse(text)?)))
        else {
            let fault = if is_later(line) { Fault::Later } else { Fault::NotALine };
            self.faults.push((number, fault));
            return;
        };
        let made = own_hash(text);
        let is_altered = made.as_ref().is_none_or(|made| !made.is_stated);
        let fault = if is_altered { Some(Fault::Altered) } else { misplaced(&entry, before) };
        let fault = fault.or_else(|| is_foreign(&entry, subject).then_some(Fault::OtherAccount));
        *before = Before {
            number: if is_altered { before.number + 1 } else { entry.number },
            hash: entry.hash.clone(),
            made: made.map(|made| made.hash).unwrap_or_default(),
        };
        self.faults.extend(fault.map(|fault| (number, fault)));
        self.all.push(entry);
    }

    /// Nothing is wrong with any line, and the last one is whole.
    pub(crate) fn is_sound(&self) -> bool {
        self.faults.is_empty() && self.torn.is_empty()
    }

    /// The first line of a later format.
    pub(super) fn later(&self) -> Option<usize> {
        self.faults.iter().find(|(_, fault)| *fault == Fault::Later).map(|(line, _)| *line)
    }

    /// The hash of the last line.
    pub(crate) fn head(&self) -> &str {
        self.all.last().map_or(NO_HASH, |entry| entry.hash.as_str())
    }

    /// How many records there were when this hash was the head; `None` if it never was.
    pub(crate) fn records_at(&self, head: &str) -> Option<usize> {
        if head == NO_HASH {
            return Some(0);
        }
        self.all.iter().position(|entry| entry.hash == head).map(|index| index + 1)
    }

    pub(super) fn last_number(&self) -> u64 {
        self.all.last().map_or(0, |entry| entry.number)
    }

    /// The IDs of all intents.
    pub(super) fn intents(&self) -> impl Iterator<Item = &str> {
        self.all.iter().filter(|entry| entry.kind == RecordKind::Intent).map(Entry::intent_id)
    }
}

/// Whether the record is where its number and the hash before it say.
fn misplaced(entry: &Entry, before: &Before) -> Option<Fault> {
    let expected = before.number + 1;
    if entry.number > expected {
        return Some(Fault::Missing { from: expected, to: entry.number - 1 });
    }
    if entry.number < expected {
        return Some(Fault::OutOfPlace { expected });
    }
    let follows = [&before.hash, &before.made].contains(&&entry.prev);
    (!follows).then_some(Fault::Unlinked)
}

fn is_foreign(entry: &Entry, (partition, account): Subject) -> bool {
    let of_partition = format!("arn:{}:", partition.name());
    entry.account.original() != account.to_string() || !entry.key_arn.original().starts_with(&of_partition)
}

fn is_later(line: &[u8]) -> bool {
    let version = serde_json::from_slice::<Value>(line).ok().and_then(|value| value.get("v")?.as_u64());
    version.is_some_and(|version| version > u64::from(VERSION))
}
