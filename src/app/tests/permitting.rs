//! What a change needs, and what of it is known: never more than was read.

use super::*;
use crate::app::overlay::Overlay;
use crate::engine::tests::world::Trouble;

fn text(harness: &Harness) -> Vec<String> {
    let Some(Overlay::Permissions(permissions)) = harness.model.overlays().last() else { panic!("not open") };
    permissions.viewer().text.lines().iter().map(crate::app::text::TextLine::plain).collect()
}

/// The lines of actions, without what is said of them.
fn actions(harness: &Harness) -> Vec<String> {
    let shown = text(harness).into_iter().filter(|line| line.starts_with("   kms:"));
    shown.map(|line| line.split_whitespace().take(2).collect::<Vec<_>>().join(" ")).collect()
}

#[test]
fn of_a_region_without_a_member_what_a_replica_there_needs() {
    let mut harness = on_the_gap(unlocked(), engine());
    harness.keys("x");
    assert_eq!(
        actions(&harness),
        [
            "kms:ReplicateKey us-east-1",
            "kms:CreateKey eu-west-1",
            "kms:TagResource eu-west-1",
            "kms:CancelKeyDeletion us-east-1",
            "kms:CancelKeyDeletion us-west-2",
            "kms:UpdatePrimaryRegion us-east-1",
            "kms:UpdatePrimaryRegion us-west-2",
            "kms:EnableKey us-east-1",
            "kms:EnableKey us-west-2",
        ]
    );
    harness.keys("esc");
    assert!(harness.model.overlays().is_empty());
}

#[test]
fn of_a_member_what_its_own_changes_need() {
    let mut harness = on_the_gap(unlocked(), engine());
    harness.keys("h x");
    assert_eq!(
        actions(&harness),
        [
            "kms:ReplicateKey us-east-1",
            "kms:CancelKeyDeletion us-west-2",
            "kms:UpdatePrimaryRegion us-east-1",
            "kms:UpdatePrimaryRegion us-west-2",
            "kms:EnableKey us-west-2",
        ]
    );
}

#[test]
fn the_policies_concerned_are_read_and_nothing_is_claimed_before_or_beyond() {
    let mut world = three_keys();
    world.trouble.insert(world::region("us-west-2"), Trouble::Denied);
    let mut harness = Harness::open(unlocked(), engine(), world);
    harness.keys("g x");
    let reasons = |harness: &Harness| {
        let shown = text(harness);
        shown.into_iter().skip_while(|line| !line.starts_with("(1)")).collect::<Vec<_>>().join(" ")
    };
    assert!(reasons(&harness).contains("(1) the key policy has not been read yet"), "{}", reasons(&harness));
    harness.answer();
    assert!(reasons(&harness).contains("(1) the key policy leaves it to identity policies"), "{}", reasons(&harness));
    assert!(reasons(&harness).contains("(2) the key policy could not be read: access denied"), "{}", reasons(&harness));
    let shown = text(&harness);
    let reason = |region: &str| {
        let line = shown.iter().find(|line| line.contains("kms:EnableKey") && line.contains(region)).unwrap();
        line.split_once("cannot be known ").unwrap().1.to_owned()
    };
    assert_eq!((reason("us-east-1"), reason("us-west-2")), ("(1)".to_owned(), "(2)".to_owned()));
    assert!(changes(&harness.take_effects()).is_empty());
}

#[test]
fn what_the_key_policy_says_is_told_with_its_statement() {
    let mut world = three_keys();
    let person = r#""Principal":{"AWS":"arn:aws:iam::111122223333:user/maria"},"Resource":"*""#;
    let policy = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Sid":"Ops","Effect":"Allow",{person},"Action":"kms:*"}},
           {{"Sid":"Freeze","Effect":"Deny",{person},"Action":"kms:EnableKey"}}]}}"#
    );
    world.policy = Foreign::new(policy);
    let mut harness = Harness::open(unlocked(), engine(), world);
    harness.keys("g l x");
    harness.answer();
    let shown = text(&harness);
    let verdict = |action: &str| shown.iter().find(|line| line.starts_with(&format!("   {action} "))).unwrap().clone();
    assert!(verdict("kms:CancelKeyDeletion").contains(" allowed ("), "{shown:?}");
    assert!(verdict("kms:EnableKey").contains(" denied ("), "{shown:?}");
    assert!(shown.join(" ").contains("Freeze"), "{shown:?}");
}

#[test]
fn what_cannot_be_read_can_be_asked_of_iam_by_commands_to_copy() {
    let mut harness = Harness::open(unlocked(), engine(), three_keys());
    harness.keys("g l l x");
    harness.answer();
    harness.take_effects();
    harness.keys("C");
    let effects = harness.take_effects();
    let Some(Effect::Copy(text)) = effects.iter().find(|effect| matches!(effect, Effect::Copy(_))) else {
        panic!("{effects:?}")
    };
    let lines: Vec<&str> = text.original().lines().collect();
    assert!(!lines.is_empty());
    for line in lines {
        assert!(line.starts_with("aws iam simulate-principal-policy --policy-source-arn"), "{line}");
    }
}
