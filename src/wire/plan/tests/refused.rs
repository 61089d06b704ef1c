//! Each way of being no good has words and a place of its own.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use serde_json::json;

use super::*;

fn document() -> Value {
    serde_json::from_str(&write(&sample()).unwrap()).unwrap()
}

/// The document after an edit, with a digest that fits it.
fn resealed(edit: impl FnOnce(&mut Value)) -> String {
    let mut document = document();
    document.as_object_mut().unwrap().remove("digest");
    edit(&mut document);
    document["digest"] = digest(&document).unwrap().into();
    document.to_string()
}

fn refused(text: &str) -> PlanError {
    let error = read(text, Login(0)).unwrap_err();
    assert!(!error.what().as_str().is_empty() && !error.remedy().is_empty());
    error
}

/// An edit of the value at a JSON pointer.
fn check(pointer: &str, value: Value, is_refusal: bool, words: &str) {
    let text = resealed(|document| *document.pointer_mut(pointer).unwrap() = value);
    let error = refused(&text);
    assert_eq!((error.what().as_str(), error.is_refusal()), (words, is_refusal));
}

fn malformed(pointer: &str, value: Value, words: &str) {
    check(pointer, value, false, words);
}

fn senseless(pointer: &str, value: Value, words: &str) {
    check(pointer, value, true, words);
}

#[test]
fn what_is_no_plan_is_said_so() {
    let check = |text: &str, words: &str| {
        let error = refused(text);
        assert_eq!((error.what().as_str(), error.is_refusal()), (words, false));
    };
    let no_plan = "it is no plan of keyfleet: schema is not keyfleet.plan/1";
    check("[]", no_plan);
    check("{}", no_plan);
    check(r#"{"schema": "keyfleet.fleet/1"}"#, no_plan);
    check(r#"{"schema": "keyfleet.plan/2"}"#, "its schema is keyfleet.plan/2, and this keyfleet reads keyfleet.plan/1");
    check(r#"{"schema": "keyfleet.plan/1"}"#, "digest is missing");
    check(r#"{"schema": "keyfleet.plan/1", "digest": 7}"#, "digest is not text");
    check("", "it is not JSON: line 1, column 0: EOF while parsing a value");
    check("{\"schema\":\n oops", "it is not JSON: line 2, column 2: expected value");
    check(&"[".repeat(10_000), "it is not JSON: line 1, column 128: recursion limit exceeded");
}

#[test]
fn any_edit_without_a_new_digest_is_an_edit() {
    let edited = |edit: fn(&mut Value)| {
        let mut document = document();
        edit(&mut document);
        let error = refused(&document.to_string());
        assert_eq!(error, PlanError::Edited);
        assert!(error.is_refusal());
    };
    edited(|document| document["steps"][0]["parameters"]["ReplicaRegion"] = "eu-west-1".into());
    edited(|document| document["steps"][0]["cli"] = "aws kms something".into());
    edited(|document| document["expires_at"] = "2026-11-18T12:06:41Z".into());
    edited(|document| document["steps"] = json!([]));
    edited(|document| document["added"] = Value::Null);
    edited(|document| document["digest"] = "sha256:00".into());
}

/// A new digest is soon made; the command on the operator's screen is still that of the request that would be sent.
#[test]
fn a_command_that_is_not_the_request_s_is_an_edit() {
    let check = |edit: fn(&mut Value)| assert_eq!(refused(&resealed(edit)), PlanError::Edited);
    check(|document| document["steps"][0]["cli"] = "aws kms list-keys".into());
    check(|document| document["steps"][0]["cli"] = "".into());
    check(|document| document["steps"][0]["parameters"]["Policy"] = "{}".into());
    check(|document| document["steps"][1]["parameters"]["AliasName"] = "alias/other".into());
    check(|document| {
        let steps = document["steps"].as_array_mut().unwrap();
        let second = steps[1]["cli"].clone();
        steps[2]["cli"] = second;
    });
}

#[test]
fn every_field_is_needed_and_of_its_type() {
    let fields = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<String>>();
    let places = [
        "",
        "/steps/0",
        "/steps/0/fingerprint",
        "/steps/0/fingerprint/members/0",
        "/steps/0/preconditions/0",
        "/steps/0/permissions/0",
        "/skipped/0",
    ];
    for place in places {
        let names = fields(document().pointer(place).unwrap());
        for name in names.iter().filter(|name| !["schema", "digest"].contains(&name.as_str())) {
            let path = format!("{place}/{name}");
            let without = refused(&resealed(|document| {
                document.pointer_mut(place).unwrap().as_object_mut().unwrap().remove(name);
            }));
            assert!(without.what().as_str().ends_with(&format!("{name} is missing")), "{path}: {}", without.what());
            let wrong = refused(&resealed(|document| *document.pointer_mut(&path).unwrap() = json!(1.5)));
            let dotted = path.trim_start_matches('/').replace("/0", "[0]").replace('/', ".");
            assert!(wrong.what().as_str().starts_with(&format!("{dotted} is n")), "{path}: {}", wrong.what());
            assert!(!without.is_refusal() && !wrong.is_refusal(), "{path}");
        }
    }
}

#[test]
fn values_of_no_known_name_are_malformed() {
    malformed(
        "/steps/1/operation",
        json!("DisableKey"),
        "steps[1].operation is no operation of keyfleet: \"DisableKey\"",
    );
    malformed("/made_at", json!("yesterday\u{9b}"), "made_at is no date (RFC 3339): \"yesterday\\u{9b}\"");
    malformed("/account", json!("1111"), "account is no account of 12 digits: \"1111\"");
    malformed("/partition", json!("aws-mars"), "partition is no partition: \"aws-mars\"");
    malformed("/id", json!("a b"), "id is no identifier: \"a b\"");
    malformed("/steps/0/key_arn", json!("mrk-1"), "steps[0].key_arn is no ARN of a multi-Region key: \"mrk-1\"");
    malformed("/steps/0/sent_to", json!("moon"), "steps[0].sent_to is no Region: \"moon\"");
    malformed(
        "/steps/0/preconditions/0/result",
        json!("maybe"),
        "steps[0].preconditions[0].result is no result (pass, fail or unknown): \"maybe\"",
    );
    malformed(
        "/steps/0/permissions/0/action",
        json!("kms:Decrypt"),
        "steps[0].permissions[0].action is no action that a plan needs: \"kms:Decrypt\"",
    );
    malformed(
        "/steps/0/fingerprint/policy_sha256",
        json!("0A"),
        "steps[0].fingerprint.policy_sha256 is no SHA-256 of 64 hexadecimal digits: \"0A\"",
    );
    malformed("/steps/0/number", json!(-1), "steps[0].number is not a whole number");
}

#[test]
fn a_document_that_contradicts_itself_is_refused() {
    let place = "steps[0]";
    senseless(
        "/steps/1/number",
        json!(7),
        "steps[1].number is not 2: steps are numbered from 1 in the order of sending",
    );
    senseless("/steps/1/after", json!([2]), "steps[1].after[0] is 2, and no step before step 2");
    senseless("/steps/0/after", json!([9]), "steps[0].after[0] is 9, and no step before step 1");
    senseless("/steps/1/after", json!([0]), "steps[1].after[0] is 0, and no step before step 2");
    senseless("/expires_at", json!("2026-11-30T00:00:00Z"), "expires_at is not within 72 hours after made_at");
    senseless("/expires_at", json!("2026-11-18T11:06:40Z"), "expires_at is not within 72 hours after made_at");
    let other = "arn:aws:kms:us-east-1:444455556666:key/mrk-1";
    senseless(
        "/steps/0/key_arn",
        json!(other),
        &format!("{place}.key_arn is a key of account 444455556666, the plan is for 011122223333"),
    );
    senseless(
        "/account",
        json!("444455556666"),
        &format!("{place}.key_arn is a key of account 011122223333, the plan is for 444455556666"),
    );
    senseless(
        "/partition",
        json!("aws-cn"),
        &format!("{place}.key_arn is a key of the partition aws, the plan is for aws-cn"),
    );
    senseless(
        "/steps/0/sent_to",
        json!("us-west-2"),
        &format!("{place}.sent_to is not us-east-1, the Region of the key that is changed"),
    );
    senseless(
        "/steps/1/sent_to",
        json!("us-east-1"),
        "steps[1].sent_to is not us-west-2, the Region of the key that is changed",
    );
    senseless(
        "/steps/0/fingerprint/members/0/arn",
        json!("arn:aws:kms:us-east-1:011122223333:key/mrk-2"),
        &format!("{place}.fingerprint.members[0].arn is another key than that of the step"),
    );
    senseless(
        "/steps/0/fingerprint/members",
        json!([]),
        &format!("{place}.fingerprint.members does not say what the key in us-east-1 was like"),
    );
    let step = document()["steps"][2].clone();
    let one = json!([step["fingerprint"]["members"][0]]);
    senseless(
        "/steps/2/fingerprint/members",
        one,
        "steps[2].fingerprint.members does not say what the key in eu-west-1 was like",
    );
}

#[test]
fn the_same_request_stands_in_one_step_only() {
    let text = resealed(|document| {
        let mut again = document["steps"][0].clone();
        again["number"] = 4.into();
        document["steps"].as_array_mut().unwrap().push(again);
    });
    assert_eq!(refused(&text).what().as_str(), "steps[3] asks for the same change as a step before it");
}

#[test]
fn parameters_fit_their_operation_and_never_bypass_the_lockout_check() {
    let text = resealed(|document| document["steps"][0]["parameters"]["BypassPolicyLockoutSafetyCheck"] = true.into());
    let error = refused(&text);
    let words = "steps[0].parameters.BypassPolicyLockoutSafetyCheck is a parameter that keyfleet never sends";
    assert_eq!((error.what().as_str(), error.is_refusal()), (words, true));
    senseless("/steps/0/operation", json!("EnableKey"), "steps[0].parameters.Description is no parameter of EnableKey");
    let key = "arn:aws:kms:us-east-1:011122223333:key/mrk-9";
    let words = "steps[0].parameters.KeyId is not the key arn:aws:kms:us-east-1:011122223333:key/mrk-1";
    senseless("/steps/0/parameters/KeyId", json!(key), words);
    let words = "steps[0].parameters.ReplicaRegion is us-east-1, where the key already is";
    senseless("/steps/0/parameters/ReplicaRegion", json!("us-east-1"), words);
    malformed("/steps/0/parameters/Tags/0/TagKey", json!(null), "steps[0].parameters.Tags[0].TagKey is not text");
}

#[test]
fn fields_of_a_later_keyfleet_are_left_alone() {
    let text = resealed(|document| {
        document["reviewed_by"] = "maria".into();
        document["steps"][0]["ticket"] = 7.into();
    });
    assert_eq!(read(&text, Login(0)), Ok(sample()));
}

#[test]
fn a_plan_holds_for_its_account_and_its_time() {
    let check = |account: &str, second: i64, words: Option<&str>| {
        let found = super::check(&sample(), AccountId::parse(account).unwrap(), at(second));
        let error = found.err();
        assert!(error.iter().all(PlanError::is_refusal));
        assert_eq!(error.map(|error| error.what().to_string()).as_deref(), words);
    };
    check("011122223333", 3_599, None);
    check("011122223333", 3_600, Some("it expired 0s ago, on 2026-11-18 12:06 UTC"));
    check("011122223333", 7_300, Some("it expired 1h01m ago, on 2026-11-18 12:06 UTC"));
    check("444455556666", 0, Some("it is a plan for account 011122223333, not for 444455556666"));
}

#[test]
fn a_file_that_is_none_is_named_for_what_it_is() {
    let temporary = tempfile::tempdir().unwrap();
    let place = |name: &str| temporary.path().join(name);
    let check = |path: &Path, words: &str| {
        let error = read_file(path).unwrap_err();
        assert_eq!((error.what().as_str(), error.is_refusal()), (words, false));
    };
    check(&place("nowhere"), "there is no such file");
    check(temporary.path(), "it is a directory");
    check(Path::new("/dev/null"), "it is not a regular file");
    fs::write(place("bytes"), b"{\"a\": \"\xff\"}").unwrap();
    check(&place("bytes"), "it is not UTF-8 at byte 7");
    fs::File::create(place("large")).unwrap().set_len((8 << 20) + 1).unwrap();
    check(&place("large"), "it is larger than 8 MiB");
    fs::write(place("plan"), "{}").unwrap();
    symlink(place("plan"), place("link")).unwrap();
    assert_eq!(read_file(&place("link")), Ok("{}".to_owned()));
}
