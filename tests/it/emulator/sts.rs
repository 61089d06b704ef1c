//! The Query wire.

use super::http::{header, signed};
use super::*;

fn sts(server: &Running, region: &str, body: &str) -> Answer {
    let headers = [header("Content-Type", "application/x-www-form-urlencoded"), signed(region, "sts")];
    Client::connect(server).request("POST", "/", &headers, body)
}

#[test]
fn the_caller_is_told_in_xml() {
    let server = serve("");
    let answer = sts(&server, "eu-west-1", "Action=GetCallerIdentity&Version=2011-06-15");
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("text/xml")));
    assert!(answer.body.contains("<Arn>arn:aws:iam::111122223333:user/emulator</Arn>"), "{}", answer.body);
    assert!(answer.body.contains("<Account>111122223333</Account>"), "{}", answer.body);
    assert!(answer.body.contains("<UserId>AIDA"), "{}", answer.body);
    let request_id = answer.header("x-amzn-requestid").unwrap();
    assert!(answer.body.contains(&format!("<RequestId>{request_id}</RequestId>")), "{}", answer.body);
}

#[test]
fn errors_are_xml_too() {
    let server = serve("[[accounts]]\nid = \"111122223333\"\nregions_not_enabled = [\"me-south-1\"]");
    let check = |region: &str, body: &str, status: u16, code: &str| {
        let answer = sts(&server, region, body);
        assert_eq!(answer.status, status, "{}", answer.body);
        assert!(answer.body.contains(&format!("<Code>{code}</Code>")), "{}", answer.body);
    };
    check("me-south-1", "Action=GetCallerIdentity&Version=2011-06-15", 403, "InvalidClientTokenId");
    check("us-east-1", "Action=GetFederationToken&Version=2011-06-15", 400, "InvalidAction");
    check("us-east-1", "", 400, "InvalidAction");
    let unsigned = Client::connect(&server).request("POST", "/", &[], "Action=GetCallerIdentity");
    assert_eq!(unsigned.status, 403);
    assert!(unsigned.body.contains("<Code>MissingAuthenticationToken</Code>"), "{}", unsigned.body);
}
