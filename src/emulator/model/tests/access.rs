//! Who may do what: accounts, credentials with statements, and the sessions of roles.

use super::*;
use crate::emulator::signature::Proof;

const FLEET: &str = r#"
[[accounts]]
id = "111122223333"
caller_arn = "arn:aws:iam::111122223333:user/somebody"
[[accounts.credentials]]
access_key = "AKIAREADER"
caller_arn = "arn:aws:iam::111122223333:user/reader"
allow = [{ actions = ["kms:List*", "kms:Describe*", "sts:*"] }]
deny = [{ keys = ["sealed"] }, { regions = ["ap-south-1"] }]
[[accounts.credentials]]
access_key = "AKIAOPERATOR"
deny = [{ actions = ["kms:CreateKey"], regions = ["eu-west-1"] }, { actions = ["kms:TagResource"] }, { actions = ["kms:UpdatePrimaryRegion"], regions = ["us-west-2"] }]
[[accounts.roles]]
arn = "arn:aws:iam::111122223333:role/ops/Auditor"
allow = [{ actions = ["kms:ListKeys"] }]
[[accounts]]
id = "444455556666"
regions_not_enabled = ["eu-west-1"]
[[accounts.credentials]]
access_key = "AKIASECOND"
[[keys]]
name = "open"
primary = "us-east-1"
replicas = ["us-west-2"]
alias = "alias/open"
[[keys]]
name = "sealed"
primary = "us-east-1"
alias = "alias/sealed"
[[keys]]
name = "theirs"
account = "444455556666"
primary = "us-east-1"
alias = "alias/open"
"#;

/// The first refusal of an answer, or nothing.
fn refusal(
    world: &mut World,
    who: &'static str,
    region: &str,
    operation: &str,
    body: &Value,
) -> Option<(String, String)> {
    world.who = who;
    let refusal = world.result(region, operation, body).err()?;
    Some((refusal.code.into_owned(), refusal.message))
}

fn key(world: &mut World, who: &'static str, alias: &str) -> String {
    world.who = who;
    world.describe("us-east-1", alias)["KeyId"].as_str().unwrap().to_owned()
}

#[test]
fn statements_decide_what_a_credential_may_do() {
    let mut world = World::new(FLEET);
    let open = key(&mut world, "AKIAREADER", "alias/open");
    let sealed = key(&mut world, "AKIAOPERATOR", "alias/sealed");
    let mut check = |region: &str, operation: &str, body: Value, expected: Option<&str>| {
        let refused = refusal(&mut world, "AKIAREADER", region, operation, &body);
        let Some(why) = expected else { return assert_eq!(refused, None, "{operation} {body}") };
        let (code, message) = refused.unwrap_or_else(|| panic!("{operation} {body} was allowed"));
        assert_eq!(code, "AccessDeniedException", "{operation} {body}");
        assert!(message.starts_with("User: arn:aws:iam::111122223333:user/reader is not authorized to perform: kms:"));
        assert!(message.contains(why), "{message}");
    };
    let explicit = "with an explicit deny in an identity-based policy";
    check("us-east-1", "ListKeys", json!({}), None);
    check("us-east-1", "DescribeKey", json!({"KeyId": open}), None);
    check("ap-south-1", "ListKeys", json!({}), Some(explicit));
    for name in [sealed.clone(), arn("us-east-1", &sealed), "alias/sealed".to_owned()] {
        check("us-east-1", "DescribeKey", json!({"KeyId": name}), Some(explicit));
    }
    check(
        "us-east-1",
        "CreateKey",
        json!({}),
        Some("because no identity-based policy allows the kms:CreateKey action"),
    );
    check("us-east-1", "EnableKey", json!({"KeyId": open}), Some(&arn("us-east-1", &open)));
}

#[test]
fn a_change_in_two_regions_needs_to_be_allowed_in_both() {
    let mut world = World::new(FLEET);
    let open = key(&mut world, "AKIAOPERATOR", "alias/open");
    let mut check = |operation: &str, body: Value, expected: Option<&str>| {
        let refused = refusal(&mut world, "AKIAOPERATOR", "us-east-1", operation, &body);
        assert_eq!(refused.is_some(), expected.is_some(), "{operation} {body}: {refused:?}");
        let (_, message) = refused.unwrap_or_default();
        assert!(message.contains(expected.unwrap_or_default()), "{message}");
    };
    let into = |region: &str| json!({"KeyId": open, "ReplicaRegion": region});
    check("ReplicateKey", into("eu-west-1"), Some("not authorized to perform: kms:CreateKey on resource: *"));
    check("ReplicateKey", into("eu-west-2"), None);
    let tagged = json!({"KeyId": open, "ReplicaRegion": "eu-west-3", "Tags": [{"TagKey": "a", "TagValue": "b"}]});
    check("ReplicateKey", tagged, Some("kms:TagResource"));
    check("CreateKey", json!({"Tags": [{"TagKey": "a", "TagValue": "b"}]}), Some("kms:TagResource"));
    check("CreateKey", json!({}), None);
    let there = arn("us-west-2", &open);
    check("UpdatePrimaryRegion", json!({"KeyId": open, "PrimaryRegion": "us-west-2"}), Some(&there));
}

#[test]
fn accounts_have_their_own_keys_and_regions() {
    let mut world = World::new(FLEET);
    let ours = key(&mut world, "AKIAOPERATOR", "alias/open");
    let theirs = key(&mut world, "AKIASECOND", "alias/open");
    assert_ne!(ours, theirs);
    world.who = "AKIASECOND";
    assert_eq!(world.keys("us-east-1"), [theirs]);
    assert_eq!(world.describe("us-east-1", "alias/open")["AWSAccountId"], "444455556666");
    let refused =
        |world: &mut World, who, region| refusal(world, who, region, "ListKeys", &json!({})).map(|(code, _)| code);
    assert_eq!(refused(&mut world, "AKIASECOND", "eu-west-1").as_deref(), Some("UnrecognizedClientException"));
    assert_eq!(refused(&mut world, "AKIAOPERATOR", "eu-west-1"), None);
    assert_eq!(refused(&mut world, "AKIASTRANGER", "us-east-1").as_deref(), Some("UnrecognizedClientException"));
    let log = String::from_utf8(world.model.log(0, 1)).unwrap();
    assert!(log.lines().last().unwrap().contains(r#""account":null"#), "{log}");
}

#[test]
fn without_credentials_anyone_comes_and_names_an_account() {
    let fleet = "[[accounts]]\nid = \"111122223333\"\n[[accounts]]\nid = \"444455556666\"";
    let mut world = World::new(fleet);
    let mut check = |who: &'static str, expected: &str| {
        world.who = who;
        let Ok(Success::CallerIdentity { account, .. }) = world.result("us-east-1", "GetCallerIdentity", &Value::Null)
        else {
            panic!("{who}")
        };
        assert_eq!(account, expected, "{who}");
    };
    check("whatever", "111122223333");
    check("111122223333", "111122223333");
    check("444455556666", "444455556666");
}

/// Asks STS, whose requests are forms.
fn assume(world: &mut World, who: &'static str, form: &str) -> Result<crate::emulator::AssumedRole, String> {
    let request = Request {
        region: "us-east-1",
        identity: Some(who),
        proof: None,
        operation: "AssumeRole",
        body: form.as_bytes(),
        connection: 1,
    };
    let reply = world.model.call(world.at, &request).pop().unwrap().value;
    let Reply::Answer(answer) = reply else { panic!("closed") };
    match answer.result {
        Ok(Success::AssumedRole(role)) => Ok(*role),
        Ok(other) => panic!("{other:?}"),
        Err(refusal) => Err(refusal.code.into_owned()),
    }
}

const AUDITOR: &str = "RoleArn=arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2Fops%2FAuditor&RoleSessionName=maria";

#[test]
fn a_role_gives_its_own_rights_for_a_while() {
    let mut world = World::new(FLEET);
    let role = assume(&mut world, "AKIASECOND", &format!("{AUDITOR}&DurationSeconds=900")).unwrap();
    assert_eq!(role.arn, "arn:aws:sts::111122223333:assumed-role/Auditor/maria");
    assert!(role.access_key.starts_with("ASIA") && role.access_key.len() == 20, "{}", role.access_key);
    assert_eq!((role.secret.len(), role.expiration.as_str()), (40, "2026-11-21T18:15:00Z"));
    let who: &'static str = role.access_key.leak();
    assert_eq!(refusal(&mut world, who, "us-east-1", "ListKeys", &json!({})), None);
    let denied = refusal(&mut world, who, "us-east-1", "ListAliases", &json!({})).unwrap();
    assert!(denied.1.contains(&role.arn), "{}", denied.1);
    let with_token = |token: &'static str| {
        let headers = vec![("x-amz-security-token", token)];
        let headers: &'static [(&str, &str)] = headers.leak();
        let proof = Proof { method: "POST", path: "/", query: "", headers };
        Request {
            region: "us-east-1",
            identity: Some(who),
            proof: Some(proof),
            operation: "ListKeys",
            body: b"{}",
            connection: 1,
        }
    };
    let code = |world: &mut World, token| match world.model.call(world.at, &with_token(token)).pop().unwrap().value {
        Reply::Answer(answer) => answer.result.unwrap_err().code.into_owned(),
        Reply::Close => panic!("closed"),
    };
    assert_eq!(code(&mut world, "another"), "UnrecognizedClientException");
    // With the right token it is the missing signature that is wrong.
    let token: &'static str = role.token.leak();
    assert_eq!(code(&mut world, token), "IncompleteSignatureException");
    world.wait(900_000);
    let (code, _) = refusal(&mut world, who, "us-east-1", "ListKeys", &json!({})).unwrap();
    assert_eq!(code, "ExpiredTokenException");
}

#[test]
fn roles_are_those_of_the_file_and_names_have_rules() {
    let mut world = World::new(FLEET);
    let mut check = |who: &'static str, form: &str, expected: &str| {
        assert_eq!(assume(&mut world, who, form).map(|role| role.arn), Err(expected.to_owned()), "{form}");
    };
    let unknown = "RoleArn=arn:aws:iam::111122223333:role/Nobody&RoleSessionName=maria";
    check("AKIASECOND", unknown, "AccessDeniedException");
    check("AKIASECOND", "RoleSessionName=maria", "ValidationException");
    check("AKIASECOND", &AUDITOR.replace("maria", "x"), "ValidationException");
    check("AKIASECOND", &AUDITOR.replace("maria", "a%20b"), "ValidationException");
    check("AKIASECOND", &format!("{AUDITOR}&DurationSeconds=1"), "ValidationException");
    assert!(assume(&mut world, "AKIAREADER", AUDITOR).is_ok());
    let mut open = World::empty();
    let any = assume(&mut open, "anyone", unknown).unwrap();
    assert_eq!(any.arn, "arn:aws:sts::111122223333:assumed-role/Nobody/maria");
    let foreign = unknown.replace("111122223333", "999988887777");
    assert_eq!(assume(&mut open, "anyone", &foreign).unwrap_err(), "AccessDeniedException");
}
