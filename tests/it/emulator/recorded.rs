//! The answers recorded from the real service, field for field, over HTTP.

use serde_json::json;

use super::*;

/// Creates a key and says its identifier and metadata.
fn create(server: &Running, multi_region: bool) -> (String, Value) {
    let answer = ask(server, "us-east-1", "CreateKey", &json!({"MultiRegion": multi_region}));
    assert_eq!(answer.as_object().unwrap().len(), 1);
    let metadata = answer["KeyMetadata"].clone();
    (metadata["KeyId"].as_str().unwrap().to_owned(), metadata)
}

fn describe(server: &Running, region: &str, key: &str) -> Value {
    ask(server, region, "DescribeKey", &json!({"KeyId": key}))["KeyMetadata"].clone()
}

/// Every field, with the value where it is known and null where any is right.
fn expected(region: &str, key: &str, changes: &Value) -> Value {
    let mut fields = json!({
        "AWSAccountId": "111122223333",
        "Arn": format!("arn:aws:kms:{region}:111122223333:key/{key}"),
        "CreationDate": 1_795_284_000.0,
        "CurrentKeyMaterialId": null,
        "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT",
        "Description": "",
        "Enabled": true,
        "EncryptionAlgorithms": ["SYMMETRIC_DEFAULT"],
        "KeyId": key,
        "KeyManager": "CUSTOMER",
        "KeySpec": "SYMMETRIC_DEFAULT",
        "KeyState": "Enabled",
        "KeyUsage": "ENCRYPT_DECRYPT",
        "MultiRegion": true,
        "Origin": "AWS_KMS",
    });
    fields.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    fields
}

/// The answer has these fields and no others, and these values.
fn check(mut actual: Value, mut expected: Value) {
    if expected.get("CurrentKeyMaterialId").is_some_and(Value::is_null) {
        let material = actual["CurrentKeyMaterialId"].take();
        assert_eq!(material.as_str().map(str::len), Some(64), "{material}");
    }
    if expected.get("CurrentKeyMaterialId") == Some(&json!("absent")) {
        expected.as_object_mut().unwrap().remove("CurrentKeyMaterialId");
    }
    assert_eq!(actual, expected);
}

fn configuration(key: &str, role: &str, replicas: &[&str]) -> Value {
    let related =
        |region: &&str| json!({"Arn": format!("arn:aws:kms:{region}:111122223333:key/{key}"), "Region": region});
    json!({
        "MultiRegionKeyType": role,
        "PrimaryKey": related(&"us-east-1"),
        "ReplicaKeys": replicas.iter().map(related).collect::<Vec<_>>(),
    })
}

#[test]
fn a_primary_from_the_first_answer_to_the_settled_one() {
    let server = serve("");
    let (key, created) = create(&server, true);
    let alone = json!({"MultiRegionConfiguration": configuration(&key, "PRIMARY", &[])});
    check(created, expected("us-east-1", &key, &alone));
    check(describe(&server, "us-east-1", &key), expected("us-east-1", &key, &alone));
    ask(&server, "us-east-1", "ReplicateKey", &json!({"KeyId": key, "ReplicaRegion": "eu-west-1"}));
    advance(&server, "3s");
    let pair = json!({"MultiRegionConfiguration": configuration(&key, "PRIMARY", &["eu-west-1"])});
    check(describe(&server, "us-east-1", &key), expected("us-east-1", &key, &pair));
}

#[test]
fn a_replica_from_creating_to_settled() {
    let server = serve("");
    let (key, _) = create(&server, true);
    let answer = ask(&server, "us-east-1", "ReplicateKey", &json!({"KeyId": key, "ReplicaRegion": "eu-west-1"}));
    assert_eq!(answer.as_object().unwrap().keys().collect::<Vec<_>>(), ["ReplicaKeyMetadata", "ReplicaPolicy"]);
    let replica = configuration(&key, "REPLICA", &["eu-west-1"]);
    let creating = json!({
        "KeyState": "Creating", "Enabled": false, "CurrentKeyMaterialId": "absent", "MultiRegionConfiguration": replica,
    });
    check(answer["ReplicaKeyMetadata"].clone(), expected("eu-west-1", &key, &creating));
    let policy: Value = serde_json::from_str(answer["ReplicaPolicy"].as_str().unwrap()).unwrap();
    let statement = json!({
        "Sid": "Enable IAM User Permissions", "Effect": "Allow", "Action": "kms:*", "Resource": "*",
        "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
    });
    assert_eq!(policy, json!({"Version": "2012-10-17", "Id": "key-default-1", "Statement": [statement]}));
    advance(&server, "3s");
    let settled = json!({"MultiRegionConfiguration": replica});
    check(describe(&server, "eu-west-1", &key), expected("eu-west-1", &key, &settled));
}

#[test]
fn a_single_region_key_has_no_configuration() {
    let server = serve("");
    let (key, created) = create(&server, false);
    let alone = json!({"MultiRegion": false});
    check(created, expected("us-east-1", &key, &alone));
    check(describe(&server, "us-east-1", &key), expected("us-east-1", &key, &alone));
}

#[test]
fn the_refusals_have_the_recorded_words() {
    let server = serve("");
    let (key, _) = create(&server, true);
    let (single, _) = create(&server, false);
    let arn = |region: &str, key: &str| format!("arn:aws:kms:{region}:111122223333:key/{key}");
    ask(&server, "us-east-1", "ReplicateKey", &json!({"KeyId": key, "ReplicaRegion": "eu-west-1"}));
    advance(&server, "3s");
    let check = |region: &str, operation: &str, body: Value, code: &str, message: String| {
        let answer = kms(&mut Client::connect(&server), region, operation, &body);
        let expected = json!({"__type": code, "message": message});
        assert_eq!((answer.status, serde_json::from_str(&answer.body).ok()), (400, Some(expected)), "{operation}");
    };
    let into = |key: &str| json!({"KeyId": key, "ReplicaRegion": "us-west-2"});
    let no_primary = |arn: String| format!("{arn} is not a multi-region primary key.");
    let unsupported = "UnsupportedOperationException";
    check("eu-west-1", "ReplicateKey", into(&key), unsupported, no_primary(arn("eu-west-1", &key)));
    check("us-east-1", "ReplicateKey", into(&single), unsupported, no_primary(arn("us-east-1", &single)));
    let there = arn("eu-west-1", &key);
    let missing = format!("Key '{there}' does not exist");
    check("us-east-1", "DescribeKey", json!({"KeyId": there}), "NotFoundException", missing);
    ask(&server, "us-east-1", "DisableKey", &json!({"KeyId": key}));
    let disabled = format!("{} is disabled.", arn("us-east-1", &key));
    check("us-east-1", "ReplicateKey", into(&key), "DisabledException", disabled);
    let waiting = ask(&server, "us-east-1", "CreateKey", &json!({"MultiRegion": true, "Origin": "EXTERNAL"}));
    let waiting = waiting["KeyMetadata"]["KeyId"].as_str().unwrap();
    let pending = format!("{} is pending import.", arn("us-east-1", waiting));
    check("us-east-1", "ReplicateKey", into(waiting), "KMSInvalidStateException", pending);
}
