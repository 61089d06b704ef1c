//! Every fault kind as the AWS SDK sees it.

use std::future::Future;
use std::time::Duration;

use aws_sdk_kms::Client as Kms;
use aws_sdk_kms::config::{BehaviorVersion, Credentials, Region, retry::RetryConfig, timeout::TimeoutConfig};
use aws_sdk_kms::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_kms::operation::list_keys::{ListKeysError, ListKeysOutput};
use aws_sdk_kms::types::KeyState;
use serde_json::json;

use super::*;

/// Long enough for a loaded machine to answer, short enough to wait for what never comes.
const ATTEMPT: Duration = Duration::from_millis(700);

pub(crate) fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

fn client(server: &Running, attempt: Option<Duration>) -> Kms {
    let timeouts = attempt.map_or_else(TimeoutConfig::disabled, |attempt| {
        TimeoutConfig::builder().operation_attempt_timeout(attempt).build()
    });
    let config = aws_sdk_kms::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(server.endpoint())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::for_tests())
        .retry_config(RetryConfig::disabled())
        .timeout_config(timeouts);
    Kms::from_conf(config.build())
}

type Listed = Result<ListKeysOutput, SdkError<ListKeysError>>;

/// What the SDK makes of a listing of two of three keys under a fault.
fn listed(fault: &str, attempt: Option<Duration>) -> (Running, Listed) {
    let server = serve(&format!("[[generate]]\nkeys = 3\nregions = 1\nrelated = 1\n[[faults]]\n{fault}"));
    let result = block_on(client(&server, attempt).list_keys().limit(2).send());
    (server, result)
}

fn seen(result: &Listed) -> &'static str {
    match result {
        Ok(_) => "answer",
        Err(SdkError::ConstructionFailure(_)) => "not sent",
        Err(SdkError::TimeoutError(_)) => "timeout",
        Err(SdkError::DispatchFailure(_)) => "dispatch",
        Err(SdkError::ResponseError(_)) => "response",
        Err(SdkError::ServiceError(_)) => "service",
        Err(_) => "other",
    }
}

#[test]
fn each_kind_is_seen_as_what_it_is() {
    let check = |fault: &str, attempt: Option<Duration>, expected: &str, applied: bool| {
        let (server, result) = listed(fault, attempt);
        assert_eq!(seen(&result), expected, "{fault}: {result:?}");
        assert_eq!(log(&server)[0]["applied"], applied, "{fault}");
    };
    check("kind = \"delay\"\nms = 50", None, "answer", true);
    check("kind = \"error\"\ncode = \"ThrottlingException\"", None, "service", false);
    check("kind = \"hang\"", Some(ATTEMPT), "timeout", false);
    check("kind = \"apply_close\"", None, "dispatch", true);
    check("kind = \"drop_close\"", None, "dispatch", false);
    check("kind = \"apply_later\"", None, "dispatch", false);
    check("kind = \"trickle\"", Some(ATTEMPT), "timeout", true);
    check("kind = \"truncate\"", None, "response", true);
    // A 200 that is not JSON is a service error without a code to the SDK.
    check("kind = \"html\"", None, "service", false);
    check("kind = \"garbage\"", None, "service", true);
}

#[test]
fn a_connection_closed_unread_is_a_failure_to_dispatch() {
    let server = serve("[[faults]]\nkind = \"close\"\ncount = 1");
    let client = client(&server, None);
    let (first, second) = block_on(async { (client.list_keys().send().await, client.list_keys().send().await) });
    assert_eq!((seen(&first), seen(&second)), ("dispatch", "answer"));
    assert_eq!(log(&server).len(), 1);
}

#[test]
fn a_huge_answer_outlasts_a_short_deadline() {
    let (_server, result) = listed("kind = \"huge\"", Some(Duration::from_millis(30)));
    assert_eq!(seen(&result), "timeout");
}

#[test]
fn an_error_has_its_code() {
    let (_server, result) = listed("kind = \"error\"\ncode = \"ThrottlingException\"", None);
    let error = result.unwrap_err();
    assert_eq!(error.code(), Some("ThrottlingException"));
    assert!(error.message().unwrap().starts_with("You have exceeded the rate"));
}

#[test]
fn what_comes_later_comes() {
    let server = serve("[[faults]]\noperation = \"CreateKey\"\nkind = \"apply_later\"\nms = 30000\ncount = 1");
    let client = client(&server, None);
    assert!(block_on(client.create_key().send()).is_err());
    advance(&server, "30s");
    assert_eq!(block_on(client.list_keys().send()).unwrap().keys().len(), 1);
}

#[test]
fn markers_are_as_the_fault_says() {
    let (server, result) = listed("kind = \"repeat_marker\"", None);
    let first = result.unwrap();
    let again = client(&server, None).list_keys().set_marker(first.next_marker().map(str::to_owned)).send();
    assert_eq!(block_on(again).unwrap().next_marker(), first.next_marker());
    let (_server, result) = listed("kind = \"no_marker\"", None);
    let page = result.unwrap();
    assert_eq!((page.truncated(), page.next_marker()), (true, None));
}

#[test]
fn values_and_texts_are_strange() {
    let described = |kind: &str| {
        let fleet = format!("[[keys]]\nprimary = \"us-east-1\"\nalias = \"alias/a\"\n[[faults]]\nkind = \"{kind}\"");
        let server = serve(&fleet);
        let answer = block_on(client(&server, None).describe_key().key_id("alias/a").send()).unwrap();
        answer.key_metadata().unwrap().clone()
    };
    assert_eq!(described("unknown_enum").key_state().map(KeyState::as_str), Some("Hibernating"));
    assert!(described("hostile").description().unwrap().contains("\u{1b}[2J"));
}

#[test]
fn a_whole_story_is_told_to_the_sdk() {
    let server = serve("");
    let client = client(&server, None);
    block_on(async {
        let created = client.create_key().multi_region(true).send().await.unwrap();
        let key = created.key_metadata().unwrap().key_id().to_owned();
        client.replicate_key().key_id(&key).replica_region("eu-west-1").send().await.unwrap();
        advance(&server, "3s");
        client.update_primary_region().key_id(&key).primary_region("eu-west-1").send().await.unwrap();
        let state = client.describe_key().key_id(&key).send().await.unwrap();
        assert_eq!(state.key_metadata().unwrap().key_state(), Some(&KeyState::Updating));
        advance(&server, "4s");
        let refused = client.update_primary_region().key_id(&key).primary_region("eu-west-1").send().await.unwrap_err();
        assert!(refused.into_service_error().is_unsupported_operation_exception());
    });
    let applied = log(&server).iter().filter(|entry| entry["applied"] == json!(true)).count();
    assert_eq!(applied, 4);
}
