//! `keyfleet.impact/1`, indented.

use crate::report::json::document;
use crate::wire::impact::{ImpactReport, head, key_entries};
use crate::wire::json;

/// The document in pieces, one for each key, so that no more than one of them is held at a time.
pub(crate) fn pieces<'report>(
    report: &'report ImpactReport<'_>,
) -> impl Iterator<Item = Result<String, serde_json::Error>> + 'report {
    document(json::to_string_pretty(&head(report)), "keys", key_entries(report))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::impact::tests::with_impact;

    #[test]
    fn the_pieces_together_are_a_document() {
        let text = with_impact(&["us-east-1"], |report| pieces(report).collect::<Result<String, _>>().unwrap());
        let document: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(document["schema"], "keyfleet.impact/1");
        let effects: Vec<_> = document["keys"].as_array().unwrap().iter().map(|key| &key["effect"]).collect();
        assert_eq!(effects, ["lost", "unknown", "unaffected"]);
    }
}
