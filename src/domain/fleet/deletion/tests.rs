//! A primary that waits, with replicas in every state there is.

use std::sync::Arc;

use super::*;
use crate::domain::fleet::{Fleet, KeyRef, Scope};
use crate::domain::id::{KeyArn, KeyId, Login, Place};
use crate::domain::key::{RegionalKey, Role};
use crate::domain::reading::{Asked, Reason};
use crate::domain::text::Foreign;

const NOW: &str = "2026-11-21T19:00:00Z";

fn now() -> Timestamp {
    Timestamp::parse(NOW).unwrap()
}

fn described(at: &str, state: &str, dies: Option<&str>, replicas: &[KeyArn]) -> RegionalKey {
    let arn = |at: &str| KeyArn::parse(&format!("arn:aws:kms:{at}:111122223333:key/mrk-1")).unwrap();
    let empty = Foreign::new("");
    RegionalKey {
        arn: arn(at),
        state: KeyState::parse(state),
        role: Some(if at == "us-east-1" { Role::Primary } else { Role::Replica }),
        primary: Some(arn("us-east-1")),
        replicas: replicas.to_vec(),
        spec: empty.clone(),
        usage: empty.clone(),
        origin: empty.clone(),
        description: empty,
        created_at: None,
        deletion_date: dies.and_then(Timestamp::parse),
        pending_window_days: (at == "us-east-1").then_some(30),
        material_id: None,
        valid_to: None,
        oddities: Vec::new(),
    }
}

/// A primary in us-east-1 that waits for replicas, each `Region=state` with an optional `@date`; `?` cannot be read, a trailing `*` is old.
fn row(replicas: &str) -> Row {
    let words: Vec<(&str, &str)> = replicas.split_whitespace().map(|word| word.split_once('=').unwrap()).collect();
    let mut fleet = Fleet::default();
    let regions = words.iter().map(|(at, _)| *at).chain(["us-east-1"]).map(|at| Region::parse(at).unwrap());
    fleet.open(Login(0), Scope { regions: regions.collect(), auto: false });
    let arns: Vec<KeyArn> = words.iter().map(|(at, _)| described(at, "", None, &[]).arn).collect();
    let primary = described("us-east-1", "PendingReplicaDeletion", None, &arns);
    let arn = primary.arn.clone();
    fleet.describe(Login(0), &arn, Asked(1), Ok((primary, now())));
    let why = || Err(Arc::new(Reason::of(ReasonKind::Denied)));
    for (at, state) in words {
        let place = Place::new(Login(0), Region::parse(at).unwrap());
        fleet.begin_listing(&place, Asked(1));
        fleet.fail_listing(&place, Asked(1), Arc::new(Reason::of(ReasonKind::Denied)));
        let (state, is_old) = state.strip_suffix('*').map_or((state, false), |state| (state, true));
        let (state, dies) = state.split_once('@').map_or((state, None), |(state, date)| (state, Some(date)));
        let member = described(at, state, dies, &[]);
        let arn = member.arn.clone();
        let answer = if state == "?" { why() } else { Ok((member, now())) };
        fleet.describe(Login(0), &arn, Asked(2), answer);
        if is_old {
            fleet.describe(Login(0), &arn, Asked(3), why());
        }
    }
    fleet.row(&KeyRef { login: Login(0), id: KeyId::parse("mrk-1").unwrap() }, now()).unwrap()
}

fn check(replicas: &str, expected: &str) {
    let found = deletions(&row(replicas));
    let primary = found.iter().find(|deletion| deletion.region.as_str() == "us-east-1").unwrap();
    let Clock::Waits { expected: date, .. } = &primary.clock else { panic!("{primary:?}") };
    assert_eq!(date.words(now()).as_str(), expected, "{replicas}");
}

#[test]
fn a_waiting_primary_has_a_date_only_if_every_replica_has_one() {
    const PENDING: &str = "eu-west-1=PendingDeletion@2026-12-20T19:00:00Z";
    check(PENDING, "expected 2027-01-19 19:00 UTC, in 59d");
    check(
        &format!("{PENDING} us-west-2=PendingDeletion@2026-11-28T19:00:00Z"),
        "expected 2027-01-19 19:00 UTC, in 59d",
    );
    check(&format!("{PENDING}*"), "expected 2027-01-19 19:00 UTC, in 59d, by dates last known");
    check(&format!("{PENDING} us-west-2=Enabled"), "may last for ever: us-west-2 is not pending deletion");
    check(
        &format!("{PENDING} ap-south-1=? us-west-2=Disabled"),
        "may last for ever: us-west-2 is not pending deletion",
    );
    check(&format!("{PENDING} ap-south-1=?"), "may last for ever: not known whether ap-south-1 is pending deletion");
    check("eu-west-1=PendingDeletion", "may last for ever: AWS gave no date to reckon with");
    check("", "may last for ever: AWS gave no date to reckon with");
}

#[test]
fn what_it_waits_for_is_told_one_by_one() {
    let row = row("eu-west-1=PendingDeletion@2026-12-20T19:00:00Z* us-west-2=Enabled ap-south-1=?");
    let found = deletions(&row);
    let waiting = found.iter().find(|deletion| matches!(deletion.clock, Clock::Waits { .. }));
    let Some(Deletion { clock: Clock::Waits { replicas, window_days, .. }, .. }) = waiting else { panic!("{found:?}") };
    let words: Vec<String> =
        replicas.iter().map(|replica| format!("{} {}", replica.region, replica.state.words(now()))).collect();
    assert_eq!(
        words,
        [
            "ap-south-1 not known: access denied",
            "eu-west-1 PendingDeletion 2026-12-20 19:00 UTC (29d, last known)",
            "us-west-2 Enabled, NOT pending deletion",
        ]
    );
    assert_eq!(window_days, &Some(30));
}

#[test]
fn clocks_that_run_come_before_those_that_have_not_started() {
    let row = row("eu-west-1=PendingDeletion@2026-12-20T19:00:00Z* us-west-2=PendingDeletion sa-east-1=Enabled");
    let mut found = deletions(&row);
    found.sort_by_key(Deletion::urgency);
    let order: Vec<(&str, bool)> =
        found.iter().map(|deletion| (deletion.region.as_str(), deletion.is_last_known)).collect();
    assert_eq!(order, [("us-west-2", false), ("eu-west-1", true), ("us-east-1", false)]);
}
