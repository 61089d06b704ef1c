//! `keyfleet.fleet/1`, indented.

use crate::wire::fleet::{FleetReport, fleet_document};
use crate::wire::json;

pub(crate) fn render(report: &FleetReport<'_>) -> Result<String, serde_json::Error> {
    json::to_string_pretty(&fleet_document(report)).map(|json| json + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::fleet::tests::{HOSTILE, with_report};

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
