//! From the SDK's answers to values of the domain, for every answer there can be.
//!
//! What is odd about one key is kept as an [`Oddity`] beside what it says. What makes an answer useless as a whole is a [`Fault`]: a listing without its list
//! must never pass for an empty one.

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use aws_sdk_kms::operation::describe_key::DescribeKeyOutput;
use aws_sdk_kms::operation::get_key_policy::GetKeyPolicyOutput;
use aws_sdk_kms::operation::get_key_rotation_status::GetKeyRotationStatusOutput;
use aws_sdk_kms::operation::list_aliases::ListAliasesOutput;
use aws_sdk_kms::operation::list_keys::ListKeysOutput;
use aws_sdk_kms::operation::list_resource_tags::ListResourceTagsOutput;
use aws_sdk_kms::types::{
    KeyListEntry, KeyMetadata, KeySpec, KeyState as SdkKeyState, KeyUsageType, MultiRegionConfiguration,
    MultiRegionKey, MultiRegionKeyType, OriginType,
};
use aws_sdk_sts::operation::get_caller_identity::GetCallerIdentityOutput;
use aws_smithy_types::DateTime;

use super::error::Fault;
use crate::domain::id::{AccountId, KeyArn, KeyId, Partition, Region};
use crate::domain::key::{KeyState, Oddity, RegionalKey, Role, Rotation, Tag};
use crate::domain::plan::Identity;
use crate::domain::text::{Foreign, safe};
use crate::domain::time::Timestamp;
use crate::engine::message::{Answer, Next};

#[cfg(test)]
mod tests;

const PREFIX: &str = "mrk-";

fn lacks(what: &'static str) -> Fault {
    Fault::Garbled(safe!("the answer has no {what}"))
}

/// Where a listing goes on. An answer that does not say that it is cut off is the last page.
fn next(truncated: bool, marker: Option<String>) -> Next {
    match marker.filter(|marker| !marker.is_empty()) {
        _ if !truncated => Next::End,
        Some(marker) => Next::Marker(Foreign::new(marker)),
        None => Next::Lost,
    }
}

/// One page of ListKeys, asked in `region`.
pub(super) fn keys(output: ListKeysOutput, region: &Region) -> Result<Answer, Fault> {
    let entries = output.keys.ok_or_else(|| lacks("Keys"))?;
    let next = next(output.truncated, output.next_marker);
    let listed = u32::try_from(entries.len()).unwrap_or(u32::MAX);
    let owner = entries.iter().find_map(|entry| owner(entry, region));
    let (mut multi_region, mut unnamed) = (Vec::new(), Vec::new());
    for entry in entries.iter().filter(|entry| is_multi_region(entry)) {
        match listed_key(entry, region, owner) {
            Ok(arn) => multi_region.push(arn),
            Err(name) => unnamed.push(name),
        }
    }
    Ok(Answer::Keys { listed, multi_region, unnamed, next })
}

fn is_multi_region(entry: &KeyListEntry) -> bool {
    let by_id = entry.key_id.as_deref().is_some_and(|id| id.starts_with(PREFIX));
    let by_arn = || entry.key_arn.as_deref().and_then(|arn| arn.rsplit('/').next());
    by_id || by_arn().is_some_and(|id| id.starts_with(PREFIX))
}

/// Whose keys this Region lists, by any ARN that is of this Region, a single-Region key's too.
fn owner(entry: &KeyListEntry, region: &Region) -> Option<(Partition, AccountId)> {
    let mut parts = entry.key_arn.as_deref()?.splitn(6, ':').skip(1);
    let partition = Partition::from_name(parts.next()?)?;
    let named = parts.nth(1)?;
    let account = AccountId::parse(parts.next()?)?;
    (named == region.as_str()).then_some((partition, account))
}

/// The listed key's ARN. If it is not an ARN of this Region the key is still listed here, so its ARN here is composed, and DescribeKey will say what it is.
/// A key that cannot even be named is handed on as what names it: left out without a word it would be absent.
fn listed_key(entry: &KeyListEntry, region: &Region, owner: Option<(Partition, AccountId)>) -> Result<KeyArn, Foreign> {
    let id = entry.key_id.as_deref().and_then(KeyId::parse);
    let parsed = entry.key_arn.as_deref().and_then(|arn| KeyArn::parse(arn).ok());
    let fits = |arn: &KeyArn| arn.region == *region && id.as_ref().is_none_or(|id| *id == arn.id);
    if let Some(arn) = parsed.filter(fits) {
        return Ok(arn);
    }
    let here = |(id, (partition, account))| KeyArn { partition, region: region.clone(), account, id };
    let composed = id.zip(owner).map(here);
    let name = entry.key_arn.as_deref().or(entry.key_id.as_deref());
    composed.ok_or_else(|| Foreign::new(name.unwrap_or_default()))
}

/// One page of ListAliases. An alias that AWS keeps for a key it has not made yet points nowhere and is left out.
pub(super) fn aliases(output: ListAliasesOutput) -> Result<Answer, Fault> {
    let entries = output.aliases.ok_or_else(|| lacks("Aliases"))?;
    let aliases = entries
        .into_iter()
        .filter_map(|entry| Some((Foreign::new(entry.alias_name?), Arc::from(entry.target_key_id?))))
        .collect();
    Ok(Answer::Aliases { aliases, next: next(output.truncated, output.next_marker) })
}

pub(super) fn policy(output: GetKeyPolicyOutput) -> Result<Answer, Fault> {
    output.policy.map(|policy| Answer::Policy(Foreign::new(policy))).ok_or_else(|| lacks("Policy"))
}

pub(super) fn tags(output: ListResourceTagsOutput) -> Result<Answer, Fault> {
    let tags = output.tags.ok_or_else(|| lacks("Tags"))?;
    let tags = tags.into_iter().map(|tag| Tag { key: Foreign::new(tag.tag_key), value: Foreign::new(tag.tag_value) });
    Ok(Answer::Tags { tags: tags.collect(), next: next(output.truncated, output.next_marker) })
}

pub(super) fn rotation(output: &GetKeyRotationStatusOutput) -> Answer {
    if !output.key_rotation_enabled {
        return Answer::Rotation(Rotation::Off);
    }
    let period_days = output.rotation_period_in_days.and_then(|days| u16::try_from(days).ok());
    Answer::Rotation(Rotation::On { period_days, next: output.next_rotation_date.as_ref().and_then(timestamp) })
}

pub(super) fn identity(output: GetCallerIdentityOutput, from: &Region, at: Timestamp) -> Result<Identity, Fault> {
    let account = output.account.as_deref().and_then(AccountId::parse).ok_or_else(|| lacks("account"))?;
    let caller_arn = output.arn.filter(|arn| !arn.is_empty()).ok_or_else(|| lacks("caller ARN"))?;
    Ok(Identity { account, caller_arn: Foreign::new(caller_arn), from: from.clone(), at })
}

/// DescribeKey's answer about `asked`.
pub(super) fn key(output: DescribeKeyOutput, asked: &KeyArn) -> Result<Answer, Fault> {
    let metadata = output.key_metadata.ok_or_else(|| lacks("KeyMetadata"))?;
    let mut oddities = Vec::new();
    check_arn(&metadata, asked, &mut oddities);
    let state = state(metadata.key_state.as_ref(), &mut oddities);
    let set = set(metadata.multi_region_configuration.as_ref(), asked, &mut oddities);
    let spec = spec(&metadata);
    Ok(Answer::Key(Box::new(RegionalKey {
        arn: asked.clone(),
        state,
        role: set.role,
        primary: set.primary,
        replicas: set.replicas,
        spec,
        usage: word(metadata.key_usage.as_ref().map_or("", |usage| usage.as_str())),
        origin: word(metadata.origin.as_ref().map_or("", |origin| origin.as_str())),
        description: word(metadata.description.as_deref().unwrap_or_default()),
        created_at: metadata.creation_date.as_ref().and_then(timestamp),
        deletion_date: metadata.deletion_date.as_ref().and_then(timestamp),
        pending_window_days: metadata.pending_deletion_window_in_days.and_then(|days| u16::try_from(days).ok()),
        material_id: metadata.current_key_material_id.map(Foreign::new),
        valid_to: metadata.valid_to.as_ref().and_then(timestamp),
        oddities,
    })))
}

/// Older servers know the spec by its former name only.
#[expect(deprecated, reason = "the former name of KeySpec is what older servers answer with")]
fn spec(metadata: &KeyMetadata) -> Foreign {
    let current = metadata.key_spec.as_ref().map(KeySpec::as_str);
    let former = || metadata.customer_master_key_spec.as_ref().map(aws_sdk_kms::types::CustomerMasterKeySpec::as_str);
    word(current.or_else(former).unwrap_or_default())
}

/// The words that every answer repeats, held once for all of them.
static WORDS: LazyLock<BTreeSet<Arc<str>>> = LazyLock::new(|| {
    let words = KeySpec::values().iter().chain(KeyUsageType::values()).chain(OriginType::values()).chain(&[""]);
    words.map(|word| Arc::from(*word)).collect()
});

fn word(text: &str) -> Foreign {
    Foreign::new(WORDS.get(text).map_or_else(|| Arc::from(text), Arc::clone))
}

fn timestamp(time: &DateTime) -> Option<Timestamp> {
    time.to_millis().ok().map(Timestamp::from_millis)
}

fn check_arn(metadata: &KeyMetadata, asked: &KeyArn, oddities: &mut Vec<Oddity>) {
    let answered = metadata.arn.as_deref().unwrap_or_default();
    if answered != asked.to_string() {
        oddities.push(Oddity::OtherArn(Foreign::new(answered)));
    }
}

fn state(state: Option<&SdkKeyState>, oddities: &mut Vec<Oddity>) -> KeyState {
    let state = KeyState::parse(state.map_or("", SdkKeyState::as_str));
    match &state {
        KeyState::Other(name) => oddities.push(Oddity::UnknownState(name.clone())),
        KeyState::Missing => oddities.push(Oddity::NoState),
        KeyState::Creating
        | KeyState::Enabled
        | KeyState::Disabled
        | KeyState::PendingDeletion
        | KeyState::PendingReplicaDeletion
        | KeyState::PendingImport
        | KeyState::Unavailable
        | KeyState::Updating => {}
    }
    state
}

/// What an answer says of the whole set.
#[derive(Default)]
struct Set {
    role: Option<Role>,
    primary: Option<KeyArn>,
    replicas: Vec<KeyArn>,
}

fn set(configuration: Option<&MultiRegionConfiguration>, asked: &KeyArn, oddities: &mut Vec<Oddity>) -> Set {
    let Some(configuration) = configuration else {
        oddities.push(Oddity::NotMultiRegion);
        return Set::default();
    };
    let role = role(configuration.multi_region_key_type.as_ref(), oddities);
    if configuration.primary_key.is_none() {
        oddities.push(Oddity::NoPrimary);
    }
    let primary = configuration.primary_key.as_ref().and_then(|named| member(named, asked, oddities));
    let mut regions: BTreeSet<Region> = primary.iter().map(|arn| arn.region.clone()).collect();
    let mut replicas = Vec::new();
    for named in configuration.replica_keys.iter().flatten() {
        let Some(arn) = member(named, asked, oddities) else { continue };
        if regions.insert(arn.region.clone()) {
            replicas.push(arn);
        } else {
            oddities.push(Oddity::RegionTwice(arn.region));
        }
    }
    // There is one of these for every related key, and room to grow is room that is never used.
    replicas.shrink_to_fit();
    Set { role, primary, replicas }
}

fn role(kind: Option<&MultiRegionKeyType>, oddities: &mut Vec<Oddity>) -> Option<Role> {
    let name = kind.map_or("", MultiRegionKeyType::as_str);
    match name {
        "PRIMARY" => Some(Role::Primary),
        "REPLICA" => Some(Role::Replica),
        other => {
            oddities.push(Oddity::UnknownRole(Foreign::new(other)));
            None
        }
    }
}

/// A named member, if it can be one: the same key of the same account, in the Region that stands beside its ARN.
fn member(named: &MultiRegionKey, asked: &KeyArn, oddities: &mut Vec<Oddity>) -> Option<KeyArn> {
    let text = named.arn.as_deref().unwrap_or_default();
    // The same key in another Region, so its ID is held once.
    let arn = KeyArn::parse(text).ok().filter(|arn| {
        let stands_there = named.region.as_deref().is_none_or(|region| region == arn.region.as_str());
        stands_there && *arn == asked.in_region(&arn.region)
    });
    let arn = arn.map(|arn| asked.in_region(&arn.region));
    if arn.is_none() {
        oddities.push(Oddity::BadMember(Foreign::new(text)));
    }
    arn
}
