//! `keyfleet emulate` as a program: its flags, what it prints, and what it keeps.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;

use super::http::kms_headers;
use super::*;
use crate::program::Program;

/// A program that runs, with the lines that it has printed.
struct Emulate {
    process: Child,
    printed: Vec<String>,
}

impl Emulate {
    fn start(program: &Program, arguments: &[&str]) -> Self {
        let mut command = program.bare(&["emulate", "--listen", "127.0.0.1:0"]);
        let mut process = command.args(arguments).stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(process.stdout.as_mut().unwrap()).lines();
        let printed = lines.take(3).map(Result::unwrap).collect();
        Self { process, printed }
    }

    fn ask(&self, region: &str, operation: &str, body: &Value) -> Value {
        let address = self.printed[0].strip_prefix("http://").unwrap().parse().unwrap();
        let mut client = Client::connect_to(address);
        let answer = client.request("POST", "/", &kms_headers(region, operation), &body.to_string());
        assert_eq!(answer.status, 200, "{}", answer.body);
        serde_json::from_str(&answer.body).unwrap_or_default()
    }

    fn keys(&self, region: &str) -> Value {
        self.ask(region, "ListKeys", &json!({}))["Keys"].clone()
    }

    /// Asks it to end, as a service manager does.
    fn end(mut self) {
        let process = Pid::from_raw(i32::try_from(self.process.id()).unwrap()).unwrap();
        kill_process(process, Signal::TERM).unwrap();
        assert!(self.process.wait().unwrap().success());
    }
}

#[test]
fn what_it_prints_can_be_pasted() {
    let program = Program::new();
    let running = Emulate::start(&program, &[]);
    let endpoint = &running.printed[0];
    let credentials = "AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test";
    let region = "AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1";
    assert!(endpoint.starts_with("http://127.0.0.1:"), "{endpoint}");
    assert_eq!(running.printed[1], format!("export AWS_ENDPOINT_URL={endpoint} {credentials} {region}"));
    assert_eq!(running.printed[2], format!("{credentials} keyfleet --endpoint-url {endpoint}"));
    running.end();
}

#[test]
fn a_secret_of_the_file_is_not_printed() {
    let program = Program::new();
    let file = program.home().join("fleet.toml");
    let text =
        "[[accounts]]\nid = \"111122223333\"\n[[accounts.credentials]]\naccess_key = \"AKIAONE\"\nsecret = \"hush\"";
    std::fs::write(&file, text).unwrap();
    let running = Emulate::start(&program, &["--fleet", file.to_str().unwrap()]);
    let printed = running.printed.join("\n");
    assert!(printed.contains("AWS_ACCESS_KEY_ID=AKIAONE") && !printed.contains("hush"), "{printed}");
    running.end();
}

#[test]
fn sizes_seeds_and_states_are_kept() {
    let program = Program::new();
    let state = program.home().join("kms.json");
    let flags = ["--size", "keys=4,regions=2,related=2", "--latency", "1ms", "--state", state.to_str().unwrap()];
    let first = Emulate::start(&program, &[&flags[..], &["--seed", "3"]].concat());
    let generated = first.keys("us-east-1");
    assert_eq!(generated.as_array().map(Vec::len), Some(4));
    let created = first.ask("us-east-2", "CreateKey", &json!({"Description": "kept"}));
    first.end();
    let second = Emulate::start(&program, &[&flags[..], &["--seed", "4"]].concat());
    assert_eq!(second.keys("us-east-1"), generated, "the state goes before the fleet");
    let described = second.ask("us-east-2", "DescribeKey", &json!({"KeyId": created["KeyMetadata"]["KeyId"]}));
    assert_eq!(described["KeyMetadata"]["Description"], "kept");
    second.end();
    std::fs::remove_file(&state).unwrap();
    let third = Emulate::start(&program, &[&flags[..], &["--seed", "4"]].concat());
    assert_ne!(third.keys("us-east-1"), generated, "another seed, other identifiers");
    third.end();
}
