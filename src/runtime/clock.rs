//! The only clock: both times of a moment are read here and nowhere else, so that everything else can be given a time of its own.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use crate::domain::time::{Now, Timestamp};

/// Tells the time since it was started, and the time of day.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    start: Instant,
}

impl Clock {
    #[expect(clippy::disallowed_methods, reason = "this is the one module that reads the clock")]
    pub(crate) fn start() -> Self {
        Self { start: Instant::now() }
    }

    #[expect(clippy::disallowed_methods, reason = "this is the one module that reads the clock")]
    pub(crate) fn now(&self) -> Now {
        Now { monotonic: self.start.elapsed(), wall: wall(SystemTime::now()) }
    }
}

/// A machine whose clock stands before 1970 gets 1970: ages are wrong then, but nothing fails.
fn wall(time: SystemTime) -> Timestamp {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_wall_clock_counts_from_1970_and_never_fails() {
        assert_eq!(wall(UNIX_EPOCH + Duration::from_millis(1_500)), Timestamp::from_millis(1_500));
        assert_eq!(wall(UNIX_EPOCH - Duration::from_secs(1)), Timestamp::from_millis(0));
    }

    #[test]
    fn the_monotonic_clock_does_not_go_back() {
        let clock = Clock::start();
        assert!(clock.now().monotonic <= clock.now().monotonic);
    }
}
