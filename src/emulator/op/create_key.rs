//! `CreateKey`: a single-Region key or the primary of a multi-Region key.
//!
//! Refuses custom key stores: there is no `CloudHSM` and no proxy behind this KMS.

use serde::{Deserialize, Serialize};

use super::Success;
use super::call::{self, Call};
use super::metadata::{self, KeyMetadata};
use super::tags::{self, Tag};
use crate::emulator::key::{KeyId, KeySet, Life, Member};
use crate::emulator::policy;
use crate::emulator::refusal::Refusal;
use crate::emulator::region::RegionId;
use crate::emulator::spec::{Kind, Origin, Spec, Usage};

/// The documented number of keys that an account may have in a Region.
const MOST_KEYS: usize = 100_000;
const LONGEST_DESCRIPTION: usize = 8192;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Input {
    policy: Option<String>,
    description: Option<String>,
    key_usage: Option<String>,
    customer_master_key_spec: Option<String>,
    key_spec: Option<String>,
    origin: Option<String>,
    custom_key_store_id: Option<String>,
    xks_key_id: Option<String>,
    #[serde(default)]
    bypass_policy_lockout_safety_check: bool,
    tags: Option<Vec<Tag>>,
    #[serde(default)]
    multi_region: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Output<'a> {
    key_metadata: KeyMetadata<'a>,
}

pub(crate) fn perform(call: &mut Call<'_>, body: &[u8]) -> Result<Success, Refusal> {
    let input: Input = call::parse(body)?;
    let kind = kind(&input)?;
    let tags = tags::accept(input.tags.as_deref().unwrap_or_default())?;
    let accept = |text: &String| policy::accept(text, &call.account.id, input.bypass_policy_lockout_safety_check);
    let policy = input.policy.as_ref().map(accept).transpose()?;
    let description = description(input.description)?;
    room_for_one_more(call, call.region)?;
    let key = new_id(call, input.multi_region);
    let waits = kind.origin == Origin::External;
    let life = if waits { Life::PendingImport } else { Life::Enabled };
    let member = Member {
        life,
        created: call.now,
        imported: false,
        material_ends: None,
        is_behind: false,
        description,
        tags,
        policy,
    };
    let set = KeySet {
        kind,
        multi_region: input.multi_region,
        aws_managed: false,
        rotation: None,
        primary: call.region,
        members: Vec::new(),
        moving: None,
    };
    call.account.remember(key, call.now);
    call.account.sets.insert(key, set);
    call.account.add_member(call.region, key, member);
    call::answer(&Output { key_metadata: metadata::describe(call, call.region, key)? })
}

pub(crate) fn description(text: Option<String>) -> Result<Box<str>, Refusal> {
    let text = text.unwrap_or_default();
    if text.chars().count() > LONGEST_DESCRIPTION {
        let rule = format!("Member must have length less than or equal to {LONGEST_DESCRIPTION}");
        return Err(Refusal::validation("description", "…", &rule));
    }
    Ok(text.into_boxed_str())
}

pub(crate) fn room_for_one_more(call: &Call<'_>, region: RegionId) -> Result<(), Refusal> {
    let held = call.account.places.get(&region).map_or(0, |place| place.keys.len());
    if held < MOST_KEYS {
        return Ok(());
    }
    Err(Refusal::new("LimitExceededException", format!("The account has {MOST_KEYS} keys in this Region already.")))
}

fn new_id(call: &mut Call<'_>, multi_region: bool) -> KeyId {
    let number = call.random.wide();
    if multi_region { KeyId::Multi(number) } else { KeyId::Single(number) }
}

fn kind(input: &Input) -> Result<Kind, Refusal> {
    let enumerated = |field: &str, value: &str| Refusal::validation(field, value, "Member must satisfy enum value set");
    let spec = match input.key_spec.as_deref().or(input.customer_master_key_spec.as_deref()) {
        Some(name) => Spec::find(name).ok_or_else(|| enumerated("keySpec", name))?,
        None => Spec::symmetric(),
    };
    let usage = match input.key_usage.as_deref() {
        Some(name) => Usage::find(name).ok_or_else(|| enumerated("keyUsage", name))?,
        None if spec.is_symmetric() => Usage::EncryptDecrypt,
        None => {
            let message = "You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.";
            return Err(Refusal::new("ValidationException", message));
        }
    };
    if !spec.allows(usage) {
        let message = format!("KeyUsage {} is not compatible with KeySpec {}", usage.name(), spec.name);
        return Err(Refusal::new("ValidationException", message));
    }
    Ok(Kind { spec, usage, origin: origin(input)? })
}

fn origin(input: &Input) -> Result<Origin, Refusal> {
    let stored = input.custom_key_store_id.is_some() || input.xks_key_id.is_some();
    match input.origin.as_deref() {
        Some("AWS_CLOUDHSM" | "EXTERNAL_KEY_STORE") => Err(Refusal::unsupported("This KMS has no custom key stores.")),
        _ if stored => Err(Refusal::unsupported("This KMS has no custom key stores.")),
        None => Ok(Origin::AwsKms),
        Some(name) => {
            Origin::find(name).ok_or_else(|| Refusal::validation("origin", name, "Member must satisfy enum value set"))
        }
    }
}
