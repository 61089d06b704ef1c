//! After the request: a change that was accepted is followed until the key settles, one whose reply was lost is read until it is known what happened.
//!
//! A negative read never proves that a change was not applied: it may be late. And a read of the former state after a change of our own is "not visible yet".

use std::time::Duration;

use super::{Ask, Running, count};
use crate::domain::fleet::Fleet;
use crate::domain::id::Region;
use crate::domain::key::{KeyState, RegionalKey, Role};
use crate::domain::plan::{Change, Claim, Mutation, Outcome, RecordKind};
use crate::domain::reading::Asked;
use crate::domain::text::{Safe, safe};
use crate::domain::time::Now;
use crate::engine::change::Phase;
use crate::engine::effect::{Effect, ReadRequest};

/// What one look at the key says of a change.
enum Sight {
    /// The key is as the change leaves it, for good.
    Settled(Safe),
    /// The change can be seen, and the key is still on its way.
    Moving(Safe),
    /// Nothing of the change can be seen.
    NotVisible(Safe),
}

impl Running {
    /// Sets the time of the next look: after 1, 2, 4 … seconds, ten at most while following and two minutes while reconciling.
    pub(super) fn schedule(&mut self, now: Now) {
        let longest = if matches!(self.status.phase, Phase::Following { .. }) { 10 } else { 120 };
        let seconds = 1_u64.checked_shl(self.rounds).unwrap_or(longest).min(longest);
        self.rounds = self.rounds.saturating_add(1);
        let at = now.monotonic + Duration::from_secs(seconds);
        self.next_read = Some(at);
        match &mut self.status.phase {
            Phase::Following { next_read, .. } | Phase::Reconciling { next_read, .. } => *next_read = Some(at),
            Phase::Preparing { .. }
            | Phase::Impossible { .. }
            | Phase::Ready
            | Phase::CheckingIdentity
            | Phase::ReadingAgain { .. }
            | Phase::Recording
            | Phase::Sending { .. }
            | Phase::Ended => {}
        }
    }

    /// The next look is due.
    pub(super) fn read_on(&mut self, _fleet: &Fleet, asked: Asked) -> Vec<Ask> {
        self.next_read = None;
        let Some(mutation) = self.mutation() else { return Vec::new() };
        let mut reads = vec![ReadRequest::DescribeKey { arn: mutation.arn.clone() }];
        if let Some(to) = mutation.change.target() {
            reads.push(ReadRequest::DescribeKey { arn: mutation.arn.in_region(to) });
        }
        self.all_reads = count(reads.len());
        self.await_reads(&reads, asked)
    }

    /// Looks at what was read, and ends or goes on.
    pub(super) fn look(&mut self, now: Now, fleet: &Fleet) -> Vec<Ask> {
        let Some(mutation) = self.mutation().cloned() else { return Vec::new() };
        let sight = self.sight(fleet, &mutation);
        let reconciling = matches!(self.status.phase, Phase::Reconciling { .. });
        match sight {
            Sight::Settled(words) if reconciling => {
                let mut asks = self.reconciled(&words);
                self.end(now);
                asks.push(Ask::Effect(Effect::Release { change: self.status.id }));
                asks
            }
            Sight::Settled(words) => {
                if let Some(claim) = &mut self.status.claim {
                    claim.detail = words;
                }
                self.end(now);
                vec![Ask::Effect(Effect::Release { change: self.status.id })]
            }
            Sight::Moving(words) if reconciling => {
                let asks = self.reconciled(&words);
                self.rounds = 0;
                self.status.phase = Phase::Following { since: now.wall, words, next_read: None };
                self.schedule(now);
                asks
            }
            Sight::Moving(words) | Sight::NotVisible(words) => {
                match &mut self.status.phase {
                    Phase::Following { words: shown, .. } | Phase::Reconciling { words: shown, .. } => *shown = words,
                    Phase::Preparing { .. }
                    | Phase::Impossible { .. }
                    | Phase::Ready
                    | Phase::CheckingIdentity
                    | Phase::ReadingAgain { .. }
                    | Phase::Recording
                    | Phase::Sending { .. }
                    | Phase::Ended => {}
                }
                self.schedule(now);
                Vec::new()
            }
        }
    }

    /// What was unknown is known: applied.
    fn reconciled(&mut self, words: &Safe) -> Vec<Ask> {
        let (Some(intent), Some(former)) = (self.intent.clone(), self.status.claim.clone()) else { return Vec::new() };
        let claim = Claim {
            outcome: Outcome::Done,
            detail: safe!("{words} (seen by reading; the reply was lost, so who did it is not proved)"),
            ..former
        };
        self.status.claim = Some(claim.clone());
        let change = self.status.id;
        vec![Ask::Effect(Effect::RecordOutcome { change, intent, kind: RecordKind::Reconciled, claim })]
    }

    fn sight(&self, fleet: &Fleet, mutation: &Mutation) -> Sight {
        let key = &self.status.want.key;
        let own = self.seen(fleet, &mutation.arn.region);
        let other = mutation.change.target().and_then(|to| self.seen(fleet, to));
        debug_assert_eq!(key.id, mutation.arn.id, "a change reads the key that it changes");
        match &mutation.change {
            Change::ReplicateKey { to, .. } => replicated(to, other),
            Change::UpdatePrimaryRegion { to } => promoted(&mutation.arn.region, to, own, other),
            Change::CancelKeyDeletion => cancelled(own),
            Change::EnableKey => enabled(own),
        }
    }

    /// The member as it was described by a question asked after the request.
    fn seen<'a>(&self, fleet: &'a Fleet, region: &Region) -> Option<&'a RegionalKey> {
        let described = &fleet.member(&self.status.want.key, region)?.described;
        described.asked().filter(|asked| *asked > self.asked_after)?;
        described.fresh().map(AsRef::as_ref)
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
