//! How fast: sliding windows over each Region's request quotas, halved when AWS throttles and recovering slowly.
//!
//! A window, not a token bucket: in any one second of the engine's clock no more than the share of the documented quota is sent.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use super::effect::ReadOperation;
use crate::domain::id::Place;
use crate::domain::plan::Operation;

const WINDOW: Duration = Duration::from_secs(1);

/// After a throttling answer the rate grows by this factor each second. It outweighs a fifth of all answers being throttled, so that such a Region is read
/// slowly and does not come to a stop.
const RECOVERY_PER_SECOND: f64 = 1.3;

/// What has a quota of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Paced {
    Read(ReadOperation),
    Change(Operation),
    /// Replicas made in a Region: each costs two CreateKey there.
    ReplicaInto,
}

/// The documented default quota in requests per second and Region
/// (<https://docs.aws.amazon.com/kms/latest/developerguide/requests-per-second.html>; STS: 600).
fn quota(paced: Paced) -> f64 {
    match paced {
        Paced::Read(ReadOperation::DescribeKey | ReadOperation::ListResourceTags) => 2_000.0,
        Paced::Read(ReadOperation::GetKeyPolicy | ReadOperation::GetKeyRotationStatus) => 1_000.0,
        Paced::Read(ReadOperation::ListKeys | ReadOperation::ListAliases) => 500.0,
        Paced::Read(ReadOperation::GetCallerIdentity) => 600.0,
        Paced::Change(
            Operation::ReplicateKey
            | Operation::CancelKeyDeletion
            | Operation::UpdatePrimaryRegion
            | Operation::EnableKey
            | Operation::CreateAlias,
        ) => 5.0,
        Paced::ReplicaInto => 2.0,
    }
}

#[derive(Clone, Debug, PartialEq)]
struct Window {
    sent: VecDeque<Duration>,
    /// When requests were granted, as long as the part is below 1.
    granted: VecDeque<Duration>,
    /// The part of our share that is used: 1 unless AWS throttled.
    part: f64,
    /// As of when the part has recovered.
    recovered_at: Duration,
    halved_at: Option<Duration>,
}

impl Window {
    fn new() -> Self {
        Self {
            sent: VecDeque::new(),
            granted: VecDeque::new(),
            part: 1.0,
            recovered_at: Duration::ZERO,
            halved_at: None,
        }
    }

    fn part_at(&self, now: Duration) -> f64 {
        if self.part >= 1.0 {
            return self.part;
        }
        let seconds = now.saturating_sub(self.recovered_at).as_secs_f64();
        (self.part * RECOVERY_PER_SECOND.powf(seconds)).min(1.0)
    }

    fn recover(&mut self, now: Duration) {
        self.part = self.part_at(now);
        self.recovered_at = now;
    }

    fn slide(&mut self, now: Duration) {
        for times in [&mut self.sent, &mut self.granted] {
            while times.front().is_some_and(|time| now.saturating_sub(*time) >= WINDOW) {
                times.pop_front();
            }
        }
    }

    /// Half of what was really sent, which may be far below what was allowed; but what was granted in the last second is known to be granted.
    fn halve(&mut self, now: Duration, allowed: f64) {
        let allowed = allowed.max(1.0);
        let rate = as_count(self.sent.len()).min(allowed * self.part);
        let next = (rate / 2.0).max(as_count(self.granted.len())) / allowed;
        self.part = next.clamp(1.0 / 4_096.0, self.part);
        self.recovered_at = now;
        self.halved_at = Some(now);
    }
}

/// The windows of every Region and operation.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Pace {
    share: f64,
    windows: BTreeMap<(Place, Paced), Window>,
}

impl Pace {
    /// `share` is the part of each documented quota that may be used, 0 to 1.
    pub(crate) fn new(share: f64) -> Self {
        Self { share, windows: BTreeMap::new() }
    }

    /// Takes the right to send one read now, or says from when on it is worth asking again.
    pub(crate) fn try_take(&mut self, now: Duration, place: &Place, operation: ReadOperation) -> Result<(), Duration> {
        let paced = Paced::Read(operation);
        self.has_room(now, place, paced)?;
        self.note(now, place, paced);
        Ok(())
    }

    /// Takes the right to send one request that counts against several quotas: all of them or none.
    pub(crate) fn try_take_all(&mut self, now: Duration, all: &[(Place, Paced)]) -> Result<(), Duration> {
        for (place, paced) in all {
            self.has_room(now, place, *paced)?;
        }
        for (place, paced) in all {
            self.note(now, place, *paced);
        }
        Ok(())
    }

    fn has_room(&mut self, now: Duration, place: &Place, paced: Paced) -> Result<(), Duration> {
        let allowed = quota(paced) * self.share;
        let window = self.windows.entry((place.clone(), paced)).or_insert_with(Window::new);
        window.recover(now);
        window.slide(now);
        if as_count(window.sent.len()) < (allowed * window.part).floor().max(1.0) {
            return Ok(());
        }
        Err(window.sent.front().map_or(now, |oldest| *oldest + WINDOW))
    }

    fn note(&mut self, now: Duration, place: &Place, paced: Paced) {
        if let Some(window) = self.windows.get_mut(&(place.clone(), paced)) {
            window.sent.push_back(now);
        }
    }

    /// How many requests a second are allowed now.
    pub(crate) fn allowed(&self, now: Duration, place: &Place, operation: ReadOperation) -> u32 {
        let paced = Paced::Read(operation);
        let part = self.windows.get(&(place.clone(), paced)).map_or(1.0, |window| window.part_at(now));
        let mut count = 1;
        while f64::from(count + 1) <= quota(paced) * self.share * part {
            count += 1;
        }
        count
    }

    /// AWS throttled a request. The answers to one burst halve the rate once.
    pub(crate) fn throttled(&mut self, now: Duration, place: &Place, paced: Paced) {
        let window = self.windows.entry((place.clone(), paced)).or_insert_with(Window::new);
        window.recover(now);
        window.slide(now);
        if window.halved_at.is_none_or(|halved| now.saturating_sub(halved) >= WINDOW) {
            window.halve(now, quota(paced) * self.share);
        }
    }

    /// AWS did not throttle a request.
    pub(crate) fn granted(&mut self, now: Duration, place: &Place, operation: ReadOperation) {
        let window = self.windows.get_mut(&(place.clone(), Paced::Read(operation)));
        if let Some(window) = window.filter(|window| window.part < 1.0) {
            window.slide(now);
            window.granted.push_back(now);
        }
    }
}

fn as_count(length: usize) -> f64 {
    f64::from(u32::try_from(length).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::{Login, Region};
    use proptest::prelude::*;

    fn place() -> Place {
        Place::new(Login(0), Region::parse("us-east-1").unwrap())
    }

    fn millis(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn a_share_below_one_request_is_one_request() {
        let mut pace = Pace::new(0.0);
        assert!(pace.try_take(millis(0), &place(), ReadOperation::ListKeys).is_ok());
        assert_eq!(pace.try_take(millis(400), &place(), ReadOperation::ListKeys), Err(millis(1_000)));
        assert!(pace.try_take(millis(1_000), &place(), ReadOperation::ListKeys).is_ok());
    }

    #[test]
    fn throttling_halves_once_a_burst_and_recovers() {
        let mut pace = Pace::new(0.01);
        let take = |pace: &mut Pace, at| {
            (0..100).take_while(|_| pace.try_take(millis(at), &place(), ReadOperation::DescribeKey).is_ok()).count()
        };
        assert_eq!(take(&mut pace, 0), 20);
        pace.throttled(millis(10), &place(), Paced::Read(ReadOperation::DescribeKey));
        pace.throttled(millis(20), &place(), Paced::Read(ReadOperation::DescribeKey));
        assert_eq!(take(&mut pace, 1_100), 13);
        assert_eq!(take(&mut pace, 60_000), 20);
    }

    #[test]
    fn throttling_that_goes_on_halves_again_and_again() {
        let mut pace = Pace::new(1.0);
        for second in 0..10 {
            let at = millis(second * 1_000);
            while pace.try_take(at, &place(), ReadOperation::DescribeKey).is_ok() {}
            pace.throttled(at + millis(10), &place(), Paced::Read(ReadOperation::DescribeKey));
        }
        let rate = (0..5_000)
            .take_while(|_| pace.try_take(millis(10_100), &place(), ReadOperation::DescribeKey).is_ok())
            .count();
        assert!(rate < 30, "{rate} requests in a second after ten seconds of throttling");
    }

    /// A server that grants twenty a second: what is sent comes down to about that at once, and stays there.
    #[test]
    fn a_limit_lower_than_ours_is_found() {
        let mut pace = Pace::new(0.25);
        let (mut sent, mut granted, mut tokens) = (0_u32, 0_u32, 20.0_f64);
        for at in (0..30_000).step_by(5) {
            tokens = (tokens + 0.1).min(20.0);
            for _ in 0..8 {
                if pace.try_take(millis(at), &place(), ReadOperation::DescribeKey).is_err() {
                    break;
                }
                sent += 1;
                if tokens >= 1.0 {
                    tokens -= 1.0;
                    granted += 1;
                    pace.granted(millis(at), &place(), ReadOperation::DescribeKey);
                } else {
                    pace.throttled(millis(at), &place(), Paced::Read(ReadOperation::DescribeKey));
                }
            }
        }
        assert!(granted >= 620 / 2, "{granted} of the 620 that were to be had");
        assert!(f64::from(sent) <= f64::from(granted) * 1.5, "{sent} sent, {granted} granted");
    }

    #[test]
    fn a_request_that_counts_twice_takes_both_or_none() {
        let mut pace = Pace::new(1.0);
        let elsewhere = Place::new(Login(0), Region::parse("eu-west-1").unwrap());
        let replicate = [(place(), Paced::Change(Operation::ReplicateKey)), (elsewhere, Paced::ReplicaInto)];
        let taken = (0..10).take_while(|_| pace.try_take_all(millis(0), &replicate).is_ok()).count();
        assert_eq!(taken, 2, "two CreateKey each, of five a second");
        let [own, _] = replicate;
        let rest = (0..10).take_while(|_| pace.try_take_all(millis(0), std::slice::from_ref(&own)).is_ok()).count();
        assert_eq!(rest, 3, "what was refused took nothing");
    }

    proptest! {
        #[test]
        fn no_second_exceeds_the_share(gaps in proptest::collection::vec(0u64..300, 1..200), throttle in 0usize..200) {
            let mut pace = Pace::new(0.002);
            let (mut now, mut sent) = (0, Vec::new());
            for (index, gap) in gaps.iter().enumerate() {
                now += gap;
                if index == throttle {
                    pace.throttled(millis(now), &place(), Paced::Read(ReadOperation::DescribeKey));
                }
                while pace.try_take(millis(now), &place(), ReadOperation::DescribeKey).is_ok() {
                    sent.push(now);
                }
            }
            for start in &sent {
                let in_window = sent.iter().filter(|at| **at >= *start && **at < start + 1_000).count();
                prop_assert!(in_window <= 4, "{in_window} in the second from {start}");
            }
        }
    }
}
