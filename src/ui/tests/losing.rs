//! Region loss, as it is seen: one Region up, one dark with and without a last known reading, two Regions, nothing, and while it is read.

use std::time::Duration;

use super::screens::check;
use super::stage::{Stage, engine_settings};
use super::story::{World, region};
use crate::domain::reading::ReasonKind;

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (50, 12)];

/// The story, with the choice of Regions open.
fn choosing(size: (u16, u16)) -> Stage {
    let mut stage = Stage::story(size);
    stage.keys("4");
    stage.settle();
    stage
}

#[test]
fn loss_of_no_region_yet() {
    for size in SIZES {
        check("loss_choice", &choosing(size));
    }
}

#[test]
fn loss_of_a_region_that_is_up() {
    for size in SIZES {
        let mut stage = choosing(size);
        stage.keys("space");
        check("loss_up", &stage);
        stage.keys("l space end");
        check("loss_of_two", &stage);
    }
}

#[test]
fn loss_of_a_region_that_went_dark() {
    for size in SIZES {
        let mut stage = Stage::story(size);
        stage.world.failing.insert(region("us-east-1"), ReasonKind::Timeout);
        for _ in 0..8 {
            stage.pass(Duration::from_secs(25));
            stage.settle();
        }
        stage.keys("4 space");
        stage.settle();
        check("loss_dark", &stage);
    }
}

#[test]
fn loss_of_a_region_that_was_never_seen() {
    for size in SIZES {
        let mut world = World::story();
        world.failing.insert(region("us-east-1"), ReasonKind::Timeout);
        let mut stage = Stage::new(size, world, engine_settings());
        for _ in 0..4 {
            stage.settle();
            stage.pass(Duration::from_secs(25));
        }
        stage.keys("4 space");
        stage.settle();
        check("loss_unseen", &stage);
    }
}

#[test]
fn loss_without_keys_and_while_it_is_read() {
    for size in SIZES {
        let mut stage = Stage::new(size, World::default(), engine_settings());
        stage.settle();
        stage.keys("4 space");
        check("loss_empty", &stage);
        let mut world = World::story();
        world.holding.insert(region("us-west-2"), 30);
        let mut stage = Stage::new(size, world, engine_settings());
        stage.settle();
        stage.keys("4 space");
        stage.settle();
        check("loss_loading", &stage);
    }
}

#[test]
fn a_tall_fleet_screen_says_what_a_loss_would_do_to_the_key_under_the_cursor() {
    let mut stage = Stage::story((160, 50));
    assert!(
        stage.text().contains("If us-east-1 is lost: FROZEN. ap-northeast-1 and us-west-2 go on;"),
        "{}",
        stage.text()
    );
    stage.keys("l l");
    assert!(stage.text().contains("If us-west-2 is lost: REDUCED. "), "{}", stage.text());
    check("fleet_if_lost", &stage);
}
