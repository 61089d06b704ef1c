//! What exists: an account's keys and aliases, Region by Region, and how they change as time passes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::key::{KeyId, KeySet, Life, Member};
use super::past::Past;
use super::region::RegionId;
use super::spec::Origin;

pub(crate) const DAY: u64 = 24 * 60 * 60 * 1000;

/// One account.
#[derive(Debug)]
pub(crate) struct Account {
    pub(crate) id: Arc<str>,
    /// None: every Region is enabled. Otherwise those that are.
    pub(crate) enabled: Option<BTreeSet<RegionId>>,
    pub(crate) disabled: BTreeSet<RegionId>,
    pub(crate) sets: BTreeMap<KeyId, KeySet>,
    pub(crate) places: BTreeMap<RegionId, Place>,
    pub(crate) timeline: Timeline,
    pub(crate) past: Past,
}

/// One account in one Region.
#[derive(Debug, Default)]
pub(crate) struct Place {
    pub(crate) keys: BTreeMap<KeyId, Member>,
    pub(crate) aliases: BTreeMap<Box<str>, Alias>,
}

/// An alias. Those that AWS reserves for a service may have no key yet.
#[derive(Clone, Debug)]
pub(crate) struct Alias {
    pub(crate) target: Option<KeyId>,
    pub(crate) created: u64,
    pub(crate) updated: u64,
}

/// When which key changes by itself.
#[derive(Debug, Default)]
pub(crate) struct Timeline(BTreeSet<(u64, KeyId)>);

impl Timeline {
    pub(crate) fn add(&mut self, at: u64, key: KeyId) {
        self.0.insert((at, key));
    }

    /// Takes the earliest entry that is due.
    pub(crate) fn take_due(&mut self, now: u64) -> Option<(u64, KeyId)> {
        let first = self.0.first().copied().filter(|(at, _)| *at <= now)?;
        self.0.remove(&first);
        Some(first)
    }
}

impl Account {
    /// Lets every change happen that is due, each at its own moment: a clock that jumps over several of them leaves
    /// the same dates as one that ticks.
    pub(crate) fn settle_all(&mut self, now: u64) {
        while let Some((at, key)) = self.timeline.take_due(now) {
            self.remember(key, at);
            if let Some(next) = self.settle(key, at) {
                self.timeline.add(next, key);
            }
        }
    }

    pub(crate) fn is_enabled(&self, region: RegionId) -> bool {
        let listed = self.enabled.as_ref().is_none_or(|enabled| enabled.contains(&region));
        listed && !self.disabled.contains(&region)
    }

    pub(crate) fn member(&self, region: RegionId, key: KeyId) -> Option<&Member> {
        self.places.get(&region)?.keys.get(&key)
    }

    pub(crate) fn member_mut(&mut self, region: RegionId, key: KeyId) -> Option<&mut Member> {
        self.places.get_mut(&region)?.keys.get_mut(&key)
    }

    /// Adds a member of a set that exists already.
    pub(crate) fn add_member(&mut self, region: RegionId, key: KeyId, member: Member) {
        if let Some(set) = self.sets.get_mut(&key)
            && !set.members.contains(&region)
        {
            set.members.push(region);
        }
        self.places.entry(region).or_default().keys.insert(key, member);
    }

    pub(crate) fn add_alias(&mut self, region: RegionId, name: &str, alias: Alias) {
        self.places.entry(region).or_default().aliases.insert(name.into(), alias);
    }

    /// Brings one key up to date, and says when it will change by itself next.
    pub(crate) fn settle(&mut self, key: KeyId, now: u64) -> Option<u64> {
        self.finish_move(key, now);
        let regions = self.sets.get(&key)?.members.clone();
        for region in regions {
            self.settle_member(region, key, now);
            self.expire_material(region, key, now);
        }
        self.start_waiting_deletion(key, now);
        self.next_change(key)
    }

    fn finish_move(&mut self, key: KeyId, now: u64) {
        if let Some(set) = self.sets.get_mut(&key)
            && let Some(moving) = set.moving
            && moving.until <= now
        {
            set.primary = moving.to;
            set.moving = None;
        }
    }

    fn settle_member(&mut self, region: RegionId, key: KeyId, now: u64) {
        let waits_for_material = self.sets.get(&key).is_some_and(|set| set.kind.origin == Origin::External);
        let Some(member) = self.member_mut(region, key) else { return };
        match member.life {
            Life::Creating { until } if until <= now => {
                let pending = waits_for_material && !member.imported;
                member.life = if pending { Life::PendingImport } else { Life::Enabled };
            }
            Life::PendingDeletion { at } if at <= now => self.remove_member(region, key, now),
            Life::Creating { .. }
            | Life::PendingDeletion { .. }
            | Life::Enabled
            | Life::Disabled
            | Life::PendingImport
            | Life::PendingReplicaDeletion { .. } => {}
        }
    }

    fn expire_material(&mut self, region: RegionId, key: KeyId, now: u64) {
        let Some(member) = self.member_mut(region, key) else { return };
        if member.material_ends.is_some_and(|ends| ends <= now) {
            member.lose_material();
        }
    }

    fn remove_member(&mut self, region: RegionId, key: KeyId, now: u64) {
        let aliases = self.places.get(&region).into_iter().flat_map(|place| &place.aliases);
        let names: Vec<Box<str>> =
            aliases.filter(|(_, alias)| alias.target == Some(key)).map(|(name, _)| name.clone()).collect();
        for name in names {
            self.remember_alias(region, &name, now);
            self.places.get_mut(&region).and_then(|place| place.aliases.remove(&name));
        }
        if let Some(place) = self.places.get_mut(&region) {
            place.keys.remove(&key);
        }
        if let Some(set) = self.sets.get_mut(&key) {
            set.members.retain(|member| *member != region);
            if set.members.is_empty() {
                self.sets.remove(&key);
            }
        }
    }

    /// The clock of a primary that waits for its replicas starts when the last of them is gone.
    fn start_waiting_deletion(&mut self, key: KeyId, now: u64) {
        let Some(set) = self.sets.get(&key) else { return };
        if set.has_replicas() {
            return;
        }
        let primary = set.primary;
        if let Some(member) = self.member_mut(primary, key)
            && let Life::PendingReplicaDeletion { window_days } = member.life
        {
            member.life = Life::PendingDeletion { at: now + u64::from(window_days) * DAY };
        }
    }

    fn next_change(&self, key: KeyId) -> Option<u64> {
        let set = self.sets.get(&key)?;
        let members = || set.members.iter().filter_map(|region| self.member(*region, key));
        let lives = members().filter_map(|member| member.life.due());
        let materials = members().filter_map(|member| member.material_ends);
        let moving = set.moving.and_then(|moving| (moving.until != u64::MAX).then_some(moving.until));
        lives.chain(materials).chain(moving).min()
    }
}
