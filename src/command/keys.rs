//! `keyfleet keys`: the keymap as configured, from the registry of actions.

use std::fmt::Write as _;

use crate::app::action::TABLE;
use crate::app::keymap::Keymap;

/// One line an action: its name in the configuration, its keys, what it does.
pub(crate) fn keys(keymap: &Keymap) -> String {
    let rows: Vec<(&str, String, &str)> = TABLE
        .iter()
        .map(|entry| {
            let chords: Vec<String> = keymap.chords(entry.action).iter().map(ToString::to_string).collect();
            let chords = if chords.is_empty() { "(none)".to_owned() } else { chords.join("  ") };
            (entry.name, chords, entry.doc)
        })
        .collect();
    let widest = |lengths: &mut dyn Iterator<Item = usize>| lengths.max().unwrap_or(0);
    let names = widest(&mut rows.iter().map(|(name, _, _)| name.len()));
    let keys = widest(&mut rows.iter().map(|(_, chords, _)| chords.chars().count()));
    let mut text = String::new();
    for (name, chords, doc) in rows {
        let _infallible = writeln!(text, "{name:<names$}  {chords:<keys$}  {doc}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_has_a_line_with_its_keys() {
        let text = keys(&Keymap::with(&[("promote".to_owned(), vec![])]).unwrap());
        assert_eq!(text.lines().count(), TABLE.len());
        let line = |name: &str| text.lines().find(|line| line.split(' ').next() == Some(name)).unwrap();
        assert!(line("replicate").contains("  R  "));
        assert!(line("promote").contains("(none)"));
    }
}
