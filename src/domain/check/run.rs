//! All checks over a fleet: findings, and the verdict of the whole.

use std::collections::BTreeMap;

use super::finding::{COVERAGE, Finding};
use super::tuning::Tuning;
use super::{Judgement, Looked, Remedy, place};
use crate::domain::coverage;
use crate::domain::evidence::{Accepted, Evidence};
use crate::domain::filter::Truth;
use crate::domain::fleet::row::Row;
use crate::domain::fleet::{Fleet, KeyRef};
use crate::domain::id::Region;
use crate::domain::rule::Rule;
use crate::domain::standing::Subject;
use crate::domain::text::{Foreign, Safe, safe};
use crate::domain::time::Timestamp;
use crate::domain::verdict::{Severity, Verdict};

/// What is checked, and by what.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Checking<'a> {
    pub(crate) fleet: &'a Fleet,
    pub(crate) rules: &'a [Rule],
    pub(crate) tuning: &'a Tuning,
    pub(crate) accepted: Accepted,
    pub(crate) now: Timestamp,
    /// What passed is kept, with the answers it rests on. A large fleet passes a hundred thousand times; where nobody reads that, it is only counted.
    pub(crate) keeps_passes: bool,
}

/// How a rule came out, by keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RuleCount {
    pub(crate) name: Foreign,
    /// Keys that the rule is about, those included of which it is not known.
    pub(crate) matched: usize,
    pub(crate) pass: usize,
    pub(crate) fail: usize,
    pub(crate) unknown: usize,
}

/// Everything that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Checked {
    /// The worst first; passes last, if they are kept.
    pub(crate) findings: Vec<Finding>,
    pub(crate) rules: Vec<RuleCount>,
    pub(crate) keys: usize,
    /// Keys with at least one certain failure; and of the others those with something unknown.
    pub(crate) failed: usize,
    pub(crate) unknown: usize,
    /// Every Region in scope and every listed key was read.
    pub(crate) complete: bool,
}

impl Checked {
    /// The verdict. Failures below `fail_on` do not count; what is not known does, whatever it would weigh: a pass says that all of it was looked at.
    /// Keys that only an unread Region has were not seen: with one nothing passes.
    pub(crate) fn verdict(&self, fail_on: Severity) -> Verdict {
        let counted = self.findings.iter().filter(|finding| finding.decides(fail_on));
        let worst = counted.fold(Verdict::Pass, |worst, finding| worst.worst(finding.judgement.verdict));
        if self.complete { worst } else { worst.worst(Verdict::Unknown) }
    }
}

/// Checks the keys that are chosen. One that may not be chosen, because what decides it could not be read, has no certain failure.
pub(crate) fn run<Chosen: Into<Truth>>(checking: &Checking<'_>, is_chosen: impl Fn(&KeyRef) -> Chosen) -> Checked {
    let count = |rule: &Rule| RuleCount { name: rule.name.clone(), matched: 0, pass: 0, fail: 0, unknown: 0 };
    let mut checked = Checked {
        findings: Vec::new(),
        rules: checking.rules.iter().map(count).collect(),
        keys: 0,
        failed: 0,
        unknown: 0,
        complete: checking.fleet.is_complete(),
    };
    let mut idle: Vec<&Rule> = checking.rules.iter().collect();
    for (key, _) in checking.fleet.keys() {
        let Some(row) = checking.fleet.row(key, checking.now) else { continue };
        // A rule that guards only keys outside the choice is not idle, nor is one of which the verdict on a key leaves open whether it is meant.
        idle.retain(|rule| rule.matching.matches_for_certain(&row, checking.accepted) == Truth::No);
        match is_chosen(key).into() {
            Truth::No => {}
            Truth::Yes => checked.add(checking, of_key(checking, &row)),
            Truth::Undecided => checked.add(checking, of_key(checking, &row).into_iter().map(perhaps).collect()),
        }
    }
    if checking.tuning.is_enabled(&COVERAGE) {
        checked.findings.extend(idle.into_iter().map(|rule| matches_nothing(rule, checked.complete)));
    }
    checked.findings.sort_by(by_weight);
    checked
}

impl Checked {
    /// What was found of one key.
    fn add(&mut self, checking: &Checking<'_>, findings: Vec<Finding>) {
        for (rule, count) in checking.rules.iter().zip(&mut self.rules) {
            let of_rule = |finding: &&Finding| finding.rule.as_ref() == Some(&rule.name);
            let verdicts = findings.iter().filter(of_rule).map(|finding| finding.judgement.verdict);
            if let Some(verdict) = verdicts.reduce(Verdict::worst) {
                count.add(verdict);
            }
        }
        self.keys += 1;
        match findings.iter().map(|finding| finding.judgement.verdict).fold(Verdict::Pass, Verdict::worst) {
            Verdict::Fail => self.failed += 1,
            Verdict::Unknown => self.unknown += 1,
            Verdict::Pass => {}
        }
        let is_kept = |finding: &Finding| checking.keeps_passes || finding.judgement.verdict != Verdict::Pass;
        self.findings.extend(findings.into_iter().filter(is_kept));
    }
}

/// A finding of a key that may not be meant.
fn perhaps(mut finding: Finding) -> Finding {
    let judgement = &mut finding.judgement;
    if judgement.verdict == Verdict::Fail {
        judgement.verdict = Verdict::Unknown;
        judgement.detail = safe!("{}; whether the filter takes this key is not known", judgement.detail);
    }
    finding
}

impl RuleCount {
    fn add(&mut self, verdict: Verdict) {
        self.matched += 1;
        match verdict {
            Verdict::Pass => self.pass += 1,
            Verdict::Fail => self.fail += 1,
            Verdict::Unknown => self.unknown += 1,
        }
    }
}

/// Certain failures first, by weight; then what is not known; then what passed.
fn by_weight(one: &Finding, other: &Finding) -> std::cmp::Ordering {
    let rank = |finding: &Finding| match finding.judgement.verdict {
        Verdict::Fail => 0,
        Verdict::Unknown => 1,
        Verdict::Pass => 2,
    };
    let about = |finding: &Finding| (finding.key.clone(), finding.rule.clone(), finding.region().cloned());
    let weight = rank(one).cmp(&rank(other)).then(other.severity.cmp(&one.severity));
    let urgency = weight.then_with(|| place(one.check).cmp(&place(other.check)));
    urgency.then_with(|| about(one).cmp(&about(other)))
}

/// Everything that the enabled checks and the rules say of one key, passes included: without their evidence unless they are kept.
pub(crate) fn of_key(checking: &Checking<'_>, row: &Row) -> Vec<Finding> {
    let Some(subject) = Subject::new(checking.fleet, row, checking.accepted) else { return Vec::new() };
    let finding = |check: &'static str, rule: Option<&Rule>, severity: Severity, mut judgement: Judgement| {
        if !checking.keeps_passes && judgement.verdict == Verdict::Pass {
            judgement.evidence = Vec::new();
        }
        let (rule, key) = (rule.map(|rule| rule.name.clone()), Some(row.key.clone()));
        Finding { check, rule, severity, account: row.account, key, judgement }
    };
    let mut findings = Vec::new();
    if checking.tuning.is_enabled(&COVERAGE) {
        for rule in checking.rules {
            let judged = coverage::judge(rule, &subject).unwrap_or_default();
            let judgements = by_region(judged.into_iter().map(|judged| judged.judgement).collect());
            findings.extend(judgements.into_iter().map(|one| finding(COVERAGE.id, Some(rule), rule.severity, one)));
        }
    }
    let looked = Looked { subject, tuning: checking.tuning, now: checking.now };
    for check in checking.tuning.enabled() {
        let severity = checking.tuning.severity(check);
        let judgements = by_region((check.judge)(&looked));
        findings.extend(judgements.into_iter().map(|one| finding(check.id, None, severity, one)));
    }
    findings
}

/// One judgement for each Region and one for the key as a whole: a finding's name has nothing else to tell them apart. Passes give way to what did not pass.
fn by_region(judgements: Vec<Judgement>) -> Vec<Judgement> {
    let has_passed = judgements.iter().all(|judgement| judgement.verdict == Verdict::Pass);
    let mut merged: BTreeMap<Option<Region>, Judgement> = BTreeMap::new();
    for judgement in judgements {
        if judgement.verdict == Verdict::Pass && !has_passed {
            continue;
        }
        let region = if has_passed { None } else { judgement.region.clone() };
        match merged.remove(&region) {
            None => {
                merged.insert(region.clone(), Judgement { region, ..judgement });
            }
            Some(held) => {
                merged.insert(region.clone(), join(region, held, judgement));
            }
        }
    }
    merged.into_values().collect()
}

fn join(region: Option<Region>, one: Judgement, other: Judgement) -> Judgement {
    let verdict = one.verdict.worst(other.verdict);
    // What is certain is said first.
    let (first, second) = if other.verdict == verdict && one.verdict != verdict { (other, one) } else { (one, other) };
    let mut evidence: Vec<Evidence> = first.evidence.into_iter().chain(second.evidence).collect();
    evidence.sort();
    evidence.dedup();
    let detail = safe!("{}; {}", first.detail, second.detail);
    let remedy = if first.remedy == Remedy::none() { second.remedy } else { first.remedy };
    Judgement { region, verdict, detail, remedy, evidence }
}

/// A rule that is about no key guards nothing. Where something could not be read, it may be about a key that was not seen.
pub(crate) fn matches_nothing(rule: &Rule, is_complete: bool) -> Finding {
    let judgement = if is_complete {
        let detail = Safe::from_static("the rule matches no key: it guards nothing");
        Judgement::fail(None, detail, Vec::new())
    } else {
        let detail = Safe::from_static("the rule matches no key that was read; not everything was");
        Judgement::unknown(None, detail, Vec::new())
    };
    let remedy = Remedy::text("correct the rule's match, or take the rule out");
    Finding {
        check: COVERAGE.id,
        rule: Some(rule.name.clone()),
        severity: rule.severity,
        account: None,
        key: None,
        judgement: Judgement { remedy, ..judgement },
    }
}

/// Whether a rule is about a key, for whoever only needs that.
pub(crate) fn is_about(rule: &Rule, subject: &Subject<'_>) -> Truth {
    rule.matching.matches_for_certain(subject.row, subject.accepted)
}
