//! Which IAM actions a step needs, and where.

use crate::domain::id::Region;
use crate::domain::plan::{Change, Mutation, Permission, Verdict};

/// Identity policies and organizations' policies cannot be read from here, so nothing is claimed.
pub(super) fn needed(mutation: &Mutation) -> Vec<Permission> {
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
        Change::CreateAlias { .. } => vec![needed("kms:CreateAlias", own)],
    }
}
