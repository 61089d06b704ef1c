//! Every fault kind as a socket sees it.

use serde_json::json;

use super::http::kms_headers;
use super::*;

/// A server with one fault, and a client that has asked for the keys of a Region with three.
fn struck(fault: &str) -> (Running, Client) {
    let server = serve(&format!("[[generate]]\nkeys = 3\nregions = 1\nrelated = 1\n[[faults]]\n{fault}"));
    let mut client = Client::connect(&server);
    client.send("POST", "/", &kms_headers("us-east-1", "ListKeys"), r#"{"Limit": 2}"#);
    (server, client)
}

/// The JSON of an answer that arrives whole.
fn document(client: &mut Client) -> Value {
    let answer = client.answer().expect("an answer");
    assert_eq!(answer.status, 200);
    serde_json::from_str(&answer.body).unwrap()
}

#[test]
fn a_delay_keeps_the_answer_back() {
    let (_server, mut client) = struck("kind = \"delay\"\nms = 400");
    assert!(client.is_silent());
    assert_eq!(document(&mut client)["Keys"].as_array().map(Vec::len), Some(2));
}

#[test]
fn an_error_comes_in_place_of_the_answer() {
    let (_server, mut client) = struck("kind = \"error\"\ncode = \"KMSInternalException\"\nmessage = \"no\"");
    let answer = client.answer().unwrap();
    assert_eq!((answer.status, answer.header("x-amzn-errortype")), (500, Some("KMSInternalException")));
}

#[test]
fn nothing_comes() {
    let (server, mut client) = struck("kind = \"hang\"");
    assert!(client.is_silent());
    assert_eq!((&log(&server)[0]["status"], &log(&server)[0]["applied"]), (&Value::Null, &json!(false)));
}

#[test]
fn one_connection_is_closed_unread() {
    let server = serve("[[faults]]\nkind = \"close\"\nfrom = 2\ncount = 1");
    let ask = || {
        let mut client = Client::connect(&server);
        // A connection that is closed already may refuse to be written to.
        client.try_send("POST", "/", &kms_headers("us-east-1", "ListKeys"), "{}");
        client.answer().map(|answer| answer.status)
    };
    assert_eq!([ask(), ask(), ask()], [Some(200), None, Some(200)]);
    assert_eq!(log(&server).len(), 2, "what was not read did not arrive");
}

#[test]
fn a_connection_ends_with_or_without_the_change() {
    for (kind, applied) in [("apply_close", true), ("drop_close", false)] {
        let (server, mut client) = struck(&format!("kind = \"{kind}\""));
        assert!(client.head().is_none() && client.bytes(1).is_empty(), "{kind}");
        assert_eq!(log(&server)[0]["applied"], applied, "{kind}");
    }
}

#[test]
fn a_change_can_come_after_its_connection() {
    let server = serve("[[faults]]\noperation = \"CreateKey\"\nkind = \"apply_later\"\nms = 30000");
    let mut client = Client::connect(&server);
    client.send("POST", "/", &kms_headers("us-east-1", "CreateKey"), "{}");
    assert!(client.answer().is_none());
    let keys = || ask(&server, "us-east-1", "ListKeys", &json!({}))["Keys"].as_array().unwrap().len();
    assert_eq!((keys(), &log(&server)[0]["applied"]), (0, &json!(false)));
    advance(&server, "30s");
    assert_eq!((&log(&server)[0]["applied"], keys()), (&json!(true), 1));
}

#[test]
fn bytes_trickle() {
    let (_server, mut client) = struck("kind = \"trickle\"\nms = 60000");
    let (status, _) = client.head().unwrap();
    assert_eq!((status, client.bytes(1)), (200, b"{".to_vec()));
    assert!(client.is_silent());
}

#[test]
fn an_answer_ends_in_the_middle() {
    let (server, mut client) = struck("kind = \"truncate\"");
    let (_, headers) = client.head().unwrap();
    let promised = headers.iter().find(|(name, _)| name == "content-length").unwrap();
    let came = client.bytes(u64::MAX);
    assert_eq!(came.len(), promised.1.parse::<usize>().unwrap() / 2);
    assert_eq!(log(&server)[0]["applied"], true);
}

#[test]
fn a_portal_answers() {
    let (server, mut client) = struck("kind = \"html\"");
    let answer = client.answer().unwrap();
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("text/html; charset=utf-8")));
    assert!(answer.body.starts_with("<!DOCTYPE html>") && answer.header("x-amzn-requestid").is_none());
    assert_eq!(log(&server)[0]["applied"], false);
}

#[test]
fn noise_answers() {
    let (_server, mut client) = struck("kind = \"garbage\"");
    let (status, headers) = client.head().unwrap();
    let length = headers.iter().find(|(name, _)| name == "content-length").unwrap().1.parse().unwrap();
    let noise = client.bytes(length);
    assert_eq!((status, noise.len() > 100), (200, true));
    assert!(String::from_utf8(noise).is_err());
}

#[test]
fn an_answer_goes_on_and_on() {
    let (_server, mut client) = struck("kind = \"huge\"");
    let (_, headers) = client.head().unwrap();
    let length = headers.iter().find(|(name, _)| name == "content-length").unwrap();
    assert_eq!(length.1, (200 * 1024 * 1024).to_string());
    assert_eq!(client.bytes(1024 * 1024).len(), 1024 * 1024);
}

#[test]
fn markers_lead_nowhere() {
    let (_server, mut client) = struck("kind = \"repeat_marker\"");
    let first = document(&mut client);
    let again = json!({"Limit": 2, "Marker": first["NextMarker"]}).to_string();
    client.send("POST", "/", &kms_headers("us-east-1", "ListKeys"), &again);
    let second = document(&mut client);
    assert_eq!((&second["Truncated"], &second["NextMarker"]), (&json!(true), &first["NextMarker"]));
    let (_server, mut client) = struck("kind = \"no_marker\"");
    let page = document(&mut client);
    assert_eq!((&page["Truncated"], page.get("NextMarker")), (&json!(true), None));
}

#[test]
fn texts_and_values_are_strange() {
    let metadata = |kind: &str| {
        let server =
            serve(&format!("[[keys]]\nprimary = \"us-east-1\"\nalias = \"alias/a\"\n[[faults]]\nkind = \"{kind}\""));
        ask(&server, "us-east-1", "DescribeKey", &json!({"KeyId": "alias/a"}))["KeyMetadata"].clone()
    };
    let unknown = metadata("unknown_enum");
    assert_eq!((&unknown["KeyState"], &unknown["KeySpec"]), (&json!("Hibernating"), &json!("LATTICE_4096")));
    let hostile = metadata("hostile");
    let text = hostile["Description"].as_str().unwrap();
    for part in ["\u{1b}[2J", "\r", "\u{9b}", "\u{202e}", "\u{200b}", "\u{e0041}", "=cmd"] {
        assert!(text.contains(part), "{text:?}");
    }
}

#[test]
fn a_fault_waits_for_its_time() {
    let server = serve("[[faults]]\nkind = \"error\"\ncode = \"ThrottlingException\"\nafter = \"1m\"\nlasts = \"1m\"");
    let status = || kms(&mut Client::connect(&server), "us-east-1", "ListKeys", &json!({})).status;
    assert_eq!(status(), 200);
    advance(&server, "1m");
    assert_eq!(status(), 400);
    advance(&server, "1m");
    assert_eq!(status(), 200);
}
