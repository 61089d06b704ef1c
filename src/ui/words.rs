//! What the letters mean, in sentences: the worst fact of a row, and everything about the cell under the cursor.

use crate::domain::fleet::presence::{Presence, Present, Unknown};
use crate::domain::fleet::row::{Cell, Mark, Primary, Problem, Row};
use crate::domain::fleet::words::{row_words, spaced};
use crate::domain::id::Region;
use crate::domain::key::{KeyState, Role};
use crate::domain::text::{Safe, safe};
use crate::domain::time::{Now, age, span, stopwatch};

use super::theme::Tone;

/// The worst that is wrong with a key, what it is about, and the key that does something about it.
pub(crate) fn worst(row: &Row, now: Now) -> Option<(Safe, Tone, &'static str)> {
    let text = row_words(row, now.wall).into_iter().next()?;
    let said = row.problems.first()?;
    Some((text, tone(said), remedy(said)))
}

fn tone(problem: &Problem) -> Tone {
    match problem {
        Problem::Dies { .. } | Problem::PrimaryWaits { .. } | Problem::Banned { .. } | Problem::Gap { .. } => {
            Tone::Danger
        }
        Problem::Contradiction { .. } | Problem::Odd { .. } | Problem::Unusable { .. } | Problem::Breach { .. } => {
            Tone::Warning
        }
        Problem::Moving { .. } => Tone::Moving,
        Problem::Unread { .. } => Tone::Unknown,
    }
}

fn remedy(problem: &Problem) -> &'static str {
    match problem {
        Problem::Dies { .. } | Problem::PrimaryWaits { .. } => "K",
        Problem::Unusable { state: KeyState::Disabled, .. } => "E",
        Problem::Unread { .. } => "e",
        Problem::Gap { .. } => "R",
        Problem::Unusable { .. }
        | Problem::Contradiction { .. }
        | Problem::Odd { .. }
        | Problem::Banned { .. }
        | Problem::Breach { .. }
        | Problem::Moving { .. } => "",
    }
}

/// `us-east-1 PRIMARY`
pub(crate) fn place(cell: &Cell) -> Safe {
    let role = match (cell.role, cell.is_member()) {
        (Some(role), _) => role.name(),
        (None, true) => "role unknown",
        (None, false) => "no member",
    };
    safe!("{} {role}", cell.region)
}

/// What is known of a cell, and what a rule says of it.
pub(crate) fn cell(row: &Row, cell: &Cell, now: Now) -> (Safe, Tone) {
    let (text, tone) = known(row, cell, now);
    let rules = rules_against(row, cell);
    match (cell.mark, &cell.presence) {
        (None, _) => (text, tone),
        (Some(Mark::Banned), _) => (safe!("{text} Rule {rules} forbids a member here."), Tone::Danger),
        (Some(Mark::Gap), Presence::Unknown(unknown)) => {
            let why = unknown.why.kind.words();
            let words = safe!("rule {rules} requires a member here; not read ({why}), the primary names none");
            (words, Tone::Danger)
        }
        (Some(Mark::Gap), Presence::Absent(_) | Presence::Present(_)) => {
            (safe!("absent: rule {rules} requires a member here"), Tone::Danger)
        }
    }
}

/// The rules that a cell's mark is of.
fn rules_against(row: &Row, cell: &Cell) -> Safe {
    let rule = |problem: &Problem| match problem {
        Problem::Gap { rule, regions } if cell.mark == Some(Mark::Gap) => {
            regions.contains(&cell.region).then(|| rule.safe())
        }
        Problem::Banned { rule, regions } if cell.mark == Some(Mark::Banned) => {
            regions.contains(&cell.region).then(|| rule.safe())
        }
        Problem::Dies { .. }
        | Problem::PrimaryWaits { .. }
        | Problem::Contradiction { .. }
        | Problem::Odd { .. }
        | Problem::Unusable { .. }
        | Problem::Banned { .. }
        | Problem::Gap { .. }
        | Problem::Breach { .. }
        | Problem::Moving { .. }
        | Problem::Unread { .. } => None,
    };
    let rules: Vec<String> = row.problems.iter().filter_map(rule).map(|name| name.to_string()).collect();
    safe!("{}", rules.join(", "))
}

fn known(row: &Row, cell: &Cell, now: Now) -> (Safe, Tone) {
    match &cell.presence {
        Presence::Present(present) => state(row, cell, present, now),
        Presence::Absent(proof) => {
            let listed = age(now.wall.since(proof.at));
            (safe!("absent: listed whole {listed} ago, and no related key names it here"), Tone::Plain)
        }
        Presence::Unknown(unknown) => unknown_cell(unknown),
    }
}

/// How old that is, and why there is nothing newer.
pub(crate) fn cell_age(cell: &Cell, now: Now) -> Option<Safe> {
    match &cell.presence {
        Presence::Present(present) => {
            let doubt =
                present.stale.as_ref().map(|why| safe!(", since then {}", why.kind.words())).unwrap_or_default();
            Some(safe!("read {} ago{doubt}", age(now.wall.since(present.at))))
        }
        Presence::Absent(_) | Presence::Unknown(_) => None,
    }
}

fn state(row: &Row, cell: &Cell, present: &Present, now: Now) -> (Safe, Tone) {
    match present.state() {
        KeyState::Enabled => ("Enabled.".into(), Tone::Plain),
        KeyState::Creating => ("Creating: not usable yet, settles by itself.".into(), Tone::Moving),
        KeyState::Updating => match row.primary {
            Primary::Moving { since } | Primary::Contradictory { since } => (
                safe!("Updating {}: the primary is moving, usable meanwhile.", stopwatch(now.wall.since(since))),
                Tone::Moving,
            ),
            Primary::In(_) | Primary::Unknown => {
                ("Updating: usable meanwhile, settles by itself.".into(), Tone::Moving)
            }
        },
        KeyState::Disabled => ("Disabled: nothing encrypts or decrypts with it here.".into(), Tone::Warning),
        KeyState::PendingDeletion => (dies(present, now), Tone::Danger),
        KeyState::PendingReplicaDeletion => (waits(row, cell, present), Tone::Danger),
        KeyState::PendingImport => {
            ("PendingImport: unusable until its key material is imported here.".into(), Tone::Warning)
        }
        KeyState::Unavailable => ("Unavailable: its key store cannot be reached.".into(), Tone::Warning),
        KeyState::Other(_) | KeyState::Missing => {
            (safe!("{}: not a state that keyfleet knows; no change is offered.", present.state().safe()), Tone::Warning)
        }
    }
}

fn dies(present: &Present, now: Now) -> Safe {
    match present.key.deletion_date {
        Some(at) => safe!("PendingDeletion: is DELETED {}, in {}.", at.minute(), spaced(at.since(now.wall))),
        None => "PendingDeletion: AWS gave no date.".into(),
    }
}

fn waits(row: &Row, cell: &Cell, present: &Present) -> Safe {
    let replicas: Vec<Region> =
        row.members().filter(|other| other.region != cell.region).map(|other| other.region.clone()).collect();
    let days = present.key.pending_window_days.map_or_else(|| "window".into(), |days| safe!("{days} days"));
    safe!("PendingReplicaDeletion: its {days} begin when {} is gone.", shorts(&replicas))
}

fn unknown_cell(unknown: &Unknown) -> (Safe, Tone) {
    if unknown.waiting {
        return ("being read: not known yet".into(), Tone::Moving);
    }
    let evidence = match (unknown.listed, unknown.declared_by.as_slice()) {
        (true, _) => "listed here, but not readable".into(),
        (false, []) => "not known whether a member is here".into(),
        (false, regions) => safe!("named by {}, but not readable", shorts(regions)),
    };
    let code = unknown.why.code.as_ref().map(|code| safe!(" ({})", code.safe())).unwrap_or_default();
    (safe!("{evidence}: {}{code}", unknown.why.kind.words()), Tone::Unknown)
}

/// Where the primary is, for a row as a whole.
pub(crate) fn primary(row: &Row, now: Now) -> Safe {
    match &row.primary {
        Primary::In(region) => safe!("primary in {region}"),
        Primary::Moving { since } => safe!("no primary: moving for {}", stopwatch(now.wall.since(*since))),
        Primary::Contradictory { since } => {
            safe!("members name different primaries for {}", span(now.wall.since(*since)))
        }
        Primary::Unknown => "primary unknown".into(),
    }
}

/// `use1 usw2`
pub(crate) fn shorts(regions: &[Region]) -> Safe {
    let names: Vec<String> = regions.iter().map(Region::short).collect();
    safe!("{}", names.join(" "))
}

/// The role's name, or that it is not known.
pub(crate) fn role(role: Option<Role>) -> &'static str {
    role.map_or("unknown", Role::name)
}
