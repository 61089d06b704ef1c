//! `keyfleet.fleet/1`, indented.

use serde::Serialize;

use crate::wire::fleet::{FleetReport, Snapshot, head, key_entries, snapshot_entries, snapshot_head};
use crate::wire::json;

/// The document in pieces, one for each key, so that no more than one of them is held at a time.
pub(crate) fn pieces<'report>(
    report: &'report FleetReport<'_>,
) -> impl Iterator<Item = Result<String, serde_json::Error>> + 'report {
    document(json::to_string_pretty(&head(report)), "keys", key_entries(report))
}

/// The same of a snapshot.
pub(crate) fn snapshot_pieces<'report>(
    snapshot: &'report Snapshot<'report>,
) -> impl Iterator<Item = Result<String, serde_json::Error>> + 'report {
    document(json::to_string_pretty(&snapshot_head(snapshot)), "keys", snapshot_entries(snapshot))
}

/// Any document that ends with a long list, after everything else of it, which is `head`.
pub(super) fn document<Entry: Serialize>(
    head: Result<String, serde_json::Error>,
    list: &'static str,
    entries: impl Iterator<Item = Entry>,
) -> impl Iterator<Item = Result<String, serde_json::Error>> {
    let before = head.map(|head| {
        let open = head.strip_suffix("\n}").unwrap_or(&head);
        format!("{open},\n  \"{list}\": [")
    });
    let entries = entries.enumerate().map(|(index, entry)| {
        let comma = if index == 0 { "" } else { "," };
        // No string in it holds a line break, so every line is one of the indentation.
        json::to_string_pretty(&entry).map(|entry| format!("{comma}\n    {}", entry.replace('\n', "\n    ")))
    });
    std::iter::once(before).chain(entries).chain(std::iter::once(Ok("\n  ]\n}\n".to_owned())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::fleet::fleet_document;
    use crate::wire::fleet::tests::{HOSTILE, with_report};

    fn render(report: &FleetReport<'_>) -> Result<String, serde_json::Error> {
        pieces(report).collect()
    }

    #[test]
    fn the_pieces_together_are_the_document() {
        let (text, whole) = with_report(None, |report| (render(report).unwrap(), fleet_document(report)));
        let read: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(read, serde_json::to_value(whole).unwrap());
    }

    #[test]
    fn originals_come_back_and_nothing_acts_on_a_terminal() {
        let json = with_report(None, |report| render(report).unwrap());
        assert!(!json.chars().any(|character| character != '\n' && character.is_control()));
        assert!(!json.contains('\u{202e}'));
        let document: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(document["keys"][0]["related"][3]["description"], HOSTILE);
        assert_eq!(document["schema"], "keyfleet.fleet/1");
    }
}
