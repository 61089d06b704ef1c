//! The checks: what each asks of a key, how much it weighs, and what helps. One file each; all of them stand in [`CHECKS`].
//!
//! A check gives judgements about one key. It gives none if it is not about the key, and never a pass that something unread could overturn.

pub(crate) mod finding;
pub(crate) mod run;
pub(crate) mod tuning;

mod alias_drift;
mod deep;
mod default_policy_replica;
mod deletion_never_starts;
mod description_drift;
mod drift;
mod material_expiry;
mod moving_long;
mod no_replica;
mod no_single_primary;
mod not_usable;
mod odd_answer;
mod open_policy;
mod pending_deletion;
mod pending_import;
mod policy_drift;
mod primary_unreadable;
mod rotation_not_synchronised;
mod rotation_off;
mod tags_drift;
#[cfg(test)]
mod tests;
mod unmanageable_policy;

use std::fmt::Write as _;

use super::evidence::Evidence;
use super::id::Region;
use super::policy::Document;
use super::reading::Deep;
use super::shell;
use super::standing::{Hidden, Member, Subject};
use super::text::{Foreign, Safe};
use super::time::Timestamp;
use super::verdict::{Severity, Verdict};
use tuning::Tuning;

/// One check, as it is documented.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Check {
    /// The name in reports and in the configuration.
    pub(crate) id: &'static str,
    /// One line: what is wrong where it fires.
    pub(crate) title: &'static str,
    /// Why that matters.
    pub(crate) rationale: &'static str,
    /// What helps, in general.
    pub(crate) remedy: &'static str,
    /// By default.
    pub(crate) severity: Severity,
    /// The readings that it needs beyond listings and descriptions.
    pub(crate) needs: &'static [Deep],
    judge: fn(&Looked<'_>) -> Vec<Judgement>,
}

/// All checks, the most urgent first: that is the order of findings that weigh the same, and of the documentation. Coverage goes by the rules.
pub(crate) const CHECKS: &[Check] = &[
    pending_deletion::CHECK,
    deletion_never_starts::CHECK,
    material_expiry::CHECK,
    no_single_primary::CHECK,
    primary_unreadable::CHECK,
    odd_answer::CHECK,
    unmanageable_policy::CHECK,
    open_policy::CHECK,
    not_usable::CHECK,
    pending_import::CHECK,
    finding::COVERAGE,
    moving_long::CHECK,
    no_replica::CHECK,
    default_policy_replica::CHECK,
    policy_drift::CHECK,
    rotation_not_synchronised::CHECK,
    rotation_off::CHECK,
    tags_drift::CHECK,
    alias_drift::CHECK,
    description_drift::CHECK,
];

/// How urgent a check's findings are among those that weigh the same.
pub(crate) fn place(id: &str) -> usize {
    CHECKS.iter().position(|check| check.id == id).unwrap_or(CHECKS.len())
}

/// The check of this name.
pub(crate) fn named(id: &str) -> Option<&'static Check> {
    CHECKS.iter().find(|check| check.id == id)
}

/// What a check looks at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Looked<'a> {
    pub(crate) subject: Subject<'a>,
    pub(crate) tuning: &'a Tuning,
    pub(crate) now: Timestamp,
}

/// What a check or a rule says of a key, in a Region or as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Judgement {
    pub(crate) region: Option<Region>,
    pub(crate) verdict: Verdict,
    pub(crate) detail: Safe,
    pub(crate) remedy: Remedy,
    pub(crate) evidence: Vec<Evidence>,
}

impl Judgement {
    pub(crate) fn pass(region: Option<Region>, detail: Safe, evidence: Vec<Evidence>) -> Self {
        Self { region, verdict: Verdict::Pass, detail, remedy: Remedy::none(), evidence }
    }

    pub(crate) fn fail(region: Option<Region>, detail: Safe, evidence: Vec<Evidence>) -> Self {
        Self { region, verdict: Verdict::Fail, detail, remedy: Remedy::none(), evidence }
    }

    pub(crate) fn unknown(region: Option<Region>, detail: Safe, evidence: Vec<Evidence>) -> Self {
        Self { region, verdict: Verdict::Unknown, detail, remedy: Remedy::none(), evidence }
    }
}

/// What helps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Remedy {
    pub(crate) text: Safe,
    /// The command that plans it, quoted for a shell.
    pub(crate) plan: Option<Foreign>,
}

impl Remedy {
    pub(crate) fn none() -> Self {
        Self::said(Safe::default())
    }

    pub(crate) fn text(text: &'static str) -> Self {
        Self::said(Safe::from_static(text))
    }

    pub(crate) fn said(text: Safe) -> Self {
        Self { text, plan: None }
    }

    pub(crate) fn plan(text: Safe, plan: Foreign) -> Self {
        Self { text, plan: Some(plan) }
    }
}

/// A keyfleet command, quoted for a shell.
pub(crate) fn command(words: &[&str]) -> Foreign {
    let mut line = String::from("keyfleet");
    for word in words {
        let _infallible = write!(line, " {}", shell::word(word));
    }
    Foreign::new(line)
}

impl Subject<'_> {
    /// What names the key on a command line.
    pub(crate) fn key_argument(&self) -> String {
        self.row.key.id.as_str().to_owned()
    }

    /// Whether its key material may be imported: of a key of which nothing was read that is not known.
    fn may_import(&self) -> bool {
        self.row.shared().is_none_or(|key| key.origin.original() == "EXTERNAL")
    }
}

/// What `judge` says of each member that was read; members and Regions that were not read are unknown. If nothing is said, the key passes.
fn each_member(looked: &Looked<'_>, judge: impl Fn(&Member<'_>) -> Option<Judgement>) -> Vec<Judgement> {
    let members = looked.subject.members();
    let mut judgements: Vec<Judgement> = members.iter().filter_map(judge).collect();
    judgements.extend(doubt(looked));
    if judgements.is_empty() {
        judgements.push(passed(looked, "nothing of the kind in any member"));
    }
    judgements
}

/// What `judge` finds wrong with the policy of each member.
fn each_policy(
    looked: &Looked<'_>,
    remedy: &'static str,
    judge: impl Fn(&Member<'_>, &Document) -> Option<Safe>,
) -> Vec<Judgement> {
    let mut read = Vec::new();
    let mut judgements = Vec::new();
    for member in looked.subject.members() {
        match deep::policy(&member) {
            Err(unread) => judgements.push(*unread),
            Ok((document, evidence)) => match judge(&member, &document) {
                None => read.push(evidence),
                Some(what) => {
                    let detail = super::text::safe!("the policy in {}: {what}", member.region);
                    let found = Judgement::fail(Some(member.region.clone()), detail, vec![evidence]);
                    judgements.push(Judgement { remedy: Remedy::text(remedy), ..found });
                }
            },
        }
    }
    judgements.extend(doubt(looked));
    if judgements.is_empty() {
        let passed = passed(looked, "nothing of the kind in any member's policy");
        judgements.push(Judgement { evidence: passed.evidence.into_iter().chain(read).collect(), ..passed });
    }
    judgements
}

/// A pass that rests on everything that was read of the key.
fn passed(looked: &Looked<'_>, detail: &'static str) -> Judgement {
    let is_declared = looked.subject.hidden().is_declared;
    let detail = if is_declared {
        super::text::safe!("{detail}; Regions that could not be read are taken by the primary's word (declared)")
    } else {
        Safe::from_static(detail)
    };
    Judgement::pass(None, detail, looked.subject.everything())
}

/// What was not read of the key could be wrong in the same way.
fn doubt(looked: &Looked<'_>) -> Option<Judgement> {
    let hidden: Hidden<'_> = looked.subject.hidden();
    if hidden.is_empty() {
        return None;
    }
    let next_step = hidden.members.iter().chain(&hidden.regions).map(|(_, kind)| kind.next_step()).next();
    let remedy = Remedy::text(next_step.unwrap_or_default());
    Some(Judgement { remedy, ..Judgement::unknown(None, hidden.words(), looked.subject.everything()) })
}
