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
    use std::fs;

    use super::*;
    use crate::app::action::{Entry, Risk};
    use crate::app::help;

    const PAGE: &str = "docs/keys.md";

    /// The page of the documentation: the registry, in its order, under the headings of help.
    fn page(keymap: &Keymap) -> String {
        let mut text = "# Keys\n\nMade from the registry of actions, `src/app/action.rs`. The names are those that `[keys]` in the configuration takes: \
             `promote = [\"f9\"]` binds an action anew, `[]` leaves it without a key.\n\n\
             Bold: changes of keys. Each opens a plan; no key changes anything by itself.\n"
            .to_owned();
        let mut scopes = Vec::new();
        for entry in TABLE {
            if !scopes.contains(&entry.scope) {
                scopes.push(entry.scope);
            }
        }
        for scope in scopes {
            let title = help::title(scope);
            let _infallible = write!(text, "\n## {title}\n\n| keys | name | |\n|---|---|---|\n");
            let rows = TABLE.iter().filter(|entry| entry.scope == scope);
            text.extend(rows.map(|entry| row(keymap, entry)));
        }
        text
    }

    fn row(keymap: &Keymap, entry: &Entry) -> String {
        let bold = if matches!(entry.risk, Risk::Plans(_)) { "**" } else { "" };
        let chords: Vec<String> =
            keymap.chords(entry.action).iter().map(|chord| format!("{bold}`{chord}`{bold}")).collect();
        format!("| {} | `{}` | {} |\n", chords.join(" "), entry.name, entry.doc.replace('|', "\\|"))
    }

    #[test]
    fn the_keymap_page_is_the_registry() {
        let made = page(&Keymap::with(&[]).unwrap());
        #[expect(clippy::disallowed_methods, reason = "the switch that also renews the snapshots and the pictures")]
        if std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
            fs::write(PAGE, &made).unwrap();
        }
        let kept = fs::read_to_string(PAGE).unwrap_or_default();
        assert!(kept == made, "{PAGE} is not what the registry says: run `INSTA_UPDATE=always cargo test keymap_page`");
    }

    #[test]
    fn every_action_has_a_line_with_its_keys() {
        let text = keys(&Keymap::with(&[("promote".to_owned(), vec![])]).unwrap());
        assert_eq!(text.lines().count(), TABLE.len());
        let line = |name: &str| text.lines().find(|line| line.split(' ').next() == Some(name)).unwrap();
        assert!(line("replicate").contains("  R  "));
        assert!(line("promote").contains("(none)"));
    }
}
