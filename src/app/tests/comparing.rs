//! Two members side by side: which two, what is read for them, and that nothing is claimed of what was not.

use super::*;
use crate::app::action::Action;
use crate::app::availability::Availability;
use crate::app::overlay::Overlay;
use crate::domain::filter::{Filter, RegionPattern};
use crate::domain::reading::{Reason, ReasonKind};
use crate::domain::rule::Rule;
use crate::domain::verdict::Severity;
use crate::engine::effect::ReadOperation;
use crate::engine::message::{Failure, FailureClass};

/// Three keys whose members have the same aliases.
fn alike() -> World {
    let mut world = three_keys();
    let aliases = world.aliases.clone();
    for at in ["us-west-2", "eu-west-1"] {
        world.aliases.extend(aliases.iter().map(|(alias, _, id)| (*alias, at, *id)));
    }
    world
}

fn open() -> Harness {
    Harness::open(settings(), engine(), alike())
}

fn title(harness: &Harness) -> String {
    let Some(Overlay::SideBySide(compared)) = harness.model.overlays().last() else { panic!("not open") };
    compared.viewer().title.as_str().to_owned()
}

fn text(harness: &Harness) -> Vec<String> {
    let Some(Overlay::SideBySide(compared)) = harness.model.overlays().last() else { panic!("not open") };
    compared.viewer().text.lines().iter().map(crate::app::text::TextLine::plain).collect()
}

fn check(harness: &Harness, one: &str, other: &str) {
    let title = title(harness);
    assert!(title.ends_with(&format!(": {one} and {other}")), "{title}");
}

const FIRST: &str = "us-east-1 (PRIMARY)";

#[test]
fn the_member_under_the_cursor_is_held_against_the_primary() {
    let mut harness = open();
    harness.keys("g l l D");
    check(&harness, FIRST, "us-west-2 (REPLICA)");
    harness.keys("esc");
    assert!(harness.model.overlays().is_empty());
    harness.keys("l D");
    check(&harness, FIRST, "eu-west-1 (REPLICA)");
    harness.keys("q");
    assert!(harness.model.overlays().is_empty());
}

#[test]
fn on_the_key_the_first_member_that_differs_is_chosen_else_the_first() {
    let mut harness = open();
    // The dying one: its replica in eu-west-1 is the only one that differs.
    harness.keys("g D");
    check(&harness, FIRST, "eu-west-1 (REPLICA)");
    harness.keys("esc l D");
    check(&harness, FIRST, "eu-west-1 (REPLICA)");
    harness.keys("esc j D");
    check(&harness, FIRST, "us-west-2 (REPLICA)");
    assert!(title(&harness).starts_with("apple: "), "{}", title(&harness));
}

#[test]
fn h_and_l_go_from_member_to_member_and_past_the_one_on_the_left() {
    let mut harness = open();
    harness.keys("g D h");
    check(&harness, FIRST, "us-west-2 (REPLICA)");
    harness.keys("h h");
    check(&harness, FIRST, "us-west-2 (REPLICA)");
    harness.keys("right right");
    check(&harness, FIRST, "eu-west-1 (REPLICA)");
    assert_eq!(harness.model.fleet().selected_region(), None, "the cursor below stays");
}

#[test]
fn two_marked_members_are_the_two() {
    let mut harness = open();
    harness.keys("v g j j space space D");
    check(&harness, "us-west-2 (REPLICA)", "eu-west-1 (REPLICA)");
    harness.keys("esc k k k space D");
    check(&harness, FIRST, "us-west-2 (REPLICA)");
}

#[test]
fn from_the_detail_and_the_other_screens() {
    let mut harness = open();
    harness.keys("g enter l l D");
    check(&harness, FIRST, "eu-west-1 (REPLICA)");
    harness.keys("esc esc 5 D");
    check(&harness, FIRST, "eu-west-1 (REPLICA)");
}

/// Where a member is disabled there is a finding, and with a rule there is a line of the coverage.
#[test]
fn from_what_the_checks_find() {
    let mut world = alike();
    world.key_mut(WHOLE, "eu-west-1").state = KeyState::Disabled;
    let rule = Rule {
        name: Foreign::new("everywhere"),
        matching: Filter::parse("alias:apple").unwrap(),
        required: vec![RegionPattern::parse("eu-west-1").unwrap()],
        allowed: Vec::new(),
        forbidden: Vec::new(),
        primary: Vec::new(),
        min_related: None,
        severity: Severity::High,
    };
    let engine = EngineSettings { rules: [rule].into(), ..engine() };
    for screen in ["2", "3"] {
        let mut harness = Harness::open(settings(), engine.clone(), world.clone());
        harness.keys(screen);
        harness.answer();
        harness.keys("D");
        check(&harness, FIRST, "eu-west-1 (REPLICA)");
        harness.keys("h");
        check(&harness, FIRST, "us-west-2 (REPLICA)");
    }
}

#[test]
fn what_it_needs_is_read_and_until_then_nothing_is_called_the_same() {
    let mut harness = open();
    harness.keys("g D");
    let lines = text(&harness);
    assert_eq!(lines[0], "2 differences so far: state, deletion; being read: tags, policy");
    assert!(lines.iter().any(|line| line.starts_with("? policy")), "{lines:?}");
    harness.answer();
    let lines = text(&harness);
    assert_eq!(lines[0], "2 differences: state, deletion");
    assert!(
        lines.iter().any(|line| line.starts_with("= policy         the same, each for its own Region")),
        "{lines:?}"
    );
    assert!(changes(&harness.take_effects()).is_empty());
}

#[test]
fn a_policy_that_cannot_be_read_is_not_called_the_same() {
    let mut world = alike();
    let reason = Reason { code: Some(Foreign::new("AccessDeniedException")), ..Reason::of(ReasonKind::Denied) };
    let failure = Failure { reason, class: FailureClass::Refused };
    world.fail(Some("eu-west-1"), ReadOperation::GetKeyPolicy, failure);
    let mut harness = Harness::open(settings(), engine(), world);
    harness.keys("g j l l l D");
    harness.answer();
    let lines = text(&harness);
    // The lines are as wide as the screen.
    let all = lines.join(" ").split_whitespace().collect::<Vec<_>>().join(" ");
    let verdict = "no difference in what could be read; not known: policy (eu-west-1: access denied)";
    assert!(all.starts_with(verdict), "{all}");
    assert!(all.contains("? policy not known eu-west-1: access denied (AccessDeniedException); "), "{all}");
}

#[test]
fn a_key_without_a_second_member_says_so() {
    let mut world = three_keys();
    world.hold(member("mrk-000000000000000000000000000alone", "us-east-1", "us-east-1", &[]));
    let mut harness = Harness::open(settings(), engine(), world);
    harness.keys("G D");
    assert_eq!(harness.said(), "this key has no replica to compare with");
    assert!(harness.model.overlays().is_empty());
    assert!(matches!(harness.model.availability(Action::Diff), Availability::No(_)));
}

#[test]
fn the_text_is_searched_and_scrolled() {
    let mut harness = open();
    harness.keys("g D");
    harness.answer();
    harness.keys("/");
    harness.type_text("policy");
    harness.enter();
    let Some(Overlay::SideBySide(compared)) = harness.model.overlays().last() else { panic!("not open") };
    assert!(compared.viewer().text.matches() > 0);
    harness.keys("n N G g esc");
    assert!(harness.model.overlays().is_empty());
}
