//! A step against the key as it is now: its fingerprint by value, and what must hold.

use std::collections::BTreeSet;

use super::conditions::conditions;
use super::{Facts, rules};
use crate::domain::id::Region;
use crate::domain::plan::{Change, Fingerprint, Identity, MemberPrint, Mutation, Step};
use crate::domain::policy;
use crate::domain::text::{Foreign, Safe, safe};

/// What a step depends on, by value.
pub(crate) fn fingerprint(facts: Facts<'_>, mutation: &Mutation) -> Fingerprint {
    let mut regions = vec![mutation.arn.region.clone()];
    if let Change::UpdatePrimaryRegion { to } = &mutation.change {
        regions.push(to.clone());
    }
    let print = |region: &Region| {
        let key = facts.described(region)?;
        Some(MemberPrint {
            arn: key.arn.clone(),
            state: key.state.clone(),
            role: key.role,
            primary: key.primary.as_ref().map(|arn| arn.region.clone()),
        })
    };
    let mut members: Vec<MemberPrint> = regions.iter().filter_map(print).collect();
    members.sort();
    let Change::ReplicateKey { .. } = &mutation.change else {
        return Fingerprint { members, regions: Vec::new(), policy_sha256: None };
    };
    let own = facts.described(&mutation.arn.region);
    let mut regions: Vec<Region> =
        own.map(|key| key.named().map(|arn| arn.region.clone()).collect()).unwrap_or_default();
    regions.sort();
    regions.dedup();
    let policy = facts.policy(&mutation.arn.region).map(Foreign::original);
    Fingerprint { members, regions, policy_sha256: policy.map(|policy| policy::sha256(policy).into()) }
}

/// Whether the key is still as the step's plan saw it. `made` are the Regions into which this very run has replicated it meanwhile. Ages, dates and counts
/// are not looked at.
pub(crate) fn check(facts: Facts<'_>, step: &Step, made: &BTreeSet<Region>, identity: &Identity) -> Result<(), Safe> {
    facts.are_sound(&step.mutation)?;
    if step.after.is_empty() {
        let mut before = step.fingerprint.clone();
        let mut after = fingerprint(facts, &step.mutation);
        for region in made {
            before.regions.retain(|other| other != region);
            after.regions.retain(|other| other != region);
        }
        if let Some(difference) = difference(facts, &before, &after) {
            return Err(difference);
        }
    }
    let mut conditions = conditions(facts, &step.mutation, identity, false);
    conditions.extend(rules::forbidden(facts, &step.mutation));
    let blocking =
        conditions.iter().find(|condition| condition.blocks && condition.result != crate::domain::plan::Verdict::Pass);
    blocking.map_or(Ok(()), |condition| Err(condition.text.clone()))
}

/// The first thing in which the key differs from the plan.
fn difference(facts: Facts<'_>, before: &Fingerprint, after: &Fingerprint) -> Option<Safe> {
    for member in &before.members {
        let region = &member.arn.region;
        let Some(now) = after.members.iter().find(|now| now.arn.region == *region) else {
            return Some(facts.sound(region).err().unwrap_or_else(|| safe!("the key in {region} could not be read")));
        };
        if now != member {
            return Some(moved(member, now));
        }
    }
    if before.policy_sha256 != after.policy_sha256 {
        let read = after.policy_sha256.is_some();
        let words = if read { "its policy changed" } else { "its policy could not be read again" };
        return Some(Safe::from_static(words));
    }
    (before.regions != after.regions).then(|| Safe::from_static("its set of related keys changed"))
}

fn moved(before: &MemberPrint, after: &MemberPrint) -> Safe {
    let region = &before.arn.region;
    if before.state != after.state {
        return safe!("{region} was {} and is {}", before.state.safe(), after.state.safe());
    }
    safe!("{region} has another role, or another primary key, than when the plan was made")
}
