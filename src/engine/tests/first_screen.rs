//! What is on screen is described before what is not, and nothing waits for long.

use std::time::Duration;

use super::world::{Drive, Trouble, World, member, region, settings};
use crate::domain::fleet::KeyRef;
use crate::domain::id::{KeyId, Login};
use crate::engine::effect::ReadOperation;

const KEYS: usize = 40;

fn id(number: usize) -> String {
    format!("mrk-{number:032}")
}

fn key(number: usize) -> KeyRef {
    KeyRef { login: Login(0), id: KeyId::parse(&id(number)).unwrap() }
}

/// Keys in two Regions, listed two on a page.
fn start(has_screen: bool, trouble: Trouble) -> Drive {
    let mut world = World::new();
    for number in 0..KEYS {
        for at in ["us-east-1", "eu-west-1"] {
            world.hold(member(&id(number), at, "us-east-1", &["eu-west-1"]));
        }
    }
    world.trouble.insert(region("eu-west-1"), trouble);
    let mut drive = Drive::start(settings(&["us-east-1", "eu-west-1"], true), world, 11);
    if has_screen {
        let effects = drive.engine.watch(drive.now, &[]);
        drive.take(effects);
    }
    drive
}

fn described(drive: &Drive) -> usize {
    drive.asked.iter().filter(|(_, _, operation)| *operation == ReadOperation::DescribeKey).count()
}

fn is_known(drive: &Drive, number: usize) -> bool {
    let entry = drive.engine.fleet().key(&key(number));
    entry.is_some_and(|entry| entry.members.values().all(|member| member.described.asked().is_some()))
}

#[test]
fn only_what_is_on_screen_is_described_until_all_of_it_is_known() {
    let mut drive = start(true, Trouble::None);
    drive.until(|engine| engine.fleet().keys().len() >= 4);
    assert_eq!(described(&drive), 0, "nobody has seen a row yet");
    let effects = drive.engine.watch(drive.now, &[key(0), key(1)]);
    drive.take(effects);
    drive.until(|engine| engine.fleet().keys().len() == KEYS);
    assert!(described(&drive) <= 4, "{} descriptions for two rows of two members", described(&drive));
    drive.scan();
    assert!((0..KEYS).all(|number| is_known(&drive, number)));
}

#[test]
fn without_a_screen_nothing_waits() {
    let mut drive = start(false, Trouble::None);
    drive.until(|engine| engine.fleet().keys().len() >= 4);
    drive.step();
    assert!(described(&drive) > 0);
}

#[test]
fn nothing_waits_for_rows_that_never_come_into_view() {
    let mut drive = start(true, Trouble::None);
    drive.scan();
    assert!((0..KEYS).all(|number| is_known(&drive, number)));
    assert!(drive.now.monotonic < Duration::from_secs(4), "{:?}", drive.now.monotonic);
}

#[test]
fn nothing_waits_for_a_region_that_does_not_answer() {
    let mut drive = start(true, Trouble::Dark);
    drive.until(|engine| engine.fleet().keys().len() == KEYS);
    let effects = drive.engine.watch(drive.now, &[key(0), key(1)]);
    drive.take(effects);
    drive.until(|engine| {
        let described = |(_, entry): (_, &crate::domain::fleet::MultiRegionKey)| {
            entry.members.values().any(|member| member.described.value().is_some())
        };
        engine.fleet().keys().all(described)
    });
    assert!(drive.now.monotonic < Duration::from_secs(1), "{:?}", drive.now.monotonic);
}
