//! Time as values: it is given by the caller, never read here.

use std::fmt;
use std::time::Duration;

/// A moment on the wall clock, in milliseconds since 1970-01-01 UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Timestamp(i64);

impl Timestamp {
    pub(crate) const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    pub(crate) const fn millis(self) -> i64 {
        self.0
    }

    /// How long ago `earlier` was; zero if the clock says it is still to come, since an age is never negative.
    pub(crate) fn since(self, earlier: Timestamp) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    pub(crate) fn plus(self, duration: Duration) -> Self {
        let millis = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        Self(self.0.saturating_add(millis))
    }

    fn civil(self) -> jiff::Timestamp {
        jiff::Timestamp::from_millisecond(self.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
    }

    /// RFC 3339 in UTC, to the second, or to the millisecond where there is one.
    pub(crate) fn rfc3339(self) -> String {
        self.civil().to_string()
    }

    /// `2026-11-24 18:12 UTC`
    pub(crate) fn minute(self) -> String {
        self.civil().strftime("%Y-%m-%d %H:%M UTC").to_string()
    }

    /// `2026-11-24`
    pub(crate) fn day(self) -> String {
        self.civil().strftime("%Y-%m-%d").to_string()
    }

    /// `18:12:04`
    pub(crate) fn clock(self) -> String {
        self.civil().strftime("%H:%M:%S").to_string()
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        text.parse::<jiff::Timestamp>().ok().map(|stamp| Self(stamp.as_millisecond()))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.rfc3339())
    }
}

/// The two clocks at one moment: deadlines and order go by `monotonic` (since the program started), ages and records by `wall`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Now {
    pub(crate) monotonic: Duration,
    pub(crate) wall: Timestamp,
}

/// How long, in at most two units: `8s`, `12m`, `3h12m`, `2d23h`, `29d`. Ages below a minute go in steps of five seconds once they pass ten.
pub(crate) fn span(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (minutes, hours, days) = (seconds / 60, seconds / 3_600, seconds / 86_400);
    if days >= 10 {
        format!("{days}d")
    } else if days > 0 {
        format!("{days}d{}h", hours % 24)
    } else if hours > 0 {
        format!("{hours}h{:02}m", minutes % 60)
    } else if minutes > 0 {
        format!("{minutes}m")
    } else {
        format!("{seconds}s")
    }
}

/// An age for the eye: below a minute in steps of five seconds, so that it does not redraw the screen every second.
pub(crate) fn age(duration: Duration) -> String {
    let seconds = duration.as_secs();
    if seconds < 60 { format!("{}s", seconds / 5 * 5) } else { span(duration) }
}

/// Minutes and seconds of something under way: `0:41`, `3:12`, `1:02:00`.
pub(crate) fn stopwatch(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (hours, minutes, rest) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{rest:02}") } else { format!("{minutes}:{rest:02}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(seconds: u64, expected: &str) {
        assert_eq!(span(Duration::from_secs(seconds)), expected);
    }

    #[test]
    fn spans_have_at_most_two_units() {
        check(0, "0s");
        check(59, "59s");
        check(125, "2m");
        check(3_600 * 3 + 12 * 60, "3h12m");
        check(86_400 * 2 + 3_600 * 23 + 59, "2d23h");
        check(86_400 * 29, "29d");
    }

    #[test]
    fn ages_are_never_negative() {
        let (early, late) = (Timestamp::from_millis(1_000), Timestamp::from_millis(9_000));
        assert_eq!(late.since(early), Duration::from_secs(8));
        assert_eq!(early.since(late), Duration::ZERO);
    }

    #[test]
    fn dates_read_and_write() {
        let moment = Timestamp::parse("2026-11-24T18:12:04Z").unwrap();
        assert_eq!(moment.rfc3339(), "2026-11-24T18:12:04Z");
        assert_eq!(moment.minute(), "2026-11-24 18:12 UTC");
        assert_eq!(stopwatch(Duration::from_secs(192)), "3:12");
        assert_eq!(age(Duration::from_secs(8)), "5s");
    }
}
