//! Random fleets, randomly unreadable, against every world that the reading leaves possible.
//!
//! The oracle knows how the key really is and what was read of it, enumerates all that the rest could be, and judges each of these worlds by itself. It shares
//! nothing with the code under test but the names. Three laws: a pass holds in every world; a failure too; and what fails in every world is called a failure.

mod verdicts;
mod world;

use proptest::prelude::*;

use super::builder;
use crate::domain::check::run::{Checking, of_key};
use crate::domain::check::tuning::{Switch, Tuning};
use crate::domain::coverage::{Clause, judge};
use crate::domain::evidence::Accepted;
use crate::domain::filter::{Filter, RegionPattern};
use crate::domain::fleet::Fleet;
use crate::domain::rule::Rule;
use crate::domain::standing::Subject;
use crate::domain::text::Foreign;
use crate::domain::verdict::{Severity, Verdict};
use verdicts::{ASKED, Match, of_clause, of_match};
use world::{Attribute, Case, Word, World, cases, completions};

/// What every world says, as far as they agree.
#[derive(Clone, Copy, Debug)]
struct Agreed {
    all_pass: bool,
    all_fail: bool,
}

fn agreed(worlds: &[World], verdict: impl Fn(&World) -> Verdict) -> Agreed {
    assert!(!worlds.is_empty(), "the reading rules everything out");
    let all = |wanted: Verdict| worlds.iter().all(|world| verdict(world) == wanted);
    Agreed { all_pass: all(Verdict::Pass), all_fail: all(Verdict::Fail) }
}

fn hold(said: Verdict, agreed: Agreed, is_decided: bool, about: &str) -> Result<(), TestCaseError> {
    prop_assert!(said != Verdict::Pass || agreed.all_pass, "{about}: a pass that something unread could overturn");
    prop_assert!(said != Verdict::Fail || agreed.all_fail, "{about}: a failure that is not certain");
    prop_assert!(
        !is_decided || !agreed.all_fail || said == Verdict::Fail,
        "{about}: a certain failure was lost: {said:?}"
    );
    Ok(())
}

/// What the checks say of the key, each on its own: silence passes.
fn said(fleet: &Fleet, case: &Case, accepted: Accepted, tuning: &Tuning) -> Option<Vec<(&'static str, Verdict)>> {
    let now = case.sketch().now;
    let row = fleet.row(&builder::key(), now)?;
    let checking = Checking { fleet, rules: &[], tuning, accepted, now, keeps_passes: true };
    let findings = of_key(&checking, &row);
    let of = |id: &str| {
        let verdicts = findings.iter().filter(|finding| finding.check == id).map(|finding| finding.judgement.verdict);
        verdicts.fold(Verdict::Pass, Verdict::worst)
    };
    Some(ASKED.iter().map(|asked| (asked.id, of(asked.id))).collect())
}

/// A replica that the settled primary names is one, even if it cannot be read; everything else wants it read.
fn word(accepted: Accepted, trusts_names: bool) -> Word {
    match accepted {
        Accepted::Listed => Word::None,
        Accepted::Declared if trusts_names => Word::Full,
        Accepted::Declared => Word::Absences,
    }
}

/// Policy drift is told by two checks; with one of them off the other tells all of it.
fn tuning() -> Tuning {
    let mut tuning = Tuning::default();
    tuning.checks.insert("default_policy_replica", Switch::default());
    tuning
}

fn drift_alone() -> Tuning {
    let mut tuning = Tuning::default();
    tuning.checks.insert("default_policy_replica", Switch { enabled: Some(false), severity: None });
    tuning
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn checks_never_pass_on_the_unread_nor_lose_what_is_certain(case in cases()) {
        let fleet = case.sketch().fleet();
        for accepted in [Accepted::Declared, Accepted::Listed] {
            for asked in ASKED {
                let tuning = if asked.id == "policy_drift" { drift_alone() } else { tuning() };
                let Some(said) = said(&fleet, &case, accepted, &tuning) else { return Ok(()) };
                let (_, said) = said.into_iter().find(|(id, _)| *id == asked.id).unwrap();
                let worlds = completions(&case, asked.varies, word(accepted, asked.id == "no_replica"));
                let agreed = agreed(&worlds, |world| (asked.verdict)(world));
                hold(said, agreed, true, &format!("{} ({})", asked.id, accepted.name()))?;
            }
        }
    }

    #[test]
    fn an_unread_primary_is_never_passed_over(case in cases()) {
        let fleet = case.sketch().fleet();
        for accepted in [Accepted::Declared, Accepted::Listed] {
            let Some(row) = fleet.row(&builder::key(), case.sketch().now) else { return Ok(()) };
            let tuning = tuning();
            let checking = Checking { fleet: &fleet, rules: &[], tuning: &tuning, accepted, now: case.sketch().now, keeps_passes: true };
            let verdicts = of_key(&checking, &row).into_iter().filter(|finding| finding.check == "primary_unreadable");
            let verdict = verdicts.map(|finding| finding.judgement.verdict).fold(Verdict::Pass, Verdict::worst);
            prop_assert!(verdict != Verdict::Fail);
            if case.moving_to.is_none() {
                let expected = if case.is_read(case.primary) { Verdict::Pass } else { Verdict::Unknown };
                prop_assert_eq!(verdict, expected);
            }
        }
    }

    #[test]
    fn rules_never_pass_on_the_unread_nor_lose_what_is_certain(case in cases(), rule in rules()) {
        let fleet = case.sketch().fleet();
        let Some(row) = fleet.row(&builder::key(), case.sketch().now) else { return Ok(()) };
        for accepted in [Accepted::Declared, Accepted::Listed] {
            let subject = Subject::new(&fleet, &row, accepted).unwrap();
            let worlds = completions(&case, Attribute::State, word(accepted, false));
            for clause in clauses(&rule) {
                let judged = judge(&rule, &subject).unwrap();
                let of_this = judged.iter().filter(|judged| judged.clause == clause).map(|judged| judged.judgement.verdict);
                let said = of_this.fold(Verdict::Pass, Verdict::worst);
                let agreed = agreed(&worlds, |world| of_clause(&rule, &clause, world));
                hold(said, agreed, true, &format!("{clause:?} ({})", accepted.name()))?;
            }
        }
    }

    #[test]
    fn a_rule_that_may_be_about_the_key_is_not_passed_over(case in cases(), rule in rules(), matching in matches()) {
        let rule = Rule { matching: Filter::parse(matching.text()).unwrap(), ..rule };
        let fleet = case.sketch().fleet();
        let Some(row) = fleet.row(&builder::key(), case.sketch().now) else { return Ok(()) };
        for accepted in [Accepted::Declared, Accepted::Listed] {
            let subject = Subject::new(&fleet, &row, accepted).unwrap();
            let worlds = completions(&case, Attribute::State, word(accepted, true));
            let judged = judge(&rule, &subject).unwrap_or_default();
            let said = judged.iter().map(|judged| judged.judgement.verdict).fold(Verdict::Pass, Verdict::worst);
            let agreed = agreed(&worlds, |world| {
                let verdicts = clauses(&rule).into_iter().map(|clause| of_clause(&rule, &clause, world));
                if of_match(matching, world) { verdicts.fold(Verdict::Pass, Verdict::worst) } else { Verdict::Pass }
            });
            // Clauses that fail in different worlds are each not known: that is no lost failure.
            hold(said, agreed, false, &format!("{} ({})", matching.text(), accepted.name()))?;
        }
    }
}

fn clauses(rule: &Rule) -> Vec<Clause> {
    let mut clauses: Vec<Clause> = rule.required.iter().cloned().map(Clause::Required).collect();
    clauses.push(Clause::Forbidden);
    clauses.extend(rule.min_related.map(|_| Clause::MinRelated));
    clauses.extend((!rule.primary.is_empty()).then_some(Clause::Primary));
    clauses
}

fn patterns() -> impl Strategy<Value = Vec<RegionPattern>> {
    let texts = ["us-east-1", "eu-west-1", "ap-south-1", "us-west-2", "eu-*", "us-*", "*"];
    proptest::collection::btree_set(proptest::sample::select(texts.to_vec()), 0..3)
        .prop_map(|texts| texts.into_iter().map(|text| RegionPattern::parse(text).unwrap()).collect())
}

fn rules() -> impl Strategy<Value = Rule> {
    (patterns(), patterns(), patterns(), patterns(), proptest::option::of(1..5_u32)).prop_map(
        |(required, allowed, forbidden, primary, min_related)| Rule {
            name: Foreign::new("rule"),
            matching: Filter::parse("mrk").unwrap(),
            required,
            allowed,
            forbidden,
            primary,
            min_related,
            severity: Severity::Medium,
        },
    )
}

fn matches() -> impl Strategy<Value = Match> {
    proptest::sample::select(Match::ALL.to_vec())
}
