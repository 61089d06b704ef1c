//! What the terms say of one row.

use super::pattern::{Glob, RegionPattern};
use super::{Atom, Term, Truth};
use crate::domain::evidence::Accepted;
use crate::domain::fleet::presence::{Presence, Unknown};
use crate::domain::fleet::row::{Cell, Row};
use crate::domain::key::Tag;
use crate::domain::reading::ReasonKind;
use crate::domain::text::Foreign;

/// A row, and whether its primary's word on the related keys is taken.
#[derive(Clone, Copy)]
struct Told<'a> {
    row: &'a Row,
    /// Where nothing names a member, none is taken for possible.
    is_settled: bool,
    /// Where a related key names a member, one is there, even if its Region does not say so.
    trusts_names: bool,
}

/// Whether all terms hold, for eyes: whatever names a member is believed.
pub(super) fn matches(terms: &[Term], row: &Row) -> Truth {
    holds(terms, Told { row, is_settled: is_settled(row), trusts_names: true })
}

/// The same for a verdict: a related key's word counts only if it is accepted, and if it is that of a settled primary.
pub(super) fn matches_for_certain(terms: &[Term], row: &Row, accepted: Accepted) -> Truth {
    let is_settled = match accepted {
        Accepted::Declared => is_settled(row),
        Accepted::Listed => false,
    };
    holds(terms, Told { row, is_settled, trusts_names: is_settled })
}

fn holds(terms: &[Term], row: Told<'_>) -> Truth {
    let (of_members, of_row): (Vec<&Term>, Vec<&Term>) = terms.iter().partition(|term| term.is_of_a_member());
    let whole = all(of_row.iter().map(|term| term.signed(row, &Member::None)));
    if of_members.is_empty() || whole == Truth::No {
        return whole;
    }
    let members = members(terms, row);
    let held = if of_members.iter().all(|term| term.negated) {
        all(of_members.iter().map(|term| any(members.iter().map(|member| term.holds(row, member))).not()))
    } else {
        any(members.iter().map(|member| all(of_members.iter().map(|term| term.signed(row, member)))))
    };
    whole.and(held)
}

fn all(truths: impl Iterator<Item = Truth>) -> Truth {
    truths.fold(Truth::Yes, Truth::and)
}

fn any(truths: impl Iterator<Item = Truth>) -> Truth {
    truths.fold(Truth::No, Truth::or)
}

/// A member for which terms may hold.
enum Member<'a> {
    /// There is one, or there may be.
    In(&'a Cell),
    /// The expression names a Region that this reading does not cover: nothing is known of it.
    Uncovered(&'a RegionPattern),
    /// The row has no other: whatever is said of a member does not hold.
    None,
}

fn members<'a>(terms: &'a [Term], row: Told<'a>) -> Vec<Member<'a>> {
    let named: Vec<&RegionPattern> = terms.iter().flat_map(Term::regions).collect();
    let Told { row, is_settled, .. } = row;
    let counted = row.cells.iter().filter(|cell| {
        let is_named = named.iter().any(|pattern| pattern.matches(&cell.region));
        counts(cell, is_settled) || is_named && !is_absent(cell)
    });
    let mut members: Vec<Member<'a>> = counted.map(Member::In).collect();
    let is_covered = |pattern: &RegionPattern| row.cells.iter().any(|cell| pattern.matches(&cell.region));
    members.extend(named.into_iter().filter(|pattern| !is_covered(pattern)).map(Member::Uncovered));
    if members.is_empty() {
        members.push(Member::None);
    }
    members
}

/// The primary's word is good: where it names no related key, none is taken for possible.
fn is_settled(row: &Row) -> bool {
    row.declaring().is_some()
}

fn is_absent(cell: &Cell) -> bool {
    matches!(cell.presence, Presence::Absent(_))
}

/// Whether the cell counts when any member is meant. What lies outside the Regions asked for does not.
fn counts(cell: &Cell, is_settled: bool) -> bool {
    match &cell.presence {
        Presence::Present(_) => cell.in_scope,
        Presence::Absent(_) => false,
        Presence::Unknown(unknown) => cell.in_scope && (unknown.is_named() || !is_settled),
    }
}

impl Term {
    fn is_of_a_member(&self) -> bool {
        self.atoms.iter().any(|atom| matches!(atom, Atom::Region(_) | Atom::State(_) | Atom::Role(_)))
    }

    fn regions(&self) -> impl Iterator<Item = &RegionPattern> {
        self.atoms.iter().filter_map(|atom| if let Atom::Region(pattern) = atom { Some(pattern) } else { None })
    }

    fn holds(&self, row: Told<'_>, member: &Member<'_>) -> Truth {
        any(self.atoms.iter().map(|atom| atom.holds(row, member)))
    }

    fn signed(&self, row: Told<'_>, member: &Member<'_>) -> Truth {
        let truth = self.holds(row, member);
        if self.negated { truth.not() } else { truth }
    }
}

impl Atom {
    fn holds(&self, row: Told<'_>, member: &Member<'_>) -> Truth {
        let told = row;
        let row = told.row;
        match self {
            Atom::Tag(key, value) => tag((key, value.as_ref()), told),
            Atom::Word(glob) => word(glob, told),
            Atom::Alias(glob) => alias(glob, told),
            Atom::Account(glob) => row.account.map_or(Truth::Undecided, |id| glob.matches(&id.to_string()).into()),
            Atom::Spec(glob) => row.shared().map_or(Truth::Undecided, |key| glob.matches(key.spec.original()).into()),
            Atom::Origin(glob) => {
                row.shared().map_or(Truth::Undecided, |key| glob.matches(key.origin.original()).into())
            }
            Atom::Missing(pattern) => in_region(pattern, row, |cell| match &cell.presence {
                Presence::Absent(_) => Truth::Yes,
                Presence::Present(_) => Truth::No,
                Presence::Unknown(_) => Truth::Undecided,
            }),
            Atom::Unknown(pattern) => in_region(pattern, row, |cell| match &cell.presence {
                Presence::Absent(_) | Presence::Present(_) => Truth::No,
                // It may yet turn out to be known.
                Presence::Unknown(unknown) if unknown.waiting => Truth::Undecided,
                Presence::Unknown(_) => Truth::Yes,
            }),
            Atom::Region(pattern) => region(pattern, member, told),
            Atom::State(glob) => state(glob, member, told),
            Atom::Role(glob) => role(glob, member, told),
        }
    }
}

/// What holds in some Region that is meant. A Region that this reading does not cover leaves it open.
fn in_region(pattern: &RegionPattern, row: &Row, holds: impl Fn(&Cell) -> Truth) -> Truth {
    let mut cells = row.cells.iter().filter(|cell| pattern.matches(&cell.region)).peekable();
    if cells.peek().is_none() { Truth::Undecided } else { any(cells.map(holds)) }
}

fn region(pattern: &RegionPattern, member: &Member<'_>, told: Told<'_>) -> Truth {
    match member {
        Member::In(cell) => Truth::from(pattern.matches(&cell.region)).and(is_there(cell, told)),
        Member::Uncovered(RegionPattern::One(region)) if !pattern.matches(region) => Truth::No,
        Member::Uncovered(_) => Truth::Undecided,
        Member::None => Truth::No,
    }
}

fn state(glob: &Glob, member: &Member<'_>, told: Told<'_>) -> Truth {
    match member {
        Member::In(cell) => match cell.state() {
            Some(state) => glob.matches(state.name()).into(),
            None => is_there(cell, told).and(Truth::Undecided),
        },
        Member::Uncovered(_) => Truth::Undecided,
        Member::None => Truth::No,
    }
}

fn role(glob: &Glob, member: &Member<'_>, told: Told<'_>) -> Truth {
    match member {
        Member::In(cell) => {
            let role = cell.role.map_or(Truth::Undecided, |role| glob.matches(role.name()).into());
            role.and(is_there(cell, told))
        }
        Member::Uncovered(_) => Truth::Undecided,
        Member::None => Truth::No,
    }
}

fn is_there(cell: &Cell, told: Told<'_>) -> Truth {
    match &cell.presence {
        Presence::Present(_) => Truth::Yes,
        Presence::Absent(_) => Truth::No,
        Presence::Unknown(unknown) if is_certain(unknown, told) => Truth::Yes,
        Presence::Unknown(_) => Truth::Undecided,
    }
}

fn is_certain(unknown: &Unknown, told: Told<'_>) -> bool {
    // A listed key that is then not found contradicts the listing.
    let is_listed = unknown.listed && unknown.why.kind != ReasonKind::Contradiction;
    is_listed || told.trusts_names && unknown.is_named()
}

fn word(glob: &Glob, told: Told<'_>) -> Truth {
    if glob.matches(told.row.key.id.as_str()) {
        return Truth::Yes;
    }
    let is_alias = |name: &Foreign| glob.matches(name.original());
    any(counted(told).map(|cell| {
        let description = cell.described().map(|key| glob.matches(key.description.original()).into());
        aliases(cell, is_alias).or(description.unwrap_or(Truth::Undecided))
    }))
}

fn alias(glob: &Glob, told: Told<'_>) -> Truth {
    let is_alias = |name: &Foreign| {
        let whole = name.original();
        glob.matches(whole) || whole.strip_prefix("alias/").is_some_and(|bare| glob.matches(bare))
    };
    any(counted(told).map(|cell| aliases(cell, is_alias)))
}

fn tag((key, value): (&Glob, Option<&Glob>), told: Told<'_>) -> Truth {
    let is_value = |tag: &Tag| value.is_none_or(|glob| glob.matches(tag.value.original()));
    let is_it = |tag: &Tag| key.matches(tag.key.original()) && is_value(tag);
    any(counted(told)
        .map(|cell| told.row.tags(&cell.region).map_or(Truth::Undecided, |tags| tags.iter().any(is_it).into())))
}

fn counted(Told { row, is_settled, .. }: Told<'_>) -> impl Iterator<Item = &Cell> {
    row.cells.iter().filter(move |cell| counts(cell, is_settled))
}

fn aliases(cell: &Cell, is_alias: impl Fn(&Foreign) -> bool) -> Truth {
    cell.aliases.as_ref().map_or(Truth::Undecided, |names| names.iter().any(is_alias).into())
}
