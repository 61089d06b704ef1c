//! JSON as keyfleet writes it everywhere: it parses back to the originals, and nothing in it acts on a terminal.
//!
//! The serializer alone escapes only what is below U+0020. Everything else that is not ordinary text stands here as `\uXXXX`, beyond the basic plane as a
//! surrogate pair.

use std::fmt::Write as _;

use serde::Serialize;

use crate::domain::text::is_plain;

/// On one line.
pub(crate) fn to_string(value: &impl Serialize) -> Result<String, serde_json::Error> {
    serde_json::to_string(value).map(|json| harmless(&json))
}

/// Indented, for a report.
pub(crate) fn to_string_pretty(value: &impl Serialize) -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(value).map(|json| harmless(&json))
}

/// Escapes finished JSON. That is sound because JSON is ASCII outside its strings, and because the serializer has escaped the control characters inside them:
/// the only ones left are the line breaks of the indentation.
fn harmless(json: &str) -> String {
    let mut written = String::with_capacity(json.len());
    for character in json.chars() {
        if character == '\n' || is_plain(character) {
            written.push(character);
        } else {
            let mut units = [0; 2];
            for unit in character.encode_utf16(&mut units) {
                let _infallible = write!(written, "\\u{unit:04x}");
            }
        }
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(original: &str, expected: &str) {
        let json = to_string(&original).unwrap();
        assert_eq!(json, expected);
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), original);
    }

    #[test]
    fn what_acts_on_a_terminal_is_escaped_and_parses_back() {
        check("payments", r#""payments""#);
        check("Schlüssel 鍵", r#""Schlüssel 鍵""#);
        check("\u{1b}]0;x\u{7}", r#""\u001b]0;x\u0007""#);
        check("a\nb\t\"\\", r#""a\nb\t\"\\""#);
        check("\u{7f}\u{9b}31m", r#""\u007f\u009b31m""#);
        check("\u{202e}evil\u{200b}", r#""\u202eevil\u200b""#);
        check("\u{e0041}", r#""\udb40\udc41""#);
        check("\u{2028}\u{feff}", r#""\u2028\ufeff""#);
    }

    #[test]
    fn every_scalar_value_comes_back_and_only_plain_text_is_written() {
        for scalar in (0..=0x10_ffff).filter_map(char::from_u32) {
            let original = scalar.to_string();
            let json = to_string(&original).unwrap();
            assert!(json.chars().all(is_plain), "U+{:04X}", u32::from(scalar));
            assert_eq!(serde_json::from_str::<String>(&json).unwrap(), original);
        }
    }

    #[test]
    fn indentation_is_kept() {
        let json = to_string_pretty(&serde_json::json!({"a": ["\n\u{9b}"]})).unwrap();
        assert_eq!(json, "{\n  \"a\": [\n    \"\\n\\u009b\"\n  ]\n}");
    }
}
