//! Where a replica is advised: by the rules first, then by where the account works.

use super::*;
use crate::domain::filter::{Filter, RegionPattern};
use crate::domain::id::KeyId;
use crate::domain::rule::Rule;
use crate::domain::verdict::Severity;

/// af-south-1 is a Region that somebody has to enable first.
const FREE: Answers<'static> = &[
    ("us-east-1", Has("Enabled")),
    ("af-south-1", Lacks),
    ("eu-central-1", Lacks),
    ("eu-west-1", Lacks),
    ("us-west-2", Lacks),
];

/// What a rule requires and forbids, Regions with commas between them.
fn rule(matching: &str, required: &str, forbidden: &str) -> Rule {
    let patterns = |names: &str| {
        names.split(',').filter(|name| !name.is_empty()).map(|name| RegionPattern::parse(name).unwrap()).collect()
    };
    Rule {
        name: Foreign::new("rule"),
        matching: Filter::parse(matching).unwrap(),
        required: patterns(required),
        allowed: Vec::new(),
        forbidden: patterns(forbidden),
        primary: Vec::new(),
        min_related: None,
        severity: Severity::High,
    }
}

/// The fleet of a key in us-east-1 alone, and of other keys, one in each of these Regions.
fn among(others: &[&str]) -> Fleet {
    let mut fleet = fleet(FREE);
    for (number, name) in others.iter().enumerate() {
        let own = KeyArn { id: KeyId::parse(&format!("mrk-{number:032x}")).unwrap(), ..arn(name) };
        let alone = RegionalKey { arn: own.clone(), ..described(name, "Enabled", None, &[]) };
        let alone = RegionalKey { primary: Some(own.clone()), role: Some(Role::Primary), ..alone };
        fleet.describe(Login(0), &own, Asked(2), Ok((alone, AT)));
    }
    fleet
}

fn advised(fleet: &Fleet) -> KeyImpact {
    let impact = impact(fleet, None, &regions("us-east-1"), AT);
    impact.keys.into_iter().find(|impact| impact.key == key()).unwrap()
}

/// `none` if there is no Region to advise.
fn check_target(others: &[&str], rules: &[Rule], expected: &str) {
    let mut fleet = among(others);
    fleet.expect(Arc::from(rules));
    let advised = advised(&fleet);
    let target = advised.remedy.as_ref().map_or("none", |remedy| remedy.region.as_str());
    assert_eq!(target, expected, "{others:?} {rules:?}: {}", advised.now);
}

#[test]
fn a_forbidden_region_is_never_advised() {
    let works_in = ["eu-west-1", "eu-west-1", "us-west-2"];
    check_target(&works_in, &[], "eu-west-1");
    check_target(&works_in, &[rule("*", "", "eu-*")], "us-west-2");
    // The tags were not read, so it may be about this key.
    check_target(&works_in, &[rule("tag:tier=1", "", "eu-*")], "us-west-2");
    check_target(&works_in, &[rule("alias:alias/other", "", "eu-*")], "eu-west-1");
    let only_there = Rule { allowed: vec![RegionPattern::parse("us-*").unwrap()], ..rule("*", "", "") };
    check_target(&works_in, &[only_there], "us-west-2");
    check_target(&works_in, &[rule("*", "", "eu-*,us-west-2,af-*")], "none");
    let mut fleet = among(&works_in);
    fleet.expect(Arc::from([rule("*", "", "eu-*,us-west-2,af-*")]));
    assert_eq!(
        advised(&fleet).now.as_str(),
        format!(
            "while us-east-1 is up, replicate it into a Region that is not lost and that no rule forbids: \
             keyfleet plan replicate {ID} --to REGION"
        )
    );
}

#[test]
fn what_a_rule_asks_for_goes_before_where_the_account_works_and_that_before_the_alphabet() {
    check_target(&["eu-west-1"], &[rule("*", "us-west-2", "")], "us-west-2");
    check_target(&["eu-west-1"], &[rule("*", "af-south-1", "")], "af-south-1");
    check_target(&["eu-west-1"], &[rule("*", "af-south-1", ""), rule("*", "", "af-south-1")], "eu-west-1");
    // Perhaps about this key is not enough to ask for a Region.
    check_target(&["eu-west-1"], &[rule("tag:tier=1", "us-west-2", "")], "eu-west-1");
    check_target(&["af-south-1", "af-south-1", "us-west-2"], &[], "us-west-2");
    check_target(&["us-west-2", "eu-west-1", "us-west-2"], &[], "us-west-2");
    check_target(&["us-west-2", "eu-west-1"], &[], "eu-west-1");
}

#[test]
fn imported_key_material_has_to_be_imported_into_the_replica_too() {
    let mut fleet = among(&["eu-west-1"]);
    let imported = RegionalKey {
        origin: Foreign::new("EXTERNAL"),
        ..described("us-east-1", "Enabled", Some("us-east-1"), &["us-east-1"])
    };
    fleet.describe(Login(0), &arn("us-east-1"), Asked(4), Ok((imported, AT)));
    assert_eq!(
        advised(&fleet).now.as_str(),
        format!(
            "while us-east-1 is up, replicate it, then import the same key material into the new replica too: \
             keyfleet plan replicate {ID} --to eu-west-1 --alias"
        )
    );
}
