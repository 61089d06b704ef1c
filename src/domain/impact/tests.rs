//! The truth table: what each Region answers, which are lost, and what is then certain.

mod details;
mod targets;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Effect, Impact, KeyImpact, impact};
use crate::domain::fleet::last_seen::LastSeen;
use crate::domain::fleet::{Fleet, KeyRef, Scope};
use crate::domain::id::{AccountId, KeyArn, Login, Place, Region};
use crate::domain::key::{KeyState, Oddity, RegionalKey, Role};
use crate::domain::reading::{Asked, Reason, ReasonKind};
use crate::domain::text::Foreign;
use crate::domain::time::Timestamp;

const ID: &str = "mrk-51c0a9e27f4411d09c3b5a6e7d2f10aa";
const ALIAS: &str = "alias/payments";
const AT: Timestamp = Timestamp::from_millis(1_795_284_000_000);
const HOUR: i64 = 3_600_000;

/// What one Region answers. The first that has a member has the primary.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Answer {
    /// Listed and described in this state.
    Has(&'static str),
    /// The same, with a word of its own about the primary and the members.
    Says(&'static str, &'static str, &'static [&'static str]),
    /// Described earlier in this run; by now the Region does not answer.
    Had(&'static str),
    /// Listed, and DescribeKey is denied.
    Sealed,
    /// Listed to its end without the member that others name.
    Unlisted,
    /// Listed to its end, and no member is there.
    Lacks,
    /// The Region cannot be read; others name a member there.
    DarkMember,
    /// The Region cannot be read, and nobody names a member there.
    Dark,
    /// A member is named in a Region that was not asked for.
    Outside,
}
use Answer::{Dark, DarkMember, Had, Has, Lacks, Outside, Says, Sealed, Unlisted};

type Answers<'a> = &'a [(&'static str, Answer)];

fn region(name: &str) -> Region {
    Region::parse(name).unwrap()
}

fn arn(name: &str) -> KeyArn {
    KeyArn::parse(&format!("arn:aws:kms:{name}:111122223333:key/{ID}")).unwrap()
}

fn key() -> KeyRef {
    KeyRef { login: Login(0), id: arn("us-east-1").id }
}

fn why(kind: ReasonKind) -> Arc<Reason> {
    Arc::new(Reason::of(kind))
}

fn described(at: &str, state: &str, primary: Option<&str>, names: &[&str]) -> RegionalKey {
    let is_primary = primary == Some(at);
    RegionalKey {
        arn: arn(at),
        state: KeyState::parse(state),
        role: primary.map(|_| if is_primary { Role::Primary } else { Role::Replica }),
        primary: primary.map(arn),
        replicas: names.iter().filter(|name| Some(**name) != primary).map(|name| arn(name)).collect(),
        spec: Foreign::new("SYMMETRIC_DEFAULT"),
        usage: Foreign::new("ENCRYPT_DECRYPT"),
        origin: Foreign::new("AWS_KMS"),
        description: Foreign::new("Card data envelope key"),
        created_at: None,
        deletion_date: (state == "PendingDeletion").then(|| Timestamp::from_millis(AT.millis() + 71 * HOUR)),
        pending_window_days: None,
        material_id: None,
        valid_to: None,
        oddities: Vec::new(),
    }
}

/// The fleet of one key after a reading, and what the Regions' members are called.
fn fleet(answers: Answers<'_>) -> Fleet {
    let mut fleet = Fleet::default();
    let asked = answers.iter().filter(|(_, answer)| *answer != Outside);
    fleet.open(Login(0), Scope { regions: asked.map(|(name, _)| region(name)).collect(), auto: false });
    let is_member = |answer: &Answer| !matches!(answer, Lacks | Dark);
    let members: Vec<&str> = answers.iter().filter(|(_, answer)| is_member(answer)).map(|(name, _)| *name).collect();
    for (name, answer) in answers.iter().filter(|(_, answer)| *answer != Outside) {
        let place = Place::new(Login(0), region(name));
        fleet.begin_listing(&place, Asked(1));
        if matches!(answer, Dark | DarkMember) {
            fleet.fail_listing(&place, Asked(1), why(ReasonKind::Timeout));
            fleet.set_aliases(&place, Asked(3), Err(why(ReasonKind::Timeout)));
            continue;
        }
        let listed = if matches!(answer, Lacks | Unlisted) { vec![] } else { vec![arn(name)] };
        fleet.add_page(&place, Asked(1), 7, &listed);
        fleet.complete_listing(&place, Asked(1), AT);
        let aliases: BTreeMap<_, _> = listed.iter().map(|_| (Arc::from(ID), vec![Foreign::new(ALIAS)])).collect();
        fleet.set_aliases(&place, Asked(3), Ok((aliases, AT)));
        let primary = members.first().copied();
        let answer = match answer {
            Has(state) | Had(state) => Ok((described(name, state, primary, &members), AT)),
            Says(state, primary, names) => {
                Ok((described(name, state, Some(*primary).filter(|name| !name.is_empty()), names), AT))
            }
            Sealed => Err(why(ReasonKind::DeniedByKeyPolicy)),
            Unlisted | Lacks | DarkMember | Dark | Outside => continue,
        };
        fleet.describe(Login(0), &arn(name), Asked(2), answer);
    }
    for (name, _) in answers.iter().filter(|(_, answer)| matches!(answer, Had(_))) {
        fleet.set_outage(&Place::new(Login(0), region(name)), why(ReasonKind::Timeout));
        fleet.describe(Login(0), &arn(name), Asked(9), Err(why(ReasonKind::Timeout)));
    }
    fleet
}

/// Two hours before, every Region of these was listed to its end; the first has the primary.
fn former(members: &[(&'static str, &'static str)], listed: &[&str]) -> LastSeen {
    let at = Timestamp::from_millis(AT.millis() - 2 * HOUR);
    let mut last = LastSeen::new(Login(0), AccountId::parse("111122223333").unwrap(), at);
    for name in listed {
        last.add_listing(region(name), at);
    }
    let names: Vec<&str> = members.iter().map(|(name, _)| *name).collect();
    for (name, state) in members {
        // A former run keeps who the primary is, and no list of replicas.
        let member = RegionalKey { replicas: Vec::new(), ..described(name, state, names.first().copied(), &[]) };
        last.add(member, at, vec![Foreign::new(ALIAS)]);
    }
    last.finish()
}

fn regions(names: &str) -> BTreeSet<Region> {
    names.split(',').map(region).collect()
}

fn losing(answers: Answers<'_>, last_seen: Option<&LastSeen>, lost: &str) -> Impact {
    impact(&fleet(answers), last_seen, &regions(lost), AT)
}

fn only(impact: &Impact) -> &KeyImpact {
    let [key] = impact.keys.as_slice() else { panic!("{:?}", impact.keys) };
    key
}

/// `EFFECT BASIS`, and `complete` if everything that this rests on was read.
fn check(answers: Answers<'_>, lost: &str, expected: &str) {
    check_with(answers, None, lost, expected);
}

fn check_with(answers: Answers<'_>, last_seen: Option<&LastSeen>, lost: &str, expected: &str) {
    let impact = losing(answers, last_seen, lost);
    let key = only(&impact);
    let complete = if impact.is_complete() { " complete" } else { "" };
    let found = format!("{} {}{complete}", key.effect.name(), key.basis.name());
    assert_eq!(found, expected, "{answers:?} without {lost}: {}", key.detail);
}

#[test]
fn what_was_read_whole_is_certain() {
    let pair = |one, other| [("us-east-1", Has(one)), ("eu-west-1", Has(other)), ("us-west-2", Lacks)];
    check(&pair("Enabled", "Enabled"), "us-east-1", "frozen live complete");
    check(&pair("Enabled", "Enabled"), "eu-west-1", "reduced live complete");
    check(&pair("Enabled", "Enabled"), "us-west-2", "unaffected live complete");
    check(&pair("Enabled", "Enabled"), "us-east-1,eu-west-1", "lost live complete");
    check(&pair("Enabled", "Enabled"), "us-west-2,eu-west-1", "reduced live complete");
    for state in ["Disabled", "PendingImport", "PendingDeletion", "PendingReplicaDeletion", "Creating", "Unavailable"] {
        check(&pair("Enabled", state), "us-east-1", "lost live complete");
        check(&pair("Enabled", state), "eu-west-1", "reduced live complete");
        check(&pair(state, "Enabled"), "us-east-1", "frozen live complete");
        check(&pair(state, "Enabled"), "eu-west-1", "lost live complete");
        check(&pair(state, state), "us-west-2", "unaffected live complete");
    }
    let three = [("us-east-1", Has("Enabled")), ("eu-west-1", Has("Disabled")), ("us-west-2", Has("Enabled"))];
    check(&three, "us-east-1", "frozen live complete");
    check(&three, "us-east-1,us-west-2", "lost live complete");
    check(&three, "us-east-1,eu-west-1,us-west-2", "lost live complete");
    check(&[("us-east-1", Has("Enabled")), ("us-west-2", Lacks)], "us-east-1", "lost live complete");
}

#[test]
fn a_state_that_says_nothing_decides_nothing() {
    let pair = [("us-east-1", Has("Enabled")), ("eu-west-1", Has("Quarantined"))];
    check(&pair, "us-east-1", "unknown live complete");
    check(&pair, "eu-west-1", "reduced live complete");
}

#[test]
fn a_member_that_cannot_be_read_may_be_usable_or_not() {
    for unread in [Sealed, Unlisted, DarkMember] {
        let pair = [("us-east-1", Has("Enabled")), ("eu-west-1", unread)];
        check(&pair, "us-east-1", "unknown live");
        // One usable survivor is enough, whatever the other is.
        let three = [("us-east-1", Has("Enabled")), ("eu-west-1", unread), ("us-west-2", Has("Enabled"))];
        let complete = if unread == Unlisted { " complete" } else { "" };
        check(&three, "us-east-1", &format!("frozen live{complete}"));
    }
    check(&[("us-east-1", Has("Enabled")), ("eu-west-1", Had("Enabled"))], "us-east-1", "unknown live");
    check(&[("us-east-1", Has("Enabled")), ("eu-west-1", Had("Disabled"))], "us-east-1", "unknown live");
}

#[test]
fn an_answer_about_another_key_is_as_good_as_none() {
    for oddity in [Oddity::OtherArn(Foreign::new("arn")), Oddity::NotMultiRegion] {
        let mut fleet = fleet(&[("us-east-1", Has("Enabled")), ("eu-west-1", Has("Enabled"))]);
        let odd = RegionalKey {
            oddities: vec![oddity],
            ..described("eu-west-1", "Enabled", Some("us-east-1"), &["us-east-1", "eu-west-1"])
        };
        fleet.describe(Login(0), &arn("eu-west-1"), Asked(4), Ok((odd, AT)));
        for lost in ["us-east-1", "eu-west-1"] {
            let impact = impact(&fleet, None, &regions(lost), AT);
            let key = only(&impact);
            assert_eq!((key.effect, impact.is_complete()), (Effect::Unknown, false), "{lost}: {}", key.detail);
            let why = "a member in eu-west-1 could not be read: an answer that is not KMS's";
            assert!(key.detail.as_str().starts_with(why), "{lost}: {}", key.detail);
            let states = key.survivors.iter().map(|survivor| (survivor.region.as_str(), survivor.state.clone()));
            let expected =
                if lost == "us-east-1" { ("eu-west-1", None) } else { ("us-east-1", Some(KeyState::Enabled)) };
            assert_eq!(states.collect::<Vec<_>>(), [expected]);
        }
    }
}

#[test]
fn a_member_outside_the_scope_may_be_usable_and_only_then_the_answer_rests_on_it() {
    let pair = [("us-east-1", Has("Enabled")), ("eu-west-1", Outside)];
    check(&pair, "us-east-1", "unknown live");
    let three = [("us-east-1", Has("Enabled")), ("eu-west-1", Outside), ("us-west-2", Has("Enabled"))];
    check(&three, "us-east-1", "frozen live complete");
    check(&three, "us-west-2", "reduced live complete");
    check(&[("us-west-2", Outside), ("us-east-1", Has("Enabled"))], "us-east-1", "unknown live");
}

#[test]
fn an_unread_region_decides_unless_the_primary_names_no_member_there() {
    // The primary was read.
    check(&[("us-east-1", Has("Enabled")), ("ap-south-1", Dark)], "us-east-1", "lost live");
    check(&[("us-east-1", Has("Enabled")), ("ap-south-1", Dark)], "ap-south-1", "unaffected live");
    // Only a replica was: its word on the set may lag.
    let replica = [("us-east-1", Sealed), ("eu-west-1", Has("Disabled")), ("ap-south-1", Dark)];
    check(&replica, "us-east-1", "unknown live");
    check(&replica, "ap-south-1", "unknown live");
    let usable = [("us-east-1", Sealed), ("eu-west-1", Has("Enabled")), ("ap-south-1", Dark)];
    check(&usable, "us-east-1", "frozen live");
    // A primary whose word has been doubted since: it was asked before a change of our own.
    let mut changed = fleet(&[("us-east-1", Has("Enabled")), ("ap-south-1", Dark)]);
    changed.note_change(&key(), &region("ap-south-1"), Asked(5));
    let impact = impact(&changed, None, &regions("us-east-1"), AT);
    assert_eq!(only(&impact).effect, Effect::Unknown);
}

#[test]
fn nobody_could_be_described() {
    // Listed in one Region and proved absent elsewhere; but not every Region was asked for.
    check(&[("eu-west-1", Sealed), ("us-west-2", Lacks)], "eu-west-1", "unknown live");
    check(&[("eu-west-1", Sealed), ("us-west-2", Lacks)], "us-west-2", "unaffected live");
    check(&[("eu-west-1", Sealed), ("us-west-2", Dark)], "us-west-2", "unknown live");
    check(&[("eu-west-1", Sealed), ("us-west-2", Sealed)], "us-west-2", "unknown live");
}

#[test]
fn a_lost_region_that_cannot_be_read_is_known_by_what_others_say() {
    let primary = [("us-east-1", DarkMember), ("eu-west-1", Has("Enabled")), ("us-west-2", Has("Enabled"))];
    check(&primary, "us-east-1", "frozen live");
    check(&[("us-east-1", DarkMember), ("eu-west-1", Has("Disabled"))], "us-east-1", "lost live");
    check(&[("us-east-1", Has("Enabled")), ("eu-west-1", DarkMember)], "eu-west-1", "reduced live");
    check(&[("us-east-1", Has("Disabled")), ("eu-west-1", DarkMember)], "eu-west-1", "lost live");
    let impact = losing(&primary, None, "us-east-1");
    assert_eq!((impact.unseen, impact.single_region_keys), (vec![region("us-east-1")], None));
    // Two replicas of which only one names the dark Region: it may have gone, or come.
    let split = [
        ("us-east-1", Dark),
        ("eu-west-1", Says("Enabled", "us-west-2", &["us-west-2", "eu-west-1", "us-east-1"])),
        ("ap-south-1", Says("Enabled", "us-west-2", &["us-west-2", "eu-west-1", "ap-south-1"])),
        ("us-west-2", Sealed),
    ];
    check(&split, "us-east-1", "unknown live");
}

#[test]
fn a_primary_on_the_move_is_lost_only_if_every_place_it_may_be_in_is() {
    let moving = [
        ("us-east-1", Says("Updating", "eu-west-1", &["us-east-1", "eu-west-1", "us-west-2"])),
        ("eu-west-1", Says("Updating", "us-east-1", &["us-east-1", "eu-west-1", "us-west-2"])),
        ("us-west-2", Says("Enabled", "us-east-1", &["us-east-1", "eu-west-1", "us-west-2"])),
        ("ap-south-1", Lacks),
    ];
    check(&moving, "us-east-1", "unknown live complete");
    check(&moving, "eu-west-1", "unknown live complete");
    check(&moving, "us-west-2", "reduced live complete");
    check(&moving, "us-east-1,eu-west-1", "frozen live complete");
    check(&moving, "ap-south-1", "unaffected live complete");
    let nobody_says = [("us-east-1", Says("Enabled", "", &[])), ("eu-west-1", Says("Enabled", "", &[]))];
    check(&nobody_says, "us-east-1", "unknown live");
}

#[test]
fn what_was_last_known_of_a_dark_lost_region_is_merged_and_nothing_else() {
    let listed = ["us-east-1", "eu-west-1"];
    let alone = former(&[("us-east-1", "Enabled")], &listed);
    let pair = former(&[("us-east-1", "Enabled"), ("eu-west-1", "Enabled")], &listed);
    // Known from the former run alone.
    check_with(&[("us-east-1", Dark), ("eu-west-1", Lacks)], Some(&alone), "us-east-1", "lost last_known");
    check_with(&[("us-east-1", Dark), ("eu-west-1", Lacks)], Some(&pair), "us-east-1", "lost last_known");
    // Another Region is dark too: by the former word of the primary it held no member.
    let two_dark = [("us-east-1", Dark), ("eu-west-1", Lacks), ("ap-south-1", Dark)];
    check_with(&two_dark, Some(&alone), "us-east-1", "lost last_known");
    let reached = former(&[("us-east-1", "Enabled"), ("ap-south-1", "Enabled")], &listed);
    check_with(&two_dark, Some(&reached), "us-east-1", "unknown last_known");
    let named = losing(&two_dark, Some(&reached), "us-east-1");
    let survivors = only(&named).survivors.iter().map(|survivor| (survivor.region.as_str(), survivor.state.clone()));
    assert_eq!(survivors.collect::<Vec<_>>(), [("ap-south-1", None)]);
    // What this run knows goes first.
    let live = [("us-east-1", DarkMember), ("eu-west-1", Has("Enabled"))];
    check_with(&live, Some(&alone), "us-east-1", "frozen live");
    let moved = [("eu-west-1", Has("Enabled")), ("us-east-1", Dark)];
    check_with(&moved, Some(&pair), "us-east-1", "unaffected live");
    // The former run decides what this one cannot.
    let sealed = [("us-west-2", Sealed), ("eu-west-1", Has("Enabled")), ("us-east-1", Dark)];
    check(&sealed, "us-east-1", "unknown live");
    let elsewhere = former(&[("us-west-2", "Enabled"), ("us-east-1", "Enabled")], &listed);
    check_with(&sealed, Some(&elsewhere), "us-east-1", "reduced last_known");
    // A Region that is not being lost is never filled in from the past.
    let unread = [("us-east-1", Has("Enabled")), ("eu-west-1", DarkMember)];
    check_with(&unread, Some(&pair), "us-east-1", "unknown live");
}

#[test]
fn a_region_that_was_read_earlier_in_this_run_is_the_last_known() {
    check(&[("us-east-1", Had("Enabled")), ("eu-west-1", Lacks)], "us-east-1", "lost last_known");
    check(&[("us-east-1", Had("Enabled")), ("eu-west-1", Has("Enabled"))], "us-east-1", "frozen live");
    let impact = losing(&[("us-east-1", Had("Enabled")), ("eu-west-1", Lacks)], None, "us-east-1");
    assert_eq!(only(&impact).last_known_at, Some(AT));
    assert_eq!((impact.unseen, impact.last_known), (vec![], vec![(region("us-east-1"), AT)]));
}

#[test]
fn a_former_run_that_could_not_read_the_region_either_leaves_it_unseen() {
    let dark = [("us-east-1", DarkMember), ("eu-west-1", Has("Enabled"))];
    let refused = former(&[("eu-west-1", "Enabled")], &["eu-west-1"]);
    assert_eq!(losing(&dark, Some(&refused), "us-east-1").unseen, [region("us-east-1")]);
    let whole = former(&[("us-east-1", "Enabled")], &["us-east-1", "eu-west-1"]);
    let impact = losing(&dark, Some(&whole), "us-east-1");
    assert_eq!(impact.unseen, []);
    assert_eq!(impact.last_known, [(region("us-east-1"), Timestamp::from_millis(AT.millis() - 2 * HOUR))]);
    assert!(!impact.is_complete(), "it was not read in this run");
}
