//! At any moment of any reading, however much of it fails: a Region that has not been listed whole has no absent key, wherever absence is told.

use std::collections::BTreeSet;

use proptest::prelude::*;

use crate::domain::filter::{Filter, Truth};
use crate::domain::fleet::glyph::{GlyphKind, glyph};
use crate::domain::fleet::presence::{Presence, RegionStatus};
use crate::domain::id::{KeyId, Login, Place};
use crate::engine::tests::world::{Drive, Trouble, World, member, region, settings};
use crate::wire::fleet::key_entry;

const REGIONS: [&str; 4] = ["us-east-1", "us-west-2", "eu-west-1", "ap-south-1"];

/// The Regions of each key's members; the first of them is the primary's.
fn fleets() -> impl Strategy<Value = Vec<Vec<usize>>> {
    let members = proptest::sample::subsequence(vec![0, 1, 2, 3], 1..=4).prop_shuffle();
    proptest::collection::vec(members, 1..6)
}

fn troubles() -> impl Strategy<Value = Vec<Trouble>> {
    let denied = Trouble::KeysDenied(BTreeSet::from([KeyId::parse(&id(0)).unwrap(), KeyId::parse(&id(2)).unwrap()]));
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

fn id(key: usize) -> String {
    format!("mrk-{key:032}")
}

fn world(fleet: &[Vec<usize>], troubles: Vec<Trouble>) -> World {
    let mut world = World::new();
    for (key, members) in fleet.iter().enumerate() {
        let names: Vec<&str> = members.iter().map(|at| REGIONS[*at]).collect();
        for at in &names {
            world.hold(member(&id(key), at, names[0], &names[1..]));
        }
    }
    world.trouble = REGIONS.iter().map(|name| region(name)).zip(troubles).collect();
    world
}

/// Everywhere that a key can be said to be absent from a Region. `may` says whether that is proved.
fn check(drive: &Drive, may: impl Fn(&str, &KeyId) -> bool) -> Result<(), TestCaseError> {
    let (fleet, now) = (drive.engine.fleet(), drive.now.wall);
    for row in fleet.keys().filter_map(|(key, _)| fleet.row(key, now)) {
        let entry = serde_json::to_value(key_entry(fleet, &row)).unwrap();
        for name in REGIONS.into_iter().filter(|name| !may(name, &row.key.id)) {
            let key = &row.key.id;
            let cell = row.cell(&region(name));
            let is_absent = cell.is_some_and(|cell| matches!(cell.presence, Presence::Absent(_)));
            prop_assert!(!is_absent, "{key} is absent from {name}");
            let is_blank = cell.is_some_and(|cell| glyph(cell).kind == GlyphKind::Absent);
            prop_assert!(!is_blank, "{key} looks absent from {name}");
            let listed = entry["absent_regions"].as_array().unwrap().contains(&name.into());
            prop_assert!(!listed, "{key} is listed as absent from {name}");
            let filter = Filter::parse(&format!("missing:{name}")).unwrap();
            prop_assert!(filter.matches(&row) != Truth::Yes, "{key} is found by missing:{name}");
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_absent_where_not_everything_was_listed(
        fleet in fleets(),
        troubles in troubles(),
        order: u64,
        steps in 0_usize..120,
        is_live: bool,
    ) {
        let world = world(&fleet, troubles);
        let mut drive = Drive::start(settings(&REGIONS, is_live), world.clone(), order);
        for _ in 0..steps {
            if !drive.step() {
                break;
            }
        }
        let is_listed = |name: &str| {
            let facts = drive.engine.fleet().region(&Place::new(Login(0), region(name)));
            facts.is_some_and(|facts| matches!(facts.status(), RegionStatus::Loaded { .. }))
        };
        check(&drive, |name, id| is_listed(name) && !world.keys.contains_key(&(region(name), id.clone())))?;
    }
}
