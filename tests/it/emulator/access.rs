//! Signatures over the wire: the client is the SDK, which signs as every client of AWS does.

use std::time::{Duration, UNIX_EPOCH};

use aws_sdk_kms::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_kms::error::ProvideErrorMetadata;
use aws_smithy_async::time::StaticTimeSource;

use super::sdk::block_on;
use super::*;

const FLEET: &str = r#"
[[accounts]]
id = "111122223333"
[[accounts.credentials]]
access_key = "AKIASIGNED"
secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
[[accounts.roles]]
arn = "arn:aws:iam::111122223333:role/Reader"
deny = [{ actions = ["kms:CreateKey"] }]
"#;
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

fn client(server: &Running, credentials: Credentials, minutes_off: u64) -> aws_sdk_kms::Client {
    let now = UNIX_EPOCH + Duration::from_millis(START) + Duration::from_secs(60 * minutes_off);
    let config = aws_sdk_kms::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(server.endpoint())
        .region(Region::new("eu-west-1"))
        .credentials_provider(credentials)
        .time_source(StaticTimeSource::new(now))
        .retry_config(aws_sdk_kms::config::retry::RetryConfig::disabled());
    aws_sdk_kms::Client::from_conf(config.build())
}

#[test]
fn signatures_are_verified_where_a_secret_is_given() {
    let server = serve(FLEET);
    let check = |access_key: &str, secret: &str, minutes_off: u64, expected: Option<&str>| {
        let client = client(&server, Credentials::new(access_key, secret, None, None, "test"), minutes_off);
        let listed = block_on(client.list_keys().limit(5).send());
        assert_eq!(listed.as_ref().err().and_then(ProvideErrorMetadata::code), expected, "{access_key} {secret}");
    };
    check("AKIASIGNED", SECRET, 0, None);
    check("AKIASIGNED", SECRET, 4, None);
    check("AKIASIGNED", SECRET, 10, Some("InvalidSignatureException"));
    check("AKIASIGNED", "another", 0, Some("InvalidSignatureException"));
    check("AKIAOTHER", SECRET, 0, Some("UnrecognizedClientException"));
}

#[test]
fn a_role_is_assumed_and_its_credentials_signed_with() {
    let server = serve(FLEET);
    let now = UNIX_EPOCH + Duration::from_millis(START);
    let config = aws_sdk_sts::Config::builder()
        .behavior_version(aws_sdk_sts::config::BehaviorVersion::latest())
        .endpoint_url(server.endpoint())
        .region(aws_sdk_sts::config::Region::new("eu-west-1"))
        .credentials_provider(Credentials::new("AKIASIGNED", SECRET, None, None, "test"))
        .time_source(StaticTimeSource::new(now));
    let sts = aws_sdk_sts::Client::from_conf(config.build());
    let role = sts.assume_role().role_arn("arn:aws:iam::111122223333:role/Reader").role_session_name("maria");
    let answer = block_on(role.send()).unwrap();
    let user = answer.assumed_role_user().unwrap();
    assert_eq!(user.arn(), "arn:aws:sts::111122223333:assumed-role/Reader/maria");
    let given = answer.credentials().unwrap();
    assert_eq!(given.expiration().secs(), i64::try_from(START / 1000).unwrap() + 3600);
    let with_token = |token: &str| {
        let (key, secret) = (given.access_key_id(), given.secret_access_key());
        client(&server, Credentials::new(key, secret, Some(token.to_owned()), None, "test"), 0)
    };
    let reader = with_token(given.session_token());
    assert!(block_on(reader.list_keys().send()).is_ok());
    let denied = block_on(reader.create_key().send()).unwrap_err();
    assert_eq!(denied.code(), Some("AccessDeniedException"));
    assert!(denied.message().unwrap().contains("assumed-role/Reader/maria"));
    let strange = block_on(with_token("another").list_keys().send()).unwrap_err();
    assert_eq!(strange.code(), Some("UnrecognizedClientException"));
    advance(&server, "61m");
    let late = block_on(reader.list_keys().send()).unwrap_err();
    assert_eq!(late.code(), Some("ExpiredTokenException"));
}
