//! What each member has of its own beside its policy, one property after the other.

use std::collections::BTreeMap;

use super::held::{Held, Side, Why};
use super::{Doubt, Likeness};
use crate::domain::key::{KeyState, RegionalKey, Role, Tag};
use crate::domain::text::{Foreign, Safe, safe};
use crate::domain::time::Timestamp;

/// What is compared, in the order in which it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Property {
    State,
    Role,
    NamesPrimary,
    Description,
    Aliases,
    Tags,
    Material,
    MaterialUntil,
    Created,
    Deletion,
}

impl Property {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Property::State => "state",
            Property::Role => "role",
            Property::NamesPrimary => "names primary",
            Property::Description => "description",
            Property::Aliases => "aliases",
            Property::Tags => "tags",
            Property::Material => "key material",
            Property::MaterialUntil => "material until",
            Property::Created => "created",
            Property::Deletion => "deletion",
        }
    }
}

/// One property of the two members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Compared {
    pub(crate) property: Property,
    pub(crate) likeness: Likeness,
    /// What the one has, and what the other: a pair for each value.
    pub(crate) pairs: Vec<[Safe; 2]>,
    /// What the pairs do not say.
    pub(crate) note: Option<Safe>,
}

/// Compares everything but the policies. What neither of the two has is left out.
pub(crate) fn properties(one: &Side<'_>, other: &Side<'_>) -> Vec<Compared> {
    let sides = [one, other];
    let mut all = vec![described(sides, Property::State, |key| key.state.clone(), KeyState::safe), role(sides)];
    let primary = described(
        sides,
        Property::NamesPrimary,
        |key| key.primary.as_ref().map(|arn| arn.region.clone()),
        |region| region.as_ref().map_or("none".into(), |region| safe!("{region}")),
    );
    // That both name the same one goes without saying.
    all.extend(Some(primary).filter(|primary| primary.likeness == Likeness::Differs));
    all.push(described(sides, Property::Description, |key| key.description.clone(), text));
    all.push(aliases(sides));
    all.push(tags(sides));
    let material =
        described(sides, Property::Material, |key| key.material_id.clone(), |id| option(id.as_ref(), Foreign::safe));
    let until = described(sides, Property::MaterialUntil, |key| key.valid_to, |at| option(at.as_ref(), |at| date(*at)));
    let read = sides.map(|side| side.described().value);
    let either_has = |has: fn(&RegionalKey) -> bool| read.iter().flatten().any(|key| has(key));
    all.extend(Some(material).filter(|_| either_has(|key| key.material_id.is_some())));
    all.extend(Some(until).filter(|_| either_has(|key| key.valid_to.is_some())));
    all.push(created(sides));
    all.push(described(sides, Property::Deletion, deletion, Safe::clone));
    all
}

/// The likeness of two values, as far as both are known.
fn likeness<T: PartialEq>(sides: [&Side<'_>; 2], held: &[Held<T>; 2]) -> Likeness {
    let doubts = doubts(sides, held);
    let [one, other] = held;
    match (doubts.is_empty(), one.value == other.value) {
        (false, is_same) => {
            let were_read = one.value.is_some() && other.value.is_some();
            Likeness::NotKnown { doubts, differed: were_read && !is_same }
        }
        (true, true) => Likeness::Same,
        (true, false) => Likeness::Differs,
    }
}

fn doubts<T>(sides: [&Side<'_>; 2], held: &[Held<T>; 2]) -> Vec<Doubt> {
    sides.iter().zip(held).filter_map(|(side, held)| held.doubt(side.region())).collect()
}

fn shown<T>(held: &[Held<T>; 2], show: impl Fn(&T) -> Safe) -> [Safe; 2] {
    held.each_ref().map(|held| held.value.as_ref().map_or_else(|| lacking(held), &show))
}

/// In the place of a value.
fn lacking<T>(held: &Held<T>) -> Safe {
    if held.why == Some(Why::Waiting) { "reading…".into() } else { "?".into() }
}

/// A property that DescribeKey tells.
fn described<T: PartialEq>(
    sides: [&Side<'_>; 2],
    property: Property,
    take: impl Fn(&RegionalKey) -> T,
    show: impl Fn(&T) -> Safe,
) -> Compared {
    let held = sides.map(|side| side.described().map(&take));
    Compared { property, likeness: likeness(sides, &held), pairs: vec![shown(&held, show)], note: None }
}

/// One primary and one replica are as they should be; two primaries are not.
fn role(sides: [&Side<'_>; 2]) -> Compared {
    let held = sides.map(Side::role);
    let [one, other] = held.each_ref().map(|held| held.value);
    let (likeness, note) = match (likeness(sides, &held), one, other) {
        (Likeness::Differs, _, _) => (Likeness::Own, None),
        (Likeness::Same, Some(Role::Primary), Some(Role::Primary)) => {
            (Likeness::Differs, Some("both call themselves the primary".into()))
        }
        (Likeness::NotKnown { doubts, differed: _ }, _, _) => (Likeness::NotKnown { doubts, differed: false }, None),
        (likeness @ (Likeness::Same | Likeness::Own), _, _) => (likeness, None),
    };
    Compared { property: Property::Role, likeness, pairs: vec![shown(&held, |role| role.name().into())], note }
}

/// A replica is made later than its primary.
fn created(sides: [&Side<'_>; 2]) -> Compared {
    let compared = described(sides, Property::Created, |key| key.created_at, |at| option(at.as_ref(), |at| date(*at)));
    let likeness = match compared.likeness {
        Likeness::Differs => Likeness::Own,
        Likeness::NotKnown { doubts, differed: _ } => Likeness::NotKnown { doubts, differed: false },
        likeness @ (Likeness::Same | Likeness::Own) => likeness,
    };
    Compared { likeness, ..compared }
}

fn deletion(key: &RegionalKey) -> Safe {
    match (key.deletion_date, key.pending_window_days) {
        (Some(at), _) => safe!("DELETED {}", at.minute()),
        (None, Some(days)) => safe!("{days} days after its last replica is deleted"),
        (None, None) => "none".into(),
    }
}

fn aliases(sides: [&Side<'_>; 2]) -> Compared {
    let held = sides.map(Side::aliases);
    let all = |held: &Held<Vec<Foreign>>| held.value.clone().unwrap_or_default();
    let [one, other] = held.each_ref().map(all);
    let mut names: Vec<&Foreign> = one.iter().chain(&other).collect();
    names.sort();
    names.dedup();
    let cell = |held: &Held<Vec<Foreign>>, name: &Foreign| match &held.value {
        None => lacking(held),
        Some(own) if own.contains(name) => name.safe(),
        Some(_) => "missing".into(),
    };
    let mut pairs: Vec<[Safe; 2]> =
        names.into_iter().map(|name| held.each_ref().map(|held| cell(held, name))).collect();
    if pairs.is_empty() {
        pairs.push(shown(&held, |_| "none".into()));
    }
    Compared { property: Property::Aliases, likeness: likeness(sides, &held), pairs, note: None }
}

/// The tags that differ; those that are the same are counted. AWS sets its own tags where it likes, and nobody can copy them.
fn tags(sides: [&Side<'_>; 2]) -> Compared {
    let held = sides.map(Side::tags);
    let doubts = doubts(sides, &held);
    let compared = |likeness, pairs, note| Compared { property: Property::Tags, likeness, pairs, note };
    let [Some(one), Some(other)] = held.each_ref().map(|held| held.value.as_ref().map(|tags| by_key(tags))) else {
        let counted = shown(&held, |tags| count_words(tags.len()));
        return compared(Likeness::NotKnown { doubts, differed: false }, vec![counted], None);
    };
    let mut keys: Vec<&Foreign> = one.keys().chain(other.keys()).copied().collect();
    keys.sort();
    keys.dedup();
    let all = keys.len();
    keys.retain(|key| one.get(key) != other.get(key));
    let pairs: Vec<[Safe; 2]> = keys.iter().map(|key| [&one, &other].map(|tags| tag_words(tags.get(key)))).collect();
    let is_reserved = |key: &&Foreign| one.get(key).or(other.get(key)).is_some_and(|tag| tag.is_reserved());
    let likeness = match (doubts.is_empty(), keys.is_empty(), keys.iter().all(is_reserved)) {
        (false, _, are_reserved) => Likeness::NotKnown { doubts, differed: !are_reserved },
        (true, true, _) => Likeness::Same,
        (true, false, true) => Likeness::Own,
        (true, false, false) => Likeness::Differs,
    };
    let same = all - pairs.len();
    let note = match (same, pairs.is_empty()) {
        (0, true) => "none".into(),
        (0, false) => "none is the same".into(),
        (_, true) => count_words(same),
        (_, false) => safe!("{same} the same, the others:"),
    };
    compared(likeness, pairs, Some(note))
}

fn by_key(tags: &[Tag]) -> BTreeMap<&Foreign, &Tag> {
    tags.iter().map(|tag| (&tag.key, tag)).collect()
}

fn tag_words(tag: Option<&&Tag>) -> Safe {
    let Some(tag) = tag else { return "missing".into() };
    let reserved = if tag.is_reserved() { " (reserved by AWS)" } else { "" };
    safe!("{} = {}{reserved}", tag.key.safe(), tag.value.safe())
}

fn count_words(count: usize) -> Safe {
    match count {
        0 => "none".into(),
        1 => "1 tag".into(),
        _ => safe!("{count} tags"),
    }
}

fn text(text: &Foreign) -> Safe {
    if text.is_empty() { "none".into() } else { text.safe() }
}

fn option<T>(value: Option<&T>, show: impl Fn(&T) -> Safe) -> Safe {
    value.map_or("none given".into(), show)
}

fn date(at: Timestamp) -> Safe {
    safe!("{}", at.minute())
}
