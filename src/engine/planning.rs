//! Makes the plan of a change out of what has just been read. Pure: the same facts make the same plan, so a plan made again right before sending can be compared.

use std::sync::Arc;

use super::change::Want;
use super::effect::ReadRequest;
use super::settings::Settings;
use crate::domain::fleet::Fleet;
use crate::domain::fleet::presence::{Presence, agrees, role};
use crate::domain::id::{KeyArn, Region};
use crate::domain::key::{KeyState, RegionalKey, Role, Tag};
use crate::domain::plan::{
    Change, Fingerprint, Identity, MemberPrint, Mutation, Operation, Permission, Plan, Precondition, Step, Verdict,
};
use crate::domain::policy;
use crate::domain::reading::ReasonKind;
use crate::domain::text::{Foreign, Safe, safe};
use crate::domain::time::Timestamp;

mod cli;
mod words;

/// Who asks, and when.
pub(crate) struct Asker<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) identity: &'a Identity,
    pub(crate) endpoint: Option<Foreign>,
    pub(crate) id: Arc<str>,
    pub(crate) at: Timestamp,
}

/// The primary's ARN, as the readable members agree on it.
pub(crate) fn primary_arn(fleet: &Fleet, want: &Want) -> Option<KeyArn> {
    let entry = fleet.key(&want.key)?;
    if !agrees(entry) {
        return None;
    }
    entry.members.values().find_map(|member| member.described.value()?.primary.clone())
}

/// The ARN of the member in a Region, whether or not it exists there.
pub(crate) fn arn_in(fleet: &Fleet, want: &Want, region: &Region) -> Option<KeyArn> {
    let entry = fleet.key(&want.key)?;
    entry.members.values().next().map(|member| member.arn.in_region(region))
}

/// The Region that the request would be sent to.
pub(crate) fn sent_to(fleet: &Fleet, want: &Want) -> Region {
    match want.operation {
        Operation::ReplicateKey | Operation::UpdatePrimaryRegion => {
            primary_arn(fleet, want).map_or_else(|| want.region.clone(), |arn| arn.region)
        }
        Operation::CancelKeyDeletion | Operation::EnableKey => want.region.clone(),
    }
}

/// What must be read, and read again right before sending. Empty if not even that can be said.
pub(crate) fn reads(fleet: &Fleet, want: &Want) -> Vec<ReadRequest> {
    let describe = |arn: KeyArn| ReadRequest::DescribeKey { arn };
    let member = arn_in(fleet, want, &want.region);
    match want.operation {
        Operation::CancelKeyDeletion | Operation::EnableKey => member.map(describe).into_iter().collect(),
        Operation::UpdatePrimaryRegion => primary_arn(fleet, want).into_iter().chain(member).map(describe).collect(),
        Operation::ReplicateKey => {
            let Some(primary) = primary_arn(fleet, want) else { return Vec::new() };
            let own = [
                describe(primary.clone()),
                ReadRequest::GetKeyPolicy { arn: primary.clone() },
                ReadRequest::ListResourceTags { arn: primary, marker: None },
            ];
            own.into_iter().chain(member.map(describe)).collect()
        }
    }
}

/// The plan, or why there can be none.
pub(crate) fn plan(fleet: &Fleet, want: &Want, asker: &Asker<'_>) -> Result<Plan, Safe> {
    let (arn, change) = match want.operation {
        Operation::ReplicateKey => replicate(fleet, want)?,
        Operation::UpdatePrimaryRegion => {
            (primary(fleet, want)?, Change::UpdatePrimaryRegion { to: want.region.clone() })
        }
        Operation::CancelKeyDeletion => (member(fleet, want)?, Change::CancelKeyDeletion),
        Operation::EnableKey => (member(fleet, want)?, Change::EnableKey),
    };
    let mutation = Mutation { arn, change };
    let acting = described(fleet, want, mutation.sent_to())?;
    let account = mutation.arn.account;
    let step = Step {
        number: 1,
        fingerprint: fingerprint(fleet, want, &mutation),
        preconditions: preconditions(fleet, want, &mutation, asker),
        permissions: permissions(&mutation),
        consequences: words::consequences(fleet, want, &mutation),
        way_back: Some(words::way_back(&mutation)),
        cli: cli::command(&mutation),
        mutation,
    };
    Ok(Plan {
        id: Arc::clone(&asker.id),
        login: want.key.login,
        made_at: asker.at,
        identity: asker.identity.clone(),
        account_name: asker.settings.account_names.get(&account).cloned(),
        is_protected: asker.settings.protected_accounts.contains(&account),
        endpoint: asker.endpoint.clone(),
        alias: fleet.aliases(&want.key, &step.mutation.arn.region).and_then(|aliases| aliases.first().cloned()),
        description: acting.description.clone(),
        step,
    })
}

fn primary(fleet: &Fleet, want: &Want) -> Result<KeyArn, Safe> {
    primary_arn(fleet, want)
        .ok_or(Safe::from_static("the members do not agree on one primary: wait, then read again (r)"))
}

fn member(fleet: &Fleet, want: &Want) -> Result<KeyArn, Safe> {
    described(fleet, want, &want.region).map(|key| key.arn.clone())
}

fn described<'a>(fleet: &'a Fleet, want: &Want, region: &Region) -> Result<&'a RegionalKey, Safe> {
    let member = fleet.member(&want.key, region);
    match member.and_then(|member| member.described.fresh()) {
        Some(key) if key.oddities.is_empty() => Ok(key),
        Some(_) => Err(safe!("the answer from {region} is not AWS's: no change is offered on this key")),
        None => {
            let why = member.and_then(|member| member.described.failure());
            let words = why.map_or("not read", |why| why.kind.words());
            Err(safe!("the key in {region} could not be read: {words}"))
        }
    }
}

/// ReplicateKey copies nothing by itself, so the policy, the tags and the description are read from the primary and sent along.
fn replicate(fleet: &Fleet, want: &Want) -> Result<(KeyArn, Change), Safe> {
    let arn = primary(fleet, want)?;
    let own = described(fleet, want, &arn.region)?;
    let member = fleet.member(&want.key, &arn.region);
    let policy = member.and_then(|member| member.policy.fresh()).cloned();
    let policy = policy.ok_or(Safe::from_static(
        "the primary's policy could not be read, so it cannot be copied: kms:GetKeyPolicy is needed",
    ))?;
    let tags = member.and_then(|member| member.tags.fresh());
    let tags = tags.ok_or(Safe::from_static(
        "the primary's tags could not be read, so they cannot be copied: kms:ListResourceTags is needed",
    ))?;
    let tags: Vec<Tag> = tags.iter().filter(|tag| !tag.is_reserved()).cloned().collect();
    let change = Change::ReplicateKey { to: want.region.clone(), policy, description: own.description.clone(), tags };
    Ok((arn, change))
}

/// What the step depends on, by value.
pub(crate) fn fingerprint(fleet: &Fleet, want: &Want, mutation: &Mutation) -> Fingerprint {
    let mut regions = vec![mutation.arn.region.clone()];
    if let Change::UpdatePrimaryRegion { to } = &mutation.change {
        regions.push(to.clone());
    }
    let print = |region: &Region| {
        let key = fleet.member(&want.key, region)?.described.fresh()?;
        Some(MemberPrint {
            arn: key.arn.clone(),
            state: key.state.clone(),
            role: key.role,
            primary: key.primary.as_ref().map(|arn| arn.region.clone()),
        })
    };
    let mut members: Vec<MemberPrint> = regions.iter().filter_map(print).collect();
    members.sort();
    let Change::ReplicateKey { policy, .. } = &mutation.change else {
        return Fingerprint { members, regions: Vec::new(), policy_sha256: None };
    };
    let own = fleet.member(&want.key, &mutation.arn.region).and_then(|member| member.described.fresh());
    let mut regions: Vec<Region> =
        own.map(|key| key.named().map(|arn| arn.region.clone()).collect()).unwrap_or_default();
    regions.sort();
    regions.dedup();
    Fingerprint { members, regions, policy_sha256: Some(policy::sha256(policy.original()).into()) }
}

fn preconditions(fleet: &Fleet, want: &Want, mutation: &Mutation, asker: &Asker<'_>) -> Vec<Precondition> {
    let mut conditions = vec![same_account(mutation, asker.identity)];
    match want.operation {
        Operation::ReplicateKey => {
            conditions.push(state_is(fleet, want, &mutation.arn.region, "primary", &[KeyState::Enabled]));
            conditions.push(target_is_free(fleet, want));
            conditions.push(same_partition(mutation));
            conditions.push(not_a_custom_store(fleet, want, &mutation.arn.region));
            conditions.extend(bare_principals(mutation));
        }
        Operation::UpdatePrimaryRegion => {
            conditions.push(state_is(fleet, want, &mutation.arn.region, "primary", &[KeyState::Enabled]));
            conditions.push(state_is(fleet, want, &want.region, "replica", &[KeyState::Enabled]));
            conditions.push(is_a_replica(fleet, want));
        }
        Operation::CancelKeyDeletion => {
            let pending = [KeyState::PendingDeletion, KeyState::PendingReplicaDeletion];
            conditions.push(state_is(fleet, want, &want.region, "key", &pending));
        }
        Operation::EnableKey => conditions.push(state_is(fleet, want, &want.region, "key", &[KeyState::Disabled])),
    }
    conditions
}

fn condition(holds: bool, text: Safe) -> Precondition {
    Precondition { text, result: if holds { Verdict::Pass } else { Verdict::Fail }, blocks: true }
}

fn same_account(mutation: &Mutation, identity: &Identity) -> Precondition {
    let (own, other) = (mutation.arn.account, identity.account);
    condition(own == other, safe!("the key's account {own} is the caller's ({other})"))
}

fn state_is(fleet: &Fleet, want: &Want, region: &Region, what: &'static str, states: &[KeyState]) -> Precondition {
    let state = fleet.member(&want.key, region).and_then(|member| member.described.fresh()).map(|key| &key.state);
    let names: Vec<&str> = states.iter().map(KeyState::name).collect();
    let wanted = names.join(" or ");
    match state {
        Some(state) if states.contains(state) => condition(true, safe!("{what} in {region} is {}", state.safe())),
        Some(state) => condition(false, safe!("{what} in {region} is {}, must be {wanted}", state.safe())),
        None => Precondition {
            text: safe!("{what} in {region} must be {wanted}: not known"),
            result: Verdict::Unknown,
            blocks: true,
        },
    }
}

/// The target must have been listed completely and hold no member; DescribeKey there must not find one either.
fn target_is_free(fleet: &Fleet, want: &Want) -> Precondition {
    let to = &want.region;
    match fleet.presence(&want.key, to) {
        Presence::Absent(_) => condition(true, safe!("{to} is readable and the key is absent there")),
        Presence::Present(present) if present.state().is_pending_deletion() => {
            condition(false, safe!("{to} holds a replica that is pending deletion: cancel that instead (K on it)"))
        }
        Presence::Present(present) => {
            condition(false, safe!("{to} already holds a related key ({})", present.state().safe()))
        }
        Presence::Unknown(unknown) => Precondition {
            text: safe!("whether {to} holds a related key is not known: {}", unknown.why.kind.words()),
            result: if unknown.why.kind == ReasonKind::Contradiction { Verdict::Fail } else { Verdict::Unknown },
            blocks: true,
        },
    }
}

fn same_partition(mutation: &Mutation) -> Precondition {
    let to = mutation.concerns();
    let holds = to.partition() == mutation.arn.partition;
    condition(holds, safe!("{} and {to} are of one partition", mutation.arn.region))
}

fn not_a_custom_store(fleet: &Fleet, want: &Want, region: &Region) -> Precondition {
    let origin = fleet.member(&want.key, region).and_then(|member| member.described.fresh()).map(|key| &key.origin);
    let origin = origin.map_or("", Foreign::original);
    let holds = !matches!(origin, "AWS_CLOUDHSM" | "EXTERNAL_KEY_STORE");
    condition(holds, Safe::from_static("the key is not in a custom key store"))
}

/// A principal that is a bare unique ID is what AWS leaves of a deleted one: KMS refuses a policy that holds it.
fn bare_principals(mutation: &Mutation) -> Option<Precondition> {
    let Change::ReplicateKey { policy, .. } = &mutation.change else { return None };
    let found = policy::bare_principals(policy.original());
    let first = found.first()?;
    Some(condition(
        false,
        safe!(
            "the policy names a deleted principal ({}): AWS refuses it; mend the primary's policy first",
            first.safe()
        ),
    ))
}

fn is_a_replica(fleet: &Fleet, want: &Want) -> Precondition {
    let own = fleet.key(&want.key).and_then(|entry| role(entry, &want.region));
    condition(own == Some(Role::Replica), safe!("the key in {} is a replica of this primary", want.region))
}

/// Which IAM actions are needed where. Identity policies and organizations' policies cannot be read from here, so nothing is claimed.
fn permissions(mutation: &Mutation) -> Vec<Permission> {
    let needed = |action, region: &Region| Permission { action, region: region.clone(), result: Verdict::Unknown };
    let own = &mutation.arn.region;
    match &mutation.change {
        Change::ReplicateKey { to, tags, .. } => {
            let mut all = vec![needed("kms:ReplicateKey", own), needed("kms:CreateKey", to)];
            if !tags.is_empty() {
                all.push(needed("kms:TagResource", to));
            }
            all
        }
        Change::UpdatePrimaryRegion { to } => {
            vec![needed("kms:UpdatePrimaryRegion", own), needed("kms:UpdatePrimaryRegion", to)]
        }
        Change::CancelKeyDeletion => vec![needed("kms:CancelKeyDeletion", own)],
        Change::EnableKey => vec![needed("kms:EnableKey", own)],
    }
}
