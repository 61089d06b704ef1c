//! Faults as a fleet file and a request declare them.

use super::*;

fn faults(rules: &[&str]) -> Faults {
    let mut faults = Faults::new(7);
    for rule in rules {
        faults.add(serde_json::from_str(rule).unwrap());
    }
    faults
}

fn asked<'a>(operation: &'a str, region: &'a str, keys: &'a [&'a str]) -> Asked<'a> {
    Asked { operation, region, account: "111122223333", keys, elapsed: 0 }
}

#[test]
fn a_rule_strikes_the_calls_it_names() {
    let rule = r#"{"operation": "DescribeKey", "region": "us-*", "key": "mrk-1", "kind": "hang"}"#;
    let check = |request: Asked<'_>, expected: bool| {
        assert_eq!(faults(&[rule]).decide(&request).effect.is_some(), expected);
    };
    check(asked("DescribeKey", "us-east-1", &["alias/x", "mrk-1"]), true);
    check(asked("DescribeKey", "us-east-1", &["mrk-2"]), false);
    check(asked("DescribeKey", "us-east-1", &[]), false);
    check(asked("DescribeKey", "eu-west-1", &["mrk-1"]), false);
    check(asked("ListKeys", "us-east-1", &["mrk-1"]), false);
}

#[test]
fn a_rule_counts_matching_calls_from_one() {
    let mut faults = faults(&[r#"{"operation": "ListKeys", "from": 2, "count": 2, "kind": "drop_close"}"#]);
    let mut struck = |operation| faults.decide(&asked(operation, "us-east-1", &[])).effect.is_some();
    assert_eq!(
        ["ListKeys", "DescribeKey", "ListKeys", "ListKeys", "ListKeys"].map(&mut struck),
        [false, false, true, true, false]
    );
}

#[test]
fn delays_add_up_and_the_first_other_kind_decides() {
    let mut faults = faults(&[
        r#"{"kind": "delay", "ms": 100}"#,
        r#"{"kind": "error", "code": "KMSInternalException"}"#,
        r#"{"kind": "delay", "ms": 20}"#,
        r#"{"kind": "hang"}"#,
    ]);
    let decision = faults.decide(&asked("ListKeys", "us-east-1", &[]));
    assert_eq!(decision.delay_ms, 120);
    let expected = Effect::Error { status: 500, code: "KMSInternalException".to_owned(), message: None };
    assert_eq!(decision.effect, Some(expected));
    faults.clear();
    assert_eq!(faults.decide(&asked("ListKeys", "us-east-1", &[])).effect, None);
}

#[test]
fn the_seed_decides_which_calls_chance_strikes() {
    let struck = || {
        let mut faults = faults(&[r#"{"kind": "hang", "probability": 0.5}"#]);
        (0..64).map(|_| faults.decide(&asked("ListKeys", "us-east-1", &[])).effect.is_some()).collect::<Vec<_>>()
    };
    assert_eq!(struck(), struck());
    assert!(struck().contains(&true) && struck().contains(&false));
}

#[test]
fn what_is_no_fault_is_refused() {
    let check = |rule: &str, expected: &str| {
        let parsed: Result<FaultText, _> = serde_json::from_str(rule);
        let refused = match parsed {
            Ok(text) => text.check().unwrap_err().to_owned(),
            Err(error) => error.to_string(),
        };
        assert!(refused.contains(expected), "{refused}");
    };
    check(r#"{"kind": "explode"}"#, "unknown fault kind `explode`");
    check(r#"{"kind": "hang", "operation": "Describe"}"#, "`Describe` is not an operation");
    check(r#"{"kind": "hang", "region": "moon"}"#, "`moon` is not a Region");
    check(r#"{"kind": "hang", "probability": 2.0}"#, "between 0.0 and 1.0");
    check(r#"{"kind": "error"}"#, "needs a `code`");
    check(r#"{"kind": "delay"}"#, "needs `ms`");
    check(r#"{"kind": "hang", "ms": 1}"#, "belongs to a fault of kind `delay`, `apply_later` or `trickle`");
    check(r#"{"kind": "hang", "code": "x"}"#, "belong to a fault of kind `error`");
    check(r#"{"kind": "hang", "from": 0}"#, "from 1");
    check(r#"{"kind": "hang", "when": 1}"#, "unknown field `when`");
    check(r#"{"kind": "close", "region": "us-east-1"}"#, "knows connections only");
    check(r#"{"kind": "hang", "every": "1m"}"#, "needs `lasts`");
}

#[test]
fn every_kind_but_a_delay_and_a_close_has_an_effect() {
    for (name, kind) in Kind::ALL {
        let extra = match name {
            "delay" => r#", "ms": 1"#,
            "error" => r#", "code": "X""#,
            _ => "",
        };
        let mut faults = faults(&[&format!(r#"{{"kind": "{name}"{extra}}}"#)]);
        let decision = faults.decide(&asked("ListKeys", "us-east-1", &[]));
        assert_eq!(decision.effect.is_some(), !matches!(kind, Kind::Delay | Kind::Close), "{name}");
        assert_eq!(faults.close(0), kind == Kind::Close, "{name}");
    }
}

#[test]
fn a_rule_has_its_time() {
    let struck = |rule: &str, seconds: &[u64]| -> Vec<bool> {
        let mut faults = faults(&[rule]);
        let at = |second: &u64| Asked { elapsed: second * 1000, ..asked("ListKeys", "us-east-1", &[]) };
        seconds.iter().map(|second| faults.decide(&at(second)).effect.is_some()).collect()
    };
    let once = r#"{"kind": "hang", "after": "60s", "lasts": "30s"}"#;
    assert_eq!(struck(once, &[0, 59, 60, 89, 90, 1000]), [false, false, true, true, false, false]);
    let again = r#"{"kind": "hang", "after": "60s", "lasts": "30s", "every": "5m"}"#;
    assert_eq!(struck(again, &[0, 60, 90, 359, 360, 390]), [false, true, false, false, true, false]);
    let counted = r#"{"kind": "hang", "after": "60s", "count": 1}"#;
    assert_eq!(struck(counted, &[0, 61, 62]), [false, true, false], "calls before its time do not count");
}

#[test]
fn connections_are_counted_by_themselves() {
    let mut faults = faults(&[r#"{"kind": "close", "from": 2, "count": 1}"#]);
    assert!(faults.decide(&asked("ListKeys", "us-east-1", &[])).effect.is_none());
    assert_eq!([0, 0, 0].map(|elapsed| faults.close(elapsed)), [false, true, false]);
}

#[test]
fn every_kind_is_documented() {
    let document = include_str!("../../../docs/emulator.md");
    for (name, _) in Kind::ALL {
        assert!(document.contains(&format!("\n| `{name}` |")), "docs/emulator.md has no row for {name}");
    }
    let example =
        document.split("\n\n").find(|paragraph| paragraph.trim_start().starts_with("{\"operation\"")).unwrap();
    let parsed: FaultText = serde_json::from_str(example).unwrap();
    assert_eq!(parsed.check(), Ok(()));
}
