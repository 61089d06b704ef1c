//! The journal: what was changed, and what changed state while we looked.

use ratatui::layout::Rect;

use super::{identity_line, tabs};
use crate::app::action::Action;
use crate::app::screen::journal::{Journal, Recorded};
use crate::app::{Drawn, Model};
use crate::domain::text::{Safe, safe};
use crate::domain::time::Now;
use crate::ui::canvas::{Canvas, row_of, skip_columns, skip_rows};
use crate::ui::layout::page;
use crate::ui::line::Line;
use crate::ui::theme::Tone;
use crate::ui::widget::{footer, message, text};

const ACTIONS: [Action; 4] = [Action::Back, Action::FleetScreen, Action::RegionsScreen, Action::Quit];

pub(super) fn draw(
    canvas: &mut Canvas<'_>,
    area: Rect,
    (journal, model): (&Journal, &Model),
    drawn: &mut Drawn,
    now: Now,
) {
    let areas = page(area);
    identity_line(canvas, areas.identity, model, now);
    canvas.line(areas.title, &tabs(model));
    let body = skip_rows(areas.body, 1);
    let lines = usize::from(body.height);
    canvas.rule(row_of(areas.body, 0), &text::position(journal.text().first(), lines, journal.text().lines().len()));
    text::draw(canvas, body, journal.text());
    if journal.text().lines().is_empty() {
        canvas.text(skip_columns(row_of(body, 1), 2), &why_empty(journal), Tone::Quiet);
    }
    drawn.text_lines = Some(lines);
    if let Recorded::Failed(why) = journal.recorded() {
        canvas.line(areas.message, &Line::of(safe!(" The journals cannot be read: {why}"), Tone::Warning));
    } else {
        message::draw(canvas, areas.message, model, now);
    }
    footer::draw(canvas, areas.footer, model.keymap(), &ACTIONS);
}

fn why_empty(journal: &Journal) -> Safe {
    match journal.recorded() {
        Recorded::NotRead | Recorded::Reading => "Reading the journals on disk.".into(),
        Recorded::Read(_) => "Nothing has been changed from here, and no key has changed its state since.".into(),
        Recorded::Failed(_) => "No key has changed its state since keyfleet was started.".into(),
    }
}
