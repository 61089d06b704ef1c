//! What was before: for as long as reads may lag, each changed key and alias is kept as it was.
//!
//! A read is answered as of a moment at most the propagation delay ago. Each read draws its own moment, so two reads in
//! a row may go back in time, and related keys contradict each other, as in the real service.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::Bound;

use super::key::{KeyId, KeySet, Member};
use super::region::RegionId;
use super::store::{Account, Alias};

/// A key with all its members, at some moment.
#[derive(Clone, Debug)]
pub(crate) struct Snapshot {
    set: KeySet,
    members: Vec<(RegionId, Member)>,
}

/// The former states of an account's keys and aliases.
#[derive(Debug, Default)]
pub(crate) struct Past {
    /// For how long they are kept; nought keeps nothing.
    keep_ms: u64,
    keys: Versions<KeyId, Snapshot>,
    aliases: Versions<(RegionId, Box<str>), Alias>,
}

impl Past {
    pub(crate) fn keeping(keep_ms: u64) -> Self {
        Self { keep_ms, ..Self::default() }
    }

    pub(crate) fn forget(&mut self, now: u64) {
        let before = now.saturating_sub(self.keep_ms);
        self.keys.forget(before);
        self.aliases.forget(before);
    }
}

/// The former states of some things, each with the moment at which it ended.
#[derive(Debug)]
struct Versions<K, V> {
    held: BTreeMap<K, VecDeque<(u64, Option<V>)>>,
    order: VecDeque<(u64, K)>,
}

impl<K, V> Default for Versions<K, V> {
    fn default() -> Self {
        Self { held: BTreeMap::new(), order: VecDeque::new() }
    }
}

impl<K: Ord + Clone, V> Versions<K, V> {
    /// Keeps what a thing was until now; of several changes at one moment the first knows what was before.
    fn remember(&mut self, now: u64, key: K, value: Option<V>) {
        let versions = self.held.entry(key.clone()).or_default();
        if versions.back().is_none_or(|(until, _)| *until < now) {
            versions.push_back((now, value));
            self.order.push_back((now, key));
        }
    }

    fn forget(&mut self, before: u64) {
        while self.order.front().is_some_and(|(until, _)| *until <= before) {
            let Some((_, key)) = self.order.pop_front() else { return };
            if let Some(versions) = self.held.get_mut(&key) {
                versions.pop_front();
                if versions.is_empty() {
                    self.held.remove(&key);
                }
            }
        }
    }

    /// What a thing was at a moment.
    fn at(&self, key: &K, moment: u64) -> Then<'_, V> {
        self.held.get(key).map_or(Then::Same, |versions| then(versions, moment))
    }

    /// Everything that was different at a moment.
    fn different(&self, moment: u64) -> impl Iterator<Item = (&K, Option<&V>)> {
        self.held.iter().filter_map(move |(key, versions)| match then(versions, moment) {
            Then::Same => None,
            Then::Other(value) => Some((key, value)),
        })
    }
}

/// What a thing was at some moment.
#[derive(Debug, PartialEq)]
enum Then<'a, V> {
    /// What it is now.
    Same,
    /// Something else, or it was not there.
    Other(Option<&'a V>),
}

fn then<V>(versions: &VecDeque<(u64, Option<V>)>, moment: u64) -> Then<'_, V> {
    let found = versions.iter().find(|(until, _)| *until > moment);
    found.map_or(Then::Same, |(_, value)| Then::Other(value.as_ref()))
}

impl Account {
    /// Keeps a key as it is before a change.
    pub(crate) fn remember(&mut self, key: KeyId, now: u64) {
        if self.past.keep_ms == 0 {
            return;
        }
        let snapshot = self.sets.get(&key).map(|set| {
            let members = set.members.iter().filter_map(|region| Some((*region, self.member(*region, key)?.clone())));
            Snapshot { set: set.clone(), members: members.collect() }
        });
        self.past.keys.remember(now, key, snapshot);
    }

    /// Keeps an alias as it is before a change.
    pub(crate) fn remember_alias(&mut self, region: RegionId, name: &str, now: u64) {
        if self.past.keep_ms == 0 {
            return;
        }
        let alias = self.places.get(&region).and_then(|place| place.aliases.get(name)).cloned();
        self.past.aliases.remember(now, (region, name.into()), alias);
    }

    /// A key's shared part as a read of this moment sees it.
    pub(crate) fn set_at(&self, key: KeyId, seen: u64) -> Option<&KeySet> {
        match self.past.keys.at(&key, seen) {
            Then::Other(then) => then.map(|snapshot| &snapshot.set),
            Then::Same => self.sets.get(&key),
        }
    }

    /// A member as a read of this moment sees it.
    pub(crate) fn member_at(&self, region: RegionId, key: KeyId, seen: u64) -> Option<&Member> {
        match self.past.keys.at(&key, seen) {
            Then::Other(then) => then?.member(region),
            Then::Same => self.member(region, key),
        }
    }

    pub(crate) fn alias_at(&self, region: RegionId, name: &str, seen: u64) -> Option<&Alias> {
        match self.past.aliases.at(&(region, name.into()), seen) {
            Then::Other(then) => then,
            Then::Same => self.places.get(&region)?.aliases.get(name),
        }
    }

    /// The first keys of a Region after another, sorted.
    pub(crate) fn keys_at(&self, region: RegionId, seen: u64, after: Bound<KeyId>, most: usize) -> Vec<KeyId> {
        let place = self.places.get(&region);
        let now = place.into_iter().flat_map(|place| place.keys.range((after, Bound::Unbounded))).map(|(key, _)| *key);
        let different: BTreeMap<KeyId, bool> = self
            .past
            .keys
            .different(seen)
            .map(|(key, then)| (*key, then.is_some_and(|then| then.member(region).is_some())))
            .collect();
        if different.is_empty() {
            return now.take(most).collect();
        }
        let same = now.filter(|key| !different.contains_key(key)).take(most);
        let then = different.range((after, Bound::Unbounded)).filter(|(_, there)| **there).map(|(key, _)| *key);
        same.chain(then).collect::<BTreeSet<_>>().into_iter().take(most).collect()
    }

    /// The first aliases of a Region after another, sorted by name; only those of one key if asked.
    pub(crate) fn aliases_at(
        &self,
        region: RegionId,
        seen: u64,
        after: Bound<&str>,
        page: (Option<KeyId>, usize),
    ) -> Vec<(&str, &Alias)> {
        let (key, most) = page;
        let wanted = |alias: &Alias| key.is_none() || alias.target == key;
        let place = self.places.get(&region);
        let now = place.into_iter().flat_map(|place| place.aliases.range::<str, _>((after, Bound::Unbounded)));
        let different: BTreeMap<&str, Option<&Alias>> = self
            .past
            .aliases
            .different(seen)
            .filter(|((place, _), _)| *place == region)
            .map(|((_, name), then)| (&**name, then))
            .collect();
        let same = now.map(|(name, alias)| (&**name, alias)).filter(|(name, _)| !different.contains_key(name));
        let same = same.filter(|(_, alias)| wanted(alias)).take(most);
        if different.is_empty() {
            return same.collect();
        }
        let then = different.range::<str, _>((after, Bound::Unbounded));
        let then = then.filter_map(|(name, alias)| Some((*name, (*alias)?))).filter(|(_, alias)| wanted(alias));
        same.chain(then).collect::<BTreeMap<_, _>>().into_iter().take(most).collect()
    }
}

impl Snapshot {
    fn member(&self, region: RegionId) -> Option<&Member> {
        self.members.iter().find(|(held, _)| *held == region).map(|(_, member)| member)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thing_is_as_it_was_until_it_changed() {
        let mut versions: Versions<&str, u8> = Versions::default();
        versions.remember(10, "a", None);
        versions.remember(20, "a", Some(1));
        versions.remember(20, "a", Some(2));
        assert_eq!(versions.at(&"a", 9), Then::Other(None));
        assert_eq!(versions.at(&"a", 10), Then::Other(Some(&1)));
        assert_eq!(versions.at(&"a", 19), Then::Other(Some(&1)));
        assert_eq!(versions.at(&"a", 20), Then::Same);
        assert_eq!(versions.at(&"b", 0), Then::Same);
        assert_eq!(versions.different(15).count(), 1);
        versions.forget(10);
        assert_eq!(versions.at(&"a", 0), Then::Other(Some(&1)));
        versions.forget(20);
        assert_eq!(versions.at(&"a", 0), Then::Same);
        assert!(versions.held.is_empty() && versions.order.is_empty());
    }
}
