//! Whatever was read and however much of it failed: a snapshot gives the same fleet back, and one that was tampered with makes nothing absent.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::Value;

use crate::domain::fleet::difference::{Kind, Side, Verdict, differences};
use crate::domain::fleet::presence::Presence;
use crate::domain::fleet::row::Row;
use crate::domain::fleet::{Fleet, RelatedKey};
use crate::domain::id::{AccountId, KeyId, Login, Region};
use crate::domain::key::{KeyState, Oddity};
use crate::domain::reading::{Reading, ReasonKind};
use crate::domain::text::Foreign;
use crate::domain::time::Timestamp;
use crate::engine::Deep;
use crate::engine::effect::ReadOperation;
use crate::engine::evidence::RequestIds;
use crate::engine::message::FailureClass;
use crate::engine::settings::Regions;
use crate::engine::tests::world::{Drive, Trouble, World, failure, member, region, settings};
use crate::report::json::snapshot_pieces;
use crate::wire::fleet::{AccountOf, FleetReport, Restored, Snapshot, restore};

const REGIONS: [&str; 4] = ["us-east-1", "us-west-2", "eu-west-1", "ap-south-1"];
const IDS: [&str; 5] = ["mrk-0", "mrk-1", "mrk-2", "mrk-3", "mrk-4"];
const HOSTILE: &str = "card \u{1b}[2J\u{202e}\"keys\"\r\nline, two";

/// The Regions of each key's members, the first the primary's, and what is peculiar about one of them.
type Keys = Vec<(Vec<usize>, Peculiar)>;

#[derive(Clone, Debug)]
enum Peculiar {
    Nothing,
    State(&'static str),
    /// It calls itself the primary too.
    Primary,
    NamesNobody,
    Odd,
}

fn fleets() -> impl Strategy<Value = Keys> {
    let members = proptest::sample::subsequence(vec![0, 1, 2, 3], 1..=4).prop_shuffle();
    let peculiar = prop_oneof![
        3 => Just(Peculiar::Nothing),
        3 => proptest::sample::select(vec!["Disabled", "PendingDeletion", "Updating", "Resting", ""]).prop_map(Peculiar::State),
        1 => Just(Peculiar::Primary),
        1 => Just(Peculiar::NamesNobody),
        1 => Just(Peculiar::Odd),
    ];
    proptest::collection::vec((members, peculiar), 1..=IDS.len())
}

fn troubles() -> impl Strategy<Value = Vec<Trouble>> {
    let denied = Trouble::KeysDenied([IDS[0], IDS[2]].map(|id| KeyId::parse(id).unwrap()).into());
    let trouble = prop_oneof![
        3 => Just(Trouble::None),
        1 => Just(Trouble::Denied),
        1 => Just(Trouble::ListDenied),
        1 => Just(Trouble::PageLost),
        1 => Just(Trouble::Dark),
        1 => Just(Trouble::NotEnabled),
        1 => Just(denied),
    ];
    proptest::collection::vec(trouble, REGIONS.len())
}

/// An operation that fails everywhere or in one Region, beside what is wrong with the Regions.
fn failures() -> impl Strategy<Value = Vec<(Option<&'static str>, ReadOperation)>> {
    let operations = vec![
        ReadOperation::ListAliases,
        ReadOperation::GetKeyPolicy,
        ReadOperation::ListResourceTags,
        ReadOperation::GetKeyRotationStatus,
    ];
    let at = proptest::option::of(proptest::sample::select(REGIONS.to_vec()));
    proptest::collection::vec((at, proptest::sample::select(operations)), 0..3)
}

fn world(keys: &Keys, troubles: &[Trouble], failures: &[(Option<&'static str>, ReadOperation)]) -> World {
    let mut world = World::new();
    for (id, (members, peculiar)) in IDS.iter().zip(keys) {
        let names: Vec<&str> = members.iter().map(|at| REGIONS[*at]).collect();
        for at in &names {
            world.hold(member(id, at, names[0], &names[1..]));
        }
        let last = world.key_mut(id, names[names.len() - 1]);
        match peculiar {
            Peculiar::Nothing => {}
            Peculiar::State(name) => last.state = KeyState::parse(name),
            Peculiar::Primary => last.primary = Some(last.arn.clone()),
            Peculiar::NamesNobody => (last.primary, last.replicas, last.role) = (None, Vec::new(), None),
            Peculiar::Odd => {
                last.description = Foreign::new(HOSTILE);
                last.oddities = vec![Oddity::NoState, Oddity::BadMember(Foreign::new(HOSTILE))];
                last.deletion_date = Some(Timestamp::from_millis(1_800_000_000_123));
                last.material_id = Some(Foreign::new("material"));
            }
        }
    }
    world.trouble = REGIONS.iter().map(|name| region(name)).zip(troubles.iter().cloned()).collect();
    world.aliases = vec![
        ("alias/two", "us-east-1", IDS[0]),
        ("alias/one", "us-east-1", IDS[0]),
        ("alias/lost", "ap-south-1", IDS[1]),
        ("alias/aws/s3", "us-east-1", "1234abcd"),
        ("alias/own", "us-east-1", "5678abcd"),
    ];
    for (at, operation) in failures {
        world.fail(*at, *operation, failure(ReasonKind::Denied, FailureClass::Refused));
    }
    world
}

/// Reads everything there is. Under `auto`, the Regions beside ours are not enabled.
fn read(mut world: World, order: u64, is_auto: bool) -> (Fleet, Timestamp) {
    let mut settings = settings(&REGIONS, false);
    if is_auto {
        settings.regions = Regions::Auto;
        for other in crate::domain::id::Partition::Aws.regions() {
            world.trouble.entry(other).or_insert(Trouble::NotEnabled);
        }
    }
    let mut drive = Drive::start(settings, world, order);
    drive.engine.read_deep([Deep::Policy, Deep::Tags, Deep::Rotation]);
    drive.scan();
    let at = drive.now.wall;
    (drive.engine.into_fleet().0, at)
}

fn written(fleet: &Fleet, at: Timestamp) -> String {
    let accounts = [AccountOf {
        login: Login(0),
        account: AccountId::parse("111122223333").unwrap(),
        name: Some(Foreign::new(HOSTILE)),
        caller_arn: Foreign::new("arn:aws:iam::111122223333:user/maria"),
        profile: None,
    }];
    let report = FleetReport { fleet, taken_at: at, finished_at: at, accounts: &accounts, selection: None };
    snapshot_pieces(&Snapshot { report, request_ids: &RequestIds::new() }).collect::<Result<_, _>>().unwrap()
}

fn restored(text: &str) -> Result<Restored, String> {
    restore(text.as_bytes()).map_err(|why| why.words().to_string())
}

fn rows(fleet: &Fleet, at: Timestamp) -> Vec<Row> {
    fleet.keys().filter_map(|(key, _)| fleet.row(key, at)).collect()
}

/// Everything that is told of a fleet, without the numbers of the questions.
fn told(fleet: &Fleet, at: Timestamp) -> Vec<String> {
    let cell = |presence: &Presence| match presence {
        Presence::Present(present) => format!("{:?} {} {:?}", present.key.state, present.at, present.stale),
        Presence::Absent(proof) => format!("absent {}", proof.at),
        Presence::Unknown(unknown) => format!("{:?} {:?} {}", unknown.why, unknown.declared_by, unknown.listed),
    };
    let mut told: Vec<String> =
        fleet.places().map(|(place, facts)| format!("{place:?} {:?}", facts.status())).collect();
    told.push(format!("complete: {}", fleet.is_complete()));
    for row in rows(fleet, at) {
        told.push(format!("{} {:?} {:?} {:?} {:?}", row.key.id, row.account, row.name, row.primary, row.problems));
        for found in &row.cells {
            let (region, role, aliases) = (&found.region, found.role, &found.aliases);
            told.push(format!("  {region} {role:?} {aliases:?} {} {}", found.in_scope, cell(&found.presence)));
        }
    }
    told
}

fn held<T: std::fmt::Debug>(reading: &Reading<T>) -> String {
    format!("{:?} {:?} {:?}", reading.value(), reading.at(), reading.failure())
}

/// What was read of the members alone, of those that are there.
fn deep(fleet: &Fleet) -> BTreeMap<(KeyId, Region), [String; 3]> {
    let of = |member: &RelatedKey| [held(&member.policy), held(&member.tags), held(&member.rotation)];
    let members = fleet.keys().flat_map(|(key, entry)| entry.members.iter().map(move |member| (key, member)));
    members
        .filter(|(_, (_, member))| member.described.value().is_some())
        .map(|(key, (region, member))| ((key.id.clone(), region.clone()), of(member)))
        .collect()
}

/// Every place in a document: object fields and array items.
fn places(value: &Value, path: &str, found: &mut Vec<String>) {
    let mut go = |step: String, value: &Value| {
        let path = format!("{path}/{step}");
        places(value, &path, found);
        found.push(path);
    };
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, value)| go(name.clone(), value)),
        Value::Array(items) => items.iter().enumerate().for_each(|(index, value)| go(index.to_string(), value)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Cuts a place out of a document, or makes it null.
fn tamper(document: &mut Value, place: &str, is_cut: bool) {
    let (parent, step) = place.rsplit_once('/').unwrap();
    if !is_cut {
        *document.pointer_mut(place).unwrap() = Value::Null;
        return;
    }
    match document.pointer_mut(parent).unwrap() {
        Value::Object(fields) => drop(fields.remove(step)),
        Value::Array(items) => drop(items.remove(step.parse().unwrap())),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => unreachable!(),
    }
}

fn is_absent(fleet: &Fleet, row: &Row, region: &Region) -> bool {
    matches!(fleet.presence(&row.key, region), Presence::Absent(_))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_snapshot_gives_the_same_fleet_back(
        keys in fleets(), troubles in troubles(), failures in failures(), order: u64, is_auto: bool,
    ) {
        let (fleet, at) = read(world(&keys, &troubles, &failures), order, is_auto);
        let text = written(&fleet, at);
        let restored = restored(&text).map_err(TestCaseError::fail)?;
        prop_assert_eq!(told(&restored.fleet, at), told(&fleet, at));
        prop_assert_eq!(deep(&restored.fleet), deep(&fleet));
        prop_assert_eq!(written(&restored.fleet, at), text);
    }

    #[test]
    fn what_was_cut_out_of_a_snapshot_makes_nothing_absent(
        keys in fleets(), troubles in troubles(), order: u64, cuts in proptest::collection::vec((any::<Index>(), any::<bool>()), 1..3),
    ) {
        let (fleet, at) = read(world(&keys, &troubles, &[]), order, false);
        let mut document: Value = serde_json::from_str(&written(&fleet, at)).unwrap();
        for (index, is_cut) in cuts {
            let mut all = Vec::new();
            places(&document, "", &mut all);
            let place: &String = index.get(&all);
            tamper(&mut document, place, is_cut);
        }
        let Ok(restored) = restored(&document.to_string()) else { return Ok(()) };
        for row in rows(&fleet, at) {
            for name in REGIONS {
                let region = region(name);
                let is_now = is_absent(&restored.fleet, &row, &region);
                prop_assert!(!is_now || is_absent(&fleet, &row, &region), "{} in {name}", row.key.id);
            }
            prop_assert!(restored.fleet.key(&row.key).is_some(), "{} is not there any more", row.key.id);
        }
    }

    /// The same service, read twice: whatever failed in which of the readings, nothing has changed.
    #[test]
    fn what_failed_in_one_reading_is_no_difference(
        keys in fleets(), one in troubles(), other in troubles(), failures in failures(), order: u64,
    ) {
        let (from, at) = read(world(&keys, &one, &[]), order, false);
        let (to, later) = read(world(&keys, &other, &failures), order, false);
        let found = differences(Side { fleet: &from, at }, Side { fleet: &to, at: later });
        // A primary that the members of one reading agree on can be disputed by those of the other.
        let is_disputed = keys.iter().any(|(_, peculiar)| !matches!(peculiar, Peculiar::Nothing));
        for difference in &found.found {
            let is_allowed = is_disputed && matches!(difference.field, "primary_region" | "role");
            prop_assert!(!difference.kind.is_certain() || is_allowed, "{difference:?}");
        }
        let all_well = one.iter().chain(&other).all(|trouble| *trouble == Trouble::None) && failures.is_empty();
        prop_assert!(all_well || found.verdict() != Verdict::Same || one.iter().chain(&other).all(is_harmless));
    }

    /// The service changes between two whole readings: what was done is told, and nothing else.
    #[test]
    fn what_was_done_is_told(keys in fleets(), gone in 0..IDS.len(), order: u64) {
        let all_well = vec![Trouble::None; REGIONS.len()];
        let before = world(&keys, &all_well, &[]);
        let mut after = before.clone();
        let gone = KeyId::parse(IDS[gone % keys.len()]).unwrap();
        after.keys.retain(|(_, id), _| *id != gone);
        let ((from, at), (to, later)) = (read(before, order, false), read(after, order, false));
        let told = |from: &Fleet, to: &Fleet| differences(Side { fleet: from, at }, Side { fleet: to, at: later }).found;
        for (found, whole, member) in [
            (told(&from, &to), Kind::KeyGone, Kind::MemberGone),
            (told(&to, &from), Kind::KeyAdded, Kind::MemberAdded),
        ] {
            prop_assert!(found.iter().all(|difference| difference.key.as_ref() == Some(&gone)), "{found:?}");
            prop_assert_eq!(found.iter().filter(|difference| difference.kind == whole).count(), 1);
            prop_assert!(found.iter().all(|difference| difference.kind == whole || difference.kind == member));
        }
        prop_assert_eq!(told(&from, &from), vec![]);
    }
}

/// Trouble that a small Region may not notice: one page, or no key that is denied.
fn is_harmless(trouble: &Trouble) -> bool {
    matches!(trouble, Trouble::None | Trouble::PageLost | Trouble::KeysDenied(_))
}
