//! How a key stands in a Region for whoever must give a verdict: what is certain, what only a related key says, and what is not known.
//!
//! Nothing that could turn out otherwise once a Region is read is given as certain.

use std::sync::Arc;

use super::evidence::{Accepted, Basis, Evidence};
use super::fleet::presence::{Presence, Present, RegionStatus, Unknown};
use super::fleet::row::{Cell, Row};
use super::fleet::{Fleet, MultiRegionKey, RelatedKey};
use super::id::{Login, Place, Region};
use super::key::{Oddity, RegionalKey};
use super::reading::{Reading, Reason, ReasonKind};
use super::text::{Safe, safe};

/// One key, with everything that verdicts about it need.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Subject<'a> {
    pub(crate) fleet: &'a Fleet,
    pub(crate) row: &'a Row,
    pub(crate) entry: &'a MultiRegionKey,
    pub(crate) accepted: Accepted,
}

/// What a key is in a Region, for a verdict.
#[derive(Clone, Debug)]
pub(crate) enum Standing<'a> {
    /// It was described there in this run.
    Read(Member<'a>),
    /// The Region lists it, or did; its state is not known.
    Exists(ReasonKind),
    /// A related key names it there; the Region does not say.
    Named(ReasonKind),
    /// The Region was listed completely, and it is not there.
    Absent,
    /// The Region could not be read; the primary was, and does not name it.
    DeclaredAbsent,
    NotKnown(ReasonKind),
    OutOfScope,
}

/// A member that was described in this run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Member<'a> {
    pub(crate) region: &'a Region,
    pub(crate) key: &'a RegionalKey,
    pub(crate) related: &'a RelatedKey,
    login: Login,
    fleet: &'a Fleet,
}

impl Member<'_> {
    /// Why its Region, although it answered for this member, could not be read to its end.
    pub(crate) fn trouble(&self) -> Option<Arc<Reason>> {
        match self.fleet.region(&Place::new(self.login, self.region.clone()))?.status() {
            RegionStatus::Partial { why, .. } | RegionStatus::Failed { why, .. } => Some(why),
            RegionStatus::Waiting | RegionStatus::Loading { .. } | RegionStatus::Loaded { .. } => None,
        }
    }
}

impl<'a> Subject<'a> {
    /// The key by its row, if it is still there.
    pub(crate) fn new(fleet: &'a Fleet, row: &'a Row, accepted: Accepted) -> Option<Self> {
        Some(Self { fleet, row, entry: fleet.key(&row.key)?, accepted })
    }

    pub(crate) fn standing(&self, region: &Region) -> Standing<'a> {
        match self.row.cell(region) {
            Some(cell) => self.standing_of(cell),
            // A Region that was asked for and has no cell is not enabled, and nothing names the key there.
            None if self.is_asked(region) => self.unless_declared(ReasonKind::NotEnabled),
            None => Standing::OutOfScope,
        }
    }

    pub(crate) fn standing_of(&self, cell: &'a Cell) -> Standing<'a> {
        if !cell.in_scope {
            return Standing::OutOfScope;
        }
        match &cell.presence {
            Presence::Present(present) => {
                self.read(cell, present).map_or_else(|| self.not_taken(cell, present), Standing::Read)
            }
            Presence::Absent(_) => Standing::Absent,
            Presence::Unknown(unknown) => self.unknown(unknown),
        }
    }

    /// The last description is old, or is none of this member: it says nothing of its state.
    fn not_taken(&self, cell: &Cell, present: &Present) -> Standing<'a> {
        let kind = present.stale.as_ref().map_or(ReasonKind::Contradiction, |why| why.kind);
        let is_listed = self.entry.members.get(&cell.region).is_some_and(|member| member.listed.is_some());
        if is_listed { Standing::Exists(kind) } else { Standing::Named(kind) }
    }

    fn unknown(&self, unknown: &Unknown) -> Standing<'a> {
        let kind = unknown.why.kind;
        if unknown.listed && kind != ReasonKind::Contradiction {
            return Standing::Exists(kind);
        }
        if unknown.is_named() {
            return Standing::Named(kind);
        }
        if unknown.waiting { Standing::NotKnown(kind) } else { self.unless_declared(kind) }
    }

    /// Nothing names the key there and the Region does not answer.
    fn unless_declared(&self, kind: ReasonKind) -> Standing<'a> {
        match self.accepted {
            Accepted::Declared if self.declaring().is_some() => Standing::DeclaredAbsent,
            Accepted::Declared | Accepted::Listed => Standing::NotKnown(kind),
        }
    }

    fn is_asked(&self, region: &Region) -> bool {
        self.fleet.scope(self.row.key.login).is_some_and(|scope| scope.regions.contains(region))
    }

    /// The primary, if it was read in this run and is settled: its word on the whole set is good.
    pub(crate) fn declaring(&self) -> Option<Member<'a>> {
        self.member(&self.row.declaring()?.region)
    }

    /// The member in a Region, if it was described in this run.
    pub(crate) fn member(&self, region: &Region) -> Option<Member<'a>> {
        let cell = self.row.cell(region).filter(|cell| cell.in_scope)?;
        match &cell.presence {
            Presence::Present(present) => self.read(cell, present),
            Presence::Absent(_) | Presence::Unknown(_) => None,
        }
    }

    fn read(&self, cell: &'a Cell, present: &'a Present) -> Option<Member<'a>> {
        let related = self.entry.members.get(&cell.region)?;
        let is_taken = present.stale.is_none() && !present.key.oddities.iter().any(Oddity::is_of_no_member);
        let (login, fleet) = (self.row.key.login, self.fleet);
        is_taken.then_some(Member { region: &cell.region, key: &present.key, related, login, fleet })
    }

    /// The members that were described in this run, by Region.
    pub(crate) fn members(&self) -> Vec<Member<'a>> {
        self.row.cells.iter().filter_map(|cell| self.member(&cell.region)).collect()
    }

    /// What could hide a member that was not read: Regions with one that is known to be there, and Regions of which nothing is known.
    pub(crate) fn hidden(&self) -> Hidden<'a> {
        let mut hidden = Hidden::default();
        for cell in &self.row.cells {
            match self.standing_of(cell) {
                Standing::Exists(kind) | Standing::Named(kind) => hidden.members.push((&cell.region, kind)),
                Standing::NotKnown(kind) => hidden.regions.push((&cell.region, kind)),
                Standing::DeclaredAbsent => hidden.is_declared = true,
                Standing::Read(_) | Standing::Absent | Standing::OutOfScope => {}
            }
        }
        hidden
    }

    /// The answer that says how the key stands in a Region, if there is one.
    pub(crate) fn evidence(&self, region: &Region) -> Option<Evidence> {
        match self.standing(region) {
            Standing::Read(member) => Some(described(&member)),
            Standing::Absent => self.listing(region),
            Standing::Exists(_) => {
                let asked = self.entry.members.get(region).and_then(|member| member.listed);
                self.listing(region).map(|listing| Evidence { asked: asked.or(listing.asked), ..listing })
            }
            Standing::DeclaredAbsent => {
                self.declaring().map(|primary| Evidence { basis: Basis::Declared, ..described(&primary) })
            }
            Standing::Named(_) => self.naming(region),
            Standing::NotKnown(_) | Standing::OutOfScope => None,
        }
    }

    fn listing(&self, region: &Region) -> Option<Evidence> {
        let facts = self.fleet.region(&self.row.key.place(region))?;
        Some(Evidence {
            region: region.clone(),
            operation: "ListKeys",
            asked: facts.listing.asked(),
            at: facts.listing.at(),
            basis: Basis::Listed,
        })
    }

    /// The first related key that names one in this Region.
    fn naming(&self, region: &Region) -> Option<Evidence> {
        let (by, asked) = self.entry.declared_by(region).into_iter().next()?;
        let at = self.entry.members.get(&by).and_then(|member| member.described.at());
        Some(Evidence { region: by, operation: "DescribeKey", asked: Some(asked), at, basis: Basis::Declared })
    }

    /// Everything that was read of the key.
    pub(crate) fn everything(&self) -> Vec<Evidence> {
        let mut evidence: Vec<Evidence> =
            self.row.cells.iter().filter_map(|cell| self.evidence(&cell.region)).collect();
        evidence.sort();
        evidence.dedup();
        evidence
    }
}

/// Where members may be that nobody read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hidden<'a> {
    /// Something says that a member is there.
    pub(crate) members: Vec<(&'a Region, ReasonKind)>,
    /// Nothing says whether one is.
    pub(crate) regions: Vec<(&'a Region, ReasonKind)>,
    /// Some Region is taken for empty because the primary does not name it.
    pub(crate) is_declared: bool,
}

impl Hidden<'_> {
    pub(crate) fn is_empty(&self) -> bool {
        self.members.is_empty() && self.regions.is_empty()
    }

    /// What could not be read and why.
    pub(crate) fn words(&self) -> Safe {
        let each = |(region, kind): &(&Region, ReasonKind)| format!("{region}: {}", kind.words());
        let members = self.members.iter().map(|hidden| format!("a member in {}", each(hidden)));
        let regions = self.regions.iter().map(each);
        safe!("not read: {}", members.chain(regions).collect::<Vec<_>>().join("; "))
    }
}

/// A member's own description as evidence.
pub(crate) fn described(member: &Member<'_>) -> Evidence {
    Evidence {
        region: member.region.clone(),
        operation: "DescribeKey",
        asked: member.related.described.asked(),
        at: member.related.described.at(),
        basis: Basis::Described,
    }
}

/// A deep reading of a member as evidence.
pub(crate) fn read_of<T>(member: &Member<'_>, operation: &'static str, reading: &Reading<T>) -> Evidence {
    Evidence {
        region: member.region.clone(),
        operation,
        asked: reading.asked(),
        at: reading.at(),
        basis: Basis::Described,
    }
}
