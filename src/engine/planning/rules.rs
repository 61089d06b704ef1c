//! What the coverage rules say of where a change leads. A rule that forbids the target stops a replica before it is made: keyfleet could not remove it.

use super::Facts;
use crate::domain::filter::Truth;
use crate::domain::fleet::presence::Presence;
use crate::domain::fleet::row::Row;
use crate::domain::id::Region;
use crate::domain::plan::{Change, Mutation, Precondition, Verdict};
use crate::domain::rule::Rule;
use crate::domain::text::{Safe, safe};

/// Whether a replica may be made there, as far as it is known which keys the rules are about.
pub(super) fn conditions(facts: Facts<'_>, mutation: &Mutation) -> Vec<Precondition> {
    let Some((to, row)) = target(facts, mutation) else { return Vec::new() };
    let rules = facts.fleet.rules();
    let mut conditions: Vec<Precondition> =
        rules.iter().filter(|rule| rule.forbids(to)).filter_map(|rule| against(rule, &row, to)).collect();
    if conditions.iter().any(|condition| condition.blocks) {
        return conditions;
    }
    let none_forbids = if conditions.is_empty() { safe!(", none forbids it") } else { Safe::default() };
    let about: Vec<&Rule> = rules.iter().filter(|rule| rule.matching.matches(&row) == Truth::Yes).collect();
    let requires = |rule: &&&Rule| rule.required.iter().any(|pattern| pattern.matches(to));
    let requiring: Vec<String> = about.iter().filter(requires).map(|rule| rule.name.safe().to_string()).collect();
    let text = match requiring.as_slice() {
        [] if about.is_empty() || !conditions.is_empty() => return conditions,
        [] => safe!("rules: none forbids {to}"),
        [one] => safe!("rules: {one} requires {to}{none_forbids}"),
        several => safe!("rules: {} require {to}{none_forbids}", several.join(", ")),
    };
    conditions.insert(0, Precondition { text, result: Verdict::Pass, blocks: true });
    conditions
}

/// The rule that certainly forbids the target. Right before a step is sent fewer Regions may have been read than when it was planned: what the plan could
/// decide then is not taken back because it cannot be decided now.
pub(super) fn forbidden(facts: Facts<'_>, mutation: &Mutation) -> Option<Precondition> {
    conditions(facts, mutation).into_iter().find(|condition| condition.result == Verdict::Fail)
}

/// What a promotion does to the rules about where the primary may be. It is said and does not stop anybody: in an incident the primary goes where it can.
pub(super) fn consequences(facts: Facts<'_>, mutation: &Mutation) -> Vec<Safe> {
    let Change::UpdatePrimaryRegion { to } = &mutation.change else { return Vec::new() };
    let Some(row) = facts.row().filter(|_| !facts.fleet.rules().is_empty()) else { return Vec::new() };
    let is_against = |rule: &&Rule| !rule.primary.is_empty() && !rule.primary.iter().any(|may| may.matches(to));
    let against = facts.fleet.rules().iter().filter(is_against);
    let against = against.filter(|rule| rule.matching.matches(&row) == Truth::Yes);
    against.map(|rule| safe!("! rule {} wants the primary in {}", rule.name.safe(), rule.primary_words())).collect()
}

fn target<'a>(facts: Facts<'_>, mutation: &'a Mutation) -> Option<(&'a Region, Row)> {
    let Change::ReplicateKey { to, .. } = &mutation.change else { return None };
    if facts.fleet.rules().is_empty() {
        return None;
    }
    Some((to, facts.row()?))
}

fn against(rule: &Rule, row: &Row, to: &Region) -> Option<Precondition> {
    let name = rule.name.safe();
    match rule.matching.matches(row) {
        Truth::No => None,
        Truth::Yes => {
            Some(Precondition { text: safe!("rule {name} forbids {to}"), result: Verdict::Fail, blocks: true })
        }
        Truth::Undecided => {
            let text = safe!("rule {name} forbids {to}; whether it is about this key is not known");
            let blocks = rule.matching.matches(&without_the_unreadable(row, to)) != Truth::No;
            Some(Precondition { text, result: Verdict::Unknown, blocks })
        }
    }
}

/// The key as if it had no members that could not be read, but those in its primary's Region and in the target. What is not known elsewhere is listed and
/// stops nothing: else one Region that denies everything would keep every key from being replicated.
fn without_the_unreadable(row: &Row, to: &Region) -> Row {
    let mut known = row.clone();
    let primary = row.primary_region().cloned();
    known.cells.retain(|cell| match &cell.presence {
        Presence::Unknown(unknown) => unknown.waiting || cell.region == *to || Some(&cell.region) == primary.as_ref(),
        Presence::Present(_) | Presence::Absent(_) => true,
    });
    known
}
