//! What a key is: its identifier, its states, and what one of its members keeps for itself.
//!
//! Identifiers are held as numbers: a listing of a hundred thousand keys is then small, sorted as its text would be.

use std::fmt;
use std::sync::Arc;

use super::region::RegionId;
use super::spec::Kind;

/// A key identifier. `Single` sorts before `Multi` because hexadecimal digits sort before the `m` of `mrk-`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum KeyId {
    /// A UUID: a key that lives in one Region.
    Single(u128),
    /// `mrk-` and 32 hexadecimal digits.
    Multi(u128),
}

impl KeyId {
    /// Reads an identifier as KMS writes it; None for anything else.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if let Some(digits) = text.strip_prefix("mrk-") {
            return (digits.len() == 32).then(|| number(digits)).flatten().map(Self::Multi);
        }
        let groups: Vec<usize> = text.split('-').map(str::len).collect();
        if groups != [8, 4, 4, 4, 12] {
            return None;
        }
        number(&text.replace('-', "")).map(Self::Single)
    }

    /// The 17 bytes that stand for it inside a marker.
    pub(crate) fn to_bytes(self) -> Vec<u8> {
        let (kind, number) = match self {
            Self::Single(number) => (0, number),
            Self::Multi(number) => (1, number),
        };
        let mut bytes = vec![kind];
        bytes.extend(number.to_be_bytes());
        bytes
    }

    /// The reverse of [`Self::to_bytes`].
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (kind, number) = bytes.split_first()?;
        let number = u128::from_be_bytes(number.try_into().ok()?);
        match kind {
            0 => Some(Self::Single(number)),
            1 => Some(Self::Multi(number)),
            _ => None,
        }
    }
}

fn number(digits: &str) -> Option<u128> {
    let plain = digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    plain.then(|| u128::from_str_radix(digits, 16).ok()).flatten()
}

impl fmt::Display for KeyId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Multi(number) => write!(formatter, "mrk-{number:032x}"),
            Self::Single(number) => write_uuid(formatter, *number),
        }
    }
}

/// Writes a number as a UUID; request IDs look like this too.
pub(crate) fn write_uuid(formatter: &mut impl fmt::Write, number: u128) -> fmt::Result {
    let (high, low) = (number >> 64, number & u128::from(u64::MAX));
    let (first, second, third) = (high >> 32, (high >> 16) & 0xffff, high & 0xffff);
    let (fourth, fifth) = (low >> 48, low & 0xffff_ffff_ffff);
    write!(formatter, "{first:08x}-{second:04x}-{third:04x}-{fourth:04x}-{fifth:012x}")
}

/// The key states that a member can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyState {
    Enabled,
    Disabled,
    PendingDeletion,
    PendingReplicaDeletion,
    PendingImport,
    Creating,
    Updating,
}

impl KeyState {
    /// Every state, in the order of the table's columns.
    pub(crate) const ALL: [Self; 7] = [
        Self::Enabled,
        Self::Disabled,
        Self::PendingDeletion,
        Self::PendingReplicaDeletion,
        Self::PendingImport,
        Self::Creating,
        Self::Updating,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Enabled => "Enabled",
            Self::Disabled => "Disabled",
            Self::PendingDeletion => "PendingDeletion",
            Self::PendingReplicaDeletion => "PendingReplicaDeletion",
            Self::PendingImport => "PendingImport",
            Self::Creating => "Creating",
            Self::Updating => "Updating",
        }
    }

    /// How an error says that a key is in this state.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Enabled => "enabled",
            Self::Disabled => "disabled",
            Self::PendingDeletion => "pending deletion",
            Self::PendingReplicaDeletion => "pending replica deletion",
            Self::PendingImport => "pending import",
            Self::Creating => "creating",
            Self::Updating => "updating",
        }
    }
}

/// A member's own state, with the moment at which it passes by itself. Updating is not here: it belongs to the pair
/// of members that exchange the primary role, so the set holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Life {
    Creating { until: u64 },
    Enabled,
    Disabled,
    PendingImport,
    PendingDeletion { at: u64 },
    PendingReplicaDeletion { window_days: u32 },
}

impl Life {
    pub(crate) fn state(self) -> KeyState {
        match self {
            Self::Creating { .. } => KeyState::Creating,
            Self::Enabled => KeyState::Enabled,
            Self::Disabled => KeyState::Disabled,
            Self::PendingImport => KeyState::PendingImport,
            Self::PendingDeletion { .. } => KeyState::PendingDeletion,
            Self::PendingReplicaDeletion { .. } => KeyState::PendingReplicaDeletion,
        }
    }

    /// When it passes, if it does so by itself.
    pub(crate) fn due(self) -> Option<u64> {
        match self {
            Self::Creating { until: at } | Self::PendingDeletion { at } => (at != u64::MAX).then_some(at),
            Self::Enabled | Self::Disabled | Self::PendingImport | Self::PendingReplicaDeletion { .. } => None,
        }
    }
}

/// A key in one Region: everything that is not shared with the related keys.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) life: Life,
    /// Milliseconds of Unix time.
    pub(crate) created: u64,
    /// Whether imported key material is here; only of interest for keys of origin EXTERNAL.
    pub(crate) imported: bool,
    /// When imported key material expires, in milliseconds of Unix time.
    pub(crate) material_ends: Option<u64>,
    /// A rotation has not reached it: it has the key material from before.
    pub(crate) is_behind: bool,
    pub(crate) description: Box<str>,
    /// Sorted by tag key.
    pub(crate) tags: Vec<(Box<str>, Box<str>)>,
    /// None is the default policy, which is the same text for every key of an account.
    pub(crate) policy: Option<Arc<str>>,
}

impl Member {
    /// What deleting or expiring imported key material does; a key that is dying goes on dying.
    pub(crate) fn lose_material(&mut self) {
        self.imported = false;
        self.material_ends = None;
        match self.life {
            Life::Enabled | Life::Disabled => self.life = Life::PendingImport,
            Life::Creating { .. }
            | Life::PendingImport
            | Life::PendingDeletion { .. }
            | Life::PendingReplicaDeletion { .. } => {}
        }
    }
}

/// What related keys share.
#[derive(Clone, Debug)]
pub(crate) struct KeySet {
    pub(crate) kind: Kind,
    pub(crate) multi_region: bool,
    /// A key that an AWS service made for itself.
    pub(crate) aws_managed: bool,
    /// Every how many days the key material is replaced; None if it is not.
    pub(crate) rotation: Option<u32>,
    pub(crate) primary: RegionId,
    /// The Regions of all members, in the order in which they came to be.
    pub(crate) members: Vec<RegionId>,
    pub(crate) moving: Option<Moving>,
}

/// The primary role on its way from one Region to another.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moving {
    pub(crate) to: RegionId,
    pub(crate) until: u64,
}

impl KeySet {
    /// The state that a member of this set shows in a Region.
    pub(crate) fn state(&self, region: RegionId, member: &Member) -> KeyState {
        match self.moving {
            Some(moving) if region == self.primary || region == moving.to => KeyState::Updating,
            Some(_) | None => member.life.state(),
        }
    }

    /// Which Region a member names as the primary's. While the role moves the former primary already names the new
    /// one, and everyone else still the former: no member calls itself the primary, as in the field.
    pub(crate) fn primary_as_seen_in(&self, region: RegionId) -> RegionId {
        match self.moving {
            Some(moving) if region == self.primary => moving.to,
            Some(_) | None => self.primary,
        }
    }

    pub(crate) fn has_replicas(&self) -> bool {
        self.members.len() > 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_read_and_write_the_same_text() {
        let check = |text: &str, valid: bool| {
            assert_eq!(KeyId::parse(text).map(|key| key.to_string()), valid.then(|| text.to_owned()), "{text}");
        };
        check("mrk-51c0a9e27f4411d09c3b5a6e7d2f1000", true);
        check("1234abcd-12ab-34cd-56ef-1234567890ab", true);
        check("00000000-0000-0000-0000-000000000001", true);
        check("mrk-51c0", false);
        check("mrk-51C0a9e27f4411d09c3b5a6e7d2f1000", false);
        check("mrk-+1c0a9e27f4411d09c3b5a6e7d2f1000", false);
        check("1234abcd12ab34cd56ef1234567890ab", false);
        check("alias/x", false);
        check("", false);
    }

    #[test]
    fn identifiers_sort_as_their_text() {
        let mut keys = [KeyId::Multi(1), KeyId::Single(u128::MAX), KeyId::Multi(0xf << 124), KeyId::Single(2)];
        keys.sort();
        let mut text: Vec<String> = keys.iter().map(ToString::to_string).collect();
        text.sort();
        assert_eq!(text, keys.iter().map(ToString::to_string).collect::<Vec<_>>());
    }

    #[test]
    fn identifiers_survive_a_marker() {
        for key in [KeyId::Multi(7), KeyId::Single(u128::MAX)] {
            assert_eq!(KeyId::from_bytes(&key.to_bytes()), Some(key));
        }
        assert_eq!(KeyId::from_bytes(&[2; 17]), None);
        assert_eq!(KeyId::from_bytes(&[]), None);
    }
}
