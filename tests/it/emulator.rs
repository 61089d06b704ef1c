//! The embedded KMS over real sockets, spoken to by hand: no AWS client, so that nobody's parser is trusted.

mod control;
mod http;
mod kms;
mod sts;

use std::net::{Ipv4Addr, SocketAddr};

use keyfleet::emulator::{Clock, Fleet, Running, start};
use serde_json::Value;

use self::http::{Answer, Client};

/// 21 November 2026, 18:00 UTC.
const START: u64 = 1_795_284_000_000;

/// A server whose clock stands still unless a test moves it.
fn serve(fleet: &str) -> Running {
    let fleet = Fleet::parse(fleet).unwrap_or_else(|error| panic!("{error}"));
    start(fleet, SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), Clock::new(START, || 0)).unwrap()
}

/// The answer to a KMS request.
fn kms(client: &mut Client, region: &str, operation: &str, body: &Value) -> Answer {
    client.request("POST", "/", &http::kms_headers(region, operation), &body.to_string())
}

/// The JSON of a KMS answer that has to be good.
fn ask(server: &Running, region: &str, operation: &str, body: &Value) -> Value {
    let answer = kms(&mut Client::connect(server), region, operation, body);
    assert_eq!(answer.status, 200, "{operation} {body}: {}", answer.body);
    if answer.body.is_empty() { Value::Null } else { serde_json::from_str(&answer.body).unwrap() }
}
