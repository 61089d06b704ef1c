//! What a report needs beyond the fleet itself: deep readings of every member, and by which requests AWS can prove what it answered.
//!
//! Nothing of this is kept or read unless it was asked for before the start.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use super::effect::{Effect, ReadRequest};
use super::loader::{Job, Priority};
use super::{Deep, Engine};
use crate::domain::fleet::{Fleet, KeyRef, RelatedKey};
use crate::domain::id::{KeyArn, Place};
use crate::domain::key::Role;
use crate::domain::reading::{Asked, Reading};
use crate::domain::text::Foreign;
use crate::domain::time::Now;

/// By their questions, what AWS calls the requests.
pub(crate) type RequestIds = BTreeMap<Asked, Foreign>;

/// Which deep readings are asked again. What failed always is: a policy that could not be read once is not unreadable for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Again {
    Failed,
    /// And of what is read of every member, what was read longer ago than this.
    OlderThan(Duration),
    /// And all that is read of every member.
    Everything,
}

impl Again {
    /// `is_of_all`: it is read of every member, not for a single screen.
    fn takes<T>(self, reading: &Reading<T>, is_of_all: bool, now: Now) -> bool {
        match (reading, self) {
            (Reading::NotAsked | Reading::Waiting, _) | (Reading::Known { .. }, Again::Failed) => false,
            (Reading::Failed { .. }, _) => true,
            (Reading::Known { at, .. }, Again::OlderThan(age)) => is_of_all && now.wall.since(*at) > age,
            (Reading::Known { .. }, Again::Everything) => is_of_all,
        }
    }
}

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
        self.read_deep_where(|_, _| true);
        self.pump(now)
    }

    /// The same in one Region, without sending anything yet: it took no question while it was down.
    pub(super) fn read_deep_in(&mut self, place: &Place) {
        self.read_deep_where(|key, member| key.login == place.login && member.arn.region == place.region);
    }

    fn read_deep_where(&mut self, is_there: impl Fn(&KeyRef, &RelatedKey) -> bool) {
        let members: Vec<(KeyRef, KeyArn)> = self
            .fleet
            .keys()
            .flat_map(|(key, entry)| entry.members.values().map(move |member| (key, member)))
            .filter(|(key, member)| is_there(key, member) && member.described.fresh().is_some())
            .map(|(key, member)| (key.clone(), member.arn.clone()))
            .collect();
        for (key, arn) in members {
            self.read_deep_of(&key, &arn);
        }
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

    /// Asks again for deep readings, of one Region or of all, while somebody watches: a run that ends by itself reads everything once. What is held stays until
    /// the new answer is there.
    pub(super) fn read_deep_anew(&mut self, now: Now, only: Option<&Place>, again: Again) {
        if !self.settings.live {
            return;
        }
        let mut wanted: Vec<(Place, ReadRequest)> = Vec::new();
        let keys = self.fleet.keys().filter(|(key, _)| only.is_none_or(|place| place.login == key.login));
        for (key, member) in keys.flat_map(|(key, entry)| entry.members.values().map(move |member| (key, member))) {
            if only.is_none_or(|place| place.region == member.arn.region) {
                let requests = self.due_of(now, member, again).into_iter().flatten();
                wanted.extend(requests.map(|request| (key.place(&member.arn.region), request)));
            }
        }
        for (place, request) in wanted {
            self.loader.ask(&place, Job::new(request, Priority::Rest));
        }
    }

    fn due_of(&self, now: Now, member: &RelatedKey, again: Again) -> [Option<ReadRequest>; 3] {
        let arn = || member.arn.clone();
        let is_of_all = |deep| self.evidence.deep.contains(&deep);
        let policy = again.takes(&member.policy, is_of_all(Deep::Policy), now);
        let tags = again.takes(&member.tags, is_of_all(Deep::Tags), now);
        let rotation = again.takes(&member.rotation, is_of_all(Deep::Rotation), now);
        [
            policy.then(|| ReadRequest::GetKeyPolicy { arn: arn() }),
            tags.then(|| ReadRequest::ListResourceTags { arn: arn(), marker: None }),
            rotation.then(|| ReadRequest::GetKeyRotationStatus { arn: arn() }),
        ]
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
