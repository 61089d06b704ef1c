//! Names of Regions: which are found, what they mean elsewhere, what rewriting makes of them.

use super::*;

use crate::domain::policy::place::InACopy;
use crate::domain::policy::region::PlaceKind;

use InACopy::{AlwaysMatches, MayBeRefused, NeverMatches, StillRight};
use PlaceKind::{Arn, Condition, ServicePrincipal, Text, ViaService};

/// The places of one statement that name us-east-1: the path, the kind, and what a verbatim copy makes of them.
fn check(elements: &str, expected: &[(&str, PlaceKind, InACopy)]) {
    let policy = policy(elements);
    let found = places(&policy, &region("us-east-1"));
    let found: Vec<_> = found.iter().map(|place| (place.path.original(), place.kind, place.in_a_copy)).collect();
    assert_eq!(found, expected, "{elements}");
}

fn rewrites(elements: &str, expected: &str) {
    let made = rewritten(&policy(elements), &region("us-east-1"), &region("eu-west-1")).unwrap();
    assert_eq!(made, policy(expected));
}

#[test]
fn every_kind_of_place_is_found_and_told_apart() {
    let via = r#""Condition":{"StringEquals":{"kms:ViaService":["ebs.us-east-1.amazonaws.com","ebs.us-west-2.amazonaws.com"]}}"#;
    check(via, &[("Condition.StringEquals.kms:ViaService", ViaService, NeverMatches)]);
    let not_via = r#""Condition":{"StringNotEquals":{"kms:ViaService":"ebs.us-east-1.amazonaws.com"}}"#;
    check(not_via, &[("Condition.StringNotEquals.kms:ViaService", ViaService, AlwaysMatches)]);
    let service = r#""Principal":{"Service":"logs.us-east-1.amazonaws.com"}"#;
    check(service, &[("Principal.Service", ServicePrincipal, MayBeRefused)]);
    let source = r#""Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:logs:us-east-1:111122223333:*"}}"#;
    check(source, &[("Condition.ArnLike.aws:SourceArn", Arn, NeverMatches)]);
    check(r#""Resource":"arn:aws:kms:us-east-1:111122223333:key/x""#, &[("Resource", Arn, NeverMatches)]);
    check(r#""NotResource":"arn:aws:kms:us-east-1:1:key/x""#, &[("NotResource", Arn, AlwaysMatches)]);
    let requested = r#""Condition":{"StringEquals":{"aws:RequestedRegion":"us-east-1"}}"#;
    check(requested, &[("Condition.StringEquals.aws:RequestedRegion", Condition, NeverMatches)]);
    check(r#""Sid":"Volumes of us-east-1""#, &[("Sid", Text, StillRight)]);
}

#[test]
fn names_that_people_chose_are_found_and_stay() {
    let role = r#""Principal":{"AWS":"arn:aws:iam::111122223333:role/app-us-east-1"}"#;
    check(role, &[("Principal.AWS", Text, StillRight)]);
    let tag = r#""Condition":{"StringEquals":{"aws:PrincipalTag/home":"us-east-1"}}"#;
    check(tag, &[("Condition.StringEquals.aws:PrincipalTag/home", Text, StillRight)]);
    let context = r#""Condition":{"StringEquals":{"kms:EncryptionContext:region":"us-east-1"}}"#;
    check(context, &[("Condition.StringEquals.kms:EncryptionContext:region", Text, StillRight)]);
    let pool = r#""Condition":{"StringEquals":{"cognito-identity.amazonaws.com:aud":"us-east-1:12ab"}}"#;
    check(pool, &[("Condition.StringEquals.cognito-identity.amazonaws.com:aud", Text, StillRight)]);
    let group = r#""Condition":{"ArnLike":{"kms:EncryptionContext:aws:logs:arn":"arn:aws:logs:us-east-1:1:log-group:/us-east-1/x"}}"#;
    let path = "Condition.ArnLike.kms:EncryptionContext:aws:logs:arn";
    check(group, &[(path, Arn, NeverMatches), (path, Text, StillRight)]);
    let target = r#""Condition":{"StringEquals":{"kms:ReplicaRegion":["us-east-1","us-west-2"]}}"#;
    check(target, &[("Condition.StringEquals.kms:ReplicaRegion", Text, StillRight)]);
    for elements in [role, tag, context, pool, target] {
        rewrites(elements, elements);
    }
    rewrites(group, &group.replace("logs:us-east-1", "logs:eu-west-1"));
}

#[test]
fn a_region_is_a_whole_word() {
    for other in ["us-east-10", "us-gov-east-1", "us-east-1a", "xus-east-1", "us-east-11"] {
        check(&format!(r#""Sid":"of {other}""#), &[]);
        check(&format!(r#""Condition":{{"StringEquals":{{"kms:ViaService":"ebs.{other}.amazonaws.com"}}}}"#), &[]);
        check(&format!(r#""Resource":"arn:aws:kms:{other}:1:key/x""#), &[]);
    }
    let beside = r#""Condition":{"StringLike":{"kms:ViaService":"*us-east-1.amazonaws.com"}}"#;
    rewrites(beside, &beside.replace("us-east-1", "eu-west-1"));
}

#[test]
fn a_place_says_what_it_means() {
    let words = |elements: &str| {
        let found = places(&policy(elements), &region("us-east-1"));
        found.last().unwrap().words(&region("us-west-2")).as_str().to_owned()
    };
    assert_eq!(
        words(r#""Sid":"Volumes","Condition":{"StringEquals":{"kms:ViaService":"ebs.us-east-1.amazonaws.com"}}"#),
        "kms:ViaService = ebs.us-east-1.amazonaws.com never matches in us-west-2 (statement 1 “Volumes”)"
    );
    assert_eq!(
        words(r#""Principal":{"Service":"logs.us-east-1.amazonaws.com"}"#),
        "Principal.Service = logs.us-east-1.amazonaws.com may be refused in us-west-2, else never matches (statement 1)"
    );
}

#[test]
fn rewriting_keeps_every_other_byte() {
    let policy = "{ \"Id\":\"us-east-1\",\r\n\"Statement\" : {\"Sid\":\"\\u0075s-east-1 \\\"\",\t\"Effect\":\"Allow\", \"Action\":[ ],\n \"Resource\":\"arn:aws:kms:\\u0075s-east-1:1:key/\\ud83d\\udd11\\n\",\"Principal\":{\"Service\":[\"logs\\u002eus-east-1.amazonaws.com\" , \"a.us-east-1.b.us-east-1\"]}}}";
    let expected = policy
        .replace("logs\\u002eus-east-1", "logs\\u002eeu-west-1")
        .replace("a.us-east-1.b.us-east-1", "a.eu-west-1.b.eu-west-1")
        .replace("kms:\\u0075s-east-1", "kms:eu-west-1");
    assert_eq!(rewritten(policy, &region("us-east-1"), &region("eu-west-1")).unwrap(), expected);
    assert!(rewritten("{", &region("us-east-1"), &region("eu-west-1")).is_err());
}

#[test]
fn two_members_that_differ_only_in_their_regions_are_equal_when_normalised() {
    let east = policy(
        r#""Principal":{"Service":["logs.us-east-1.amazonaws.com","s3.amazonaws.com"]},"Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:logs:us-east-1:1:*"},"StringEquals":{"kms:ViaService":"ebs.us-east-1.amazonaws.com"}}"#,
    );
    let west = policy(
        r#""Condition":{"StringEquals":{"kms:ViaService":["ebs.us-west-2.amazonaws.com"]},"ArnLike":{"aws:SourceArn":"arn:aws:logs:us-west-2:1:*"}},"Principal":{"Service":["s3.amazonaws.com","logs.us-west-2.amazonaws.com"]}"#,
    );
    let normal = |text: &str, name: &str| parsed(text).normalised(&region(name));
    assert!(normal(&east, "us-east-1") == normal(&west, "us-west-2"));
    assert!(normal(&east, "us-east-1") != normal(&east, "us-west-2"));
    let wider = west.replace("ebs.us-west-2", "*.us-west-2");
    assert!(normal(&east, "us-east-1") != normal(&wider, "us-west-2"));
}
