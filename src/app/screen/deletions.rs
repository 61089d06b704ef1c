//! Every member of the fleet that is pending deletion, by time left. The list is kept as facts change and holds only what dies, never the fleet.
//!
//! What a former run saw dying in a Region that cannot be read now stays in the list, marked, until that Region's own answer says otherwise: a clock runs on
//! whether or not anybody can read it. So the list alone never says that nothing is dying; [`Coverage`] says what it does not cover.

mod arrange;

use std::collections::{BTreeMap, BTreeSet};

use super::fleet::{Filtered, FleetScreen};
use crate::app::list::List;
use crate::domain::fleet::KeyRef;
use crate::domain::fleet::deletion::Deletion;
use crate::domain::fleet::row::Row;
use crate::domain::id::{AccountId, Login, Place, Region};
use crate::domain::time::Timestamp;

/// A line of the list: one member.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Item {
    pub(crate) key: KeyRef,
    pub(crate) region: Region,
}

/// What the list says of a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate<'screen> {
    Pending(&'screen Deletion),
    /// A former run saw this; nothing newer could be read.
    LastSeen(&'screen Deletion),
    /// It was in this list, and its deletion has been cancelled since: it is Disabled and nothing encrypts with it until it is enabled.
    Kept,
}

/// What is in the list, and what the filter keeps out of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) struct Counts {
    /// Members whose clock runs.
    pub(crate) dying: usize,
    /// The earliest date.
    pub(crate) first: Option<Timestamp>,
    pub(crate) waiting: usize,
    /// Of both, those of which only the past is known.
    pub(crate) last_known: usize,
    pub(crate) kept: usize,
    pub(crate) hidden: usize,
}

/// How much of what was asked for the list covers.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(crate) struct Coverage {
    /// Regions in scope.
    pub(crate) regions: usize,
    /// Of those, the ones that were not read completely, or too long ago.
    pub(crate) unread: Vec<Place>,
    /// Of those, the ones whose first answer is still to come.
    pub(crate) reading: usize,
    /// Members in the other Regions that are there and could not be read.
    pub(crate) members: usize,
    /// Members that are being read.
    pub(crate) members_reading: usize,
}

impl Coverage {
    /// Nothing can be dying unseen.
    pub(crate) fn is_complete(&self) -> bool {
        self.regions > 0 && self.is_answered() && self.unread.is_empty() && self.members == 0
    }

    /// Nothing is still to come.
    pub(crate) fn is_answered(&self) -> bool {
        self.reading == 0 && self.members_reading == 0
    }
}

/// What one key contributes.
#[derive(Debug, PartialEq, Eq, Default)]
struct Found {
    pending: Vec<Deletion>,
    kept: BTreeSet<Region>,
    unread: BTreeSet<Region>,
    reading: BTreeSet<Region>,
}

/// What a former run saw dying.
#[derive(Debug)]
struct Former {
    login: Login,
    account: AccountId,
    keys: BTreeMap<KeyRef, FormerKey>,
}

#[derive(Debug)]
struct FormerKey {
    row: Row,
    pending: Vec<Deletion>,
}

/// What the Deletions screen holds.
#[derive(Debug, Default)]
pub(crate) struct DeletionsScreen {
    found: BTreeMap<KeyRef, Found>,
    former: Option<Former>,
    /// Members that could not be read, by Region.
    unread: BTreeMap<Place, usize>,
    members_reading: usize,
    is_stale: bool,
    undecided: BTreeSet<KeyRef>,
    pub(in crate::app) list: List<Item>,
    pub(in crate::app) filtered: Option<Filtered>,
    counts: Counts,
    coverage: Coverage,
}

impl DeletionsScreen {
    /// Members by time left, filtered. The view asks `window` for the lines it has.
    pub(crate) fn list(&self) -> &List<Item> {
        &self.list
    }

    pub(crate) fn counts(&self) -> &Counts {
        &self.counts
    }

    pub(crate) fn coverage(&self) -> &Coverage {
        &self.coverage
    }

    pub(crate) fn filter(&self) -> Option<&Filtered> {
        self.filtered.as_ref()
    }

    /// The filter could neither keep nor drop this key.
    pub(crate) fn is_undecided(&self, key: &KeyRef) -> bool {
        self.undecided.contains(key)
    }

    pub(crate) fn fate(&self, item: &Item) -> Option<Fate<'_>> {
        let of = |pending: &'_ [Deletion]| pending.iter().position(|deletion| deletion.region == item.region);
        if let Some(found) = self.found.get(&item.key) {
            if let Some(deletion) = of(&found.pending).and_then(|place| found.pending.get(place)) {
                return Some(Fate::Pending(deletion));
            }
            if found.kept.contains(&item.region) {
                return Some(Fate::Kept);
            }
        }
        let former = self.former.as_ref()?.keys.get(&item.key)?;
        of(&former.pending).and_then(|place| former.pending.get(place)).map(Fate::LastSeen)
    }

    /// The key of a line as it is known now, or else as a former run saw it.
    pub(crate) fn row<'all>(&'all self, fleet: &'all FleetScreen, key: &KeyRef) -> Option<&'all Row> {
        fleet.live(key).or_else(|| self.former_row(key))
    }

    /// The key as a former run saw it.
    pub(crate) fn former_row(&self, key: &KeyRef) -> Option<&Row> {
        Some(&self.former.as_ref()?.keys.get(key)?.row)
    }
}
