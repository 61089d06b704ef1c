//! The embedded KMS over real sockets, spoken to by hand: no AWS client, so that nobody's parser is trusted.

mod access;
mod control;
mod faults;
pub(crate) mod http;
mod kms;
mod program;
mod recorded;
mod sdk;
mod state;
mod sts;
mod table;

use std::net::{Ipv4Addr, SocketAddr};

use keyfleet::emulator::{Clock, Fleet, Options, Running, start};
use serde_json::{Value, json};

use self::http::{Answer, Client};

/// 21 November 2026, 18:00 UTC.
const START: u64 = 1_795_284_000_000;

/// A server whose clock stands still unless a test moves it.
fn serve(fleet: &str) -> Running {
    serve_with(Options::new(Fleet::parse(fleet).unwrap_or_else(|error| panic!("{error}"))))
}

fn serve_with(options: Options) -> Running {
    start(options, SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), Clock::new(START, || 0)).unwrap()
}

/// Moves the server's clock.
fn advance(server: &Running, by: &str) {
    let body = json!({"advance": by}).to_string();
    let answer = Client::connect(server).request("POST", "/_keyfleet/clock", &[], &body);
    assert_eq!(answer.status, 200, "{}", answer.body);
}

/// Every request that has arrived.
fn log(server: &Running) -> Vec<Value> {
    let answer = Client::connect(server).request("GET", "/_keyfleet/log", &[], "");
    assert_eq!(answer.header("content-type"), Some("application/x-ndjson"));
    answer.body.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The answer to a KMS request.
fn kms(client: &mut Client, region: &str, operation: &str, body: &Value) -> Answer {
    client.request("POST", "/", &http::kms_headers(region, operation), &body.to_string())
}

/// The JSON of a KMS answer that has to be good.
pub(crate) fn ask(server: &Running, region: &str, operation: &str, body: &Value) -> Value {
    let answer = kms(&mut Client::connect(server), region, operation, body);
    assert_eq!(answer.status, 200, "{operation} {body}: {}", answer.body);
    if answer.body.is_empty() { Value::Null } else { serde_json::from_str(&answer.body).unwrap() }
}
