//! CSV that a spreadsheet opens without computing anything.

use super::record::{COLUMNS, records};
use crate::domain::text::Safe;
use crate::wire::fleet::FleetReport;

/// Fails only if the rows were of different lengths, which their type rules out.
pub(crate) fn render(report: &FleetReport<'_>) -> Result<String, csv::Error> {
    written(&COLUMNS, records(report).iter().map(<[_; COLUMNS.len()]>::as_slice))
}

/// A table with its titles.
pub(super) fn written<'record>(
    columns: &[&str],
    records: impl Iterator<Item = &'record [Safe]>,
) -> Result<String, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(columns)?;
    for record in records {
        writer.write_record(record.iter().map(|value| inert(value.as_str())))?;
    }
    let bytes = writer.into_inner().map_err(|error| csv::Error::from(std::io::Error::from(error.error().kind())))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// A leading apostrophe makes a spreadsheet take a formula for text.
fn inert(value: &str) -> String {
    if value.starts_with(['=', '+', '-', '@']) { format!("'{value}") } else { value.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::fleet::tests::with_report;

    fn check(value: &str, expected: &str) {
        assert_eq!(inert(value), expected);
    }

    #[test]
    fn formulas_are_made_text() {
        check("=1+1", "'=1+1");
        check("+1", "'+1");
        check("-1", "'-1");
        check("@SUM(A1)", "'@SUM(A1)");
        check("alias/=x", "alias/=x");
        check("", "");
    }

    #[test]
    fn every_region_of_every_key_has_a_row() {
        let text = with_report(None, |report| render(report).unwrap());
        let expected = "\
account,key_id,alias,region,presence,role,state,spec,origin,arn,created_at,deletion_date,reason
111122223333,mrk-a,,ap-south-1,unknown,REPLICA,,SYMMETRIC_DEFAULT,AWS_KMS,arn:aws:kms:ap-south-1:111122223333:key/mrk-a,,,denied
111122223333,mrk-a,,eu-west-1,present,REPLICA,PendingDeletion,SYMMETRIC_DEFAULT,AWS_KMS,arn:aws:kms:eu-west-1:111122223333:key/mrk-a,2024-02-11T10:00:00Z,2026-11-24T18:12:00Z,
111122223333,mrk-a,,sa-east-1,unknown,REPLICA,,SYMMETRIC_DEFAULT,AWS_KMS,arn:aws:kms:sa-east-1:111122223333:key/mrk-a,,,out_of_scope
111122223333,mrk-a,alias/=cards alias/payments,us-east-1,present,PRIMARY,Enabled,SYMMETRIC_DEFAULT,AWS_KMS,arn:aws:kms:us-east-1:111122223333:key/mrk-a,2024-02-11T10:00:00Z,,
111122223333,mrk-b,,ap-south-1,unknown,,,SYMMETRIC_DEFAULT,AWS_KMS,,,,denied
111122223333,mrk-b,,eu-west-1,absent,,,SYMMETRIC_DEFAULT,AWS_KMS,,,,
111122223333,mrk-b,,us-east-1,present,PRIMARY,Disabled,SYMMETRIC_DEFAULT,AWS_KMS,arn:aws:kms:us-east-1:111122223333:key/mrk-b,2024-02-11T10:00:00Z,,
111122223333,mrk-c,,ap-south-1,unknown,,,,,,,,denied
111122223333,mrk-c,,eu-west-1,unknown,,,,,arn:aws:kms:eu-west-1:111122223333:key/mrk-c,,,denied_by_key_policy
111122223333,mrk-c,,us-east-1,absent,,,,,,,,
";
        assert_eq!(text, expected);
    }
}
