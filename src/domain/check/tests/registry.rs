//! The registry of checks is whole.

use std::collections::BTreeSet;

use super::fixtures::FIXTURES;
use crate::domain::check::{CHECKS, named};

#[test]
fn every_check_has_a_name_of_its_own_and_says_what_it_is() {
    let ids: BTreeSet<&str> = CHECKS.iter().map(|check| check.id).collect();
    assert_eq!(ids.len(), CHECKS.len());
    for check in CHECKS {
        let is_name = check.id.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        assert!(is_name && !check.id.is_empty(), "{}", check.id);
        for text in [check.rationale, check.remedy] {
            assert!(text.len() > 30 && text.ends_with('.'), "{}: {text}", check.id);
        }
        assert!(check.title.len() > 15 && !check.title.ends_with('.'), "{}: {}", check.id, check.title);
        for text in [check.title, check.rationale, check.remedy] {
            assert!(!text.contains("  ") && text.trim() == text, "{}: {text}", check.id);
        }
        assert_eq!(named(check.id).map(|found| found.title), Some(check.title));
    }
}

#[test]
fn every_check_has_a_firing_and_a_quiet_fixture() {
    let with: BTreeSet<&str> = FIXTURES.iter().map(|(id, _, _)| *id).collect();
    // Coverage goes by rules and has tests of its own.
    let all: BTreeSet<&str> = CHECKS.iter().map(|check| check.id).filter(|id| *id != "coverage").collect();
    assert_eq!(with, all);
}
