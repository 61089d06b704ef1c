//! What the checks found, on paper: for eyes, for spreadsheets and tickets, for test runners and code scanning. Pure: a report in, text out.
//!
//! Every format tells the same findings in the same order. Machine formats that can hold any text carry originals; the others carry
//! `Safe`.

pub(crate) mod csv;
pub(crate) mod json;
pub(crate) mod junit;
pub(crate) mod markdown;
mod record;
pub(crate) mod sarif;
pub(crate) mod table;
#[cfg(test)]
mod tests;
mod xml;

use std::collections::BTreeMap;

use crate::domain::check::finding::{COVERAGE, Finding};
use crate::domain::fleet::KeyRef;
use crate::domain::text::{Safe, safe};
use crate::domain::time::span;
use crate::domain::verdict::{Severity, Verdict};
use crate::wire::findings::FindingsReport;

/// What the keys of a report are called.
#[derive(Debug, Default)]
struct Names<'a>(BTreeMap<&'a KeyRef, Safe>);

impl<'a> Names<'a> {
    /// Of the keys that something is reported of.
    fn of(report: &FindingsReport<'a>) -> Self {
        let mut names = BTreeMap::new();
        for key in report.shown().filter_map(|finding| finding.key.as_ref()) {
            names.entry(key).or_insert_with(|| {
                let row = report.fleet.fleet.row(key, report.fleet.finished_at);
                row.map_or_else(|| safe!("{}", key.id), |row| super::table::called(&row.name, &row.key.id))
            });
        }
        Self(names)
    }

    /// The name alone; empty where there is no key.
    fn name(&self, finding: &Finding) -> Safe {
        finding.key.as_ref().and_then(|key| self.0.get(key)).cloned().unwrap_or_default()
    }

    /// The key as a sentence names it: by name and ID.
    fn key(&self, finding: &Finding) -> Safe {
        let Some(key) = &finding.key else { return Safe::from_static("no key") };
        let name = self.name(finding);
        if name.as_str().ends_with(key.id.as_str()) { name } else { safe!("{name} {}", key.id) }
    }
}

/// The verdict in words, and why it is that.
fn verdict_words(report: &FindingsReport<'_>) -> Safe {
    let fail_on = report.terms.fail_on;
    let (fail, unknown) = (count(report, Verdict::Fail), count(report, Verdict::Unknown));
    let unread = if report.checked.complete { "" } else { "; not everything in scope was read" };
    let above = if fail_on == Severity::High { "" } else { " or above" };
    let what = safe!("of severity {}{above}", fail_on.name());
    match report.verdict() {
        Verdict::Fail => {
            let open = if unknown == 0 { Safe::default() } else { safe!(", {unknown} more cannot be decided") };
            safe!("FAIL: {}, certain{open}{unread}", findings(fail, &what))
        }
        Verdict::Unknown if unknown == 0 => {
            safe!(
                "NOT KNOWN: nothing {what} is certainly wrong, but not everything in scope was read: keys may be unseen"
            )
        }
        Verdict::Unknown => {
            let open = safe!("{unknown} cannot be decided");
            safe!("NOT KNOWN: nothing {what} is certainly wrong, {open}{unread}")
        }
        Verdict::Pass => safe!("PASS: nothing {what} is wrong, on sufficient evidence"),
    }
}

/// What a reader of old answers must not overlook: when they were given, and how long ago that is.
fn snapshot_words(report: &FindingsReport<'_>) -> Option<Safe> {
    let old = report.snapshot_age?;
    let age = match old.as_secs() / (365 * 86_400) {
        0 => span(old),
        1 => "1 year".to_owned(),
        years => format!("{years} years"),
    };
    Some(safe!("judged from a snapshot of {}, {age} old", report.fleet.finished_at.minute()))
}

/// What a reader of rules must not overlook: nobody held the keys against them.
fn unjudged_words(report: &FindingsReport<'_>) -> Option<Safe> {
    let rules = report.terms.rules.len();
    let is_off = rules > 0 && !report.terms.tuning.is_enabled(&COVERAGE);
    let what = if rules == 1 { safe!("1 RULE IS NOT CHECKED") } else { safe!("{rules} RULES ARE NOT CHECKED") };
    is_off.then(|| safe!("{what}: coverage is off ([checks.coverage] enabled = false)"))
}

fn findings(count: usize, what: &Safe) -> Safe {
    if count == 1 { safe!("1 finding {what}") } else { safe!("{count} findings {what}") }
}

/// The findings with this verdict that decide the whole.
fn count(report: &FindingsReport<'_>, verdict: Verdict) -> usize {
    let decides = |finding: &&Finding| finding.decides(report.terms.fail_on) && finding.judgement.verdict == verdict;
    report.checked.findings.iter().filter(decides).count()
}

/// What the evidence had to be.
fn evidence_words(report: &FindingsReport<'_>) -> &'static str {
    match report.terms.accepted {
        crate::domain::evidence::Accepted::Declared => {
            "declared: where a Region could not be read, a primary key that was read and names no member there is taken at its word"
        }
        crate::domain::evidence::Accepted::Listed => "listed: only what a Region lists itself proves an absence",
    }
}

/// What was asked of AWS, and what that costs.
fn requests_words(report: &FindingsReport<'_>) -> Safe {
    let requests = report.requests;
    let each: Vec<String> = requests.by_operation.iter().map(|(name, count)| format!("{name} {count}")).collect();
    if each.is_empty() {
        return Safe::from_static("Requests: none");
    }
    let usd = requests.usd;
    let cost = if usd < 0.01 { Safe::from_static("less than USD 0.01") } else { safe!("about USD {usd:.2}") };
    safe!("Requests: {} ({}), {cost} for KMS; STS costs nothing", requests.total(), each.join(", "))
}
