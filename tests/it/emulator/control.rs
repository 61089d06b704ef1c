//! Faults, the log and the clock over the wire.

use serde_json::json;

use super::http::{header, kms_headers};
use super::*;

fn control(server: &Running, method: &str, path: &str, body: &str) -> Answer {
    Client::connect(server).request(method, path, &[], body)
}

#[test]
fn a_connection_can_be_closed_after_or_before_the_change() {
    let check = |kind: &str, applied: bool| {
        let server = serve("");
        let posted = json!({"operation": "CreateKey", "kind": kind, "count": 1}).to_string();
        assert_eq!(control(&server, "POST", "/_keyfleet/faults", &posted).status, 200);
        let mut client = Client::connect(&server);
        client.send("POST", "/", &kms_headers("us-east-1", "CreateKey"), "{}");
        assert!(client.answer().is_none(), "{kind}");
        let entry = &log(&server)[0];
        assert_eq!((&entry["operation"], &entry["applied"]), (&json!("CreateKey"), &json!(applied)), "{kind}");
        let listed = ask(&server, "us-east-1", "ListKeys", &json!({}));
        assert_eq!(listed["Keys"].as_array().unwrap().len(), usize::from(applied), "{kind}");
    };
    check("apply_close", true);
    check("drop_close", false);
}

#[test]
fn a_request_that_hangs_leaves_the_others_alone() {
    let server = serve("[[faults]]\nkind = \"hang\"\nregion = \"us-west-2\"");
    let mut client = Client::connect(&server);
    client.send("POST", "/", &kms_headers("us-west-2", "ListKeys"), "{}");
    assert_eq!(ask(&server, "us-east-1", "ListKeys", &json!({}))["Truncated"], false);
    assert!(client.is_silent());
    assert_eq!(log(&server)[0]["status"], Value::Null);
}

#[test]
fn a_delayed_answer_comes() {
    let server = serve("[[faults]]\nkind = \"delay\"\nms = 150");
    let mut client = Client::connect(&server);
    client.send("POST", "/", &kms_headers("us-east-1", "ListKeys"), "{}");
    assert_eq!(client.answer().map(|answer| answer.status), Some(200));
}

#[test]
fn an_error_can_be_asked_for_and_ends() {
    let server = serve("");
    let posted = json!({"kind": "error", "code": "ThrottlingException", "region": "us-east-1"}).to_string();
    control(&server, "POST", "/_keyfleet/faults", &posted);
    let mut client = Client::connect(&server);
    let throttled = kms(&mut client, "us-east-1", "ListKeys", &json!({}));
    assert_eq!((throttled.status, throttled.header("x-amzn-errortype")), (400, Some("ThrottlingException")));
    assert_eq!(kms(&mut client, "us-west-2", "ListKeys", &json!({})).status, 200);
    assert_eq!(control(&server, "DELETE", "/_keyfleet/faults", "").status, 200);
    assert_eq!(kms(&mut client, "us-east-1", "ListKeys", &json!({})).status, 200);
}

#[test]
fn control_paths_refuse_what_is_not_local_or_not_theirs() {
    let server = serve("");
    let check = |method: &str, path: &str, headers: &[(String, String)], body: &str, expected: u16| {
        let answer = Client::connect(&server).request(method, path, headers, body);
        assert_eq!(answer.status, expected, "{method} {path} {headers:?}: {}", answer.body);
    };
    check("GET", "/_keyfleet/log", &[header("Host", "kms.example.com")], "", 403);
    check("GET", "/_keyfleet/log", &[header("Origin", "http://127.0.0.1")], "", 403);
    check("GET", "/_keyfleet/log", &[header("Host", "localhost:4599")], "", 200);
    check("GET", "/_keyfleet/other", &[], "", 404);
    check("PUT", "/_keyfleet/faults", &[], "", 404);
    check("POST", "/_keyfleet/faults", &[], r#"{"kind": "enormous"}"#, 400);
    check("POST", "/_keyfleet/clock", &[], r#"{"advance": "soon"}"#, 400);
    check("POST", "/_keyfleet/clock", &[], "{}", 400);
}

#[test]
fn a_dropped_server_stops_listening() {
    let server = serve("");
    let address = server.address();
    assert_eq!(server.endpoint(), format!("http://{address}"));
    drop(server);
    assert!(std::net::TcpStream::connect(address).is_err());
}

#[test]
fn imported_material_comes_through_the_control_path() {
    let server = serve("");
    let created = ask(&server, "us-east-1", "CreateKey", &json!({"Origin": "EXTERNAL"}));
    let key = &created["KeyMetadata"]["KeyId"];
    assert_eq!(created["KeyMetadata"]["KeyState"], "PendingImport");
    let import = |body: Value| control(&server, "POST", "/_keyfleet/import", &body.to_string()).status;
    assert_eq!(import(json!({"key": key, "region": "us-east-1"})), 200);
    let described = ask(&server, "us-east-1", "DescribeKey", &json!({"KeyId": key}));
    assert_eq!(described["KeyMetadata"]["KeyState"], "Enabled");
    assert_eq!(import(json!({"key": key, "region": "eu-west-1"})), 400);
}
