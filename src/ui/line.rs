//! A line of text in several tones, before it is known how much room there is.

use super::measure::{head, width};
use super::theme::{Theme, Tone};
use crate::domain::text::Safe;

/// A piece of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) text: Safe,
    pub(crate) tone: Tone,
}

/// Pieces side by side.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(crate) struct Line {
    pieces: Vec<Piece>,
}

impl Line {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn of(text: impl Into<Safe>, tone: Tone) -> Self {
        Self::new().with(text, tone)
    }

    pub(crate) fn with(mut self, text: impl Into<Safe>, tone: Tone) -> Self {
        self.push(text, tone);
        self
    }

    pub(crate) fn push(&mut self, text: impl Into<Safe>, tone: Tone) {
        self.pieces.push(Piece { text: text.into(), tone });
    }

    pub(crate) fn append(&mut self, mut other: Line) {
        self.pieces.append(&mut other.pieces);
    }

    pub(crate) fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.pieces.iter().all(|piece| piece.text.as_str().is_empty())
    }

    /// The columns it takes in this theme.
    pub(crate) fn width(&self, theme: Theme) -> u16 {
        self.pieces.iter().fold(0, |sum: u16, piece| sum.saturating_add(width(&theme.render(piece.text.as_str()))))
    }

    /// The line as several of at most `room` columns, broken between words where there are any; what follows the first is indented.
    pub(crate) fn wrap(&self, room: u16, indent: u16, theme: Theme) -> Vec<Line> {
        if self.width(theme) <= room {
            return vec![self.clone()];
        }
        let mut wrapped = Wrapped::new(room.max(1), indent.min(room / 2), theme);
        for piece in &self.pieces {
            for word in piece.text.as_str().split_inclusive(' ') {
                wrapped.word(word, piece.tone);
            }
        }
        wrapped.lines
    }
}

/// Lines while they are being broken.
struct Wrapped {
    lines: Vec<Line>,
    room: u16,
    indent: u16,
    used: u16,
    theme: Theme,
}

impl Wrapped {
    fn new(room: u16, indent: u16, theme: Theme) -> Self {
        Self { lines: vec![Line::new()], room, indent, used: 0, theme }
    }

    fn word(&mut self, word: &str, tone: Tone) {
        let wide = self.columns(word.trim_end());
        let has_room_below = wide <= self.room.saturating_sub(self.indent);
        if self.used.saturating_add(wide) > self.room && self.used > self.start() && has_room_below {
            self.break_line();
        }
        let mut rest = word;
        // A word that is wider than the whole line is cut: nothing may be lost.
        while self.used.saturating_add(self.columns(rest.trim_end())) > self.room {
            let left = self.room.saturating_sub(self.used);
            let part = head(rest, left.max(1));
            if part.is_empty() {
                break;
            }
            self.put(part, tone);
            rest = rest.get(part.len()..).unwrap_or_default();
            self.break_line();
        }
        self.put(rest, tone);
    }

    fn columns(&self, text: &str) -> u16 {
        width(&self.theme.render(text))
    }

    fn start(&self) -> u16 {
        if self.lines.len() > 1 { self.indent } else { 0 }
    }

    fn break_line(&mut self) {
        self.lines.push(Line::of(spaces(self.indent), Tone::Plain));
        self.used = self.indent;
    }

    fn put(&mut self, text: &str, tone: Tone) {
        // A blank that would hang over the edge separates nothing.
        let hangs_over = self.used.saturating_add(self.columns(text)) > self.room;
        let text = if hangs_over { text.trim_end() } else { text };
        self.used = self.used.saturating_add(self.columns(text));
        if let Some(line) = self.lines.last_mut() {
            line.push(Safe::format(format_args!("{text}")), tone);
        }
    }
}

/// So many blanks.
pub(crate) fn spaces(count: u16) -> Safe {
    Safe::format(format_args!("{:1$}", "", usize::from(count)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &'static str, room: u16, expected: &[&str]) {
        let theme = Theme::auto(false, true);
        let lines = Line::of(text, Tone::Plain).wrap(room, 2, theme);
        let found: Vec<String> = lines
            .iter()
            .map(|line| line.pieces().iter().map(|piece| piece.text.as_str()).collect::<String>())
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn lines_break_between_words_and_lose_nothing() {
        check("one two", 10, &["one two"]);
        check("one two three", 8, &["one two ", "  three"]);
        check("one two three", 7, &["one two", "  three"]);
        check("mrk-0123456789", 6, &["mrk-01", "  2345", "  6789"]);
        check("Key mrk-0123456789", 8, &["Key mrk-", "  012345", "  6789"]);
        check("", 6, &[""]);
    }
}
