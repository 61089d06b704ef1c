//! The checks: for each a key where it fires and one where it is quiet, what it does not know, and the page that documents it.

mod builder;
mod drifts;
mod fixtures;
mod oracle;
mod page;
mod policies;
mod registry;
mod states;
mod unread;

use builder::Sketch;

use super::run::{Checking, of_key};
use super::tuning::Tuning;
use crate::domain::evidence::Accepted;

/// What a check says of the key: `fail eu-west-1: the words`, `unknown: the words`, `pass`; as it stands if the expectation has words, else without.
fn check(id: &str, sketch: &Sketch, expected: &[&str]) {
    check_with(id, sketch, (Accepted::Declared, &Tuning::default()), expected);
}

fn check_listed(id: &str, sketch: &Sketch, expected: &[&str]) {
    check_with(id, sketch, (Accepted::Listed, &Tuning::default()), expected);
}

fn check_with(id: &str, sketch: &Sketch, (accepted, tuning): (Accepted, &Tuning), expected: &[&str]) {
    let said = judged(id, sketch, (accepted, tuning));
    let fits = |(said, expected): (&String, &&str)| {
        let short = said.split(": ").next().unwrap_or_default();
        if expected.contains(": ") { said.starts_with(expected) } else { short == *expected }
    };
    let all = said.len() == expected.len() && said.iter().zip(expected).all(fits);
    assert!(all, "{id} says {said:#?}\ninstead of {expected:#?}");
}

/// Everything that one check says of the key, in words.
fn judged(id: &str, sketch: &Sketch, (accepted, tuning): (Accepted, &Tuning)) -> Vec<String> {
    let fleet = sketch.fleet();
    let row = fleet.row(&builder::key(), sketch.now).unwrap();
    let checking =
        Checking { fleet: &fleet, rules: fleet.rules(), tuning, accepted, now: sketch.now, keeps_passes: true };
    let of_check = of_key(&checking, &row).into_iter().filter(|finding| finding.check == id);
    of_check
        .map(|finding| {
            let judgement = finding.judgement;
            let region = judgement.region.map(|region| format!(" {region}")).unwrap_or_default();
            format!("{}{region}: {}", judgement.verdict.name(), judgement.detail)
        })
        .collect()
}
