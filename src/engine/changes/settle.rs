//! After the request: a change that was accepted is followed until the key settles, one whose reply was lost is read until it is known what happened.
//!
//! A negative read never proves that a change was not applied: it may be late. And a read of the former state after a change of our own is "not visible yet".

use std::time::Duration;

use super::{Ask, Changes, Waiter};
use crate::domain::fleet::Fleet;
use crate::domain::id::Region;
use crate::domain::key::{KeyState, RegionalKey, Role};
use crate::domain::plan::{Change, Claim, Outcome, RecordKind};
use crate::domain::reading::Asked;
use crate::domain::text::{Foreign, Safe, safe};
use crate::domain::time::Now;
use crate::engine::change::{StepPhase, StepStatus};
use crate::engine::effect::{ChangeId, Effect};
use crate::engine::planning;

/// What one look at the key says of a change.
enum Sight {
    /// The key is as the change leaves it, for good.
    Settled(Safe),
    /// The change can be seen, and the key is still on its way.
    Moving(Safe),
    /// Nothing of the change can be seen.
    NotVisible(Safe),
}

impl Changes {
    /// The next look at a step's key is due.
    pub(super) fn look_again(&mut self, (id, index): (ChangeId, usize), asked: Asked) -> Vec<Ask> {
        let Some(step) = self.running.get_mut(&id).and_then(|running| running.status.steps.get_mut(index)) else {
            return Vec::new();
        };
        step.tracking.next_read = None;
        let reads = planning::reads_of_outcome(step.key.login, &step.mutation);
        let number = self.awaited.wait(Waiter { change: id, step: Some(index) }, &reads, asked);
        step.tracking.awaited = number;
        step.tracking.asked_after = asked;
        vec![Ask::Read(reads)]
    }

    /// All that a step waited for was read: it may be sent, or its key is looked at.
    pub(super) fn step_was_read(&mut self, now: Now, fleet: &Fleet, (id, index): (ChangeId, usize)) -> Vec<Ask> {
        let Some(running) = self.running.get_mut(&id) else { return Vec::new() };
        let Some(step) = running.status.steps.get_mut(index) else { return Vec::new() };
        let mut asks = match step.phase {
            StepPhase::ReadingAgain => {
                step.tracking.read_again_at = Some(now);
                Vec::new()
            }
            StepPhase::Following { .. } | StepPhase::Reconciling { .. } => step.look(now, fleet, id),
            StepPhase::Waiting | StepPhase::Recording | StepPhase::Sending { .. } | StepPhase::Ended => {
                return Vec::new();
            }
        };
        running.end_if_over(now);
        asks.push(Ask::Advance(id));
        asks
    }
}

impl StepStatus {
    /// Sets the time of the next look: after 1, 2, 4 … seconds, ten at most while following and two minutes while reconciling.
    pub(super) fn schedule(&mut self, now: Now) {
        let longest = if matches!(self.phase, StepPhase::Following { .. }) { 10 } else { 120 };
        let rounds = self.tracking.rounds;
        let seconds = 1_u64.checked_shl(rounds).unwrap_or(longest).min(longest);
        self.tracking.rounds = rounds.saturating_add(1);
        let at = now.monotonic + Duration::from_secs(seconds);
        match &mut self.phase {
            StepPhase::Following { next_read, .. } | StepPhase::Reconciling { next_read, .. } => {
                *next_read = Some(at);
                self.tracking.next_read = Some(at);
            }
            StepPhase::Waiting
            | StepPhase::ReadingAgain
            | StepPhase::Recording
            | StepPhase::Sending { .. }
            | StepPhase::Ended => {}
        }
    }

    /// Looks at what was read, and ends or goes on.
    fn look(&mut self, now: Now, fleet: &Fleet, id: ChangeId) -> Vec<Ask> {
        let reconciling = matches!(self.phase, StepPhase::Reconciling { .. });
        match self.sight(fleet) {
            Sight::Settled(words) => {
                let asks = if reconciling { self.reconciled(id, &words) } else { Vec::new() };
                if let Some(claim) = self.claim.as_mut().filter(|_| !reconciling) {
                    claim.detail = words;
                }
                self.settled = true;
                self.tracking.visible = true;
                self.phase = StepPhase::Ended;
                asks
            }
            Sight::Moving(words) if reconciling => {
                let asks = self.reconciled(id, &words);
                self.tracking.visible = true;
                self.tracking.rounds = 0;
                self.phase = StepPhase::Following { since: now.wall, words, next_read: None };
                self.schedule(now);
                asks
            }
            Sight::Moving(words) => {
                self.tracking.visible = true;
                self.say(words);
                self.schedule(now);
                Vec::new()
            }
            Sight::NotVisible(words) => {
                self.say(words);
                self.schedule(now);
                Vec::new()
            }
        }
    }

    fn say(&mut self, said: Safe) {
        match &mut self.phase {
            StepPhase::Following { words, .. } | StepPhase::Reconciling { words, .. } => *words = said,
            StepPhase::Waiting
            | StepPhase::ReadingAgain
            | StepPhase::Recording
            | StepPhase::Sending { .. }
            | StepPhase::Ended => {}
        }
    }

    /// What was unknown is known: applied.
    fn reconciled(&mut self, change: ChangeId, words: &Safe) -> Vec<Ask> {
        let (Some(intent), Some(former)) = (self.tracking.intent.clone(), self.claim.clone()) else {
            return Vec::new();
        };
        let claim = Claim {
            outcome: Outcome::Done,
            detail: safe!("{words} (seen by reading; the reply was lost, so who did it is not proved)"),
            ..former
        };
        self.claim = Some(claim.clone());
        self.tracking.outcome_is_being_recorded = true;
        vec![Ask::Effect(Effect::RecordOutcome { change, intent, kind: RecordKind::Reconciled, claim })]
    }

    fn sight(&self, fleet: &Fleet) -> Sight {
        let own = self.seen(fleet, &self.mutation.arn.region);
        let other = self.mutation.change.target().and_then(|to| self.seen(fleet, to));
        match &self.mutation.change {
            Change::ReplicateKey { to, .. } => replicated(to, other),
            Change::UpdatePrimaryRegion { to } => promoted(&self.mutation.arn.region, to, own, other),
            Change::CancelKeyDeletion => cancelled(own),
            Change::EnableKey => enabled(own),
            Change::CreateAlias { alias } => self.aliased(fleet, alias),
        }
    }

    /// The member as it was described by a question asked after the request.
    fn seen<'a>(&self, fleet: &'a Fleet, region: &Region) -> Option<&'a RegionalKey> {
        let described = &fleet.member(&self.key, region)?.described;
        described.asked().filter(|asked| *asked > self.tracking.asked_after)?;
        // An answer that is not AWS's, or says no state, proves nothing.
        let is_sound = |key: &&RegionalKey| key.oddities.is_empty() && key.state != KeyState::Missing;
        described.fresh().map(AsRef::as_ref).filter(is_sound)
    }

    fn aliased(&self, fleet: &Fleet, alias: &Foreign) -> Sight {
        let region = &self.mutation.arn.region;
        let aliases = fleet.region(&self.key.place(region)).map(|facts| &facts.aliases);
        let listed = aliases.filter(|aliases| aliases.asked().is_some_and(|asked| asked > self.tracking.asked_after));
        let Some(listed) = listed.and_then(|aliases| aliases.fresh()) else {
            return Sight::NotVisible(safe!("the aliases of {region} have not been read"));
        };
        if listed.get(self.key.id.as_str()).is_some_and(|names| names.contains(alias)) {
            return Sight::Settled(safe!("{} points to it in {region}", alias.safe()));
        }
        Sight::NotVisible(safe!("{} is not visible in {region} yet", alias.safe()))
    }
}

fn replicated(to: &Region, replica: Option<&RegionalKey>) -> Sight {
    let Some(replica) = replica else {
        return Sight::NotVisible(safe!("not visible in {to} yet"));
    };
    match &replica.state {
        KeyState::Creating => Sight::Moving(Safe::from_static("Creating")),
        KeyState::PendingImport => {
            Sight::Settled(safe!("the replica in {to} waits for its key material to be imported (PendingImport)"))
        }
        KeyState::Enabled
        | KeyState::Disabled
        | KeyState::PendingDeletion
        | KeyState::PendingReplicaDeletion
        | KeyState::Unavailable
        | KeyState::Updating
        | KeyState::Other(_)
        | KeyState::Missing => Sight::Settled(safe!("the replica in {to} is {}", replica.state.safe())),
    }
}

fn promoted(from: &Region, to: &Region, old: Option<&RegionalKey>, new: Option<&RegionalKey>) -> Sight {
    let (Some(old), Some(new)) = (old, new) else {
        return Sight::NotVisible(safe!("{from} and {to} have not both been read"));
    };
    let updating = old.state == KeyState::Updating || new.state == KeyState::Updating;
    let says_new = |key: &RegionalKey| key.primary.as_ref().is_some_and(|primary| primary.region == *to);
    if !updating && says_new(old) && says_new(new) && new.role == Some(Role::Primary) && old.role == Some(Role::Replica)
    {
        return Sight::Settled(safe!("{to} is the primary key, {from} a replica key"));
    }
    // The target's own word counts: the old primary is Updating too when somebody promotes another replica.
    if new.state == KeyState::Updating || says_new(old) || says_new(new) {
        let primaries = [old, new].iter().filter(|key| key.role == Some(Role::Primary)).count();
        let words = if primaries == 0 { "UPDATING, no primary: moving" } else { "UPDATING" };
        return Sight::Moving(Safe::from_static(words));
    }
    Sight::NotVisible(safe!("{from} still says that it is the primary"))
}

fn cancelled(own: Option<&RegionalKey>) -> Sight {
    match own {
        Some(key) if !key.state.is_pending_deletion() => {
            Sight::Settled(safe!("no longer pending deletion: {}. E enables it", key.state.safe()))
        }
        Some(key) => Sight::NotVisible(safe!("still read as {}: not visible yet", key.state.safe())),
        None => Sight::NotVisible(Safe::from_static("not read yet")),
    }
}

fn enabled(own: Option<&RegionalKey>) -> Sight {
    match own {
        Some(key) if key.state == KeyState::Enabled => Sight::Settled(Safe::from_static("Enabled")),
        Some(key) => Sight::NotVisible(safe!("still read as {}: not visible yet", key.state.safe())),
        None => Sight::NotVisible(Safe::from_static("not read yet")),
    }
}
