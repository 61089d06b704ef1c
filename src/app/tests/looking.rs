//! Whether anybody looks, and for what, reaches the engine.

use std::time::Duration;

use super::{REGIONS, engine, three_keys};
use crate::app::harness::{Harness, settings};
use crate::app::message::Message;
use crate::domain::id::{Login, Place, Region};

fn sent(harness: &Harness) -> u64 {
    let places = REGIONS.iter().map(|name| Place::new(Login(0), Region::parse(name).unwrap()));
    places.map(|place| harness.model.engine().traffic(&place).sent).sum()
}

#[test]
fn without_the_focus_nothing_is_read_for_minutes_and_with_it_at_once() {
    let mut harness = Harness::open(settings(), engine(), three_keys());
    harness.tell(Message::FocusLost);
    let before = sent(&harness);
    harness.wait(Duration::from_mins(4));
    assert_eq!(sent(&harness), before);
    harness.tell(Message::FocusGained);
    harness.wait(Duration::from_secs(1));
    assert!(sent(&harness) > before);
}

#[test]
fn a_filter_by_tags_reads_them_of_every_member() {
    let mut harness = Harness::open(settings(), engine(), three_keys());
    let before = sent(&harness);
    harness.keys("/");
    harness.type_text("tag:env=v");
    harness.enter();
    harness.wait(Duration::from_secs(5));
    assert_eq!(harness.model.engine().deep_progress(), (8, 8), "one of each member");
    assert!(sent(&harness) >= before + 8);
    let fleet = harness.model.fleet();
    let undecided = fleet.list().items().iter().filter(|item| fleet.is_undecided(&item.key)).count();
    assert_eq!((harness.listed().len(), undecided), (3, 0));
}
