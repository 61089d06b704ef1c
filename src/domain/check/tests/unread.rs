//! No check passes on what was not read, and none fails because of it.

use super::builder::{AT, HOME, THERE};
use super::fixtures::FIXTURES;
use crate::domain::check::run::{Checking, run};
use crate::domain::check::tuning::Tuning;
use crate::domain::evidence::{Accepted, Basis};
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
            let checking =
                Checking { fleet: &fleet, rules: &[], tuning: &tuning, accepted: Accepted::Declared, now: sketch.now };
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
    let checking =
        Checking { fleet: &fleet, rules: &[], tuning: &tuning, accepted: Accepted::Declared, now: sketch.now };
    let checked = run(&checking, |_| true);
    let finding = checked.findings.iter().find(|finding| finding.check == "policy_drift").unwrap();
    let said: Vec<(&str, &str, Basis)> =
        finding.judgement.evidence.iter().map(|one| (one.region.as_str(), one.operation, one.basis)).collect();
    assert_eq!(said, [(HOME, "GetKeyPolicy", Basis::Described), (THERE, "GetKeyPolicy", Basis::Described)]);
    assert_eq!(checked.verdict(Severity::Medium), Verdict::Fail);
    assert_eq!(checked.verdict(Severity::High), Verdict::Pass);
}
