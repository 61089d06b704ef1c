//! From what was found to what is written. Pure, and total: every report has a document.

use super::{
    Build, COMMIT, CheckEntry, EvidenceEntry, FindingEntry, FindingsReport, Head, RemedyEntry, RequestsEntry,
    RuleEntry, SCHEMA, Summary, digest,
};
use crate::domain::check::finding::Finding;
use crate::domain::check::run::RuleCount;
use crate::domain::check::tuning::Tuning;
use crate::domain::check::{CHECKS, Check, Remedy};
use crate::domain::evidence::Evidence;
use crate::domain::text::Foreign;
use crate::domain::time::Timestamp;
use crate::wire::fleet;

/// Everything of the document but the findings.
pub(crate) fn head(report: &FindingsReport<'_>) -> Head {
    let fleet::Head { accounts, regions, .. } = fleet::head(&report.fleet);
    let (terms, checked) = (report.terms, report.checked);
    Head {
        schema: SCHEMA,
        keyfleet: Build { version: env!("CARGO_PKG_VERSION"), commit: COMMIT },
        command: terms.command.iter().map(original).collect(),
        config_digest: digest(report),
        filter: terms.filter.map(original),
        started_at: report.fleet.taken_at.rfc3339(),
        finished_at: report.fleet.finished_at.rfc3339(),
        evidence: terms.accepted.name(),
        fail_on: terms.fail_on.name(),
        verdict: report.verdict().name(),
        complete: checked.complete,
        accounts,
        regions,
        rules: checked.rules.iter().map(rule).collect(),
        checks: checks(terms.tuning),
        summary: Summary { keys: checked.keys, fail: checked.failed, unknown: checked.unknown },
        requests: requests(report),
    }
}

fn requests(report: &FindingsReport<'_>) -> RequestsEntry {
    RequestsEntry {
        total: report.requests.total(),
        by_operation: report.requests.by_operation.iter().copied().collect(),
        usd: report.requests.usd,
    }
}

fn rule(count: &RuleCount) -> RuleEntry {
    let RuleCount { name, matched, pass, fail, unknown } = count;
    RuleEntry { name: original(name), matched: *matched, pass: *pass, fail: *fail, unknown: *unknown }
}

/// Every check, whether it ran or not.
pub(super) fn checks(tuning: &Tuning) -> Vec<CheckEntry> {
    let entry = |check: &Check| CheckEntry {
        id: check.id,
        enabled: tuning.is_enabled(check),
        severity: tuning.severity(check).name(),
    };
    CHECKS.iter().map(entry).collect()
}

/// One finding as it stands in the document.
pub(crate) fn entry(report: &FindingsReport<'_>, finding: &Finding) -> FindingEntry {
    let judgement = &finding.judgement;
    FindingEntry {
        id: finding.id(),
        check: finding.check,
        rule: finding.rule.as_ref().map(original),
        severity: finding.severity.name(),
        verdict: judgement.verdict.name(),
        account: finding.account.map(|account| account.to_string()),
        key_id: finding.key.as_ref().map(|key| key.id.to_string()),
        region: finding.region().map(ToString::to_string),
        detail: judgement.detail.as_str().to_owned(),
        remedy: remedy(&judgement.remedy),
        evidence: judgement.evidence.iter().map(|evidence| evidence_entry(report, evidence)).collect(),
    }
}

fn remedy(remedy: &Remedy) -> RemedyEntry {
    RemedyEntry { text: remedy.text.as_str().to_owned(), plan: remedy.plan.as_ref().map(original) }
}

fn evidence_entry(report: &FindingsReport<'_>, evidence: &Evidence) -> EvidenceEntry {
    EvidenceEntry {
        region: evidence.region.to_string(),
        operation: evidence.operation,
        at: evidence.at.map(Timestamp::rfc3339),
        request_id: report.request_id(evidence).map(original),
        basis: evidence.basis.name(),
    }
}

fn original(text: &Foreign) -> String {
    text.original().to_owned()
}
