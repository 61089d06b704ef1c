//! A member that neither encrypts nor decrypts, and that nothing else here is about.

use super::{Check, Judgement, Looked, Remedy, command, each_member};
use crate::domain::key::KeyState;
use crate::domain::standing::{Member, described};
use crate::domain::text::safe;
use crate::domain::verdict::Severity;

pub(super) const CHECK: Check = Check {
    id: "not_usable",
    title: "A related key is disabled or otherwise not usable",
    rationale: "What is encrypted under the key cannot be read in that Region, and a failover to it fails.",
    remedy: "Enable the member, if nobody disabled it on purpose.",
    severity: Severity::Medium,
    needs: &[],
    judge,
};

fn judge(looked: &Looked<'_>) -> Vec<Judgement> {
    each_member(looked, member)
}

fn member(member: &Member<'_>) -> Option<Judgement> {
    let state = &member.key.state;
    let (here, evidence) = (Some(member.region.clone()), vec![described(member)]);
    let detail = safe!("the member in {} is {}", member.region, state.safe());
    match state {
        KeyState::Disabled => {
            let plan = command(&["plan", "enable", &member.key.arn.to_string()]);
            let remedy = Remedy::plan("enable it, if nobody disabled it on purpose".into(), plan);
            Some(Judgement { remedy, ..Judgement::fail(here, detail, evidence) })
        }
        KeyState::Unavailable => Some(Judgement {
            remedy: Remedy::text("see the key store of this member"),
            ..Judgement::fail(here, detail, evidence)
        }),
        KeyState::Other(_) | KeyState::Missing => Some(Judgement {
            remedy: Remedy::text("keyfleet does not know this state: look the member up in the console"),
            ..Judgement::unknown(here, detail, evidence)
        }),
        // What is made, updated, imported or dying has checks of its own.
        KeyState::Enabled
        | KeyState::Updating
        | KeyState::Creating
        | KeyState::PendingImport
        | KeyState::PendingDeletion
        | KeyState::PendingReplicaDeletion => None,
    }
}
