//! Long made-up histories: whatever is asked in whatever order, related keys stay a set that KMS could have.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::emulator::random::Random;

const REGIONS: [&str; 4] = ["us-east-1", "us-west-2", "eu-west-1", "ap-south-1"];
const STEPS: usize = 200;

/// One history: keys that were made, and chance.
struct History {
    world: World,
    random: Random,
    keys: Vec<String>,
}

impl History {
    fn draw(&mut self, most: usize) -> usize {
        usize::try_from(self.random.next() % u64::try_from(most).unwrap()).unwrap()
    }

    fn step(&mut self) {
        let (region, other) = (REGIONS[self.draw(4)], REGIONS[self.draw(4)]);
        if self.keys.len() < 3 || self.draw(15) == 0 {
            let created = self.world.ask(region, "CreateKey", &json!({"MultiRegion": true}));
            self.keys.push(created["KeyMetadata"]["KeyId"].as_str().unwrap().to_owned());
            return;
        }
        // Lately made keys are more likely to be alive.
        let number = self.keys.len() - 1 - self.draw(self.keys.len().min(6));
        let key = self.keys[number].clone();
        let span = [100, 5000, DAY, 8 * DAY][self.draw(4)];
        let (operation, input) = match self.draw(9) {
            0 | 1 => ("ReplicateKey", json!({"KeyId": key, "ReplicaRegion": other})),
            2 => ("UpdatePrimaryRegion", json!({"KeyId": key, "PrimaryRegion": other})),
            3 => ("ScheduleKeyDeletion", json!({"KeyId": key, "PendingWindowInDays": 7})),
            4 => ("CancelKeyDeletion", json!({"KeyId": key})),
            5 => ("EnableKey", json!({"KeyId": key})),
            6 => ("DisableKey", json!({"KeyId": key})),
            7 => return self.world.wait(span),
            _ => ("TagResource", json!({"KeyId": key, "Tags": [{"TagKey": "a", "TagValue": region}]})),
        };
        // Most are refused; what matters is what they leave behind.
        let _ = self.world.result(region, operation, &input);
    }

    /// What every Region says of every key.
    fn views(&mut self) -> BTreeMap<String, Vec<(&'static str, Value)>> {
        let mut views: BTreeMap<String, Vec<(&'static str, Value)>> = BTreeMap::new();
        for region in REGIONS {
            for key in self.world.keys(region) {
                let described = self.world.describe(region, &key);
                views.entry(key).or_default().push((region, described));
            }
        }
        views
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

/// What must hold of the members of one key, as their own Regions describe them.
fn check_set(key: &str, members: &[(&str, Value)]) {
    let state = |member: &Value| text(&member["KeyState"]).to_owned();
    let listed: Vec<&str> = members.iter().map(|(region, _)| *region).collect();
    let moving = members.iter().filter(|(_, member)| state(member) == "Updating").count();
    assert!(moving == 0 || moving == 2, "{key}: {moving} members are Updating");
    let role = |member: &Value| text(&member["MultiRegionConfiguration"]["MultiRegionKeyType"]).to_owned();
    let primaries = members.iter().filter(|(_, member)| role(member) == "PRIMARY").count();
    assert_eq!(primaries, usize::from(moving == 0), "{key}: {members:?}");
    for (region, member) in members {
        let configuration = &member["MultiRegionConfiguration"];
        let replicas = configuration["ReplicaKeys"].as_array().unwrap().iter().map(|replica| text(&replica["Region"]));
        let mut named: Vec<&str> = replicas.chain([text(&configuration["PrimaryKey"]["Region"])]).collect();
        named.sort_by_key(|name| REGIONS.iter().position(|known| known == name));
        assert_eq!(named, listed, "{key} as {region} sees it");
        assert_eq!(member["Enabled"], json!(state(member) == "Enabled"));
        let waits = state(member) == "PendingReplicaDeletion";
        assert_eq!(waits, member.get("PendingDeletionWindowInDays").is_some());
        assert!(!waits || (role(member) == "PRIMARY" && members.len() > 1), "{key} waits for nobody in {region}");
        assert_eq!(state(member) == "PendingDeletion", member.get("DeletionDate").is_some());
    }
}

#[test]
fn related_keys_stay_a_set() {
    let mut states = BTreeSet::new();
    for seed in 0..8 {
        let mut history = History { world: World::empty(), random: Random::new(seed), keys: Vec::new() };
        for _ in 0..STEPS {
            history.step();
            for (key, members) in history.views() {
                check_set(&key, &members);
                states.extend(members.iter().map(|(_, member)| text(&member["KeyState"]).to_owned()));
            }
        }
    }
    // A history that never gets anywhere proves nothing.
    let seen: Vec<&str> = states.iter().map(String::as_str).collect();
    assert_eq!(seen, ["Creating", "Disabled", "Enabled", "PendingDeletion", "PendingReplicaDeletion", "Updating"]);
}

#[test]
fn a_restart_in_the_middle_changes_nothing() {
    for seed in 0..4 {
        let mut history = History { world: World::empty(), random: Random::new(seed), keys: Vec::new() };
        for _ in 0..STEPS / 2 {
            history.step();
        }
        let saved = history.world.model.save_changes(history.world.at).unwrap();
        let start = START + history.world.at;
        let restored = World::of(Model::restore(&Fleet::empty(), start, &saved).unwrap());
        let mut again = History { world: restored, random: history.random.clone(), keys: history.keys.clone() };
        for _ in 0..STEPS / 2 {
            history.step();
            again.step();
            assert_eq!(history.views(), again.views(), "seed {seed}");
        }
    }
}
