//! `keyfleet.findings/1`, indented.

use crate::wire::findings::{FindingsReport, entry, head};
use crate::wire::json;

/// The document in pieces, one for each finding, so that no more than one of them is held at a time.
pub(crate) fn pieces<'report>(
    report: &'report FindingsReport<'_>,
) -> impl Iterator<Item = Result<String, serde_json::Error>> + 'report {
    let before = json::to_string_pretty(&head(report)).map(|head| {
        let open = head.strip_suffix("\n}").unwrap_or(&head);
        format!("{open},\n  \"findings\": [")
    });
    let findings = report.shown().enumerate().map(|(index, finding)| {
        let comma = if index == 0 { "" } else { "," };
        // No string in it holds a line break, so every line is one of the indentation.
        json::to_string_pretty(&entry(report, finding))
            .map(|finding| format!("{comma}\n    {}", finding.replace('\n', "\n    ")))
    });
    std::iter::once(before).chain(findings).chain(std::iter::once(Ok("\n  ]\n}\n".to_owned())))
}
