//! What a snapshot may not be: each refused by its place, in words that do nothing to a terminal.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::*;
use crate::domain::text::is_plain;
use crate::wire::fleet::deep::{Snapshot, snapshot_entries, snapshot_head};
use crate::wire::fleet::tests::with_report;
use crate::wire::fleet::{fleet_document, key_entries};

fn document() -> Value {
    with_report(None, |report| {
        let snapshot = Snapshot { report: *report, request_ids: &BTreeMap::new() };
        let mut document = serde_json::to_value(snapshot_head(&snapshot)).unwrap();
        document["keys"] = snapshot_entries(&snapshot).map(|entry| serde_json::to_value(entry).unwrap()).collect();
        document
    })
}

fn read(document: &Value) -> Result<Restored, String> {
    restore(document.to_string().as_bytes()).map_err(|why| why.words().to_string())
}

/// `expected` is how the refusal of the document begins, once this value stands at this place.
fn check(place: &str, value: Value, expected: &str) {
    let mut document = document();
    *document.pointer_mut(place).unwrap_or_else(|| panic!("no {place}")) = value;
    let said = read(&document).unwrap_err();
    assert!(said.starts_with(expected), "{place}: {said}");
    assert!(said.chars().all(is_plain), "{said}");
}

#[test]
fn what_was_written_comes_back() {
    let restored = read(&document()).unwrap();
    let sample = crate::wire::fleet::tests::sample();
    let statuses =
        |fleet: &Fleet| fleet.places().map(|(place, facts)| (place.clone(), facts.status())).collect::<Vec<_>>();
    assert_eq!(statuses(&restored.fleet), statuses(&sample));
    with_report(None, |report| {
        let entries = |report: &FleetReport<'_>| key_entries(report).collect::<Vec<_>>();
        assert_eq!(entries(&restored.report()), entries(report));
        assert_eq!(restored.accounts, report.accounts);
    });
}

#[test]
fn a_list_is_told_from_a_snapshot_and_keeps_its_size() {
    let list = with_report(None, |report| serde_json::to_value(fleet_document(report)).unwrap());
    assert!(read(&list).unwrap_err().starts_with("it has no `scope`: it is a list of the fleet"));
    let text = list.to_string();
    for name in ["scope", "listed\":true", "policy", "tags", "rotation", "other_aliases", "unsettled_since"] {
        assert!(!text.contains(&format!("\"{name}")), "{name}");
    }
}

#[test]
fn other_documents_are_named() {
    check("/schema", json!("keyfleet.fleet/2"), "its schema is keyfleet.fleet/2, of a newer keyfleet; this one reads");
    check(
        "/schema",
        json!("keyfleet.plan/1"),
        "its schema is keyfleet.plan/1, and this keyfleet reads keyfleet.fleet/1",
    );
    check("/schema", json!("\u{1b}[2J"), "its schema is \\u{1b}[2J, and");
    check("/schema", json!(7), "it is no snapshot of keyfleet: invalid type");
    let said = |text: &str| restore(text.as_bytes()).unwrap_err().words().to_string();
    assert!(said("[]").starts_with("it is no snapshot of keyfleet"));
    assert!(said("").starts_with("it is not JSON: EOF"));
    assert!(said("{\"schema\": nonsense}").starts_with("it is not JSON: expected"));
}

#[test]
fn what_does_not_have_its_form_is_refused_by_its_place() {
    check("/scope", json!([]), "scope is not that of one login");
    check("/scope/0/regions/0", json!("moon"), "scope[0].regions[0] is not a Region");
    check("/taken_at", json!("yesterday"), "taken_at has a time that is not RFC 3339");
    check("/accounts/0/account", json!("12"), "accounts[0].account is not twelve digits");
    check("/regions/0/reason/kind", json!("shy"), "regions[0].listed has a reason of a kind that this keyfleet");
    check("/keys/0/key_id", json!("1234"), "keys[0].key_id is no multi-Region key's ID");
    check("/keys/0/related/0/presence", json!("absent"), "keys[0].related[0].presence is neither");
    check("/keys/0/related/3/role", json!("KING"), "keys[0].related[3].role is neither");
    check("/keys/0/related/3/arn", Value::Null, "keys[0].related[3].arn is not the ARN of this key");
    let other = "arn:aws:kms:us-east-1:111122223333:key/mrk-b";
    check("/keys/0/related/3/arn", json!(other), "keys[0].related[3].arn is not the ARN of this key");
    check("/keys/0/related/3/policy", json!("{}"), "keys[0].related[3].policy has no time");
    check("/keys/0/related/3/tags", json!({}), "it does not have the form of keyfleet.fleet/1: invalid type");
}

#[test]
fn what_contradicts_the_rest_is_refused_by_its_place() {
    check("/complete", json!(true), "complete is true, and by the rest of the document it is false");
    check("/regions/3/multi_region", json!(3), "regions[3].multi_region is 3, and by the rest of the document it is 2");
    check("/regions/3/reason", json!(null_reason("denied")), "regions[3].status is \"loaded\"");
    check("/keys/1/absent_regions", json!([]), "keys[1].absent_regions is []");
    check("/keys/1/absent_regions", json!(["ap-south-1", "eu-west-1"]), "keys[1].absent_regions is [\"ap-south-1\"");
    check("/keys/1/unknown_regions", json!([]), "keys[1].unknown_regions is []");
    check("/keys/0/related/3/listed", json!(false), "regions[3].multi_region is 2");
    check("/keys/0/related/3/declared_by", json!([]), "keys[0].related[3].declared_by is []");
    check(
        "/keys/0/primary_region",
        json!("\u{202e}eu-west-1"),
        "keys[0].primary_region is \"\\u{202e}eu-west-1\", and",
    );
    check("/keys/2/key_id", json!("mrk-a"), "keys[2].related[0].arn is not the ARN of this key");
}

fn null_reason(kind: &str) -> Value {
    json!({"kind": kind, "code": null, "message": null, "request_id": null, "at": null, "next_step": ""})
}

#[test]
fn a_document_that_was_cut_short_is_refused_wherever_it_ends() {
    let whole = document().to_string();
    for end in 0..whole.len() {
        let said = restore(&whole.as_bytes()[..end]).unwrap_err();
        assert!(said.words().as_str().starts_with("it is not JSON: "), "at {end}: {}", said.words());
    }
}
