//! What was sent to a Region: counted, never estimated, except for what a day of it would cost.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use super::effect::ReadOperation;

/// Minutes that are remembered.
const HOUR: u64 = 60;
/// What AWS asks for ten thousand requests, in US dollars (<https://aws.amazon.com/kms/pricing/>).
const USD_PER_10_000: f64 = 0.03;

/// What was sent to a Region, for the Regions screen.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(crate) struct Traffic {
    pub(crate) sent: u64,
    pub(crate) in_flight: u32,
    pub(crate) queued: u32,
    pub(crate) throttled: u64,
    pub(crate) retried: u64,
    pub(crate) failed: u64,
    /// Of the last answer.
    pub(crate) latency: Option<Duration>,
    pub(crate) by_operation: BTreeMap<ReadOperation, u64>,
    /// The minute of the first request: that of the first scan, which is like no other.
    first_minute: Option<u64>,
    /// Requests in each minute that had any, the latest last.
    minutes: VecDeque<(u64, u32)>,
}

impl Traffic {
    pub(super) fn note_sent(&mut self, now: Duration, operation: ReadOperation, is_retry: bool) {
        self.sent += 1;
        self.retried += u64::from(is_retry);
        *self.by_operation.entry(operation).or_default() += 1;
        let minute = minute(now);
        self.first_minute.get_or_insert(minute);
        match self.minutes.back_mut() {
            Some((last, count)) if *last == minute => *count += 1,
            Some(_) | None => self.minutes.push_back((minute, 1)),
        }
        while self.minutes.front().is_some_and(|(oldest, _)| oldest + HOUR < minute) {
            self.minutes.pop_front();
        }
    }

    /// Requests an hour, by the whole minutes of the last hour but the first of all. Not known before there is one.
    pub(crate) fn an_hour(&self, now: Duration) -> Option<u64> {
        let now = minute(now);
        let from = (self.first_minute? + 1).max(now.saturating_sub(HOUR));
        let whole = now.checked_sub(from).filter(|minutes| *minutes > 0)?;
        let counted = self.minutes.iter().filter(|(minute, _)| (from..now).contains(minute));
        let sent: u64 = counted.map(|(_, count)| u64::from(*count)).sum();
        Some(sent * HOUR / whole)
    }
}

/// What so many requests an hour cost in a day, in US dollars.
pub(crate) fn usd_a_day(an_hour: u64) -> f64 {
    usd(an_hour * 24)
}

/// What so many requests cost, in US dollars, beyond those of a month that are free.
pub(crate) fn usd(requests: u64) -> f64 {
    f64::from(u32::try_from(requests).unwrap_or(u32::MAX)) / 10_000.0 * USD_PER_10_000
}

fn minute(now: Duration) -> u64 {
    now.as_secs() / 60
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_is_counted_without_the_first_scan() {
        let mut traffic = Traffic::default();
        let mut send = |seconds: u64, count: usize| {
            for _ in 0..count {
                traffic.note_sent(Duration::from_secs(seconds), ReadOperation::ListKeys, false);
            }
            traffic.an_hour(Duration::from_secs(seconds))
        };
        assert_eq!(send(10, 5_000), None);
        assert_eq!(send(70, 4), None, "its minute is not over");
        assert_eq!(send(130, 8), Some(4 * 60));
        assert_eq!(send(190, 0), Some(6 * 60));
        assert_eq!(send(2 * 3_600, 0), Some(0), "an hour of silence");
    }

    #[test]
    fn what_a_day_costs() {
        // Three thousand related keys every minute: 4.3 million requests a day.
        let cost = usd_a_day(3_000 * 60);
        assert!((12.9..13.0).contains(&cost), "{cost}");
    }
}
