//! What a key is in a Region: present, absent or unknown, concluded from the three kinds of evidence.
//!
//! "Absent" needs a [`CompleteListing`], which only this module can make and only out of a complete, current listing that was asked after the last change.

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use super::{Fleet, KeyRef, MultiRegionKey, RegionFacts, RelatedKey};
use crate::domain::id::{Login, Place, Region};
use crate::domain::key::{KeyState, RegionalKey, Role};
use crate::domain::reading::{Asked, Reading, Reason, ReasonKind};
use crate::domain::time::Timestamp;

/// Three-valued truth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Presence {
    Present(Present),
    Absent(CompleteListing),
    Unknown(Unknown),
}

/// DescribeKey answered with a state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Present {
    pub(crate) key: Arc<RegionalKey>,
    pub(crate) at: Timestamp,
    /// Why a later question about it failed: the state is the last one known.
    pub(crate) stale: Option<Arc<Reason>>,
}

impl Present {
    pub(crate) fn state(&self) -> &KeyState {
        &self.key.state
    }
}

/// The proof of an absence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CompleteListing {
    pub(crate) asked: Asked,
    pub(crate) at: Timestamp,
    _proof: (),
}

/// Not known, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unknown {
    /// The Region listed it: it exists.
    pub(crate) listed: bool,
    /// The members that name it.
    pub(crate) declared_by: Vec<Region>,
    pub(crate) why: Arc<Reason>,
    /// An answer is still to come.
    pub(crate) waiting: bool,
}

impl Unknown {
    /// Something says that a member is there, although it cannot be read.
    pub(crate) fn is_named(&self) -> bool {
        self.listed || !self.declared_by.is_empty()
    }
}

/// The whole account of one Region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RegionStatus {
    Waiting,
    Loading {
        pages: u32,
        listed: u32,
    },
    Loaded {
        listed: u32,
        multi_region: u32,
        at: Timestamp,
    },
    /// Some of its pages were read: evidence of presence only.
    Partial {
        listed: u32,
        multi_region: u32,
        why: Arc<Reason>,
    },
    Failed {
        why: Arc<Reason>,
        last: Option<Timestamp>,
    },
}

impl RegionFacts {
    pub(crate) fn status(&self) -> RegionStatus {
        if let Some(why) = &self.outage {
            return RegionStatus::Failed { why: Arc::clone(why), last: self.listing.at() };
        }
        let ended = self.scan.as_ref().and_then(|scan| scan.ended.as_ref().map(|why| (scan, why)));
        if let Some((scan, why)) = ended {
            let multi_region = count(scan.so_far.multi_region.len());
            return RegionStatus::Partial { listed: scan.so_far.listed, multi_region, why: Arc::clone(why) };
        }
        match (&self.listing, &self.scan) {
            (Reading::Known { value, at, .. }, _) => {
                RegionStatus::Loaded { listed: value.listed, multi_region: count(value.multi_region.len()), at: *at }
            }
            (Reading::Failed { why, last, .. }, _) => {
                RegionStatus::Failed { why: Arc::clone(why), last: last.as_ref().map(|(_, at)| *at) }
            }
            (Reading::NotAsked | Reading::Waiting, Some(scan)) => {
                RegionStatus::Loading { pages: scan.pages, listed: scan.so_far.listed }
            }
            (Reading::NotAsked | Reading::Waiting, None) => RegionStatus::Waiting,
        }
    }

    /// The proof that what the Region's listing lacks is not there: complete, current, and asked after `changed`.
    fn proof(&self, changed: Option<Asked>) -> Option<CompleteListing> {
        let Reading::Known { asked, at, .. } = &self.listing else { return None };
        let current = !self.stale && self.outage.is_none() && changed.is_none_or(|changed| changed < *asked);
        current.then_some(CompleteListing { asked: *asked, at: *at, _proof: () })
    }

    /// Why the Region proves nothing, and whether an answer is still to come.
    fn doubt(&self) -> (Arc<Reason>, bool) {
        if let Some(why) = &self.outage {
            return (Arc::clone(why), false);
        }
        match &self.listing {
            Reading::Failed { why, .. } => (Arc::clone(why), false),
            Reading::NotAsked | Reading::Waiting => (reason(ReasonKind::NotRead), true),
            Reading::Known { .. } => (reason(ReasonKind::NotRead), false),
        }
    }

    pub(crate) fn is_not_enabled(&self) -> bool {
        self.listing.failure().is_some_and(|why| why.kind == ReasonKind::NotEnabled)
    }
}

impl Fleet {
    /// What a key is in a Region.
    pub(crate) fn presence(&self, key: &KeyRef, region: &Region) -> Presence {
        let Some(entry) = self.key(key) else {
            return Presence::Unknown(unknown(reason(ReasonKind::NotRead), false));
        };
        let is_asked = self.scope(key.login).is_some_and(|scope| scope.regions.contains(region));
        let is_mentioned = entry.regions().contains(region);
        entry.presence(region, is_mentioned, self.region(&key.place(region)).filter(|_| is_asked))
    }

    /// Whether a key that nothing speaks of is known not to be in this Region.
    pub(crate) fn proves_absence(&self, place: &Place) -> bool {
        self.region(place).is_some_and(|facts| facts.proof(None).is_some())
    }

    /// Whether the Region belongs to what was asked for as a whole: it makes the reading incomplete if it is not loaded.
    pub(crate) fn is_region_in_scope(&self, place: &Place) -> bool {
        let Some(scope) = self.scope(place.login) else { return false };
        let not_enabled = scope.auto && self.region(place).is_some_and(RegionFacts::is_not_enabled);
        let is_named =
            || self.keys().any(|(key, entry)| key.login == place.login && entry.regions().contains(&place.region));
        scope.regions.contains(&place.region) && (!not_enabled || is_named())
    }

    /// Every Region in scope is loaded and every listed multi-Region key was described. Looks at each key once, however many Regions are not enabled.
    pub(crate) fn is_complete(&self) -> bool {
        let is_loaded = |facts: &RegionFacts| matches!(facts.status(), RegionStatus::Loaded { .. });
        let mut not_enabled: BTreeSet<(Login, &Region)> = BTreeSet::new();
        for (place, facts) in self.places().filter(|(_, facts)| !is_loaded(facts)) {
            let Some(scope) = self.scope(place.login).filter(|scope| scope.regions.contains(&place.region)) else {
                continue;
            };
            if !(scope.auto && facts.is_not_enabled()) {
                return false;
            }
            not_enabled.insert((place.login, &place.region));
        }
        let described = |member: &RelatedKey| member.listed.is_none() || member.described.fresh().is_some();
        let mut keys = self.keys();
        keys.all(|(key, entry)| {
            let is_named =
                !not_enabled.is_empty() && entry.mentions(|region| not_enabled.contains(&(key.login, region)));
            !is_named && entry.members.values().all(|member| described(member))
        })
    }
}

impl MultiRegionKey {
    /// What the key is in a Region, by what is known of the Region, if that was asked for. The order of the branches is the folding table.
    ///
    /// `is_mentioned`: it is one of [`MultiRegionKey::regions`], which whoever asks about many Regions has at hand.
    pub(super) fn presence(&self, region: &Region, is_mentioned: bool, facts: Option<&RegionFacts>) -> Presence {
        let member = self.members.get(region);
        if let Some(present) = member.and_then(|member| present(member)) {
            return Presence::Present(present);
        }
        let declared_by = if is_mentioned { self.declared_by(region) } else { Vec::new() };
        let declared_by: Vec<Region> = declared_by.into_iter().map(|(member, _)| member).collect();
        let listed = member.is_some_and(|member| member.listed.is_some());
        if listed {
            let outage = facts.and_then(|facts| facts.outage.clone());
            let (why, waiting) = match (member.and_then(|member| member.described.failure().cloned()), outage) {
                (Some(why), _) | (None, Some(why)) => (why, false),
                (None, None) => (reason(ReasonKind::NotRead), true),
            };
            return Presence::Unknown(Unknown { listed, declared_by, why, waiting });
        }
        let Some(facts) = facts else {
            return Presence::Unknown(Unknown {
                listed,
                declared_by,
                why: reason(ReasonKind::OutOfScope),
                waiting: false,
            });
        };
        match (facts.proof(self.changed.get(region).copied()), declared_by.is_empty()) {
            (Some(proof), true) => Presence::Absent(proof),
            (Some(_), false) => {
                let waiting = member.is_some_and(|member| matches!(member.described, Reading::Waiting));
                let why = member.and_then(|member| member.described.failure().cloned());
                let why = why.unwrap_or_else(|| reason(ReasonKind::Contradiction));
                Presence::Unknown(Unknown { listed, declared_by, why, waiting })
            }
            (None, _) => {
                let (why, waiting) = facts.doubt();
                Presence::Unknown(Unknown { listed, declared_by, why, waiting })
            }
        }
    }
}

/// The role of the member in `region`: its own word if it is readable, else what the others say, if they agree.
pub(crate) fn role(key: &MultiRegionKey, region: &Region) -> Option<Role> {
    let own = key.members.get(region).and_then(|member| member.described.value());
    if let Some(own) = own {
        return own.role;
    }
    let mut said = key.members.values().filter_map(|member| member.described.value()?.role_of(region));
    let first = said.next()?;
    said.all(|role| role == first).then_some(first)
}

/// Since when the members have not agreed on one primary: kept from the first such answer on, forgotten when they agree.
pub(super) fn unsettled_since(key: &MultiRegionKey, at: Option<Timestamp>) -> Option<Timestamp> {
    if agrees(key) { None } else { key.unsettled_since.or(at) }
}

/// Whether all readable members that name a primary name the same one, it does not call itself a replica, and no other member calls itself primary.
pub(crate) fn agrees(key: &MultiRegionKey) -> bool {
    let described = || key.members.values().filter_map(|member| member.described.value());
    let mut named: Vec<&Region> = described().filter_map(|key| key.primary.as_ref()).map(|arn| &arn.region).collect();
    named.sort();
    named.dedup();
    let updating = described().any(|key| key.state == KeyState::Updating);
    let contradicts_itself = described().any(|key| {
        let own = key.primary.as_ref().map(|arn| arn.region == key.arn.region);
        matches!((own, key.role), (Some(true), Some(Role::Replica)) | (Some(false), Some(Role::Primary)))
    });
    named.len() <= 1 && !updating && !contradicts_itself
}

fn present(member: &RelatedKey) -> Option<Present> {
    let key = member.described.value()?;
    let at = member.described.at()?;
    Some(Present { key: Arc::clone(key), at, stale: member.described.failure().cloned() })
}

fn unknown(why: Arc<Reason>, waiting: bool) -> Unknown {
    Unknown { listed: false, declared_by: Vec::new(), why, waiting }
}

/// A reason of our own. Those that a fleet is full of while it is read are held once.
fn reason(kind: ReasonKind) -> Arc<Reason> {
    static NOT_READ: LazyLock<Arc<Reason>> = LazyLock::new(|| Arc::new(Reason::of(ReasonKind::NotRead)));
    if kind == ReasonKind::NotRead { Arc::clone(&NOT_READ) } else { Arc::new(Reason::of(kind)) }
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
