//! Sweeps of several pages, begun anew while others of the same are under way: none is lost and none is mixed with another.

use super::world::{Drive, World, arn, member, region, settings};
use crate::domain::fleet::KeyRef;
use crate::domain::fleet::presence::RegionStatus;
use crate::domain::id::{Login, Place};
use crate::domain::reading::{Asked, ReasonKind};
use crate::engine::Engine;
use crate::engine::effect::ReadRequest;
use crate::engine::loader::{Job, Priority};
use crate::engine::message::Message;

const ID: &str = "mrk-00000000000000000000000000000001";

fn place() -> Place {
    Place::new(Login(0), region("us-east-1"))
}

/// A key with three aliases and two tags, one on each page.
fn world() -> World {
    let mut world = World::new();
    world.hold(member(ID, "us-east-1", "us-east-1", &[]));
    world.aliases = ["alias/a", "alias/b", "alias/c"].map(|alias| (alias, "us-east-1", ID)).to_vec();
    world.alias_page = 1;
    world
}

/// Asks anew, as a change does that must not go by what was asked before it. Returns a number before that of the question.
fn ask_anew(drive: &mut Drive, request: ReadRequest) -> Asked {
    let before = drive.engine.loader.next_number();
    assert!(drive.engine.loader.ask_anew(&place(), Job::new(request, Priority::Urgent)));
    let effects = drive.engine.handle(drive.now, Message::Woke);
    drive.take(effects);
    before
}

fn aliases(engine: &Engine) -> (Option<Asked>, Vec<String>) {
    let aliases = &engine.fleet().region(&place()).unwrap().aliases;
    let names = aliases.fresh().and_then(|aliases| aliases.get(ID)).into_iter().flatten();
    (aliases.asked(), names.map(|name| name.original().to_owned()).collect())
}

fn tags(engine: &Engine) -> (Option<Asked>, Vec<String>) {
    let key = KeyRef { login: Login(0), id: arn(ID, "us-east-1").id };
    let tags = &engine.fleet().member(&key, &region("us-east-1")).unwrap().tags;
    (
        tags.asked(),
        tags.fresh().into_iter().flat_map(|tags| tags.iter()).map(|tag| tag.key.original().to_owned()).collect(),
    )
}

/// Begins the same sweep again after each number of answers, in many orders of the answers: the last one is always finished, and whole.
fn check(request: &ReadRequest, read: fn(&Engine) -> (Option<Asked>, Vec<String>), expected: &[&str]) {
    for order in 0..40 {
        for steps in 0..6 {
            let mut drive = Drive::start(settings(&["us-east-1"], false), world(), order);
            drive.scan();
            ask_anew(&mut drive, request.clone());
            for _ in 0..steps {
                drive.step();
            }
            let asked = ask_anew(&mut drive, request.clone());
            drive.drain();
            let (found, names) = read(&drive.engine);
            assert_eq!(names, expected, "order {order}, after {steps} steps");
            assert!(found > Some(asked), "order {order}, after {steps} steps: {found:?} is from before {asked:?}");
        }
    }
}

#[test]
fn an_alias_sweep_begun_anew_is_finished() {
    check(&ReadRequest::ListAliases { marker: None }, aliases, &["alias/a", "alias/b", "alias/c"]);
}

#[test]
fn a_tag_sweep_begun_anew_is_finished_and_not_mixed() {
    let request = ReadRequest::ListResourceTags { arn: arn(ID, "us-east-1"), marker: None };
    check(&request, tags, &["env", "aws:stack"]);
}

#[test]
fn a_region_whose_sweep_was_begun_anew_is_listed_again() {
    for order in 0..40 {
        let mut drive = Drive::start(settings(&["us-east-1"], false), world(), order);
        drive.scan();
        ask_anew(&mut drive, ReadRequest::ListAliases { marker: None });
        drive.step();
        let asked = ask_anew(&mut drive, ReadRequest::ListAliases { marker: None });
        drive.drain();
        drive.engine.list(&place());
        let effects = drive.engine.handle(drive.now, Message::Woke);
        drive.take(effects);
        drive.drain();
        let last = drive.engine.loader.next_number();
        let (found, _) = aliases(&drive.engine);
        // The sweep begun anew has three questions: only a later one is beyond them.
        assert!(found.is_some_and(|found| found.0 > asked.0 + 3 && found < last), "order {order}: {found:?}");
    }
}

#[test]
fn a_key_that_cannot_be_named_costs_no_other_and_proves_no_absence() {
    let mut world = World::new();
    for number in 1..=5 {
        world.hold(member(&format!("mrk-{number}"), "us-east-1", "us-east-1", &[]));
    }
    world.unnamed = vec!["mrk-\u{202e}"];
    let mut drive = Drive::start(settings(&["us-east-1"], false), world, 3);
    drive.scan();
    let facts = drive.engine.fleet().region(&place()).unwrap();
    let RegionStatus::Partial { multi_region, why, .. } = facts.status() else { panic!("{:?}", facts.status()) };
    assert_eq!(multi_region, 5, "every page was read");
    assert_eq!(why.kind, ReasonKind::PartialListing);
    assert!(why.message.as_ref().unwrap().original().ends_with("is none of this Region: mrk-\\u{202e}"), "{why:?}");
    // The next listing is whole again.
    drive.world.unnamed.clear();
    drive.engine.list_anew(&place());
    let effects = drive.engine.handle(drive.now, Message::Woke);
    drive.take(effects);
    drive.drain();
    let status = drive.engine.fleet().region(&place()).unwrap().status();
    assert!(matches!(status, RegionStatus::Loaded { multi_region: 5, .. }), "{status:?}");
}
