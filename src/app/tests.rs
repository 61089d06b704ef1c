//! Stories told by key presses, from the first frame to the outcome of a change.

mod comparing;
mod confirming;
mod dying;
mod fuzz;
mod leaving;
mod left_open;
mod looking;
mod losing;
mod marking;
mod moving;
mod permitting;
mod recalling;
mod ruled;
mod under_way;

use std::time::Duration;

use super::Settings;
use super::effect::Effect;
use super::harness::{Harness, settings};
use crate::domain::id::AccountId;
use crate::domain::key::KeyState;
use crate::domain::plan::Reply;
use crate::domain::text::Foreign;
use crate::domain::time::Timestamp;
use crate::engine::effect::Effect as EngineEffect;
use crate::engine::settings::Settings as EngineSettings;
use crate::engine::tests::world::{self, World, member};

pub(super) const REGIONS: [&str; 3] = ["us-east-1", "us-west-2", "eu-west-1"];
pub(super) const DYING: &str = "mrk-00000000000000000000000000dying1";
pub(super) const GAPPED: &str = "mrk-00000000000000000000000000gapped";
pub(super) const WHOLE: &str = "mrk-00000000000000000000000000whole1";

/// Three keys: one dies in eu-west-1, one is missing there, one is everywhere and well.
pub(super) fn three_keys() -> World {
    let mut world = World::new();
    for at in REGIONS {
        world.hold(member(WHOLE, at, "us-east-1", &["us-west-2", "eu-west-1"]));
        world.hold(member(DYING, at, "us-east-1", &["us-west-2", "eu-west-1"]));
    }
    for at in ["us-east-1", "us-west-2"] {
        world.hold(member(GAPPED, at, "us-east-1", &["us-west-2"]));
    }
    let dying = world.key_mut(DYING, "eu-west-1");
    dying.state = KeyState::PendingDeletion;
    dying.deletion_date = Some(Timestamp::from_millis(1_800_000_000_000 + 3 * 86_400_000));
    world.aliases = vec![
        ("alias/zebra", "us-east-1", DYING),
        ("alias/mango", "us-east-1", GAPPED),
        ("alias/apple", "us-east-1", WHOLE),
    ];
    world.reply =
        Reply::Answered { status: 200, code: None, message: None, request_id: Some(Foreign::new("request-1")) };
    world
}

pub(super) fn engine() -> EngineSettings {
    world::settings(&REGIONS, true)
}

pub(super) fn unlocked() -> Settings {
    Settings { starts_unlocked: true, ..settings() }
}

pub(super) fn protected() -> EngineSettings {
    let mut settings = engine();
    settings.protected_accounts.extend(AccountId::parse("111122223333"));
    settings
}

/// What can change the world, by name, in order.
pub(super) fn changes(effects: &[Effect]) -> Vec<&'static str> {
    let name = |effect: &Effect| {
        let Effect::Engine(effect) = effect else { return None };
        match effect {
            EngineEffect::Freeze { .. } => Some("Freeze"),
            EngineEffect::RecordIntent { .. } => Some("RecordIntent"),
            EngineEffect::Send { .. } => Some("Send"),
            EngineEffect::RecordOutcome { .. } => Some("RecordOutcome"),
            EngineEffect::Connect { .. }
            | EngineEffect::Read { .. }
            | EngineEffect::WakeAt(_)
            | EngineEffect::Identify { .. }
            | EngineEffect::Release { .. } => None,
        }
    };
    effects.iter().filter_map(name).collect()
}

pub(super) fn second() -> Duration {
    Duration::from_secs(1)
}

/// On the row that has a gap, in the column where the gap is.
pub(super) fn on_the_gap(settings: Settings, engine: EngineSettings) -> Harness {
    let mut harness = Harness::open(settings, engine, three_keys());
    harness.keys("g j j l l l");
    let subject = harness.model.subject().unwrap();
    assert_eq!((subject.row.key.id.as_str(), subject.region.unwrap().as_str()), (GAPPED, "eu-west-1"));
    harness.take_effects();
    harness
}
