//! Which IAM actions a step needs, where, and what the key policies say of them.

use super::{Facts, key_policy};
use crate::domain::id::Region;
use crate::domain::plan::{Change, Identity, Mutation, Permission, Verdict};
use crate::domain::policy::{Doubt, Permits};
use crate::domain::text::{Safe, safe};

/// The actions that a step needs. Passed or failed is only what a key policy that was read says: policies of identities and organizations cannot be read from here.
pub(super) fn needed(facts: Facts<'_>, mutation: &Mutation, identity: &Identity) -> Vec<Permission> {
    let result = |needed: &Needed<'_>| match answer(facts, needed, mutation, identity) {
        Some(Permits::Allowed) => Verdict::Pass,
        Some(Permits::Denied(_)) => Verdict::Fail,
        Some(Permits::Unknown(_)) | None => Verdict::Unknown,
    };
    let all = actions(mutation);
    all.iter()
        .map(|needed| Permission { action: needed.action, region: needed.region.clone(), result: result(needed) })
        .collect()
}

/// What the key policies are known to deny to the caller, or may deny, and by which statement.
pub(super) fn notes(facts: Facts<'_>, mutation: &Mutation, identity: &Identity) -> Vec<Safe> {
    let note = |needed: &Needed<'_>| {
        let (action, region) = (needed.action, needed.region);
        match answer(facts, needed, mutation, identity)? {
            Permits::Allowed | Permits::Unknown(Doubt::LeftToIam) => None,
            Permits::Denied(why) => Some(safe!("! {action} in {region} will be denied by the key policy: {why}")),
            Permits::Unknown(Doubt::Statement(why)) => Some(safe!("! {action} in {region} may be denied: {why}")),
        }
    };
    actions(mutation).iter().filter_map(note).collect()
}

/// One action, and whether a key policy has a say in it: keys and aliases that are yet to be made have none.
struct Needed<'a> {
    action: &'static str,
    region: &'a Region,
    by_key_policy: bool,
}

fn actions(mutation: &Mutation) -> Vec<Needed<'_>> {
    let of_key = |action, region| Needed { action, region, by_key_policy: true };
    let by_iam = |action, region| Needed { action, region, by_key_policy: false };
    let own = &mutation.arn.region;
    match &mutation.change {
        Change::ReplicateKey { to, tags, .. } => {
            let mut all = vec![of_key("kms:ReplicateKey", own), by_iam("kms:CreateKey", to)];
            if !tags.is_empty() {
                all.push(by_iam("kms:TagResource", to));
            }
            all
        }
        Change::UpdatePrimaryRegion { to } => {
            vec![of_key("kms:UpdatePrimaryRegion", own), of_key("kms:UpdatePrimaryRegion", to)]
        }
        Change::CancelKeyDeletion => vec![of_key("kms:CancelKeyDeletion", own)],
        Change::EnableKey => vec![of_key("kms:EnableKey", own)],
        Change::CreateAlias { .. } => vec![by_iam("kms:CreateAlias", own)],
    }
}

fn answer(facts: Facts<'_>, needed: &Needed<'_>, mutation: &Mutation, identity: &Identity) -> Option<Permits> {
    if !needed.by_key_policy {
        return None;
    }
    key_policy::permits(facts, needed.region, (needed.action, mutation), identity)
}
