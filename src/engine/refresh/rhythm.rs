//! How often the fleet is read again, by whether anybody looks: reads cost money and quota. It holds times and never asks for one.

use std::time::Duration;

use crate::domain::time::Now;

/// How much longer a period is while nobody looks.
const STRETCH: u32 = 5;
/// Without a key for this long nobody is taken to look.
const IDLE: Duration = Duration::from_mins(15);
/// The wall clock this much ahead of the monotonic one is a sleep.
const SLEEP: Duration = Duration::from_secs(30);

/// When the last refresh was, and whether anybody has looked since.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(super) struct Rhythm {
    refreshed_at: Duration,
    typed_at: Duration,
    is_unfocused: bool,
    last: Option<Now>,
    /// The age at which a listing proves no absence any more.
    too_old: Duration,
}

impl Rhythm {
    pub(super) fn begin(&mut self, now: Now, refresh: Duration) {
        self.refreshed_at = now.monotonic;
        self.typed_at = now.monotonic;
        self.too_old = refresh * 2;
    }

    /// The time between two refreshes as things are.
    pub(super) fn period(&self, now: Now, usual: Duration) -> Duration {
        let is_idle = now.monotonic.saturating_sub(self.typed_at) >= IDLE;
        if self.is_unfocused || is_idle { usual * STRETCH } else { usual }
    }

    pub(super) fn next(&self, now: Now, refresh: Duration) -> Duration {
        now.monotonic.max(self.refreshed_at + self.period(now, refresh))
    }

    /// A refresh begins. What the one before it read stays a proof until this one has had its time.
    pub(super) fn refreshed(&mut self, now: Now, refresh: Duration) {
        let since = now.monotonic.saturating_sub(self.refreshed_at);
        self.too_old = (since + refresh).max(self.period(now, refresh) * 2);
        self.refreshed_at = now.monotonic;
    }

    pub(super) fn too_old(&self) -> Duration {
        self.too_old
    }

    pub(super) fn focus(&mut self, is_focused: bool) {
        self.is_unfocused = !is_focused;
    }

    /// A key was typed: whoever types looks, whatever the terminal says of its focus.
    pub(super) fn typed(&mut self, now: Now) {
        self.typed_at = now.monotonic;
        self.is_unfocused = false;
    }

    /// Whether the machine slept since the last call: on some machines the monotonic clock stands still meanwhile, on others nothing happens in a long time.
    pub(super) fn has_slept(&mut self, now: Now, refresh: Duration) -> bool {
        let Some(last) = self.last.replace(now) else { return false };
        let monotonic = now.monotonic.saturating_sub(last.monotonic);
        let jumped = now.wall.since(last.wall) >= monotonic + SLEEP;
        jumped || monotonic >= refresh * STRETCH + SLEEP
    }
}
