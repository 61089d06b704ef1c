//! How often the fleet is read again: when somebody looks, when nobody does, after a sleep, and where a Region is not enabled.

use std::time::Duration;

use super::world::{Drive, Trouble, World, member, region, settings};
use crate::domain::id::Region;
use crate::engine::effect::{Effect, ReadOperation};
use crate::engine::settings::Regions;

const ID: &str = "mrk-00000000000000000000000000000001";
const MINUTE: u64 = 60;

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// A key in two Regions, scanned, and refreshed every minute.
fn scanned() -> Drive {
    let mut world = World::new();
    world.hold(member(ID, "us-east-1", "us-east-1", &["eu-west-1"]));
    world.hold(member(ID, "eu-west-1", "us-east-1", &["eu-west-1"]));
    let mut drive = Drive::start(settings(&["us-east-1", "eu-west-1"], true), world, 5);
    drive.scan();
    drive
}

/// How often a Region was listed between two times.
fn listings(drive: &Drive, at: &Region, from: u64, to: u64) -> usize {
    let times = drive.asked.iter().filter(|(time, _, _)| (seconds(from)..seconds(to)).contains(time));
    times.filter(|(_, place, operation)| place == at && *operation == ReadOperation::ListKeys).count()
}

fn check(drive: &Drive, (from, to): (u64, u64), expected: usize) {
    for name in ["us-east-1", "eu-west-1"] {
        assert_eq!(listings(drive, &region(name), from, to), expected, "{name}, {from} to {to} s");
    }
}

impl Drive {
    fn tell(&mut self, effects: Vec<Effect>) {
        self.take(effects);
    }

    fn focus(&mut self, is_focused: bool) {
        let effects = self.engine.focus(self.now, is_focused);
        self.tell(effects);
    }

    fn types(&mut self) {
        let effects = self.engine.typed(self.now);
        self.tell(effects);
    }
}

#[test]
fn who_looks_sees_every_refresh() {
    let mut drive = scanned();
    drive.pass_until(seconds(10 * MINUTE + 30));
    check(&drive, (30, 10 * MINUTE + 30), 10);
}

#[test]
fn without_the_focus_it_is_a_fifth_and_with_it_again_at_once() {
    let mut drive = scanned();
    drive.focus(false);
    drive.pass_until(seconds(14 * MINUTE + 30));
    check(&drive, (30, 14 * MINUTE + 30), 2);
    drive.focus(true);
    drive.pass_until(seconds(14 * MINUTE + 40));
    check(&drive, (14 * MINUTE + 30, 14 * MINUTE + 40), 1);
    drive.focus(false);
    drive.focus(true);
    drive.pass_until(seconds(15 * MINUTE + 20));
    check(&drive, (14 * MINUTE + 40, 15 * MINUTE + 20), 0);
}

#[test]
fn nobody_types_for_a_quarter_of_an_hour() {
    let mut drive = scanned();
    drive.pass_until(seconds(45 * MINUTE + 30));
    check(&drive, (30, 15 * MINUTE + 30), 15);
    check(&drive, (15 * MINUTE + 30, 45 * MINUTE + 30), 6);
    drive.types();
    drive.pass_until(seconds(46 * MINUTE + 20));
    check(&drive, (45 * MINUTE + 30, 46 * MINUTE + 20), 1);
}

/// Being read seldom is not being old: what is known stays a proof until it should have been replaced.
#[test]
fn a_listing_of_the_slow_rhythm_is_not_stale() {
    let mut drive = scanned();
    drive.focus(false);
    for minute in 1..60 {
        drive.pass_until(seconds(minute * MINUTE));
        if minute > 5 {
            assert!(drive.engine.fleet().places().all(|(_, facts)| !facts.stale), "minute {minute}");
        }
    }
}

#[test]
fn after_a_sleep_there_is_one_refresh() {
    let mut drive = scanned();
    drive.pass_until(seconds(14 * MINUTE + 30));
    let before = drive.asked.len();
    drive.sleep(seconds(8 * 60 * MINUTE));
    drive.types();
    drive.pass_until(seconds(15 * MINUTE));
    check(&drive, (14 * MINUTE + 30, 15 * MINUTE), 1);
    assert_eq!(drive.asked.len() - before, 4, "keys and aliases of two Regions: {:?}", &drive.asked[before..]);
}

#[test]
fn a_region_that_is_not_enabled_is_asked_every_ten_minutes() {
    let mut world = World::new();
    world.hold(member(ID, "us-east-1", "us-east-1", &[]));
    let off = region("me-south-1");
    world.trouble.insert(off.clone(), Trouble::NotEnabled);
    let mut settings = settings(&[], true);
    settings.regions = Regions::Auto;
    let mut drive = Drive::start(settings, world, 5);
    drive.scan();
    let count = |drive: &Drive| listings(drive, &off, 30, 24 * 60 * MINUTE);
    drive.pass_until(seconds(9 * MINUTE + 30));
    assert_eq!((count(&drive), listings(&drive, &region("us-east-1"), 30, 570)), (0, 9));
    drive.pass_until(seconds(10 * MINUTE + 30));
    assert_eq!(count(&drive), 1);
    // Somebody enables it: the next question finds out, and from then on it is read like the others.
    drive.world.trouble.remove(&off);
    drive.pass_until(seconds(20 * MINUTE + 30));
    assert_eq!(count(&drive), 2);
    let place = crate::domain::id::Place::new(crate::domain::id::Login(0), off.clone());
    assert!(drive.engine.fleet().region(&place).is_some_and(|facts| facts.listing.fresh().is_some()));
    drive.types();
    drive.pass_until(seconds(22 * MINUTE + 30));
    assert!(count(&drive) >= 4, "{}", count(&drive));
}
