//! The configured keys against the registry of actions: where in the file a binding that cannot be stands.

use super::layer::Keys;
use super::problem::{ConfigError, nearest};
use super::value::Text;
use crate::app::action;
use crate::app::key::Chord;
use crate::app::keymap::{Keymap, KeymapError};
use crate::domain::text::{Foreign, Safe, safe};

/// The keymap with these bindings in place of the defaults.
pub(super) fn keymap(keys: &Keys) -> Result<Keymap, ConfigError> {
    let plain: Vec<(String, Vec<String>)> = keys
        .iter()
        .map(|(action, chords)| (action.text.clone(), chords.iter().map(|chord| chord.text.clone()).collect()))
        .collect();
    Keymap::with(&plain).map_err(|error| explain(&error, keys))
}

/// Whether the bindings can be.
pub(super) fn check(keys: &Keys) -> Result<(), ConfigError> {
    keymap(keys).map(|_| ())
}

fn explain(error: &KeymapError, keys: &Keys) -> ConfigError {
    match error {
        KeymapError::UnknownAction { name } => {
            let next_step = match nearest(name, action::names()) {
                Some(meant) => safe!("did you mean {meant}?"),
                None => Safe::from_static("keyfleet keys lists them all"),
            };
            let what = safe!("there is no action \"{}\"", Foreign::new(name.as_str()).safe());
            at(keys, |action, chord| action.text == *name && chord.is_none(), &what, next_step)
        }
        KeymapError::NotAChord { action, text } => {
            let what = safe!("\"{}\" is no key", Foreign::new(text.as_str()).safe());
            let is_it =
                |of: &Text, chord: Option<&Text>| of.text == *action && chord.is_some_and(|chord| chord.text == *text);
            at(keys, is_it, &what, Safe::from_static("for example j, R, ctrl-r, pgdn, f2, space"))
        }
        KeymapError::BoundTwice { chord, first, second } => {
            let what = safe!("{} is bound to {first} and to {second}", shown(*chord));
            let is_it = |of: &Text, text: Option<&Text>| {
                (of.text == *first || of.text == *second) && text.is_some_and(|text| is_chord(text, *chord))
            };
            at(keys, is_it, &what, Safe::from_static("give one of them another key, or [] for none"))
        }
        KeymapError::IsText { chord, action } => {
            let what = safe!("{} cannot be {action}: it is text where that is done", shown(*chord));
            let is_it =
                |of: &Text, text: Option<&Text>| of.text == *action && text.is_some_and(|text| is_chord(text, *chord));
            at(keys, is_it, &what, Safe::from_static("take a key that types nothing, for example f10"))
        }
    }
}

fn shown(chord: Chord) -> Safe {
    Foreign::new(chord.to_string()).safe()
}

fn is_chord(text: &Text, chord: Chord) -> bool {
    Chord::parse(&text.text) == Ok(chord)
}

/// The error at the last place that is to blame: an action's name, or one of its chords.
fn at(keys: &Keys, is_it: impl Fn(&Text, Option<&Text>) -> bool, what: &Safe, next_step: Safe) -> ConfigError {
    let places = keys.iter().flat_map(|(action, chords)| {
        let chords = chords.iter().map(move |chord| (action, Some(chord)));
        std::iter::once((action, None)).chain(chords)
    });
    let spot =
        |(action, chord): (&Text, Option<&Text>)| is_it(action, chord).then(|| chord.unwrap_or(action).spot.clone());
    match places.filter_map(spot).last() {
        Some(spot) => spot.error(what, next_step),
        None => ConfigError::new(&Safe::from_static("[keys]"), what, next_step),
    }
}
