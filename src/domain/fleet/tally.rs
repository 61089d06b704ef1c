//! Counts that are kept up to date row by row: what is wrong in the fleet, and in which Regions it has members.
//!
//! A row that changes is taken out as it was and put in as it is, so that counting costs as much as what changed and not as much as the fleet.

use std::collections::BTreeMap;

use super::row::{Problem, Row};
use super::words::Counts;
use crate::domain::id::Region;
use crate::domain::time::Timestamp;

/// The counts of the rows that were added and not removed.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(crate) struct Tally {
    counts: Counts,
    /// How many deletions there are at each moment.
    dates: BTreeMap<Timestamp, usize>,
    /// How many keys have, or are said to have, a member there.
    regions: BTreeMap<Region, usize>,
}

impl Tally {
    pub(crate) fn add(&mut self, row: &Row) {
        self.note(row, add);
    }

    /// Takes out a row, which must be as it was when it was added.
    pub(crate) fn remove(&mut self, row: &Row) {
        self.note(row, subtract);
    }

    pub(crate) fn counts(&self) -> Counts {
        Counts { first: self.dates.keys().next().copied(), ..self.counts }
    }

    /// The Regions with members, by name.
    pub(crate) fn regions(&self) -> impl Iterator<Item = &Region> {
        self.regions.keys()
    }

    /// How many keys have, or are said to have, a member in each Region.
    pub(crate) fn population(&self) -> &BTreeMap<Region, usize> {
        &self.regions
    }

    fn note(&mut self, row: &Row, change: fn(&mut usize)) {
        let counts = &mut self.counts;
        change(&mut counts.keys);
        let change_if = |count: &mut usize, test: fn(&Problem) -> bool| {
            if row.problems.iter().any(test) {
                change(count);
            }
        };
        change_if(&mut counts.dying, |problem| matches!(problem, Problem::Dies { .. }));
        change_if(&mut counts.waiting, |problem| matches!(problem, Problem::PrimaryWaits { .. }));
        change_if(&mut counts.contradictory, |problem| {
            matches!(problem, Problem::Contradiction { .. } | Problem::Odd { .. })
        });
        change_if(&mut counts.unusable, |problem| matches!(problem, Problem::Unusable { .. }));
        change_if(&mut counts.gaps, |problem| matches!(problem, Problem::Gap { .. } | Problem::Breach { .. }));
        change_if(&mut counts.banned, |problem| matches!(problem, Problem::Banned { .. }));
        change_if(&mut counts.moving, |problem| matches!(problem, Problem::Moving { .. }));
        change_if(&mut counts.not_fully_known, |problem| matches!(problem, Problem::Unread { .. }));
        for date in row.problems.iter().filter_map(deletion) {
            let count = self.dates.entry(date).or_default();
            change(count);
            if *count == 0 {
                self.dates.remove(&date);
            }
        }
        for cell in row.members() {
            // Looked up first: a Region's name is copied once for the fleet, not once for every row.
            if let Some(count) = self.regions.get_mut(&cell.region) {
                change(count);
                if *count == 0 {
                    self.regions.remove(&cell.region);
                }
            } else {
                let mut count = 0;
                change(&mut count);
                self.regions.insert(cell.region.clone(), count);
            }
        }
    }
}

fn add(count: &mut usize) {
    *count += 1;
}

fn subtract(count: &mut usize) {
    *count = count.saturating_sub(1);
}

/// When a member is deleted, if that has a date.
fn deletion(problem: &Problem) -> Option<Timestamp> {
    match problem {
        Problem::Dies { at, .. } => *at,
        Problem::PrimaryWaits { .. }
        | Problem::Contradiction { .. }
        | Problem::Odd { .. }
        | Problem::Unusable { .. }
        | Problem::Banned { .. }
        | Problem::Gap { .. }
        | Problem::Breach { .. }
        | Problem::Moving { .. }
        | Problem::Unread { .. } => None,
    }
}
