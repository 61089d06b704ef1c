//! On what a verdict rests: which question in which Region, when it was answered, and whether the answer is a Region's own or another's word.

use super::id::Region;
use super::reading::Asked;
use super::time::Timestamp;

/// What kind of answer it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Basis {
    /// The Region was listed completely.
    Listed,
    /// The member was asked itself.
    Described,
    /// A related key in another Region says so.
    Declared,
}

impl Basis {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Basis::Listed => "listed",
            Basis::Described => "described",
            Basis::Declared => "declared",
        }
    }
}

/// One answer that a verdict rests on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Evidence {
    /// The Region that answered.
    pub(crate) region: Region,
    /// AWS's name of the operation.
    pub(crate) operation: &'static str,
    /// The question, by which the request's ID is found.
    pub(crate) asked: Option<Asked>,
    pub(crate) at: Option<Timestamp>,
    pub(crate) basis: Basis,
}

/// Whether a related key's word counts where a Region could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) enum Accepted {
    /// A primary that was read in this run and does not name a Region has no member there.
    #[default]
    Declared,
    /// Only what a Region itself lists.
    Listed,
}

impl Accepted {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Accepted::Declared => "declared",
            Accepted::Listed => "listed",
        }
    }
}
