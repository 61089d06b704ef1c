//! Whether a document is what its own fleet would be written as: then it contradicts itself nowhere.

use serde::Serialize;
use serde_json::Value;

use super::Restored;
use super::kept::{Kept, KeptKey};
use crate::domain::text::{Foreign, Safe, safe};
use crate::wire::fleet::deep::{Snapshot, snapshot_entries, snapshot_head};
use crate::wire::found::{Wrong, Wrongness};

/// The characters of a value that are quoted.
const QUOTED: usize = 60;

pub(super) fn check(kept: &Kept, keys: &[KeptKey], restored: &Restored) -> Result<(), Wrong> {
    let snapshot = Snapshot { report: restored.report(), request_ids: &restored.request_ids };
    let mut head = value(&snapshot_head(&snapshot))?;
    // Which keyfleet wrote it is no fact of the fleet.
    head.as_object_mut().map(|head| head.remove("keyfleet"));
    compare("", &value(kept)?, &head)?;
    for (index, (kept, entry)) in keys.iter().zip(snapshot_entries(&snapshot)).enumerate() {
        compare(&format!("keys[{index}]"), &value(kept)?, &value(&entry)?)?;
    }
    Ok(())
}

fn value(document: &impl Serialize) -> Result<Value, Wrong> {
    let failed = |error: serde_json::Error| {
        contradiction("", safe!("cannot be compared: {}", Foreign::new(error.to_string()).safe()))
    };
    serde_json::to_value(document).map_err(failed)
}

/// The first place where two values differ.
fn compare(path: &str, kept: &Value, made: &Value) -> Result<(), Wrong> {
    match (kept, made) {
        (Value::Object(kept_fields), Value::Object(made_fields)) => {
            for (name, made) in made_fields {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                compare(&path, kept_fields.get(name).unwrap_or(&Value::Null), made)?;
            }
            let unheard = kept_fields.keys().find(|name| !made_fields.contains_key(*name));
            match unheard {
                Some(name) => Err(contradiction(&format!("{path}.{name}"), "has no place in a snapshot".into())),
                None => Ok(()),
            }
        }
        (Value::Array(kept_items), Value::Array(made_items)) if kept_items.len() == made_items.len() => kept_items
            .iter()
            .zip(made_items)
            .enumerate()
            .try_for_each(|(index, (kept, made))| compare(&format!("{path}[{index}]"), kept, made)),
        _ if kept == made => Ok(()),
        _ => {
            let (says, means) = (quoted(kept), quoted(made));
            Err(contradiction(path, safe!("is {says}, and by the rest of the document it is {means}")))
        }
    }
}

fn quoted(value: &Value) -> Safe {
    let text = value.to_string();
    let cut: String = text.chars().take(QUOTED).collect();
    let more = if cut.len() < text.len() { "…" } else { "" };
    safe!("{}{more}", Foreign::new(cut).safe())
}

fn contradiction(path: &str, what: Safe) -> Wrong {
    Wrong { path: path.to_owned(), what, kind: Wrongness::Sense }
}
