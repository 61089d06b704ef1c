//! Odd and hostile answers, each as it is kept.

use aws_sdk_kms::types::{AliasListEntry, Tag as SdkTag};

use super::*;

const KEY: &str = "mrk-00d18cbb72904f3aa1d0c5e9e3317c00";

fn region(name: &str) -> Region {
    Region::parse(name).unwrap()
}

fn arn(place: &str) -> KeyArn {
    KeyArn::parse(&format!("arn:aws:kms:{place}:111122223333:key/{KEY}")).unwrap()
}

fn entry(id: Option<&str>, arn: Option<&str>) -> KeyListEntry {
    KeyListEntry::builder().set_key_id(id.map(str::to_owned)).set_key_arn(arn.map(str::to_owned)).build()
}

fn listing(entries: Vec<KeyListEntry>) -> ListKeysOutput {
    ListKeysOutput::builder().set_keys(Some(entries)).build()
}

fn check_next(truncated: Option<bool>, marker: Option<&str>, expected: &Next) {
    let output = ListKeysOutput::builder()
        .set_keys(Some(Vec::new()))
        .set_truncated(truncated)
        .set_next_marker(marker.map(str::to_owned))
        .build();
    let Ok(Answer::Keys { next, .. }) = keys(output, &region("us-east-1")) else { panic!("not a listing") };
    assert_eq!(next, *expected, "{truncated:?} {marker:?}");
}

#[test]
fn a_listing_ends_goes_on_or_is_lost() {
    check_next(None, None, &Next::End);
    check_next(Some(false), None, &Next::End);
    check_next(Some(false), Some("m"), &Next::End);
    check_next(None, Some("m"), &Next::End);
    check_next(Some(true), Some("m"), &Next::Marker(Foreign::new("m")));
    check_next(Some(true), None, &Next::Lost);
    check_next(Some(true), Some(""), &Next::Lost);
}

#[test]
fn a_listing_without_its_list_is_not_an_empty_one() {
    assert!(keys(ListKeysOutput::builder().build(), &region("us-east-1")).is_err());
    assert!(aliases(ListAliasesOutput::builder().build()).is_err());
    assert!(tags(ListResourceTagsOutput::builder().build()).is_err());
    assert!(policy(GetKeyPolicyOutput::builder().build()).is_err());
}

fn check_listed(entries: Vec<KeyListEntry>, expected: Option<(u32, &[&str])>) {
    let found = match keys(listing(entries), &region("us-east-1")) {
        Ok(Answer::Keys { listed, multi_region, .. }) => {
            Some((listed, multi_region.iter().map(KeyArn::to_string).collect::<Vec<_>>()))
        }
        Ok(_) | Err(_) => None,
    };
    let found = found.as_ref().map(|(listed, keys)| (*listed, keys.iter().map(String::as_str).collect::<Vec<_>>()));
    assert_eq!(found, expected.map(|(listed, keys)| (listed, keys.to_vec())));
}

#[test]
fn single_region_keys_are_only_counted() {
    let plain = "arn:aws:kms:us-east-1:111122223333:key/0a0a";
    let here = arn("us-east-1").to_string();
    let entries = vec![entry(Some("0a0a"), Some(plain)), entry(Some(KEY), Some(&here))];
    check_listed(entries, Some((2, &[&here])));
    check_listed(vec![entry(None, Some(&here))], Some((1, &[&here])));
    check_listed(vec![entry(None, None)], Some((1, &[])));
}

#[test]
fn ids_of_other_servers_are_taken() {
    let id = "mrk-1b0d2e6e-3a70-4e5c-8d5a-0f6b1f1a2c3d";
    let dashed = format!("arn:aws:kms:us-east-1:123456789012:key/{id}");
    check_listed(vec![entry(Some(id), Some(&dashed))], Some((1, &[&dashed])));
}

#[test]
fn a_listed_key_is_never_left_out() {
    let (here, there) = (arn("us-east-1").to_string(), arn("eu-west-1").to_string());
    let plain = "arn:aws:kms:us-east-1:111122223333:key/0a0a";
    // The ARN is of another Region, but the key is listed in this one: it is described here, by its ARN here.
    check_listed(vec![entry(Some("0a0a"), Some(plain)), entry(Some(KEY), Some(&there))], Some((2, &[&here])));
    check_listed(vec![entry(Some("0a0a"), Some(plain)), entry(Some(KEY), None)], Some((2, &[&here])));
}

/// Nothing says whose it is, or its name cannot be one: it is handed on by what names it, and costs no other key.
#[test]
fn a_key_that_cannot_be_named_is_not_dropped_in_silence() {
    let check = |odd: KeyListEntry, name: &str| {
        let here = arn("us-east-1");
        let entries = vec![odd, entry(Some(KEY), Some(&here.to_string()))];
        let (multi_region, unnamed) = (vec![here], vec![Foreign::new(name)]);
        let expected = Answer::Keys { listed: 2, multi_region, unnamed, next: Next::End };
        assert_eq!(keys(listing(entries), &region("us-east-1")), Ok(expected));
    };
    let odd = "arn:aws:kms:us-east-1:111122223333:key/mrk-\u{202e}";
    check(entry(Some("mrk-\u{202e}"), Some(odd)), odd);
    check(entry(Some("mrk-\u{202e}"), None), "mrk-\u{202e}");
    check_listed(vec![entry(Some(KEY), None)], Some((1, &[])));
}

#[test]
fn an_alias_that_points_nowhere_is_left_out() {
    let entries = vec![
        AliasListEntry::builder().alias_name("alias/aws/ebs").build(),
        AliasListEntry::builder().alias_name("alias/payments").target_key_id(KEY).build(),
    ];
    let output = ListAliasesOutput::builder().set_aliases(Some(entries)).build();
    let expected = Answer::Aliases { aliases: vec![(Foreign::new("alias/payments"), KEY.into())], next: Next::End };
    assert_eq!(aliases(output), Ok(expected));
}

#[test]
fn tags_are_kept_as_they_are() {
    let tag = SdkTag::builder().tag_key("=cmd").tag_value("\u{1b}[2J").build().unwrap();
    let output = ListResourceTagsOutput::builder().tags(tag).build();
    let expected = vec![Tag { key: Foreign::new("=cmd"), value: Foreign::new("\u{1b}[2J") }];
    assert_eq!(tags(output), Ok(Answer::Tags { tags: expected, next: Next::End }));
}

fn named(place: &str) -> MultiRegionKey {
    MultiRegionKey::builder().arn(arn(place).to_string()).region(place).build()
}

fn configuration(replicas: &[&str]) -> MultiRegionConfiguration {
    MultiRegionConfiguration::builder()
        .multi_region_key_type(MultiRegionKeyType::Primary)
        .primary_key(named("us-east-1"))
        .set_replica_keys(Some(replicas.iter().map(|place| named(place)).collect()))
        .build()
}

fn sound() -> aws_sdk_kms::types::builders::KeyMetadataBuilder {
    KeyMetadata::builder()
        .key_id(KEY)
        .arn(arn("us-east-1").to_string())
        .key_state(SdkKeyState::Enabled)
        .key_spec("SYMMETRIC_DEFAULT".into())
        .multi_region_configuration(configuration(&["eu-west-1"]))
}

fn described(metadata: aws_sdk_kms::types::builders::KeyMetadataBuilder) -> RegionalKey {
    let output = DescribeKeyOutput::builder().key_metadata(metadata.build().unwrap()).build();
    let answer = key(output, &arn("us-east-1"));
    let Ok(Answer::Key(key)) = answer else { panic!("{answer:?}") };
    *key
}

fn check_odd(metadata: aws_sdk_kms::types::builders::KeyMetadataBuilder, expected: &[Oddity]) {
    assert_eq!(described(metadata).oddities, expected);
}

#[test]
fn a_sound_key_has_no_oddities() {
    let key = described(sound().deletion_date(DateTime::from_millis(5)).pending_deletion_window_in_days(7));
    assert_eq!(key.oddities, []);
    assert_eq!((key.state, key.role, key.primary), (KeyState::Enabled, Some(Role::Primary), Some(arn("us-east-1"))));
    assert_eq!(key.replicas, [arn("eu-west-1")]);
    assert_eq!((key.deletion_date, key.pending_window_days), (Some(Timestamp::from_millis(5)), Some(7)));
    assert_eq!(key.spec, Foreign::new("SYMMETRIC_DEFAULT"));
}

#[test]
fn what_is_odd_is_kept_and_flagged() {
    let foreign = "arn:aws:kms:us-east-1:999999999999:key/mrk-1";
    check_odd(sound().arn(foreign), &[Oddity::OtherArn(Foreign::new(foreign))]);
    check_odd(sound().set_arn(None), &[Oddity::OtherArn(Foreign::new(""))]);
    check_odd(sound().set_key_state(None), &[Oddity::NoState]);
    check_odd(sound().key_state("Melting\u{1b}".into()), &[Oddity::UnknownState(Foreign::new("Melting\u{1b}"))]);
    check_odd(sound().set_multi_region_configuration(None), &[Oddity::NotMultiRegion]);
    let none = MultiRegionConfiguration::builder().multi_region_key_type(MultiRegionKeyType::Replica).build();
    check_odd(sound().multi_region_configuration(none), &[Oddity::NoPrimary]);
}

#[test]
fn a_region_that_is_named_twice_counts_once() {
    let twice = configuration(&["eu-west-1", "eu-west-1", "us-east-1"]);
    let key = described(sound().multi_region_configuration(twice));
    assert_eq!(key.replicas, [arn("eu-west-1")]);
    assert_eq!(key.oddities, [Oddity::RegionTwice(region("eu-west-1")), Oddity::RegionTwice(region("us-east-1"))]);
}

#[test]
fn a_member_that_cannot_be_one_is_flagged_and_not_followed() {
    for text in ["", "arn:aws:kms:eu-west-1:999999999999:key/mrk-1", "arn:aws-cn:kms:cn-north-1:111122223333:key/mrk-1"]
    {
        let odd = MultiRegionKey::builder().arn(text).build();
        let set = MultiRegionConfiguration::builder()
            .multi_region_key_type(MultiRegionKeyType::Primary)
            .primary_key(named("us-east-1"))
            .replica_keys(odd)
            .build();
        let key = described(sound().multi_region_configuration(set));
        assert_eq!((key.replicas.len(), key.oddities), (0, vec![Oddity::BadMember(Foreign::new(text))]), "{text}");
    }
    let elsewhere = MultiRegionKey::builder().arn(arn("eu-west-1").to_string()).region("eu-west-2").build();
    let set = MultiRegionConfiguration::builder().multi_region_key_type("BOTH".into()).primary_key(elsewhere).build();
    let key = described(sound().multi_region_configuration(set));
    assert_eq!((key.role, key.primary), (None, None));
    assert_eq!(key.oddities.len(), 2);
}

#[test]
fn impossible_dates_and_windows_are_left_out() {
    let key = described(sound().creation_date(DateTime::from_secs(i64::MAX)).pending_deletion_window_in_days(-1));
    assert_eq!((key.created_at, key.pending_window_days), (None, None));
}

#[test]
fn an_identity_needs_an_account_and_a_caller() {
    let output = |account: &str, arn: &str| GetCallerIdentityOutput::builder().account(account).arn(arn).build();
    let (here, at) = (region("eu-west-1"), Timestamp::from_millis(7));
    let found = identity(output("111122223333", "arn:aws:iam::111122223333:user/x"), &here, at).unwrap();
    assert_eq!((found.from, found.at, found.account.to_string()), (here.clone(), at, "111122223333".to_owned()));
    assert!(identity(output("1111", "arn:x"), &here, at).is_err());
    assert!(identity(output("111122223333", ""), &here, at).is_err());
}
