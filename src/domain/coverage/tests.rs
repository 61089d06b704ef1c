//! The rules' verdicts, line by line: each kind of standing under each thing that a rule can ask for, by both kinds of evidence.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{judge, marks};
use crate::domain::evidence::Accepted;
use crate::domain::filter::{Filter, RegionPattern};
use crate::domain::fleet::{Fleet, KeyRef, Scope};
use crate::domain::id::{KeyArn, Login, Place, Region};
use crate::domain::key::{KeyState, Oddity, RegionalKey, Role};
use crate::domain::reading::{Asked, Reason, ReasonKind};
use crate::domain::rule::Rule;
use crate::domain::standing::Subject;
use crate::domain::text::Foreign;
use crate::domain::time::Timestamp;
use crate::domain::verdict::Severity;

const ID: &str = "mrk-51c0a9e27f4411d09c3b5a6e7d2f10aa";
const BOTH: [Accepted; 2] = [Accepted::Declared, Accepted::Listed];

fn arn(name: &str) -> KeyArn {
    KeyArn::parse(&format!("arn:aws:kms:{name}:111122223333:key/{ID}")).unwrap()
}

/// A member is there, or something says so.
fn is_member(answer: &str) -> bool {
    !matches!(answer, "absent" | "dark" | "off" | "waiting")
}

/// Regions and what they answer; the first holds the primary. A state is a member that was read; `claims` is one that calls itself the primary; `listed`
/// is there and cannot be read, `another` is an answer about another key, `named` is named by the others in a Region that is dark, `outside` in one that was not asked; `off` is not enabled.
fn fleet(cells: &str) -> Fleet {
    let cells: Vec<(&str, &str)> = cells.split_whitespace().map(|cell| cell.split_once(':').unwrap()).collect();
    let asked = cells.iter().filter(|(_, answer)| *answer != "outside");
    let regions: BTreeSet<Region> = asked.map(|(name, _)| arn(name).region).collect();
    let mut fleet = Fleet::default();
    fleet.open(Login(0), Scope { regions, auto: cells.iter().any(|(_, answer)| *answer == "off") });
    for (name, answer) in &cells {
        tell(&mut fleet, &cells, name, answer);
    }
    fleet
}

fn tell(fleet: &mut Fleet, cells: &[(&str, &str)], name: &str, answer: &str) {
    let (place, at) = (Place::new(Login(0), arn(name).region), Timestamp::from_millis(1_000));
    let why = |kind| Arc::new(Reason::of(kind));
    if answer == "outside" {
        return;
    }
    fleet.begin_listing(&place, Asked(1));
    match answer {
        "waiting" => {}
        "dark" | "named" => fleet.fail_listing(&place, Asked(1), why(ReasonKind::Denied)),
        "off" => fleet.fail_listing(&place, Asked(1), why(ReasonKind::NotEnabled)),
        "absent" => {
            fleet.add_page(&place, Asked(1), 0, &[]);
            fleet.complete_listing(&place, Asked(1), at);
        }
        _ => {
            fleet.add_page(&place, Asked(1), 1, &[arn(name)]);
            fleet.complete_listing(&place, Asked(1), at);
            let described = if answer == "listed" {
                Err(why(ReasonKind::DeniedByKeyPolicy))
            } else {
                Ok((described(cells, name, answer), at))
            };
            fleet.describe(Login(0), &arn(name), Asked(2), described);
        }
    }
}

fn described(cells: &[(&str, &str)], name: &str, answer: &str) -> RegionalKey {
    let mut members = cells.iter().filter(|(_, answer)| is_member(answer)).map(|(name, _)| arn(name));
    let (first, state) = (members.next().unwrap(), if answer == "claims" { "Enabled" } else { answer });
    let state = if answer == "another" { "Enabled" } else { state };
    let (primary, replicas) = if answer == "claims" { (arn(name), Vec::new()) } else { (first, members.collect()) };
    let is_primary = primary.region.as_str() == name;
    RegionalKey {
        arn: arn(name),
        state: KeyState::parse(state),
        role: Some(if is_primary { Role::Primary } else { Role::Replica }),
        primary: Some(primary),
        replicas,
        spec: Foreign::new("SYMMETRIC_DEFAULT"),
        usage: Foreign::new("ENCRYPT_DECRYPT"),
        origin: Foreign::new("AWS_KMS"),
        description: Foreign::new(""),
        created_at: None,
        deletion_date: None,
        pending_window_days: None,
        material_id: None,
        valid_to: None,
        oddities: if answer == "another" { vec![Oddity::OtherArn(Foreign::new("arn"))] } else { Vec::new() },
    }
}

/// `required=us-west-2,eu-* min=2 match=state:enabled`
fn rule(text: &str) -> Rule {
    let field = |name: &str| text.split_whitespace().find_map(|part| part.strip_prefix(name)?.strip_prefix('='));
    let patterns = |name: &str| -> Vec<RegionPattern> {
        let names = field(name).map(|names| names.split(',')).into_iter().flatten();
        names.map(|name| RegionPattern::parse(name).unwrap()).collect()
    };
    Rule {
        name: Foreign::new("r"),
        matching: Filter::parse(field("match").unwrap_or("*")).unwrap(),
        required: patterns("required"),
        allowed: patterns("allowed"),
        forbidden: patterns("forbidden"),
        primary: patterns("primary"),
        min_related: field("min").map(|count| count.parse().unwrap()),
        severity: Severity::High,
    }
}

fn with<T>(cells: &str, accepted: Accepted, look: impl FnOnce(&Subject<'_>) -> T) -> T {
    let fleet = fleet(cells);
    let key = KeyRef { login: Login(0), id: arn("us-east-1").id };
    let row = fleet.row(&key, Timestamp::from_millis(9_000)).unwrap();
    look(&Subject::new(&fleet, &row, accepted).unwrap())
}

/// What the rule says, a line each: verdict, Region if there is one, words.
fn said(cells: &str, text: &str, accepted: Accepted) -> Vec<String> {
    let line = |judged: super::Judged| {
        let judgement = judged.judgement;
        let region = judgement.region.map(|region| format!(" {region}")).unwrap_or_default();
        format!("{}{region}: {}", judgement.verdict.name(), judgement.detail)
    };
    with(cells, accepted, |subject| judge(&rule(text), subject).unwrap_or_default().into_iter().map(line).collect())
}

/// By either kind of evidence.
fn check(cells: &str, rule: &str, expected: &[&str]) {
    for accepted in BOTH {
        assert_eq!(said(cells, rule, accepted), expected, "{cells} under {rule}, {}", accepted.name());
    }
}

/// Where the primary's word is accepted, and where only listings are.
fn check_each(cells: &str, rule: &str, declared: &str, listed: &str) {
    for (accepted, expected) in BOTH.into_iter().zip([declared, listed]) {
        assert_eq!(said(cells, rule, accepted), [expected], "{cells} under {rule}, {}", accepted.name());
    }
}

const REQUIRED: &str = "required=us-west-2";
const FORBIDDEN: &str = "forbidden=us-west-2";

#[test]
fn required_by_state() {
    let check = |state: &str, expected: &str| {
        check(&format!("us-east-1:Enabled us-west-2:{state}"), REQUIRED, &[expected]);
    };
    check("Enabled", "pass us-west-2: required in us-west-2: Enabled there");
    check("Updating", "pass us-west-2: required in us-west-2: Updating there");
    check("Creating", "unknown us-west-2: required in us-west-2: the member there is being created");
    for state in ["Disabled", "PendingImport", "PendingDeletion", "PendingReplicaDeletion"] {
        check(state, &format!("fail us-west-2: required in us-west-2, and the member there is {state}"));
    }
    check(
        "Frozen",
        "unknown us-west-2: required in us-west-2: the member there is in a state that keyfleet does not know: Frozen",
    );
}

#[test]
fn each_unusable_state_has_its_own_remedy() {
    let remedy = |state: &str| {
        let cells = format!("us-east-1:Enabled us-west-2:{state}");
        with(&cells, Accepted::Declared, |subject| {
            let judged = judge(&rule(REQUIRED), subject).unwrap().remove(0);
            let plan = judged.judgement.remedy.plan.map(|plan| plan.original().to_owned()).unwrap_or_default();
            format!("{}; {plan}", judged.judgement.remedy.text)
        })
    };
    let member = format!("arn:aws:kms:us-west-2:111122223333:key/{ID}");
    assert_eq!(remedy("Disabled"), format!("enable the member; keyfleet plan enable {member}"));
    assert_eq!(remedy("PendingImport"), "import the key material into this member; ");
    assert_eq!(remedy("PendingDeletion"), format!("cancel the deletion; keyfleet plan cancel-deletion {member}"));
    let gap = format!("replicate the key into us-west-2; keyfleet plan replicate {ID} --to us-west-2");
    assert_eq!(remedy("absent"), gap);
}

#[test]
fn required_where_no_member_was_read() {
    let cells = |answer: &str| format!("us-east-1:Enabled us-west-2:{answer}");
    let check = |answer: &str, expected: &str| check(&cells(answer), REQUIRED, &[expected]);
    check("absent", "fail us-west-2: required in us-west-2, and absent there");
    check(
        "named",
        "unknown us-west-2: required in us-west-2: a related key names one there, it could not be read: access denied",
    );
    check(
        "listed",
        "unknown us-west-2: required in us-west-2: a member is listed there, its state could not be read: denied by the key policy",
    );
    check("outside", "unknown us-west-2: required in us-west-2, which is outside the Regions that are read");
    check("waiting", "unknown us-west-2: required in us-west-2, which could not be read: not read yet");
    check_each(
        &cells("dark"),
        REQUIRED,
        "fail us-west-2: required in us-west-2, which could not be read; the primary names no member there (declared)",
        "unknown us-west-2: required in us-west-2, which could not be read: access denied",
    );
    check_each(
        &cells("off"),
        REQUIRED,
        "fail us-west-2: required in us-west-2, which could not be read; the primary names no member there (declared)",
        "unknown us-west-2: required in us-west-2, which could not be read: Region not enabled, or this token is not valid there",
    );
}

#[test]
fn a_region_that_nobody_asked_is_not_known() {
    check(
        "us-east-1:Enabled",
        REQUIRED,
        &["unknown us-west-2: required in us-west-2, which is outside the Regions that are read"],
    );
}

#[test]
fn only_a_settled_primary_that_was_read_declares() {
    let unknown = "unknown us-west-2: required in us-west-2, which could not be read: access denied";
    for cells in [
        "us-east-1:listed eu-west-1:Enabled us-west-2:dark",
        "us-east-1:named eu-west-1:Enabled us-west-2:dark",
        "us-east-1:Updating eu-west-1:Enabled us-west-2:dark",
        "us-east-1:claims eu-west-1:claims us-west-2:dark",
    ] {
        check(cells, REQUIRED, &[unknown]);
    }
}

#[test]
fn an_answer_about_another_key_is_no_member() {
    let cells = "us-east-1:Enabled eu-west-1:another";
    let listed = "a member is listed there, its state could not be read: contradictory answers";
    check(cells, "required=eu-west-1", &[&format!("unknown eu-west-1: required in eu-west-1: {listed}")]);
    check(cells, "min=2", &["unknown: 1 usable members, 2 required, 1 more may be and are not known"]);
}

#[test]
fn a_member_that_nobody_asked_about_leaves_a_pattern_open() {
    let outside = "required: a usable member in a Region of eu-*; one is named in eu-west-1, which is outside the Regions that are read";
    check(
        "us-east-1:Enabled eu-central-1:absent eu-west-1:outside",
        "required=eu-*",
        &[&format!("unknown: {outside}")],
    );
    let named = "one is named in ap-south-1, outside of them, and not counted";
    let passes = format!("pass: no member in the Regions read where the rule forbids one; {named}");
    check("us-east-1:Enabled ap-south-1:outside", "forbidden=ap-*", &[&passes]);
}

#[test]
fn a_pattern_asks_for_one_of_its_regions() {
    let check = |europe: &str, expected: &str| {
        check(&format!("us-east-1:Enabled {europe}"), "required=eu-*", &[expected]);
    };
    check("eu-west-1:absent eu-north-1:Enabled", "pass: required in eu-north-1: Enabled there");
    check("eu-west-1:absent eu-north-1:Disabled", "fail: required: a usable member in a Region of eu-*");
    check("eu-west-1:absent eu-north-1:Creating", "unknown: required: a usable member in a Region of eu-*");
    check("eu-west-1:Disabled eu-north-1:named", "unknown: required: a usable member in a Region of eu-*");
    check("eu-west-1:dark eu-north-1:Enabled", "pass: required in eu-north-1: Enabled there");
    check("us-west-2:Enabled", "unknown: required: no Region of eu-* was read");
    check_each(
        "us-east-1:Enabled eu-west-1:absent eu-north-1:dark",
        "required=eu-*",
        "fail: required: a usable member in a Region of eu-*",
        "unknown: required: a usable member in a Region of eu-*",
    );
}

#[test]
fn forbidden_is_a_member_in_any_state_until_it_is_gone() {
    for state in [
        "Enabled",
        "Updating",
        "Creating",
        "Disabled",
        "PendingImport",
        "PendingDeletion",
        "PendingReplicaDeletion",
        "Frozen",
    ] {
        let expected = format!("fail us-west-2: forbidden in us-west-2, and a member is there: {state}");
        check(&format!("us-east-1:Enabled us-west-2:{state}"), FORBIDDEN, &[expected.as_str()]);
    }
}

#[test]
fn forbidden_where_no_member_was_read() {
    let cells = |answer: &str| format!("us-east-1:Enabled us-west-2:{answer}");
    let check = |answer: &str, expected: &str| check(&cells(answer), FORBIDDEN, &[expected]);
    check("absent", "pass: no member where the rule forbids one");
    check("listed", "fail us-west-2: forbidden in us-west-2, and a member is there: listed, its state is not known");
    check(
        "named",
        "unknown us-west-2: forbidden in us-west-2: a related key names one there, it could not be read: access denied",
    );
    let named = "one is named in us-west-2, outside of them, and not counted";
    check("outside", &format!("pass: no member in the Regions read where the rule forbids one; {named}"));
    check("waiting", "unknown us-west-2: forbidden in us-west-2, which could not be read: not read yet");
    check_each(
        &cells("dark"),
        FORBIDDEN,
        "pass: no member where the rule forbids one, in part by the primary's word (declared)",
        "unknown us-west-2: forbidden in us-west-2, which could not be read: access denied",
    );
}

#[test]
fn a_region_that_is_off_is_proved_empty_by_nobody() {
    // Named by the rule, it is looked at: a Region that was switched off keeps its keys.
    check_each(
        "us-east-1:Enabled us-west-2:off",
        FORBIDDEN,
        "pass: no member where the rule forbids one, in part by the primary's word (declared)",
        "unknown us-west-2: forbidden in us-west-2, which could not be read: Region not enabled, or this token is not valid there",
    );
    // A pattern means the Regions that are in scope.
    check("us-east-1:Enabled us-west-2:off", "forbidden=us-west-*", &["pass: no member where the rule forbids one"]);
}

#[test]
fn certain_failures_are_told_beside_what_is_not_known() {
    check(
        "us-east-1:Enabled us-west-2:Enabled us-west-1:named",
        "forbidden=us-west-*",
        &[
            "unknown us-west-1: forbidden in us-west-1: a related key names one there, it could not be read: access denied",
            "fail us-west-2: forbidden in us-west-2, and a member is there: Enabled",
        ],
    );
}

#[test]
fn allowed_forbids_everything_else() {
    check(
        "eu-west-1:Enabled us-west-2:Enabled eu-north-1:Enabled us-east-1:absent",
        "allowed=eu-*",
        &["fail us-west-2: forbidden in us-west-2, and a member is there: Enabled"],
    );
    check("eu-west-1:Enabled us-east-1:absent", "allowed=eu-*", &["pass: no member where the rule forbids one"]);
}

#[test]
fn least_numbers_of_members() {
    let check = |others: &str, expected: &str| check(&format!("us-east-1:Enabled {others}"), "min=3", &[expected]);
    check("us-west-2:Enabled eu-west-1:Updating", "pass: 3 usable members, 3 required");
    check("us-west-2:Enabled eu-west-1:Disabled eu-north-1:absent", "fail: 2 usable members, 3 required");
    check("us-west-2:Enabled eu-west-1:PendingImport", "fail: 2 usable members, 3 required");
    check("us-west-2:Enabled eu-west-1:PendingDeletion", "fail: 2 usable members, 3 required");
    for unknown in ["Creating", "named", "listed", "Frozen", "outside", "waiting"] {
        check(
            &format!("us-west-2:Enabled eu-west-1:{unknown}"),
            "unknown: 2 usable members, 3 required, 1 more may be and are not known",
        );
    }
    check("us-west-2:named eu-west-1:absent", "fail: 1 usable members, 3 required");
    check_each(
        "us-east-1:Enabled us-west-2:Enabled eu-west-1:dark",
        "min=3",
        "fail: 2 usable members, 3 required",
        "unknown: 2 usable members, 3 required, 1 more may be and are not known",
    );
}

#[test]
fn where_the_primary_is() {
    let check = |cells: &str, expected: &str| check(cells, "primary=us-east-1,eu-*", &[expected]);
    check("us-east-1:Enabled us-west-2:Enabled", "pass: the primary is in us-east-1");
    check("eu-west-1:Disabled us-east-1:absent", "pass: the primary is in eu-west-1");
    check("us-west-2:Enabled us-east-1:Enabled", "fail: the primary is in us-west-2, and must be in us-east-1, eu-*");
    check(
        "us-east-1:claims us-west-2:claims",
        "unknown: the primary must be in us-east-1, eu-*; where it is cannot be told now",
    );
    check(
        "us-west-2:Updating us-east-1:Updating",
        "unknown: the primary must be in us-east-1, eu-*; where it is cannot be told now",
    );
    check(
        "us-east-1:listed us-west-2:Enabled",
        "unknown: the primary must be in us-east-1, eu-*; it is said to be in us-east-1, and could not be read there",
    );
    check(
        "us-west-2:named us-east-1:Enabled",
        "unknown: the primary must be in us-east-1, eu-*; it is said to be in us-west-2, and could not be read there",
    );
}

#[test]
fn a_promotion_helps_where_a_replica_is_where_the_primary_may_be() {
    let remedy = |cells: &str| {
        with(cells, Accepted::Declared, |subject| {
            let judged = judge(&rule("primary=eu-*"), subject).unwrap().remove(0);
            judged.judgement.remedy.plan.map(|plan| plan.original().to_owned())
        })
    };
    let plan = format!("keyfleet plan promote {ID} --to eu-west-1");
    assert_eq!(remedy("us-east-1:Enabled eu-west-1:Enabled"), Some(plan));
    assert_eq!(remedy("us-east-1:Enabled eu-west-1:absent"), None);
}

#[test]
fn which_keys_a_rule_is_about() {
    let cells = "us-east-1:Enabled us-west-2:absent";
    check(cells, "match=state:disabled required=us-west-2", &[]);
    check(
        cells,
        "match=state:enabled required=us-west-2",
        &["fail us-west-2: required in us-west-2, and absent there"],
    );
    check(
        cells,
        "match=tag:tier=1 required=us-west-2 forbidden=us-east-1",
        &["unknown: whether the rule is about this key depends on something that could not be read"],
    );
}

#[test]
fn all_that_a_rule_asks_for_is_told() {
    check(
        "us-east-1:Enabled us-west-2:absent ap-south-1:Enabled",
        "required=us-east-1,us-west-2 forbidden=ap-* min=2 primary=eu-west-1",
        &[
            "pass us-east-1: required in us-east-1: Enabled there",
            "fail us-west-2: required in us-west-2, and absent there",
            "fail ap-south-1: forbidden in ap-south-1, and a member is there: Enabled",
            "pass: 2 usable members, 2 required",
            "fail: the primary is in us-east-1, and must be in eu-west-1",
        ],
    );
}

#[test]
fn marks_are_of_what_is_certain() {
    let check = |cells: &str, text: &str, expected: &str| {
        let marked = with(cells, Accepted::Declared, |subject| marks(&rule(text), subject));
        let shown = marked.map(|marks| {
            let names = |regions: &[Region]| regions.iter().map(Region::short).collect::<Vec<_>>().join(" ");
            format!("X {} # {} and {}", names(&marks.gaps), names(&marks.banned), marks.breaches.len())
        });
        assert_eq!(shown.unwrap_or_default(), expected, "{cells} under {text}");
    };
    check("us-east-1:Enabled us-west-2:absent", REQUIRED, "X usw2 #  and 0");
    check("us-east-1:Enabled us-west-2:Enabled", FORBIDDEN, "X  # usw2 and 0");
    check("us-east-1:Enabled us-west-2:Disabled", REQUIRED, "");
    check("us-east-1:Enabled us-west-2:named", REQUIRED, "");
    check("us-east-1:Enabled us-west-2:named", FORBIDDEN, "");
    check("us-east-1:Enabled us-west-2:absent", "match=tag:a required=us-west-2", "");
    check("us-east-1:Enabled us-west-2:absent", "required=us-west-* min=2 primary=eu-*", "X  #  and 3");
}
