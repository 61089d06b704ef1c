//! A member that waits for its key material.

use super::{Check, Judgement, Looked, Remedy, each_member};
use crate::domain::key::KeyState;
use crate::domain::standing::described;
use crate::domain::text::safe;
use crate::domain::verdict::Severity;

pub(super) const CHECK: Check = Check {
    id: "pending_import",
    title: "A related key has no imported key material",
    rationale: "Imported material is not replicated: every member needs the same material imported for itself. Until then it neither encrypts nor \
                decrypts.",
    remedy: "Import the very same key material into the member with aws kms import-key-material.",
    severity: Severity::Medium,
    needs: &[],
    judge,
};

fn judge(looked: &Looked<'_>) -> Vec<Judgement> {
    if !looked.subject.may_import() {
        return Vec::new();
    }
    each_member(looked, |member| {
        if member.key.state != KeyState::PendingImport {
            return None;
        }
        let region = member.region;
        let detail =
            safe!("the member in {region} waits for imported key material, or its material has expired or was deleted");
        let remedy =
            Remedy::text("import the very same key material into this member with aws kms import-key-material");
        Some(Judgement { remedy, ..Judgement::fail(Some(region.clone()), detail, vec![described(member)]) })
    })
}
