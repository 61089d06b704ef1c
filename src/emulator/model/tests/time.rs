//! What happens by itself as time passes.

use super::*;

#[test]
fn a_key_is_gone_when_its_date_passes() {
    let mut world = World::empty();
    let key = world.create_pair();
    world.ask("eu-west-1", "CreateAlias", &json!({"AliasName": "alias/a", "TargetKeyId": key}));
    world.ask("eu-west-1", "ScheduleKeyDeletion", &json!({"KeyId": key, "PendingWindowInDays": 7}));
    world.wait(7 * DAY - 1);
    assert_eq!(world.keys("eu-west-1"), std::slice::from_ref(&key));
    world.wait(1);
    assert!(world.keys("eu-west-1").is_empty());
    assert_eq!(world.ask("eu-west-1", "ListAliases", &json!({}))["Aliases"], json!([]));
    let (code, message) = world.refused("eu-west-1", "DescribeKey", &json!({"KeyId": key}));
    assert_eq!(
        (code.as_str(), message),
        ("NotFoundException", format!("Key '{}' does not exist", arn("eu-west-1", &key)))
    );
    let primary = world.describe("us-east-1", &key);
    assert_eq!(primary["MultiRegionConfiguration"]["ReplicaKeys"], json!([]));
    // Its place is free again.
    world.ask("us-east-1", "ReplicateKey", &json!({"KeyId": key, "ReplicaRegion": "eu-west-1"}));
}

#[test]
fn a_primary_waits_until_its_last_replica_is_deleted() {
    let mut world = World::empty();
    let key = world.create_pair();
    let answer = world.ask("us-east-1", "ScheduleKeyDeletion", &json!({"KeyId": key, "PendingWindowInDays": 10}));
    let expected =
        json!({"KeyId": arn("us-east-1", &key), "KeyState": "PendingReplicaDeletion", "PendingWindowInDays": 10});
    assert_eq!(answer, expected);
    let waiting = world.describe("us-east-1", &key);
    assert_eq!((waiting.get("DeletionDate"), &waiting["PendingDeletionWindowInDays"]), (None, &json!(10)));
    world.wait(100 * DAY);
    assert_eq!(world.state("us-east-1", &key), "PendingReplicaDeletion");
    // Scheduling the replica does not start the primary's clock; its deletion does.
    world.ask("eu-west-1", "ScheduleKeyDeletion", &json!({"KeyId": key, "PendingWindowInDays": 7}));
    world.wait(7 * DAY - 1);
    assert_eq!(world.state("us-east-1", &key), "PendingReplicaDeletion");
    world.wait(1);
    let dying = world.describe("us-east-1", &key);
    assert_eq!(dying["KeyState"], "PendingDeletion");
    assert_eq!(dying["DeletionDate"], 1_795_284_003.0 + 117.0 * 86_400.0);
    assert!(dying.get("PendingDeletionWindowInDays").is_none());
    world.wait(10 * DAY);
    assert!(world.keys("us-east-1").is_empty());
}

#[test]
fn a_clock_that_jumps_leaves_the_same_dates_as_one_that_ticks() {
    let mut world = World::empty();
    let key = world.create_pair();
    world.ask("us-east-1", "ScheduleKeyDeletion", &json!({"KeyId": key, "PendingWindowInDays": 30}));
    world.ask("eu-west-1", "ScheduleKeyDeletion", &json!({"KeyId": key, "PendingWindowInDays": 7}));
    world.model.advance(20 * DAY);
    assert_eq!(world.describe("us-east-1", &key)["DeletionDate"], 1_795_284_003.0 + 37.0 * 86_400.0);
    world.model.advance(20 * DAY);
    assert!(world.keys("us-east-1").is_empty());
}

#[test]
fn a_waiting_primary_can_be_rescued() {
    let mut world = World::empty();
    let key = world.create_pair();
    world.ask("us-east-1", "ScheduleKeyDeletion", &json!({"KeyId": key}));
    world.ask("us-east-1", "CancelKeyDeletion", &json!({"KeyId": key}));
    assert_eq!(world.state("us-east-1", &key), "Disabled");
}

#[test]
fn a_replica_that_is_still_creating_can_be_scheduled() {
    let mut world = World::empty();
    let key = world.create();
    world.ask("us-east-1", "ReplicateKey", &json!({"KeyId": key, "ReplicaRegion": "eu-west-1"}));
    world.ask("eu-west-1", "ScheduleKeyDeletion", &json!({"KeyId": key, "PendingWindowInDays": 7}));
    world.wait(3000);
    assert_eq!(world.state("eu-west-1", &key), "PendingDeletion");
}

#[test]
fn a_fleet_file_sets_states_and_their_ends() {
    let fleet = r#"
clock = "2026-11-21T18:00:00Z"
[[keys]]
name = "moving"
primary = "us-east-1"
replicas = ["eu-west-1", "us-west-2"]
alias = "alias/moving"
promoting_to = "eu-west-1"
promotion_ends_in = "60s"
[keys.members.us-west-2]
state = "Creating"
settles_in = "10m"
[[keys]]
name = "dying"
primary = "us-east-1"
replicas = ["eu-west-1"]
alias = "alias/dying"
[keys.members.us-east-1]
state = "PendingReplicaDeletion"
[keys.members.eu-west-1]
state = "PendingDeletion"
deletion_in = "2d23h"
"#;
    let fleet = Fleet::parse(fleet).unwrap();
    let mut world = World::of(Model::new(&fleet, 5));
    let (moving, dying) = ("alias/moving", "alias/dying");
    assert_eq!(world.describe("eu-west-1", dying)["DeletionDate"], 1_795_284_000.0 + 71.0 * 3600.0);
    assert_eq!(world.describe("us-east-1", dying)["PendingDeletionWindowInDays"], 30);
    assert_eq!(
        ["us-east-1", "eu-west-1", "us-west-2"].map(|region| world.state(region, moving)),
        ["Updating", "Updating", "Creating"]
    );
    world.wait(60_000);
    assert_eq!(
        ["us-east-1", "eu-west-1", "us-west-2"].map(|region| world.role(region, moving)),
        ["REPLICA", "PRIMARY", "REPLICA"]
    );
    world.wait(540_000);
    assert_eq!(world.state("us-west-2", moving), "Enabled");
}

#[test]
fn latency_moves_answers_and_not_what_happens() {
    let mut world = World::new("latency_ms = 60");
    let replies = world.replies("us-east-1", "ListKeys", &json!({}));
    assert_eq!(replies.iter().map(|reply| reply.at).collect::<Vec<_>>(), [60]);
}
