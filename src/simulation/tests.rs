//! Schedules by the hundred, and the mistakes that they must find.

use super::bug::Bug;
use super::world::World;

/// How many schedules are played. An optimised build plays ten thousand in the time of a few hundred.
const SCHEDULES: u64 = if cfg!(debug_assertions) { 300 } else { 10_000 };

fn played(seed: u64, bug: Option<Bug>) -> World {
    let mut world = World::new(seed, bug);
    world.play();
    world
}

/// The story of a seed, to be read by whoever looks for the reason.
fn story(seed: u64, world: &World) -> String {
    format!("{}\nseed {seed}: {}", world.trace.join("\n"), world.oracle.violations.join("\n"))
}

#[test]
fn no_schedule_breaks_an_invariant() {
    for seed in 1..=SCHEDULES {
        let world = played(seed, None);
        assert!(world.oracle.violations.is_empty(), "{}", story(seed, &world));
    }
}

#[test]
fn the_same_seed_is_the_same_schedule() {
    for seed in 1..=5 {
        assert_eq!(played(seed, None).trace, played(seed, None).trace, "seed {seed}");
    }
}

#[test]
fn every_mistake_is_found() {
    for bug in Bug::ALL {
        let found = (1..=SCHEDULES).find_map(|seed| {
            let violations = played(seed, Some(bug)).oracle.violations;
            violations.first().map(|first| (seed, first.clone()))
        });
        let Some((seed, violation)) = found else { panic!("{bug:?} is not found") };
        let is_expected = bug.breaks().iter().any(|broken| violation.starts_with(broken));
        assert!(is_expected, "{bug:?} was found at seed {seed} as {violation}");
    }
}

/// Whatever `apply` believes of a plan's steps: the journal takes one request for each that may leave.
#[test]
fn a_caller_that_takes_sent_steps_for_unsent_sends_nothing_twice() {
    for bug in Bug::HARMLESS {
        for seed in 1..=SCHEDULES / 3 {
            let world = played(seed, Some(bug));
            let twice = world.oracle.violations.iter().find(|violation| violation.starts_with("I2"));
            assert!(twice.is_none(), "{bug:?} {}", story(seed, &world));
        }
    }
}

/// What must happen now and then, as the stories say it. A simulation in which nothing happens proves nothing.
const HAPPENINGS: [&str; 21] = [
    "arrives: applied",
    "arrives: refused",
    "claims step 1 done",
    "claims step 1 failed",
    "claims step 1 unknown: the reply",
    "claims step 1 unknown: left open",
    "claims step 2 done",
    "not_sent: nothing left",
    "not_sent: another keyfleet",
    "not_sent: the journal",
    "not_sent: the credentials",
    "not_sent: the key is not",
    "nothing is sent after",
    "builds on step",
    "has just been denied",
    "who did it is not proved",
    "is killed",
    "the power goes",
    "starts, read-only",
    "is paused",
    "somebody else",
];

#[test]
fn everything_happens_now_and_then() {
    let mut missing: Vec<&str> = HAPPENINGS.to_vec();
    for seed in 1..=SCHEDULES {
        let world = played(seed, None);
        missing.retain(|mark| !world.trace.iter().any(|line| line.contains(mark)));
        if missing.is_empty() {
            return;
        }
    }
    panic!("never happened: {missing:?}");
}
