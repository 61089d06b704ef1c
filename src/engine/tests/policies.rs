//! What a plan says of the key policies that were read for it.

use super::stories::{pair, ready, scanned, want};
use crate::domain::plan::{Operation, Step, Verdict};
use crate::domain::text::Foreign;
use crate::engine::change::{Options, PolicyChoice, Want};

/// The step that replicates a key whose policy has one statement: for a principal, and with what else it says.
fn step(choice: PolicyChoice, principal: &str, rest: &str) -> Step {
    let mut world = pair();
    world.policy = Foreign::new(format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":{principal},"Resource":"*",{rest}}}}}"#
    ));
    let mut drive = scanned(world);
    let want = want(Operation::ReplicateKey, "us-west-2");
    let options = Options { policy: choice, ..want.options.clone() };
    let change = ready(&mut drive, Want { options, ..want });
    drive.engine.change(change).unwrap().plan.as_ref().unwrap().steps[0].clone()
}

/// The first precondition that stops the step, and what the policy says of kms:ReplicateKey.
fn check(principal: &str, rest: &str, stopped: Option<&str>, replicate: Verdict) {
    let step = step(PolicyChoice::Copy, principal, rest);
    let mut blocking = step.preconditions.iter().filter(|held| held.blocks && held.result != Verdict::Pass);
    assert_eq!(blocking.next().map(|held| held.text.as_str().to_owned()).as_deref(), stopped, "{principal} {rest}");
    let permission = &step.permissions[0];
    assert_eq!((permission.action, permission.result), ("kms:ReplicateKey", replicate), "{principal} {rest}");
    assert!(step.permissions[1..].iter().all(|needed| needed.result == Verdict::Unknown), "only IAM knows");
}

const MARIA: &str = r#"{"AWS":"arn:aws:iam::111122223333:user/maria"}"#;

#[test]
fn a_policy_is_judged_for_the_caller() {
    let everything = r#""Action":"kms:*""#;
    check(MARIA, everything, None, Verdict::Pass);
    check(r#"{"AWS":"111122223333"}"#, everything, None, Verdict::Unknown);
    let locked = "the caller could not change the replica's policy later: no statement allows kms:PutKeyPolicy";
    check(MARIA, r#""Action":"kms:ReplicateKey""#, Some(locked), Verdict::Pass);
    check(r#"{"AWS":"arn:aws:iam::111122223333:user/paul"}"#, everything, Some(locked), Verdict::Fail);
    let open = r#""Action":"kms:*","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}"#;
    check(MARIA, open, None, Verdict::Unknown);
    let deleted =
        "the policy names a deleted principal (AIDAJQABLZS4A3QDU576Q): AWS refuses it; mend the primary's policy first";
    check(
        r#"{"AWS":["AIDAJQABLZS4A3QDU576Q","arn:aws:iam::111122223333:user/maria"]}"#,
        everything,
        Some(deleted),
        Verdict::Pass,
    );
    let long = format!("\"Action\":\"kms:*\",\"Sid\":\"{}\"", "x".repeat(32 * 1024));
    check(MARIA, &long, Some("the policy has 32923 bytes: KMS takes no more than 32768"), Verdict::Pass);
    let twice = "what the policy allows is not known: “Sid” stands here twice (line 1, column 109)";
    check("\"*\"", r#""Sid":"","Action":"*","Sid":"""#, Some(twice), Verdict::Unknown);
}

#[test]
fn what_the_policy_says_of_a_region_is_shown_and_must_be_decided() {
    let service = r#""Sid":"of us-east-1","Action":"kms:*","Condition":{"StringNotEquals":{"kms:ViaService":"ebs.us-east-1.amazonaws.com"}}"#;
    let undecided =
        "the policy means us-east-1 in 1 place: choose verbatim, rewritten for us-west-2, or the default policy";
    check(MARIA, service, Some(undecided), Verdict::Pass);
    let says = |choice: PolicyChoice| -> Vec<String> {
        let step = step(choice, MARIA, service);
        assert!(step.preconditions.iter().all(|held| held.result == Verdict::Pass), "{:?}", step.preconditions);
        let about = step.consequences.iter().map(|line| line.as_str().to_owned());
        about.filter(|line| line.contains("us-") && !line.starts_with("Imported")).collect()
    };
    let sid = "Sid = of us-east-1 is only a name, the same in us-west-2 (statement 1)";
    let via = "! kms:ViaService = ebs.us-east-1.amazonaws.com is never so in us-west-2: the test always holds (statement 1 “of us-east-1”)";
    assert_eq!(says(PolicyChoice::Verbatim), [via, sid]);
    assert_eq!(says(PolicyChoice::Rewritten), [sid, "It says of us-west-2 what the primary's says of us-east-1."]);
    assert_eq!(says(PolicyChoice::Default), [""; 0]);
}
