//! The same rows as CSV, as a Markdown table for a ticket. What an alias holds can neither leave its cell nor become markup.

use super::record::{COLUMNS, records};
use crate::domain::text::Safe;
use crate::wire::fleet::FleetReport;

pub(crate) fn render(report: &FleetReport<'_>) -> String {
    tabulated(&COLUMNS, records(report).iter().map(<[_; COLUMNS.len()]>::as_slice))
}

/// A table with its titles.
pub(super) fn tabulated<'record>(columns: &[&str], records: impl Iterator<Item = &'record [Safe]>) -> String {
    let mut text = line(columns.iter().map(|&column| column.to_owned()));
    text.push_str(&line(columns.iter().map(|_| "---".to_owned())));
    for record in records {
        text.push_str(&line(record.iter().map(|value| literal(value.as_str()))));
    }
    text
}

fn line(cells: impl Iterator<Item = String>) -> String {
    format!("| {} |\n", cells.collect::<Vec<_>>().join(" | "))
}

/// What breaks a word that would be more than a word: no width, and no other name for itself. Whoever renders the text sees no difference.
const BREAK: &str = "&#8203;";

/// Puts a backslash before whatever Markdown would act on. An underscore inside a word is only an underscore.
///
/// Forges look at the finished text too: a name, the number of an issue and an address would call somebody or become links there. A backslash is gone by
/// then, so these are broken.
pub(super) fn literal(value: &str) -> String {
    let characters: Vec<char> = value.chars().collect();
    let in_word = |index: Option<usize>| {
        index.and_then(|index| characters.get(index)).is_some_and(|character| character.is_alphanumeric())
    };
    let mut text = String::with_capacity(value.len());
    for (index, character) in characters.iter().enumerate() {
        let acts = match character {
            '\\' | '|' | '`' | '*' | '<' | '>' | '[' | ']' | '~' | '&' | '!' | '$' | '%' => true,
            '_' => !(in_word(index.checked_sub(1)) && in_word(Some(index + 1))),
            _ => false,
        };
        if acts {
            text.push('\\');
        }
        text.push(*character);
        if is_more(&characters, index) {
            text.push_str(BREAK);
        }
    }
    text
}

/// Whether what begins with this character would be a name, a number or an address for a forge.
fn is_more(characters: &[char], index: usize) -> bool {
    let (before, from) = characters.split_at_checked(index).unwrap_or_default();
    let ends_in_www = || {
        let last: Vec<char> = before.iter().rev().take(3).map(char::to_ascii_lowercase).collect();
        last == ['w'; 3]
    };
    match from {
        ['@' | '#', next, ..] => next.is_alphanumeric() || *next == '_',
        [':', '/', '/', ..] => true,
        ['.', ..] => ends_in_www(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::fleet::tests::with_report;

    fn check(value: &str, expected: &str) {
        assert_eq!(literal(value), expected);
    }

    #[test]
    fn markup_is_made_text() {
        check("alias/a|b", "alias/a\\|b");
        check("\\u{202e}", "\\\\u{202e}");
        check("AWS_KMS", "AWS_KMS");
        check("alias/_x_", "alias/\\_x\\_");
        check("<b>&[x](y)", "\\<b\\>\\&\\[x\\](y)");
    }

    #[test]
    fn nobody_is_called_and_nothing_becomes_a_link() {
        check("ask @security", "ask @&#8203;security");
        check("like #1, C# and a @ b", "like #&#8203;1, C# and a @ b");
        check("https://example.com", "https:&#8203;//example.com");
        check("WWW.example.com", "WWW.&#8203;example.com");
        check("maria@example.com", "maria@&#8203;example.com");
        check("arn:aws:kms:us-east-1:111122223333:key/mrk-1", "arn:aws:kms:us-east-1:111122223333:key/mrk-1");
        check("!1 $x$ %2", "\\!1 \\$x\\$ \\%2");
    }

    #[test]
    fn it_is_a_table_of_the_same_rows() {
        let (text, rows) = with_report(None, |report| (render(report), records(report).len()));
        assert_eq!(text.lines().count(), rows + 2);
        assert!(text.starts_with("| account | key_id | alias |"));
        assert!(text.contains("| us-east-1 | present | PRIMARY | Enabled | SYMMETRIC_DEFAULT | AWS_KMS |"));
        for line in text.lines() {
            assert_eq!(line.matches(" | ").count(), COLUMNS.len() - 1, "{line}");
        }
    }
}
