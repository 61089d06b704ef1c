//! Why a plan is not carried out: each reason in words of its own, with what to do.

use crate::domain::id::AccountId;
use crate::domain::text::{Foreign, Safe, safe};
use crate::domain::time::{Timestamp, span};
use crate::wire::found::{Wrong, Wrongness};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PlanError {
    /// The file cannot be used as one.
    File { what: Safe, remedy: &'static str },
    /// It is not JSON.
    NotJson { line: usize, column: usize, what: Safe },
    /// It is another document than a plan.
    NotAPlan,
    /// It is a plan of a form that this keyfleet does not know.
    OtherSchema { found: Foreign },
    /// It is not as keyfleet wrote it.
    Edited,
    /// Something in it does not have its form, or makes no sense.
    Wrong(Wrong),
    /// Its time is over.
    Expired { at: Timestamp, now: Timestamp },
    /// It is of another account than the one to be changed.
    OtherAccount { plan: AccountId, wanted: AccountId },
}

impl From<Wrong> for PlanError {
    fn from(wrong: Wrong) -> Self {
        PlanError::Wrong(wrong)
    }
}

impl PlanError {
    /// A guard refuses it: it is a plan, and must not be carried out. Otherwise it is no plan at all.
    pub(crate) fn is_refusal(&self) -> bool {
        match self {
            PlanError::File { .. }
            | PlanError::NotJson { .. }
            | PlanError::NotAPlan
            | PlanError::OtherSchema { .. }
            | PlanError::Wrong(Wrong { kind: Wrongness::Form, .. }) => false,
            PlanError::Edited
            | PlanError::Wrong(Wrong { kind: Wrongness::Sense, .. })
            | PlanError::Expired { .. }
            | PlanError::OtherAccount { .. } => true,
        }
    }

    /// What is wrong, and where in the document.
    pub(crate) fn what(&self) -> Safe {
        match self {
            PlanError::File { what, .. } => what.clone(),
            PlanError::NotJson { line, column, what } => {
                safe!("it is not JSON: line {line}, column {column}: {what}")
            }
            PlanError::NotAPlan => Safe::from_static("it is no plan of keyfleet: schema is not keyfleet.plan/1"),
            PlanError::OtherSchema { found } => {
                safe!("its schema is {}, and this keyfleet reads keyfleet.plan/1", found.safe())
            }
            PlanError::Edited => {
                Safe::from_static("it was edited: its digest, or a step's command, is that of another content")
            }
            PlanError::Wrong(wrong) => wrong.words(),
            PlanError::Expired { at, now } => {
                safe!("it expired {} ago, on {}", span(now.since(*at)), at.minute())
            }
            PlanError::OtherAccount { plan, wanted } => safe!("it is a plan for account {plan}, not for {wanted}"),
        }
    }

    /// What to do about it.
    pub(crate) fn remedy(&self) -> &'static str {
        match self {
            PlanError::File { remedy, .. } => remedy,
            PlanError::NotJson { .. } | PlanError::NotAPlan => "give it the file that `keyfleet plan` printed",
            PlanError::OtherSchema { .. } => "apply it with the keyfleet that made it, or make it again",
            PlanError::Edited => "make the plan again; a plan is changed by the flags of `keyfleet plan`",
            PlanError::Wrong(Wrong { kind: Wrongness::Form, .. }) => "make the plan again with `keyfleet plan`",
            PlanError::Wrong(Wrong { kind: Wrongness::Sense, .. }) => {
                "keyfleet makes no such plan: make it again with `keyfleet plan`"
            }
            PlanError::Expired { .. } => "make it again and review it: the keys may have changed since",
            PlanError::OtherAccount { .. } => "sign in to the plan's account and name it with --account",
        }
    }
}
