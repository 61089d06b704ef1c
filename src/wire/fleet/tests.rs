//! The document of one fleet that has everything in it: present, absent, denied, named, out of scope and not enabled.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::*;
use crate::domain::id::{KeyArn, KeyId, Place, Region};
use crate::domain::key::{KeyState, RegionalKey, Role};
use crate::domain::reading::{Asked, Reason, ReasonKind};

pub(crate) const HOSTILE: &str = "card \u{1b}[2J\u{202e}\"keys\"\r\nline, two";

/// Two days and twenty-three hours before the deletion of `payments` in eu-west-1.
pub(crate) fn now() -> Timestamp {
    Timestamp::parse("2026-11-21T19:12:00Z").unwrap()
}

pub(crate) fn key_ref(id: &str) -> KeyRef {
    KeyRef { login: Login(0), id: KeyId::parse(id).unwrap() }
}

fn place(region: &str) -> Place {
    Place::new(Login(0), Region::parse(region).unwrap())
}

fn arn(region: &str, id: &str) -> KeyArn {
    KeyArn::parse(&format!("arn:aws:kms:{region}:111122223333:key/{id}")).unwrap()
}

fn reason_of(kind: ReasonKind) -> Arc<Reason> {
    let code = Some(Foreign::new("AccessDeniedException"));
    Arc::new(Reason { code, message: Some(Foreign::new("no \u{9b}access")), at: Some(now()), ..Reason::of(kind) })
}

/// A member of a key whose primary is in us-east-1.
fn member(region: &str, id: &str, state: &str, replicas: &[&str]) -> RegionalKey {
    let is_primary = region == "us-east-1";
    RegionalKey {
        arn: arn(region, id),
        state: KeyState::parse(state),
        role: Some(if is_primary { Role::Primary } else { Role::Replica }),
        primary: Some(arn("us-east-1", id)),
        replicas: replicas.iter().map(|region| arn(region, id)).collect(),
        spec: Foreign::new("SYMMETRIC_DEFAULT"),
        usage: Foreign::new("ENCRYPT_DECRYPT"),
        origin: Foreign::new("AWS_KMS"),
        description: Foreign::new(if is_primary { HOSTILE } else { "" }),
        created_at: Timestamp::parse("2024-02-11T10:00:00Z"),
        deletion_date: (state == "PendingDeletion").then(|| Timestamp::parse("2026-11-24T18:12:00Z").unwrap()),
        pending_window_days: None,
        material_id: None,
        valid_to: None,
        oddities: Vec::new(),
    }
}

fn list(fleet: &mut Fleet, region: &str, ids: &[&str]) {
    let arns: Vec<KeyArn> = ids.iter().map(|id| arn(region, id)).collect();
    fleet.begin_listing(&place(region), Asked(1));
    fleet.add_page(&place(region), Asked(1), 40, &arns);
    fleet.complete_listing(&place(region), Asked(1), now());
}

fn describe(fleet: &mut Fleet, key: RegionalKey) {
    let arn = key.arn.clone();
    fleet.describe(Login(0), &arn, Asked(2), Ok((key, now())));
}

/// Auto scope of four Regions: two loaded, ap-south-1 denied, me-south-1 not enabled. `mrk-a` also names sa-east-1, which is not asked.
pub(crate) fn sample() -> Fleet {
    let mut fleet = Fleet::default();
    let asked = ["us-east-1", "eu-west-1", "ap-south-1", "me-south-1"];
    let regions = asked.iter().map(|region| Region::parse(region).unwrap()).collect();
    fleet.open(Login(0), crate::domain::fleet::Scope { regions, auto: true });
    list(&mut fleet, "us-east-1", &["mrk-b", "mrk-a"]);
    list(&mut fleet, "eu-west-1", &["mrk-a", "mrk-c"]);
    for (region, kind) in [("ap-south-1", ReasonKind::Denied), ("me-south-1", ReasonKind::NotEnabled)] {
        fleet.begin_listing(&place(region), Asked(1));
        fleet.fail_listing(&place(region), Asked(1), reason_of(kind));
    }
    let replicas = ["eu-west-1", "ap-south-1", "sa-east-1"];
    describe(&mut fleet, member("us-east-1", "mrk-a", "Enabled", &replicas));
    describe(&mut fleet, member("eu-west-1", "mrk-a", "PendingDeletion", &replicas));
    describe(&mut fleet, member("us-east-1", "mrk-b", "Disabled", &[]));
    let denied = Err(reason_of(ReasonKind::DeniedByKeyPolicy));
    fleet.describe(Login(0), &arn("eu-west-1", "mrk-c"), Asked(2), denied);
    let names = vec![Foreign::new("alias/payments"), Foreign::new("alias/=cards")];
    let aliases = BTreeMap::from([(Arc::from("mrk-a"), names)]);
    fleet.set_aliases(&place("us-east-1"), Asked(3), Ok((aliases, now())));
    fleet
}

pub(crate) fn accounts() -> Vec<AccountOf> {
    vec![AccountOf {
        login: Login(0),
        account: AccountId::parse("111122223333").unwrap(),
        name: Some(Foreign::new("acme-prod")),
        caller_arn: Foreign::new("arn:aws:iam::111122223333:user/maria"),
        profile: Some(Foreign::new("prod")),
    }]
}

/// Runs `test` over the report of the sample fleet.
pub(crate) fn with_report<T>(selection: Option<&Selection>, test: impl FnOnce(&FleetReport<'_>) -> T) -> T {
    let (fleet, accounts) = (sample(), accounts());
    let report = FleetReport { fleet: &fleet, taken_at: now(), finished_at: now(), accounts: &accounts, selection };
    test(&report)
}

fn document(selection: Option<&Selection>) -> Value {
    with_report(selection, |report| serde_json::to_value(fleet_document(report)).unwrap())
}

fn check(pointer: &str, expected: &Value) {
    let document = document(None);
    assert_eq!(document.pointer(pointer), Some(expected), "{pointer}");
}

#[test]
fn the_head_says_who_read_what_and_how_well() {
    check("/schema", &json!("keyfleet.fleet/1"));
    check("/complete", &json!(false));
    check("/taken_at", &json!("2026-11-21T19:12:00Z"));
    let arn = "arn:aws:iam::111122223333:user/maria";
    check(
        "/accounts",
        &json!([{"account": "111122223333", "name": "acme-prod", "caller_arn": arn, "profile": "prod"}]),
    );
    let document = document(None);
    let regions = document["regions"].as_array().unwrap();
    let status: Vec<_> = regions.iter().map(|region| (&region["region"], &region["status"])).collect();
    assert_eq!(
        json!(status),
        json!([
            ["ap-south-1", "denied"],
            ["eu-west-1", "loaded"],
            ["me-south-1", "not_enabled"],
            ["us-east-1", "loaded"]
        ])
    );
    check("/regions/3/listed", &json!(40));
    check("/regions/3/multi_region", &json!(2));
    check("/regions/3/reason", &Value::Null);
    check("/regions/0/listed", &Value::Null);
    check("/regions/0/reason/kind", &json!("denied"));
    check("/regions/0/reason/code", &json!("AccessDeniedException"));
}

#[test]
fn a_key_names_every_region_once() {
    check("/keys/0/key_id", &json!("mrk-a"));
    check("/keys/0/primary_region", &json!("us-east-1"));
    check("/keys/0/absent_regions", &json!([]));
    check("/keys/0/unknown_regions", &json!([]));
    check("/keys/1/absent_regions", &json!(["eu-west-1"]));
    check("/keys/1/unknown_regions/0/region", &json!("ap-south-1"));
    check("/keys/2/absent_regions", &json!(["us-east-1"]));
    for key in document(None)["keys"].as_array().unwrap() {
        let mut named: Vec<String> = Vec::new();
        named.extend(key["related"].as_array().unwrap().iter().map(|related| related["region"].to_string()));
        named.extend(key["absent_regions"].as_array().unwrap().iter().map(Value::to_string));
        named.extend(key["unknown_regions"].as_array().unwrap().iter().map(|unknown| unknown["region"].to_string()));
        let all = named.len();
        named.sort();
        named.dedup();
        assert_eq!(named.len(), all, "{key}");
        assert!(
            !named.iter().any(|region| region.contains("me-south-1")),
            "a Region that is not enabled is out of scope"
        );
    }
}

#[test]
fn what_was_read_is_there_and_what_was_not_is_null() {
    check(
        "/keys/0/related/3",
        &json!({
            "region": "us-east-1", "presence": "present", "role": "PRIMARY", "state": "Enabled",
            "arn": "arn:aws:kms:us-east-1:111122223333:key/mrk-a", "aliases": ["alias/=cards", "alias/payments"],
            "description": HOSTILE, "created_at": "2024-02-11T10:00:00Z", "deletion_date": null,
            "pending_window_days": null, "declared_by": ["eu-west-1"], "read_at": "2026-11-21T19:12:00Z", "reason": null,
        }),
    );
    check("/keys/0/related/1/deletion_date", &json!("2026-11-24T18:12:00Z"));
    check("/keys/0/related/1/aliases", &Value::Null);
    check("/keys/1/related/0/aliases", &json!([]));
    check("/keys/2/spec", &Value::Null);
    check("/keys/2/primary_region", &Value::Null);
}

#[test]
fn a_member_that_cannot_be_read_keeps_who_names_it_and_why() {
    check("/keys/0/related/0/presence", &json!("unknown"));
    check("/keys/0/related/0/state", &Value::Null);
    check("/keys/0/related/0/role", &json!("REPLICA"));
    check("/keys/0/related/0/declared_by", &json!(["eu-west-1", "us-east-1"]));
    check("/keys/0/related/0/reason/kind", &json!("denied"));
    check("/keys/0/related/2/region", &json!("sa-east-1"));
    check("/keys/0/related/2/arn", &json!("arn:aws:kms:sa-east-1:111122223333:key/mrk-a"));
    check("/keys/0/related/2/reason/kind", &json!("out_of_scope"));
    check("/keys/2/related/0/reason/kind", &json!("denied_by_key_policy"));
    check("/keys/2/related/0/role", &Value::Null);
}

#[test]
fn a_filter_leaves_keys_out_and_marks_those_it_cannot_decide() {
    let selection = Selection { matched: [key_ref("mrk-a")].into(), undecided: [key_ref("mrk-c")].into() };
    let document = document(Some(&selection));
    let keys: Vec<_> =
        document["keys"].as_array().unwrap().iter().map(|key| (&key["key_id"], key.get("match"))).collect();
    assert_eq!(json!(keys), json!([["mrk-a", null], ["mrk-c", "undecided"]]));
    assert_eq!(document["regions"].as_array().unwrap().len(), 4);
}

#[test]
fn failures_have_the_schema_s_names() {
    let cases = [
        (ReasonKind::Throttled, "throttled"),
        (ReasonKind::Timeout, "unreachable"),
        (ReasonKind::Dns, "unreachable"),
        (ReasonKind::ExpiredCredentials, "expired"),
        (ReasonKind::ServerError, "error"),
    ];
    for (kind, name) in cases {
        let mut fleet = Fleet::default();
        let regions = [Region::parse("us-east-1").unwrap()].into();
        fleet.open(Login(0), crate::domain::fleet::Scope { regions, auto: false });
        fleet.begin_listing(&place("us-east-1"), Asked(1));
        let mut report =
            FleetReport { fleet: &fleet, taken_at: now(), finished_at: now(), accounts: &[], selection: None };
        assert_eq!(fleet_document(&report).head.regions[0].status, "error", "not read to its end");
        let mut failed = fleet.clone();
        failed.fail_listing(&place("us-east-1"), Asked(1), reason_of(kind));
        report.fleet = &failed;
        assert_eq!(fleet_document(&report).head.regions[0].status, name);
        let mut partial = fleet.clone();
        partial.add_page(&place("us-east-1"), Asked(1), 7, &[]);
        partial.fail_listing(&place("us-east-1"), Asked(1), reason_of(kind));
        report.fleet = &partial;
        let region = fleet_document(&report).head.regions[0].clone();
        assert_eq!((region.status, region.listed, region.multi_region), ("partial", Some(7), Some(0)));
        assert!(!fleet_document(&report).head.complete);
    }
}
