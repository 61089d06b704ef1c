//! What of a fleet was to be read and is not known: of whole Regions, of members, and of what is read of a member alone.

use super::presence::RegionStatus;
use super::{Fleet, RelatedKey};
use crate::domain::id::Region;
use crate::domain::key::Role;
use crate::domain::reading::ReasonKind;
use crate::domain::text::{Safe, safe};

/// What is missing in a reading that was to have everything.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(crate) struct Gaps {
    /// In scope and not listed whole, and why.
    pub(crate) regions: Vec<(Region, ReasonKind)>,
    /// Members that a Region listed and that could not be described.
    pub(crate) descriptions: usize,
    /// Described members of which this could not be read.
    pub(crate) policies: usize,
    pub(crate) tags: usize,
    pub(crate) rotations: usize,
}

impl Gaps {
    pub(crate) fn of(fleet: &Fleet) -> Self {
        let mut gaps = Gaps::default();
        for (place, facts) in fleet.places().filter(|(place, _)| fleet.is_region_in_scope(place)) {
            let why = match facts.status() {
                RegionStatus::Loaded { .. } => continue,
                RegionStatus::Partial { why, .. } | RegionStatus::Failed { why, .. } => why.kind,
                RegionStatus::Waiting | RegionStatus::Loading { .. } => ReasonKind::NotRead,
            };
            gaps.regions.push((place.region.clone(), why));
        }
        fleet.keys().flat_map(|(_, entry)| entry.members.values()).for_each(|member| gaps.add(member));
        gaps
    }

    /// Of what every reading is to have, whatever else it reads of a member.
    pub(crate) fn of_listings(fleet: &Fleet) -> Self {
        let Gaps { regions, descriptions, .. } = Gaps::of(fleet);
        Self { regions, descriptions, ..Gaps::default() }
    }

    fn add(&mut self, member: &RelatedKey) {
        let Some(described) = member.described.fresh() else {
            self.descriptions += usize::from(member.listed.is_some());
            return;
        };
        self.policies += usize::from(member.policy.fresh().is_none());
        self.tags += usize::from(member.tags.fresh().is_none());
        // Rotation is one for all members, and the primary's is read.
        let is_asked = described.role != Some(Role::Replica);
        self.rotations += usize::from(is_asked && member.rotation.fresh().is_none());
    }

    pub(crate) fn is_empty(&self) -> bool {
        *self == Gaps::default()
    }

    /// One line for each.
    pub(crate) fn words(&self) -> Vec<Safe> {
        let mut words: Vec<Safe> =
            self.regions.iter().map(|(region, kind)| safe!("{region}: {}", kind.words())).collect();
        let counted = [
            (self.descriptions, "a listed member could not be described", "listed members could not be described"),
            (self.policies, "a member's key policy could not be read", "members' key policies could not be read"),
            (self.tags, "a member's tags could not be read", "members' tags could not be read"),
            (self.rotations, "a key's rotation could not be read", "keys' rotation could not be read"),
        ];
        for (count, one, many) in counted {
            match count {
                0 => {}
                1 => words.push(Safe::from_static(one)),
                _ => words.push(safe!("{count} {many}")),
            }
        }
        words
    }
}
