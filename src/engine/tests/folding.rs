//! Whatever the order of the answers, the same fleet; and nothing that was not proved is absent.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::world::{Drive, Trouble, World, member, region, settings};
use crate::domain::fleet::presence::Presence;
use crate::domain::fleet::row::Row;
use crate::domain::id::{KeyId, Region};
use crate::domain::key::RegionalKey;

const REGIONS: [&str; 4] = ["us-east-1", "us-west-2", "eu-west-1", "ap-south-1"];

/// A fleet of up to six keys, each with a primary and some replicas.
fn fleets() -> impl Strategy<Value = Vec<(usize, BTreeSet<usize>)>> {
    let key = (0..REGIONS.len(), proptest::collection::btree_set(0..REGIONS.len(), 0..4));
    proptest::collection::vec(key, 1..6)
}

fn troubles() -> impl Strategy<Value = Vec<Trouble>> {
    let denied_keys = proptest::collection::btree_set(0..6_usize, 0..4)
        .prop_map(|keys| Trouble::KeysDenied(keys.into_iter().map(|key| KeyId::parse(&id(key)).unwrap()).collect()));
    let trouble = prop_oneof![
        4 => Just(Trouble::None),
        1 => Just(Trouble::Denied),
        1 => Just(Trouble::ListDenied),
        1 => Just(Trouble::PageLost),
        1 => Just(Trouble::Dark),
        1 => Just(Trouble::NotEnabled),
        2 => denied_keys,
    ];
    proptest::collection::vec(trouble, REGIONS.len())
}

fn id(key: usize) -> String {
    format!("mrk-{key:032}")
}

fn world(fleet: &[(usize, BTreeSet<usize>)], troubles: &[Trouble]) -> World {
    let mut world = World::new();
    for (key, (primary, members)) in fleet.iter().enumerate() {
        let replicas: Vec<&str> = members.iter().filter(|at| *at != primary).map(|at| REGIONS[*at]).collect();
        for at in replicas.iter().copied().chain([REGIONS[*primary]]) {
            world.hold(member(&id(key), at, REGIONS[*primary], &replicas));
        }
    }
    for (at, trouble) in troubles.iter().enumerate() {
        world.trouble.insert(region(REGIONS[at]), trouble.clone());
    }
    world
}

/// The rows without the numbers of the questions and the times of the answers, which depend on the order.
fn shape(rows: &[Row]) -> Vec<String> {
    let cell = |presence: &Presence| match presence {
        Presence::Present(present) => format!("present {:?}", present.state()),
        Presence::Absent(_) => "absent".to_owned(),
        Presence::Unknown(unknown) => {
            format!("unknown {:?} {} {:?}", unknown.why.kind, unknown.listed, unknown.declared_by)
        }
    };
    let row = |row: &Row| {
        let cells: Vec<String> = row
            .cells
            .iter()
            .map(|found| format!("{} {:?} {}", found.region, found.role, cell(&found.presence)))
            .collect();
        format!("{} {:?} {:?} {:?} {cells:?}", row.key.id, row.name, row.primary, row.problems)
    };
    rows.iter().map(row).collect()
}

fn read(world: &World, order: u64) -> (Vec<Row>, bool) {
    let mut drive = Drive::start(settings(&REGIONS, false), world.clone(), order);
    drive.scan();
    let fleet = drive.engine.fleet();
    let rows = fleet.keys().filter_map(|(key, _)| fleet.row(key, drive.now.wall)).collect();
    (rows, fleet.is_complete())
}

fn is_listed_completely(trouble: &Trouble) -> bool {
    matches!(trouble, Trouble::None | Trouble::KeysDenied(_))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_order_of_answers_folds_to_the_same_fleet(fleet in fleets(), troubles in troubles(), one: u64, two: u64) {
        let world = world(&fleet, &troubles);
        let ((first, _), (second, _)) = (read(&world, one), read(&world, two));
        prop_assert_eq!(shape(&first), shape(&second));
    }

    #[test]
    fn only_a_complete_listing_makes_a_key_absent(fleet in fleets(), troubles in troubles(), order: u64) {
        let world = world(&fleet, &troubles);
        let (rows, complete) = read(&world, order);
        for row in &rows {
            for (at, trouble) in REGIONS.iter().zip(&troubles) {
                let at: Region = region(at);
                let is_there = world.keys.contains_key(&(at.clone(), row.key.id.clone()));
                let presence = &row.cell(&at).unwrap().presence;
                let is_absent = matches!(presence, Presence::Absent(_));
                prop_assert!(!(is_absent && is_there), "{} is in {at} and called absent", row.key.id);
                prop_assert!(!is_absent || is_listed_completely(trouble) || page_was_enough(&world, trouble, &at));
                let is_present = matches!(presence, Presence::Present(_));
                prop_assert!(!is_present || is_there, "{} is not in {at} and called present", row.key.id);
            }
        }
        let all_well = troubles.iter().all(|trouble| *trouble == Trouble::None);
        prop_assert!(complete || !all_well);
    }

    #[test]
    fn what_a_readable_member_names_is_never_lost(fleet in fleets(), troubles in troubles(), order: u64) {
        let world = world(&fleet, &troubles);
        let (rows, _) = read(&world, order);
        for row in &rows {
            let named = row.cells.iter().filter_map(|cell| cell.described()).flat_map(RegionalKey::named);
            for arn in named {
                let cell = row.cell(&arn.region).unwrap();
                prop_assert!(cell.is_member(), "{} is named in {} and not shown there", row.key.id, arn.region);
            }
        }
    }
}

/// A Region whose second page is lost is complete if it has only one.
fn page_was_enough(world: &World, trouble: &Trouble, at: &Region) -> bool {
    *trouble == Trouble::PageLost && world.keys.keys().filter(|(region, _)| region == at).count() <= world.page
}
