//! Request quotas as a client meets them.

use super::*;

fn granted(world: &mut World, region: &str, operation: &str, body: &Value, times: usize) -> usize {
    (0..times).filter(|_| world.result(region, operation, body).is_ok()).count()
}

#[test]
fn too_many_requests_in_a_second_are_throttled() {
    let mut world = World::new("quotas = 1.0");
    assert_eq!(granted(&mut world, "us-east-1", "CreateKey", &json!({}), 8), 5);
    let (code, message) = world.refused("us-east-1", "CreateKey", &json!({}));
    assert_eq!(code, "ThrottlingException");
    assert!(message.starts_with("You have exceeded the rate at which you may call KMS"), "{message}");
    assert_eq!(granted(&mut world, "us-east-2", "CreateKey", &json!({}), 8), 5, "each Region has its own");
    assert_eq!(granted(&mut world, "us-east-1", "ListKeys", &json!({}), 600), 500, "and each operation");
    world.wait(1000);
    assert_eq!(granted(&mut world, "us-east-1", "CreateKey", &json!({}), 8), 5);
}

#[test]
fn quotas_are_off_unless_they_are_turned_on() {
    let mut world = World::empty();
    assert_eq!(granted(&mut world, "us-east-1", "CreateKey", &json!({}), 100), 100);
}

#[test]
fn a_replica_costs_two_keys_in_its_region() {
    let mut world = World::new("quotas = 1.0");
    let keys: Vec<String> = (0..3).map(|_| world.create()).collect();
    let into = |key: &String| json!({"KeyId": key, "ReplicaRegion": "eu-west-1"});
    let mut replicate = |key| granted(&mut world, "us-east-1", "ReplicateKey", &into(key), 1);
    assert_eq!([&keys[0], &keys[1], &keys[2]].map(&mut replicate), [1, 1, 0]);
    assert_eq!(granted(&mut world, "eu-west-1", "CreateKey", &json!({}), 5), 1, "one of five is left");
}

#[test]
fn a_promotion_costs_one_in_each_region() {
    let mut world = World::new("quotas = 0.4\n[transitions]\ncreating_ms = 0\nupdating_ms = 0");
    let key = world.create();
    world.ask("us-east-1", "ReplicateKey", &json!({"KeyId": key, "ReplicaRegion": "eu-west-1"}));
    let mut promote =
        |from: &str, to: &str| world.result(from, "UpdatePrimaryRegion", &json!({"KeyId": key, "PrimaryRegion": to}));
    assert!(promote("us-east-1", "eu-west-1").is_ok());
    assert!(promote("eu-west-1", "us-east-1").is_ok());
    let third = promote("us-east-1", "eu-west-1").unwrap_err();
    assert_eq!(third.code, "ThrottlingException");
}

#[test]
fn who_asks_is_never_counted() {
    let mut world = World::new("quotas = 0.001");
    assert_eq!(granted(&mut world, "us-east-1", "GetCallerIdentity", &Value::Null, 100), 100);
}
