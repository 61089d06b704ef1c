//! The rows as CSV that a spreadsheet opens without computing anything.

use super::record::{COLUMNS, records};
use crate::report::csv::written;
use crate::wire::impact::ImpactReport;

/// Fails only if the rows were of different lengths, which their type rules out.
pub(crate) fn render(report: &ImpactReport<'_>) -> Result<String, csv::Error> {
    written(&COLUMNS, records(report).iter().map(<[_; COLUMNS.len()]>::as_slice))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::impact::tests::with_impact;

    #[test]
    fn every_survivor_has_a_row_and_so_has_a_key_without_any() {
        let text = with_impact(&["us-east-1"], |report| render(report).unwrap());
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(
            lines[0],
            "account,key_id,primary_region,effect,basis,last_known_at,region,state,arn,alias,missing_alias,policy,reason,detail,now"
        );
        assert!(
            lines[1].starts_with("111122223333,mrk-b,us-east-1,lost,live,,,,,,,,,every member is in us-east-1;"),
            "{text}"
        );
        let dying = "111122223333,mrk-a,us-east-1,unknown,live,,eu-west-1,PendingDeletion,arn:aws:kms:eu-west-1:111122223333:key/mrk-a,,,unknown,,";
        assert!(lines[3].starts_with(dying), "{text}");
        assert_eq!(lines.len(), 6);
    }
}
