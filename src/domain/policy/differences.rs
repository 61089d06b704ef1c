//! What two policies say differently, statement by statement.
//!
//! A Sid pairs two statements but is no difference by itself, and neither is order, form or each naming the Region of its key. The same text that names the
//! Region of one key only is a difference: for the other key it means something else. Whatever cannot be judged is a
//! difference: a policy is never called the same because keyfleet does not know what part of it means.

use std::collections::BTreeMap;

use super::document::{Document, Meaning, Statement};
use super::elements::{Change, Seen, alike, changes, count, is_bound, unmatched};
use super::region::Standpoint;
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
    let (old, new) = (before.spoken(after.region), after.spoken(before.region));
    let (removed, added) = (old.lacking(&new), new.lacking(&old));
    let (mut removed, mut added) =
        unmatched(removed, added, &|one: &Statement, other: &Statement| alike(old.seen(one), new.seen(other)));
    removed.retain(|statement| !old.is_for_both(statement, &new));
    added.retain(|statement| !new.is_for_both(statement, &old));
    removed.sort_by_key(|statement| statement.number);
    added.sort_by_key(|statement| statement.number);
    let by_text = |one: &Statement, other: &Statement| one.meaning == other.meaning;
    let by_sid = |one: &Statement, other: &Statement| one.sid.is_some() && one.sid == other.sid;
    let by_likeness = |one: &Statement, other: &Statement| count(old.seen(one), new.seen(other)) == 1;
    for belong in [&by_text as &dyn Fn(&Statement, &Statement) -> bool, &by_sid, &by_likeness] {
        for (one, other) in pairs(&mut removed, &mut added, belong) {
            let changes = changes(old.seen(one), new.seen(other));
            found.push(Kind::Changed { before: one.clone(), after: other.clone(), changes });
        }
    }
    found.extend(removed.into_iter().cloned().map(Kind::Removed));
    found.extend(added.into_iter().cloned().map(Kind::Added));
    found.into_iter().map(Difference).collect()
}

/// The statements of one side, one for each meaning: to say a thing twice is to say it.
struct Spoken<'a> {
    statements: BTreeMap<&'a Meaning, &'a Statement>,
    at: Standpoint<'a>,
}

impl<'a> Side<'a> {
    fn spoken(self, peer: &'a Region) -> Spoken<'a> {
        let statements = self.document.statements.iter().rev();
        Spoken {
            statements: statements.map(|statement| (&statement.meaning, statement)).collect(),
            at: Standpoint { region: self.region, peer },
        }
    }
}

impl<'a> Spoken<'a> {
    fn seen<'b>(&'b self, statement: &'b Statement) -> Seen<'b> {
        Seen { meaning: &statement.meaning, at: self.at }
    }

    /// What the other side does not say in the same words, and what means something else there though it does.
    fn lacking(&self, other: &Self) -> Vec<&'a Statement> {
        let is_same = |statement: &Statement| {
            let is_text = other.statements.contains_key(&statement.meaning);
            is_text && (self.at.region == self.at.peer || !is_bound(self.seen(statement)))
        };
        self.statements.values().filter(|statement| !is_same(statement)).copied().collect()
    }

    /// Whether it is the other side's, and both sides have it and the one for this side's Region: a policy for both Regions, statement by statement.
    fn is_for_both(&self, statement: &Statement, other: &Self) -> bool {
        let is_in_both =
            |meaning: &Meaning| self.statements.contains_key(meaning) && other.statements.contains_key(meaning);
        let is_own_form = |own: &Statement| {
            own.meaning != statement.meaning && alike(self.seen(own), other.seen(statement)) && is_in_both(&own.meaning)
        };
        is_in_both(&statement.meaning) && self.statements.values().any(|own| is_own_form(own))
    }
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
                let mut lines = if before.meaning == after.meaning {
                    vec![safe!("  {}", after.words())]
                } else {
                    vec![safe!("- {}", before.words()), safe!("+ {}", after.words())]
                };
                for change in changes {
                    lines.extend(change.misplaced.iter().map(|value| safe!("  {} {value}", change.element)));
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
    let apart = match (some(&change.dropped), some(&change.added)) {
        (Some(dropped), Some(added)) => Some(format!("{element} has {added} instead of {dropped}")),
        (Some(dropped), None) => Some(format!("{element} lacks {dropped}")),
        (None, Some(added)) => Some(format!("{element} also has {added}")),
        (None, None) => None,
    };
    let misplaced = some(&change.misplaced).map(|misplaced| format!("{element} {misplaced}"));
    apart.into_iter().chain(misplaced).collect::<Vec<_>>().join("; ")
}
