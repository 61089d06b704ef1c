//! A statement, and each value in it, in plain words.
//!
//! A value that could be taken for more than one, or for part of the words, stands in quotes.

use std::fmt::Write as _;

use serde_json::Value;

use super::document::{Condition, Effect, Folded, Listed, Meaning, Principal, Statement, is_bare};
use crate::domain::text::{Foreign, Safe, safe};

impl Statement {
    /// What the statement says: whom it lets do what, and on which conditions.
    pub(super) fn words(&self) -> Safe {
        let meaning = &self.meaning;
        let who = list(&meaning.principals, "everybody but ", who);
        let what = list(&meaning.actions, "everything but ", action);
        let mut text = format!("{} {who}: {what}", effect(meaning.effect));
        if !is_any_resource(meaning) {
            let _infallible = write!(text, " on {}", list(&meaning.resources, "everything but ", |value| shown(value)));
        }
        let tests: Vec<String> = meaning.conditions.iter().map(test).collect();
        if !tests.is_empty() {
            let _infallible = write!(text, ", if {}", tests.join(" and "));
        }
        for (name, value) in &meaning.others {
            let _infallible = write!(text, "; {}", unknown(name, value));
        }
        safe!("{text}")
    }
}

pub(super) fn effect(effect: Effect) -> &'static str {
    match effect {
        Effect::Allow => "Allow",
        Effect::Deny => "Deny",
    }
}

pub(super) fn who(principal: &Principal) -> String {
    match principal {
        Principal::Anyone => "anyone".to_owned(),
        Principal::Account(account) => format!("account {account}"),
        Principal::Aws(name) if is_bare(name) => format!("{} (the unique ID of a deleted principal)", shown(name)),
        Principal::Aws(name) => shown(name),
        Principal::Other { kind, name } => format!("{} {}", shown(kind), shown(name)),
    }
}

pub(super) fn action(action: &Folded) -> String {
    shown(&action.0)
}

pub(super) fn test(condition: &Condition) -> String {
    let values: Vec<String> = condition.values.iter().map(|value| shown(value)).collect();
    let values = if values.is_empty() { "nothing".to_owned() } else { values.join(" or ") };
    format!("{} {} {values}", shown(&condition.key.0), shown(&condition.operator.0))
}

pub(super) fn unknown(name: &str, value: &str) -> String {
    format!("{} = {}", shown(name), Foreign::new(value).safe())
}

pub(super) fn shown(text: &str) -> String {
    let is_one_word = !text.is_empty() && !text.contains([' ', ',', ';', '"', '(', ')']) && !text.contains("nothing");
    let quoted = if is_one_word { text.to_owned() } else { Value::from(text).to_string() };
    Foreign::new(quoted).safe().as_str().to_owned()
}

fn is_any_resource(meaning: &Meaning) -> bool {
    !meaning.resources.is_negated && meaning.resources.values.iter().eq(["*"])
}

fn list<Value: Ord>(listed: &Listed<Value>, but: &str, shown: impl Fn(&Value) -> String) -> String {
    let all: Vec<String> = listed.values.iter().map(shown).collect();
    let all = if all.is_empty() { "nothing".to_owned() } else { all.join(", ") };
    if listed.is_negated { format!("{but}{all}") } else { all }
}
