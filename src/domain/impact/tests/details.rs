//! What is said of the effects: survivors, what they lack, what to do, and how many keys no other Region has.

use super::*;
use crate::domain::id::KeyId;
use crate::domain::impact::PolicyIs;
use crate::domain::policy::default_policy;

fn of(answers: Answers<'_>, lost: &str) -> KeyImpact {
    only(&losing(answers, None, lost)).clone()
}

fn check_words(answers: Answers<'_>, lost: &str, detail: &str, now: &str) {
    let key = of(answers, lost);
    assert_eq!((key.detail.as_str(), key.now.as_str()), (detail, now));
}

#[test]
fn lost_keys_say_what_would_bring_a_survivor_back() {
    let pair = |state| [("us-east-1", Has("Enabled")), ("eu-west-1", Has(state))];
    check_words(
        &pair("Disabled"),
        "us-east-1",
        "no usable member outside us-east-1; eu-west-1 is Disabled: EnableKey would bring it back",
        &format!("enable the member in eu-west-1: keyfleet plan enable {}", arn("eu-west-1")),
    );
    check_words(
        &pair("PendingDeletion"),
        "us-east-1",
        "no usable member outside us-east-1; eu-west-1 is to be deleted in 2d23h, 2026-11-24 17:00 UTC: CancelKeyDeletion and then \
         EnableKey would bring it back",
        &format!(
            "keep the member in eu-west-1 and enable it: keyfleet plan cancel-deletion {} --then-enable",
            arn("eu-west-1")
        ),
    );
    check_words(
        &pair("PendingImport"),
        "us-east-1",
        "no usable member outside us-east-1; eu-west-1 waits for its key material: importing the same material again would bring it back",
        "import the key material into eu-west-1 again (aws kms import-key-material)",
    );
    check_words(
        &pair("Creating"),
        "us-east-1",
        "no usable member outside us-east-1; eu-west-1 is still being created and not usable before it is Enabled",
        "wait until the replica in eu-west-1 is Enabled, and ask again",
    );
}

#[test]
fn a_key_in_one_region_is_replicated_while_that_is_up() {
    let alone = |state| [("us-east-1", Has(state)), ("us-west-2", Lacks), ("ap-south-1", Dark)];
    check_words(
        &alone("Enabled"),
        "us-east-1",
        "every member is in us-east-1; ap-south-1 could not be read; the primary names no member there",
        &format!("while us-east-1 is up, replicate it: keyfleet plan replicate {ID} --to us-west-2 --alias"),
    );
    let first = of(&alone("Disabled"), "us-east-1").now;
    assert_eq!(
        first.as_str(),
        format!("enable the primary in us-east-1 first, then ask again: keyfleet plan enable {}", arn("us-east-1"))
    );
    // Nothing that was read is free.
    let nowhere = of(&[("us-east-1", Has("Enabled")), ("ap-south-1", Dark)], "us-east-1");
    assert!(nowhere.now.as_str().ends_with("--to REGION") && nowhere.remedy.is_none(), "{}", nowhere.now);
}

#[test]
fn a_primary_is_moved_only_while_its_region_is_up() {
    let three = [("us-east-1", Has("Enabled")), ("eu-west-1", Has("Updating")), ("us-west-2", Has("Enabled"))];
    let up = of(&three[..1].iter().chain(&three[2..]).copied().collect::<Vec<_>>(), "us-east-1");
    assert_eq!(
        up.now.as_str(),
        format!("while us-east-1 is up, move the primary out of it: keyfleet plan promote {ID} --to us-west-2")
    );
    check_words(
        &[("us-east-1", DarkMember), ("eu-west-1", Has("Enabled"))],
        "us-east-1",
        "the primary is in us-east-1; usable in eu-west-1",
        "nothing until us-east-1 answers again: UpdatePrimaryRegion is sent to the primary's Region",
    );
    // A survivor that is Disabled can be enabled in the outage itself.
    let dark = of(&[("us-east-1", DarkMember), ("eu-west-1", Has("Disabled"))], "us-east-1");
    assert!(dark.now.as_str().contains("keyfleet plan enable"), "{}", dark.now);
}

#[test]
fn an_unknown_effect_names_what_decides_it() {
    check_words(
        &[("us-east-1", Has("Enabled")), ("eu-west-1", Sealed)],
        "us-east-1",
        "a member in eu-west-1 could not be read: denied by the key policy",
        "find out about eu-west-1: the key policy must allow kms:DescribeKey to this caller",
    );
    let moving = [
        ("us-east-1", Says("Updating", "eu-west-1", &["us-east-1", "eu-west-1"])),
        ("eu-west-1", Says("Updating", "eu-west-1", &["us-east-1", "eu-west-1"])),
    ];
    check_words(
        &moving,
        "us-east-1",
        "members do not agree on the primary, which is in one of eu-west-1, us-east-1",
        "wait until the members agree on one primary, and ask again",
    );
}

#[test]
fn what_rests_on_a_former_run_says_its_age() {
    let last = former(&[("us-east-1", "Enabled")], &["us-east-1", "eu-west-1"]);
    let impact = losing(&[("us-east-1", Dark), ("eu-west-1", Lacks)], Some(&last), "us-east-1");
    let key = only(&impact);
    assert_eq!(key.detail.as_str(), "every member is in us-east-1; as last known 2h00m ago, 2026-11-21 16:00 UTC");
    assert_eq!(key.last_known_at, Some(last.at));
    assert!(key.survivors.is_empty());
}

/// The survivor in eu-west-1 of a key whose primary is in us-east-1.
fn compared(primary: Option<&str>, survivor: Option<&str>) -> PolicyIs {
    let mut fleet = fleet(&[("us-east-1", Has("Enabled")), ("eu-west-1", Has("Enabled"))]);
    for (name, policy) in [("us-east-1", primary), ("eu-west-1", survivor)] {
        let answer = policy.map(|text| (Foreign::new(text), AT)).ok_or_else(|| why(ReasonKind::Denied));
        fleet.member_mut(&key(), &region(name)).unwrap().policy.accept(Asked(4), answer);
    }
    let impact = impact(&fleet, None, &regions("us-east-1"), AT);
    only(&impact).survivors.first().unwrap().policy
}

#[test]
fn policies_are_compared_by_what_they_mean() {
    let of_service = |region: &str, order: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"Service":"logs.{region}.amazonaws.com"}},"Action":{order},"Resource":"*"}}]}}"#
        )
    };
    let default = default_policy(arn("us-east-1").partition, arn("us-east-1").account);
    let here = of_service("us-east-1", r#"["kms:Decrypt","kms:Encrypt"]"#);
    let there = of_service("eu-west-1", r#"["kms:encrypt","kms:Decrypt"]"#);
    let wider = of_service("eu-west-1", r#""kms:*""#);
    assert_eq!(compared(Some(&here), Some(&there)), PolicyIs::Same);
    assert_eq!(compared(Some(&here), Some(&wider)), PolicyIs::Differs);
    assert_eq!(compared(Some(&here), Some(&default)), PolicyIs::Default);
    assert_eq!(compared(Some(&default), Some(&default)), PolicyIs::Same);
    assert_eq!(compared(None, Some(&default)), PolicyIs::Unknown);
    assert_eq!(compared(Some(&here), None), PolicyIs::Unknown);
    assert_eq!(compared(Some("{}"), Some("{}")), PolicyIs::Unknown);
}

#[test]
fn survivors_without_the_primarys_alias_are_named() {
    let mut fleet = fleet(&[("us-east-1", Has("Enabled")), ("eu-west-1", Has("Enabled")), ("us-west-2", Sealed)]);
    let names = BTreeMap::from([(Arc::from(ID), vec![Foreign::new("alias/\u{1b}other")])]);
    fleet.set_aliases(&Place::new(Login(0), region("eu-west-1")), Asked(8), Ok((names, AT)));
    fleet.set_aliases(&Place::new(Login(0), region("us-west-2")), Asked(8), Err(why(ReasonKind::Denied)));
    let lost = |fleet: &Fleet, lost| only(&impact(fleet, None, &regions(lost), AT)).clone();
    let key = lost(&fleet, "us-east-1");
    let missing: Vec<_> = key.survivors.iter().map(|survivor| survivor.missing_aliases.clone()).collect();
    assert_eq!(missing, [Some(vec![Foreign::new(ALIAS)]), Some(vec![])], "a failed reading keeps what it had");
    assert!(key.detail.as_str().ends_with("; eu-west-1 lacks alias/payments"), "{}", key.detail);
    assert_eq!(
        lost(&fleet, "us-west-2").survivors[1].missing_aliases,
        Some(vec![]),
        "the primary lacks none of its own"
    );
}

#[test]
fn keys_that_no_other_region_has_are_counted_only_from_two_whole_lists() {
    let mut fleet = fleet(&[("us-east-1", Has("Enabled")), ("eu-west-1", Has("Enabled"))]);
    let count = |fleet: &Fleet, lost| impact(fleet, None, &regions(lost), AT).single_region_keys;
    assert_eq!(count(&fleet, "us-east-1"), Some(6), "seven are listed, one of them is multi-Region");
    let aliases = |entries: &[(&str, &[&str])]| -> BTreeMap<Arc<str>, Vec<Foreign>> {
        entries
            .iter()
            .map(|(id, names)| (Arc::from(*id), names.iter().map(|name| Foreign::new(*name)).collect()))
            .collect()
    };
    let managed =
        aliases(&[("0a1b", &["alias/aws/s3", "alias/x"]), ("1c2d", &["alias/awss"]), (ID, &["alias/aws/ebs"])]);
    let place = Place::new(Login(0), region("us-east-1"));
    fleet.set_aliases(&place, Asked(8), Ok((managed, AT)));
    assert_eq!(count(&fleet, "us-east-1"), Some(5));
    assert_eq!(count(&fleet, "us-east-1,eu-west-1"), Some(11));
    fleet.set_aliases(&place, Asked(9), Err(why(ReasonKind::Denied)));
    assert_eq!(count(&fleet, "us-east-1"), None);
    assert!(!impact(&fleet, None, &regions("us-east-1"), AT).is_complete());
    assert_eq!(count(&fleet, "eu-west-1"), Some(6));
}

#[test]
fn the_worst_stands_first_and_is_counted() {
    let mut fleet = fleet(&[("us-east-1", Has("Enabled")), ("eu-west-1", Has("Enabled"))]);
    let other = KeyArn { id: KeyId::parse("mrk-ffff").unwrap(), ..arn("us-east-1") };
    let alone = RegionalKey { arn: other.clone(), ..described("us-east-1", "Enabled", None, &[]) };
    let alone = RegionalKey { primary: Some(other.clone()), role: Some(Role::Primary), ..alone };
    fleet.describe(Login(0), &other, Asked(2), Ok((alone, AT)));
    let mut impact = impact(&fleet, None, &regions("us-east-1"), AT);
    assert_eq!(impact.counts().as_str(), "2 keys: 1 lost · 1 frozen");
    assert_eq!(impact.keys.first().unwrap().key.id, other.id);
    impact.retain(|key| key.id != other.id);
    assert_eq!(impact.counts().as_str(), "1 key: 0 lost · 1 frozen");
}
