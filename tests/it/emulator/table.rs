//! Every cell of operation × key state, over HTTP, against a table typed by hand.

use serde_json::json;

use super::*;

const STATES: [&str; 7] =
    ["Enabled", "Disabled", "PendingDeletion", "PendingReplicaDeletion", "PendingImport", "Creating", "Updating"];

const OK: &str = "";
const OFF: &str = "DisabledException";
const BAD: &str = "KMSInvalidStateException";

/// One column for each of [`STATES`].
const EXPECTED: [(&str, [&str; 7]); 23] = [
    ("DescribeKey", [OK, OK, OK, OK, OK, OK, OK]),
    ("GetKeyPolicy", [OK, OK, OK, OK, OK, OK, OK]),
    ("GetKeyRotationStatus", [OK, OK, OK, OK, OK, OK, OK]),
    ("ListAliases", [OK, OK, OK, OK, OK, OK, OK]),
    ("ListGrants", [OK, OK, OK, OK, OK, OK, OK]),
    ("ListResourceTags", [OK, OK, OK, OK, OK, OK, OK]),
    ("PutKeyPolicy", [OK, OK, OK, OK, OK, OK, OK]),
    ("DeleteAlias", [OK, OK, OK, OK, OK, OK, OK]),
    ("CancelKeyDeletion", [BAD, BAD, OK, OK, BAD, BAD, BAD]),
    ("EnableKey", [OK, OK, BAD, BAD, BAD, BAD, BAD]),
    ("DisableKey", [OK, OK, BAD, BAD, BAD, BAD, BAD]),
    ("ScheduleKeyDeletion", [OK, OK, BAD, BAD, OK, OK, BAD]),
    ("ReplicateKey", [OK, OFF, BAD, BAD, BAD, BAD, BAD]),
    ("UpdatePrimaryRegion", [OK, OFF, BAD, BAD, BAD, BAD, BAD]),
    ("EnableKeyRotation", [OK, OFF, BAD, BAD, BAD, BAD, BAD]),
    ("DisableKeyRotation", [OK, OFF, BAD, BAD, BAD, BAD, BAD]),
    ("TagResource", [OK, OK, BAD, BAD, OK, OK, OK]),
    ("UntagResource", [OK, OK, BAD, BAD, OK, OK, OK]),
    ("CreateAlias", [OK, OK, BAD, BAD, OK, OK, OK]),
    ("UpdateAlias", [OK, OK, BAD, BAD, OK, OK, OK]),
    ("UpdateKeyDescription", [OK, OK, BAD, BAD, OK, OK, OK]),
    ("Encrypt", [OK, OFF, BAD, BAD, BAD, BAD, OK]),
    ("Decrypt", [OK, OFF, BAD, BAD, BAD, BAD, OK]),
];

/// A key for each operation, with a member in the state in us-east-1: the primary wherever a primary can be.
fn fleet(state: &str) -> String {
    let keys = EXPECTED.iter().map(|(operation, _)| key_in(state, operation));
    let regions = "regions = [\"us-east-1\", \"us-west-2\", \"eu-west-1\"]\n".to_owned();
    std::iter::once(regions).chain(keys).collect()
}

fn key_in(state: &str, operation: &str) -> String {
    let (primary, replicas) = match state {
        "PendingDeletion" => ("us-east-1", ""),
        "Creating" => ("eu-west-1", "\"us-east-1\""),
        _ => ("us-east-1", "\"eu-west-1\""),
    };
    let member = format!("[keys.members.us-east-1]\nstate = \"{state}\"\n");
    let rest = match state {
        "PendingDeletion" => format!("{member}deletion_in = \"3d\"\n"),
        "PendingImport" => format!("origin = \"EXTERNAL\"\n{member}"),
        "Creating" => format!("{member}settles_in = \"never\"\n"),
        "Updating" => "promoting_to = \"eu-west-1\"\npromotion_ends_in = \"never\"\n".to_owned(),
        _ => member,
    };
    format!(
        "[[keys]]\nname = \"{operation}\"\nalias = \"alias/{operation}\"\nprimary = \"{primary}\"\n\
         replicas = [{replicas}]\n{rest}"
    )
}

fn input(operation: &str, key: &str) -> Value {
    let policy = r#"{"Statement":{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"kms:*","Resource":"*"}}"#;
    let wrapped = format!("KeyfleetNotEncryptedmrk0{}{}aGVsbG8=", key.trim_start_matches("mrk-"), context());
    match operation {
        "ReplicateKey" => json!({"KeyId": key, "ReplicaRegion": "us-west-2"}),
        "UpdatePrimaryRegion" => json!({"KeyId": key, "PrimaryRegion": "eu-west-1"}),
        "PutKeyPolicy" => json!({"KeyId": key, "Policy": policy}),
        "TagResource" => json!({"KeyId": key, "Tags": [{"TagKey": "k", "TagValue": "v"}]}),
        "UntagResource" => json!({"KeyId": key, "TagKeys": ["k"]}),
        "CreateAlias" => json!({"TargetKeyId": key, "AliasName": "alias/new"}),
        "UpdateAlias" => json!({"TargetKeyId": key, "AliasName": "alias/UpdateAlias"}),
        "DeleteAlias" => json!({"AliasName": "alias/DeleteAlias"}),
        "UpdateKeyDescription" => json!({"KeyId": key, "Description": "d"}),
        "Encrypt" => json!({"KeyId": key, "Plaintext": "aGVsbG8="}),
        "Decrypt" => json!({"KeyId": key, "CiphertextBlob": wrapped}),
        _ => json!({"KeyId": key}),
    }
}

/// What stands in a ciphertext for an empty context, taken from a real one.
fn context() -> String {
    let server = serve("");
    let key = ask(&server, "us-east-1", "CreateKey", &json!({}))["KeyMetadata"]["KeyId"].clone();
    let answer = ask(&server, "us-east-1", "Encrypt", &json!({"KeyId": key, "Plaintext": "aGVsbG8="}));
    answer["CiphertextBlob"].as_str().unwrap().get(56..72).unwrap().to_owned()
}

#[test]
fn every_cell_answers_over_http() {
    let mut cells = 0;
    for (column, state) in STATES.into_iter().enumerate() {
        let server = serve(&fleet(state));
        let mut client = Client::connect(&server);
        for (operation, row) in EXPECTED {
            let named = json!({"KeyId": format!("alias/{operation}")});
            let described = kms(&mut client, "us-east-1", "DescribeKey", &named);
            let described: Value = serde_json::from_str(&described.body).unwrap();
            assert_eq!(described["KeyMetadata"]["KeyState"], state);
            let key = described["KeyMetadata"]["KeyId"].as_str().unwrap();
            let answer = kms(&mut client, "us-east-1", operation, &input(operation, key));
            let code = answer.header("x-amzn-errortype").unwrap_or_default();
            assert_eq!(code, row[column], "{operation} × {state}: {}", answer.body);
            assert_eq!(answer.status, if code.is_empty() { 200 } else { 400 }, "{operation} × {state}");
            cells += 1;
        }
    }
    assert_eq!(cells, 161);
}

#[test]
fn what_is_allowed_leads_to_the_documented_state() {
    let check = |state: &str, operation: &str, expected: &str| {
        let server = serve(&fleet(state));
        let named = json!({"KeyId": format!("alias/{operation}")});
        let state_now = || ask(&server, "us-east-1", "DescribeKey", &named)["KeyMetadata"]["KeyState"].clone();
        let key = ask(&server, "us-east-1", "DescribeKey", &named)["KeyMetadata"]["KeyId"].clone();
        ask(&server, "us-east-1", operation, &input(operation, key.as_str().unwrap()));
        assert_eq!(state_now(), expected, "{operation} × {state}");
    };
    check("PendingDeletion", "CancelKeyDeletion", "Disabled");
    check("PendingReplicaDeletion", "CancelKeyDeletion", "Disabled");
    check("Disabled", "EnableKey", "Enabled");
    check("Enabled", "EnableKey", "Enabled");
    check("Enabled", "DisableKey", "Disabled");
    check("Enabled", "ScheduleKeyDeletion", "PendingReplicaDeletion");
    check("Creating", "ScheduleKeyDeletion", "PendingDeletion");
    check("Enabled", "UpdatePrimaryRegion", "Updating");
    check("Enabled", "ReplicateKey", "Enabled");
}
