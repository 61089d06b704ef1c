//! What is told of a change when the wire misbehaves, and what never leaves.

use super::*;
use crate::domain::id::KeyArn;
use crate::domain::plan::{Mutation, Operation};
use crate::domain::time::Timestamp;
use crate::kms::identity::{freeze, identify};
use crate::kms::login::{Source, connect};
use crate::kms::stub::{Stub, http, json};

const STS: &str = "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>\
    <Arn>arn:aws:iam::111122223333:user/ops</Arn><UserId>AIDA</UserId><Account>111122223333</Account>\
    </GetCallerIdentityResult><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></GetCallerIdentityResponse>";

fn region() -> Region {
    Region::parse("us-east-1").unwrap()
}

fn arn(place: &str, account: &str) -> KeyArn {
    KeyArn::parse(&format!("arn:aws:kms:{place}:{account}:key/mrk-1")).unwrap()
}

fn receipt(arn: KeyArn, change: Change) -> Receipt {
    Receipt::for_test(Arc::new(Intent {
        id: "intent-7".into(),
        plan: "plan".into(),
        step: 1,
        account: arn.account,
        caller_arn: Foreign::new("arn:aws:iam::111122223333:user/ops"),
        mutation: Mutation { arn, change },
    }))
}

async fn frozen(stub: &Stub) -> Frozen {
    let source = Source::Fixed { access_key: "key", secret: "secret" };
    let (clients, _) = connect(&source, Some(stub.endpoints())).await.unwrap();
    freeze(clients).await.unwrap()
}

/// Credentials that STS has identified as those of 111122223333.
async fn identified(stub: &Stub) -> Frozen {
    let frozen = frozen(stub).await;
    let (region, answers) = (region(), [http(200, "content-type: text/xml\r\n", STS)]);
    let asking = identify(&frozen, &region, Timestamp::from_millis(0));
    let (_, identity) = tokio::join!(stub.answer(&answers), asking);
    assert_eq!(identity.unwrap().account.to_string(), "111122223333");
    frozen
}

fn client(frozen: &Frozen) -> WriteClient {
    WriteClient::build(frozen, &region(), WriteAllowed::unless(false).unwrap()).unwrap()
}

async fn sent(answer: Vec<u8>, change: Change) -> (Reply, String) {
    let stub = Stub::open().await;
    let client = client(&identified(&stub).await);
    let (receipt, answers) = (receipt(arn("us-east-1", "111122223333"), change), [answer]);
    let (mut requests, reply) = tokio::join!(stub.answer(&answers), send(client, receipt));
    assert!(!stub.was_called().await, "sent twice");
    (reply, requests.remove(0))
}

#[derive(Debug, PartialEq)]
enum Told {
    NotSent,
    Answered(u16, Option<String>, Option<String>),
    Broken,
}

fn told(reply: &Reply) -> Told {
    let text = |text: &Option<Foreign>| text.as_ref().map(|text| text.original().to_owned());
    match reply {
        Reply::NotSent { .. } => Told::NotSent,
        Reply::Answered { status, code, request_id, .. } => Told::Answered(*status, text(code), text(request_id)),
        Reply::Broken { .. } => Told::Broken,
    }
}

async fn check(answer: Vec<u8>, change: Change, expected: Told) {
    let shown = String::from_utf8_lossy(&answer).into_owned();
    assert_eq!(told(&sent(answer, change).await.0), expected, "{shown}");
}

fn answered(status: u16, code: Option<&str>) -> Told {
    Told::Answered(status, code.map(str::to_owned), Some("req-1".to_owned()))
}

fn promote() -> Change {
    Change::UpdatePrimaryRegion { to: Region::parse("eu-west-1").unwrap() }
}

#[test]
fn the_four_operations_are_let_out_and_no_other() {
    assert_eq!(ALLOWED.to_vec(), Operation::ALL.map(Operation::name).to_vec());
}

#[tokio::test]
async fn success_is_believed_only_in_the_shape_of_aws() {
    check(json(200, ""), Change::EnableKey, answered(200, None)).await;
    check(json(200, "{}"), promote(), answered(200, None)).await;
    check(json(200, r#"{"KeyId":"arn"}"#), Change::CancelKeyDeletion, answered(200, None)).await;
    let portal = || http(200, "content-type: text/html\r\n", "<html>Sign in</html>");
    check(portal(), Change::EnableKey, Told::Broken).await;
    check(portal(), Change::CancelKeyDeletion, Told::Broken).await;
    check(http(200, "", ""), Change::EnableKey, Told::Broken).await;
    check(json(200, "<html>"), Change::EnableKey, Told::Broken).await;
    check(json(200, "{}"), Change::CancelKeyDeletion, Told::Broken).await;
}

#[tokio::test]
async fn refusals_keep_their_code() {
    let error = |code: &str| format!("{{\"__type\":\"{code}\",\"message\":\"m\"}}");
    let state = "KMSInvalidStateException";
    check(json(400, &error(state)), Change::EnableKey, answered(400, Some(state))).await;
    let internal = "KMSInternalException";
    check(json(500, &error(internal)), Change::EnableKey, answered(500, Some(internal))).await;
    check(json(400, &error("ThrottlingException")), promote(), answered(400, Some("ThrottlingException"))).await;
    check(http(500, "", "<html>"), Change::EnableKey, Told::Broken).await;
    check(http(403, "", "<html>"), Change::EnableKey, Told::Broken).await;
    check(http(307, "location: /\r\n", ""), Change::EnableKey, Told::Broken).await;
}

#[tokio::test]
async fn a_lost_reply_is_never_called_not_sent() {
    check(Vec::new(), Change::EnableKey, Told::Broken).await;
    check(b"HTTP/1.1 200 X\r\ncontent-length: 9\r\n\r\n{".to_vec(), Change::EnableKey, Told::Broken).await;
    check(b"nonsense\r\n\r\n".to_vec(), Change::EnableKey, Told::Broken).await;
}

#[tokio::test]
async fn a_refused_connection_proves_that_nothing_was_sent() {
    let stub = Stub::open().await;
    let client = client(&identified(&stub).await);
    stub.close();
    let reply = send(client, receipt(arn("us-east-1", "111122223333"), Change::EnableKey)).await;
    assert_eq!(told(&reply), Told::NotSent, "{reply:?}");
}

#[tokio::test]
async fn the_request_is_what_was_recorded_and_names_the_intent() {
    let change = Change::ReplicateKey {
        to: Region::parse("eu-west-1").unwrap(),
        policy: Foreign::new("{\"a\":\"\u{202e}\"}"),
        description: Foreign::new("payments"),
        tags: vec![Tag { key: Foreign::new("env"), value: Foreign::new("prod") }],
    };
    let body = r#"{"ReplicaKeyMetadata":{"KeyId":"mrk-1","KeyState":"Creating"}}"#;
    let (reply, request) = sent(json(200, body), change).await;
    assert_eq!(told(&reply), answered(200, None));
    for part in [
        "TrentService.ReplicateKey",
        r#""ReplicaRegion":"eu-west-1""#,
        "\\\"a\\\":\\\"\u{202e}\\\"",
        r#""TagKey":"env","TagValue":"prod""#,
        r#""Description":"payments""#,
        concat!("keyfleet/", env!("CARGO_PKG_VERSION"), " intent/intent-7"),
        "/us-east-1/kms/aws4_request",
    ] {
        assert!(request.contains(part), "{part} is not in {request}");
    }
    assert!(!request.contains("BypassPolicyLockoutSafetyCheck"), "{request}");
    let bare = Change::ReplicateKey {
        to: Region::parse("eu-west-1").unwrap(),
        policy: Foreign::new("{}"),
        description: Foreign::new(""),
        tags: Vec::new(),
    };
    let (_, request) = sent(json(200, body), bare).await;
    assert!(!request.contains("Tags") && !request.contains("Description"), "{request}");
}

#[tokio::test]
async fn a_receipt_for_another_account_or_region_opens_nothing() {
    let stub = Stub::open().await;
    let frozen = identified(&stub).await;
    for arn in [arn("us-east-1", "999999999999"), arn("eu-west-1", "111122223333")] {
        let reply = send(client(&frozen), receipt(arn, Change::EnableKey)).await;
        assert_eq!(told(&reply), Told::NotSent);
    }
    assert!(!stub.was_called().await);
}

#[tokio::test]
async fn without_an_identity_or_when_read_only_there_is_no_client() {
    let stub = Stub::open().await;
    assert!(WriteAllowed::unless(true).is_none());
    let frozen = frozen(&stub).await;
    assert!(WriteClient::build(&frozen, &region(), WriteAllowed::unless(false).unwrap()).is_err());
}

#[tokio::test]
async fn nothing_off_the_list_leaves_a_writing_client() {
    let stub = Stub::open().await;
    let client = client(&identified(&stub).await);
    let kms = &client.kms;
    // Sound requests of the same service. The destructive ones are not even to be written down; the list's own test names them.
    assert!(kms.create_key().send().await.is_err());
    assert!(kms.retire_grant().grant_id("g").send().await.is_err());
    assert!(kms.update_key_description().key_id("mrk-1").description("d").send().await.is_err());
    assert!(kms.list_keys().send().await.is_err());
    assert!(!stub.was_called().await);
}
