//! Between the confirmation and the first request: whose credentials these are, and whether every key is still as the plan saw it.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use super::{Ask, Changes, Running, count};
use crate::domain::fleet::{Fleet, KeyRef};
use crate::domain::id::Region;
use crate::domain::plan::{Claim, Identity, Outcome, Plan, Step};
use crate::domain::reading::{Asked, Reason};
use crate::domain::text::{Foreign, Safe, safe};
use crate::domain::time::Now;
use crate::engine::change::{Phase, StepPhase, StepStatus, Unsent};
use crate::engine::effect::{ChangeId, Effect};
use crate::engine::planning::{self, Facts, Needed};

/// Without an answer for this long, the next Region's STS is asked too.
const STS_PATIENCE: Duration = Duration::from_secs(1);

impl Changes {
    /// The operator confirmed. Identity first, by credentials that are resolved now and held.
    pub(crate) fn confirm(&mut self, now: Now, id: ChangeId, run: Arc<str>) -> Vec<Ask> {
        let Some(running) = self.running.get_mut(&id) else { return Vec::new() };
        let Some(plan) = running.status.plan.clone().filter(|_| running.status.phase == Phase::Ready) else {
            return Vec::new();
        };
        if plan.blocked_by().is_some() || plan.expires_at <= now.wall {
            return Vec::new();
        }
        if running.status.steps.is_empty() {
            running.status.steps = statuses(&plan, &[]);
        }
        running.status.phase = Phase::CheckingIdentity;
        running.run = run;
        vec![Ask::Effect(Effect::Freeze { change: id, login: plan.login })]
    }

    /// The credentials are held, or could not be had.
    pub(crate) fn frozen(
        &mut self,
        now: Now,
        id: ChangeId,
        result: Result<(), Reason>,
        regions: Vec<Region>,
    ) -> Vec<Ask> {
        let Some(running) = self.checking_identity(id) else { return Vec::new() };
        match result {
            Ok(()) => {
                running.sts = regions;
                running.sts.reverse();
                running.ask_sts(now)
            }
            Err(why) => {
                let words = safe!("no credentials: {}. {}", why.kind.words(), why.next_step);
                running.none_is_sent(now, Unsent::Guard, &words)
            }
        }
    }

    /// The STS of a Region said who the held credentials are.
    pub(crate) fn identified(
        &mut self,
        now: Now,
        (id, asked): (ChangeId, Asked),
        result: Result<Identity, Reason>,
    ) -> Vec<Ask> {
        let Some(running) = self.checking_identity(id) else { return Vec::new() };
        let Some(plan) = running.status.plan.clone() else { return Vec::new() };
        match result {
            Ok(identity) => {
                if let Some(why) = disagreement(&plan, &identity) {
                    return running.none_is_sent(now, Unsent::Guard, &why);
                }
                running.identity = Some(identity);
                self.read_again(now, id, asked)
            }
            Err(why) => {
                running.sts_asked = running.sts_asked.saturating_sub(1);
                if !running.sts.is_empty() {
                    return running.ask_sts(now);
                }
                if running.sts_asked > 0 {
                    return Vec::new();
                }
                let words = safe!("no STS would say who this is: {}. {}", why.kind.words(), why.next_step);
                running.none_is_sent(now, Unsent::Guard, &words)
            }
        }
    }

    fn checking_identity(&mut self, id: ChangeId) -> Option<&mut Running> {
        self.running.get_mut(&id).filter(|running| running.status.phase == Phase::CheckingIdentity)
    }

    /// Every key is read again before the first request, also those whose turn comes last.
    fn read_again(&mut self, now: Now, id: ChangeId, asked: Asked) -> Vec<Ask> {
        let Some(running) = self.running.get_mut(&id) else { return Vec::new() };
        running.sts_next = None;
        running.sts.clear();
        let login = running.status.plan.as_ref().map(|plan| plan.login);
        let open = running.status.steps.iter().filter(|step| step.phase == StepPhase::Waiting);
        let mut reads: Vec<Needed> = login
            .into_iter()
            .flat_map(|login| open.clone().flat_map(move |step| planning::reads_of_step(login, &step.mutation)))
            .collect();
        reads.sort();
        reads.dedup();
        running.status.phase = Phase::ReadingAgain { read: 0, of: count(reads.len()) };
        if reads.is_empty() {
            running.status.phase = Phase::Applying;
            running.end_if_over(now);
            return vec![Ask::Advance(id)];
        }
        self.wait_for_all(id, reads, asked)
    }
}

impl Running {
    pub(super) fn ask_sts(&mut self, now: Now) -> Vec<Ask> {
        let Some(region) = self.sts.pop() else {
            self.sts_next = None;
            return Vec::new();
        };
        self.sts_asked += 1;
        self.sts_next = (!self.sts.is_empty()).then(|| now.monotonic + STS_PATIENCE);
        vec![Ask::Effect(Effect::Identify { change: self.status.id, region })]
    }

    /// Compares every key with the plan, by value. If one differs, nothing of the whole run is sent.
    pub(super) fn compare(&mut self, now: Now, fleet: &Fleet) -> Vec<Ask> {
        let Some(plan) = self.status.plan.clone() else { return Vec::new() };
        let differences: Vec<(u32, Safe)> = plan
            .steps
            .iter()
            .filter(|step| self.is_compared(step))
            .filter_map(|step| Some((step.number, self.difference(fleet, &plan, step)?)))
            .collect();
        let Some((first, _)) = differences.first() else {
            self.status.phase = Phase::Applying;
            for step in &mut self.status.steps {
                step.tracking.read_again_at = Some(now);
            }
            return vec![Ask::Advance(self.status.id)];
        };
        let others = safe!("step {first} is not as the plan saw it, so nothing of this plan was sent");
        let why = |number: u32| {
            let own = differences.iter().find(|(differs, _)| *differs == number);
            own.map_or_else(|| others.clone(), |(_, why)| safe!("the key is not as the plan saw it: {why}"))
        };
        for step in &mut self.status.steps {
            if step.phase == StepPhase::Waiting {
                step.not_sent(Unsent::Changed, why(step.number));
            }
        }
        self.release(now)
    }

    /// A step that an earlier one of this run prepares cannot be compared before that one is done.
    fn is_compared(&self, step: &Step) -> bool {
        let waits = self.status.step(step.number).is_some_and(|status| status.phase == StepPhase::Waiting);
        let is_done = |number: &u32| self.status.step(*number).and_then(StepStatus::outcome) == Some(Outcome::Done);
        waits && step.after.iter().all(is_done)
    }

    pub(super) fn difference(&self, fleet: &Fleet, plan: &Plan, step: &Step) -> Option<Safe> {
        let key = KeyRef { login: plan.login, id: step.mutation.arn.id.clone() };
        let identity = self.identity.as_ref().unwrap_or(&plan.identity);
        planning::check(Facts::of(fleet, &key), step, &self.made(&key), identity).err()
    }

    /// The Regions into which earlier steps of this run have replicated the key.
    fn made(&self, key: &KeyRef) -> BTreeSet<Region> {
        let done = self.status.steps.iter().filter(|step| step.key == *key && step.outcome() == Some(Outcome::Done));
        done.filter(|step| step.operation() == crate::domain::plan::Operation::ReplicateKey)
            .map(|step| step.mutation.concerns().clone())
            .collect()
    }

    /// The end of a run of which nothing has left.
    pub(super) fn none_is_sent(&mut self, now: Now, unsent: Unsent, why: &Safe) -> Vec<Ask> {
        for step in &mut self.status.steps {
            if step.is_to_be_sent() {
                step.not_sent(unsent, why.clone());
            }
        }
        self.sts_next = None;
        self.release(now)
    }
}

/// Every step as it is before the confirmation.
pub(super) fn statuses(plan: &Plan, over: &[(u32, Claim)]) -> Vec<StepStatus> {
    plan.steps.iter().map(|step| status_of(plan, step, over)).collect()
}

fn status_of(plan: &Plan, step: &Step, over: &[(u32, Claim)]) -> StepStatus {
    let key = KeyRef { login: plan.login, id: step.mutation.arn.id.clone() };
    let mut status = StepStatus::new(step.number, step.after.clone(), key, step.mutation.clone());
    if let Some((_, claim)) = over.iter().find(|(number, _)| *number == step.number) {
        status.claim = Some(claim.clone());
        status.phase = StepPhase::Ended;
        status.tracking.is_of_earlier = true;
        status.settled = claim.outcome == Outcome::Done;
        status.tracking.visible = claim.outcome == Outcome::Done;
    }
    status
}

/// Why these credentials are not those that the plan was made for.
fn disagreement(plan: &Plan, identity: &Identity) -> Option<Safe> {
    let foreign = plan.steps.iter().map(|step| step.mutation.arn.account).find(|account| *account != identity.account);
    let same_caller = principal(&identity.caller_arn) == principal(&plan.identity.caller_arn);
    if foreign.is_none() && identity.account == plan.identity.account && same_caller {
        return None;
    }
    Some(safe!(
        "the credentials are now of {} in {}, the plan was made for {} in {}",
        identity.caller_arn.safe(),
        identity.account,
        plan.identity.caller_arn.safe(),
        plan.identity.account
    ))
}

/// Who a caller ARN speaks of. An assumed role's session may have another name each time credentials are resolved, so it is the role that counts.
fn principal(caller_arn: &Foreign) -> &str {
    let arn = caller_arn.original();
    if arn.contains(":assumed-role/") { arn.rsplit_once('/').map_or(arn, |(role, _session)| role) } else { arn }
}
