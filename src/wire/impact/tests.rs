//! The document of the sample fleet without us-east-1 and without ap-south-1, which is denied.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::*;
use crate::domain::fleet::last_seen::LastSeen;
use crate::domain::id::{AccountId, Login, Region};
use crate::domain::impact::impact;
use crate::wire::fleet::tests::{accounts, key_ref, now, sample};

/// Runs `test` over the report of the sample fleet without these Regions.
pub(crate) fn with_impact<T>(lost: &[&str], test: impl FnOnce(&ImpactReport<'_>) -> T) -> T {
    let lost: BTreeSet<Region> = lost.iter().map(|name| Region::parse(name).unwrap()).collect();
    let account = AccountId::parse("111122223333").unwrap();
    let last_seen = LastSeen::new(Login(0), account, Timestamp::from_millis(now().millis() - 7_200_000)).finish();
    let (fleet, accounts) = (sample(), accounts());
    let impact = impact(&fleet, Some(&last_seen), &lost, now());
    let selection = Selection { matched: [].into(), undecided: [key_ref("mrk-c")].into() };
    let (taken_at, finished_at, selection) = (now(), now(), Some(&selection));
    test(&ImpactReport { impact: &impact, taken_at, finished_at, accounts: &accounts, selection })
}

fn check(lost: &[&str], pointer: &str, expected: &Value) {
    let document = with_impact(lost, |report| {
        let mut document = serde_json::to_value(head(report)).unwrap();
        document["keys"] = key_entries(report).map(|key| serde_json::to_value(key).unwrap()).collect();
        document
    });
    assert_eq!(document.pointer(pointer), Some(expected), "{pointer} of {document:#}");
}

#[test]
fn the_head_says_what_is_lost_and_how_well_it_is_known() {
    check(&["us-east-1"], "/schema", &json!("keyfleet.impact/1"));
    check(&["us-east-1"], "/regions", &json!(["us-east-1"]));
    check(&["us-east-1"], "/complete", &json!(false));
    check(&["us-east-1"], "/unseen", &json!([]));
    check(&["us-east-1"], "/single_region_keys", &json!(38));
    check(&["ap-south-1", "us-east-1"], "/unseen", &json!(["ap-south-1"]));
    check(&["ap-south-1", "us-east-1"], "/single_region_keys", &Value::Null);
    check(&["ap-south-1"], "/last_known", &json!([]));
}

#[test]
fn every_key_is_there_with_what_survives_it() {
    let first = json!({
        "account": "111122223333", "key_id": "mrk-b", "primary_region": "us-east-1", "effect": "lost", "basis": "live",
        "last_known_at": null, "survivors": [],
        "detail": "every member is in us-east-1; ap-south-1 could not be read; the primary names no member there",
        "now": "enable the primary in us-east-1 first, then ask again: keyfleet plan enable \
                arn:aws:kms:us-east-1:111122223333:key/mrk-b",
        "plan": "keyfleet plan enable arn:aws:kms:us-east-1:111122223333:key/mrk-b",
    });
    check(&["us-east-1"], "/keys/0", &first);
    check(&["us-east-1"], "/keys/1/key_id", &json!("mrk-a"));
    check(&["us-east-1"], "/keys/1/effect", &json!("unknown"));
    let regions = ["ap-south-1", "eu-west-1", "sa-east-1"];
    for (index, (region, state, usable, reason)) in regions
        .into_iter()
        .zip([Value::Null, json!("PendingDeletion"), Value::Null])
        .zip([Value::Null, json!(false), Value::Null])
        .zip([json!("denied"), Value::Null, json!("out_of_scope")])
        .map(|(((region, state), usable), reason)| (region, state, usable, reason))
        .enumerate()
    {
        let survivor = json!({
            "region": region, "arn": format!("arn:aws:kms:{region}:111122223333:key/mrk-a"), "state": state,
            "usable": usable, "reason": reason, "aliases": null, "missing_aliases": null, "policy": "unknown",
        });
        check(&["us-east-1"], &format!("/keys/1/survivors/{index}"), &survivor);
    }
    check(&["us-east-1"], "/keys/2/effect", &json!("unaffected"));
    check(&["us-east-1"], "/keys/2/match", &json!("undecided"));
}
