//! Which elements of two statements differ, and in which values.
//!
//! Each value of one must have its like in the other: the same, but for each naming the Region of its key. So a value that was copied as it stands and names
//! the Region that it came from is a difference, for it never matches where it went; a list of both Regions, the same on both sides, is none.

use std::collections::BTreeSet;

use super::document::{Condition, Listed, Meaning, Principal};
use super::region::{Piece, Standpoint, Use, pieces};
use super::statement::{action, effect, shown, test, unknown, who};

/// What a statement says, for a key in a Region.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen<'a> {
    pub(super) meaning: &'a Meaning,
    pub(super) at: Standpoint<'a>,
}

/// An element that differs, and the values that only one side has.
#[derive(Clone, Debug, Default)]
pub(super) struct Change {
    pub(super) element: &'static str,
    pub(super) dropped: Vec<String>,
    pub(super) added: Vec<String>,
    /// What both have, letter for letter, and what is wrong with it: it names the Region of one of them.
    pub(super) misplaced: Vec<String>,
}

impl Change {
    fn is_nothing(&self) -> bool {
        self.dropped.is_empty() && self.added.is_empty() && self.misplaced.is_empty()
    }
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

/// Whether what the statement means depends on which of the two Regions its key is in.
pub(super) fn is_bound(seen: Seen<'_>) -> bool {
    let Seen { meaning, at } = seen;
    let part = resource(&meaning.resources);
    meaning.principals.values.iter().any(|value| principal_key(value, at).is_bound())
        || meaning.resources.values.iter().any(|value| key(&part, value, at).is_bound())
        || meaning
            .conditions
            .iter()
            .any(|test| test.values.iter().any(|value| key(&tested(test), value, at).is_bound()))
}

/// The elements that differ, with their values as words.
pub(super) fn changes(one: Seen<'_>, other: Seen<'_>) -> Vec<Change> {
    let (before, after) = (one.meaning, other.meaning);
    let mut found = Vec::new();
    if before.effect != after.effect {
        let (dropped, added) = (vec![effect(before.effect).to_owned()], vec![effect(after.effect).to_owned()]);
        found.push(Change { element: "Effect", dropped, added, ..Change::default() });
    }
    let (old, new) = (&before.actions.values, &after.actions.values);
    let actions = (old.difference(new).collect(), new.difference(old).collect());
    found.extend(listed(
        ["Principal", "NotPrincipal"],
        [&before.principals, &after.principals],
        &principals(one, other),
        &Words { plain: &|value| who(value), is_own: &|value| principal_key(value, one.at).names_own(), at: one.at },
    ));
    found.extend(listed(
        ["Action", "NotAction"],
        [&before.actions, &after.actions],
        &actions,
        &Words { plain: &|value| action(value), is_own: &|_| false, at: one.at },
    ));
    let part = resource(&before.resources);
    found.extend(listed(
        ["Resource", "NotResource"],
        [&before.resources, &after.resources],
        &resources(one, other),
        &Words { plain: &|value| shown(value), is_own: &|value| key(&part, value, one.at).names_own(), at: one.at },
    ));
    let is_own = |test: &Condition| test.values.iter().any(|value| key(&tested(test), value, one.at).names_own());
    found.push(change("Condition", &conditions(one, other), &Words { plain: &test, is_own: &is_own, at: one.at }));
    let others = |own: &Meaning, theirs: &Meaning| {
        let only = own.others.iter().filter(|(name, value)| theirs.others.get(*name) != Some(*value));
        only.map(|(name, value)| unknown(name, value)).collect()
    };
    let (dropped, added) = (others(before, after), others(after, before));
    found.push(Change { element: "an unknown element", dropped, added, ..Change::default() });
    found.retain(|change| !change.is_nothing());
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
    apart(before, after, |value| principal_key(value, one.at), |value| principal_key(value, other.at))
}

fn resources<'a>(one: Seen<'a>, other: Seen<'a>) -> Apart<'a, String> {
    let (before, after) = (&one.meaning.resources, &other.meaning.resources);
    let (part, other_part) = (resource(before), resource(after));
    let own = |value: &'a String| key(&part, value, one.at);
    apart(&before.values, &after.values, own, |value| key(&other_part, value, other.at))
}

fn resource(listed: &Listed<String>) -> Use<'static> {
    Use::Resource { is_negated: listed.is_negated }
}

fn conditions<'a>(one: Seen<'a>, other: Seen<'a>) -> Apart<'a, Condition> {
    let (before, after) = (&one.meaning.conditions, &other.meaning.conditions);
    unmatched(before.iter().collect(), after.iter().collect(), &|first, second| {
        is_same_test((first, one.at), (second, other.at))
    })
}

fn is_same_test((one, here): (&Condition, Standpoint<'_>), (other, there): (&Condition, Standpoint<'_>)) -> bool {
    if one.operator != other.operator || one.key != other.key {
        return false;
    }
    let part = tested(one);
    let (before, after) = (compared(one), compared(other));
    is_nothing(&apart(&before, &after, |value| key(&part, value, here), |value| key(&part, value, there)))
}

fn tested(condition: &Condition) -> Use<'_> {
    Use::Condition { operator: &condition.operator.0, key: &condition.key.0 }
}

/// The values of a test, as far as its operator tells them apart.
fn compared(condition: &Condition) -> BTreeSet<String> {
    let operator = condition.operator.lower();
    let operator = operator.strip_suffix("ifexists").unwrap_or(&operator);
    let operator = operator.rsplit(':').next().unwrap_or(operator);
    let ignores_case = ["stringequalsignorecase", "stringnotequalsignorecase", "bool", "null"].contains(&operator);
    condition.values.iter().map(|value| if ignores_case { value.to_ascii_lowercase() } else { value.clone() }).collect()
}

/// A value as it would stand for a key in any Region.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Key<'a> {
    kind: Kind<'a>,
    pieces: Vec<Piece<'a>>,
}

/// What the value is, where the element holds several kinds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind<'a> {
    Only,
    Whole(&'a Principal),
    Aws,
    Other(&'a str),
}

impl Key<'_> {
    fn names_own(&self) -> bool {
        self.pieces.contains(&Piece::Own)
    }

    fn is_bound(&self) -> bool {
        self.names_own() || self.pieces.contains(&Piece::Peer)
    }

    /// For a value that means the other key's Region: what it would be for its own.
    fn at_home(&self) -> Option<Self> {
        let home = |piece: &Piece<'_>| *piece == Piece::Peer;
        self.pieces.iter().any(home).then(|| Self {
            kind: self.kind,
            pieces: self.pieces.iter().map(|piece| if home(piece) { Piece::Own } else { *piece }).collect(),
        })
    }
}

fn key<'a>(part: &Use<'_>, value: &'a str, at: Standpoint<'_>) -> Key<'a> {
    Key { kind: Kind::Only, pieces: pieces(part, value, at) }
}

fn principal_key<'a>(principal: &'a Principal, at: Standpoint<'_>) -> Key<'a> {
    match principal {
        Principal::Anyone | Principal::Account(_) => Key { kind: Kind::Whole(principal), pieces: Vec::new() },
        Principal::Aws(name) => Key { kind: Kind::Aws, pieces: pieces(&Use::Principal { kind: "AWS" }, name, at) },
        Principal::Other { kind, name } => {
            Key { kind: Kind::Other(kind), pieces: pieces(&Use::Principal { kind }, name, at) }
        }
    }
}

/// The values of each side that the other lacks. On each side no two values have one key. A value for the other side's Region is dead weight, and both having
/// the same is no likeness, unless both have the one for their own Region too.
fn apart<'a, Value: Ord>(
    one: &'a BTreeSet<Value>,
    other: &'a BTreeSet<Value>,
    key: impl Fn(&'a Value) -> Key<'a>,
    other_key: impl Fn(&'a Value) -> Key<'a>,
) -> Apart<'a, Value> {
    let keys: BTreeSet<Key<'_>> = one.iter().map(&key).collect();
    let other_keys: BTreeSet<Key<'_>> = other.iter().map(&other_key).collect();
    let both_have = |key: &Key<'_>| keys.contains(key) && other_keys.contains(key);
    let is_shared = |key: &Key<'_>| both_have(key) && key.at_home().is_none_or(|home| both_have(&home));
    let dropped = one.iter().filter(|value| !is_shared(&key(value))).collect();
    let added = other.iter().filter(|value| !is_shared(&other_key(value))).collect();
    (dropped, added)
}

fn is_nothing<Value>((dropped, added): &Apart<'_, Value>) -> bool {
    dropped.is_empty() && added.is_empty()
}

fn same<Value: Ord>(before: &Listed<Value>, after: &Listed<Value>, apart: &Apart<'_, Value>) -> bool {
    before.is_negated == after.is_negated && is_nothing(apart)
}

/// How the values of an element are told.
struct Words<'a, Value> {
    plain: &'a dyn Fn(&Value) -> String,
    /// Whether it names the Region of the first key; else, if both have it and it is a difference, it names the second's.
    is_own: &'a dyn Fn(&Value) -> bool,
    at: Standpoint<'a>,
}

impl<Value> Words<'_, Value> {
    fn misplaced(&self, value: &Value) -> String {
        let Standpoint { region, peer } = self.at;
        let (named, elsewhere) = if (self.is_own)(value) { (region, peer) } else { (peer, region) };
        format!("{} names {named}, which never matches in {elsewhere}", (self.plain)(value))
    }
}

/// The change of an element that has a `Not…` form. From one form to the other all values change.
fn listed<Value: Ord>(
    [plain, negated]: [&'static str; 2],
    [before, after]: [&Listed<Value>; 2],
    apart: &Apart<'_, Value>,
    words: &Words<'_, Value>,
) -> Vec<Change> {
    let name = |listed: &Listed<Value>| if listed.is_negated { negated } else { plain };
    if before.is_negated == after.is_negated {
        return vec![change(name(before), apart, words)];
    }
    let all = |listed: &Listed<Value>| -> Vec<String> {
        let values: Vec<String> = listed.values.iter().map(words.plain).collect();
        if values.is_empty() { vec!["nothing".to_owned()] } else { values }
    };
    vec![
        Change { element: name(before), dropped: all(before), ..Change::default() },
        Change { element: name(after), added: all(after), ..Change::default() },
    ]
}

fn change<Value: Ord>(element: &'static str, (dropped, added): &Apart<'_, Value>, words: &Words<'_, Value>) -> Change {
    let only = |own: &[&Value], theirs: &[&Value]| {
        own.iter().filter(|value| !theirs.contains(value)).map(|value| (words.plain)(value)).collect()
    };
    let misplaced = dropped.iter().filter(|value| added.contains(value)).map(|value| words.misplaced(value));
    Change { element, dropped: only(dropped, added), added: only(added, dropped), misplaced: misplaced.collect() }
}
