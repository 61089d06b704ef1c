//! `snapshot`, `--snapshot` and `diff` as processes: what was read comes back, what was changed is told, and what is no snapshot is refused.

use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::changes::Bench;
use crate::emulator::{ask, http};
use crate::program::{Program, Run, run};

const FLEET: &str = r#"
regions = ["us-east-1", "us-west-2", "eu-west-1"]
[transitions]
creating_ms = 0
[[accounts]]
id = "111122223333"
[[keys]]
id = "mrk-00000000000000000000000000000001"
name = "payments"
alias = "alias/payments"
primary = "us-east-1"
replicas = ["eu-west-1"]
tags = { env = "prod" }
[[keys]]
id = "mrk-00000000000000000000000000000002"
name = "cards"
alias = "alias/cards"
primary = "us-east-1"
"#;
const PAYMENTS: &str = "mrk-00000000000000000000000000000001";
const CARDS: &str = "mrk-00000000000000000000000000000002";

fn text(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

fn take(bench: &Bench, name: &str) -> PathBuf {
    let (run, file) = try_to_take(bench, name);
    assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (Some(0), "", ""));
    file
}

fn try_to_take(bench: &Bench, name: &str) -> (Run, PathBuf) {
    let file = bench.program.home().join(name);
    let endpoint = bench.server.endpoint();
    let mut command = bench.program.command(&Bench::arguments(&endpoint, &["snapshot", &text(&file)]));
    command.env("KEYFLEET_QUOTA_SHARE", "1.0");
    (run(command), file)
}

fn diff(program: &Program, from: &Path, to: &Path) -> (Option<i32>, Value) {
    let run = program.run(&["diff", &text(from), &text(to), "--output", "json"]);
    assert_eq!(run.stderr, "");
    (run.code, run.json())
}

/// What is told, as `kind region field from to`.
fn told(document: &Value) -> Vec<String> {
    let word = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let differences = document["differences"].as_array().unwrap();
    let line = |one: &Value| ["kind", "region", "field", "from", "to"].map(|name| word(&one[name])).join(" ");
    differences.iter().map(line).collect()
}

#[test]
fn the_demo_comes_back_from_its_file_in_every_format() {
    let program = Program::new();
    let taken = program.run(&["snapshot", "fleet.json", "--demo"]);
    assert_eq!((taken.code, taken.stdout.as_str()), (Some(3), ""));
    for word in ["is written, and is not complete", "ap-south-1: access denied", "could not be described"] {
        assert!(taken.stderr.contains(word), "{}", taken.stderr);
    }
    let file = program.home().join("fleet.json");
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let live = program.run(&["list", "--demo", "--output", "json"]).json();
    let kept = program.run(&["list", "--snapshot", "fleet.json", "--output", "json"]);
    assert_eq!(kept.code, Some(3));
    assert!(kept.stderr.starts_with("keyfleet: note: nobody was asked; fleet.json is of 20"), "{}", kept.stderr);
    assert_eq!(timeless(kept.json()), timeless(live));
    for output in ["csv", "markdown", "ndjson", "table"] {
        let again = program.run(&["list", "--snapshot", "fleet.json", "--output", output]);
        assert_eq!(again.code, Some(3));
        let once_more = program.run(&["list", "--snapshot", "fleet.json", "--output", output]);
        assert_eq!(again.stdout, once_more.stdout, "a file is the same at any time");
    }
}

#[test]
fn checks_and_the_loss_of_a_region_are_told_of_a_file_as_of_aws() {
    let program = Program::new();
    assert_eq!(program.run(&["snapshot", "fleet.json", "--demo"]).code, Some(3));
    let both = |arguments: &[&str]| {
        let live = program.run(&[arguments, &["--demo", "--output", "json"]].concat());
        let kept = program.run(&[arguments, &["--snapshot", "fleet.json", "--output", "json"]].concat());
        assert_eq!(kept.code, live.code, "{arguments:?}: {}", kept.stderr);
        (timeless(kept.json()), timeless(live.json()))
    };
    for lost in ["us-east-1", "eu-west-1", "ap-south-1"] {
        let (kept, live) = both(&["impact", lost]);
        assert_eq!(kept["keys"], live["keys"], "{lost}");
        assert_eq!(kept["single_region_keys"], live["single_region_keys"]);
    }
    let rules =
        "[[rules]]\nname = \"two\"\nmatch = \"*\"\nrequired = [\"us-east-1\", \"ap-south-1\"]\nseverity = \"high\"\n";
    std::fs::write(program.home().join("rules.toml"), rules).unwrap();
    let (kept, live) = both(&["check", "--all", "--rules", "rules.toml"]);
    let found = |document: &Value| -> Vec<String> {
        let findings = document["findings"].as_array().unwrap();
        findings
            .iter()
            .map(|finding| format!("{} {} {}", finding["id"], finding["check"], finding["verdict"]))
            .collect()
    };
    assert_eq!(found(&kept), found(&live));
    assert_eq!(kept["verdict"], live["verdict"]);
}

/// Two readings are at different times, by different requests, and the demo's dates are counted from its start.
fn timeless(mut value: Value) -> Value {
    fn strip(value: &mut Value) {
        match value {
            Value::Object(fields) => {
                // `detail` names dates in words.
                let names =
                    ["at", "taken_at", "finished_at", "read_at", "request_id", "created_at", "deletion_date", "detail"];
                for name in names {
                    fields.remove(name);
                }
                fields.values_mut().for_each(strip);
            }
            Value::Array(items) => items.iter_mut().for_each(strip),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    strip(&mut value);
    value
}

#[test]
fn a_snapshot_has_what_a_list_has_not() {
    let bench = Bench::new(FLEET);
    let file = take(&bench, "fleet.json");
    let fleet: Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    let (primary, replica) = (&fleet["keys"][0]["related"][1], &fleet["keys"][0]["related"][0]);
    assert_eq!((&primary["role"], &replica["role"]), (&json!("PRIMARY"), &json!("REPLICA")));
    assert_eq!(primary["tags"], json!([{"key": "env", "value": "prod"}]));
    assert_eq!(primary["rotation"]["status"], "off");
    assert_eq!(replica["rotation"], Value::Null, "rotation is asked of the primary");
    assert!(replica["policy"].as_str().is_some_and(|policy| policy.contains("Statement")));
    for name in ["request_id", "policy_request_id", "tags_request_id"] {
        assert!(replica[name].is_string(), "{name}: {replica}");
    }
    assert_eq!(fleet["scope"], json!([{"auto": false, "regions": ["eu-west-1", "us-east-1", "us-west-2"]}]));
}

#[test]
fn filters_choose_from_a_file_as_they_do_from_aws() {
    let bench = Bench::new(FLEET);
    let file = text(&take(&bench, "fleet.json"));
    let run = bench.program.run(&["list", "--snapshot", &file, "--filter", "alias:alias/pay*", "--output", "json"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let keys = run.json()["keys"].clone();
    assert_eq!((keys.as_array().unwrap().len(), &keys[0]["key_id"]), (1, &json!(PAYMENTS)));
}

#[test]
fn what_was_changed_between_two_snapshots_is_told_and_nothing_else() {
    let bench = Bench::new(FLEET);
    let before = take(&bench, "a.json");
    assert_eq!(diff(&bench.program, &before, &before), (Some(0), diff(&bench.program, &before, &before).1));
    ask(&bench.server, "eu-west-1", "DisableKey", &json!({"KeyId": PAYMENTS}));
    ask(&bench.server, "us-east-1", "EnableKeyRotation", &json!({"KeyId": PAYMENTS}));
    let description = json!({"KeyId": CARDS, "Description": "card \u{202e}data"});
    ask(&bench.server, "us-east-1", "UpdateKeyDescription", &description);
    ask(&bench.server, "us-east-1", "ReplicateKey", &json!({"KeyId": CARDS, "ReplicaRegion": "us-west-2"}));
    ask(&bench.server, "us-east-1", "CreateAlias", &json!({"AliasName": "alias/new", "TargetKeyId": CARDS}));
    ask(&bench.server, "us-east-1", "CreateKey", &json!({"MultiRegion": true}));
    let after = take(&bench, "b.json");
    let (code, document) = diff(&bench.program, &before, &after);
    assert_eq!((code, &document["verdict"]), (Some(1), &json!("different")));
    let mut lines = told(&document);
    let mut expected = vec![
        "changed eu-west-1 state Enabled Disabled".to_owned(),
        "changed - rotation off on, every 365 days".to_owned(),
        "changed us-east-1 description - card \u{202e}data".replace(" - ", " cards "),
        "member_added us-west-2 state - Enabled".to_owned(),
        "changed us-east-1 aliases alias/cards alias/cards alias/new".to_owned(),
        "key_added - key - -".to_owned(),
        "member_added us-east-1 state - Enabled".to_owned(),
    ];
    // The fleet file gives no description.
    expected[2] = "changed us-east-1 description  card \u{202e}data".to_owned();
    lines.sort();
    expected.sort();
    assert_eq!(lines, expected);
    let table = bench.program.run(&["diff", &text(&before), &text(&after)]);
    assert_eq!(table.code, Some(1));
    for line in ["~ eu-west-1: state: Enabled → Disabled", "+ the key is new", "none → card \\u{202e}data"] {
        assert!(table.stdout.contains(line), "no {line:?} in {}", table.stdout);
    }
    let (code, back) = diff(&bench.program, &after, &before);
    assert_eq!(code, Some(1));
    assert!(told(&back).contains(&"key_gone - key - -".to_owned()), "{back}");
}

#[test]
fn what_cannot_be_read_any_more_is_neither_gone_nor_the_same() {
    let bench = Bench::new(FLEET);
    let before = take(&bench, "a.json");
    let fault = json!({"operation": "*", "region": "eu-west-1", "kind": "error", "code": "AccessDeniedException", "status": 400});
    let answer = http::Client::connect(&bench.server).request("POST", "/_keyfleet/faults", &[], &fault.to_string());
    assert_eq!(answer.status, 200, "{}", answer.body);
    let (run, after) = try_to_take(&bench, "b.json");
    assert_eq!(run.code, Some(3), "{}", run.stderr);
    let (code, document) = diff(&bench.program, &before, &after);
    assert_eq!((code, &document["verdict"]), (Some(3), &json!("unknown")));
    let expected = [
        "not_known_any_more eu-west-1 status loaded denied",
        "not_known_any_more eu-west-1 presence REPLICA Enabled unknown",
    ];
    assert_eq!(told(&document), expected);
    let (code, document) = diff(&bench.program, &after, &before);
    assert_eq!(code, Some(3));
    assert!(told(&document).iter().all(|line| line.starts_with("newly_known ")), "{document}");
    let (code, document) = diff(&bench.program, &after, &after);
    assert_eq!((code, told(&document).len()), (Some(3), 0), "what neither could read may have changed");
}

fn refused(program: &Program, arguments: &[&str], words: &[&str]) {
    let run = program.run(arguments);
    assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{arguments:?}: {}", run.stderr);
    for word in words {
        assert!(run.stderr.contains(word), "no {word:?} in {}", run.stderr);
    }
    assert!(run.stderr.lines().count() <= 3 && !run.stderr.contains('\u{1b}'), "{}", run.stderr);
}

#[test]
fn what_is_no_snapshot_is_refused() {
    let program = Program::new();
    let home = program.home();
    let name = "hostile \u{1b}[2J.json";
    std::fs::write(home.join(name), "{\"schema\": \"\\u001b[2Jkeyfleet.fleet/1\"}").unwrap();
    std::fs::write(home.join("newer.json"), "{\"schema\": \"keyfleet.fleet/2\"}").unwrap();
    std::fs::write(home.join("cut.json"), "{\"schema\": \"keyfleet.fleet/1\", \"ke").unwrap();
    let fifo = std::process::Command::new("mkfifo").arg(home.join("fifo")).status().unwrap();
    assert!(fifo.success());
    let large = std::fs::File::create(home.join("large.json")).unwrap();
    large.set_len((256 << 20) + 1).unwrap();
    let cases = [
        ("nowhere.json", "there is no such file"),
        (".", "it is a directory"),
        ("fifo", "not a regular file"),
        ("large.json", "larger than 256 MiB"),
        ("cut.json", "it is not JSON: EOF while parsing"),
        ("newer.json", "keyfleet.fleet/2, of a newer keyfleet"),
        (name, "\\u{1b}[2J"),
    ];
    for (file, words) in cases {
        refused(&program, &["list", "--snapshot", file], &[words]);
        refused(&program, &["diff", file, file], &[words]);
    }
}

#[test]
fn flags_that_ask_aws_make_no_sense_with_a_file() {
    let program = Program::new();
    let file = "fleet.json";
    refused(&program, &["--snapshot", file], &["--snapshot", "dashboard"]);
    refused(&program, &["list", "--watch", "--snapshot", file], &["--watch"]);
    refused(&program, &["snapshot", "new.json", "--snapshot", file], &["--snapshot"]);
    refused(&program, &["plan", "enable", PAYMENTS, "--snapshot", file], &["--snapshot", "plan"]);
    refused(&program, &["apply", "plan.json", "--account", "111122223333", "--snapshot", file], &["--snapshot"]);
    refused(&program, &["list", "--demo", "--snapshot", file], &["--demo"]);
    refused(&program, &["list", "--region", "us-east-1", "--snapshot", file], &["--region"]);
    refused(&program, &["list", "--profile", "prod", "--snapshot", file], &["--profile"]);
    refused(&program, &["snapshot", "new.json", "--demo", "--filter", "payments"], &["--filter"]);
    refused(&program, &["diff", "a", "b", "--filter", "payments"], &["--filter"]);
}

#[test]
fn only_a_plain_file_is_replaced() {
    let program = Program::new();
    let home = program.home();
    std::fs::write(home.join("mine.json"), "mine").unwrap();
    symlink("mine.json", home.join("link.json")).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(home.join("fifo")).status().unwrap().success());
    for (name, why) in
        [("link.json", "symbolic link"), (".", "directory"), ("fifo", "not a regular file"), ("no/where", "no")]
    {
        refused(&program, &["snapshot", name, "--demo", "--region", "us-west-2"], &[why]);
    }
    assert_eq!(std::fs::read_to_string(home.join("mine.json")).unwrap(), "mine");
    let run = program.run(&["snapshot", "mine.json", "--demo", "--region", "us-west-2,eu-central-1,ap-northeast-1"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let onto_stdout = program.run(&["snapshot", "-", "--demo", "--region", "us-west-2,eu-central-1,ap-northeast-1"]);
    assert_eq!((onto_stdout.code, &onto_stdout.json()["schema"]), (Some(0), &json!("keyfleet.fleet/1")));
    assert!(std::fs::read_to_string(home.join("mine.json")).unwrap().contains("keyfleet.fleet/1"));
    assert_eq!(std::fs::read_dir(home).unwrap().count(), 3, "nothing is left behind");
}
