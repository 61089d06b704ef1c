//! The operations, one file each, and what they stand on: who asks, where, when, and which key is meant.
//!
//! A key is found by [`Call::key`] only, which asks the table of operation × state on the way: no operation can reach
//! a key without it.

mod assume_role;
mod call;
mod cancel_key_deletion;
mod create_alias;
mod create_key;
mod decrypt;
mod delete_alias;
mod describe_key;
mod disable_key;
mod disable_key_rotation;
mod enable_key;
mod enable_key_rotation;
mod encrypt;
mod get_caller_identity;
mod get_key_policy;
mod get_key_rotation_status;
mod list_aliases;
mod list_grants;
mod list_keys;
mod list_resource_tags;
mod metadata;
mod put_key_policy;
mod replicate_key;
mod schedule_key_deletion;
mod tag_resource;
mod tags;
mod untag_resource;
mod update_alias;
mod update_key_description;
mod update_primary_region;

pub(crate) use call::{Call, Settings};

use super::refusal::Refusal;

/// Declares the operations once: the enum, the list of all and their names on the wire.
macro_rules! operations {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {
        /// An operation that this KMS serves.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Operation {
            $($(#[$doc])* $name,)+
        }

        impl Operation {
            /// Every operation.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The name on the wire.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$name => stringify!($name),)+
                }
            }
        }
    };
}

operations! {
    /// Hands out the credentials of a role (STS).
    AssumeRole,
    /// Makes a deletion unscheduled.
    CancelKeyDeletion,
    /// Names a key.
    CreateAlias,
    /// Makes a key.
    CreateKey,
    /// Opens what Encrypt has wrapped.
    Decrypt,
    /// Takes a name away.
    DeleteAlias,
    /// Tells everything about a key.
    DescribeKey,
    /// Makes a key unusable for a while.
    DisableKey,
    /// Ends the yearly rotation.
    DisableKeyRotation,
    /// Makes a disabled key usable.
    EnableKey,
    /// Starts the yearly rotation.
    EnableKeyRotation,
    /// Wraps a text; nothing is secret about it.
    Encrypt,
    /// Says who is asking (STS).
    GetCallerIdentity,
    /// Reads a key's policy.
    GetKeyPolicy,
    /// Says whether a key rotates.
    GetKeyRotationStatus,
    /// Lists a Region's aliases.
    ListAliases,
    /// Lists a key's grants: none.
    ListGrants,
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
    /// Removes tags from a key.
    UntagResource,
    /// Gives a name to another key.
    UpdateAlias,
    /// Describes a key anew.
    UpdateKeyDescription,
    /// Moves the primary role.
    UpdatePrimaryRegion,
}

impl Operation {
    /// The operation of a name.
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|operation| operation.name() == name)
    }

    /// The prefix of the IAM action.
    pub(crate) fn service(self) -> &'static str {
        if matches!(self, Self::GetCallerIdentity | Self::AssumeRole) { "sts" } else { "kms" }
    }

    /// Whether it only looks: such answers may lag, and also the keys of AWS services admit them.
    pub(crate) fn reads(self) -> bool {
        matches!(
            self,
            Self::DescribeKey
                | Self::GetKeyPolicy
                | Self::GetKeyRotationStatus
                | Self::ListAliases
                | Self::ListGrants
                | Self::ListKeys
                | Self::ListResourceTags
        )
    }

    /// Whether a request may name its key by an alias.
    pub(crate) fn takes_alias(self) -> bool {
        matches!(self, Self::DescribeKey | Self::Encrypt | Self::Decrypt)
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
    /// The credentials of a role.
    AssumedRole(Box<AssumedRole>),
}

/// What STS hands out for a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssumedRole {
    /// The session's ARN.
    pub arn: String,
    /// The role's identifier and the session's name.
    pub role_id: String,
    /// The access key.
    pub access_key: String,
    /// Its secret.
    pub secret: String,
    /// What has to come with every request.
    pub token: String,
    /// When it ends, as RFC 3339 in UTC.
    pub expiration: String,
}

/// Carries out one operation.
pub(crate) fn perform(call: &mut Call<'_>, body: &[u8]) -> Result<Success, Refusal> {
    match call.operation {
        Operation::AssumeRole => assume_role::perform(call, body),
        Operation::CancelKeyDeletion => cancel_key_deletion::perform(call, body),
        Operation::CreateAlias => create_alias::perform(call, body),
        Operation::CreateKey => create_key::perform(call, body),
        Operation::Decrypt => decrypt::perform(call, body),
        Operation::DeleteAlias => delete_alias::perform(call, body),
        Operation::DescribeKey => describe_key::perform(call, body),
        Operation::DisableKey => disable_key::perform(call, body),
        Operation::DisableKeyRotation => disable_key_rotation::perform(call, body),
        Operation::EnableKey => enable_key::perform(call, body),
        Operation::EnableKeyRotation => enable_key_rotation::perform(call, body),
        Operation::Encrypt => encrypt::perform(call, body),
        Operation::GetCallerIdentity => Ok(get_caller_identity::perform(call)),
        Operation::GetKeyPolicy => get_key_policy::perform(call, body),
        Operation::GetKeyRotationStatus => get_key_rotation_status::perform(call, body),
        Operation::ListAliases => list_aliases::perform(call, body),
        Operation::ListGrants => list_grants::perform(call, body),
        Operation::ListKeys => list_keys::perform(call, body),
        Operation::ListResourceTags => list_resource_tags::perform(call, body),
        Operation::PutKeyPolicy => put_key_policy::perform(call, body),
        Operation::ReplicateKey => replicate_key::perform(call, body),
        Operation::ScheduleKeyDeletion => schedule_key_deletion::perform(call, body),
        Operation::TagResource => tag_resource::perform(call, body),
        Operation::UntagResource => untag_resource::perform(call, body),
        Operation::UpdateAlias => update_alias::perform(call, body),
        Operation::UpdateKeyDescription => update_key_description::perform(call, body),
        Operation::UpdatePrimaryRegion => update_primary_region::perform(call, body),
    }
}
