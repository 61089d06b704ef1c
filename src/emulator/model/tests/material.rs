//! Imported key material: each member has its own, with its own end.

use super::*;

fn import(world: &mut World, json: &Value) -> Result<(), String> {
    world.model.import(world.at, json.to_string().as_bytes())
}

/// A key of origin EXTERNAL in us-east-1, waiting for its material.
fn waiting(world: &mut World) -> String {
    let created = world.ask("us-east-1", "CreateKey", &json!({"MultiRegion": true, "Origin": "EXTERNAL"}));
    let key = created["KeyMetadata"]["KeyId"].as_str().unwrap().to_owned();
    assert_eq!(world.state("us-east-1", &key), "PendingImport");
    key
}

#[test]
fn every_member_waits_for_its_own_material() {
    let mut world = World::empty();
    let key = waiting(&mut world);
    import(&mut world, &json!({"key": key, "region": "us-east-1"})).unwrap();
    let primary = world.describe("us-east-1", &key);
    assert_eq!(
        (&primary["KeyState"], &primary["ExpirationModel"]),
        (&json!("Enabled"), &json!("KEY_MATERIAL_DOES_NOT_EXPIRE"))
    );
    world.ask("us-east-1", "ReplicateKey", &json!({"KeyId": key, "ReplicaRegion": "eu-west-1"}));
    assert_eq!(world.state("eu-west-1", &key), "Creating");
    world.wait(3000);
    assert_eq!(world.state("eu-west-1", &key), "PendingImport");
    import(&mut world, &json!({"key": key, "region": "eu-west-1", "account": ACCOUNT})).unwrap();
    assert_eq!(world.state("eu-west-1", &key), "Enabled");
    import(&mut world, &json!({"key": key, "region": "eu-west-1", "delete": true})).unwrap();
    assert_eq!(
        (world.state("eu-west-1", &key), world.state("us-east-1", &key)),
        ("PendingImport".into(), "Enabled".into())
    );
}

#[test]
fn material_expires() {
    let mut world = World::empty();
    let key = waiting(&mut world);
    import(&mut world, &json!({"key": key, "region": "us-east-1", "expires_in": "2d"})).unwrap();
    let described = world.describe("us-east-1", &key);
    assert_eq!(described["ExpirationModel"], "KEY_MATERIAL_EXPIRES");
    assert_eq!(described["ValidTo"], 1_795_284_000.0 + 2.0 * 86_400.0);
    world.wait(2 * DAY - 1);
    assert_eq!(world.state("us-east-1", &key), "Enabled");
    world.wait(1);
    let expired = world.describe("us-east-1", &key);
    assert_eq!(expired["KeyState"], "PendingImport");
    assert!(expired.get("ValidTo").is_none() && expired.get("ExpirationModel").is_none());
}

#[test]
fn material_goes_only_where_it_belongs() {
    let mut world = World::empty();
    let ours = world.create();
    let key = waiting(&mut world);
    let mut check = |json: Value, expected: &str| {
        let error = import(&mut world, &json).unwrap_err();
        assert!(error.contains(expected), "{error}");
    };
    check(json!({"key": ours, "region": "us-east-1"}), "does not take imported key material");
    check(json!({"key": key, "region": "eu-west-1"}), "is not in that Region");
    check(json!({"key": key, "region": "us-east-1", "account": "444455556666"}), "is not in that Region");
    check(json!({"key": "alias/a", "region": "us-east-1"}), "is no key ID");
    check(json!({"key": key, "region": "moon"}), "is not a Region");
    check(json!({"key": key}), "missing field `region`");
    world.ask("us-east-1", "ScheduleKeyDeletion", &json!({"KeyId": key}));
    assert!(import(&mut world, &json!({"key": key, "region": "us-east-1"})).unwrap_err().contains("pending deletion"));
}

#[test]
fn a_key_of_a_custom_store_never_replicates() {
    let fleet = |rest: &str| {
        format!("[[keys]]\nprimary = \"us-east-1\"\nalias = \"alias/a\"\norigin = \"AWS_CLOUDHSM\"\n{rest}")
    };
    let mut world = World::new(&fleet("multi_region = false"));
    let key = world.describe("us-east-1", "alias/a");
    assert_eq!((&key["Origin"], &key["MultiRegion"]), (&json!("AWS_CLOUDHSM"), &json!(false)));
    let (code, _) =
        world.refused("us-east-1", "ReplicateKey", &json!({"KeyId": key["KeyId"], "ReplicaRegion": "eu-west-1"}));
    assert_eq!(code, "UnsupportedOperationException");
    let refused = Fleet::parse(&fleet("")).unwrap_err().to_string();
    assert!(refused.contains("lives in one Region"), "{refused}");
    let stored = json!({"Origin": "AWS_CLOUDHSM", "CustomKeyStoreId": "cks-1", "MultiRegion": true});
    assert_eq!(world.refused("us-east-1", "CreateKey", &stored).0, "UnsupportedOperationException");
}

#[test]
fn a_file_gives_material_with_an_end_and_a_rotation_that_has_not_arrived() {
    let mut world = World::new(
        r#"
        [[keys]]
        id = "mrk-00000000000000000000000000000001"
        origin = "EXTERNAL"
        primary = "us-east-1"
        replicas = ["eu-west-1"]
        members.eu-west-1.material_expires_in = "2d"
        members.us-east-1.material_expires_in = "never"
        [[keys]]
        id = "mrk-00000000000000000000000000000002"
        primary = "us-east-1"
        replicas = ["eu-west-1"]
        members.eu-west-1.rotation_pending = true
        "#,
    );
    let of = |world: &mut World, region: &str, last: u8, field: &str| {
        world.describe(region, &format!("mrk-{last:032}")).get(field).cloned()
    };
    assert!(of(&mut world, "eu-west-1", 1, "ValidTo").is_some());
    assert_eq!(of(&mut world, "us-east-1", 1, "ValidTo"), None);
    let material = "CurrentKeyMaterialId";
    assert_ne!(of(&mut world, "eu-west-1", 2, material), of(&mut world, "us-east-1", 2, material));
    world.wait(2 * DAY);
    assert_eq!(of(&mut world, "eu-west-1", 1, "KeyState"), Some("PendingImport".into()));
}
