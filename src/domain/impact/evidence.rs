//! What is known of one key in each Region, in three values: is a member there, and is it usable. And where its primary may be.
//!
//! A Region that could not be read holds no member only by the word of the primary, if that was read, is settled and does not name it. Everything else that is
//! not known stays undecided, so that an effect is certain only if no answer that is missing could make it another.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Effect;
use super::loss::Loss;
use crate::domain::filter::Truth;
use crate::domain::fleet::presence::{Presence, RegionStatus};
use crate::domain::fleet::row::{Cell, Row};
use crate::domain::fleet::{KeyRef, MultiRegionKey, RegionFacts};
use crate::domain::id::Region;
use crate::domain::key::{KeyState, Oddity, RegionalKey, Role};
use crate::domain::reading::{Asked, Reason, ReasonKind};

/// One key in one Region.
#[derive(Clone, Debug)]
pub(super) struct Standing {
    pub(super) region: Region,
    pub(super) is_lost: bool,
    pub(super) is_member: Truth,
    pub(super) is_usable: Truth,
    /// The Region listed it, a description is held, or a member names it.
    pub(super) is_named: bool,
    /// What DescribeKey said of it, last. An answer about another key is none.
    pub(super) described: Option<Arc<RegionalKey>>,
    /// Why it is not known, or why it may be otherwise by now.
    pub(super) why: Option<Arc<Reason>>,
}

/// All that bears on one key.
#[derive(Clone, Debug)]
pub(super) struct Evidence {
    /// By Region.
    pub(super) standings: Vec<Standing>,
    /// Every Region in which the primary may be, by what members say of it; empty if none says.
    pub(super) primaries: BTreeSet<Region>,
    /// No member could be described, and not every Region was asked for: it may have members anywhere.
    pub(super) may_be_elsewhere: bool,
}

impl Evidence {
    /// `row` is what this run knows. With `merges`, what was last known of lost Regions that cannot be read counts too.
    pub(super) fn gather(loss: &Loss<'_>, key: &KeyRef, row: Option<&Row>, merges: bool) -> Self {
        let subject = Subject::of(loss, key, merges);
        let mut regions: BTreeSet<&Region> = row.iter().flat_map(|row| &row.cells).map(|cell| &cell.region).collect();
        let scope = loss.fleet.scope(key.login);
        let is_left_out = |region: &Region| {
            let facts = loss.fleet.region(&key.place(region));
            scope.is_some_and(|scope| scope.auto) && facts.is_some_and(RegionFacts::is_not_enabled)
        };
        let asked = scope.into_iter().flat_map(|scope| &scope.regions);
        regions.extend(asked.filter(|region| loss.is_lost(region) || row.is_none() && !is_left_out(region)));
        if merges && let Some(named) = loss.last_of(key.login).and_then(|last| last.named(key)) {
            regions.extend(named);
        }
        let standings = regions.into_iter().map(|region| subject.standing(region, row)).collect();
        let nothing_is_described = subject.accepted().next().is_none() && subject.recalled.is_empty();
        let may_be_elsewhere = nothing_is_described && scope.is_none_or(|scope| !scope.auto);
        Self { standings, primaries: subject.primaries, may_be_elsewhere }
    }

    /// The effect, if it is the same whatever the missing answers would be.
    pub(super) fn effect(&self) -> Effect {
        match (self.hit(), self.remains(), self.primary_is_lost()) {
            (Truth::No, _, _) => Effect::Unaffected,
            (Truth::Yes, Truth::No, _) => Effect::Lost,
            (Truth::Yes, Truth::Yes, Truth::Yes) => Effect::Frozen,
            (Truth::Yes, Truth::Yes, Truth::No) => Effect::Reduced,
            (Truth::Undecided, _, _)
            | (Truth::Yes, Truth::Undecided, _)
            | (Truth::Yes, Truth::Yes, Truth::Undecided) => Effect::Unknown,
        }
    }

    /// A member is in a lost Region.
    pub(super) fn hit(&self) -> Truth {
        self.lost().fold(Truth::No, |hit, standing| hit.or(standing.is_member))
    }

    /// A usable member is outside.
    pub(super) fn remains(&self) -> Truth {
        let elsewhere = if self.may_be_elsewhere { Truth::Undecided } else { Truth::No };
        self.outside().fold(elsewhere, |remains, standing| remains.or(standing.is_usable))
    }

    pub(super) fn primary_is_lost(&self) -> Truth {
        let lost = |region: &Region| self.lost().any(|standing| standing.region == *region);
        let count = self.primaries.iter().filter(|region| lost(region)).count();
        match count {
            0 if !self.primaries.is_empty() => Truth::No,
            count if count > 0 && count == self.primaries.len() => Truth::Yes,
            _ => Truth::Undecided,
        }
    }

    /// Where the primary is, if one place is certain.
    pub(super) fn primary(&self) -> Option<&Region> {
        self.primaries.first().filter(|_| self.primaries.len() == 1)
    }

    pub(super) fn at(&self, region: &Region) -> Option<&Standing> {
        self.standings.iter().find(|standing| standing.region == *region)
    }

    pub(super) fn lost(&self) -> impl Iterator<Item = &Standing> {
        self.standings.iter().filter(|standing| standing.is_lost)
    }

    pub(super) fn outside(&self) -> impl Iterator<Item = &Standing> {
        self.standings.iter().filter(|standing| !standing.is_lost)
    }

    /// The Regions that keep an unknown effect from being known.
    pub(super) fn doubts(&self) -> Vec<&Standing> {
        let members: Vec<&Standing> = self.lost().filter(|standing| standing.is_member == Truth::Undecided).collect();
        if self.hit() == Truth::Undecided {
            return members;
        }
        let usable = self.outside().filter(|standing| standing.is_usable == Truth::Undecided);
        if self.remains() == Truth::Undecided { usable.collect() } else { Vec::new() }
    }

    /// An answer is missing, rather than of a kind that decides nothing.
    pub(super) fn rests_on_unread(&self) -> bool {
        let is_unread = |standing: &&Standing| standing.why.is_some();
        let nobody_says = self.doubts().is_empty() && self.primaries.is_empty();
        self.may_be_elsewhere || nobody_says || self.doubts().iter().any(is_unread)
    }

    /// Regions that could not be read, and hold no member by the primary's word.
    pub(super) fn on_the_primarys_word<'a>(standings: impl Iterator<Item = &'a Standing>) -> Vec<&'a Standing> {
        standings.filter(|standing| standing.is_member == Truth::No && standing.why.is_some()).collect()
    }
}

/// The Regions that the primary names, its own among them.
struct Word {
    names: BTreeSet<Region>,
    asked: Option<Asked>,
}

/// A key, and whose word counts for it.
struct Subject<'a> {
    loss: &'a Loss<'a>,
    key: &'a KeyRef,
    entry: Option<&'a MultiRegionKey>,
    /// The last that was known of its members in lost Regions that cannot be read; empty unless that is merged.
    recalled: Vec<&'a RegionalKey>,
    /// The Regions in which those were.
    primaries: BTreeSet<Region>,
    word: Option<Word>,
}

impl<'a> Subject<'a> {
    fn of(loss: &'a Loss<'a>, key: &'a KeyRef, merges: bool) -> Self {
        let entry = loss.fleet.key(key);
        let mut subject = Self { loss, key, entry, recalled: Vec::new(), primaries: BTreeSet::new(), word: None };
        if merges {
            subject.recalled = subject.recall();
        }
        subject.primaries = primaries(subject.accepted());
        if subject.primaries.is_empty() {
            subject.primaries = primaries(subject.recalled.iter().copied());
        }
        subject.word = subject.word();
        subject
    }

    /// The descriptions whose word counts: all but those of lost Regions that cannot be read.
    fn accepted(&self) -> impl Iterator<Item = &'a RegionalKey> + use<'a> {
        let (loss, login) = (self.loss, self.key.login);
        let members = self.entry.into_iter().flat_map(|entry| &entry.members);
        members
            .filter(move |(region, _)| !loss.is_dark_loss(login, region))
            .filter_map(|(_, member)| member.described.value().map(Arc::as_ref))
            .filter(|key| !is_of_another_key(key))
    }

    fn recall(&self) -> Vec<&'a RegionalKey> {
        let of = |entry: Option<&'a MultiRegionKey>, region: &Region| {
            entry?.members.get(region)?.described.value().map(Arc::as_ref)
        };
        let dark = self.loss.regions.iter().filter(|region| self.loss.is_dark_loss(self.key.login, region));
        dark.filter_map(|region| of(self.entry, region).or_else(|| of(self.loss.former(self.key), region))).collect()
    }

    /// What the primary says of the whole set, if one member is the primary beyond doubt and that one was read.
    fn word(&self) -> Option<Word> {
        let primary = self.primaries.first().filter(|_| self.primaries.len() == 1)?;
        if !self.loss.is_dark_loss(self.key.login, primary) {
            let member = self.entry?.members.get(primary)?;
            let described = member.described.fresh().filter(|key| !is_of_another_key(key))?;
            return Some(Word { names: named(described), asked: member.described.asked() });
        }
        let recalled = self.recalled.iter().find(|key| key.arn.region == *primary)?;
        let is_of_this_run = self
            .entry
            .is_some_and(|entry| entry.members.get(primary).is_some_and(|member| member.described.value().is_some()));
        let formerly = || self.loss.last_of(self.key.login)?.named(self.key).cloned();
        let names = if is_of_this_run { Some(named(recalled)) } else { formerly() }?;
        Some(Word { names, asked: None })
    }

    fn standing(&self, region: &Region, row: Option<&Row>) -> Standing {
        let presence = row.map(|row| match row.cells.iter().find(|cell| cell.region == *region) {
            Some(Cell { presence, .. }) => presence.clone(),
            None => self.loss.fleet.presence(self.key, region),
        });
        let is_lost = self.loss.is_lost(region);
        let is_member = self.is_member(region, presence.as_ref());
        let (is_usable, why) = match &presence {
            Some(Presence::Absent(_)) => (Truth::No, None),
            // It was answered, and what it holds of this key is as unknown as if it had not been.
            Some(Presence::Present(present)) if is_of_another_key(&present.key) => {
                (Truth::Undecided, Some(Arc::new(Reason::of(ReasonKind::UnexpectedAnswer))))
            }
            Some(Presence::Present(present)) => match &present.stale {
                None => (is_usable(&present.key.state), None),
                Some(why) => (Truth::Undecided, Some(Arc::clone(why))),
            },
            Some(Presence::Unknown(unknown)) => (is_member.and(Truth::Undecided), Some(Arc::clone(&unknown.why))),
            None if self.loss.fleet.proves_absence(&self.key.place(region)) => (Truth::No, None),
            None => (is_member.and(Truth::Undecided), Some(self.why_unread(region))),
        };
        let described = match &presence {
            Some(Presence::Present(present)) => Some(Arc::clone(&present.key)).filter(|key| !is_of_another_key(key)),
            Some(Presence::Absent(_) | Presence::Unknown(_)) | None => None,
        };
        let is_named = match &presence {
            Some(Presence::Present(_)) => true,
            Some(Presence::Unknown(unknown)) => unknown.is_named(),
            Some(Presence::Absent(_)) => false,
            None => is_member == Truth::Yes,
        };
        Standing { region: region.clone(), is_lost, is_member, is_usable, is_named, described, why }
    }

    /// Of a key that only a former run has seen there is no presence: its Regions' own reasons tell why.
    fn why_unread(&self, region: &Region) -> Arc<Reason> {
        let status = self.loss.fleet.region(&self.key.place(region)).map(RegionFacts::status);
        match status {
            Some(RegionStatus::Failed { why, .. } | RegionStatus::Partial { why, .. }) => why,
            Some(RegionStatus::Waiting | RegionStatus::Loading { .. } | RegionStatus::Loaded { .. }) => {
                Arc::new(Reason::of(ReasonKind::NotRead))
            }
            None => Arc::new(Reason::of(ReasonKind::OutOfScope)),
        }
    }

    fn is_member(&self, region: &Region, presence: Option<&Presence>) -> Truth {
        let is_proved_absent = || self.loss.fleet.proves_absence(&self.key.place(region));
        if self.loss.is_dark_loss(self.key.login, region) {
            let said = self.by_names(region);
            let is_recalled = self.recalled.iter().any(|key| key.arn.region == *region);
            return if said == Truth::Undecided && is_recalled { Truth::Yes } else { said };
        }
        match presence {
            Some(Presence::Present(present)) if is_of_another_key(&present.key) => Truth::Undecided,
            Some(Presence::Present(_)) => Truth::Yes,
            Some(Presence::Absent(_)) => Truth::No,
            Some(Presence::Unknown(unknown)) if unknown.listed => Truth::Yes,
            // The Region says that it is not there, and a related key says that it is.
            Some(Presence::Unknown(unknown)) if unknown.is_named() && is_proved_absent() => Truth::Undecided,
            None if is_proved_absent() => Truth::No,
            Some(Presence::Unknown(_)) | None => self.by_names(region),
        }
    }

    /// By what members say of a Region that says nothing itself.
    fn by_names(&self, region: &Region) -> Truth {
        let (mut some, mut all) = (false, true);
        for key in self.accepted().filter(|key| key.arn.region != *region) {
            let names_it = key.named().any(|arn| arn.region == *region);
            some |= names_it;
            all &= names_it;
        }
        let changed = self.entry.and_then(|entry| entry.changed.get(region));
        let word = self.word.as_ref().filter(|word| changed.is_none_or(|changed| word.asked > Some(*changed)));
        match word.map(|word| word.names.contains(region)) {
            Some(true) => Truth::Yes,
            Some(false) if !some => Truth::No,
            None if some && all => Truth::Yes,
            Some(false) | None => Truth::Undecided,
        }
    }
}

/// Where the primary may be. A member that is being updated may be the new one or the old.
fn primaries<'k>(keys: impl Iterator<Item = &'k RegionalKey>) -> BTreeSet<Region> {
    let mut regions = BTreeSet::new();
    for key in keys {
        regions.extend(key.primary.as_ref().map(|arn| arn.region.clone()));
        if key.role == Some(Role::Primary) || key.state == KeyState::Updating {
            regions.insert(key.arn.region.clone());
        }
    }
    regions
}

fn named(key: &RegionalKey) -> BTreeSet<Region> {
    key.named().map(|arn| &arn.region).chain([&key.arn.region]).cloned().collect()
}

/// The answer speaks of something else than was asked about, so that it says nothing of this key.
fn is_of_another_key(key: &RegionalKey) -> bool {
    key.oddities.iter().any(|oddity| match oddity {
        Oddity::OtherArn(_) | Oddity::NotMultiRegion => true,
        Oddity::UnknownState(_)
        | Oddity::NoState
        | Oddity::UnknownRole(_)
        | Oddity::NoPrimary
        | Oddity::RegionTwice(_)
        | Oddity::BadMember(_) => false,
    })
}

/// A state that keyfleet does not know decides nothing.
pub(super) fn is_usable(state: &KeyState) -> Truth {
    match state {
        KeyState::Enabled | KeyState::Updating => Truth::Yes,
        KeyState::Creating
        | KeyState::Disabled
        | KeyState::PendingDeletion
        | KeyState::PendingReplicaDeletion
        | KeyState::PendingImport
        | KeyState::Unavailable => Truth::No,
        KeyState::Other(_) | KeyState::Missing => Truth::Undecided,
    }
}
