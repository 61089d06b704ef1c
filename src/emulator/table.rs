//! The one table of operation × key state. Every operation on a key asks it, and nothing else decides.

use super::key::KeyState;
use super::op::Operation;

/// What a key's state says about an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Allowed,
    /// `DisabledException`.
    Disabled,
    /// `KMSInvalidStateException`.
    InvalidState,
}

const OK: Verdict = Verdict::Allowed;
const OFF: Verdict = Verdict::Disabled;
const BAD: Verdict = Verdict::InvalidState;

/// A row has one column for each of [`KeyState::ALL`], in that order: Enabled, Disabled, `PendingDeletion`,
/// `PendingReplicaDeletion`, `PendingImport`, Creating, Updating.
type Row = [Verdict; 7];

const ALWAYS: Row = [OK; 7];
const RESCUE: Row = [BAD, BAD, OK, OK, BAD, BAD, BAD];
const SWITCH: Row = [OK, OK, BAD, BAD, BAD, BAD, BAD];
const SCHEDULE: Row = [OK, OK, BAD, BAD, OK, OK, BAD];
const USE_AS_ENABLED: Row = [OK, OFF, BAD, BAD, BAD, BAD, BAD];
const DRESS: Row = [OK, OK, BAD, BAD, OK, OK, OK];
const ROTATE: Row = [OK, OFF, BAD, BAD, BAD, BAD, BAD];
const USE: Row = [OK, OFF, BAD, BAD, BAD, BAD, OK];

fn row(operation: Operation) -> Row {
    match operation {
        // The first four name no key, so no state can forbid them.
        Operation::ListKeys
        | Operation::CreateKey
        | Operation::GetCallerIdentity
        | Operation::AssumeRole
        | Operation::DescribeKey
        | Operation::GetKeyPolicy
        | Operation::GetKeyRotationStatus
        | Operation::ListAliases
        | Operation::ListGrants
        | Operation::ListResourceTags
        | Operation::PutKeyPolicy
        | Operation::DeleteAlias => ALWAYS,
        Operation::CancelKeyDeletion => RESCUE,
        Operation::EnableKey | Operation::DisableKey => SWITCH,
        Operation::ScheduleKeyDeletion => SCHEDULE,
        Operation::ReplicateKey | Operation::UpdatePrimaryRegion => USE_AS_ENABLED,
        Operation::EnableKeyRotation | Operation::DisableKeyRotation => ROTATE,
        Operation::Encrypt | Operation::Decrypt => USE,
        Operation::TagResource
        | Operation::UntagResource
        | Operation::CreateAlias
        | Operation::UpdateAlias
        | Operation::UpdateKeyDescription => DRESS,
    }
}

/// Whether a key in this state may undergo this operation.
pub(crate) fn verdict(operation: Operation, state: KeyState) -> Verdict {
    let [enabled, disabled, pending_deletion, pending_replica_deletion, pending_import, creating, updating] =
        row(operation);
    match state {
        KeyState::Enabled => enabled,
        KeyState::Disabled => disabled,
        KeyState::PendingDeletion => pending_deletion,
        KeyState::PendingReplicaDeletion => pending_replica_deletion,
        KeyState::PendingImport => pending_import,
        KeyState::Creating => creating,
        KeyState::Updating => updating,
    }
}
