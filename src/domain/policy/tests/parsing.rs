//! What is the same policy, what is another, and what is none.

use super::*;

fn check(one: &str, other: &str, expected: bool) {
    assert_eq!(parsed(&policy(one)) == parsed(&policy(other)), expected, "{one} and {other}");
}

fn refused(text: &str, expected: &str) {
    let error = Document::parse(text).err().map(|error| error.words().as_str().to_owned());
    assert_eq!(error.as_deref(), Some(expected), "{text}");
}

#[test]
fn ways_of_writing_the_same_are_equal() {
    check(r#""Action":"kms:Decrypt""#, r#""Action":["kms:Decrypt"]"#, true);
    check(r#""Action":["kms:Decrypt","kms:Encrypt"]"#, r#""Action":["KMS:encrypt","kms:DECRYPT","kms:Decrypt"]"#, true);
    check(r#""Principal":{"AWS":"*"}"#, r#""Principal":"*""#, true);
    check(r#""Principal":{"AWS":"111122223333"}"#, r#""Principal":{"AWS":["arn:aws:iam::111122223333:root"]}"#, true);
    check(
        r#""Condition":{"StringEquals":{"kms:CallerAccount":["1","2"],"a":"b"}}"#,
        r#""Condition":{"stringequals":{"a":["b"],"KMS:calleraccount":["2","1"]}}"#,
        true,
    );
    check(
        r#""Condition":{"Bool":{"aws:SecureTransport":false}}"#,
        r#""Condition":{"Bool":{"aws:SecureTransport":"false"}}"#,
        true,
    );
    check(r#""Condition":{}"#, r#""Sid":"no condition""#, true);
    check(r#""Sid":"one""#, r#""Sid":"two""#, true);
    check(r#""New":{"a":[1],"b":"2"}"#, r#""New": { "b": "2", "a": [ 1 ] }"#, true);
}

#[test]
fn what_means_something_else_is_not_equal() {
    check(r#""Effect":"Allow""#, r#""Effect":"Deny""#, false);
    check(r#""Action":"kms:Decrypt""#, r#""NotAction":"kms:Decrypt""#, false);
    check(r#""Principal":{"AWS":"*"}"#, r#""Principal":{"Service":"*"}"#, false);
    check(r#""Principal":{"AWS":"111122223333"}"#, r#""Principal":{"AWS":"444455556666"}"#, false);
    check(r#""Resource":"arn:aws:kms:us-east-1:1:key/A""#, r#""Resource":"arn:aws:kms:us-east-1:1:key/a""#, false);
    check(r#""Condition":{"StringEquals":{"a":"b"}}"#, r#""Condition":{"StringLike":{"a":"b"}}"#, false);
    check(r#""Condition":{"StringEquals":{"a":"b"}}"#, r#""Condition":{"StringEquals":{"a":"B"}}"#, false);
    check(r#""Condition":{"StringEquals":{"a":"b"}}"#, r#""Sid":"dropped""#, false);
    check(r#""New":"1""#, r#""New":1"#, false);
}

#[test]
fn two_statements_in_either_order_are_one_policy() {
    let allow = r#"{"Effect":"Allow","Principal":"*","Action":"kms:*","Resource":"*"}"#;
    let deny = r#"{"Effect":"Deny","Principal":"*","Action":"kms:*","Resource":"*"}"#;
    let document = |statements: &str| parsed(&format!(r#"{{"Version":"2012-10-17","Statement":{statements}}}"#));
    assert!(document(&format!("[{allow},{deny}]")) == document(&format!("[{deny},{allow},{deny}]")));
    assert!(document(&format!("[{allow}]")) == document(allow));
    assert!(document(&format!("[{allow},{deny}]")) != document(allow));
    assert!(parsed(&format!(r#"{{"Statement":{allow}}}"#)) != document(allow), "a version changes what variables mean");
}

#[test]
fn what_is_no_policy_says_where() {
    refused("", "not JSON: EOF while parsing a value (line 1, column 0)");
    refused("[]", "a policy must be an object (line 1, column 1)");
    refused("{}", "the policy has no Statement (line 1, column 1)");
    refused("{\"Statement\":\n [\"x\"]}", "a statement must be an object (line 2, column 3)");
    refused(r#"{"Statement":{"Effect":"Allow","Effect":"Deny"}}"#, "“Effect” stands here twice (line 1, column 33)");
    refused(&policy(r#""Principal":7"#), "Principal must be an object (line 1, column 51)");
    refused(&policy(r#""Action":[null]"#), "a string must stand here (line 1, column 49)");
    refused(&policy(r#""Effect":"allow""#), "Effect must be Allow or Deny (line 1, column 48)");
    refused(
        &policy(r#""Principal":"*","NotPrincipal":"*""#),
        "an element and its Not… form exclude each other (line 1, column 70)",
    );
    let deep = format!(r#"{{"Statement":{}{}}}"#, "[".repeat(10_000), "]".repeat(10_000));
    assert!(Document::parse(&deep).is_err());
}

#[test]
fn deleted_principals_are_found() {
    let bare = |principal: &str| -> Vec<String> {
        let document = parsed(&policy(&format!("\"Principal\":{principal}")));
        document.bare_principals().iter().map(|id| id.original().to_owned()).collect()
    };
    let named = bare(r#"{"AWS":["arn:aws:iam::111122223333:root","AIDAJQABLZS4A3QDU576Q"]}"#);
    assert_eq!(named, ["AIDAJQABLZS4A3QDU576Q"]);
    assert_eq!(bare(r#"{"AWS":"AROADBQP57FF2AEXAMPLE"}"#), ["AROADBQP57FF2AEXAMPLE"]);
    assert_eq!(bare(r#"{"AWS":["*","arn:aws:iam::111122223333:role/AROAD"]}"#), [""; 0]);
}

#[test]
fn the_default_policy_is_known_in_any_form() {
    use crate::domain::id::Partition;
    for partition in Partition::ALL {
        assert!(is_default(&parsed(&default_policy(partition, account())), account()));
    }
    let root = r#""Principal":{"AWS":"111122223333"},"Action":["kms:*"]"#;
    assert!(is_default(&parsed(&policy(root)), account()));
    assert!(!is_default(&parsed(&policy(root)), AccountId::parse("444455556666").unwrap()));
    assert!(!is_default(&parsed(&policy(r#""Principal":{"AWS":"111122223333"},"Action":"kms:Decrypt""#)), account()));
    assert!(!is_default(&parsed(&policy(r#""Action":"kms:*""#)), account()));
}

#[test]
fn a_digest_is_of_the_very_bytes() {
    assert_eq!(sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}
