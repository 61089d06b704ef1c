//! The command line: exit codes, what stdout carries, what an error says.

mod bad_input;
pub(crate) mod changes;
mod check;
mod checks;
mod cover;
mod crashes;
mod failing_regions;
mod impact;
mod journal;
mod region_status;
mod rules;
mod snapshots;
mod throttling;
pub(crate) mod watching;
mod worlds;

use std::process::Stdio;

use serde_json::Value;

use crate::program::{Program, run};

/// The Regions of the demo that load and hold no key that cannot be read.
const SOUND: &str = "us-west-2,eu-central-1,ap-northeast-1";

#[test]
fn the_demo_is_listed_and_says_that_a_region_is_denied() {
    let run = Program::new().run(&["list", "--demo", "--output", "json"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(3), ""));
    let fleet = run.json();
    assert_eq!(fleet["schema"], "keyfleet.fleet/1");
    assert_eq!(fleet["complete"], false);
    assert_eq!(fleet["accounts"][0]["account"], "111122223333");
    let status = |name: &str| {
        let regions = fleet["regions"].as_array().unwrap();
        regions.iter().find(|region| region["region"] == name).unwrap()["status"].clone()
    };
    assert_eq!((status("us-east-1"), status("ap-south-1")), ("loaded".into(), "denied".into()));
    assert_eq!(status("me-south-1"), "not_enabled");
    let keys = fleet["keys"].as_array().unwrap();
    assert_eq!(keys.len(), 41);
    for key in keys {
        every_region_is_named_once(key);
    }
    let ids: Vec<&str> = keys.iter().map(|key| key["key_id"].as_str().unwrap()).collect();
    assert!(ids.is_sorted(), "keys are sorted by account and ID");
}

/// `related`, `absent_regions` and `unknown_regions` are disjoint and name every Region in scope.
fn every_region_is_named_once(key: &Value) {
    let names = |list: &Value, field: Option<&str>| -> Vec<String> {
        let name = |entry: &Value| field.map_or(entry, |field| &entry[field]).as_str().unwrap().to_owned();
        list.as_array().unwrap().iter().map(name).collect()
    };
    let mut all = names(&key["related"], Some("region"));
    all.extend(names(&key["absent_regions"], None));
    all.extend(names(&key["unknown_regions"], Some("region")));
    all.sort();
    let regions = [
        "ap-northeast-1",
        "ap-south-1",
        "eu-central-1",
        "eu-west-1",
        "me-south-1",
        "sa-east-1",
        "us-east-1",
        "us-west-2",
    ];
    assert_eq!(all, regions, "{}", key["key_id"]);
}

#[test]
fn a_reading_of_sound_regions_is_complete_although_keys_name_members_outside() {
    let run = Program::new().run(&["list", "--demo", "--region", SOUND, "--output", "json"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let fleet = run.json();
    assert_eq!(fleet["complete"], true);
    let outside: Vec<&Value> = fleet["keys"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|key| key["related"].as_array().unwrap())
        .filter(|member| member["reason"]["kind"] == "out_of_scope")
        .collect();
    assert!(!outside.is_empty());
    for member in outside {
        assert_eq!((&member["presence"], &member["state"]), (&"unknown".into(), &Value::Null));
        assert!(!member["declared_by"].as_array().unwrap().is_empty());
    }
}

#[test]
fn every_format_tells_the_same_keys() {
    let program = Program::new();
    let list = |output: &str| {
        let run = program.run(&["list", "--demo", "--region", SOUND, "--output", output]);
        assert_eq!(run.code, Some(0), "{output}: {}", run.stderr);
        run.stdout
    };
    let fleet: Value = serde_json::from_str(&list("json")).unwrap();
    let keys = fleet["keys"].as_array().unwrap();
    let ndjson = list("ndjson");
    let lines: Vec<Value> = ndjson.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), keys.len() + 1);
    assert!(lines[0].get("keys").is_none() && lines[0]["schema"] == "keyfleet.fleet/1");
    let rows: usize = keys
        .iter()
        .map(|key| {
            ["related", "absent_regions", "unknown_regions"]
                .iter()
                .map(|list| key[*list].as_array().unwrap().len())
                .sum::<usize>()
        })
        .sum();
    assert_eq!(list("csv").lines().count(), rows + 1);
    assert_eq!(list("markdown").lines().count(), rows + 2);
    let table = list("table");
    assert!(keys.iter().all(|key| table.contains(&key["key_id"].as_str().unwrap()[30..])));
}

#[test]
fn a_filter_takes_some_and_marks_what_it_cannot_decide() {
    let run = Program::new().run(&["list", "--demo", "--filter", "state:disabled", "--output", "json"]);
    let fleet = run.json();
    let keys = fleet["keys"].as_array().unwrap();
    let aliases = |key: &Value| key["related"].to_string();
    let certain: Vec<&Value> = keys.iter().filter(|key| key.get("match").is_none()).collect();
    assert!(certain.iter().any(|key| aliases(key).contains("alias/sessions-jwt")), "{certain:?}");
    assert!(certain.iter().all(|key| aliases(key).contains("\"Disabled\"")));
    assert!(keys.iter().any(|key| key["match"] == "undecided"), "a denied Region may hide a Disabled member");
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let program = Program::new();
    let mut command = program.command(&["list", "--demo", "--region", SOUND, "--output", "csv"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn the_demo_reads_no_environment_and_sends_nothing_elsewhere() {
    let program = Program::new();
    let mut command = program.bare(&["list", "--demo", "--region", SOUND]);
    let nowhere = "http://127.0.0.1:9";
    command
        .envs(["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "AWS_ENDPOINT_URL"].map(|name| (name, nowhere)))
        .env("AWS_PROFILE", "nobody")
        .env("KEYFLEET_NONSENSE", "1");
    let run = run(command);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert_eq!(std::fs::read_dir(program.home()).unwrap().count(), 0, "the home is left alone");
}

#[test]
fn the_keymap_the_configuration_and_the_journal_are_there_without_a_network() {
    let program = Program::new();
    let keys = program.run(&["keys"]);
    assert_eq!(keys.code, Some(0));
    assert!(keys.stdout.contains("replicate"), "{}", keys.stdout);
    let path = program.run(&["config", "path"]);
    assert_eq!((path.code, path.stdout.trim().ends_with("config.toml")), (Some(0), true));
    let init = program.run(&["config", "init"]);
    assert_eq!(init.code, Some(0), "{}", init.stderr);
    assert_eq!(program.run(&["config", "init"]).code, Some(2), "a file that is there is not overwritten");
    let check = program.run(&["config", "check"]);
    assert_eq!(check.code, Some(0), "{}", check.stderr);
    assert!(check.stdout.contains("quota_share"));
    let journal = program.run(&["journal", "show"]);
    assert_eq!(journal.code, Some(0), "{}", journal.stderr);
}
