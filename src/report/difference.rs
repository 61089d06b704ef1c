//! What differs between two snapshots, for eyes: the Regions first, then key by key, and what neither can tell at the end.

use std::fmt::Write as _;

use crate::domain::fleet::KeyRef;
use crate::domain::fleet::difference::{Difference, Differences, Kind, Verdict};
use crate::domain::fleet::gaps::Gaps;
use crate::domain::fleet::row::{Row, RowName};
use crate::domain::id::{KeyId, Login};
use crate::domain::text::{Foreign, Safe, safe};
use crate::wire::fleet::Restored;

/// Characters of a value that are shown; JSON has all of it.
const LONGEST: usize = 120;

/// The comparison, ready to print. A snapshot comes with the name of its file.
pub(crate) fn render(from: (&Safe, &Restored), to: (&Safe, &Restored), differences: &Differences) -> String {
    let mut text = format!("A  {}\nB  {}\n\n", side(from), side(to));
    let mut last: Option<&Option<KeyId>> = None;
    for difference in &differences.found {
        if last != Some(&difference.key) {
            let _infallible = writeln!(text, "{}", heading(difference, from.1, to.1));
        }
        last = Some(&difference.key);
        let _infallible = writeln!(text, "  {}", line(difference));
        for statement in &difference.statements {
            let _infallible = writeln!(text, "      {statement}");
        }
    }
    if !differences.found.is_empty() {
        text.push('\n');
    }
    text.push_str(&missing(&differences.missing));
    let _infallible = writeln!(text, "{}", verdict(differences));
    text
}

fn side((file, restored): (&Safe, &Restored)) -> Safe {
    let account = restored.accounts.first().map(|of| safe!("  {}", of.account)).unwrap_or_default();
    safe!("{file}{account}  {}  {} keys", restored.finished_at.minute(), restored.fleet.keys().len())
}

fn heading(difference: &Difference, from: &Restored, to: &Restored) -> Safe {
    let Some(id) = &difference.key else { return Safe::from_static("Regions") };
    let key = KeyRef { login: Login(0), id: id.clone() };
    let row = to.fleet.row(&key, to.finished_at).or_else(|| from.fleet.row(&key, from.finished_at));
    safe!("{id}{}", row.as_ref().map(name).unwrap_or_default())
}

fn name(row: &Row) -> Safe {
    match &row.name {
        RowName::Alias { name, .. } | RowName::AliasOf { name, .. } => safe!("  {}", cut(name)),
        RowName::Description(text) => safe!("  “{}”", cut(text)),
        RowName::Denied | RowName::Id => Safe::default(),
    }
}

fn line(difference: &Difference) -> Safe {
    let place = difference.region.as_ref().map_or("key".into(), |region| safe!("{region}"));
    let value = |text: &Option<Foreign>| text.as_ref().map_or("not read".into(), shown);
    let (from, to, field) = (value(&difference.from), value(&difference.to), difference.field);
    match difference.kind {
        Kind::KeyAdded => Safe::from_static("+ the key is new"),
        Kind::KeyGone => Safe::from_static("- the key is gone"),
        Kind::MemberAdded => safe!("+ {place}: a member is new: {to}"),
        Kind::MemberGone => safe!("- {place}: the member is gone; it was {from}"),
        Kind::Changed if !difference.statements.is_empty() => safe!("~ {place}: {field} says something else:"),
        Kind::Changed => safe!("~ {place}: {field}: {from} → {to}"),
        Kind::NewlyKnown => safe!("? {place}: {field}: {from} → {to} (newly known)"),
        Kind::NotKnownAnyMore => safe!("? {place}: {field}: {from} → {to} (not known any more)"),
    }
}

fn shown(text: &Foreign) -> Safe {
    if text.is_empty() { Safe::from_static("none") } else { cut(text) }
}

fn cut(text: &Foreign) -> Safe {
    let text = text.safe();
    if text.as_str().chars().count() <= LONGEST {
        return text;
    }
    let start: String = text.as_str().chars().take(LONGEST).collect();
    safe!("{start}…")
}

/// What either snapshot lacks; what both lack is said once.
fn missing((from, to): &(Gaps, Gaps)) -> String {
    let (from, to) = (from.words(), to.words());
    let (both, from): (Vec<Safe>, Vec<Safe>) = from.into_iter().partition(|words| to.contains(words));
    let to = to.into_iter().filter(|words| !both.contains(words)).collect();
    let mut text = String::new();
    for (side, words) in [("both lack", both.clone()), ("A lacks", from), ("B lacks", to)] {
        for words in words {
            let _infallible = writeln!(text, "{side:<9}  {words}");
        }
    }
    if !text.is_empty() {
        text.push('\n');
    }
    text
}

fn verdict(differences: &Differences) -> Safe {
    let certain = differences.certain();
    let uncertain = differences.found.len() - certain;
    let words = if certain == 1 { "difference is" } else { "differences are" };
    match differences.verdict() {
        Verdict::Same => Safe::from_static("Nothing differs, and everything was read in both."),
        Verdict::Different if uncertain == 0 => safe!("{certain} {words} certain."),
        Verdict::Different => {
            safe!("{certain} {words} certain; {uncertain} more things are known in one snapshot only.")
        }
        Verdict::Unknown => {
            Safe::from_static("Nothing differs for certain; what could not be read may hide differences.")
        }
    }
}
