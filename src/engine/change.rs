//! Changes under way, as everyone else sees them.

use std::sync::Arc;
use std::time::Duration;

use super::effect::ChangeId;
use crate::domain::fleet::KeyRef;
use crate::domain::id::Region;
use crate::domain::plan::{Claim, Operation, Plan};
use crate::domain::text::Safe;
use crate::domain::time::Timestamp;

/// What the operator asks for, before anything has been read for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Want {
    pub(crate) key: KeyRef,
    pub(crate) operation: Operation,
    /// The Region to replicate into, the new primary's Region, or the Region of the member to keep or enable.
    pub(crate) region: Region,
}

/// How far a change has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// The key is being read for the plan.
    Preparing {
        read: u32,
        of: u32,
    },
    /// No plan can be made, and why.
    Impossible {
        why: Safe,
    },
    /// The plan waits for its confirmation.
    Ready,
    /// Confirmed: credentials are resolved and STS is asked who they are.
    CheckingIdentity,
    /// The key is read again, to be compared with the plan.
    ReadingAgain {
        read: u32,
        of: u32,
    },
    /// The intent is being made durable.
    Recording,
    /// The one request is on the wire.
    Sending {
        since: Timestamp,
    },
    /// Accepted; read until the key settles.
    Following {
        since: Timestamp,
        words: Safe,
        next_read: Option<Duration>,
    },
    /// The reply was lost; read until it is known what happened.
    Reconciling {
        since: Timestamp,
        words: Safe,
        next_read: Option<Duration>,
    },
    Ended,
}

/// One change, from the first key press to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ChangeStatus {
    pub(crate) id: ChangeId,
    pub(crate) want: Want,
    pub(crate) plan: Option<Arc<Plan>>,
    pub(crate) phase: Phase,
    /// What is claimed of it; set as soon as something is, and at the latest when it has ended.
    pub(crate) claim: Option<Claim>,
    pub(crate) ended_at: Option<Timestamp>,
}

impl ChangeStatus {
    /// Confirmed and not over: quitting must wait for it, or say that it does not.
    pub(crate) fn is_in_flight(&self) -> bool {
        match self.phase {
            Phase::CheckingIdentity | Phase::ReadingAgain { .. } | Phase::Recording | Phase::Sending { .. } => true,
            Phase::Preparing { .. }
            | Phase::Impossible { .. }
            | Phase::Ready
            | Phase::Following { .. }
            | Phase::Reconciling { .. }
            | Phase::Ended => false,
        }
    }
}
