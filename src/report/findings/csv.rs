//! The findings for a spreadsheet, one a row.

use super::record::{COLUMNS, records};
use crate::report::csv::written;
use crate::wire::findings::FindingsReport;

/// Fails only if the rows were of different lengths, which their type rules out.
pub(crate) fn render(report: &FindingsReport<'_>) -> Result<String, csv::Error> {
    written(&COLUMNS, records(report).iter().map(<[_; COLUMNS.len()]>::as_slice))
}
