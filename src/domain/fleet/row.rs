//! One row: a multi-Region key with everything that is concluded about it. What the dashboard, the tables, JSON and the filter all read.

use std::sync::{Arc, LazyLock};

use super::presence::{Presence, Unknown, agrees, role};
use super::{Fleet, KeyRef, MultiRegionKey, RegionFacts, RelatedKey};
use crate::domain::coverage;
use crate::domain::evidence::Accepted;
use crate::domain::id::{AccountId, KeyArn, Region};
use crate::domain::key::{KeyState, RegionalKey, Role, Tag};
use crate::domain::reading::ReasonKind;
use crate::domain::standing::Subject;
use crate::domain::text::{Foreign, Safe};
use crate::domain::time::Timestamp;

static NO_ALIASES: LazyLock<Arc<[Foreign]>> = LazyLock::new(|| Arc::from([]));

/// A multi-Region key, folded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) key: KeyRef,
    pub(crate) account: Option<AccountId>,
    pub(crate) name: RowName,
    /// Every Region in scope, and every other in which a member is named; by name.
    pub(crate) cells: Vec<Cell>,
    pub(crate) primary: Primary,
    /// What is wrong, worst first.
    pub(crate) problems: Vec<Problem>,
    /// The tags of the members whose tags were read.
    pub(super) tags: Vec<(Region, Arc<Vec<Tag>>)>,
}

/// A key in a Region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cell {
    pub(crate) region: Region,
    pub(crate) presence: Presence,
    pub(crate) role: Option<Role>,
    /// `None` if they were not read.
    pub(crate) aliases: Option<Arc<[Foreign]>>,
    /// Outside the Regions asked for.
    pub(crate) in_scope: bool,
    /// What a rule says of it for certain.
    pub(crate) mark: Option<Mark>,
}

/// What a coverage rule says of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Mark {
    /// A member is there, and a rule forbids it.
    Banned,
    /// No member is there, and a rule requires one.
    Gap,
}

impl Cell {
    /// What DescribeKey said of it, last.
    pub(crate) fn described(&self) -> Option<&RegionalKey> {
        match &self.presence {
            Presence::Present(present) => Some(&present.key),
            Presence::Absent(_) | Presence::Unknown(_) => None,
        }
    }

    pub(crate) fn state(&self) -> Option<&KeyState> {
        self.described().map(|key| &key.state)
    }

    /// A member is there, or something says so.
    pub(crate) fn is_member(&self) -> bool {
        match &self.presence {
            Presence::Present(_) => true,
            Presence::Absent(_) => false,
            Presence::Unknown(unknown) => unknown.is_named(),
        }
    }
}

/// By what a row is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RowName {
    /// The primary's first alias, without `alias/`, and how many more it has.
    Alias {
        name: Foreign,
        more: usize,
    },
    /// The alias of another member: the primary has none, or could not be read.
    AliasOf {
        region: Region,
        name: Foreign,
        more: usize,
    },
    Description(Foreign),
    /// Every readable member is denied.
    Denied,
    Id,
}

/// Where the primary key is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Primary {
    In(Region),
    /// The members do not agree, since this moment: a promotion is under way.
    Moving {
        since: Timestamp,
    },
    /// They have not agreed for five minutes.
    Contradictory {
        since: Timestamp,
    },
    /// No readable member says.
    Unknown,
}

/// After this long without one primary, the answers contradict each other.
const MOVING_AT_MOST_MILLIS: i64 = 5 * 60 * 1_000;

/// Something wrong with a key. The order of the variants is the order of urgency.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Problem {
    /// The member is deleted at this moment.
    Dies {
        at: Option<Timestamp>,
        region: Region,
        role: Option<Role>,
    },
    /// The primary's deletion starts when its last replica is deleted; `dies` is known only if every replica is itself pending.
    PrimaryWaits {
        region: Region,
        dies: Option<Timestamp>,
        replicas: Vec<Region>,
    },
    Contradiction {
        since: Timestamp,
    },
    /// An answer that AWS does not give of a sound key.
    Odd {
        region: Region,
    },
    Unusable {
        region: Region,
        state: KeyState,
    },
    /// A rule forbids the members there.
    Banned {
        rule: Foreign,
        regions: Vec<Region>,
    },
    /// A rule requires members where there are none.
    Gap {
        rule: Foreign,
        regions: Vec<Region>,
    },
    /// Something else that a rule asks for does not hold.
    Breach {
        rule: Foreign,
        what: Safe,
    },
    Moving {
        region: Option<Region>,
        since: Option<Timestamp>,
    },
    /// A member is listed or named there, and cannot be read.
    Unread {
        region: Region,
        kind: ReasonKind,
    },
}

impl Problem {
    /// The group that the fleet's state counts it under, most urgent first.
    pub(crate) fn rank(&self) -> u8 {
        match self {
            Problem::Dies { .. } => 0,
            Problem::PrimaryWaits { .. } => 1,
            Problem::Contradiction { .. } | Problem::Odd { .. } => 2,
            Problem::Unusable { .. } => 3,
            Problem::Banned { .. } => 4,
            Problem::Gap { .. } | Problem::Breach { .. } => 5,
            Problem::Moving { .. } => 6,
            Problem::Unread { .. } => 7,
        }
    }
}

impl Row {
    pub(crate) fn cell(&self, region: &Region) -> Option<&Cell> {
        self.cells.iter().find(|cell| cell.region == *region)
    }

    /// The primary's own description, or any member's: spec, usage and origin are the same in all.
    pub(crate) fn shared(&self) -> Option<&RegionalKey> {
        let primary = match &self.primary {
            Primary::In(region) => self.cell(region).and_then(Cell::described),
            Primary::Moving { .. } | Primary::Contradictory { .. } | Primary::Unknown => None,
        };
        primary.or_else(|| self.cells.iter().find_map(Cell::described))
    }

    pub(crate) fn primary_region(&self) -> Option<&Region> {
        match &self.primary {
            Primary::In(region) => Some(region),
            Primary::Moving { .. } | Primary::Contradictory { .. } | Primary::Unknown => None,
        }
    }

    /// The primary's cell, if its word on the whole set is good: it was read in this run, calls itself the primary, is not being moved and is not odd. Where
    /// it names no related key, none is taken for possible by whoever accepts a declaration.
    pub(crate) fn declaring(&self) -> Option<&Cell> {
        let region = self.primary_region()?;
        let cell = self.cell(region).filter(|cell| cell.in_scope)?;
        let Presence::Present(present) = &cell.presence else { return None };
        let key = &present.key;
        let names_itself = key.primary.as_ref().is_some_and(|arn| arn.region == *region);
        let is_settled = names_itself && !key.state.is_moving() && key.oddities.is_empty();
        (is_settled && present.stale.is_none()).then_some(cell)
    }

    /// How urgent the row is, most urgent first: the worst that is wrong with it, and how soon. Nothing wrong is last.
    pub(crate) fn urgency(&self) -> (u8, i64) {
        let soon = |at: &Option<Timestamp>| at.map_or(i64::MAX, Timestamp::millis);
        let of = |problem: &Problem| match problem {
            Problem::Dies { at, .. } => (problem.rank(), soon(at)),
            Problem::PrimaryWaits { dies, .. } => (problem.rank(), soon(dies)),
            Problem::Contradiction { .. }
            | Problem::Odd { .. }
            | Problem::Unusable { .. }
            | Problem::Banned { .. }
            | Problem::Gap { .. }
            | Problem::Breach { .. }
            | Problem::Moving { .. }
            | Problem::Unread { .. } => (problem.rank(), 0),
        };
        self.problems.iter().map(of).min().unwrap_or((u8::MAX, 0))
    }

    pub(crate) fn members(&self) -> impl Iterator<Item = &Cell> {
        self.cells.iter().filter(|cell| cell.is_member())
    }

    /// A member's tags, if they were read.
    pub(crate) fn tags(&self, region: &Region) -> Option<&[Tag]> {
        self.tags.iter().find(|(there, _)| there == region).map(|(_, tags)| tags.as_slice())
    }
}

impl Fleet {
    /// Everything that is concluded about a key.
    pub(crate) fn row(&self, key: &KeyRef, now: Timestamp) -> Option<Row> {
        let entry = self.key(key)?;
        let cells = self.cells(key, entry);
        let primary = primary(entry, now);
        let name = name(&cells, &primary);
        let problems = problems(&cells, &primary);
        let tags = tags(entry);
        let mut row = Row { key: key.clone(), account: entry.account(), name, cells, primary, problems, tags };
        if !self.rules().is_empty() {
            mark(&mut row, self);
        }
        row.problems.sort();
        Some(row)
    }

    /// The Regions that a row speaks of: those in scope and those in which a member is listed or named. What is known of each is looked up once: there are as
    /// many cells as keys times Regions.
    fn cells(&self, key: &KeyRef, entry: &MultiRegionKey) -> Vec<Cell> {
        let mentioned = entry.regions();
        let scope = self.scope(key.login);
        let mut cells: Vec<Cell> = Vec::new();
        for (place, facts) in self.places().filter(|(place, _)| place.login == key.login) {
            let region = &place.region;
            let is_mentioned = mentioned.contains(region);
            let is_asked = scope.is_some_and(|scope| scope.regions.contains(region));
            let is_left_out = scope.is_some_and(|scope| scope.auto) && facts.is_not_enabled() && !is_mentioned;
            if is_mentioned || is_asked && !is_left_out {
                cells.push(cell((key, entry), (region, is_mentioned), (facts, is_asked)));
            }
        }
        let elsewhere = mentioned.iter().filter(|region| self.region(&key.place(region)).is_none());
        let elsewhere: Vec<Cell> = elsewhere.map(|region| unasked(entry, region)).collect();
        if !elsewhere.is_empty() {
            cells.extend(elsewhere);
            cells.sort_by(|one, other| one.region.cmp(&other.region));
        }
        cells
    }
}

/// A cell of a Region of which something is known.
fn cell(
    (key, entry): (&KeyRef, &MultiRegionKey),
    (region, is_mentioned): (&Region, bool),
    (facts, in_scope): (&RegionFacts, bool),
) -> Cell {
    let presence = entry.presence(region, is_mentioned, Some(facts).filter(|_| in_scope));
    let role = if is_mentioned { role(entry, region) } else { None };
    let aliases = facts.aliases.value().map(|aliases| match &presence {
        // A key that is not there has no alias there: that need not be looked up.
        Presence::Absent(_) => Arc::clone(&NO_ALIASES),
        Presence::Present(_) | Presence::Unknown(_) => match aliases.get(key.id.as_str()) {
            Some(names) => Arc::from(names.as_slice()),
            None => Arc::clone(&NO_ALIASES),
        },
    });
    Cell { region: region.clone(), presence, role, aliases, in_scope, mark: None }
}

/// A cell of a Region that was not asked for.
fn unasked(entry: &MultiRegionKey, region: &Region) -> Cell {
    let presence = entry.presence(region, true, None);
    let role = role(entry, region);
    Cell { region: region.clone(), presence, role, aliases: None, in_scope: false, mark: None }
}

fn tags(entry: &MultiRegionKey) -> Vec<(Region, Arc<Vec<Tag>>)> {
    let of = |member: &RelatedKey| Some((member.arn.region.clone(), Arc::clone(member.tags.fresh()?)));
    entry.members.values().filter_map(|member| of(member)).collect()
}

/// Holds the row against the rules. What is not certain leaves no mark.
fn mark(row: &mut Row, fleet: &Fleet) {
    let marks: Vec<coverage::Marks> = {
        let Some(subject) = Subject::new(fleet, row, Accepted::Declared) else { return };
        fleet.rules().iter().filter_map(|rule| coverage::marks(rule, &subject)).collect()
    };
    for coverage::Marks { rule, banned, gaps, breaches } in marks {
        for cell in &mut row.cells {
            let is_banned = banned.contains(&cell.region).then_some(Mark::Banned);
            let is_gap = gaps.contains(&cell.region).then_some(Mark::Gap);
            cell.mark = cell.mark.or(is_banned).or(is_gap);
        }
        if !banned.is_empty() {
            row.problems.push(Problem::Banned { rule: rule.clone(), regions: banned });
        }
        if !gaps.is_empty() {
            row.problems.push(Problem::Gap { rule: rule.clone(), regions: gaps });
        }
        row.problems.extend(breaches.into_iter().map(|what| Problem::Breach { rule: rule.clone(), what }));
    }
}

fn primary(entry: &MultiRegionKey, now: Timestamp) -> Primary {
    if let Some(since) = entry.unsettled_since.filter(|_| !agrees(entry)) {
        let long = now.millis().saturating_sub(since.millis()) >= MOVING_AT_MOST_MILLIS;
        return if long { Primary::Contradictory { since } } else { Primary::Moving { since } };
    }
    let described = || entry.members.values().filter_map(|member| member.described.value());
    let named = described().find_map(|key| key.primary.as_ref()).map(|arn: &KeyArn| arn.region.clone());
    named.map_or(Primary::Unknown, Primary::In)
}

fn name(cells: &[Cell], primary: &Primary) -> RowName {
    let first = |cell: &Cell| {
        let aliases = cell.aliases.as_ref().filter(|_| cell.is_member())?;
        let name = aliases.first()?;
        let bare = name.original().strip_prefix("alias/").unwrap_or(name.original());
        Some((Foreign::new(bare), aliases.len() - 1))
    };
    let is_primary = |cell: &Cell| match primary {
        Primary::In(region) => cell.region == *region,
        Primary::Moving { .. } | Primary::Contradictory { .. } | Primary::Unknown => cell.role == Some(Role::Primary),
    };
    if let Some((name, more)) = cells.iter().find(|cell| is_primary(cell)).and_then(first) {
        return RowName::Alias { name, more };
    }
    if let Some((cell, (name, more))) = cells.iter().find_map(|cell| first(cell).map(|found| (cell, found))) {
        return RowName::AliasOf { region: cell.region.clone(), name, more };
    }
    let description = |cell: &Cell| cell.described().map(|key| key.description.clone()).filter(|text| !text.is_empty());
    let own = cells.iter().filter(|cell| is_primary(cell)).find_map(description);
    if let Some(text) = own.or_else(|| cells.iter().find_map(description)) {
        return RowName::Description(text);
    }
    let denied = |unknown: &Unknown| {
        unknown.listed && matches!(unknown.why.kind, ReasonKind::Denied | ReasonKind::DeniedByKeyPolicy)
    };
    let is_denied = cells.iter().any(|cell| matches!(&cell.presence, Presence::Unknown(unknown) if denied(unknown)));
    if is_denied && cells.iter().all(|cell| cell.described().is_none()) { RowName::Denied } else { RowName::Id }
}

fn problems(cells: &[Cell], primary: &Primary) -> Vec<Problem> {
    let mut problems: Vec<Problem> = cells.iter().filter_map(|cell| cell_problem(cell, cells)).collect();
    match primary {
        Primary::Moving { since } => problems.push(Problem::Moving { region: None, since: Some(*since) }),
        Primary::Contradictory { since } => problems.push(Problem::Contradiction { since: *since }),
        Primary::In(_) | Primary::Unknown => {}
    }
    problems
}

fn cell_problem(cell: &Cell, cells: &[Cell]) -> Option<Problem> {
    let region = cell.region.clone();
    match &cell.presence {
        Presence::Absent(_) => None,
        Presence::Present(present) if !present.key.oddities.is_empty() => Some(Problem::Odd { region }),
        Presence::Present(present) => state_problem(cell, &present.key, cells),
        // A Region that is still being read is not a problem yet, one outside the scope was not asked for, and one that could not be read is no
        // key's own problem unless something says that a member is there.
        Presence::Unknown(unknown) if unknown.waiting || !cell.in_scope || !unknown.is_named() => None,
        Presence::Unknown(unknown) => Some(Problem::Unread { region, kind: unknown.why.kind }),
    }
}

fn state_problem(cell: &Cell, key: &RegionalKey, cells: &[Cell]) -> Option<Problem> {
    let region = cell.region.clone();
    match &key.state {
        KeyState::Enabled => None,
        KeyState::PendingDeletion => Some(Problem::Dies { at: key.deletion_date, region, role: cell.role }),
        KeyState::PendingReplicaDeletion => {
            let replicas: Vec<Region> = cells
                .iter()
                .filter(|other| other.region != region && other.is_member())
                .map(|other| other.region.clone())
                .collect();
            Some(Problem::PrimaryWaits { dies: expected_deletion(key, &region, cells), region, replicas })
        }
        KeyState::Creating | KeyState::Updating => Some(Problem::Moving { region: Some(region), since: None }),
        KeyState::Disabled
        | KeyState::PendingImport
        | KeyState::Unavailable
        | KeyState::Other(_)
        | KeyState::Missing => Some(Problem::Unusable { region, state: key.state.clone() }),
    }
}

/// When a waiting primary is deleted: its window after the last replica's date, defined only if every replica is itself pending deletion.
fn expected_deletion(primary: &RegionalKey, region: &Region, cells: &[Cell]) -> Option<Timestamp> {
    let days = primary.pending_window_days?;
    let others: Vec<&Cell> = cells.iter().filter(|cell| cell.region != *region && cell.is_member()).collect();
    let mut last = None;
    for cell in others {
        let replica = cell.described().filter(|key| key.state == KeyState::PendingDeletion)?;
        last = last.max(Some(replica.deletion_date?));
    }
    Some(last?.plus(std::time::Duration::from_secs(u64::from(days) * 86_400)))
}
