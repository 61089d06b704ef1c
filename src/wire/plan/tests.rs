//! Plans written and read back, and every way in which a document is refused.

mod refused;

use std::time::Duration;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::*;
use crate::domain::aws_command;
use crate::domain::id::{AccountId, KeyArn, KeyId, Login, Partition, Region};
use crate::domain::key::{KeyState, Role, Tag};
use crate::domain::plan::{
    Change, Fingerprint, Identity, MemberPrint, Mutation, Permission, Plan, Precondition, Skipped, Step, Verdict,
};
use crate::domain::text::{Foreign, Safe};
use crate::domain::time::Timestamp;

const REGIONS: [&str; 4] = ["us-east-1", "us-west-2", "eu-west-1", "ap-south-1"];

fn region(name: &str) -> Region {
    Region::parse(name).unwrap()
}

fn account() -> AccountId {
    AccountId::parse("011122223333").unwrap()
}

fn arn(key: &str, at: &str) -> KeyArn {
    KeyArn::parse(&format!("arn:aws:kms:{at}:011122223333:key/{key}")).unwrap()
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_millis(1_795_000_000_000 + second * 1_000)
}

fn member(arn: KeyArn, state: KeyState, role: Role) -> MemberPrint {
    MemberPrint { arn, state, role: Some(role), primary: Some(region("us-east-1")) }
}

fn step(number: u32, after: &[u32], arn: &KeyArn, change: Change) -> Step {
    let members = vec![member(arn.clone(), KeyState::Enabled, Role::Primary)];
    let text = Safe::from_static("primary in us-east-1 is Enabled");
    let mutation = Mutation { arn: arn.clone(), change };
    Step {
        number,
        after: after.to_vec(),
        cli: aws_command::command(&mutation),
        mutation,
        fingerprint: Fingerprint {
            members,
            regions: vec![region("us-east-1")],
            policy_sha256: Some("0a".repeat(32).into()),
        },
        preconditions: vec![Precondition { text, result: Verdict::Pass, blocks: true }],
        permissions: vec![Permission {
            action: "kms:ReplicateKey",
            region: region("us-east-1"),
            result: Verdict::Unknown,
        }],
        consequences: vec![Safe::from_static("About USD 1 a month.")],
        way_back: None,
        alias: None,
        description: Foreign::new(""),
    }
}

/// A replica with its alias, and a promotion.
fn sample() -> Plan {
    let replicate = Change::ReplicateKey {
        to: region("us-west-2"),
        policy: Foreign::new("{\n  \"Version\": \"2012-10-17\"}"),
        description: Foreign::new("Nightly \u{202e}backups 鍵"),
        tags: vec![Tag { key: Foreign::new("env"), value: Foreign::new("prod") }],
    };
    let alias = Change::CreateAlias { alias: Foreign::new("alias/payments") };
    let mut promote = step(3, &[], &arn("mrk-2", "us-east-1"), Change::UpdatePrimaryRegion { to: region("eu-west-1") });
    promote.fingerprint.members.push(member(arn("mrk-2", "eu-west-1"), KeyState::Enabled, Role::Replica));
    Plan {
        id: "7b0c".into(),
        login: Login(0),
        made_at: at(0),
        expires_at: at(3_600),
        partition: Partition::Aws,
        identity: Identity {
            account: account(),
            caller_arn: Foreign::new("arn:aws:iam::011122223333:user/maria"),
            from: region("us-east-1"),
            at: at(0),
        },
        account_name: None,
        is_protected: false,
        endpoint: None,
        steps: vec![
            step(1, &[], &arn("mrk-1", "us-east-1"), replicate),
            step(2, &[1], &arn("mrk-1", "us-west-2"), alias),
            promote,
        ],
        skipped: vec![Skipped { key: KeyId::parse("mrk-3").unwrap(), region: None, why: Safe::from_static("denied") }],
    }
}

#[test]
fn the_document_has_the_schema_s_names_and_ends_with_its_digest() {
    let text = write(&sample()).unwrap();
    assert!(!text.contains('\u{202e}'), "it is harmless on a terminal");
    let document: Value = serde_json::from_str(&text).unwrap();
    let names = |value: &Value| -> String {
        let mut names: Vec<&str> = value.as_object().unwrap().keys().map(String::as_str).collect();
        names.sort_unstable();
        names.join(" ")
    };
    let expected = "account caller_arn digest endpoint expires_at id keyfleet made_at partition schema skipped steps";
    assert_eq!(names(&document), expected);
    let step = &document["steps"][0];
    let expected = "after cli consequences fingerprint key_arn number operation parameters permissions preconditions sent_to \
                    way_back";
    assert_eq!(names(step), expected);
    assert_eq!(names(&step["fingerprint"]), "members policy_sha256 regions");
    assert_eq!(names(&step["fingerprint"]["members"][0]), "arn primary_region role state");
    assert_eq!(document["account"], "011122223333");
    assert_eq!(document["made_at"], "2026-11-18T11:06:40Z");
    assert_eq!(step["preconditions"][0]["result"], "pass");
    assert_eq!(step["permissions"][0]["result"], "unknown");
    assert_eq!(step["parameters"]["Description"], "Nightly \u{202e}backups 鍵");
    assert_eq!(document["skipped"][0], serde_json::json!({"key_id": "mrk-3", "region": null, "why": "denied"}));
    assert!(
        text.trim_end().trim_end_matches('}').trim_end().rsplit('\n').next().unwrap().contains("\"digest\": \"sha256:")
    );
}

#[test]
fn the_digest_is_over_sorted_keys_without_white_space() {
    let document: Value = serde_json::from_str(r#"{"b": [1, {"d": null, "c": "x y"}], "a": "\u202e鍵"}"#).unwrap();
    let canonical = "{\"a\":\"\\u202e鍵\",\"b\":[1,{\"c\":\"x y\",\"d\":null}]}";
    assert_eq!(digest(&document).unwrap(), format!("sha256:{}", sha256(canonical)));
}

#[test]
fn layout_and_order_are_no_edit() {
    let text = write(&sample()).unwrap();
    let document: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(read(&document.to_string(), Login(0)), Ok(sample()));
    assert_eq!(read(&format!("\n\t{text}\r\n"), Login(0)), Ok(sample()));
}

#[test]
fn a_plan_without_steps_is_a_plan() {
    let plan = Plan { steps: Vec::new(), ..sample() };
    assert_eq!(read(&write(&plan).unwrap(), Login(0)), Ok(plan));
}

/// Text of any kind, hostile too.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![any::<String>(), "[a-z \u{202e}\u{1b}\"\\\\鍵]{0,12}"]
}

fn foreign() -> impl Strategy<Value = Foreign> {
    text().prop_map(Foreign::new)
}

fn shown() -> impl Strategy<Value = Safe> {
    foreign().prop_map(|text| text.safe())
}

fn verdict() -> impl Strategy<Value = Verdict> {
    prop_oneof![Just(Verdict::Pass), Just(Verdict::Fail), Just(Verdict::Unknown)]
}

fn any_region() -> impl Strategy<Value = Region> {
    (0..REGIONS.len()).prop_map(|index| region(REGIONS[index]))
}

fn state() -> impl Strategy<Value = KeyState> {
    let named = ["Enabled", "Disabled", "PendingDeletion", "Creating", "Updating", "", "Frozen\u{9b}"];
    (0..named.len()).prop_map(move |index| KeyState::parse(named[index]))
}

fn tags() -> impl Strategy<Value = Vec<Tag>> {
    vec((foreign(), foreign()).prop_map(|(key, value)| Tag { key, value }), 0..3)
}

/// A change of a key in us-east-1.
fn change() -> impl Strategy<Value = Change> {
    let to = (1..REGIONS.len()).prop_map(|index| region(REGIONS[index]));
    let replicate = (to.clone(), foreign(), foreign(), tags())
        .prop_map(|(to, policy, description, tags)| Change::ReplicateKey { to, policy, description, tags });
    let alias = text().prop_map(|name| Change::CreateAlias { alias: Foreign::new(format!("alias/x{name}")) });
    let promote = to.prop_map(|to| Change::UpdatePrimaryRegion { to });
    prop_oneof![replicate, alias, promote, Just(Change::CancelKeyDeletion), Just(Change::EnableKey)]
}

fn print() -> impl Strategy<Value = (KeyState, Option<Role>, Option<Region>)> {
    let role = prop_oneof![Just(Role::Primary), Just(Role::Replica)];
    (state(), option::of(role), option::of(any_region()))
}

fn any_step() -> impl Strategy<Value = Step> {
    let said = (vec((shown(), verdict(), any::<bool>()), 0..3), vec((any_region(), verdict()), 0..3));
    let words = (vec(shown(), 0..3), option::of(shown()));
    let print = (vec(print(), REGIONS.len()), vec(any_region(), 0..4), any::<bool>());
    (change(), said, words, print).prop_map(|(change, (conditions, permissions), (consequences, way_back), print)| {
        let arn = arn("mrk-1", "us-east-1");
        let member = |(name, (state, role, primary)): (&&str, (KeyState, Option<Role>, Option<Region>))| MemberPrint {
            arn: arn.in_region(&region(name)),
            state,
            role,
            primary,
        };
        let (members, regions, has_policy) = print;
        let condition = |(text, result, blocks)| Precondition { text, result, blocks };
        let permission = |(region, result)| Permission { action: "kms:CreateKey", region, result };
        Step {
            fingerprint: Fingerprint {
                members: REGIONS.iter().zip(members).map(member).collect(),
                regions,
                policy_sha256: has_policy.then(|| "9f".repeat(32).into()),
            },
            preconditions: conditions.into_iter().map(condition).collect(),
            permissions: permissions.into_iter().map(permission).collect(),
            ..Step { consequences, way_back, ..self::step(0, &[], &arn, change) }
        }
    })
}

/// Numbers the steps, gives each a key of its own, and lets some follow others.
fn numbered(steps: Vec<(Step, bool)>) -> Vec<Step> {
    let number = |(number, (step, follows)): (u32, (Step, bool))| {
        let own = |arn: &KeyArn| KeyArn { id: KeyId::parse(&format!("mrk-{number}")).unwrap(), ..arn.clone() };
        let members = step.fingerprint.members.into_iter();
        let members = members.map(|member| MemberPrint { arn: own(&member.arn), ..member }).collect();
        let mutation = Mutation { arn: own(&step.mutation.arn), ..step.mutation };
        Step {
            number,
            after: if follows { (1..number).collect() } else { Vec::new() },
            cli: aws_command::command(&mutation),
            mutation,
            fingerprint: Fingerprint { members, ..step.fingerprint },
            ..step
        }
    };
    (1..).zip(steps).map(number).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_is_planned_comes_back(
        steps in vec((any_step(), any::<bool>()), 0..4),
        skipped in vec((option::of(any_region()), shown()), 0..3),
        (caller, endpoint) in (foreign(), option::of(foreign())),
        (made, valid) in (0_i64..4_000_000_000_000, 1_u64..=72 * 3_600_000),
    ) {
        let made_at = Timestamp::from_millis(made);
        let skipped = skipped.into_iter().map(|(region, why)| Skipped { key: KeyId::parse("mrk-9").unwrap(), region, why });
        let plan = Plan {
            made_at,
            expires_at: made_at.plus(Duration::from_millis(valid)),
            identity: Identity { caller_arn: caller, at: made_at, ..sample().identity },
            endpoint,
            steps: numbered(steps),
            skipped: skipped.collect(),
            ..sample()
        };
        let text = write(&plan).unwrap();
        prop_assert!(text.chars().all(|character| character == '\n' || crate::domain::text::is_plain(character)));
        prop_assert_eq!(read(&text, Login(0)), Ok(plan));
    }
}
