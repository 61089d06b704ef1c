//! How a key really is, what of it is read, and all that it could be for whoever has read only that.

use std::time::Duration;

use proptest::prelude::*;

use crate::domain::check::tests::builder::{AT, DAY, Drawn, Sketch, default, own_policy, policy};
use crate::domain::check::tests::fixtures::{ADMIN, OPEN, USE};
use crate::domain::key::{KeyState, Rotation};
use crate::domain::reading::ReasonKind;
use crate::domain::text::Foreign;

/// The Regions that are read.
pub(super) const REGIONS: [&str; 4] = ["us-east-1", "eu-west-1", "ap-south-1", "us-west-2"];

/// Everything outside them, as one more Region.
pub(super) const BEYOND: usize = 4;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Enabled,
    Disabled,
    Creating,
    /// For a day.
    CreatingLong,
    Updating,
    Pending,
    Waits,
    Import,
}

const STATES: [State; 8] = [
    State::Enabled,
    State::Disabled,
    State::Creating,
    State::CreatingLong,
    State::Updating,
    State::Pending,
    State::Waits,
    State::Import,
];

impl State {
    pub(super) fn is_usable(self) -> bool {
        matches!(self, State::Enabled | State::Updating)
    }

    pub(super) fn is_creating(self) -> bool {
        matches!(self, State::Creating | State::CreatingLong)
    }
}

/// A member as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fact {
    pub(super) state: State,
    /// 0 default, 1 the account's own, 2 for administrators only, 3 open to all, 4 without anybody who manages it.
    pub(super) policy: u8,
    pub(super) tags: u8,
    pub(super) aliases: u8,
    pub(super) description: u8,
    /// When imported material ends: 0 never, 1 soon, 2 late.
    pub(super) ends: u8,
    /// Whether the last rotation has arrived.
    pub(super) material: u8,
}

const PLAIN: Fact =
    Fact { state: State::Enabled, policy: 1, tags: 0, aliases: 0, description: 0, ends: 0, material: 0 };

/// What is varied where it was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Attribute {
    State,
    Policy,
    Tags,
    Aliases,
    Description,
    Ends,
    Material,
}

/// How the questions about a Region go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Seen {
    Whole,
    /// Neither listed nor described.
    Dark,
    /// Listed, and DescribeKey is denied.
    Refused,
    /// Described, and policy, tags and rotation are denied.
    Shallow,
    /// Described, and the Region's aliases are denied.
    Nameless,
}

/// How much the primary's word on Regions that could not be read is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    None,
    /// Where it names nothing, there is nothing. What it names and nobody read is not known.
    Absences,
    Full,
}

/// The truth, and how it is read.
#[derive(Clone, Debug)]
pub(super) struct Case {
    members: [Option<Fact>; 4],
    pub(super) primary: usize,
    pub(super) moving_to: Option<usize>,
    is_external: bool,
    rotates: bool,
    seen: [Seen; 4],
}

/// One way in which the key could be.
#[derive(Clone, Debug)]
pub(super) struct World {
    /// By Region; the last is all that lies outside.
    pub(super) members: [Option<Fact>; 5],
    /// None while the role moves.
    pub(super) primary: Option<usize>,
    pub(super) is_external: bool,
    pub(super) rotates: bool,
    /// Some member that was read calls itself a replica.
    pub(super) has_replica: bool,
}

impl World {
    /// The members in the Regions that are read.
    pub(super) fn inside(&self) -> impl Iterator<Item = &Fact> {
        self.members[..BEYOND].iter().flatten()
    }
}

impl Case {
    /// The member's description was answered.
    pub(super) fn is_read(&self, at: usize) -> bool {
        self.members[at].is_some() && !matches!(self.seen[at], Seen::Dark | Seen::Refused)
    }

    pub(super) fn sketch(&self) -> Sketch {
        let mut regions = vec![REGIONS[self.primary]];
        regions.extend((0..4).filter(|at| *at != self.primary && self.members[*at].is_some()).map(|at| REGIONS[at]));
        let mut sketch = Sketch { scope: REGIONS.into(), ..Sketch::of(&regions) };
        for (at, member) in self.members.iter().enumerate() {
            let Some(fact) = member else { continue };
            sketch = sketch.with(REGIONS[at], |drawn| self.draw(drawn, (REGIONS[at], fact, self.seen[at])));
        }
        for (at, seen) in self.seen.iter().enumerate() {
            match seen {
                Seen::Dark => sketch = sketch.dark(REGIONS[at]),
                Seen::Nameless => {
                    sketch.without_aliases.insert(REGIONS[at], ReasonKind::Denied);
                }
                Seen::Whole | Seen::Refused | Seen::Shallow => {}
            }
        }
        match self.moving_to {
            Some(to) => sketch.moving(REGIONS[self.primary], REGIONS[to]),
            None => sketch,
        }
    }

    fn draw(&self, drawn: &mut Drawn, (at, fact, seen): (&str, &Fact, Seen)) {
        let key = &mut drawn.key;
        key.state = match fact.state {
            State::Enabled => KeyState::Enabled,
            State::Disabled => KeyState::Disabled,
            State::Creating | State::CreatingLong => KeyState::Creating,
            State::Updating => KeyState::Updating,
            State::Pending => KeyState::PendingDeletion,
            State::Waits => KeyState::PendingReplicaDeletion,
            State::Import => KeyState::PendingImport,
        };
        if fact.state == State::CreatingLong {
            key.created_at = Some(crate::domain::time::Timestamp::from_millis(AT.millis() - 86_400_000));
        }
        key.deletion_date = (fact.state == State::Pending).then(|| AT.plus(DAY * 7));
        key.pending_window_days = (fact.state == State::Waits).then_some(7);
        key.origin = Foreign::new(if self.is_external { "EXTERNAL" } else { "AWS_KMS" });
        key.description = Foreign::new(["payments", ""][usize::from(fact.description)]);
        let days = [None, Some(5), Some(90)][usize::from(fact.ends)];
        key.valid_to = days.filter(|_| self.is_external).map(|days: u32| AT.plus(Duration::from_hours(24) * days));
        let has_material = !fact.state.is_creating() && fact.state != State::Import;
        let materials = ["material-1", "material-0"];
        key.material_id = has_material.then(|| Foreign::new(materials[usize::from(fact.material)]));
        drawn.policy = Ok(match fact.policy {
            0 => default(),
            1 => own_policy(at),
            2 => policy(ADMIN),
            3 => policy(&format!("{ADMIN},{OPEN}")),
            _ => policy(USE),
        });
        drawn.tags = Ok(if fact.tags == 0 { vec![("team", "payments")] } else { vec![] });
        drawn.aliases = if fact.aliases == 0 { vec!["alias/payments"] } else { vec![] };
        drawn.rotation = Ok(match (self.is_external, self.rotates) {
            (true, _) => Rotation::NotApplicable,
            (false, true) => Rotation::On { period_days: None, next: None },
            (false, false) => Rotation::Off,
        });
        if seen == Seen::Refused {
            drawn.refused = Some(ReasonKind::DeniedByKeyPolicy);
        }
        if seen == Seen::Shallow {
            drawn.policy = Err(ReasonKind::DeniedByKeyPolicy);
            drawn.tags = Err(ReasonKind::DeniedByKeyPolicy);
            drawn.rotation = Err(ReasonKind::DeniedByKeyPolicy);
        }
    }

    fn has_replica(&self) -> bool {
        (0..4).any(|at| self.is_read(at) && (at != self.primary || self.moving_to.is_some()))
    }

    /// The settled primary was read: its word on the whole set is known.
    fn is_declared(&self) -> bool {
        self.moving_to.is_none() && self.is_read(self.primary)
    }

    /// What may be in a Region, for whoever has read only what was read.
    fn possible(&self, at: usize, varies: Attribute, word: Word) -> Vec<Option<Fact>> {
        let own = self.members[at];
        let anything = || variants(PLAIN, varies, self.is_external).into_iter().map(Some);
        match (self.seen[at], own) {
            (Seen::Refused, Some(_)) => anything().collect(),
            (Seen::Whole | Seen::Refused | Seen::Shallow | Seen::Nameless, None) => vec![None],
            (Seen::Dark, None) if word != Word::None && self.is_declared() => vec![None],
            (Seen::Dark, Some(_)) if word == Word::Full && self.is_declared() => anything().collect(),
            (Seen::Dark, _) => std::iter::once(None).chain(anything()).collect(),
            (Seen::Shallow, Some(fact)) if matches!(varies, Attribute::Policy | Attribute::Tags) => {
                variants(fact, varies, self.is_external).into_iter().map(Some).collect()
            }
            (Seen::Nameless, Some(fact)) if varies == Attribute::Aliases => {
                variants(fact, varies, self.is_external).into_iter().map(Some).collect()
            }
            (Seen::Whole | Seen::Shallow | Seen::Nameless, Some(fact)) => vec![Some(fact)],
        }
    }

    /// Only the primary's own word says that nothing lies outside.
    fn beyond(&self) -> Vec<Option<Fact>> {
        if self.is_declared() {
            return vec![None];
        }
        vec![None, Some(PLAIN), Some(Fact { state: State::Pending, ..PLAIN })]
    }

    fn primaries(&self, members: &[Option<Fact>; 5]) -> Vec<Option<usize>> {
        if self.is_declared() {
            return vec![Some(self.primary)];
        }
        let is_open = |at: &usize| members[*at].is_some() && (*at == BEYOND || !self.is_read(*at));
        std::iter::once(None).chain((0..5).filter(is_open).map(Some)).collect()
    }
}

fn variants(fact: Fact, varies: Attribute, is_external: bool) -> Vec<Fact> {
    match varies {
        Attribute::State => {
            let states = STATES.into_iter().filter(|state| is_external || *state != State::Import);
            states.map(|state| Fact { state, ..fact }).collect()
        }
        Attribute::Policy => (0..5).map(|policy| Fact { policy, ..fact }).collect(),
        Attribute::Tags => (0..2).map(|tags| Fact { tags, ..fact }).collect(),
        Attribute::Aliases => (0..2).map(|aliases| Fact { aliases, ..fact }).collect(),
        Attribute::Description => (0..2).map(|description| Fact { description, ..fact }).collect(),
        Attribute::Ends => (0..3).map(|ends| Fact { ends, ..fact }).collect(),
        Attribute::Material => (0..2).map(|material| Fact { material, ..fact }).collect(),
    }
}

/// Every world that fits what was read.
pub(super) fn completions(case: &Case, varies: Attribute, word: Word) -> Vec<World> {
    let mut all: Vec<[Option<Fact>; 5]> = vec![[None; 5]];
    for at in 0..5 {
        let options = if at == BEYOND { case.beyond() } else { case.possible(at, varies, word) };
        all = all.iter().flat_map(|held| options.iter().map(move |option| put(held, at, *option))).collect();
    }
    let is_rotation_read = case.is_declared() && case.seen[case.primary] != Seen::Shallow;
    let rotations = if is_rotation_read { vec![case.rotates] } else { vec![true, false] };
    let mut found = Vec::new();
    for members in all {
        for primary in case.primaries(&members) {
            for rotates in &rotations {
                let possible = World {
                    members,
                    primary,
                    is_external: case.is_external,
                    rotates: *rotates,
                    has_replica: case.has_replica(),
                };
                if is_sound(&possible) {
                    found.push(possible);
                }
            }
        }
    }
    found
}

fn put(held: &[Option<Fact>; 5], at: usize, option: Option<Fact>) -> [Option<Fact>; 5] {
    let mut members = *held;
    members[at] = option;
    members
}

/// Only a primary waits for its replicas, and none is being made.
fn is_sound(world: &World) -> bool {
    world.members.iter().enumerate().all(|(at, member)| match member {
        Some(fact) if world.primary == Some(at) => !fact.state.is_creating(),
        Some(fact) => fact.state != State::Waits,
        None => true,
    })
}

prop_compose! {
    fn facts()(
        state in proptest::sample::select(STATES.to_vec()),
        policy in prop_oneof![4 => Just(1_u8), 2 => Just(0), 1 => 2..5_u8],
        tags in 0..2_u8,
        aliases in 0..2_u8,
        description in 0..2_u8,
        ends in prop_oneof![2 => Just(2_u8), 1 => 0..3_u8],
        material in prop_oneof![3 => Just(0_u8), 1 => Just(1)],
        is_plain in any::<bool>(),
    ) -> Fact {
        if is_plain { Fact { state, ends: 2, ..PLAIN } } else { Fact { state, policy, tags, aliases, description, ends, material } }
    }
}

fn seen() -> impl Strategy<Value = Seen> {
    prop_oneof![
        6 => Just(Seen::Whole),
        2 => Just(Seen::Dark),
        1 => Just(Seen::Refused),
        1 => Just(Seen::Shallow),
        1 => Just(Seen::Nameless),
    ]
}

/// A key with its primary somewhere, and some of its Regions not readable.
pub(super) fn cases() -> impl Strategy<Value = Case> {
    let members = proptest::array::uniform4(proptest::option::weighted(0.6, facts()));
    let flags = (any::<bool>(), any::<bool>(), proptest::bool::weighted(0.15));
    (members, 0..4_usize, facts(), proptest::array::uniform4(seen()), flags).prop_map(
        |(mut members, primary, own, seen, (is_external, rotates, is_moving))| {
            members[primary] = Some(own);
            let replica = (0..4).find(|at| *at != primary && members[*at].is_some());
            let moving_to = replica.filter(|_| is_moving);
            for (at, member) in members.iter_mut().enumerate() {
                if let Some(fact) = member {
                    let has_left_home = moving_to.is_some_and(|to| at == to || at == primary);
                    fact.state = fitting(fact.state, (at == primary, replica.is_some()), is_external);
                    fact.state = if has_left_home { State::Updating } else { fact.state };
                }
            }
            Case { members, primary, moving_to, is_external, rotates, seen }
        },
    )
}

/// The nearest state that such a member can be in.
fn fitting(state: State, (is_primary, has_replicas): (bool, bool), is_external: bool) -> State {
    match state {
        State::Creating | State::CreatingLong if is_primary => State::Enabled,
        State::Pending if is_primary && has_replicas => State::Waits,
        State::Waits if !is_primary || !has_replicas => State::Pending,
        State::Import if !is_external => State::Disabled,
        State::Updating => State::Enabled,
        State::Enabled
        | State::Disabled
        | State::Creating
        | State::CreatingLong
        | State::Pending
        | State::Waits
        | State::Import => state,
    }
}
