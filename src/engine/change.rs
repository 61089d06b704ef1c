//! Changes under way, as everyone else sees them: a plan with its steps, and how far each has come.

use std::sync::Arc;
use std::time::Duration;

use super::effect::ChangeId;
use crate::domain::fleet::KeyRef;
use crate::domain::id::Region;
use crate::domain::plan::{Claim, Intent, Mutation, Operation, Outcome, Plan};
use crate::domain::reading::Asked;
use crate::domain::text::{Foreign, Safe};
use crate::domain::time::{Now, Timestamp};

/// What the operator asks for of one key, before anything has been read for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Want {
    pub(crate) key: KeyRef,
    pub(crate) operation: Operation,
    /// The Region to replicate into, the new primary's Region, or the Region of the member to keep or enable.
    pub(crate) region: Region,
    pub(crate) options: Options,
}

/// How it is to be done.
#[expect(clippy::struct_excessive_bools, reason = "each is a choice of its own in the dialog and on the command line")]
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(crate) struct Options {
    pub(crate) policy: PolicyChoice,
    pub(crate) leave_tags: bool,
    pub(crate) leave_description: bool,
    /// A second step makes the primary's first alias in the replica's Region too.
    pub(crate) alias: bool,
    /// A second step enables the key whose deletion is cancelled.
    pub(crate) then_enable: bool,
}

/// Which policy a replica gets.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(crate) enum PolicyChoice {
    /// The primary's, as long as it names no Region; where it does, one of the others must be chosen.
    #[default]
    Copy,
    /// The primary's to the letter, whatever it names.
    Verbatim,
    /// The primary's, with its Region replaced by the replica's.
    Rewritten,
    /// The one that KMS gives: the account's root may do everything.
    Default,
    Given(Foreign),
}

/// How far a change has come as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// The keys are being read for the plan.
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
    /// Every key is read again, to be compared with the plan.
    ReadingAgain {
        read: u32,
        of: u32,
    },
    /// The steps are sent, one after another, and followed.
    Applying,
    Ended,
}

/// How far one step has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum StepPhase {
    /// Its turn has not come.
    Waiting,
    /// Its turn has come: the key is read once more.
    ReadingAgain,
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

/// Why a step was not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unsent {
    /// The credentials are not of the account or the caller of the plan, or none could be had.
    Guard,
    /// A key is not as the plan saw it, or could not be read again. Nothing of the run was sent.
    Changed,
    /// The key changed after others of the run had been sent.
    ChangedLate,
    /// Another keyfleet holds the lock of the account.
    Lock,
    /// The journal cannot be written.
    Journal,
    /// It provably did not leave this machine.
    NeverLeft,
    /// An earlier step of the run is not done, is unknown or was denied.
    Stopped,
}

/// One step of a change: at most one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StepStatus {
    pub(crate) number: u32,
    pub(crate) after: Vec<u32>,
    pub(crate) key: KeyRef,
    pub(crate) mutation: Mutation,
    pub(crate) phase: StepPhase,
    /// What is claimed of it; set as soon as something is, and at the latest when it has ended.
    pub(crate) claim: Option<Claim>,
    pub(crate) unsent: Option<Unsent>,
    /// The key has come to rest after it.
    pub(crate) settled: bool,
    /// Why its outcome is not in the journal.
    pub(crate) unrecorded: Option<Safe>,
    pub(super) tracking: Tracking,
}

/// What the machine keeps of a step for itself.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(super) struct Tracking {
    pub(super) intent: Option<Arc<Intent>>,
    /// Only answers to questions asked later than this say anything of the step.
    pub(super) asked_after: Asked,
    /// Reads that are awaited.
    pub(super) awaited: usize,
    /// How many times the key was looked at since the request.
    pub(super) rounds: u32,
    pub(super) next_read: Option<Duration>,
    /// When the key was last read again before sending, by both clocks: one of them stands still while the machine sleeps.
    pub(super) read_again_at: Option<Now>,
    /// An earlier step has been seen in the key, so that a step after it may go.
    pub(super) visible: bool,
    pub(super) outcome_is_being_recorded: bool,
    /// An earlier run of the plan has sent it: whoever confirms the rest anew knows of it.
    pub(super) is_of_earlier: bool,
}

impl StepStatus {
    pub(super) fn new(number: u32, after: Vec<u32>, key: KeyRef, mutation: Mutation) -> Self {
        Self {
            number,
            after,
            key,
            mutation,
            phase: StepPhase::Waiting,
            claim: None,
            unsent: None,
            settled: false,
            unrecorded: None,
            tracking: Tracking::default(),
        }
    }

    pub(crate) fn operation(&self) -> Operation {
        self.mutation.change.operation()
    }

    pub(crate) fn outcome(&self) -> Option<Outcome> {
        self.claim.as_ref().map(|claim| claim.outcome)
    }

    pub(crate) fn intent(&self) -> Option<&Arc<Intent>> {
        self.tracking.intent.as_ref()
    }

    /// An earlier run of the plan has sent it.
    pub(crate) fn is_of_earlier(&self) -> bool {
        self.tracking.is_of_earlier
    }

    /// Its request may be on the wire, or about to be, and nothing is claimed of it yet.
    pub(crate) fn may_be_on_its_way(&self) -> bool {
        self.claim.is_none() && matches!(self.phase, StepPhase::Recording | StepPhase::Sending { .. })
    }

    /// It may still be sent, or is being sent.
    pub(crate) fn is_to_be_sent(&self) -> bool {
        match self.phase {
            StepPhase::Waiting | StepPhase::ReadingAgain | StepPhase::Recording | StepPhase::Sending { .. } => true,
            StepPhase::Following { .. } | StepPhase::Reconciling { .. } | StepPhase::Ended => false,
        }
    }
}

/// One change, from the first key press to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ChangeStatus {
    pub(crate) id: ChangeId,
    /// What was asked for. Empty for a plan that comes from a file and for what a former run left open.
    pub(crate) wants: Vec<Want>,
    pub(crate) plan: Option<Arc<Plan>>,
    pub(crate) phase: Phase,
    /// From the confirmation on; of what a former run left open, that alone.
    pub(crate) steps: Vec<StepStatus>,
    pub(crate) is_paused: bool,
    pub(crate) ended_at: Option<Timestamp>,
}

impl ChangeStatus {
    /// Confirmed and not over: quitting must wait for it, or say that it does not.
    pub(crate) fn is_in_flight(&self) -> bool {
        match self.phase {
            Phase::CheckingIdentity | Phase::ReadingAgain { .. } => true,
            Phase::Applying => self.steps.iter().any(StepStatus::is_to_be_sent),
            Phase::Preparing { .. } | Phase::Impossible { .. } | Phase::Ready | Phase::Ended => false,
        }
    }

    /// The operation and the Region that stand for it in titles.
    pub(crate) fn subject(&self) -> Option<(&KeyRef, Operation, &Region)> {
        if let Some(want) = self.wants.first() {
            return Some((&want.key, want.operation, &want.region));
        }
        let step = self.steps.first()?;
        Some((&step.key, step.operation(), step.mutation.concerns()))
    }

    pub(crate) fn step(&self, number: u32) -> Option<&StepStatus> {
        self.steps.iter().find(|step| step.number == number)
    }
}
