//! What should be the same in all related keys, compared with the primary's; without a readable primary with the first that can be read.
//!
//! Two members that differ do so whatever else is dark. That all are the same is said only if all were read.

use super::deep::Found;
use super::{Judgement, Looked, Remedy, doubt, passed};
use crate::domain::evidence::Evidence;
use crate::domain::standing::{Member, described};
use crate::domain::text::{Safe, safe};

/// What one member has.
#[derive(Debug)]
pub(super) struct Own<'a, T> {
    pub(super) member: Member<'a>,
    pub(super) value: T,
    evidence: Evidence,
}

/// The members' values and what could not be read.
pub(super) struct Compared<'a, T> {
    /// The primary's first, if it was read.
    pub(super) own: Vec<Own<'a, T>>,
    unread: Vec<Judgement>,
}

impl<T> Compared<'_, T> {
    /// Leaves the members out of which there is nothing to compare.
    pub(super) fn keep(mut self, is_compared: impl Fn(&T) -> bool) -> Self {
        self.own.retain(|own| is_compared(&own.value));
        self
    }
}

/// Reads the thing of every member that was described.
pub(super) fn gather<'a, T>(looked: &Looked<'a>, read: impl Fn(&Member<'a>) -> Found<T>) -> Compared<'a, T> {
    let (mut own, mut unread) = (Vec::new(), Vec::new());
    for member in primary_first(looked) {
        match read(&member) {
            Ok((value, evidence)) => own.push(Own { member, value, evidence }),
            Err(judgement) => unread.push(*judgement),
        }
    }
    Compared { own, unread }
}

/// Compares every member with the first; `differ` says in what, or nothing.
pub(super) fn judge<'a, T>(
    looked: &Looked<'a>,
    compared: &Compared<'a, T>,
    remedy: &Remedy,
    differ: impl Fn(&Own<'a, T>, &Own<'a, T>) -> Option<Safe>,
) -> Vec<Judgement> {
    if is_alone(looked) {
        return Vec::new();
    }
    let mut judgements = Vec::new();
    if let Some((reference, others)) = compared.own.split_first() {
        for other in others {
            let Some(what) = differ(reference, other) else { continue };
            let detail = safe!("{} against {}: {what}", other.member.region, named(looked, &reference.member));
            let evidence = vec![reference.evidence.clone(), other.evidence.clone()];
            let judgement = Judgement::fail(Some(other.member.region.clone()), detail, evidence);
            judgements.push(Judgement { remedy: remedy.clone(), ..judgement });
        }
    }
    judgements.extend(compared.unread.iter().cloned());
    judgements.extend(doubt(looked));
    if judgements.is_empty() {
        let passed = passed(looked, "the same in all related keys");
        let evidence = evidence(compared, passed.evidence);
        judgements.push(Judgement { evidence, ..passed });
    }
    judgements
}

/// The same of something that every description has.
pub(super) fn gather_described<'a, T>(looked: &Looked<'a>, value: impl Fn(&Member<'a>) -> T) -> Compared<'a, T> {
    gather(looked, |member| Ok((value(member), described(member))))
}

/// Without another member there is nothing to compare, and none is hidden.
fn is_alone(looked: &Looked<'_>) -> bool {
    let hidden = looked.subject.hidden();
    looked.subject.members().len() + hidden.members.len() + hidden.regions.len() <= 1
}

fn primary_first<'a>(looked: &Looked<'a>) -> Vec<Member<'a>> {
    let primary = looked.subject.row.primary_region();
    let mut members = looked.subject.members();
    members.sort_by_key(|member| Some(member.region) != primary);
    members
}

fn named(looked: &Looked<'_>, reference: &Member<'_>) -> Safe {
    if looked.subject.row.primary_region() == Some(reference.region) {
        safe!("the primary in {}", reference.region)
    } else {
        safe!("{} (the primary's could not be read)", reference.region)
    }
}

fn evidence<T>(compared: &Compared<'_, T>, held: Vec<Evidence>) -> Vec<Evidence> {
    let mut all: Vec<Evidence> = held.into_iter().chain(compared.own.iter().map(|own| own.evidence.clone())).collect();
    all.sort();
    all.dedup();
    all
}

/// What one list has and the other lacks, in words: at most three of each.
pub(super) fn set_words(reference: &[Safe], other: &[Safe]) -> Option<Safe> {
    let lacking = |own: &[Safe], theirs: &[Safe]| -> Vec<String> {
        own.iter().filter(|name| !theirs.contains(name)).map(ToString::to_string).collect()
    };
    let (lacks, has) = (lacking(reference, other), lacking(other, reference));
    let some = |names: &[String]| match names {
        [first, second, third, rest @ ..] if !rest.is_empty() => {
            format!("{first}, {second}, {third} and {} more", rest.len())
        }
        few => few.join(", "),
    };
    match (lacks.is_empty(), has.is_empty()) {
        (true, true) => None,
        (false, true) => Some(safe!("lacks {}", some(&lacks))),
        (true, false) => Some(safe!("also has {}", some(&has))),
        (false, false) => Some(safe!("lacks {}; also has {}", some(&lacks), some(&has))),
    }
}
