//! What a former run left open: shown, settled by whoever may, and never sent again.

use std::sync::Arc;

use super::{engine, three_keys, unlocked};
use crate::app::effect::Effect;
use crate::app::harness::Harness;
use crate::app::left_open::{LeftOpen, Owner};
use crate::app::message::Message;
use crate::app::overlay::Overlay;
use crate::domain::id::{AccountId, KeyArn, Login, Partition};
use crate::domain::plan::{Change, Intent, Mutation};
use crate::domain::text::{Foreign, Safe};
use crate::engine::change::StepPhase;
use crate::engine::effect::Effect as EngineEffect;

fn found(harness: &Harness, held_by: Option<&'static str>) -> Message {
    found_of(harness, 1, held_by)
}

/// One intent for each of so many keys.
fn found_of(harness: &Harness, keys: usize, held_by: Option<&'static str>) -> Message {
    let fleet = harness.model.engine().fleet();
    let intent = |arn: &KeyArn| Intent {
        id: format!("run-{}", arn.id.tail()).into(),
        plan: "plan".into(),
        step: 1,
        account: arn.account,
        caller_arn: Foreign::new("arn:aws:iam::111122223333:user/maria"),
        mutation: Mutation { arn: arn.clone(), change: Change::CancelKeyDeletion },
    };
    let first = fleet.keys().map(|(_, entry)| &entry.members.values().next().unwrap().arn);
    let open = LeftOpen {
        intents: first.take(keys).map(|arn| Arc::new(intent(arn))).collect(),
        illegible: vec!["record 7: no parameters".into()],
        held_by: held_by.map(Safe::from_static),
    };
    Message::LeftOpen { login: Login(0), found: Ok(open) }
}

fn notices(harness: &Harness) -> String {
    let all: Vec<&str> = harness.model.notices().iter().map(|notice| notice.text.as_str()).collect();
    all.join("\n")
}

#[test]
fn the_journal_of_an_account_is_looked_into_once_it_is_known() {
    let harness = Harness::open(unlocked(), engine(), three_keys());
    let owner =
        Owner { login: Login(0), partition: Partition::Aws, account: AccountId::parse("111122223333").unwrap() };
    assert_eq!(harness.sought(), [Effect::FindOpen { owner, to_settle: true }]);
}

#[test]
fn what_is_open_is_taken_over_and_nothing_is_sent() {
    let mut harness = Harness::open(unlocked(), engine(), three_keys());
    let message = found(&harness, None);
    harness.tell(message);
    let change = harness.model.engine().changes().next().unwrap();
    assert!(matches!(change.steps[0].phase, StepPhase::Reconciling { .. }), "{:?}", change.steps[0].phase);
    let sends = |effect: &Effect| {
        matches!(effect, Effect::Engine(EngineEffect::Send { .. } | EngineEffect::RecordIntent { .. }))
    };
    assert!(!harness.take_effects().iter().any(sends));
    assert!(notices(&harness).contains("record 7: no parameters"), "{}", notices(&harness));
}

#[test]
fn what_another_keyfleet_settles_is_left_to_it() {
    let mut harness = Harness::open(unlocked(), engine(), three_keys());
    let message = found(&harness, Some("process 41 on ops-1"));
    harness.tell(message);
    assert!(harness.model.engine().changes().next().is_none());
    assert!(notices(&harness).contains("process 41 on ops-1 settles them"), "{}", notices(&harness));
}

#[test]
fn a_journal_that_cannot_be_read_is_said() {
    let mut harness = Harness::open(unlocked(), engine(), three_keys());
    harness.tell(Message::LeftOpen { login: Login(0), found: Err("line 3 is not of this journal".into()) });
    assert!(notices(&harness).contains("line 3"), "{}", notices(&harness));
}

/// What the question is about: which of how many, and the word that stands there.
fn asked(harness: &Harness) -> (usize, usize, String) {
    let Some(Overlay::ByHand(prompt)) = harness.model.overlays().last() else { panic!("no question") };
    let (number, all) = prompt.place().unwrap_or((1, 1));
    (number, all, prompt.typed().as_str().to_owned())
}

#[test]
fn every_unknown_outcome_can_be_told_by_a_person() {
    let mut harness = Harness::open(unlocked(), engine(), three_keys());
    let message = found_of(&harness, 3, None);
    harness.tell(message);
    harness.keys("H");
    assert_eq!(asked(&harness), (1, 3, String::new()));
    harness.type_text("do");
    harness.keys("tab");
    assert_eq!(asked(&harness), (2, 3, String::new()), "a word that was begun is not of the next");
    harness.keys("tab tab");
    assert_eq!(asked(&harness), (1, 3, String::new()));
    harness.keys("tab");
    harness.type_text("failed");
    harness.enter();
    let open = harness.model.engine().changes().map(|change| change.steps[0].phase != StepPhase::Ended);
    assert_eq!(open.collect::<Vec<_>>(), [true, false, true]);
    harness.keys("H tab");
    assert_eq!(asked(&harness), (2, 2, String::new()));
    harness.type_text("done");
    harness.enter();
    let open = harness.model.engine().changes().map(|change| change.steps[0].phase != StepPhase::Ended);
    assert_eq!(open.collect::<Vec<_>>(), [true, false, false]);
    harness.keys("H");
    assert_eq!(asked(&harness), (1, 1, String::new()));
}
