//! `ReplicateKey`: a related key in another Region, which shares the key material and nothing else.
//!
//! Policy, tags, description and aliases are never copied: what the request does not bring, the replica does not have.

use serde::{Deserialize, Serialize};

use super::call::{self, Call};
use super::metadata::{self, KeyMetadata};
use super::tags::{self, Tag};
use super::{Success, create_key};
use crate::emulator::key::{KeyId, Life, Member};
use crate::emulator::policy;
use crate::emulator::refusal::Refusal;
use crate::emulator::region::{self, RegionId};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Input {
    key_id: Option<String>,
    replica_region: Option<String>,
    policy: Option<String>,
    #[serde(default)]
    bypass_policy_lockout_safety_check: bool,
    description: Option<String>,
    tags: Option<Vec<Tag>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
#[expect(clippy::struct_field_names, reason = "the names of the wire")]
struct Output<'a> {
    replica_key_metadata: KeyMetadata<'a>,
    replica_policy: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    replica_tags: Vec<Tag>,
}

pub(crate) fn perform(call: &mut Call<'_>, body: &[u8]) -> Result<Success, Refusal> {
    let input: Input = call::parse(body)?;
    let key = call.key(input.key_id.as_deref())?;
    require_primary(call, key)?;
    let target = target(call, key, input.replica_region.as_deref())?;
    let tags = tags::accept(input.tags.as_deref().unwrap_or_default())?;
    let accept = |text: &String| policy::accept(text, &call.account.id, input.bypass_policy_lockout_safety_check);
    let policy = input.policy.as_ref().map(accept).transpose()?;
    let description = create_key::description(input.description)?;
    create_key::room_for_one_more(call, target)?;
    let life = Life::Creating { until: call.now.saturating_add(call.settings.creating_ms) };
    let member = Member {
        life,
        created: call.now,
        imported: false,
        material_ends: None,
        is_behind: false,
        description,
        tags,
        policy: policy.clone(),
    };
    call.account.remember(key, call.now);
    call.account.add_member(target, key, member);
    let default = policy::default_policy(call.partition(), &call.account.id);
    let output = call::answer(&Output {
        replica_key_metadata: metadata::describe(call, target, key)?,
        replica_policy: policy.as_deref().unwrap_or(&default),
        replica_tags: input.tags.unwrap_or_default(),
    });
    call.reschedule(key);
    output
}

/// Only the primary of a multi-Region key replicates and gives its role away; a single-Region key has the same code.
pub(crate) fn require_primary(call: &Call<'_>, key: KeyId) -> Result<(), Refusal> {
    let (set, _) = call.find(call.region, key)?;
    if set.multi_region && set.moving.is_none() && set.primary == call.region {
        return Ok(());
    }
    Err(Refusal::unsupported(format!("{} is not a multi-region primary key.", call.arn(key))))
}

/// The Region of a request's field, if it is one of the key's partition.
pub(crate) fn region_of(call: &mut Call<'_>, field: &str, text: Option<&str>) -> Result<RegionId, Refusal> {
    let name = text.ok_or_else(|| Refusal::missing(field))?;
    if region::partition(name).is_some_and(|partition| partition == call.partition())
        && let Some(found) = call.regions.intern(name)
    {
        return Ok(found);
    }
    let partition = call.partition();
    Err(Refusal::new("ValidationException", format!("{name} is not a Region of the partition {partition}.")))
}

fn target(call: &mut Call<'_>, key: KeyId, text: Option<&str>) -> Result<RegionId, Refusal> {
    let target = region_of(call, "replicaRegion", text)?;
    if !call.account.is_enabled(target) {
        let name = call.regions.name(target);
        return Err(Refusal::unsupported(format!("The Region {name} is not enabled for this account.")));
    }
    // A member that waits for its deletion still holds its place.
    if call.account.member(target, key).is_some() {
        let message = format!("{} already exists.", call.arn_in(target, key));
        return Err(Refusal::new("AlreadyExistsException", message));
    }
    Ok(target)
}
