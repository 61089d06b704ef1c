//! What the screen says: how much dies, what it does not cover, and everything about the member under the cursor.

use super::{Past, Shown};
use crate::app::Model;
use crate::app::action::Action;
use crate::app::screen::deletions::{Counts, Coverage, DeletionsScreen, Fate};
use crate::domain::fleet::deletion::{Awaited, AwaitedState, Clock, Expected};
use crate::domain::fleet::words::spaced;
use crate::domain::id::Region;
use crate::domain::text::{Safe, safe};
use crate::domain::time::{Now, Timestamp, span};
use crate::ui::line::Line;
use crate::ui::screen::fleet::no_session;
use crate::ui::theme::Tone;
use crate::ui::widget::region::Standing;
use crate::ui::widget::strip::{offers, title};
use crate::ui::words;

/// How much can be said in one line of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Room {
    Little,
    Some,
    Enough,
}

/// `3 DYING, first 2d23h · 1 waits · 1 last known`
pub(super) fn summary(screen: &DeletionsScreen, is_wide: bool, now: Now) -> Line {
    let counts = screen.counts();
    let long = |short: &'static str, long: &'static str| if is_wide { long } else { short };
    let Counts { dying, waiting, last_known, kept, hidden, first } = *counts;
    if screen.coverage().regions == 0 && dying + waiting == 0 {
        return Line::new();
    }
    if dying + waiting + kept == 0 {
        let is_complete = screen.coverage().is_complete();
        let (text, tone) = if is_complete { ("nothing is pending deletion", Tone::Good) } else { UNPROVED };
        return Line::of(safe!(" {text}"), tone);
    }
    let first = first.map(|at| safe!(", first {}{}", long("", "in "), span(at.since(now.wall)))).unwrap_or_default();
    let parts = [
        (dying, safe!("{dying} DYING{first}"), Tone::Danger),
        (waiting, safe!("{waiting} {}", long("waits", "waiting for replicas")), Tone::Danger),
        (last_known, safe!("{last_known} {}", long("last known", "of them last known, not read")), Tone::Unknown),
        (kept, safe!("{kept} {}", long("kept", "kept, still Disabled")), Tone::Warning),
        (hidden, safe!("{hidden} hidden"), Tone::Key),
    ];
    let mut line = Line::new();
    for (_, text, tone) in parts.into_iter().filter(|(count, _, _)| *count > 0) {
        line.push(if line.is_empty() { " " } else { " · " }, Tone::Quiet);
        line.push(text, tone);
    }
    line
}

/// Nothing was seen, and that proves nothing.
const UNPROVED: (&str, Tone) = ("nothing pending deletion in what was read", Tone::Plain);

/// `2 Regions unread: keys there may be dying unseen   aps1 DENIED`
pub(super) fn coverage(screen: &DeletionsScreen, model: &Model, is_narrow: bool) -> Line {
    let coverage = screen.coverage();
    if coverage.regions == 0 {
        return Line::of(" no Region has been read yet", Tone::Quiet);
    }
    let mut line = match unread(coverage) {
        Some(unread) if is_narrow => Line::of(safe!(" {unread} unread: may be dying unseen"), Tone::Warning),
        Some(unread) => Line::of(safe!(" {unread} unread: keys there may be dying unseen"), Tone::Warning),
        None => Line::new(),
    };
    if let Some(reading) = reading(coverage) {
        line.push(safe!("{}{reading} still being read", if line.is_empty() { " " } else { " · " }), Tone::Moving);
    }
    if line.is_empty() {
        return Line::of(safe!(" {} read completely", all(coverage.regions)), Tone::Good);
    }
    for (region, word, tone) in named(coverage, model) {
        line.push(safe!("  {} ", region.short()), Tone::Quiet);
        line.push(word, tone);
    }
    line
}

fn all(regions: usize) -> Safe {
    match regions {
        1 => "the one Region in scope was".into(),
        _ => safe!("all {regions} Regions in scope were"),
    }
}

/// `2 Regions`, `1 Region, 3 members`
fn unread(coverage: &Coverage) -> Option<Safe> {
    joined(counted(coverage.unread.len(), "Region"), counted(coverage.members, "member"))
}

fn reading(coverage: &Coverage) -> Option<Safe> {
    joined(counted(coverage.reading, "Region"), counted(coverage.members_reading, "member"))
}

fn counted(number: usize, noun: &'static str) -> Option<Safe> {
    let plural = if number == 1 { "" } else { "s" };
    (number > 0).then(|| safe!("{number} {noun}{plural}"))
}

fn joined(one: Option<Safe>, other: Option<Safe>) -> Option<Safe> {
    match (one, other) {
        (Some(one), Some(other)) => Some(safe!("{one}, {other}")),
        (one, other) => one.or(other),
    }
}

/// The Regions that were not read, each with the word for why.
fn named<'a>(coverage: &'a Coverage, model: &'a Model) -> impl Iterator<Item = (&'a Region, Safe, Tone)> {
    coverage.unread.iter().filter_map(move |place| {
        let facts = model.engine().fleet().region(place)?;
        let (word, tone) = Standing::of(model.engine(), place, facts).word();
        Some((&place.region, word, tone))
    })
}

/// Says what an empty list means: never more than was read.
pub(super) fn why_empty(screen: &DeletionsScreen, model: &Model) -> Vec<Line> {
    if let Some(lines) = no_session(model) {
        return lines;
    }
    let (counts, coverage) = (screen.counts(), screen.coverage());
    let errors = model.keymap().label(Action::Errors);
    let mut lines = Vec::new();
    if counts.hidden > 0 {
        let text = safe!("None of the {} that are pending deletion is what the filter asks for.", counts.hidden);
        lines.push(Line::of(text, Tone::Plain));
    } else if coverage.is_complete() {
        let text = safe!("Nothing is pending deletion: {} read completely.", all(coverage.regions));
        return vec![Line::of(text, Tone::Good)];
    }
    let read = coverage.regions.saturating_sub(coverage.unread.len() + coverage.reading);
    if counts.hidden == 0 && read > 0 {
        let read = counted(read, "Region").unwrap_or_default();
        lines.push(Line::of(safe!("Nothing is pending deletion in what {read} answered."), Tone::Plain));
    }
    if let Some(unread) = unread(coverage) {
        let text = safe!("{unread} could not be read: keys there may be dying unseen. ");
        lines.push(Line::of(text, Tone::Warning).with(safe!("{errors}"), Tone::Key).with(" says why.", Tone::Warning));
    }
    if let Some(reading) = reading(coverage) {
        lines.push(Line::of(safe!("{reading} still being read."), Tone::Moving));
    }
    lines
}

/// The time that is left; in parentheses where it is only expected.
pub(super) fn left(fate: Fate<'_>, now: Now) -> (Safe, Tone) {
    let deletion = match fate {
        Fate::Kept => return ("kept".into(), Tone::Warning),
        Fate::Pending(deletion) | Fate::LastSeen(deletion) => deletion,
    };
    match &deletion.clock {
        Clock::Runs { at: None } => ("?".into(), Tone::Danger),
        Clock::Runs { at: Some(at) } if *at <= now.wall => ("due".into(), Tone::Danger),
        Clock::Runs { at: Some(at) } => (safe!("{}", spaced(at.since(now.wall))), Tone::Danger),
        Clock::Waits { expected: Expected::At { at, .. }, .. } => {
            (safe!("({})", spaced(at.since(now.wall))), Tone::Danger)
        }
        Clock::Waits { .. } => ("waits".into(), Tone::Warning),
    }
}

/// The line of the list: when it is deleted, or what it waits for; and of what is only last known how old that is and why.
pub(super) fn brief(shown: &Shown<'_>, room: Room, now: Now) -> (Safe, Tone) {
    let deletion = match shown.fate {
        Fate::Kept => return ("Disabled: E enables it".into(), Tone::Warning),
        Fate::Pending(deletion) | Fate::LastSeen(deletion) => deletion,
    };
    let (text, tone) = match &deletion.clock {
        Clock::Runs { at } => (date(*at, room, shown.past.is_some()), Tone::Danger),
        Clock::Waits { replicas, expected, .. } => waits(replicas, expected, room, now),
    };
    let Some(Past { age, word, phrase, .. }) = &shown.past else { return (text, tone) };
    let text = match room {
        Room::Little => safe!("last known {age}"),
        Room::Some => safe!("{text} last known {age} ago, {word}"),
        Room::Enough => safe!("{text}  last known, read {age} ago, {phrase}"),
    };
    (text, tone)
}

fn date(at: Option<Timestamp>, room: Room, is_past: bool) -> Safe {
    let Some(at) = at else { return "no date given".into() };
    match (room, is_past) {
        (Room::Little, _) | (Room::Some, true) => safe!("{}", at.day()),
        (Room::Some, false) | (Room::Enough, _) => safe!("{}", at.minute()),
    }
}

fn waits(replicas: &[Awaited], expected: &Expected, room: Room, now: Now) -> (Safe, Tone) {
    let names = words::shorts(&replicas.iter().map(|replica| replica.region.clone()).collect::<Vec<_>>());
    match (expected, room) {
        (_, Room::Little) => (safe!("for {names}"), Tone::Danger),
        (Expected::At { at, is_last_known: true }, Room::Some) => {
            (safe!("expected {} by last known dates", at.day()), Tone::Danger)
        }
        (Expected::At { at, .. }, Room::Some) => (safe!("expected {}, waits for {names}", at.day()), Tone::Danger),
        (Expected::At { .. }, Room::Enough) => (safe!("{}; waits for {names}", expected.words(now.wall)), Tone::Danger),
        (Expected::Never { because }, Room::Some) => {
            (safe!("may last for ever: {} not pending", because.short()), Tone::Warning)
        }
        (Expected::Unknown { because }, Room::Some) => {
            (safe!("may last for ever: {} not known", because.short()), Tone::Warning)
        }
        (Expected::NoDate, Room::Some) => (safe!("may last for ever: no date ({names})"), Tone::Warning),
        (Expected::Never { .. } | Expected::Unknown { .. } | Expected::NoDate, Room::Enough) => {
            (expected.words(now.wall), Tone::Warning)
        }
    }
}

/// Everything about the member under the cursor, the most telling first where there is little room.
pub(super) fn explanation(shown: &Shown<'_>, model: &Model, has_room: bool, now: Now) -> Vec<Line> {
    let mut lines = Vec::new();
    if has_room {
        lines.push(title(shown.row, true).with(safe!("  {}", words::place(shown.cell)), Tone::Heading));
    }
    lines.extend(clock(shown, now));
    if let Some(Past { age, why, .. }) = &shown.past {
        let runs_on = if is_running(shown.fate) { " The clock runs on." } else { "" };
        lines.push(Line::of(safe!("Last known, read {age} ago, {why}.{runs_on}"), Tone::Warning));
    }
    lines.push(offers(model, shown.cell));
    lines
}

fn is_running(fate: Fate<'_>) -> bool {
    match fate {
        Fate::Pending(deletion) | Fate::LastSeen(deletion) => matches!(deletion.clock, Clock::Runs { .. }),
        Fate::Kept => false,
    }
}

fn clock(shown: &Shown<'_>, now: Now) -> Vec<Line> {
    let deletion = match shown.fate {
        Fate::Kept => {
            let text =
                "Disabled: its deletion was cancelled, and nothing encrypts or decrypts with it until it is enabled.";
            return vec![Line::of(text, Tone::Warning)];
        }
        Fate::Pending(deletion) | Fate::LastSeen(deletion) => deletion,
    };
    match &deletion.clock {
        Clock::Runs { at: None } => vec![Line::of("PendingDeletion: AWS gave no date.", Tone::Danger)],
        Clock::Runs { at: Some(at) } if *at <= now.wall => {
            vec![Line::of(safe!("PendingDeletion: was to be DELETED {}.", at.minute()), Tone::Danger)]
        }
        Clock::Runs { at: Some(at) } => {
            let left = spaced(at.since(now.wall));
            vec![Line::of(safe!("PendingDeletion: is DELETED {}, in {left}.", at.minute()), Tone::Danger)]
        }
        Clock::Waits { window_days, replicas, expected } => {
            let days = window_days.map_or_else(|| "window".into(), |days| safe!("{days} days"));
            let tone = if expected.at().is_some() { Tone::Danger } else { Tone::Warning };
            let first = Line::of("PendingReplicaDeletion: ", Tone::Danger)
                .with(safe!("{}. ", expected.words(now.wall)), tone)
                .with(safe!("Its {days} begin when the last replica is gone."), Tone::Plain);
            std::iter::once(first).chain(awaited(replicas, now)).collect()
        }
    }
}

/// The replicas that it waits for, and whether each of them is itself pending.
fn awaited(replicas: &[Awaited], now: Now) -> Option<Line> {
    let mut line = Line::new();
    for replica in replicas {
        line.push(if line.is_empty() { "Waits for " } else { "; " }, Tone::Quiet);
        let tone = match &replica.state {
            AwaitedState::Pending { .. } => Tone::Plain,
            AwaitedState::NotPending(_) => Tone::Warning,
            AwaitedState::Unknown(_) => Tone::Unknown,
        };
        line.push(safe!("{} {}", replica.region, replica.state.words(now.wall)), tone);
    }
    (!line.is_empty()).then_some(line)
}
