//! The control paths: faults, the log, the clock and imported key material, for tests and demonstrations.
//!
//! They answer only to a loopback `Host` and never to a request that a web page made: a page that a browser shows must
//! not be able to reach the server by a name that resolves to it.

use hyper::header::{CONTENT_TYPE, HOST, HeaderValue, ORIGIN};
use hyper::http::request::Parts;
use hyper::{Method, Response, StatusCode};
use serde::Deserialize;

use super::Shared;
use super::body::Body;
use super::respond::plain;
use crate::emulator::fleet;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClockChange {
    advance: String,
}

pub(crate) fn answer(shared: &Shared, head: &Parts, path: &str, body: &[u8]) -> Response<Body> {
    let host = head.headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    if !is_loopback(host) || head.headers.contains_key(ORIGIN) {
        return plain(StatusCode::FORBIDDEN, "control paths answer only to a loopback Host\n");
    }
    match (&head.method, path) {
        (&Method::GET, "log") => log(shared, head.uri.query().unwrap_or_default()),
        (&Method::POST, "faults") => done(shared.model().add_fault(body)),
        (&Method::DELETE, "faults") => {
            shared.model().clear_faults();
            done(Ok(()))
        }
        (&Method::POST, "clock") => done(advance(shared, body)),
        (&Method::POST, "import") => {
            let at = shared.clock.now();
            done(shared.model().import(at, body))
        }
        _ => plain(StatusCode::NOT_FOUND, "control paths: GET log, POST or DELETE faults, POST clock, POST import\n"),
    }
}

/// The whole log, or with `?from=N` its entries from the N-th on.
fn log(shared: &Shared, query: &str) -> Response<Body> {
    let from = query.strip_prefix("from=").and_then(|number| number.parse().ok()).unwrap_or(1);
    let at = shared.clock.now();
    let text = shared.model().log(at, from);
    let mut response = plain(StatusCode::OK, text);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/x-ndjson"));
    response
}

fn advance(shared: &Shared, body: &[u8]) -> Result<(), String> {
    let change: ClockChange = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    let span = fleet::time_span(&change.advance)
        .ok_or_else(|| format!("`{}` is not a span of time such as 3d", change.advance))?;
    shared.model().advance(span);
    Ok(())
}

fn done(result: Result<(), String>) -> Response<Body> {
    let (status, mut text) = match result {
        Ok(()) => (StatusCode::OK, "done".to_owned()),
        Err(what) => (StatusCode::BAD_REQUEST, what),
    };
    text.push('\n');
    plain(status, text)
}

/// Whether a `Host` header names this machine by an address or name that only this machine has.
fn is_loopback(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(bracketed) => bracketed.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    let address = name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
    address || name.eq_ignore_ascii_case("localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_names_are_loopback() {
        let check = |host: &str, expected: bool| assert_eq!(is_loopback(host), expected, "{host}");
        check("127.0.0.1:4599", true);
        check("127.0.0.1", true);
        check("localhost:1", true);
        check("[::1]:4599", true);
        check("[::1]", true);
        check("10.0.0.1", false);
        check("localhost.example.com", false);
        check("127.0.0.1.example.com", false);
        check("[::2]", false);
        check("", false);
    }
}
