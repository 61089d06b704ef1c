//! What the members' policies say is wrong.

use super::builder::{HOME, Sketch, THERE, default, own_policy, policy};
use super::fixtures::{ADMIN, OPEN, USE};
use super::{check, check_with};
use crate::domain::check::tuning::{Switch, Tuning};
use crate::domain::evidence::Accepted;
use crate::domain::reading::ReasonKind;

fn at(sketch: Sketch, at: &str, text: &str) -> Sketch {
    sketch.with(at, |member| member.policy = Ok(text.to_owned()))
}

fn unread(sketch: Sketch, at: &str) -> Sketch {
    sketch.with(at, |member| member.policy = Err(ReasonKind::DeniedByKeyPolicy))
}

#[test]
fn each_naming_its_own_region_is_no_drift() {
    check("policy_drift", &Sketch::three(), &["pass"]);
    check(
        "policy_drift",
        &at(Sketch::pair(), THERE, &own_policy("sa-east-1")),
        &["fail eu-west-1: eu-west-1 against the primary in us-east-1: 1 difference: "],
    );
}

#[test]
fn drift_counts_the_differences_and_tells_the_first() {
    let both = format!("{OPEN},{USE}");
    check(
        "policy_drift",
        &at(Sketch::pair(), THERE, &policy(&both)),
        &["fail eu-west-1: eu-west-1 against the primary in us-east-1: 2 differences, the first: "],
    );
    check(
        "policy_drift",
        &at(Sketch::pair(), THERE, "{"),
        &["unknown eu-west-1: the policy of the member in eu-west-1 is not understood: "],
    );
    check(
        "policy_drift",
        &unread(Sketch::pair(), THERE),
        &["unknown eu-west-1: GetKeyPolicy in eu-west-1: access denied"],
    );
    let drifted = at(Sketch::three(), "us-west-2", &policy(ADMIN));
    check(
        "policy_drift",
        &unread(drifted, HOME),
        &["unknown us-east-1", "fail us-west-2: us-west-2 against eu-west-1 (the primary's could not be read)"],
    );
}

#[test]
fn the_default_policy_on_a_replica_is_told_once_and_by_its_own_name() {
    let loose = at(Sketch::pair(), THERE, &default());
    check("default_policy_replica", &loose, &["fail eu-west-1: the replica in eu-west-1 has the default policy"]);
    check("policy_drift", &loose, &[]);
    let mut tuning = Tuning::default();
    tuning.checks.insert("default_policy_replica", Switch { enabled: Some(false), severity: None });
    check_with("policy_drift", &loose, (Accepted::Declared, &tuning), &["fail eu-west-1"]);
    let other_way = at(Sketch::pair(), HOME, &default());
    check("default_policy_replica", &other_way, &["pass: the primary has the default policy itself"]);
    check("policy_drift", &other_way, &["fail eu-west-1"]);
}

#[test]
fn the_default_policy_is_judged_by_what_was_read() {
    let loose = at(Sketch::pair(), THERE, &default());
    check(
        "default_policy_replica",
        &unread(loose.clone(), HOME),
        &["unknown eu-west-1: the replica in eu-west-1 has the default policy; whether"],
    );
    check("default_policy_replica", &loose.clone().dark(HOME), &["unknown: not read", "unknown eu-west-1"]);
    check("default_policy_replica", &unread(Sketch::pair(), HOME), &["pass"]);
    check("default_policy_replica", &unread(Sketch::pair(), THERE), &["unknown eu-west-1"]);
    let all_default = Sketch::pair().all(|member| member.policy = Ok(default()));
    check("default_policy_replica", &all_default.dark(THERE), &["pass"]);
    check("default_policy_replica", &at(loose, HOME, "{"), &["fail eu-west-1"]);
}

#[test]
fn an_open_policy_is_found_in_any_member() {
    check("open_policy", &at(Sketch::pair(), THERE, &policy(OPEN)), &["fail eu-west-1: the policy in eu-west-1: "]);
    check("open_policy", &at(Sketch::pair(), THERE, &policy(OPEN)).dark(HOME), &["unknown", "fail eu-west-1"]);
    check("open_policy", &unread(Sketch::pair(), THERE), &["unknown eu-west-1"]);
    check("open_policy", &Sketch::pair().dark(THERE), &["unknown"]);
    check("open_policy", &Sketch::pair().all(|member| member.policy = Ok(default())), &["pass"]);
}

#[test]
fn a_policy_that_leaves_nobody_is_found_in_any_member() {
    check(
        "unmanageable_policy",
        &at(Sketch::pair(), THERE, &policy(USE)),
        &["fail eu-west-1: the policy in eu-west-1: "],
    );
    check("unmanageable_policy", &at(Sketch::pair(), THERE, "nonsense"), &["unknown eu-west-1"]);
    check("unmanageable_policy", &Sketch::pair(), &["pass"]);
}
