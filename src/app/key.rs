//! One key press as a value: what it is called in the configuration, in help and in tests. Knows no terminal; the runtime converts.

use std::fmt;

/// A key, without its modifiers. Shift is part of the character it makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Key {
    Char(char),
    Enter,
    Esc,
    Tab,
    BackTab,
    Backspace,
    Delete,
    Insert,
    Up,
    Down,
    Left,
    Right,
    Home,
    End,
    PageUp,
    PageDown,
    Function(u8),
}

/// A key with the modifiers held down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Chord {
    pub(crate) key: Key,
    pub(crate) ctrl: bool,
    pub(crate) alt: bool,
}

/// The text names no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotAChord;

/// The keys that have a name of more than one letter. The first name of a key is the one it is shown by.
const NAMES: [(&str, Key); 21] = [
    ("enter", Key::Enter),
    ("esc", Key::Esc),
    ("tab", Key::Tab),
    ("shift-tab", Key::BackTab),
    ("backspace", Key::Backspace),
    ("delete", Key::Delete),
    ("insert", Key::Insert),
    ("up", Key::Up),
    ("down", Key::Down),
    ("left", Key::Left),
    ("right", Key::Right),
    ("home", Key::Home),
    ("end", Key::End),
    ("pgup", Key::PageUp),
    ("pgdn", Key::PageDown),
    ("space", Key::Char(' ')),
    ("return", Key::Enter),
    ("escape", Key::Esc),
    ("pageup", Key::PageUp),
    ("pagedown", Key::PageDown),
    ("del", Key::Delete),
];

impl Chord {
    pub(crate) const fn plain(key: Key) -> Self {
        Self { key, ctrl: false, alt: false }
    }

    pub(crate) const fn char(character: char) -> Self {
        Self::plain(Key::Char(character))
    }

    #[cfg(test)]
    pub(crate) const fn ctrl(character: char) -> Self {
        Self { key: Key::Char(character), ctrl: true, alt: false }
    }

    /// Reads `j`, `G`, `ctrl-r`, `alt-x`, `pgdn`, `f2`, `space`. Names and modifiers in any case; a single letter keeps its own.
    pub(crate) fn parse(text: &str) -> Result<Self, NotAChord> {
        let mut rest = text;
        let (mut ctrl, mut alt) = (false, false);
        loop {
            if let Some(after) = strip_modifier(rest, "ctrl-") {
                (ctrl, rest) = (true, after);
            } else if let Some(after) = strip_modifier(rest, "alt-") {
                (alt, rest) = (true, after);
            } else {
                break;
            }
        }
        let key = parse_key(rest).ok_or(NotAChord)?;
        // Terminals send the same byte for Ctrl-R and Ctrl-Shift-R: one name for both.
        let folded = if let Key::Char(letter) = key { Key::Char(letter.to_ascii_lowercase()) } else { key };
        Ok(Self { key: if ctrl { folded } else { key }, ctrl, alt })
    }

    /// The character that this key types, if it types one.
    pub(crate) fn typed(self) -> Option<char> {
        match self.key {
            Key::Char(character) if !self.ctrl && !self.alt => Some(character),
            Key::Char(_)
            | Key::Enter
            | Key::Esc
            | Key::Tab
            | Key::BackTab
            | Key::Backspace
            | Key::Delete
            | Key::Insert
            | Key::Up
            | Key::Down
            | Key::Left
            | Key::Right
            | Key::Home
            | Key::End
            | Key::PageUp
            | Key::PageDown
            | Key::Function(_) => None,
        }
    }

    /// How footers and help print it: `Enter`, `Ctrl-R`, `F2`, `R`.
    pub(crate) fn label(self) -> String {
        let text = self.to_string();
        let capital = |part: &str| {
            let mut letters = part.chars();
            let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
            first + letters.as_str()
        };
        match text.rsplit_once('-').filter(|(before, last)| !before.is_empty() && !last.is_empty()) {
            Some((before, last)) => format!("{}-{}", capital(before), capital(last)),
            None if text.chars().count() > 1 => capital(&text),
            None => text,
        }
    }
}

fn strip_modifier<'text>(text: &'text str, modifier: &str) -> Option<&'text str> {
    let (head, tail) = (text.get(..modifier.len())?, text.get(modifier.len()..)?);
    (head.eq_ignore_ascii_case(modifier) && !tail.is_empty()).then_some(tail)
}

fn parse_key(name: &str) -> Option<Key> {
    let mut letters = name.chars();
    if let (Some(only), None) = (letters.next(), letters.next()) {
        return (!only.is_control()).then_some(Key::Char(only));
    }
    if let Some((_, key)) = NAMES.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)) {
        return Some(*key);
    }
    let number: u8 = strip_modifier(name, "f")?.parse().ok()?;
    (1..=12).contains(&number).then_some(Key::Function(number))
}

impl fmt::Display for Chord {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.ctrl {
            formatter.write_str("ctrl-")?;
        }
        if self.alt {
            formatter.write_str("alt-")?;
        }
        if let Some((name, _)) = NAMES.iter().find(|(_, key)| *key == self.key) {
            return formatter.write_str(name);
        }
        match self.key {
            Key::Char(character) => write!(formatter, "{character}"),
            Key::Function(number) => write!(formatter, "f{number}"),
            Key::Enter
            | Key::Esc
            | Key::Tab
            | Key::BackTab
            | Key::Backspace
            | Key::Delete
            | Key::Insert
            | Key::Up
            | Key::Down
            | Key::Left
            | Key::Right
            | Key::Home
            | Key::End
            | Key::PageUp
            | Key::PageDown => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<(&str, &str), NotAChord>) {
        let found = Chord::parse(text).map(|chord| (chord.to_string(), chord.label()));
        assert_eq!(found, expected.map(|(name, label)| (name.to_owned(), label.to_owned())), "{text}");
    }

    #[test]
    fn chords_read_and_print() {
        check("j", Ok(("j", "j")));
        check("G", Ok(("G", "G")));
        check("Ctrl-R", Ok(("ctrl-r", "Ctrl-R")));
        check("alt-x", Ok(("alt-x", "Alt-X")));
        check("ctrl-alt-delete", Ok(("ctrl-alt-delete", "Ctrl-alt-Delete")));
        check("PgDn", Ok(("pgdn", "Pgdn")));
        check("pagedown", Ok(("pgdn", "Pgdn")));
        check("f2", Ok(("f2", "F2")));
        check("space", Ok(("space", "Space")));
        check("shift-tab", Ok(("shift-tab", "Shift-Tab")));
        check("-", Ok(("-", "-")));
        check("ctrl--", Ok(("ctrl--", "Ctrl--")));
        check("f13", Err(NotAChord));
        check("hyper-x", Err(NotAChord));
        check("jj", Err(NotAChord));
        check("", Err(NotAChord));
        check("\u{1b}", Err(NotAChord));
    }

    #[test]
    fn every_name_reads_back() {
        for (name, key) in NAMES {
            assert_eq!(Chord::parse(name), Ok(Chord::plain(key)));
            assert_eq!(Chord::parse(&Chord::plain(key).to_string()), Ok(Chord::plain(key)));
        }
    }
}
