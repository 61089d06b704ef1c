//! The equivalent aws command of a change, quoted for a POSIX shell.

use std::fmt::Write as _;

use crate::domain::plan::{Change, Mutation};
use crate::domain::text::{Safe, safe};

/// One line that does the same by hand.
pub(super) fn command(mutation: &Mutation) -> Safe {
    let region = &mutation.arn.region;
    let key = &mutation.arn;
    match &mutation.change {
        Change::ReplicateKey { to, policy, description, tags } => {
            let mut line = format!("aws kms replicate-key --region {region} --key-id {key} --replica-region {to}");
            let _infallible = write!(line, " --policy {}", quote(policy.original()));
            if !description.is_empty() {
                let _infallible = write!(line, " --description {}", quote(description.original()));
            }
            if !tags.is_empty() {
                let tags: Vec<serde_json::Value> = tags
                    .iter()
                    .map(|tag| serde_json::json!({"TagKey": tag.key.original(), "TagValue": tag.value.original()}))
                    .collect();
                let _infallible = write!(line, " --tags {}", quote(&serde_json::Value::Array(tags).to_string()));
            }
            safe!("{line}")
        }
        Change::UpdatePrimaryRegion { to } => {
            safe!("aws kms update-primary-region --region {region} --key-id {key} --primary-region {to}")
        }
        Change::CancelKeyDeletion => safe!("aws kms cancel-key-deletion --region {region} --key-id {key}"),
        Change::EnableKey => safe!("aws kms enable-key --region {region} --key-id {key}"),
        Change::CreateAlias { alias } => {
            let alias = quote(alias.original());
            safe!("aws kms create-alias --region {region} --alias-name {alias} --target-key-id {key}")
        }
    }
}

/// Quotes a word; what a terminal could obey is written with `$'…'` escapes, so that the line can be copied and still means the same.
fn quote(word: &str) -> String {
    if word.chars().all(|character| !character.is_control() && crate::domain::text::is_plain(character)) {
        return format!("'{}'", word.replace('\'', "'\\''"));
    }
    let mut quoted = String::from("$'");
    for character in word.chars() {
        match character {
            '\\' => quoted.push_str("\\\\"),
            '\'' => quoted.push_str("\\'"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            plain if crate::domain::text::is_plain(plain) => quoted.push(plain),
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
    fn words_survive_a_shell_and_a_terminal() {
        check("plain", "'plain'");
        check("it's", "'it'\\''s'");
        check("{\n}", "$'{\\n}'");
        check("a\u{202e}b", "$'a\\U0000202eb'");
        check("a\u{1b}\\'b", "$'a\\U0000001b\\\\\\'b'");
    }
}
