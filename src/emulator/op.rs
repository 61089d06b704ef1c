//! The operations, one file each, and what they stand on: who asks, where, when, and which key is meant.
//!
//! A key is found by [`Call::key`] only, which asks the table of operation × state on the way: no operation can reach
//! a key without it.

mod call;
mod cancel_key_deletion;
mod create_alias;
mod create_key;
mod describe_key;
mod disable_key;
mod enable_key;
mod get_caller_identity;
mod get_key_policy;
mod get_key_rotation_status;
mod list_aliases;
mod list_keys;
mod list_resource_tags;
mod metadata;
mod put_key_policy;
mod replicate_key;
mod schedule_key_deletion;
mod tag_resource;
mod tags;
mod update_primary_region;

pub(crate) use call::{Call, Settings};

use super::refusal::Refusal;

/// An operation that this KMS serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Makes a deletion unscheduled.
    CancelKeyDeletion,
    /// Names a key.
    CreateAlias,
    /// Makes a key.
    CreateKey,
    /// Tells everything about a key.
    DescribeKey,
    /// Makes a key unusable for a while.
    DisableKey,
    /// Makes a disabled key usable.
    EnableKey,
    /// Says who is asking (STS).
    GetCallerIdentity,
    /// Reads a key's policy.
    GetKeyPolicy,
    /// Says whether a key rotates.
    GetKeyRotationStatus,
    /// Lists a Region's aliases.
    ListAliases,
    /// Lists a Region's keys.
    ListKeys,
    /// Lists a key's tags.
    ListResourceTags,
    /// Replaces a key's policy.
    PutKeyPolicy,
    /// Makes a replica key.
    ReplicateKey,
    /// Starts the clock of a deletion.
    ScheduleKeyDeletion,
    /// Adds tags to a key.
    TagResource,
    /// Moves the primary role.
    UpdatePrimaryRegion,
}

impl Operation {
    /// Every operation.
    pub const ALL: [Self; 17] = [
        Self::CancelKeyDeletion,
        Self::CreateAlias,
        Self::CreateKey,
        Self::DescribeKey,
        Self::DisableKey,
        Self::EnableKey,
        Self::GetCallerIdentity,
        Self::GetKeyPolicy,
        Self::GetKeyRotationStatus,
        Self::ListAliases,
        Self::ListKeys,
        Self::ListResourceTags,
        Self::PutKeyPolicy,
        Self::ReplicateKey,
        Self::ScheduleKeyDeletion,
        Self::TagResource,
        Self::UpdatePrimaryRegion,
    ];

    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::CancelKeyDeletion => "CancelKeyDeletion",
            Self::CreateAlias => "CreateAlias",
            Self::CreateKey => "CreateKey",
            Self::DescribeKey => "DescribeKey",
            Self::DisableKey => "DisableKey",
            Self::EnableKey => "EnableKey",
            Self::GetCallerIdentity => "GetCallerIdentity",
            Self::GetKeyPolicy => "GetKeyPolicy",
            Self::GetKeyRotationStatus => "GetKeyRotationStatus",
            Self::ListAliases => "ListAliases",
            Self::ListKeys => "ListKeys",
            Self::ListResourceTags => "ListResourceTags",
            Self::PutKeyPolicy => "PutKeyPolicy",
            Self::ReplicateKey => "ReplicateKey",
            Self::ScheduleKeyDeletion => "ScheduleKeyDeletion",
            Self::TagResource => "TagResource",
            Self::UpdatePrimaryRegion => "UpdatePrimaryRegion",
        }
    }

    /// The operation of a name.
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|operation| operation.name() == name)
    }

    /// The prefix of the IAM action.
    pub(crate) fn service(self) -> &'static str {
        if self == Self::GetCallerIdentity { "sts" } else { "kms" }
    }
}

/// What an operation answers when it was carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Success {
    /// A JSON document.
    Json(Vec<u8>),
    /// An empty body, which is how KMS answers operations without output.
    Empty,
    /// The answer of STS, which speaks XML.
    CallerIdentity {
        /// The account's number.
        account: String,
        /// Who is asking.
        arn: String,
        /// The caller's unique identifier.
        user_id: String,
    },
}

/// Carries out one operation.
pub(crate) fn perform(call: &mut Call<'_>, body: &[u8]) -> Result<Success, Refusal> {
    match call.operation {
        Operation::CancelKeyDeletion => cancel_key_deletion::perform(call, body),
        Operation::CreateAlias => create_alias::perform(call, body),
        Operation::CreateKey => create_key::perform(call, body),
        Operation::DescribeKey => describe_key::perform(call, body),
        Operation::DisableKey => disable_key::perform(call, body),
        Operation::EnableKey => enable_key::perform(call, body),
        Operation::GetCallerIdentity => Ok(get_caller_identity::perform(call)),
        Operation::GetKeyPolicy => get_key_policy::perform(call, body),
        Operation::GetKeyRotationStatus => get_key_rotation_status::perform(call, body),
        Operation::ListAliases => list_aliases::perform(call, body),
        Operation::ListKeys => list_keys::perform(call, body),
        Operation::ListResourceTags => list_resource_tags::perform(call, body),
        Operation::PutKeyPolicy => put_key_policy::perform(call, body),
        Operation::ReplicateKey => replicate_key::perform(call, body),
        Operation::ScheduleKeyDeletion => schedule_key_deletion::perform(call, body),
        Operation::TagResource => tag_resource::perform(call, body),
        Operation::UpdatePrimaryRegion => update_primary_region::perform(call, body),
    }
}
