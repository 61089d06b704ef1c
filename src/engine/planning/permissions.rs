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
            let mut all = vec![of_key(Permission::REPLICATE_KEY, own), by_iam(Permission::CREATE_KEY, to)];
            if !tags.is_empty() {
                all.push(by_iam(Permission::TAG_RESOURCE, to));
            }
            all
        }
        Change::UpdatePrimaryRegion { to } => {
            vec![of_key(Permission::UPDATE_PRIMARY_REGION, own), of_key(Permission::UPDATE_PRIMARY_REGION, to)]
        }
        Change::CancelKeyDeletion => vec![of_key(Permission::CANCEL_KEY_DELETION, own)],
        Change::EnableKey => vec![of_key(Permission::ENABLE_KEY, own)],
        Change::CreateAlias { .. } => vec![by_iam(Permission::CREATE_ALIAS, own)],
    }
}

fn answer(facts: Facts<'_>, needed: &Needed<'_>, mutation: &Mutation, identity: &Identity) -> Option<Permits> {
    if !needed.by_key_policy {
        return None;
    }
    key_policy::permits(facts, needed.region, (needed.action, mutation), identity)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::domain::id::KeyArn;
    use crate::domain::key::Tag;
    use crate::domain::plan::Operation;
    use crate::domain::text::Foreign;

    fn change(operation: Operation) -> Change {
        let to = || Region::parse("eu-west-1").unwrap();
        let text = || Foreign::new("x");
        match operation {
            Operation::ReplicateKey => {
                let tags = vec![Tag { key: text(), value: text() }];
                Change::ReplicateKey { to: to(), policy: text(), description: text(), tags }
            }
            Operation::CancelKeyDeletion => Change::CancelKeyDeletion,
            Operation::UpdatePrimaryRegion => Change::UpdatePrimaryRegion { to: to() },
            Operation::EnableKey => Change::EnableKey,
            Operation::CreateAlias => Change::CreateAlias { alias: text() },
        }
    }

    /// A plan's file may name these and no other, so what is planned must be among them, and nothing may be that is never planned.
    #[test]
    fn what_is_planned_needs_the_known_actions_and_no_other() {
        let arn = KeyArn::parse("arn:aws:kms:us-east-1:111122223333:key/mrk-1").unwrap();
        let mut named = BTreeSet::new();
        for operation in Operation::ALL {
            let mutation = Mutation { arn: arn.clone(), change: change(operation) };
            named.extend(actions(&mutation).iter().map(|needed| needed.action));
        }
        assert_eq!(named, BTreeSet::from(Permission::ACTIONS));
    }
}
