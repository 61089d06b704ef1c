//! The rows of CSV and Markdown: one for each related key, and one for each Region where a key is absent or may be.

use crate::domain::text::{Foreign, Safe};
use crate::wire::fleet::{FleetReport, KeyEntry, Reason, Related, key_entries};

/// The columns, in order.
pub(super) const COLUMNS: [&str; 13] = [
    "account",
    "key_id",
    "alias",
    "region",
    "presence",
    "role",
    "state",
    "spec",
    "origin",
    "arn",
    "created_at",
    "deletion_date",
    "reason",
];

/// One row, a value per column.
pub(super) type Record = [Safe; COLUMNS.len()];

/// All rows, by key and then by Region.
pub(super) fn records(report: &FleetReport<'_>) -> Vec<Record> {
    key_entries(report).flat_map(|key| of_key(&key)).collect()
}

fn of_key(key: &KeyEntry) -> Vec<Record> {
    let mut records: Vec<(&str, Record)> = Vec::new();
    records.extend(key.related.iter().map(|related| (related.region.as_str(), related_record(key, related))));
    records.extend(key.absent_regions.iter().map(|region| (region.as_str(), record(key, region, "absent", None))));
    records.extend(
        key.unknown_regions
            .iter()
            .map(|unknown| (unknown.region.as_str(), record(key, &unknown.region, "unknown", Some(&unknown.reason)))),
    );
    records.sort_by_key(|(region, _)| *region);
    records.into_iter().map(|(_, record)| record).collect()
}

fn related_record(key: &KeyEntry, related: &Related) -> Record {
    let [account, key_id, _, region, presence, _, _, spec, origin, _, _, _, reason] =
        record(key, &related.region, related.presence, related.reason.as_ref());
    let aliases = related.aliases.as_ref().map(|aliases| aliases.join(" "));
    [
        account,
        key_id,
        safe(aliases.as_deref()),
        region,
        presence,
        safe(related.role),
        safe(related.state.as_deref()),
        spec,
        origin,
        safe(related.arn.as_deref()),
        safe(related.created_at.as_deref()),
        safe(related.deletion_date.as_deref()),
        reason,
    ]
}

/// What is the same in every Region, and the Region.
fn record(key: &KeyEntry, region: &str, presence: &'static str, reason: Option<&Reason>) -> Record {
    let mut record = Record::default();
    let values = [
        (0, safe(key.account.as_deref())),
        (1, safe(Some(&key.key_id))),
        (3, safe(Some(region))),
        (4, Safe::from_static(presence)),
        (7, safe(key.spec.as_deref())),
        (8, safe(key.origin.as_deref())),
        (12, safe(reason.map(|reason| reason.kind))),
    ];
    for (column, value) in values {
        if let Some(cell) = record.get_mut(column) {
            *cell = value;
        }
    }
    record
}

fn safe(text: Option<&str>) -> Safe {
    text.map(|text| Foreign::new(text).safe()).unwrap_or_default()
}
