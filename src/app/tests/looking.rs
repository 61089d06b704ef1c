//! Whether anybody looks reaches the engine.

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
