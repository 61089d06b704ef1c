//! What must hold before a step is sent, each with what is known of it.

use super::{Facts, key_policy};
use crate::domain::fleet::presence::Presence;
use crate::domain::id::Region;
use crate::domain::key::{KeyState, Role};
use crate::domain::plan::{Change, Identity, Mutation, Precondition, Verdict};
use crate::domain::reading::ReasonKind;
use crate::domain::text::{Foreign, Safe, safe};
use crate::engine::change::{Options, PolicyChoice};

/// Everything that must hold. `later` is asked of a step that an earlier one prepares: what that one brings about is not there yet.
pub(super) fn conditions(facts: Facts<'_>, mutation: &Mutation, identity: &Identity, later: bool) -> Vec<Precondition> {
    let mut conditions = vec![same_account(mutation, identity)];
    match &mutation.change {
        Change::ReplicateKey { to, .. } => {
            conditions.push(state_is(facts, &mutation.arn.region, "primary", &[KeyState::Enabled]));
            conditions.push(target_is_free(facts, to));
            conditions.push(same_partition(mutation));
            conditions.push(not_a_custom_store(facts, &mutation.arn.region));
            conditions.extend(key_policy::conditions(mutation, identity));
        }
        Change::UpdatePrimaryRegion { to } => {
            conditions.push(state_is(facts, &mutation.arn.region, "primary", &[KeyState::Enabled]));
            conditions.push(state_is(facts, to, "replica", &[KeyState::Enabled]));
            conditions.push(is_a_replica(facts, to));
        }
        Change::CancelKeyDeletion => {
            let pending = [KeyState::PendingDeletion, KeyState::PendingReplicaDeletion];
            conditions.push(state_is(facts, &mutation.arn.region, "key", &pending));
        }
        Change::EnableKey if later => {
            conditions.push(later_on(safe!("{} is Disabled, once step 1 is done", mutation.arn.region)));
        }
        Change::EnableKey => {
            conditions.push(state_is(facts, &mutation.arn.region, "key", &[KeyState::Disabled]));
        }
        Change::CreateAlias { alias } => conditions.push(alias_is_free(facts, &mutation.arn.region, alias)),
    }
    conditions
}

fn condition(holds: bool, text: Safe) -> Precondition {
    Precondition { text, result: if holds { Verdict::Pass } else { Verdict::Fail }, blocks: true }
}

fn same_account(mutation: &Mutation, identity: &Identity) -> Precondition {
    let (own, other) = (mutation.arn.account, identity.account);
    condition(own == other, safe!("the key's account {own} is the caller's ({other})"))
}

/// What only an earlier step brings about cannot be known yet.
fn later_on(text: Safe) -> Precondition {
    Precondition { text, result: Verdict::Unknown, blocks: false }
}

fn state_is(facts: Facts<'_>, region: &Region, what: &'static str, states: &[KeyState]) -> Precondition {
    let state = facts.described(region).map(|key| &key.state);
    let names: Vec<&str> = states.iter().map(KeyState::name).collect();
    let wanted = names.join(" or ");
    match state {
        Some(state) if states.contains(state) => condition(true, safe!("{what} in {region} is {}", state.safe())),
        Some(state) => condition(false, safe!("{what} in {region} is {}, must be {wanted}", state.safe())),
        None => Precondition {
            text: safe!("{what} in {region} must be {wanted}: not known"),
            result: Verdict::Unknown,
            blocks: true,
        },
    }
}

/// The target must have been listed completely and hold no member; DescribeKey there must not find one either.
fn target_is_free(facts: Facts<'_>, to: &Region) -> Precondition {
    match facts.presence(to) {
        Presence::Absent(_) => condition(true, safe!("{to} is readable and the key is absent there")),
        Presence::Present(present) if present.state().is_pending_deletion() => {
            condition(false, safe!("{to} holds a replica that is pending deletion: cancel that instead (K on it)"))
        }
        Presence::Present(present) => {
            condition(false, safe!("{to} already holds a related key ({})", present.state().safe()))
        }
        Presence::Unknown(unknown) => Precondition {
            text: safe!("whether {to} holds a related key is not known: {}", unknown.why.kind.words()),
            result: if unknown.why.kind == ReasonKind::Contradiction { Verdict::Fail } else { Verdict::Unknown },
            blocks: true,
        },
    }
}

fn same_partition(mutation: &Mutation) -> Precondition {
    let to = mutation.concerns();
    let holds = to.partition() == mutation.arn.partition;
    condition(holds, safe!("{} and {to} are of one partition", mutation.arn.region))
}

fn not_a_custom_store(facts: Facts<'_>, region: &Region) -> Precondition {
    let origin = facts.described(region).map(|key| &key.origin);
    let origin = origin.map_or("", Foreign::original);
    let holds = !matches!(origin, "AWS_CLOUDHSM" | "EXTERNAL_KEY_STORE");
    condition(holds, Safe::from_static("the key is not in a custom key store"))
}

fn is_a_replica(facts: Facts<'_>, region: &Region) -> Precondition {
    condition(facts.role(region) == Some(Role::Replica), safe!("the key in {region} is a replica of this primary"))
}

/// One alias name stands for one key in a Region, so nobody else may have it there.
fn alias_is_free(facts: Facts<'_>, region: &Region, alias: &Foreign) -> Precondition {
    let aliases = facts.fleet.region(&facts.key.place(region)).and_then(|known| known.aliases.fresh());
    let Some(aliases) = aliases else {
        return Precondition {
            text: safe!("whether {} is taken in {region} is not known: its aliases could not be read", alias.safe()),
            result: Verdict::Unknown,
            blocks: true,
        };
    };
    let taken = aliases.values().any(|names| names.contains(alias));
    condition(!taken, safe!("no key in {region} is called {}", alias.safe()))
}

/// Where the primary's policy names a Region, copying it to the letter is a decision that somebody must take.
pub(super) fn policy_is_chosen(facts: Facts<'_>, mutation: &Mutation, options: &Options) -> Option<Precondition> {
    let Change::ReplicateKey { to, .. } = &mutation.change else { return None };
    let from = &mutation.arn.region;
    let bound = key_policy::bound_to(facts.policy(from)?, from);
    let places = if bound == 1 { "place" } else { "places" };
    (bound > 0 && options.policy == PolicyChoice::Copy).then(|| {
        let choices = safe!("verbatim, rewritten for {to}, or the default policy");
        condition(false, safe!("the policy means {from} in {bound} {places}: choose {choices}"))
    })
}
