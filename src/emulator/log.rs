//! The ground truth: every request that arrived, and whether it was carried out. The oldest entries make room.

use std::borrow::Cow;
use std::collections::VecDeque;

use serde::Serialize;

use super::key::KeyId;
use super::op::Operation;
use super::region::{RegionId, Regions};

/// How many requests are remembered.
const MOST_ENTRIES: usize = 500_000;

/// An operation as the log names it; one that is not served keeps the name that the client gave it.
#[derive(Clone, Debug)]
pub(crate) enum Called {
    Known(Operation),
    Other(Box<str>),
}

impl Called {
    /// Names beyond this length are cut: the log is bounded whatever a client sends.
    const LONGEST: usize = 64;

    pub(crate) fn new(name: &str) -> Self {
        let cut = || Self::Other(name.chars().take(Self::LONGEST).collect());
        Operation::find(name).map_or_else(cut, Self::Known)
    }

    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Known(operation) => operation.name(),
            Self::Other(name) => name,
        }
    }
}

#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) at_ms: u64,
    /// The position of the account; None if nobody knows who asked.
    pub(crate) account: Option<usize>,
    pub(crate) region: Option<RegionId>,
    pub(crate) operation: Called,
    pub(crate) key: Option<KeyId>,
    pub(crate) applied: bool,
    /// None if nothing was answered.
    pub(crate) status: Option<u16>,
    pub(crate) code: Option<Cow<'static, str>>,
    pub(crate) connection: u64,
}

#[derive(Serialize)]
struct Line<'a> {
    n: u64,
    at_ms: u64,
    account: Option<&'a str>,
    region: Option<&'a str>,
    operation: &'a str,
    key_id: Option<String>,
    applied: bool,
    status: Option<u16>,
    code: Option<&'a str>,
    connection: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Log {
    forgotten: u64,
    entries: VecDeque<Entry>,
}

impl Log {
    /// Adds an entry and says its number.
    pub(crate) fn add(&mut self, entry: Entry) -> u64 {
        if self.entries.len() >= MOST_ENTRIES {
            self.entries.pop_front();
            self.forgotten += 1;
        }
        self.entries.push_back(entry);
        self.forgotten + u64::try_from(self.entries.len()).unwrap_or(u64::MAX)
    }

    /// Corrects an entry whose request was carried out after its connection was closed.
    pub(crate) fn carried_out_late(&mut self, number: u64, applied: bool) {
        let position = number.checked_sub(self.forgotten + 1).and_then(|position| usize::try_from(position).ok());
        if let Some(entry) = position.and_then(|position| self.entries.get_mut(position)) {
            entry.applied = applied;
        }
    }

    /// The entries from a number on, one JSON object a line; entries count from 1.
    pub(crate) fn write(&self, regions: &Regions, accounts: &[&str], from: u64) -> Vec<u8> {
        let mut text = Vec::new();
        for (n, entry) in (self.forgotten + 1..).zip(&self.entries).filter(|(n, _)| *n >= from) {
            let line = Line {
                n,
                at_ms: entry.at_ms,
                account: entry.account.and_then(|account| accounts.get(account).copied()),
                region: entry.region.map(|region| regions.name(region)),
                operation: entry.operation.name(),
                key_id: entry.key.map(|key| key.to_string()),
                applied: entry.applied,
                status: entry.status,
                code: entry.code.as_deref(),
                connection: entry.connection,
            };
            // Neither the serialisation of such a line nor writing to memory can fail.
            if serde_json::to_writer(&mut text, &line).is_ok() {
                text.push(b'\n');
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_log_is_small_beside_what_the_keys_may_take() {
        assert!(MOST_ENTRIES * size_of::<Entry>() < 80_000_000, "{} bytes an entry", size_of::<Entry>());
    }
}
