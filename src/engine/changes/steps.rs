//! One step after another: its turn, the record, the one request, the claim. A step goes only after those it builds on are done, and nothing goes after an unknown.

use std::sync::Arc;
use std::time::Duration;

use super::{Ask, Changes, Running};
use crate::domain::fleet::Fleet;
use crate::domain::id::{Place, Region};
use crate::domain::plan::{Change, Claim, Intent, Operation, Outcome, RecordKind, Reply};
use crate::domain::reading::Asked;
use crate::domain::text::{Foreign, Safe, safe};
use crate::domain::time::Now;
use crate::engine::change::{Phase, StepPhase, StepStatus, Unsent};
use crate::engine::effect::{ChangeId, Effect};
use crate::engine::message::RecordError;
use crate::engine::outcome;
use crate::engine::pace::{Pace, Paced};
use crate::engine::planning::{self, Needed};

/// A key that was read longer ago than this is read once more before its step is sent.
const GOOD_FOR: Duration = Duration::from_secs(5);

/// A key that is read as it was before the step that this one builds on is looked at again after this long, and this often.
const LOOK_AGAIN: Duration = Duration::from_secs(2);
const LATE_ANSWERS: u32 = 60;

/// What a turn comes to.
pub(super) enum Turn {
    Done(Vec<Ask>),
    /// The key of this step must be read once more before it is sent.
    Read(usize, Vec<Needed>),
}

/// Whether the step whose turn it is may go.
enum May {
    Go(usize),
    /// Not yet.
    Wait,
    /// There is none left.
    Nothing,
}

impl Changes {
    /// A record is durable, or is not.
    pub(crate) fn recorded(
        &mut self,
        now: Now,
        id: ChangeId,
        kind: RecordKind,
        result: Result<(), RecordError>,
    ) -> Vec<Ask> {
        let Some(running) = self.running.get_mut(&id) else { return Vec::new() };
        if kind == RecordKind::Intent {
            return running.intent_recorded(now, result);
        }
        match result {
            Ok(()) => {
                for step in &mut running.status.steps {
                    step.tracking.outcome_is_being_recorded = false;
                }
                vec![Ask::Advance(id)]
            }
            Err(RecordError::Journal(why) | RecordError::Locked(why)) => {
                let unrecorded = running.status.steps.iter_mut().filter(|step| step.tracking.outcome_is_being_recorded);
                for step in unrecorded {
                    step.tracking.outcome_is_being_recorded = false;
                    step.unrecorded = Some(why.clone());
                }
                vec![Ask::TurnReadOnly]
            }
        }
    }

    /// Whoever waits for a change has waited long enough: what has not been sent is not sent.
    pub(crate) fn stop(&mut self, now: Now, id: ChangeId, why: &Safe) -> Vec<Ask> {
        self.running.get_mut(&id).map(|running| running.stop(now, Unsent::Stopped, why)).unwrap_or_default()
    }

    /// Records can no longer be made durable: what has been confirmed and has not left does not leave.
    pub(crate) fn stop_unsent(&mut self, now: Now) -> Vec<Ask> {
        let why = Safe::from_static("the journal cannot be written any more, so nothing else is sent");
        self.running.values_mut().flat_map(|running| running.stop(now, Unsent::Journal, &why)).collect()
    }

    /// The one request was answered, or its answer was lost.
    pub(crate) fn replied(&mut self, now: Now, (id, asked): (ChangeId, Asked), reply: &Reply) -> Vec<Ask> {
        let Some(running) = self.running.get_mut(&id) else { return Vec::new() };
        let mut steps = running.status.steps.iter_mut();
        let Some(step) = steps.find(|step| matches!(step.phase, StepPhase::Sending { .. })) else { return Vec::new() };
        let Some(intent) = step.tracking.intent.clone() else { return Vec::new() };
        let claim = outcome::claim(step.operation(), reply);
        step.tracking.asked_after = asked;
        step.tracking.outcome_is_being_recorded = true;
        let changed = Ask::Changed { key: step.key.clone(), region: step.mutation.concerns().clone() };
        step.take(now, &claim);
        let outcome = claim.outcome;
        let record = Effect::RecordOutcome { change: id, intent, kind: RecordKind::Outcome, claim };
        let mut asks = vec![Ask::Effect(record)];
        match outcome {
            Outcome::Done => asks.push(changed),
            Outcome::Unknown => {
                asks.push(changed);
                running.is_stopped = true;
            }
            Outcome::Failed | Outcome::NotSent => {}
        }
        running.stop_after(now, outcome);
        asks
    }
}

impl Running {
    fn intent_recorded(&mut self, now: Now, result: Result<(), RecordError>) -> Vec<Ask> {
        let id = self.status.id;
        let Some(step) = self.status.steps.iter_mut().find(|step| step.phase == StepPhase::Recording) else {
            return Vec::new();
        };
        match result {
            Ok(()) => {
                step.phase = StepPhase::Sending { since: now.wall };
                vec![Ask::Effect(Effect::Send { change: id })]
            }
            Err(RecordError::Locked(why)) => {
                self.stop(now, Unsent::Lock, &safe!("another keyfleet changes keys of this account: {why}"))
            }
            Err(RecordError::Journal(why)) => {
                let words = safe!("the journal cannot be written, so nothing was sent: {why}");
                let mut asks = self.stop(now, Unsent::Journal, &words);
                asks.push(Ask::TurnReadOnly);
                asks
            }
        }
    }

    /// The turn of the next step, as far as one may go now.
    pub(super) fn advance(&mut self, now: Now, fleet: &Fleet, pace: &mut Pace) -> Turn {
        self.give_up_hopeless();
        let index = match self.next() {
            May::Go(index) => index,
            May::Wait => return Turn::Done(Vec::new()),
            May::Nothing => return Turn::Done(self.release(now)),
        };
        let (Some(plan), Some(step)) = (self.status.plan.clone(), self.status.steps.get(index)) else {
            return Turn::Done(Vec::new());
        };
        let builds_on_another = step.phase == StepPhase::Waiting && !step.after.is_empty();
        if builds_on_another || !step.tracking.read_again_at.is_some_and(|at| is_fresh(at, now)) {
            return Turn::Read(index, planning::reads_of_step(plan.login, &step.mutation));
        }
        let number = step.number;
        let planned = plan.steps.iter().find(|planned| planned.number == number);
        let difference = planned.and_then(|planned| self.difference(fleet, &plan, planned));
        if difference.is_some() && self.is_late(fleet, index) {
            self.look_later(now, index);
            return Turn::Done(Vec::new());
        }
        if let Some(difference) = difference {
            self.leave_out(number, &difference);
            return self.advance(now, fleet, pace);
        }
        let Some(step) = self.status.steps.get(index) else { return Turn::Done(Vec::new()) };
        if let Err(later) = take(pace, now, plan.login, step) {
            self.send_at = Some(later);
            return Turn::Done(Vec::new());
        }
        Turn::Done(self.record(index))
    }

    /// Whether the key is read as it was before the step that this one builds on, which has been seen to be done: then the answer is late, not the key another.
    fn is_late(&self, fleet: &Fleet, index: usize) -> bool {
        let Some(step) = self.status.steps.get(index).filter(|step| !step.after.is_empty()) else { return false };
        let member = fleet.member(&step.key, &step.mutation.arn.region);
        let read = member.and_then(|member| member.described.fresh());
        step.tracking.rounds < LATE_ANSWERS && read.is_some_and(|key| key.state.is_pending_deletion())
    }

    fn look_later(&mut self, now: Now, index: usize) {
        self.send_at = Some(now.monotonic + LOOK_AGAIN);
        if let Some(step) = self.status.steps.get_mut(index) {
            step.tracking.rounds += 1;
            step.tracking.read_again_at = None;
            step.phase = StepPhase::Waiting;
        }
    }

    /// The step whose turn it is.
    fn next(&self) -> May {
        match self.status.phase {
            Phase::Applying => {}
            Phase::Ended => return May::Nothing,
            Phase::Preparing { .. }
            | Phase::Impossible { .. }
            | Phase::Ready
            | Phase::CheckingIdentity
            | Phase::ReadingAgain { .. } => return May::Wait,
        }
        let steps = &self.status.steps;
        let busy = |step: &StepStatus| {
            matches!(step.phase, StepPhase::Recording | StepPhase::Sending { .. })
                || step.tracking.outcome_is_being_recorded
                || (step.phase == StepPhase::ReadingAgain && step.tracking.awaited > 0)
        };
        if steps.iter().any(busy) {
            return May::Wait;
        }
        let waits = |step: &StepStatus| matches!(step.phase, StepPhase::Waiting | StepPhase::ReadingAgain);
        let Some(index) = steps.iter().position(waits) else { return May::Nothing };
        let visible = |number: &u32| self.status.step(*number).is_some_and(|before| before.tracking.visible);
        let ready = steps.get(index).is_some_and(|step| step.after.iter().all(visible));
        if ready && !self.status.is_paused { May::Go(index) } else { May::Wait }
    }

    /// What can no longer be sent is said not to be: a step whose forerunner is not done, what follows an unknown, what was denied there already.
    fn give_up_hopeless(&mut self) {
        let denied: Vec<(Operation, Region)> = self
            .status
            .steps
            .iter()
            .filter(|step| step.claim.as_ref().is_some_and(is_denied))
            .map(|step| (step.operation(), step.mutation.sent_to().clone()))
            .collect();
        let is_unknown = |step: &&StepStatus| step.outcome() == Some(Outcome::Unknown) && !step.tracking.is_of_earlier;
        let unknown = self.status.steps.iter().find(is_unknown);
        let unknown = unknown.map(|step| step.number);
        let failed: Vec<u32> = self
            .status
            .steps
            .iter()
            .filter(|step| match step.outcome() {
                Some(Outcome::Failed | Outcome::NotSent) => true,
                Some(Outcome::Unknown) => step.tracking.is_of_earlier,
                Some(Outcome::Done) | None => false,
            })
            .map(|step| step.number)
            .collect();
        let stopped = self.is_stopped;
        for step in &mut self.status.steps {
            if !matches!(step.phase, StepPhase::Waiting | StepPhase::ReadingAgain) {
                continue;
            }
            let place = (step.operation(), step.mutation.sent_to().clone());
            if let Some(number) = step.after.iter().find(|number| failed.contains(number)) {
                step.not_sent(Unsent::Stopped, safe!("it builds on step {number}, which is not known to be done"));
            } else if let Some(number) = unknown {
                step.not_sent(Unsent::Stopped, safe!("nothing is sent after step {number}, whose outcome is unknown"));
            } else if stopped {
                step.not_sent(Unsent::Stopped, "nothing is sent after an outcome that was unknown".into());
            } else if denied.contains(&place) {
                let (operation, region) = place;
                step.not_sent(Unsent::Stopped, safe!("{operation} has just been denied in {region}"));
            }
        }
    }

    /// The key changed after others of this run had been sent: this one is left out, the others go on.
    fn leave_out(&mut self, number: u32, why: &Safe) {
        let any_sent = self.status.steps.iter().any(|step| step.tracking.intent.is_some());
        let unsent = if any_sent { Unsent::ChangedLate } else { Unsent::Changed };
        if let Some(step) = self.status.steps.iter_mut().find(|step| step.number == number) {
            step.not_sent(unsent, safe!("the key is not as the plan saw it: {why}"));
        }
    }

    /// The intent is made durable before anything leaves.
    fn record(&mut self, index: usize) -> Vec<Ask> {
        let (Some(plan), Some(step)) = (self.status.plan.clone(), self.status.steps.get_mut(index)) else {
            return Vec::new();
        };
        let caller_arn = self.identity.as_ref().map_or(&plan.identity.caller_arn, |identity| &identity.caller_arn);
        let intent = Arc::new(Intent {
            id: format!("{}-{}", self.run, step.number).into(),
            plan: Arc::clone(&plan.id),
            step: step.number,
            account: plan.identity.account,
            caller_arn: caller_arn.clone(),
            mutation: step.mutation.clone(),
        });
        step.tracking.intent = Some(Arc::clone(&intent));
        step.phase = StepPhase::Recording;
        vec![Ask::Effect(Effect::RecordIntent { change: self.status.id, intent })]
    }

    /// The key of a step is being read.
    pub(super) fn note_waiting(&mut self, index: usize, number: usize, asked: Asked) {
        let Some(step) = self.status.steps.get_mut(index) else { return };
        step.tracking.awaited = number;
        step.tracking.asked_after = asked;
        if step.phase == StepPhase::Waiting {
            step.phase = StepPhase::ReadingAgain;
        }
    }

    fn stop_after(&mut self, now: Now, outcome: Outcome) {
        if outcome == Outcome::Unknown {
            self.give_up_hopeless();
        }
        self.end_if_over(now);
    }

    /// Nothing more of this change is sent.
    fn stop(&mut self, now: Now, unsent: Unsent, why: &Safe) -> Vec<Ask> {
        let confirmed = match self.status.phase {
            Phase::CheckingIdentity | Phase::ReadingAgain { .. } | Phase::Applying => true,
            Phase::Preparing { .. } | Phase::Impossible { .. } | Phase::Ready | Phase::Ended => false,
        };
        let unsent_steps = |step: &&mut StepStatus| {
            matches!(step.phase, StepPhase::Waiting | StepPhase::ReadingAgain | StepPhase::Recording)
        };
        let mut any = false;
        for step in self.status.steps.iter_mut().filter(unsent_steps) {
            step.not_sent(unsent, why.clone());
            any = true;
        }
        if confirmed && any { self.release(now) } else { Vec::new() }
    }

    /// Nothing is left to be sent: the credentials are let go of.
    pub(super) fn release(&mut self, now: Now) -> Vec<Ask> {
        if self.status.phase != Phase::Ended {
            self.status.phase = Phase::Applying;
        }
        self.end_if_over(now);
        if self.is_released || self.status.steps.iter().any(StepStatus::is_to_be_sent) {
            return Vec::new();
        }
        self.is_released = true;
        vec![Ask::Effect(Effect::Release { change: self.status.id })]
    }

    /// A change is over when each of its steps is.
    pub(super) fn end_if_over(&mut self, now: Now) {
        let over = self.status.steps.iter().all(|step| step.phase == StepPhase::Ended);
        if over && self.status.phase == Phase::Applying {
            self.status.phase = Phase::Ended;
            self.status.ended_at = Some(now.wall);
            self.send_at = None;
        }
    }
}

impl StepStatus {
    /// The end of a step that never left.
    pub(super) fn not_sent(&mut self, unsent: Unsent, detail: Safe) {
        self.claim = Some(Claim { outcome: Outcome::NotSent, code: None, request_id: None, detail });
        self.unsent = Some(unsent);
        self.phase = StepPhase::Ended;
        self.tracking.next_read = None;
    }

    /// What is claimed of it from now on, and what is done about it.
    pub(super) fn take(&mut self, now: Now, claim: &Claim) {
        self.claim = Some(claim.clone());
        match claim.outcome {
            Outcome::Done => {
                let words = Safe::from_static("accepted");
                self.phase = StepPhase::Following { since: now.wall, words, next_read: None };
                self.schedule(now);
            }
            Outcome::Unknown => {
                let words = Safe::from_static("reply lost: reading what happened");
                self.phase = StepPhase::Reconciling { since: now.wall, words, next_read: None };
                self.schedule(now);
            }
            Outcome::Failed => self.phase = StepPhase::Ended,
            Outcome::NotSent => {
                self.phase = StepPhase::Ended;
                self.unsent = Some(Unsent::NeverLeft);
            }
        }
    }
}

/// The right to send it now, or when to ask again. A replica costs its Region two CreateKey, a promotion one of each Region's own.
fn take(pace: &mut Pace, now: Now, login: crate::domain::id::Login, step: &StepStatus) -> Result<(), Duration> {
    let at = |region: &Region| Place::new(login, region.clone());
    let own = (at(step.mutation.sent_to()), Paced::Change(step.operation()));
    let other = match &step.mutation.change {
        Change::ReplicateKey { to, .. } => Some((at(to), Paced::ReplicaInto)),
        Change::UpdatePrimaryRegion { to } => Some((at(to), Paced::Change(Operation::UpdatePrimaryRegion))),
        Change::CancelKeyDeletion | Change::EnableKey | Change::CreateAlias { .. } => None,
    };
    pace.try_take_all(now.monotonic, &std::iter::once(own).chain(other).collect::<Vec<_>>())
}

/// Whether what was read then may be gone by now. After a sleep it may not.
fn is_fresh(at: Now, now: Now) -> bool {
    now.monotonic.saturating_sub(at.monotonic) <= GOOD_FOR && now.wall.since(at.wall) <= GOOD_FOR
}

fn is_denied(claim: &Claim) -> bool {
    claim.outcome == Outcome::Failed && claim.code.as_ref().map(Foreign::original) == Some("AccessDeniedException")
}
