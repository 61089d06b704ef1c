//! The same for a ticket: what it is about, then the rows as a table.

use super::ABOUT;
use super::record::{COLUMNS, records};
use super::table::summary;
use crate::report::markdown::tabulated;
use crate::wire::impact::ImpactReport;

pub(crate) fn render(report: &ImpactReport<'_>) -> String {
    let rows = records(report);
    // A list, so that each stays on a line of its own.
    let summary: Vec<String> = summary(report).lines().map(|line| format!("- {line}")).collect();
    format!(
        "{ABOUT}\n{}\n\n{}",
        summary.join("\n"),
        tabulated(&COLUMNS, rows.iter().map(<[_; COLUMNS.len()]>::as_slice))
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::impact::tests::with_impact;

    #[test]
    fn it_says_first_what_it_is_about() {
        let text = with_impact(&["us-east-1"], render);
        assert!(text.starts_with("This is about keys, not about data"));
        let table: Vec<&str> = text.lines().filter(|line| line.starts_with('|')).collect();
        assert_eq!(table.len(), 2 + 5);
        for line in table {
            assert_eq!(line.matches(" | ").count(), COLUMNS.len() - 1, "{line}");
        }
    }
}
