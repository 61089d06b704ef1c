//! The only place that writes into the terminal's buffer, and it takes only [`Safe`] text.
//!
//! Everything is clipped to the buffer: a terminal of one cell is drawn into like any other.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::line::Line;
use super::measure::{cut_end, cut_middle, head, width};
use super::theme::{Look, Theme, Tone};
use crate::domain::text::Safe;

/// What is drawn on.
pub(crate) struct Canvas<'a> {
    buffer: &'a mut Buffer,
    theme: Theme,
}

/// Where a text stands in its column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Align {
    Left,
    Centre,
    Right,
}

impl<'a> Canvas<'a> {
    pub(crate) fn new(buffer: &'a mut Buffer, theme: Theme) -> Self {
        Self { buffer, theme }
    }

    pub(crate) fn theme(&self) -> Theme {
        self.theme
    }

    /// Writes text into the first row of `area`, cut at the end to its width. Returns the columns used.
    pub(crate) fn text(&mut self, area: Rect, text: &Safe, look: impl Into<Look>) -> u16 {
        let shown = cut_end(&self.theme.render(text.as_str()), area.width, self.theme.ellipsis());
        self.write(area, &shown, look.into())
    }

    /// The same, cut in the middle.
    pub(crate) fn name(&mut self, area: Rect, text: &Safe, look: impl Into<Look>) -> u16 {
        let shown = cut_middle(&self.theme.render(text.as_str()), area.width, self.theme.ellipsis());
        self.write(area, &shown, look.into())
    }

    /// The same, aligned.
    pub(crate) fn aligned(&mut self, area: Rect, text: &Safe, align: Align, look: impl Into<Look>) -> u16 {
        let taken = width(&self.theme.render(text.as_str())).min(area.width);
        let free = area.width.saturating_sub(taken);
        let skip = match align {
            Align::Left => 0,
            Align::Centre => free / 2,
            Align::Right => free,
        };
        self.text(skip_columns(area, skip), text, look)
    }

    /// Writes a line into the first row of `area`. Returns the columns used.
    pub(crate) fn line(&mut self, area: Rect, line: &Line) -> u16 {
        self.line_with(area, line, Look::from)
    }

    /// Writes a line whose tones look particular here.
    pub(crate) fn line_with(&mut self, area: Rect, line: &Line, look: impl Fn(Tone) -> Look) -> u16 {
        if line.width(self.theme) > area.width {
            return self.cut_line(area, line, look);
        }
        let mut used: u16 = 0;
        for piece in line.pieces() {
            used = used.saturating_add(self.text(skip_columns(area, used), &piece.text, look(piece.tone)));
        }
        used
    }

    /// A line that does not fit says so at its end, wherever between two pieces that may be.
    fn cut_line(&mut self, area: Rect, line: &Line, look: impl Fn(Tone) -> Look) -> u16 {
        let end = area.width.saturating_sub(width(self.theme.ellipsis()));
        let mut used: u16 = 0;
        for piece in line.pieces() {
            let text = self.theme.render(piece.text.as_str()).into_owned();
            let shown = head(&text, end.saturating_sub(used)).to_owned();
            used = used.saturating_add(self.write(skip_columns(area, used), &shown, look(piece.tone)));
            if shown.len() < text.len() {
                let ellipsis = self.theme.ellipsis();
                return used.saturating_add(self.write(skip_columns(area, used), ellipsis, look(piece.tone)));
            }
        }
        used
    }

    /// Writes `left`, and `right` at the right end; where both do not fit, `left` gives way.
    pub(crate) fn ends(&mut self, area: Rect, left: &Line, right: &Line) {
        let taken = right.width(self.theme).min(area.width);
        let start = area.width.saturating_sub(taken);
        self.line(Rect { width: start.saturating_sub(1), ..area }, left);
        self.line(skip_columns(area, start), right);
    }

    /// A horizontal rule with a label near its left end.
    pub(crate) fn rule(&mut self, area: Rect, label: &Line) {
        let rule = "─".repeat(usize::from(area.width));
        let shown = self.theme.render(&rule).into_owned();
        self.write(area, &shown, Tone::Quiet.into());
        self.line(skip_columns(area, 2), label);
    }

    /// Makes an area blank, with everything that was drawn there before gone.
    pub(crate) fn clear(&mut self, area: Rect) {
        for position in self.clip(area).positions() {
            if let Some(cell) = self.buffer.cell_mut(position) {
                cell.reset();
            }
        }
    }

    /// Gives a whole area one look, without touching its text.
    pub(crate) fn paint(&mut self, area: Rect, look: impl Into<Look>) {
        let area = self.clip(area);
        self.buffer.set_style(area, self.theme.style(look.into()));
    }

    /// A frame around `area`, which is cleared, with a title and a rule under every row in `rules`. Returns the inside.
    pub(crate) fn frame(&mut self, area: Rect, title: &Line, rules: &[u16]) -> Rect {
        self.clear(area);
        let middle = usize::from(area.width.saturating_sub(2));
        for row in 0..area.height {
            let place = row_of(area, row);
            let text = if row == 0 {
                format!("┌{}┐", "─".repeat(middle))
            } else if row + 1 == area.height {
                format!("└{}┘", "─".repeat(middle))
            } else if rules.contains(&row) {
                format!("├{}┤", "─".repeat(middle))
            } else {
                // Only the edges: plain text takes on whatever tone its cells have.
                String::from("│")
            };
            let shown = self.theme.render(&text).into_owned();
            self.write(place, &shown, Tone::Quiet.into());
            self.write(skip_columns(place, area.width.saturating_sub(1)), &last(&shown), Tone::Quiet.into());
        }
        let head = Rect { width: area.width.saturating_sub(3), ..row_of(area, 0) };
        let mut spaced = Line::of(" ", Tone::Plain);
        spaced.append(title.clone());
        spaced.push(" ", Tone::Plain);
        self.line(skip_columns(head, 1), &spaced);
        inside(area)
    }

    fn write(&mut self, area: Rect, shown: &str, look: Look) -> u16 {
        let area = self.clip(area);
        if area.is_empty() {
            return 0;
        }
        let style = self.theme.style(look);
        let (end, _) = self.buffer.set_stringn(area.x, area.y, shown, usize::from(area.width), style);
        end.saturating_sub(area.x)
    }

    fn clip(&self, area: Rect) -> Rect {
        area.intersection(*self.buffer.area())
    }
}

/// The last character of an edge.
fn last(edge: &str) -> String {
    edge.chars().last().map(String::from).unwrap_or_default()
}

/// The part of `area` right of its first columns.
pub(crate) fn skip_columns(area: Rect, columns: u16) -> Rect {
    let columns = columns.min(area.width);
    Rect { x: area.x.saturating_add(columns), width: area.width.saturating_sub(columns), ..area }
}

/// The part of `area` below its first rows.
pub(crate) fn skip_rows(area: Rect, rows: u16) -> Rect {
    let rows = rows.min(area.height);
    Rect { y: area.y.saturating_add(rows), height: area.height.saturating_sub(rows), ..area }
}

/// One row of an area; empty below its end.
pub(crate) fn row_of(area: Rect, row: u16) -> Rect {
    let rest = skip_rows(area, row);
    Rect { height: rest.height.min(1), ..rest }
}

/// Without the outermost rows and columns.
pub(crate) fn inside(area: Rect) -> Rect {
    Rect {
        x: area.x.saturating_add(1),
        y: area.y.saturating_add(1),
        width: area.width.saturating_sub(2),
        height: area.height.saturating_sub(2),
    }
}
