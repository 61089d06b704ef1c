//! Text from outside, and text that may be shown.
//!
//! Whatever AWS, a file or an argument gives is [`Foreign`]: it cannot be printed, only shown as [`Safe`], in which everything that a terminal could take for
//! a command, or an eye for something else, stands escaped and visible. Nothing is dropped: dropping makes two names equal.

use std::borrow::Cow;
use std::fmt::{self, Write as _};
use std::sync::Arc;

use unicode_properties::{GeneralCategory, UnicodeGeneralCategory as _};

/// Marks that may follow one base character before they are escaped.
const MARKS: usize = 4;

/// Characters of one value that are ever shown; the rest is counted.
const LONGEST: usize = 4_096;

/// Text as it came, whole. No `Display` and no `Deref`: see [`Foreign::safe`] for eyes and [`Foreign::original`] for machines.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Foreign(Arc<str>);

impl Foreign {
    pub(crate) fn new(text: impl Into<Arc<str>>) -> Self {
        Self(text.into())
    }

    /// The text for eyes.
    pub(crate) fn safe(&self) -> Safe {
        Safe(Cow::Owned(escape(&self.0)))
    }

    /// The text for machines: JSON, the journal, what is sent to KMS, filters, policies, digests.
    pub(crate) fn original(&self) -> &str {
        &self.0
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Foreign {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "\"{}\"", escape(&self.0))
    }
}

/// Text that may be shown: on a screen, in a table, in a log.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub(crate) struct Safe(Cow<'static, str>);

impl Safe {
    pub(crate) const fn from_static(text: &'static str) -> Self {
        Self(Cow::Borrowed(text))
    }

    /// Text composed of our own words and of values that print safely. It is escaped once more, so that a mistake shows instead of acting.
    pub(crate) fn format(arguments: fmt::Arguments<'_>) -> Self {
        match arguments.as_str() {
            Some(text) => Self(Cow::Borrowed(text)),
            None => Self(Cow::Owned(escape(&arguments.to_string()))),
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Safe {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

impl From<&'static str> for Safe {
    fn from(text: &'static str) -> Self {
        Self::from_static(text)
    }
}

/// Composes [`Safe`] text as `format!` composes a `String`.
macro_rules! safe {
    ($($argument:tt)*) => { $crate::domain::text::Safe::format(format_args!($($argument)*)) };
}
pub(crate) use safe;

/// Whether a character is ordinary text: it takes its place on the line and does nothing else.
pub(crate) fn is_plain(character: char) -> bool {
    match character {
        ' '..='~' => true,
        _ if character.is_ascii() => false,
        _ => is_plain_letter(character) || is_mark(character),
    }
}

fn is_plain_letter(character: char) -> bool {
    if is_blank(character) {
        return false;
    }
    !matches!(
        character.general_category(),
        GeneralCategory::Control
            | GeneralCategory::Format
            | GeneralCategory::Surrogate
            | GeneralCategory::PrivateUse
            | GeneralCategory::Unassigned
            | GeneralCategory::LineSeparator
            | GeneralCategory::ParagraphSeparator
            | GeneralCategory::SpaceSeparator
            | GeneralCategory::NonspacingMark
            | GeneralCategory::SpacingMark
            | GeneralCategory::EnclosingMark
    )
}

fn is_mark(character: char) -> bool {
    !is_blank(character)
        && matches!(
            character.general_category(),
            GeneralCategory::NonspacingMark | GeneralCategory::SpacingMark | GeneralCategory::EnclosingMark
        )
}

/// Letters, marks and symbols that show nothing: fillers, joiners, variation selectors, the blank braille pattern.
fn is_blank(character: char) -> bool {
    matches!(
        character,
        '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{2800}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{ffa0}' | '\u{e0100}'..='\u{e01ef}' | '\u{1d159}' | '\u{1d173}'..='\u{1d17a}'
    )
}

/// Escapes everything that is not plain, as `\u{202e}`; marks beyond a few on one character too. Escaping what is escaped changes nothing.
fn escape(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut marks = 0;
    for (count, character) in text.chars().enumerate() {
        if count == LONGEST {
            let _infallible = write!(shown, "… (+{} characters)", text.chars().count() - LONGEST);
            break;
        }
        marks = if is_mark(character) { marks + 1 } else { 0 };
        // A mark at the very start would join whatever stands before the value.
        let joins_what_is_before = marks > 0 && count == marks - 1;
        if is_plain(character) && marks <= MARKS && !joins_what_is_before {
            shown.push(character);
        } else {
            let _infallible = write!(shown, "\\u{{{:x}}}", u32::from(character));
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(Foreign::new(text).safe().as_str(), expected);
    }

    #[test]
    fn what_a_terminal_could_obey_is_shown_instead() {
        check("payments", "payments");
        check("naïve 日本 “x” 🔑", "naïve 日本 “x” 🔑");
        check("a\u{1b}[2J", "a\\u{1b}[2J");
        check("a\r\nb\u{9b}", "a\\u{d}\\u{a}b\\u{9b}");
        check("user\u{202e}gpj", "user\\u{202e}gpj");
        check("a\u{200b}b\u{e0041}", "a\\u{200b}b\\u{e0041}");
        check("e\u{301}", "e\u{301}");
        check("\u{301}e", "\\u{301}e");
        check(&format!("e{}", "\u{301}".repeat(6)), &format!("e{}\\u{{301}}\\u{{301}}", "\u{301}".repeat(4)));
    }

    #[test]
    fn no_scalar_value_gets_through_that_is_not_plain() {
        for scalar in (0..=0x10_ffff).filter_map(char::from_u32) {
            let shown = Foreign::new(format!("a{scalar}")).safe();
            let fits = shown.as_str().chars().all(is_plain);
            assert!(fits, "U+{:04X}", u32::from(scalar));
            let control = shown.as_str().chars().any(char::is_control);
            assert!(!control, "U+{:04X}", u32::from(scalar));
        }
    }

    #[test]
    fn escaping_twice_changes_nothing() {
        let once = Foreign::new("\u{1b}]0;x\u{7}\u{202e}").safe();
        assert_eq!(safe!("{once}"), once);
    }

    #[test]
    fn a_very_long_value_is_capped_with_a_notice() {
        let shown = Foreign::new("x".repeat(LONGEST + 5)).safe();
        assert!(shown.as_str().ends_with("… (+5 characters)"));
    }
}
