//! Rules under the cursor: what is forbidden is said where it is asked for, and what is missing has a column.

use std::sync::Arc;

use super::*;
use crate::app::action::Action;
use crate::app::availability::Availability;
use crate::app::overlay::plan::Field;
use crate::domain::id::Region;
use crate::domain::rule::Rule;
use crate::engine::settings::Regions;
use crate::engine::tests::ruled::{patterns, rule};

fn ruled(rules: Vec<Rule>) -> EngineSettings {
    EngineSettings { rules: Arc::from(rules), ..engine() }
}

fn residency(matching: &str) -> Rule {
    Rule { allowed: patterns(&["us-*"]), ..rule("residency", matching) }
}

const WORDS: &str = "rule residency forbids eu-west-1: no replica is made there";

#[test]
fn a_forbidden_region_is_said_and_no_plan_is_opened() {
    let mut harness = on_the_gap(unlocked(), ruled(vec![residency("*")]));
    let Availability::No(why) = harness.model.availability(Action::Replicate) else { panic!("it is offered") };
    assert_eq!(why.as_str(), WORDS);
    harness.keys("R");
    assert!(harness.model.overlays().is_empty());
    assert!(harness.said().contains(WORDS), "{}", harness.said());
}

#[test]
fn a_rule_about_other_keys_forbids_nothing() {
    let mut harness = on_the_gap(unlocked(), ruled(vec![residency("alias:alias/zebra")]));
    harness.keys("R");
    harness.answer();
    harness.wait(second());
    assert!(matches!(harness.field(), Field::Open { .. }), "{:?}", harness.field());
}

#[test]
fn a_rule_that_may_be_about_the_key_blocks_its_plan() {
    let mut harness = on_the_gap(unlocked(), ruled(vec![residency("tag:tier=1")]));
    harness.keys("R");
    harness.answer();
    harness.wait(second());
    let Field::Blocked(_) = harness.field() else { panic!("{:?}", harness.field()) };
    harness.type_text("eu-west-1");
    harness.enter();
    assert_eq!(changes(&harness.take_effects()), [""; 0]);
}

#[test]
fn of_several_keys_the_forbidden_ones_are_left_out_with_their_reason() {
    let mut harness = on_the_gap(unlocked(), ruled(vec![residency("alias:alias/mango")]));
    harness.keys("space R");
    harness.answer();
    harness.wait(second());
    let change = harness.model.engine().changes().next().unwrap();
    let said = format!("{:?} {:?}", change.phase, change.plan.as_ref().map(|plan| &plan.skipped));
    assert!(
        said.contains("rule residency forbids eu-west-1") || matches!(harness.field(), Field::Blocked(_)),
        "{said}"
    );
}

#[test]
fn a_region_that_a_rule_asks_for_is_a_column() {
    let columns = |rules: Vec<Rule>| {
        let settings = EngineSettings { regions: Regions::Auto, ..ruled(rules) };
        let harness = Harness::open(unlocked(), settings, three_keys());
        harness.model.fleet().columns().items().iter().map(Region::short).collect::<Vec<_>>()
    };
    assert_eq!(columns(Vec::new()), ["use1", "usw2", "euw1"]);
    let required = Rule { required: patterns(&["eu-central-1", "ap-*"]), ..rule("recovery", "*") };
    assert_eq!(columns(vec![required]), ["use1", "usw2", "euw1", "euc1"]);
    let forbidden = Rule { forbidden: patterns(&["sa-east-1"]), ..rule("residency", "*") };
    assert_eq!(columns(vec![forbidden]), ["use1", "usw2", "euw1"]);
    let elsewhere = Rule { required: patterns(&["cn-north-1"]), ..rule("china", "*") };
    assert_eq!(columns(vec![elsewhere]), ["use1", "usw2", "euw1"]);
}
