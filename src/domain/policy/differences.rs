//! What two policies say differently, statement by statement.
//!
//! A Sid pairs two statements but is no difference by itself, and neither is order, form or each naming the Region of its key. Whatever cannot be judged is a
//! difference: a policy is never called the same because keyfleet does not know what part of it means.

use std::collections::BTreeMap;

use super::document::{Document, Meaning, Statement};
use super::elements::{Change, Seen, alike, changes, count, unmatched};
use super::statement::{shown, unknown};
use crate::domain::id::Region;
use crate::domain::text::{Safe, safe};

/// The policy of one related key.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Side<'a> {
    pub(crate) document: &'a Document,
    pub(crate) region: &'a Region,
}

/// One thing that the first policy says and the second does not, or the other way round.
#[derive(Clone, Debug)]
pub(crate) struct Difference(Kind);

#[derive(Clone, Debug)]
enum Kind {
    Removed(Statement),
    Added(Statement),
    Changed {
        before: Statement,
        after: Statement,
        changes: Vec<Change>,
    },
    /// `Version`: before 2012 a policy has no variables.
    Version {
        before: String,
        after: String,
    },
    /// An element outside the statements that keyfleet does not know.
    Unknown {
        name: String,
        before: Option<String>,
        after: Option<String>,
    },
}

/// What the policies of two related keys say differently, apart from each naming its own Region. The first is the one that the second is measured by.
pub(crate) fn differences(before: Side<'_>, after: Side<'_>) -> Vec<Difference> {
    let mut found = outside(before.document, after.document);
    let (old, new) = (by_meaning(before.document), by_meaning(after.document));
    let lacking = |own: &BTreeMap<&Meaning, &'_ Statement>, theirs: &BTreeMap<&Meaning, &Statement>| {
        own.iter()
            .filter(|(meaning, _)| !theirs.contains_key(*meaning))
            .map(|(_, statement)| *statement)
            .cloned()
            .collect()
    };
    let (removed, added): (Vec<Statement>, Vec<Statement>) = (lacking(&old, &new), lacking(&new, &old));
    let sides = |one: &'_ Statement, other: &'_ Statement| alike(seen(one, before.region), seen(other, after.region));
    let (mut removed, mut added) = unmatched(removed.iter().collect(), added.iter().collect(), &sides);
    removed.sort_by_key(|statement| statement.number);
    added.sort_by_key(|statement| statement.number);
    let by_sid = |one: &Statement, other: &Statement| one.sid.is_some() && one.sid == other.sid;
    let by_likeness =
        |one: &Statement, other: &Statement| count(seen(one, before.region), seen(other, after.region)) == 1;
    for belong in [&by_sid as &dyn Fn(&Statement, &Statement) -> bool, &by_likeness] {
        for (one, other) in pairs(&mut removed, &mut added, belong) {
            let changes = changes(seen(one, before.region), seen(other, after.region));
            found.push(Kind::Changed { before: one.clone(), after: other.clone(), changes });
        }
    }
    found.extend(removed.into_iter().cloned().map(Kind::Removed));
    found.extend(added.into_iter().cloned().map(Kind::Added));
    found.into_iter().map(Difference).collect()
}

impl Difference {
    /// The difference in one line: which statement, and what of it.
    pub(crate) fn words(&self) -> Safe {
        match &self.0 {
            Kind::Removed(statement) => safe!("{} is missing: {}", statement.name(), statement.words()),
            Kind::Added(statement) => safe!("{} is new: {}", statement.name(), statement.words()),
            Kind::Changed { after, changes, .. } => {
                let all: Vec<String> = changes.iter().map(change_words).collect();
                safe!("{}: {}", after.name(), all.join("; "))
            }
            Kind::Version { before, after } => safe!("Version is {}, not {}", shown(after), shown(before)),
            Kind::Unknown { name, .. } => safe!("{}, an element that keyfleet does not know, differs", shown(name)),
        }
    }

    /// What is concerned, as lines of a diff: the statement as it was and as it is, then the values of which each element has fewer or more.
    pub(crate) fn lines(&self) -> Vec<Safe> {
        match &self.0 {
            Kind::Removed(statement) => vec![safe!("- {}", statement.words())],
            Kind::Added(statement) => vec![safe!("+ {}", statement.words())],
            Kind::Changed { before, after, changes } => {
                let mut lines = vec![safe!("- {}", before.words()), safe!("+ {}", after.words())];
                for change in changes {
                    lines.extend(change.dropped.iter().map(|value| safe!("  {} - {value}", change.element)));
                    lines.extend(change.added.iter().map(|value| safe!("  {} + {value}", change.element)));
                }
                lines
            }
            Kind::Version { before, after } => {
                vec![safe!("- Version {}", shown(before)), safe!("+ Version {}", shown(after))]
            }
            Kind::Unknown { name, before, after } => {
                let line =
                    |sign, value: &Option<String>| value.as_ref().map(|value| safe!("{sign} {}", unknown(name, value)));
                line("-", before).into_iter().chain(line("+", after)).collect()
            }
        }
    }
}

fn outside(before: &Document, after: &Document) -> Vec<Kind> {
    let mut found = Vec::new();
    if before.version != after.version {
        found.push(Kind::Version { before: before.version.clone(), after: after.version.clone() });
    }
    let mut names: Vec<&String> = before.others.keys().chain(after.others.keys()).collect();
    names.sort();
    names.dedup();
    for name in names {
        let (old, new) = (before.others.get(name).cloned(), after.others.get(name).cloned());
        if old != new {
            found.push(Kind::Unknown { name: name.clone(), before: old, after: new });
        }
    }
    found
}

fn seen<'a>(statement: &'a Statement, region: &'a Region) -> Seen<'a> {
    Seen { meaning: &statement.meaning, region }
}

/// One statement for each meaning: to say a thing twice is to say it.
fn by_meaning(document: &Document) -> BTreeMap<&Meaning, &Statement> {
    document.statements.iter().rev().map(|statement| (&statement.meaning, statement)).collect()
}

/// Takes the statements that belong together out of both lists.
fn pairs<'a>(
    removed: &mut Vec<&'a Statement>,
    added: &mut Vec<&'a Statement>,
    belong: &dyn Fn(&Statement, &Statement) -> bool,
) -> Vec<(&'a Statement, &'a Statement)> {
    let mut found = Vec::new();
    removed.retain(|one| match added.iter().position(|other| belong(one, other)) {
        Some(index) => {
            found.push((*one, added.remove(index)));
            false
        }
        None => true,
    });
    found
}

fn change_words(change: &Change) -> String {
    let some = |values: &[String]| match values {
        [] => None,
        [one] => Some(one.clone()),
        [first, rest @ ..] => Some(format!("{first} and {} more", rest.len())),
    };
    let element = change.element;
    match (some(&change.dropped), some(&change.added)) {
        (Some(dropped), Some(added)) => format!("{element} has {added} instead of {dropped}"),
        (Some(dropped), None) => format!("{element} lacks {dropped}"),
        (None, Some(added)) => format!("{element} also has {added}"),
        (None, None) => format!("{element} differs"),
    }
}
