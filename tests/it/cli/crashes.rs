//! `kill -9` at every step between the confirmation and the outcome: the next run finds what was left open, settles it by reading, and sends nothing twice.

use std::os::unix::process::ExitStatusExt as _;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;

use super::changes::Bench;
use super::throttling::Log;

/// Where a debug build can be made to die.
const PLACES: [&str; 8] =
    ["confirmed", "identified", "recording", "recorded", "sending", "replied", "claiming", "claimed"];

/// Runs in all.
const RUNS: usize = 200;

/// One key for each operation.
const FLEET: &str = r#"
regions = ["us-east-1", "us-west-2", "eu-west-1"]
[transitions]
creating_ms = 100
updating_ms = 100
[[accounts]]
id = "111122223333"
[[keys]]
name = "healthy"
alias = "alias/healthy"
primary = "us-east-1"
replicas = ["eu-west-1"]
[[keys]]
name = "dying"
alias = "alias/dying"
primary = "us-east-1"
replicas = ["eu-west-1"]
[keys.members.eu-west-1]
state = "PendingDeletion"
deletion_in = "3d"
[[keys]]
name = "disabled"
alias = "alias/disabled"
primary = "us-east-1"
replicas = ["eu-west-1"]
[keys.members.eu-west-1]
state = "Disabled"
"#;

const CHANGES: [(&str, &[&str]); 4] = [
    ("ReplicateKey", &["replicate", "alias/healthy", "--to", "us-west-2"]),
    ("UpdatePrimaryRegion", &["promote", "alias/healthy", "--to", "eu-west-1"]),
    ("CancelKeyDeletion", &["cancel-deletion", "alias/dying"]),
    ("EnableKey", &["enable", "alias/disabled"]),
];

/// How often the operation arrived, and how often it was applied.
fn reached(bench: &Bench, operation: &str) -> (usize, usize) {
    let log = Log::of(&bench.server).0;
    let of: Vec<&Value> = log.iter().filter(|line| line["operation"] == operation).collect();
    (of.len(), of.iter().filter(|line| line["applied"] == true).count())
}

fn crash(number: usize) -> String {
    let place = PLACES[number % PLACES.len()];
    let (operation, change) = CHANGES[number / PLACES.len() % CHANGES.len()];
    let context = format!("run {number}: {operation}, killed when {place}");
    let bench = Bench::new(FLEET);
    let plan = bench.plan(change);
    let endpoint = bench.server.endpoint();
    let file = plan.to_str().unwrap();
    let arguments = Bench::arguments(&endpoint, &["apply", file, "--account", "111122223333", "--yes"]);
    let mut command = bench.program.command(&arguments);
    command.env("KEYFLEET_DEBUG_CRASH", place);
    let status = command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null()).status().unwrap();
    assert_eq!(status.signal(), Some(9), "{context}: {status:?}");
    assert!(reached(&bench, operation).0 <= 1, "{context}");

    let again = bench.apply(&plan, &["--wait", "1s"]);
    let (sent, applied) = reached(&bench, operation);
    let report = again.json();
    let outcome = report["steps"][0]["outcome"].as_str().unwrap();
    assert!(sent <= 1, "{context}: sent {sent} times\n{again:?}");
    let is_true = match outcome {
        "done" => applied == 1,
        "unknown" => true,
        "failed" | "not_sent" => applied == 0,
        other => panic!("{context}: {other}"),
    };
    assert!(is_true, "{context}: claims {outcome}, and it was applied {applied} times");
    let code = match outcome {
        "done" => 0,
        "unknown" => 9,
        _ => 4,
    };
    assert_eq!(again.code, Some(code), "{context}: {again:?}");
    let verified = bench.program.run(&["journal", "verify"]);
    assert_eq!(verified.code, Some(0), "{context}: {verified:?}");
    format!("{place} {outcome}")
}

#[test]
fn nothing_is_lost_and_nothing_is_sent_twice_whenever_it_is_killed() {
    let next = AtomicUsize::new(0);
    let seen = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::SeqCst);
                    if number >= RUNS {
                        return;
                    }
                    let ended = crash(number);
                    seen.lock().unwrap().push(ended);
                }
            });
        }
    });
    let seen = seen.into_inner().unwrap();
    assert_eq!(seen.len(), RUNS);
    let ended = |wanted: &str| seen.iter().filter(|ended| *ended == wanted).count();
    assert_eq!(ended("confirmed done"), RUNS / PLACES.len(), "what was not recorded is sent by the next run");
    assert_eq!(ended("replied done"), RUNS / PLACES.len(), "what was applied is found by reading");
    assert_eq!(
        ended("recorded unknown"),
        RUNS / PLACES.len(),
        "what was recorded and never left may have been made, for all anybody knows"
    );
}
