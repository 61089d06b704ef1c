//! `plan cover`: what the rules miss for certain becomes steps, what does not is named with its reason, and the plan can be applied.

use serde_json::{Value, json};

use super::changes::Bench;
use crate::program::Run;

const RULES: &str = "
[[rules]]
name = \"everywhere\"
match = \"alias:alias/c-*\"
required = [\"us-west-2\", \"eu-west-1\"]
[[rules]]
name = \"not-west\"
match = \"alias:alias/c-banned\"
forbidden = [\"us-west-2\"]
";

const FLEET: &str = "
regions = [\"us-east-1\", \"us-west-2\", \"eu-west-1\"]
[[accounts]]
id = \"111122223333\"
[[accounts.credentials]]
access_key = \"test\"
caller_arn = \"arn:aws:iam::111122223333:user/maria\"
";

/// The key's ID, made from its name.
fn id(name: &str) -> String {
    let number = name.bytes().fold(0_u128, |number, byte| number << 8 | u128::from(byte));
    format!("mrk-{number:032x}")
}

fn key(name: &str, replicas: &str, rest: &str) -> String {
    let id = id(name);
    format!(
        "[[keys]]\nname = \"{name}\"\nid = \"{id}\"\nalias = \"alias/c-{name}\"\nprimary = \"us-east-1\"\nreplicas = [{replicas}]\n{rest}\n"
    )
}

fn cover(bench: &Bench, rest: &[&str]) -> Run {
    let config = bench.program.home().join("keyfleet.toml");
    std::fs::write(&config, RULES).unwrap();
    bench.run(&[&["--config", config.to_str().unwrap(), "plan", "cover"], rest].concat())
}

/// (key, where to) of every step.
fn steps(plan: &Value) -> Vec<(String, String)> {
    let steps = plan["steps"].as_array().unwrap().iter();
    let of = |step: &Value| {
        assert_eq!(step["operation"], "ReplicateKey");
        let arn = step["key_arn"].as_str().unwrap();
        let to = step["parameters"]["ReplicaRegion"].as_str().unwrap();
        (arn.rsplit('/').next().unwrap().to_owned(), to.to_owned())
    };
    steps.map(of).collect()
}

fn left<'a>(plan: &'a Value, name: &str) -> Vec<&'a str> {
    let key = id(name);
    let skipped = plan["skipped"].as_array().unwrap().iter();
    skipped.filter(|one| one["key_id"] == key.as_str()).map(|one| one["why"].as_str().unwrap()).collect()
}

#[test]
fn certain_gaps_become_steps_and_the_rest_says_why_not() {
    let whole = key("whole", "\"us-west-2\", \"eu-west-1\"", "");
    let half = key("half", "\"us-west-2\"", "");
    let off = key("off", "\"us-west-2\", \"eu-west-1\"", "[keys.members.eu-west-1]\nstate = \"Disabled\"");
    let banned = key("banned", "\"eu-west-1\"", "");
    let bench = Bench::new(&[FLEET, &whole, &half, &off, &banned].concat());
    let run = cover(&bench, &[]);
    assert_eq!(run.code, Some(3), "{run:?}");
    let plan = run.json();
    assert_eq!(steps(&plan), [(id("half"), "eu-west-1".to_owned())]);
    assert!(left(&plan, "whole").is_empty());
    let off = left(&plan, "off");
    assert!(off.len() == 1 && off[0].contains("Disabled") && off[0].contains("keyfleet plan enable"), "{off:?}");
    let banned = left(&plan, "banned");
    assert!(banned.len() == 1 && banned[0].contains("rule not-west forbids"), "{banned:?}");
    let file = bench.program.home().join("cover.json");
    std::fs::write(&file, &run.stdout).unwrap();
    let applied = bench.apply(&file, &[]);
    assert_eq!((applied.code, &applied.json()["steps"][0]["outcome"]), (Some(0), &json!("done")), "{applied:?}");
    assert!(steps(&cover(&bench, &[]).json()).is_empty(), "the gap is closed");
}

#[test]
fn a_gap_behind_a_dark_region_is_no_step() {
    let dark = "[[faults]]\nregion = \"eu-west-1\"\noperation = \"*\"\nkind = \"error\"\nstatus = 400\ncode = \"AccessDeniedException\"\n";
    let bench = Bench::new(&[FLEET, &key("half", "\"us-west-2\"", ""), dark].concat());
    let run = cover(&bench, &[]);
    assert_eq!(run.code, Some(3), "{run:?}");
    let plan = run.json();
    assert!(steps(&plan).is_empty(), "the primary's word alone makes no gap certain: {plan}");
    assert!(left(&plan, "half")[0].contains("eu-west-1, which could not be read"), "{plan}");
}

#[test]
fn a_dark_region_with_no_gap_in_sight_is_said_all_the_same() {
    let dark = "[[faults]]\nregion = \"us-west-2\"\noperation = \"*\"\nkind = \"error\"\nstatus = 400\ncode = \"AccessDeniedException\"\n";
    let bench = Bench::new(&[FLEET, dark].concat());
    let run = cover(&bench, &[]);
    assert_eq!((run.code, run.json()["steps"].clone()), (Some(3), json!([])), "{run:?}");
    assert!(run.stderr.contains("gaps may be missing: us-west-2: "), "{}", run.stderr);
    let denied = "[[faults]]\nregion = \"us-west-2\"\noperation = \"DescribeKey\"\nkind = \"error\"\nstatus = 400\ncode = \"AccessDeniedException\"\n";
    let bench = Bench::new(&[FLEET, &key("whole", "\"us-west-2\", \"eu-west-1\"", ""), denied].concat());
    let run = cover(&bench, &["--filter", "alias:c-none"]);
    assert_eq!(run.code, Some(3), "{run:?}");
    assert!(run.stderr.contains("a listed member could not be described"), "{}", run.stderr);
}

#[test]
fn what_is_wanting_of_a_key_that_the_filter_leaves_open_is_named() {
    let denied = "[[faults]]\noperation = \"ListResourceTags\"\nkind = \"error\"\nstatus = 400\ncode = \"AccessDeniedException\"\n";
    let off = key("off", "\"us-west-2\", \"eu-west-1\"", "[keys.members.eu-west-1]\nstate = \"Disabled\"");
    let bench = Bench::new(&[FLEET, &off, denied].concat());
    let run = cover(&bench, &["--filter", "tag:env=prod"]);
    assert_eq!(run.code, Some(3), "{run:?}");
    let plan = run.json();
    let off = left(&plan, "off");
    assert!(off.len() == 1 && off[0].contains("Disabled"), "{off:?}");
}

#[test]
fn nothing_to_cover_is_a_plan_of_nothing() {
    let bench = Bench::new(&[FLEET, &key("whole", "\"us-west-2\", \"eu-west-1\"", "")].concat());
    let run = cover(&bench, &[]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{run:?}");
    assert_eq!((run.json()["steps"].clone(), run.json()["skipped"].clone()), (json!([]), json!([])));
}

#[test]
fn only_one_gap_that_cannot_be_closed_is_left_out_too() {
    let off = key("off", "\"us-west-2\"", "[keys.members.us-east-1]\nstate = \"Disabled\"");
    let bench = Bench::new(&[FLEET, &off].concat());
    let run = cover(&bench, &[]);
    assert_eq!(run.code, Some(3), "{run:?}");
    let plan = run.json();
    assert!(steps(&plan).is_empty() && !left(&plan, "off").is_empty(), "{plan}");
}

#[test]
fn the_filter_narrows_what_is_covered() {
    let bench = Bench::new(&[FLEET, &key("one", "\"us-west-2\"", ""), &key("two", "\"us-west-2\"", "")].concat());
    let plan = cover(&bench, &["--filter", "alias:c-two"]).json();
    assert_eq!(steps(&plan), [(id("two"), "eu-west-1".to_owned())]);
}

#[test]
fn a_filter_by_tags_reads_them() {
    let tagged = key("one", "\"us-west-2\"", "tags = { env = \"prod\" }");
    let bench = Bench::new(&[FLEET, &tagged, &key("two", "\"us-west-2\"", "")].concat());
    let run = cover(&bench, &["--filter", "tag:env=prod"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{run:?}");
    assert_eq!(steps(&run.json()), [(id("one"), "eu-west-1".to_owned())]);
    let impact = bench.run(&["impact", "us-east-1", "--output", "json", "--filter", "tag:env=prod"]).json();
    assert_eq!(impact["keys"].as_array().unwrap().len(), 1, "none is undecided: {impact}");
}

#[test]
fn without_rules_there_is_nothing_to_go_by() {
    let bench = Bench::new(FLEET);
    let run = bench.run(&["plan", "cover"]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""));
    assert!(run.stderr.contains("no rule says where keys must be"), "{}", run.stderr);
}
