//! Policies that let in too many, and policies that leave nobody.

use super::*;

fn check(elements: &str, is_open: bool, is_unmanageable: bool) {
    let document = parsed(&policy(elements));
    assert_eq!(open_to_anyone(&document).is_some(), is_open, "{elements}");
    assert_eq!(nobody_can_manage(&document, account()).is_some(), is_unmanageable, "{elements}");
}

/// Whether anyone is let in if one test must hold.
fn test(operator: &str, key: &str, value: &str, is_open: bool) {
    let elements = format!(r#""Condition":{{"{operator}":{{"{key}":"{value}"}}}}"#);
    assert_eq!(open_to_anyone(&parsed(&policy(&elements))).is_some(), is_open, "{elements}");
}

#[test]
fn anyone_is_anyone_however_written() {
    check(r#""Principal":"*""#, true, false);
    check(r#""Principal":{"AWS":["111122223333","*"]}"#, true, false);
    check(r#""NotPrincipal":{"AWS":"444455556666"}"#, true, false);
    check(r#""NotPrincipal":{"AWS":"*"}"#, false, true);
    check(r#""Effect":"Deny","Principal":"*""#, false, true);
    check(r#""Action":"s3:*""#, false, true);
    check(r#""NotAction":"kms:Decrypt""#, true, false);
    check(r#""Principal":{"AWS":"111122223333"}"#, false, false);
    let words = |text: &str| open_to_anyone(&parsed(text)).unwrap().as_str().to_owned();
    assert_eq!(
        words(&policy(r#""Sid":"all""#)),
        "statement 1 “all” lets anyone in: no condition keeps it to an account"
    );
    let allow = r#"{"Effect":"Allow","Principal":"*","Action":"kms:*","Resource":"*"}"#;
    assert_eq!(
        words(&format!(r#"{{"Statement":[{allow},{allow}]}}"#)),
        "statement 1 and 1 more let anyone in: no condition keeps them to an account"
    );
}

#[test]
fn a_test_that_names_callers_keeps_the_others_out() {
    test("StringEquals", "kms:CallerAccount", ACCOUNT, false);
    test("StringEquals", "KMS:calleraccount", "${aws:ResourceAccount}", false);
    test("StringEquals", "aws:PrincipalOrgID", "o-1", false);
    test("StringEquals", "aws:PrincipalOrgID", "${aws:ResourceOrgID}", false);
    test("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "o-1/r-1/*", false);
    test("ArnLike", "aws:PrincipalArn", "arn:aws:iam::111122223333:role/*", false);
    test("StringLike", "aws:PrincipalArn", "arn:aws:iam::111122223333:role/*", false);
    test("ArnLike", "aws:SourceArn", "arn:aws:logs:*:111122223333:*", false);
    test("StringLike", "aws:userid", "AROADBQP57FF2AEXAMPLE:*", false);
    test("StringEquals", "aws:SourceVpce", "vpce-1", false);
    test("IpAddress", "aws:SourceIp", "203.0.113.0/24", false);
}

#[test]
fn a_test_that_anyone_can_meet_keeps_nobody_out() {
    test("StringEquals", "kms:ViaService", "ebs.us-east-1.amazonaws.com", true);
    test("StringNotEquals", "kms:CallerAccount", ACCOUNT, true);
    test("StringEqualsIfExists", "kms:CallerAccount", ACCOUNT, true);
    test("ForAllValues:StringEquals", "aws:PrincipalOrgID", "o-1", true);
    test("StringLike", "kms:CallerAccount", "*", true);
    test("StringLike", "kms:CallerAccount", "1*", true);
    test("StringEquals", "kms:CallerAccount", "${aws:PrincipalAccount}", true);
    test("StringLike", "aws:PrincipalOrgID", "o-*", true);
    test("StringLike", "aws:PrincipalOrgPaths", "o-*/r-1/*", true);
    test("Null", "aws:PrincipalOrgID", "false", true);
    test("ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:role/Admin", true);
    // A role's path may hold colons, and so another account.
    test("StringLike", "aws:PrincipalArn", "arn:aws:iam:*:111122223333:*", true);
    test("ArnLike", "aws:SourceArn", "arn:aws:s3:::logs*", true);
    test("StringLike", "aws:userid", "*:maria", true);
    test("StringEquals", "aws:PrincipalTag/team", "ops", true);
    test("IpAddress", "aws:SourceIp", "0.0.0.0/0", true);
    test("IpAddress", "aws:SourceIp", "128.0.0.0/1", true);
    test("IpAddress", "aws:SourceIp", "::/0", true);
    test("IpAddress", "aws:SourceIp", "${aws:SourceIp}", true);
    let several = r#""Condition":{"StringEquals":{"kms:CallerAccount":["111122223333","*"]}}"#;
    assert!(open_to_anyone(&parsed(&policy(several))).is_some());
}

#[test]
fn a_deny_of_all_others_closes_what_an_allow_opens() {
    let allow = r#"{"Effect":"Allow","Principal":"*","Action":["kms:Decrypt","kms:De*"],"Resource":"*"}"#;
    let deny = r#"{"Effect":"Deny","Principal":"*","Action":"kms:*","Resource":"*","Condition":{"StringNotEquals":{"aws:PrincipalOrgID":"o-1"}}}"#;
    let open = |deny: &str| open_to_anyone(&parsed(&format!(r#"{{"Statement":[{allow},{deny}]}}"#))).is_some();
    assert!(!open(deny));
    assert!(!open(&deny.replace("kms:*", "kms:de*")));
    assert!(!open(&deny.replace("StringNotEquals", "StringNotEqualsIfExists")));
    for (from, to) in [
        ("kms:*", "kms:Decrypt"),
        ("kms:*", "kms:De?*"),
        ("kms:*", "kms:"),
        ("\"Action\"", "\"NotAction\""),
        ("StringNotEquals", "StringEquals"),
        ("StringNotEquals", "ForAnyValue:StringNotEquals"),
        ("o-1", "o-*"),
        ("\"Resource\":\"*\"", "\"Resource\":\"arn:aws:kms:us-east-1:1:key/x\""),
        ("\"Principal\":\"*\"", "\"Principal\":{\"AWS\":\"111122223333\"}"),
        ("\"o-1\"}", "\"o-1\",\"kms:ViaService\":\"x\"}"),
    ] {
        assert!(open(&deny.replace(from, to)), "{to}");
    }
    let others = r#"{"Effect":"Deny","NotPrincipal":{"AWS":"111122223333"},"Action":"kms:*","Resource":"*"}"#;
    assert!(!open(others));
    assert!(open(&others.replace("NotPrincipal", "Principal")));
}

#[test]
fn somebody_must_be_able_to_change_the_policy() {
    check(r#""Principal":{"AWS":"111122223333"},"Action":"kms:Decrypt""#, false, true);
    check(r#""Principal":{"AWS":"444455556666"}"#, false, true);
    check(r#""Principal":{"AWS":"AROADBQP57FF2AEXAMPLE"}"#, false, true);
    check(r#""Principal":{"AWS":"arn:aws:iam::111122223333:role/A"},"Action":"kms:Put*""#, false, false);
    check(r#""Principal":{"AWS":"arn:aws:iam::444455556666:role/A"}"#, false, true);
    check(r#""Principal":{"Service":"logs.us-east-1.amazonaws.com"}"#, false, true);
    check(r#""Condition":{"StringEquals":{"kms:CallerAccount":"444455556666"}}"#, false, true);
    check(r#""Condition":{"StringEquals":{"kms:CallerAccount":["444455556666","111122223333"]}}"#, false, false);
    // What may hold for somebody is not certain to hold for nobody.
    check(r#""Condition":{"StringEquals":{"aws:SourceAccount":"444455556666"}}"#, false, false);
    check(r#""Effect":"Deny","Principal":{"AWS":"111122223333"}"#, false, true);
}

#[test]
fn a_deny_must_be_certain_to_take_the_change_from_everybody() {
    let admin =
        r#"{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:role/A"},"Action":"kms:*","Resource":"*"}"#;
    let deny = r#"{"Sid":"s","Effect":"Deny","Principal":{"AWS":"111122223333"},"Action":"kms:Put*","Resource":"*"}"#;
    let words = |deny: &str| {
        let document = parsed(&format!(r#"{{"Statement":[{admin},{deny}]}}"#));
        nobody_can_manage(&document, account()).map(|words| words.as_str().to_owned())
    };
    let all = Some("statement 2 “s” denies kms:PutKeyPolicy to the whole account".to_owned());
    assert_eq!(words(deny), all);
    assert_eq!(words(&deny.replace("{\"AWS\":\"111122223333\"}", "\"*\"")), all);
    let but = deny.replace("Principal", "NotPrincipal");
    assert_eq!(words(&but), None);
    assert_eq!(words(&but.replace("111122223333", "444455556666")), all);
    assert_eq!(
        words(&deny.replace("111122223333", "arn:aws:iam::111122223333:role/A")),
        Some("whomever statement 1 lets call kms:PutKeyPolicy, another statement denies it".to_owned())
    );
    for (from, to) in [
        ("kms:Put*", "kms:PutAlias"),
        ("\"Action\"", "\"NotAction\""),
        ("111122223333", "444455556666"),
        ("111122223333", "arn:aws:iam::111122223333:role/B"),
        ("\"Sid\":\"s\"", "\"Condition\":{\"Bool\":{\"aws:MultiFactorAuthPresent\":\"false\"}}"),
        ("\"Resource\":\"*\"", "\"Resource\":\"arn:aws:kms:us-east-1:1:key/x\""),
    ] {
        assert_eq!(words(&deny.replace(from, to)), None, "{to}");
    }
}
