//! Related keys whose policies say different things. A default policy on a replica has a check of its own, and is then not told twice.

use super::{Check, Judgement, Looked, Remedy, deep, default_policy_replica, drift};
use crate::domain::policy::{Side, differences};
use crate::domain::reading::Deep;
use crate::domain::text::safe;
use crate::domain::verdict::{Severity, Verdict};

pub(super) const CHECK: Check = Check {
    id: "policy_drift",
    title: "Related keys have different policies",
    rationale: "Every related key has a policy of its own, and each of them opens the same key material: the loosest one decides who can decrypt, and \
                a stricter one fails in the failover.",
    remedy: "Bring the policies into line with aws kms put-key-policy; keyfleet changes no policy.",
    severity: Severity::Medium,
    needs: &[Deep::Policy],
    judge,
};

fn judge(looked: &Looked<'_>) -> Vec<Judgement> {
    let told = if looked.tuning.is_enabled(&default_policy_replica::CHECK) {
        default_policy_replica::failing(looked)
    } else {
        Vec::new()
    };
    let compared = drift::gather(looked, |member| deep::policy(member));
    let remedy =
        Remedy::text("decide which policy is right, then set it in the other Region with aws kms put-key-policy");
    let mut judgements = drift::judge(looked, &compared, &remedy, |reference, other| {
        if told.contains(other.member.region) {
            return None;
        }
        let found = differences(
            Side { document: &reference.value, region: reference.member.region },
            Side { document: &other.value, region: other.member.region },
        );
        let first = found.first()?.words();
        Some(match found.len() {
            1 => safe!("1 difference: {first}"),
            count => safe!("{count} differences, the first: {first}"),
        })
    });
    if !told.is_empty() {
        // What the other check tells is drift too: no pass beside it.
        judgements.retain(|judgement| judgement.verdict != Verdict::Pass);
    }
    judgements
}
