//! What is drift between two related keys, and how it reads.

use proptest::prelude::*;
use serde_json::Value;

use super::*;

/// A document of statements, each of which is completed.
fn document(statements: &[&str]) -> Document {
    let whole: Vec<String> = statements
        .iter()
        .map(|elements| {
            let text = policy(elements);
            text.split_once('[').and_then(|(_, rest)| rest.strip_suffix("]}")).unwrap().to_owned()
        })
        .collect();
    parsed(&format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, whole.join(",")))
}

/// Compares the policy of a key in us-east-1 with that of one in us-west-2, there and back.
fn compared(before: &Document, after: &Document) -> Vec<Difference> {
    let (east, west) = (region("us-east-1"), region("us-west-2"));
    let (one, other) = (Side { document: before, region: &east }, Side { document: after, region: &west });
    let found = differences(one, other);
    assert_eq!(found.is_empty(), differences(other, one).is_empty(), "{found:?}");
    found
}

fn check(before: &[&str], after: &[&str], expected: &[&str]) {
    let lines: Vec<String> = compared(&document(before), &document(after))
        .iter()
        .flat_map(|difference| std::iter::once(difference.words()).chain(difference.lines()))
        .map(|line| line.as_str().to_owned())
        .collect();
    assert_eq!(lines, expected);
}

fn differ(before: &[&str], after: &[&str]) {
    assert!(!compared(&document(before), &document(after)).is_empty(), "{before:?} and {after:?}");
}

const VIA_EAST: &str = r#""Condition":{"StringEquals":{"kms:ViaService":"ebs.us-east-1.amazonaws.com"}}"#;
const VIA_WEST: &str = r#""Sid":"v","Condition":{"StringEquals":{"kms:ViaService":["ebs.us-west-2.amazonaws.com"]}}"#;
const ROLE: &str = r#""Sid":"r","Principal":{"AWS":"arn:aws:iam::111122223333:role/A"}"#;

fn condition(operator: &str, key: &str, values: &str) -> String {
    format!(r#""Condition":{{"{operator}":{{"{key}":{values}}}}}"#)
}

#[test]
fn region_order_form_and_names_are_no_drift() {
    check(&[VIA_EAST, ROLE], &[ROLE, VIA_WEST], &[]);
    check(&[ROLE, ROLE], &[ROLE], &[]);
    check(&[&ROLE.replace("\"r\"", "\"other\"")], &[ROLE], &[]);
    let root = r#""Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":["kms:encrypt","KMS:Decrypt"]"#;
    check(&[root], &[r#""Principal":{"AWS":["111122223333"]},"Action":["kms:Decrypt","kms:Encrypt"]"#], &[]);
    let service = |region: &str| format!(r#""Principal":{{"Service":"logs.{region}.amazonaws.com"}}"#);
    check(&[&service("us-east-1")], &[&service("us-west-2")], &[]);
    let arn = |region: &str| format!(r#""Resource":["arn:aws:kms:{region}:111122223333:key/x"]"#);
    check(&[&arn("us-east-1")], &[&arn("us-west-2")], &[]);
    let secure = |value: &str| condition("Bool", "aws:SecureTransport", value);
    check(&[&secure("true")], &[&secure("\"True\"")], &[]);
    let ignoring = |value: &str| condition("StringEqualsIgnoreCase", "aws:username", value);
    check(&[&ignoring(r#""Maria""#)], &[&ignoring(r#"["maria"]"#)], &[]);
}

#[test]
fn a_list_of_all_regions_is_no_drift_wherever_it_stands() {
    let both = r#"["ebs.us-east-1.amazonaws.com","ebs.us-west-2.amazonaws.com"]"#;
    check(
        &[&condition("StringEquals", "kms:ViaService", both)],
        &[&condition("stringEquals", "KMS:viaservice", both)],
        &[],
    );
    // Beside a test that names each its own.
    let two = |own: &str| {
        format!(r#""Condition":{{"StringEquals":{{"kms:ViaService":{both},"aws:RequestedRegion":"{own}"}}}}"#)
    };
    check(&[&two("us-east-1")], &[&two("us-west-2")], &[]);
    // One statement for each Region, the same on both sides.
    let via = |region: &str| condition("StringEquals", "kms:ViaService", &format!("\"ebs.{region}.amazonaws.com\""));
    let (east, west) = (via("us-east-1"), via("us-west-2"));
    check(&[&east, &west], &[&west, &east], &[]);
    check(&[&east, &west, &via("eu-west-1")], &[&east, &via("eu-west-1"), &west], &[]);
    // A third Region is neither's.
    check(&[&via("eu-west-1")], &[&via("eu-west-1")], &[]);
}

#[test]
fn the_same_text_with_the_region_of_one_is_drift() {
    check(
        &[VIA_EAST],
        &[VIA_EAST],
        &[
            "statement 1: Condition kms:ViaService StringEquals ebs.us-east-1.amazonaws.com names us-east-1, which never matches in us-west-2",
            "  Allow anyone: kms:*, if kms:ViaService StringEquals ebs.us-east-1.amazonaws.com",
            "  Condition kms:ViaService StringEquals ebs.us-east-1.amazonaws.com names us-east-1, which never matches in us-west-2",
        ],
    );
    let words = |text: &str| -> Vec<String> {
        compared(&document(&[text]), &document(&[text])).iter().map(|one| one.words().as_str().to_owned()).collect()
    };
    assert_eq!(
        words(r#""Principal":{"Service":["logs.us-west-2.amazonaws.com","s3.amazonaws.com"]}"#),
        [
            "statement 1: Principal Service logs.us-west-2.amazonaws.com names us-west-2, which never matches in us-east-1"
        ]
    );
    assert_eq!(
        words(r#""Resource":["arn:aws:kms:us-east-1:111122223333:key/x","*"]"#),
        [
            "statement 1: Resource arn:aws:kms:us-east-1:111122223333:key/x names us-east-1, which never matches in us-west-2"
        ]
    );
    // Two elements of one statement are told as one difference, without a Sid too.
    let logs = r#""Principal":{"Service":"logs.us-east-1.amazonaws.com"},"Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:logs:us-east-1:1:*"}}"#;
    assert_eq!(words(logs).len(), 1);
    // A list that is for both Regions by half, and lists of which only one side's is.
    let half = condition("StringEquals", "kms:ViaService", r#"["ebs.us-east-1.x","rds.us-west-2.x"]"#);
    differ(&[&half], &[&half]);
    differ(&[&half], &[&half.replace("us-east-1", "us-west-2")]);
    // Names that people chose, the targets of a change, and ARNs without a Region are the same from everywhere.
    for same in [
        condition("StringEquals", "kms:ReplicaRegion", r#""us-east-1""#),
        condition("StringEquals", "aws:PrincipalTag/home", r#""us-east-1""#),
        r#""Principal":{"AWS":"arn:aws:iam::111122223333:role/app-us-east-1"}"#.to_owned(),
        condition("ArnLike", "aws:SourceArn", r#""arn:aws:s3:::logs.us-east-1""#),
    ] {
        check(&[&same], &[&same], &[]);
    }
}

#[test]
fn a_region_more_or_less_is_drift() {
    let via = |values: &str| condition("StringEquals", "kms:ViaService", values);
    let (east, west) = (via(r#""s3.us-east-1.x""#), via(r#""s3.us-west-2.x""#));
    let both = via(r#"["s3.us-east-1.x","s3.us-west-2.x"]"#);
    differ(&[&both], &[&west]);
    differ(&[&east], &[&both]);
    differ(&[&west], &[&east]);
    differ(&[&east], &[&west.replace("us-west-2", "eu-west-1")]);
    // The same said by statements of their own.
    differ(&[&east, &west], &[&west]);
    differ(&[&east], &[&east, &west]);
    let target = |value: &str| condition("StringEquals", "kms:ReplicaRegion", value);
    differ(&[&target("\"us-east-1\"")], &[&target("\"us-west-2\"")]);
    differ(
        &[r#""Principal":{"AWS":"arn:aws:iam::111122223333:role/us-east-1"}"#],
        &[r#""Principal":{"AWS":"arn:aws:iam::111122223333:role/us-west-2"}"#],
    );
}

#[test]
fn no_text_passes_for_the_region() {
    let via = |value: &str| condition("StringNotEquals", "kms:ViaService", &format!("\"ebs.{value}.amazonaws.com\""));
    for mark in ["{own Region}", "", "\\u0000", "*", "us-west-2.us-west-2", "US-WEST-2"] {
        differ(&[&via("us-east-1")], &[&via(mark)]);
    }
    differ(&[r#""Principal":{"AWS":"111122223333"}"#], &[r#""Principal":{"account":"111122223333"}"#]);
    differ(&[r#""Principal":{"AWS":"a"}"#], &[r#""Principal":{"Service":"a"}"#]);
    differ(&[r#""Principal":{"AWS":"*"}"#], &[r#""Principal":{"Federated":"*"}"#]);
}

#[test]
fn what_aws_tells_apart_by_case_stays_apart() {
    let context = |key: &str| condition("StringEquals", &format!("kms:EncryptionContext:{key}"), "\"x\"");
    differ(&[&context("App")], &[&context("app")]);
    check(&[&context("App")], &[&context("App").replace("kms:Enc", "KMS:enc")], &[]);
    let tag = |value: &str| condition("StringEquals", "aws:PrincipalTag/team", value);
    differ(&[&tag("\"Ops\"")], &[&tag("\"ops\"")]);
    differ(&[ROLE], &[&ROLE.replace("role/A", "role/a")]);
}

#[test]
fn likeness_is_shared_out_whatever_the_order() {
    let statement = |service: &str, via: &str| {
        format!(
            r#""Principal":{{"Service":"logs.{service}.amazonaws.com"}},{}"#,
            condition("StringEquals", "kms:ViaService", &format!("\"ebs.{via}.amazonaws.com\""))
        )
    };
    let (e, w, third) = ("us-east-1", "us-west-2", "eu-west-1");
    let (one, other) = ([statement(e, e), statement(e, third)], [statement(w, w), statement(w, third)]);
    check(&[&one[0], &one[1]], &[&other[0], &other[1]], &[]);
    check(&[&one[1], &one[0]], &[&other[0], &other[1]], &[]);
    check(&[&one[0], &one[1]], &[&other[1], &other[0]], &[]);
    // Half of each for the other Region.
    differ(&[&statement(e, w)], &[&statement(w, w)]);
    differ(&[&statement(e, w)], &[&statement(w, e)]);
}

#[test]
fn a_principal_more_a_condition_less_and_a_wider_action_are_drift() {
    check(
        &[ROLE],
        &[r#""Sid":"r","Principal":{"AWS":["arn:aws:iam::111122223333:role/A","444455556666"]}"#],
        &[
            "statement 1 “r”: Principal also has account 444455556666",
            "- Allow arn:aws:iam::111122223333:role/A: kms:*",
            "+ Allow account 444455556666, arn:aws:iam::111122223333:role/A: kms:*",
            "  Principal + account 444455556666",
        ],
    );
    check(
        &[VIA_EAST],
        &[r#""Action":"kms:*""#],
        &[
            "statement 1: Condition lacks kms:ViaService StringEquals ebs.us-east-1.amazonaws.com",
            "- Allow anyone: kms:*, if kms:ViaService StringEquals ebs.us-east-1.amazonaws.com",
            "+ Allow anyone: kms:*",
            "  Condition - kms:ViaService StringEquals ebs.us-east-1.amazonaws.com",
        ],
    );
    check(
        &[r#""Action":"kms:Decrypt""#],
        &[r#""Action":"kms:De*""#],
        &[
            "statement 1: Action has kms:De* instead of kms:Decrypt",
            "- Allow anyone: kms:Decrypt",
            "+ Allow anyone: kms:De*",
            "  Action - kms:Decrypt",
            "  Action + kms:De*",
        ],
    );
}

#[test]
fn the_id_of_a_deleted_principal_has_words_of_its_own() {
    check(
        &[ROLE],
        &[r#""Sid":"r","Principal":{"AWS":"AROADBQP57FF2AEXAMPLE"}"#],
        &[
            "statement 1 “r”: Principal has AROADBQP57FF2AEXAMPLE (the unique ID of a deleted principal) instead of arn:aws:iam::111122223333:role/A",
            "- Allow arn:aws:iam::111122223333:role/A: kms:*",
            "+ Allow AROADBQP57FF2AEXAMPLE (the unique ID of a deleted principal): kms:*",
            "  Principal - arn:aws:iam::111122223333:role/A",
            "  Principal + AROADBQP57FF2AEXAMPLE (the unique ID of a deleted principal)",
        ],
    );
}

#[test]
fn statements_come_go_and_turn_round() {
    let deny = r#""Effect":"Deny","NotPrincipal":{"AWS":"111122223333"},"NotAction":"kms:Decrypt","Resource":"arn:aws:kms:us-east-1:1:key/x""#;
    let words = "Deny everybody but account 111122223333: everything but kms:Decrypt on arn:aws:kms:us-east-1:1:key/x";
    check(&[ROLE], &[ROLE, deny], &[&format!("statement 2 is new: {words}"), &format!("+ {words}")]);
    check(&[deny, ROLE], &[ROLE], &[&format!("statement 1 is missing: {words}"), &format!("- {words}")]);
    check(
        &[ROLE],
        &[&format!("{ROLE},\"Effect\":\"Deny\",\"NotAction\":[\"kms:*\"]")],
        &[
            "statement 1 “r”: Effect has Deny instead of Allow; Action lacks kms:*; NotAction also has kms:*",
            "- Allow arn:aws:iam::111122223333:role/A: kms:*",
            "+ Deny arn:aws:iam::111122223333:role/A: everything but kms:*",
            "  Effect - Allow",
            "  Effect + Deny",
            "  Action - kms:*",
            "  NotAction + kms:*",
        ],
    );
}

#[test]
fn what_stands_outside_the_statements_counts() {
    let new = policy("\"Sid\":\"s\"");
    let old = new.replace("2012-10-17", "2008-10-17");
    let words = |one: &str, other: &str| -> Vec<String> {
        let found = compared(&parsed(one), &parsed(other));
        found.iter().map(|one| one.words().as_str().to_owned()).collect()
    };
    assert_eq!(words(&old, &new), ["Version is 2012-10-17, not 2008-10-17"]);
    let further = new.replacen('{', "{\"New\":[1],", 1);
    assert_eq!(words(&new, &further), ["New, an element that keyfleet does not know, differs"]);
    assert_eq!(words(&further, &further), [""; 0]);
}

#[test]
fn a_value_cannot_look_like_two_or_like_an_end() {
    let tag = |values: &str| condition("StringEquals", "aws:PrincipalTag/x", values);
    let told = |one: &str, other: &str| -> Vec<String> {
        let found = compared(&document(&[&tag(one)]), &document(&[&tag(other)]));
        found[0].lines().iter().map(|line| line.as_str().trim_start_matches(['-', '+']).to_owned()).collect()
    };
    for (one, other) in [(r#"["a","b"]"#, r#""a or b""#), ("[]", "\"nothing\""), (r#""a""#, r#""\"a\"""#)] {
        let lines = told(one, other);
        assert_ne!(lines[0], lines[1]);
    }
    let hidden = told(r#""a\u202e\n""#, "\"a\"");
    assert!(hidden.iter().all(|line| !line.contains(['\u{202e}', '\n'])));
}

#[test]
fn the_policy_of_the_demo_copied_to_the_letter_is_drift_and_rewritten_it_is_none() {
    let fleet = include_str!("../../../../assets/demo-fleet.toml");
    let (_, rest) = fleet.split_once("backups = '''").unwrap();
    let (text, _) = rest.split_once("'''").unwrap();
    let found = compared(&parsed(text), &parsed(text));
    let words: Vec<String> = found.iter().map(|one| one.words().as_str().to_owned()).collect();
    assert_eq!(
        words,
        [
            "statement 2 “Volumes of us-east-1”: Condition kms:ViaService StringEquals ebs.us-east-1.amazonaws.com names us-east-1, which never matches in us-west-2",
            "statement 3 “Log groups of us-east-1”: Principal Service logs.us-east-1.amazonaws.com names us-east-1, which never matches in us-west-2",
        ]
    );
    let copy = rewritten(text, &region("us-east-1"), &region("us-west-2")).unwrap();
    assert!(compared(&parsed(text), &parsed(&copy)).is_empty());
}

/// Parts of a statement that differ from each other in pairs, all of them named with us-east-1 as the key's own Region.
const PARTS: [&[&str]; 5] = [
    &[r#""Effect":"Allow""#, r#""Effect":"Deny""#],
    &[
        r#""Principal":["*"]"#,
        r#""Principal":{"AWS":["111122223333"]}"#,
        r#""Principal":{"AWS":["111122223333","arn:aws:iam::111122223333:role/app-us-east-1"]}"#,
        r#""Principal":{"AWS":["AROADBQP57FF2AEXAMPLE"]}"#,
        r#""Principal":{"Service":["logs.us-east-1.amazonaws.com"]}"#,
        r#""NotPrincipal":{"AWS":["111122223333"]}"#,
    ],
    &[
        r#""Action":["kms:Decrypt"]"#,
        r#""Action":["kms:Decrypt","kms:Put*"]"#,
        r#""Action":["kms:*"]"#,
        r#""NotAction":["kms:Decrypt"]"#,
    ],
    &[r#""Resource":["*"]"#, r#""Resource":["arn:aws:kms:us-east-1:111122223333:key/x"]"#, r#""NotResource":["*"]"#],
    &[
        r#""Condition":{}"#,
        r#""Condition":{"StringEquals":{"kms:ViaService":["ebs.us-east-1.amazonaws.com"]}}"#,
        r#""Condition":{"StringLike":{"kms:ViaService":["ebs.us-east-1.amazonaws.com"]}}"#,
        r#""Condition":{"StringEqualsIfExists":{"kms:ViaService":["ebs.us-east-1.amazonaws.com"]}}"#,
        r#""Condition":{"StringEquals":{"kms:ViaService":["ebs.us-east-1.amazonaws.com","ebs.eu-west-1.amazonaws.com"]}}"#,
        r#""Condition":{"StringEquals":{"kms:ViaService":["ebs.us-east-1.amazonaws.com"],"kms:CallerAccount":["111122223333"]}}"#,
        r#""Condition":{"ForAnyValue:StringEquals":{"aws:TagKeys":["a","b"]}}"#,
        r#""Condition":{"ForAllValues:StringEquals":{"aws:TagKeys":["a","b"]}}"#,
        r#""Condition":{"ForAllValues:StringEquals":{"aws:TagKeys":["a"]}}"#,
    ],
];

type Choice = [usize; 5];

fn choice() -> impl Strategy<Value = Choice> {
    PARTS.map(|parts| 0..parts.len())
}

fn written(choice: &Choice, sid: usize) -> String {
    let parts: Vec<&str> = PARTS.iter().zip(choice).map(|(parts, index)| parts[*index]).collect();
    format!("{{\"Sid\":\"{sid}\",{}}}", parts.join(","))
}

fn whole(choices: &[Choice]) -> String {
    let statements: Vec<String> = choices.iter().enumerate().map(|(sid, choice)| written(choice, sid)).collect();
    format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","))
}

/// The same policy in another order and form: statements turned, lists turned round or, of one value, taken out, actions in capitals.
fn rearranged(text: &str, turn: usize) -> String {
    fn turned(value: &mut Value, turn: usize) {
        match value {
            Value::Array(items) => {
                for item in &mut *items {
                    turned(item, turn);
                }
                let by = turn % items.len().max(1);
                items.rotate_left(by);
                if let ([only], true) = (items.as_slice(), turn.is_multiple_of(2)) {
                    *value = only.clone();
                }
            }
            Value::Object(members) => members.values_mut().for_each(|member| turned(member, turn)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    let mut value = serde_json::from_str(text).unwrap();
    turned(&mut value, turn);
    let mut text = value.to_string().replace("kms:Decrypt", "KMS:decrypt");
    for before in ["{\"AWS\":\"", "{\"AWS\":[\""] {
        text = text.replace(&format!("{before}111122223333"), &format!("{before}arn:aws:iam::111122223333:root"));
    }
    text
}

proptest! {
    #[test]
    fn order_form_and_region_are_no_drift(choices in proptest::collection::vec(choice(), 1..5), turn in 0..6_usize) {
        let text = whole(&choices);
        let (from, to) = (region("us-east-1"), region("us-west-2"));
        let copy = rewritten(&rearranged(&text, turn), &from, &to).unwrap();
        prop_assert_eq!(compared(&parsed(&text), &parsed(&copy)).len(), 0);
        let back = rewritten(&copy, &to, &from).unwrap();
        prop_assert_eq!(compared(&parsed(&back), &parsed(&copy)).len(), 0);
        // As it stands it is the same only where it does not name the Region.
        let verbatim = compared(&parsed(&text), &parsed(&rearranged(&text, turn + 1)));
        let names_it = places(&text, &from).iter().any(PlaceNamed::is_rewritten);
        prop_assert_eq!(!verbatim.is_empty(), names_it, "{:?}", verbatim);
        prop_assert!(verbatim.iter().all(|one| one.words().as_str().contains("names us-east-1, which never matches in us-west-2")));
    }

    #[test]
    fn whatever_is_changed_in_one_place_is_drift(
        choices in proptest::collection::vec(choice(), 1..5),
        at in any::<proptest::sample::Index>(),
        part in 0..PARTS.len(),
        other in any::<proptest::sample::Index>(),
        turn in 0..6_usize,
    ) {
        let mut mutated = choices.clone();
        let chosen = &mut mutated[at.index(choices.len())];
        chosen[part] = (chosen[part] + 1 + other.index(PARTS[part].len() - 1)) % PARTS[part].len();
        let is_same = |one: &[Choice], other: &[Choice]| one.iter().all(|choice| other.contains(choice));
        prop_assume!(!(is_same(&choices, &mutated) && is_same(&mutated, &choices)));
        let copy = rewritten(&rearranged(&whole(&mutated), turn), &region("us-east-1"), &region("us-west-2")).unwrap();
        let found = compared(&parsed(&whole(&choices)), &parsed(&copy));
        prop_assert!(!found.is_empty());
        prop_assert!(found.iter().all(|one| one.words().as_str().starts_with("statement ") && !one.lines().is_empty()));
    }

    #[test]
    fn a_statement_more_or_less_is_drift(choices in proptest::collection::vec(choice(), 1..5), further in choice()) {
        prop_assume!(!choices.contains(&further));
        let more = [choices.as_slice(), &[further]].concat();
        let copy = rewritten(&whole(&more), &region("us-east-1"), &region("us-west-2")).unwrap();
        prop_assert_eq!(compared(&parsed(&whole(&choices)), &parsed(&copy)).len(), 1);
    }
}
