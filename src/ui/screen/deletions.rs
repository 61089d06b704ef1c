//! Everything that is pending deletion, by time left; and above it what could not be read, because nobody sees what dies there.

mod row;
mod words;

use ratatui::layout::Rect;

use super::{fold, identity_line, tabs};
use crate::app::action::Action;
use crate::app::screen::deletions::{DeletionsScreen, Fate, Item};
use crate::app::{Drawn, Model};
use crate::domain::fleet::presence::{Presence, Present};
use crate::domain::fleet::row::{Cell, Row};
use crate::domain::reading::ReasonKind;
use crate::domain::text::{Safe, safe};
use crate::domain::time::{Now, age};
use crate::ui::canvas::{Canvas, row_of, skip_columns, skip_rows};
use crate::ui::layout::{page, rows};
use crate::ui::line::Line;
use crate::ui::widget::region::{Standing, word};
use crate::ui::widget::{footer, message};

const ACTIONS: [Action; 10] = [
    Action::Open,
    Action::Keep,
    Action::Enable,
    Action::Filter,
    Action::Copy,
    Action::Errors,
    Action::Menu,
    Action::RefreshKey,
    Action::FleetScreen,
    Action::Quit,
];

/// One line of the list, with everything that is known of its member.
struct Shown<'a> {
    item: &'a Item,
    fate: Fate<'a>,
    /// The key as it is known now, or else as a former run saw it.
    row: &'a Row,
    /// The member as it was read, now or by a former run.
    cell: &'a Cell,
    past: Option<Past>,
    is_cursor: bool,
    is_undecided: bool,
}

/// What is shown is what was known before.
struct Past {
    /// How long ago it was read.
    age: Safe,
    /// Why there is nothing newer: a word for a column, a phrase where there is room, and all of it.
    word: Safe,
    phrase: Safe,
    why: Safe,
}

pub(super) fn draw(
    canvas: &mut Canvas<'_>,
    area: Rect,
    (screen, model): (&DeletionsScreen, &Model),
    drawn: &mut Drawn,
    now: Now,
) {
    let areas = page(area);
    identity_line(canvas, areas.identity, model, now);
    canvas.line(areas.title, &tabs(model));
    let is_wide = area.width >= 100;
    canvas.line(row_of(areas.body, 0), &words::summary(screen, is_wide, now));
    canvas.line(row_of(areas.body, 1), &words::coverage(screen, model, area.width < 60));
    let heads = u16::from(areas.body.height >= 10);
    let columns = row::Columns::of(area.width);
    if heads > 0 {
        columns.heads(canvas, row_of(areas.body, 2));
    }
    let body = skip_rows(areas.body, 2 + heads);
    let lines = if screen.list().is_empty() {
        fold(canvas, skip_columns(skip_rows(body, heads), 2), &words::why_empty(screen, model));
        body.height
    } else {
        list(canvas, body, (screen, model, &columns), now)
    };
    drawn.list_lines = Some(usize::from(lines));
    message::draw(canvas, areas.message, model, now);
    footer::draw(canvas, areas.footer, model.keymap(), &ACTIONS);
}

/// Draws the members, and below them all about the one under the cursor. Returns the lines that the list had.
fn list(
    canvas: &mut Canvas<'_>,
    body: Rect,
    (screen, model, columns): (&DeletionsScreen, &Model, &row::Columns),
    now: Now,
) -> u16 {
    let explained = explanation(body.height);
    let list = Rect { height: body.height.saturating_sub(explained + 1), ..body };
    let window = screen.list().window(usize::from(list.height));
    let items = screen.list().items().get(window.first..window.end).unwrap_or_default();
    for (place, item) in rows(list).zip(items) {
        if let Some(shown) = shown(screen, model, item, now) {
            columns.row(canvas, place, &shown, now);
        }
    }
    let below = skip_rows(body, list.height);
    canvas.rule(row_of(below, 0), &super::fleet::filtered_rule(window, &Line::new(), screen.filter()));
    if let Some(shown) = screen.list().cursor().and_then(|item| shown(screen, model, item, now)) {
        let lines = words::explanation(&shown, model, explained >= 4, now);
        fold(canvas, skip_columns(skip_rows(below, 1), 1), &lines);
    }
    list.height
}

/// Lines that explain the member under the cursor.
fn explanation(height: u16) -> u16 {
    match height {
        0..8 => 2,
        8..16 => 4,
        16.. => 6,
    }
}

fn shown<'a>(screen: &'a DeletionsScreen, model: &'a Model, item: &'a Item, now: Now) -> Option<Shown<'a>> {
    let fate = screen.fate(item)?;
    let row = screen.row(model.fleet(), &item.key)?;
    let cell = match fate {
        Fate::Pending(_) | Fate::Kept => row.cell(&item.region)?,
        Fate::LastSeen(_) => screen.former_row(&item.key)?.cell(&item.region)?,
    };
    let is_past = match fate {
        Fate::Pending(deletion) => deletion.is_last_known,
        Fate::LastSeen(_) => true,
        Fate::Kept => false,
    };
    let past = present(cell).filter(|_| is_past).map(|present| past(model, item, present, now));
    let is_cursor = screen.list().cursor() == Some(item);
    Some(Shown { item, fate, row, cell, past, is_cursor, is_undecided: screen.is_undecided(&item.key) })
}

fn present(cell: &Cell) -> Option<&Present> {
    match &cell.presence {
        Presence::Present(present) => Some(present),
        Presence::Absent(_) | Presence::Unknown(_) => None,
    }
}

/// How old it is, and why: the Region as a whole if that is what fails, else the member's own reason.
fn past(model: &Model, item: &Item, present: &Present, now: Now) -> Past {
    let place = item.key.place(&item.region);
    let standing = model.engine().fleet().region(&place).map(|facts| Standing::of(model.engine(), &place, facts));
    let age = safe!("{}", age(now.wall.since(present.at)));
    let of_region = |word: &'static str, why: &'static str| {
        let phrase = safe!("Region {word}");
        Past { age: age.clone(), word: word.into(), why: safe!("{phrase}: {why}"), phrase }
    };
    match &standing {
        Some(Standing::Failed { why, .. }) => of_region(word(why.kind), why.kind.words()),
        Some(Standing::Partial { .. }) => of_region("PARTIAL", "its listing is not complete"),
        Some(Standing::NotEnabled) => of_region("off", ReasonKind::NotEnabled.words()),
        None | Some(Standing::Waiting | Standing::Reading { .. }) => of_region("unread", "its answer is still to come"),
        Some(Standing::Ok { .. } | Standing::Stale { .. }) => {
            let own = model.fleet().row(&item.key).and_then(|row| row.cell(&item.region)).and_then(reason);
            let kind = own.or(present.stale.as_ref().map(|why| why.kind)).unwrap_or(ReasonKind::NotRead);
            Past { age, word: word(kind).into(), phrase: kind.words().into(), why: kind.words().into() }
        }
    }
}

fn reason(cell: &Cell) -> Option<ReasonKind> {
    match &cell.presence {
        Presence::Present(present) => present.stale.as_ref().map(|why| why.kind),
        Presence::Unknown(unknown) => Some(unknown.why.kind),
        Presence::Absent(_) => None,
    }
}
