//! The Deletions screen in each of its states: an empty list says what it does not prove, and what is only last known says so.

use std::time::Duration;

use ratatui::style::{Color, Modifier};

use super::stage::{Stage, engine_settings};
use super::story::{START, World, region};
use super::tones::style;
use crate::app::message::Message;
use crate::domain::fleet::last_seen::LastSeen;
use crate::domain::id::{AccountId, Login};
use crate::domain::key::KeyState;
use crate::domain::reading::ReasonKind;
use crate::domain::text::Foreign;
use crate::domain::time::Timestamp;
use crate::engine::tests::world::member;
use crate::ui::theme::Theme;

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (50, 12)];

fn check(name: &str, stage: &Stage) {
    let area = *stage.buffer().area();
    insta::with_settings!({ snapshot_path => "snapshots", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(format!("{name}_{}x{}", area.width, area.height), stage.text());
    });
}

/// The story, with more that dies: a primary that may wait for ever, and one of which one replica cannot be read.
fn world() -> World {
    let mut world = World::story();
    world.add("tax-archive-2019", "77aa01", "", "use1:Pw euw1:R! euc1:R");
    world.add("billing-old", "77aa02", "", "use1:Pw usw2:R! aps1:R!");
    world.key_mut("77aa02", "us-west-2").deletion_date = Timestamp::parse("2026-11-29T07:00:00Z");
    world
}

fn open(size: (u16, u16), world: World) -> Stage {
    let mut stage = Stage::new(size, world, engine_settings());
    stage.settle();
    stage.keys("5");
    stage
}

#[test]
fn what_dies_stands_by_time_left() {
    for size in SIZES {
        let mut stage = open(size, world());
        check("deletions", &stage);
        stage.keys("G");
        check("deletions_waiting", &stage);
        stage.keys("k");
        check("deletions_expected", &stage);
    }
}

#[test]
fn nothing_dies_only_if_everything_was_read() {
    for size in SIZES {
        check("deletions_empty", &open(size, World::healthy()));
        let mut world = World::healthy();
        world.failing.insert(region("ap-south-1"), ReasonKind::Denied);
        world.failing.insert(region("me-south-1"), ReasonKind::NotEnabled);
        check("deletions_empty_unread", &open(size, world));
        let mut world = World::healthy();
        world.holding.insert(region("sa-east-1"), 0);
        check("deletions_loading", &open(size, world));
        let mut first = Stage::new(size, World::healthy(), engine_settings());
        first.keys("5");
        check("deletions_first_frame", &first);
    }
    for (trouble, is_read) in [(None, true), (Some(ReasonKind::Throttled), false)] {
        let mut world = World::healthy();
        world.failing.extend(trouble.map(|kind| (region("sa-east-1"), kind)));
        let text = open((80, 24), world).text();
        assert_eq!(text.contains("Nothing is pending deletion: all 8 Regions in scope were read"), is_read, "{text}");
        assert_eq!(text.contains("dying unseen"), !is_read, "{text}");
    }
}

#[test]
fn a_dark_region_keeps_its_dates_and_says_how_old_they_are() {
    for size in SIZES {
        let mut stage = open(size, world());
        stage.world.failing.insert(region("eu-west-1"), ReasonKind::Timeout);
        for _ in 0..8 {
            stage.pass(Duration::from_secs(25));
            stage.settle();
        }
        check("deletions_dark_region", &stage);
        assert!(stage.text().contains("last known"), "{}", stage.text());
    }
}

fn last_seen() -> LastSeen {
    let at = Timestamp::from_millis(Timestamp::parse(START).unwrap().millis() - 3 * 3_600_000);
    let mut last_seen = LastSeen::new(Login(0), AccountId::parse("111122223333").unwrap(), at);
    let mut key = member("mrk-00000000000000000000000000former", "ap-south-1", "ap-south-1", &[]);
    (key.state, key.deletion_date) = (KeyState::PendingDeletion, Timestamp::parse("2026-11-23T06:00:00Z"));
    last_seen.add(key, at, vec![Foreign::new("alias/mumbai-vault")]);
    last_seen.finish()
}

#[test]
fn what_a_former_run_saw_stays_dimmed_with_its_age_and_its_reason() {
    for size in SIZES {
        let mut stage = Stage::new(size, world(), engine_settings());
        stage.model.recall(last_seen());
        stage.settle();
        stage.keys("5");
        check("deletions_last_known", &stage);
    }
    let mut stage = Stage::new((120, 40), world(), engine_settings());
    stage.model.recall(last_seen());
    stage.settle();
    stage.keys("5");
    let text = stage.text();
    assert!(text.contains("last known, read 3h00m ago, Region DENIED"), "{text}");
    for needle in ["mumbai-vault", "R!", "1d 11h"] {
        let needle = if needle == "R!" { "P!" } else { needle };
        let style = style(&stage, "mumbai-vault", needle);
        assert!(style.add_modifier.contains(Modifier::DIM), "{needle}: {style:?}");
    }
    let live = style(&stage, "payments-card-data", "2d 23h");
    assert!(!live.add_modifier.contains(Modifier::DIM), "{live:?}");
}

#[test]
fn tones_repeat_what_the_words_say() {
    let mut stage = open((80, 24), world());
    assert_eq!(style(&stage, "DYING", "4 DYING").fg, Some(Color::LightRed));
    assert_eq!(style(&stage, "dying unseen", "2 Regions").fg, Some(Color::Yellow));
    assert_eq!(style(&stage, "payments-card-data", "2d 23h").fg, Some(Color::LightRed));
    assert_eq!(style(&stage, "may last for ever", "may last").fg, Some(Color::Yellow));
    let healthy = open((80, 24), World::healthy());
    assert_eq!(style(&healthy, "Nothing is pending", "Nothing").fg, Some(Color::Green));
    let mut world = World::healthy();
    world.failing.insert(region("ap-south-1"), ReasonKind::Denied);
    let unread = open((80, 24), world);
    assert_eq!(style(&unread, "Nothing is pending", "Nothing").fg, Some(Color::Reset));
    stage.theme = Theme::auto(false, false);
    stage.keys("j");
    assert!(stage.text().is_ascii(), "{}", stage.text());
}

#[test]
fn k_opens_the_plan_of_the_member_under_the_cursor() {
    let mut stage = open((80, 24), world());
    stage.send(Message::Resized { width: 80, height: 24 });
    stage.keys("! j j j K");
    stage.settle();
    let text = stage.text();
    assert!(
        text.contains("alias/ledger-archive in eu-west-1") && text.contains("CancelKeyDeletion to eu-west-1"),
        "{text}"
    );
}
