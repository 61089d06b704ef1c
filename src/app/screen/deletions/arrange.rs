//! Keeping the list: keys that were touched are looked at again, what a former run saw gives way to answers, and the rest stays as it is.

use std::collections::{BTreeMap, BTreeSet};

use super::{Counts, Coverage, DeletionsScreen, Fate, Former, FormerKey, Found, Item};
use crate::app::screen::fleet::FleetScreen;
use crate::domain::filter::Truth;
use crate::domain::fleet::deletion::{Clock, deletions};
use crate::domain::fleet::last_seen::LastSeen;
use crate::domain::fleet::presence::{Presence, RegionStatus};
use crate::domain::fleet::row::{Cell, Row};
use crate::domain::fleet::{Fleet, KeyRef, RegionFacts};
use crate::domain::id::{AccountId, Login, Place, Region};
use crate::domain::key::KeyState;
use crate::domain::time::Timestamp;

/// Those that were kept come after everything that dies.
const KEPT: (u8, i64) = (u8::MAX, 0);

impl DeletionsScreen {
    /// Takes what a former run saw dying.
    pub(in crate::app) fn remember(&mut self, last_seen: &LastSeen, now: Timestamp) {
        let mut former = Former { login: last_seen.login, account: last_seen.account, keys: BTreeMap::new() };
        for (key, _) in last_seen.fleet().keys() {
            let Some(row) = last_seen.fleet().row(key, now) else { continue };
            let pending = deletions(&row);
            if !pending.is_empty() {
                former.keys.insert(key.clone(), FormerKey { row, pending });
            }
        }
        self.former = Some(former).filter(|former| !former.keys.is_empty());
        self.is_stale = true;
    }

    /// Whose keys the former run saw, while any of them is still in the list.
    pub(in crate::app) fn former_owner(&self) -> Option<(Login, AccountId)> {
        self.former.as_ref().map(|former| (former.login, former.account))
    }

    pub(in crate::app) fn forget_former(&mut self) {
        self.is_stale |= self.former.take().is_some();
    }

    /// Looks again at the keys whose rows were folded.
    pub(in crate::app) fn take(&mut self, fleet: &FleetScreen, folded: &[KeyRef]) {
        for key in folded {
            self.take_row(key, fleet.live(key));
        }
    }

    fn take_row(&mut self, key: &KeyRef, row: Option<&Row>) {
        let found = row.map(|row| Found::of(row, self.found.get(key))).unwrap_or_default();
        let before = self.found.remove(key).unwrap_or_default();
        self.is_stale |= (&before.pending, &before.kept) != (&found.pending, &found.kept);
        for region in &before.unread {
            if let Some(count) = self.unread.get_mut(&key.place(region)) {
                *count = count.saturating_sub(1);
            }
        }
        for region in &found.unread {
            *self.unread.entry(key.place(region)).or_default() += 1;
        }
        self.members_reading = (self.members_reading + found.reading.len()).saturating_sub(before.reading.len());
        if found != Found::default() {
            self.found.insert(key.clone(), found);
        }
    }

    /// Lets go of what answers have overtaken, and brings the list up to date if anything in it changed.
    pub(in crate::app) fn arrange(&mut self, screen: &FleetScreen, facts: &Fleet) {
        self.overtake(screen, facts);
        // A filter goes by more than what the list shows; one that was lifted gives back what it hid.
        let is_filtered = self.filtered.is_some() || self.counts.hidden > 0 || !self.undecided.is_empty();
        if std::mem::take(&mut self.is_stale) || is_filtered {
            self.list_anew(screen);
        }
    }

    /// A member that its Region has spoken of since, or that nobody asks for, is not what the former run saw any more.
    fn overtake(&mut self, screen: &FleetScreen, facts: &Fleet) {
        let Some(former) = &mut self.former else { return };
        let mut is_overtaken = false;
        former.keys.retain(|key, entry| {
            let before = entry.pending.len();
            entry.pending.retain(|deletion| is_all_there_is(screen, facts, key, &deletion.region));
            is_overtaken |= entry.pending.len() != before;
            !entry.pending.is_empty()
        });
        self.is_stale |= is_overtaken;
        if former.keys.is_empty() {
            self.former = None;
        }
    }

    fn list_anew(&mut self, screen: &FleetScreen) {
        let mut lines: Vec<((u8, i64), Item)> = Vec::new();
        let mut undecided = BTreeSet::new();
        let of_former = self.former.iter().flat_map(|former| former.keys.keys());
        let keys: BTreeSet<&KeyRef> = self.found.keys().chain(of_former).collect();
        let mut counts = Counts::default();
        for key in keys {
            let Some(row) = self.row(screen, key) else { continue };
            let truth = self.filtered.as_ref().map_or(Truth::Yes, |filtered| filtered.filter.matches(row));
            for item in self.items(key) {
                let Some(fate) = self.fate(&item) else { continue };
                counts.add(fate);
                match truth {
                    Truth::No => counts.hidden += 1,
                    Truth::Yes => lines.push((urgency(fate), item)),
                    Truth::Undecided => {
                        undecided.insert(key.clone());
                        lines.push((urgency(fate), item));
                    }
                }
            }
        }
        lines.sort();
        self.counts = counts;
        self.undecided = undecided;
        self.list.replace(lines.into_iter().map(|(_, item)| item).collect());
    }

    /// The members of a key that are in the list.
    fn items(&self, key: &KeyRef) -> Vec<Item> {
        let mut regions: BTreeSet<&Region> = BTreeSet::new();
        if let Some(found) = self.found.get(key) {
            regions.extend(found.pending.iter().map(|deletion| &deletion.region).chain(&found.kept));
        }
        if let Some(former) = self.former.as_ref().and_then(|former| former.keys.get(key)) {
            regions.extend(former.pending.iter().map(|deletion| &deletion.region));
        }
        regions.into_iter().map(|region| Item { key: key.clone(), region: region.clone() }).collect()
    }

    /// Notes how the Regions stand. `is_behind`: rows wait to be folded, and what they say is still to come. `is_left_out`: not enabled, found so by asking the whole partition, and nothing names a member there.
    pub(in crate::app) fn cover(
        &mut self,
        facts: &Fleet,
        is_behind: bool,
        is_left_out: impl Fn(&Place, &RegionFacts) -> bool,
    ) {
        let members_reading = self.members_reading + usize::from(is_behind);
        let mut coverage = Coverage { members_reading, ..Coverage::default() };
        for (place, region) in facts.places().filter(|(place, region)| !is_left_out(place, region)) {
            coverage.regions += 1;
            match region.status() {
                RegionStatus::Waiting | RegionStatus::Loading { .. } => coverage.reading += 1,
                RegionStatus::Loaded { .. } if !region.stale => {
                    coverage.members += self.unread.get(place).copied().unwrap_or_default();
                }
                RegionStatus::Loaded { .. } | RegionStatus::Partial { .. } | RegionStatus::Failed { .. } => {
                    coverage.unread.push(place.clone());
                }
            }
        }
        self.coverage = coverage;
    }
}

impl Found {
    fn of(row: &Row, before: Option<&Found>) -> Self {
        let pending = deletions(row);
        let was_here = |region: &Region| {
            before.is_some_and(|before| {
                before.kept.contains(region) || before.pending.iter().any(|deletion| deletion.region == *region)
            })
        };
        let mut found = Self { pending, ..Self::default() };
        for cell in &row.cells {
            match &cell.presence {
                Presence::Present(_) if cell.state() == Some(&KeyState::Disabled) && was_here(&cell.region) => {
                    found.kept.insert(cell.region.clone());
                }
                Presence::Present(_) | Presence::Absent(_) => {}
                // Where nothing names a member the Region counts for itself, and what was not asked for counts nowhere.
                Presence::Unknown(unknown) if !unknown.is_named() || !cell.in_scope => {}
                Presence::Unknown(unknown) if unknown.waiting => {
                    found.reading.insert(cell.region.clone());
                }
                Presence::Unknown(_) => {
                    found.unread.insert(cell.region.clone());
                }
            }
        }
        found
    }
}

impl Counts {
    fn add(&mut self, fate: Fate<'_>) {
        let (deletion, is_last_known) = match fate {
            Fate::Pending(deletion) => (deletion, deletion.is_last_known),
            Fate::LastSeen(deletion) => (deletion, true),
            Fate::Kept => {
                self.kept += 1;
                return;
            }
        };
        self.last_known += usize::from(is_last_known);
        match &deletion.clock {
            Clock::Runs { at } => {
                self.dying += 1;
                self.first = self.first.into_iter().chain(*at).min();
            }
            Clock::Waits { .. } => self.waiting += 1,
        }
    }
}

fn urgency(fate: Fate<'_>) -> (u8, i64) {
    match fate {
        Fate::Pending(deletion) | Fate::LastSeen(deletion) => deletion.urgency(),
        Fate::Kept => KEPT,
    }
}

/// Whether nothing newer than what a former run saw is known of a member that belongs to what is asked for.
fn is_all_there_is(screen: &FleetScreen, facts: &Fleet, key: &KeyRef, region: &Region) -> bool {
    if let Some(row) = screen.live(key) {
        return row.cell(region).map(|cell: &Cell| &cell.presence).is_some_and(|presence| match presence {
            Presence::Present(_) | Presence::Absent(_) => false,
            Presence::Unknown(_) => true,
        });
    }
    let is_asked = facts.scope(key.login).is_none_or(|scope| scope.regions.contains(region));
    is_asked && !facts.proves_absence(&key.place(region))
}
