//! What the engine asks the edge to do. A task that carries one out makes at most one HTTP request and decides nothing.

use std::sync::Arc;
use std::time::Duration;

use crate::domain::id::{KeyArn, Login, Place, Region};
use crate::domain::plan::{Claim, Intent, RecordKind};
use crate::domain::reading::Asked;
use crate::domain::text::Foreign;

/// A change under way, by its number in this run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ChangeId(pub(crate) u32);

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Load the profile, find credentials, build the reading clients. Answered by `Message::Connected`.
    Connect { login: Login },
    /// One read request. Answered by `Message::Answer` with the same number.
    Read { asked: Asked, place: Place, request: ReadRequest },
    /// Call again at this monotonic time. Answered by `Message::Woke`; a later `WakeAt` replaces an earlier one.
    WakeAt(Duration),
    /// Resolve credentials once and hold them for this change. Answered by `Message::Frozen`.
    Freeze { change: ChangeId, login: Login },
    /// Ask the STS of one Region who the held credentials are. Answered by `Message::Identified`.
    Identify { change: ChangeId, region: Region },
    /// Append the intent to the account's journal and sync it. Answered by `Message::Recorded`; the receipt stays at the edge.
    RecordIntent { change: ChangeId, intent: Arc<Intent> },
    /// Spend the receipt of this intent: one mutating request, never retried, never cancelled. Answered by `Message::Replied`.
    Send { change: ChangeId },
    /// Append what came of it. Answered by `Message::Recorded`.
    RecordOutcome { change: ChangeId, intent: Arc<Intent>, kind: RecordKind, claim: Claim },
    /// The change is over: let go of its credentials.
    Release { change: ChangeId },
}

/// The read operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum ReadOperation {
    ListKeys,
    ListAliases,
    DescribeKey,
    GetKeyPolicy,
    ListResourceTags,
    GetKeyRotationStatus,
    GetCallerIdentity,
}

impl ReadOperation {
    pub(crate) const ALL: [ReadOperation; 7] = [
        ReadOperation::ListKeys,
        ReadOperation::ListAliases,
        ReadOperation::DescribeKey,
        ReadOperation::GetKeyPolicy,
        ReadOperation::ListResourceTags,
        ReadOperation::GetKeyRotationStatus,
        ReadOperation::GetCallerIdentity,
    ];

    /// AWS's name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            ReadOperation::ListKeys => "ListKeys",
            ReadOperation::ListAliases => "ListAliases",
            ReadOperation::DescribeKey => "DescribeKey",
            ReadOperation::GetKeyPolicy => "GetKeyPolicy",
            ReadOperation::ListResourceTags => "ListResourceTags",
            ReadOperation::GetKeyRotationStatus => "GetKeyRotationStatus",
            ReadOperation::GetCallerIdentity => "GetCallerIdentity",
        }
    }
}

/// One read request, ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ReadRequest {
    /// `Limit` 1000.
    ListKeys {
        marker: Option<Foreign>,
    },
    /// `Limit` 100, all keys of the Region.
    ListAliases {
        marker: Option<Foreign>,
    },
    DescribeKey {
        arn: KeyArn,
    },
    GetKeyPolicy {
        arn: KeyArn,
    },
    ListResourceTags {
        arn: KeyArn,
        marker: Option<Foreign>,
    },
    GetKeyRotationStatus {
        arn: KeyArn,
    },
    /// STS of the same Region.
    GetCallerIdentity,
}

impl ReadRequest {
    pub(crate) fn operation(&self) -> ReadOperation {
        match self {
            ReadRequest::ListKeys { .. } => ReadOperation::ListKeys,
            ReadRequest::ListAliases { .. } => ReadOperation::ListAliases,
            ReadRequest::DescribeKey { .. } => ReadOperation::DescribeKey,
            ReadRequest::GetKeyPolicy { .. } => ReadOperation::GetKeyPolicy,
            ReadRequest::ListResourceTags { .. } => ReadOperation::ListResourceTags,
            ReadRequest::GetKeyRotationStatus { .. } => ReadOperation::GetKeyRotationStatus,
            ReadRequest::GetCallerIdentity => ReadOperation::GetCallerIdentity,
        }
    }
}
