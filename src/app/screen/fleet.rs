//! The fleet screen: one row for each multi-Region key, one column for each Region, or a tree of members.
//!
//! Rows are folded again only where something changed, so many at most for a frame, those on screen first; order and counts follow what changed.

mod arrange;
mod backlog;
mod marks;
mod order;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::app::column::Column;
use crate::app::list::List;
use crate::domain::filter::Filter;
use crate::domain::fleet::KeyRef;
use crate::domain::fleet::row::Row;
use crate::domain::fleet::tally::Tally;
use crate::domain::fleet::words::Counts;
use crate::domain::id::Region;
use crate::domain::text::Foreign;
use backlog::Backlog;
use marks::Marks;
use order::Spot;

/// A line of the list: a key, or in the tree one of its members.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Item {
    pub(crate) key: KeyRef,
    pub(crate) member: Option<Region>,
}

/// How the fleet is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    Matrix,
    Tree,
}

/// What the rows are ordered by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// By name until the first scan has ended, then by what is most urgent.
    WorstFirst,
    By(Column),
}

/// The filter in force, with its text as typed.
#[derive(Clone, Debug)]
pub(crate) struct Filtered {
    pub(crate) text: Foreign,
    pub(crate) filter: Filter,
}

/// The chosen order; without a column it is the one that the fleet has by itself.
#[derive(Debug, Default)]
pub(in crate::app) struct Sorting {
    pub(in crate::app) column: Option<Column>,
    pub(in crate::app) is_reversed: bool,
}

/// A row, and where it stands: nowhere if the filter drops it.
#[derive(Debug)]
struct Entry {
    row: Row,
    name: (bool, Arc<str>),
    spot: Option<Spot>,
}

/// What the fleet screen holds.
#[derive(Debug, Default)]
pub(crate) struct FleetScreen {
    rows: BTreeMap<KeyRef, Entry>,
    /// The rows that a former run saw, and no answer of this one has named yet.
    recalled: BTreeSet<KeyRef>,
    /// The rows of this run that are not as they should be since answers came.
    backlog: Backlog,
    /// The last key of a former run that was looked at.
    recalled_to: Option<KeyRef>,
    /// The keys that the filter keeps, in order.
    ordered: Vec<Spot>,
    /// The rows that stand elsewhere since `ordered` was last brought up to date, and where they stood.
    moved: BTreeMap<KeyRef, Option<Spot>>,
    is_scanned: bool,
    /// Rows folded of which nobody has taken note yet.
    folded_keys: Vec<KeyRef>,
    /// What is counted, of this run and of a former one.
    tally: Tally,
    recalled_tally: Tally,
    /// The rows without a single primary key: time alone changes what they mean.
    unsettled: BTreeSet<KeyRef>,
    pub(in crate::app) list: List<Item>,
    /// Rows that the filter can neither keep nor drop, on what is known.
    pub(in crate::app) undecided: BTreeSet<KeyRef>,
    pub(in crate::app) columns: List<Region>,
    /// The cursor is in a Region's column, not in the key's.
    pub(in crate::app) is_in_region: bool,
    pub(in crate::app) chosen_layout: Option<Layout>,
    pub(in crate::app) is_narrow: bool,
    pub(in crate::app) folded: BTreeSet<KeyRef>,
    pub(in crate::app) sorting: Sorting,
    pub(in crate::app) filtered: Option<Filtered>,
    pub(in crate::app) summary: Counts,
    marks: Marks,
}

impl FleetScreen {
    /// Keys, or in the tree keys and members, in order and filtered. The view asks `window` for the lines it has.
    pub(crate) fn list(&self) -> &List<Item> {
        &self.list
    }

    pub(crate) fn row(&self, key: &KeyRef) -> Option<&Row> {
        self.rows.get(key).map(|entry| &entry.row)
    }

    /// The row, if this run has read anything of its key.
    pub(in crate::app) fn live(&self, key: &KeyRef) -> Option<&Row> {
        self.row(key).filter(|_| !self.is_recalled(key))
    }

    /// The first scan has ended, and every row is as it left it.
    pub(crate) fn is_scanned(&self) -> bool {
        self.is_scanned
    }

    /// The row is as a former run saw it.
    pub(crate) fn is_recalled(&self, key: &KeyRef) -> bool {
        self.recalled.contains(key)
    }

    /// The row under the cursor.
    pub(crate) fn selected(&self) -> Option<&Row> {
        self.row(&self.list.cursor()?.key)
    }

    /// The Region under the cursor: of its column, or in the tree of its member. `None` on the key itself.
    pub(crate) fn selected_region(&self) -> Option<&Region> {
        match self.layout() {
            Layout::Matrix => self.columns.cursor().filter(|_| self.is_in_region),
            Layout::Tree => self.list.cursor()?.member.as_ref(),
        }
    }

    /// The filter could neither keep nor drop this row: it is listed, and marked.
    pub(crate) fn is_undecided(&self, key: &KeyRef) -> bool {
        self.undecided.contains(key)
    }

    /// The Regions that have a column. The view asks `window` for as many as it has room for; the cursor's is always among them.
    pub(crate) fn columns(&self) -> &List<Region> {
        &self.columns
    }

    pub(crate) fn layout(&self) -> Layout {
        match self.chosen_layout {
            Some(layout) => layout,
            None if self.is_narrow => Layout::Tree,
            None => Layout::Matrix,
        }
    }

    /// In the tree: the key's members are folded away.
    pub(crate) fn is_folded(&self, key: &KeyRef) -> bool {
        self.folded.contains(key)
    }

    pub(crate) fn order(&self) -> Order {
        self.sorting.column.clone().map_or(Order::WorstFirst, Order::By)
    }

    pub(crate) fn is_reversed(&self) -> bool {
        self.sorting.is_reversed
    }

    pub(crate) fn filter(&self) -> Option<&Filtered> {
        self.filtered.as_ref()
    }

    /// Keys in the list, and keys in all.
    pub(crate) fn counts(&self) -> (usize, usize) {
        (self.ordered.len(), self.rows.len())
    }

    /// The Regions with members, as this run and as a former one saw them.
    pub(in crate::app) fn regions(&self) -> [BTreeSet<Region>; 2] {
        [&self.tally, &self.recalled_tally].map(|tally| tally.regions().cloned().collect())
    }

    /// How many keys have, or are said to have, a member in each Region.
    pub(in crate::app) fn population(&self) -> &BTreeMap<Region, usize> {
        self.tally.population()
    }

    pub(crate) fn summary(&self) -> &Counts {
        &self.summary
    }
}
