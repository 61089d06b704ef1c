//! `keyfleet check`: the verdict as an exit code, evidence in both modes, and every format.

use std::net::{Ipv4Addr, SocketAddr};

use keyfleet::emulator::{Clock, Fleet, Running, start};
use serde_json::Value;

use super::SOUND;
use crate::program::{Program, Run};

const REGIONS: &str = "us-east-1,eu-west-1,ap-south-1";

/// One key in two of three Regions with which nothing is wrong.
const HEALTHY: &str = r#"
regions = ["us-east-1", "eu-west-1", "ap-south-1"]
[[accounts]]
id = "111122223333"
[[keys]]
name = "healthy"
alias = "alias/healthy"
rotation = true
primary = "us-east-1"
replicas = ["eu-west-1"]
"#;

/// A member that does not encrypt: certain, whatever else is dark.
const DISABLED: &str = r#"
[[keys]]
name = "disabled"
alias = "alias/disabled"
rotation = true
primary = "us-east-1"
replicas = ["eu-west-1"]
[keys.members.eu-west-1]
state = "Disabled"
"#;

const DARK: &str = r#"
[[faults]]
region = "ap-south-1"
kind = "error"
code = "AccessDeniedException"
status = 400
"#;

/// What a terminal would obey, what XML forbids, what ends a CDATA section, what turns the reading direction, what a spreadsheet computes.
const HOSTILE: &str = r#"
[[keys]]
name = "hostile"
description = "=1+1]]>\u0000\u001B[2J\u202E<b a=\"x\">&amp;|`\r\n\u009B31m"
rotation = true
primary = "us-east-1"
replicas = ["eu-west-1"]
[keys.members.eu-west-1]
state = "Disabled"
"#;

fn serve(parts: &[&str]) -> Running {
    let text = parts.concat();
    let fleet = Fleet::parse(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    start(fleet, SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), Clock::new(1_795_284_000_000, || 0)).unwrap()
}

fn check(server: &Running, more: &[&str]) -> Run {
    let endpoint = server.endpoint();
    let fixed = ["check", "--endpoint-url", &endpoint, "--region", REGIONS];
    Program::new().run(&[&fixed, more].concat())
}

fn found(server: &Running, code: i32, more: &[&str]) -> Value {
    let run = check(server, &[&["--output", "json"], more].concat());
    assert_eq!(run.code, Some(code), "{more:?}: {}{}", run.stdout, run.stderr);
    run.json()
}

/// The IDs of the findings that have this verdict.
fn with_verdict(report: &Value, verdict: &str) -> Vec<String> {
    let findings = report["findings"].as_array().unwrap().iter();
    let ids = findings.filter(|finding| finding["verdict"] == verdict).map(|finding| finding["id"].as_str().unwrap());
    ids.map(str::to_owned).collect()
}

#[test]
fn what_holds_exits_0_and_shows_its_passes_when_asked() {
    let server = serve(&[HEALTHY]);
    let report = found(&server, 0, &[]);
    assert_eq!((&report["verdict"], &report["complete"]), (&"pass".into(), &true.into()));
    assert_eq!(with_verdict(&report, "pass"), Vec::<String>::new());
    let all = found(&server, 0, &["--all"]);
    assert!(!with_verdict(&all, "pass").is_empty());
    for finding in all["findings"].as_array().unwrap().iter().filter(|finding| finding["verdict"] == "pass") {
        let evidence = finding["evidence"].as_array().unwrap();
        assert!(!evidence.is_empty(), "a pass rests on something: {finding}");
        assert!(evidence.iter().all(|answer| !answer["request_id"].is_null() && !answer["at"].is_null()), "{finding}");
    }
}

#[test]
fn what_certainly_does_not_hold_exits_1_however_dark_it_is_elsewhere() {
    let of_the_disabled = |report: &Value| -> Vec<Value> {
        let findings = report["findings"].as_array().unwrap().iter();
        let certain = findings.filter(|finding| finding["check"] == "not_usable" && finding["verdict"] == "fail");
        certain.map(|finding| finding["id"].clone()).collect()
    };
    let light = found(&serve(&[HEALTHY, DISABLED]), 1, &[]);
    let dark = serve(&[HEALTHY, DISABLED, DARK]);
    assert_eq!(of_the_disabled(&light).len(), 1);
    for mode in ["declared", "listed"] {
        let report = found(&dark, 1, &["--evidence", mode]);
        assert_eq!((&report["evidence"], &report["complete"]), (&mode.into(), &false.into()));
        assert_eq!(of_the_disabled(&report), of_the_disabled(&light), "the same finding by the same name");
    }
}

#[test]
fn a_dark_region_exits_3_and_a_declaration_is_refused_where_it_is_not_wanted() {
    let server = serve(&[HEALTHY, DARK]);
    let declared = found(&server, 3, &["--all"]);
    assert_eq!(declared["verdict"], "unknown");
    let not_usable = |report: &Value| {
        let findings = report["findings"].as_array().unwrap();
        findings.iter().find(|finding| finding["check"] == "not_usable").unwrap().clone()
    };
    let pass = not_usable(&declared);
    assert_eq!(pass["verdict"], "pass");
    let bases: Vec<&Value> = pass["evidence"].as_array().unwrap().iter().map(|answer| &answer["basis"]).collect();
    assert!(bases.contains(&&Value::from("declared")), "{pass}");
    assert!(pass["detail"].as_str().unwrap().contains("(declared)"), "{pass}");
    let listed = not_usable(&found(&server, 3, &["--all", "--evidence", "listed"]));
    assert_eq!((&listed["verdict"], &listed["id"]), (&"unknown".into(), &pass["id"]));
    let dark = declared["regions"].as_array().unwrap().iter().find(|region| region["region"] == "ap-south-1").unwrap();
    assert_eq!(dark["reason"]["kind"], "denied");
}

#[test]
fn what_is_below_the_least_severity_is_told_and_decides_nothing() {
    let server = serve(&[HEALTHY, DISABLED]);
    for (least, code) in [("low", 1), ("medium", 1), ("high", 0)] {
        let report = found(&server, code, &["--fail-on", least]);
        assert!(!with_verdict(&report, "fail").is_empty(), "{least}");
        assert_eq!(report["fail_on"], least);
    }
}

#[test]
fn bad_flags_exit_2() {
    for arguments in [["--fail-on", "urgent"], ["--evidence", "hearsay"], ["--output", "yaml"], ["--filter", "state:"]]
    {
        let run = Program::new().run(&[&["check", "--demo"], arguments.as_slice()].concat());
        assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{arguments:?}: {}", run.stderr);
    }
}

#[test]
fn credentials_that_expire_while_reading_exit_3() {
    let expired =
        "[[faults]]\noperation = \"ListKeys\"\nkind = \"error\"\ncode = \"ExpiredTokenException\"\nstatus = 400\n";
    let report = found(&serve(&[HEALTHY, expired]), 3, &[]);
    assert_eq!((&report["verdict"], &report["summary"]["keys"]), (&"unknown".into(), &0.into()));
    assert!(report["regions"].as_array().unwrap().iter().all(|region| region["status"] == "expired"));
}

#[test]
fn a_filter_chooses_the_keys() {
    let server = serve(&[HEALTHY, DISABLED]);
    let report = found(&server, 0, &["--filter", "alias:alias/healthy"]);
    assert_eq!((&report["summary"]["keys"], &report["filter"]), (&1.into(), &"alias:alias/healthy".into()));
    let report = found(&server, 1, &["--filter", "state:disabled"]);
    assert_eq!(report["summary"]["keys"], 1);
}

#[test]
fn a_filter_that_takes_no_key_is_no_pass() {
    for arguments in [["check", "--filter"], ["impact", "--filter"]] {
        let typo = [arguments.as_slice(), &["alias:alias/helathy"]].concat();
        let at = |server: &Running| {
            let endpoint = server.endpoint();
            let mut all = vec!["--endpoint-url", &endpoint, "--region", REGIONS];
            all.splice(0..0, typo.iter().copied());
            if arguments[0] == "impact" {
                all.push("eu-west-1");
            }
            Program::new().run(&all)
        };
        let run = at(&serve(&[HEALTHY]));
        assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{arguments:?}: {}", run.stderr);
        assert!(run.stderr.contains("the filter takes no key: nothing was"), "{}", run.stderr);
        let run = at(&serve(&[HEALTHY, DARK]));
        assert_eq!(run.code, Some(3), "{arguments:?}: {}", run.stderr);
        assert!(run.stderr.contains("the filter takes no key that was read"), "{}", run.stderr);
    }
}

#[test]
fn two_runs_find_the_same_by_the_same_names_and_say_by_what_they_checked() {
    let program = Program::new();
    // The demo without its slow Region.
    let arguments = ["check", "--demo", "--region", "us-east-1,eu-west-1,ap-south-1", "--all", "--output", "json"];
    let run = || program.run(&arguments);
    let (one, other) = (run(), run());
    assert_eq!(one.code, other.code);
    let (one, other) = (one.json(), other.json());
    let ids = |report: &Value| -> Vec<Value> {
        report["findings"].as_array().unwrap().iter().map(|finding| finding["id"].clone()).collect()
    };
    assert_eq!(ids(&one), ids(&other));
    assert_eq!(one["config_digest"], other["config_digest"]);
    let command: Vec<&str> = std::iter::once("keyfleet").chain(arguments).collect();
    assert_eq!(one["command"], serde_json::json!(command));
    let narrow = program.run(&["check", "--demo", "--region", SOUND, "--output", "json"]).json();
    assert_ne!(one["config_digest"], narrow["config_digest"], "other Regions are another question");
    let requests = &one["requests"];
    let by_operation = requests["by_operation"].as_object().unwrap().values();
    assert_eq!(by_operation.map(|count| count.as_u64().unwrap()).sum::<u64>(), requests["total"].as_u64().unwrap());
    assert!(requests["usd"].as_f64().unwrap() > 0.0);
}

#[test]
fn every_format_can_be_read_and_nothing_hostile_reaches_the_terminal() {
    let server = serve(&[HEALTHY, HOSTILE, DARK]);
    for output in ["table", "json", "csv", "markdown", "junit", "sarif"] {
        let run = check(&server, &["--all", "--output", output, "--filter", "\"\u{1b}]]>\"|*"]);
        assert_eq!(run.code, Some(1), "{output}: {}", run.stderr);
        let acts = |character: char| character != '\n' && (character.is_control() || character == '\u{202e}');
        assert!(!run.stdout.chars().any(acts), "{output}: {}", run.stdout);
        match output {
            "json" => assert_eq!(run.json()["schema"], "keyfleet.findings/1"),
            "sarif" => assert_eq!(run.json()["version"], "2.1.0"),
            "csv" => {
                let mut reader = csv::Reader::from_reader(run.stdout.as_bytes());
                let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
                assert!(!rows.is_empty());
                assert!(rows.iter().flatten().all(|cell| !cell.starts_with(['=', '+', '-', '@'])), "{rows:?}");
            }
            "junit" => {
                assert!(run.stdout.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites "));
                assert!(!run.stdout.contains("]]>") && run.stdout.contains("]]&gt;"), "{}", run.stdout);
            }
            "markdown" => assert!(run.stdout.starts_with("**FAIL: ") && !run.stdout.contains("<b a"), "{}", run.stdout),
            other => assert!(run.stdout.starts_with("FAIL: "), "{other}: {}", run.stdout),
        }
    }
}
