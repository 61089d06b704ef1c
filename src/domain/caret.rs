//! A line of somebody's text with a caret under it: how an expression or a file says where it is wrong.
//!
//! Only a window of a long line is shown. Where a line may hold a URL, what could be a user name or a password in it is not shown.

use unicode_width::UnicodeWidthStr as _;

use super::text::{Foreign, Safe, safe};

/// Characters of the line that are shown.
const WINDOW: usize = 72;

/// Characters shown before the place that is pointed at, if the line does not fit.
const BEFORE: usize = 40;

/// What stands in the place of a user name and a password.
const HIDDEN: char = '…';

/// The line for eyes, and the line that points at a character of it with a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pointed {
    pub(crate) line: Safe,
    pub(crate) caret: Safe,
}

/// Points at the character number `column` of `line`, counted from zero.
pub(crate) fn point(line: &str, column: usize, message: &Safe) -> Pointed {
    let characters: Vec<char> = line.chars().map(|character| if character == '\t' { ' ' } else { character }).collect();
    let start = if characters.len() > WINDOW { column.saturating_sub(BEFORE) } else { 0 };
    let cut: Vec<char> = characters.iter().skip(start).take(WINDOW).copied().collect();
    let left = if start > 0 { "…" } else { "" };
    let right = if start + cut.len() < characters.len() { "…" } else { "" };
    let before: String = cut.iter().take(column.saturating_sub(start)).collect();
    let before = Foreign::new(format!("{left}{before}")).safe();
    let shown: String = cut.into_iter().collect();
    let line = Foreign::new(format!("{left}{shown}{right}")).safe();
    let margin = " ".repeat(before.as_str().width());
    Pointed { line, caret: safe!("{margin}^ {message}") }
}

/// The same without what stands before an `@`: it may be a user and a password. Rather too much is hidden than too little.
pub(crate) fn point_without_credentials(line: &str, column: usize, message: &Safe) -> Pointed {
    let characters: Vec<char> = line.chars().collect();
    let Some((from, to)) = credentials(&characters) else { return point(line, column, message) };
    let kept = |range: &[char]| range.iter().collect::<String>();
    let (before, rest) = characters.split_at_checked(from).unwrap_or((&characters, &[]));
    let after: &[char] = rest.get(to - from..).unwrap_or_default();
    let shown = format!("{}{HIDDEN}{}", kept(before), kept(after));
    let column = if column <= from { column } else { (column + 1).saturating_sub(to - from).max(from) };
    point(&shown, column, message)
}

/// From where to where a line may hold a user and a password: from its first `//`, or without one from where the word begins, to its last `@`.
fn credentials(line: &[char]) -> Option<(usize, usize)> {
    let to = line.iter().rposition(|character| *character == '@')?;
    let before = line.get(..to)?;
    let slashes = before.windows(2).position(|pair| pair == ['/', '/']).map(|index| index + 2);
    let ends_a_word = |character: &char| character.is_whitespace() || matches!(character, '"' | '\'' | ',' | '=');
    let from = slashes.unwrap_or_else(|| before.iter().rposition(ends_a_word).map_or(0, |index| index + 1));
    (from < to).then_some((from, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, column: usize, expected: &str) {
        let pointed = point(line, column, &Safe::from_static("here"));
        assert_eq!(format!("{}\n{}", pointed.line, pointed.caret), expected, "{line}");
    }

    fn check_hidden(line: &str, column: usize, expected: &str) {
        let pointed = point_without_credentials(line, column, &Safe::from_static("here"));
        assert_eq!(format!("{}\n{}", pointed.line, pointed.caret), expected, "{line}");
    }

    #[test]
    fn the_caret_stands_under_the_character() {
        check("abc", 1, "abc\n ^ here");
        check("abc", 3, "abc\n   ^ here");
        check("", 0, "\n^ here");
        check("\tabc", 1, " abc\n ^ here");
        check("日本x", 2, "日本x\n    ^ here");
        check("\u{1b}x", 1, "\\u{1b}x\n      ^ here");
    }

    #[test]
    fn only_a_window_of_a_long_line_is_shown() {
        let pointed = point(&"x".repeat(1_000), 500, &Safe::from_static("here"));
        assert_eq!(pointed.line.as_str(), format!("…{}…", "x".repeat(72)));
        assert_eq!(pointed.caret.as_str(), format!("{}^ here", " ".repeat(41)));
        assert!(point(&"x".repeat(1_000), 1_000, &Safe::from_static("here")).line.as_str().ends_with("xxx"));
    }

    #[test]
    fn a_password_in_a_url_is_never_shown() {
        check_hidden("u = \"https://me:secret@host\"", 4, "u = \"https://…@host\"\n    ^ here");
        check_hidden(
            "u = \"https://me:se, \"cr@et@host/x\" y",
            33,
            "u = \"https://…@host/x\" y\n                     ^ here",
        );
        check_hidden("u = \"https://me:secret@host\"", 15, "u = \"https://…@host\"\n             ^ here");
        check_hidden("us-east-1=me:secret@host", 0, "us-east-1=…@host\n^ here");
        check_hidden("@", 0, "@\n^ here");
        check_hidden("no such thing", 3, "no such thing\n   ^ here");
    }
}
