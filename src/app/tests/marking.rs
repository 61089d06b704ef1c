//! Marks: what is marked stays marked and is always counted, and while anything is, a change of one key is not on offer.

use super::*;
use crate::app::action::Action;
use crate::app::availability::Availability;
use crate::app::overlay::Overlay;
use crate::app::screen::Screen;
use crate::engine::tests::world::Trouble;

fn open() -> Harness {
    Harness::open(unlocked(), engine(), three_keys())
}

/// What is marked: the last six characters of each key's ID, and of a member its Region.
fn marked(harness: &Harness) -> Vec<String> {
    let short = |item: &crate::app::screen::fleet::Item| match &item.member {
        None => item.key.id.tail().to_owned(),
        Some(region) => format!("{} {}", item.key.id.tail(), region.short()),
    };
    harness.model.fleet().marked().iter().map(short).collect()
}

fn check(harness: &Harness, expected: &[&str], words: &str) {
    assert_eq!(marked(harness), expected);
    let said = harness.model.fleet().marks_words().map(|words| words.as_str().to_owned());
    assert_eq!(said.unwrap_or_default(), words);
}

fn why_not(harness: &Harness, action: Action) -> String {
    match harness.model.availability(action) {
        Availability::Yes => String::new(),
        Availability::No(why) => why.as_str().to_owned(),
    }
}

fn filter(harness: &mut Harness, text: &str) {
    harness.keys("/ ctrl-u");
    harness.type_text(text);
    harness.enter();
}

#[test]
fn space_marks_goes_down_and_unmarks() {
    let mut harness = open();
    assert_eq!(harness.listed(), ["dying1", "whole1", "gapped"]);
    harness.keys("space");
    check(&harness, &["dying1"], "1 key marked");
    assert_eq!(harness.model.fleet().selected().unwrap().key.id.tail(), "whole1");
    harness.keys("space");
    check(&harness, &["dying1", "whole1"], "2 keys marked");
    harness.keys("g space");
    check(&harness, &["whole1"], "1 key marked");
    harness.keys("u");
    check(&harness, &[], "");
    assert_eq!(why_not(&harness, Action::Unmark), "nothing is marked");
}

#[test]
fn marks_stay_on_their_keys_through_order_and_filter_and_are_counted_where_hidden() {
    let mut harness = open();
    harness.keys("space space S s s");
    check(&harness, &["dying1", "whole1"], "2 keys marked");
    filter(&mut harness, "mango");
    assert_eq!(harness.listed(), ["gapped"]);
    check(&harness, &["dying1", "whole1"], "2 keys marked, 2 hidden by the filter");
    harness.keys("g space");
    check(&harness, &["dying1", "gapped", "whole1"], "3 keys marked, 2 hidden by the filter");
    harness.keys("esc");
    check(&harness, &["dying1", "gapped", "whole1"], "3 keys marked");
    harness.world.key_mut(WHOLE, "us-west-2").state = KeyState::Disabled;
    harness.keys("ctrl-r");
    harness.wait(second());
    check(&harness, &["dying1", "gapped", "whole1"], "3 keys marked");
    harness.keys("7 1");
    check(&harness, &["dying1", "gapped", "whole1"], "3 keys marked");
}

#[test]
fn a_range_follows_the_cursor_until_it_is_ended_or_dropped() {
    let mut harness = open();
    harness.keys("V j j");
    check(&harness, &["dying1", "gapped", "whole1"], "3 keys marked");
    harness.keys("k");
    check(&harness, &["dying1", "whole1"], "2 keys marked");
    harness.keys("V j");
    check(&harness, &["dying1", "whole1"], "2 keys marked");
    harness.keys("G V");
    check(&harness, &["dying1", "gapped", "whole1"], "3 keys marked");
    harness.keys("esc");
    check(&harness, &["dying1", "whole1"], "2 keys marked");
    assert!(!harness.model.fleet().is_marking_range());
}

#[test]
fn esc_closes_what_is_open_then_drops_the_range_then_lifts_the_filter() {
    let mut harness = open();
    filter(&mut harness, "state:enabled");
    harness.keys("g V j ? esc");
    assert!(harness.model.fleet().is_marking_range() && harness.model.overlays().is_empty());
    harness.keys("esc");
    assert!(!harness.model.fleet().is_marking_range() && harness.model.fleet().filter().is_some());
    harness.keys("esc");
    assert!(harness.model.fleet().filter().is_none());
}

#[test]
fn a_range_whose_lines_change_without_a_key_press_ends() {
    let mut harness = open();
    harness.keys("g V j");
    check(&harness, &["dying1", "whole1"], "2 keys marked");
    harness.world.key_mut(GAPPED, "us-west-2").state = KeyState::Disabled;
    harness.keys("ctrl-r");
    harness.wait(second());
    assert_eq!(harness.listed(), ["dying1", "gapped", "whole1"]);
    check(&harness, &["dying1", "whole1"], "2 keys marked");
    assert!(!harness.model.fleet().is_marking_range());
    assert!(harness.model.notices().iter().any(|notice| notice.text.as_str().contains("the range was ended")));
}

#[test]
fn all_that_the_filter_keeps_is_marked_and_nothing_that_it_cannot_decide() {
    let mut harness = open();
    filter(&mut harness, "state:pending|enabled");
    harness.keys("*");
    check(&harness, &["dying1", "gapped", "whole1"], "3 keys marked");
    let mut world = three_keys();
    world.trouble.insert(world::region("us-east-1"), Trouble::Denied);
    world.aliases.push(("alias/zed", "us-west-2", WHOLE));
    let mut harness = Harness::open(unlocked(), engine(), world);
    filter(&mut harness, "alias:alias/zed");
    assert_eq!(harness.listed().len(), 3);
    harness.keys("ctrl-a");
    check(&harness, &["whole1"], "1 key marked");
    assert!(harness.said().contains("2 that the filter cannot decide"), "{}", harness.said());
}

#[test]
fn in_the_tree_members_are_marked() {
    let mut harness = open();
    harness.keys("v j space");
    check(&harness, &["dying1 use1"], "1 member marked");
    harness.keys("g space");
    check(&harness, &["dying1 euw1", "dying1 use1", "dying1 usw2"], "3 members marked");
    harness.keys("g space");
    check(&harness, &[], "");
    harness.keys("g V j j j V");
    check(&harness, &["dying1 euw1", "dying1 use1", "dying1 usw2"], "3 members marked");
    harness.keys("v g");
    let fleet = harness.model.fleet();
    assert!(fleet.is_marked(fleet.list().cursor().unwrap()), "no mark is invisible in the other layout");
    harness.keys("j space v");
    check(&harness, &["dying1 euw1", "dying1 use1", "dying1 usw2", "whole1"], "1 key and 3 members marked");
}

#[test]
fn a_key_is_never_marked_beside_a_member_of_its_own() {
    let mut harness = open();
    harness.keys("g space g v j space");
    check(&harness, &["dying1 use1"], "1 member marked");
    harness.keys("v *");
    check(&harness, &["dying1", "gapped", "whole1"], "3 keys marked");
}

#[test]
fn what_is_gone_loses_its_mark_and_that_is_said() {
    let mut harness = open();
    harness.keys("*");
    harness.world.keys.retain(|(_, id), _| id.as_str() != GAPPED);
    harness.keys("ctrl-r");
    harness.wait(second() * 5);
    check(&harness, &["dying1", "whole1"], "2 keys marked");
    let said = format!("{GAPPED} is gone, and is not marked any more");
    assert!(harness.model.notices().iter().any(|notice| notice.text.as_str() == said), "{}", harness.said());
}

#[test]
fn a_key_that_cannot_be_read_any_more_keeps_its_mark() {
    let mut harness = open();
    harness.keys("*");
    for at in REGIONS {
        harness.world.trouble.insert(world::region(at), Trouble::Denied);
    }
    harness.keys("ctrl-r");
    harness.wait(second() * 60);
    check(&harness, &["dying1", "gapped", "whole1"], "3 keys marked");
}

#[test]
fn while_keys_are_marked_a_change_is_of_all_of_them() {
    let mut world = three_keys();
    world.key_mut(GAPPED, "us-west-2").state = KeyState::PendingDeletion;
    let mut harness = Harness::open(unlocked(), engine(), world);
    harness.keys("* K");
    harness.answer();
    let Some(Overlay::Plan(dialog)) = harness.model.overlays().last() else { panic!("no plan") };
    let change = dialog.change();
    let plan = harness.model.engine().change(change).unwrap().plan.clone().unwrap();
    assert_eq!((plan.steps.len(), plan.skipped.len(), plan.phrase()), (2, 0, "keep 2".to_owned()));
    harness.frame();
    harness.wait(second());
    harness.type_text("keep 2");
    harness.enter();
    let keep_both = |world: &World| world.sent.len() == 2;
    harness.answer_until(keep_both);
    for (id, at) in [(DYING, "eu-west-1"), (GAPPED, "us-west-2")] {
        harness.world.key_mut(id, at).state = KeyState::Disabled;
    }
    harness.wait(second() * 10);
    check(&harness, &["whole1"], "1 key marked");
    harness.keys("w");
    assert!(matches!(harness.model.overlays().last(), Some(Overlay::Reader(_))));
}

#[test]
fn a_plan_of_many_names_what_it_leaves_out() {
    let mut harness = open();
    harness.keys("* l l l R");
    harness.answer();
    let Some(Overlay::Plan(dialog)) = harness.model.overlays().last() else { panic!("no plan") };
    let plan = harness.model.engine().change(dialog.change()).unwrap().plan.clone().unwrap();
    assert_eq!((plan.steps.len(), plan.skipped.len()), (1, 2), "{:?}", plan.skipped);
    assert!(changes(&harness.take_effects()).is_empty());
}

#[test]
fn a_key_opened_by_itself_can_be_changed_although_others_are_marked() {
    let mut harness = open();
    harness.keys("j space g l l l enter");
    assert!(matches!(harness.model.screen(), Screen::Detail(_)));
    assert_eq!(why_not(&harness, Action::Keep), "");
    harness.keys("5");
    assert_eq!(why_not(&harness, Action::Keep), "");
}
