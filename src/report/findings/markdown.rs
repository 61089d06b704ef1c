//! The findings for a ticket: the verdict, the findings as a table, the Regions that are missing. Nothing from outside becomes markup.

use super::record::{COLUMNS, Record, records};
use super::{evidence_words, requests_words, snapshot_words, unjudged_words, verdict_words};
use crate::domain::text::{Safe, safe};
use crate::report::markdown::{literal, tabulated};
use crate::report::table::{account, regions};
use crate::wire::findings::FindingsReport;

/// The columns that a ticket has room for.
const SHOWN: [&str; 10] =
    ["verdict", "severity", "check", "rule", "name", "key_id", "region", "detail", "remedy", "plan"];

pub(crate) fn render(report: &FindingsReport<'_>) -> String {
    let mut parts = vec![format!("**{}**\n", literal(verdict_words(report).as_str()))];
    parts.extend(unjudged_words(report).map(|words| format!("**{}**\n", literal(words.as_str()))));
    parts.push(list(&about(report)));
    let records: Vec<Vec<Safe>> = records(report).into_iter().map(shown).collect();
    if !records.is_empty() {
        parts.push(tabulated(&SHOWN, records.iter().map(Vec::as_slice)));
    }
    if !report.checked.rules.is_empty() {
        parts.push(rules(report));
    }
    let missing = regions::missing(&report.fleet);
    if !missing.is_empty() {
        parts.push(format!("Regions that could not be read:\n\n{}", list(&missing)));
    }
    parts.join("\n")
}

fn about(report: &FindingsReport<'_>) -> Vec<Safe> {
    let mut lines: Vec<Safe> = report.fleet.accounts.iter().map(account).collect();
    lines.extend(snapshot_words(report));
    lines.push(safe!("read {} to {}", report.fleet.taken_at.minute(), report.fleet.finished_at.minute()));
    lines.push(safe!("evidence {}", evidence_words(report)));
    lines.extend(report.terms.filter.map(|filter| safe!("filter {}", filter.safe())));
    let checked = report.checked;
    lines.push(safe!(
        "{} keys: {} with something certainly wrong, {} more with something not known",
        checked.keys,
        checked.failed,
        checked.unknown
    ));
    lines.push(requests_words(report));
    lines
}

fn list(lines: &[Safe]) -> String {
    let items: Vec<String> = lines.iter().map(|line| format!("- {}\n", literal(line.as_str()))).collect();
    items.concat()
}

fn shown(record: Record) -> Vec<Safe> {
    let named = COLUMNS.into_iter().zip(record).collect::<Vec<_>>();
    let of = |column: &&str| named.iter().find(|(name, _)| name == column).map(|(_, value)| value.clone());
    SHOWN.iter().map(|column| of(column).unwrap_or_default()).collect()
}

fn rules(report: &FindingsReport<'_>) -> String {
    let rows: Vec<[Safe; 5]> = report
        .checked
        .rules
        .iter()
        .map(|rule| {
            let [matched, pass, fail, unknown] =
                [rule.matched, rule.pass, rule.fail, rule.unknown].map(|count| safe!("{count}"));
            [rule.name.safe(), matched, pass, fail, unknown]
        })
        .collect();
    tabulated(&["rule", "matched", "pass", "fail", "unknown"], rows.iter().map(<[_; 5]>::as_slice))
}
