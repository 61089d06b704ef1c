//! What a replica gets. ReplicateKey copies nothing by itself, so policy, tags and description are read from the primary and sent along.

use super::Facts;
use crate::domain::id::KeyArn;
use crate::domain::key::Tag;
use crate::domain::plan::{Change, Mutation};
use crate::domain::policy;
use crate::domain::text::{Foreign, Safe, safe};
use crate::engine::change::{Options, PolicyChoice, Want};

/// The request that makes the replica.
pub(super) fn replicate(facts: Facts<'_>, want: &Want) -> Result<Mutation, Safe> {
    let arn = facts.primary()?;
    let own = facts.sound(&arn.region)?;
    let to = want.region.clone();
    let policy = policy(facts, &arn, want)?;
    let tags = tags(facts, &arn, &want.options)?;
    let description = if want.options.leave_description { Foreign::new("") } else { own.description.clone() };
    Ok(Mutation { arn, change: Change::ReplicateKey { to, policy, description, tags } })
}

fn policy(facts: Facts<'_>, arn: &KeyArn, want: &Want) -> Result<Foreign, Safe> {
    let read = || {
        facts.policy(&arn.region).cloned().ok_or(Safe::from_static(
            "the primary's policy could not be read, so it cannot be copied: kms:GetKeyPolicy is needed",
        ))
    };
    match &want.options.policy {
        PolicyChoice::Copy | PolicyChoice::Verbatim => read(),
        PolicyChoice::Rewritten => {
            let own = read()?;
            let rewritten = policy::rewritten(own.original(), &arn.region, &want.region)
                .map_err(|why| safe!("the primary's policy cannot be rewritten: {why}"))?;
            Ok(Foreign::new(rewritten))
        }
        PolicyChoice::Default => Ok(Foreign::new(policy::default_policy(arn.partition, arn.account))),
        PolicyChoice::Given(policy) => Ok(policy.clone()),
    }
}

fn tags(facts: Facts<'_>, arn: &KeyArn, options: &Options) -> Result<Vec<Tag>, Safe> {
    if options.leave_tags {
        return Ok(Vec::new());
    }
    let tags = facts.tags(&arn.region).ok_or(Safe::from_static(
        "the primary's tags could not be read, so they cannot be copied: kms:ListResourceTags is needed",
    ))?;
    Ok(tags.iter().filter(|tag| !tag.is_reserved()).cloned().collect())
}
