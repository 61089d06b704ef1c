//! The write lock: whether a plan may be confirmed at this moment.
//!
//! Locked at the start, unlocked for ten minutes at a time, and never where this run is read-only: that cannot be lifted from inside.

use std::time::Duration;

use crate::domain::text::Safe;
use crate::domain::time::Now;

/// How long one unlocking lasts.
pub(crate) const UNLOCKED_FOR: Duration = Duration::from_mins(10);

/// Whether changes can be confirmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum WriteLock {
    /// Nothing can be changed in this run, and why.
    ReadOnly(Safe),
    Locked,
    /// `until` by the monotonic clock; `None` lasts as long as the run, which was asked for on the command line.
    Unlocked {
        until: Option<Duration>,
    },
}

impl WriteLock {
    pub(crate) fn is_open(&self, now: Now) -> bool {
        match self {
            WriteLock::ReadOnly(_) | WriteLock::Locked => false,
            WriteLock::Unlocked { until } => until.is_none_or(|until| now.monotonic < until),
        }
    }

    /// What is left of an unlocking that ends by itself.
    pub(crate) fn left(&self, now: Now) -> Option<Duration> {
        match self {
            WriteLock::Unlocked { until: Some(until) } => Some(until.saturating_sub(now.monotonic)),
            WriteLock::ReadOnly(_) | WriteLock::Locked | WriteLock::Unlocked { until: None } => None,
        }
    }

    /// Locks what is open and opens what is locked.
    pub(crate) fn toggle(&mut self, now: Now) {
        *self = match self {
            WriteLock::ReadOnly(why) => WriteLock::ReadOnly(why.clone()),
            WriteLock::Locked => WriteLock::Unlocked { until: Some(now.monotonic + UNLOCKED_FOR) },
            WriteLock::Unlocked { .. } => WriteLock::Locked,
        };
    }

    /// Locks what has run out. Says whether it did.
    pub(crate) fn expire(&mut self, now: Now) -> bool {
        let expired = matches!(self, WriteLock::Unlocked { .. }) && !self.is_open(now);
        if expired {
            *self = WriteLock::Locked;
        }
        expired
    }
}
