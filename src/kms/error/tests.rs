//! The table of codes, row by row.

use super::*;

fn region(name: &str) -> Region {
    Region::parse(name).unwrap()
}

fn refused(status: u16, code: Option<&str>, server_time: Option<i64>) -> Fault {
    Fault::Refused(Refusal {
        status,
        code: code.map(Foreign::new),
        message: Some(Foreign::new("words that change")),
        request_id: Some(Foreign::new("req-1")),
        server_time: server_time.map(Timestamp::from_millis),
    })
}

fn asked(fault: Fault, operation: ReadOperation, place: &str) -> Failure {
    let sign_in = Safe::from_static("sign in: aws sso login --profile p");
    let at = Timestamp::from_millis(1_000_000_000);
    failure(fault, &Question { operation, region: &region(place), sign_in: &sign_in, at })
}

fn check(status: u16, code: &str, kind: ReasonKind, class: FailureClass) {
    let failure = asked(refused(status, Some(code), None), ReadOperation::DescribeKey, "us-east-1");
    assert_eq!((failure.reason.kind, failure.class), (kind, class), "{code}");
    assert_eq!(failure.reason.code, Some(Foreign::new(code)));
    assert_eq!(failure.reason.request_id, Some(Foreign::new("req-1")));
    assert!(!failure.reason.next_step.as_str().is_empty());
}

#[test]
fn codes_of_the_service() {
    check(400, "ThrottlingException", ReasonKind::Throttled, FailureClass::Throttled);
    check(503, "SlowDown", ReasonKind::Throttled, FailureClass::Throttled);
    check(400, "TooManyRequestsException", ReasonKind::Throttled, FailureClass::Throttled);
    check(400, "LimitExceededException", ReasonKind::UnexpectedAnswer, FailureClass::Refused);
    check(500, "KMSInternalException", ReasonKind::ServerError, FailureClass::Server);
    check(503, "DependencyTimeoutException", ReasonKind::ServerError, FailureClass::Server);
    check(503, "SomethingNew", ReasonKind::ServerError, FailureClass::Server);
    check(429, "SomethingNew", ReasonKind::Throttled, FailureClass::Throttled);
    check(400, "SomethingNew", ReasonKind::UnexpectedAnswer, FailureClass::Refused);
    check(400, "InvalidMarkerException", ReasonKind::PartialListing, FailureClass::Refused);
    check(501, "UnknownOperationException", ReasonKind::UnexpectedAnswer, FailureClass::Refused);
}

#[test]
fn codes_about_one_key() {
    check(400, "NotFoundException", ReasonKind::Contradiction, FailureClass::NotFound);
    check(400, "KMSInvalidStateException", ReasonKind::Contradiction, FailureClass::Refused);
    check(400, "ValidationException", ReasonKind::UnexpectedAnswer, FailureClass::Refused);
    check(400, "InvalidArnException", ReasonKind::UnexpectedAnswer, FailureClass::Refused);
}

#[test]
fn codes_about_who_asks() {
    check(400, "ExpiredTokenException", ReasonKind::ExpiredCredentials, FailureClass::Refused);
    check(403, "RequestExpired", ReasonKind::ClockSkew, FailureClass::Refused);
    check(403, "RequestTimeTooSkewed", ReasonKind::ClockSkew, FailureClass::Refused);
    check(400, "UnrecognizedClientException", ReasonKind::Denied, FailureClass::Refused);
    check(403, "MissingAuthenticationToken", ReasonKind::Denied, FailureClass::Refused);
}

#[test]
fn a_region_enabled_by_default_is_never_called_not_enabled() {
    let kind = |code, place| asked(refused(400, Some(code), None), ReadOperation::ListKeys, place).reason.kind;
    for code in ["UnrecognizedClientException", "InvalidClientTokenId"] {
        assert_eq!(kind(code, "eu-west-1"), ReasonKind::Denied, "{code}");
        assert_eq!(kind(code, "cn-north-1"), ReasonKind::Denied, "{code}");
        assert_eq!(kind(code, "af-south-1"), ReasonKind::NotEnabled, "{code}");
    }
}

#[test]
fn a_denial_is_of_the_key_or_of_the_region() {
    let kind = |operation| asked(refused(400, Some("AccessDeniedException"), None), operation, "us-east-1").reason.kind;
    assert_eq!(kind(ReadOperation::ListKeys), ReasonKind::Denied);
    assert_eq!(kind(ReadOperation::ListAliases), ReasonKind::Denied);
    assert_eq!(kind(ReadOperation::GetCallerIdentity), ReasonKind::Denied);
    assert_eq!(kind(ReadOperation::DescribeKey), ReasonKind::DeniedByKeyPolicy);
    assert_eq!(kind(ReadOperation::GetKeyPolicy), ReasonKind::DeniedByKeyPolicy);
}

#[test]
fn a_bad_signature_is_the_clock_only_if_the_clock_is_off() {
    let kind = |server| {
        let fault = refused(400, Some("InvalidSignatureException"), server);
        asked(fault, ReadOperation::ListKeys, "us-east-1").reason.kind
    };
    let minutes = |count: i64| Some(1_000_000_000 + count * 60_000);
    assert_eq!(kind(minutes(0)), ReasonKind::Denied);
    assert_eq!(kind(minutes(3)), ReasonKind::Denied);
    assert_eq!(kind(minutes(10)), ReasonKind::ClockSkew);
    assert_eq!(kind(minutes(-10)), ReasonKind::ClockSkew);
    assert_eq!(kind(None), ReasonKind::ClockSkew);
}

#[test]
fn without_a_code_it_was_not_kms_that_answered() {
    let class = |status| asked(refused(status, None, None), ReadOperation::ListKeys, "us-east-1").class;
    assert_eq!(class(403), FailureClass::Transport);
    assert_eq!(class(302), FailureClass::Transport);
    assert_eq!(class(503), FailureClass::Server);
}

#[test]
fn what_failed_on_the_way_has_its_own_kinds() {
    let kind = |fault| {
        let failure = asked(fault, ReadOperation::ListKeys, "us-east-1");
        (failure.reason.kind, failure.class)
    };
    let transport = |kind| (kind, FailureClass::Transport);
    assert_eq!(kind(Fault::Connect(Connect::Dns)), transport(ReasonKind::Dns));
    assert_eq!(kind(Fault::Connect(Connect::Tcp)), transport(ReasonKind::Connect));
    assert_eq!(kind(Fault::Connect(Connect::Tls)), transport(ReasonKind::Tls));
    assert_eq!(kind(Fault::Connect(Connect::Timeout)), transport(ReasonKind::Timeout));
    assert_eq!(kind(Fault::Timeout), transport(ReasonKind::Timeout));
    assert_eq!(kind(Fault::Lost), transport(ReasonKind::Connect));
    assert_eq!(kind(Fault::Garbled("x".into())), transport(ReasonKind::UnexpectedAnswer));
    let withheld = Fault::Withheld(Withheld::NoCredentials);
    assert_eq!(kind(withheld), (ReasonKind::ExpiredCredentials, FailureClass::Refused));
}

#[test]
fn hostile_codes_stay_whole_and_are_shown_escaped() {
    let failure = asked(refused(400, Some("Bad\u{1b}[2J"), None), ReadOperation::ListKeys, "us-east-1");
    assert_eq!(failure.reason.code, Some(Foreign::new("Bad\u{1b}[2J")));
    assert!(failure.reason.next_step.as_str().contains("Bad\\u{1b}[2J"), "{}", failure.reason.next_step);
}
