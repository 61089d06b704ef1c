//! The demo's fleet tells the story it is there for.

use serde_json::{Value, json};

use super::*;
use crate::emulator::{Model, Reply, Request, Success};

const TEXT: &str = include_str!("../../../../assets/demo-fleet.toml");

struct Demo(Model);

impl Demo {
    fn new() -> Self {
        Self(Model::new(&Fleet::parse(TEXT).unwrap_or_else(|error| panic!("{error}")), 1_795_284_000_000))
    }

    /// The answer, or the code of the refusal.
    fn ask(&mut self, at: u64, region: &str, operation: &str, input: &Value) -> Result<Value, String> {
        let body = input.to_string();
        let request =
            Request { region, identity: Some("demo"), proof: None, operation, body: body.as_bytes(), connection: 1 };
        let reply = self.0.call(at, &request).into_iter().next().unwrap();
        let Reply::Answer(answer) = reply.value else { panic!("{operation} in {region} is closed") };
        match answer.result {
            Ok(Success::Json(text)) => Ok(serde_json::from_slice(&text).unwrap()),
            Ok(other) => panic!("{other:?}"),
            Err(refusal) => Err(refusal.code.into_owned()),
        }
    }

    fn state(&mut self, at: u64, region: &str, key: &str) -> String {
        match self.ask(at, region, "DescribeKey", &json!({"KeyId": key})) {
            Ok(answer) => answer["KeyMetadata"]["KeyState"].as_str().unwrap().to_owned(),
            Err(code) => code,
        }
    }

    fn listed(&mut self, region: &str) -> Vec<String> {
        let answer = self.ask(0, region, "ListKeys", &json!({"Limit": 1000})).unwrap();
        answer["Keys"].as_array().unwrap().iter().map(|key| key["KeyId"].as_str().unwrap().to_owned()).collect()
    }
}

#[test]
fn every_state_of_the_story_is_there() {
    let mut demo = Demo::new();
    let mut check =
        |region: &str, alias: &str, expected: &str| assert_eq!(demo.state(0, region, alias), expected, "{alias}");
    check("us-east-1", "alias/payments-card-data", "Enabled");
    check("us-east-1", "alias/ledger-archive", "PendingReplicaDeletion");
    check("eu-west-1", "alias/ledger-archive", "PendingDeletion");
    check("us-west-2", "alias/sessions-jwt-2026", "Disabled");
    check("us-west-2", "alias/hsm-import-2026", "PendingImport");
    check("us-east-1", "alias/dr-orders", "Updating");
    check("eu-west-1", "alias/dr-orders", "Updating");
    check("eu-west-1", "alias/eu-patient-records", "Enabled");
    check("us-east-1", "alias/backup-master", "NotFoundException");
    check("eu-west-1", "alias/backup-master", "Enabled");
    check("eu-west-1", "mrk-51c0a9e27f4411d09c3b5a6e007d2f10", "PendingDeletion");
    check("eu-west-1", "mrk-b7a3e5c2d9f8416ea0574c1b8d2e6f93", "Creating");
    check("us-east-1", "mrk-31ab74f09d2c4e86b5a1f3c0d75512ee", "AccessDeniedException");
    check("eu-central-1", "mrk-31ab74f09d2c4e86b5a1f3c0d75512ee", "Enabled");
    check("eu-west-1", "mrk-0a41c7e5f2b84d93a6e0d1b5c792cc31", "AccessDeniedException");
    check("ap-south-1", "alias/analytics-lake", "AccessDeniedException");
    check("me-south-1", "alias/analytics-lake", "UnrecognizedClientException");
}

#[test]
fn the_promotion_lasts_long_enough_to_be_seen() {
    let mut demo = Demo::new();
    assert_eq!(demo.state(59_999, "eu-west-1", "alias/dr-orders"), "Updating");
    assert_eq!(demo.state(60_000, "eu-west-1", "alias/dr-orders"), "Enabled");
    assert_eq!(demo.state(120_000, "eu-west-1", "mrk-b7a3e5c2d9f8416ea0574c1b8d2e6f93"), "Enabled");
}

#[test]
fn the_fleet_has_the_size_of_the_story() {
    let mut demo = Demo::new();
    let readable = ["us-east-1", "us-west-2", "eu-west-1", "eu-central-1", "ap-northeast-1", "sa-east-1"];
    let listed: Vec<String> = readable.iter().flat_map(|region| demo.listed(region)).collect();
    let multi: std::collections::BTreeSet<&String> = listed.iter().filter(|key| key.starts_with("mrk-")).collect();
    assert_eq!(multi.len(), 41);
    let single = listed.iter().filter(|key| !key.starts_with("mrk-")).count();
    assert!((400..600).contains(&single), "{single}");
    let fleet = Fleet::parse(TEXT).unwrap();
    assert_eq!((fleet.account(), fleet.account_name()), ("111122223333", Some("acme-prod")));
    assert_eq!(fleet.regions().len(), 8);
    assert_eq!(fleet.regions().first().map(String::as_str), Some("us-east-1"));
}

#[test]
fn one_region_is_denied_one_is_off_and_one_is_slow() {
    let mut demo = Demo::new();
    let input = json!({});
    for operation in ["ListKeys", "ListAliases"] {
        assert_eq!(demo.ask(0, "ap-south-1", operation, &input), Err("AccessDeniedException".to_owned()));
        assert_eq!(demo.ask(0, "me-south-1", operation, &input), Err("UnrecognizedClientException".to_owned()));
    }
    let request = Request {
        region: "sa-east-1",
        identity: Some("demo"),
        proof: None,
        operation: "ListKeys",
        body: b"{}",
        connection: 1,
    };
    assert_eq!(demo.0.call(100, &request).first().map(|reply| reply.at), Some(2600));
}

#[test]
fn one_region_is_throttled_for_a_minute_now_and_then() {
    let mut demo = Demo::new();
    let key = json!({"KeyId": "alias/analytics-lake"});
    let mut throttled = |second: u64| match demo.ask(second * 1000, "ap-northeast-1", "DescribeKey", &key) {
        Ok(_) => false,
        Err(code) => code == "ThrottlingException",
    };
    let seen = [0, 149, 150, 209, 210, 629, 630, 690].map(&mut throttled);
    assert_eq!(seen, [false, false, true, true, false, false, true, false]);
}

#[test]
fn a_replica_with_the_default_policy_stands_under_a_hardened_primary() {
    let mut demo = Demo::new();
    let input = json!({"KeyId": "mrk-51c0a9e27f4411d09c3b5a6e007d2f10"});
    let primary = demo.ask(0, "us-east-1", "GetKeyPolicy", &input).unwrap();
    let replica = demo.ask(0, "eu-west-1", "GetKeyPolicy", &input).unwrap();
    assert!(primary["Policy"].as_str().unwrap().contains("Operators manage"));
    assert!(replica["Policy"].as_str().unwrap().contains("key-default-1"));
    assert_eq!(demo.ask(0, "eu-west-1", "ListResourceTags", &input).unwrap()["Tags"], json!([]));
    let tags = demo
        .ask(0, "us-east-1", "ListResourceTags", &json!({"KeyId": "mrk-00d18cbb72904f3aa1d0c5e904e3317c"}))
        .unwrap();
    assert!(tags["Tags"].as_array().unwrap().iter().any(|tag| tag["TagKey"].as_str().unwrap().starts_with("aws:")));
}

#[test]
fn every_policy_of_the_demo_would_be_accepted_by_the_service() {
    let fleet = Fleet::parse(TEXT).unwrap();
    for policy in fleet.file.policies.values() {
        let accepted = crate::emulator::policy::accept(policy.get_ref(), "111122223333", false);
        assert!(accepted.is_ok(), "{accepted:?}");
    }
    assert!(!fleet.file.policies.is_empty());
}
