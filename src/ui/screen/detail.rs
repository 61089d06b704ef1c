//! One key: its sections as a text, with the row of its cells always in view.

use ratatui::layout::Rect;

use super::identity_line;
use crate::app::action::Action;
use crate::app::screen::detail::{Detail, Section};
use crate::app::{Drawn, Model};
use crate::domain::text::safe;
use crate::domain::time::Now;
use crate::ui::canvas::{Canvas, row_of, skip_rows};
use crate::ui::layout::page;
use crate::ui::line::Line;
use crate::ui::theme::Tone;
use crate::ui::widget::cell;
use crate::ui::widget::name::{Name, in_column_order};
use crate::ui::widget::{footer, message, text};

const ACTIONS: [Action; 13] = [
    Action::Back,
    Action::Properties,
    Action::Policy,
    Action::Tags,
    Action::Aliases,
    Action::Json,
    Action::Diff,
    Action::Replicate,
    Action::Keep,
    Action::Promote,
    Action::Enable,
    Action::Search,
    Action::Menu,
];

pub(super) fn draw(
    canvas: &mut Canvas<'_>,
    area: Rect,
    (detail, model): (&Detail, &Model),
    drawn: &mut Drawn,
    now: Now,
) {
    let areas = page(area);
    identity_line(canvas, areas.identity, model, now);
    canvas.line(areas.title, &title(detail, model));
    canvas.line(row_of(areas.body, 0), &cells(detail, model));
    let body = skip_rows(areas.body, 2);
    let lines = usize::from(body.height);
    let shown = detail.text();
    canvas.rule(row_of(areas.body, 1), &rule(detail, lines));
    text::draw(canvas, body, shown);
    drawn.text_lines = Some(lines);
    message::draw(canvas, areas.message, model, now);
    footer::draw(canvas, areas.footer, model.keymap(), &ACTIONS);
}

fn title(detail: &Detail, model: &Model) -> Line {
    let name = model.fleet().row(detail.key()).map(|row| Name::of(row).whole()).unwrap_or_default();
    Line::of(safe!(" {name}"), Tone::Strong).with(safe!("  {}", detail.key().id), Tone::Quiet)
}

/// Every cell of the key side by side, the chosen member in brackets.
fn cells(detail: &Detail, model: &Model) -> Line {
    let mut line = Line::of(" ", Tone::Plain);
    let Some(row) = model.fleet().row(detail.key()) else {
        return line.with("this key is not in the fleet any more", Tone::Warning);
    };
    for each in in_column_order(row, model.fleet().columns().items()) {
        let (letters, tone) = cell::mark(each);
        let is_chosen = detail.region() == Some(&each.region);
        let (open, close) = if is_chosen { ("[", "]") } else { (" ", " ") };
        line.push(safe!("{open}{} ", each.region.short()), if is_chosen { Tone::Heading } else { Tone::Quiet });
        line.push(letters, tone);
        line.push(close, if is_chosen { Tone::Heading } else { Tone::Quiet });
    }
    line
}

/// The sections, and how much of the text is in view.
fn rule(detail: &Detail, lines: usize) -> Line {
    let mut line = Line::new();
    for section in Section::ALL {
        let is_open = section == detail.section();
        let (open, close) = if is_open { ("[", "]") } else { (" ", " ") };
        line.push(safe!("{open}{}{close}", section.title()), if is_open { Tone::Heading } else { Tone::Quiet });
    }
    let shown = detail.text();
    line.push("  ", Tone::Plain);
    line.append(text::position(shown.first(), lines, shown.lines().len()));
    if let Some(search) = text::search_state(shown) {
        line.push("  ", Tone::Plain);
        line.append(search);
    }
    line
}
