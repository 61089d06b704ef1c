//! One of the two members, and what of it is known: each value with the reason if it could not be read, or not again.

use std::sync::Arc;

use super::Doubt;
use crate::domain::fleet::presence::Presence;
use crate::domain::fleet::row::{Cell, Row};
use crate::domain::fleet::{Fleet, RegionFacts, RelatedKey};
use crate::domain::id::Region;
use crate::domain::key::{RegionalKey, Role, Tag};
use crate::domain::reading::{Reading, Reason};
use crate::domain::text::{Foreign, Safe, safe};
use crate::domain::time::Timestamp;

/// A value, and why it is not known, or not as it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Held<T> {
    /// With a reason beside it: what was read before.
    pub(crate) value: Option<T>,
    pub(crate) why: Option<Why>,
}

/// Why a value is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// The answer is still to come.
    Waiting,
    /// The Region was listed completely, and the key is not there.
    Gone,
    /// No member that was read says it.
    Untold,
    NotRead(Arc<Reason>),
    /// What was read is no key policy.
    NotUnderstood(Safe),
}

impl Why {
    /// The reason in as few words as it takes.
    pub(crate) fn words(&self) -> Safe {
        match self {
            Why::Waiting => "being read".into(),
            Why::Gone => "no member is there any more".into(),
            Why::Untold => "no member that was read says it".into(),
            Why::NotRead(why) => why.kind.words().into(),
            Why::NotUnderstood(_) => "not understood".into(),
        }
    }

    /// The same with the error code and what to do about it.
    pub(crate) fn all_words(&self) -> Safe {
        match self {
            Why::Waiting | Why::Gone | Why::Untold => self.words(),
            Why::NotRead(why) => {
                let code = why.code.as_ref().map(|code| safe!(" ({})", code.safe())).unwrap_or_default();
                safe!("{}{code}; {}", why.kind.words(), why.next_step)
            }
            Why::NotUnderstood(what) => safe!("not understood: {what}"),
        }
    }
}

impl<T> Held<T> {
    pub(super) fn not(why: Why) -> Self {
        Self { value: None, why: Some(why) }
    }

    pub(super) fn doubt(&self, region: &Region) -> Option<Doubt> {
        self.why.clone().map(|why| Doubt { region: region.clone(), why })
    }

    pub(super) fn map<U>(self, change: impl FnOnce(T) -> U) -> Held<U> {
        Held { value: self.value.map(change), why: self.why }
    }
}

/// One of the two members.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Side<'a> {
    region: &'a Region,
    id: &'a str,
    cell: Option<&'a Cell>,
    member: Option<&'a RelatedKey>,
    facts: Option<&'a RegionFacts>,
}

impl<'a> Side<'a> {
    pub(crate) fn new(fleet: &'a Fleet, row: &'a Row, region: &'a Region) -> Self {
        Self {
            region,
            id: row.key.id.as_str(),
            cell: row.cell(region),
            member: fleet.member(&row.key, region),
            facts: fleet.region(&row.key.place(region)),
        }
    }

    pub(crate) fn region(&self) -> &'a Region {
        self.region
    }

    /// `us-east-1 (PRIMARY)`.
    pub(crate) fn words(&self) -> Safe {
        let role = self.cell.and_then(|cell| cell.role).map_or("role not known", Role::name);
        safe!("{} ({role})", self.region)
    }

    /// When DescribeKey was last answered.
    pub(crate) fn described_at(&self) -> Option<Timestamp> {
        match &self.cell?.presence {
            Presence::Present(present) => Some(present.at),
            Presence::Absent(_) | Presence::Unknown(_) => None,
        }
    }

    /// When the policy was read.
    pub(crate) fn policy_at(&self) -> Option<Timestamp> {
        self.member?.policy.at()
    }

    /// A role is known of a member that could not be read too, if another one names it.
    pub(super) fn role(&self) -> Held<Role> {
        match self.cell.and_then(|cell| cell.role) {
            Some(role) => Held { value: Some(role), why: self.described().why.filter(|why| *why == Why::Gone) },
            None => Held::not(self.described().why.unwrap_or(Why::Untold)),
        }
    }

    pub(super) fn described(&self) -> Held<&'a RegionalKey> {
        match self.cell.map(|cell| &cell.presence) {
            Some(Presence::Present(present)) => {
                Held { value: Some(&present.key), why: present.stale.clone().map(Why::NotRead).or(self.outage()) }
            }
            Some(Presence::Unknown(unknown)) if unknown.waiting => Held::not(Why::Waiting),
            Some(Presence::Unknown(unknown)) => Held::not(Why::NotRead(Arc::clone(&unknown.why))),
            Some(Presence::Absent(_)) | None => Held::not(Why::Gone),
        }
    }

    pub(super) fn policy(&self) -> Held<Foreign> {
        self.read(self.member.map(|member| &member.policy))
    }

    pub(super) fn tags(&self) -> Held<Arc<Vec<Tag>>> {
        self.read(self.member.map(|member| &member.tags))
    }

    /// The member's own aliases, by name.
    pub(super) fn aliases(&self) -> Held<Vec<Foreign>> {
        let all = self.read(self.facts.map(|facts| &facts.aliases));
        all.map(|aliases| {
            let mut own = aliases.get(self.id).cloned().unwrap_or_default();
            own.sort();
            own
        })
    }

    fn read<T: Clone>(&self, reading: Option<&Reading<T>>) -> Held<T> {
        if self.described().why == Some(Why::Gone) {
            return Held::not(Why::Gone);
        }
        match reading {
            Some(Reading::Known { value, .. }) => Held { value: Some(value.clone()), why: self.outage() },
            Some(Reading::Failed { why, last, .. }) => {
                Held { value: last.as_ref().map(|(value, _)| value.clone()), why: Some(Why::NotRead(Arc::clone(why))) }
            }
            Some(Reading::NotAsked | Reading::Waiting) | None => Held::not(self.why_not_yet()),
        }
    }

    /// A Region that gives no answers is not asked: what is held of it may be old by now.
    fn outage(&self) -> Option<Why> {
        self.facts?.outage.clone().map(Why::NotRead)
    }

    fn why_not_yet(&self) -> Why {
        let described = self.described();
        self.outage().or(described.why.filter(|_| described.value.is_none())).unwrap_or(Why::Waiting)
    }
}
