//! What really is and was: the emulator's own log and its own document of all keys, at every moment at which something changed.

use std::collections::BTreeMap;

use serde_json::Value;

use super::process::START;
use crate::domain::plan::{Change, Mutation};
use crate::emulator::Model;

/// All keys at one moment.
#[derive(Debug, Default)]
struct Snapshot {
    /// By key ID.
    keys: BTreeMap<String, Set>,
    /// Region and name, with the ID of the key.
    aliases: BTreeMap<(String, String), String>,
}

#[derive(Debug)]
struct Set {
    primary: String,
    /// Where the primary role is going, and when it has come there.
    moving: Option<(String, u64)>,
    /// By Region: `Enabled`, `Creating` …
    members: BTreeMap<String, String>,
}

#[derive(Debug, Default)]
pub(super) struct Truth {
    snapshots: Vec<(u64, Snapshot)>,
    /// Since when a member has been there, in milliseconds of the schedule.
    since: BTreeMap<(String, String), u64>,
    /// By the number of a request: whether it was applied.
    applied: BTreeMap<u64, bool>,
    next_line: u64,
}

impl Truth {
    /// Looks whether anything has changed.
    pub(super) fn learn(&mut self, model: &mut Model, at: u64) {
        let Some(document) = model.save_changes(at) else { return };
        let document: Value = serde_json::from_slice(&document).unwrap();
        let snapshot = snapshot(&document["accounts"][0]);
        for (id, set) in &snapshot.keys {
            for region in set.members.keys() {
                self.since.entry((id.clone(), region.clone())).or_insert(at);
            }
        }
        self.snapshots.push((at, snapshot));
    }

    /// Reads in the log what became of a request that has just arrived.
    pub(super) fn read_log(&mut self, model: &mut Model, at: u64, number: u64) {
        let log = model.log(at, self.next_line + 1);
        let log = std::str::from_utf8(&log).unwrap();
        self.next_line += log.lines().count() as u64;
        let mark = format!("\"connection\":{number}}}");
        for line in log.lines().filter(|line| line.ends_with(&mark)) {
            let applied = self.applied.entry(number).or_default();
            *applied |= line.contains("\"applied\":true");
        }
    }

    pub(super) fn is_applied(&self, number: u64) -> bool {
        self.applied.get(&number).copied().unwrap_or_default()
    }

    /// Since when the member has been there. None: it is not.
    pub(super) fn member_since(&self, id: &str, region: &str) -> Option<u64> {
        self.since.get(&(id.to_owned(), region.to_owned())).copied()
    }

    /// Whether the key was as the change leaves it, at some moment from then on.
    pub(super) fn was_seen(&self, mutation: &Mutation, from: u64) -> bool {
        let after = self.snapshots.iter().map(|(at, _)| *at).skip(1).chain([u64::MAX]);
        let valid = self.snapshots.iter().zip(after).filter(|(_, until)| *until > from);
        valid.into_iter().any(|((at, snapshot), _)| snapshot.shows(mutation, from.max(*at)))
    }

    /// Whether it is so at this moment, later than everything that has happened.
    pub(super) fn is_seen(&self, mutation: &Mutation, now: u64) -> bool {
        self.snapshots.last().is_some_and(|(_, snapshot)| snapshot.shows(mutation, now))
    }
}

impl Snapshot {
    /// Whether it shows the change, at this moment or later.
    fn shows(&self, mutation: &Mutation, from: u64) -> bool {
        let id = mutation.arn.id.as_str();
        let own = mutation.arn.region.as_str();
        let Some(set) = self.keys.get(id) else { return false };
        let state = set.members.get(own).map(String::as_str);
        match &mutation.change {
            Change::ReplicateKey { to, .. } => set.members.contains_key(to.as_str()),
            Change::UpdatePrimaryRegion { to } => {
                let has_moved = set.moving.as_ref().is_some_and(|(_, until)| *until <= from);
                let goes_there = set.moving.as_ref().is_some_and(|(target, _)| target == to.as_str());
                goes_there || set.primary == to.as_str() && !has_moved
            }
            Change::CancelKeyDeletion => state.is_some_and(|state| !state.starts_with("Pending")),
            Change::EnableKey => matches!(state, Some("Enabled" | "Creating")),
            Change::CreateAlias { alias } => {
                self.aliases.get(&(own.to_owned(), alias.original().to_owned())).is_some_and(|target| target == id)
            }
        }
    }
}

fn snapshot(account: &Value) -> Snapshot {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let each = |value: &Value| value.as_array().unwrap().clone();
    let life = |value: &Value| match value.as_object() {
        Some(life) => life.keys().next().unwrap().clone(),
        None => text(value),
    };
    let mut snapshot = Snapshot::default();
    for key in each(&account["keys"]) {
        let members = each(&key["members"]).iter().map(|one| (text(&one["region"]), life(&one["life"]))).collect();
        let moment = |until: &Value| until.as_u64().unwrap() - START;
        let moving = key["moving"].as_array().map(|moving| (text(&moving[0]), moment(&moving[1])));
        snapshot.keys.insert(text(&key["id"]), Set { primary: text(&key["primary"]), moving, members });
    }
    for alias in each(&account["aliases"]) {
        if let Some(target) = alias["key"].as_str() {
            snapshot.aliases.insert((text(&alias["region"]), text(&alias["name"])), target.to_owned());
        }
    }
    snapshot
}
