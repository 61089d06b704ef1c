//! `keyfleet.fleet/1` by lines: first everything but the keys, then one key a line.

use crate::wire::fleet::{FleetReport, head, key_entries};
use crate::wire::json;

/// The lines, made one at a time.
pub(crate) fn pieces<'report>(
    report: &'report FleetReport<'_>,
) -> impl Iterator<Item = Result<String, serde_json::Error>> + 'report {
    let first = json::to_string(&head(report));
    let keys = key_entries(report).map(|key| json::to_string(&key));
    std::iter::once(first).chain(keys).map(|line| line.map(|line| line + "\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::fleet::fleet_document;
    use crate::wire::fleet::tests::with_report;

    #[test]
    fn the_lines_together_are_the_document() {
        let (text, whole) = with_report(None, |report| {
            (pieces(report).collect::<Result<String, _>>().unwrap(), fleet_document(report))
        });
        let mut lines = text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        let mut head = lines.next().unwrap();
        assert_eq!(head.get("keys"), None);
        head["keys"] = lines.collect();
        assert_eq!(head, serde_json::to_value(whole).unwrap());
    }
}
