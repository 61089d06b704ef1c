//! A server that is started again.

use keyfleet::emulator::Fleet;
use serde_json::json;

use super::*;

#[test]
fn keys_outlive_the_server() {
    let folder = tempfile::tempdir().unwrap();
    let options = || Options::new(Fleet::empty()).state(folder.path().join("kms.json"));
    let server = serve_with(options());
    let created = ask(&server, "us-east-1", "CreateKey", &json!({"MultiRegion": true, "Description": "kept"}));
    let named = json!({"KeyId": created["KeyMetadata"]["KeyId"]});
    drop(server);
    let server = serve_with(options());
    let described = ask(&server, "us-east-1", "DescribeKey", &named);
    assert_eq!(described, created);
    ask(&server, "us-east-1", "DisableKey", &named);
    drop(server);
    let server = serve_with(options());
    assert_eq!(ask(&server, "us-east-1", "DescribeKey", &named)["KeyMetadata"]["KeyState"], "Disabled");
}

#[test]
fn a_broken_state_is_not_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("kms.json");
    std::fs::write(&file, "{").unwrap();
    let options = Options::new(Fleet::empty()).state(file.clone());
    let error = start(options, SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), Clock::new(START, || 0)).unwrap_err();
    assert!(error.to_string().contains("move the file away"), "{error}");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "{");
}
