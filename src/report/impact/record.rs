//! The rows of CSV and Markdown: one for each survivor of each key, and one for a key without any.

use crate::domain::text::{Foreign, Safe};
use crate::wire::impact::{ImpactReport, KeyEntry, SurvivorEntry, key_entries};

/// The columns, in order.
pub(super) const COLUMNS: [&str; 15] = [
    "account",
    "key_id",
    "primary_region",
    "effect",
    "basis",
    "last_known_at",
    "region",
    "state",
    "arn",
    "alias",
    "missing_alias",
    "policy",
    "reason",
    "detail",
    "now",
];

/// One row, a value per column.
pub(super) type Record = [Safe; COLUMNS.len()];

/// All rows: the worst effect first, then by key and Region.
pub(super) fn records(report: &ImpactReport<'_>) -> Vec<Record> {
    key_entries(report).flat_map(|key| of_key(&key)).collect()
}

fn of_key(key: &KeyEntry) -> Vec<Record> {
    if key.survivors.is_empty() {
        return vec![record(key, None)];
    }
    key.survivors.iter().map(|survivor| record(key, Some(survivor))).collect()
}

fn record(key: &KeyEntry, survivor: Option<&SurvivorEntry>) -> Record {
    let joined = |names: Option<&Vec<String>>| safe(names.map(|names| names.join(" ")).as_deref());
    [
        safe(key.account.as_deref()),
        safe(Some(&key.key_id)),
        safe(key.primary_region.as_deref()),
        Safe::from_static(key.effect),
        Safe::from_static(key.basis),
        safe(key.last_known_at.as_deref()),
        safe(survivor.map(|survivor| survivor.region.as_str())),
        safe(survivor.and_then(|survivor| survivor.state.as_deref())),
        safe(survivor.map(|survivor| survivor.arn.as_str())),
        joined(survivor.and_then(|survivor| survivor.aliases.as_ref())),
        joined(survivor.and_then(|survivor| survivor.missing_aliases.as_ref())),
        safe(survivor.map(|survivor| survivor.policy)),
        safe(survivor.and_then(|survivor| survivor.reason)),
        safe(Some(&key.detail)),
        safe(Some(&key.now)),
    ]
}

fn safe(text: Option<&str>) -> Safe {
    text.map(|text| Foreign::new(text).safe()).unwrap_or_default()
}
