//! The JSON wire.

use serde_json::json;

use super::*;

#[test]
fn an_answer_has_the_form_of_the_service() {
    let server = serve("");
    let answer = kms(&mut Client::connect(&server), "us-east-1", "ListKeys", &json!({}));
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), Some("application/x-amz-json-1.1"));
    assert_eq!(answer.header("x-amzn-requestid").map(str::len), Some(36));
    assert_eq!(answer.body, r#"{"Keys":[],"Truncated":false}"#);
}

#[test]
fn an_error_names_its_type_in_body_and_header() {
    let server = serve("");
    let answer = kms(&mut Client::connect(&server), "us-east-1", "DescribeKey", &json!({"KeyId": "alias/none"}));
    assert_eq!(answer.status, 400);
    assert_eq!(answer.header("x-amzn-errortype"), Some("NotFoundException"));
    assert_eq!(answer.header("x-amzn-requestid").map(str::len), Some(36));
    let message = "Alias arn:aws:kms:us-east-1:111122223333:alias/none is not found.";
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(body, json!({"__type": "NotFoundException", "message": message}));
}

#[test]
fn an_operation_without_output_answers_an_empty_body() {
    let server = serve("");
    let key = ask(&server, "us-east-1", "CreateKey", &json!({}))["KeyMetadata"]["KeyId"].clone();
    let answer = kms(&mut Client::connect(&server), "us-east-1", "DisableKey", &json!({"KeyId": key}));
    assert_eq!((answer.status, answer.body.as_str()), (200, ""));
}

#[test]
fn the_region_is_that_of_the_signature() {
    let server = serve("[[keys]]\nprimary = \"eu-west-1\"");
    let count = |region: &str| ask(&server, region, "ListKeys", &json!({}))["Keys"].as_array().unwrap().len();
    assert_eq!((count("eu-west-1"), count("us-east-1")), (1, 0));
}

#[test]
fn one_connection_carries_many_requests() {
    let server = serve("");
    let mut client = Client::connect(&server);
    for _ in 0..3 {
        assert_eq!(kms(&mut client, "us-east-1", "ListKeys", &json!({})).status, 200);
    }
    let log = Client::connect(&server).request("GET", "/_keyfleet/log", &[], "").body;
    assert_eq!(log.lines().filter(|line| line.contains("\"connection\":1")).count(), 3, "{log}");
}

#[test]
fn requests_that_kms_would_not_take_are_refused() {
    let server = serve("[[accounts]]\nid = \"111122223333\"\nregions_not_enabled = [\"me-south-1\"]");
    let check = |headers: Vec<(String, String)>, expected: &str| {
        let answer = Client::connect(&server).request("POST", "/", &headers, "{}");
        assert_eq!((answer.status, answer.header("x-amzn-errortype")), (400, Some(expected)), "{headers:?}");
    };
    let unsigned = http::kms_headers("us-east-1", "ListKeys").into_iter().take(2).collect();
    check(unsigned, "MissingAuthenticationTokenException");
    check(http::kms_headers("me-south-1", "ListKeys"), "UnrecognizedClientException");
    check(http::kms_headers("us-east-1", "GenerateDataKey"), "UnknownOperationException");
    check(http::kms_headers("us-east-1", "GetCallerIdentity"), "UnknownOperationException");
    let elsewhere = Client::connect(&server).request("GET", "/", &[], "");
    assert_eq!(elsewhere.status, 404);
    let long = Client::connect(&server).request("POST", "/", &[], &"x".repeat(1024 * 1024 + 1));
    assert_eq!(long.status, 413);
}

#[test]
fn the_main_story_runs_over_the_wire() {
    let server = serve("");
    let key = ask(&server, "us-east-1", "CreateKey", &json!({"MultiRegion": true}))["KeyMetadata"]["KeyId"].clone();
    let named = json!({"KeyId": key});
    let state = |region: &str| ask(&server, region, "DescribeKey", &named)["KeyMetadata"]["KeyState"].clone();
    let advance = |by: &str| advance(&server, by);
    ask(&server, "us-east-1", "ReplicateKey", &json!({"KeyId": key, "ReplicaRegion": "eu-west-1"}));
    assert_eq!(state("eu-west-1"), "Creating");
    advance("3s");
    assert_eq!(state("eu-west-1"), "Enabled");
    ask(&server, "us-east-1", "UpdatePrimaryRegion", &json!({"KeyId": key, "PrimaryRegion": "eu-west-1"}));
    assert_eq!((state("us-east-1"), state("eu-west-1")), (json!("Updating"), json!("Updating")));
    advance("4s");
    let described = ask(&server, "eu-west-1", "DescribeKey", &named);
    assert_eq!(described["KeyMetadata"]["MultiRegionConfiguration"]["MultiRegionKeyType"], "PRIMARY");
    ask(&server, "us-east-1", "ScheduleKeyDeletion", &json!({"KeyId": key, "PendingWindowInDays": 7}));
    assert_eq!(state("us-east-1"), "PendingDeletion");
    ask(&server, "us-east-1", "CancelKeyDeletion", &named);
    assert_eq!(state("us-east-1"), "Disabled");
    ask(&server, "us-east-1", "EnableKey", &named);
    assert_eq!(state("us-east-1"), "Enabled");
    ask(&server, "us-east-1", "ScheduleKeyDeletion", &json!({"KeyId": key, "PendingWindowInDays": 7}));
    advance("7d");
    assert_eq!(ask(&server, "us-east-1", "ListKeys", &json!({}))["Keys"], json!([]));
}
