//! Reads that lag: what they may show, and for how long.

use std::collections::BTreeSet;

use super::*;

const FLEET: &str = "[transitions]\ncreating_ms = 0\nupdating_ms = 0\npropagation_ms = { \"*\" = 1000, us-west-2 = 0 }";

/// What twenty reads in a row say of one thing.
fn seen(world: &mut World, read: impl Fn(&mut World) -> String) -> BTreeSet<String> {
    (0..20).map(|_| read(world)).collect()
}

fn set_of(values: &[&str]) -> BTreeSet<String> {
    values.iter().map(ToString::to_string).collect()
}

#[test]
fn a_change_shows_now_and_then_and_then_always() {
    let mut world = World::new(FLEET);
    let key = world.create();
    world.wait(1000);
    world.ask("us-east-1", "DisableKey", &json!({"KeyId": key}));
    let state = |world: &mut World| world.state("us-east-1", &key);
    assert!(seen(&mut world, state).contains("Enabled"));
    world.wait(500);
    assert_eq!(seen(&mut world, state), set_of(&["Enabled", "Disabled"]), "reads in a row go back in time");
    world.wait(501);
    assert_eq!(seen(&mut world, state), set_of(&["Disabled"]), "and not beyond the bound");
}

#[test]
fn a_region_without_delay_is_always_up_to_date() {
    let mut world = World::new(FLEET);
    let key = world.create();
    world.ask("us-east-1", "ReplicateKey", &json!({"KeyId": key, "ReplicaRegion": "us-west-2"}));
    assert_eq!(seen(&mut world, |world| world.state("us-west-2", &key)), set_of(&["Enabled"]));
}

#[test]
fn a_new_key_is_not_there_at_once_and_a_deleted_one_stays_a_while() {
    let mut world = World::new(FLEET);
    let key = world.create();
    world.ask("us-east-1", "CreateAlias", &json!({"AliasName": "alias/a", "TargetKeyId": key}));
    let listed = |world: &mut World| world.keys("us-east-1").len().to_string();
    let aliases = |world: &mut World| {
        world.ask("us-east-1", "ListAliases", &json!({}))["Aliases"].as_array().unwrap().len().to_string()
    };
    let described = |world: &mut World| match world.result("us-east-1", "DescribeKey", &json!({"KeyId": key})) {
        Ok(_) => "there".to_owned(),
        Err(refusal) => refusal.code.into_owned(),
    };
    world.wait(500);
    assert_eq!(seen(&mut world, listed), set_of(&["0", "1"]));
    assert_eq!(seen(&mut world, aliases), set_of(&["0", "1"]));
    assert_eq!(seen(&mut world, described), set_of(&["there", "NotFoundException"]));
    world.wait(501);
    assert_eq!(seen(&mut world, listed), set_of(&["1"]));
    world.ask("us-east-1", "ScheduleKeyDeletion", &json!({"KeyId": key, "PendingWindowInDays": 7}));
    world.wait(7 * DAY + 500);
    assert_eq!(seen(&mut world, listed), set_of(&["0", "1"]), "a key that is gone is still listed for a while");
    assert_eq!(seen(&mut world, aliases), set_of(&["0", "1"]));
    world.wait(501);
    assert_eq!((seen(&mut world, listed), seen(&mut world, aliases)), (set_of(&["0"]), set_of(&["0"])));
}

#[test]
fn related_keys_contradict_each_other_for_a_while() {
    let mut world = World::new(FLEET);
    let key = world.create();
    world.ask("us-east-1", "ReplicateKey", &json!({"KeyId": key, "ReplicaRegion": "eu-west-1"}));
    world.wait(2000);
    world.ask("us-east-1", "UpdatePrimaryRegion", &json!({"KeyId": key, "PrimaryRegion": "eu-west-1"}));
    world.wait(500);
    let roles = |world: &mut World| format!("{} {}", world.role("us-east-1", &key), world.role("eu-west-1", &key));
    let views = seen(&mut world, roles);
    assert!(views.contains("PRIMARY PRIMARY") || views.contains("REPLICA REPLICA"), "{views:?}");
    world.wait(501);
    assert_eq!(seen(&mut world, roles), set_of(&["REPLICA PRIMARY"]));
}

#[test]
fn a_change_is_decided_by_what_is_and_not_by_what_shows() {
    let mut world = World::new(FLEET);
    let key = world.create();
    for operation in ["DisableKey", "EnableKey", "ScheduleKeyDeletion", "CancelKeyDeletion"] {
        world.ask("us-east-1", operation, &json!({"KeyId": key}));
    }
    assert_eq!(world.refused("us-east-1", "CancelKeyDeletion", &json!({"KeyId": key})).0, "KMSInvalidStateException");
}

#[test]
fn the_same_seed_lags_in_the_same_way() {
    let reads = || {
        let mut world = World::new(FLEET);
        let key = world.create();
        world.ask("us-east-1", "TagResource", &json!({"KeyId": key, "Tags": [{"TagKey": "a", "TagValue": "b"}]}));
        world.wait(700);
        let found = |world: &mut World| world.result("us-east-1", "DescribeKey", &json!({"KeyId": key})).is_ok();
        (0..50).map(|_| found(&mut world)).collect::<Vec<_>>()
    };
    assert_eq!(reads(), reads());
    assert!(reads().contains(&false) && reads().contains(&true));
}
