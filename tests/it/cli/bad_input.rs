//! Bad input: exit 2, one error of at most three lines, nothing on stdout.

use crate::program::{Program, run};

fn refused(arguments: &[&str], code: i32, words: &[&str]) {
    let run = Program::new().run(arguments);
    check(&run, code, words);
}

fn check(run: &crate::program::Run, code: i32, words: &[&str]) {
    assert_eq!((run.code, run.stdout.as_str()), (Some(code), ""), "{}", run.stderr);
    for word in words {
        assert!(run.stderr.contains(word), "no {word:?} in {}", run.stderr);
    }
    assert!(!run.stderr.contains("panicked") && !run.stderr.contains("Error {"), "{}", run.stderr);
}

/// A configuration file with one thing wrong: where, and what to do about it.
fn config(text: &str, place: &str, words: &[&str]) {
    let program = Program::new();
    let file = program.home().join("keyfleet.toml");
    std::fs::write(&file, text).unwrap();
    let run = program.run(&["list", "--config", file.to_str().unwrap()]);
    check(&run, 2, words);
    assert!(run.stderr.contains(&format!("keyfleet.toml:{place}")), "no {place} in {}", run.stderr);
    assert!(run.stderr.lines().count() <= 3, "{}", run.stderr);
}

#[test]
fn a_bad_configuration_says_where_and_what_to_do() {
    config("regoins = [\"us-east-1\"]", "1:1", &["regions"]);
    config("\nrefresh = 60", "2:11", &["refresh"]);
    config("refresh = \"1s\"", "1:11", &["5s", "24h"]);
    config("regions = [\"us-east-1\", \"cn-north-1\"]", "1:", &["partition"]);
    config("regions = [\"us-east-1\", \"us-east-1\"]", "1:", &["us-east-1"]);
    config("regions = [\"us-esat1\"]", "1:", &["us-east-1"]);
    config("protected_accounts = [111122223333]", "1:", &["protected_accounts"]);
    config("protected_accounts = [\"11112222333\"]", "1:", &["12"]);
    config("[keys]\nreplicate = [\"K\"]", "2:", &["replicate"]);
    config("[[rules]]\nname = \"x\"", "1:", &["rules"]);
    config("regions = [", "1:", &[]);
}

#[test]
fn a_missing_file_is_named() {
    refused(&["list", "--config", "nowhere.toml"], 2, &["nowhere.toml"]);
}

#[test]
fn bad_flags_are_refused() {
    refused(&["list", "--profile", "a", "--profile", "b"], 2, &["--profile"]);
    refused(&["list", "--write", "--read-only"], 2, &["--read-only"]);
    refused(&["--write", "list", "--read-only"], 2, &["--read-only"]);
    refused(&["list", "--demo", "--endpoint-url", "http://127.0.0.1:1"], 2, &["--demo"]);
    refused(&["list", "--endpoint-url", "http://kms.example.com"], 2, &["http"]);
    refused(&["list", "--output", "yaml"], 2, &["yaml"]);
    refused(&["list", "--demo", "--filter", "state:"], 2, &["--filter"]);
    refused(&["list", "--demo", "--filter", "drift:policy"], 2, &["drift"]);
    refused(&["emulate", "--fleet", "nowhere.toml"], 2, &["nowhere.toml"]);
    refused(&["emulate", "--size", "keys=many"], 2, &["--size", "keys=many"]);
    refused(&["emulate", "--size", "\u{1b}[2J"], 2, &["--size"]);
    refused(&["emulate", "--latency", "soon"], 2, &["--latency", "60ms"]);
    refused(&["emulate", "--seed", "x"], 2, &["--seed"]);
    refused(&["emulate", "--state", "."], 2, &["."]);
}

#[test]
fn read_only_cannot_be_lifted() {
    let program = Program::new();
    let file = program.home().join("keyfleet.toml");
    std::fs::write(&file, "read_only = true").unwrap();
    let run = program.run(&["list", "--write", "--config", file.to_str().unwrap()]);
    check(&run, 5, &["read_only"]);
}

#[test]
fn the_dashboard_needs_a_terminal() {
    refused(&["--demo"], 2, &["terminal", "keyfleet list"]);
}

#[test]
fn an_unknown_variable_is_an_error() {
    let program = Program::new();
    let mut command = program.command(&["list"]);
    command.env("KEYFLEET_REGOINS", "us-east-1");
    check(&run(command), 2, &["KEYFLEET_REGOINS", "KEYFLEET_REGIONS"]);
}

#[test]
fn without_credentials_there_is_nothing_to_read_with() {
    let program = Program::new();
    let run = run(program.bare(&["list", "--region", "us-east-1"]));
    check(&run, 2, &["credentials", "aws"]);
}
