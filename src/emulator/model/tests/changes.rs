//! What each change changes, and what it leaves alone.

use super::*;

#[test]
fn a_replica_shares_only_what_aws_shares() {
    let mut world = World::empty();
    let input = json!({
        "MultiRegion": true,
        "Description": "the primary's",
        "Tags": [{"TagKey": "team", "TagValue": "payments"}],
        "Policy": r#"{"Statement":{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"kms:*","Resource":"*"}}"#,
    });
    let key = world.ask("us-east-1", "CreateKey", &input)["KeyMetadata"]["KeyId"].as_str().unwrap().to_owned();
    world.ask("us-east-1", "CreateAlias", &json!({"AliasName": "alias/a", "TargetKeyId": key}));
    world.ask("us-east-1", "ReplicateKey", &json!({"KeyId": key, "ReplicaRegion": "eu-west-1"}));
    let named = json!({"KeyId": key});
    assert_eq!(world.describe("eu-west-1", &key)["Description"], "");
    assert_eq!(world.ask("eu-west-1", "ListResourceTags", &named)["Tags"], json!([]));
    assert_eq!(world.ask("eu-west-1", "ListAliases", &json!({}))["Aliases"], json!([]));
    let policy = world.ask("eu-west-1", "GetKeyPolicy", &named);
    assert_eq!(members(&policy), ["Policy", "PolicyName"]);
    assert!(policy["Policy"].as_str().unwrap().contains("key-default-1"));
    assert_eq!(world.ask("us-east-1", "GetKeyPolicy", &named)["Policy"], input["Policy"]);
}

#[test]
fn a_replica_takes_what_is_sent_along() {
    let mut world = World::empty();
    let key = world.create();
    let policy = r#"{"Statement":{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"*","Resource":"*"}}"#;
    let tags = json!([{"TagKey": "team", "TagValue": "payments"}]);
    let input =
        json!({"KeyId": key, "ReplicaRegion": "eu-west-1", "Policy": policy, "Tags": tags, "Description": "its own"});
    let answer = world.ask("us-east-1", "ReplicateKey", &input);
    assert_eq!(members(&answer), ["ReplicaKeyMetadata", "ReplicaPolicy", "ReplicaTags"]);
    assert_eq!((&answer["ReplicaPolicy"], &answer["ReplicaTags"]), (&json!(policy), &tags));
    assert_eq!(world.describe("eu-west-1", &key)["Description"], "its own");
    assert_eq!(world.ask("eu-west-1", "ListResourceTags", &json!({"KeyId": key}))["Tags"], tags);
    assert_eq!(world.ask("eu-west-1", "GetKeyPolicy", &json!({"KeyId": key}))["Policy"], policy);
}

#[test]
fn a_replica_of_imported_material_waits_for_its_import() {
    let mut world =
        World::new("[[keys]]\nname = \"a\"\nprimary = \"us-east-1\"\norigin = \"EXTERNAL\"\nalias = \"alias/a\"");
    let key = world.describe("us-east-1", "alias/a")["KeyId"].as_str().unwrap().to_owned();
    world.ask("us-east-1", "ReplicateKey", &json!({"KeyId": key, "ReplicaRegion": "eu-west-1"}));
    assert_eq!(world.state("eu-west-1", &key), "Creating");
    world.wait(3000);
    let replica = world.describe("eu-west-1", &key);
    assert_eq!((&replica["KeyState"], &replica["Enabled"]), (&json!("PendingImport"), &json!(false)));
    assert!(replica.get("CurrentKeyMaterialId").is_none());
}

#[test]
fn a_policy_belongs_to_one_member() {
    let mut world = World::empty();
    let key = world.create_pair();
    let policy = r#"{"Statement":{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"kms:*","Resource":"*"}}"#;
    world.ask("eu-west-1", "PutKeyPolicy", &json!({"KeyId": key, "PolicyName": "default", "Policy": policy}));
    assert_eq!(world.ask("eu-west-1", "GetKeyPolicy", &json!({"KeyId": key}))["Policy"], policy);
    assert_ne!(world.ask("us-east-1", "GetKeyPolicy", &json!({"KeyId": key}))["Policy"], policy);
}

#[test]
fn disabling_and_enabling_concern_one_member() {
    let mut world = World::empty();
    let key = world.create_pair();
    assert_eq!(world.ask("eu-west-1", "DisableKey", &json!({"KeyId": key})), Value::Null);
    let states = |world: &mut World| [world.state("us-east-1", &key), world.state("eu-west-1", &key)];
    assert_eq!(states(&mut world), ["Enabled", "Disabled"]);
    world.ask("eu-west-1", "EnableKey", &json!({"KeyId": key}));
    assert_eq!(states(&mut world), ["Enabled", "Enabled"]);
}

#[test]
fn a_deletion_can_be_taken_back_and_leaves_the_key_disabled() {
    let mut world = World::empty();
    let key = world.create_pair();
    let answer = world.ask("eu-west-1", "ScheduleKeyDeletion", &json!({"KeyId": key, "PendingWindowInDays": 7}));
    let date = 1_795_284_003.0 + 7.0 * 86_400.0;
    let expected = json!({
        "DeletionDate": date, "KeyId": arn("eu-west-1", &key), "KeyState": "PendingDeletion", "PendingWindowInDays": 7,
    });
    assert_eq!(answer, expected);
    let dying = world.describe("eu-west-1", &key);
    assert_eq!((&dying["DeletionDate"], dying.get("PendingDeletionWindowInDays")), (&json!(date), None));
    let answer = world.ask("eu-west-1", "CancelKeyDeletion", &json!({"KeyId": key}));
    assert_eq!(answer, json!({"KeyId": arn("eu-west-1", &key)}));
    let rescued = world.describe("eu-west-1", &key);
    assert_eq!((&rescued["KeyState"], rescued.get("DeletionDate")), (&json!("Disabled"), None));
    // The date that was taken back must not come true.
    world.wait(40 * DAY);
    assert_eq!(world.state("eu-west-1", &key), "Disabled");
}

#[test]
fn a_deletion_without_a_window_takes_thirty_days() {
    let mut world = World::empty();
    let key = world.create();
    let answer = world.ask("us-east-1", "ScheduleKeyDeletion", &json!({"KeyId": key}));
    assert_eq!(answer["PendingWindowInDays"], 30);
    assert_eq!(answer["DeletionDate"], 1_795_284_000.0 + 30.0 * 86_400.0);
}

#[test]
fn a_promotion_swaps_the_roles_after_a_time_without_a_primary() {
    let mut world = World::empty();
    let key = world.create_pair();
    world.ask("us-east-1", "ReplicateKey", &json!({"KeyId": key, "ReplicaRegion": "us-west-2"}));
    world.wait(3000);
    let answer = world.ask("us-east-1", "UpdatePrimaryRegion", &json!({"KeyId": key, "PrimaryRegion": "eu-west-1"}));
    assert_eq!(answer, Value::Null);
    for region in ["us-east-1", "eu-west-1"] {
        let moving = world.describe(region, &key);
        assert_eq!((&moving["KeyState"], &moving["Enabled"]), (&json!("Updating"), &json!(false)), "{region}");
        assert_eq!(moving["MultiRegionConfiguration"]["MultiRegionKeyType"], "REPLICA", "{region}");
        assert!(moving["CurrentKeyMaterialId"].is_string());
    }
    assert_eq!((world.state("us-west-2", &key), world.role("us-west-2", &key)), ("Enabled".into(), "REPLICA".into()));
    let named = |world: &mut World, region: &str| {
        world.describe(region, &key)["MultiRegionConfiguration"]["PrimaryKey"]["Region"].as_str().unwrap().to_owned()
    };
    assert_eq!(named(&mut world, "us-east-1"), "eu-west-1");
    assert_eq!(named(&mut world, "eu-west-1"), "us-east-1");
    world.wait(4000);
    assert_eq!((world.state("eu-west-1", &key), world.role("eu-west-1", &key)), ("Enabled".into(), "PRIMARY".into()));
    assert_eq!((world.state("us-east-1", &key), world.role("us-east-1", &key)), ("Enabled".into(), "REPLICA".into()));
    assert_eq!(named(&mut world, "us-west-2"), "eu-west-1");
}

#[test]
fn the_same_alias_may_name_a_key_in_every_region() {
    let mut world = World::empty();
    let key = world.create_pair();
    for region in ["us-east-1", "eu-west-1"] {
        world.ask(region, "CreateAlias", &json!({"AliasName": "alias/a", "TargetKeyId": key}));
        assert_eq!(world.describe(region, "alias/a")["Arn"], json!(arn(region, &key)));
    }
}
