//! The filter language: terms that all must hold, over what is known of one row.
//!
//! `expression = term+`, `term = ['!'] atom ('|' atom)*`, `atom = [field ':'] value`, and a value is a word or `"quoted, \" inside"` in which `*` is any run of
//! characters. An atom without a field takes that of the atom before it in the same term; a first atom without one is a word to look for. Case never matters.
//!
//! How a value compares: a word is found anywhere in the key ID, an alias or a description; `state`, `role`, `spec` and `origin` by how the name begins, so that
//! `state:pending` is every pending state; everything else whole. `tag:env=prod` is a tag of any member, `tag:env` one of any value. With a `*` the value is compared whole; Regions also go by their short names.
//!
//! A term is yes, no or undecided. What was not read decides nothing, so no row is dropped because a Region is dark. `region`, `state` and `role` hold for one
//! and the same member; under `!` too, if the expression has another such term that is not negated, and else for no member at all. A Region in which nothing
//! names a member counts only if the expression names it, or if the primary key, whose word on its related keys is good, was not read.
//!
//! Refused: fields whose readings are not made, more than 1,024 characters, more than 64 terms, and values that could never match.

mod evaluate;
mod parse;
mod pattern;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

use super::caret::{self, Pointed};
use super::evidence::Accepted;
use super::fleet::row::Row;
use super::reading::Deep;
use super::text::{Foreign, Safe};
pub(crate) use pattern::{Glob, RegionPattern};

/// The longest expression, in characters.
pub(crate) const MOST_CHARACTERS: usize = 1_024;

/// The most terms of one expression.
pub(crate) const MOST_TERMS: usize = 64;

/// Kleene's three truth values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Truth {
    Yes,
    No,
    Undecided,
}

impl Truth {
    pub(crate) fn and(self, other: Truth) -> Truth {
        match (self, other) {
            (Truth::No, _) | (_, Truth::No) => Truth::No,
            (Truth::Yes, Truth::Yes) => Truth::Yes,
            (Truth::Undecided, Truth::Yes | Truth::Undecided) | (Truth::Yes, Truth::Undecided) => Truth::Undecided,
        }
    }

    pub(crate) fn or(self, other: Truth) -> Truth {
        self.not().and(other.not()).not()
    }

    pub(crate) fn not(self) -> Truth {
        match self {
            Truth::Yes => Truth::No,
            Truth::No => Truth::Yes,
            Truth::Undecided => Truth::Undecided,
        }
    }
}

impl From<bool> for Truth {
    fn from(holds: bool) -> Self {
        if holds { Truth::Yes } else { Truth::No }
    }
}

/// A parsed expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Filter {
    text: Foreign,
    terms: Vec<Term>,
}

impl Filter {
    pub(crate) fn parse(expression: &str) -> Result<Self, FilterError> {
        match parse::terms(expression) {
            Ok(terms) => Ok(Self { text: Foreign::new(expression), terms }),
            Err((index, message)) => {
                Err(FilterError { expression: Foreign::new(expression), column: index + 1, message })
            }
        }
    }

    /// The expression as it was written.
    pub(crate) fn text(&self) -> &Foreign {
        &self.text
    }

    /// The readings beyond listings and descriptions that the expression asks for.
    pub(crate) fn needs(&self) -> Vec<Deep> {
        let has_tag = self.terms.iter().flat_map(|term| &term.atoms).any(|atom| matches!(atom, Atom::Tag(..)));
        if has_tag { vec![Deep::Tags] } else { Vec::new() }
    }

    /// Whether the row is what the expression asks for, as far as is known.
    pub(crate) fn matches(&self, row: &Row) -> Truth {
        evaluate::matches(&self.terms, row)
    }

    /// The same for a verdict: what a related key says counts only if it is accepted, and never if it is not a settled primary's word.
    pub(crate) fn matches_for_certain(&self, row: &Row, accepted: Accepted) -> Truth {
        evaluate::matches_for_certain(&self.terms, row, accepted)
    }
}

/// Why an expression is none, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FilterError {
    pub(crate) expression: Foreign,
    /// Of the character at fault, counted from one.
    pub(crate) column: usize,
    pub(crate) message: Safe,
}

impl FilterError {
    /// The expression, and a caret under the fault with the message.
    pub(crate) fn pointed(&self) -> Pointed {
        caret::point(self.expression.original(), self.column.saturating_sub(1), &self.message)
    }
}

/// Atoms of which one must hold, or none.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Term {
    negated: bool,
    atoms: Vec<Atom>,
}

/// One comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Atom {
    Word(Glob),
    State(Glob),
    Region(RegionPattern),
    Role(Glob),
    Account(Glob),
    Alias(Glob),
    Spec(Glob),
    Origin(Glob),
    Missing(RegionPattern),
    Unknown(RegionPattern),
    /// The key of a tag, and its value if that matters.
    Tag(Glob, Option<Glob>),
}
