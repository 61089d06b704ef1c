//! `keyfleet.diff/1`: what differs between two snapshots, as other programs read it.

use serde::Serialize;

use super::fleet::Restored;
use crate::domain::fleet::difference::{Difference, Differences, Kind, Verdict};
use crate::domain::fleet::gaps::Gaps;
use crate::domain::id::{AccountId, KeyId, Region};
use crate::domain::text::{Foreign, Safe};

pub(crate) const SCHEMA: &str = "keyfleet.diff/1";

/// The whole document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Document {
    schema: &'static str,
    keyfleet: &'static str,
    verdict: &'static str,
    from: Side,
    to: Side,
    differences: Vec<Entry>,
}

/// One of the snapshots.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Side {
    file: String,
    account: Option<String>,
    taken_at: String,
    finished_at: String,
    keys: usize,
    /// What could not be read in it: differences there may be hidden.
    missing: Missing,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Missing {
    regions: Vec<MissingRegion>,
    descriptions: usize,
    policies: usize,
    tags: usize,
    rotations: usize,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct MissingRegion {
    region: String,
    reason: &'static str,
}

/// One difference. Every field stands in every one of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Entry {
    kind: &'static str,
    /// Both snapshots know it.
    certain: bool,
    account: Option<String>,
    /// Null where a whole Region is meant.
    key_id: Option<String>,
    /// Null where the whole key is meant.
    region: Option<String>,
    field: &'static str,
    from: Option<String>,
    to: Option<String>,
    /// What the policies say differently, where that can be told statement by statement.
    statements: Vec<String>,
}

/// The document of a comparison of two snapshots, each with the name of its file.
pub(crate) fn document(from: (&str, &Restored), to: (&str, &Restored), differences: &Differences) -> Document {
    Document {
        schema: SCHEMA,
        keyfleet: env!("CARGO_PKG_VERSION"),
        verdict: match differences.verdict() {
            Verdict::Same => "same",
            Verdict::Different => "different",
            Verdict::Unknown => "unknown",
        },
        from: side(from, &differences.missing.0),
        to: side(to, &differences.missing.1),
        differences: differences.found.iter().map(entry).collect(),
    }
}

/// The kind's name in the schema.
fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::KeyAdded => "key_added",
        Kind::KeyGone => "key_gone",
        Kind::MemberAdded => "member_added",
        Kind::MemberGone => "member_gone",
        Kind::Changed => "changed",
        Kind::NewlyKnown => "newly_known",
        Kind::NotKnownAnyMore => "not_known_any_more",
    }
}

fn side((file, restored): (&str, &Restored), gaps: &Gaps) -> Side {
    Side {
        file: file.to_owned(),
        account: restored.accounts.first().map(|of| of.account.to_string()),
        taken_at: restored.taken_at.rfc3339(),
        finished_at: restored.finished_at.rfc3339(),
        keys: restored.fleet.keys().len(),
        missing: missing(gaps),
    }
}

fn missing(gaps: &Gaps) -> Missing {
    let region = |(region, kind): &(Region, crate::domain::reading::ReasonKind)| MissingRegion {
        region: region.to_string(),
        reason: kind.name(),
    };
    Missing {
        regions: gaps.regions.iter().map(region).collect(),
        descriptions: gaps.descriptions,
        policies: gaps.policies,
        tags: gaps.tags,
        rotations: gaps.rotations,
    }
}

fn entry(difference: &Difference) -> Entry {
    let original = |text: &Foreign| text.original().to_owned();
    Entry {
        kind: kind_name(difference.kind),
        certain: difference.kind.is_certain(),
        account: difference.account.as_ref().map(AccountId::to_string),
        key_id: difference.key.as_ref().map(KeyId::to_string),
        region: difference.region.as_ref().map(Region::to_string),
        field: difference.field,
        from: difference.from.as_ref().map(original),
        to: difference.to.as_ref().map(original),
        statements: difference.statements.iter().map(Safe::to_string).collect(),
    }
}
