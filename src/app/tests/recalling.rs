//! What a former run saw, on the first frame and after.

use super::*;
use crate::domain::fleet::last_seen::LastSeen;
use crate::domain::id::Login;

const GONE: &str = "mrk-000000000000000000000000000gone1";

/// A former run of an account: one key that is still there, and was otherwise, and one that is not.
fn last_seen(account: &str) -> LastSeen {
    let at = Timestamp::from_millis(1_800_000_000_000 - 7_200_000);
    let mut last_seen = LastSeen::new(Login(0), AccountId::parse(account).unwrap(), at);
    for id in [WHOLE, GONE] {
        let mut key = member(id, "us-east-1", "us-east-1", &[]);
        key.state = KeyState::Disabled;
        last_seen.add(key, at, vec![Foreign::new("alias/former")]);
    }
    last_seen.finish()
}

fn recalling(account: &str) -> Harness {
    let mut harness = Harness::start(unlocked(), engine(), three_keys());
    harness.model.recall(last_seen(account));
    harness.frame();
    harness
}

fn tail(id: &str) -> String {
    id.chars().skip(id.len() - 6).collect()
}

#[test]
fn the_first_frame_shows_what_was_last_seen_and_offers_no_change_of_it() {
    let mut harness = recalling("111122223333");
    let mut listed = harness.listed();
    listed.sort();
    assert_eq!(listed, [tail(GONE), tail(WHOLE)]);
    assert_eq!(harness.model.fleet().summary().keys, 0, "what is not known now is not counted");
    assert_eq!(harness.model.engine().fleet().keys().len(), 0, "the engine knows nothing of it");
    harness.keys("g l E");
    assert!(harness.model.overlays().is_empty());
    assert!(harness.said().contains("former run"), "{}", harness.said());
    assert!(changes(&harness.take_effects()).is_empty());
}

#[test]
fn answers_take_its_place_and_nothing_was_seen_to_change() {
    let mut harness = recalling("111122223333");
    harness.answer();
    harness.wait(second() * 5);
    assert!(harness.model.engine().first_scan_is_over() && harness.model.last_seen().is_none());
    assert_eq!(harness.listed().len(), 3);
    assert!(!harness.listed().contains(&tail(GONE)));
    harness.keys("7");
    harness.tell(crate::app::message::Message::JournalLoaded(Ok(Vec::new())));
    let lines: Vec<String> =
        harness.model.journal.text().lines().iter().map(crate::app::text::TextLine::plain).collect();
    assert_eq!(lines, ["nothing was changed, and nothing was seen to change"]);
}

#[test]
fn a_foreign_account_is_dropped_as_soon_as_it_is_known() {
    let mut harness = recalling("999900001111");
    assert_eq!(harness.listed().len(), 2);
    while harness.model.last_seen().is_some() {
        assert!(!harness.model.engine().first_scan_is_over(), "it stayed until the end");
        harness.answer_one();
    }
    assert!(harness.model.notices().iter().any(|notice| notice.text.as_str().contains("account 999900001111")));
}
