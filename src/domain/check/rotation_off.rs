//! Automatic rotation that could be on and is not.

use super::{Check, Judgement, Looked, Remedy, deep, doubt};
use crate::domain::fleet::row::Primary;
use crate::domain::key::{RegionalKey, Rotation};
use crate::domain::reading::Deep;
use crate::domain::standing::Member;
use crate::domain::text::safe;
use crate::domain::verdict::Severity;

pub(super) const CHECK: Check = Check {
    id: "rotation_off",
    title: "Automatic key rotation is off",
    rationale: "Rotation limits how much is encrypted under one key material, and many standards ask for it. It is set on the primary and holds for all \
                related keys; asymmetric, HMAC and imported keys cannot rotate by themselves.",
    remedy: "Turn it on with aws kms enable-key-rotation, on the primary.",
    severity: Severity::Medium,
    needs: &[Deep::Rotation],
    judge,
};

fn judge(looked: &Looked<'_>) -> Vec<Judgement> {
    let row = looked.subject.row;
    if row.shared().is_some_and(|key| !can_rotate(key)) {
        return Vec::new();
    }
    let primary = match &row.primary {
        Primary::In(region) => looked.subject.member(region),
        // Of two that take the role from each other either knows: rotation is shared.
        Primary::Moving { .. } | Primary::Contradictory { .. } | Primary::Unknown => {
            looked.subject.members().into_iter().find(|member| member.related.rotation.fresh().is_some())
        }
    };
    match primary {
        Some(primary) => judge_primary(&primary),
        None if is_left_out(looked) => Vec::new(),
        None => {
            let detail = "the primary could not be read, and rotation is asked of it alone".into();
            let unread = Judgement::unknown(None, detail, looked.subject.everything());
            let remedy =
                doubt(looked).map_or_else(|| Remedy::text("check again in five minutes"), |doubt| doubt.remedy);
            vec![Judgement { remedy, ..unread }]
        }
    }
}

fn can_rotate(key: &RegionalKey) -> bool {
    key.spec.original() == "SYMMETRIC_DEFAULT" && key.origin.original() == "AWS_KMS"
}

fn is_left_out(looked: &Looked<'_>) -> bool {
    let cell = looked.subject.row.primary_region().and_then(|region| looked.subject.row.cell(region));
    cell.is_some_and(|cell| !cell.in_scope)
}

fn judge_primary(primary: &Member<'_>) -> Vec<Judgement> {
    // KMS answers "off" for a key that is dying, whatever was set.
    if primary.key.state.is_pending_deletion() {
        return Vec::new();
    }
    let region = primary.region;
    match deep::rotation(primary) {
        Err(judgement) => vec![*judgement],
        Ok((Rotation::NotApplicable, _)) => Vec::new(),
        Ok((Rotation::On { .. }, evidence)) => {
            vec![Judgement::pass(None, safe!("automatic rotation is on, says the primary in {region}"), vec![evidence])]
        }
        Ok((Rotation::Off, evidence)) => {
            let detail = safe!("automatic rotation is off, says the primary in {region}");
            let remedy = Remedy::text("turn it on with aws kms enable-key-rotation, on the primary");
            vec![Judgement { remedy, ..Judgement::fail(None, detail, vec![evidence]) }]
        }
    }
}
