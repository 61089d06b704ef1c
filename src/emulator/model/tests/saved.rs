//! What a state document keeps.

use super::*;

const FLEET: &str = "[[accounts]]\nid = \"111122223333\"\n[[accounts]]\nid = \"444455556666\"";

fn again(world: &mut World, fleet: &str, start: u64) -> World {
    let saved = world.model.save_changes(world.at).expect("something was changed");
    let fleet = Fleet::parse(fleet).unwrap();
    World::of(Model::restore(&fleet, start, &saved).unwrap_or_else(|what| panic!("{what}")))
}

#[test]
fn everything_that_clients_made_comes_back() {
    let mut world = World::new(FLEET);
    let key = world.create_pair();
    world.ask("us-east-1", "TagResource", &json!({"KeyId": key, "Tags": [{"TagKey": "a", "TagValue": "é"}]}));
    world.ask("us-east-1", "CreateAlias", &json!({"AliasName": "alias/a", "TargetKeyId": key}));
    world.ask("us-east-1", "EnableKeyRotation", &json!({"KeyId": key, "RotationPeriodInDays": 180}));
    let policy = r#"{"Statement":{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"kms:*","Resource":"*"}}"#;
    world.ask("eu-west-1", "PutKeyPolicy", &json!({"KeyId": key, "Policy": policy}));
    let imported = world.ask("us-east-2", "CreateKey", &json!({"Origin": "EXTERNAL", "Description": "d"}));
    let dying = world.create_pair();
    world.ask("us-east-1", "ScheduleKeyDeletion", &json!({"KeyId": dying, "PendingWindowInDays": 9}));
    world.ask("eu-west-1", "ScheduleKeyDeletion", &json!({"KeyId": dying, "PendingWindowInDays": 7}));
    world.who = "444455556666";
    let moving = world.create_pair();
    world.ask("us-east-1", "UpdatePrimaryRegion", &json!({"KeyId": moving, "PrimaryRegion": "eu-west-1"}));
    let start = START + world.at;
    let mut restored = again(&mut world, FLEET, start);
    let reads = |world: &mut World| -> Vec<Value> {
        let mut answers = Vec::new();
        for who in ["111122223333", "444455556666"] {
            world.who = who;
            for region in ["us-east-1", "us-east-2", "eu-west-1"] {
                answers.push(world.ask(region, "ListAliases", &json!({})));
                for key in world.keys(region) {
                    for operation in ["DescribeKey", "GetKeyPolicy", "GetKeyRotationStatus", "ListResourceTags"] {
                        answers.push(world.ask(region, operation, &json!({"KeyId": key})));
                    }
                }
            }
        }
        answers
    };
    assert_eq!(reads(&mut restored), reads(&mut world));
    assert!(imported["KeyMetadata"]["KeyId"].is_string());
    restored.who = "444455556666";
    assert_eq!(restored.state("eu-west-1", &moving), "Updating");
    restored.wait(4000);
    assert_eq!(restored.role("eu-west-1", &moving), "PRIMARY");
    restored.who = "111122223333";
    restored.wait(7 * DAY);
    assert_eq!(restored.state("us-east-1", &dying), "PendingDeletion", "clocks run on");
}

#[test]
fn time_and_chance_go_on() {
    let mut world = World::empty();
    let first = world.create();
    world.model.advance(30 * DAY);
    world.ask("us-east-1", "DisableKey", &json!({"KeyId": first}));
    let mut restored = again(&mut world, "", START + 5000);
    let second = restored.create();
    assert_ne!(first, second, "the same seed does not make the same key twice");
    let created = restored.describe("us-east-1", &second)["CreationDate"].as_f64().unwrap();
    assert!(created >= 1_795_284_000.0 + 30.0 * 86_400.0, "the moved clock stays moved: {created}");
}

#[test]
fn only_changes_are_saved() {
    let mut world = World::empty();
    assert_eq!(world.model.save_changes(0), None);
    let key = world.create();
    assert!(world.model.save_changes(0).is_some());
    world.describe("us-east-1", &key);
    assert_eq!(world.model.save_changes(0), None);
}

#[test]
fn what_does_not_fit_is_refused() {
    let mut world = World::new(FLEET);
    world.create();
    let saved = String::from_utf8(world.model.save_changes(0).unwrap()).unwrap();
    let check = |fleet: &str, text: &str, expected: &str| {
        let error = Model::restore(&Fleet::parse(fleet).unwrap(), START, text.as_bytes()).map(|_| ()).unwrap_err();
        assert!(error.contains(expected), "{error}");
    };
    check("", &saved, "the fleet has no account 444455556666");
    check(FLEET, &saved.replace("SYMMETRIC_DEFAULT", "DES"), "`DES` is not known");
    check(FLEET, &saved.replace("us-east-1", "moon-1"), "`moon-1` is not a Region");
    check(FLEET, &saved.replace("emulator/1", "emulator/9"), "keyfleet.emulator/9");
    check(FLEET, saved.get(..saved.len() / 2).unwrap(), "EOF");
}
