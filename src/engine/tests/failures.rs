//! What must not follow from a failure: an old reading taken for a new one, a change that never ends, a Region that falls with one key or with STS.

use std::time::Duration;

use super::stories::{ID, REGIONS, confirm, ended, key, pair, ready, scanned, step_phase, want};
use super::world::{Drive, World, arn, failure, member, region, settings};
use crate::domain::fleet::presence::{Presence, RegionStatus};
use crate::domain::id::{Login, Place};
use crate::domain::key::KeyState;
use crate::domain::plan::{Operation, Outcome, Reply};
use crate::domain::reading::ReasonKind;
use crate::engine::change::StepPhase;
use crate::engine::effect::ReadOperation;
use crate::engine::message::FailureClass;
use crate::engine::{Deep, Engine, Session};

fn place(at: &str) -> Place {
    Place::new(Login(0), region(at))
}

fn is_loaded(engine: &Engine, at: &str) -> bool {
    matches!(engine.fleet().region(&place(at)).unwrap().status(), RegionStatus::Loaded { .. })
}

#[test]
fn a_policy_that_cannot_be_read_again_is_not_sent_as_it_was() {
    for class in [FailureClass::Refused, FailureClass::Transport] {
        let mut drive = scanned(pair());
        let change = ready(&mut drive, want(Operation::ReplicateKey, "us-west-2"));
        drive.world.fail(None, ReadOperation::GetKeyPolicy, failure(ReasonKind::Denied, class));
        confirm(&mut drive, change);
        assert_eq!(ended(&mut drive, change), Outcome::NotSent);
        assert!(drive.world.sent.is_empty() && drive.world.records.is_empty());
    }
}

#[test]
fn a_region_that_falls_between_plan_and_confirmation_stops_the_change() {
    let mut drive = scanned(pair());
    let change = ready(&mut drive, want(Operation::UpdatePrimaryRegion, "eu-west-1"));
    drive.world.trouble.insert(region("eu-west-1"), super::world::Trouble::Dark);
    let effects = drive.engine.refresh_all(drive.now);
    drive.take(effects);
    drive.until(|engine| !is_loaded(engine, "eu-west-1"));
    confirm(&mut drive, change);
    assert_eq!(ended(&mut drive, change), Outcome::NotSent);
    assert!(drive.world.sent.is_empty(), "what was known before the Region fell is not the answer");
}

#[test]
fn a_failed_rotation_status_says_nothing_of_the_policy() {
    let mut drive = scanned(pair());
    drive.world.fail(None, ReadOperation::GetKeyRotationStatus, failure(ReasonKind::Denied, FailureClass::Refused));
    for deep in [Deep::Rotation, Deep::Policy] {
        let effects = drive.engine.want(drive.now, &key(), &region("us-east-1"), deep);
        drive.take(effects);
        drive.drain();
    }
    let member = drive.engine.fleet().member(&key(), &region("us-east-1")).unwrap();
    assert!(member.policy.fresh().is_some() && member.rotation.failure().is_some());
}

#[test]
fn a_change_ends_when_no_sts_says_who_this_is() {
    let mut drive = scanned(pair());
    let change = ready(&mut drive, want(Operation::ReplicateKey, "us-west-2"));
    drive.world.sts_is_dark = true;
    confirm(&mut drive, change);
    assert_eq!(ended(&mut drive, change), Outcome::NotSent);
}

#[test]
fn another_regions_sts_says_who_this_is_where_the_own_one_is_dark() {
    let mut world = pair();
    world.key_mut(ID, "eu-west-1").state = KeyState::Disabled;
    let mut drive = scanned(world);
    let change = ready(&mut drive, want(Operation::EnableKey, "eu-west-1"));
    drive.world.dark_sts.insert(region("eu-west-1"));
    confirm(&mut drive, change);
    drive.until(|engine| matches!(step_phase(engine, change), StepPhase::Following { .. }));
    assert_eq!(drive.world.sent, [change]);
}

#[test]
fn another_session_of_the_same_role_is_the_same_caller() {
    let mut world = pair();
    world.caller = "arn:aws:sts::111122223333:assumed-role/KmsOps/assume-role-from-profile-1";
    let mut drive = scanned(world);
    let change = ready(&mut drive, want(Operation::ReplicateKey, "us-west-2"));
    drive.world.caller = "arn:aws:sts::111122223333:assumed-role/KmsOps/assume-role-from-profile-2";
    confirm(&mut drive, change);
    drive.until(|engine| matches!(step_phase(engine, change), StepPhase::Following { .. }));
    let other = ready(&mut drive, want(Operation::UpdatePrimaryRegion, "eu-west-1"));
    drive.world.caller = "arn:aws:sts::111122223333:assumed-role/Intruder/assume-role-from-profile-2";
    confirm(&mut drive, other);
    assert_eq!(ended(&mut drive, other), Outcome::NotSent);
}

#[test]
fn a_listing_that_runs_is_not_started_over_and_loses_nothing() {
    let mut world = World::new();
    world.page = 1;
    let ids: Vec<String> = (0..20).map(|number| format!("mrk-{number:032}")).collect();
    for id in &ids {
        world.hold(member(id, "us-east-1", "us-east-1", &[]));
    }
    for order in 0..20 {
        let mut drive = Drive::start(settings(&["us-east-1"], true), world.clone(), order);
        for _ in 0..200 {
            drive.step();
            let effects = drive.engine.refresh_all(drive.now);
            drive.take(effects);
        }
        drive.until(|engine| is_loaded(engine, "us-east-1"));
        drive.scan();
        let fleet = drive.engine.fleet();
        assert_eq!(fleet.keys().len(), 20, "order {order}");
        assert!(fleet.is_complete(), "order {order}");
    }
}

#[test]
fn a_dark_sts_and_a_hanging_key_cost_themselves_only() {
    let timeout = || failure(ReasonKind::Timeout, FailureClass::Transport);
    let mut world = pair();
    world.fail(Some("eu-west-1"), ReadOperation::GetCallerIdentity, timeout());
    world.fail(Some("eu-west-1"), ReadOperation::DescribeKey, timeout());
    let mut drive = Drive::start(settings(&REGIONS, false), world, 5);
    drive.scan();
    for at in REGIONS {
        assert!(is_loaded(&drive.engine, at), "{at}");
    }
    let Presence::Unknown(unknown) = drive.engine.fleet().presence(&key(), &region("eu-west-1")) else { panic!() };
    assert_eq!((unknown.listed, unknown.why.kind), (true, ReasonKind::Timeout));
}

#[test]
fn who_we_are_is_asked_again_after_every_sts_was_dark() {
    let mut world = pair();
    world.fail(None, ReadOperation::GetCallerIdentity, failure(ReasonKind::ServerError, FailureClass::Server));
    let mut drive = scanned(world);
    let is_known = |engine: &Engine| matches!(engine.session(Login(0)), Some(Session::Open { identity }) if identity.fresh().is_some());
    assert!(!is_known(&drive.engine));
    drive.world.heal();
    drive.until(is_known);
}

#[test]
fn somebody_elses_promotion_is_not_taken_for_ours() {
    let mut world = pair();
    world.hold(member(ID, "us-west-2", "us-east-1", &["eu-west-1", "us-west-2"]));
    world.reply = Reply::Broken { why: "reset".into() };
    let mut drive = scanned(world);
    let change = ready(&mut drive, want(Operation::UpdatePrimaryRegion, "eu-west-1"));
    confirm(&mut drive, change);
    drive.until(|engine| matches!(step_phase(engine, change), StepPhase::Reconciling { .. }));
    for at in ["us-east-1", "us-west-2"] {
        drive.world.key_mut(ID, at).state = KeyState::Updating;
    }
    let later = drive.now.monotonic + Duration::from_mins(5);
    drive.until(|engine| {
        let status = engine.change(change).unwrap();
        assert_eq!(status.steps[0].claim.as_ref().unwrap().outcome, Outcome::Unknown);
        matches!(status.steps[0].phase, StepPhase::Reconciling { next_read: Some(at), .. } if at > later)
    });
    assert_eq!(arn(ID, "us-east-1").id, key().id);
}

#[test]
fn an_unknown_outcome_does_not_keep_the_key_from_another_plan() {
    let mut world = pair();
    world.key_mut(ID, "eu-west-1").state = KeyState::PendingDeletion;
    world.reply = Reply::Broken { why: "reset".into() };
    let mut drive = scanned(world);
    let first = ready(&mut drive, want(Operation::CancelKeyDeletion, "eu-west-1"));
    confirm(&mut drive, first);
    drive.until(|engine| matches!(step_phase(engine, first), StepPhase::Reconciling { .. }));
    let second = ready(&mut drive, want(Operation::CancelKeyDeletion, "eu-west-1"));
    let plan = drive.engine.change(second).unwrap().plan.clone().unwrap();
    assert_eq!(plan.blocked_by(), None);
    let said = plan.steps[0].preconditions.iter().any(|condition| condition.text.as_str().contains("unknown outcome"));
    assert!(said, "{:?}", plan.steps[0].preconditions);
}

#[test]
fn a_region_that_is_back_proves_nothing_by_its_old_listing() {
    let mut drive = scanned(pair());
    let here = region("us-west-2");
    let is_absent =
        |engine: &Engine| matches!(engine.fleet().presence(&key(), &region("us-west-2")), Presence::Absent(_));
    assert!(is_absent(&drive.engine));
    drive.world.trouble.insert(here.clone(), super::world::Trouble::Dark);
    let effects = drive.engine.refresh_all(drive.now);
    drive.take(effects);
    drive.until(|engine| !is_loaded(engine, "us-west-2"));
    drive.world.hold(member(ID, "us-west-2", "us-east-1", &["eu-west-1", "us-west-2"]));
    drive.world.trouble.clear();
    drive.until(|engine| {
        assert!(!is_absent(engine), "somebody made a replica while the Region was out");
        matches!(engine.fleet().presence(&key(), &region("us-west-2")), Presence::Present(_))
    });
}
