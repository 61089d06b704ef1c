//! What is different between two readings, whoever changed it.
//!
//! A change is between two things that were both known. What was unknown and becomes known has not changed for that, and what cannot be read any more is not
//! gone: only a complete listing says so.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::presence::{Presence, RegionStatus};
use super::row::{Cell, Row};
use super::{Fleet, KeyRef};
use crate::domain::filter::{Filter, Truth};
use crate::domain::id::{AccountId, KeyId, Login, Place, Region};
use crate::domain::key::{KeyState, RegionalKey, Role};
use crate::domain::text::{Foreign, Safe, safe};
use crate::domain::time::Timestamp;

/// What a member looked like at one reading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Sight {
    Unknown,
    Absent,
    Present(Option<Role>, KeyState),
}

impl Sight {
    pub(crate) fn of(cell: &Cell) -> Self {
        match &cell.presence {
            Presence::Present(present) => Sight::Present(cell.role, present.state().clone()),
            Presence::Absent(_) => Sight::Absent,
            Presence::Unknown(_) => Sight::Unknown,
        }
    }

    pub(crate) fn words(&self) -> Safe {
        match self {
            Sight::Unknown => Safe::from_static("unknown"),
            Sight::Absent => Safe::from_static("absent"),
            Sight::Present(role, state) => {
                let role = role.map_or("", Role::name);
                safe!("{role} {}", state.safe())
            }
        }
    }
}

/// A member that is seen in another state than before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Transition {
    pub(crate) region: Region,
    pub(crate) from: Sight,
    pub(crate) to: Sight,
}

/// What is different in the members whose state was known and is known. `before` tells how each Region was seen; `None` where nothing was thought of it.
pub(crate) fn transitions(before: impl Fn(&Region) -> Option<Sight>, after: &Row) -> Vec<Transition> {
    let mut found = Vec::new();
    for cell in &after.cells {
        let to = Sight::of(cell);
        if to == Sight::Unknown {
            continue;
        }
        let Some(from) = before(&cell.region).filter(|from| *from != Sight::Unknown && *from != to) else { continue };
        found.push(Transition { region: cell.region.clone(), from, to });
    }
    found
}

/// One change, as it was noticed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) at: Timestamp,
    pub(crate) login: Login,
    /// As the members' ARNs say.
    pub(crate) account: Option<AccountId>,
    pub(crate) region: Region,
    pub(crate) what: What,
}

/// What has changed. Texts are as AWS gives them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum What {
    Appeared { key: KeyId, state: KeyState },
    Gone { key: KeyId, state: KeyState },
    Changed { key: KeyId, field: Field, from: Option<Foreign>, to: Option<Foreign> },
    Region { from: RegionStatus, to: RegionStatus },
}

/// What of a member is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    State,
    Role,
    Description,
    DeletionDate,
    Aliases,
}

impl Field {
    /// Its name in `keyfleet.fleet/1`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Field::State => "state",
            Field::Role => "role",
            Field::Description => "description",
            Field::DeletionDate => "deletion_date",
            Field::Aliases => "aliases",
        }
    }
}

/// What was last known of one member. What cannot be read any more leaves it as it is.
#[derive(Clone, Debug)]
struct Known {
    sight: Sight,
    key: Option<Arc<RegionalKey>>,
    aliases: Option<Arc<[Foreign]>>,
}

#[derive(Clone, Debug, Default)]
struct Remembered {
    account: Option<AccountId>,
    members: BTreeMap<Region, Known>,
    /// The filter did not rule it out, last.
    is_wanted: bool,
}

/// Remembers what was known of the fleet, and tells what is different since. The first look is the base: of it nothing is told.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    filter: Option<Filter>,
    keys: BTreeMap<KeyRef, Remembered>,
    regions: BTreeMap<Place, RegionStatus>,
    /// The Regions that have been listed completely once: a key that was never heard of was not there.
    listed: BTreeSet<Place>,
}

impl Watch {
    pub(crate) fn new(filter: Option<Filter>) -> Self {
        Self { filter, ..Self::default() }
    }

    /// How many keys the filter did not rule out, last.
    pub(crate) fn wanted(&self) -> impl Iterator<Item = &KeyRef> {
        self.keys.iter().filter(|(_, key)| key.is_wanted).map(|(key, _)| key)
    }

    /// What is different since the last look, in the keys that were `touched`, or in all of them.
    pub(crate) fn look(&mut self, fleet: &Fleet, touched: Option<Vec<KeyRef>>, now: Timestamp) -> Vec<Change> {
        let mut changes = self.look_at_regions(fleet, now);
        let keys: BTreeSet<KeyRef> = match touched {
            Some(touched) => touched.into_iter().collect(),
            None => self.keys.keys().chain(fleet.keys().map(|(key, _)| key)).cloned().collect(),
        };
        for key in keys {
            match fleet.row(&key, now) {
                Some(row) => changes.extend(self.look_at(&row, now)),
                None => changes.extend(self.miss(fleet, &key, now)),
            }
        }
        // Only now: keys that came with a Region's first listing were there before it.
        let complete = fleet.places().filter(|(_, facts)| matches!(facts.status(), RegionStatus::Loaded { .. }));
        self.listed.extend(complete.map(|(place, _)| place.clone()));
        changes
    }

    fn look_at_regions(&mut self, fleet: &Fleet, now: Timestamp) -> Vec<Change> {
        let mut changes = Vec::new();
        for (place, facts) in fleet.places() {
            let to = facts.status();
            let is_settled = !matches!(to, RegionStatus::Waiting | RegionStatus::Loading { .. })
                && (facts.outage.is_some() || !fleet.is_being_listed(place));
            if !is_settled {
                continue;
            }
            let from = self.regions.insert(place.clone(), to.clone());
            if let Some(from) = from.filter(|from| !is_same(from, &to)) {
                let (region, what) = (place.region.clone(), What::Region { from, to });
                changes.push(Change { at: now, login: place.login, account: None, region, what });
            }
        }
        changes
    }

    fn look_at(&mut self, row: &Row, now: Timestamp) -> Vec<Change> {
        let is_wanted = self.filter.as_ref().is_none_or(|filter| filter.matches(row) != Truth::No);
        let remembered = self.keys.entry(row.key.clone()).or_default();
        remembered.account = row.account.or(remembered.account);
        for cell in &row.cells {
            let was_listed = self.listed.contains(&row.key.place(&cell.region));
            let sight = if was_listed { Sight::Absent } else { Sight::Unknown };
            let unheard_of = Known { sight, key: None, aliases: None };
            remembered.members.entry(cell.region.clone()).or_insert(unheard_of);
        }
        let before = |region: &Region| remembered.members.get(region).map(|known| known.sight.clone());
        let mut found: Vec<(Region, What)> = Vec::new();
        for transition in transitions(before, row) {
            tell(&row.key.id, transition, &mut found);
        }
        for cell in &row.cells {
            if let Some(known) = remembered.members.get_mut(&cell.region) {
                compare(&row.key.id, known, cell, &mut found);
                known.take(cell);
            }
        }
        let is_told = std::mem::replace(&mut remembered.is_wanted, is_wanted) || is_wanted;
        let (login, account) = (row.key.login, remembered.account);
        let change = |(region, what)| Change { at: now, login, account, region, what };
        found.into_iter().filter(|_| is_told).map(change).collect()
    }

    /// No evidence speaks of the key any more. It is gone where a complete listing lacks it; of the other Regions nothing is said, and they are remembered.
    fn miss(&mut self, fleet: &Fleet, key: &KeyRef, now: Timestamp) -> Vec<Change> {
        let Some(remembered) = self.keys.get_mut(key) else { return Vec::new() };
        let mut changes = Vec::new();
        for (region, known) in &mut remembered.members {
            let Sight::Present(_, state) = &known.sight else { continue };
            if fleet.proves_absence(&key.place(region)) {
                let what = What::Gone { key: key.id.clone(), state: state.clone() };
                let (account, region) = (remembered.account, region.clone());
                changes.push(Change { at: now, login: key.login, account, region, what });
                *known = Known { sight: Sight::Absent, key: None, aliases: None };
            }
        }
        let is_told = remembered.is_wanted;
        if !remembered.members.values().any(|known| matches!(known.sight, Sight::Present(..))) {
            self.keys.remove(key);
        }
        changes.retain(|_| is_told);
        changes
    }
}

impl Known {
    fn take(&mut self, cell: &Cell) {
        match &cell.presence {
            Presence::Present(present) => {
                let role = cell.role.or(self.role());
                self.sight = Sight::Present(role, present.state().clone());
                self.key = Some(Arc::clone(&present.key));
                self.aliases = cell.aliases.clone().or_else(|| self.aliases.take());
            }
            Presence::Absent(_) => *self = Known { sight: Sight::Absent, key: None, aliases: None },
            Presence::Unknown(_) => {}
        }
    }

    fn role(&self) -> Option<Role> {
        match self.sight {
            Sight::Present(role, _) => role,
            Sight::Absent | Sight::Unknown => None,
        }
    }
}

/// A transition as what it is for one who looks at the key: there, gone, or otherwise than before.
fn tell(key: &KeyId, transition: Transition, found: &mut Vec<(Region, What)>) {
    let Transition { region, from, to } = transition;
    let key = key.clone();
    match (from, to) {
        (Sight::Present(_, state), Sight::Absent) => found.push((region, What::Gone { key, state })),
        (Sight::Absent, Sight::Present(_, state)) => found.push((region, What::Appeared { key, state })),
        (Sight::Present(role, from), Sight::Present(now, to)) => {
            if let (Some(from), Some(to)) = (role, now)
                && from != to
            {
                let (from, to) = (Some(Foreign::new(from.name())), Some(Foreign::new(to.name())));
                found.push((region.clone(), What::Changed { key: key.clone(), field: Field::Role, from, to }));
            }
            if from != to {
                let (from, to) = (given(from.name()), given(to.name()));
                found.push((region, What::Changed { key, field: Field::State, from, to }));
            }
        }
        (Sight::Unknown, _) | (_, Sight::Unknown) | (Sight::Absent, Sight::Absent) => {}
    }
}

/// What else is different in a member that was read before and is read now.
fn compare(key: &KeyId, known: &Known, cell: &Cell, found: &mut Vec<(Region, What)>) {
    let (Some(was), Some(is)) = (&known.key, cell.described()) else { return };
    let mut changed = |field, from: Option<Foreign>, to: Option<Foreign>| {
        if from != to {
            found.push((cell.region.clone(), What::Changed { key: key.clone(), field, from, to }));
        }
    };
    changed(Field::Description, Some(was.description.clone()), Some(is.description.clone()));
    let date = |key: &RegionalKey| key.deletion_date.map(|at| Foreign::new(at.rfc3339()));
    changed(Field::DeletionDate, date(was), date(is));
    if let (Some(from), Some(to)) = (&known.aliases, &cell.aliases) {
        changed(Field::Aliases, Some(joined(from)), Some(joined(to)));
    }
}

/// Alias names hold no blanks.
pub(super) fn joined(aliases: &[Foreign]) -> Foreign {
    let mut names: Vec<&str> = aliases.iter().map(Foreign::original).collect();
    names.sort_unstable();
    Foreign::new(names.join(" "))
}

fn given(state: &str) -> Option<Foreign> {
    Some(Foreign::new(state)).filter(|state| !state.is_empty())
}

/// Whether a Region stands as it stood: how much it holds, and when it was read, is not how it stands.
fn is_same(from: &RegionStatus, to: &RegionStatus) -> bool {
    let why = |status: &RegionStatus| match status {
        RegionStatus::Failed { why, .. } | RegionStatus::Partial { why, .. } => Some(why.kind),
        RegionStatus::Waiting | RegionStatus::Loading { .. } | RegionStatus::Loaded { .. } => None,
    };
    std::mem::discriminant(from) == std::mem::discriminant(to) && why(from) == why(to)
}
