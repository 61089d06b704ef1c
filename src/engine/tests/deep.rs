//! What is read of the members beyond their descriptions is read again: on demand, every fifteen minutes, and when a Region is back.

use std::time::Duration;

use super::stories::{REGIONS, key, pair};
use super::world::{Drive, Trouble, failure, region, settings};
use crate::domain::fleet::RelatedKey;
use crate::domain::reading::{Reading, ReasonKind};
use crate::domain::text::Foreign;
use crate::engine::effect::ReadOperation;
use crate::engine::message::FailureClass;
use crate::engine::{Deep, Engine};

const MINUTE: u64 = 60;

/// A key in us-east-1 and eu-west-1 that has been read; with every policy, if so wanted. In eu-west-1 no policy can be read.
fn scanned(with_policies: bool) -> Drive {
    let mut world = pair();
    let denied = failure(ReasonKind::Denied, FailureClass::Refused);
    world.fail(Some("eu-west-1"), ReadOperation::GetKeyPolicy, denied);
    let mut drive = Drive::start(settings(&REGIONS, true), world, 5);
    drive.engine.read_deep(with_policies.then_some(Deep::Policy));
    drive.scan();
    drive.drain();
    drive
}

fn member<'a>(engine: &'a Engine, at: &str) -> &'a RelatedKey {
    engine.fleet().member(&key(), &region(at)).unwrap()
}

fn policy(drive: &Drive, at: &str) -> Option<Foreign> {
    member(&drive.engine, at).policy.fresh().cloned()
}

fn refresh_all(drive: &mut Drive) {
    let effects = drive.engine.refresh_all(drive.now);
    drive.take(effects);
}

fn policies_asked(drive: &Drive) -> usize {
    drive.asked.iter().filter(|(_, _, operation)| *operation == ReadOperation::GetKeyPolicy).count()
}

fn minutes(drive: &mut Drive, minutes: u64) {
    let end = drive.now.monotonic + Duration::from_secs(minutes * MINUTE);
    drive.pass_until(end);
}

/// eu-west-1 is dark until it is known to be.
fn fall(drive: &mut Drive) {
    drive.world.trouble.insert(region("eu-west-1"), Trouble::Dark);
    drive.world.heal();
    let place = key().place(&region("eu-west-1"));
    drive.until(|engine| engine.fleet().region(&place).unwrap().outage.is_some());
}

/// It answers again, long before the round in which everything is read.
fn check_revived(mut drive: Drive) {
    drive.world.trouble.clear();
    minutes(&mut drive, 2);
    assert!(member(&drive.engine, "eu-west-1").policy.fresh().is_some());
}

#[test]
fn what_failed_is_read_when_its_region_is_back() {
    let mut drive = scanned(true);
    assert!(member(&drive.engine, "eu-west-1").policy.failure().is_some());
    fall(&mut drive);
    check_revived(drive);
}

#[test]
fn what_a_single_screen_wanted_too() {
    let mut drive = scanned(false);
    let effects = drive.engine.want(drive.now, &key(), &region("eu-west-1"), Deep::Policy);
    drive.take(effects);
    drive.drain();
    assert!(member(&drive.engine, "eu-west-1").policy.failure().is_some());
    fall(&mut drive);
    check_revived(drive);
}

#[test]
fn what_was_wanted_while_the_region_was_out_is_read_when_it_is_back() {
    let mut drive = scanned(false);
    fall(&mut drive);
    drive.engine.read_deep([Deep::Policy]);
    let effects = drive.engine.read_deep_everywhere(drive.now);
    drive.take(effects);
    drive.drain();
    assert_eq!(member(&drive.engine, "eu-west-1").policy, Reading::NotAsked);
    check_revived(drive);
}

#[test]
fn reading_everything_again_reads_policies_again() {
    let mut drive = scanned(true);
    let before = policy(&drive, "us-east-1").unwrap();
    drive.world.policy = Foreign::new("{}");
    drive.world.heal();
    refresh_all(&mut drive);
    assert_eq!(policy(&drive, "us-east-1"), Some(before.clone()), "until the new one is there");
    drive.drain();
    for at in ["us-east-1", "eu-west-1"] {
        assert_eq!(policy(&drive, at), Some(Foreign::new("{}")), "{at}");
    }
    let denied = failure(ReasonKind::Denied, FailureClass::Refused);
    drive.world.fail(None, ReadOperation::GetKeyPolicy, denied);
    refresh_all(&mut drive);
    drive.drain();
    let held = &member(&drive.engine, "us-east-1").policy;
    assert!(held.fresh().is_none() && held.value().is_some() && held.failure().is_some());
}

#[test]
fn every_fifteen_minutes_they_are_read_again_and_not_oftener() {
    let mut drive = scanned(true);
    let first = policies_asked(&drive);
    assert_eq!(first, 2);
    drive.world.heal();
    drive.world.policy = Foreign::new("{}");
    minutes(&mut drive, 14);
    assert_eq!(policies_asked(&drive), first);
    minutes(&mut drive, 2);
    assert_eq!(policies_asked(&drive), first + 2);
    for at in ["us-east-1", "eu-west-1"] {
        assert_eq!(policy(&drive, at), Some(Foreign::new("{}")), "{at}");
    }
}

#[test]
fn what_was_just_read_waits_for_the_next_round() {
    let mut drive = scanned(true);
    drive.world.heal();
    minutes(&mut drive, 12);
    refresh_all(&mut drive);
    drive.drain();
    let read = policies_asked(&drive);
    minutes(&mut drive, 4);
    assert_eq!(policies_asked(&drive), read);
}

#[test]
fn a_run_that_ends_by_itself_asks_once() {
    let mut drive = Drive::start(settings(&REGIONS, false), pair(), 5);
    drive.engine.read_deep([Deep::Policy]);
    drive.scan();
    drive.drain();
    refresh_all(&mut drive);
    drive.drain();
    assert_eq!(policies_asked(&drive), 2);
}
