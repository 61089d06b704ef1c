//! A change before, while and after it is made: the plan that is shown, the intent that is recorded, the outcome that is claimed.
//!
//! The same values are shown in the dialog, written to the journal and sent; nothing is composed twice. There is no destructive operation to be had here.

use std::fmt;
use std::sync::Arc;

use super::id::{AccountId, KeyArn, KeyId, Login, Partition, Region};
use super::key::{KeyState, Role, Tag};
use super::text::{Foreign, Safe};
use super::time::Timestamp;
pub(crate) use super::verdict::Verdict;

/// The operations that keyfleet can send. Nothing outside this list can leave the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Operation {
    ReplicateKey,
    CancelKeyDeletion,
    UpdatePrimaryRegion,
    EnableKey,
    CreateAlias,
}

impl Operation {
    pub(crate) const ALL: [Operation; 5] = [
        Operation::ReplicateKey,
        Operation::CancelKeyDeletion,
        Operation::UpdatePrimaryRegion,
        Operation::EnableKey,
        Operation::CreateAlias,
    ];

    /// AWS's name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Operation::ReplicateKey => "ReplicateKey",
            Operation::CancelKeyDeletion => "CancelKeyDeletion",
            Operation::UpdatePrimaryRegion => "UpdatePrimaryRegion",
            Operation::EnableKey => "EnableKey",
            Operation::CreateAlias => "CreateAlias",
        }
    }

    /// Reads AWS's name back.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|operation| operation.name() == name)
    }

    /// The word for it in titles and following lines.
    pub(crate) fn verb(self) -> &'static str {
        match self {
            Operation::ReplicateKey => "replicate",
            Operation::CancelKeyDeletion => "keep",
            Operation::UpdatePrimaryRegion => "promote",
            Operation::EnableKey => "enable",
            Operation::CreateAlias => "alias",
        }
    }
}

impl Operation {
    /// Between what is changed and the Region that it concerns.
    pub(crate) fn preposition(self) -> &'static str {
        match self {
            Operation::ReplicateKey => "into",
            Operation::UpdatePrimaryRegion => "to",
            Operation::CancelKeyDeletion | Operation::EnableKey | Operation::CreateAlias => "in",
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

/// A change with its parameters exactly as they are sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    ReplicateKey {
        to: Region,
        /// The policy document that the replica gets.
        policy: Foreign,
        description: Foreign,
        tags: Vec<Tag>,
    },
    CancelKeyDeletion,
    UpdatePrimaryRegion {
        to: Region,
    },
    EnableKey,
    /// In the Region of the key's ARN.
    CreateAlias {
        alias: Foreign,
    },
}

impl Change {
    pub(crate) fn operation(&self) -> Operation {
        match self {
            Change::ReplicateKey { .. } => Operation::ReplicateKey,
            Change::CancelKeyDeletion => Operation::CancelKeyDeletion,
            Change::UpdatePrimaryRegion { .. } => Operation::UpdatePrimaryRegion,
            Change::EnableKey => Operation::EnableKey,
            Change::CreateAlias { .. } => Operation::CreateAlias,
        }
    }

    /// The other Region that the change concerns.
    pub(crate) fn target(&self) -> Option<&Region> {
        match self {
            Change::ReplicateKey { to, .. } | Change::UpdatePrimaryRegion { to } => Some(to),
            Change::CancelKeyDeletion | Change::EnableKey | Change::CreateAlias { .. } => None,
        }
    }
}

/// One request: what, to which key. It is sent to the Region of the ARN.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mutation {
    pub(crate) arn: KeyArn,
    pub(crate) change: Change,
}

impl Mutation {
    pub(crate) fn sent_to(&self) -> &Region {
        &self.arn.region
    }

    /// The Region that the operator confirms by name: the target of the change, else the key's own.
    pub(crate) fn concerns(&self) -> &Region {
        self.change.target().unwrap_or(&self.arn.region)
    }
}

/// Who is acting, as STS said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) account: AccountId,
    pub(crate) caller_arn: Foreign,
    /// The Region whose STS answered.
    pub(crate) from: Region,
    pub(crate) at: Timestamp,
}

/// What a member looked like when the plan was made; compared by value right before sending, without ages.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct MemberPrint {
    pub(crate) arn: KeyArn,
    pub(crate) state: KeyState,
    pub(crate) role: Option<Role>,
    pub(crate) primary: Option<Region>,
}

/// What a step depends on.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(crate) struct Fingerprint {
    pub(crate) members: Vec<MemberPrint>,
    /// For ReplicateKey: the Regions of all members, sorted.
    pub(crate) regions: Vec<Region>,
    pub(crate) policy_sha256: Option<Arc<str>>,
}

/// Something that must hold before a step is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Precondition {
    pub(crate) text: Safe,
    pub(crate) result: Verdict,
    /// Whether anything but a pass stops the change.
    pub(crate) blocks: bool,
}

/// An IAM action that the step needs. Whether the caller has it cannot be known from here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Permission {
    pub(crate) action: &'static str,
    pub(crate) region: Region,
    pub(crate) result: Verdict,
}

impl Permission {
    pub(crate) const REPLICATE_KEY: &str = "kms:ReplicateKey";
    pub(crate) const CREATE_KEY: &str = "kms:CreateKey";
    pub(crate) const TAG_RESOURCE: &str = "kms:TagResource";
    pub(crate) const UPDATE_PRIMARY_REGION: &str = "kms:UpdatePrimaryRegion";
    pub(crate) const CANCEL_KEY_DELETION: &str = "kms:CancelKeyDeletion";
    pub(crate) const ENABLE_KEY: &str = "kms:EnableKey";
    pub(crate) const CREATE_ALIAS: &str = "kms:CreateAlias";

    /// Every action that a step can need.
    pub(crate) const ACTIONS: [&str; 7] = [
        Self::REPLICATE_KEY,
        Self::CREATE_KEY,
        Self::TAG_RESOURCE,
        Self::UPDATE_PRIMARY_REGION,
        Self::CANCEL_KEY_DELETION,
        Self::ENABLE_KEY,
        Self::CREATE_ALIAS,
    ];
}

/// One confirmed request and all that is said about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    /// From 1 on, in the order of sending.
    pub(crate) number: u32,
    /// The steps that must be done before this one is sent.
    pub(crate) after: Vec<u32>,
    pub(crate) mutation: Mutation,
    pub(crate) fingerprint: Fingerprint,
    pub(crate) preconditions: Vec<Precondition>,
    pub(crate) permissions: Vec<Permission>,
    /// What AWS will make of it, what it does not do.
    pub(crate) consequences: Vec<Safe>,
    pub(crate) way_back: Option<Safe>,
    /// The equivalent aws command, whole, with everything from outside quoted for a shell.
    pub(crate) cli: Foreign,
    /// What the key is called on screen. A plan that comes from a file does not say.
    pub(crate) alias: Option<Foreign>,
    pub(crate) description: Foreign,
}

impl Step {
    /// The first precondition that stops this step.
    pub(crate) fn blocked_by(&self) -> Option<&Precondition> {
        self.preconditions.iter().find(|condition| condition.blocks && condition.result != Verdict::Pass)
    }
}

/// What was asked for and is not among the steps, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Skipped {
    pub(crate) key: KeyId,
    pub(crate) region: Option<Region>,
    pub(crate) why: Safe,
}

/// What is shown, confirmed and then sent, step by step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    pub(crate) id: Arc<str>,
    pub(crate) login: Login,
    pub(crate) made_at: Timestamp,
    /// From then on it must be made anew.
    pub(crate) expires_at: Timestamp,
    pub(crate) partition: Partition,
    pub(crate) identity: Identity,
    pub(crate) account_name: Option<Foreign>,
    pub(crate) is_protected: bool,
    /// The endpoint, where it was overridden.
    pub(crate) endpoint: Option<Foreign>,
    pub(crate) steps: Vec<Step>,
    pub(crate) skipped: Vec<Skipped>,
}

impl Plan {
    /// The first precondition that stops this plan.
    pub(crate) fn blocked_by(&self) -> Option<&Precondition> {
        self.steps.iter().find_map(Step::blocked_by)
    }

    /// The step that stands for the plan in titles. None if there is nothing to do.
    pub(crate) fn lead(&self) -> Option<&Step> {
        self.steps.first()
    }

    /// How many things were asked for: a step that only completes another one is not one of them.
    pub(crate) fn items(&self) -> usize {
        self.steps.iter().filter(|step| step.after.is_empty()).count()
    }

    /// What must be typed: the Region or `yes`, for more than one change the verb and their number, and in a protected account its last four digits too.
    pub(crate) fn phrase(&self) -> String {
        let word = match (self.lead(), self.items()) {
            (None, _) => return String::new(),
            (Some(step), 0 | 1) => match &step.mutation.change {
                Change::ReplicateKey { to, .. } | Change::UpdatePrimaryRegion { to } => to.to_string(),
                Change::CancelKeyDeletion | Change::EnableKey | Change::CreateAlias { .. } => "yes".to_owned(),
            },
            (Some(step), count) => format!("{} {count}", step.mutation.change.operation().verb()),
        };
        if self.is_protected { format!("{word} {}", self.identity.account.last_four()) } else { word }
    }
}

/// What is recorded before the request, and enough to reconcile it later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Intent {
    pub(crate) id: Arc<str>,
    pub(crate) plan: Arc<str>,
    pub(crate) step: u32,
    pub(crate) account: AccountId,
    pub(crate) caller_arn: Foreign,
    pub(crate) mutation: Mutation,
}

/// What keyfleet claims of a change. "failed" is claimed only of what was not applied, "done" only of what was; unknown may be either.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Done,
    Failed,
    Unknown,
    NotSent,
}

impl Outcome {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Outcome::Done => "done",
            Outcome::Failed => "failed",
            Outcome::Unknown => "unknown",
            Outcome::NotSent => "not_sent",
        }
    }

    /// Reads the name back.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        [Outcome::Done, Outcome::Failed, Outcome::Unknown, Outcome::NotSent]
            .into_iter()
            .find(|outcome| outcome.name() == name)
    }
}

/// An outcome with what AWS said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Claim {
    pub(crate) outcome: Outcome,
    pub(crate) code: Option<Foreign>,
    pub(crate) request_id: Option<Foreign>,
    /// In words, with the next step.
    pub(crate) detail: Safe,
}

/// What came of the one request, as the wire showed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    /// Proved to have failed before the first byte left.
    NotSent { why: Safe },
    /// An answer in AWS's shape.
    Answered { status: u16, code: Option<Foreign>, message: Option<Foreign>, request_id: Option<Foreign> },
    /// No answer, or one that is not AWS's: it may have been applied.
    Broken { why: Safe },
}

/// A line of the journal that is not the intent itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RecordKind {
    Intent,
    Outcome,
    Reconciled,
    ResolvedByHand,
    Note,
}

impl RecordKind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            RecordKind::Intent => "intent",
            RecordKind::Outcome => "outcome",
            RecordKind::Reconciled => "reconciled",
            RecordKind::ResolvedByHand => "resolved_by_hand",
            RecordKind::Note => "note",
        }
    }

    /// Reads the name back.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        [RecordKind::Intent, RecordKind::Outcome, RecordKind::Reconciled, RecordKind::ResolvedByHand, RecordKind::Note]
            .into_iter()
            .find(|kind| kind.name() == name)
    }
}
