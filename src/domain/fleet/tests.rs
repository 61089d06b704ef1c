//! The folding table, row by row: what a Region's listing, related keys and DescribeKey make of a key together.

use std::sync::Arc;

use super::presence::Presence;
use super::row::{Primary, Problem};
use super::{Fleet, KeyRef, Scope};
use crate::domain::id::{AccountId, KeyArn, KeyId, Login, Partition, Place, Region};
use crate::domain::key::{KeyState, RegionalKey, Role};
use crate::domain::reading::{Asked, Reason, ReasonKind};
use crate::domain::text::Foreign;
use crate::domain::time::Timestamp;

const AT: Timestamp = Timestamp::from_millis(1_800_000_000_000);
const HERE: &str = "eu-west-1";
const PRIMARY: &str = "us-east-1";

fn region(name: &str) -> Region {
    Region::parse(name).unwrap()
}

fn place(name: &str) -> Place {
    Place::new(Login(0), region(name))
}

fn arn(at: &str) -> KeyArn {
    let account = AccountId::parse("111122223333").unwrap();
    KeyArn { partition: Partition::Aws, region: region(at), account, id: KeyId::parse("mrk-1").unwrap() }
}

fn key() -> KeyRef {
    KeyRef { login: Login(0), id: KeyId::parse("mrk-1").unwrap() }
}

fn described(at: &str, state: KeyState, replicas: &[&str]) -> RegionalKey {
    RegionalKey {
        arn: arn(at),
        state,
        role: Some(if at == PRIMARY { Role::Primary } else { Role::Replica }),
        primary: Some(arn(PRIMARY)),
        replicas: replicas.iter().map(|at| arn(at)).collect(),
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

fn why(kind: ReasonKind) -> Arc<Reason> {
    Arc::new(Reason::of(kind))
}

/// What the Region under test answered to ListKeys.
#[derive(Clone, Copy, Debug)]
enum Listing {
    Complete { with_it: bool },
    Partial { with_it: bool },
    Failed(ReasonKind),
    Loading,
}

/// A fleet whose primary is readable and names the Region under test, or does not.
fn fleet(listing: Listing, is_named: bool) -> Fleet {
    let mut fleet = Fleet::default();
    fleet.open(Login(0), Scope { regions: [region(PRIMARY), region(HERE)].into(), auto: false });
    let primary = place(PRIMARY);
    fleet.begin_listing(&primary, Asked(1));
    fleet.add_page(&primary, Asked(1), 1, &[arn(PRIMARY)]);
    fleet.complete_listing(&primary, Asked(1), AT);
    let replicas: &[&str] = if is_named { &[HERE] } else { &[] };
    fleet.describe(Login(0), &arn(PRIMARY), Asked(2), Ok((described(PRIMARY, KeyState::Enabled, replicas), AT)));
    let here = place(HERE);
    fleet.begin_listing(&here, Asked(3));
    let page = |fleet: &mut Fleet, with_it: bool| {
        let arns = if with_it { vec![arn(HERE)] } else { Vec::new() };
        fleet.add_page(&here, Asked(3), 1, &arns);
    };
    match listing {
        Listing::Complete { with_it } => {
            page(&mut fleet, with_it);
            fleet.complete_listing(&here, Asked(3), AT);
        }
        Listing::Partial { with_it } => {
            page(&mut fleet, with_it);
            fleet.fail_listing(&here, Asked(3), why(ReasonKind::PartialListing));
        }
        Listing::Failed(kind) => fleet.fail_listing(&here, Asked(3), why(kind)),
        Listing::Loading => {}
    }
    fleet
}

/// `present STATE`, `absent`, or `unknown KIND`, with what says that a member is there.
fn check(fleet: &Fleet, expected: &str) {
    let found = match fleet.presence(&key(), &region(HERE)) {
        Presence::Present(present) => format!("present {}", present.state().name()),
        Presence::Absent(_) => "absent".to_owned(),
        Presence::Unknown(unknown) => {
            let listed = if unknown.listed { " listed" } else { "" };
            let named = if unknown.declared_by.is_empty() { "" } else { " named" };
            format!("unknown {}{listed}{named}", unknown.why.kind.name())
        }
    };
    assert_eq!(found, expected);
}

#[test]
fn a_state_is_present_whatever_the_listing_says() {
    for listing in [
        Listing::Complete { with_it: true },
        Listing::Complete { with_it: false },
        Listing::Failed(ReasonKind::Denied),
        Listing::Loading,
    ] {
        let mut fleet = fleet(listing, false);
        fleet.describe(Login(0), &arn(HERE), Asked(9), Ok((described(HERE, KeyState::Disabled, &[HERE]), AT)));
        check(&fleet, "present Disabled");
    }
}

#[test]
fn a_listed_key_exists_even_if_it_cannot_be_described() {
    for listing in [Listing::Complete { with_it: true }, Listing::Partial { with_it: true }] {
        let mut fleet = fleet(listing, false);
        check(&fleet, "unknown not_read listed");
        fleet.describe(Login(0), &arn(HERE), Asked(9), Err(why(ReasonKind::DeniedByKeyPolicy)));
        check(&fleet, "unknown denied_by_key_policy listed");
    }
}

#[test]
fn named_but_not_listed_is_a_contradiction_and_never_absent() {
    let mut fleet = fleet(Listing::Complete { with_it: false }, true);
    check(&fleet, "unknown contradiction named");
    fleet.describe(Login(0), &arn(HERE), Asked(9), Err(why(ReasonKind::Contradiction)));
    check(&fleet, "unknown contradiction named");
}

#[test]
fn named_in_a_region_that_was_not_listed_is_unknown_with_its_reason() {
    check(&fleet(Listing::Failed(ReasonKind::Timeout), true), "unknown timeout named");
    check(&fleet(Listing::Failed(ReasonKind::NotEnabled), true), "unknown not_enabled named");
    check(&fleet(Listing::Partial { with_it: false }, true), "unknown partial_listing named");
    check(&fleet(Listing::Loading, true), "unknown not_read named");
}

#[test]
fn absent_needs_a_complete_listing_asked_after_the_last_change() {
    let mut fleet = fleet(Listing::Complete { with_it: false }, false);
    check(&fleet, "absent");
    fleet.note_change(&key(), &region(HERE), Asked(9));
    check(&fleet, "unknown not_read");
    fleet.begin_listing(&place(HERE), Asked(10));
    fleet.complete_listing(&place(HERE), Asked(10), AT);
    check(&fleet, "absent");
}

#[test]
fn nothing_less_than_a_complete_listing_makes_a_key_absent() {
    check(&fleet(Listing::Loading, false), "unknown not_read");
    for kind in [
        ReasonKind::Denied,
        ReasonKind::Throttled,
        ReasonKind::Timeout,
        ReasonKind::NotEnabled,
        ReasonKind::ExpiredCredentials,
    ] {
        check(&fleet(Listing::Failed(kind), false), &format!("unknown {}", kind.name()));
    }
    check(&fleet(Listing::Partial { with_it: false }, false), "unknown partial_listing");
}

#[test]
fn a_stale_listing_and_a_dead_region_prove_nothing() {
    let mut fleet = fleet(Listing::Complete { with_it: false }, false);
    fleet.set_stale(&place(HERE), true);
    check(&fleet, "unknown not_read");
    fleet.set_stale(&place(HERE), false);
    fleet.set_outage(&place(HERE), why(ReasonKind::Connect));
    check(&fleet, "unknown connect");
}

#[test]
fn a_member_outside_the_scope_is_named_and_not_read() {
    let mut fleet = fleet(Listing::Complete { with_it: false }, false);
    let named = described(PRIMARY, KeyState::Enabled, &["ap-south-1"]);
    fleet.describe(Login(0), &arn(PRIMARY), Asked(9), Ok((named, AT)));
    let row = fleet.row(&key(), AT).unwrap();
    let cell = row.cell(&region("ap-south-1")).unwrap();
    let Presence::Unknown(unknown) = &cell.presence else { panic!() };
    assert_eq!((unknown.why.kind, cell.role, cell.in_scope), (ReasonKind::OutOfScope, Some(Role::Replica), false));
    assert!(fleet.is_complete(), "what was not asked for does not make the reading incomplete");
    assert!(row.problems.is_empty(), "{:?}", row.problems);
}

#[test]
fn a_failed_description_keeps_the_last_state_with_its_reason() {
    let mut fleet = fleet(Listing::Complete { with_it: true }, true);
    fleet.describe(Login(0), &arn(HERE), Asked(8), Ok((described(HERE, KeyState::Enabled, &[HERE]), AT)));
    fleet.describe(Login(0), &arn(HERE), Asked(9), Err(why(ReasonKind::Throttled)));
    let Presence::Present(present) = fleet.presence(&key(), &region(HERE)) else { panic!() };
    assert_eq!(present.stale.map(|why| why.kind), Some(ReasonKind::Throttled));
}

#[test]
fn members_that_do_not_agree_are_moving_and_after_five_minutes_contradictory() {
    let mut fleet = fleet(Listing::Complete { with_it: true }, true);
    let mut other = described(HERE, KeyState::Enabled, &[PRIMARY]);
    other.primary = Some(arn(HERE));
    other.role = Some(Role::Primary);
    fleet.describe(Login(0), &arn(HERE), Asked(9), Ok((other, AT)));
    let at = |minutes: i64| Timestamp::from_millis(AT.millis() + minutes * 60_000);
    assert_eq!(fleet.row(&key(), at(1)).unwrap().primary, Primary::Moving { since: AT });
    let row = fleet.row(&key(), at(6)).unwrap();
    assert_eq!(row.primary, Primary::Contradictory { since: AT });
    assert_eq!(row.problems, [Problem::Contradiction { since: AT }]);
}

#[test]
fn a_waiting_primary_dies_after_its_last_replica_and_its_own_window() {
    let mut fleet = fleet(Listing::Complete { with_it: true }, true);
    let mut waiting = described(PRIMARY, KeyState::PendingReplicaDeletion, &[HERE]);
    waiting.pending_window_days = Some(7);
    fleet.describe(Login(0), &arn(PRIMARY), Asked(8), Ok((waiting, AT)));
    let expected = |fleet: &Fleet| {
        fleet.row(&key(), AT).unwrap().problems.into_iter().find_map(|problem| {
            let Problem::PrimaryWaits { dies, .. } = problem else { return None };
            Some(dies)
        })
    };
    fleet.describe(Login(0), &arn(HERE), Asked(9), Ok((described(HERE, KeyState::Enabled, &[HERE]), AT)));
    assert_eq!(expected(&fleet), Some(None), "a replica that lives keeps it waiting for ever");
    let mut dying = described(HERE, KeyState::PendingDeletion, &[HERE]);
    dying.deletion_date = Some(AT);
    fleet.describe(Login(0), &arn(HERE), Asked(10), Ok((dying, AT)));
    let seven_days = Timestamp::from_millis(AT.millis() + 7 * 86_400_000);
    assert_eq!(expected(&fleet), Some(Some(seven_days)));
}
