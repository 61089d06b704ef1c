//! What explains the cell under the cursor: which key and member, what is known of it, what can be done. Without a Region, the key as a whole.

use ratatui::layout::Rect;

use super::name::Name;
use crate::app::Model;
use crate::app::action::Action;
use crate::app::availability::Availability;
use crate::domain::fleet::row::{Cell, Row};
use crate::domain::fleet::words::row_words;
use crate::domain::key::{KeyState, Role};
use crate::domain::plan::Operation;
use crate::domain::text::{Safe, safe};
use crate::domain::time::Now;
use crate::ui::canvas::{Canvas, row_of};
use crate::ui::line::Line;
use crate::ui::theme::Tone;
use crate::ui::words;

/// Draws as many of its three lines as there is room for, the most telling one first.
pub(crate) fn draw(canvas: &mut Canvas<'_>, area: Rect, model: &Model, now: Now) {
    let Some(row) = model.fleet().selected() else { return };
    let cell = model.fleet().selected_region().and_then(|region| row.cell(region));
    let is_wide = area.width >= 110;
    let lines = match cell {
        Some(cell) => [member(row, cell, is_wide), fact(row, cell, now), offers(model, cell)],
        None => [key(row, is_wide, now), worst(row, now), more(row, now)],
    };
    if area.height == 1 {
        let mut short = Line::of(" ", Tone::Plain);
        if let Some(cell) = cell {
            short.push(safe!("{}  ", cell.region.short()), Tone::Strong);
        }
        let [_, second, _] = lines;
        short.append(second);
        canvas.line(area, &short);
        return;
    }
    for (row, line) in (0..).zip(lines) {
        let mut indented = Line::of(" ", Tone::Plain);
        indented.append(line);
        canvas.line(row_of(area, row), &indented);
    }
}

pub(crate) fn title(row: &Row, is_wide: bool) -> Line {
    let id = if is_wide { safe!("{}", row.key.id) } else { short_id(row) };
    Line::of(Name::of(row).whole(), Tone::Strong).with(safe!("  {id}"), Tone::Quiet)
}

fn short_id(row: &Row) -> Safe {
    let id = row.key.id.as_str();
    if id.len() <= 16 {
        return safe!("{id}");
    }
    safe!("{}…{}", id.get(..8).unwrap_or(id), row.key.id.tail())
}

fn member(row: &Row, cell: &Cell, is_wide: bool) -> Line {
    title(row, is_wide).with(safe!("  {}", words::place(cell)), Tone::Heading)
}

fn fact(row: &Row, cell: &Cell, now: Now) -> Line {
    let (text, tone) = words::cell(row, cell, now);
    let age = words::cell_age(cell, now).map(|age| safe!("  {age}")).unwrap_or_default();
    Line::of(text, tone).with(age, Tone::Quiet)
}

fn key(row: &Row, is_wide: bool, now: Now) -> Line {
    title(row, is_wide).with(safe!("  {}", words::primary(row, now)), Tone::Heading)
}

fn worst(row: &Row, now: Now) -> Line {
    match words::worst(row, now) {
        Some((text, tone, _)) => Line::of(text, tone),
        None if row.cells.iter().any(is_waiting) => Line::of("still being read", Tone::Moving),
        None => Line::of("nothing wrong seen", Tone::Good),
    }
}

fn is_waiting(cell: &Cell) -> bool {
    use crate::domain::fleet::presence::Presence;
    match &cell.presence {
        Presence::Present(_) | Presence::Absent(_) => false,
        Presence::Unknown(unknown) => unknown.waiting,
    }
}

/// What else is wrong; else what the key is for.
fn more(row: &Row, now: Now) -> Line {
    let rest: Vec<Safe> = row_words(row, now.wall).into_iter().skip(1).collect();
    let mut line = Line::new();
    for text in &rest {
        line.push(if line.is_empty() { "also " } else { "; " }, Tone::Quiet);
        line.push(text.clone(), Tone::Plain);
    }
    let described = row.shared().filter(|shared| rest.is_empty() && !shared.description.is_empty());
    if let Some(shared) = described {
        line.push(safe!("“{}”", shared.description.safe()), Tone::Quiet);
    }
    line
}

/// What can be done with this member; if nothing can, why the likeliest wish cannot.
pub(crate) fn offers(model: &Model, cell: &Cell) -> Line {
    let mut line = Line::new();
    for action in [Action::Keep, Action::Enable, Action::Promote, Action::Replicate] {
        let key = model.keymap().label(action);
        // Into a Region that has a member nothing is replicated; a plan to rescue that member is K's.
        let is_beside_the_point = action == Action::Replicate && cell.is_member();
        if key.is_empty() || is_beside_the_point || !model.availability(action).is_yes() {
            continue;
        }
        line.push(if line.is_empty() { "" } else { "  " }, Tone::Plain);
        line.push(safe!("{key}"), Tone::Key);
        line.push(safe!(" {}.", promise(action, cell)), Tone::Plain);
    }
    if line.is_empty() { refusal(model, cell).unwrap_or_default() } else { line }
}

fn refusal(model: &Model, cell: &Cell) -> Option<Line> {
    let action = likeliest(cell)?;
    match model.availability(action) {
        Availability::Yes => None,
        Availability::No(why) => {
            let key = safe!("{}", model.keymap().label(action));
            Some(Line::of(key, Tone::Key).with(safe!(": {why}"), Tone::Quiet))
        }
    }
}

/// What one would want of a member like this.
fn likeliest(cell: &Cell) -> Option<Action> {
    if !cell.is_member() {
        return Some(Action::Replicate);
    }
    match cell.state()? {
        KeyState::PendingDeletion | KeyState::PendingReplicaDeletion => Some(Action::Keep),
        KeyState::Disabled => Some(Action::Enable),
        KeyState::Enabled if cell.role == Some(Role::Replica) => Some(Action::Promote),
        KeyState::Enabled
        | KeyState::Creating
        | KeyState::PendingImport
        | KeyState::Unavailable
        | KeyState::Updating
        | KeyState::Other(_)
        | KeyState::Missing => None,
    }
}

fn promise(action: Action, cell: &Cell) -> Safe {
    let region = cell.region.short();
    match action.operation() {
        Some(Operation::CancelKeyDeletion) => "cancels the deletion (it stays Disabled until E)".into(),
        Some(Operation::EnableKey) => safe!("enables it in {region}"),
        Some(Operation::UpdatePrimaryRegion) => safe!("makes {region} the primary"),
        Some(Operation::ReplicateKey) => safe!("makes a replica in {region}"),
        Some(Operation::CreateAlias) | None => safe!("{}", action.label()),
    }
}
