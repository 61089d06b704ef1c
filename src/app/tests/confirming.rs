//! Changes: what a plan takes for a confirmation, and everything that it does not.

use super::*;
use crate::app::key::{Chord, Key};
use crate::app::message::Message;
use crate::app::overlay::Overlay;
use crate::app::overlay::plan::Field;
use crate::app::text::Tone;

/// The plan of a replication is open, read and old enough to be typed into.
fn ready(engine: EngineSettings) -> Harness {
    let mut harness = on_the_gap(unlocked(), engine);
    harness.keys("R");
    harness.answer();
    harness.wait(second());
    assert!(matches!(harness.field(), Field::Open { .. }), "{:?}", harness.field());
    harness
}

/// Types and presses Enter: what does that set off?
fn check(harness: &mut Harness, text: &str, expected: &[&str]) {
    harness.take_effects();
    harness.type_text(text);
    harness.enter();
    assert_eq!(changes(&harness.take_effects()), expected, "{text:?}");
}

#[test]
fn only_the_exact_phrase_confirms() {
    for wrong in ["", "us-west-2", "eu-west-", "EU-WEST-1", "eu-west-1 ", " eu-west-1", "yes", "eu-west-11"] {
        check(&mut ready(engine()), wrong, &[]);
    }
    check(&mut ready(engine()), "eu-west-1", &["Freeze"]);
}

#[test]
fn a_look_alike_is_not_the_phrase() {
    check(&mut ready(engine()), "еu-west-1", &[]);
    check(&mut ready(engine()), "eu‐west‐1", &[]);
    check(&mut ready(engine()), "eu-west-１", &[]);
}

#[test]
fn a_protected_account_asks_for_its_digits_too() {
    check(&mut ready(protected()), "eu-west-1", &[]);
    check(&mut ready(protected()), "eu-west-1 3334", &[]);
    check(&mut ready(protected()), "eu-west-1 3333", &["Freeze"]);
}

#[test]
fn backspace_corrects() {
    let mut harness = ready(engine());
    harness.type_text("eu-west-2");
    harness.keys("backspace");
    check(&mut harness, "1", &["Freeze"]);
}

#[test]
fn pasting_is_refused_whole() {
    let mut harness = ready(engine());
    harness.paste("eu-west-1");
    check(&mut harness, "", &[]);
    harness.type_text("eu-west-");
    harness.paste("1");
    check(&mut harness, "", &[]);
}

#[test]
fn a_held_enter_confirms_nothing() {
    let mut harness = ready(engine());
    harness.type_text("eu-west-1");
    harness.hold(Chord::plain(Key::Enter));
    assert_eq!(changes(&harness.take_effects()), [""; 0]);
}

#[test]
fn what_is_typed_before_the_plan_can_be_read_does_not_count() {
    let mut harness = on_the_gap(unlocked(), engine());
    harness.keys("R");
    assert!(matches!(harness.field(), Field::Reading { .. }));
    check(&mut harness, "eu-west-1", &[]);
    harness.answer();
    check(&mut harness, "eu-west-1", &[]);
    let Field::Open { typed, hint, .. } = harness.field() else { panic!("{:?}", harness.field()) };
    assert!(typed.as_str().is_empty() && hint.is_some());
    harness.wait(second());
    check(&mut harness, "eu-west-1", &["Freeze"]);
}

#[test]
fn a_plan_that_was_not_seen_whole_takes_no_text() {
    let mut harness = on_the_gap(unlocked(), engine());
    harness.plan_lines = (27, 18);
    harness.keys("R");
    harness.answer();
    harness.wait(second());
    assert_eq!(harness.field(), Field::Unseen { seen: 18, total: 27 });
    check(&mut harness, "eu-west-1", &[]);
    harness.keys("pgdn");
    check(&mut harness, "eu-west-1", &["Freeze"]);
}

#[test]
fn a_smaller_terminal_must_be_scrolled_again() {
    let mut harness = ready(engine());
    harness.type_text("eu-west-1");
    harness.plan_lines = (9, 4);
    harness.tell(Message::Resized { width: 60, height: 18 });
    assert_eq!(harness.field(), Field::Unseen { seen: 4, total: 9 });
    check(&mut harness, "", &[]);
    harness.keys("pgdn pgdn");
    harness.wait(second());
    check(&mut harness, "eu-west-1", &["Freeze"]);
}

#[test]
fn a_plan_that_was_scrolled_when_the_terminal_changed_is_read_from_the_top_again() {
    let mut harness = on_the_gap(unlocked(), engine());
    harness.plan_lines = (27, 9);
    harness.keys("R");
    harness.answer();
    harness.keys("pgdn pgdn");
    harness.plan_lines = (30, 8);
    harness.tell(Message::Resized { width: 60, height: 18 });
    harness.frame();
    assert_eq!(harness.field(), Field::Unseen { seen: 8, total: 30 });
    harness.keys("pgdn pgdn pgdn pgdn");
    harness.wait(second());
    check(&mut harness, "eu-west-1", &["Freeze"]);
}

#[test]
fn quick_presses_pass_no_line_over() {
    let mut harness = on_the_gap(unlocked(), engine());
    harness.plan_lines = (27, 9);
    harness.keys("R");
    harness.answer();
    let Some(Overlay::Plan(dialog)) = harness.model.overlays().last() else { panic!("no plan") };
    let mut dialog = dialog.clone();
    for _ in 0..5 {
        dialog.scroll(9);
    }
    assert_eq!(dialog.first(), 9, "no further than to the first line that has not been on screen");
}

#[test]
fn an_unlocking_that_ran_out_confirms_nothing() {
    let mut harness = on_the_gap(settings(), engine());
    harness.keys("! R");
    harness.answer();
    harness.wait(second());
    harness.type_text("eu-west-1");
    harness.wait(Duration::from_mins(10));
    assert!(matches!(harness.field(), Field::Locked(_)), "{:?}", harness.field());
    check(&mut harness, "", &[]);
}

#[test]
fn a_locked_plan_can_be_read_and_not_confirmed() {
    let mut harness = on_the_gap(settings(), engine());
    harness.keys("R");
    harness.answer();
    harness.wait(second());
    assert!(matches!(harness.field(), Field::Locked(_)));
    check(&mut harness, "eu-west-1", &[]);
}

#[test]
fn esc_sends_nothing_and_a_suspension_closes_the_plan() {
    let mut harness = ready(engine());
    harness.keys("esc");
    assert!(harness.model.overlays().is_empty());
    let mut harness = ready(engine());
    harness.keys("f2");
    harness.tell(Message::Resumed);
    assert!(harness.model.overlays().is_empty());
    assert_eq!(changes(&harness.take_effects()), [""; 0]);
}

#[test]
fn the_policy_can_be_read_and_the_command_copied() {
    let mut harness = ready(engine());
    harness.keys("f4");
    assert!(matches!(harness.take_effects().as_slice(), [Effect::Copy(_)]));
    harness.keys("f2");
    assert!(matches!(harness.model.overlays().last(), Some(Overlay::Reader(_))));
    harness.keys("q");
    harness.wait(second());
    check(&mut harness, "eu-west-1", &["Freeze"]);
}

#[test]
fn a_replication_is_followed_on_its_row_to_the_end() {
    let mut harness = ready(engine());
    harness.type_text("eu-west-1");
    harness.enter();
    harness.answer_until(|world| !world.sent.is_empty());
    let mut replica = member(GAPPED, "eu-west-1", "us-east-1", &["us-west-2", "eu-west-1"]);
    replica.state = KeyState::Creating;
    harness.world.hold(replica);
    for at in ["us-east-1", "us-west-2"] {
        harness.world.hold(member(GAPPED, at, "us-east-1", &["us-west-2", "eu-west-1"]));
    }
    harness.wait(Duration::from_secs(3));
    assert_eq!(changes(&harness.take_effects()), ["Freeze", "RecordIntent", "Send", "RecordOutcome"]);
    let subject = harness.model.subject().unwrap();
    assert_eq!(subject.row.cell(&world::region("eu-west-1")).unwrap().state(), Some(&KeyState::Creating));
    assert_eq!(harness.model.fleet().summary().moving, 1);
    harness.world.key_mut(GAPPED, "eu-west-1").state = KeyState::Enabled;
    harness.wait(Duration::from_secs(20));
    assert!(harness.said().contains("replicate mango into eu-west-1: done"), "{}", harness.said());
    assert_eq!(harness.world.sent.len(), 1);
}

#[test]
fn a_refusal_stays_until_it_is_dismissed() {
    let mut harness = ready(engine());
    harness.world.reply = Reply::Answered {
        status: 400,
        code: Some(Foreign::new("LimitExceededException")),
        message: None,
        request_id: Some(Foreign::new("request-2")),
    };
    harness.type_text("eu-west-1");
    harness.enter();
    harness.wait(Duration::from_mins(1));
    let notice = harness.model.notices().iter().find(|notice| notice.tone == Tone::Bad).unwrap();
    assert!(notice.text.as_str().contains("failed"), "{}", notice.text);
    assert!(notice.text.as_str().contains("LimitExceededException"), "{}", notice.text);
    harness.keys("esc");
    assert!(harness.model.notices().iter().all(|notice| notice.tone != Tone::Bad));
}

#[test]
fn a_replica_that_is_pending_deletion_is_rescued_instead() {
    let mut harness = Harness::open(unlocked(), engine(), three_keys());
    harness.keys("g l l l R");
    harness.answer();
    harness.wait(second());
    let Some(Overlay::Plan(dialog)) = harness.model.overlays().last() else { panic!("no plan") };
    assert!(dialog.rescue().unwrap().as_str().contains("cancels its deletion instead"));
    check(&mut harness, "eu-west-1", &[]);
    harness.press(Chord::ctrl('u'));
    check(&mut harness, "yes", &["Freeze"]);
}

#[test]
fn quitting_waits_for_the_answer() {
    let mut harness = ready(engine());
    harness.type_text("eu-west-1");
    harness.enter();
    super::leaving::until_sending(&mut harness);
    harness.take_effects();
    harness.keys("q");
    assert!(matches!(harness.model.overlays().last(), Some(Overlay::Quit(_))));
    harness.keys("q");
    assert!(!harness.effects.iter().any(|effect| matches!(effect, Effect::Quit(_))));
    harness.answer();
    assert!(harness.effects.iter().any(|effect| matches!(effect, Effect::Quit(_))));
}

#[test]
fn quitting_waits_no_longer_than_a_request_can_take() {
    let mut harness = ready(engine());
    harness.type_text("eu-west-1");
    harness.enter();
    super::leaving::until_sending(&mut harness);
    harness.keys("ctrl-c");
    assert!(!harness.effects.iter().any(|effect| matches!(effect, Effect::Quit(_))));
    harness.now.monotonic += Duration::from_secs(36);
    harness.tell(Message::Tick);
    assert!(harness.effects.iter().any(|effect| matches!(effect, Effect::Quit(_))));
}

#[test]
fn a_journal_that_cannot_be_written_ends_all_changing() {
    let mut harness = ready(engine());
    harness.world.record_fails = Some(crate::engine::message::RecordError::Journal("disk full".into()));
    harness.type_text("eu-west-1");
    harness.enter();
    harness.wait(second());
    assert!(harness.world.sent.is_empty());
    assert!(matches!(harness.model.lock(), crate::app::lock::WriteLock::ReadOnly(_)));
}
