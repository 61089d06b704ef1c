//! The screens: one function for each of the model's.

pub(crate) mod coverage;
pub(crate) mod deletions;
pub(crate) mod detail;
pub(crate) mod findings;
pub(crate) mod fleet;
pub(crate) mod journal;
pub(crate) mod loss;
pub(crate) mod regions;

use ratatui::layout::Rect;

use super::canvas::Canvas;
use super::layout::rows;
use super::line::Line;
use super::theme::Tone;
use super::widget::identity;
use crate::app::action::Action;
use crate::app::screen::{Screen, Tab};
use crate::app::{Drawn, Model};
use crate::domain::id::Login;
use crate::domain::text::safe;
use crate::domain::time::Now;

/// Draws the screen under the overlays and notes what of it was drawn.
pub(crate) fn draw(canvas: &mut Canvas<'_>, area: Rect, model: &Model, drawn: &mut Drawn, now: Now) {
    match model.screen() {
        Screen::Fleet(screen) => fleet::draw(canvas, area, (screen, model), drawn, now),
        Screen::Detail(detail) => detail::draw(canvas, area, (detail, model), drawn, now),
        Screen::Coverage(findings) => coverage::draw(canvas, area, (findings, model), drawn, now),
        Screen::Findings(findings) => findings::draw(canvas, area, (findings, model), drawn, now),
        Screen::Loss(loss) => loss::draw(canvas, area, (loss, model), drawn, now),
        Screen::Deletions(deletions) => deletions::draw(canvas, area, (deletions, model), drawn, now),
        Screen::Regions(regions) => regions::draw(canvas, area, (regions, model), drawn, now),
        Screen::Journal(journal) => journal::draw(canvas, area, (journal, model), drawn, now),
    }
}

/// The first line of every screen.
fn identity_line(canvas: &mut Canvas<'_>, area: Rect, model: &Model, now: Now) {
    let engine = model.engine();
    let login = engine.settings().logins.first().map_or(Login(0), |(login, _)| *login);
    let unlock_key = model.keymap().label(Action::ToggleWrites);
    let last_seen = model.last_seen().map(|last_seen| last_seen.at);
    let subject = identity::Subject { engine, login, lock: model.lock(), unlock_key, last_seen };
    identity::draw(canvas, area, &subject, now);
}

/// Lines, broken to the width that there is; what has no room below is left out.
fn fold(canvas: &mut Canvas<'_>, area: Rect, lines: &[Line]) {
    let room = area.width.saturating_sub(1);
    let folded = lines.iter().flat_map(|line| line.wrap(room, 2, canvas.theme())).collect::<Vec<_>>();
    for (place, line) in rows(area).zip(folded) {
        canvas.line(place, &line);
    }
}

/// `[1 Fleet]  2 Coverage  3 Findings …`, the chosen one marked.
fn tabs(model: &Model) -> Line {
    let mut line = Line::of(" ", Tone::Plain);
    for tab in Tab::ALL {
        let tone = if tab == model.tab() { Tone::Heading } else { Tone::Quiet };
        let (open, close) = if tab == model.tab() { ("[", "]") } else { (" ", " ") };
        line.push(safe!("{open}{} {}{close}", tab.number(), tab.title()), tone);
    }
    line
}
