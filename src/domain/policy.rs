//! Key policies: what they say, where they name a Region, what they allow, and how they read.
//!
//! Everything here is read from the document alone. What depends on an IAM policy, on an organization or on a fact that keyfleet does not have is answered with
//! "not known" and the reason.

use std::fmt::{self, Write as _};

use sha2::{Digest as _, Sha256};

use super::text::{Safe, safe};

mod caller;
mod condition;
mod default;
mod differences;
mod document;
mod elements;
mod evaluate;
mod exposure;
mod json;
mod narrow;
mod place;
mod readable;
mod region;
mod simulate;
mod statement;
#[cfg(test)]
mod tests;
mod wildcard;

pub(crate) use caller::Caller;
pub(crate) use default::{default_policy, is_default};
pub(crate) use differences::{Difference, Side, differences};
pub(crate) use document::Document;
pub(crate) use evaluate::{Doubt, Lockout, Permits, Request, lockout, permits};
pub(crate) use exposure::{nobody_can_manage, open_to_anyone};
pub(crate) use place::{PlaceNamed, places, rewritten};
pub(crate) use readable::readable;
pub(crate) use simulate::simulate_line;

/// Why a text is no key policy, and where it goes wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PolicyError {
    line: usize,
    column: usize,
    what: Safe,
}

impl PolicyError {
    /// An error at a byte of the text.
    fn at(text: &str, offset: usize, what: Safe) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |end| end + 1);
        let column = before.get(line_start..).map_or(0, |line| line.chars().count()) + 1;
        Self { line: before.matches('\n').count() + 1, column, what }
    }

    pub(crate) fn words(&self) -> Safe {
        safe!("{self}")
    }
}

impl fmt::Display for PolicyError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} (line {}, column {})", self.what, self.line, self.column)
    }
}

/// The SHA-256 of a text, in hex.
pub(crate) fn sha256(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().fold(String::with_capacity(64), |mut hex, byte| {
        let _infallible = write!(hex, "{byte:02x}");
        hex
    })
}
