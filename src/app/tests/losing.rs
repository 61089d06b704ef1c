//! The Region loss screen: what opens it and with which Regions, what becomes of the keys, and what is done from there.

use std::collections::BTreeSet;

use super::*;
use crate::app::action::Action;
use crate::app::availability::Availability;
use crate::app::overlay::Overlay;
use crate::app::screen::Screen;
use crate::domain::fleet::last_seen::LastSeen;
use crate::domain::id::{Login, Region};
use crate::domain::impact::{Basis, PolicyIs, impact};
use crate::domain::plan::Operation;
use crate::engine::tests::world::Trouble;

const ALONE: &str = "mrk-0000000000000000000000000000alone1";

fn open() -> Harness {
    Harness::open(unlocked(), engine(), three_keys())
}

/// The lines, as the last six characters of the key's ID and what becomes of it; in braces what is only last known.
fn lines(harness: &Harness) -> Vec<String> {
    let screen = harness.model.loss();
    let line = |impact: &crate::domain::impact::KeyImpact| {
        let name = format!("{} {}", impact.key.id.tail(), impact.effect.name());
        if impact.basis == Basis::LastKnown { format!("{{{name}}}") } else { name }
    };
    screen.list().items().iter().map(|key| line(screen.of(key).unwrap())).collect()
}

fn lost(harness: &Harness) -> Vec<&str> {
    harness.model.loss().lost().iter().map(Region::as_str).collect()
}

fn why_not(harness: &Harness, action: Action) -> String {
    match harness.model.availability(action) {
        Availability::Yes => String::new(),
        Availability::No(why) => why.as_str().to_owned(),
    }
}

/// What the screen says of every key is what the command prints.
fn agrees_with_the_command(harness: &Harness) {
    let regions: BTreeSet<Region> = harness.model.loss().lost().clone();
    let fleet = harness.model.engine().fleet();
    let command = impact(fleet, harness.model.last_known(), &regions, harness.now.wall);
    let screen = harness.model.loss().impact(fleet).unwrap();
    let essence = |impact: &crate::domain::impact::Impact| {
        let of = |key: &crate::domain::impact::KeyImpact| {
            (key.key.clone(), key.effect, key.basis, key.survivors.clone(), key.remedy.clone(), key.now.clone())
        };
        impact.keys.iter().map(of).collect::<Vec<_>>()
    };
    assert_eq!(essence(&screen), essence(&command));
    assert_eq!(
        (screen.unseen, screen.last_known, screen.single_region_keys),
        (command.unseen, command.last_known, command.single_region_keys)
    );
}

#[test]
fn l_in_a_column_shows_the_loss_of_its_region() {
    let mut harness = open();
    harness.keys("g l L");
    assert!(matches!(harness.model.screen(), Screen::Loss(_)));
    assert_eq!(lost(&harness), ["us-east-1"]);
    assert_eq!(lines(&harness), ["dying1 frozen", "gapped frozen", "whole1 frozen"]);
    harness.keys("l L");
    assert_eq!(lost(&harness), ["us-west-2"], "on the screen itself L is about the Region under its cursor alone");
    assert_eq!(lines(&harness), ["dying1 reduced", "gapped reduced", "whole1 reduced"]);
    harness.keys("esc");
    assert!(matches!(harness.model.screen(), Screen::Fleet(_)));
}

#[test]
fn on_the_key_the_choice_is_what_it_was() {
    let mut harness = open();
    harness.keys("g L");
    assert_eq!((lost(&harness), lines(&harness).len()), (vec![], 0));
    harness.keys("l space");
    assert_eq!(lost(&harness), ["us-west-2"]);
    harness.keys("1 L");
    assert_eq!((lost(&harness), lines(&harness).len()), (vec!["us-west-2"], 3));
    harness.keys("6 j L");
    assert_eq!(lost(&harness).len(), 1, "the Regions have a cursor too");
    harness.keys("5 L");
    assert_eq!(lost(&harness), ["eu-west-1"], "the dying member's");
}

#[test]
fn several_regions_are_lost_at_once_and_the_worst_comes_first() {
    let mut harness = open();
    harness.keys("g l L l space");
    assert_eq!(lost(&harness), ["us-east-1", "us-west-2"]);
    assert_eq!(lines(&harness), ["dying1 lost", "gapped lost", "whole1 frozen"]);
    agrees_with_the_command(&harness);
    harness.keys("space");
    assert_eq!(lost(&harness), ["us-east-1"]);
    harness.keys("h space");
    assert_eq!((lost(&harness), lines(&harness).len()), (vec![], 0));
}

#[test]
fn every_choice_agrees_with_the_command_whatever_is_dark() {
    for dark in [None, Some("us-east-1"), Some("eu-west-1")] {
        let mut harness = open();
        if let Some(dark) = dark {
            harness.world.trouble.insert(world::region(dark), Trouble::Dark);
            harness.wait(second() * 200);
        }
        harness.keys("4 h h");
        for choice in ["space", "l space", "h space", "l l space", "h h space", "l space", "h space"] {
            harness.keys(choice);
            harness.wait(second());
            if !lost(&harness).is_empty() {
                agrees_with_the_command(&harness);
            }
        }
    }
}

#[test]
fn a_key_that_would_be_lost_is_kept_from_there() {
    let mut harness = open();
    harness.keys("g l L l space");
    let subject = harness.model.subject().unwrap();
    assert_eq!((subject.row.key.id.as_str(), subject.region.unwrap().as_str()), (DYING, "eu-west-1"));
    harness.keys("K");
    let Some(Overlay::Plan(dialog)) = harness.model.overlays().last() else { panic!("no plan") };
    let want = harness.model.engine().change(dialog.change()).unwrap().wants[0].clone();
    assert_eq!((want.operation, want.region.as_str()), (Operation::CancelKeyDeletion, "eu-west-1"));
    harness.keys("esc j enter");
    let Screen::Detail(detail) = harness.model.screen() else { panic!("no detail") };
    assert_eq!(detail.key().id.as_str(), GAPPED);
    harness.keys("esc");
    assert!(matches!(harness.model.screen(), Screen::Loss(_)));
    let Availability::Yes = harness.model.availability(Action::Replicate) else { panic!("no replica") };
}

#[test]
fn the_arns_of_the_survivors_are_copied_usable_ones_first() {
    let mut harness = open();
    harness.keys("g l L");
    harness.take_effects();
    harness.keys("c a");
    let arn = |region: &str| format!("arn:aws:kms:{region}:111122223333:key/{DYING}");
    let both = [arn("us-west-2"), arn("eu-west-1")].join("\n");
    assert_eq!(harness.take_effects(), [Effect::Copy(Foreign::new(both))]);
    assert_eq!(harness.said(), "copied: 2 ARNs of survivors, 1 usable");
    harness.keys("c t");
    assert_eq!(harness.take_effects(), [Effect::Copy(Foreign::new("us-east-1\n3 keys: 0 lost · 3 frozen"))]);
    harness.keys("l space j j c a");
    let whole = format!("arn:aws:kms:eu-west-1:111122223333:key/{WHOLE}");
    assert_eq!(harness.take_effects(), [Effect::Copy(Foreign::new(whole))]);
    harness.keys("k c a");
    assert_eq!(harness.take_effects(), []);
    assert_eq!(harness.said(), "no member of this key is known outside the lost Regions");
}

#[test]
fn opening_it_reads_the_policies() {
    let mut harness = open();
    let policies = |harness: &Harness| {
        let screen = harness.model.loss();
        let keys = screen.list().items().iter().filter_map(|key| screen.of(key));
        keys.flat_map(|key| key.survivors.iter().map(|survivor| survivor.policy)).collect::<BTreeSet<_>>()
    };
    harness.keys("g l L");
    assert_eq!(policies(&harness), BTreeSet::from([PolicyIs::Unknown]));
    harness.wait(second() * 5);
    let (answered, wanted) = harness.model.engine().deep_progress();
    assert_eq!((answered, wanted), (8, 8), "one of each member");
    assert!(!policies(&harness).contains(&PolicyIs::Unknown), "{:?}", policies(&harness));
    agrees_with_the_command(&harness);
}

#[test]
fn the_filter_of_the_fleet_holds_here_too() {
    let mut harness = open();
    harness.keys("g l L /");
    harness.type_text("alias:alias/zebra");
    harness.enter();
    assert_eq!(lines(&harness), ["dying1 frozen"]);
    assert_eq!(harness.model.loss().count(crate::domain::impact::Effect::Frozen), 1);
    harness.keys("esc esc");
    assert_eq!(harness.listed().len(), 3);
}

#[test]
fn what_was_read_before_a_region_went_dark_is_the_last_known() {
    let mut harness = open();
    harness.world.trouble.insert(world::region("us-west-2"), Trouble::Dark);
    harness.world.trouble.insert(world::region("us-east-1"), Trouble::Dark);
    harness.wait(second() * 200);
    harness.keys("g l L l space");
    assert_eq!(lines(&harness), ["dying1 lost", "{gapped lost}", "whole1 frozen"]);
    assert_eq!(harness.model.loss().totals().last_known.len(), 2);
    agrees_with_the_command(&harness);
    harness.world.trouble.clear();
    harness.wait(second() * 200);
    assert_eq!(lines(&harness), ["dying1 lost", "gapped lost", "whole1 frozen"]);
    assert!(harness.model.loss().totals().last_known.is_empty());
}

/// A former run knew, of us-west-2, a key that lived only there.
fn recalling(account: &str) -> Harness {
    let mut world = three_keys();
    world.trouble.insert(world::region("us-west-2"), Trouble::Dark);
    let at = Timestamp::from_millis(1_800_000_000_000 - 3 * 3_600_000);
    let mut last_seen = LastSeen::new(Login(0), AccountId::parse(account).unwrap(), at);
    for (id, region) in [(ALONE, "us-west-2"), (WHOLE, "eu-west-1")] {
        last_seen.add(member(id, region, region, &[]), at, Vec::new());
    }
    for region in REGIONS {
        last_seen.add_listing(world::region(region), at);
    }
    let mut harness = Harness::start(unlocked(), engine(), world);
    harness.model.recall(last_seen.finish());
    harness.wait(second() * 60);
    assert!(harness.model.engine().first_scan_is_over());
    harness.keys("4 h h h l space");
    assert_eq!(lost(&harness), ["us-west-2"]);
    harness
}

#[test]
fn keys_that_only_a_former_run_knew_are_listed_until_their_region_speaks() {
    let mut harness = recalling("111122223333");
    assert!(harness.model.last_seen().is_none(), "the fleet screen has outgrown it");
    assert_eq!(lines(&harness)[0], "{alone1 lost}", "{:?}", lines(&harness));
    let kept = harness.model.last_known().unwrap();
    assert_eq!(kept.fleet().keys().len(), 1, "of the rest this run knows better");
    assert!(harness.model.loss().totals().unseen.is_empty());
    agrees_with_the_command(&harness);
    for action in [Action::Keep, Action::Open, Action::Policy] {
        assert!(why_not(&harness, action).contains("former run"), "{action:?}: {}", why_not(&harness, action));
    }
    harness.world.trouble.clear();
    harness.wait(second() * 200);
    assert!(harness.model.last_known().is_none());
    assert_eq!(lines(&harness), ["dying1 reduced", "gapped reduced", "whole1 reduced"]);
}

#[test]
fn what_another_account_had_is_not_the_last_known() {
    let harness = recalling("999900001111");
    assert!(!lines(&harness).iter().any(|line| line.contains("alone1")), "{:?}", lines(&harness));
    assert_eq!(harness.model.loss().totals().unseen, [world::region("us-west-2")]);
    agrees_with_the_command(&harness);
}
