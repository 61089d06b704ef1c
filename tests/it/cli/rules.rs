//! Rules through the whole program: those of the demo, those of a file, and what they stop.

use serde_json::Value;

use crate::program::Program;

/// The demo's Regions that can be read whole.
const EUROPE_AND_WEST: &str = "us-east-1,us-west-2,eu-west-1,eu-central-1";

fn count<'a>(findings: &'a Value, rule: &str) -> &'a Value {
    let rules = findings["rules"].as_array().unwrap();
    rules.iter().find(|counted| counted["name"] == rule).unwrap_or_else(|| panic!("{rules:?}"))
}

#[test]
fn the_demo_has_two_gaps_and_a_member_that_must_not_be() {
    let run = Program::new().run(&["check", "--demo", "--output", "json"]);
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    let findings = run.json();
    assert_eq!(count(&findings, "dr-tier1")["fail"], 2);
    assert_eq!(count(&findings, "dr-tier1")["pass"], 1);
    assert_eq!(count(&findings, "eu-residency")["fail"], 1);
    let list = findings["findings"].as_array().unwrap();
    let gaps = list.iter().filter(|one| one["rule"] == "dr-tier1" && one["verdict"] == "fail");
    assert_eq!(gaps.count(), 3, "backup-master misses two Regions, audit-trail one");
}

#[test]
fn a_file_of_rules_takes_the_place_of_those_of_the_demo() {
    let program = Program::new();
    let file = program.home().join("rules.toml");
    std::fs::write(
        &file,
        "[[rules]]\nname = \"mine\"\nmatch = \"alias:alias/backup-eu\"\nrequired = [\"us-east-1\"]\n",
    )
    .unwrap();
    let rules = file.to_str().unwrap();
    let run = program.run(&["check", "--demo", "--region", EUROPE_AND_WEST, "--rules", rules, "--output", "json"]);
    let findings = run.json();
    let names: Vec<&Value> = findings["rules"].as_array().unwrap().iter().map(|rule| &rule["name"]).collect();
    assert_eq!(names, ["mine"], "{}", run.stderr);
    assert_eq!(count(&findings, "mine")["fail"], 1);
    std::fs::write(&file, "regions = [\"us-east-1\"]\n").unwrap();
    let refused = program.run(&["check", "--demo", "--rules", rules]);
    assert_eq!((refused.code, refused.stdout.as_str()), (Some(2), ""));
    assert!(refused.stderr.contains("rules.toml:1:1: a file of rules holds rules and checks"), "{}", refused.stderr);
}

#[test]
fn a_replica_that_a_rule_forbids_is_not_planned() {
    let run =
        Program::new().run(&["plan", "--demo", "replicate", "alias/eu-patient-records", "--to", "ap-northeast-1"]);
    assert!(run.stderr.contains("rule eu-residency forbids ap-northeast-1"), "{}", run.stderr);
    assert_eq!(run.code, Some(5));
}

#[test]
fn a_region_that_cannot_be_read_keeps_no_replica_from_being_planned() {
    // Its member in ap-south-1 cannot be read, and could have the tag that residency goes by.
    let plan = ["plan", "--demo", "replicate", "alias/backup-master", "--to", "us-west-2", "--policy", "rewrite"];
    let run = Program::new().run(&plan);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(run.stdout.contains("rules: dr-tier1 requires us-west-2"), "{}", run.stdout);
    assert!(run.stdout.contains("rule eu-residency forbids us-west-2; whether it is about this key is not known"));
}
