//! What differs between two readings that were kept, including what is known in one of them only.
//!
//! What is certain is told as `list --watch` tells it: a change is between two things that were both known. Nothing that could not be read in the other reading
//! is called added or gone. It is told all the same, for what is not known may hide a change.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use super::changes::{Sight, Watch, What, joined};
use super::gaps::Gaps;
use super::presence::{Presence, RegionStatus};
use super::row::{Cell, Row};
use super::{Fleet, KeyRef, MultiRegionKey, RelatedKey};
use crate::domain::id::{AccountId, KeyId, Place, Region};
use crate::domain::key::{Rotation, Tag};
use crate::domain::policy::{self, Document, sha256};
use crate::domain::text::{Foreign, Safe};
use crate::domain::time::Timestamp;

/// One reading, and when it ended.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Side<'a> {
    pub(crate) fleet: &'a Fleet,
    pub(crate) at: Timestamp,
}

/// One thing that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Difference {
    pub(crate) kind: Kind,
    /// `None` where a whole Region is meant.
    pub(crate) key: Option<KeyId>,
    pub(crate) account: Option<AccountId>,
    /// `None` where the whole key is meant.
    pub(crate) region: Option<Region>,
    pub(crate) field: &'static str,
    pub(crate) from: Option<Foreign>,
    pub(crate) to: Option<Foreign>,
    /// What two policies say differently, a line each; empty where they cannot be compared by statement.
    pub(crate) statements: Vec<Safe>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    KeyAdded,
    KeyGone,
    MemberAdded,
    MemberGone,
    Changed,
    /// It could not be read in the first, and is known in the second.
    NewlyKnown,
    /// It was known in the first, and could not be read in the second.
    NotKnownAnyMore,
}

impl Kind {
    pub(crate) fn is_certain(self) -> bool {
        match self {
            Kind::KeyAdded | Kind::KeyGone | Kind::MemberAdded | Kind::MemberGone | Kind::Changed => true,
            Kind::NewlyKnown | Kind::NotKnownAnyMore => false,
        }
    }
}

/// Everything that differs, and what is missing in both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Differences {
    /// Whole Regions first, then by key and Region.
    pub(crate) found: Vec<Difference>,
    pub(crate) missing: (Gaps, Gaps),
}

/// What came of the comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Everything was read in both, and nothing differs.
    Same,
    Different,
    /// Nothing differs for certain, and something could not be read.
    Unknown,
}

impl Differences {
    pub(crate) fn verdict(&self) -> Verdict {
        if self.found.iter().any(|difference| difference.kind.is_certain()) {
            return Verdict::Different;
        }
        let is_whole = self.found.is_empty() && self.missing.0.is_empty() && self.missing.1.is_empty();
        if is_whole { Verdict::Same } else { Verdict::Unknown }
    }

    pub(crate) fn certain(&self) -> usize {
        self.found.iter().filter(|difference| difference.kind.is_certain()).count()
    }
}

/// Compares two readings of the same account.
pub(crate) fn differences(from: Side<'_>, to: Side<'_>) -> Differences {
    let mut found = regions(from.fleet, to.fleet);
    let mut watch = Watch::new(None);
    let _base = watch.look(from.fleet, None, from.at);
    let mut certain: BTreeMap<KeyRef, Vec<(Region, What)>> = BTreeMap::new();
    for change in watch.look(to.fleet, None, to.at) {
        if let Some(id) = key_of(&change.what) {
            let key = KeyRef { login: change.login, id: id.clone() };
            certain.entry(key).or_default().push((change.region, change.what));
        }
    }
    let wholes = (is_whole(from.fleet), is_whole(to.fleet));
    let keys: BTreeSet<&KeyRef> = from.fleet.keys().chain(to.fleet.keys()).map(|(key, _)| key).collect();
    for key in keys {
        let pair = Pair { key, from: Seen::of(from, key, wholes.0), to: Seen::of(to, key, wholes.1) };
        let mut of_key = pair.whole();
        let certain = certain.remove(key).unwrap_or_default();
        of_key.extend(certain.into_iter().filter_map(|(region, what)| pair.certain(&region, what)));
        for region in pair.regions() {
            of_key.extend(pair.presence(&region));
            of_key.extend(pair.fields(&region));
        }
        of_key.sort_by(|one, other| (&one.region, one.kind, one.field).cmp(&(&other.region, other.kind, other.field)));
        found.extend(of_key);
    }
    Differences { found, missing: (Gaps::of(from.fleet), Gaps::of(to.fleet)) }
}

fn key_of(what: &What) -> Option<&KeyId> {
    match what {
        What::Appeared { key, .. } | What::Gone { key, .. } | What::Changed { key, .. } => Some(key),
        What::Region { .. } => None,
    }
}

/// The Regions that were listed whole in one reading only.
fn regions(from: &Fleet, to: &Fleet) -> Vec<Difference> {
    let places: BTreeSet<&Place> = from.places().chain(to.places()).map(|(place, _)| place).collect();
    let told = places.into_iter().filter_map(|place| {
        let kind = match (from.proves_absence(place), to.proves_absence(place)) {
            (false, true) => Kind::NewlyKnown,
            (true, false) => Kind::NotKnownAnyMore,
            (true, true) | (false, false) => return None,
        };
        Some(Difference {
            kind,
            key: None,
            account: None,
            region: Some(place.region.clone()),
            field: "status",
            from: Some(status(from, place)),
            to: Some(status(to, place)),
            statements: Vec::new(),
        })
    });
    told.collect()
}

fn status(fleet: &Fleet, place: &Place) -> Foreign {
    Foreign::new(match fleet.region(place).map(super::RegionFacts::status) {
        None => "not_asked",
        Some(RegionStatus::Loaded { .. }) => "loaded",
        Some(RegionStatus::Partial { .. }) => "partial",
        Some(RegionStatus::Failed { why, .. }) => why.kind.name(),
        Some(RegionStatus::Waiting | RegionStatus::Loading { .. }) => "not_read",
    })
}

/// One key in one reading.
struct Seen<'a> {
    fleet: &'a Fleet,
    entry: Option<&'a MultiRegionKey>,
    row: Option<Row>,
    /// Every Region of the reading was listed whole.
    is_whole: bool,
}

impl<'a> Seen<'a> {
    fn of(side: Side<'a>, key: &KeyRef, is_whole: bool) -> Self {
        Self { fleet: side.fleet, entry: side.fleet.key(key), row: side.fleet.row(key, side.at), is_whole }
    }

    fn cell(&self, region: &Region) -> Option<&Cell> {
        self.row.as_ref()?.cell(region)
    }

    /// The member, if it is there.
    fn member(&self, region: &Region) -> Option<(&Cell, &RelatedKey)> {
        let cell = self.cell(region).filter(|cell| is_present(cell))?;
        Some((cell, self.entry?.members.get(region)?))
    }

    /// How a member is seen, and whether something names it.
    fn sight(&self, place: &Place) -> (Sight, bool) {
        match self.cell(&place.region) {
            Some(cell) => (Sight::of(cell), cell.is_member()),
            None if self.fleet.proves_absence(place) => (Sight::Absent, false),
            None => (Sight::Unknown, false),
        }
    }

    /// The key that was seen elsewhere is certainly not here: nothing is heard of it, and everything was listed, the Regions of its members too.
    fn proves_that_it_is_not_here(&self, elsewhere: &Row) -> bool {
        let mut members = elsewhere.members();
        self.is_whole && members.all(|cell| self.fleet.proves_absence(&elsewhere.key.place(&cell.region)))
    }
}

/// One key in both readings.
struct Pair<'a> {
    key: &'a KeyRef,
    from: Seen<'a>,
    to: Seen<'a>,
}

impl Pair<'_> {
    fn difference(&self, kind: Kind, region: Option<&Region>, field: &'static str) -> Difference {
        let account = |seen: &Seen<'_>| seen.row.as_ref().and_then(|row| row.account);
        Difference {
            kind,
            key: Some(self.key.id.clone()),
            account: account(&self.to).or_else(|| account(&self.from)),
            region: region.cloned(),
            field,
            from: None,
            to: None,
            statements: Vec::new(),
        }
    }

    fn regions(&self) -> BTreeSet<Region> {
        let rows = self.from.row.iter().chain(&self.to.row);
        rows.flat_map(|row| row.cells.iter().map(|cell| cell.region.clone())).collect()
    }

    /// What is said of the key as a whole: that it is new or gone, where that is certain; its primary; its rotation.
    fn whole(&self) -> Vec<Difference> {
        let Pair { from, to, .. } = self;
        match (&from.row, &to.row) {
            (None, Some(row)) if from.proves_that_it_is_not_here(row) => {
                vec![self.difference(Kind::KeyAdded, None, "key")]
            }
            (Some(row), None) if to.proves_that_it_is_not_here(row) => {
                vec![self.difference(Kind::KeyGone, None, "key")]
            }
            (Some(before), Some(after)) => {
                let primary = (before.primary_region(), after.primary_region());
                let primary = self.three(None, "primary_region", primary, |region| Foreign::new(region.as_str()));
                let period = |seen: &Seen<'_>| seen.entry.and_then(rotation_of).map(rotation);
                let periods = (period(from), period(to));
                let rotation = self.three(None, "rotation", (periods.0.as_ref(), periods.1.as_ref()), Foreign::clone);
                primary.into_iter().chain(rotation).collect()
            }
            (None | Some(_), None) | (None, Some(_)) => Vec::new(),
        }
    }

    /// A change between two things that were both known.
    fn certain(&self, region: &Region, what: What) -> Option<Difference> {
        let region = Some(region);
        Some(match what {
            What::Appeared { key: _, state } => {
                let to = Some(Foreign::new(state.name()));
                Difference { to, ..self.difference(Kind::MemberAdded, region, "state") }
            }
            What::Gone { key: _, state } => {
                let from = Some(Foreign::new(state.name()));
                Difference { from, ..self.difference(Kind::MemberGone, region, "state") }
            }
            What::Changed { key: _, field, from, to } => {
                Difference { from, to, ..self.difference(Kind::Changed, region, field.name()) }
            }
            What::Region { .. } => return None,
        })
    }

    /// Whether a member is there, where only one reading knows it.
    fn presence(&self, region: &Region) -> Option<Difference> {
        let place = self.key.place(region);
        let ((before, was_named), (after, is_named)) = (self.from.sight(&place), self.to.sight(&place));
        let kind = match (&before, &after) {
            (Sight::Unknown, Sight::Present(..)) => Kind::NewlyKnown,
            (Sight::Present(..), Sight::Unknown) => Kind::NotKnownAnyMore,
            // Where nothing names a member, the line of the Region says it for every key.
            (Sight::Unknown, Sight::Absent) if was_named => Kind::NewlyKnown,
            (Sight::Absent, Sight::Unknown) if is_named => Kind::NotKnownAnyMore,
            (Sight::Unknown, Sight::Unknown | Sight::Absent)
            | (Sight::Absent, Sight::Unknown | Sight::Absent | Sight::Present(..))
            | (Sight::Present(..), Sight::Absent | Sight::Present(..)) => return None,
        };
        let words = |sight: &Sight| Some(Foreign::new(sight.words().as_str()));
        Some(Difference { from: words(&before), to: words(&after), ..self.difference(kind, Some(region), "presence") })
    }

    /// What is read of a member beside its description. That is compared where the member is there in both.
    fn fields(&self, region: &Region) -> Vec<Difference> {
        let (Some((was, before)), Some((is, after))) = (self.from.member(region), self.to.member(region)) else {
            return Vec::new();
        };
        let at = Some(region);
        let role = self.three(at, "role", (was.role.as_ref(), is.role.as_ref()), |role| Foreign::new(role.name()));
        let names = |cell: &Cell| cell.aliases.as_ref().map(|names| joined(names));
        let names = (names(was), names(is));
        let aliases = self.three(at, "aliases", (names.0.as_ref(), names.1.as_ref()), Foreign::clone);
        let sorted = |member: &RelatedKey| member.tags.value().map(|tags| tags.iter().cloned().collect());
        let tags: (Option<BTreeSet<Tag>>, Option<BTreeSet<Tag>>) = (sorted(before), sorted(after));
        // What was known of these in both has been compared.
        let uncertain = [role, aliases].into_iter().flatten().filter(|found| !found.kind.is_certain());
        uncertain
            .chain(self.policy(region, (before, after)))
            .chain(self.three(at, "tags", (tags.0.as_ref(), tags.1.as_ref()), tags_text))
            .collect()
    }

    /// Compared as what the documents say, and told by digests and statements.
    fn policy(&self, region: &Region, (before, after): (&RelatedKey, &RelatedKey)) -> Option<Difference> {
        let (before, after) = (before.policy.value(), after.policy.value());
        let digest = |policy: &Foreign| Foreign::new(format!("sha256:{}", sha256(policy.original())));
        let found = self.three(Some(region), "policy", (before, after), digest)?;
        let statements = before.zip(after).and_then(|(before, after)| statements(region, before, after));
        match statements {
            Some(statements) if statements.is_empty() => None,
            statements => Some(Difference { statements: statements.unwrap_or_default(), ..found }),
        }
    }

    /// What became of a value that may not have been read.
    fn three<T: PartialEq + ?Sized>(
        &self,
        region: Option<&Region>,
        field: &'static str,
        (from, to): (Option<&T>, Option<&T>),
        text: impl Fn(&T) -> Foreign,
    ) -> Option<Difference> {
        let kind = match (from, to) {
            (Some(before), Some(after)) if before != after => Kind::Changed,
            (Some(_), Some(_)) | (None, None) => return None,
            (None, Some(_)) => Kind::NewlyKnown,
            (Some(_), None) => Kind::NotKnownAnyMore,
        };
        Some(Difference { from: from.map(&text), to: to.map(&text), ..self.difference(kind, region, field) })
    }
}

/// Whether every Region in scope was listed whole.
fn is_whole(fleet: &Fleet) -> bool {
    let mut places = fleet.places().filter(|(place, _)| fleet.is_region_in_scope(place));
    places.all(|(place, _)| fleet.proves_absence(place))
}

fn is_present(cell: &Cell) -> bool {
    match cell.presence {
        Presence::Present(_) => true,
        Presence::Absent(_) | Presence::Unknown(_) => false,
    }
}

/// What two policies of one member say differently; `None` if one of them is no policy that can be taken apart.
fn statements(region: &Region, before: &Foreign, after: &Foreign) -> Option<Vec<Safe>> {
    let document = |text: &Foreign| Document::parse(text.original()).ok();
    let (before, after) = (document(before)?, document(after)?);
    let (before, after) = (policy::Side { document: &before, region }, policy::Side { document: &after, region });
    Some(policy::differences(before, after).iter().map(policy::Difference::words).collect())
}

fn tags_text(tags: &BTreeSet<Tag>) -> Foreign {
    let pair = |tag: &Tag| format!("{}={}", tag.key.original(), tag.value.original());
    Foreign::new(tags.iter().map(pair).collect::<Vec<_>>().join(", "))
}

/// The rotation of the key, as the member that was asked told it.
fn rotation_of(key: &MultiRegionKey) -> Option<&Rotation> {
    key.members.values().find_map(|member| member.rotation.value())
}

/// Whether and how often. When next is left out: it moves by itself.
fn rotation(rotation: &Rotation) -> Foreign {
    match rotation {
        Rotation::NotApplicable => Foreign::new("not_applicable"),
        Rotation::Off => Foreign::new("off"),
        Rotation::On { period_days: None, next: _ } => Foreign::new("on"),
        Rotation::On { period_days: Some(days), next: _ } => Foreign::new(format!("on, every {days} days")),
    }
}
