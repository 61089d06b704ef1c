//! The members of the selected key, one line each: what a tall screen has room for.

use ratatui::layout::Rect;

use super::cell;
use super::grid::Span;
use super::name::in_column_order;
use crate::app::screen::fleet::FleetScreen;
use crate::domain::fleet::Fleet;
use crate::domain::fleet::presence::Presence;
use crate::domain::fleet::row::{Cell, Row};
use crate::domain::id::Region;
use crate::domain::impact::{Effect, KeyImpact};
use crate::domain::key::KeyState;
use crate::domain::text::{Safe, safe};
use crate::domain::time::{Now, age};
use crate::ui::canvas::{Canvas, row_of, skip_rows};
use crate::ui::layout::rows;
use crate::ui::line::Line;
use crate::ui::theme::{Look, Tone};
use crate::ui::words;

const MEMBER: Span = Span { offset: 3, width: 16 };
const ROLE: Span = Span { offset: 19, width: 9 };
const STATE: Span = Span { offset: 28, width: 24 };
const ALIAS: Span = Span { offset: 52, width: 7 };
const CREATED: Span = Span { offset: 59, width: 12 };
const READ: Span = Span { offset: 71, width: 7 };
const NOTE: Span = Span { offset: 78, width: u16::MAX - 78 };

/// Draws the members of the row under the cursor. Where there are more than fit, the one under the cursor is among those shown.
pub(crate) fn draw(
    canvas: &mut Canvas<'_>,
    area: Rect,
    (screen, loss): (&FleetScreen, Option<&(Region, KeyImpact)>),
    fleet: &Fleet,
    now: Now,
) {
    let Some(row) = screen.selected().filter(|_| area.height > 1) else { return };
    head(canvas, row_of(area, 0));
    let mut body = skip_rows(area, 1);
    // The line about a loss comes first: what has no room among the members is in the detail, and it is nowhere else.
    body.height = body.height.saturating_sub(u16::from(loss.is_some()));
    let cells = in_column_order(row, screen.columns().items());
    let members: Vec<&Cell> = cells.into_iter().filter(|cell| cell.is_member()).collect();
    let lines = usize::from(body.height);
    let selected = members.iter().position(|cell| Some(&cell.region) == screen.selected_region());
    let first = selected.map_or(0, |selected| (selected + 1).saturating_sub(lines));
    for (place, (number, cell)) in rows(body).zip(members.iter().enumerate().skip(first)) {
        let is_last_line = usize::from(place.y - body.y) + 1 == lines;
        if is_last_line && members.len() > number + 1 {
            let more = safe!("   and {} more: Enter", members.len() - number);
            canvas.line(place, &Line::of(more, Tone::Quiet));
            break;
        }
        member(canvas, place, (row, cell), (fleet, selected == Some(number)), now);
    }
    if let Some((region, impact)) = loss {
        let line = members.len().min(lines);
        let place = row_of(skip_rows(area, 1), u16::try_from(line).unwrap_or_default());
        canvas.line(place, &if_lost(region, impact));
    }
}

/// `If us-east-1 is lost: FROZEN. us-west-2 and eu-west-1 go on; …`
fn if_lost(region: &Region, impact: &KeyImpact) -> Line {
    let tone = match impact.effect {
        Effect::Lost => Tone::Danger,
        Effect::Frozen | Effect::Reduced | Effect::Unaffected => Tone::Plain,
        Effect::Unknown => Tone::Unknown,
    };
    Line::of(safe!(" If {region} is lost: "), Tone::Heading).with(impact.sentence(), tone)
}

fn head(canvas: &mut Canvas<'_>, place: Rect) {
    let heads = [
        (MEMBER, "MEMBER"),
        (ROLE, "ROLE"),
        (STATE, "STATE"),
        (ALIAS, "ALIAS"),
        (CREATED, "CREATED"),
        (READ, "READ"),
        (NOTE, "NOTE"),
    ];
    for (span, title) in heads {
        canvas.text(span.within(place, 1), &title.into(), Tone::Heading);
    }
}

fn member(
    canvas: &mut Canvas<'_>,
    place: Rect,
    (row, member): (&Row, &Cell),
    (fleet, is_cursor): (&Fleet, bool),
    now: Now,
) {
    let (_, tone) = cell::mark(member);
    let look = |tone| Look { is_on_cursor_row: is_cursor, ..Look::from(tone) };
    if is_cursor {
        canvas.text(Span { offset: 1, width: 1 }.within(place, 0), &"▸".into(), look(Tone::Key));
    }
    let described = member.described();
    let created = described.and_then(|key| key.created_at).map_or_else(|| "?".into(), |at| safe!("{}", at.day()));
    let fields = [
        (MEMBER, safe!("{}", member.region), Tone::Plain),
        (ROLE, words::role(member.role).into(), Tone::Plain),
        (STATE, member.state().map_or_else(|| "unknown".into(), KeyState::safe), tone),
        (ALIAS, alias(member), Tone::Plain),
        (CREATED, created, Tone::Quiet),
        (READ, read(row, member, fleet, now), Tone::Quiet),
    ];
    for (span, text, tone) in fields {
        canvas.text(span.within(place, 1), &text, look(tone));
    }
    let (note, tone) = note(row, member, now);
    canvas.text(NOTE.within(place, 0), &note, look(tone));
}

fn alias(member: &Cell) -> Safe {
    match member.aliases.as_deref() {
        None => "?".into(),
        Some([]) => "none".into(),
        Some([_]) => "yes".into(),
        Some(several) => safe!("{}", several.len()),
    }
}

fn read(row: &Row, member: &Cell, fleet: &Fleet, now: Now) -> Safe {
    let at = fleet.member(&row.key, &member.region).and_then(|member| member.described.at());
    at.map_or_else(|| "never".into(), |at| safe!("{}", age(now.wall.since(at))))
}

/// What is wrong with this member, in words.
fn note(row: &Row, member: &Cell, now: Now) -> (Safe, Tone) {
    match &member.presence {
        Presence::Present(present) if matches!(present.state(), KeyState::Enabled) => (Safe::default(), Tone::Plain),
        Presence::Present(_) | Presence::Absent(_) | Presence::Unknown(_) => words::cell(row, member, now),
    }
}
