//! Changes, as the engine serves them: what they ask for is carried out here, and what was read is told to them.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use super::change::{ChangeStatus, Options, Phase, StepPhase, Want};
use super::changes::Ask;
use super::effect::{ChangeId, Effect};
use super::loader::{Job, Priority};
use super::pace::Paced;
use super::planning::{self, Needed};
use super::{Engine, Session};
use crate::domain::id::{Login, Region};
use crate::domain::plan::{Claim, Identity, Intent, Plan, Precondition, Reply, Verdict};
use crate::domain::reading::{Asked, Reason, ReasonKind};
use crate::domain::text::{Foreign, Safe, safe};
use crate::domain::time::Now;

impl Engine {
    /// Begins a change: reads what its plan needs. Nothing is sent before [`Engine::confirm`].
    pub(crate) fn prepare(&mut self, now: Now, wants: Vec<Want>) -> (ChangeId, Vec<Effect>) {
        let asked = self.loader.next_number();
        let sent_to = wants.first().map(|want| planning::sent_to(&self.fleet, want));
        let refused = sent_to.and_then(|region| self.changes_are_refused(&region));
        let (change, asks) = self.changes.prepare(&self.fleet, wants, asked);
        if let Some(why) = refused {
            self.changes.refuse(change, why);
            return (change, Vec::new());
        }
        (change, self.carry_out(now, asks))
    }

    /// The same for whoever only wants to see the plan: in a read-only run too. It is good for this long.
    pub(crate) fn draft(&mut self, now: Now, wants: Vec<Want>, valid_for: Duration) -> (ChangeId, Vec<Effect>) {
        let asked = self.loader.next_number();
        self.valid_for = valid_for;
        let (change, asks) = self.changes.prepare(&self.fleet, wants, asked);
        (change, self.carry_out(now, asks))
    }

    /// A plan in which there is nothing to do, made by the caller that this login is.
    pub(crate) fn plan_of_nothing(&mut self, now: Now, login: Login, valid_for: Duration) -> Result<Plan, Safe> {
        self.valid_for = valid_for;
        let region = self.fleet.places().map(|(place, _)| place).find(|place| place.login == login);
        let region = region.map(|place| place.region.clone()).ok_or_else(|| safe!("no Region is read"))?;
        let id = self.random.identifier();
        let asker = self.asker(now, login, (&region, id))?;
        Ok(planning::empty(login, region.partition(), &asker))
    }

    /// The same change done in another way: planned anew out of what has been read for it.
    pub(crate) fn choose(&mut self, now: Now, change: ChangeId, options: &Options) -> Result<(), Safe> {
        let Some(status) = self.changes.get(change) else { return Ok(()) };
        let again = |want: &Want| Want { options: options.clone(), ..want.clone() };
        let wants: Vec<Want> = status.wants.iter().map(again).collect();
        let plan = self.plan_for(now, change, &wants)?;
        self.changes.plan_again(change, wants, plan);
        Ok(())
    }

    /// Takes a plan that was made before. It still has to be confirmed. `over` are the steps that an earlier run of it has sent.
    pub(crate) fn adopt(&mut self, plan: Plan, over: &[(u32, Claim)]) -> ChangeId {
        self.changes.adopt(plan, over)
    }

    /// Whoever waits for a change has waited long enough: what has not been sent is not sent.
    pub(crate) fn stop(&mut self, now: Now, change: ChangeId, why: &Safe) -> Vec<Effect> {
        let asks = self.changes.stop(now, change, why);
        self.carry_out(now, asks)
    }

    /// The operator confirmed the plan that is shown, with the whole of it seen. Ignored unless the change is ready.
    pub(crate) fn confirm(&mut self, now: Now, change: ChangeId) -> Vec<Effect> {
        let plan = self.changes.get(change).and_then(|status| status.plan.as_ref());
        let regions: Vec<Region> =
            plan.iter().flat_map(|plan| &plan.steps).map(|step| step.mutation.sent_to().clone()).collect();
        if regions.is_empty() || regions.iter().any(|region| self.changes_are_refused(region).is_some()) {
            return Vec::new();
        }
        let run = self.random.identifier();
        let asks = self.changes.confirm(now, change, run);
        self.carry_out(now, asks)
    }

    /// The operator closed the dialog without confirming.
    pub(crate) fn abandon(&mut self, change: ChangeId) {
        self.changes.abandon(change);
    }

    /// Holds back the steps that have not been sent, or lets them go on.
    pub(crate) fn pause(&mut self, now: Now, change: ChangeId, paused: bool) -> Vec<Effect> {
        let asks = self.changes.pause(change, paused);
        self.carry_out(now, asks)
    }

    /// Takes over what a former run left open: it is reconciled by reading, and never sent again.
    pub(crate) fn take_over(&mut self, now: Now, login: Login, intent: Intent) -> (ChangeId, Vec<Effect>) {
        let (change, asks) = self.changes.take_over(now, login, intent);
        (change, self.carry_out(now, asks))
    }

    /// Somebody says what became of a change of which reading cannot tell.
    pub(crate) fn resolve_by_hand(&mut self, now: Now, change: ChangeId, word: Claim) -> Vec<Effect> {
        let asks = self.changes.resolve_by_hand(now, change, word);
        self.carry_out(now, asks)
    }

    pub(crate) fn change(&self, change: ChangeId) -> Option<&ChangeStatus> {
        self.changes.get(change)
    }

    /// Every change of this run, oldest first.
    pub(crate) fn changes(&self) -> impl Iterator<Item = &ChangeStatus> {
        self.changes.all()
    }

    pub(super) fn replied(&mut self, now: Now, change: ChangeId, reply: &Reply) -> Vec<Ask> {
        let asked = self.loader.next_number();
        if let Reply::Answered { code: Some(code), .. } = reply
            && code.original() == "ThrottlingException"
            && let Some((place, operation)) = self.being_sent(change)
        {
            self.loader.pace().throttled(now.monotonic, &place, Paced::Change(operation));
        }
        self.changes.replied(now, (change, asked), reply)
    }

    fn being_sent(&self, change: ChangeId) -> Option<(crate::domain::id::Place, crate::domain::plan::Operation)> {
        let mut steps = self.changes.get(change)?.steps.iter();
        let step = steps.find(|step| matches!(step.phase, StepPhase::Sending { .. }))?;
        Some((step.key.place(step.mutation.sent_to()), step.operation()))
    }

    fn carry_out(&mut self, now: Now, asks: Vec<Ask>) -> Vec<Effect> {
        let mut effects = self.obey(now, asks);
        effects.extend(self.pump(now));
        effects
    }

    /// Carries out what the change machine asks for; a read of a Region that takes no questions is answered at once.
    pub(super) fn obey(&mut self, now: Now, asks: Vec<Ask>) -> Vec<Effect> {
        let mut effects = Vec::new();
        let mut asks = VecDeque::from(asks);
        while let Some(ask) = asks.pop_front() {
            match ask {
                Ask::Effect(effect) => effects.push(effect),
                Ask::Read(reads) => {
                    for needed in reads {
                        asks.extend(self.read_for_change(now, &needed));
                    }
                }
                Ask::Changed { key, region } => self.note_change(&key, &region),
                Ask::Advance(change) => {
                    let asked = self.loader.next_number();
                    let facts = (&self.fleet, self.loader.pace());
                    asks.extend(self.changes.advance(now, change, facts, asked));
                }
                Ask::TurnReadOnly => {
                    self.settings.read_only = true;
                    asks.extend(self.changes.stop_unsent(now));
                }
            }
        }
        effects
    }

    fn read_for_change(&mut self, now: Now, needed: &Needed) -> Vec<Ask> {
        let job = Job::new(needed.request.clone(), Priority::Urgent);
        if self.loader.ask_anew(&needed.place, job) {
            return Vec::new();
        }
        // The Region takes no questions: what was known of it before is not the answer.
        let why = self.loader.last_failure(&needed.place);
        let why = why.unwrap_or_else(|| Arc::new(Reason::of(ReasonKind::Timeout)));
        self.give_up(now, &needed.place, &Job::new(needed.request.clone(), Priority::Urgent), &why)
    }

    /// Tells the changes that wait for it that a read was answered, well or badly.
    pub(super) fn change_read(&mut self, now: Now, asked: Asked, needed: &Needed) -> Vec<Ask> {
        let mut asks = Vec::new();
        for complete in self.changes.note_read(needed, asked) {
            let change = complete.change();
            let status = self.changes.get(change).filter(|_| complete.is_whole());
            let is_planned = status.filter(|status| matches!(status.phase, Phase::Preparing { .. }));
            let plan = is_planned.map(|status| status.wants.clone()).map(|wants| self.plan_for(now, change, &wants));
            asks.extend(self.changes.reads_are_complete(now, &self.fleet, complete, plan));
        }
        asks
    }

    fn plan_for(&mut self, now: Now, change: ChangeId, wants: &[Want]) -> Result<Plan, Safe> {
        let first = wants.first().ok_or_else(|| Safe::from_static("nothing was asked for"))?;
        let sent_to = planning::sent_to(&self.fleet, first);
        let id = self.random.identifier();
        let asker = self.asker(now, first.key.login, (&sent_to, id))?;
        let mut plan = planning::plan(&self.fleet, wants, &asker)?;
        for step in &mut plan.steps {
            let key = crate::domain::fleet::KeyRef { login: plan.login, id: step.mutation.arn.id.clone() };
            step.preconditions.extend(self.unknown_outcomes(change, &key));
        }
        Ok(plan)
    }

    /// Who asks for a plan, as far as that is known. Requests go to this Region first.
    fn asker(&self, now: Now, login: Login, (sent_to, id): (&Region, Arc<str>)) -> Result<planning::Asker<'_>, Safe> {
        let unknown = || Safe::from_static("it is not known who the caller is: STS has not answered");
        let Some(Session::Open { identity }) = self.sessions.get(&login) else { return Err(unknown()) };
        let identity: &Identity = identity.value().ok_or_else(unknown)?;
        let endpoint = self.endpoint(sent_to).map(|(endpoint, _): (Foreign, _)| endpoint);
        let (settings, valid_for) = (&self.settings, self.valid_for);
        Ok(planning::Asker { settings, identity, endpoint, id, at: now.wall, valid_for })
    }

    /// Earlier changes of the same key of which it is not known whether they were applied. They do not stop another, but they are said.
    fn unknown_outcomes(&self, change: ChangeId, key: &crate::domain::fleet::KeyRef) -> Vec<Precondition> {
        let earlier = self.changes.all().filter(|status| status.id != change);
        let steps = earlier.flat_map(|status| &status.steps).filter(|step| step.key == *key);
        let said = |operation: crate::domain::plan::Operation| {
            safe!("an earlier {} of this key has an unknown outcome: it may have been applied", operation.verb())
        };
        steps
            .filter(|step| matches!(step.phase, StepPhase::Reconciling { .. }))
            .map(|step| Precondition { text: said(step.operation()), result: Verdict::Unknown, blocks: false })
            .collect()
    }

    /// The Regions whose STS is asked before a change: the one it is sent to, then the others.
    pub(super) fn sts_regions(&self, change: ChangeId) -> Vec<Region> {
        let plan = self.changes.get(change).and_then(|status| status.plan.as_ref());
        let Some((plan, first)) = plan.and_then(|plan| Some((plan, plan.lead()?.mutation.sent_to().clone()))) else {
            return Vec::new();
        };
        let scope = self.fleet.scope(plan.login);
        let others = scope.into_iter().flat_map(|scope| &scope.regions).filter(|region| **region != first).cloned();
        let place = |region: &Region| crate::domain::id::Place::new(plan.login, region.clone());
        let up: Vec<Region> = others.filter(|region| !self.loader.is_down(&place(region))).take(4).collect();
        std::iter::once(first).chain(up).collect()
    }
}
