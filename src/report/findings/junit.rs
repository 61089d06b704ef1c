//! The findings for whatever reads the results of tests: a suite for each check and each rule, a case for each finding.
//!
//! What certainly does not hold is a failure. What cannot be decided is an *error*: the test could not be carried out, and readers of these files count that as not
//! passed, as the exit code does; a skipped test counts as harmless nearly everywhere. A failure below `--fail-on` does not decide the verdict, so it is skipped, with
//! its words; what cannot be decided does, whatever it would weigh. The file is red where the exit code is not 0, and only there. A first suite says whether everything was read; an unread Region may hide keys of
//! which no other case knows.
//!
//! Each suite holds at least one case: where passes are not reported one by one, one says that the check or rule found nothing.

use super::record::evidence;
use super::xml::Document;
use super::{Names, evidence_words, requests_words, unjudged_words, verdict_words};
use crate::domain::check::finding::{COVERAGE, Finding};
use crate::domain::text::{Safe, safe};
use crate::domain::verdict::{Severity, Verdict};
use crate::report::table::regions;
use crate::wire::findings::{FindingsReport, digest};

pub(crate) fn render(report: &FindingsReport<'_>) -> String {
    let suites = suites(report);
    let mut document = Document::new();
    let attributes = counts("keyfleet check".into(), report, suites.iter().flat_map(|suite| &suite.cases));
    document.element("testsuites", &attributes, |document| {
        document.line();
        for suite in &suites {
            write_suite(document, report, suite);
        }
    });
    document.finish()
}

/// What came of a case, for a test's reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Came {
    Passed,
    Skipped,
    Failed,
    Erred,
}

#[derive(Debug)]
struct Suite {
    name: Safe,
    cases: Vec<Case>,
}

#[derive(Debug)]
struct Case {
    name: Safe,
    came: Came,
    /// What the one line says, and what kind it is of.
    message: Safe,
    kind: Safe,
    lines: Vec<Safe>,
}

fn suites(report: &FindingsReport<'_>) -> Vec<Suite> {
    let names = Names::of(report);
    let mut suites = vec![Suite { name: "reading".into(), cases: vec![reading(report)] }];
    for check in report.terms.tuning.enabled() {
        if check.id == COVERAGE.id {
            suites.extend(report.terms.rules.iter().map(|rule| {
                let of_rule =
                    |finding: &&Finding| finding.check == check.id && finding.rule.as_ref() == Some(&rule.name);
                suite(report, &names, safe!("{}: {}", check.id, rule.name.safe()), of_rule)
            }));
        } else {
            suites.push(suite(report, &names, check.id.into(), |finding| finding.check == check.id));
        }
    }
    suites.extend(unjudged_words(report).map(|words| {
        let case = Case { came: Came::Skipped, message: words, ..Case::passed("the rules".into()) };
        Suite { name: COVERAGE.id.into(), cases: vec![case] }
    }));
    suites
}

fn suite(report: &FindingsReport<'_>, names: &Names<'_>, name: Safe, is_of_it: impl Fn(&&Finding) -> bool) -> Suite {
    let mut cases: Vec<Case> = report.shown().filter(is_of_it).map(|finding| case(report, names, finding)).collect();
    if cases.is_empty() {
        cases.push(Case::passed(safe!("nothing found in {} keys", report.checked.keys)));
    }
    Suite { name, cases }
}

impl Case {
    fn passed(name: Safe) -> Self {
        Self { name, came: Came::Passed, message: Safe::default(), kind: Safe::default(), lines: Vec::new() }
    }
}

/// Whether everything in scope was read. A reading that died of a bug is none, whatever else is known.
fn reading(report: &FindingsReport<'_>) -> Case {
    let passed = Case::passed("every Region in scope and every listed key was read".into());
    if report.has_panicked {
        let message = Safe::from_static("a reading died of a bug in keyfleet: what it was for is shown as unknown");
        return Case {
            came: Came::Erred,
            message,
            kind: "bug".into(),
            lines: regions::missing(&report.fleet),
            ..passed
        };
    }
    if report.checked.complete {
        return passed;
    }
    let message = Safe::from_static("not everything in scope was read: keys may be unseen");
    Case { came: Came::Erred, message, kind: "incomplete".into(), lines: regions::missing(&report.fleet), ..passed }
}

fn case(report: &FindingsReport<'_>, names: &Names<'_>, finding: &Finding) -> Case {
    let judgement = &finding.judgement;
    let came = match judgement.verdict {
        Verdict::Pass => Came::Passed,
        Verdict::Fail if !finding.decides(report.terms.fail_on) => Came::Skipped,
        Verdict::Fail => Came::Failed,
        Verdict::Unknown => Came::Erred,
    };
    let region = finding.region().map(|region| safe!(" in {region}")).unwrap_or_default();
    let remedy = &judgement.remedy;
    let mut lines = vec![judgement.detail.clone()];
    lines.extend((!remedy.text.as_str().is_empty()).then(|| safe!("next: {}", remedy.text)));
    lines.extend(remedy.plan.as_ref().map(|plan| safe!("plan: {}", plan.safe())));
    lines.push(safe!("evidence: {}", evidence(report, finding)));
    lines.push(safe!("finding: {}", finding.id()));
    let severity = Severity::name(finding.severity);
    Case {
        name: safe!("{}{region}", names.key(finding)),
        came,
        message: safe!("{severity}: {}", judgement.detail),
        kind: severity.into(),
        lines,
    }
}

fn write_suite(document: &mut Document, report: &FindingsReport<'_>, suite: &Suite) {
    let attributes = counts(suite.name.clone(), report, suite.cases.iter());
    document.element("testsuite", &attributes, |document| {
        document.line();
        document.element("properties", &[], |document| {
            document.line();
            for (name, value) in properties(report) {
                document.element("property", &[("name", name.into()), ("value", value)], |_| {});
            }
        });
        for case in &suite.cases {
            write_case(document, &suite.name, case);
        }
    });
}

fn properties(report: &FindingsReport<'_>) -> [(&'static str, Safe); 4] {
    [
        ("verdict", verdict_words(report)),
        ("evidence", evidence_words(report).into()),
        ("config_digest", safe!("{}", digest(report))),
        ("requests", requests_words(report)),
    ]
}

fn write_case(document: &mut Document, suite: &Safe, case: &Case) {
    let attributes = [("classname", safe!("keyfleet.{suite}")), ("name", case.name.clone()), ("time", "0".into())];
    document.element("testcase", &attributes, |document| {
        let name = match case.came {
            Came::Passed => return,
            Came::Skipped => "skipped",
            Came::Failed => "failure",
            Came::Erred => "error",
        };
        let mut said = vec![("message", case.message.clone())];
        // The common schema gives a skipped test no type.
        said.extend((case.came != Came::Skipped).then(|| ("type", case.kind.clone())));
        document.element(name, &said, |document| {
            for line in &case.lines {
                document.text(line);
                document.line();
            }
        });
    });
}

/// The attributes that suites have in common.
fn counts<'case>(
    name: Safe,
    report: &FindingsReport<'_>,
    cases: impl Iterator<Item = &'case Case>,
) -> Vec<(&'static str, Safe)> {
    let (mut tests, mut failures, mut errors, mut skipped) = (0_usize, 0_usize, 0_usize, 0_usize);
    for case in cases {
        tests += 1;
        match case.came {
            Came::Passed => {}
            Came::Skipped => skipped += 1,
            Came::Failed => failures += 1,
            Came::Erred => errors += 1,
        }
    }
    let seconds = report.fleet.finished_at.since(report.fleet.taken_at).as_secs_f64();
    vec![
        ("name", name),
        ("tests", safe!("{tests}")),
        ("failures", safe!("{failures}")),
        ("errors", safe!("{errors}")),
        ("skipped", safe!("{skipped}")),
        ("time", safe!("{seconds:.3}")),
        ("timestamp", safe!("{}", timestamp(report))),
    ]
}

/// The common schema's time has neither a zone nor parts of a second; this is UTC.
fn timestamp(report: &FindingsReport<'_>) -> String {
    report.fleet.taken_at.rfc3339().chars().take("2026-11-21T19:12:00".len()).collect()
}
