//! What a report needs beyond the fleet itself: deep readings of every member, and by which requests AWS can prove what it answered.
//!
//! Nothing of this is kept or read unless it was asked for before the start.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::effect::Effect;
use super::loader::Priority;
use super::{Deep, Engine};
use crate::domain::fleet::{Fleet, KeyRef, RelatedKey};
use crate::domain::id::KeyArn;
use crate::domain::key::Role;
use crate::domain::reading::Asked;
use crate::domain::text::Foreign;
use crate::domain::time::Now;

/// By their questions, what AWS calls the requests.
pub(crate) type RequestIds = BTreeMap<Asked, Foreign>;

/// What is gathered for a report.
#[derive(Debug, Default)]
pub(super) struct Evidence {
    deep: BTreeSet<Deep>,
    request_ids: Option<RequestIds>,
    /// Deep readings that were wanted, and those that have been answered.
    wanted: u32,
    answered: u32,
}

impl Evidence {
    pub(super) fn remember(&mut self, asked: Asked, request_id: Option<Foreign>) {
        if let (Some(request_ids), Some(request_id)) = (&mut self.request_ids, request_id) {
            request_ids.insert(asked, request_id);
        }
    }

    pub(super) fn note_answer(&mut self) {
        self.answered += u32::from(self.answered < self.wanted);
    }
}

impl Engine {
    /// Reads this too of every member, once it is described. To be said before the start.
    pub(crate) fn read_deep(&mut self, deep: impl IntoIterator<Item = Deep>) {
        self.evidence.deep.extend(deep);
    }

    /// Wants what is to be read of every member that has been described already.
    pub(crate) fn read_deep_everywhere(&mut self, now: Now) -> Vec<Effect> {
        let described = |member: &RelatedKey| member.described.fresh().is_some();
        let members: Vec<(KeyRef, KeyArn)> = self
            .fleet
            .keys()
            .flat_map(|(key, entry)| entry.members.values().map(move |member| (key, member)))
            .filter(|(_, member)| described(member))
            .map(|(key, member)| (key.clone(), member.arn.clone()))
            .collect();
        for (key, arn) in members {
            self.read_deep_of(&key, &arn);
        }
        self.pump(now)
    }

    /// Keeps the request IDs of what is read. To be said before the start.
    pub(crate) fn keep_request_ids(&mut self) {
        self.evidence.request_ids.get_or_insert_default();
    }

    /// How many deep readings have been answered, of how many that are wanted so far.
    pub(crate) fn deep_progress(&self) -> (u32, u32) {
        (self.evidence.answered, self.evidence.wanted)
    }

    /// Whether this is read of every member.
    pub(crate) fn reads_deep(&self, deep: Deep) -> bool {
        self.evidence.deep.contains(&deep)
    }

    /// The end of the run: what was read, and by which requests.
    pub(crate) fn into_fleet(self) -> (Fleet, RequestIds) {
        (self.fleet, self.evidence.request_ids.unwrap_or_default())
    }

    /// A member was described: what else is to be read of it is wanted now. Rotation is the same for all members, so only the primary is asked.
    pub(super) fn read_deep_of(&mut self, key: &KeyRef, arn: &KeyArn) {
        if self.evidence.deep.is_empty() {
            return;
        }
        let Some(member) = self.fleet.member(key, &arn.region) else { return };
        let Some(described) = member.described.fresh().map(Arc::clone) else { return };
        for deep in self.evidence.deep.clone() {
            let is_of_this_member = deep != Deep::Rotation || described.role != Some(Role::Replica);
            if is_of_this_member && self.want_reading(key, &arn.region, (deep, Priority::Rest)) {
                self.evidence.wanted += 1;
            }
        }
    }
}
