//! What is wrong with a fleet file, in three lines.

use std::fmt;
use std::ops::Range;

/// An error of a fleet file: where, what, the line itself, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FleetError {
    line: usize,
    column: usize,
    what: String,
    source_line: String,
    remedy: String,
}

/// How much of a line is shown.
const LONGEST_LINE: usize = 100;

impl FleetError {
    pub(crate) fn new(text: &str, span: Range<usize>, what: String, remedy: String) -> Self {
        let (line, column, source_line) = place(text, span.start);
        Self { line, column, what, source_line, remedy }
    }

    /// What the TOML reader says, cut at its list of expected names, which becomes the remedy.
    pub(crate) fn of_toml(text: &str, error: &toml::de::Error) -> Self {
        let message = error.message().replace('\n', "; ");
        let (what, remedy) = match message.split_once(", expected ") {
            Some((what, expected)) => (what.to_owned(), format!("expected {expected}")),
            None => (message, "correct this line or remove it".to_owned()),
        };
        Self::new(text, error.span().unwrap_or(0..0), what, remedy)
    }

    /// The line, from 1.
    pub fn line(&self) -> usize {
        self.line
    }

    /// The column, from 1, in characters.
    pub fn column(&self) -> usize {
        self.column
    }

    /// The error for a file of this name.
    pub fn in_file(&self, file: &str) -> String {
        let Self { line, column, what, source_line, remedy } = self;
        format!("{file}:{line}:{column}: {what}\n    {source_line}\n  {remedy}")
    }
}

impl fmt::Display for FleetError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.in_file("fleet file"))
    }
}

impl std::error::Error for FleetError {}

/// The line and column of a byte, and the line's text with whatever could disturb a terminal made visible.
fn place(text: &str, offset: usize) -> (usize, usize, String) {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    let (before, after) = text.split_at(offset);
    let line = before.matches('\n').count() + 1;
    let start = before.rsplit('\n').next().unwrap_or_default();
    let rest = after.split('\n').next().unwrap_or_default();
    let shown: String = start.chars().chain(rest.chars()).take(LONGEST_LINE).collect();
    (line, start.chars().count() + 1, shown.trim().escape_debug().to_string().replace("\\\"", "\"").replace("\\'", "'"))
}
