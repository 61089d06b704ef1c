//! Related keys whose current key material is not the same one: a rotation has not reached all of them.

use super::{Check, Judgement, Looked, Remedy, drift};
use crate::domain::verdict::Severity;

pub(super) const CHECK: Check = Check {
    id: "rotation_not_synchronised",
    title: "A rotation has not reached all related keys",
    rationale: "Related keys share their key material. Until a rotation is synchronised, what one member encrypts with the new material another \
                cannot decrypt yet.",
    remedy: "Check again in some minutes; if it stays, ask AWS Support.",
    severity: Severity::Medium,
    needs: &[],
    judge,
};

fn judge(looked: &Looked<'_>) -> Vec<Judgement> {
    if looked.subject.row.shared().is_some_and(|key| key.spec.original() != "SYMMETRIC_DEFAULT") {
        return Vec::new();
    }
    let compared = drift::gather_described(looked, |member| member.key.material_id.as_ref());
    // One that is being made or waits for its import has none yet: that is no difference.
    let compared = compared.keep(Option::is_some);
    let remedy = Remedy::text("check again in some minutes; if it stays, ask AWS Support");
    drift::judge(looked, &compared, &remedy, |reference, other| {
        (reference.value != other.value).then(|| "its current key material is another one".into())
    })
}
