//! What each check and each clause of a rule says of a world in which nothing is hidden.

use super::world::{Attribute, BEYOND, Fact, REGIONS, State, World};
use crate::domain::check::tests::builder::region;
use crate::domain::coverage::Clause;
use crate::domain::filter::RegionPattern;
use crate::domain::id::Region;
use crate::domain::rule::Rule;
use crate::domain::verdict::Verdict;

/// A check, and what of the members it goes by.
pub(super) struct Asked {
    pub(super) id: &'static str,
    pub(super) varies: Attribute,
    pub(super) verdict: fn(&World) -> Verdict,
}

const fn asked(id: &'static str, varies: Attribute, verdict: fn(&World) -> Verdict) -> Asked {
    Asked { id, varies, verdict }
}

pub(super) const ASKED: &[Asked] = &[
    asked("no_single_primary", Attribute::State, |world| {
        if world.primary.is_none() { Verdict::Unknown } else { Verdict::Pass }
    }),
    asked("pending_deletion", Attribute::State, |world| {
        any(world, |fact| matches!(fact.state, State::Pending | State::Waits))
    }),
    asked("deletion_never_starts", Attribute::State, never_starts),
    asked("not_usable", Attribute::State, |world| any(world, |fact| fact.state == State::Disabled)),
    asked("pending_import", Attribute::State, |world| any(world, |fact| fact.state == State::Import)),
    asked("material_expiry", Attribute::Ends, expiry),
    asked("moving_long", Attribute::State, moving_long),
    asked("no_replica", Attribute::State, no_replica),
    asked("policy_drift", Attribute::Policy, |world| differ(world, |fact| Some(fact.policy))),
    asked("default_policy_replica", Attribute::Policy, default_replica),
    asked("open_policy", Attribute::Policy, |world| any(world, |fact| fact.policy == 3)),
    asked("unmanageable_policy", Attribute::Policy, |world| any(world, |fact| fact.policy == 4)),
    asked("rotation_off", Attribute::State, rotation_off),
    asked("rotation_not_synchronised", Attribute::Material, |world| {
        differ(world, |fact| (!fact.state.is_creating() && fact.state != State::Import).then_some(fact.material))
    }),
    asked("tags_drift", Attribute::Tags, |world| differ(world, |fact| Some(fact.tags))),
    asked("alias_drift", Attribute::Aliases, |world| differ(world, |fact| Some(fact.aliases))),
    asked("description_drift", Attribute::Description, |world| differ(world, |fact| Some(fact.description))),
];

fn verdict(fails: bool) -> Verdict {
    if fails { Verdict::Fail } else { Verdict::Pass }
}

fn any(world: &World, fails: impl Fn(&Fact) -> bool) -> Verdict {
    verdict(world.inside().any(fails))
}

/// Some two members that have the thing have it differently.
fn differ(world: &World, value: impl Fn(&Fact) -> Option<u8>) -> Verdict {
    let values: Vec<u8> = world.inside().filter_map(value).collect();
    verdict(values.iter().any(|one| *one != values[0]))
}

fn never_starts(world: &World) -> Verdict {
    let waits = |at: usize| world.members[at].is_some_and(|fact| fact.state == State::Waits);
    let Some(primary) = world.primary.filter(|at| waits(*at)) else { return Verdict::Pass };
    let others = (0..=BEYOND).filter(|at| *at != primary).filter_map(|at| world.members[at]);
    verdict(others.into_iter().any(|fact| fact.state != State::Pending))
}

fn expiry(world: &World) -> Verdict {
    let has_material = |fact: &&Fact| matches!(fact.state, State::Enabled | State::Disabled | State::Updating);
    let ends: Vec<u8> = world.inside().filter(has_material).map(|fact| fact.ends).collect();
    verdict(world.is_external && ends.iter().any(|one| *one == 1 || *one != ends[0]))
}

fn moving_long(world: &World) -> Verdict {
    let has = |state: State| world.inside().any(|fact| fact.state == state);
    match (has(State::CreatingLong), has(State::Updating)) {
        (true, _) => Verdict::Fail,
        (false, true) => Verdict::Unknown,
        (false, false) => Verdict::Pass,
    }
}

fn no_replica(world: &World) -> Verdict {
    match (world.members.iter().flatten().count(), world.primary) {
        _ if world.has_replica => Verdict::Pass,
        (1, Some(_)) => Verdict::Fail,
        (1, None) => Verdict::Unknown,
        _ => Verdict::Pass,
    }
}

fn default_replica(world: &World) -> Verdict {
    let Some(primary) = world.primary else {
        let has = |is_default: bool| world.inside().any(|fact| (fact.policy == 0) == is_default);
        return if has(true) && has(false) { Verdict::Unknown } else { Verdict::Pass };
    };
    let is_hardened = world.members[primary].is_some_and(|fact| fact.policy != 0);
    let replicas = (0..BEYOND).filter(|at| *at != primary).filter_map(|at| world.members[at]);
    verdict(is_hardened && replicas.into_iter().any(|fact| fact.policy == 0))
}

fn rotation_off(world: &World) -> Verdict {
    let dying = |at: usize| world.members[at].is_some_and(|fact| matches!(fact.state, State::Pending | State::Waits));
    verdict(!world.is_external && !world.rotates && !world.primary.is_some_and(dying))
}

/// What one clause of a rule says.
pub(super) fn of_clause(rule: &Rule, clause: &Clause, world: &World) -> Verdict {
    match clause {
        Clause::Match => Verdict::Pass,
        Clause::Required(pattern) => required(pattern, world),
        Clause::Forbidden => forbidden(rule, world),
        Clause::MinRelated => enough(rule.min_related.unwrap_or_default(), world),
        Clause::Primary => match world.primary {
            None => Verdict::Unknown,
            Some(at) => verdict(!rule.primary.iter().any(|pattern| pattern.matches(&named(at)))),
        },
    }
}

fn named(at: usize) -> Region {
    region(REGIONS.get(at).copied().unwrap_or("sa-east-1"))
}

fn required(pattern: &RegionPattern, world: &World) -> Verdict {
    let there: Vec<Fact> =
        (0..BEYOND).filter(|at| pattern.matches(&named(*at))).filter_map(|at| world.members[at]).collect();
    if there.iter().any(|fact| fact.state.is_usable()) {
        Verdict::Pass
    } else if there.iter().any(|fact| fact.state.is_creating()) {
        Verdict::Unknown
    } else {
        Verdict::Fail
    }
}

fn forbidden(rule: &Rule, world: &World) -> Verdict {
    let has = |patterns: &[RegionPattern], at: usize| patterns.iter().any(|pattern| pattern.matches(&named(at)));
    verdict(
        (0..BEYOND)
            .filter(|at| world.members[*at].is_some())
            .any(|at| has(&rule.forbidden, at) || !rule.allowed.is_empty() && !has(&rule.allowed, at)),
    )
}

fn enough(least: u32, world: &World) -> Verdict {
    let count = |counts: fn(&Fact) -> bool| u32::try_from(world.inside().filter(|fact| counts(fact)).count()).unwrap();
    if count(|fact| fact.state.is_usable()) >= least {
        Verdict::Pass
    } else if count(|fact| fact.state.is_usable() || fact.state.is_creating()) >= least {
        Verdict::Unknown
    } else {
        Verdict::Fail
    }
}

/// What a rule's match asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Match {
    Disabled,
    NotDisabled,
    There,
    Missing,
    Replica,
}

impl Match {
    pub(super) const ALL: [Match; 5] =
        [Match::Disabled, Match::NotDisabled, Match::There, Match::Missing, Match::Replica];

    pub(super) fn text(self) -> &'static str {
        match self {
            Match::Disabled => "state:disabled",
            Match::NotDisabled => "!state:disabled",
            Match::There => "region:eu-west-1",
            Match::Missing => "missing:eu-west-1",
            Match::Replica => "role:replica",
        }
    }
}

pub(super) fn of_match(asked: Match, world: &World) -> bool {
    let is_disabled = || world.inside().any(|fact| fact.state == State::Disabled);
    match asked {
        Match::Disabled => is_disabled(),
        Match::NotDisabled => !is_disabled(),
        Match::There => world.members[1].is_some(),
        Match::Missing => world.members[1].is_none(),
        Match::Replica => (0..BEYOND).any(|at| world.members[at].is_some() && world.primary != Some(at)),
    }
}
