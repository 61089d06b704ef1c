//! One related key as DescribeKey tells it, and the readings that belong to it alone.

use std::fmt;

use super::id::{KeyArn, Region};
use super::text::{Foreign, Safe};
use super::time::Timestamp;

/// `KeyState`. The enum is open: a value we do not know is shown as it is, and no change is offered on it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum KeyState {
    Creating,
    Enabled,
    Disabled,
    PendingDeletion,
    PendingReplicaDeletion,
    PendingImport,
    Unavailable,
    Updating,
    Other(Foreign),
    /// The answer had no `KeyState`.
    Missing,
}

impl KeyState {
    pub(crate) fn parse(name: &str) -> Self {
        match name {
            "Creating" => KeyState::Creating,
            "Enabled" => KeyState::Enabled,
            "Disabled" => KeyState::Disabled,
            "PendingDeletion" => KeyState::PendingDeletion,
            "PendingReplicaDeletion" => KeyState::PendingReplicaDeletion,
            "PendingImport" => KeyState::PendingImport,
            "Unavailable" => KeyState::Unavailable,
            "Updating" => KeyState::Updating,
            "" => KeyState::Missing,
            other => KeyState::Other(Foreign::new(other)),
        }
    }

    /// AWS's name for it, for machines.
    pub(crate) fn name(&self) -> &str {
        match self {
            KeyState::Creating => "Creating",
            KeyState::Enabled => "Enabled",
            KeyState::Disabled => "Disabled",
            KeyState::PendingDeletion => "PendingDeletion",
            KeyState::PendingReplicaDeletion => "PendingReplicaDeletion",
            KeyState::PendingImport => "PendingImport",
            KeyState::Unavailable => "Unavailable",
            KeyState::Updating => "Updating",
            KeyState::Other(name) => name.original(),
            KeyState::Missing => "",
        }
    }

    /// The same for eyes.
    pub(crate) fn safe(&self) -> Safe {
        match self {
            KeyState::Missing => Safe::from_static("no state given"),
            KeyState::Creating
            | KeyState::Enabled
            | KeyState::Disabled
            | KeyState::PendingDeletion
            | KeyState::PendingReplicaDeletion
            | KeyState::PendingImport
            | KeyState::Unavailable
            | KeyState::Updating
            | KeyState::Other(_) => Foreign::new(self.name()).safe(),
        }
    }

    /// On its way somewhere else by itself, within seconds or minutes.
    pub(crate) fn is_moving(&self) -> bool {
        matches!(self, KeyState::Creating | KeyState::Updating)
    }

    pub(crate) fn is_pending_deletion(&self) -> bool {
        matches!(self, KeyState::PendingDeletion | KeyState::PendingReplicaDeletion)
    }
}

/// `MultiRegionKeyType`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Role {
    Primary,
    Replica,
}

impl Role {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Role::Primary => "PRIMARY",
            Role::Replica => "REPLICA",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

/// Something in an answer that AWS does not say of a sound key. It is shown, and no change is offered.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Oddity {
    /// The ARN in the answer is of another account, Region or key than the one asked about.
    OtherArn(Foreign),
    UnknownState(Foreign),
    NoState,
    UnknownRole(Foreign),
    NoPrimary,
    /// The set names the same Region twice.
    RegionTwice(Region),
    /// The set names something that is not the ARN of this key in another Region.
    BadMember(Foreign),
    /// No `MultiRegionConfiguration`, although the ID begins with `mrk-`.
    NotMultiRegion,
}

impl Oddity {
    /// The answer is about something else than this member of this key: nothing that it says can be taken for it.
    pub(crate) fn is_of_no_member(&self) -> bool {
        match self {
            Oddity::OtherArn(_) | Oddity::NotMultiRegion => true,
            Oddity::UnknownState(_)
            | Oddity::NoState
            | Oddity::UnknownRole(_)
            | Oddity::NoPrimary
            | Oddity::RegionTwice(_)
            | Oddity::BadMember(_) => false,
        }
    }

    pub(crate) fn safe(&self) -> Safe {
        use super::text::safe;
        match self {
            Oddity::OtherArn(arn) => safe!("the answer is about another key: {}", arn.safe()),
            Oddity::UnknownState(state) => safe!("a key state that keyfleet does not know: {}", state.safe()),
            Oddity::NoState => Safe::from_static("the answer has no KeyState"),
            Oddity::UnknownRole(role) => safe!("neither PRIMARY nor REPLICA: {}", role.safe()),
            Oddity::NoPrimary => Safe::from_static("the answer names no primary key"),
            Oddity::RegionTwice(region) => safe!("the answer names {region} twice"),
            Oddity::BadMember(arn) => safe!("the answer names a member that cannot be one: {}", arn.safe()),
            Oddity::NotMultiRegion => Safe::from_static("the answer has no MultiRegionConfiguration"),
        }
    }
}

/// What DescribeKey says of one related key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RegionalKey {
    pub(crate) arn: KeyArn,
    pub(crate) state: KeyState,
    pub(crate) role: Option<Role>,
    /// `PrimaryKey`, if it is an ARN of this key.
    pub(crate) primary: Option<KeyArn>,
    /// `ReplicaKeys`, as listed.
    pub(crate) replicas: Vec<KeyArn>,
    pub(crate) spec: Foreign,
    pub(crate) usage: Foreign,
    pub(crate) origin: Foreign,
    pub(crate) description: Foreign,
    pub(crate) created_at: Option<Timestamp>,
    pub(crate) deletion_date: Option<Timestamp>,
    pub(crate) pending_window_days: Option<u16>,
    /// `CurrentKeyMaterialId`.
    pub(crate) material_id: Option<Foreign>,
    /// `ValidTo`: when imported material expires.
    pub(crate) valid_to: Option<Timestamp>,
    pub(crate) oddities: Vec<Oddity>,
}

impl RegionalKey {
    /// Every member that this answer names, itself included if it lists itself.
    pub(crate) fn named(&self) -> impl Iterator<Item = &KeyArn> {
        self.primary.iter().chain(&self.replicas)
    }

    /// The role that this answer gives to the member in `region`.
    pub(crate) fn role_of(&self, region: &Region) -> Option<Role> {
        if self.primary.as_ref().is_some_and(|arn| arn.region == *region) {
            return Some(Role::Primary);
        }
        self.replicas.iter().any(|arn| arn.region == *region).then_some(Role::Replica)
    }
}

/// One tag.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Tag {
    pub(crate) key: Foreign,
    pub(crate) value: Foreign,
}

impl Tag {
    /// AWS reserves these: they cannot be set by a caller.
    pub(crate) fn is_reserved(&self) -> bool {
        self.key.original().starts_with("aws:")
    }
}

/// What GetKeyRotationStatus says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Rotation {
    /// Automatic rotation is not a thing for this key: asymmetric, HMAC, imported, or pending deletion.
    NotApplicable,
    Off,
    On {
        period_days: Option<u16>,
        next: Option<Timestamp>,
    },
}
