//! A policy that lets anyone in.

use super::{Check, Judgement, Looked, each_policy};
use crate::domain::policy::open_to_anyone;
use crate::domain::reading::Deep;
use crate::domain::verdict::Severity;

pub(super) const CHECK: Check = Check {
    id: "open_policy",
    title: "A key policy lets anyone in",
    rationale: "A statement that allows every principal, with no condition that keeps it to an account or an organization, opens the key to callers \
                of any AWS account.",
    remedy: "Name the principals, or add a condition such as kms:CallerAccount or aws:PrincipalOrgID, with aws kms put-key-policy.",
    severity: Severity::High,
    needs: &[Deep::Policy],
    judge,
};

fn judge(looked: &Looked<'_>) -> Vec<Judgement> {
    let remedy = "name the principals, or add a condition such as kms:CallerAccount or aws:PrincipalOrgID, with aws kms put-key-policy";
    each_policy(looked, remedy, |_, document| open_to_anyone(document))
}
