//! A text to read: the lines in view, those that match a search marked.

use ratatui::layout::Rect;

use crate::app::text::{Text, TextLine};
use crate::domain::text::safe;
use crate::ui::canvas::{Canvas, skip_columns};
use crate::ui::layout::rows;
use crate::ui::line::Line;
use crate::ui::theme::{Look, Tone};

/// Draws the lines from the first one in view on. The first column holds the mark of a match.
pub(crate) fn draw(canvas: &mut Canvas<'_>, area: Rect, text: &Text) {
    let current = text.search().and_then(|search| search.at);
    let lines = text.lines().iter().enumerate().skip(text.first());
    for (place, (number, line)) in rows(area).zip(lines) {
        let is_match = text.is_match(number);
        if is_match {
            let mark = if current == Some(number) { "▸" } else { "·" };
            canvas.text(Rect { width: 1, ..place }, &mark.into(), Tone::Key);
        }
        let look = |tone| Look { is_on_cursor_row: is_match, ..Look::from(tone) };
        canvas.line_with(skip_columns(place, 1), &Line::from(line), look);
    }
}

/// `1-20 of 45`, and whether there is more in either direction; empty where all of it is in view.
pub(crate) fn position(first: usize, shown: usize, total: usize) -> Line {
    if total == 0 {
        return Line::new();
    }
    let end = total.min(first + shown);
    let arrow = match (first > 0, end < total) {
        (true, true) => " ↑↓",
        (true, false) => " ↑",
        (false, true) => " ↓",
        (false, false) => "",
    };
    Line::of(safe!("{}-{end} of {total}{arrow}", (first + 1).min(end)), Tone::Plain)
}

/// What the search line says under a text that is being searched.
pub(crate) fn search_state(text: &Text) -> Option<Line> {
    let search = text.search()?;
    let found = text.matches();
    let tone = if found == 0 { Tone::Warning } else { Tone::Plain };
    Some(Line::of(safe!("/{}  {found} matches", search.needle.safe()), tone))
}

impl From<&TextLine> for Line {
    fn from(line: &TextLine) -> Self {
        line.pieces.iter().fold(Line::new(), |so_far, (tone, text)| so_far.with(text.clone(), (*tone).into()))
    }
}
