//! Rules and changes: what a rule forbids is never made, what it wants is said.

use std::sync::Arc;

use super::stories::{ID, REGIONS, confirm, ended, pair, phase, ready, step_phase, want};
use super::world::{Drive, Trouble, World, member, region, settings};
use crate::domain::filter::{Filter, RegionPattern};
use crate::domain::plan::{Operation, Outcome, Precondition, Verdict};
use crate::domain::rule::Rule;
use crate::domain::text::{Foreign, Safe};
use crate::domain::verdict::Severity;
use crate::engine::Deep;
use crate::engine::change::{Phase, StepPhase};
use crate::engine::settings::Settings;

/// A rule about the keys that `matching` takes.
pub(crate) fn rule(name: &str, matching: &str) -> Rule {
    Rule {
        name: Foreign::new(name),
        matching: Filter::parse(matching).unwrap(),
        required: Vec::new(),
        allowed: Vec::new(),
        forbidden: Vec::new(),
        primary: Vec::new(),
        min_related: None,
        severity: Severity::High,
    }
}

pub(crate) fn patterns(names: &[&str]) -> Vec<RegionPattern> {
    names.iter().map(|name| RegionPattern::parse(name).unwrap()).collect()
}

fn residency(matching: &str) -> Rule {
    Rule { forbidden: patterns(&["us-west-*"]), ..rule("residency", matching) }
}

fn recovery(matching: &str) -> Rule {
    Rule { required: patterns(&["us-west-2"]), ..rule("recovery", matching) }
}

fn ruled(rules: Vec<Rule>, world: World) -> Drive {
    let mut drive = Drive::start(Settings { rules: Arc::from(rules), ..settings(&REGIONS, true) }, world, 3);
    drive.engine.read_deep([Deep::Tags]);
    drive.scan();
    drive.drain();
    drive
}

/// What the plan of a replica in us-west-2 says of rules.
fn check(rules: Vec<Rule>, expected: Option<(&str, Verdict)>) {
    let mut drive = ruled(rules, pair());
    let change = ready(&mut drive, want(Operation::ReplicateKey, "us-west-2"));
    let plan = drive.engine.change(change).unwrap().plan.clone().unwrap();
    let conditions = plan.steps.iter().flat_map(|step| &step.preconditions);
    let about_rules: Vec<&Precondition> =
        conditions.filter(|condition| condition.text.as_str().starts_with("rule")).collect();
    let found = about_rules.first().map(|condition| (condition.text.as_str(), condition.result));
    assert_eq!((found, about_rules.len()), (expected, usize::from(expected.is_some())));
    assert!(about_rules.iter().all(|condition| condition.blocks));
    let blocks = expected.is_some_and(|(_, result)| result != Verdict::Pass);
    assert_eq!(plan.blocked_by().is_some(), blocks);
    confirm(&mut drive, change);
    drive.drain();
    assert_eq!(drive.world.sent.is_empty(), blocks);
}

#[test]
fn a_target_that_a_rule_forbids_is_never_sent_to() {
    check(vec![residency("*")], Some(("rule residency forbids us-west-2", Verdict::Fail)));
    check(vec![recovery("*"), residency("*")], Some(("rule residency forbids us-west-2", Verdict::Fail)));
    let allowed = Rule { allowed: patterns(&["eu-*", "us-east-1"]), ..rule("europe", "*") };
    check(vec![allowed], Some(("rule europe forbids us-west-2", Verdict::Fail)));
}

#[test]
fn a_rule_about_other_keys_does_not_count() {
    check(vec![residency("state:disabled")], None);
    check(vec![residency("tag:env=prod")], None);
    check(vec![residency("tag:env")], Some(("rule residency forbids us-west-2", Verdict::Fail)));
}

#[test]
fn what_the_rules_ask_for_is_said() {
    check(vec![recovery("*")], Some(("rules: recovery requires us-west-2, none forbids it", Verdict::Pass)));
    let second = Rule { required: patterns(&["us-*"]), ..rule("second", "*") };
    let both = "rules: recovery, second require us-west-2, none forbids it";
    check(vec![recovery("*"), second], Some((both, Verdict::Pass)));
    let elsewhere = Rule { forbidden: patterns(&["ap-*"]), ..rule("elsewhere", "*") };
    check(vec![elsewhere], Some(("rules: none forbids us-west-2", Verdict::Pass)));
    check(Vec::new(), None);
}

#[test]
fn a_rule_that_may_be_about_the_key_blocks() {
    let mut drive =
        Drive::start(Settings { rules: Arc::from([residency("tag:tier=1")]), ..settings(&REGIONS, true) }, pair(), 3);
    drive.scan();
    let change = ready(&mut drive, want(Operation::ReplicateKey, "us-west-2"));
    let plan = drive.engine.change(change).unwrap().plan.clone().unwrap();
    let blocking = plan.blocked_by().unwrap();
    let words = "rule residency forbids us-west-2; whether it is about this key is not known";
    assert_eq!((blocking.text.as_str(), blocking.result), (words, Verdict::Unknown));
}

#[test]
fn a_region_that_cannot_be_read_elsewhere_is_listed_and_stops_nothing() {
    // The replica in eu-west-1 may have the tag that the rule is about; neither source nor target depends on it.
    let mut world = pair();
    world.trouble.insert(region("eu-west-1"), Trouble::Denied);
    let mut drive = ruled(vec![recovery("tag:env"), residency("tag:tier=1")], world);
    let change = ready(&mut drive, want(Operation::ReplicateKey, "us-west-2"));
    let plan = drive.engine.change(change).unwrap().plan.clone().unwrap();
    let conditions = plan.steps.iter().flat_map(|step| &step.preconditions);
    let about_rules = conditions.filter(|condition| condition.text.as_str().starts_with("rule"));
    let said: Vec<_> = about_rules.map(|one| (one.text.as_str(), one.result, one.blocks)).collect();
    let unknown = "rule residency forbids us-west-2; whether it is about this key is not known";
    let required = "rules: recovery requires us-west-2";
    assert_eq!(said, [(required, Verdict::Pass, true), (unknown, Verdict::Unknown, false)]);
    assert!(plan.blocked_by().is_none());
    confirm(&mut drive, change);
    drive.until(|engine| !matches!(step_phase(engine, change), StepPhase::Waiting));
    drive.drain();
    assert_eq!(drive.world.sent.len(), 1);
}

#[test]
fn a_promotion_out_of_where_the_primary_should_be_is_said_and_sent() {
    let home = Rule { primary: patterns(&["us-east-1", "us-west-*"]), ..rule("home", "*") };
    let mut drive = ruled(vec![home], pair());
    let change = ready(&mut drive, want(Operation::UpdatePrimaryRegion, "eu-west-1"));
    let plan = drive.engine.change(change).unwrap().plan.clone().unwrap();
    let lines: Vec<&str> = plan.steps.iter().flat_map(|step| &step.consequences).map(Safe::as_str).collect();
    assert!(lines.contains(&"! rule home wants the primary in us-east-1, us-west-*"), "{lines:?}");
    assert!(plan.blocked_by().is_none());
    confirm(&mut drive, change);
    drive.until(|engine| !matches!(step_phase(engine, change), StepPhase::Waiting));
    drive.drain();
    assert_eq!(drive.world.sent.len(), 1);
}

#[test]
fn a_key_that_falls_under_a_rule_after_the_plan_is_not_replicated() {
    // The alias comes after the plan was made and before it is confirmed.
    let mut drive = ruled(vec![residency("alias:alias/europe")], pair());
    let change = ready(&mut drive, want(Operation::ReplicateKey, "us-west-2"));
    assert!(matches!(phase(&drive.engine, change), Phase::Ready), "{:?}", phase(&drive.engine, change));
    drive.world.aliases = vec![("alias/europe", "us-east-1", ID)];
    let effects = drive.engine.refresh_all(drive.now);
    drive.take(effects);
    drive.drain();
    confirm(&mut drive, change);
    assert_eq!(ended(&mut drive, change), Outcome::NotSent);
    assert!(drive.world.sent.is_empty());
}

#[test]
fn a_key_without_a_rule_reads_no_tags() {
    let mut world = World::new();
    world.hold(member(ID, "us-east-1", "us-east-1", &[]));
    let mut drive = Drive::start(settings(&REGIONS, true), world, 3);
    drive.scan();
    drive.drain();
    let tags = |(_, _, operation): &&(_, _, _)| *operation == crate::engine::effect::ReadOperation::ListResourceTags;
    assert_eq!(drive.asked.iter().filter(tags).count(), 0);
    assert!(drive.engine.fleet().rules().is_empty());
}
