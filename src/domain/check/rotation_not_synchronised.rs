//! Related keys whose current key material is not the same one: a rotation has not reached all of them.

use super::deep::Found;
use super::{Check, Judgement, Looked, Remedy, drift};
use crate::domain::key::KeyState;
use crate::domain::standing::{Member, described};
use crate::domain::text::{Foreign, safe};
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
    let is_told = looked.subject.members().iter().any(|member| member.key.material_id.is_some());
    if !is_told && looked.subject.hidden().is_empty() {
        return Vec::new();
    }
    let compared = drift::gather(looked, |member| material(member, is_told)).keep(Option::is_some);
    let remedy = Remedy::text("check again in some minutes; if it stays, ask AWS Support");
    drift::judge(looked, &compared, &remedy, |reference, other| {
        (reference.value != other.value).then(|| "its current key material is another one".into())
    })
}

/// The material that a member encrypts with. One that has none yet, or none any more, has nothing to compare; nor has any if AWS tells it of no member.
fn material<'a>(member: &Member<'a>, is_told: bool) -> Found<Option<&'a Foreign>> {
    let evidence = described(member);
    match (&member.key.material_id, may_have_none(&member.key.state) || !is_told) {
        (None, false) => {
            let detail = safe!("{}: AWS does not say which key material is the current one", member.region);
            let remedy = Remedy::text("look for CurrentKeyMaterialId with aws kms describe-key in that Region");
            let judgement = Judgement::unknown(Some(member.region.clone()), detail, vec![evidence]);
            Err(Box::new(Judgement { remedy, ..judgement }))
        }
        (material, _) => Ok((material.as_ref(), evidence)),
    }
}

/// Whether a key in this state need not have key material.
fn may_have_none(state: &KeyState) -> bool {
    match state {
        KeyState::Creating | KeyState::PendingImport | KeyState::PendingDeletion | KeyState::PendingReplicaDeletion => {
            true
        }
        KeyState::Enabled
        | KeyState::Disabled
        | KeyState::Updating
        | KeyState::Unavailable
        | KeyState::Other(_)
        | KeyState::Missing => false,
    }
}
