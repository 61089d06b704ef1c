//! What is refused, with the recorded words where they are known.

use super::*;

fn check(world: &mut World, region: &str, operation: &str, input: &Value, expected: &str) {
    assert_eq!(world.refused(region, operation, input).0, expected, "{operation} {input}");
}

#[test]
fn the_recorded_messages_are_the_real_ones() {
    let mut world = World::empty();
    let key = world.create_pair();
    let (here, there) = (arn("us-east-1", &key), arn("eu-west-1", &key));
    let mut check = |region: &str, operation: &str, input: Value, expected: (&str, String)| {
        let (code, message) = world.refused(region, operation, &input);
        assert_eq!((code.as_str(), message), expected);
    };
    let replicate = |key: &str| json!({"KeyId": key, "ReplicaRegion": "us-west-2"});
    let unsupported = format!("{there} is not a multi-region primary key.");
    check("eu-west-1", "ReplicateKey", replicate(&key), ("UnsupportedOperationException", unsupported.clone()));
    check(
        "eu-west-1",
        "UpdatePrimaryRegion",
        json!({"KeyId": key, "PrimaryRegion": "us-east-1"}),
        ("UnsupportedOperationException", unsupported),
    );
    check(
        "us-east-1",
        "DescribeKey",
        json!({"KeyId": there}),
        ("NotFoundException", format!("Key '{there}' does not exist")),
    );
    check(
        "us-east-1",
        "CancelKeyDeletion",
        json!({"KeyId": key}),
        ("KMSInvalidStateException", format!("{here} is not pending deletion.")),
    );
    let missing = format!("Alias arn:aws:kms:us-east-1:{ACCOUNT}:alias/none is not found.");
    check("us-east-1", "DescribeKey", json!({"KeyId": "alias/none"}), ("NotFoundException", missing));
    world.ask("us-east-1", "DisableKey", &json!({"KeyId": key}));
    let (_, message) = world.refused("us-east-1", "ReplicateKey", &replicate(&key));
    assert_eq!(message, format!("{here} is disabled."));
    let imported =
        world.ask("us-east-1", "CreateKey", &json!({"Origin": "EXTERNAL", "MultiRegion": true}))["KeyMetadata"].take();
    let (code, message) = world.refused("us-east-1", "ReplicateKey", &replicate(imported["KeyId"].as_str().unwrap()));
    assert_eq!(code, "KMSInvalidStateException");
    assert_eq!(message, format!("{} is pending import.", imported["Arn"].as_str().unwrap()));
}

#[test]
fn a_place_that_is_taken_cannot_be_replicated_into() {
    let mut world = World::empty();
    let key = world.create_pair();
    let into = |region: &str| json!({"KeyId": key, "ReplicaRegion": region});
    check(&mut world, "us-east-1", "ReplicateKey", &into("eu-west-1"), "AlreadyExistsException");
    check(&mut world, "us-east-1", "ReplicateKey", &into("us-east-1"), "AlreadyExistsException");
    world.ask("eu-west-1", "ScheduleKeyDeletion", &json!({"KeyId": key}));
    check(&mut world, "us-east-1", "ReplicateKey", &into("eu-west-1"), "AlreadyExistsException");
}

#[test]
fn replicas_stay_in_their_partition_and_in_enabled_regions() {
    let mut world = World::new("[[accounts]]\nid = \"111122223333\"\nregions_not_enabled = [\"me-south-1\"]");
    let key = world.create();
    let into = |region: &str| json!({"KeyId": key, "ReplicaRegion": region});
    check(&mut world, "us-east-1", "ReplicateKey", &into("cn-north-1"), "ValidationException");
    check(&mut world, "us-east-1", "ReplicateKey", &into("us-gov-west-1"), "ValidationException");
    check(&mut world, "us-east-1", "ReplicateKey", &into("moon-1"), "ValidationException");
    check(&mut world, "us-east-1", "ReplicateKey", &into("me-south-1"), "UnsupportedOperationException");
    check(&mut world, "us-east-1", "ReplicateKey", &json!({"KeyId": key}), "ValidationException");
    let china = world.ask("cn-north-1", "CreateKey", &json!({"MultiRegion": true}))["KeyMetadata"].take();
    assert!(china["Arn"].as_str().unwrap().starts_with("arn:aws-cn:kms:cn-north-1:"));
    let across = json!({"KeyId": china["KeyId"], "ReplicaRegion": "cn-northwest-1"});
    world.ask("cn-north-1", "ReplicateKey", &across);
}

#[test]
fn a_single_region_key_has_no_role_to_give() {
    let mut world = World::empty();
    let key = world.ask("us-east-1", "CreateKey", &json!({}))["KeyMetadata"]["KeyId"].clone();
    let unsupported = "UnsupportedOperationException";
    check(&mut world, "us-east-1", "ReplicateKey", &json!({"KeyId": key, "ReplicaRegion": "eu-west-1"}), unsupported);
    check(
        &mut world,
        "us-east-1",
        "UpdatePrimaryRegion",
        &json!({"KeyId": key, "PrimaryRegion": "eu-west-1"}),
        unsupported,
    );
}

#[test]
fn a_promotion_needs_a_replica_to_go_to() {
    let mut world = World::empty();
    let key = world.create_pair();
    let to = |region: &str| json!({"KeyId": key, "PrimaryRegion": region});
    check(&mut world, "us-east-1", "UpdatePrimaryRegion", &to("us-west-2"), "NotFoundException");
    check(&mut world, "us-east-1", "UpdatePrimaryRegion", &to("us-east-1"), "UnsupportedOperationException");
    world.ask("us-east-1", "UpdatePrimaryRegion", &to("eu-west-1"));
    check(&mut world, "us-east-1", "UpdatePrimaryRegion", &to("eu-west-1"), "KMSInvalidStateException");
    world.wait(4000);
    check(&mut world, "us-east-1", "UpdatePrimaryRegion", &to("eu-west-1"), "UnsupportedOperationException");
}

#[test]
fn names_that_no_key_has_are_not_found() {
    let mut world = World::empty();
    let key = world.create();
    let describe = |name: String| json!({"KeyId": name});
    let not_found = "NotFoundException";
    check(&mut world, "us-east-2", "DescribeKey", &describe(key.clone()), not_found);
    check(&mut world, "us-east-1", "DescribeKey", &describe("nonsense".to_owned()), not_found);
    let foreign = arn("us-east-1", &key).replace(ACCOUNT, "999988887777");
    check(&mut world, "us-east-1", "DescribeKey", &describe(foreign), not_found);
    check(&mut world, "us-east-1", "DescribeKey", &describe("arn:aws:s3:::bucket".to_owned()), "InvalidArnException");
    check(&mut world, "us-east-1", "DescribeKey", &describe("arn:aws:kms:us-east-1".to_owned()), "InvalidArnException");
    check(&mut world, "us-east-1", "DescribeKey", &describe(String::new()), "ValidationException");
    check(&mut world, "us-east-1", "DescribeKey", &json!({}), "ValidationException");
    world.ask("us-east-1", "CreateAlias", &json!({"AliasName": "alias/a", "TargetKeyId": key}));
    check(&mut world, "us-east-1", "EnableKey", &describe("alias/a".to_owned()), not_found);
}

#[test]
fn fields_out_of_range_are_invalid() {
    let mut world = World::empty();
    let key = world.create();
    let mut invalid =
        |operation: &str, input: Value| check(&mut world, "us-east-1", operation, &input, "ValidationException");
    for (operation, most) in [("ListKeys", 1000), ("ListAliases", 100), ("ListResourceTags", 50)] {
        for limit in [0, -1, most + 1] {
            invalid(operation, json!({"KeyId": key, "Limit": limit}));
        }
    }
    for days in [6, 31, -1] {
        invalid("ScheduleKeyDeletion", json!({"KeyId": key, "PendingWindowInDays": days}));
    }
    invalid("CreateKey", json!({"KeySpec": "RSA_1024"}));
    invalid("CreateKey", json!({"KeySpec": "RSA_2048"}));
    invalid("CreateKey", json!({"KeySpec": "HMAC_256", "KeyUsage": "SIGN_VERIFY"}));
    invalid("CreateKey", json!({"Origin": "ELSEWHERE"}));
    invalid("CreateKey", json!({"Description": "x".repeat(8193)}));
    invalid("CreateAlias", json!({"AliasName": "a", "TargetKeyId": key}));
    invalid("CreateAlias", json!({"AliasName": "alias/", "TargetKeyId": key}));
    invalid("CreateAlias", json!({"AliasName": "alias/ä", "TargetKeyId": key}));
    invalid("CreateAlias", json!({"TargetKeyId": key}));
    invalid("TagResource", json!({"KeyId": key}));
    invalid("TagResource", json!({"KeyId": key, "Tags": [{"TagKey": "", "TagValue": ""}]}));
    invalid("PutKeyPolicy", json!({"KeyId": key}));
}

#[test]
fn markers_come_from_this_listing_or_are_invalid() {
    let mut world = World::new("[[generate]]\nkeys = 3\nregions = [\"us-east-1\"]\nrelated = 1");
    let page = world.ask("us-east-1", "ListKeys", &json!({"Limit": 1}));
    let marker = &page["NextMarker"];
    check(&mut world, "us-east-1", "ListKeys", &json!({"Marker": "made up"}), "InvalidMarkerException");
    check(&mut world, "us-east-1", "ListAliases", &json!({"Marker": marker}), "InvalidMarkerException");
}

#[test]
fn tags_and_aliases_keep_their_rules() {
    let mut world = World::empty();
    let key = world.create();
    let tag = |name: &str| json!({"TagKey": name, "TagValue": "v"});
    let tags = |tags: Vec<Value>| json!({"KeyId": key, "Tags": tags});
    check(&mut world, "us-east-1", "TagResource", &tags(vec![tag("aws:reserved")]), "TagException");
    check(&mut world, "us-east-1", "TagResource", &tags(vec![tag("a"), tag("a")]), "TagException");
    check(
        &mut world,
        "us-east-1",
        "TagResource",
        &tags((0..51).map(|n| tag(&n.to_string())).collect()),
        "TagException",
    );
    check(&mut world, "us-east-1", "CreateKey", &json!({"Tags": [tag("AWS:x")]}), "TagException");
    let alias = |name: &str| json!({"AliasName": name, "TargetKeyId": key});
    check(&mut world, "us-east-1", "CreateAlias", &alias("alias/aws/s3"), "InvalidAliasNameException");
    for number in 0..50 {
        world.ask("us-east-1", "CreateAlias", &alias(&format!("alias/{number}")));
    }
    check(&mut world, "us-east-1", "CreateAlias", &alias("alias/0"), "AlreadyExistsException");
    check(&mut world, "us-east-1", "CreateAlias", &alias("alias/fresh"), "LimitExceededException");
}

#[test]
fn policies_must_be_policies() {
    let mut world = World::empty();
    let key = world.create();
    let malformed = "MalformedPolicyDocumentException";
    check(&mut world, "us-east-1", "CreateKey", &json!({"Policy": "not json"}), malformed);
    check(&mut world, "us-east-1", "PutKeyPolicy", &json!({"KeyId": key, "Policy": "{}"}), malformed);
    check(
        &mut world,
        "us-east-1",
        "ReplicateKey",
        &json!({"KeyId": key, "ReplicaRegion": "eu-west-1", "Policy": "[]"}),
        malformed,
    );
    assert!(world.keys("eu-west-1").is_empty(), "a refused replica leaves nothing behind");
    check(&mut world, "us-east-1", "GetKeyPolicy", &json!({"KeyId": key, "PolicyName": "other"}), "NotFoundException");
}

#[test]
fn aws_managed_keys_can_be_read_and_not_changed() {
    let mut world = World::new(
        "[[keys]]\nname = \"s3\"\nprimary = \"us-east-1\"\nmulti_region = false\naws_managed = true\nalias = \"alias/aws/s3\"",
    );
    let key = world.describe("us-east-1", "alias/aws/s3");
    assert_eq!(key["KeyManager"], "AWS");
    let input = json!({"KeyId": key["KeyId"]});
    check(&mut world, "us-east-1", "ScheduleKeyDeletion", &input, "AccessDeniedException");
    world.ask("us-east-1", "GetKeyPolicy", &input);
}

#[test]
fn strangers_and_strange_requests_are_refused() {
    let mut world = World::new(
        "regions = [\"us-east-1\", \"me-south-1\"]\n[[accounts]]\nid = \"111122223333\"\nregions_not_enabled = [\"me-south-1\"]",
    );
    for region in ["me-south-1", "eu-west-1", "nowhere"] {
        let (code, message) = world.refused(region, "ListKeys", &json!({}));
        assert_eq!(code, "UnrecognizedClientException");
        assert_eq!(message, "The security token included in the request is invalid.");
        check(&mut world, region, "GetCallerIdentity", &json!({}), "UnrecognizedClientException");
    }
    check(&mut world, "us-east-1", "GenerateDataKey", &json!({}), "UnknownOperationException");
    check(&mut world, "us-east-1", "ListKeys", &json!({"Limit": "many"}), "SerializationException");
    let unsigned =
        Request { region: "", identity: None, proof: None, operation: "ListKeys", body: b"{}", connection: 1 };
    let replies = world.model.call(0, &unsigned);
    let Some(Timed { value: Reply::Answer(answer), .. }) = replies.first() else { panic!("{replies:?}") };
    assert_eq!(answer.result, Err(Refusal::not_authenticated()));
}
