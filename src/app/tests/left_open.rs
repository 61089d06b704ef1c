//! What a former run left open: shown, settled by whoever may, and never sent again.

use std::sync::Arc;

use super::{engine, three_keys, unlocked};
use crate::app::effect::Effect;
use crate::app::harness::Harness;
use crate::app::left_open::{LeftOpen, Owner};
use crate::app::message::Message;
use crate::domain::id::{AccountId, Login, Partition};
use crate::domain::plan::{Change, Intent, Mutation};
use crate::domain::text::{Foreign, Safe};
use crate::engine::change::StepPhase;
use crate::engine::effect::Effect as EngineEffect;

fn found(harness: &Harness, held_by: Option<&'static str>) -> Message {
    let fleet = harness.model.engine().fleet();
    let (_, entry) = fleet.keys().next().unwrap();
    let arn = entry.members.values().next().unwrap().arn.clone();
    let intent = Intent {
        id: "run-1".into(),
        plan: "plan".into(),
        step: 1,
        account: arn.account,
        caller_arn: Foreign::new("arn:aws:iam::111122223333:user/maria"),
        mutation: Mutation { arn, change: Change::CancelKeyDeletion },
    };
    let open = LeftOpen {
        intents: vec![Arc::new(intent)],
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
