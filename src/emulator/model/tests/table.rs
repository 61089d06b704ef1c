//! The table of operation × key state, walked cell by cell through the model against a copy typed by hand.

use super::*;
use crate::emulator::key::KeyState;
use crate::emulator::table::{Verdict, verdict};

const OK: Verdict = Verdict::Allowed;
const OFF: Verdict = Verdict::Disabled;
const BAD: Verdict = Verdict::InvalidState;

/// Enabled, Disabled, `PendingDeletion`, `PendingReplicaDeletion`, `PendingImport`, Creating, Updating.
const EXPECTED: [(&str, [Verdict; 7]); 23] = [
    ("DescribeKey", [OK, OK, OK, OK, OK, OK, OK]),
    ("GetKeyPolicy", [OK, OK, OK, OK, OK, OK, OK]),
    ("GetKeyRotationStatus", [OK, OK, OK, OK, OK, OK, OK]),
    ("ListAliases", [OK, OK, OK, OK, OK, OK, OK]),
    ("ListResourceTags", [OK, OK, OK, OK, OK, OK, OK]),
    ("ListGrants", [OK, OK, OK, OK, OK, OK, OK]),
    ("DeleteAlias", [OK, OK, OK, OK, OK, OK, OK]),
    ("Encrypt", [OK, OFF, BAD, BAD, BAD, BAD, OK]),
    ("Decrypt", [OK, OFF, BAD, BAD, BAD, BAD, OK]),
    ("EnableKeyRotation", [OK, OFF, BAD, BAD, BAD, BAD, BAD]),
    ("DisableKeyRotation", [OK, OFF, BAD, BAD, BAD, BAD, BAD]),
    ("UntagResource", [OK, OK, BAD, BAD, OK, OK, OK]),
    ("UpdateAlias", [OK, OK, BAD, BAD, OK, OK, OK]),
    ("UpdateKeyDescription", [OK, OK, BAD, BAD, OK, OK, OK]),
    ("PutKeyPolicy", [OK, OK, OK, OK, OK, OK, OK]),
    ("CancelKeyDeletion", [BAD, BAD, OK, OK, BAD, BAD, BAD]),
    ("EnableKey", [OK, OK, BAD, BAD, BAD, BAD, BAD]),
    ("DisableKey", [OK, OK, BAD, BAD, BAD, BAD, BAD]),
    ("ScheduleKeyDeletion", [OK, OK, BAD, BAD, OK, OK, BAD]),
    ("ReplicateKey", [OK, OFF, BAD, BAD, BAD, BAD, BAD]),
    ("UpdatePrimaryRegion", [OK, OFF, BAD, BAD, BAD, BAD, BAD]),
    ("TagResource", [OK, OK, BAD, BAD, OK, OK, OK]),
    ("CreateAlias", [OK, OK, BAD, BAD, OK, OK, OK]),
];

/// A fleet of one key whose member in us-east-1 is in the given state: the primary wherever a primary can be.
fn in_state(state: KeyState) -> World {
    let pair = |extra: &str| {
        format!(
            "[[keys]]\nname = \"a\"\nprimary = \"us-east-1\"\nreplicas = [\"eu-west-1\"]\nalias = \"alias/a\"\n{extra}"
        )
    };
    let alone = |extra: &str| format!("[[keys]]\nname = \"a\"\nprimary = \"us-east-1\"\nalias = \"alias/a\"\n{extra}");
    let member = "[keys.members.us-east-1]\nstate";
    World::new(&match state {
        KeyState::Enabled => pair(""),
        KeyState::Disabled => pair(&format!("{member} = \"Disabled\"")),
        KeyState::PendingDeletion => alone(&format!("{member} = \"PendingDeletion\"\ndeletion_in = \"3d\"")),
        KeyState::PendingReplicaDeletion => pair(&format!("{member} = \"PendingReplicaDeletion\"")),
        KeyState::PendingImport => pair(&format!("origin = \"EXTERNAL\"\n{member} = \"PendingImport\"")),
        KeyState::Creating => {
            let replica = pair(&format!("{member} = \"Creating\"\nsettles_in = \"never\""));
            replica
                .replace("primary = \"us-east-1\"", "primary = \"eu-west-1\"")
                .replace("[\"eu-west-1\"]", "[\"us-east-1\"]")
        }
        KeyState::Updating => pair("promoting_to = \"eu-west-1\"\npromotion_ends_in = \"never\""),
    })
}

fn input(operation: &str, key: &str) -> Value {
    let policy = r#"{"Statement":{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"kms:*","Resource":"*"}}"#;
    match operation {
        "ReplicateKey" => json!({"KeyId": key, "ReplicaRegion": "us-west-2"}),
        "UpdatePrimaryRegion" => json!({"KeyId": key, "PrimaryRegion": "eu-west-1"}),
        "PutKeyPolicy" => json!({"KeyId": key, "Policy": policy}),
        "TagResource" => json!({"KeyId": key, "Tags": [{"TagKey": "k", "TagValue": "v"}]}),
        "CreateAlias" => json!({"TargetKeyId": key, "AliasName": "alias/b"}),
        "UpdateAlias" => json!({"TargetKeyId": key, "AliasName": "alias/a"}),
        "DeleteAlias" => json!({"AliasName": "alias/a"}),
        "UntagResource" => json!({"KeyId": key, "TagKeys": ["k"]}),
        "UpdateKeyDescription" => json!({"KeyId": key, "Description": "d"}),
        "Encrypt" => json!({"KeyId": key, "Plaintext": "aGVsbG8="}),
        "Decrypt" => json!({"KeyId": key, "CiphertextBlob": wrapped(key)}),
        _ => json!({"KeyId": key}),
    }
}

/// What `Encrypt` makes of a text under a key, whatever state that key is in now.
fn wrapped(key: &str) -> String {
    let mut world = World::new(&format!("[[keys]]\nid = \"{key}\"\nprimary = \"us-east-1\""));
    let answer = world.ask("us-east-1", "Encrypt", &json!({"KeyId": key, "Plaintext": "aGVsbG8="}));
    answer["CiphertextBlob"].as_str().unwrap().to_owned()
}

#[test]
fn every_cell_answers_as_the_documentation_says() {
    for (operation, row) in EXPECTED {
        for (state, expected) in KeyState::ALL.into_iter().zip(row) {
            let mut world = in_state(state);
            let described = world.describe("us-east-1", "alias/a");
            assert_eq!(described["KeyState"], state.name());
            let key = described["KeyId"].as_str().unwrap();
            let result = world.result("us-east-1", operation, &input(operation, key));
            let actual = match result.as_ref().map_err(|refusal| &*refusal.code) {
                Ok(_) => Verdict::Allowed,
                Err("DisabledException") => Verdict::Disabled,
                Err("KMSInvalidStateException") => Verdict::InvalidState,
                Err(other) => panic!("{operation} × {}: {other}", state.name()),
            };
            assert_eq!(actual, expected, "{operation} × {}", state.name());
        }
    }
}

#[test]
fn the_hand_typed_copy_names_every_operation_on_a_key() {
    for operation in Operation::ALL.iter().copied() {
        let row = EXPECTED.iter().find(|(name, _)| *name == operation.name());
        let keyless = matches!(
            operation,
            Operation::ListKeys | Operation::CreateKey | Operation::GetCallerIdentity | Operation::AssumeRole
        );
        assert_eq!(row.is_none(), keyless, "{}", operation.name());
        for (state, expected) in row.into_iter().flat_map(|(_, row)| KeyState::ALL.into_iter().zip(row)) {
            assert_eq!(verdict(operation, state), *expected);
        }
    }
}

#[test]
fn both_keys_of_a_promotion_must_be_enabled() {
    let check = |setup: &str, expected: &str| {
        let mut world = World::empty();
        let key = world.create_pair();
        world.ask("eu-west-1", setup, &json!({"KeyId": key}));
        let input = json!({"KeyId": key, "PrimaryRegion": "eu-west-1"});
        let (code, message) = world.refused("us-east-1", "UpdatePrimaryRegion", &input);
        assert_eq!(code, expected);
        assert!(message.starts_with(&arn("eu-west-1", &key)), "{message}");
    };
    check("DisableKey", "DisabledException");
    check("ScheduleKeyDeletion", "KMSInvalidStateException");
}
