//! A text to read: lines with their meaning, scrolled and searched. What colour a meaning has is for the view to say.

mod wrap;

use crate::domain::text::{Foreign, Safe};

/// What a piece of text means to the reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    Plain,
    /// Less important, or old.
    Dim,
    /// The name of what follows.
    Label,
    Title,
    Good,
    Warning,
    Bad,
}

/// One line: pieces, each with its tone.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(crate) struct TextLine {
    pub(crate) pieces: Vec<(Tone, Safe)>,
}

impl TextLine {
    pub(crate) fn of(tone: Tone, text: impl Into<Safe>) -> Self {
        Self { pieces: vec![(tone, text.into())] }
    }

    pub(crate) fn and(mut self, tone: Tone, text: impl Into<Safe>) -> Self {
        self.pieces.push((tone, text.into()));
        self
    }

    /// The whole line.
    pub(crate) fn plain(&self) -> String {
        self.pieces.iter().map(|(_, text)| text.as_str()).collect()
    }
}

/// A value in as many lines of so many columns as it takes, each filled up with blanks.
pub(in crate::app) fn column(value: &Safe, width: usize) -> Vec<Safe> {
    wrap::column(value, width)
}

/// Lines, and where the reader is in them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Text {
    /// As composed; `lines` are these, broken to the width of the screen.
    composed: Vec<TextLine>,
    lines: Vec<TextLine>,
    width: usize,
    first: usize,
    /// How many lines fitted when it was last drawn.
    shown: usize,
    search: Option<Search>,
}

/// What is being searched for, and the line of the match that was gone to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Search {
    pub(crate) needle: Foreign,
    folded: String,
    pub(crate) at: Option<usize>,
}

impl Default for Text {
    fn default() -> Self {
        Self { composed: Vec::new(), lines: Vec::new(), width: usize::MAX, first: 0, shown: 16, search: None }
    }
}

impl Text {
    pub(crate) fn new(lines: Vec<TextLine>) -> Self {
        Self { lines: lines.clone(), composed: lines, ..Self::default() }
    }

    pub(crate) fn lines(&self) -> &[TextLine] {
        &self.lines
    }

    /// The first line on screen. A line is one line of the screen: what was too long has been broken already.
    pub(crate) fn first(&self) -> usize {
        self.first
    }

    pub(crate) fn search(&self) -> Option<&Search> {
        self.search.as_ref()
    }

    /// Whether this line holds what is searched for.
    pub(crate) fn is_match(&self, line: usize) -> bool {
        let Some(search) = &self.search else { return false };
        self.lines.get(line).is_some_and(|line| line.plain().to_lowercase().contains(&search.folded))
    }

    pub(crate) fn matches(&self) -> usize {
        (0..self.lines.len()).filter(|line| self.is_match(*line)).count()
    }

    /// New content in the same place; the reader stays where they were.
    pub(crate) fn replace(&mut self, lines: Vec<TextLine>) {
        if lines != self.composed {
            self.composed = lines;
            self.wrap();
        }
    }

    /// Takes the width of the screen.
    pub(crate) fn fit(&mut self, width: usize) {
        if width != self.width {
            self.width = width;
            self.wrap();
        }
    }

    fn wrap(&mut self) {
        self.lines = self.composed.iter().flat_map(|line| wrap::wrap(line, self.width)).collect();
        self.scroll_to(self.first);
    }

    pub(crate) fn drawn(&mut self, shown: usize) -> bool {
        let changed = self.shown != shown.max(1);
        self.shown = shown.max(1);
        self.scroll_to(self.first);
        changed
    }

    pub(crate) fn page(&self) -> usize {
        self.shown
    }

    pub(crate) fn scroll(&mut self, by: isize) {
        self.scroll_to(self.first.saturating_add_signed(by));
    }

    pub(crate) fn scroll_to(&mut self, line: usize) {
        self.first = line.min(self.lines.len().saturating_sub(self.shown));
    }

    /// Searches from the line on top. Returns whether anything was found.
    pub(crate) fn find(&mut self, needle: Foreign) -> bool {
        let folded = needle.safe().as_str().to_lowercase();
        self.search = (!folded.is_empty()).then_some(Search { needle, folded, at: None });
        self.find_next(true)
    }

    /// Goes to the next match, or to the one before; past the end it begins again.
    pub(crate) fn find_next(&mut self, forwards: bool) -> bool {
        let matches: Vec<usize> = (0..self.lines.len()).filter(|line| self.is_match(*line)).collect();
        let from = self.search.as_ref().and_then(|search| search.at);
        let found = match (forwards, from) {
            (true, Some(from)) => matches.iter().find(|line| **line > from).or(matches.first()),
            (true, None) => matches.iter().find(|line| **line >= self.first).or(matches.first()),
            (false, Some(from)) => matches.iter().rev().find(|line| **line < from).or(matches.last()),
            (false, None) => matches.iter().rev().find(|line| **line < self.first).or(matches.last()),
        };
        let Some(line) = found.copied() else { return false };
        if let Some(search) = &mut self.search {
            search.at = Some(line);
        }
        if line < self.first || line >= self.first + self.shown {
            self.scroll_to(line.saturating_sub(self.shown / 3));
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text() -> Text {
        let lines = ["alpha", "beta", "gamma", "Beta again", "delta", "end"];
        let mut text = Text::new(lines.into_iter().map(|line| TextLine::of(Tone::Plain, line)).collect());
        text.drawn(2);
        text
    }

    #[test]
    fn scrolling_stops_at_both_ends() {
        let mut text = text();
        text.scroll(100);
        assert_eq!(text.first(), 4);
        text.scroll(-100);
        assert_eq!(text.first(), 0);
    }

    #[test]
    fn a_search_goes_round_and_ignores_case() {
        let mut text = text();
        assert!(text.find(Foreign::new("BETA")));
        assert_eq!((text.search().unwrap().at, text.first(), text.matches()), (Some(1), 0, 2));
        assert!(text.find_next(true));
        assert_eq!((text.search().unwrap().at, text.first()), (Some(3), 3));
        assert!(text.find_next(true));
        assert_eq!(text.search().unwrap().at, Some(1));
        assert!(text.find_next(false));
        assert_eq!(text.search().unwrap().at, Some(3));
        assert!(!text.find(Foreign::new("zeta")));
    }
}
