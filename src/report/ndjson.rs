//! `keyfleet.fleet/1` by lines: first everything but the keys, then one key a line.

use crate::wire::fleet::{FleetReport, fleet_document};
use crate::wire::json;

pub(crate) fn render(report: &FleetReport<'_>) -> Result<String, serde_json::Error> {
    let document = fleet_document(report);
    let mut text = json::to_string(&document.head)? + "\n";
    for key in &document.keys {
        text.push_str(&json::to_string(key)?);
        text.push('\n');
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::fleet::tests::with_report;

    #[test]
    fn the_lines_together_are_the_document() {
        let (text, whole) = with_report(None, |report| (render(report).unwrap(), fleet_document(report)));
        let mut lines = text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        let mut head = lines.next().unwrap();
        assert_eq!(head.get("keys"), None);
        head["keys"] = lines.collect();
        assert_eq!(head, serde_json::to_value(whole).unwrap());
    }
}
