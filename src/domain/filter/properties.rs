//! What must hold of every expression and every row.

use proptest::prelude::*;
use proptest::sample::select;

use super::tests::{Answer, row};
use super::{Filter, MOST_CHARACTERS, Truth};
use crate::domain::fleet::row::Row;

const TRUTHS: [Truth; 3] = [Truth::Yes, Truth::No, Truth::Undecided];

#[test]
fn kleenes_laws_hold() {
    for a in TRUTHS {
        assert_eq!(a.not().not(), a);
        assert_eq!((a.and(Truth::Yes), a.or(Truth::No)), (a, a));
        assert_eq!((a.and(Truth::No), a.or(Truth::Yes)), (Truth::No, Truth::Yes));
        assert_eq!((a.and(a), a.or(a)), (a, a));
        for b in TRUTHS {
            assert_eq!((a.and(b), a.or(b)), (b.and(a), b.or(a)));
            assert_eq!(a.and(b).not(), a.not().or(b.not()));
            for c in TRUTHS {
                assert_eq!((a.and(b).and(c), a.or(b).or(c)), (a.and(b.and(c)), a.or(b.or(c))));
                assert_eq!(a.and(b.or(c)), a.and(b).or(a.and(c)));
            }
        }
    }
    assert_eq!(Truth::Undecided.not(), Truth::Undecided);
}

fn answer() -> impl Strategy<Value = Answer> {
    let state = select(vec!["Enabled", "Disabled", "PendingDeletion", "Updating", "Quarantined", ""]);
    let alias = proptest::option::of(select(vec!["alias/a", "alias/payments", "alias/ledger"]));
    prop_oneof![
        3 => (state, alias).prop_map(|(state, alias)| Answer::Has(state, alias)),
        2 => Just(Answer::Lacks),
        2 => Just(Answer::Unreadable),
        2 => Just(Answer::Dark),
        1 => Just(Answer::Waiting),
        1 => Just(Answer::OutOfScope),
    ]
}

/// A key that at least one Region speaks of.
fn a_row() -> impl Strategy<Value = Row> {
    let first = prop_oneof![Just(Answer::Has("Enabled", Some("alias/a"))), Just(Answer::Unreadable)];
    (first, answer(), answer(), answer()).prop_map(|(first, second, third, fourth)| {
        row(&[("us-east-1", first), ("us-west-2", second), ("eu-west-1", third), ("ap-south-1", fourth)])
    })
}

fn atom() -> impl Strategy<Value = &'static str> {
    select(vec![
        "payments",
        "alias:a",
        "alias:alias/*",
        "state:enabled",
        "state:pending",
        "region:us-east-1",
        "region:eu-*",
        "region:sa-east-1",
        "role:primary",
        "role:replica",
        "spec:symmetric",
        "origin:external",
        "account:1111*",
        "missing:eu-west-1",
        "missing:*",
        "unknown:ap-*",
        "\"quoted \\\" text\"",
    ])
}

/// One to three atoms. Words come first: behind a field they would be its values.
fn atoms() -> impl Strategy<Value = String> {
    proptest::collection::vec(atom(), 1..4).prop_map(|mut atoms| {
        atoms.sort_by_key(|atom| atom.contains(':'));
        atoms.join("|")
    })
}

fn term() -> impl Strategy<Value = String> {
    (any::<bool>(), atoms()).prop_map(|(negated, atoms)| format!("{}{atoms}", if negated { "!" } else { "" }))
}

fn truth(expression: &str, row: &Row) -> Truth {
    Filter::parse(expression).unwrap().matches(row)
}

proptest! {
    #[test]
    fn a_negated_term_is_the_opposite(row in a_row(), term in atoms()) {
        prop_assert_eq!(truth(&format!("!{term}"), &row), truth(&term, &row).not());
    }

    #[test]
    fn the_order_of_terms_does_not_matter(row in a_row(), terms in proptest::collection::vec(term(), 1..5)) {
        let mut reversed = terms.clone();
        reversed.reverse();
        prop_assert_eq!(truth(&terms.join(" "), &row), truth(&reversed.join(" "), &row));
    }

    #[test]
    fn a_further_term_never_lets_in_what_was_kept_out(row in a_row(), first in atom(), second in atom()) {
        if truth(first, &row) == Truth::No && !second.contains("region:") {
            prop_assert_eq!(truth(&format!("{first} {second}"), &row), Truth::No);
        }
    }

    #[test]
    fn nothing_panics(expression in "\\PC*|[a-z:|!\"\\\\* ]{0,60}", row in a_row()) {
        match Filter::parse(&expression) {
            Ok(filter) => {
                filter.matches(&row);
            }
            Err(error) => {
                prop_assert!(error.column >= 1 && error.column <= expression.chars().count() + 1);
                prop_assert!(error.pointed().caret.as_str().contains('^'));
            }
        }
    }

    #[test]
    fn reading_a_member_never_turns_yes_into_no(
        first in answer(),
        state in select(vec!["Enabled", "Disabled"]),
        term in term().prop_filter("is about knowing", |term| !term.contains("unknown:")),
    ) {
        let with = |second| row(&[("us-east-1", Answer::Has("Enabled", None)), ("us-west-2", first.clone()), ("eu-west-1", second)]);
        let before = truth(&term, &with(Answer::Unreadable));
        let after = truth(&term, &with(Answer::Has(state, Some("alias/payments"))));
        prop_assert!(before == Truth::Undecided || before == after, "{} was {:?}, is {:?}", term, before, after);
    }

    #[test]
    fn case_does_not_matter(row in a_row(), terms in proptest::collection::vec(term(), 1..4)) {
        let expression = terms.join(" ");
        prop_assert_eq!(truth(&expression, &row), truth(&expression.to_uppercase(), &row));
    }
}

#[test]
fn a_hostile_expression_costs_what_its_length_costs() {
    let row = row(&[("us-east-1", Answer::Has("Enabled", Some("alias/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")))]);
    let expression = "*a".repeat(MOST_CHARACTERS / 2 - 1) + "*b";
    assert_eq!(truth(&expression, &row), Truth::No);
}
