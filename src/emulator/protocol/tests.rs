//! The two wires, byte by byte.

use super::*;

#[test]
fn the_scope_is_read_from_the_authorization_header() {
    let check = |header: &str, expected: Option<(&str, &str)>| {
        let expected = expected.map(|(access_key, region)| Scope { access_key, region });
        assert_eq!(scope(header), expected, "{header}");
    };
    check(
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261121/eu-west-1/kms/aws4_request, SignedHeaders=host, Signature=00",
        Some(("AKIDEXAMPLE", "eu-west-1")),
    );
    check(
        "AWS4-HMAC-SHA256 SignedHeaders=host,Credential=a/1/us-gov-west-1/sts/aws4_request,Signature=00",
        Some(("a", "us-gov-west-1")),
    );
    check("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261121/eu-west-1/kms, Signature=00", None);
    check("AWS4-HMAC-SHA256 Credential=/20261121/eu-west-1/kms/aws4_request", None);
    check("Bearer abc", None);
    check("", None);
}

#[test]
fn each_wire_has_its_own_operations() {
    let check = |target: Option<&str>, body: &str, expected: (Wire, &str)| {
        let (wire, name) = operation(target, body.as_bytes());
        assert_eq!((wire, name.as_str()), expected);
    };
    check(Some("TrentService.ListKeys"), "", (Wire::Json, "ListKeys"));
    check(Some("TrentService.GetCallerIdentity"), "", (Wire::Json, "kms:GetCallerIdentity"));
    check(Some("Other.ListKeys"), "", (Wire::Json, "Other.ListKeys"));
    check(None, "Version=2011-06-15&Action=GetCallerIdentity", (Wire::Query, "GetCallerIdentity"));
    check(None, "Action=ListKeys", (Wire::Query, "sts:ListKeys"));
    check(None, "", (Wire::Query, ""));
}

#[test]
fn errors_take_the_form_of_their_wire() {
    let refused = |code: &'static str| Answer {
        request_id: "1-2".to_owned(),
        result: Err(Refusal::new(code, "less < more")),
        damage: None,
    };
    let json = encode(Wire::Json, refused("NotFoundException"));
    assert_eq!((json.status, json.error_type.as_deref()), (400, Some("NotFoundException")));
    assert_eq!(json.body, br#"{"__type":"NotFoundException","message":"less < more"}"#);
    let query = encode(Wire::Query, refused("UnrecognizedClientException"));
    assert_eq!((query.status, query.content_type), (403, "text/xml"));
    let body = String::from_utf8(query.body).unwrap();
    assert!(body.contains("<Code>InvalidClientTokenId</Code>") && body.contains("less &lt; more"), "{body}");
}
