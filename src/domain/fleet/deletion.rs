//! Which members of a key are pending deletion, and what each of them waits for.
//!
//! A primary with replicas has no date of its own: its clock starts when the last replica is deleted. When that will be is said only if every replica is itself
//! pending deletion; else nobody knows, and it may last for ever.

#[cfg(test)]
mod tests;

use std::time::Duration;

use super::presence::{Presence, Present};
use super::row::{Cell, Row};
use super::words::spaced;
use crate::domain::id::Region;
use crate::domain::key::KeyState;
use crate::domain::reading::ReasonKind;
use crate::domain::text::{Safe, safe};
use crate::domain::time::Timestamp;

/// A member that is pending deletion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Deletion {
    pub(crate) region: Region,
    pub(crate) clock: Clock,
    /// The last question about the member failed: this is what was known before. Its clock runs on all the same.
    pub(crate) is_last_known: bool,
}

/// How far the deletion has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Clock {
    /// `PendingDeletion`: deleted at this moment, where AWS gave one.
    Runs { at: Option<Timestamp> },
    /// `PendingReplicaDeletion`: its own clock has not started.
    Waits { window_days: Option<u16>, replicas: Vec<Awaited>, expected: Expected },
}

/// A replica that a primary waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Awaited {
    pub(crate) region: Region,
    pub(crate) state: AwaitedState,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum AwaitedState {
    Pending {
        at: Option<Timestamp>,
        is_last_known: bool,
    },
    /// Nobody deletes it: the primary waits for as long as that is so.
    NotPending(KeyState),
    /// It is named, and could not be read.
    Unknown(ReasonKind),
}

/// When a waiting primary is deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Expected {
    /// The last replica's date, and then the primary's own window.
    At { at: Timestamp, is_last_known: bool },
    /// This replica is not pending deletion.
    Never { because: Region },
    /// Whether this replica is pending deletion could not be read.
    Unknown { because: Region },
    /// AWS gave no window or no date to reckon with, or named no replica.
    NoDate,
}

/// The members of a key that are pending deletion. An answer with something odd in it counts: a clock that runs is not made safe by that.
pub(crate) fn deletions(row: &Row) -> Vec<Deletion> {
    row.cells.iter().filter_map(|cell| deletion(row, cell)).collect()
}

fn deletion(row: &Row, cell: &Cell) -> Option<Deletion> {
    let present = present(cell)?;
    let clock = match present.state() {
        KeyState::PendingDeletion => Clock::Runs { at: present.key.deletion_date },
        KeyState::PendingReplicaDeletion => waits(row, cell, present),
        KeyState::Creating
        | KeyState::Enabled
        | KeyState::Disabled
        | KeyState::PendingImport
        | KeyState::Unavailable
        | KeyState::Updating
        | KeyState::Other(_)
        | KeyState::Missing => return None,
    };
    Some(Deletion { region: cell.region.clone(), clock, is_last_known: present.stale.is_some() })
}

fn present(cell: &Cell) -> Option<&Present> {
    match &cell.presence {
        Presence::Present(present) => Some(present),
        Presence::Absent(_) | Presence::Unknown(_) => None,
    }
}

fn waits(row: &Row, primary: &Cell, present: &Present) -> Clock {
    let others = row.members().filter(|cell| cell.region != primary.region);
    let replicas: Vec<Awaited> = others.filter_map(awaited).collect();
    let window_days = present.key.pending_window_days;
    let expected = expected(window_days, present.stale.is_some(), &replicas);
    Clock::Waits { window_days, replicas, expected }
}

fn awaited(cell: &Cell) -> Option<Awaited> {
    let state = match &cell.presence {
        Presence::Present(present) if present.state().is_pending_deletion() => {
            AwaitedState::Pending { at: present.key.deletion_date, is_last_known: present.stale.is_some() }
        }
        Presence::Present(present) => AwaitedState::NotPending(present.state().clone()),
        Presence::Unknown(unknown) => AwaitedState::Unknown(unknown.why.kind),
        Presence::Absent(_) => return None,
    };
    Some(Awaited { region: cell.region.clone(), state })
}

/// One replica that nobody deletes decides it; then one of which that is not known.
fn expected(window_days: Option<u16>, is_last_known: bool, replicas: &[Awaited]) -> Expected {
    let because = |test: fn(&AwaitedState) -> bool| replicas.iter().find(|replica| test(&replica.state));
    if let Some(replica) = because(|state| matches!(state, AwaitedState::NotPending(_))) {
        return Expected::Never { because: replica.region.clone() };
    }
    if let Some(replica) = because(|state| matches!(state, AwaitedState::Unknown(_))) {
        return Expected::Unknown { because: replica.region.clone() };
    }
    let dates = replicas.iter().map(|replica| match &replica.state {
        AwaitedState::Pending { at, is_last_known } => at.map(|at| (at, *is_last_known)),
        AwaitedState::NotPending(_) | AwaitedState::Unknown(_) => None,
    });
    let dates: Option<Vec<(Timestamp, bool)>> = dates.collect();
    let last = dates.as_ref().and_then(|dates| dates.iter().map(|(at, _)| *at).max());
    let (Some(days), Some(last)) = (window_days, last) else { return Expected::NoDate };
    let is_last_known = is_last_known || dates.is_some_and(|dates| dates.iter().any(|(_, last_known)| *last_known));
    Expected::At { at: last.plus(Duration::from_secs(u64::from(days) * 86_400)), is_last_known }
}

impl Deletion {
    /// What the list is ordered by: the clocks that run, by time left, then the primaries that wait, by the date that is expected.
    pub(crate) fn urgency(&self) -> (u8, i64) {
        match &self.clock {
            // Without a date it may be any moment.
            Clock::Runs { at } => (0, at.map_or(i64::MIN, Timestamp::millis)),
            Clock::Waits { expected, .. } => (1, expected.at().map_or(i64::MAX, Timestamp::millis)),
        }
    }
}

impl Expected {
    pub(crate) fn at(&self) -> Option<Timestamp> {
        match self {
            Expected::At { at, .. } => Some(*at),
            Expected::Never { .. } | Expected::Unknown { .. } | Expected::NoDate => None,
        }
    }

    /// The same as a sentence.
    pub(crate) fn words(&self, now: Timestamp) -> Safe {
        match self {
            Expected::At { at, is_last_known } => {
                let basis = if *is_last_known { ", by dates last known" } else { "" };
                safe!("expected {}, in {}{basis}", at.minute(), spaced(at.since(now)))
            }
            Expected::Never { because } => safe!("may last for ever: {because} is not pending deletion"),
            Expected::Unknown { because } => {
                safe!("may last for ever: not known whether {because} is pending deletion")
            }
            Expected::NoDate => Safe::from_static("may last for ever: AWS gave no date to reckon with"),
        }
    }
}

impl AwaitedState {
    /// `PendingDeletion 2026-12-20 19:00 UTC (29d)`
    pub(crate) fn words(&self, now: Timestamp) -> Safe {
        match self {
            AwaitedState::Pending { at: Some(at), is_last_known } => {
                let basis = if *is_last_known { ", last known" } else { "" };
                safe!("PendingDeletion {} ({}{basis})", at.minute(), spaced(at.since(now)))
            }
            AwaitedState::Pending { at: None, .. } => Safe::from_static("PendingDeletion, no date given"),
            AwaitedState::NotPending(state) => safe!("{}, NOT pending deletion", state.safe()),
            AwaitedState::Unknown(kind) => safe!("not known: {}", kind.words()),
        }
    }
}
