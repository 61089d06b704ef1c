//! The Deletions screen: what is in it, in which order, what it does not cover, and what is done from there.

use super::*;
use crate::app::action::Action;
use crate::app::availability::Availability;
use crate::app::overlay::Overlay;
use crate::app::screen::Screen;
use crate::app::screen::deletions::Fate;
use crate::domain::fleet::last_seen::LastSeen;
use crate::domain::id::{KeyId, Login};
use crate::domain::plan::Operation;
use crate::engine::tests::world::Trouble;

const WAITING: &str = "mrk-000000000000000000000000waiting";
const DAY: i64 = 86_400_000;

fn at(days: i64) -> Timestamp {
    Timestamp::from_millis(1_800_000_000_000 + days * DAY)
}

fn dies(world: &mut World, id: &str, at_region: &str, days: i64) {
    let key = world.key_mut(id, at_region);
    key.state = KeyState::PendingDeletion;
    key.deletion_date = Some(at(days));
}

/// Beside the dying replica of three days: one of a day, and a primary that waits for a replica of nine.
fn dying() -> World {
    let mut world = three_keys();
    dies(&mut world, GAPPED, "us-west-2", 1);
    for at in ["us-east-1", "us-west-2"] {
        world.hold(member(WAITING, at, "us-east-1", &["us-west-2"]));
    }
    dies(&mut world, WAITING, "us-west-2", 9);
    let primary = world.key_mut(WAITING, "us-east-1");
    primary.state = KeyState::PendingReplicaDeletion;
    primary.pending_window_days = Some(30);
    world
}

fn open(world: World) -> Harness {
    let mut harness = Harness::open(unlocked(), engine(), world);
    harness.keys("5");
    harness
}

/// The lines, as the last six characters of the key's ID and the Region; in braces what only a former run saw.
fn lines(harness: &Harness) -> Vec<String> {
    let screen = harness.model.deletions();
    let line = |item: &crate::app::screen::deletions::Item| {
        let name = format!("{} {}", item.key.id.tail(), item.region.short());
        match screen.fate(item).unwrap() {
            Fate::Pending(_) => name,
            Fate::LastSeen(_) => format!("{{{name}}}"),
            Fate::Kept => format!("kept {name}"),
        }
    };
    screen.list().items().iter().map(line).collect()
}

fn unread(harness: &Harness) -> (usize, usize, bool) {
    let coverage = harness.model.deletions().coverage();
    (coverage.unread.len(), coverage.members, coverage.is_complete())
}

fn why_not(harness: &Harness, action: Action) -> String {
    match harness.model.availability(action) {
        Availability::Yes => String::new(),
        Availability::No(why) => why.as_str().to_owned(),
    }
}

#[test]
fn clocks_that_run_come_by_time_left_and_waiting_primaries_after() {
    let harness = open(dying());
    assert_eq!(lines(&harness), ["gapped usw2", "dying1 euw1", "aiting usw2", "aiting use1"]);
    let counts = harness.model.deletions().counts();
    assert_eq!((counts.dying, counts.waiting, counts.first), (3, 1, Some(at(1))));
    assert_eq!(unread(&harness), (0, 0, true));
}

#[test]
fn the_cursor_stays_on_its_member_when_another_dies_sooner() {
    let mut harness = open(dying());
    harness.keys("j");
    assert_eq!(harness.model.subject().unwrap().region.unwrap().as_str(), "eu-west-1");
    dies(&mut harness.world, WHOLE, "us-west-2", 0);
    harness.keys("ctrl-r");
    harness.wait(second());
    assert_eq!(lines(&harness)[0], "whole1 usw2");
    let subject = harness.model.subject().unwrap();
    assert_eq!((subject.row.key.id.as_str(), subject.region.unwrap().as_str()), (DYING, "eu-west-1"));
}

#[test]
fn k_plans_for_the_member_under_the_cursor_and_e_enables_it_in_the_same_place() {
    let mut harness = open(dying());
    harness.keys("j j K");
    harness.answer();
    let Some(Overlay::Plan(dialog)) = harness.model.overlays().last() else { panic!("no plan") };
    let want = harness.model.engine().change(dialog.change()).unwrap().wants[0].clone();
    assert_eq!((want.key.id.as_str(), want.region.as_str()), (WAITING, "us-west-2"));
    assert_eq!(want.operation, Operation::CancelKeyDeletion);
    harness.wait(second());
    harness.type_text("yes");
    harness.world.key_mut(WAITING, "us-west-2").state = KeyState::PendingDeletion;
    harness.enter();
    harness.answer_until(|world| !world.sent.is_empty());
    let key = harness.world.key_mut(WAITING, "us-west-2");
    (key.state, key.deletion_date) = (KeyState::Disabled, None);
    harness.wait(second() * 30);
    assert!(matches!(harness.model.screen(), Screen::Deletions(_)));
    assert_eq!(lines(&harness), ["gapped usw2", "dying1 euw1", "aiting use1", "kept aiting usw2"]);
    assert_eq!(harness.model.subject().unwrap().region.unwrap().as_str(), "us-west-2");
    assert_eq!((why_not(&harness, Action::Enable).as_str(), harness.model.deletions().counts().kept), ("", 1));
    harness.world.key_mut(WAITING, "us-west-2").state = KeyState::Enabled;
    harness.keys("r");
    harness.wait(second());
    assert_eq!(lines(&harness).len(), 3);
}

#[test]
fn enter_opens_the_detail_of_the_member_and_esc_comes_back() {
    let mut harness = open(dying());
    harness.keys("j enter");
    let Screen::Detail(detail) = harness.model.screen() else { panic!("no detail") };
    assert_eq!((detail.key().id.as_str(), detail.region().unwrap().as_str()), (DYING, "eu-west-1"));
    harness.keys("esc");
    assert!(matches!(harness.model.screen(), Screen::Deletions(_)));
    harness.keys("c a");
    let arn = format!("arn:aws:kms:eu-west-1:111122223333:key/{DYING}");
    assert_eq!(harness.take_effects(), [Effect::Copy(Foreign::new(arn))]);
    harness.keys("c t");
    assert_eq!(
        harness.take_effects(),
        [Effect::Copy(Foreign::new([GAPPED, DYING, WAITING].join("\n")))],
        "each key once"
    );
    harness.keys("esc");
    assert!(matches!(harness.model.screen(), Screen::Fleet(_)));
}

#[test]
fn a_filter_of_its_own_hides_and_says_how_many() {
    let mut harness = open(dying());
    harness.keys("/");
    harness.type_text("alias:alias/zebra");
    harness.enter();
    assert_eq!((lines(&harness), harness.model.deletions().counts().hidden), (vec!["dying1 euw1".to_owned()], 3));
    assert!(harness.model.fleet().filter().is_none());
    harness.keys("esc");
    assert_eq!((lines(&harness).len(), harness.model.deletions().counts().hidden), (4, 0));
    assert!(matches!(harness.model.screen(), Screen::Deletions(_)));
}

#[test]
fn what_cannot_be_read_is_never_nothing() {
    let mut world = three_keys();
    world.trouble.insert(world::region("eu-west-1"), Trouble::Denied);
    let mut harness = open(world);
    assert_eq!((lines(&harness), unread(&harness)), (Vec::new(), (1, 0, false)));
    harness.world.trouble.insert(
        world::region("eu-west-1"),
        Trouble::KeysDenied([KeyId::parse(DYING).unwrap(), KeyId::parse(WHOLE).unwrap()].into()),
    );
    harness.keys("ctrl-r");
    harness.wait(second() * 5);
    assert_eq!((lines(&harness), unread(&harness)), (Vec::new(), (0, 2, false)));
    harness.world.trouble.clear();
    harness.keys("ctrl-r");
    harness.wait(second() * 5);
    assert_eq!((lines(&harness), unread(&harness)), (vec!["dying1 euw1".to_owned()], (0, 0, true)));
}

#[test]
fn a_region_that_goes_dark_keeps_its_dates() {
    let mut harness = open(three_keys());
    harness.world.trouble.insert(world::region("eu-west-1"), Trouble::Denied);
    harness.keys("ctrl-r");
    harness.wait(second() * 90);
    assert_eq!(lines(&harness), ["dying1 euw1"]);
    let counts = harness.model.deletions().counts();
    assert_eq!((counts.dying, counts.last_known, counts.first), (1, 1, Some(at(3))));
    assert!(why_not(&harness, Action::Keep).contains("could not be read again: access denied"));
}

/// A former run saw a replica die in eu-west-1, of a key that is still there, and one of a key that only lived there.
fn last_seen(account: &str) -> LastSeen {
    let read_at = Timestamp::from_millis(1_800_000_000_000 - 3 * 3_600_000);
    let mut last_seen = LastSeen::new(Login(0), AccountId::parse(account).unwrap(), read_at);
    for (id, days) in [(DYING, 3), ("mrk-0000000000000000000000000alone1", 5)] {
        let mut key = member(id, "eu-west-1", "us-east-1", &[]);
        (key.state, key.deletion_date) = (KeyState::PendingDeletion, Some(at(days)));
        last_seen.add(key, read_at, Vec::new());
    }
    last_seen.finish()
}

fn recalling(account: &str, world: World) -> Harness {
    let mut harness = Harness::start(unlocked(), engine(), world);
    harness.model.recall(last_seen(account));
    harness.frame();
    harness.keys("5");
    assert_eq!(lines(&harness), ["{dying1 euw1}", "{alone1 euw1}"]);
    harness.wait(second() * 5);
    assert!(harness.model.engine().first_scan_is_over());
    harness
}

#[test]
fn what_a_former_run_saw_dying_stays_until_its_region_speaks() {
    let mut world = three_keys();
    world.trouble.insert(world::region("eu-west-1"), Trouble::Denied);
    let mut harness = recalling("111122223333", world);
    assert!(harness.model.last_seen().is_none(), "the fleet screen has outgrown it");
    assert_eq!(lines(&harness), ["{dying1 euw1}", "{alone1 euw1}"]);
    assert!(why_not(&harness, Action::Keep).contains("access denied"), "{}", why_not(&harness, Action::Keep));
    harness.keys("j");
    for action in [Action::Keep, Action::Enable, Action::Open, Action::Policy, Action::RefreshKey] {
        assert!(why_not(&harness, action).contains("former run"), "{action:?}: {}", why_not(&harness, action));
    }
    harness.keys("K enter c a");
    assert!(harness.model.overlays().is_empty());
    let arn = Foreign::new("arn:aws:kms:eu-west-1:111122223333:key/mrk-0000000000000000000000000alone1");
    assert_eq!(harness.take_effects(), [Effect::Copy(arn)]);
    harness.world.trouble.clear();
    harness.keys("ctrl-r");
    harness.wait(second() * 5);
    assert_eq!(lines(&harness), ["dying1 euw1"], "read now, and the other one is listed nowhere");
}

#[test]
fn what_a_former_run_saw_of_another_account_is_dropped() {
    let mut world = three_keys();
    world.trouble.insert(world::region("eu-west-1"), Trouble::Denied);
    let harness = recalling("999900001111", world);
    assert_eq!(lines(&harness), [""; 0]);
}
