//! Changes side by side: holding them back together, a key that is wanted again before its last change has settled, and what is over.

use super::leaving::{two_keeps, until_sending};
use super::*;
use crate::app::action::Action;
use crate::app::availability::Availability;
use crate::app::overlay::Overlay;
use crate::engine::change::{Phase, StepPhase};

/// Opens the plan of what is under the cursor and confirms it.
fn confirm(harness: &mut Harness, key: &str) {
    harness.keys(key);
    harness.answer();
    harness.wait(second());
    let Some(Overlay::Plan(dialog)) = harness.model.overlays().last() else { panic!("{}", harness.said()) };
    let plan = harness.model.engine().change(dialog.change()).unwrap().plan.clone().unwrap();
    harness.type_text(&plan.phrase());
    harness.enter();
    assert!(harness.model.overlays().is_empty(), "{:?}", harness.field());
}

/// Puts the cursor on a key's row, in a column of the Regions.
fn go_to(harness: &mut Harness, id: &str, right: &str) {
    let row = harness.listed().iter().position(|tail| id.ends_with(tail.as_str())).unwrap();
    harness.keys("g h h h h");
    for _ in 0..row {
        harness.keys("j");
    }
    harness.keys(right);
    assert_eq!(harness.model.subject().unwrap().row.key.id.as_str(), id);
}

fn why_not(harness: &Harness, action: Action) -> String {
    match harness.model.availability(action) {
        Availability::Yes => String::new(),
        Availability::No(why) => why.as_str().to_owned(),
    }
}

fn paused(harness: &Harness) -> Vec<bool> {
    harness.model.engine().changes().map(|change| change.is_paused).collect()
}

#[test]
fn z_holds_everything_back_before_it_lets_anything_go_on() {
    let mut harness = two_keeps();
    harness.keys("z");
    harness.wait(second() * 10);
    harness.keys("u");
    go_to(&mut harness, WHOLE, "l l");
    confirm(&mut harness, "P");
    assert_eq!(paused(&harness), [true, false]);
    harness.keys("z");
    assert_eq!(paused(&harness), [true, true]);
    harness.wait(second() * 10);
    assert!(harness.world.sent.is_empty());
    harness.keys("z");
    assert_eq!(paused(&harness), [false, false]);
    harness.wait(second() * 10);
    assert_eq!(harness.world.sent.len(), 3);
}

#[test]
fn what_was_accepted_and_does_not_settle_keeps_no_dying_key_from_being_saved() {
    let mut harness = Harness::open(unlocked(), engine(), three_keys());
    go_to(&mut harness, DYING, "l l l");
    confirm(&mut harness, "K");
    until_sending(&mut harness);
    assert!(why_not(&harness, Action::Keep).contains("is under way"), "{}", why_not(&harness, Action::Keep));
    harness.answer();
    harness.world.key_mut(DYING, "us-west-2").state = KeyState::PendingDeletion;
    harness.keys("ctrl-r");
    harness.wait(second() * 3);
    let first = harness.model.engine().changes().next().unwrap();
    assert!(matches!(first.steps[0].phase, StepPhase::Following { .. }), "{:?}", first.steps[0].phase);
    assert_eq!(why_not(&harness, Action::Keep), "", "the same member may be dying anew");
    harness.keys("h");
    assert_eq!(why_not(&harness, Action::Keep), "");
    confirm(&mut harness, "K");
    harness.wait(second() * 3);
    assert_eq!(harness.world.sent.len(), 2);
}

#[test]
fn a_replica_that_was_accepted_and_cannot_be_seen_yet_is_not_made_twice() {
    let mut harness = on_the_gap(unlocked(), engine());
    confirm(&mut harness, "R");
    harness.wait(second() * 3);
    let why = why_not(&harness, Action::Replicate);
    assert!(why.contains("was accepted and has not settled"), "{why}");
}

#[test]
fn of_a_change_that_is_over_nothing_is_kept_and_nothing_said_again() {
    let mut harness = two_keeps();
    harness.answer_until(|world| world.sent.len() == 2);
    for (id, at) in [(DYING, "eu-west-1"), (GAPPED, "us-west-2")] {
        harness.world.key_mut(id, at).state = KeyState::Disabled;
    }
    harness.wait(second() * 20);
    assert_eq!(harness.model.engine().changes().next().unwrap().phase, Phase::Ended);
    let done = |harness: &Harness| {
        let said = harness.model.notices().iter().filter(|notice| notice.text.as_str().contains(": done"));
        said.count()
    };
    assert!(done(&harness) > 0);
    assert_eq!((harness.model.reported.len(), harness.model.unmarked.len()), (0, 0));
    assert_eq!(harness.model.over_and_said.len(), 1);
    harness.wait(Duration::from_mins(2));
    assert_eq!(done(&harness), 0);
    harness.keys("ctrl-r");
    harness.wait(second() * 5);
    assert_eq!(done(&harness), 0);
}
