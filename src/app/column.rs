//! The columns of the fleet table, one row each: which there are, what they are called and how wide they are. Widths come from here, never from content.

use std::collections::BTreeSet;

use crate::domain::id::{Partition, Region};
use crate::domain::rule::Rule;
use crate::engine::settings::Regions;

/// A column of the table.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Column {
    Key,
    Id,
    Spec,
    Region(Region),
    /// What is wrong, worst first.
    Wrong,
}

impl Column {
    /// What stands above it.
    pub(crate) fn title(&self) -> String {
        match self {
            Column::Key => "KEY".to_owned(),
            Column::Id => "ID".to_owned(),
            Column::Spec => "SPEC".to_owned(),
            Column::Region(region) => region.short(),
            Column::Wrong => "WHAT IS WRONG, WORST FIRST".to_owned(),
        }
    }

    /// In cells of the terminal, the gap to the next column included: narrow, and where there is room.
    pub(crate) fn width(&self, is_wide: bool) -> u16 {
        match (self, is_wide) {
            (Column::Key, false) => 24,
            (Column::Key, true) => 27,
            (Column::Id, false) | (Column::Spec, true) => 7,
            (Column::Id, true) => 14,
            (Column::Region(region), false) => width(&region.short()).max(4) + 1,
            (Column::Region(region), true) => width(&region.short()).max(4) + 3,
            // Left out, and whatever is left.
            (Column::Spec, false) | (Column::Wrong, _) => 0,
        }
    }
}

fn width(text: &str) -> u16 {
    u16::try_from(text.chars().count()).unwrap_or(u16::MAX)
}

/// Where the whole partition is asked, a Region that a rule names is worth a column although no member is there: what is missing stands there. Within named
/// Regions the scope goes before the rules.
pub(crate) fn add_ruled(wanted: &mut BTreeSet<Region>, rules: &[Rule], asked: &Regions) {
    let Some(partition) = wanted.first().map(Region::partition) else { return };
    match asked {
        Regions::Auto => {
            let named = rules.iter().flat_map(Rule::named_regions);
            wanted.extend(named.filter(|region| region.partition() == partition).cloned());
        }
        Regions::Only(_) => {}
    }
}

/// The Regions that get a column, in the order they were asked for, then in AWS's own.
///
/// Under an explicit scope those are all that were asked for and those in which a member is named. When the whole partition was asked, most Regions hold
/// nothing: then only those that are wanted.
/// `wanted` are the Regions that hold, or are named to hold, a member, or that a rule names.
pub(crate) fn regions(wanted: &BTreeSet<Region>, asked: &Regions) -> Vec<Region> {
    let mut order: Vec<Region> = Vec::new();
    match asked {
        Regions::Only(regions) => order.extend(regions.iter().cloned()),
        Regions::Auto => {}
    }
    let partition = wanted.first().or(order.first()).map(Region::partition);
    let known = partition.map(Partition::regions).unwrap_or_default();
    let unlisted = wanted.iter().filter(|region| !known.contains(region));
    let rest = known.iter().chain(unlisted).filter(|region| wanted.contains(*region));
    for region in rest {
        if !order.contains(region) {
            order.push(region.clone());
        }
    }
    order
}
