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
use crate::domain::reading::Asked;
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
    for region in fleet.keys().flat_map(|(_, entry)| entry.regions()) {
        *population.entry(region).or_default() += 1;
    }
    let loss = Loss { fleet, last_seen, regions, population: &population, now };
    let keys = loss.keys().into_iter().filter_map(|key| loss.of(&key)).collect();
    Impact::new(regions.clone(), keys, loss.totals(), fleet.is_complete())
}

/// What is said of a loss as a whole, whatever becomes of its keys.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(crate) struct Totals {
    /// Lost Regions of which nobody knows which keys live in them alone.
    pub(crate) unseen: Vec<Region>,
    /// Lost Regions that cannot be read now, and when they were last read to the end.
    pub(crate) last_known: Vec<(Region, Timestamp)>,
    /// Keys of the account's own in the lost Regions that no other Region has; `None` if that could not be read.
    pub(crate) single_region_keys: Option<u32>,
}

/// By which answers something was said of a loss as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(crate) struct LossBasis {
    places: Vec<PlaceBasis>,
    has_former: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct PlaceBasis {
    place: Place,
    is_dark: bool,
    listing: Option<Asked>,
    aliases: Option<Asked>,
}

impl LossBasis {
    /// Other Regions are lost or can be read than then, so that every key has to be looked at again.
    pub(crate) fn concerns_every_key(&self, before: &LossBasis) -> bool {
        let dark = |basis: &LossBasis| -> Vec<(Place, bool)> {
            basis.places.iter().map(|of| (of.place.clone(), of.is_dark)).collect()
        };
        self.has_former != before.has_former || dark(self) != dark(before)
    }
}

/// The loss, and all that is known. `last_seen` must be of the account that the fleet is of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Loss<'a> {
    pub(crate) fleet: &'a Fleet,
    pub(crate) last_seen: Option<&'a LastSeen>,
    pub(crate) regions: &'a BTreeSet<Region>,
    /// How many keys have a member there, or are said to: a measure of where the account works.
    pub(crate) population: &'a BTreeMap<Region, usize>,
    pub(crate) now: Timestamp,
}

impl Loss<'_> {
    /// Every key that the loss is about: those that this run has seen, and those that only a former one knew.
    pub(crate) fn keys(&self) -> Vec<KeyRef> {
        let mut keys: Vec<KeyRef> = self.fleet.keys().map(|(key, _)| key.clone()).collect();
        keys.extend(self.only_formerly_known());
        keys
    }

    /// What the loss does to one key; `None` if nothing is known of it.
    pub(crate) fn of(&self, key: &KeyRef) -> Option<KeyImpact> {
        let row = self.fleet.row(key, self.now);
        let (evidence, basis) = self.evidence(key, row.as_ref());
        let former_row = || self.last_of(key.login)?.fleet().row(key, self.now);
        let shown: Row = row.clone().or_else(former_row)?;
        let effect = evidence.effect();
        let survivors = survivors(self, key, row.as_ref(), &evidence);
        let advice = advice(self, (key, row.as_ref()), &evidence, &survivors);
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

    /// The Regions that cannot be read, and the keys that are not multi-Region.
    pub(crate) fn totals(&self) -> Totals {
        let dark = self.dark();
        let known = |region: &Region| {
            let places = self.places().filter(|place| place.region == *region && self.is_dark(place));
            places.map(|place| self.known_at(place)).min().flatten()
        };
        Totals {
            unseen: dark.iter().filter(|region| known(region).is_none()).map(|region| (*region).clone()).collect(),
            last_known: dark.iter().filter_map(|region| Some(((*region).clone(), known(region)?))).collect(),
            single_region_keys: self.single_region_keys(),
        }
    }

    /// The lost Regions that cannot be read.
    fn dark(&self) -> BTreeSet<&Region> {
        self.places().filter(|place| self.is_dark(place)).map(|place| &place.region).collect()
    }

    /// The answers upon which [`Loss::totals`] rests. While they are the same, so is what is said of the loss as a whole.
    pub(crate) fn basis(&self) -> LossBasis {
        let of = |place: &Place| {
            let facts = self.fleet.region(place);
            PlaceBasis {
                place: place.clone(),
                is_dark: self.is_dark(place),
                listing: facts.and_then(|facts| facts.listing.asked()),
                aliases: facts.and_then(|facts| facts.aliases.asked()),
            }
        };
        LossBasis { places: self.places().map(of).collect(), has_former: self.last_seen.is_some() }
    }

    /// Where the fleet was asked for one of the lost Regions.
    fn places(&self) -> impl Iterator<Item = &Place> {
        self.fleet.places().map(|(place, _)| place).filter(|place| self.regions.contains(&place.region))
    }

    pub(super) fn is_lost(&self, region: &Region) -> bool {
        self.regions.contains(region)
    }

    /// The Region cannot be read, or not to its end.
    pub(crate) fn is_dark(&self, place: &Place) -> bool {
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
