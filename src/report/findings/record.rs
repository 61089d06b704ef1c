//! The rows of CSV and Markdown: one for each finding.

use super::Names;
use crate::domain::check::finding::Finding;
use crate::domain::evidence::Evidence;
use crate::domain::text::{Foreign, Safe, safe};
use crate::wire::findings::FindingsReport;

/// The columns, in order.
pub(super) const COLUMNS: [&str; 13] = [
    "id", "verdict", "severity", "check", "rule", "account", "key_id", "name", "region", "detail", "remedy", "plan",
    "evidence",
];

/// One row, a value per column.
pub(super) type Record = [Safe; COLUMNS.len()];

/// All rows, in the order of the findings.
pub(super) fn records(report: &FindingsReport<'_>) -> Vec<Record> {
    let names = Names::of(report);
    report.shown().map(|finding| record(report, &names, finding)).collect()
}

fn record(report: &FindingsReport<'_>, names: &Names<'_>, finding: &Finding) -> Record {
    let judgement = &finding.judgement;
    let optional = |text: Option<String>| text.map(|text| Foreign::new(text).safe()).unwrap_or_default();
    [
        safe!("{}", finding.id()),
        Safe::from_static(judgement.verdict.name()),
        Safe::from_static(finding.severity.name()),
        Safe::from_static(finding.check),
        finding.rule.as_ref().map(Foreign::safe).unwrap_or_default(),
        optional(finding.account.map(|account| account.to_string())),
        optional(finding.key.as_ref().map(|key| key.id.to_string())),
        names.name(finding),
        optional(finding.region().map(ToString::to_string)),
        judgement.detail.clone(),
        judgement.remedy.text.clone(),
        judgement.remedy.plan.as_ref().map(Foreign::safe).unwrap_or_default(),
        evidence(report, finding),
    ]
}

/// On what the verdict rests, answer by answer.
pub(super) fn evidence(report: &FindingsReport<'_>, finding: &Finding) -> Safe {
    let answers = finding.judgement.evidence.iter().map(|evidence| answer(report, evidence).to_string());
    safe!("{}", answers.collect::<Vec<_>>().join("; "))
}

fn answer(report: &FindingsReport<'_>, evidence: &Evidence) -> Safe {
    let Evidence { region, operation, at, basis, .. } = evidence;
    let at = at.map(|at| safe!(" {at}")).unwrap_or_default();
    let request = report.request_id(evidence).map(|id| safe!(" request {}", id.safe())).unwrap_or_default();
    safe!("{region} {operation} {}{at}{request}", basis.name())
}
