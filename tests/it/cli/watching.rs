//! `list --watch`: what it prints of a fleet that changes under it, and how it ends.

use std::io::{BufRead as _, BufReader};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Child, ChildStdout, Stdio};
use std::time::Instant;

use keyfleet::emulator::{Clock, Fleet, Running, start};
use serde_json::{Value, json};

use crate::emulator::{ask, http};
use crate::program::Program;

const FLEET: &str = "regions = [\"us-east-1\", \"eu-west-1\"]\n[transitions]\ncreating_ms = 0\n[[accounts]]\nid = \"111122223333\"\n\
    [[keys]]\nname = \"payments\"\nalias = \"alias/payments\"\nid = \"mrk-00000000000000000000000000000001\"\nprimary = \"us-east-1\"\n";
const KEY: &str = "mrk-00000000000000000000000000000001";

/// A watch under way, whose base has been taken.
struct Watching {
    child: Child,
    stdout: Option<BufReader<ChildStdout>>,
    _program: Program,
}

pub(crate) fn serve() -> Running {
    let started = Instant::now();
    let elapsed = move || u64::try_from(started.elapsed().as_millis()).unwrap();
    let clock = Clock::new(1_795_284_000_000, elapsed);
    start(Fleet::parse(FLEET).unwrap(), SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), clock).unwrap()
}

fn watch(server: &Running) -> Watching {
    let program = Program::new();
    let arguments = ["list", "--watch", "--endpoint-url", &server.endpoint(), "--region", "us-east-1,eu-west-1"];
    let mut command = program.command(&arguments);
    command.env("KEYFLEET_REFRESH", "5s").stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut said = String::new();
    BufReader::new(child.stderr.as_mut().unwrap()).read_line(&mut said).unwrap();
    assert_eq!(said, "keyfleet: watching 1 keys, 2 of 2 Regions read; changes follow\n");
    let stdout = child.stdout.take().map(BufReader::new);
    Watching { child, stdout, _program: program }
}

impl Watching {
    fn next(&mut self) -> Value {
        let mut line = String::new();
        self.stdout.as_mut().unwrap().read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line:?}"))
    }

    fn signal(&self, name: &str) {
        let process = self.child.id().to_string();
        assert!(std::process::Command::new("kill").args(["-s", name, &process]).status().unwrap().success());
    }
}

#[test]
fn changes_are_told_one_a_line_until_it_is_interrupted() {
    let server = serve();
    let mut watching = watch(&server);
    ask(&server, "us-east-1", "DisableKey", &json!({"KeyId": KEY}));
    let event = watching.next();
    assert!(event["at"].as_str().is_some_and(|at| at.ends_with('Z')), "{event}");
    let expected = json!({
        "event": "changed", "at": event["at"], "account": "111122223333", "region": "us-east-1", "key_id": KEY,
        "field": "state", "from": "Enabled", "to": "Disabled",
    });
    assert_eq!(event, expected);
    ask(&server, "us-east-1", "EnableKey", &json!({"KeyId": KEY}));
    assert_eq!(watching.next()["to"], "Enabled");
    let fault =
        json!({"kind": "error", "code": "AccessDeniedException", "operation": "ListKeys", "region": "eu-west-1"});
    http::Client::connect(&server).request("POST", "/_keyfleet/faults", &[], &fault.to_string());
    let event = watching.next();
    assert_eq!((&event["event"], &event["region"]), (&json!("region"), &json!("eu-west-1")));
    assert_eq!((&event["from"], &event["to"], &event["key_id"]), (&json!("loaded"), &json!("denied"), &Value::Null));
    watching.signal("INT");
    assert_eq!(watching.child.wait().unwrap().code(), Some(130));
}

#[test]
fn a_signal_and_a_reader_that_leaves_end_it() {
    let server = serve();
    let mut watching = watch(&server);
    watching.signal("TERM");
    assert_eq!(watching.child.wait().unwrap().code(), Some(143));
    let mut watching = watch(&server);
    drop(watching.stdout.take());
    ask(&server, "us-east-1", "DisableKey", &json!({"KeyId": KEY}));
    let left = watching.child.wait_with_output().unwrap();
    assert_eq!((left.status.code(), String::from_utf8(left.stderr).unwrap().as_str()), (Some(0), ""));
}

#[test]
fn other_formats_and_a_refresh_that_is_off_are_refused() {
    let run = Program::new().run(&["list", "--demo", "--watch", "--output", "json"]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""));
    assert!(run.stderr.contains("--watch: changes are written as ndjson only"), "{}", run.stderr);
    let program = Program::new();
    let mut command = program.command(&["list", "--watch"]);
    command.env("KEYFLEET_REFRESH", "off");
    let run = crate::program::run(command);
    assert_eq!(run.code, Some(2));
    assert!(run.stderr.contains("refresh"), "{}", run.stderr);
}
