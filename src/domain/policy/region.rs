//! Where a value names a Region, and which of those names stand for the Region of the key itself.
//!
//! This is the one rule for both questions that depend on it: what a copy for another Region must say instead, and whether the policies of two related keys
//! differ in more than their Regions. A name is replaced only where AWS composes the value from the Region: host names of services, and the Region of an ARN.
//! Names that people chose (roles, tags, Sids, encryption contexts, log groups) are left alone: they name the same thing from every Region.

use std::collections::BTreeSet;
use std::ops::Range;

use super::document::{Condition, Document, Listed, Meaning, Principal, Statement};
use crate::domain::id::Region;

/// Stands for the Region of the key in a normalised policy. No policy can hold it as a name.
const OWN: &str = "{own Region}";

/// What a string in a policy is for, as far as that decides about Regions.
#[derive(Clone, Debug)]
pub(super) enum Use<'a> {
    Principal {
        kind: &'a str,
    },
    Resource {
        is_negated: bool,
    },
    Condition {
        operator: &'a str,
        key: &'a str,
    },
    /// Sids, names of elements, actions, whatever keyfleet does not know.
    Text,
}

/// What a name of a Region is part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PlaceKind {
    ViaService,
    ServicePrincipal,
    Arn,
    /// The value of another condition.
    Condition,
    /// A name or a remark: rewriting leaves it as it is.
    Text,
}

/// The byte ranges in which the value names the Region as a word of its own: `us-east-1` is not in `us-east-10`.
pub(super) fn words(value: &str, region: &Region) -> Vec<Range<usize>> {
    let is_apart = |character: Option<char>| !character.is_some_and(char::is_alphanumeric);
    found(value, region, is_apart, is_apart)
}

/// The ranges that mean the Region of the key itself, and what they are part of.
pub(super) fn own(part: &Use<'_>, value: &str, region: &Region) -> Option<(PlaceKind, Vec<Range<usize>>)> {
    let is_arn = value.starts_with("arn:");
    let (kind, ranges) = match part {
        Use::Principal { .. } | Use::Resource { .. } | Use::Condition { .. } if is_arn => {
            (PlaceKind::Arn, in_arn(value, region))
        }
        Use::Principal { kind: "Service" } => (PlaceKind::ServicePrincipal, labels(value, region)),
        Use::Principal { .. } | Use::Resource { .. } | Use::Text => return None,
        Use::Condition { key, .. } => match subject(key) {
            Subject::Via => (PlaceKind::ViaService, labels(value, region)),
            Subject::Service => (PlaceKind::ServicePrincipal, labels(value, region)),
            Subject::Request => (PlaceKind::Condition, labels(value, region)),
            Subject::Chosen => return None,
        },
    };
    (!ranges.is_empty()).then_some((kind, ranges))
}

/// Where a policy stands, and where the one that it is compared with does.
#[derive(Clone, Copy, Debug)]
pub(super) struct Standpoint<'a> {
    pub(super) region: &'a Region,
    pub(super) peer: &'a Region,
}

/// A part of a value: text, or what means a Region by the place it has there. No text can pass for a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Piece<'a> {
    Text(&'a str),
    Own,
    Peer,
}

/// A value cut where it means the Region of its key, or that of the other key. Two values, each seen from its own Region, are alike if their pieces are.
pub(super) fn pieces<'a>(part: &Use<'_>, value: &'a str, at: Standpoint<'_>) -> Vec<Piece<'a>> {
    let ranges = |region: &Region| own(part, value, region).map(|(_, ranges)| ranges).unwrap_or_default();
    let mut cuts: Vec<(Range<usize>, Piece<'a>)> = Vec::new();
    cuts.extend(ranges(at.region).into_iter().map(|range| (range, Piece::Own)));
    if at.peer != at.region {
        cuts.extend(ranges(at.peer).into_iter().map(|range| (range, Piece::Peer)));
        cuts.sort_by_key(|(range, _)| range.start);
    }
    let (mut pieces, mut from) = (Vec::new(), 0);
    for (range, piece) in cuts {
        pieces.extend(value.get(from..range.start).map(Piece::Text));
        pieces.push(piece);
        from = range.end;
    }
    pieces.extend(value.get(from..).map(Piece::Text));
    pieces
}

/// Whose property a condition key is.
enum Subject {
    Via,
    Service,
    Request,
    /// The caller's, a tag's, the encryption context's or the target's: chosen by people, and the same whichever Region is asked.
    Chosen,
}

fn subject(key: &str) -> Subject {
    let key = key.to_ascii_lowercase();
    let chosen =
        ["aws:principal", "aws:user", "aws:resourcetag/", "aws:requesttag/", "aws:tagkeys", "kms:encryptioncontext"];
    match key.as_str() {
        "kms:viaservice" => Subject::Via,
        "aws:principalservicename" | "aws:principalservicenameslist" => Subject::Service,
        // The target of a change: the same Region, whichever the request is sent to.
        "kms:replicaregion" | "kms:primaryregion" => Subject::Chosen,
        key if chosen.iter().any(|prefix| key.starts_with(prefix)) => Subject::Chosen,
        key if key.starts_with("aws:") || key.starts_with("kms:") => Subject::Request,
        _ => Subject::Chosen,
    }
}

/// The Region field of an ARN, if it is this Region.
fn in_arn(value: &str, region: &Region) -> Vec<Range<usize>> {
    let fields: Vec<&str> = value.splitn(6, ':').collect();
    let (before, field) = (fields.iter().take(3).map(|field| field.len() + 1).sum(), fields.get(3));
    field.filter(|field| **field == region.as_str()).map(|field| before..before + field.len()).into_iter().collect()
}

/// Whole labels of a host name: between dots, or beside a wildcard.
fn labels(value: &str, region: &Region) -> Vec<Range<usize>> {
    let is_end = |character: Option<char>| matches!(character, None | Some('.' | '*'));
    found(value, region, is_end, is_end)
}

fn found(
    value: &str,
    region: &Region,
    before: impl Fn(Option<char>) -> bool,
    after: impl Fn(Option<char>) -> bool,
) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    for (start, name) in value.match_indices(region.as_str()) {
        let end = start + name.len();
        let left = value.get(..start).and_then(|text| text.chars().next_back());
        let right = value.get(end..).and_then(|text| text.chars().next());
        if before(left) && after(right) {
            ranges.push(start..end);
        }
    }
    ranges
}

impl Document {
    /// The policy as it would stand for a key in any Region: what means the key's own Region is replaced by one mark.
    pub(crate) fn normalised(&self, region: &Region) -> Document {
        let statements = self
            .statements
            .iter()
            .map(|statement| Statement { meaning: neutral_meaning(&statement.meaning, region), ..statement.clone() });
        Document { statements: statements.collect(), ..self.clone() }
    }
}

/// The meaning of a statement with the key's own Region replaced by one mark.
pub(super) fn neutral_meaning(original: &Meaning, region: &Region) -> Meaning {
    let resource = Use::Resource { is_negated: original.resources.is_negated };
    Meaning {
        principals: Listed {
            values: original.principals.values.iter().map(|principal| of_principal(principal, region)).collect(),
            ..original.principals.clone()
        },
        resources: Listed {
            values: neutral(&original.resources.values, &resource, region),
            ..original.resources.clone()
        },
        conditions: original.conditions.iter().map(|condition| of_condition(condition, region)).collect(),
        ..original.clone()
    }
}

fn of_principal(principal: &Principal, region: &Region) -> Principal {
    match principal {
        Principal::Anyone | Principal::Account(_) => principal.clone(),
        Principal::Aws(name) => Principal::Aws(replaced(&Use::Principal { kind: "AWS" }, name, region)),
        Principal::Other { kind, name } => {
            Principal::Other { kind: kind.clone(), name: replaced(&Use::Principal { kind }, name, region) }
        }
    }
}

fn of_condition(condition: &Condition, region: &Region) -> Condition {
    let part = Use::Condition { operator: &condition.operator.0, key: &condition.key.0 };
    Condition { values: neutral(&condition.values, &part, region), ..condition.clone() }
}

fn neutral(values: &BTreeSet<String>, part: &Use<'_>, region: &Region) -> BTreeSet<String> {
    values.iter().map(|value| replaced(part, value, region)).collect()
}

fn replaced(part: &Use<'_>, value: &str, region: &Region) -> String {
    let mut text = value.to_owned();
    let ranges = own(part, value, region).map(|(_, ranges)| ranges).unwrap_or_default();
    for range in ranges.into_iter().rev() {
        text.replace_range(range, OWN);
    }
    text
}
