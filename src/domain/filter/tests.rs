//! The language, field by field.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Filter, MOST_CHARACTERS, MOST_TERMS, Truth};
use crate::domain::evidence::Accepted;
use crate::domain::fleet::presence::Presence;
use crate::domain::fleet::row::Row;
use crate::domain::fleet::{Fleet, KeyRef, Scope};
use crate::domain::id::{KeyArn, Login, Place, Region};
use crate::domain::key::{KeyState, Oddity, RegionalKey, Role};
use crate::domain::reading::{Asked, Reason, ReasonKind};
use crate::domain::text::Foreign;
use crate::domain::time::Timestamp;

const ID: &str = "mrk-51c0a9e27f4411d09c3b5a6e7d2f10aa";

/// What one Region answers.
#[derive(Clone, Debug)]
pub(super) enum Answer {
    /// Listed completely, and the key is there in this state, with this alias.
    Has(&'static str, Option<&'static str>),
    /// Listed completely without it.
    Lacks,
    /// Listed; neither the key nor the aliases can be read.
    Unreadable,
    Dark,
    Waiting,
    /// A member is there, in a Region that was not asked for.
    OutOfScope,
}

fn region(name: &str) -> Region {
    Region::parse(name).unwrap()
}

fn arn(name: &str) -> KeyArn {
    KeyArn::parse(&format!("arn:aws:kms:{name}:111122223333:key/{ID}")).unwrap()
}

/// The key with its primary in the first Region; members are where the answers say so.
pub(super) fn row(answers: &[(&str, Answer)]) -> Row {
    let mut fleet = Fleet::default();
    let asked = |answer: &Answer| !matches!(answer, Answer::OutOfScope);
    let regions: BTreeSet<Region> =
        answers.iter().filter(|(_, answer)| asked(answer)).map(|(name, _)| region(name)).collect();
    fleet.open(Login(0), Scope { regions, auto: false });
    for (name, answer) in answers {
        tell(&mut fleet, answers, name, answer);
    }
    let key = KeyRef { login: Login(0), id: arn("us-east-1").id };
    fleet.row(&key, Timestamp::from_millis(9_000)).unwrap()
}

fn tell(fleet: &mut Fleet, answers: &[(&str, Answer)], name: &str, answer: &Answer) {
    let (place, at, denied) =
        (Place::new(Login(0), region(name)), Timestamp::from_millis(1_000), Arc::new(Reason::of(ReasonKind::Denied)));
    match answer {
        Answer::OutOfScope => return,
        Answer::Waiting => return fleet.begin_listing(&place, Asked(1)),
        Answer::Dark => {
            fleet.begin_listing(&place, Asked(1));
            fleet.set_aliases(&place, Asked(3), Err(Arc::clone(&denied)));
            return fleet.fail_listing(&place, Asked(1), denied);
        }
        Answer::Has(..) | Answer::Lacks | Answer::Unreadable => {}
    }
    fleet.begin_listing(&place, Asked(1));
    let listed = if matches!(answer, Answer::Lacks) { vec![] } else { vec![arn(name)] };
    fleet.add_page(&place, Asked(1), 1, &listed);
    fleet.complete_listing(&place, Asked(1), at);
    let aliases = match answer {
        Answer::Has(_, Some(alias)) => BTreeMap::from([(Arc::from(ID), vec![Foreign::new(*alias)])]),
        Answer::Has(_, None) | Answer::Lacks => BTreeMap::new(),
        Answer::Unreadable | Answer::Dark | Answer::Waiting | Answer::OutOfScope => {
            fleet.set_aliases(&place, Asked(3), Err(Arc::clone(&denied)));
            fleet.describe(Login(0), &arn(name), Asked(2), Err(denied));
            return;
        }
    };
    fleet.set_aliases(&place, Asked(3), Ok((aliases, at)));
    if let Answer::Has(state, _) = answer {
        fleet.describe(Login(0), &arn(name), Asked(2), Ok((described(answers, name, state), at)));
    }
}

fn described(answers: &[(&str, Answer)], name: &str, state: &str) -> RegionalKey {
    let is_member = |answer: &Answer| matches!(answer, Answer::Has(..) | Answer::Unreadable | Answer::OutOfScope);
    let mut members = answers.iter().filter(|(_, answer)| is_member(answer)).map(|(name, _)| arn(name));
    let primary = members.next();
    let is_primary = primary.as_ref().is_some_and(|primary| primary.region.as_str() == name);
    RegionalKey {
        arn: arn(name),
        state: KeyState::parse(state),
        role: Some(if is_primary { Role::Primary } else { Role::Replica }),
        primary,
        replicas: members.collect(),
        spec: Foreign::new("SYMMETRIC_DEFAULT"),
        usage: Foreign::new("ENCRYPT_DECRYPT"),
        origin: Foreign::new("AWS_KMS"),
        description: Foreign::new("Card data envelope key"),
        created_at: None,
        deletion_date: None,
        pending_window_days: None,
        material_id: None,
        valid_to: None,
        oddities: Vec::new(),
    }
}

fn payments() -> Row {
    row(&[
        ("us-east-1", Answer::Has("Enabled", Some("alias/payments-card-data"))),
        ("eu-west-1", Answer::Has("PendingDeletion", None)),
        ("us-west-2", Answer::Lacks),
        ("sa-east-1", Answer::Dark),
        ("ap-south-1", Answer::OutOfScope),
    ])
}

fn check(row: &Row, expression: &str, expected: Truth) {
    assert_eq!(Filter::parse(expression).unwrap().matches(row), expected, "{expression}");
}

#[test]
fn words_are_found_in_id_alias_and_description() {
    let row = payments();
    for yes in ["payments", "CARD-data", "\"data envelope\"", "mrk-51c0", "7d2f10", "pay*data", "*", "!ledger"] {
        check(&row, yes, Truth::Yes);
    }
    for no in ["ledger", "data*pay", "payments ledger", "!payments"] {
        check(&row, no, Truth::No);
    }
    check(&row, "ledger|payments", Truth::Yes);
}

#[test]
fn aliases_are_compared_whole() {
    let row = payments();
    check(&row, "alias:alias/payments-*", Truth::Yes);
    check(&row, "alias:payments-*", Truth::Yes);
    check(&row, "alias:payments-card-data", Truth::Yes);
    check(&row, "alias:payments", Truth::No);
    check(&row, "alias:ledger|payments-card-data", Truth::Yes);
}

#[test]
fn states_go_by_their_beginning_and_a_field_holds_for_what_follows() {
    let row = payments();
    check(&row, "state:disabled|pending", Truth::Yes);
    check(&row, "state:disabled", Truth::No);
    check(&row, "state:pendingimport", Truth::No);
    check(&row, "state:*deletion", Truth::Yes);
    check(&row, "state:disabled|role:replica", Truth::Yes);
    check(&row, "spec:symmetric origin:aws account:111122223333", Truth::Yes);
    check(&row, "spec:rsa|ecc", Truth::No);
    check(&row, "account:*4444", Truth::No);
}

/// Changes what the primary says of itself.
fn with_primary(mut row: Row, change: impl FnOnce(&mut RegionalKey, &mut Option<Arc<Reason>>)) -> Row {
    let cell = row.cells.iter_mut().find(|cell| cell.region.as_str() == "us-east-1").unwrap();
    let Presence::Present(present) = &mut cell.presence else { panic!("the primary was read") };
    change(Arc::make_mut(&mut present.key), &mut present.stale);
    row
}

#[test]
fn only_a_settled_primarys_word_rules_members_out() {
    let for_certain = |row: &Row| Filter::parse("state:disabled").unwrap().matches_for_certain(row, Accepted::Declared);
    let says = |row: &Row, expected: Truth| {
        check(row, "state:disabled", expected);
        assert_eq!(for_certain(row), expected);
    };
    says(&payments(), Truth::No);
    let odd = with_primary(payments(), |key, _| key.oddities.push(Oddity::RegionTwice(region("us-east-1"))));
    says(&odd, Truth::Undecided);
    says(&with_primary(payments(), |key, _| key.state = KeyState::Creating), Truth::Undecided);
    says(&with_primary(payments(), |key, _| key.primary = None), Truth::Undecided);
    says(&with_primary(payments(), |key, _| key.primary = Some(arn("eu-west-1"))), Truth::Undecided);
    let denied = Arc::new(Reason::of(ReasonKind::Denied));
    says(&with_primary(payments(), |_, stale| *stale = Some(denied)), Truth::Undecided);
    let mut outside = payments();
    outside.cells.iter_mut().filter(|cell| cell.region.as_str() == "us-east-1").for_each(|cell| cell.in_scope = false);
    says(&outside, Truth::Undecided);
}

#[test]
fn region_state_and_role_hold_for_the_same_member() {
    let row = payments();
    check(&row, "region:eu-west-1 state:pendingdeletion", Truth::Yes);
    check(&row, "region:us-east-1 state:pendingdeletion", Truth::No);
    check(&row, "region:use1 state:enabled role:primary", Truth::Yes);
    check(&row, "region:euw1 role:primary", Truth::No);
    check(&row, "region:us-*|sa-* state:pending", Truth::Undecided);
    check(&row, "role:primary !region:us-*", Truth::No);
    check(&row, "role:replica !region:us-*", Truth::Yes);
    check(&row, "state:pending !role:primary", Truth::Yes);
}

#[test]
fn a_negation_alone_is_about_every_member() {
    let row = payments();
    check(&row, "!region:eu-west-1", Truth::No);
    check(&row, "!region:us-west-2", Truth::Yes);
    check(&row, "!region:sa-east-1", Truth::Undecided);
    check(&row, "!state:enabled", Truth::No);
    check(&row, "!state:disabled", Truth::Yes);
    check(&row, "!region:us-west-2 !state:disabled", Truth::Yes);
}

#[test]
fn missing_is_proved_or_undecided() {
    let row = payments();
    check(&row, "missing:us-west-2", Truth::Yes);
    check(&row, "missing:usw2", Truth::Yes);
    check(&row, "missing:us-*", Truth::Yes);
    check(&row, "missing:us-east-1", Truth::No);
    check(&row, "missing:sa-east-1", Truth::Undecided);
    check(&row, "!missing:sa-east-1", Truth::Undecided);
    check(&row, "missing:sa-east-1|usw2", Truth::Yes);
    check(&row, "missing:eu-*", Truth::No);
    check(&row, "missing:eu-north-1", Truth::Undecided);
    check(&row, "missing:ap-south-1", Truth::Undecided);
}

#[test]
fn unknown_is_what_was_asked_and_not_learnt() {
    let row = payments();
    check(&row, "unknown:sae1", Truth::Yes);
    check(&row, "unknown:us-*", Truth::No);
    check(&row, "unknown:*", Truth::Yes);
    check(&row, "unknown:eu-north-1", Truth::Undecided);
    let row = self::row(&[("us-east-1", Answer::Has("Enabled", None)), ("eu-west-1", Answer::Waiting)]);
    check(&row, "unknown:eu-west-1", Truth::Undecided);
}

#[test]
fn what_could_not_be_read_leaves_a_term_undecided() {
    let row = row(&[
        ("us-east-1", Answer::Has("Enabled", Some("alias/a"))),
        ("eu-west-1", Answer::Unreadable),
        ("us-west-2", Answer::Lacks),
    ]);
    check(&row, "alias:b", Truth::Undecided);
    check(&row, "!alias:b", Truth::Undecided);
    check(&row, "alias:a", Truth::Yes);
    check(&row, "nowhere", Truth::Undecided);
    check(&row, "alias/a", Truth::Yes);
    check(&row, "state:disabled", Truth::Undecided);
    check(&row, "region:eu-west-1 state:disabled", Truth::Undecided);
    check(&row, "region:eu-west-1", Truth::Yes);
    check(&row, "region:eu-west-1 role:replica", Truth::Yes);
    check(&row, "state:disabled alias:b region:us-west-2", Truth::No);
}

#[test]
fn a_primary_that_was_read_speaks_for_dark_regions_that_are_not_named() {
    let known = row(&[("us-east-1", Answer::Has("Enabled", None)), ("eu-west-1", Answer::Dark)]);
    check(&known, "state:disabled", Truth::No);
    check(&known, "nowhere", Truth::No);
    check(&known, "region:eu-west-1", Truth::Undecided);
    check(&known, "region:eu-west-1 state:disabled", Truth::Undecided);
    let unread = row(&[("us-east-1", Answer::Unreadable), ("eu-west-1", Answer::Dark)]);
    check(&unread, "state:disabled", Truth::Undecided);
    check(&unread, "nowhere", Truth::Undecided);
    check(&unread, "spec:rsa", Truth::Undecided);
    check(&unread, "mrk-", Truth::Yes);
}

#[test]
fn members_outside_the_regions_asked_for_count_only_by_name() {
    let row = payments();
    check(&row, "state:disabled", Truth::No);
    check(&row, "region:ap-south-1", Truth::Yes);
    check(&row, "region:ap-south-1 state:disabled", Truth::Undecided);
    check(&row, "region:ap-south-1 role:replica", Truth::Yes);
}

fn check_error(expression: &str, expected: &str) {
    let pointed = Filter::parse(expression).unwrap_err().pointed();
    assert_eq!(format!("{}\n{}", pointed.line, pointed.caret), expected);
}

#[test]
fn a_bad_expression_says_where_it_is_wrong() {
    check_error("", "\n^ a filter needs at least one term");
    check_error("pay  tag:", "pay  tag:\n         ^ a value is missing here");
    check_error("!drift:yes", "!drift:yes\n ^ drift needs a reading that is not made yet");
    check_error(
        "a stat:x",
        "a stat:x\n  ^ no such field; fields: state region role account alias tag spec origin missing unknown. Quote a word that \
         has a colon",
    );
    check_error("state:", "state:\n      ^ a value is missing here");
    check_error("a|", "a|\n  ^ a value is missing here");
    check_error("| a", "| a\n^ a value is missing here");
    check_error("!", "!\n ^ a value is missing here");
    check_error("!!a", "!!a\n ^ one ! is enough");
    check_error(":a", ":a\n^ a field is missing before the colon");
    check_error("a \"b", "a \"b\n  ^ this quote is never closed");
    check_error("a\"b\"", "a\"b\"\n ^ a quote can only begin a value");
    check_error("\"a\"b", "\"a\"b\n   ^ a blank is missing after the quote");
    check_error("role:boss", "role:boss\n     ^ no role begins so; there are PRIMARY REPLICA");
    check_error(
        "state:sleepy",
        "state:sleepy\n      ^ no key state begins so; there are Creating Enabled Disabled PendingDeletion \
         PendingReplicaDeletion PendingImport Unavailable Updating",
    );
    check_error("account:1111", "account:1111\n        ^ an account is 12 digits, or some of them and *");
    check_error("missing:mars", "missing:mars\n        ^ mars is no Region; write one as us-east-1, use1 or us-*");
    check_error(
        "state:enabled|region:\u{202e}",
        "state:enabled|region:\\u{202e}\n                     ^ \\u{202e} is no Region; write one as us-east-1, use1 or us-*",
    );
}

#[test]
fn quotes_hold_what_words_cannot() {
    let row = payments();
    check(&row, r#""arn:aws""#, Truth::No);
    check(&row, r#"alias:"payments-*"|"x y""#, Truth::Yes);
    check(&row, r#""\"" payments"#, Truth::No);
    check(&row, r#""\\""#, Truth::No);
}

#[test]
fn expressions_are_bounded() {
    assert!(Filter::parse(&"x".repeat(MOST_CHARACTERS)).is_ok());
    assert_eq!(Filter::parse(&"x".repeat(MOST_CHARACTERS + 1)).unwrap_err().column, MOST_CHARACTERS + 1);
    assert!(Filter::parse(&"x ".repeat(MOST_TERMS)).is_ok());
    assert_eq!(Filter::parse(&"x ".repeat(MOST_TERMS + 1)).unwrap_err().column, 2 * MOST_TERMS + 1);
}
