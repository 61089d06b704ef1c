//! Use of keys, without cryptography, and the operations that a provisioning tool needs besides.

use super::*;

#[test]
fn a_text_wrapped_in_one_region_opens_in_another() {
    let mut world = World::empty();
    let key = world.create_pair();
    let wrap = json!({"KeyId": key, "Plaintext": "aGVsbG8=", "EncryptionContext": {"a": "1"}});
    let wrapped = world.ask("us-east-1", "Encrypt", &wrap);
    assert_eq!(members(&wrapped), ["CiphertextBlob", "EncryptionAlgorithm", "KeyId"]);
    let blob = wrapped["CiphertextBlob"].as_str().unwrap();
    assert!(blob.starts_with("KeyfleetNotEncrypted"), "{blob}");
    let opened = world.ask("eu-west-1", "Decrypt", &json!({"CiphertextBlob": blob, "EncryptionContext": {"a": "1"}}));
    assert_eq!((&opened["Plaintext"], &opened["KeyId"]), (&json!("aGVsbG8="), &json!(arn("eu-west-1", &key))));
    let mut check = |region: &str, input: Value, expected: &str| {
        assert_eq!(world.refused(region, "Decrypt", &input).0, expected, "{input}");
    };
    check("eu-west-1", json!({"CiphertextBlob": blob}), "InvalidCiphertextException");
    check("eu-west-1", json!({"CiphertextBlob": "bm90IG91cnM="}), "InvalidCiphertextException");
    check("us-west-2", json!({"CiphertextBlob": blob, "EncryptionContext": {"a": "1"}}), "NotFoundException");
    let other = world.create();
    let input = json!({"CiphertextBlob": blob, "EncryptionContext": {"a": "1"}, "KeyId": other});
    assert_eq!(world.refused("us-east-1", "Decrypt", &input).0, "IncorrectKeyException");
}

#[test]
fn a_key_is_used_for_what_it_is_for() {
    let mut world = World::empty();
    let signing = world.ask("us-east-1", "CreateKey", &json!({"KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY"}));
    let rsa = world.ask("us-east-1", "CreateKey", &json!({"KeySpec": "RSA_2048", "KeyUsage": "ENCRYPT_DECRYPT"}));
    let mut check = |created: &Value, extra: Value, expected: Option<&str>| {
        let mut input = json!({"KeyId": created["KeyMetadata"]["KeyId"], "Plaintext": "aGVsbG8="});
        input.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        let refused = world.result("us-east-1", "Encrypt", &input).err().map(|refusal| refusal.code.into_owned());
        assert_eq!(refused.as_deref(), expected, "{input}");
    };
    check(&signing, json!({}), Some("InvalidKeyUsageException"));
    check(&rsa, json!({}), Some("InvalidKeyUsageException"));
    check(&rsa, json!({"EncryptionAlgorithm": "RSAES_OAEP_SHA_256"}), None);
    check(&rsa, json!({"Plaintext": ""}), Some("ValidationException"));
    check(&rsa, json!({"Plaintext": "not base64!"}), Some("ValidationException"));
}

#[test]
fn aliases_move_and_go() {
    let mut world = World::empty();
    let (first, second) = (world.create(), world.create());
    world.ask("us-east-1", "CreateAlias", &json!({"AliasName": "alias/a", "TargetKeyId": first}));
    world.wait(1000);
    world.ask("us-east-1", "UpdateAlias", &json!({"AliasName": "alias/a", "TargetKeyId": second}));
    let alias = world.ask("us-east-1", "ListAliases", &json!({}))["Aliases"][0].clone();
    assert_eq!(alias["TargetKeyId"], json!(second));
    assert_eq!((&alias["CreationDate"], &alias["LastUpdatedDate"]), (&json!(1_795_284_000.0), &json!(1_795_284_001.0)));
    let signing = world.ask("us-east-1", "CreateKey", &json!({"KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY"}));
    let other_kind = json!({"AliasName": "alias/a", "TargetKeyId": signing["KeyMetadata"]["KeyId"]});
    assert_eq!(world.refused("us-east-1", "UpdateAlias", &other_kind).0, "ValidationException");
    world.ask("us-east-1", "DeleteAlias", &json!({"AliasName": "alias/a"}));
    assert_eq!(world.refused("us-east-1", "DeleteAlias", &json!({"AliasName": "alias/a"})).0, "NotFoundException");
    let missing = json!({"AliasName": "alias/a", "TargetKeyId": first});
    assert_eq!(world.refused("us-east-1", "UpdateAlias", &missing).0, "NotFoundException");
}

#[test]
fn rotation_belongs_to_the_primary_and_shows_on_every_member() {
    let mut world = World::empty();
    let key = world.create_pair();
    world.ask("us-east-1", "EnableKeyRotation", &json!({"KeyId": key, "RotationPeriodInDays": 90}));
    let status = world.ask("eu-west-1", "GetKeyRotationStatus", &json!({"KeyId": key}));
    assert_eq!((&status["KeyRotationEnabled"], &status["RotationPeriodInDays"]), (&json!(true), &json!(90)));
    let (code, _) = world.refused("eu-west-1", "DisableKeyRotation", &json!({"KeyId": key}));
    assert_eq!(code, "UnsupportedOperationException");
    world.ask("us-east-1", "DisableKeyRotation", &json!({"KeyId": key}));
    assert_eq!(world.ask("eu-west-1", "GetKeyRotationStatus", &json!({"KeyId": key}))["KeyRotationEnabled"], false);
    let outside = json!({"KeyId": key, "RotationPeriodInDays": 89});
    assert_eq!(world.refused("us-east-1", "EnableKeyRotation", &outside).0, "ValidationException");
}

#[test]
fn descriptions_and_tags_are_each_members_own() {
    let mut world = World::empty();
    let key = world.create_pair();
    world.ask("eu-west-1", "UpdateKeyDescription", &json!({"KeyId": key, "Description": "there"}));
    world.ask("eu-west-1", "TagResource", &json!({"KeyId": key, "Tags": [{"TagKey": "a", "TagValue": "b"}]}));
    assert_eq!(world.describe("us-east-1", &key)["Description"], "");
    assert_eq!(world.describe("eu-west-1", &key)["Description"], "there");
    world.ask("eu-west-1", "UntagResource", &json!({"KeyId": key, "TagKeys": ["a", "never"]}));
    assert_eq!(world.ask("eu-west-1", "ListResourceTags", &json!({"KeyId": key}))["Tags"], json!([]));
    assert_eq!(world.ask("eu-west-1", "ListGrants", &json!({"KeyId": key})), json!({"Grants": [], "Truncated": false}));
}
