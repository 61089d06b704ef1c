//! Related keys with different descriptions.

use super::{Check, Judgement, Looked, Remedy, drift};
use crate::domain::text::{Foreign, Safe, safe};
use crate::domain::verdict::Severity;

pub(super) const CHECK: Check = Check {
    id: "description_drift",
    title: "Related keys have different descriptions",
    rationale: "ReplicateKey copies no description. Whoever meets the replica alone does not learn from it what the key is for.",
    remedy: "Describe the members alike with aws kms update-key-description.",
    severity: Severity::Info,
    needs: &[],
    judge,
};

fn judge(looked: &Looked<'_>) -> Vec<Judgement> {
    let compared = drift::gather_described(looked, |member| &member.key.description);
    let remedy = Remedy::text("describe the members alike with aws kms update-key-description");
    drift::judge(looked, &compared, &remedy, |reference, other| words(reference.value, other.value))
}

fn words(reference: &Foreign, other: &Foreign) -> Option<Safe> {
    match (reference == other, other.is_empty(), reference.is_empty()) {
        (true, _, _) => None,
        (false, true, _) => Some(safe!("no description instead of \"{}\"", reference.safe())),
        (false, false, true) => Some(safe!("\"{}\" instead of none", other.safe())),
        (false, false, false) => Some(safe!("\"{}\" instead of \"{}\"", other.safe(), reference.safe())),
    }
}
