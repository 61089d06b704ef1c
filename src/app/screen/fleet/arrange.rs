//! Bringing the fleet screen up to date: rows folded again where something changed, then filtered, ordered and counted.
//!
//! Each step costs as much as what changed, and no more than so many rows for one frame; only another filter or another order looks at all of them.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::ops::Bound;
use std::sync::Arc;

use super::order::{Spot, sort_name};
use super::{Entry, FleetScreen, Item, Layout};
use crate::app::list::List;
use crate::app::screen::detail::title;
use crate::app::screen::edits::Edits;
use crate::app::screen::journal::Seen;
use crate::domain::filter::Truth;
use crate::domain::fleet::changes::{Sight, Transition, transitions};
use crate::domain::fleet::last_seen::LastSeen;
use crate::domain::fleet::row::{Primary, Row};
use crate::domain::fleet::{Fleet, KeyRef};
use crate::domain::id::Region;
use crate::domain::time::Timestamp;

/// After this long a moving primary key is a contradiction: its row must be folded again although nothing was read.
const MOVING_AT_MOST_MILLIS: i64 = 5 * 60 * 1_000;
/// Rows off screen that are folded at a time: whoever types meanwhile waits for these and not for a fleet.
const ROWS_AT_A_TIME: usize = 128;
/// Rows of a former run that are folded at a time: the first frame is to have all of them, unless they are very many.
const RECALLED_AT_A_TIME: usize = 2_000;
/// So many rows that stand elsewhere are put where they belong before the next frame asks for it.
const MANY: usize = 400;

impl FleetScreen {
    /// Notes whose rows are not as they should be any more; `None` means all of them.
    pub(in crate::app) fn touch(&mut self, touched: Option<Vec<KeyRef>>) {
        self.backlog.touch(touched);
    }

    /// Rows off screen are still to be folded.
    pub(in crate::app) fn is_behind(&self) -> bool {
        !self.backlog.is_empty()
    }

    /// Folds rows that were touched: what is on screen whole, and then some of the others. Returns what changed state between two readings.
    pub(in crate::app) fn fold(&mut self, fleet: &Fleet, elsewhere: &[KeyRef], now: Timestamp) -> Vec<Seen> {
        let mut seen = Vec::new();
        let mut left = ROWS_AT_A_TIME;
        self.fold_visible(fleet, elsewhere, now, &mut seen);
        while left > 0 {
            let Some(key) = self.backlog.next_touched() else { break };
            self.fold_row(fleet, &key, now, &mut seen);
            left -= 1;
        }
        while left > 0 {
            let Some(stretch) = self.backlog.next_stretch(fleet, left) else { break };
            let rows = self.rows.range(stretch.bounds).map(|(key, _)| key);
            let gone: Vec<KeyRef> = rows.filter(|key| stretch.keys.binary_search(key).is_err()).cloned().collect();
            for key in gone.iter().chain(&stretch.keys) {
                self.fold_row(fleet, key, now, &mut seen);
            }
            left = left.saturating_sub(stretch.keys.len().max(1));
        }
        seen
    }

    /// Many rows stand elsewhere than the order has them.
    pub(in crate::app) fn has_moved_much(&self) -> bool {
        self.moved.len() >= MANY
    }

    /// Rows were folded, and neither order nor counts know of it.
    pub(in crate::app) fn is_unsettled(&self) -> bool {
        !self.folded_keys.is_empty()
    }

    /// The keys that were folded, or dropped, since the last call.
    pub(in crate::app) fn take_folded(&mut self) -> Vec<KeyRef> {
        std::mem::take(&mut self.folded_keys)
    }

    /// Folds what is on screen, in this list and elsewhere, out of its turn.
    pub(in crate::app) fn fold_visible(
        &mut self,
        fleet: &Fleet,
        elsewhere: &[KeyRef],
        now: Timestamp,
        seen: &mut Vec<Seen>,
    ) {
        let visible: BTreeSet<KeyRef> =
            self.list.visible().iter().map(|item| &item.key).chain(elsewhere).cloned().collect();
        for key in visible {
            if self.backlog.take(&key) {
                self.fold_row(fleet, &key, now, seen);
            }
        }
    }

    fn fold_row(&mut self, fleet: &Fleet, key: &KeyRef, now: Timestamp, seen: &mut Vec<Seen>) {
        self.folded_keys.push(key.clone());
        match fleet.row(key, now) {
            Some(row) => self.take_row(row, now, seen),
            None if self.recalled.contains(key) => {}
            None => self.drop_row(key),
        }
    }

    /// Shows what a former run saw of the keys that nothing has spoken of yet; without one, nothing of it.
    pub(in crate::app) fn recall(&mut self, last_seen: Option<&LastSeen>, live: &Fleet, now: Timestamp) {
        let Some(last_seen) = last_seen else {
            for key in self.recalled.clone() {
                self.drop_row(&key);
            }
            return;
        };
        let after = self.recalled_to.clone().map_or(Bound::Unbounded, Bound::Excluded);
        let next: Vec<KeyRef> = last_seen.fleet().keys_from(after.as_ref()).take(RECALLED_AT_A_TIME).cloned().collect();
        for key in next {
            self.recalled_to = Some(key.clone());
            if live.key(&key).is_some() {
                continue;
            }
            if let Some(row) = last_seen.fleet().row(&key, now) {
                self.folded_keys.push(key.clone());
                self.recalled.insert(key);
                self.recalled_tally.add(&row);
                self.put_row(row);
            }
        }
    }

    /// Keys of a former run are still to be shown.
    pub(in crate::app) fn is_recalling(&self, last_seen: Option<&LastSeen>) -> bool {
        let last = last_seen.and_then(|last_seen| last_seen.fleet().keys().next_back());
        last.is_some_and(|(last, _)| self.recalled_to.as_ref() != Some(last))
    }

    fn take_row(&mut self, row: Row, now: Timestamp, seen: &mut Vec<Seen>) {
        // What a former run saw is no reading of this one: that it was otherwise then is not something that was seen to change.
        let before = self.rows.get(&row.key).map(|entry| &entry.row);
        if self.recalled.remove(&row.key) {
            if let Some(before) = before {
                self.recalled_tally.remove(before);
            }
        } else if let Some(before) = before {
            // Both rows have their cells in the order of the Regions' names.
            let at = Cell::new(0);
            let was = |region: &Region| {
                let found = before.cells.iter().skip(at.get()).position(|cell| cell.region == *region)?;
                at.set(at.get() + found + 1);
                before.cells.get(at.get() - 1).map(Sight::of)
            };
            let seen_now = |Transition { region, from, to }| Seen { at: now, name: title(&row), region, from, to };
            seen.extend(transitions(was, &row).into_iter().map(seen_now));
            self.tally.remove(before);
        }
        self.tally.add(&row);
        if matches!(row.primary, Primary::Moving { .. }) {
            self.unsettled.insert(row.key.clone());
        } else {
            self.unsettled.remove(&row.key);
        }
        self.put_row(row);
    }

    fn drop_row(&mut self, key: &KeyRef) {
        let Some(entry) = self.rows.remove(key) else { return };
        let tally = if self.recalled.remove(key) { &mut self.recalled_tally } else { &mut self.tally };
        tally.remove(&entry.row);
        self.unsettled.remove(key);
        self.undecided.remove(key);
        self.moved.entry(key.clone()).or_insert(entry.spot);
    }

    /// Puts a row where it belongs; the order follows in [`FleetScreen::settle`].
    fn put_row(&mut self, row: Row) {
        let name = sort_name(&row);
        let spot = self.spot(&row, &name);
        let key = row.key.clone();
        self.note_undecided(&key, spot.as_ref());
        let before = self.rows.insert(key.clone(), Entry { row, name, spot });
        let before = before.and_then(|entry| entry.spot);
        if self.rows.get(&key).is_some_and(|entry| entry.spot != before) {
            self.moved.entry(key).or_insert(before);
        }
    }

    fn note_undecided(&mut self, key: &KeyRef, spot: Option<&Spot>) {
        if spot.is_some_and(|spot| spot.is_undecided) {
            self.undecided.insert(key.clone());
        } else {
            self.undecided.remove(key);
        }
    }

    /// Where a row stands; nowhere if the filter drops it.
    fn spot(&self, row: &Row, name: &(bool, Arc<str>)) -> Option<Spot> {
        let truth = self.filtered.as_ref().map_or(Truth::Yes, |filtered| filtered.filter.matches(row));
        let spot = |is_undecided| Some(Spot::of(row, name, (&self.sorting, self.is_scanned), is_undecided));
        match truth {
            Truth::Yes => spot(false),
            Truth::Undecided => spot(true),
            Truth::No => None,
        }
    }

    /// The rows that mean something else by now although nothing was read.
    pub(in crate::app) fn overdue(&self, now: Timestamp) -> Vec<KeyRef> {
        let is_overdue = |row: &Row| match row.primary {
            Primary::Moving { since } => now.millis().saturating_sub(since.millis()) >= MOVING_AT_MOST_MILLIS,
            Primary::In(_) | Primary::Contradictory { .. } | Primary::Unknown => false,
        };
        self.unsettled.iter().filter(|key| self.row(key).is_some_and(is_overdue)).cloned().collect()
    }

    /// Brings order and counts up to date with what was folded. `is_scanned`: the first scan has ended, so that urgency decides.
    pub(in crate::app) fn settle(&mut self, is_scanned: bool) {
        self.summary = self.tally.counts();
        if self.is_scanned != is_scanned {
            return self.arrange(is_scanned);
        }
        if self.moved.is_empty() {
            self.settle_marks();
        }
        // In the tree a key's members may be others although the key stands where it stood.
        if self.moved.is_empty() && self.layout() == Layout::Matrix {
            return;
        }
        let moved = std::mem::take(&mut self.moved);
        let come = moved.keys().filter_map(|key| self.rows.get(key)?.spot.clone()).collect();
        let gone: Vec<Spot> = moved.into_values().flatten().collect();
        let is_reversed = self.sorting.is_reversed;
        let edits = Edits::of(&self.ordered, &gone, come, |one: &Spot, other| one.compare(other, is_reversed));
        edits.apply(&mut self.ordered, Spot::clone);
        if self.layout() == Layout::Tree {
            return self.arrange_items();
        }
        let mut items = self.list.take();
        edits.apply(&mut items, |spot| Item { key: spot.key.clone(), member: None });
        let index = self.list.index().unwrap_or_default();
        self.list.replace_near(items, edits.place_after(index));
        self.settle_marks();
    }

    /// Filters and orders every row anew: the filter or the order is another.
    pub(in crate::app) fn arrange(&mut self, is_scanned: bool) {
        self.is_scanned = is_scanned;
        self.summary = self.tally.counts();
        self.moved.clear();
        let mut rows = std::mem::take(&mut self.rows);
        let mut ordered = Vec::with_capacity(rows.len());
        for (key, entry) in &mut rows {
            entry.spot = self.spot(&entry.row, &entry.name);
            self.note_undecided(key, entry.spot.as_ref());
            ordered.extend(entry.spot.clone());
        }
        self.rows = rows;
        ordered.sort_by(|one, other| one.compare(other, self.sorting.is_reversed));
        self.ordered = ordered;
        self.arrange_items();
    }

    /// The lines of the list: the keys in order, and in the tree their members below them.
    pub(in crate::app) fn arrange_items(&mut self) {
        let is_tree = self.layout() == Layout::Tree;
        let mut items: Vec<Item> = Vec::with_capacity(self.ordered.len());
        for Spot { key, .. } in &self.ordered {
            items.push(Item { key: key.clone(), member: None });
            if is_tree && !self.folded.contains(key) {
                let members = self.rows.get(key).map(|entry| entry.row.members().map(|cell| cell.region.clone()));
                let members = self.in_column_order(members.into_iter().flatten());
                items.extend(members.into_iter().map(|member| Item { key: key.clone(), member: Some(member) }));
            }
        }
        keep_on_its_key(&mut self.list, &items);
        self.list.replace(items);
        self.settle_marks();
    }

    /// Whoever filters looks for what the filter keeps: the cursor does not stay on a row that it cannot decide.
    pub(in crate::app) fn leave_undecided(&mut self) {
        if self.list.cursor().is_some_and(|item| self.undecided.contains(&item.key)) {
            self.list.go_to_first();
        }
    }

    /// Takes another layout; the cursor stays on its key and Region.
    pub(in crate::app) fn follow_layout(&mut self, region: Option<Region>) {
        self.end_range();
        self.arrange_items();
        let Some(key) = self.list.cursor().map(|item| item.key.clone()) else { return };
        match self.layout() {
            Layout::Tree => {
                let member = Item { key: key.clone(), member: region };
                if !self.list.select(&member) {
                    self.list.select(&Item { key, member: None });
                }
            }
            Layout::Matrix => {
                self.list.select(&Item { key, member: None });
                self.is_in_region = region.is_some_and(|region| self.columns.select(&region));
            }
        }
    }

    /// Regions as the columns stand; those without a column after them.
    pub(in crate::app) fn in_column_order(&self, regions: impl Iterator<Item = Region>) -> Vec<Region> {
        let given: BTreeSet<Region> = regions.collect();
        let columns = self.columns.items();
        let with_column = columns.iter().filter(|region| given.contains(region));
        let without = given.iter().filter(|region| !columns.contains(region));
        with_column.chain(without).cloned().collect()
    }
}

/// A cursor on a member that is folded away goes to its key.
fn keep_on_its_key(list: &mut List<Item>, items: &[Item]) {
    let Some(cursor) = list.cursor().cloned() else { return };
    if cursor.member.is_some() && !items.contains(&cursor) {
        list.select(&Item { key: cursor.key, member: None });
    }
}
