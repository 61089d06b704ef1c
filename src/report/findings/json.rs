//! `keyfleet.findings/1`, indented.

use crate::report::json::document;
use crate::wire::findings::{FindingsReport, entry, head};
use crate::wire::json;

/// The document in pieces, one for each finding, so that no more than one of them is held at a time.
pub(crate) fn pieces<'report>(
    report: &'report FindingsReport<'_>,
) -> impl Iterator<Item = Result<String, serde_json::Error>> + 'report {
    let findings = report.shown().map(|finding| entry(report, finding));
    document(json::to_string_pretty(&head(report)), "findings", findings)
}
