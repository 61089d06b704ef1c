//! Every place of a policy that names a Region, what it means in a copy for another one, and the policy rewritten for it.
//!
//! Rewriting changes the strings concerned and no other byte: what is sent can be laid beside what the primary has.

use std::ops::Range;

use super::PolicyError;
use super::json::{self, Node, Shape, Text, source_range};
use super::region::{PlaceKind, Use, own, words};
use crate::domain::id::Region;
use crate::domain::text::{Foreign, Safe, safe};

/// A string of the policy that names the Region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PlaceNamed {
    /// The number of the statement, from 1; None outside all of them.
    pub(crate) statement: Option<usize>,
    pub(crate) sid: Option<Foreign>,
    /// The way to the string from its statement (else from the top): names of elements between dots.
    pub(crate) path: Foreign,
    pub(crate) value: Foreign,
    pub(crate) kind: PlaceKind,
    pub(crate) in_a_copy: InACopy,
}

/// What becomes of a place if the policy is copied verbatim into another Region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum InACopy {
    NeverMatches,
    /// The test says "anything but this", and everything is.
    AlwaysMatches,
    /// A principal of another Region: AWS may answer `MalformedPolicyDocumentException`, and if not it never matches.
    MayBeRefused,
    StillRight,
}

impl PlaceNamed {
    /// Whether rewriting changes this place.
    pub(crate) fn is_rewritten(&self) -> bool {
        self.kind != PlaceKind::Text
    }

    /// What stands there, what it means for a verbatim copy in `to`, and where it stands.
    pub(crate) fn words(&self, to: &Region) -> Safe {
        let place = match (self.statement, &self.sid) {
            // A Sid need not be told by itself.
            (Some(number), Some(sid)) if *sid != self.value => safe!("statement {number} “{}”", sid.safe()),
            (Some(number), _) => safe!("statement {number}"),
            (None, _) => Safe::from_static("outside the statements"),
        };
        let meaning = match self.in_a_copy {
            InACopy::NeverMatches => safe!("never matches in {to}"),
            InACopy::AlwaysMatches => safe!("is never so in {to}: the test always holds"),
            InACopy::MayBeRefused => safe!("may be refused in {to}, else never matches"),
            InACopy::StillRight => safe!("is only a name, the same in {to}"),
        };
        safe!("{} = {} {meaning} ({place})", self.label(), self.value.safe())
    }

    /// The end of the path that tells it: the key of a condition without its operator.
    fn label(&self) -> Safe {
        let path = self.path.original();
        let key = path.strip_prefix("Condition.").and_then(|rest| rest.split_once('.')).map(|(_, key)| key);
        Foreign::new(key.unwrap_or(path)).safe()
    }
}

/// Every place where the policy names the Region, in the order of the text. A text that is no policy names it nowhere: see `Document::parse`.
pub(crate) fn places(policy: &str, region: &Region) -> Vec<PlaceNamed> {
    let Ok(root) = json::read(policy) else { return Vec::new() };
    let mut places = Vec::new();
    for spot in spots(&root) {
        let all = words(&spot.text.value, region).len();
        let (kind, replaced) = own(&spot.part, &spot.text.value, region).unwrap_or((PlaceKind::Text, Vec::new()));
        if !replaced.is_empty() {
            places.push(spot.place(kind));
        }
        if all > replaced.len() {
            places.push(spot.place(PlaceKind::Text));
        }
    }
    places
}

/// The policy for a key in `to`: what means the key's own Region names that one instead.
pub(crate) fn rewritten(policy: &str, from: &Region, to: &Region) -> Result<String, PolicyError> {
    let root = json::read(policy)?;
    let mut ranges: Vec<Range<usize>> = Vec::new();
    for spot in spots(&root) {
        let replaced = own(&spot.part, &spot.text.value, from).map(|(_, ranges)| ranges).unwrap_or_default();
        ranges.extend(replaced.iter().filter_map(|range| source_range(policy, spot.text, range)));
    }
    ranges.sort_by_key(|range| range.start);
    let mut text = policy.to_owned();
    for range in ranges.into_iter().rev() {
        text.replace_range(range, to.as_str());
    }
    Ok(text)
}

/// A string of the document and what it is for.
struct Spot<'a> {
    statement: Option<(usize, Option<&'a str>)>,
    path: String,
    part: Use<'a>,
    text: &'a Text,
}

impl Spot<'_> {
    fn place(&self, kind: PlaceKind) -> PlaceNamed {
        PlaceNamed {
            statement: self.statement.map(|(number, _)| number),
            sid: self.statement.and_then(|(_, sid)| sid).map(Foreign::new),
            path: Foreign::new(self.path.as_str()),
            value: Foreign::new(self.text.value.as_str()),
            kind,
            in_a_copy: self.in_a_copy(kind),
        }
    }

    fn in_a_copy(&self, kind: PlaceKind) -> InACopy {
        if kind == PlaceKind::Text {
            return InACopy::StillRight;
        }
        let is_negated = match &self.part {
            Use::Principal { .. } => return InACopy::MayBeRefused,
            Use::Resource { is_negated } => *is_negated,
            Use::Condition { operator, .. } => operator.to_ascii_lowercase().contains("not"),
            Use::Text => false,
        };
        if is_negated { InACopy::AlwaysMatches } else { InACopy::NeverMatches }
    }
}

/// Every string of a document, names of elements included.
fn spots(root: &Node) -> Vec<Spot<'_>> {
    let mut walk = Walk { statement: None, spots: Vec::new() };
    let Shape::Object(members) = &root.shape else {
        walk.texts(root, &Use::Text, "");
        return walk.spots;
    };
    for member in members {
        walk.statement = None;
        walk.text(&member.name, &Use::Text, "");
        if member.name.value != "Statement" {
            walk.texts(&member.value, &Use::Text, &member.name.value);
            continue;
        }
        match &member.value.shape {
            Shape::List(items) => items.iter().enumerate().for_each(|(index, item)| walk.statement(index + 1, item)),
            Shape::Object(_) | Shape::Text(_) | Shape::Bare(_) => walk.statement(1, &member.value),
        }
    }
    walk.spots
}

struct Walk<'a> {
    statement: Option<(usize, Option<&'a str>)>,
    spots: Vec<Spot<'a>>,
}

impl<'a> Walk<'a> {
    fn statement(&mut self, number: usize, node: &'a Node) {
        self.statement = Some((number, sid(node)));
        let Shape::Object(members) = &node.shape else {
            self.texts(node, &Use::Text, "");
            return;
        };
        for member in members {
            let (name, value) = (member.name.value.as_str(), &member.value);
            self.text(&member.name, &Use::Text, "");
            match name {
                "Principal" | "NotPrincipal" => self.principals(name, value),
                "Resource" | "NotResource" => {
                    self.texts(value, &Use::Resource { is_negated: name == "NotResource" }, name);
                }
                "Condition" => self.conditions(value),
                other => self.texts(value, &Use::Text, other),
            }
        }
    }

    fn principals(&mut self, element: &str, node: &'a Node) {
        let Shape::Object(kinds) = &node.shape else {
            return self.texts(node, &Use::Principal { kind: "AWS" }, element);
        };
        for member in kinds {
            self.text(&member.name, &Use::Text, element);
            let kind = member.name.value.as_str();
            self.texts(&member.value, &Use::Principal { kind }, &format!("{element}.{kind}"));
        }
    }

    fn conditions(&mut self, node: &'a Node) {
        let Shape::Object(operators) = &node.shape else { return self.texts(node, &Use::Text, "Condition") };
        for tests in operators {
            let operator = tests.name.value.as_str();
            self.text(&tests.name, &Use::Text, "Condition");
            let path = format!("Condition.{operator}");
            let Shape::Object(keys) = &tests.value.shape else {
                self.texts(&tests.value, &Use::Text, &path);
                continue;
            };
            for member in keys {
                let key = member.name.value.as_str();
                self.text(&member.name, &Use::Text, &path);
                self.texts(&member.value, &Use::Condition { operator, key }, &format!("{path}.{key}"));
            }
        }
    }

    /// All strings below a node, for the same use.
    fn texts(&mut self, node: &'a Node, part: &Use<'a>, path: &str) {
        match &node.shape {
            Shape::Text(text) => self.text(text, part, path),
            Shape::List(items) => items.iter().for_each(|item| self.texts(item, part, path)),
            Shape::Object(members) => {
                for member in members {
                    self.text(&member.name, &Use::Text, path);
                    let below = format!("{path}.{}", member.name.value);
                    self.texts(&member.value, part, &below);
                }
            }
            Shape::Bare(_) => {}
        }
    }

    fn text(&mut self, text: &'a Text, part: &Use<'a>, path: &str) {
        self.spots.push(Spot { statement: self.statement, path: path.to_owned(), part: part.clone(), text });
    }
}

fn sid(statement: &Node) -> Option<&str> {
    let Shape::Object(members) = &statement.shape else { return None };
    members.iter().find(|member| member.name.value == "Sid").and_then(|member| match &member.value.shape {
        Shape::Text(text) if !text.value.is_empty() => Some(text.value.as_str()),
        Shape::Text(_) | Shape::Object(_) | Shape::List(_) | Shape::Bare(_) => None,
    })
}
