//! The plan dialog in each of its states.

use std::time::Duration;

use super::stage::{Stage, engine_settings};
use super::story::World;

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (50, 12)];

fn check(name: &str, stage: &Stage) {
    let area = *stage.buffer().area();
    insta::with_settings!({ snapshot_path => "snapshots", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(format!("{name}_{}x{}", area.width, area.height), stage.text());
    });
}

fn protected(size: (u16, u16)) -> Stage {
    let mut settings = engine_settings();
    settings.protected_accounts = settings.account_names.keys().copied().collect();
    let mut stage = Stage::new(size, World::story(), settings);
    stage.settle();
    stage
}

/// Puts the cursor on backup-master in us-west-2 and opens the plan of a replica there.
fn replicate(stage: &mut Stage) {
    stage.keys("j j j j j l l R");
    assert!(stage.text().contains("REPLICATE"), "{}", stage.text());
}

#[test]
fn a_plan_is_read_then_locked_then_typed_into() {
    for size in [(80, 24), (120, 40)] {
        let mut stage = protected(size);
        replicate(&mut stage);
        check("plan_reading", &stage);
        stage.settle();
        check("plan_locked", &stage);
        stage.keys("esc !");
        stage.keys("R");
        stage.settle();
        check("plan_fresh", &stage);
        stage.keys("f3");
        check("plan_rewritten", &stage);
        stage.keys("pgdn pgdn pgdn");
        stage.pass(Duration::from_secs(1));
        stage.types("us-west-2 33");
        check("plan_typing", &stage);
        stage.types("33");
        check("plan_matches", &stage);
        stage.keys("enter");
        check("plan_confirmed", &stage);
        stage.settle();
        check("plan_following", &stage);
    }
}

#[test]
fn a_plan_on_a_small_terminal_cannot_be_confirmed_unseen() {
    let mut stage = protected((50, 12));
    stage.keys("! K");
    stage.settle();
    check("plan_small", &stage);
    assert!(stage.drawn.plan.is_none_or(|plan| !plan.has_identity_and_field || plan.shown < plan.total));
}

#[test]
fn a_plan_of_many_lists_every_request_and_what_it_leaves_out() {
    for size in [(80, 24), (120, 40)] {
        let mut stage = Stage::story(size);
        stage.keys("! * l l R");
        stage.settle();
        check("plan_many", &stage);
        assert!(stage.text().contains("LEFT OUT"), "{}", stage.text());
        assert!(stage.text().contains("sha256"), "each is confirmed with its policy: {}", stage.text());
        stage.keys("f3");
        stage.keys("pgdn pgdn pgdn pgdn pgdn pgdn pgdn pgdn pgdn pgdn pgdn pgdn");
        check("plan_many_end", &stage);
    }
}

#[test]
fn a_plan_of_many_says_of_each_what_is_in_doubt() {
    let mut stage = Stage::story((120, 40));
    stage.world.loses_replies = true;
    stage.keys("! K");
    stage.settle();
    stage.keys("pgdn pgdn");
    stage.pass(Duration::from_secs(1));
    stage.types("yes");
    stage.keys("enter");
    stage.settle();
    stage.keys("* l l l K");
    stage.settle();
    let text = stage.text();
    let listed = text.split("What AWS will make").next().unwrap();
    assert!(listed.contains("unknown outcome"), "{text}");
}

#[test]
fn a_person_says_what_reading_cannot_tell() {
    let mut stage = Stage::story((80, 24));
    stage.world.loses_replies = true;
    stage.keys("! K");
    stage.settle();
    stage.keys("pgdn pgdn");
    stage.pass(Duration::from_secs(1));
    stage.types("yes");
    stage.keys("enter");
    stage.settle();
    stage.keys("H");
    check("by_hand", &stage);
    stage.types("failed");
    check("by_hand_word", &stage);
    stage.keys("enter w");
    check("by_hand_done", &stage);
}

#[test]
fn keeping_and_promoting_have_their_own_words() {
    for size in SIZES {
        let mut stage = Stage::story(size);
        stage.keys("! K");
        stage.settle();
        check("plan_keep", &stage);
        if size.0 > 60 {
            stage.keys("esc j j j l l l P");
            stage.settle();
            check("plan_promote", &stage);
        }
    }
}
