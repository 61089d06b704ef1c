//! `KeyMetadata`, with exactly the members that the real service sends for each kind of key and state.

use serde::Serialize;

use super::call::{Arn, Call, seconds};
use crate::emulator::key::{KeyId, KeySet, KeyState, Life, Member};
use crate::emulator::random::named_digits;
use crate::emulator::refusal::Refusal;
use crate::emulator::region::RegionId;
use crate::emulator::spec::{Origin, Usage};

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct KeyMetadata<'a> {
    #[serde(rename = "AWSAccountId")]
    account: &'a str,
    arn: Arn<'a, KeyId>,
    creation_date: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    current_key_material_id: Option<String>,
    customer_master_key_spec: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    deletion_date: Option<f64>,
    description: &'a str,
    enabled: bool,
    #[serde(skip_serializing_if = "none")]
    encryption_algorithms: &'static [&'static str],
    #[serde(skip_serializing_if = "Option::is_none")]
    expiration_model: Option<&'static str>,
    #[serde(skip_serializing_if = "none")]
    key_agreement_algorithms: &'static [&'static str],
    key_id: String,
    key_manager: &'static str,
    key_spec: &'static str,
    key_state: &'static str,
    key_usage: &'static str,
    #[serde(skip_serializing_if = "none")]
    mac_algorithms: &'static [&'static str],
    multi_region: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    multi_region_configuration: Option<Configuration<'a>>,
    origin: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pending_deletion_window_in_days: Option<u32>,
    #[serde(skip_serializing_if = "none")]
    signing_algorithms: &'static [&'static str],
    #[serde(skip_serializing_if = "Option::is_none")]
    valid_to: Option<f64>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Configuration<'a> {
    multi_region_key_type: &'static str,
    primary_key: Related<'a>,
    replica_keys: Vec<Related<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Related<'a> {
    arn: Arn<'a, KeyId>,
    region: &'a str,
}

fn none(list: &&[&str]) -> bool {
    list.is_empty()
}

/// Describes the member of a key in a Region.
pub(crate) fn describe<'c>(call: &'c Call<'_>, region: RegionId, key: KeyId) -> Result<KeyMetadata<'c>, Refusal> {
    let (set, member) = call.find(region, key)?;
    let state = set.state(region, member);
    let kind = &set.kind;
    let imports = kind.origin == Origin::External;
    Ok(KeyMetadata {
        account: &call.account.id,
        arn: call.arn_in(region, key),
        creation_date: seconds(member.created),
        current_key_material_id: material(call, set, member, key),
        customer_master_key_spec: kind.spec.name,
        deletion_date: deletion_date(member.life),
        description: &member.description,
        enabled: state == KeyState::Enabled,
        encryption_algorithms: kind.encryption(),
        expiration_model: (imports && member.imported).then(|| expiration_model(member)),
        key_agreement_algorithms: kind.agreement(),
        key_id: key.to_string(),
        key_manager: if set.aws_managed { "AWS" } else { "CUSTOMER" },
        key_spec: kind.spec.name,
        key_state: state.name(),
        key_usage: kind.usage.name(),
        mac_algorithms: kind.mac(),
        multi_region: set.multi_region,
        multi_region_configuration: set.multi_region.then(|| configuration(call, set, region, key)),
        origin: kind.origin.name(),
        pending_deletion_window_in_days: waiting_window(member.life),
        signing_algorithms: kind.signing(),
        valid_to: member.material_ends.filter(|_| member.imported).map(seconds),
    })
}

fn expiration_model(member: &Member) -> &'static str {
    if member.material_ends.is_some() { "KEY_MATERIAL_EXPIRES" } else { "KEY_MATERIAL_DOES_NOT_EXPIRE" }
}

/// The identifier of the key material, which related keys share but for a rotation that has not reached one of them: only
/// symmetric keys show it, and only where the material has arrived.
fn material(call: &Call<'_>, set: &KeySet, member: &Member, key: KeyId) -> Option<String> {
    let symmetric = set.kind.spec.is_symmetric() && set.kind.usage == Usage::EncryptDecrypt;
    let arrived = match set.kind.origin {
        Origin::AwsKms | Origin::CloudHsm | Origin::ExternalKeyStore => !matches!(member.life, Life::Creating { .. }),
        Origin::External => member.imported,
    };
    let which = if member.is_behind { "material before" } else { "material" };
    (symmetric && arrived).then(|| named_digits(call.settings.seed, which, key.to_bytes()))
}

fn deletion_date(life: Life) -> Option<f64> {
    match life {
        Life::PendingDeletion { at } => Some(seconds(at)),
        Life::Creating { .. }
        | Life::Enabled
        | Life::Disabled
        | Life::PendingImport
        | Life::PendingReplicaDeletion { .. } => None,
    }
}

fn waiting_window(life: Life) -> Option<u32> {
    match life {
        Life::PendingReplicaDeletion { window_days } => Some(window_days),
        Life::Creating { .. } | Life::Enabled | Life::Disabled | Life::PendingImport | Life::PendingDeletion { .. } => {
            None
        }
    }
}

/// The related keys as one member names them.
fn configuration<'c>(call: &'c Call<'_>, set: &'c KeySet, region: RegionId, key: KeyId) -> Configuration<'c> {
    let related = |region: RegionId| Related { arn: call.arn_in(region, key), region: call.regions.name(region) };
    let primary = set.primary_as_seen_in(region);
    Configuration {
        multi_region_key_type: if primary == region { "PRIMARY" } else { "REPLICA" },
        primary_key: related(primary),
        replica_keys: set.members.iter().filter(|member| **member != primary).map(|member| related(*member)).collect(),
    }
}
