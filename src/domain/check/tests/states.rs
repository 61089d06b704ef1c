//! What the members' descriptions say is wrong.

use super::builder::{AT, DAY, EMPTY, HOME, Sketch, THERE, arn, region};
use super::fixtures::{creating, dying, imported, waiting};
use super::{check, check_listed};
use crate::domain::key::{KeyState, Role};
use crate::domain::reading::ReasonKind;

#[test]
fn a_primary_on_its_way_is_not_known_and_after_five_minutes_a_failure() {
    let moving = Sketch::pair().moving(HOME, THERE);
    check(
        "no_single_primary",
        &moving,
        &[
            "unknown: no single primary: eu-west-1 is REPLICA, Updating and names us-east-1; us-east-1 is REPLICA, Updating and names eu-west-1",
        ],
    );
    let contradictory = Sketch { now: AT.plus(DAY), ..moving };
    check("no_single_primary", &contradictory, &["fail: no single primary for 1d 0h: "]);
    let none = Sketch::pair().all(|member| {
        member.key.role = None;
        member.key.primary = None;
    });
    check("no_single_primary", &none, &["unknown: no related key names a primary"]);
    let two = Sketch::pair().with(THERE, |member| {
        member.key.role = Some(Role::Primary);
        member.key.primary = Some(arn(THERE));
    });
    check("no_single_primary", &two, &["unknown: no single primary: eu-west-1 is PRIMARY and names eu-west-1"]);
}

#[test]
fn a_primary_that_could_not_be_read_is_said_with_the_reason() {
    check(
        "primary_unreadable",
        &Sketch::pair().refused(HOME),
        &["unknown us-east-1: the primary in us-east-1 is listed and could not be read: denied by the key policy"],
    );
    check(
        "primary_unreadable",
        &Sketch::pair().dark(HOME),
        &[
            "unknown us-east-1: the primary in us-east-1 is named by its replicas and could not be read: no answer in time",
        ],
    );
    check(
        "primary_unreadable",
        &Sketch::pair().with(HOME, |member| member.is_listed = false),
        &[
            "unknown us-east-1: the primary in us-east-1 is named by its replicas, and its Region was listed without it: a contradiction",
        ],
    );
    check("primary_unreadable", &Sketch::pair().refused(HOME).refused(THERE), &["unknown: not read: a member in"]);
    let outside = Sketch { scope: [THERE, EMPTY].into(), ..Sketch::pair() };
    check("primary_unreadable", &outside, &[]);
    check("primary_unreadable", &Sketch::pair().moving(HOME, THERE), &[]);
    check("primary_unreadable", &Sketch::pair().dark(THERE), &["pass"]);
}

#[test]
fn a_deletion_is_told_with_its_date_and_the_time_left() {
    check(
        "pending_deletion",
        &dying(),
        &["fail eu-west-1: the member in eu-west-1 is deleted 2027-01-22 08:00 UTC, in 6d 23h"],
    );
    let past = Sketch { now: AT.plus(DAY * 8), ..dying() };
    check(
        "pending_deletion",
        &past,
        &["fail eu-west-1: the member in eu-west-1 was to be deleted 2027-01-22 08:00 UTC, and is still there"],
    );
    check(
        "pending_deletion",
        &waiting(KeyState::PendingDeletion),
        &[
            "fail eu-west-1: the member in eu-west-1 is deleted",
            "fail us-east-1: the primary in us-east-1 waits for its replicas to be deleted and goes then, 7 days after them: expected 2027-01-29 08:00 UTC",
        ],
    );
    check(
        "pending_deletion",
        &dying().dark(HOME),
        &["unknown: not read: a member in us-east-1: no answer in time", "fail eu-west-1"],
    );
    check("pending_deletion", &dying().dark(THERE), &["unknown"]);
    check("pending_deletion", &Sketch::pair().dark(EMPTY), &["pass"]);
    check_listed(
        "pending_deletion",
        &Sketch::pair().dark(EMPTY),
        &["unknown: not read: ap-south-1: no answer in time"],
    );
}

#[test]
fn a_primary_waits_for_ever_if_one_replica_is_not_pending_deletion() {
    check(
        "deletion_never_starts",
        &waiting(KeyState::Enabled),
        &["fail us-east-1: the deletion of the primary in us-east-1 never starts: not pending deletion in eu-west-1"],
    );
    check("deletion_never_starts", &waiting(KeyState::PendingDeletion), &["pass"]);
    check(
        "deletion_never_starts",
        &waiting(KeyState::Enabled).refused(THERE),
        &[
            "unknown us-east-1: the primary in us-east-1 waits for its replicas; whether the one in eu-west-1 is pending deletion is not known",
        ],
    );
    check("deletion_never_starts", &waiting(KeyState::Enabled).dark(HOME), &["unknown"]);
    check_listed("deletion_never_starts", &waiting(KeyState::PendingDeletion).dark(EMPTY), &["unknown"]);
    check_listed("deletion_never_starts", &Sketch::pair().dark(EMPTY), &["pass"]);
}

#[test]
fn what_does_not_work_is_told_by_one_check_each() {
    check(
        "not_usable",
        &Sketch::pair().state(THERE, KeyState::Disabled),
        &["fail eu-west-1: the member in eu-west-1 is Disabled"],
    );
    check("not_usable", &Sketch::pair().state(THERE, KeyState::Unavailable), &["fail eu-west-1"]);
    check("not_usable", &Sketch::pair().state(THERE, KeyState::parse("Frobnicating")), &["unknown eu-west-1"]);
    check("not_usable", &dying(), &["pass"]);
    check("not_usable", &creating(), &["pass"]);
}

#[test]
fn imported_material_is_asked_of_imported_keys_only() {
    check("pending_import", &Sketch::pair(), &[]);
    check("material_expiry", &Sketch::pair(), &[]);
    check("pending_import", &imported(&[]).state(THERE, KeyState::PendingImport), &["fail eu-west-1"]);
    check("pending_import", &imported(&[]).dark(THERE), &["unknown"]);
}

#[test]
fn imported_material_ends_soon_or_not_at_once() {
    check(
        "material_expiry",
        &imported(&[(HOME, 5), (THERE, 5)]),
        &[
            "fail eu-west-1: the key material of the member in eu-west-1 expires 2027-01-20 08:00 UTC, in 4d 23h",
            "fail us-east-1",
        ],
    );
    check(
        "material_expiry",
        &imported(&[(HOME, 90), (THERE, 80)]),
        &[
            "fail: the key material does not expire at the same date in all members: eu-west-1 2027-04-05 08:00 UTC, us-east-1 2027-04-15 08:00 UTC",
        ],
    );
    check(
        "material_expiry",
        &imported(&[(HOME, 90)]),
        &["fail: the key material does not expire at the same date in all members: eu-west-1 never"],
    );
    check("material_expiry", &imported(&[(HOME, 90)]).state(THERE, KeyState::PendingImport), &["pass"]);
    check("material_expiry", &imported(&[(HOME, 90), (THERE, 90)]).dark(THERE), &["unknown"]);
    let late = Sketch { now: AT.plus(DAY * 6), ..imported(&[(HOME, 5), (THERE, 5)]) };
    check(
        "material_expiry",
        &late,
        &["fail eu-west-1: the key material of the member in eu-west-1 expired", "fail us-east-1"],
    );
}

#[test]
fn creating_goes_by_the_creation_date_and_updating_by_who_has_looked_on() {
    check("moving_long", &creating(), &["pass"]);
    let long = Sketch { now: AT.plus(DAY), ..creating() };
    check("moving_long", &long, &["fail eu-west-1: the member in eu-west-1 has been Creating for 1d0h"]);
    check("moving_long", &creating().with(THERE, |member| member.key.created_at = None), &["unknown eu-west-1"]);
    let moving = Sketch::pair().moving(HOME, THERE);
    check(
        "moving_long",
        &moving,
        &[
            "unknown eu-west-1: the member in eu-west-1 is Updating; since when, one reading does not tell",
            "unknown us-east-1",
        ],
    );
    check("moving_long", &Sketch { now: AT.plus(DAY), ..moving }, &["fail eu-west-1", "fail us-east-1"]);
}

#[test]
fn one_member_alone_is_certain_only_by_the_primary_and_its_regions() {
    let alone = Sketch::of(&[HOME]);
    check("no_replica", &alone, &["fail: the primary in us-east-1 has no replica"]);
    check(
        "no_replica",
        &alone.clone().dark(EMPTY),
        &["fail: the primary in us-east-1 has no replica (in part declared)"],
    );
    check_listed("no_replica", &alone.dark(EMPTY), &["unknown"]);
    check(
        "no_replica",
        &Sketch::pair().dark(THERE),
        &["pass: the primary names a member in eu-west-1, which could not be read (declared)"],
    );
    check_listed("no_replica", &Sketch::pair().dark(THERE), &["unknown"]);
    check_listed("no_replica", &Sketch::pair().refused(THERE), &["pass: 2 members"]);
    check_listed("no_replica", &Sketch::pair().dark(HOME), &["pass: the member in eu-west-1 is a replica"]);
    let contradiction = Sketch::pair().with(THERE, |member| member.is_listed = false);
    check("no_replica", &contradiction, &["unknown"]);
    let outside = Sketch { scope: [HOME, EMPTY].into(), ..Sketch::pair() };
    check("no_replica", &outside, &["pass"]);
    check_listed("no_replica", &outside, &["unknown"]);
    let denied = Sketch::of(&[HOME]).with(HOME, |member| member.refused = Some(ReasonKind::Denied));
    check("no_replica", &denied, &["unknown: one member was seen, and it is not a primary"]);
    assert_eq!(arn(HOME).region, region(HOME));
}
