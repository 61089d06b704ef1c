//! What is known of one key, as a plan goes by it: only fresh readings, and only of answers that are AWS's.

use crate::domain::fleet::presence::{Presence, agrees, role};
use crate::domain::fleet::row::Row;
use crate::domain::fleet::{Fleet, KeyRef};
use crate::domain::id::{KeyArn, Region};
use crate::domain::key::{RegionalKey, Role, Tag};
use crate::domain::plan::Mutation;
use crate::domain::text::{Foreign, Safe, safe};
use crate::domain::time::Timestamp;

/// One key in the fleet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Facts<'a> {
    pub(crate) fleet: &'a Fleet,
    pub(crate) key: &'a KeyRef,
}

impl<'a> Facts<'a> {
    pub(crate) fn of(fleet: &'a Fleet, key: &'a KeyRef) -> Self {
        Self { fleet, key }
    }

    /// The primary's ARN, as the readable members agree on it.
    pub(crate) fn primary_arn(self) -> Option<KeyArn> {
        let entry = self.fleet.key(self.key)?;
        if !agrees(entry) {
            return None;
        }
        entry.members.values().find_map(|member| member.described.value()?.primary.clone())
    }

    pub(super) fn primary(self) -> Result<KeyArn, Safe> {
        self.primary_arn()
            .ok_or(Safe::from_static("the members do not agree on one primary: wait, then read again (r)"))
    }

    /// The ARN of the member in a Region, whether or not it exists there.
    pub(super) fn arn_in(self, region: &Region) -> Option<KeyArn> {
        let entry = self.fleet.key(self.key)?;
        entry.members.values().next().map(|member| member.arn.in_region(region))
    }

    /// What the latest question about the member was answered with.
    pub(super) fn described(self, region: &Region) -> Option<&'a RegionalKey> {
        self.fleet.member(self.key, region)?.described.fresh().map(AsRef::as_ref)
    }

    /// The same, if it is an answer that AWS gives of a sound key.
    pub(super) fn sound(self, region: &Region) -> Result<&'a RegionalKey, Safe> {
        match self.described(region) {
            Some(key) if key.oddities.is_empty() => Ok(key),
            Some(_) => Err(safe!("the answer from {region} is not AWS's: no change is offered on this key")),
            None => {
                if let Presence::Absent(_) = self.presence(region) {
                    return Err(safe!("the key has no member in {region}"));
                }
                let member = self.fleet.member(self.key, region);
                let words =
                    member.and_then(|member| member.described.failure()).map_or("not read", |why| why.kind.words());
                Err(safe!("the key in {region} could not be read: {words}"))
            }
        }
    }

    /// Refuses a change that names a member of which an answer is not AWS's. One that was not read is for the preconditions.
    pub(super) fn are_sound(self, mutation: &Mutation) -> Result<(), Safe> {
        let named = [mutation.sent_to(), mutation.concerns()];
        named
            .into_iter()
            .filter(|region| self.described(region).is_some())
            .try_for_each(|region| self.sound(region).map(|_| ()))
    }

    pub(super) fn policy(self, region: &Region) -> Option<&'a Foreign> {
        self.fleet.member(self.key, region)?.policy.fresh()
    }

    pub(super) fn tags(self, region: &Region) -> Option<&'a [Tag]> {
        self.fleet.member(self.key, region)?.tags.fresh().map(|tags| tags.as_slice())
    }

    /// The key as rules see it. Since when a primary is moving does not matter to them, so the moment is left open.
    pub(super) fn row(self) -> Option<Row> {
        self.fleet.row(self.key, Timestamp::from_millis(0))
    }

    pub(super) fn presence(self, region: &Region) -> Presence {
        self.fleet.presence(self.key, region)
    }

    pub(super) fn role(self, region: &Region) -> Option<Role> {
        role(self.fleet.key(self.key)?, region)
    }

    /// What the key is called: the primary's first alias, else the first of any member.
    pub(super) fn alias(self) -> Option<Foreign> {
        let first = |region: &Region| self.fleet.aliases(self.key, region)?.first().cloned();
        let primary = self.primary_arn();
        primary.and_then(|arn| first(&arn.region)).or_else(|| self.fleet.key(self.key)?.members.keys().find_map(first))
    }
}
