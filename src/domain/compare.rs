//! Two members of one key, held against each other: what is the same, what differs, and what cannot be said because something was not read.
//!
//! "The same" is said only of two values that the last questions for them were answered with. What an earlier answer said is shown, and decides nothing.

mod held;
mod properties;
#[cfg(test)]
mod tests;
mod words;

use std::sync::Arc;

pub(crate) use held::{Held, Side, Why};
pub(crate) use properties::{Compared, properties};
pub(crate) use words::verdict;

use super::id::Region;
use super::policy::{Difference, Document, differences, is_default};
use super::text::Foreign;

/// How two values stand to each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Likeness {
    Same,
    Differs,
    /// They are not the same, and need not be: a primary is no replica, and nothing is wrong with that.
    Own,
    NotKnown {
        doubts: Vec<Doubt>,
        /// When both were last read they differed.
        differed: bool,
    },
}

/// What stands in the way of a comparison: one side's value was not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Doubt {
    pub(crate) region: Region,
    pub(crate) why: Why,
}

/// Two members of a key, compared.
#[derive(Clone, Debug)]
pub(crate) struct Comparison {
    pub(crate) properties: Vec<Compared>,
    pub(crate) policies: Arc<Policies>,
}

/// What the two key policies say differently.
#[derive(Clone, Debug)]
pub(crate) struct Policies {
    pub(crate) likeness: Likeness,
    /// From the first to the other. Where the likeness is not known, as they were when they were last read.
    pub(crate) differences: Vec<Difference>,
    /// The only one of the two whose policy is KMS's default.
    pub(crate) default: Option<Region>,
}

/// The texts that the two policies are compared by. While they stand, so does what comes of them: a comparison of long policies takes its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Texts {
    sides: [(Region, Held<Foreign>); 2],
}

impl Texts {
    pub(crate) fn of(one: &Side<'_>, other: &Side<'_>) -> Self {
        Self { sides: [one, other].map(|side| (side.region().clone(), side.policy())) }
    }

    /// Compares them, by statement.
    pub(crate) fn compare(&self, account: Option<super::id::AccountId>) -> Policies {
        let parsed = self.sides.each_ref().map(|(region, text)| (region, understood(text)));
        let doubts: Vec<Doubt> = parsed.iter().filter_map(|(region, document)| document.doubt(region)).collect();
        let documents = parsed.each_ref().map(|(region, document)| (*region, document.value.as_ref()));
        let found = match documents {
            [(one, Some(before)), (other, Some(after))] => differences(
                super::policy::Side { document: before, region: one },
                super::policy::Side { document: after, region: other },
            ),
            [(_, None), _] | [_, (_, None)] => Vec::new(),
        };
        let likeness = match (doubts.is_empty(), found.is_empty()) {
            (false, has_none) => Likeness::NotKnown { doubts, differed: !has_none },
            (true, true) => Likeness::Same,
            (true, false) => Likeness::Differs,
        };
        let has_default = |document: Option<&Document>| Some(is_default(document?, account?));
        let default = match documents {
            [(one, before), (other, after)] => match (has_default(before), has_default(after)) {
                (Some(true), Some(false)) => Some(one.clone()),
                (Some(false), Some(true)) => Some(other.clone()),
                (Some(_) | None, Some(_) | None) => None,
            },
        };
        Policies { likeness, differences: found, default }
    }
}

fn understood(text: &Held<Foreign>) -> Held<Document> {
    let Some(held) = &text.value else { return Held { value: None, why: text.why.clone() } };
    match Document::parse(held.original()) {
        Ok(document) => Held { value: Some(document), why: text.why.clone() },
        Err(error) => Held::not(Why::NotUnderstood(error.words())),
    }
}
