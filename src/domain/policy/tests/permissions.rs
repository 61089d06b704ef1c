//! What a policy, by itself, answers to a request.

use super::*;

const SESSION: &str = "arn:aws:sts::111122223333:assumed-role/KmsOps/maria";
const USER: &str = "arn:aws:iam::111122223333:user/team/maria";
const ROOT: &str = "arn:aws:iam::111122223333:root";

fn evaluated(caller: &str, text: &str) -> Permits {
    let caller = Caller::new(caller, account());
    let (key, target) = (key("us-east-1"), region("us-west-2"));
    permits(&parsed(text), &Request { caller: &caller, action: "kms:ReplicateKey", key: &key, target: Some(&target) })
}

/// The answer in short: `allowed`, `denied: …` or `unknown: …`.
fn words(answer: Permits) -> String {
    match answer {
        Permits::Allowed => "allowed".to_owned(),
        Permits::Denied(why) => format!("denied: {why}"),
        Permits::Unknown(Doubt::LeftToIam) => IAM.to_owned(),
        Permits::Unknown(Doubt::Statement(why)) => format!("unknown: {why}"),
    }
}

/// The answer for a policy of one statement.
fn check(caller: &str, elements: &str, expected: &str) {
    let answer = words(evaluated(caller, &policy(elements)));
    assert_eq!(answer, expected, "{caller}: {elements}");
}

const NOBODY: &str = "denied: no statement allows kms:ReplicateKey";
const IAM: &str = "left to IAM";

#[test]
fn principals_are_compared_with_the_caller() {
    let principal = |name: &str| format!(r#""Principal":{{"AWS":"{name}"}}"#);
    check(SESSION, &principal("arn:aws:iam::111122223333:role/KmsOps"), "allowed");
    check(SESSION, &principal("arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/KmsOps"), "allowed");
    check(SESSION, &principal(SESSION), "allowed");
    check(SESSION, &principal("arn:aws:sts::111122223333:assumed-role/KmsOps/paul"), NOBODY);
    check(SESSION, &principal("arn:aws:iam::111122223333:role/KmsOps2"), NOBODY);
    check(SESSION, &principal("arn:aws:iam::444455556666:role/KmsOps"), NOBODY);
    check(SESSION, &principal("arn:aws-cn:iam::111122223333:role/KmsOps"), NOBODY);
    check(SESSION, &principal("arn:aws:iam::111122223333:user/KmsOps"), NOBODY);
    check(SESSION, &principal("111122223333"), IAM);
    check(SESSION, &principal("444455556666"), NOBODY);
    check(SESSION, &principal("AROADBQP57FF2AEXAMPLE"), NOBODY);
    check(
        SESSION,
        &principal("arn:aws:iam::111122223333:role/*"),
        "unknown: statement 1 has a principal with wildcards",
    );
    check(SESSION, r#""Principal":"*""#, "allowed");
    check(SESSION, r#""Principal":{"Service":"logs.us-east-1.amazonaws.com"}"#, NOBODY);
    check(USER, &principal(USER), "allowed");
    check(USER, &principal("arn:aws:iam::111122223333:user/maria"), NOBODY);
    check(ROOT, &principal(ACCOUNT), "allowed");
    check(SESSION, r#""NotPrincipal":{"AWS":"444455556666"}"#, "unknown: statement 1 has NotPrincipal");
    check(SESSION, r#""NotPrincipal":"*""#, NOBODY);
}

#[test]
fn actions_and_resources_have_wildcards_and_opposites() {
    check(SESSION, r#""Action":"*""#, "allowed");
    check(SESSION, r#""Action":["kms:Decrypt","KMS:replicate*"]"#, "allowed");
    check(SESSION, r#""Action":"kms:?eplicateKey""#, "allowed");
    check(SESSION, r#""Action":"kms:Decrypt""#, NOBODY);
    check(SESSION, r#""NotAction":"kms:Decrypt""#, "allowed");
    check(SESSION, r#""NotAction":"kms:Replicate*""#, NOBODY);
    check(SESSION, &format!(r#""Resource":"{}""#, key("us-east-1")), "allowed");
    check(SESSION, &format!(r#""Resource":"{}""#, key("us-west-2")), NOBODY);
    check(SESSION, r#""Resource":"arn:aws:kms:*:111122223333:key/mrk-*""#, "allowed");
    check(SESSION, &format!(r#""NotResource":"{}""#, key("us-east-1")), NOBODY);
    check(SESSION, r#""Resource":"arn:aws:kms:${x}""#, "unknown: statement 1 has a variable in its Resource");
}

#[test]
fn conditions_that_can_be_known_are_evaluated() {
    let test = |operator: &str, key: &str, value: &str| {
        format!(r#""Sid":"s","Condition":{{"{operator}":{{"{key}":"{value}"}}}}"#)
    };
    let open = |name: &str| format!("unknown: statement 1 “s” depends on {name}");
    check(SESSION, &test("StringEquals", "kms:CallerAccount", ACCOUNT), "allowed");
    check(SESSION, &test("StringEquals", "KMS:calleraccount", "444455556666"), NOBODY);
    check(SESSION, &test("StringNotEquals", "aws:PrincipalAccount", "444455556666"), "allowed");
    check(SESSION, &test("StringLike", "aws:PrincipalArn", "arn:aws:iam::111122223333:role/*"), "allowed");
    check(SESSION, &test("ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:role/*KmsOps"), "allowed");
    let literal = "arn:aws:iam::111122223333:role/KmsOps";
    check(SESSION, &test("StringEquals", "aws:PrincipalArn", literal), &open("StringEquals aws:PrincipalArn"));
    check(SESSION, &test("ArnNotEquals", "aws:PrincipalArn", literal), &open("ArnNotEquals aws:PrincipalArn"));
    let pathed = "arn:aws:iam::111122223333:role/team/KmsOps";
    check(SESSION, &test("ArnEquals", "aws:PrincipalArn", pathed), &open("ArnEquals aws:PrincipalArn"));
    check(SESSION, &test("StringEquals", "aws:PrincipalArn", "arn:aws:iam::111122223333:role/Other"), NOBODY);
    check(SESSION, &test("StringEquals", "aws:PrincipalArn", "arn:aws:iam::111122223333:role/*"), NOBODY);
    check(USER, &test("StringEquals", "aws:PrincipalArn", USER), "allowed");
    check(SESSION, &test("StringEquals", "kms:ViaService", "ebs.us-east-1.amazonaws.com"), NOBODY);
    check(SESSION, &test("StringEqualsIfExists", "kms:ViaService", "ebs.us-east-1.amazonaws.com"), "allowed");
    check(SESSION, &test("StringNotEquals", "kms:ViaService", "ebs.us-east-1.amazonaws.com"), "allowed");
    check(SESSION, &test("Null", "kms:ViaService", "true"), "allowed");
    check(SESSION, &test("Null", "kms:ViaService", "false"), NOBODY);
    check(SESSION, &test("Bool", "aws:SecureTransport", "false"), NOBODY);
    check(SESSION, &test("StringEquals", "aws:RequestedRegion", "us-east-1"), "allowed");
    check(SESSION, &test("StringEquals", "kms:ReplicaRegion", "us-west-2"), "allowed");
    check(SESSION, &test("StringEquals", "kms:ReplicaRegion", "eu-west-1"), NOBODY);
    check(SESSION, &test("StringEquals", "aws:PrincipalOrgID", "o-1"), &open("StringEquals aws:PrincipalOrgID"));
    check(
        SESSION,
        &test("ForAnyValue:StringLike", "kms:CallerAccount", "*"),
        &open("ForAnyValue:StringLike kms:CallerAccount"),
    );
    check(SESSION, &test("StringEquals", "kms:CallerAccount", "${aws:x}"), &open("StringEquals kms:CallerAccount"));
    check(SESSION, r#""New":1"#, "unknown: statement 1 has an element that keyfleet does not know");
}

/// Allow to everybody, and one Deny with the given elements.
fn with_deny(elements: &str, expected: &str) {
    let allow = r#"{"Effect":"Allow","Principal":"*","Action":"kms:*","Resource":"*"}"#;
    let deny = policy(&format!(r#""Effect":"Deny",{elements}"#));
    let text = deny.replace("\"Statement\":[", &format!("\"Statement\":[{allow},"));
    let answer = words(evaluated(SESSION, &text));
    assert_eq!(answer, expected, "{elements}");
}

#[test]
fn a_deny_wins() {
    with_deny(r#""Action":"kms:Replicate*""#, "denied: statement 2 denies kms:ReplicateKey");
    with_deny(r#""Principal":{"AWS":"111122223333"}"#, "denied: statement 2 denies kms:ReplicateKey");
    with_deny(r#""Principal":{"AWS":"444455556666"}"#, "allowed");
    with_deny(r#""Action":"kms:Decrypt""#, "allowed");
    with_deny(r#""Condition":{"Bool":{"aws:SecureTransport":"false"}}"#, "allowed");
    with_deny(
        r#""Condition":{"StringNotEquals":{"aws:PrincipalOrgID":"o-1"}}"#,
        "unknown: statement 2 depends on StringNotEquals aws:PrincipalOrgID",
    );
    with_deny(r#""NotPrincipal":{"AWS":"111122223333"}"#, "unknown: statement 2 has NotPrincipal");
}

#[test]
fn a_lockout_is_told_from_an_account_that_decides_by_iam() {
    let locked =
        |elements: &str| lockout(&parsed(&policy(elements)), &Caller::new(SESSION, account()), &key("us-west-2"));
    assert_eq!(locked(r#""Principal":{"AWS":"111122223333"}"#), Lockout::Safe);
    assert_eq!(
        locked(r#""Principal":{"AWS":"arn:aws:iam::111122223333:role/KmsOps"},"Action":"kms:Put*""#),
        Lockout::Safe
    );
    let denied = Lockout::LockedOut("no statement allows kms:PutKeyPolicy".into());
    assert_eq!(locked(r#""Principal":{"AWS":"111122223333"},"Action":"kms:Decrypt""#), denied);
    assert_eq!(locked(r#""Principal":{"AWS":"arn:aws:iam::111122223333:role/Other"}"#), denied);
    assert_eq!(locked(&format!(r#""Resource":"{}""#, key("us-east-1"))), denied);
    assert!(matches!(locked(r#""Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}"#), Lockout::Unknown(_)));
}
