//! Whole changes: from the wish to the settled key, and every way in which they may go wrong.

use std::sync::Arc;
use std::time::Duration;

use super::world::{Drive, Trouble, World, arn, member, region, settings};
use crate::domain::fleet::KeyRef;
use crate::domain::fleet::presence::{Presence, RegionStatus};
use crate::domain::id::{KeyId, Login, Place};
use crate::domain::key::{KeyState, Oddity, Role};
use crate::domain::plan::{Change, Operation, Outcome, RecordKind, Reply};
use crate::domain::reading::ReasonKind;
use crate::domain::text::Foreign;
use crate::engine::Engine;
use crate::engine::change::{Options, Phase, StepPhase, StepStatus, Want};
use crate::engine::effect::ChangeId;
use crate::engine::message::RecordError;

pub(super) const ID: &str = "mrk-00000000000000000000000000000001";
pub(super) const REGIONS: [&str; 3] = ["us-east-1", "us-west-2", "eu-west-1"];

pub(super) fn key() -> KeyRef {
    KeyRef { login: Login(0), id: KeyId::parse(ID).unwrap() }
}

pub(super) fn want(operation: Operation, at: &str) -> Want {
    Want { key: key(), operation, region: region(at), options: Options::default() }
}

/// A primary in us-east-1 with a replica in eu-west-1.
pub(super) fn pair() -> World {
    let mut world = World::new();
    world.hold(member(ID, "us-east-1", "us-east-1", &["eu-west-1"]));
    world.hold(member(ID, "eu-west-1", "us-east-1", &["eu-west-1"]));
    world.reply = accepted();
    world
}

pub(super) fn accepted() -> Reply {
    Reply::Answered { status: 200, code: None, message: None, request_id: Some(Foreign::new("id")) }
}

pub(super) fn refused(code: &str) -> Reply {
    Reply::Answered {
        status: 400,
        code: Some(Foreign::new(code)),
        message: Some(Foreign::new("no")),
        request_id: Some(Foreign::new("id")),
    }
}

pub(super) fn scanned(world: World) -> Drive {
    let mut drive = Drive::start(settings(&REGIONS, true), world, 3);
    drive.scan();
    drive
}

pub(super) fn ready(drive: &mut Drive, want: Want) -> ChangeId {
    let (change, effects) = drive.engine.prepare(drive.now, vec![want]);
    drive.take(effects);
    drive.until(|engine| !matches!(phase(engine, change), Phase::Preparing { .. }));
    change
}

pub(super) fn phase(engine: &Engine, change: ChangeId) -> Phase {
    engine.change(change).unwrap().phase.clone()
}

pub(super) fn confirm(drive: &mut Drive, change: ChangeId) {
    let effects = drive.engine.confirm(drive.now, change);
    drive.take(effects);
}

pub(super) fn outcome(engine: &Engine, change: ChangeId) -> Option<Outcome> {
    engine.change(change).unwrap().steps.first().and_then(StepStatus::outcome)
}

/// How far the first step is: before the confirmation there is none.
pub(super) fn step_phase(engine: &Engine, change: ChangeId) -> StepPhase {
    engine.change(change).unwrap().steps.first().map_or(StepPhase::Waiting, |step| step.phase.clone())
}

pub(super) fn ended(drive: &mut Drive, change: ChangeId) -> Outcome {
    drive.until(|engine| phase(engine, change) == Phase::Ended);
    drive.drain();
    outcome(&drive.engine, change).unwrap()
}

#[test]
fn a_replica_is_made_followed_and_settled() {
    let mut drive = scanned(pair());
    let change = ready(&mut drive, want(Operation::ReplicateKey, "us-west-2"));
    let plan = Arc::clone(drive.engine.change(change).unwrap().plan.as_ref().unwrap());
    assert_eq!(plan.phrase(), "us-west-2");
    assert_eq!(plan.blocked_by(), None);
    let Change::ReplicateKey { tags, policy, .. } = &plan.steps[0].mutation.change else { panic!() };
    assert_eq!(
        (tags.len(), policy),
        (1, &super::world::policy()),
        "aws:* tags are left out, the policy is the primary's"
    );
    confirm(&mut drive, change);
    drive.until(|engine| matches!(step_phase(engine, change), StepPhase::Following { .. }));
    let mut replica = member(ID, "us-west-2", "us-east-1", &["eu-west-1", "us-west-2"]);
    replica.state = KeyState::Creating;
    drive.world.hold(replica);
    drive.until(|engine| {
        let cell = engine.fleet().presence(&key(), &region("us-west-2"));
        matches!(cell, Presence::Present(present) if *present.state() == KeyState::Creating)
    });
    drive.world.key_mut(ID, "us-west-2").state = KeyState::Enabled;
    assert_eq!(ended(&mut drive, change), Outcome::Done);
    assert_eq!(drive.world.sent, [change]);
    assert_eq!(drive.world.records, [(RecordKind::Intent, None), (RecordKind::Outcome, Some(Outcome::Done))]);
}

#[test]
fn a_promotion_moves_without_a_primary_and_ends_with_the_roles_swapped() {
    let mut drive = scanned(pair());
    let change = ready(&mut drive, want(Operation::UpdatePrimaryRegion, "eu-west-1"));
    confirm(&mut drive, change);
    drive.until(|engine| matches!(step_phase(engine, change), StepPhase::Following { .. }));
    for at in ["us-east-1", "eu-west-1"] {
        let key = drive.world.key_mut(ID, at);
        key.state = KeyState::Updating;
        key.role = Some(Role::Replica);
    }
    drive.until(|engine| {
        matches!(step_phase(engine, change), StepPhase::Following { words, .. } if words.as_str().contains("no primary"))
    });
    for at in ["us-east-1", "eu-west-1"] {
        drive.world.hold(member(ID, at, "eu-west-1", &["us-east-1"]));
    }
    assert_eq!(ended(&mut drive, change), Outcome::Done);
    assert_eq!(drive.world.sent.len(), 1);
}

#[test]
fn a_lost_reply_is_never_called_failed_and_never_sent_again() {
    for applied in [false, true] {
        let mut world = pair();
        world.key_mut(ID, "eu-west-1").state = KeyState::PendingDeletion;
        world.reply = Reply::Broken { why: "connection reset".into() };
        let mut drive = scanned(world);
        let change = ready(&mut drive, want(Operation::CancelKeyDeletion, "eu-west-1"));
        confirm(&mut drive, change);
        drive.until(|engine| matches!(step_phase(engine, change), StepPhase::Reconciling { .. }));
        assert_eq!(outcome(&drive.engine, change), Some(Outcome::Unknown));
        if applied {
            drive.world.key_mut(ID, "eu-west-1").state = KeyState::Disabled;
            assert_eq!(ended(&mut drive, change), Outcome::Done);
            assert_eq!(drive.world.records.last(), Some(&(RecordKind::Reconciled, Some(Outcome::Done))));
        } else {
            let start = drive.now.monotonic;
            drive.until(|engine| {
                assert_eq!(outcome(engine, change), Some(Outcome::Unknown));
                matches!(step_phase(engine, change), StepPhase::Reconciling { next_read: Some(at), .. }
                    if at > start + Duration::from_mins(30))
            });
        }
        assert_eq!(drive.world.sent, [change], "one request, applied or not");
    }
}

#[test]
fn an_intent_that_is_not_durable_is_not_sent_and_the_run_turns_read_only() {
    let mut world = pair();
    world.record_fails = Some(RecordError::Journal("disk full".into()));
    let mut drive = scanned(world);
    let change = ready(&mut drive, want(Operation::ReplicateKey, "us-west-2"));
    confirm(&mut drive, change);
    assert_eq!(ended(&mut drive, change), Outcome::NotSent);
    assert!(drive.world.sent.is_empty());
    let again = ready(&mut drive, want(Operation::ReplicateKey, "us-west-2"));
    assert!(matches!(phase(&drive.engine, again), Phase::Impossible { .. }));
}

#[test]
fn another_holder_of_the_lock_stops_a_change_and_nothing_else() {
    let mut world = pair();
    world.record_fails = Some(RecordError::Locked("pid 7".into()));
    let mut drive = scanned(world);
    let change = ready(&mut drive, want(Operation::ReplicateKey, "us-west-2"));
    confirm(&mut drive, change);
    assert_eq!(ended(&mut drive, change), Outcome::NotSent);
    drive.world.record_fails = None;
    let again = ready(&mut drive, want(Operation::ReplicateKey, "us-west-2"));
    assert_eq!(phase(&drive.engine, again), Phase::Ready);
}

#[test]
fn a_refusal_is_failed_in_its_own_words() {
    let mut world = pair();
    world.reply = refused("AlreadyExistsException");
    let mut drive = scanned(world);
    let change = ready(&mut drive, want(Operation::ReplicateKey, "us-west-2"));
    confirm(&mut drive, change);
    assert_eq!(ended(&mut drive, change), Outcome::Failed);
    let words = drive.engine.change(change).unwrap().steps[0].claim.clone().unwrap().detail;
    assert!(words.as_str().starts_with("a related key is already in that Region"), "{words}");
    let absent = drive.engine.fleet().presence(&key(), &region("us-west-2"));
    assert!(matches!(absent, Presence::Absent(_)), "a refusal changes nothing that is known: {absent:?}");
}

#[test]
fn a_key_that_changed_since_the_plan_is_not_touched() {
    let mut drive = scanned(pair());
    let change = ready(&mut drive, want(Operation::UpdatePrimaryRegion, "eu-west-1"));
    drive.world.key_mut(ID, "eu-west-1").state = KeyState::Disabled;
    confirm(&mut drive, change);
    assert_eq!(ended(&mut drive, change), Outcome::NotSent);
    assert!(drive.world.sent.is_empty() && drive.world.records.is_empty());
}

#[test]
fn an_answer_about_another_key_stops_a_change_at_either_end() {
    let oddities = [Oddity::OtherArn(Foreign::new(arn(ID, "us-west-2").to_string())), Oddity::NotMultiRegion];
    for (oddity, at) in oddities.iter().flat_map(|oddity| [(oddity, "us-east-1"), (oddity, "eu-west-1")]) {
        let mut world = pair();
        world.key_mut(ID, at).oddities = vec![oddity.clone()];
        let mut drive = scanned(world);
        let change = ready(&mut drive, want(Operation::UpdatePrimaryRegion, "eu-west-1"));
        let Phase::Impossible { why } = phase(&drive.engine, change) else {
            panic!("{oddity:?} from {at} is no matter")
        };
        assert_eq!(why.as_str(), format!("the answer from {at} is not AWS's: no change is offered on this key"));
        // It was sound when the plan was made.
        let mut drive = scanned(pair());
        let change = ready(&mut drive, want(Operation::UpdatePrimaryRegion, "eu-west-1"));
        drive.world.key_mut(ID, at).oddities = vec![oddity.clone()];
        confirm(&mut drive, change);
        assert_eq!(ended(&mut drive, change), Outcome::NotSent, "{oddity:?} from {at}");
        assert!(drive.world.sent.is_empty() && drive.world.records.is_empty());
    }
}

#[test]
fn another_caller_than_the_plan_saw_is_refused() {
    let mut drive = scanned(pair());
    let change = ready(&mut drive, want(Operation::ReplicateKey, "us-west-2"));
    drive.world.caller = "arn:aws:iam::111122223333:user/somebody-else";
    confirm(&mut drive, change);
    assert_eq!(ended(&mut drive, change), Outcome::NotSent);
    assert!(drive.world.sent.is_empty());
}

#[test]
fn an_unknown_target_blocks_and_so_does_a_replica_in_it() {
    let mut world = pair();
    world.trouble.insert(region("us-west-2"), Trouble::Denied);
    let mut drive = scanned(world);
    for (at, words) in [("us-west-2", "not known"), ("eu-west-1", "already holds")] {
        let change = ready(&mut drive, want(Operation::ReplicateKey, at));
        let plan = drive.engine.change(change).unwrap().plan.clone().unwrap();
        let blocked = plan.blocked_by().unwrap();
        assert!(blocked.text.as_str().contains(words), "{}", blocked.text);
        confirm(&mut drive, change);
        assert_eq!(phase(&drive.engine, change), Phase::Ready, "a blocked plan cannot be confirmed");
    }
    assert!(drive.world.sent.is_empty());
}

#[test]
fn read_only_prepares_nothing() {
    let mut settings = settings(&REGIONS, true);
    settings.read_only = true;
    let mut drive = Drive::start(settings, pair(), 1);
    drive.scan();
    let change = ready(&mut drive, want(Operation::ReplicateKey, "us-west-2"));
    assert!(matches!(phase(&drive.engine, change), Phase::Impossible { .. }));
    confirm(&mut drive, change);
    assert!(drive.world.sent.is_empty() && drive.world.records.is_empty());
}

#[test]
fn a_dark_region_costs_itself_only_and_comes_back_by_itself() {
    let mut world = pair();
    world.trouble.insert(region("eu-west-1"), Trouble::Dark);
    let mut drive = scanned(world);
    let place = Place::new(Login(0), region("eu-west-1"));
    let status = |engine: &Engine| engine.fleet().region(&place).unwrap().status();
    assert!(matches!(status(&drive.engine), RegionStatus::Failed { why, .. } if why.kind == ReasonKind::Timeout));
    let Presence::Unknown(unknown) = drive.engine.fleet().presence(&key(), &region("eu-west-1")) else { panic!() };
    assert_eq!((unknown.declared_by, unknown.why.kind), (vec![region("us-east-1")], ReasonKind::Timeout));
    let sent_while_down = drive.engine.traffic(&place).sent;
    assert!(sent_while_down <= 10, "{sent_while_down} requests to a dark Region");
    drive.world.trouble.clear();
    drive.until(|engine| {
        matches!(engine.fleet().presence(&key(), &region("eu-west-1")), Presence::Present(_))
            && matches!(status(engine), RegionStatus::Loaded { .. })
    });
}

#[test]
fn a_key_that_is_deleted_goes_only_with_a_later_listing() {
    let mut drive = scanned(pair());
    drive.world.keys.remove(&(region("eu-west-1"), KeyId::parse(ID).unwrap()));
    drive.world.hold(member(ID, "us-east-1", "us-east-1", &[]));
    let effects = drive.engine.refresh_key(drive.now, &key());
    drive.take(effects);
    drive.until(|engine| matches!(engine.fleet().presence(&key(), &region("eu-west-1")), Presence::Absent(_)));
    let arn = arn(ID, "eu-west-1");
    assert!(drive.engine.fleet().key(&key()).unwrap().declared_by(&arn.region).is_empty());
}
