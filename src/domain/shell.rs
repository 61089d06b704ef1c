//! Words for a POSIX shell, in lines that are shown to be copied.

use std::fmt::Write as _;

use super::text::is_plain;

/// A word as a person would type it: quoted only where the shell would otherwise take something of it for itself.
pub(crate) fn word(word: &str) -> String {
    let is_bare = |character: char| character.is_ascii_alphanumeric() || "-_./:@=+,%".contains(character);
    if !word.is_empty() && word.chars().all(is_bare) { word.to_owned() } else { quote(word) }
}

/// Quotes a word; what a terminal could obey is written with `$'…'` escapes, so that the line can be copied and still means the same.
pub(crate) fn quote(word: &str) -> String {
    if word.chars().all(|character| !character.is_control() && is_plain(character)) {
        return format!("'{}'", word.replace('\'', "'\\''"));
    }
    let mut quoted = String::from("$'");
    for character in word.chars() {
        match character {
            '\\' => quoted.push_str("\\\\"),
            '\'' => quoted.push_str("\\'"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            plain if is_plain(plain) => quoted.push(plain),
            other => {
                let _infallible = write!(quoted, "\\U{:08x}", u32::from(other));
            }
        }
    }
    quoted.push('\'');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(word: &str, expected: &str) {
        assert_eq!(quote(word), expected);
    }

    #[test]
    fn what_no_shell_takes_for_itself_stands_bare() {
        assert_eq!(
            word("arn:aws:kms:us-east-1:111122223333:key/mrk-1"),
            "arn:aws:kms:us-east-1:111122223333:key/mrk-1"
        );
        assert_eq!(word("~root"), "'~root'");
        assert_eq!(word("a b"), "'a b'");
        assert_eq!(word(""), "''");
    }

    #[test]
    fn words_survive_a_shell_and_a_terminal() {
        check("plain", "'plain'");
        check("it's", "'it'\\''s'");
        check("{\n}", "$'{\\n}'");
        check("a\u{202e}b", "$'a\\U0000202eb'");
        check("a\u{1b}\\'b", "$'a\\U0000001b\\\\\\'b'");
    }
}
