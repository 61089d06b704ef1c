//! Which elements of two statements differ, and in which values.
//!
//! Each value of one must have a like of its own in the other: the same text, or the same but for each naming the Region of its key. So a value that names
//! a further Region is a difference, and a list of all Regions, the same on both sides, is none.

use std::collections::BTreeSet;

use super::document::{Condition, Listed, Meaning, Principal};
use super::region::{Use, pieces};
use super::statement::{action, effect, shown, test, unknown, who};
use crate::domain::id::Region;

/// What a statement says, for a key in a Region.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen<'a> {
    pub(super) meaning: &'a Meaning,
    pub(super) region: &'a Region,
}

/// An element that differs, and the values that only one side has.
#[derive(Clone, Debug)]
pub(super) struct Change {
    pub(super) element: &'static str,
    pub(super) dropped: Vec<String>,
    pub(super) added: Vec<String>,
}

/// What only the first has, and what only the second has.
type Apart<'a, Value> = (Vec<&'a Value>, Vec<&'a Value>);

/// Whether two statements say the same, each for its key.
pub(super) fn alike(one: Seen<'_>, other: Seen<'_>) -> bool {
    // The cheap questions first.
    one.meaning.effect == other.meaning.effect && one.meaning.actions == other.meaning.actions && count(one, other) == 0
}

/// How many elements differ.
pub(super) fn count(one: Seen<'_>, other: Seen<'_>) -> usize {
    let (before, after) = (one.meaning, other.meaning);
    let differs = [
        before.effect != after.effect,
        !same(&before.principals, &after.principals, &principals(one, other)),
        before.actions != after.actions,
        !same(&before.resources, &after.resources, &resources(one, other)),
        !is_nothing(&conditions(one, other)),
        before.others != after.others,
    ];
    differs.into_iter().filter(|differs| *differs).count()
}

/// The elements that differ, with their values as words.
pub(super) fn changes(one: Seen<'_>, other: Seen<'_>) -> Vec<Change> {
    let (before, after) = (one.meaning, other.meaning);
    let mut found = Vec::new();
    if before.effect != after.effect {
        let (dropped, added) = (vec![effect(before.effect).to_owned()], vec![effect(after.effect).to_owned()]);
        found.push(Change { element: "Effect", dropped, added });
    }
    let actions = apart(&before.actions.values, &after.actions.values, |action| action, |action| action);
    found.extend(listed(
        ["Principal", "NotPrincipal"],
        [&before.principals, &after.principals],
        &principals(one, other),
        who,
    ));
    found.extend(listed(["Action", "NotAction"], [&before.actions, &after.actions], &actions, action));
    found.extend(listed(
        ["Resource", "NotResource"],
        [&before.resources, &after.resources],
        &resources(one, other),
        |value| shown(value),
    ));
    found.push(change("Condition", &conditions(one, other), test));
    let others = |own: &Meaning, theirs: &Meaning| {
        let only = own.others.iter().filter(|(name, value)| theirs.others.get(*name) != Some(*value));
        only.map(|(name, value)| unknown(name, value)).collect()
    };
    found.push(Change { element: "an unknown element", dropped: others(before, after), added: others(after, before) });
    found.retain(|change| !change.dropped.is_empty() || !change.added.is_empty());
    found
}

/// What has no like of its own on the other side. Likeness may offer several partners; as many as can are given one, whatever the order.
pub(super) fn unmatched<'a, Value>(
    one: Vec<&'a Value>,
    other: Vec<&'a Value>,
    is_like: &dyn Fn(&Value, &Value) -> bool,
) -> Apart<'a, Value> {
    let likes =
        |value: &Value| (0..).zip(&other).filter(|(_, theirs)| is_like(value, theirs)).map(|(at, _)| at).collect();
    let likes: Vec<Vec<usize>> = one.iter().map(|value| likes(value)).collect();
    let mut partners = vec![None; other.len()];
    for index in 0..one.len() {
        give_partner(index, &likes, &mut partners, &mut vec![false; other.len()]);
    }
    let left = (0..).zip(one).filter(|(index, _)| !partners.contains(&Some(*index))).map(|(_, value)| value);
    let right = partners.iter().zip(other).filter(|(partner, _)| partner.is_none()).map(|(_, value)| value);
    (left.collect(), right.collect())
}

/// Finds a partner for one, moving those before it to others where that makes room.
fn give_partner(index: usize, likes: &[Vec<usize>], partners: &mut [Option<usize>], is_tried: &mut [bool]) -> bool {
    for &candidate in likes.get(index).into_iter().flatten() {
        if is_tried.get_mut(candidate).is_none_or(|tried| std::mem::replace(tried, true)) {
            continue;
        }
        let former = partners.get(candidate).copied().flatten();
        if former.is_none_or(|former| give_partner(former, likes, partners, is_tried)) {
            if let Some(partner) = partners.get_mut(candidate) {
                *partner = Some(index);
            }
            return true;
        }
    }
    false
}

fn principals<'a>(one: Seen<'a>, other: Seen<'a>) -> Apart<'a, Principal> {
    let (before, after) = (&one.meaning.principals.values, &other.meaning.principals.values);
    apart(before, after, |value| principal_key(value, one.region), |value| principal_key(value, other.region))
}

fn resources<'a>(one: Seen<'a>, other: Seen<'a>) -> Apart<'a, String> {
    let key = |listed: &'a Listed<String>, region: &'a Region| {
        let part = Use::Resource { is_negated: listed.is_negated };
        move |value: &'a String| pieces(&part, value, region)
    };
    let (before, after) = (&one.meaning.resources, &other.meaning.resources);
    apart(&before.values, &after.values, key(before, one.region), key(after, other.region))
}

fn conditions<'a>(one: Seen<'a>, other: Seen<'a>) -> Apart<'a, Condition> {
    let (before, after) = (&one.meaning.conditions, &other.meaning.conditions);
    unmatched(before.difference(after).collect(), after.difference(before).collect(), &|first, second| {
        is_same_test((first, one.region), (second, other.region))
    })
}

fn is_same_test((one, here): (&Condition, &Region), (other, there): (&Condition, &Region)) -> bool {
    if one.operator != other.operator || one.key != other.key {
        return false;
    }
    let part = Use::Condition { operator: &one.operator.0, key: &one.key.0 };
    let (before, after) = (compared(one), compared(other));
    is_nothing(&apart(&before, &after, |value| pieces(&part, value, here), |value| pieces(&part, value, there)))
}

/// The values of a test, as far as its operator tells them apart.
fn compared(condition: &Condition) -> BTreeSet<String> {
    let operator = condition.operator.lower();
    let operator = operator.strip_suffix("ifexists").unwrap_or(&operator);
    let operator = operator.rsplit(':').next().unwrap_or(operator);
    let ignores_case = ["stringequalsignorecase", "stringnotequalsignorecase", "bool", "null"].contains(&operator);
    condition.values.iter().map(|value| if ignores_case { value.to_ascii_lowercase() } else { value.clone() }).collect()
}

/// A principal as it would stand for a key in any Region.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum PrincipalKey<'a> {
    Whole(&'a Principal),
    Aws(Vec<&'a str>),
    Other { kind: &'a str, name: Vec<&'a str> },
}

fn principal_key<'a>(principal: &'a Principal, region: &Region) -> PrincipalKey<'a> {
    match principal {
        Principal::Anyone | Principal::Account(_) => PrincipalKey::Whole(principal),
        Principal::Aws(name) => PrincipalKey::Aws(pieces(&Use::Principal { kind: "AWS" }, name, region)),
        Principal::Other { kind, name } => {
            PrincipalKey::Other { kind, name: pieces(&Use::Principal { kind }, name, region) }
        }
    }
}

/// The values of each side that the other lacks, by text and by key. On each side no two values have one key.
fn apart<'a, Value: Ord, Key: Ord>(
    one: &'a BTreeSet<Value>,
    other: &'a BTreeSet<Value>,
    key: impl Fn(&'a Value) -> Key,
    other_key: impl Fn(&'a Value) -> Key,
) -> Apart<'a, Value> {
    let (before, after): Apart<'a, Value> = (one.difference(other).collect(), other.difference(one).collect());
    let keys: BTreeSet<Key> = before.iter().map(|value| key(value)).collect();
    let other_keys: BTreeSet<Key> = after.iter().map(|value| other_key(value)).collect();
    let dropped = before.into_iter().filter(|value| !other_keys.contains(&key(value))).collect();
    let added = after.into_iter().filter(|value| !keys.contains(&other_key(value))).collect();
    (dropped, added)
}

fn is_nothing<Value>((dropped, added): &Apart<'_, Value>) -> bool {
    dropped.is_empty() && added.is_empty()
}

fn same<Value: Ord>(before: &Listed<Value>, after: &Listed<Value>, apart: &Apart<'_, Value>) -> bool {
    before.is_negated == after.is_negated && is_nothing(apart)
}

/// The change of an element that has a `Not…` form. From one form to the other all values change.
fn listed<Value: Ord>(
    [plain, negated]: [&'static str; 2],
    [before, after]: [&Listed<Value>; 2],
    apart: &Apart<'_, Value>,
    words: impl Fn(&Value) -> String,
) -> Vec<Change> {
    let name = |listed: &Listed<Value>| if listed.is_negated { negated } else { plain };
    if before.is_negated == after.is_negated {
        return vec![change(name(before), apart, words)];
    }
    let all = |listed: &Listed<Value>| -> Vec<String> {
        let values: Vec<String> = listed.values.iter().map(&words).collect();
        if values.is_empty() { vec!["nothing".to_owned()] } else { values }
    };
    vec![
        Change { element: name(before), dropped: all(before), added: Vec::new() },
        Change { element: name(after), dropped: Vec::new(), added: all(after) },
    ]
}

fn change<Value>(
    element: &'static str,
    (dropped, added): &Apart<'_, Value>,
    words: impl Fn(&Value) -> String,
) -> Change {
    let all = |values: &[&Value]| values.iter().map(|value| words(value)).collect();
    Change { element, dropped: all(dropped), added: all(added) }
}
