//! Reading from servers that are not KMS, or hardly.

use super::*;
use crate::domain::id::{Login, Region};
use crate::domain::reading::ReasonKind;
use crate::engine::effect::ReadOperation;
use crate::engine::message::{FailureClass, Next};
use crate::kms::guard::LONGEST_ANSWER;
use crate::kms::login::{Clients, Source, connect};
use crate::kms::stub::{Stub, http, json};

const KEYS: ReadRequest = ReadRequest::ListKeys { marker: None };

fn place() -> Place {
    Place::new(Login(0), Region::parse("eu-west-1").unwrap())
}

async fn clients(endpoints: crate::engine::settings::Endpoints) -> std::sync::Arc<Clients> {
    connect(&Source::Fixed { access_key: "key", secret: "secret" }, Some(endpoints)).await.unwrap().0
}

async fn ask(answer: Vec<u8>, request: &ReadRequest) -> (Result<Answer, Failure>, String) {
    let stub = Stub::open().await;
    let clients = clients(stub.endpoints()).await;
    let answers = [answer];
    let (here, at) = (place(), Timestamp::from_millis(0));
    let (mut requests, result) = tokio::join!(stub.answer(&answers), read(&clients, &here, request, at));
    let (_, result) = result;
    (result, requests.remove(0))
}

async fn check(answer: Vec<u8>, kind: ReasonKind, class: FailureClass) {
    let shown = String::from_utf8_lossy(&answer).chars().take(200).collect::<String>();
    let failure = ask(answer, &KEYS).await.0.unwrap_err();
    assert_eq!((failure.reason.kind, failure.class), (kind, class), "{shown}");
}

#[test]
fn every_read_operation_is_let_out() {
    assert_eq!(ALLOWED.to_vec(), ReadOperation::ALL.map(ReadOperation::name).to_vec());
}

#[tokio::test]
async fn a_page_is_asked_for_once_and_signed_for_its_region() {
    let body = r#"{"Keys":[{"KeyId":"0a","KeyArn":"arn:aws:kms:eu-west-1:111122223333:key/0a"}],"Truncated":true,"NextMarker":"m"}"#;
    let (result, request) = ask(json(200, body), &KEYS).await;
    let next = Next::Marker(Foreign::new("m"));
    assert_eq!(result, Ok(Answer::Keys { listed: 1, multi_region: Vec::new(), unnamed: Vec::new(), next }));
    assert!(request.contains("TrentService.ListKeys") && request.contains(r#""Limit":1000"#), "{request}");
    assert!(request.contains("/eu-west-1/kms/aws4_request"), "{request}");
}

#[tokio::test]
async fn what_is_not_kms_is_an_unexpected_answer() {
    let odd = |answer| check(answer, ReasonKind::UnexpectedAnswer, FailureClass::Transport);
    odd(http(200, "content-type: text/html\r\n", "<html>Sign in to the guest network</html>")).await;
    odd(http(403, "content-type: text/html\r\n", "<html>Forbidden</html>")).await;
    odd(http(302, "location: http://portal.example\r\n", "")).await;
    odd(json(200, "{\"Keys\": [}")).await;
    odd(json(200, "[]")).await;
    odd(json(200, "{}")).await;
    odd(json(200, "")).await;
    odd(json(200, &format!("{{\"Keys\":{}{}}}", "[".repeat(10_000), "]".repeat(10_000)))).await;
    odd(b"SSH-2.0-OpenSSH_9.9\r\n\r\n".to_vec()).await;
}

#[tokio::test]
async fn errors_of_aws_are_told_by_their_code() {
    let throttled = r#"{"__type":"com.amazonaws.kms#ThrottlingException","message":"slow"}"#;
    check(json(400, throttled), ReasonKind::Throttled, FailureClass::Throttled).await;
    check(json(400, r#"{"__type":"LimitExceededException"}"#), ReasonKind::UnexpectedAnswer, FailureClass::Refused)
        .await;
    check(json(500, r#"{"__type":"KMSInternalException"}"#), ReasonKind::ServerError, FailureClass::Server).await;
    check(http(503, "", "<html>503</html>"), ReasonKind::ServerError, FailureClass::Server).await;
    let denied = r#"{"__type":"AccessDeniedException","Message":"User is not authorized"}"#;
    let failure = ask(json(400, denied), &KEYS).await.0.unwrap_err();
    assert_eq!(failure.reason.kind, ReasonKind::Denied);
    assert_eq!(failure.reason.message, Some(Foreign::new("User is not authorized")));
    assert_eq!(failure.reason.request_id, Some(Foreign::new("req-1")));
}

#[tokio::test]
async fn a_connection_that_breaks_is_told_from_one_that_is_not_made() {
    check(Vec::new(), ReasonKind::Connect, FailureClass::Transport).await;
    let cut = b"HTTP/1.1 200 X\r\ncontent-length: 100\r\n\r\n{\"Keys\":[".to_vec();
    check(cut, ReasonKind::Connect, FailureClass::Transport).await;
    let clients = clients(Stub::open().await.close()).await;
    let failure = read(&clients, &place(), &KEYS, Timestamp::from_millis(0)).await.1.unwrap_err();
    assert_eq!((failure.reason.kind, failure.class), (ReasonKind::Connect, FailureClass::Transport));
}

#[tokio::test]
async fn tls_and_dns_failures_have_their_own_kinds() {
    let fails = async |clients: Clients| {
        read(&clients, &place(), &KEYS, Timestamp::from_millis(0)).await.1.unwrap_err().reason.kind
    };
    let stub = Stub::open().await;
    let clients = clients(stub.endpoints()).await;
    // A name with a label this long is refused by the resolver itself: nobody is asked.
    let nowhere = format!("http://{}.invalid", "a".repeat(70));
    assert_eq!(fails(clients.at(Some(&nowhere))).await, ReasonKind::Dns);
    let secure = stub.endpoints().everywhere.unwrap().original().replace("http://", "https://");
    let ((), kind) =
        tokio::join!(stub.greet(b"220 mail.example ESMTP\r\n"), fails(clients.at(Some(&secure)).with_tls()));
    assert_eq!(kind, ReasonKind::Tls);
}

#[tokio::test]
async fn an_endless_answer_is_cut_off() {
    let stub = Stub::open().await;
    let clients = clients(stub.endpoints()).await;
    let (here, most) = (place(), 200 * 1024 * 1024);
    let (sent, (_, result)) = tokio::join!(stub.flood(most), read(&clients, &here, &KEYS, Timestamp::from_millis(0)));
    assert_eq!(result.unwrap_err().reason.kind, ReasonKind::UnexpectedAnswer);
    // What the sockets buffer comes on top of what was read.
    assert!(sent < 4 * LONGEST_ANSWER, "{sent}");
}

#[tokio::test]
async fn a_key_that_cannot_rotate_is_no_failure() {
    let arn = KeyArn::parse("arn:aws:kms:eu-west-1:111122223333:key/mrk-1").unwrap();
    let request = ReadRequest::GetKeyRotationStatus { arn };
    let (result, _) = ask(json(400, r#"{"__type":"UnsupportedOperationException"}"#), &request).await;
    assert_eq!(result, Ok(Answer::Rotation(Rotation::NotApplicable)));
    let (result, _) = ask(json(200, r#"{"KeyRotationEnabled":true,"RotationPeriodInDays":365}"#), &request).await;
    assert_eq!(result, Ok(Answer::Rotation(Rotation::On { period_days: Some(365), next: None })));
}

#[tokio::test]
async fn the_policy_is_asked_for_by_name() {
    let arn = KeyArn::parse("arn:aws:kms:eu-west-1:111122223333:key/mrk-1").unwrap();
    let (result, request) = ask(json(200, r#"{"Policy":"{}"}"#), &ReadRequest::GetKeyPolicy { arn }).await;
    assert_eq!(result, Ok(Answer::Policy(Foreign::new("{}"))));
    assert!(request.contains(r#""PolicyName":"default""#), "{request}");
}

#[tokio::test]
async fn a_reading_client_lets_no_change_out() {
    let stub = Stub::open().await;
    let clients = clients(stub.endpoints()).await;
    let kms = clients.kms(&place().region);
    assert!(kms.enable_key().key_id("mrk-1").send().await.is_err());
    assert!(!stub.was_called().await);
}
