//! A judgement that is reported: with its check, its rule, its key, and a name that stays the same from run to run.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use super::{Check, Judgement};
use crate::domain::fleet::KeyRef;
use crate::domain::id::{AccountId, Region};
use crate::domain::text::Foreign;
use crate::domain::verdict::{Severity, Verdict};

/// Coverage goes by the rules, not by the member: [`super::run`] judges it.
pub(crate) const COVERAGE: Check = Check {
    id: "coverage",
    title: "A key does not have the members that a rule asks for, or has one that a rule forbids",
    rationale: "A key that is missing where it is needed is found out in the failover; a member where it must not be breaks residency.",
    remedy: "Replicate the key, enable, keep or import a member, promote another one; or change the rule.",
    severity: Severity::High,
    needs: &[],
    judge: |_| Vec::new(),
};

/// One line of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) check: &'static str,
    pub(crate) rule: Option<Foreign>,
    pub(crate) severity: Severity,
    pub(crate) account: Option<AccountId>,
    /// None where a rule matches no key.
    pub(crate) key: Option<KeyRef>,
    pub(crate) judgement: Judgement,
}

impl Finding {
    pub(crate) fn region(&self) -> Option<&Region> {
        self.judgement.region.as_ref()
    }

    /// Whether it counts where failures below `fail_on` do not. What is not known always does: nobody looked, so nobody can say what it weighs.
    pub(crate) fn decides(&self, fail_on: Severity) -> bool {
        match self.judgement.verdict {
            Verdict::Fail => self.severity >= fail_on,
            Verdict::Unknown | Verdict::Pass => true,
        }
    }

    /// The first 16 hexadecimal digits of the SHA-256 over what the finding is about, one field a line: the same in every run, whatever was found.
    pub(crate) fn id(&self) -> String {
        let account = self.account.map(|account| account.to_string());
        let fields = [
            Some(self.check),
            self.rule.as_ref().map(Foreign::original),
            account.as_deref(),
            self.key.as_ref().map(|key| key.id.as_str()),
            self.region().map(Region::as_str),
        ];
        let text = fields.map(Option::unwrap_or_default).join("\n");
        let digest = Sha256::digest(text.as_bytes());
        digest.iter().take(8).fold(String::with_capacity(16), |mut hex, byte| {
            let _infallible = write!(hex, "{byte:02x}");
            hex
        })
    }
}
