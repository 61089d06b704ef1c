//! The loss as a whole: every key that was read, and those that only a former reading of a lost Region knew.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::advice::advice;
use super::evidence::Evidence;
use super::survivor::survivors;
use super::{Basis, Effect, Impact, KeyImpact, words};
use crate::domain::fleet::last_seen::LastSeen;
use crate::domain::fleet::presence::RegionStatus;
use crate::domain::fleet::row::Row;
use crate::domain::fleet::{Fleet, KeyRef, MultiRegionKey, RegionFacts};
use crate::domain::id::{Login, Place, Region};
use crate::domain::text::Foreign;
use crate::domain::time::Timestamp;

/// What losing these Regions would mean. `last_seen` must be of the account that the fleet is of.
pub(crate) fn impact(
    fleet: &Fleet,
    last_seen: Option<&LastSeen>,
    regions: &BTreeSet<Region>,
    now: Timestamp,
) -> Impact {
    let mut population: BTreeMap<Region, usize> = BTreeMap::new();
    for region in fleet.keys().flat_map(|(_, entry)| entry.members.keys()) {
        *population.entry(region.clone()).or_default() += 1;
    }
    let loss = Loss { fleet, last_seen, regions, now, population };
    let former = loss.only_formerly_known();
    let keys = fleet.keys().map(|(key, _)| key).chain(&former);
    let mut keys: Vec<KeyImpact> = keys.filter_map(|key| loss.of(key)).collect();
    keys.sort_by(|one, other| (one.effect, one.account, &one.key).cmp(&(other.effect, other.account, &other.key)));
    let dark: BTreeSet<&Region> =
        loss.places().filter(|place| loss.is_dark(place)).map(|place| &place.region).collect();
    let known = |region: &Region| {
        let places = loss.places().filter(|place| place.region == *region && loss.is_dark(place));
        places.map(|place| loss.known_at(place)).min().flatten()
    };
    Impact {
        regions: regions.clone(),
        keys,
        unseen: dark.iter().filter(|region| known(region).is_none()).map(|region| (*region).clone()).collect(),
        last_known: dark.iter().filter_map(|region| Some(((*region).clone(), known(region)?))).collect(),
        single_region_keys: loss.single_region_keys(),
        is_read: fleet.is_complete(),
    }
}

/// The loss, and all that is known.
pub(super) struct Loss<'a> {
    pub(super) fleet: &'a Fleet,
    pub(super) last_seen: Option<&'a LastSeen>,
    pub(super) regions: &'a BTreeSet<Region>,
    pub(super) now: Timestamp,
    /// How many keys have a member there: a measure of where the account works.
    pub(super) population: BTreeMap<Region, usize>,
}

impl Loss<'_> {
    /// Where the fleet was asked for one of the lost Regions.
    fn places(&self) -> impl Iterator<Item = &Place> {
        self.fleet.places().map(|(place, _)| place).filter(|place| self.regions.contains(&place.region))
    }

    pub(super) fn is_lost(&self, region: &Region) -> bool {
        self.regions.contains(region)
    }

    /// The Region cannot be read, or not to its end.
    pub(super) fn is_dark(&self, place: &Place) -> bool {
        let status = self.fleet.region(place).map(RegionFacts::status);
        !matches!(status, Some(RegionStatus::Loaded { .. }))
    }

    /// A Region that is being lost and cannot be read: the one case in which a former reading counts.
    pub(super) fn is_dark_loss(&self, login: Login, region: &Region) -> bool {
        self.is_lost(region) && self.is_dark(&Place::new(login, region.clone()))
    }

    /// When a Region was last listed to its end: earlier in this run, or in the former one.
    fn known_at(&self, place: &Place) -> Option<Timestamp> {
        let earlier = self.fleet.region(place).and_then(|facts| facts.listing.at());
        let formerly = || self.last_of(place.login)?.listed_at(&place.region);
        earlier.or_else(formerly)
    }

    /// The former fleet, if it was read with this login.
    pub(super) fn last_of(&self, login: Login) -> Option<&LastSeen> {
        self.last_seen.filter(|last| last.login == login)
    }

    /// What the former fleet knew of a key.
    pub(super) fn former(&self, key: &KeyRef) -> Option<&MultiRegionKey> {
        self.last_of(key.login)?.fleet().key(key)
    }

    /// Keys with a member in a lost Region that cannot be read, of which this run has seen nothing.
    fn only_formerly_known(&self) -> Vec<KeyRef> {
        let former = self.last_seen.into_iter().flat_map(|last| last.fleet().keys());
        former
            .filter(|(key, entry)| {
                let mut regions = entry.members.keys();
                self.fleet.key(key).is_none() && regions.any(|region| self.is_dark_loss(key.login, region))
            })
            .map(|(key, _)| key.clone())
            .collect()
    }

    fn of(&self, key: &KeyRef) -> Option<KeyImpact> {
        let row = self.fleet.row(key, self.now);
        let (evidence, basis) = self.evidence(key, row.as_ref());
        let former_row = || self.last_of(key.login)?.fleet().row(key, self.now);
        let shown: Row = row.clone().or_else(former_row)?;
        let effect = evidence.effect();
        let survivors = survivors(self, key, row.as_ref(), &evidence);
        let advice = advice(self, key, &evidence, &survivors);
        let last_known_at = match basis {
            Basis::Live => None,
            Basis::LastKnown => self.last_read(key),
        };
        let detail = words::detail(self, &evidence, &survivors, last_known_at);
        Some(KeyImpact {
            key: key.clone(),
            account: shown.account,
            name: shown.name,
            primary: evidence.primary().cloned(),
            effect,
            basis,
            last_known_at,
            survivors,
            detail,
            now: advice.words,
            remedy: advice.remedy,
            rests_on_unread: effect == Effect::Unknown && evidence.rests_on_unread(),
        })
    }

    /// What this run knows decides if it can; else what was last known of the lost Regions is merged, if that does.
    fn evidence(&self, key: &KeyRef, row: Option<&Row>) -> (Evidence, Basis) {
        let merged = || Evidence::gather(self, key, row, true);
        if row.is_none() {
            return (merged(), Basis::LastKnown);
        }
        let live = Evidence::gather(self, key, row, false);
        let has_dark_loss = || self.regions.iter().any(|region| self.is_dark_loss(key.login, region));
        if live.effect() == Effect::Unknown && has_dark_loss() {
            let merged = merged();
            if merged.effect() != Effect::Unknown {
                return (merged, Basis::LastKnown);
            }
        }
        (live, Basis::Live)
    }

    /// When the key's members in lost Regions that cannot be read were last read: the oldest counts.
    fn last_read(&self, key: &KeyRef) -> Option<Timestamp> {
        let dark = self.regions.iter().filter(|region| self.is_dark_loss(key.login, region));
        let read_at = |entry: Option<&MultiRegionKey>, region: &Region| entry?.members.get(region)?.described.at();
        let known = dark.filter_map(|region| {
            let earlier = read_at(self.fleet.key(key), region).or_else(|| read_at(self.former(key), region));
            earlier.or_else(|| self.known_at(&key.place(region)))
        });
        known.min()
    }

    /// Keys that are neither multi-Region nor AWS's own. Both lists must be whole: one alone tells too many.
    fn single_region_keys(&self) -> Option<u32> {
        let mut sum: u32 = 0;
        for place in self.places() {
            let facts = self.fleet.region(place).filter(|_| !self.is_dark(place))?;
            let (listing, aliases) = (facts.listing.fresh()?, facts.aliases.fresh()?);
            let is_managed = |(id, names): &(&Arc<str>, &Vec<Foreign>)| {
                let is_of_aws = |name: &Foreign| name.original().starts_with("alias/aws/");
                !id.starts_with("mrk-") && names.iter().any(is_of_aws)
            };
            let others = listing.multi_region.len() + aliases.iter().filter(is_managed).count();
            sum = sum.saturating_add(listing.listed.saturating_sub(u32::try_from(others).unwrap_or(u32::MAX)));
        }
        Some(sum)
    }
}
