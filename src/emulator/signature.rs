//! Signature Version 4, checked from the request alone.
//!
//! Written from the published description of the algorithm, so that it shares nothing with the client that signs.

use std::fmt::Write;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

/// How far a client's clock may be from the server's.
const MOST_SKEW_MS: u64 = 5 * 60 * 1000;

/// What was signed, and the signature. A request without it is vouched for by whoever hands it in.
#[derive(Clone, Copy, Debug)]
pub struct Proof<'a> {
    /// The HTTP method.
    pub method: &'a str,
    /// The path, as it was sent.
    pub path: &'a str,
    /// The query, as it was sent.
    pub query: &'a str,
    /// Every header, with its name in lower case.
    pub headers: &'a [(&'a str, &'a str)],
}

/// Why a signature is not accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Wrong {
    /// Something that the algorithm needs is not there.
    Incomplete,
    Mismatch,
    /// The client's clock, or the request, is too old or too young; with the time that was signed.
    Skewed(String),
}

/// The parts of an `Authorization` header.
struct Authorization<'a> {
    scope: &'a str,
    date: &'a str,
    region: &'a str,
    service: &'a str,
    signed_headers: &'a str,
    signature: &'a str,
}

impl<'a> Proof<'a> {
    pub(crate) fn header(&self, name: &str) -> Option<&'a str> {
        self.headers.iter().find(|(held, _)| *held == name).map(|(_, value)| *value)
    }
}

/// Checks a request against a secret; without a time the clock is not compared.
pub(crate) fn verify(proof: &Proof<'_>, body: &[u8], secret: &str, now: Option<u64>) -> Result<(), Wrong> {
    let authorization = proof.header("authorization").and_then(authorization).ok_or(Wrong::Incomplete)?;
    let moment = proof.header("x-amz-date").ok_or(Wrong::Incomplete)?;
    if !moment.starts_with(authorization.date) || !authorization.signed_headers.split(';').any(|name| name == "host") {
        return Err(Wrong::Incomplete);
    }
    let expected = sign(proof, body, &authorization, (moment, secret))?;
    if expected != authorization.signature {
        return Err(Wrong::Mismatch);
    }
    let signed_at = millis(moment).ok_or(Wrong::Incomplete)?;
    match now {
        Some(now) if now.abs_diff(signed_at) > MOST_SKEW_MS => Err(Wrong::Skewed(moment.to_owned())),
        Some(_) | None => Ok(()),
    }
}

fn sign(
    proof: &Proof<'_>,
    body: &[u8],
    authorization: &Authorization<'_>,
    (moment, secret): (&str, &str),
) -> Result<String, Wrong> {
    let request = canonical_request(proof, body, authorization.signed_headers)?;
    let scope = authorization.scope;
    let text = format!("AWS4-HMAC-SHA256\n{moment}\n{scope}\n{}", hexadecimal(&Sha256::digest(request.as_bytes())));
    let steps = [authorization.date, authorization.region, authorization.service, "aws4_request", &text];
    let first = format!("AWS4{secret}").into_bytes();
    let signature = steps.iter().try_fold(first, |key, step| hash(&key, step.as_bytes()));
    signature.map(|bytes| hexadecimal(&bytes)).ok_or(Wrong::Incomplete)
}

fn hash(key: &[u8], text: &[u8]) -> Option<Vec<u8>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    mac.update(text);
    Some(mac.finalize().into_bytes().to_vec())
}

fn canonical_request(proof: &Proof<'_>, body: &[u8], signed_headers: &str) -> Result<String, Wrong> {
    let mut text = format!("{}\n{}\n{}\n", proof.method, proof.path, canonical_query(proof.query));
    for name in signed_headers.split(';') {
        let value = proof.header(name).ok_or(Wrong::Incomplete)?;
        let value = value.split_whitespace().collect::<Vec<_>>().join(" ");
        text.extend([name, ":", &value, "\n"]);
    }
    text.extend(["\n", signed_headers, "\n", &hexadecimal(&Sha256::digest(body))]);
    Ok(text)
}

fn canonical_query(query: &str) -> String {
    let mut fields: Vec<&str> = query.split('&').filter(|field| !field.is_empty()).collect();
    fields.sort_unstable();
    let whole = fields.iter().map(|field| if field.contains('=') { (*field).to_owned() } else { format!("{field}=") });
    whole.collect::<Vec<_>>().join("&")
}

fn authorization(header: &str) -> Option<Authorization<'_>> {
    let parts = header.strip_prefix("AWS4-HMAC-SHA256")?;
    let part = |name: &str| {
        let found = parts.split(',').find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('='));
        found.filter(|found| !found.is_empty())
    };
    let (_, scope) = part("Credential")?.split_once('/')?;
    let fields: Vec<&str> = scope.split('/').collect();
    let [date, region, service, "aws4_request"] = fields.as_slice() else { return None };
    let (signed_headers, signature) = (part("SignedHeaders")?, part("Signature")?);
    Some(Authorization { scope, date, region, service, signed_headers, signature })
}

/// `20261121T180000Z` as milliseconds of Unix time.
fn millis(moment: &str) -> Option<u64> {
    let digits = |range: std::ops::Range<usize>| moment.get(range);
    let (year, month, day) = (digits(0..4)?, digits(4..6)?, digits(6..8)?);
    let (hour, minute, second) = (digits(9..11)?, digits(11..13)?, digits(13..15)?);
    let text = format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z");
    u64::try_from(text.parse::<jiff::Timestamp>().ok()?.as_millisecond()).ok()
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    /// 30 August 2015, 12:36 UTC, the moment of the published examples.
    const MOMENT: u64 = 1_440_938_160_000;

    /// The example "get-vanilla" of the published test suite.
    const VANILLA: [(&str, &str); 3] = [
        ("host", "example.amazonaws.com"),
        ("x-amz-date", "20150830T123600Z"),
        (
            "authorization",
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, \
             SignedHeaders=host;x-amz-date, Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
        ),
    ];

    fn proof<'a>(headers: &'a [(&'a str, &'a str)]) -> Proof<'a> {
        Proof { method: "GET", path: "/", query: "", headers }
    }

    #[test]
    fn the_published_example_is_accepted_and_nothing_near_it() {
        let now = Some(MOMENT);
        assert_eq!(verify(&proof(&VANILLA), b"", SECRET, now), Ok(()));
        assert_eq!(verify(&proof(&VANILLA), b"x", SECRET, now), Err(Wrong::Mismatch));
        assert_eq!(verify(&proof(&VANILLA), b"", "other", now), Err(Wrong::Mismatch));
        let other_method = Proof { method: "POST", ..proof(&VANILLA) };
        assert_eq!(verify(&other_method, b"", SECRET, now), Err(Wrong::Mismatch));
        let without_date: Vec<_> = VANILLA.into_iter().filter(|(name, _)| *name != "x-amz-date").collect();
        assert_eq!(verify(&proof(&without_date), b"", SECRET, now), Err(Wrong::Incomplete));
        assert_eq!(verify(&proof(&VANILLA[..2]), b"", SECRET, now), Err(Wrong::Incomplete));
    }

    #[test]
    fn a_clock_may_be_a_little_off() {
        let check = |now: Option<u64>, accepted: bool| {
            assert_eq!(verify(&proof(&VANILLA), b"", SECRET, now).is_ok(), accepted, "{now:?}");
        };
        check(Some(MOMENT + MOST_SKEW_MS), true);
        check(Some(MOMENT - MOST_SKEW_MS), true);
        check(Some(MOMENT + MOST_SKEW_MS + 1), false);
        check(Some(MOMENT - MOST_SKEW_MS - 1), false);
        check(None, true);
    }

    #[test]
    fn queries_are_sorted() {
        assert_eq!(canonical_query("b=2&a&c="), "a=&b=2&c=");
        assert_eq!(canonical_query(""), "");
    }
}
