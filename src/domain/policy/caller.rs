//! Who is asking, as far as a key policy can tell from the ARN that STS gives.
//!
//! STS names the session of a role without the path of the role. The name alone decides all the same: an account has no two roles of one name, whatever their
//! paths. Only a condition that compares the whole ARN remains undecided.

use super::document::Principal;
use super::wildcard::{fits, overlap};
use crate::domain::id::AccountId;

/// An authenticated caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Caller {
    arn: String,
    account: AccountId,
    kind: Kind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    /// The account's root user.
    Root,
    /// A session of the role of this name; what stands before the name in the role's ARN, without its path.
    Session { role: String, before: String },
    /// An IAM user, a federated user, or a kind that is not known: compared as a whole.
    Named,
}

/// Whether a statement is about the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meant {
    Yes,
    No,
    /// Through the caller's account: its IAM policies decide.
    ByAccount,
    Unknown,
}

impl Caller {
    /// The caller as `GetCallerIdentity` names it.
    pub(crate) fn new(arn: &str, account: AccountId) -> Self {
        Self { arn: arn.to_owned(), account, kind: kind(arn, account) }
    }

    pub(super) fn account(&self) -> AccountId {
        self.account
    }

    pub(super) fn is_meant_by(&self, principal: &Principal) -> Meant {
        match principal {
            Principal::Anyone => Meant::Yes,
            Principal::Account(account) if *account != self.account => Meant::No,
            Principal::Account(_) if self.kind == Kind::Root => Meant::Yes,
            Principal::Account(_) => Meant::ByAccount,
            Principal::Aws(name) => self.is_named(name),
            Principal::Other { .. } => Meant::No,
        }
    }

    fn is_named(&self, principal: &str) -> Meant {
        if principal.contains(['*', '?', '$']) {
            return Meant::Unknown;
        }
        let is_meant = principal == self.arn
            || match &self.kind {
                Kind::Session { role, before } => principal
                    .strip_prefix(before.as_str())
                    .is_some_and(|rest| rest.rsplit('/').next().is_some_and(|name| name.eq_ignore_ascii_case(role))),
                Kind::Root | Kind::Named => false,
            };
        if is_meant { Meant::Yes } else { Meant::No }
    }

    /// Whether `aws:PrincipalArn` fits the pattern; for a session that is the role's ARN, of which the path is not known.
    pub(super) fn arn_fits(&self, pattern: &str) -> Option<bool> {
        let Kind::Session { role, before } = &self.kind else { return Some(fits(pattern, &self.arn)) };
        if pattern == "*"
            || fits(pattern, &format!("{before}\u{0}/{role}")) && fits(pattern, &format!("{before}{role}"))
        {
            return Some(true);
        }
        if overlap(pattern, &format!("{before}*/{role}")) || fits(pattern, &format!("{before}{role}")) {
            return None;
        }
        Some(false)
    }

    /// The role of which this is a session.
    pub(super) fn role(&self) -> Option<&str> {
        match &self.kind {
            Kind::Session { role, .. } => Some(role),
            Kind::Root | Kind::Named => None,
        }
    }

    pub(super) fn user_arn(&self) -> Option<&str> {
        let resource = self.arn.splitn(6, ':').nth(5)?;
        resource.starts_with("user/").then_some(self.arn.as_str())
    }
}

fn kind(arn: &str, account: AccountId) -> Kind {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let ["arn", partition, service, "", _, resource] = parts.as_slice() else { return Kind::Named };
    match (*service, *resource) {
        ("iam", "root") => Kind::Root,
        ("sts", session) => match session.strip_prefix("assumed-role/").and_then(|rest| rest.split_once('/')) {
            Some((role, _)) => {
                Kind::Session { role: role.to_owned(), before: format!("arn:{partition}:iam::{account}:role/") }
            }
            None => Kind::Named,
        },
        _ => Kind::Named,
    }
}
