//! `keyfleet.fleet/1`: the fleet as other programs read it.
//!
//! Present, absent and unknown are three lists that share no Region; what was not read is null. Nothing unknown is ever written as absent, and the document
//! concludes nothing that a [`Row`](crate::domain::fleet::row::Row) does not hold. A snapshot is the same document with the evidence itself beside it, from
//! which the fleet can be had back; what others write leaves these fields out.

mod convert;
mod deep;
mod recall;
mod restore;
#[cfg(test)]
pub(crate) mod tests;

use std::collections::BTreeSet;

use serde::Serialize;

use crate::domain::fleet::{Fleet, KeyRef};
use crate::domain::id::{AccountId, Login};
use crate::domain::text::Foreign;
use crate::domain::time::Timestamp;

#[cfg(test)]
pub(crate) use convert::fleet_document;
pub(super) use convert::status_name;
pub(crate) use convert::{head, key_entries, key_entry, rows};
use deep::{KeyDeep, MemberDeep, RegionDeep, ScopeEntry};
pub(crate) use deep::{Snapshot, snapshot_entries, snapshot_head};
pub(crate) use recall::recall;
pub(crate) use restore::{Restored, restore};

/// The schema's name.
pub(crate) const SCHEMA: &str = "keyfleet.fleet/1";

/// A fleet, with who read it and when.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FleetReport<'a> {
    pub(crate) fleet: &'a Fleet,
    pub(crate) taken_at: Timestamp,
    pub(crate) finished_at: Timestamp,
    pub(crate) accounts: &'a [AccountOf],
    /// The keys that a filter let through; `None` is all of them.
    pub(crate) selection: Option<&'a Selection>,
}

/// Which account a login turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AccountOf {
    pub(crate) login: Login,
    pub(crate) account: AccountId,
    /// What the configuration calls the account.
    pub(crate) name: Option<Foreign>,
    pub(crate) caller_arn: Foreign,
    /// The profile's name; `None` is the default chain.
    pub(crate) profile: Option<Foreign>,
}

/// What a filter made of the keys.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(crate) struct Selection {
    pub(crate) matched: BTreeSet<KeyRef>,
    /// They may match or not: something that the filter asks for could not be read.
    pub(crate) undecided: BTreeSet<KeyRef>,
}

impl Selection {
    pub(crate) fn contains(&self, key: &KeyRef) -> bool {
        self.matched.contains(key) || self.undecided.contains(key)
    }
}

#[cfg(test)]
/// The whole document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Document {
    #[serde(flatten)]
    pub(crate) head: Head,
    pub(crate) keys: Vec<KeyEntry>,
}

/// Everything but the keys: the first line of ndjson.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Head {
    pub(crate) schema: &'static str,
    pub(crate) keyfleet: &'static str,
    pub(crate) taken_at: String,
    pub(crate) finished_at: String,
    pub(crate) complete: bool,
    pub(crate) accounts: Vec<AccountEntry>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) scope: Option<Vec<ScopeEntry>>,
    pub(crate) regions: Vec<RegionEntry>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct AccountEntry {
    pub(crate) account: String,
    pub(crate) name: Option<String>,
    pub(crate) caller_arn: String,
    pub(crate) profile: Option<String>,
}

/// One Region that was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct RegionEntry {
    pub(crate) account: Option<String>,
    pub(crate) region: String,
    pub(crate) status: &'static str,
    pub(crate) reason: Option<Reason>,
    /// Keys of every kind.
    pub(crate) listed: Option<u32>,
    pub(crate) multi_region: Option<u32>,
    pub(crate) read_at: Option<String>,
    #[serde(flatten)]
    pub(crate) deep: Option<RegionDeep>,
}

/// One multi-Region key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct KeyEntry {
    pub(crate) account: Option<String>,
    pub(crate) key_id: String,
    pub(crate) primary_region: Option<String>,
    pub(crate) spec: Option<String>,
    pub(crate) usage: Option<String>,
    pub(crate) origin: Option<String>,
    pub(crate) related: Vec<Related>,
    pub(crate) absent_regions: Vec<String>,
    pub(crate) unknown_regions: Vec<UnknownRegion>,
    /// `undecided`, where a filter could not tell.
    #[serde(rename = "match", skip_serializing_if = "Option::is_none")]
    pub(crate) matched: Option<&'static str>,
    #[serde(flatten)]
    pub(crate) deep: Option<KeyDeep>,
}

/// A member that is there, or that something names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Related {
    pub(crate) region: String,
    pub(crate) presence: &'static str,
    pub(crate) role: Option<&'static str>,
    pub(crate) state: Option<String>,
    pub(crate) arn: Option<String>,
    pub(crate) aliases: Option<Vec<String>>,
    pub(crate) description: Option<String>,
    pub(crate) created_at: Option<String>,
    pub(crate) deletion_date: Option<String>,
    pub(crate) pending_window_days: Option<u16>,
    pub(crate) declared_by: Vec<String>,
    pub(crate) read_at: Option<String>,
    /// Why the member is unknown, or why the last question about a present one failed.
    pub(crate) reason: Option<Reason>,
    #[serde(flatten)]
    pub(crate) deep: Option<Box<MemberDeep>>,
}

/// A Region of which it is not known whether a member is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct UnknownRegion {
    pub(crate) region: String,
    pub(crate) reason: Reason,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Reason {
    pub(crate) kind: &'static str,
    pub(crate) code: Option<String>,
    pub(crate) message: Option<String>,
    pub(crate) request_id: Option<String>,
    pub(crate) at: Option<String>,
    pub(crate) next_step: String,
}
