//! Leaving while changes are under way: what may be on the wire is waited for, and nothing more is sent.

use super::*;
use crate::app::effect::Exit;
use crate::app::overlay::Overlay;
use crate::engine::change::{ChangeStatus, StepPhase};

/// Two dying keys are marked, and their plan is confirmed; nothing has been answered since.
pub(super) fn two_keeps() -> Harness {
    let mut world = three_keys();
    world.key_mut(GAPPED, "us-west-2").state = KeyState::PendingDeletion;
    let mut harness = Harness::open(unlocked(), engine(), world);
    harness.keys("* K");
    harness.answer();
    harness.frame();
    harness.wait(second());
    harness.take_effects();
    harness.type_text("keep 2");
    harness.enter();
    harness
}

/// Answers one thing after another until a request is on the wire.
pub(super) fn until_sending(harness: &mut Harness) {
    for _ in 0..100 {
        if is_sending(harness) {
            return;
        }
        harness.answer_one();
    }
    panic!("nothing was sent");
}

fn is_sending(harness: &Harness) -> bool {
    let mut steps = harness.model.engine().changes().flat_map(|change| &change.steps);
    steps.any(|step| matches!(step.phase, StepPhase::Sending { .. }))
}

fn exits(harness: &Harness) -> Vec<Exit> {
    let exit = |effect: &Effect| if let Effect::Quit(exit) = effect { Some(*exit) } else { None };
    harness.effects.iter().filter_map(exit).collect()
}

fn first(harness: &Harness) -> &ChangeStatus {
    harness.model.engine().changes().next().unwrap()
}

#[test]
fn the_rest_of_a_bulk_is_not_sent_by_whoever_leaves() {
    for (keys, exit) in [("ctrl-c", Exit::Interrupted), ("q q", Exit::Done)] {
        let mut harness = two_keeps();
        until_sending(&mut harness);
        harness.keys(keys);
        assert!(exits(&harness).is_empty(), "{keys}: the answer is waited for");
        harness.answer_until(|world| !world.sent.is_empty());
        assert_eq!(exits(&harness).first(), Some(&exit), "{keys}");
        harness.wait(second() * 40);
        assert_eq!(harness.world.sent.len(), 1, "{keys}");
    }
}

#[test]
fn what_has_not_been_sent_is_not_waited_for() {
    let mut harness = two_keeps();
    harness.keys("ctrl-c");
    assert_eq!(exits(&harness), [Exit::Interrupted]);
    harness.wait(second() * 40);
    assert!(harness.world.sent.is_empty());
}

#[test]
fn whoever_stays_is_told_that_the_rest_is_held_back() {
    let mut harness = two_keeps();
    until_sending(&mut harness);
    harness.keys("ctrl-c esc");
    assert_eq!(harness.said(), "1 step is held back and not sent: z goes on");
    assert!(first(&harness).is_paused && harness.model.overlays().is_empty());
    harness.wait(second() * 10);
    assert_eq!((harness.world.sent.len(), exits(&harness).len()), (1, 0));
    harness.keys("z");
    harness.wait(second() * 10);
    assert_eq!(harness.world.sent.len(), 2);
}

#[test]
fn a_question_that_is_not_answered_holds_nothing_back() {
    let mut harness = two_keeps();
    harness.keys("q");
    assert!(matches!(harness.model.overlays().last(), Some(Overlay::Quit(_))));
    harness.keys("esc");
    assert!(!first(&harness).is_paused);
    harness.wait(second() * 10);
    assert_eq!((harness.world.sent.len(), exits(&harness).len()), (2, 0));
}
