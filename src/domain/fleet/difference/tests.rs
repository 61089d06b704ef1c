//! Two readings of a key with a primary in one Region and a replica in another, and what is told of what differs.

use std::sync::Arc;

use super::*;
use crate::domain::fleet::Scope;
use crate::domain::id::{KeyArn, Login, Partition};
use crate::domain::key::{KeyState, RegionalKey, Role};
use crate::domain::reading::{Asked, Reading, Reason, ReasonKind};

const EAST: &str = "us-east-1";
const WEST: &str = "us-west-2";
const POLICY: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"one","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"kms:*","Resource":"*"}]}"#;

fn region(name: &str) -> Region {
    Region::parse(name).unwrap()
}

fn key() -> KeyRef {
    KeyRef { login: Login(0), id: KeyId::parse("mrk-1").unwrap() }
}

fn arn(at: &str) -> KeyArn {
    let account = AccountId::parse("111122223333").unwrap();
    KeyArn { partition: Partition::Aws, region: region(at), account, id: key().id }
}

fn described(at: &str, primary: &str) -> RegionalKey {
    RegionalKey {
        arn: arn(at),
        state: KeyState::Enabled,
        role: Some(if at == primary { Role::Primary } else { Role::Replica }),
        primary: Some(arn(primary)),
        replicas: [EAST, WEST].into_iter().filter(|at| *at != primary).map(arn).collect(),
        spec: Foreign::new("SYMMETRIC_DEFAULT"),
        usage: Foreign::new("ENCRYPT_DECRYPT"),
        origin: Foreign::new("AWS_KMS"),
        description: Foreign::new(""),
        created_at: None,
        deletion_date: None,
        pending_window_days: None,
        material_id: None,
        valid_to: None,
        oddities: Vec::new(),
    }
}

/// How a reading goes.
#[derive(Clone, Copy)]
enum Reads {
    Key,
    /// The Region is listed and has no key.
    Nothing,
    Denied,
}

fn fleet(east: Reads, west: Reads, primary: &str) -> Fleet {
    let mut fleet = Fleet::default();
    fleet.open(Login(0), Scope { regions: [region(EAST), region(WEST)].into(), auto: false });
    for (at, reads) in [(EAST, east), (WEST, west)] {
        let place = Place::new(Login(0), region(at));
        fleet.begin_listing(&place, Asked(1));
        match reads {
            Reads::Denied => fleet.fail_listing(&place, Asked(1), why()),
            Reads::Nothing => {
                fleet.add_page(&place, Asked(1), 5, &[]);
                fleet.complete_listing(&place, Asked(1), now());
            }
            Reads::Key => {
                fleet.add_page(&place, Asked(1), 5, &[arn(at)]);
                fleet.complete_listing(&place, Asked(1), now());
                fleet.describe(Login(0), &arn(at), Asked(2), Ok((described(at, primary), now())));
                let member = fleet.member_mut(&key(), &region(at)).unwrap();
                member.policy.accept(Asked(3), Ok((Foreign::new(POLICY), now())));
                member.tags.accept(Asked(4), Ok((Arc::new(vec![tag("env", "prod"), tag("team", "pay")]), now())));
                if at == primary {
                    member.rotation.accept(Asked(5), Ok((Rotation::Off, now())));
                }
            }
        }
        fleet.set_aliases(&place, Asked(6), Ok((super::super::Aliases::new(), now())));
    }
    fleet
}

fn whole() -> Fleet {
    fleet(Reads::Key, Reads::Key, EAST)
}

/// The fleet, and one in which a member was changed.
fn with(change: impl FnOnce(&mut RelatedKey)) -> (Fleet, Fleet) {
    let mut changed = whole();
    change(changed.member_mut(&key(), &region(EAST)).unwrap());
    (whole(), changed)
}

fn tag(key: &str, value: &str) -> Tag {
    Tag { key: Foreign::new(key), value: Foreign::new(value) }
}

fn why() -> Arc<Reason> {
    Arc::new(Reason::of(ReasonKind::Denied))
}

fn now() -> Timestamp {
    Timestamp::from_millis(1_800_000_000_000)
}

fn known<T>(value: T) -> Reading<T> {
    Reading::Known { value, asked: Asked(9), at: now() }
}

fn check((from, to): &(Fleet, Fleet), verdict: Verdict, expected: &[&str]) {
    let found = differences(Side { fleet: from, at: now() }, Side { fleet: to, at: now() });
    let text = |text: &Option<Foreign>| text.as_ref().map_or("null".to_owned(), |text| text.original().to_owned());
    let line = |one: &Difference| {
        let region = one.region.as_ref().map_or("key", Region::as_str);
        format!("{:?} {region} {}: {} to {}", one.kind, one.field, text(&one.from), text(&one.to))
    };
    assert_eq!(found.found.iter().map(line).collect::<Vec<_>>(), expected);
    assert_eq!(found.verdict(), verdict);
}

#[test]
fn a_policy_that_changed_is_told_by_statement() {
    let (from, to) = with(|member| member.policy = known(Foreign::new(POLICY.replace("kms:*", "kms:Decrypt"))));
    let found = differences(Side { fleet: &from, at: now() }, Side { fleet: &to, at: now() }).found;
    let [found] = found.as_slice() else { panic!("{found:?}") };
    let words: Vec<&str> = found.statements.iter().map(Safe::as_str).collect();
    assert!(words.len() == 1 && words[0].contains("kms:Decrypt"), "{words:?}");
}

#[test]
fn a_reading_does_not_differ_from_itself() {
    check(&(whole(), whole()), Verdict::Same, &[]);
    let dark = || fleet(Reads::Key, Reads::Denied, EAST);
    check(&(dark(), dark()), Verdict::Unknown, &[]);
}

#[test]
fn a_policy_that_only_reads_otherwise_is_the_same() {
    let other = r#"{ "Statement": { "Action": ["kms:*"], "Resource": ["*"], "Sid": "one", "Effect": "Allow", "Principal": {"AWS": ["111122223333"]} }, "Version": "2012-10-17" }"#;
    check(&with(|member| member.policy = known(Foreign::new(other))), Verdict::Same, &[]);
    let wider = POLICY.replace("arn:aws:iam::111122223333:root", "*");
    let (before, after) = (sha256(POLICY), sha256(&wider));
    let told = format!("Changed us-east-1 policy: sha256:{before} to sha256:{after}");
    check(&with(|member| member.policy = known(Foreign::new(wider))), Verdict::Different, &[&told]);
}

#[test]
fn tags_have_no_order_and_are_not_mistaken_for_one_another() {
    let turned = vec![tag("team", "pay"), tag("env", "prod")];
    check(&with(|member| member.tags = known(Arc::new(turned))), Verdict::Same, &[]);
    let told = "Changed us-east-1 tags: env=prod, team=pay to env=prod, team=pay";
    check(
        &with(|member| member.tags = known(Arc::new(vec![tag("env", "prod, team=pay")]))),
        Verdict::Different,
        &[told],
    );
    let told = "NotKnownAnyMore us-east-1 tags: env=prod, team=pay to null";
    let failed = Reading::Failed { why: why(), asked: Asked(9), last: None };
    check(&with(|member| member.tags = failed), Verdict::Unknown, &[told]);
}

#[test]
fn when_it_rotates_next_is_no_difference() {
    let on = |next: i64| Rotation::On { period_days: Some(90), next: Some(Timestamp::from_millis(next)) };
    let rotating = |next| with(|member| member.rotation = known(on(next))).1;
    check(&(rotating(1), rotating(2)), Verdict::Same, &[]);
    check(&(whole(), rotating(1)), Verdict::Different, &["Changed key rotation: off to on, every 90 days"]);
}

#[test]
fn a_promotion_is_a_change_of_the_key_and_of_both_roles() {
    let expected = [
        "Changed key primary_region: us-east-1 to us-west-2",
        "Changed us-east-1 role: PRIMARY to REPLICA",
        "Changed us-west-2 role: REPLICA to PRIMARY",
    ];
    check(&(whole(), fleet(Reads::Key, Reads::Key, WEST)), Verdict::Different, &expected);
}

#[test]
fn a_key_is_new_or_gone_only_where_everything_was_listed() {
    let nothing = || fleet(Reads::Nothing, Reads::Nothing, EAST);
    let added = [
        "KeyAdded key key: null to null",
        "MemberAdded us-east-1 state: null to Enabled",
        "MemberAdded us-west-2 state: null to Enabled",
    ];
    check(&(nothing(), whole()), Verdict::Different, &added);
    let gone = [
        "KeyGone key key: null to null",
        "MemberGone us-east-1 state: Enabled to null",
        "MemberGone us-west-2 state: Enabled to null",
    ];
    check(&(whole(), nothing()), Verdict::Different, &gone);
    let dark = || fleet(Reads::Nothing, Reads::Denied, EAST);
    let only_where_it_is_known = [
        "NotKnownAnyMore us-west-2 status: loaded to denied",
        "MemberGone us-east-1 state: Enabled to null",
        "NotKnownAnyMore us-west-2 presence: REPLICA Enabled to unknown",
    ];
    check(&(whole(), dark()), Verdict::Different, &only_where_it_is_known);
    let only_where_it_was_known = [
        "NewlyKnown us-west-2 status: denied to loaded",
        "MemberAdded us-east-1 state: null to Enabled",
        "NewlyKnown us-west-2 presence: unknown to REPLICA Enabled",
    ];
    check(&(dark(), whole()), Verdict::Different, &only_where_it_was_known);
}

#[test]
fn a_region_that_went_dark_hides_what_was_there() {
    let told = [
        "NotKnownAnyMore us-west-2 status: loaded to denied",
        "NotKnownAnyMore us-west-2 presence: REPLICA Enabled to unknown",
    ];
    check(&(whole(), fleet(Reads::Key, Reads::Denied, EAST)), Verdict::Unknown, &told);
    let both_dark = [
        "NotKnownAnyMore us-east-1 status: loaded to denied",
        "NotKnownAnyMore us-west-2 status: loaded to denied",
        "NotKnownAnyMore us-east-1 presence: PRIMARY Enabled to unknown",
        "NotKnownAnyMore us-west-2 presence: REPLICA Enabled to unknown",
    ];
    check(&(whole(), fleet(Reads::Denied, Reads::Denied, EAST)), Verdict::Unknown, &both_dark);
}
