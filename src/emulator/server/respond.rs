//! Answers as HTTP: what the wire says, and what a fault makes of it.

use hyper::body::Bytes;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{Response, StatusCode};

use super::Closed;
use super::body::Body;
use crate::emulator::damage::Damage;
use crate::emulator::model::Answer;
use crate::emulator::protocol::{self, Encoded, Wire};

pub(super) type Answered = Result<Response<Body>, Closed>;

/// What the portal of a hotel answers to everything.
const PORTAL: &str = "<!DOCTYPE html>\n<html><head><title>Welcome</title></head>\
                      <body><h1>Please sign in to use this network</h1></body></html>\n";

/// Writes an answer in the form of its request, and spoils it if it is to be spoilt.
pub(super) fn respond(wire: Wire, answer: Answer) -> Answered {
    let damage = answer.damage;
    let encoded = protocol::encode(wire, answer);
    match damage {
        Some(Damage::Html) => Ok(portal()),
        Some(Damage::Garbage) => {
            let noise = noise(&encoded.request_id);
            whole(Encoded { status: 200, error_type: None, body: noise, ..encoded }, Body::Whole)
        }
        Some(Damage::Huge) => whole(Encoded { status: 200, error_type: None, ..encoded }, |_| Body::huge()),
        Some(Damage::Truncate) => whole(encoded, |bytes| Body::truncated(&bytes)),
        Some(Damage::Trickle { ms }) => whole(encoded, |bytes| Body::trickle(bytes, ms)),
        None => whole(encoded, Body::Whole),
    }
}

fn whole(encoded: Encoded, body_of: impl FnOnce(Bytes) -> Body) -> Answered {
    let Encoded { status, content_type, error_type, request_id, body } = encoded;
    let mut response = Response::new(body_of(Bytes::from(body)));
    *response.status_mut() = StatusCode::from_u16(status).map_err(|_| Closed)?;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert("x-amzn-requestid", HeaderValue::try_from(request_id).map_err(|_| Closed)?);
    if let Some(code) = error_type.and_then(|code| HeaderValue::try_from(code).ok()) {
        headers.insert("x-amzn-errortype", code);
    }
    Ok(response)
}

/// A portal knows nothing of AWS: no request ID, no error type.
fn portal() -> Response<Body> {
    let mut response = Response::new(Body::Whole(Bytes::from_static(PORTAL.as_bytes())));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    response
}

/// Bytes that are neither JSON nor XML nor UTF-8, and differ from answer to answer.
fn noise(seed: &str) -> Vec<u8> {
    let mut state: u8 = 0x9d;
    let scramble = |byte: u8| {
        state = state.wrapping_mul(109).wrapping_add(byte).rotate_left(3);
        state | 0x80
    };
    std::iter::repeat_n(seed.bytes(), 8).flatten().map(scramble).collect()
}

pub(super) fn plain(status: StatusCode, text: impl Into<Bytes>) -> Response<Body> {
    let mut response = Response::new(Body::Whole(text.into()));
    *response.status_mut() = status;
    response
}
