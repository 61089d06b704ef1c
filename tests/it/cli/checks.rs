//! Every check through all that is real: the embedded KMS, the SDK, the engine, the checks, the report.

use std::collections::BTreeSet;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use keyfleet::emulator::{Clock, Fleet, start};
use serde_json::Value;

use crate::program::{Program, Run};

const REGIONS: &str = "us-east-1,eu-west-1,ap-south-1";

/// Checks the fleet of a fixture.
fn check(fixture: &str, evidence: &str) -> Run {
    let file = folder().join(fixture);
    let text = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let fleet = Fleet::parse(&text).unwrap_or_else(|error| panic!("{fixture}: {error}"));
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    // The dates of a fleet are counted from its start, and keyfleet reads the machine's clock.
    let server = start(fleet, address, Clock::new(now(), || 0)).unwrap();
    let arguments = ["check", "--all", "--output", "json", "--evidence", evidence, "--fail-on", "low"];
    let scope = ["--endpoint-url", &server.endpoint(), "--region", REGIONS];
    let run = Program::new().run(&[arguments.as_slice(), &scope].concat());
    let code = match run.json()["verdict"].as_str() {
        Some("pass") => 0,
        Some("fail") => 1,
        _ => 3,
    };
    assert_eq!(run.code, Some(code), "{fixture}: {run:?}");
    run
}

fn now() -> u64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    u64::try_from(now.as_millis()).unwrap()
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/it/fixtures/checks")
}

/// The verdicts that one check gives.
fn verdicts(report: &Value, check: &str) -> BTreeSet<String> {
    let findings = report["findings"].as_array().unwrap().iter().filter(|finding| finding["check"] == check);
    findings.map(|finding| finding["verdict"].as_str().unwrap().to_owned()).collect()
}

/// The checks that a fixture is there for.
fn with_fixtures() -> BTreeSet<String> {
    let names = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter_map(|name| name.strip_suffix(".fires.toml").map(str::to_owned)).collect()
}

#[test]
fn every_check_fires_on_one_fleet_and_is_quiet_on_another() {
    for id in with_fixtures() {
        let fires = check(&format!("{id}.fires.toml"), "declared");
        // One reading cannot tell a promotion from a contradiction, and what cannot be read is never a failure.
        let is_never_certain = ["no_single_primary", "primary_unreadable", "odd_answer"].contains(&id.as_str());
        let verdict = if is_never_certain { "unknown" } else { "fail" };
        let report = fires.json();
        assert!(verdicts(&report, &id).contains(verdict), "{id} does not fire: {:#}", report["findings"]);
        every_failure_is_whole(&report);
        for evidence in ["declared", "listed"] {
            let quiet = check(&format!("{id}.quiet.toml"), evidence).json();
            let said = verdicts(&quiet, &id);
            let is_quiet = said.is_subset(&["pass".to_owned()].into());
            assert!(is_quiet, "{id} is not quiet ({evidence}): {:#}", quiet["findings"]);
        }
    }
}

fn every_failure_is_whole(report: &Value) {
    let findings = report["findings"].as_array().unwrap();
    assert!(!findings.is_empty());
    for finding in findings.iter().filter(|finding| finding["verdict"] == "fail") {
        assert_eq!(finding["id"].as_str().unwrap().len(), 16, "{finding}");
        assert!(!finding["remedy"]["text"].as_str().unwrap().is_empty(), "{finding}");
        let evidence = finding["evidence"].as_array().unwrap();
        assert!(!evidence.is_empty(), "{finding}");
        for answer in evidence {
            for field in ["region", "operation", "at", "request_id", "basis"] {
                assert!(answer[field].is_string(), "{field}: {finding}");
            }
        }
    }
}

#[test]
fn every_check_has_its_fixtures() {
    let report = check("no_replica.quiet.toml", "declared").json();
    let ids = report["checks"].as_array().unwrap().iter().map(|check| check["id"].as_str().unwrap().to_owned());
    // Coverage goes by rules.
    let ids: BTreeSet<String> = ids.filter(|id| id != "coverage").collect();
    assert_eq!(with_fixtures(), ids);
}
