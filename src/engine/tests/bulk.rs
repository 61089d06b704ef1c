//! Plans of many steps: one confirmation, one request a step, and what stops the rest.

use std::time::Duration;

use super::stories::{REGIONS, accepted, confirm, phase, refused};
use super::world::{Drive, World, member, region, settings};
use crate::domain::by_hand::ByHand;
use crate::domain::fleet::KeyRef;
use crate::domain::id::{KeyId, Login};
use crate::domain::key::KeyState;
use crate::domain::plan::{Operation, Outcome, RecordKind, Reply};
use crate::domain::text::Foreign;
use crate::engine::Engine;
use crate::engine::change::{Options, Phase, StepPhase, Unsent, Want};
use crate::engine::effect::ChangeId;

fn id(number: usize) -> String {
    format!("mrk-{number:032}")
}

fn want(number: usize, operation: Operation, options: Options) -> Want {
    let key = KeyRef { login: Login(0), id: KeyId::parse(&id(number)).unwrap() };
    Want { key, operation, region: region("eu-west-1"), options }
}

/// Pairs whose replica in eu-west-1 is in this state.
fn pairs(count: usize, state: &KeyState) -> World {
    let mut world = World::new();
    world.page = 1_000;
    for number in 1..=count {
        world.hold(member(&id(number), "us-east-1", "us-east-1", &["eu-west-1"]));
        let mut replica = member(&id(number), "eu-west-1", "us-east-1", &["eu-west-1"]);
        replica.state = state.clone();
        world.hold(replica);
    }
    world.reply = accepted();
    world
}

fn ready(drive: &mut Drive, wants: Vec<Want>) -> ChangeId {
    let (change, effects) = drive.engine.prepare(drive.now, wants);
    drive.take(effects);
    drive.until(|engine| phase(engine, change) == Phase::Ready);
    change
}

fn start(world: World) -> Drive {
    let mut drive = Drive::start(settings(&REGIONS, true), world, 5);
    drive.scan();
    drive
}

fn enabling(count: usize) -> Vec<Want> {
    (1..=count).map(|number| want(number, Operation::EnableKey, Options::default())).collect()
}

fn outcomes(engine: &Engine, change: ChangeId) -> Vec<Option<Outcome>> {
    engine.change(change).unwrap().steps.iter().map(super::super::change::StepStatus::outcome).collect()
}

#[test]
fn the_first_unknown_outcome_stops_the_rest_and_a_refusal_does_not() {
    let mut world = pairs(20, &KeyState::Disabled);
    for number in 1..=12 {
        world.script.push_back(match number {
            7 => refused("KMSInvalidStateException"),
            12 => Reply::Broken { why: "reset".into() },
            _ => accepted(),
        });
    }
    let mut drive = start(world);
    let change = ready(&mut drive, enabling(20));
    assert_eq!(drive.engine.change(change).unwrap().plan.as_ref().unwrap().phrase(), "enable 20");
    confirm(&mut drive, change);
    drive.until(|engine| outcomes(engine, change).iter().all(Option::is_some));
    drive.drain();
    let outcomes = outcomes(&drive.engine, change);
    for (place, outcome) in outcomes.iter().enumerate() {
        let expected = match place + 1 {
            7 => Outcome::Failed,
            12 => Outcome::Unknown,
            13.. => Outcome::NotSent,
            _ => Outcome::Done,
        };
        assert_eq!(*outcome, Some(expected), "step {}", place + 1);
    }
    assert_eq!(drive.world.sent.len(), 12, "one request a step, none after the unknown");
    let intents = drive.world.records.iter().filter(|(kind, _)| *kind == RecordKind::Intent).count();
    assert_eq!(intents, 12);
    let unsent = drive.engine.change(change).unwrap().steps[19].unsent;
    assert_eq!(unsent, Some(Unsent::Stopped));
}

#[test]
fn a_denial_stops_the_same_operation_in_the_same_region() {
    let mut world = pairs(5, &KeyState::Disabled);
    world.script = [accepted(), refused("AccessDeniedException")].into();
    let mut drive = start(world);
    let change = ready(&mut drive, enabling(5));
    confirm(&mut drive, change);
    drive.until(|engine| outcomes(engine, change).iter().all(Option::is_some));
    let expected = [Outcome::Done, Outcome::Failed, Outcome::NotSent, Outcome::NotSent, Outcome::NotSent];
    assert_eq!(outcomes(&drive.engine, change), expected.map(Some));
    assert_eq!(drive.world.sent.len(), 2);
}

#[test]
fn requests_keep_to_the_quota_of_their_operation() {
    let mut drive = start(pairs(12, &KeyState::Disabled));
    let change = ready(&mut drive, enabling(12));
    confirm(&mut drive, change);
    let mut sent_at = Vec::new();
    while !outcomes(&drive.engine, change).iter().all(Option::is_some) {
        let before = drive.world.sent.len();
        assert!(drive.step());
        sent_at.extend((before..drive.world.sent.len()).map(|_| drive.now.monotonic));
    }
    for start in &sent_at {
        let second = sent_at.iter().filter(|at| **at >= *start && **at < *start + Duration::from_millis(950)).count();
        assert!(second <= 5, "{second} requests in a second");
    }
    assert_eq!(sent_at.len(), 12);
}

#[test]
fn one_key_that_changed_before_the_first_request_stops_all() {
    let mut drive = start(pairs(5, &KeyState::Disabled));
    let change = ready(&mut drive, enabling(5));
    drive.world.key_mut(&id(4), "eu-west-1").state = KeyState::Enabled;
    confirm(&mut drive, change);
    drive.until(|engine| phase(engine, change) == Phase::Ended);
    let steps = &drive.engine.change(change).unwrap().steps;
    assert!(steps.iter().all(|step| step.unsent == Some(Unsent::Changed)));
    assert!(drive.world.sent.is_empty() && drive.world.records.is_empty());
}

#[test]
fn a_key_that_changes_after_others_were_sent_is_left_out_alone() {
    let mut drive = start(pairs(30, &KeyState::Disabled));
    let change = ready(&mut drive, enabling(30));
    confirm(&mut drive, change);
    drive.until(|engine| outcomes(engine, change)[0].is_some());
    drive.world.key_mut(&id(30), "eu-west-1").state = KeyState::PendingDeletion;
    drive.until(|engine| outcomes(engine, change).iter().all(Option::is_some));
    let steps = &drive.engine.change(change).unwrap().steps;
    assert_eq!(steps[29].unsent, Some(Unsent::ChangedLate));
    assert_eq!(drive.world.sent.len(), 29, "six seconds after it was read it was read once more");
}

#[test]
fn what_cannot_be_done_is_left_out_of_many_and_named() {
    let mut world = pairs(3, &KeyState::Disabled);
    world.key_mut(&id(2), "eu-west-1").state = KeyState::Enabled;
    let mut drive = start(world);
    let change = ready(&mut drive, enabling(3));
    let plan = drive.engine.change(change).unwrap().plan.clone().unwrap();
    assert_eq!((plan.steps.len(), plan.skipped.len()), (2, 1));
    assert_eq!(plan.steps.iter().map(|step| step.number).collect::<Vec<_>>(), [1, 2]);
    assert!(plan.skipped[0].why.as_str().contains("must be Disabled"), "{}", plan.skipped[0].why);
}

#[test]
fn a_second_step_waits_until_the_first_can_be_seen() {
    let mut drive = start(pairs(1, &KeyState::PendingDeletion));
    let options = Options { then_enable: true, ..Options::default() };
    let change = ready(&mut drive, vec![want(1, Operation::CancelKeyDeletion, options)]);
    assert_eq!(drive.engine.change(change).unwrap().plan.as_ref().unwrap().phrase(), "yes");
    confirm(&mut drive, change);
    let later = drive.now.monotonic + Duration::from_secs(20);
    while drive.now.monotonic < later {
        drive.step();
    }
    assert_eq!(drive.world.sent.len(), 1, "the key is still read as pending deletion");
    drive.world.key_mut(&id(1), "eu-west-1").state = KeyState::Disabled;
    drive.until(|engine| matches!(engine.change(change).unwrap().steps[1].phase, StepPhase::Following { .. }));
    drive.world.key_mut(&id(1), "eu-west-1").state = KeyState::Enabled;
    drive.until(|engine| phase(engine, change) == Phase::Ended);
    assert_eq!(outcomes(&drive.engine, change), [Some(Outcome::Done); 2]);
    assert_eq!(drive.world.sent.len(), 2);
}

#[test]
fn a_second_step_is_not_sent_when_the_first_is_not_done() {
    for reply in [refused("KMSInvalidStateException"), Reply::Broken { why: "reset".into() }] {
        let mut world = pairs(1, &KeyState::PendingDeletion);
        world.reply = reply;
        let mut drive = start(world);
        let options = Options { then_enable: true, ..Options::default() };
        let change = ready(&mut drive, vec![want(1, Operation::CancelKeyDeletion, options)]);
        confirm(&mut drive, change);
        drive.until(|engine| outcomes(engine, change).iter().all(Option::is_some));
        assert_eq!(outcomes(&drive.engine, change)[1], Some(Outcome::NotSent));
        drive.world.key_mut(&id(1), "eu-west-1").state = KeyState::Disabled;
        let later = drive.now.monotonic + Duration::from_mins(5);
        while drive.now.monotonic < later {
            drive.step();
        }
        assert_eq!(drive.world.sent.len(), 1);
    }
}

#[test]
fn a_pause_holds_the_rest_back() {
    let mut drive = start(pairs(10, &KeyState::Disabled));
    let change = ready(&mut drive, enabling(10));
    confirm(&mut drive, change);
    drive.until(|engine| outcomes(engine, change)[2].is_some());
    let effects = drive.engine.pause(drive.now, change, true);
    drive.take(effects);
    let later = drive.now.monotonic + Duration::from_mins(1);
    while drive.now.monotonic < later {
        drive.step();
    }
    let before = drive.world.sent.len();
    assert!(before <= 4, "{before} sent");
    let effects = drive.engine.pause(drive.now, change, false);
    drive.take(effects);
    drive.until(|engine| outcomes(engine, change).iter().all(Option::is_some));
    assert_eq!(drive.world.sent.len(), 10);
}

#[test]
fn what_a_former_run_left_open_is_reconciled_and_never_sent() {
    let mut drive = start(pairs(1, &KeyState::PendingDeletion));
    let change = ready(&mut drive, vec![want(1, Operation::CancelKeyDeletion, Options::default())]);
    confirm(&mut drive, change);
    drive.until(|engine| outcomes(engine, change)[0].is_some());
    let intent = drive.engine.change(change).unwrap().steps[0].intent().unwrap().as_ref().clone();

    let mut next = start(pairs(1, &KeyState::PendingDeletion));
    let (open, effects) = next.engine.take_over(next.now, Login(0), intent);
    next.take(effects);
    let later = next.now.monotonic + Duration::from_mins(2);
    while next.now.monotonic < later {
        next.step();
    }
    assert_eq!(outcomes(&next.engine, open), [Some(Outcome::Unknown)]);
    next.world.key_mut(&id(1), "eu-west-1").state = KeyState::Disabled;
    next.until(|engine| phase(engine, open) == Phase::Ended);
    next.drain();
    assert_eq!(next.world.records, [(RecordKind::Reconciled, Some(Outcome::Done))]);
    assert!(next.world.sent.is_empty());
}

#[test]
fn a_word_by_hand_closes_what_reading_cannot_tell() {
    let mut world = pairs(1, &KeyState::PendingDeletion);
    world.reply = Reply::Broken { why: "reset".into() };
    let mut drive = start(world);
    let change = ready(&mut drive, vec![want(1, Operation::CancelKeyDeletion, Options::default())]);
    confirm(&mut drive, change);
    drive.until(|engine| outcomes(engine, change)[0] == Some(Outcome::Unknown));
    drive.drain();
    let said = ByHand::Failed.claim(&Foreign::new("arn:aws:iam::111122223333:user/maria"), None);
    let effects = drive.engine.resolve_by_hand(drive.now, change, said);
    drive.take(effects);
    drive.drain();
    assert_eq!(phase(&drive.engine, change), Phase::Ended);
    assert_eq!(drive.world.records.last(), Some(&(RecordKind::ResolvedByHand, Some(Outcome::Failed))));
}

#[test]
fn a_plan_that_is_too_old_is_not_confirmed() {
    let mut drive = start(pairs(1, &KeyState::Disabled));
    let change = ready(&mut drive, enabling(1));
    drive.sleep(Duration::from_hours(2));
    confirm(&mut drive, change);
    assert_eq!(phase(&drive.engine, change), Phase::Ready);
    assert!(drive.world.sent.is_empty());
}

#[test]
fn what_was_read_before_a_sleep_is_read_again_before_it_is_sent() {
    let mut drive = start(pairs(8, &KeyState::Disabled));
    let change = ready(&mut drive, enabling(8));
    confirm(&mut drive, change);
    drive.until(|engine| outcomes(engine, change)[4].is_some());
    for number in 6..=8 {
        drive.world.key_mut(&id(number), "eu-west-1").state = KeyState::PendingDeletion;
    }
    drive.sleep(Duration::from_hours(8));
    drive.until(|engine| outcomes(engine, change).iter().all(Option::is_some));
    let steps = &drive.engine.change(change).unwrap().steps;
    let late: Vec<Option<Unsent>> = steps[6..].iter().map(|step| step.unsent).collect();
    assert_eq!(late, [Some(Unsent::ChangedLate); 2]);
    assert!(drive.world.sent.len() <= 6, "{} sent", drive.world.sent.len());
}

#[test]
fn a_late_answer_does_not_leave_out_the_second_step() {
    let mut drive = start(pairs(1, &KeyState::PendingDeletion));
    let options = Options { then_enable: true, ..Options::default() };
    let change = ready(&mut drive, vec![want(1, Operation::CancelKeyDeletion, options)]);
    confirm(&mut drive, change);
    drive.until(|engine| outcomes(engine, change)[0].is_some());
    drive.world.key_mut(&id(1), "eu-west-1").state = KeyState::Disabled;
    drive.until(|engine| engine.change(change).unwrap().steps[1].phase == StepPhase::ReadingAgain);
    drive.world.key_mut(&id(1), "eu-west-1").state = KeyState::PendingDeletion;
    let later = drive.now.monotonic + Duration::from_secs(10);
    while drive.now.monotonic < later {
        drive.step();
    }
    assert_eq!(outcomes(&drive.engine, change)[1], None, "still to come");
    drive.world.key_mut(&id(1), "eu-west-1").state = KeyState::Disabled;
    drive.until(|engine| outcomes(engine, change)[1] == Some(Outcome::Done));
}

#[test]
fn an_answer_without_a_state_proves_nothing() {
    let mut world = pairs(1, &KeyState::PendingDeletion);
    world.reply = Reply::Broken { why: "reset".into() };
    let mut drive = start(world);
    let change = ready(&mut drive, vec![want(1, Operation::CancelKeyDeletion, Options::default())]);
    confirm(&mut drive, change);
    drive.until(|engine| outcomes(engine, change)[0] == Some(Outcome::Unknown));
    drive.world.key_mut(&id(1), "eu-west-1").state = KeyState::Missing;
    let later = drive.now.monotonic + Duration::from_mins(2);
    while drive.now.monotonic < later {
        drive.step();
    }
    assert_eq!(outcomes(&drive.engine, change), [Some(Outcome::Unknown)]);
}

#[test]
fn credentials_are_let_go_of_when_nothing_is_left_to_be_sent() {
    for reply in [accepted(), refused("KMSInvalidStateException"), Reply::NotSent { why: "refused".into() }] {
        let mut world = pairs(1, &KeyState::Disabled);
        world.reply = reply;
        let mut drive = start(world);
        let change = ready(&mut drive, enabling(1));
        confirm(&mut drive, change);
        drive.until(|engine| outcomes(engine, change)[0].is_some());
        drive.drain();
        assert_eq!(drive.world.released, [change]);
    }
}
