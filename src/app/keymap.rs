//! Which key means which action where: the registry's defaults, changed by the configuration.
//!
//! Refuses a chord that would mean two things at once, and a letter where letters are text: no configuration can make a dialog confirm itself.

use std::collections::BTreeMap;
use std::fmt;

use super::action::{Action, TABLE};
use super::context::{Context, Scope};
use super::key::{Chord, Key};

/// The bindings of this run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Keymap {
    keys: BTreeMap<Action, Vec<Chord>>,
}

/// Why the configured keys cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum KeymapError {
    UnknownAction {
        name: String,
    },
    NotAChord {
        action: &'static str,
        text: String,
    },
    /// The chord would mean both where both are available.
    BoundTwice {
        chord: Chord,
        first: &'static str,
        second: &'static str,
    },
    /// Where the action is available, this key is text.
    IsText {
        chord: Chord,
        action: &'static str,
    },
}

impl fmt::Display for KeymapError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            KeymapError::UnknownAction { name } => write!(formatter, "there is no action {name:?}"),
            KeymapError::NotAChord { action, text } => {
                write!(formatter, "{text:?} is no key (for {action}); for example: j, R, ctrl-r, pgdn, f2, space")
            }
            KeymapError::BoundTwice { chord, first, second } => {
                write!(formatter, "{chord} is bound twice: to {first} and to {second}")
            }
            KeymapError::IsText { chord, action } => {
                write!(formatter, "{chord} cannot be bound to {action}: it is text there")
            }
        }
    }
}

impl Default for Keymap {
    fn default() -> Self {
        let keys = TABLE.iter().map(|entry| {
            let chords = entry.keys.iter().filter_map(|text| Chord::parse(text).ok()).collect();
            (entry.action, chords)
        });
        Self { keys: keys.collect() }
    }
}

impl Keymap {
    /// The defaults, with the named actions bound to these keys instead. No key disables the action.
    pub(crate) fn with(overrides: &[(String, Vec<String>)]) -> Result<Self, KeymapError> {
        let mut keymap = Self::default();
        for (name, texts) in overrides {
            let action = Action::from_name(name).ok_or_else(|| KeymapError::UnknownAction { name: name.clone() })?;
            let mut chords = Vec::new();
            for text in texts {
                let not_a_chord = |_| KeymapError::NotAChord { action: action.name(), text: text.clone() };
                chords.push(Chord::parse(text).map_err(not_a_chord)?);
            }
            keymap.keys.insert(action, chords);
        }
        keymap.check()?;
        Ok(keymap)
    }

    /// The action that a chord means here.
    pub(crate) fn action(&self, context: Context, chord: Chord) -> Option<Action> {
        self.bindings(context).find(|(bound, _)| *bound == chord).map(|(_, action)| action)
    }

    /// The keys of an action.
    pub(crate) fn chords(&self, action: Action) -> &[Chord] {
        self.keys.get(&action).map_or(&[], Vec::as_slice)
    }

    /// The first key of an action, as footers print it; empty if it is disabled.
    pub(crate) fn label(&self, action: Action) -> String {
        self.chords(action).first().map(|chord| chord.label()).unwrap_or_default()
    }

    fn bindings(&self, context: Context) -> impl Iterator<Item = (Chord, Action)> + '_ {
        let scopes = context.scopes();
        let here = |scope: Scope| TABLE.iter().filter(move |entry| entry.scope == scope);
        scopes
            .iter()
            .flat_map(move |scope| here(*scope))
            .flat_map(|entry| self.chords(entry.action).iter().map(|chord| (*chord, entry.action)))
    }

    fn check(&self) -> Result<(), KeymapError> {
        for context in Context::ALL {
            let mut seen: BTreeMap<Chord, Action> = BTreeMap::new();
            for (chord, action) in self.bindings(context) {
                if context.takes_text() && is_text(chord, action) {
                    return Err(KeymapError::IsText { chord, action: action.name() });
                }
                let first = seen.insert(chord, action).filter(|first| *first != action);
                if let Some(first) = first {
                    return Err(KeymapError::BoundTwice { chord, first: first.name(), second: action.name() });
                }
            }
        }
        Ok(())
    }
}

/// Whether a field for text needs this key itself. Enter is the prompt's to take, and nobody's in a plan.
fn is_text(chord: Chord, action: Action) -> bool {
    let is_enter = chord.key == Key::Enter && action != Action::Accept;
    chord.typed().is_some() || is_enter || chord == Chord::plain(Key::Backspace)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keymap(overrides: &[(&str, &[&str])]) -> Result<Keymap, KeymapError> {
        let owned = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect();
        let overrides: Vec<(String, Vec<String>)> =
            overrides.iter().map(|(name, keys)| ((*name).to_owned(), owned(keys))).collect();
        Keymap::with(&overrides)
    }

    #[test]
    fn the_defaults_hold_no_chord_twice_and_every_key_parses() {
        let defaults = keymap(&[]).unwrap();
        for entry in TABLE {
            assert_eq!(defaults.chords(entry.action).len(), entry.keys.len(), "{}", entry.name);
        }
    }

    #[test]
    fn keys_can_be_changed_and_disabled() {
        let changed = keymap(&[("replicate", &["ctrl-n"]), ("promote", &[])]).unwrap();
        assert_eq!(changed.action(Context::Fleet, Chord::ctrl('n')), Some(Action::Replicate));
        assert_eq!(changed.action(Context::Fleet, Chord::char('R')), None);
        assert_eq!(changed.action(Context::Fleet, Chord::char('P')), None);
        assert_eq!(changed.label(Action::Promote), "");
    }

    #[test]
    fn a_chord_bound_twice_names_both() {
        let error = keymap(&[("replicate", &["s"])]).unwrap_err();
        let KeymapError::BoundTwice { chord, first, second } = error else { panic!("{error:?}") };
        assert_eq!((chord, first, second), (Chord::char('s'), "sort", "replicate"));
    }

    #[test]
    fn what_is_wrong_is_named() {
        let message = |overrides| keymap(overrides).unwrap_err().to_string();
        assert!(message(&[("replcate", &["n"])]).contains("replcate"));
        assert!(message(&[("replicate", &["hyper-x"])]).contains("hyper-x"));
    }

    #[test]
    fn letters_stay_text_where_text_is_typed() {
        let is_text = |overrides| matches!(keymap(overrides), Err(KeymapError::IsText { .. }));
        assert!(is_text(&[("plan_cancel", &["x"])]));
        assert!(is_text(&[("plan_copy", &["enter"])]));
        assert!(is_text(&[("interrupt", &["b"])]));
        assert!(!is_text(&[("plan_cancel", &["f10"])]));
    }
}
