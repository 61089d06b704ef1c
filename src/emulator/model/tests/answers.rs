//! What answers hold, member for member, as recorded from the real service.

use super::*;

const SYMMETRIC: [&str; 15] = [
    "AWSAccountId",
    "Arn",
    "CreationDate",
    "CurrentKeyMaterialId",
    "CustomerMasterKeySpec",
    "Description",
    "Enabled",
    "EncryptionAlgorithms",
    "KeyId",
    "KeyManager",
    "KeySpec",
    "KeyState",
    "KeyUsage",
    "MultiRegion",
    "Origin",
];

fn with(extra: &[&'static str], without: &[&str]) -> Vec<&'static str> {
    let mut names: Vec<&str> = SYMMETRIC.into_iter().chain(extra.iter().copied()).collect();
    names.retain(|name| !without.contains(name));
    names.sort_unstable();
    names
}

#[test]
fn a_new_primary_has_no_replicas() {
    let mut world = World::empty();
    let created = world.ask("us-east-1", "CreateKey", &json!({"MultiRegion": true}))["KeyMetadata"].take();
    assert_eq!(members(&created), with(&["MultiRegionConfiguration"], &[]));
    let key = created["KeyId"].as_str().unwrap().to_owned();
    assert!(key.starts_with("mrk-") && key.len() == 36, "{key}");
    assert_eq!(created["Enabled"], true);
    assert_eq!(created["KeyState"], "Enabled");
    assert_eq!(created["KeyManager"], "CUSTOMER");
    assert_eq!(created["Description"], "");
    assert_eq!(created["EncryptionAlgorithms"], json!(["SYMMETRIC_DEFAULT"]));
    assert_eq!(created["CreationDate"], 1_795_284_000.0);
    let configuration = json!({
        "MultiRegionKeyType": "PRIMARY",
        "PrimaryKey": {"Arn": arn("us-east-1", &key), "Region": "us-east-1"},
        "ReplicaKeys": [],
    });
    assert_eq!(created["MultiRegionConfiguration"], configuration);
    assert_eq!(world.describe("us-east-1", &key), created);
}

#[test]
fn a_single_region_key_has_no_configuration() {
    let mut world = World::empty();
    let created = world.ask("us-east-1", "CreateKey", &json!({}))["KeyMetadata"].take();
    assert_eq!(members(&created), with(&[], &[]));
    assert_eq!(created["MultiRegion"], false);
    assert_eq!(created["KeyId"].as_str().unwrap().len(), 36);
}

#[test]
fn a_replica_is_creating_then_settles() {
    let mut world = World::empty();
    let key = world.create();
    let input = json!({"KeyId": key, "ReplicaRegion": "eu-west-1"});
    let answer = world.ask("us-east-1", "ReplicateKey", &input);
    assert_eq!(members(&answer), ["ReplicaKeyMetadata", "ReplicaPolicy"]);
    let replica = &answer["ReplicaKeyMetadata"];
    assert_eq!(members(replica), with(&["MultiRegionConfiguration"], &["CurrentKeyMaterialId"]));
    assert_eq!((&replica["KeyState"], &replica["Enabled"]), (&json!("Creating"), &json!(false)));
    let policy: Value = serde_json::from_str(answer["ReplicaPolicy"].as_str().unwrap()).unwrap();
    let default = json!({
        "Version": "2012-10-17",
        "Id": "key-default-1",
        "Statement": [{
            "Sid": "Enable IAM User Permissions",
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
            "Action": "kms:*",
            "Resource": "*",
        }],
    });
    assert_eq!(policy, default);
    world.wait(2999);
    assert_eq!(world.state("eu-west-1", &key), "Creating");
    world.wait(1);
    let settled = world.describe("eu-west-1", &key);
    assert_eq!(members(&settled), with(&["MultiRegionConfiguration"], &[]));
    let configuration = json!({
        "MultiRegionKeyType": "REPLICA",
        "PrimaryKey": {"Arn": arn("us-east-1", &key), "Region": "us-east-1"},
        "ReplicaKeys": [{"Arn": arn("eu-west-1", &key), "Region": "eu-west-1"}],
    });
    assert_eq!(settled["MultiRegionConfiguration"], configuration);
    assert_eq!(settled["Arn"], json!(arn("eu-west-1", &key)));
    let primary = world.describe("us-east-1", &key);
    assert_eq!(primary["MultiRegionConfiguration"]["ReplicaKeys"], configuration["ReplicaKeys"]);
    assert_eq!(primary["CurrentKeyMaterialId"], settled["CurrentKeyMaterialId"]);
}

#[test]
fn each_kind_of_key_lists_its_own_algorithms() {
    let mut world = World::empty();
    let mut check = |input: Value, present: &str, absent: &[&str]| {
        let created = world.ask("us-east-1", "CreateKey", &input)["KeyMetadata"].take();
        assert!(created.get(present).is_some(), "{input}");
        assert!(absent.iter().all(|name| created.get(name).is_none()), "{input}");
    };
    let no_material = "CurrentKeyMaterialId";
    check(
        json!({"KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY"}),
        "SigningAlgorithms",
        &["EncryptionAlgorithms", no_material],
    );
    check(
        json!({"KeySpec": "RSA_2048", "KeyUsage": "ENCRYPT_DECRYPT"}),
        "EncryptionAlgorithms",
        &["SigningAlgorithms", no_material],
    );
    check(
        json!({"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"}),
        "MacAlgorithms",
        &["SigningAlgorithms", no_material],
    );
    check(
        json!({"KeySpec": "ECC_NIST_P256", "KeyUsage": "KEY_AGREEMENT"}),
        "KeyAgreementAlgorithms",
        &["SigningAlgorithms"],
    );
    check(json!({"Origin": "EXTERNAL"}), "EncryptionAlgorithms", &[no_material, "ExpirationModel"]);
}

#[test]
fn a_key_is_found_by_every_name_it_has() {
    let mut world = World::empty();
    let key = world.create();
    world.ask("us-east-1", "CreateAlias", &json!({"AliasName": "alias/a", "TargetKeyId": key}));
    let alias_arn = format!("arn:aws:kms:us-east-1:{ACCOUNT}:alias/a");
    for name in [key.clone(), arn("us-east-1", &key), "alias/a".to_owned(), alias_arn] {
        assert_eq!(world.describe("us-east-1", &name)["KeyId"], json!(key), "{name}");
    }
}

#[test]
fn keys_are_listed_in_pages() {
    let mut world = World::new("[[generate]]\nkeys = 25\nregions = [\"us-east-1\"]\nrelated = 1\nsingle_region = 5");
    let all = world.ask("us-east-1", "ListKeys", &json!({}));
    assert_eq!(members(&all), ["Keys", "Truncated"]);
    assert_eq!((all["Keys"].as_array().unwrap().len(), &all["Truncated"]), (30, &json!(false)));
    let (mut listed, mut marker) = (Vec::new(), Value::Null);
    for expected in [13, 13, 4] {
        let mut input = json!({"Limit": 13});
        if marker.is_string() {
            input["Marker"] = marker.take();
        }
        let page = world.ask("us-east-1", "ListKeys", &input);
        assert_eq!(page["Keys"].as_array().unwrap().len(), expected);
        assert_eq!(page["Truncated"], json!(expected == 13));
        marker = page["NextMarker"].clone();
        assert_eq!(marker.is_string(), expected == 13);
        listed.extend(page["Keys"].as_array().unwrap().iter().cloned());
    }
    assert_eq!(&listed, all["Keys"].as_array().unwrap());
    assert_eq!(members(&listed[0]), ["KeyArn", "KeyId"]);
    // The Region next door has keys of its own: none.
    assert_eq!(world.ask("us-east-2", "ListKeys", &json!({})), json!({"Keys": [], "Truncated": false}));
}

#[test]
fn the_default_page_holds_a_hundred_keys_and_the_largest_a_thousand() {
    let mut world = World::new("[[generate]]\nregions = [\"us-east-1\"]\nsingle_region = 1100");
    let mut count = |input: Value| world.ask("us-east-1", "ListKeys", &input)["Keys"].as_array().unwrap().len();
    assert_eq!(count(json!({})), 100);
    assert_eq!(count(json!({"Limit": 1000})), 1000);
}

#[test]
fn aliases_are_listed_by_name_and_by_key() {
    let mut world = World::empty();
    let (first, second) = (world.create(), world.create());
    for (alias, key) in [("alias/c", &first), ("alias/a", &first), ("alias/b", &second)] {
        world.ask("us-east-1", "CreateAlias", &json!({"AliasName": alias, "TargetKeyId": key}));
    }
    let mut names = |input: Value| {
        let answer = world.ask("us-east-1", "ListAliases", &input);
        let names = answer["Aliases"].as_array().unwrap().iter().map(|alias| alias["AliasName"].clone());
        (names.collect::<Value>(), answer["NextMarker"].clone())
    };
    assert_eq!(names(json!({})).0, json!(["alias/a", "alias/b", "alias/c"]));
    assert_eq!(names(json!({"KeyId": first})).0, json!(["alias/a", "alias/c"]));
    let (page, marker) = names(json!({"Limit": 2}));
    assert_eq!(page, json!(["alias/a", "alias/b"]));
    assert_eq!(names(json!({"Limit": 2, "Marker": marker})), (json!(["alias/c"]), Value::Null));
    let answer = world.ask("us-east-1", "ListAliases", &json!({"KeyId": arn("us-east-1", &second)}));
    let expected = json!([{
        "AliasArn": format!("arn:aws:kms:us-east-1:{ACCOUNT}:alias/b"),
        "AliasName": "alias/b",
        "CreationDate": 1_795_284_000.0,
        "LastUpdatedDate": 1_795_284_000.0,
        "TargetKeyId": second,
    }]);
    assert_eq!(answer["Aliases"], expected);
}

#[test]
fn tags_are_added_changed_and_listed_in_pages() {
    let mut world = World::empty();
    let key = world.create();
    let tag = |key: &str, value: &str| json!({"TagKey": key, "TagValue": value});
    world.ask("us-east-1", "TagResource", &json!({"KeyId": key, "Tags": [tag("b", "1"), tag("a", "2")]}));
    world.ask("us-east-1", "TagResource", &json!({"KeyId": key, "Tags": [tag("b", "3"), tag("c", "")]}));
    let all = world.ask("us-east-1", "ListResourceTags", &json!({"KeyId": key}));
    assert_eq!(all, json!({"Tags": [tag("a", "2"), tag("b", "3"), tag("c", "")], "Truncated": false}));
    let page = world.ask("us-east-1", "ListResourceTags", &json!({"KeyId": key, "Limit": 2}));
    assert_eq!(page["Truncated"], true);
    let rest = json!({"KeyId": key, "Limit": 2, "Marker": page["NextMarker"]});
    assert_eq!(world.ask("us-east-1", "ListResourceTags", &rest)["Tags"], json!([tag("c", "")]));
}

#[test]
fn rotation_is_told_for_keys_that_can_rotate() {
    let fleet =
        "[[keys]]\nname = \"a\"\nprimary = \"us-east-1\"\nrotation = true\ncreated_ago = \"400d\"\nalias = \"alias/a\"";
    let mut world = World::new(fleet);
    let key = world.describe("us-east-1", "alias/a")["KeyId"].as_str().unwrap().to_owned();
    let input = json!({"KeyId": key});
    let answer = world.ask("us-east-1", "GetKeyRotationStatus", &input);
    assert_eq!(answer["KeyRotationEnabled"], true);
    assert_eq!(answer["RotationPeriodInDays"], 365);
    assert_eq!(answer["NextRotationDate"], 1_795_284_000.0 + 330.0 * 86_400.0);
    world.ask("us-east-1", "ScheduleKeyDeletion", &input);
    let dying = world.ask("us-east-1", "GetKeyRotationStatus", &input);
    assert_eq!(dying, json!({"KeyId": arn("us-east-1", &key), "KeyRotationEnabled": false}));
    let signing = world.ask("us-east-1", "CreateKey", &json!({"KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY"}));
    let input = json!({"KeyId": signing["KeyMetadata"]["KeyId"]});
    assert_eq!(world.refused("us-east-1", "GetKeyRotationStatus", &input).0, "UnsupportedOperationException");
}

#[test]
fn the_caller_has_the_arn_of_the_fleet_file() {
    let check = |fleet: &str, region: &str, expected: &str| {
        let identity = World::new(fleet).result(region, "GetCallerIdentity", &Value::Null);
        let Ok(Success::CallerIdentity { account, arn, .. }) = identity else { panic!("{identity:?}") };
        assert_eq!(arn, expected);
        assert_eq!(expected.split(':').nth(4), Some(account.as_str()));
    };
    check("", "us-east-1", "arn:aws:iam::111122223333:user/emulator");
    check("", "cn-north-1", "arn:aws-cn:iam::111122223333:user/emulator");
    let named = "[[accounts]]\nid = \"444455556666\"\ncaller_arn = \"arn:aws:sts::444455556666:assumed-role/Ops/me\"";
    check(named, "us-east-1", "arn:aws:sts::444455556666:assumed-role/Ops/me");
}
