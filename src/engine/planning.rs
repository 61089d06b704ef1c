//! Makes the plan of a change out of what has just been read. Pure: the same facts make the same plan, so that a step can be checked again right before it is sent.

use std::sync::Arc;
use std::time::Duration;

use super::change::{Options, Want};
use super::effect::ReadRequest;
use super::settings::Settings;
use crate::domain::aws_command;
use crate::domain::fleet::Fleet;
use crate::domain::id::{KeyArn, Login, Partition, Place, Region};
use crate::domain::plan::{Change, Identity, Mutation, Operation, Plan, Skipped, Step};
use crate::domain::text::{Foreign, Safe};
use crate::domain::time::Timestamp;

mod check;
mod conditions;
mod copy;
mod facts;
mod key_policy;
mod permissions;
mod rules;
mod words;

pub(crate) use check::{check, fingerprint};
pub(crate) use facts::Facts;

/// A plan is good for this long, unless its maker says otherwise.
pub(crate) const VALID_FOR: Duration = Duration::from_hours(1);

/// A read that a change waits for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Needed {
    pub(crate) place: Place,
    pub(crate) request: ReadRequest,
}

/// Who asks, and when.
pub(crate) struct Asker<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) identity: &'a Identity,
    pub(crate) endpoint: Option<Foreign>,
    pub(crate) id: Arc<str>,
    pub(crate) at: Timestamp,
    pub(crate) valid_for: Duration,
}

/// The Region that the first request would be sent to.
pub(crate) fn sent_to(fleet: &Fleet, want: &Want) -> Region {
    match want.operation {
        Operation::ReplicateKey | Operation::UpdatePrimaryRegion => {
            Facts::of(fleet, &want.key).primary_arn().map_or_else(|| want.region.clone(), |arn| arn.region)
        }
        Operation::CancelKeyDeletion | Operation::EnableKey | Operation::CreateAlias => want.region.clone(),
    }
}

/// What must be read before a plan can be made. Empty if not even that can be said.
pub(crate) fn reads(fleet: &Fleet, want: &Want) -> Vec<Needed> {
    let facts = Facts::of(fleet, &want.key);
    let member = facts.arn_in(&want.region);
    let requests: Vec<ReadRequest> = match want.operation {
        Operation::CancelKeyDeletion | Operation::EnableKey | Operation::CreateAlias => {
            member.map(describe).into_iter().collect()
        }
        Operation::UpdatePrimaryRegion => facts.primary_arn().into_iter().chain(member).map(describe).collect(),
        Operation::ReplicateKey => {
            let Some(primary) = facts.primary_arn() else { return Vec::new() };
            let tags = ReadRequest::ListResourceTags { arn: primary.clone(), marker: None };
            let own = [describe(primary.clone()), ReadRequest::GetKeyPolicy { arn: primary }, tags];
            own.into_iter().chain(member.map(describe)).collect()
        }
    };
    needed(want.key.login, requests)
}

/// What must be read again before a step may be sent.
pub(crate) fn reads_of_step(login: Login, mutation: &Mutation) -> Vec<Needed> {
    let own = describe(mutation.arn.clone());
    let requests = match &mutation.change {
        Change::CancelKeyDeletion | Change::EnableKey | Change::CreateAlias { .. } => vec![own],
        Change::UpdatePrimaryRegion { to } => vec![own, describe(mutation.arn.in_region(to))],
        Change::ReplicateKey { to, .. } => {
            let policy = ReadRequest::GetKeyPolicy { arn: mutation.arn.clone() };
            vec![own, policy, describe(mutation.arn.in_region(to))]
        }
    };
    needed(login, requests)
}

/// What says whether a step has been applied.
pub(crate) fn reads_of_outcome(login: Login, mutation: &Mutation) -> Vec<Needed> {
    let mut requests = vec![describe(mutation.arn.clone())];
    match &mutation.change {
        Change::ReplicateKey { to, .. } | Change::UpdatePrimaryRegion { to } => {
            requests.push(describe(mutation.arn.in_region(to)));
        }
        Change::CancelKeyDeletion | Change::EnableKey => {}
        Change::CreateAlias { .. } => {
            let place = Place::new(login, mutation.arn.region.clone());
            return vec![Needed { place, request: ReadRequest::ListAliases { marker: None } }];
        }
    }
    needed(login, requests)
}

fn describe(arn: KeyArn) -> ReadRequest {
    ReadRequest::DescribeKey { arn }
}

fn needed(login: Login, requests: Vec<ReadRequest>) -> Vec<Needed> {
    let place = |request: &ReadRequest| match request {
        ReadRequest::DescribeKey { arn }
        | ReadRequest::GetKeyPolicy { arn }
        | ReadRequest::ListResourceTags { arn, .. }
        | ReadRequest::GetKeyRotationStatus { arn } => Some(Place::new(login, arn.region.clone())),
        ReadRequest::ListKeys { .. } | ReadRequest::ListAliases { .. } | ReadRequest::GetCallerIdentity => None,
    };
    requests.into_iter().filter_map(|request| Some(Needed { place: place(&request)?, request })).collect()
}

/// The plan of everything that is wanted, or why there can be none. Of several wants those that cannot be done are left out and named.
pub(crate) fn plan(fleet: &Fleet, wants: &[Want], asker: &Asker<'_>) -> Result<Plan, Safe> {
    let nothing = || Safe::from_static("nothing was asked for");
    let first = wants.first().ok_or_else(nothing)?;
    let mut plan = empty(first.key.login, first.region.partition(), asker);
    for want in wants {
        let added = steps(fleet, want, asker);
        match added {
            Err(why) if wants.len() == 1 => return Err(why),
            Err(why) => plan.skipped.push(skipped(want, why)),
            Ok(steps) => match steps.iter().find_map(Step::blocked_by).filter(|_| wants.len() > 1) {
                Some(condition) => plan.skipped.push(skipped(want, condition.text.clone())),
                None => append(&mut plan.steps, steps),
            },
        }
    }
    if let Some(step) = plan.steps.first() {
        plan.partition = step.mutation.arn.partition;
    }
    Ok(plan)
}

/// A plan without a step.
pub(crate) fn empty(login: Login, partition: Partition, asker: &Asker<'_>) -> Plan {
    Plan {
        id: Arc::clone(&asker.id),
        login,
        made_at: asker.at,
        expires_at: asker.at.plus(asker.valid_for),
        partition,
        identity: asker.identity.clone(),
        account_name: asker.settings.account_names.get(&asker.identity.account).cloned(),
        is_protected: asker.settings.protected_accounts.contains(&asker.identity.account),
        endpoint: asker.endpoint.clone(),
        steps: Vec::new(),
        skipped: Vec::new(),
    }
}

fn skipped(want: &Want, why: Safe) -> Skipped {
    Skipped { key: want.key.id.clone(), region: Some(want.region.clone()), why }
}

/// Numbers the steps of one want, which count from 1, on from those that are there.
fn append(all: &mut Vec<Step>, steps: Vec<Step>) {
    let before = u32::try_from(all.len()).unwrap_or(u32::MAX);
    all.extend(steps.into_iter().map(|step| Step {
        number: step.number.saturating_add(before),
        after: step.after.iter().map(|number| number.saturating_add(before)).collect(),
        ..step
    }));
}

/// The step of a want, and the one that completes it where that was chosen.
fn steps(fleet: &Fleet, want: &Want, asker: &Asker<'_>) -> Result<Vec<Step>, Safe> {
    let facts = Facts::of(fleet, &want.key);
    let mutation = mutation(facts, want)?;
    let mut steps = vec![step(facts, (1, Vec::new()), mutation.clone(), (asker, &want.options))?];
    if want.options.then_enable && want.operation == Operation::CancelKeyDeletion {
        let enable = Mutation { arn: mutation.arn.clone(), change: Change::EnableKey };
        steps.push(step(facts, (2, vec![1]), enable, (asker, &want.options))?);
    }
    if want.options.alias
        && want.operation == Operation::ReplicateKey
        && let Some(alias) = facts.alias()
    {
        let made = Mutation { arn: mutation.arn.in_region(&want.region), change: Change::CreateAlias { alias } };
        steps.push(step(facts, (2, vec![1]), made, (asker, &want.options))?);
    }
    Ok(steps)
}

fn mutation(facts: Facts<'_>, want: &Want) -> Result<Mutation, Safe> {
    match want.operation {
        Operation::ReplicateKey => copy::replicate(facts, want),
        Operation::UpdatePrimaryRegion => {
            Ok(Mutation { arn: facts.primary()?, change: Change::UpdatePrimaryRegion { to: want.region.clone() } })
        }
        Operation::CancelKeyDeletion => {
            Ok(Mutation { arn: facts.sound(&want.region)?.arn.clone(), change: Change::CancelKeyDeletion })
        }
        Operation::EnableKey => Ok(Mutation { arn: facts.sound(&want.region)?.arn.clone(), change: Change::EnableKey }),
        Operation::CreateAlias => Err(Safe::from_static("an alias is made only together with a replica")),
    }
}

fn step(
    facts: Facts<'_>,
    (number, after): (u32, Vec<u32>),
    mutation: Mutation,
    (asker, options): (&Asker<'_>, &Options),
) -> Result<Step, Safe> {
    facts.are_sound(&mutation)?;
    // What a step builds on is not there yet when an earlier step makes it.
    let description =
        if after.is_empty() { facts.sound(mutation.sent_to())?.description.clone() } else { Foreign::new("") };
    let mut preconditions = conditions::conditions(facts, &mutation, asker.identity, !after.is_empty());
    if after.is_empty() {
        preconditions.extend(rules::conditions(facts, &mutation));
        preconditions.extend(conditions::policy_is_chosen(facts, &mutation, options));
    }
    let mut consequences = words::consequences(facts, &mutation, options);
    consequences.extend(rules::consequences(facts, &mutation));
    consequences.extend(permissions::notes(facts, &mutation, asker.identity));
    Ok(Step {
        number,
        fingerprint: fingerprint(facts, &mutation),
        preconditions,
        permissions: permissions::needed(facts, &mutation, asker.identity),
        consequences,
        way_back: Some(words::way_back(&mutation)),
        cli: aws_command::command(&mutation),
        alias: facts.alias(),
        description,
        after,
        mutation,
    })
}
