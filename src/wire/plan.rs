//! `keyfleet.plan/1`: a plan as a file that a person reviews and `apply` carries out.
//!
//! The digest is over the same document without it, keys sorted, no white space. It shows that the file was edited by accident; who means to can make another,
//! so nothing is believed on its account: every step is compared with the key before it is sent.

mod error;
mod file;
mod read;
#[cfg(test)]
mod tests;
mod write;

use serde_json::Value;

use super::json;
use crate::domain::policy::sha256;

pub(crate) use error::PlanError;
pub(crate) use file::read_file;
pub(crate) use read::{check, read};
pub(crate) use write::write;

/// The schema's name, and what the names of all its versions begin with.
const SCHEMA: &str = "keyfleet.plan/1";
const SCHEMAS: &str = "keyfleet.plan/";

/// The digest of a document, which must not hold one itself.
fn digest(document: &Value) -> Result<String, serde_json::Error> {
    Ok(format!("sha256:{}", sha256(&json::to_string(&sorted(document))?)))
}

/// The same document with the keys of every object in their order, whatever order the parser keeps.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let mut entries: Vec<(&String, &Value)> = fields.iter().collect();
            entries.sort_by_key(|(name, _)| *name);
            entries.into_iter().map(|(name, value)| (name.clone(), sorted(value))).collect()
        }
        Value::Array(items) => items.iter().map(sorted).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}
