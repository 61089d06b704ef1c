//! The change machine: from the wish to the outcome, one state at a time, each effect answered by a message.
//!
//! Identity, then every key again, then the comparison; then for one step after another the record, and only then its one request. Nothing is sent twice: a
//! lost reply is followed by reading, however long it takes, and nothing more is sent after it.

mod awaited;
mod before;
mod open;
mod settle;
mod steps;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::change::{ChangeStatus, Phase, StepPhase, StepStatus, Want};
use super::effect::{ChangeId, Effect};
use super::pace::Pace;
use super::planning::{self, Needed};
use crate::domain::fleet::{Fleet, KeyRef};
use crate::domain::id::Region;
use crate::domain::plan::{Claim, Identity, Plan};
use crate::domain::reading::Asked;
use crate::domain::text::Safe;
use crate::domain::time::Now;
use awaited::{Awaited, Waiter};

/// Changes that are remembered after they ended.
const REMEMBERED: usize = 200;

/// What a change asks of the engine around it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ask {
    Effect(Effect),
    /// These reads, asked from now on, before everything else.
    Read(Vec<Needed>),
    /// A change of our own may have been applied: what was asked before is not knowledge about this key in this Region.
    Changed {
        key: KeyRef,
        region: Region,
    },
    /// The next step may go, if there is one and the pace grants it.
    Advance(ChangeId),
    /// Records cannot be made durable: nothing may be changed any more in this run.
    TurnReadOnly,
}

/// Somebody has all the reads that were waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Complete(Waiter);

impl Complete {
    pub(crate) fn change(self) -> ChangeId {
        self.0.change
    }

    /// The change as a whole has them, not one of its steps.
    pub(crate) fn is_whole(self) -> bool {
        self.0.step.is_none()
    }
}

/// One change with what the machine keeps for itself.
#[derive(Clone, Debug, PartialEq)]
struct Running {
    status: ChangeStatus,
    asked_after: Asked,
    /// Reads of the change as a whole: still awaited, of how many.
    awaited: usize,
    all_reads: usize,
    /// The Regions whose STS has not been asked yet.
    sts: Vec<Region>,
    sts_asked: u32,
    sts_next: Option<Duration>,
    /// Who the held credentials are: what CloudTrail will name.
    identity: Option<Identity>,
    /// Names this confirmation: a plan that is confirmed once more makes other intents.
    run: Arc<str>,
    /// When the next step may be sent, where the quota makes it wait.
    send_at: Option<Duration>,
    /// An outcome is unknown: nothing more of this change is sent.
    is_stopped: bool,
    /// Its credentials have been let go of.
    is_released: bool,
}

impl Running {
    fn new(id: ChangeId, wants: Vec<Want>, phase: Phase) -> Self {
        let status = ChangeStatus { id, wants, plan: None, phase, steps: Vec::new(), is_paused: false, ended_at: None };
        Self {
            status,
            asked_after: Asked::default(),
            awaited: 0,
            all_reads: 0,
            sts: Vec::new(),
            sts_asked: 0,
            sts_next: None,
            identity: None,
            run: Arc::default(),
            send_at: None,
            is_stopped: false,
            is_released: false,
        }
    }

    fn is_over(&self) -> bool {
        self.status.phase == Phase::Ended
    }
}

/// All changes of this run.
#[derive(Clone, Debug, PartialEq, Default)]
pub(crate) struct Changes {
    running: BTreeMap<ChangeId, Running>,
    awaited: Awaited,
    last: u32,
}

impl Changes {
    /// Takes wishes and says what must be read for their plan.
    pub(crate) fn prepare(&mut self, fleet: &Fleet, wants: Vec<Want>, asked: Asked) -> (ChangeId, Vec<Ask>) {
        let mut reads: Vec<Needed> = wants.iter().flat_map(|want| planning::reads(fleet, want)).collect();
        reads.sort();
        reads.dedup();
        let id = self.add(wants, Phase::Preparing { read: 0, of: count(reads.len()) });
        if reads.is_empty() {
            let why = Safe::from_static("the members do not agree on one primary: wait, then read again (r)");
            self.refuse(id, why);
            return (id, Vec::new());
        }
        (id, self.wait_for_all(id, reads, asked))
    }

    /// Takes a plan that was made before, ready to be confirmed. `over` are the steps that an earlier run of it has sent, with what came of them: they are not
    /// sent again.
    pub(crate) fn adopt(&mut self, plan: Plan, over: &[(u32, Claim)]) -> ChangeId {
        let id = self.add(Vec::new(), Phase::Ready);
        if let Some(running) = self.running.get_mut(&id) {
            running.status.steps = before::statuses(&plan, over);
            running.status.plan = Some(Arc::new(plan));
        }
        id
    }

    fn add(&mut self, wants: Vec<Want>, phase: Phase) -> ChangeId {
        self.last += 1;
        let id = ChangeId(self.last);
        self.running.insert(id, Running::new(id, wants, phase));
        self.forget_old();
        id
    }

    fn forget_old(&mut self) {
        let over: Vec<ChangeId> =
            self.running.iter().filter(|(_, running)| running.is_over()).map(|(id, _)| *id).collect();
        for id in over.iter().take(over.len().saturating_sub(REMEMBERED)) {
            self.running.remove(id);
        }
    }

    /// The change as a whole waits for these reads, asked from now on.
    fn wait_for_all(&mut self, id: ChangeId, reads: Vec<Needed>, asked: Asked) -> Vec<Ask> {
        let Some(running) = self.running.get_mut(&id) else { return Vec::new() };
        let number = self.awaited.wait(Waiter { change: id, step: None }, &reads, asked);
        running.asked_after = asked;
        running.awaited = number;
        running.all_reads = number;
        vec![Ask::Read(reads)]
    }

    /// No plan can be made.
    pub(crate) fn refuse(&mut self, id: ChangeId, why: Safe) {
        self.awaited.forget(Waiter { change: id, step: None });
        if let Some(running) = self.running.get_mut(&id) {
            running.status.phase = Phase::Impossible { why };
        }
    }

    pub(crate) fn abandon(&mut self, id: ChangeId) {
        let unconfirmed = |running: &Running| {
            matches!(running.status.phase, Phase::Preparing { .. } | Phase::Impossible { .. } | Phase::Ready)
        };
        if self.running.get(&id).is_some_and(unconfirmed) {
            self.awaited.forget(Waiter { change: id, step: None });
            self.running.remove(&id);
        }
    }

    pub(crate) fn get(&self, id: ChangeId) -> Option<&ChangeStatus> {
        self.running.get(&id).map(|running| &running.status)
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &ChangeStatus> {
        self.running.values().map(|running| &running.status)
    }

    /// A read was answered, well or badly. Returns those that now have all they waited for.
    pub(crate) fn note_read(&mut self, needed: &Needed, asked: Asked) -> Vec<Complete> {
        let served = self.awaited.answered(needed, asked);
        served.into_iter().filter(|waiter| self.serve(*waiter)).map(Complete).collect()
    }

    /// Counts one answer. Says whether it was the last.
    fn serve(&mut self, waiter: Waiter) -> bool {
        let Some(running) = self.running.get_mut(&waiter.change) else { return false };
        let Some(index) = waiter.step else {
            running.awaited = running.awaited.saturating_sub(1);
            let so_far = count(running.all_reads - running.awaited.min(running.all_reads));
            match &mut running.status.phase {
                Phase::Preparing { read, .. } | Phase::ReadingAgain { read, .. } => *read = so_far,
                Phase::Impossible { .. } | Phase::Ready | Phase::CheckingIdentity | Phase::Applying | Phase::Ended => {}
            }
            return running.awaited == 0;
        };
        let Some(step) = running.status.steps.get_mut(index) else { return false };
        step.tracking.awaited = step.tracking.awaited.saturating_sub(1);
        step.tracking.awaited == 0
    }

    /// Everything was read: the plan is made, or compared, or the key is looked at again.
    pub(crate) fn reads_are_complete(
        &mut self,
        now: Now,
        fleet: &Fleet,
        Complete(waiter): Complete,
        plan: Option<Result<Plan, Safe>>,
    ) -> Vec<Ask> {
        let Some(running) = self.running.get_mut(&waiter.change) else { return Vec::new() };
        if let Some(index) = waiter.step {
            return self.step_was_read(now, fleet, (waiter.change, index));
        }
        match running.status.phase {
            Phase::Preparing { .. } => {
                match plan {
                    Some(Ok(plan)) => {
                        running.status.plan = Some(Arc::new(plan));
                        running.status.phase = Phase::Ready;
                    }
                    Some(Err(why)) => running.status.phase = Phase::Impossible { why },
                    None => {}
                }
                Vec::new()
            }
            Phase::ReadingAgain { .. } => running.compare(now, fleet),
            Phase::Impossible { .. } | Phase::Ready | Phase::CheckingIdentity | Phase::Applying | Phase::Ended => {
                Vec::new()
            }
        }
    }

    /// The same wish in another way: a new plan out of what has been read for the former one.
    pub(crate) fn plan_again(&mut self, id: ChangeId, wants: Vec<Want>, plan: Plan) {
        if let Some(running) = self.running.get_mut(&id).filter(|running| running.status.phase == Phase::Ready) {
            running.status.wants = wants;
            running.status.plan = Some(Arc::new(plan));
        }
    }

    /// Holds the rest of a change back, or lets it go on. What has been sent is followed all the same.
    pub(crate) fn pause(&mut self, id: ChangeId, paused: bool) -> Vec<Ask> {
        let Some(running) = self.running.get_mut(&id) else { return Vec::new() };
        running.status.is_paused = paused;
        for step in &mut running.status.steps {
            // What was read before the pause is too old to go by after it.
            step.tracking.read_again_at = None;
            if step.phase == StepPhase::ReadingAgain && step.tracking.awaited == 0 {
                step.phase = StepPhase::Waiting;
            }
        }
        if paused { Vec::new() } else { vec![Ask::Advance(id)] }
    }

    /// Time has passed: another STS may be asked, a step may go, a key may be read again.
    pub(crate) fn tick(&mut self, now: Now, asked: Asked) -> Vec<Ask> {
        let mut asks = Vec::new();
        let mut looks = Vec::new();
        for (id, running) in &mut self.running {
            if running.sts_next.is_some_and(|at| at <= now.monotonic) {
                asks.extend(running.ask_sts(now));
            }
            if running.send_at.is_some_and(|at| at <= now.monotonic) {
                running.send_at = None;
                asks.push(Ask::Advance(*id));
            }
            let due = |step: &StepStatus| step.tracking.next_read.is_some_and(|at| at <= now.monotonic);
            let steps = running.status.steps.iter().enumerate();
            looks.extend(steps.filter(|(_, step)| due(step)).map(|(index, _)| (*id, index)));
        }
        for (id, index) in looks {
            asks.extend(self.look_again((id, index), asked));
        }
        asks
    }

    pub(crate) fn next_deadline(&self) -> Option<Duration> {
        let of_steps = |running: &Running| running.status.steps.iter().filter_map(|step| step.tracking.next_read).min();
        self.running
            .values()
            .filter(|running| !running.is_over())
            .flat_map(|running| [running.sts_next, running.send_at, of_steps(running)])
            .flatten()
            .min()
    }

    /// Sends the next step, if its turn has come and the pace grants it.
    pub(crate) fn advance(
        &mut self,
        now: Now,
        id: ChangeId,
        (fleet, pace): (&Fleet, &mut Pace),
        asked: Asked,
    ) -> Vec<Ask> {
        let Some(running) = self.running.get_mut(&id) else { return Vec::new() };
        match running.advance(now, fleet, pace) {
            steps::Turn::Done(asks) => asks,
            steps::Turn::Read(index, reads) => {
                let waiter = Waiter { change: id, step: Some(index) };
                let number = self.awaited.wait(waiter, &reads, asked);
                running.note_waiting(index, number, asked);
                vec![Ask::Read(reads)]
            }
        }
    }
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
