//! Answers that are not what they should be: changed in what they say, or spoilt on their way.

use serde_json::{Map, Value};

use super::marker;
use super::op::Success;
use super::refusal::Refusal;

/// What happens to an answer on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Damage {
    /// It comes byte by byte, with so many milliseconds in between.
    Trickle {
        /// Milliseconds between two bytes.
        ms: u64,
    },
    /// The connection ends in the middle.
    Truncate,
    /// A portal's page comes instead; the service never saw the request.
    Html,
    /// Noise comes instead.
    Garbage,
    /// Two hundred megabytes come instead.
    Huge,
}

/// What an answer is made to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Edit {
    RepeatMarker,
    NoMarker,
    UnknownEnum,
    Hostile,
}

/// Colours, a window title, a bell, a carriage return, a C1 control, a bidi override, a zero-width space, a tag
/// character, a stack of combining marks, and what a spreadsheet takes for a formula.
pub(crate) const HOSTILE: &str =
    "=cmd\u{1b}[2J\u{1b}]0;owned\u{7}\r\u{9b}31m\u{202e}txt\u{200b}\u{e0041}e\u{301}\u{301}\u{301}\n{\"forged\": true}";

/// Values of enums that no client knows yet.
const UNKNOWN: [(&str, &str); 6] = [
    ("KeyState", "Hibernating"),
    ("MultiRegionKeyType", "OBSERVER"),
    ("KeySpec", "LATTICE_4096"),
    ("CustomerMasterKeySpec", "LATTICE_4096"),
    ("KeyUsage", "ENTANGLE"),
    ("Origin", "AWS_ORBIT"),
];

/// The members that hold texts of the account's own choice.
const TEXTS: [&str; 4] = ["Description", "TagValue", "TagKey", "AliasName"];

/// Changes what a success says.
pub(crate) fn edit(edit: Edit, operation: &str, request: &[u8], success: Success) -> Success {
    let Success::Json(text) = success else { return success };
    let Ok(Value::Object(mut answer)) = serde_json::from_slice::<Value>(&text) else { return Success::Json(text) };
    match edit {
        Edit::RepeatMarker => repeat_marker(operation, request, &mut answer),
        Edit::NoMarker => lose_marker(&mut answer),
        Edit::UnknownEnum => replace(&mut answer, &|name| {
            UNKNOWN.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        }),
        Edit::Hostile => replace(&mut answer, &hostile),
    }
    Success::Json(serde_json::to_vec(&answer).unwrap_or(text))
}

/// Changes what a refusal says; only its words are free.
pub(crate) fn edit_refusal(edit: Edit, mut refusal: Refusal) -> Refusal {
    if edit == Edit::Hostile {
        HOSTILE.clone_into(&mut refusal.message);
    }
    refusal
}

fn hostile(name: &str) -> Option<String> {
    let prefix = if name == "AliasName" { "alias/" } else { "" };
    TEXTS.contains(&name).then(|| format!("{prefix}{HOSTILE}"))
}

/// The page after this one is this one again, or the first.
fn repeat_marker(operation: &str, request: &[u8], answer: &mut Map<String, Value>) {
    if !answer.contains_key("Truncated") {
        return;
    }
    let asked = serde_json::from_slice::<Value>(request).ok().and_then(|input| input.get("Marker").cloned());
    let marker = asked.filter(Value::is_string).or_else(|| answer.get("NextMarker").cloned());
    let start = || Value::String(marker::encode(operation, b""));
    answer.insert("Truncated".to_owned(), Value::Bool(true));
    answer.insert("NextMarker".to_owned(), marker.unwrap_or_else(start));
}

fn lose_marker(answer: &mut Map<String, Value>) {
    if answer.contains_key("Truncated") {
        answer.insert("Truncated".to_owned(), Value::Bool(true));
        answer.remove("NextMarker");
    }
}

/// Gives other texts to members of some names, at any depth.
fn replace(members: &mut Map<String, Value>, other: &dyn Fn(&str) -> Option<String>) {
    for (name, value) in members.iter_mut() {
        match value {
            Value::String(text) => {
                if let Some(instead) = other(name) {
                    *text = instead;
                }
            }
            Value::Object(members) => replace(members, other),
            Value::Array(items) => {
                for members in items.iter_mut().filter_map(Value::as_object_mut) {
                    replace(members, other);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(change: Edit, request: &Value, answer: &Value, expected: &Value) {
        let success = Success::Json(answer.to_string().into_bytes());
        let Success::Json(text) = edit(change, "ListKeys", request.to_string().as_bytes(), success) else {
            panic!("{change:?} changed the kind of answer")
        };
        assert_eq!(serde_json::from_slice::<Value>(&text).unwrap(), *expected, "{change:?}");
    }

    #[test]
    fn markers_come_again_or_not_at_all() {
        let page = json!({"Keys": [], "Truncated": true, "NextMarker": "b"});
        let last = json!({"Keys": [], "Truncated": false});
        check(
            Edit::RepeatMarker,
            &json!({"Marker": "a"}),
            &page,
            &json!({"Keys": [], "Truncated": true, "NextMarker": "a"}),
        );
        check(Edit::RepeatMarker, &json!({}), &page, &page);
        let again = json!({"Keys": [], "Truncated": true, "NextMarker": marker::encode("ListKeys", b"")});
        check(Edit::RepeatMarker, &json!({}), &last, &again);
        check(Edit::NoMarker, &json!({}), &page, &json!({"Keys": [], "Truncated": true}));
        check(Edit::NoMarker, &json!({}), &json!({"KeyMetadata": {}}), &json!({"KeyMetadata": {}}));
    }

    #[test]
    fn values_are_replaced_at_any_depth() {
        let answer = json!({"KeyMetadata": {"KeyState": "Enabled", "Description": "x", "Arn": "arn"}});
        let unknown = json!({"KeyMetadata": {"KeyState": "Hibernating", "Description": "x", "Arn": "arn"}});
        let hostile = json!({"KeyMetadata": {"KeyState": "Enabled", "Description": HOSTILE, "Arn": "arn"}});
        check(Edit::UnknownEnum, &json!({}), &answer, &unknown);
        check(Edit::Hostile, &json!({}), &answer, &hostile);
        let aliases = json!({"Aliases": [{"AliasName": "alias/a"}]});
        check(Edit::Hostile, &json!({}), &aliases, &json!({"Aliases": [{"AliasName": format!("alias/{HOSTILE}")}]}));
    }
}
