//! A policy that leaves nobody who could change it.

use super::{Check, Judgement, Looked, each_policy};
use crate::domain::policy::nobody_can_manage;
use crate::domain::reading::Deep;
use crate::domain::verdict::Severity;

pub(super) const CHECK: Check = Check {
    id: "unmanageable_policy",
    title: "A key policy lets nobody manage the key",
    rationale: "If no principal of the account may call kms:PutKeyPolicy, nobody can repair the policy, and only AWS Support can bring the key back \
                under control.",
    remedy: "While some principal still manages the other members, ask AWS Support to restore access to this one.",
    severity: Severity::High,
    needs: &[Deep::Policy],
    judge,
};

fn judge(looked: &Looked<'_>) -> Vec<Judgement> {
    let remedy = "ask AWS Support to restore access to this member; keep the other members' policies as they are";
    each_policy(looked, remedy, |member, document| nobody_can_manage(document, member.key.arn.account))
}
