//! Where a value was written, and the one error that says it is wrong: what, where with the line itself, and what to do. Never more than three lines.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::domain::caret;
use crate::domain::text::{Foreign, Safe, safe};

/// What stands in the place of a value that must not be shown.
const HIDDEN: &str = "…";

/// Why the configuration cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ConfigError {
    lines: Vec<Safe>,
    /// The exit code: 2, or 5 where a guard refuses.
    pub(crate) exit: u8,
}

impl ConfigError {
    /// What is wrong with something as a whole, and what to do.
    pub(crate) fn new(subject: &Safe, what: &Safe, next_step: Safe) -> Self {
        Self { lines: vec![safe!("{subject}: {what}"), next_step], exit: 2 }
    }

    /// The same of a file.
    pub(crate) fn of_file(path: &Path, what: &Safe, next_step: Safe) -> Self {
        Self::new(&shown(path), what, next_step)
    }

    /// A guard refuses, whatever else is asked.
    pub(super) fn refused(self) -> Self {
        Self { exit: 5, ..self }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<&str> = self.lines.iter().map(Safe::as_str).collect();
        formatter.write_str(&lines.join("\n"))
    }
}

impl std::error::Error for ConfigError {}

/// A path for eyes.
pub(crate) fn shown(path: &Path) -> Safe {
    Foreign::new(path.to_string_lossy().as_ref()).safe()
}

/// A text that settings stand in.
#[derive(Debug)]
pub(super) enum Source {
    File { path: PathBuf, text: String },
    Variable { name: String, text: String },
    Flag { name: &'static str, text: String },
}

impl Source {
    fn text(&self) -> &str {
        match self {
            Source::File { text, .. } | Source::Variable { text, .. } | Source::Flag { text, .. } => text,
        }
    }
}

/// A part of such a text.
#[derive(Clone, Debug)]
pub(super) struct Spot {
    source: Arc<Source>,
    span: Range<usize>,
}

impl Spot {
    /// The whole text.
    pub(super) fn whole(source: Source) -> Self {
        let span = 0..source.text().len();
        Self { source: Arc::new(source), span }
    }

    pub(super) fn text(&self) -> &str {
        self.source.text().get(self.span.clone()).unwrap_or_default()
    }

    /// A part of this part.
    pub(super) fn part(&self, from: usize, length: usize) -> Self {
        let start = self.span.start + from;
        Self { source: Arc::clone(&self.source), span: start..start + length }
    }

    /// Where the value comes from, for `config check`.
    pub(super) fn origin(&self) -> Safe {
        match &*self.source {
            Source::File { path, .. } => safe!("{}:{}", shown(path), self.position().number),
            Source::Variable { name, .. } => Foreign::new(name.as_str()).safe(),
            Source::Flag { name, .. } => Safe::from_static(name),
        }
    }

    pub(super) fn error(&self, what: &Safe, next_step: Safe) -> ConfigError {
        let position = self.position();
        let subject = match &*self.source {
            Source::File { path, .. } => safe!("{}:{}:{}", shown(path), position.number, position.column + 1),
            Source::Variable { .. } | Source::Flag { .. } => self.origin(),
        };
        if self.source.text().is_empty() {
            return ConfigError::new(&subject, what, next_step);
        }
        let pointed = caret::point_without_credentials(position.line, position.column, &next_step);
        ConfigError { lines: vec![safe!("{subject}: {what}"), pointed.line, pointed.caret], exit: 2 }
    }

    /// The same place, in a text that does not show what stands there.
    pub(super) fn hidden(&self) -> Self {
        let text = self.source.text();
        let before = text.get(..self.span.start).unwrap_or_default();
        let after = text.get(self.span.end..).unwrap_or_default();
        let shown = format!("{before}{HIDDEN}{after}");
        let source = match &*self.source {
            Source::File { path, .. } => Source::File { path: path.clone(), text: shown },
            Source::Variable { name, .. } => Source::Variable { name: name.clone(), text: shown },
            Source::Flag { name, .. } => Source::Flag { name, text: shown },
        };
        Self { source: Arc::new(source), span: before.len()..before.len() + HIDDEN.len() }
    }

    fn position(&self) -> Position<'_> {
        let text = self.source.text();
        let start = self.span.start.min(text.len());
        let (before, after) = text.split_at_checked(start).unwrap_or((text, ""));
        let begin = before.rfind('\n').map_or(0, |index| index + 1);
        let end = after.find('\n').map_or(text.len(), |index| start + index);
        let line = text.get(begin..end).unwrap_or_default();
        Position {
            number: before.matches('\n').count() + 1,
            column: before.get(begin..).unwrap_or_default().chars().count(),
            line: line.strip_suffix('\r').unwrap_or(line),
        }
    }
}

/// A line of the text, counted from one, and a character of it, counted from zero.
struct Position<'a> {
    number: usize,
    column: usize,
    line: &'a str,
}

/// The name that was probably meant.
pub(super) fn nearest<'a>(name: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // What is longer than any name is not a slip of the finger, and comparing it would take its time.
    if name.len() > 64 {
        return None;
    }
    let name = name.to_lowercase();
    let near = |candidate: &&str| strsim::damerau_levenshtein(&name, &candidate.to_lowercase());
    let best = names.into_iter().min_by_key(near)?;
    let allowed = (name.chars().count() / 3).max(1);
    (near(&best) <= allowed).then_some(best)
}

/// `did you mean …?`, or all there is if nothing is near.
pub(super) fn suggest(name: &str, names: &[&str]) -> Safe {
    match nearest(name, names.iter().copied()) {
        Some(meant) => safe!("did you mean {meant}?"),
        None => safe!("there are {}", names.join(", ")),
    }
}
