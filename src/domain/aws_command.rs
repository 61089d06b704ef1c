//! The equivalent aws command of a change, quoted for a POSIX shell.
//!
//! Composed from what is sent and from nothing else: a plan's file that says another command says another change.

use std::fmt::Write as _;

use super::plan::{Change, Mutation};
use super::shell::quote;
use super::text::Foreign;

/// One line that does the same by hand.
pub(crate) fn command(mutation: &Mutation) -> Foreign {
    let region = &mutation.arn.region;
    let key = &mutation.arn;
    let line = match &mutation.change {
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
            line
        }
        Change::UpdatePrimaryRegion { to } => {
            format!("aws kms update-primary-region --region {region} --key-id {key} --primary-region {to}")
        }
        Change::CancelKeyDeletion => format!("aws kms cancel-key-deletion --region {region} --key-id {key}"),
        Change::EnableKey => format!("aws kms enable-key --region {region} --key-id {key}"),
        Change::CreateAlias { alias } => {
            let alias = quote(alias.original());
            format!("aws kms create-alias --region {region} --alias-name {alias} --target-key-id {key}")
        }
    };
    Foreign::new(line)
}
