//! No check passes on what was not read, and none fails because of it.

use std::sync::Arc;

use super::builder::{AT, EMPTY, HOME, Sketch, THERE, key, region, why};
use super::fixtures::FIXTURES;
use crate::domain::check::finding::Finding;
use crate::domain::check::run::{Checked, Checking, of_key, run};
use crate::domain::check::tuning::Tuning;
use crate::domain::evidence::{Accepted, Basis};
use crate::domain::filter::Filter;
use crate::domain::fleet::Fleet;
use crate::domain::id::{Login, Place};
use crate::domain::reading::ReasonKind;
use crate::domain::rule::Rule;
use crate::domain::text::Foreign;
use crate::domain::verdict::{Severity, Verdict};

#[test]
fn a_check_that_fires_never_passes_where_a_member_is_dark() {
    for (id, fires, _) in FIXTURES {
        for at in [HOME, THERE] {
            // Where the only member is dark there is no key to speak of.
            if fires().members.keys().all(|member| *member == at) || !fires().members.contains_key(at) {
                continue;
            }
            let said = super::judged(id, &fires().dark(at), (Accepted::Listed, &Tuning::default()));
            // The primary alone knows of rotation, and of the deletion it waits for.
            let may_pass = match *id {
                "rotation_off" | "primary_unreadable" => at == THERE,
                _ => false,
            };
            assert!(may_pass || said.iter().all(|line| !line.starts_with("pass")), "{id}, {at} dark: {said:?}");
        }
    }
}

#[test]
fn a_judgement_that_does_not_pass_says_what_helps_and_on_what_it_rests() {
    for (id, fires, _) in FIXTURES {
        for sketch in [fires(), fires().dark(THERE), fires().refused(HOME)] {
            let fleet = sketch.fleet();
            let tuning = Tuning::default();
            let checking = Checking {
                fleet: &fleet,
                rules: &[],
                tuning: &tuning,
                accepted: Accepted::Declared,
                now: sketch.now,
                keeps_passes: true,
            };
            for finding in run(&checking, |_| true).findings {
                let judgement = &finding.judgement;
                if judgement.verdict != Verdict::Pass {
                    assert!(!judgement.remedy.text.as_str().is_empty(), "{id}: {finding:?}");
                }
                if judgement.verdict == Verdict::Fail {
                    assert!(!judgement.evidence.is_empty(), "{id}: {finding:?}");
                    assert!(
                        judgement.evidence.iter().all(|one| one.asked.is_some() && one.at == Some(AT)),
                        "{finding:?}"
                    );
                }
            }
        }
    }
}

#[test]
fn the_evidence_names_what_was_asked_where() {
    let (_, fires, _) = FIXTURES.iter().find(|(id, _, _)| *id == "policy_drift").unwrap();
    let (sketch, tuning) = (fires(), Tuning::default());
    let fleet = sketch.fleet();
    let checking = Checking {
        fleet: &fleet,
        rules: &[],
        tuning: &tuning,
        accepted: Accepted::Declared,
        now: sketch.now,
        keeps_passes: true,
    };
    let checked = run(&checking, |_| true);
    let finding = checked.findings.iter().find(|finding| finding.check == "policy_drift").unwrap();
    let said: Vec<(&str, &str, Basis)> =
        finding.judgement.evidence.iter().map(|one| (one.region.as_str(), one.operation, one.basis)).collect();
    assert_eq!(said, [(HOME, "GetKeyPolicy", Basis::Described), (THERE, "GetKeyPolicy", Basis::Described)]);
    assert_eq!(checked.verdict(Severity::Medium), Verdict::Fail);
    assert_eq!(checked.verdict(Severity::High), Verdict::Pass);
}

#[test]
fn a_rule_that_may_be_about_a_key_is_not_idle() {
    let rule = Rule {
        name: Foreign::new("invoices"),
        matching: Filter::parse("alias:invoices").unwrap(),
        required: Vec::new(),
        allowed: Vec::new(),
        forbidden: Vec::new(),
        primary: Vec::new(),
        min_related: Some(1),
        severity: Severity::High,
    };
    let (fleet, tuning, rules) = (Sketch::pair().dark(EMPTY).fleet(), Tuning::default(), [rule]);
    let about_no_key = |accepted: Accepted| {
        let checking =
            Checking { fleet: &fleet, rules: &rules, tuning: &tuning, accepted, now: AT, keeps_passes: true };
        let checked = run(&checking, |_| true);
        (checked.rules[0].matched, checked.findings.iter().filter(|finding| finding.key.is_none()).count())
    };
    // A member in the dark Region may have the alias, unless the primary's word that there is none is taken.
    assert_eq!(about_no_key(Accepted::Listed), (1, 0));
    assert_eq!(about_no_key(Accepted::Declared), (0, 1));
}

#[test]
fn what_is_not_known_decides_whatever_it_weighs() {
    let (_, fires, _) = FIXTURES.iter().find(|(id, _, _)| *id == "description_drift").unwrap();
    let (sketch, tuning) = (fires(), Tuning::default());
    let fleet = sketch.fleet();
    let checking = Checking {
        fleet: &fleet,
        rules: &[],
        tuning: &tuning,
        accepted: Accepted::Declared,
        now: sketch.now,
        keeps_passes: true,
    };
    let mut checked = run(&checking, |_| true);
    checked.findings.retain(|finding| finding.check == "description_drift");
    assert_eq!(checked.findings.iter().map(|finding| finding.severity).max(), Some(Severity::Info));
    assert_eq!(checked.verdict(Severity::High), Verdict::Pass, "a failure is weighed");
    for finding in &mut checked.findings {
        finding.judgement.verdict = Verdict::Unknown;
    }
    assert_eq!(checked.verdict(Severity::High), Verdict::Unknown);
}

#[test]
fn passes_that_nobody_reads_are_counted_and_not_kept() {
    let (_, fires, _) = FIXTURES.iter().find(|(id, _, _)| *id == "policy_drift").unwrap();
    let (sketch, tuning) = (fires(), Tuning::default());
    let fleet = sketch.fleet();
    let checking = |keeps_passes| {
        let (rules, accepted, now) = (fleet.rules(), Accepted::Declared, sketch.now);
        Checking { fleet: &fleet, rules, tuning: &tuning, accepted, now, keeps_passes }
    };
    let is_pass = |finding: &&Finding| finding.judgement.verdict == Verdict::Pass;
    let (all, kept) = (run(&checking(true), |_| true), run(&checking(false), |_| true));
    assert!(all.findings.iter().filter(is_pass).all(|finding| !finding.judgement.evidence.is_empty()));
    assert!(
        all.findings.iter().any(|finding| is_pass(&finding)) && !kept.findings.iter().any(|finding| is_pass(&finding))
    );
    let expected: Vec<Finding> = all.findings.iter().filter(|finding| !is_pass(finding)).cloned().collect();
    assert_eq!(kept, Checked { findings: expected, ..all });
    let row = fleet.row(&key(), sketch.now).unwrap();
    let shown = of_key(&checking(false), &row);
    assert!(shown.iter().any(|finding| is_pass(&finding)));
    assert!(shown.iter().filter(is_pass).all(|finding| finding.judgement.evidence.is_empty()));
}

#[test]
fn what_was_never_asked_because_its_region_is_down_says_so() {
    let sketch = Sketch { reads_deep: false, ..Sketch::pair() };
    let said = |fleet: &Fleet| -> Vec<String> {
        let (row, tuning) = (fleet.row(&key(), sketch.now).unwrap(), Tuning::default());
        let (rules, accepted, now) = (fleet.rules(), Accepted::Declared, sketch.now);
        let found = of_key(&Checking { fleet, rules, tuning: &tuning, accepted, now, keeps_passes: false }, &row);
        let of_there = found.iter().filter(|one| one.check == "tags_drift" && one.region() == Some(&region(THERE)));
        of_there.map(|one| format!("{} | {}", one.judgement.detail, one.judgement.remedy.text)).collect()
    };
    let mut fleet = sketch.fleet();
    let before = said(&fleet);
    assert_eq!(before, ["ListResourceTags in eu-west-1: not read yet | read it with keyfleet check"]);
    let down = why(ReasonKind::Connect);
    fleet.set_outage(&Place::new(Login(0), region(THERE)), Arc::clone(&down));
    let expected =
        format!("ListResourceTags in eu-west-1: not asked, {} | {}", ReasonKind::Connect.words(), down.next_step);
    assert_eq!(said(&fleet), [expected]);
}
