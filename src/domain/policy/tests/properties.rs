//! What must hold for every policy, whoever wrote it.

use proptest::prelude::*;

use super::*;

/// One statement out of parts that interact: own and foreign Regions, accounts, conditions.
fn statement() -> impl Strategy<Value = String> {
    let of = |values: &'static [&'static str]| proptest::sample::select(values);
    let effect = of(&["Allow", "Deny"]);
    let principal = of(&[
        r#""Principal":"*""#,
        r#""Principal":{"AWS":["111122223333","arn:aws:iam::111122223333:role/app-us-east-1"]}"#,
        r#""Principal":{"AWS":"arn:aws:iam::111122223333:role/KmsOps"}"#,
        r#""Principal":{"Service":["logs.us-east-1.amazonaws.com","s3.amazonaws.com"]}"#,
        r#""NotPrincipal":{"AWS":"444455556666"}"#,
    ]);
    let action = of(&[r#""Action":"kms:*""#, r#""Action":["kms:Decrypt","kms:Put*"]"#, r#""NotAction":"kms:Decrypt""#]);
    let resource = of(&[r#""Resource":"*""#, r#""Resource":["arn:aws:kms:us-east-1:111122223333:key/x","*"]"#]);
    let condition = of(&[
        "",
        r#","Condition":{"StringEquals":{"kms:ViaService":["ebs.us-east-1.amazonaws.com","rds.us-east-1.amazonaws.com"]}}"#,
        r#","Condition":{"StringNotEquals":{"aws:RequestedRegion":"us-east-1","kms:CallerAccount":"111122223333"}}"#,
        r#","Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:logs:us-east-1:1:log-group:us-east-1"}},"Sid":"us-east-1 \u00e9\n""#,
    ]);
    (effect, principal, action, resource, condition).prop_map(|(effect, principal, action, resource, condition)| {
        format!("{{\"Effect\":\"{effect}\",{principal}, {action},{resource}{condition}}}")
    })
}

fn document(statements: &[String]) -> String {
    format!("{{\"Version\":\"2012-10-17\",\n\"Statement\":[{}]}}", statements.join(" , "))
}

fn answer(text: &str) -> Permits {
    let caller = Caller::new("arn:aws:sts::111122223333:assumed-role/KmsOps/maria", account());
    let key = key("us-east-1");
    permits(&parsed(text), &Request { caller: &caller, action: "kms:PutKeyPolicy", key: &key, target: None })
}

/// Text that is nearly a policy: pieces of JSON in any order.
fn nearly() -> impl Strategy<Value = String> {
    let pieces: &[&str] = &[
        "{",
        "}",
        "[",
        "]",
        ":",
        ",",
        "\"",
        "\\",
        "\\u",
        "d83d",
        "\"Statement\"",
        "\"Sid\"",
        "us-east-1",
        "é",
        " ",
        "1e9",
        "null",
    ];
    proptest::collection::vec(proptest::sample::select(pieces), 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn no_text_is_too_much(text in prop_oneof![".{0,80}", nearly(), statement()]) {
        for text in [text.clone(), format!("{{\"Statement\":{text}}}"), format!("{{\"Statement\":{{\"Resource\":\"{text}\"}}}}")] {
            let parsed = Document::parse(&text);
            if let Err(error) = &parsed {
                prop_assert!(!error.words().as_str().is_empty());
            }
            places(&text, &region("us-east-1"));
            let _either = rewritten(&text, &region("us-east-1"), &region("us-west-2"));
        }
    }

    #[test]
    fn order_means_nothing(statements in proptest::collection::vec(statement(), 1..5), turn in 0..5_usize) {
        let mut other = statements.clone();
        other.rotate_left(turn % statements.len());
        prop_assert!(parsed(&document(&statements)) == parsed(&document(&other)));
        let mut fewer: Vec<String> = statements.clone();
        fewer.sort();
        fewer.dedup();
        let all = fewer.len();
        fewer.truncate(all - 1);
        prop_assert!(parsed(&document(&statements)) != parsed(&document(&fewer)));
    }

    #[test]
    fn normalising_twice_changes_nothing(statements in proptest::collection::vec(statement(), 1..4)) {
        let once = parsed(&document(&statements)).normalised(&region("us-east-1"));
        prop_assert!(once.normalised(&region("us-east-1")) == once);
    }

    #[test]
    fn a_rewritten_policy_means_the_same_in_its_region_and_goes_back(statements in proptest::collection::vec(statement(), 1..4)) {
        let (from, to) = (region("us-east-1"), region("us-gov-west-1"));
        let original = document(&statements);
        let copy = rewritten(&original, &from, &to).unwrap();
        prop_assert!(parsed(&copy).normalised(&to) == parsed(&original).normalised(&from));
        prop_assert_eq!(rewritten(&copy, &to, &from).unwrap(), original);
        prop_assert!(places(&copy, &from).iter().all(|place| !place.is_rewritten()));
    }

    #[test]
    fn a_further_deny_never_allows(statements in proptest::collection::vec(statement(), 0..4), further in statement()) {
        let deny = further.replace("\"Allow\"", "\"Deny\"");
        let before = answer(&document(&statements));
        let after = answer(&document(&[statements, vec![deny]].concat()));
        if !matches!(before, Permits::Allowed) {
            prop_assert!(!matches!(after, Permits::Allowed), "{before:?} became {after:?}");
        }
        if matches!(before, Permits::Denied(_)) {
            prop_assert!(matches!(after, Permits::Denied(_)), "{before:?} became {after:?}");
        }
    }
}
