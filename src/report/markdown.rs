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

/// Puts a backslash before whatever Markdown would act on. An underscore inside a word is only an underscore.
pub(super) fn literal(value: &str) -> String {
    let characters: Vec<char> = value.chars().collect();
    let in_word = |index: Option<usize>| {
        index.and_then(|index| characters.get(index)).is_some_and(|character| character.is_alphanumeric())
    };
    let mut text = String::with_capacity(value.len());
    for (index, character) in characters.iter().enumerate() {
        let acts = match character {
            '\\' | '|' | '`' | '*' | '<' | '>' | '[' | ']' | '~' | '&' => true,
            '_' => !(in_word(index.checked_sub(1)) && in_word(Some(index + 1))),
            _ => false,
        };
        if acts {
            text.push('\\');
        }
        text.push(*character);
    }
    text
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
