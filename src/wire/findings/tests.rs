//! What is written of a fleet in which something certainly does not hold and something cannot be known.

use serde_json::{Value, json};

use super::*;
use crate::domain::check::CHECKS;
use crate::domain::check::run::{Checking, run};
use crate::domain::check::tuning::Switch;
use crate::domain::filter::{Filter, RegionPattern, Truth};
use crate::wire::fleet::tests::{HOSTILE, accounts, now, sample};

/// The name of the rule: whatever can go wrong on paper goes wrong with it.
pub(crate) const RULE: &str = "=pay]]>\u{1b}[2J\u{202e}&<b>|`";

fn rule() -> Rule {
    let region = |text: &str| vec![RegionPattern::parse(text).unwrap()];
    Rule {
        name: Foreign::new(RULE),
        matching: Filter::parse("*").unwrap(),
        required: region("eu-west-1"),
        allowed: Vec::new(),
        forbidden: region("ap-*"),
        primary: Vec::new(),
        min_related: None,
        severity: Severity::High,
    }
}

/// Only the checks that these tests are about, whatever others there are.
fn tuning() -> Tuning {
    let mut tuning = Tuning::default();
    for check in CHECKS.iter().filter(|check| !["coverage", "not_usable"].contains(&check.id)) {
        tuning.checks.insert(check.id, Switch { enabled: Some(false), severity: None });
    }
    tuning
}

/// Runs `test` over what is found in the sample fleet, by terms that `change` may change.
pub(crate) fn with_findings<T>(change: impl FnOnce(&mut Terms<'_>), test: impl FnOnce(&FindingsReport<'_>) -> T) -> T {
    let (fleet, accounts, rules, tuning) = (sample(), accounts(), [rule()], tuning());
    let command = ["keyfleet", "check", HOSTILE].map(Foreign::new);
    let mut terms = Terms {
        rules: &rules,
        tuning: &tuning,
        accepted: Accepted::Declared,
        fail_on: Severity::Medium,
        shows_passes: false,
        filter: None,
        command: &command,
        rules_file: None,
    };
    change(&mut terms);
    let checking = Checking {
        fleet: &fleet,
        rules: terms.rules,
        tuning: terms.tuning,
        accepted: terms.accepted,
        now: now(),
        keeps_passes: terms.shows_passes,
    };
    let checked = run(&checking, |_| Truth::Yes);
    let request_ids = BTreeMap::from([(Asked(2), Foreign::new("request-\u{9b}2"))]);
    let requests = Requests { by_operation: vec![("ListKeys", 4), ("GetCallerIdentity", 1)], usd: 0.000_012 };
    let fleet =
        FleetReport { fleet: &fleet, taken_at: now(), finished_at: now(), accounts: &accounts, selection: None };
    let (checked, terms, request_ids, requests) = (&checked, &terms, &request_ids, &requests);
    test(&FindingsReport { fleet, checked, terms, request_ids, requests, has_panicked: false, snapshot_age: None })
}

fn entries(change: impl FnOnce(&mut Terms<'_>)) -> Vec<Value> {
    with_findings(change, |report| {
        report.shown().map(|finding| serde_json::to_value(entry(report, finding)).unwrap()).collect()
    })
}

fn head_of(change: impl FnOnce(&mut Terms<'_>)) -> Value {
    with_findings(change, |report| serde_json::to_value(head(report)).unwrap())
}

#[test]
fn the_head_says_by_what_was_checked_and_what_came_of_it() {
    let head = head_of(|_| {});
    let expected = [
        ("/schema", json!("keyfleet.findings/1")),
        ("/keyfleet/version", json!(env!("CARGO_PKG_VERSION"))),
        ("/command", json!(["keyfleet", "check", HOSTILE])),
        ("/filter", Value::Null),
        ("/evidence", json!("declared")),
        ("/verdict", json!("fail")),
        ("/complete", json!(false)),
        ("/accounts/0/account", json!("111122223333")),
        ("/regions/0/status", json!("denied")),
        ("/rules", json!([{"name": RULE, "matched": 3, "pass": 0, "fail": 2, "unknown": 1}])),
        ("/checks/10", json!({"id": "coverage", "enabled": true, "severity": "high"})),
        ("/summary", json!({"keys": 3, "fail": 2, "unknown": 1})),
        ("/requests/by_operation", json!({"ListKeys": 4, "GetCallerIdentity": 1})),
        ("/requests/total", json!(5)),
    ];
    for (pointer, expected) in expected {
        assert_eq!(head.pointer(pointer), Some(&expected), "{pointer}");
    }
}

#[test]
fn a_finding_says_what_it_rests_on_and_what_helps() {
    let entries = entries(|_| {});
    let gap = entries.iter().find(|entry| entry["key_id"] == "mrk-b" && entry["check"] == "coverage").unwrap();
    let expected = json!({
        "id": gap["id"], "check": "coverage", "rule": RULE, "severity": "high", "verdict": "fail",
        "account": "111122223333", "key_id": "mrk-b", "region": "eu-west-1",
        "detail": "required in eu-west-1, and absent there",
        "remedy": {"text": "replicate the key into eu-west-1", "plan": gap["remedy"]["plan"]},
        "evidence": [{
            "region": "eu-west-1", "operation": "ListKeys", "at": "2026-11-21T19:12:00Z", "request_id": null, "basis": "listed"
        }],
    });
    assert_eq!(gap, &expected);
    assert!(gap["remedy"]["plan"].as_str().unwrap().starts_with("keyfleet "));
    let disabled = entries.iter().find(|entry| entry["check"] == "not_usable" && entry["verdict"] == "fail").unwrap();
    assert_eq!(disabled["rule"], Value::Null);
    assert_eq!(disabled["evidence"][0]["request_id"], "request-\u{9b}2");
}

#[test]
fn identifiers_are_of_what_a_finding_is_about_and_no_two_are_the_same() {
    let ids = |entries: &[Value]| -> Vec<String> {
        entries.iter().map(|entry| entry["id"].as_str().unwrap().to_owned()).collect()
    };
    let declared = ids(&entries(|_| {}));
    let listed = ids(&entries(|terms| terms.accepted = Accepted::Listed));
    assert!(declared.iter().all(|id| listed.contains(id)), "what is found does not depend on the evidence's mode here");
    let mut all = ids(&entries(|terms| terms.shows_passes = true));
    let count = all.len();
    all.sort();
    all.dedup();
    assert_eq!(all.len(), count);
    assert!(all.iter().all(|id| id.len() == 16 && id.chars().all(|character| character.is_ascii_hexdigit())));
}

#[test]
fn passes_are_told_only_when_asked_for() {
    let passes = |entries: &[Value]| entries.iter().filter(|entry| entry["verdict"] == "pass").count();
    assert_eq!(passes(&entries(|_| {})), 0);
    let all = entries(|terms| terms.shows_passes = true);
    assert!(all.len() >= entries(|_| {}).len());
}

#[test]
fn the_digest_is_of_what_decides_the_result() {
    let digest = |change: fn(&mut Terms<'_>)| head_of(change)["config_digest"].as_str().unwrap().to_owned();
    let base = digest(|_| {});
    assert!(base.starts_with("sha256:") && base.len() == 7 + 64, "{base}");
    assert_eq!(digest(|terms| terms.shows_passes = true), base, "how it is reported decides nothing");
    assert_eq!(digest(|terms| terms.rules_file = Some(Foreign::new("elsewhere"))), base);
    assert_ne!(digest(|terms| terms.accepted = Accepted::Listed), base);
    assert_ne!(digest(|terms| terms.fail_on = Severity::High), base);
    assert_ne!(digest(|terms| terms.rules = &[]), base);
}

#[test]
fn the_exit_code_is_the_verdict_s() {
    let code = |change: fn(&mut Terms<'_>)| with_findings(change, |report| (report.exit_code(), report.verdict()));
    assert_eq!(code(|_| {}), (1, Verdict::Fail));
    assert_eq!(
        code(|terms| {
            terms.rules = &[];
            terms.fail_on = Severity::High;
        }),
        (3, Verdict::Unknown),
        "not everything was read"
    );
}
