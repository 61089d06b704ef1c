//! Bringing the fleet screen up to date: rows folded again where something changed, then filtered, ordered and counted.

use std::collections::BTreeSet;

use super::{Entry, FleetScreen, Item, Layout};
use crate::app::column::Column;
use crate::app::list::List;
use crate::app::screen::detail::title;
use crate::app::screen::journal::Seen;
use crate::domain::filter::Truth;
use crate::domain::fleet::changes::{Sight, Transition, transitions};
use crate::domain::fleet::last_seen::LastSeen;
use crate::domain::fleet::presence::Presence;
use crate::domain::fleet::row::{Cell, Primary, Row, RowName};
use crate::domain::fleet::words::counts;
use crate::domain::fleet::{Fleet, KeyRef};
use crate::domain::id::Region;
use crate::domain::key::KeyState;
use crate::domain::time::Timestamp;

/// After this long a moving primary key is a contradiction: its row must be folded again although nothing was read.
const MOVING_AT_MOST_MILLIS: i64 = 5 * 60 * 1_000;

impl FleetScreen {
    /// Folds rows again: those that were touched, or all of them. Returns what changed state between two readings.
    pub(in crate::app) fn fold(&mut self, fleet: &Fleet, touched: Option<Vec<KeyRef>>, now: Timestamp) -> Vec<Seen> {
        let mut seen = Vec::new();
        let keys = touched.unwrap_or_else(|| {
            self.rows.retain(|key, _| fleet.key(key).is_some() || self.recalled.contains(key));
            fleet.keys().map(|(key, _)| key.clone()).collect()
        });
        for key in keys {
            match fleet.row(&key, now) {
                Some(row) => self.take_row(row, now, &mut seen),
                None if self.recalled.contains(&key) => {}
                None => {
                    self.rows.remove(&key);
                }
            }
        }
        seen
    }

    /// Shows what a former run saw of the keys that nothing has spoken of yet; without one, nothing of it.
    pub(in crate::app) fn recall(&mut self, last_seen: Option<&LastSeen>, live: &Fleet, now: Timestamp) {
        let Some(last_seen) = last_seen else {
            for key in std::mem::take(&mut self.recalled) {
                self.rows.remove(&key);
            }
            return;
        };
        for (key, _) in last_seen.fleet().keys() {
            if live.key(key).is_some() || self.recalled.contains(key) {
                continue;
            }
            if let Some(row) = last_seen.fleet().row(key, now) {
                self.recalled.insert(key.clone());
                self.rows.insert(key.clone(), Entry { name: sort_name(&row), row });
            }
        }
    }

    fn take_row(&mut self, row: Row, now: Timestamp, seen: &mut Vec<Seen>) {
        // What a former run saw is no reading of this one: that it was otherwise then is not something that was seen to change.
        let was_read = !self.recalled.remove(&row.key);
        if let Some(before) = self.rows.get(&row.key).filter(|_| was_read) {
            let was = |region: &Region| before.row.cell(region).map(Sight::of);
            let seen_now = |Transition { region, from, to }| Seen { at: now, name: title(&row), region, from, to };
            seen.extend(transitions(was, &row).into_iter().map(seen_now));
        }
        let name = sort_name(&row);
        self.rows.insert(row.key.clone(), Entry { row, name });
    }

    /// The rows that mean something else by now although nothing was read.
    pub(in crate::app) fn overdue(&self, now: Timestamp) -> Vec<KeyRef> {
        let is_overdue = |row: &Row| match row.primary {
            Primary::Moving { since } => now.millis().saturating_sub(since.millis()) >= MOVING_AT_MOST_MILLIS,
            Primary::In(_) | Primary::Contradictory { .. } | Primary::Unknown => false,
        };
        self.rows.values().filter(|entry| is_overdue(&entry.row)).map(|entry| entry.row.key.clone()).collect()
    }

    /// Filters, orders and counts. `is_scanned`: the first scan has ended, so that urgency decides.
    pub(in crate::app) fn arrange(&mut self, is_scanned: bool) {
        self.is_scanned = is_scanned;
        self.summary =
            counts(self.rows.values().map(|entry| &entry.row).filter(|row| !self.recalled.contains(&row.key)));
        self.undecided.clear();
        let mut kept: Vec<&Entry> = Vec::with_capacity(self.rows.len());
        for entry in self.rows.values() {
            match self.filtered.as_ref().map_or(Truth::Yes, |filtered| filtered.filter.matches(&entry.row)) {
                Truth::Yes => kept.push(entry),
                Truth::No => {}
                Truth::Undecided => {
                    self.undecided.insert(entry.row.key.clone());
                    kept.push(entry);
                }
            }
        }
        sort(&mut kept, self.sorting.column.as_ref(), is_scanned);
        if self.sorting.is_reversed {
            kept.reverse();
        }
        // What the filter keeps for certain comes before what it cannot decide.
        kept.sort_by_key(|entry| self.undecided.contains(&entry.row.key));
        self.ordered = kept.into_iter().map(|entry| entry.row.key.clone()).collect();
        self.arrange_items();
    }

    /// The lines of the list: the keys in order, and in the tree their members below them.
    pub(in crate::app) fn arrange_items(&mut self) {
        let is_tree = self.layout() == Layout::Tree;
        let mut items: Vec<Item> = Vec::with_capacity(self.ordered.len());
        for key in &self.ordered {
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

/// What a row is sorted by where names decide: those with an alias first, by alias, then the others by ID.
fn sort_name(row: &Row) -> (bool, String) {
    match &row.name {
        RowName::Alias { name, .. } | RowName::AliasOf { name, .. } => (false, name.safe().as_str().to_lowercase()),
        RowName::Description(_) | RowName::Denied | RowName::Id => (true, row.key.id.to_string()),
    }
}

fn sort(rows: &mut [&Entry], order: Option<&Column>, is_scanned: bool) {
    match order {
        None | Some(Column::Wrong) if is_scanned => {
            rows.sort_by_cached_key(|entry| (entry.row.urgency(), entry.name.clone(), entry.row.key.clone()));
        }
        None | Some(Column::Wrong | Column::Key) => {
            rows.sort_by(|one, other| (&one.name, &one.row.key).cmp(&(&other.name, &other.row.key)));
        }
        Some(Column::Id) => rows.sort_by(|one, other| one.row.key.id.tail().cmp(other.row.key.id.tail())),
        Some(Column::Spec) => {
            let spec = |entry: &Entry| entry.row.shared().map(|key| key.spec.clone());
            rows.sort_by_cached_key(|entry| (spec(entry), entry.name.clone()));
        }
        Some(Column::Region(region)) => {
            rows.sort_by_cached_key(|entry| (weight(entry.row.cell(region)), entry.name.clone()));
        }
    }
}

/// What a Region's column is sorted by: what is wrong there, what is well, what is not known, what is not there.
fn weight(cell: Option<&Cell>) -> u8 {
    let Some(cell) = cell else { return u8::MAX };
    match &cell.presence {
        Presence::Present(present) => match present.state() {
            KeyState::PendingDeletion => 0,
            KeyState::PendingReplicaDeletion => 1,
            KeyState::Unavailable | KeyState::Other(_) | KeyState::Missing => 2,
            KeyState::Disabled => 3,
            KeyState::PendingImport => 4,
            KeyState::Creating | KeyState::Updating => 5,
            KeyState::Enabled if cell.role == Some(crate::domain::key::Role::Primary) => 6,
            KeyState::Enabled => 7,
        },
        Presence::Unknown(unknown) => 8 + u8::from(!unknown.is_named()),
        Presence::Absent(_) => 10,
    }
}
