//! The findings for eyes: the verdict first, then what certainly does not hold, the worst first; then what is not known, by its cause, so that one dark Region is
//! one paragraph and not a page; then rules, Regions and cost.

use std::collections::{BTreeMap, BTreeSet};

use comfy_table::{ContentArrangement, Table, presets};

use super::{Names, evidence_words, requests_words, snapshot_words, unjudged_words, verdict_words};
use crate::domain::check::CHECKS;
use crate::domain::check::finding::Finding;
use crate::domain::text::{Safe, safe};
use crate::domain::verdict::{Severity, Verdict};
use crate::report::table::{account, regions};
use crate::wire::findings::FindingsReport;

/// Keys that are named of those with the same cause.
const MOST_NAMED: usize = 8;

/// The table, ready to print.
pub(crate) fn render(report: &FindingsReport<'_>) -> String {
    let names = Names::of(report);
    let mut parts = vec![head(report)];
    parts.extend(Severity::ALL.into_iter().map(|severity| certain(report, &names, severity)));
    parts.push(open(report, &names));
    parts.push(passed(report, &names));
    parts.push(rules(report));
    parts.push(unread(report));
    parts.push(vec![requests_words(report).to_string()]);
    let parts = parts.into_iter().filter(|lines| !lines.is_empty()).map(|lines| lines.join("\n"));
    parts.collect::<Vec<_>>().join("\n\n") + "\n"
}

fn of<'a>(report: &FindingsReport<'a>, verdict: Verdict) -> Vec<&'a Finding> {
    report.checked.findings.iter().filter(|finding| finding.judgement.verdict == verdict).collect()
}

fn head(report: &FindingsReport<'_>) -> Vec<String> {
    let mut lines = vec![verdict_words(report).to_string()];
    lines.extend(snapshot_words(report).map(|words| words.to_string()));
    lines.extend(unjudged_words(report).map(|words| words.to_string()));
    lines.extend(report.fleet.accounts.iter().map(|of| account(of).to_string()));
    let (checked, fleet) = (report.checked, &report.fleet);
    lines.push(format!("read {} to {}", fleet.taken_at.minute(), fleet.finished_at.minute()));
    lines.push(format!("evidence {}", evidence_words(report)));
    if let Some(filter) = report.terms.filter {
        let undecided = fleet.selection.map_or(0, |selection| selection.undecided.len());
        lines.push(format!("filter {}: {} keys, {undecided} of them undecided", filter.safe(), checked.keys));
    }
    let fail = of(report, Verdict::Fail);
    let by_severity = Severity::ALL.map(|severity| {
        let count = fail.iter().filter(|finding| finding.severity == severity).count();
        format!("{count} {}", severity.name())
    });
    let unknown = of(report, Verdict::Unknown).len();
    lines.push(format!(
        "{} keys: {} with something certainly wrong, {} more with something not known",
        checked.keys, checked.failed, checked.unknown
    ));
    lines.push(format!("certain: {}; not known: {unknown}", by_severity.join(", ")));
    lines
}

fn certain(report: &FindingsReport<'_>, names: &Names<'_>, severity: Severity) -> Vec<String> {
    let fail = of(report, Verdict::Fail);
    let findings: Vec<&Finding> = fail.into_iter().filter(|finding| finding.severity == severity).collect();
    if findings.is_empty() {
        return Vec::new();
    }
    let below = if severity < report.terms.fail_on { " (does not decide the verdict)" } else { "" };
    let mut lines = vec![format!("{}{below}", severity.name().to_uppercase())];
    for finding in findings {
        let judgement = &finding.judgement;
        lines.push(format!("  {}{}  {}", names.key(finding), at(finding), by(finding)));
        lines.push(format!("    {}", judgement.detail));
        lines.extend(next(&judgement.remedy.text));
        lines.extend(judgement.remedy.plan.as_ref().map(|plan| format!("    {}", plan.safe())));
    }
    lines
}

/// The check, and the rule if it has one.
fn by(finding: &Finding) -> Safe {
    match &finding.rule {
        Some(rule) => safe!("[{}: {}]", finding.check, rule.safe()),
        None => safe!("[{}]", finding.check),
    }
}

/// The Region, if it is about one.
fn at(finding: &Finding) -> Safe {
    finding.region().map(|region| safe!("  {region}")).unwrap_or_default()
}

fn next(text: &Safe) -> Option<String> {
    (!text.as_str().is_empty()).then(|| format!("    next: {text}"))
}

/// The same cause said of several keys.
#[derive(Default)]
struct Cause<'a> {
    findings: Vec<&'a Finding>,
    by: BTreeSet<Safe>,
}

fn open(report: &FindingsReport<'_>, names: &Names<'_>) -> Vec<String> {
    let mut causes: BTreeMap<(&Safe, &Safe), Cause<'_>> = BTreeMap::new();
    for finding in of(report, Verdict::Unknown) {
        let cause = causes.entry((&finding.judgement.detail, &finding.judgement.remedy.text)).or_default();
        cause.findings.push(finding);
        cause.by.insert(by(finding));
    }
    if causes.is_empty() {
        return Vec::new();
    }
    let mut causes: Vec<_> = causes.into_iter().collect();
    causes.sort_by_key(|(_, cause)| std::cmp::Reverse(cause.findings.len()));
    let mut lines = vec!["NOT KNOWN".to_owned()];
    for ((detail, remedy), cause) in causes {
        let by: Vec<&str> = cause.by.iter().map(Safe::as_str).collect();
        lines.push(format!("  {detail}"));
        lines.push(format!("    {}", by.join(" ")));
        lines.extend(next(remedy));
        lines.push(format!("    {}", concerned(&cause.findings, names)));
    }
    lines
}

/// The keys that something is said of: a few by name, the others by number.
fn concerned(findings: &[&Finding], names: &Names<'_>) -> Safe {
    let keys: BTreeMap<_, _> =
        findings.iter().filter_map(|finding| Some((finding.key.as_ref()?, names.key(finding)))).collect();
    let first: Vec<&str> = keys.values().take(MOST_NAMED).map(Safe::as_str).collect();
    let more = keys.len().saturating_sub(MOST_NAMED);
    match (keys.len(), more) {
        (0, _) => Safe::from_static("no key"),
        (1, _) => safe!("1 key: {}", first.join(", ")),
        (all, 0) => safe!("{all} keys: {}", first.join(", ")),
        (all, _) => safe!("{all} keys: {}, and {more} more (--output json has all)", first.join(", ")),
    }
}

fn passed(report: &FindingsReport<'_>, names: &Names<'_>) -> Vec<String> {
    let passed = of(report, Verdict::Pass);
    if passed.is_empty() || !report.terms.shows_passes {
        return Vec::new();
    }
    let line = |finding: &Finding| {
        format!("  {}{}  {}  {}", names.key(finding), at(finding), by(finding), finding.judgement.detail)
    };
    std::iter::once("PASSED".to_owned()).chain(passed.into_iter().map(line)).collect()
}

fn rules(report: &FindingsReport<'_>) -> Vec<String> {
    let tuning = report.terms.tuning;
    let off: Vec<&str> = CHECKS.iter().filter(|check| !tuning.is_enabled(check)).map(|check| check.id).collect();
    let off = if off.is_empty() { String::new() } else { format!(", off: {}", off.join(", ")) };
    let checks = format!("Checks: {} run{off}", tuning.enabled().count());
    if report.checked.rules.is_empty() {
        let none = "Rules: none; [[rules]] in the configuration say which keys must be where";
        return vec![checks, none.to_owned()];
    }
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled).force_no_tty();
    table.set_header(["RULE", "MATCHED", "PASS", "FAIL", "NOT KNOWN"]);
    for rule in &report.checked.rules {
        let counts = [rule.matched, rule.pass, rule.fail, rule.unknown].map(|count| count.to_string());
        table.add_row(std::iter::once(rule.name.safe().to_string()).chain(counts));
    }
    vec![checks, table.trim_fmt()]
}

fn unread(report: &FindingsReport<'_>) -> Vec<String> {
    let missing = regions::missing(&report.fleet);
    if missing.is_empty() {
        return Vec::new();
    }
    let lines = missing.iter().map(|line| format!("  {line}"));
    std::iter::once("Regions that could not be read".to_owned()).chain(lines).collect()
}
