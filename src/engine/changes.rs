//! The change machine: from the wish to the outcome, one state at a time, each effect answered by a message.
//!
//! Identity, then the key again, then the comparison, then the record, and only then the one request. Nothing is sent twice: a lost reply is followed by
//! reading, however long it takes.

mod settle;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use super::change::{ChangeStatus, Phase, Want};
use super::effect::{ChangeId, Effect, ReadRequest};
use super::message::RecordError;
use super::outcome;
use super::planning;
use crate::domain::fleet::{Fleet, KeyRef};
use crate::domain::id::{Place, Region};
use crate::domain::plan::{Claim, Identity, Intent, Mutation, Outcome, Plan, RecordKind, Reply};
use crate::domain::reading::{Asked, Reason};
use crate::domain::text::{Foreign, Safe, safe};
use crate::domain::time::Now;

/// Without an answer for this long, the next Region's STS is asked too.
const STS_PATIENCE: Duration = Duration::from_secs(1);
/// Changes that are remembered after they ended.
const REMEMBERED: usize = 200;

/// A read that a change waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Needed {
    pub(crate) place: Place,
    pub(crate) request: ReadRequest,
}

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
    /// Records cannot be made durable: nothing may be changed any more in this run.
    TurnReadOnly,
}

/// One change with what the machine keeps for itself.
#[derive(Clone, Debug, PartialEq)]
struct Running {
    status: ChangeStatus,
    /// The reads still to be answered, each with the number after which its question must have been asked.
    awaited: BTreeSet<ReadRequest>,
    asked_after: Asked,
    all_reads: u32,
    /// The Regions whose STS has not been asked yet.
    sts: Vec<Region>,
    sts_asked: u32,
    sts_next: Option<Duration>,
    /// Who the held credentials are: what CloudTrail will name.
    caller_arn: Option<Foreign>,
    intent: Option<Arc<Intent>>,
    /// Following and reconciling: how many times it was read, and when next.
    rounds: u32,
    next_read: Option<Duration>,
}

/// All changes of this run.
#[derive(Clone, Debug, PartialEq, Default)]
pub(crate) struct Changes {
    running: BTreeMap<ChangeId, Running>,
    last: u32,
}

impl Changes {
    /// Takes a wish and says what must be read for its plan.
    pub(crate) fn prepare(&mut self, fleet: &Fleet, want: Want, asked: Asked) -> (ChangeId, Vec<Ask>) {
        self.last += 1;
        let id = ChangeId(self.last);
        let reads = planning::reads(fleet, &want);
        let phase = if reads.is_empty() {
            Phase::Impossible {
                why: Safe::from_static("the members do not agree on one primary: wait, then read again (r)"),
            }
        } else {
            Phase::Preparing { read: 0, of: count(reads.len()) }
        };
        let needed = needed(&want, &reads);
        let status = ChangeStatus { id, want, plan: None, phase, claim: None, ended_at: None };
        let running = Running {
            status,
            awaited: reads.iter().cloned().collect(),
            asked_after: asked,
            all_reads: count(reads.len()),
            sts: Vec::new(),
            sts_asked: 0,
            sts_next: None,
            caller_arn: None,
            intent: None,
            rounds: 0,
            next_read: None,
        };
        self.running.insert(id, running);
        self.forget_old();
        (id, vec![Ask::Read(needed)])
    }

    fn forget_old(&mut self) {
        let over: Vec<ChangeId> =
            self.running.iter().filter(|(_, running)| running.is_over()).map(|(id, _)| *id).collect();
        for id in over.iter().take(over.len().saturating_sub(REMEMBERED)) {
            self.running.remove(id);
        }
    }

    /// No plan can be made.
    pub(crate) fn refuse(&mut self, id: ChangeId, why: Safe) {
        if let Some(running) = self.running.get_mut(&id) {
            running.awaited.clear();
            running.status.phase = Phase::Impossible { why };
        }
    }

    pub(crate) fn abandon(&mut self, id: ChangeId) {
        let unconfirmed = |running: &Running| {
            matches!(running.status.phase, Phase::Preparing { .. } | Phase::Impossible { .. } | Phase::Ready)
        };
        if self.running.get(&id).is_some_and(unconfirmed) {
            self.running.remove(&id);
        }
    }

    pub(crate) fn get(&self, id: ChangeId) -> Option<&ChangeStatus> {
        self.running.get(&id).map(|running| &running.status)
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &ChangeStatus> {
        self.running.values().map(|running| &running.status)
    }

    /// A read was answered, well or badly. Returns the changes that now have all they waited for.
    pub(crate) fn note_read(&mut self, asked: Asked, request: &ReadRequest) -> Vec<ChangeId> {
        let mut complete = Vec::new();
        for (id, running) in &mut self.running {
            if asked <= running.asked_after || !running.awaited.remove(request) {
                continue;
            }
            let read = running.all_reads.saturating_sub(count(running.awaited.len()));
            match &mut running.status.phase {
                Phase::Preparing { read: so_far, .. } | Phase::ReadingAgain { read: so_far, .. } => *so_far = read,
                Phase::Impossible { .. }
                | Phase::Ready
                | Phase::CheckingIdentity
                | Phase::Recording
                | Phase::Sending { .. }
                | Phase::Following { .. }
                | Phase::Reconciling { .. }
                | Phase::Ended => {}
            }
            if running.awaited.is_empty() {
                complete.push(*id);
            }
        }
        complete
    }

    /// Everything was read: the plan is made, or compared, or the key is looked at again.
    pub(crate) fn reads_are_complete(
        &mut self,
        now: Now,
        fleet: &Fleet,
        id: ChangeId,
        plan: impl FnOnce(&Want) -> Result<Plan, Safe>,
    ) -> Vec<Ask> {
        let Some(running) = self.running.get_mut(&id) else { return Vec::new() };
        match running.status.phase {
            Phase::Preparing { .. } => {
                match plan(&running.status.want) {
                    Ok(plan) => {
                        running.status.plan = Some(Arc::new(plan));
                        running.status.phase = Phase::Ready;
                    }
                    Err(why) => running.status.phase = Phase::Impossible { why },
                }
                Vec::new()
            }
            Phase::ReadingAgain { .. } => running.compare(now, plan),
            Phase::Following { .. } | Phase::Reconciling { .. } => running.look(now, fleet),
            Phase::Impossible { .. }
            | Phase::Ready
            | Phase::CheckingIdentity
            | Phase::Recording
            | Phase::Sending { .. }
            | Phase::Ended => Vec::new(),
        }
    }

    /// The operator confirmed. Identity first, by credentials that are resolved now and held.
    pub(crate) fn confirm(&mut self, id: ChangeId) -> Vec<Ask> {
        let Some(running) = self.running.get_mut(&id) else { return Vec::new() };
        let Some(plan) = running.status.plan.clone().filter(|_| running.status.phase == Phase::Ready) else {
            return Vec::new();
        };
        if plan.blocked_by().is_some() {
            return Vec::new();
        }
        running.status.phase = Phase::CheckingIdentity;
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
        let Some(running) = self.waiting(id, &Phase::CheckingIdentity) else { return Vec::new() };
        match result {
            Ok(()) => {
                running.sts = regions;
                running.sts.reverse();
                running.ask_sts(now)
            }
            Err(why) => running.not_sent(now, safe!("no credentials: {}. {}", why.kind.words(), why.next_step)),
        }
    }

    /// The STS of a Region said who the held credentials are.
    pub(crate) fn identified(
        &mut self,
        now: Now,
        (id, asked): (ChangeId, Asked),
        result: Result<Identity, Reason>,
        fleet: &Fleet,
    ) -> Vec<Ask> {
        let Some(running) = self.waiting(id, &Phase::CheckingIdentity) else { return Vec::new() };
        let Some(plan) = running.status.plan.clone() else { return Vec::new() };
        match result {
            Ok(identity) if !agrees(&plan, &identity) => running.not_sent(
                now,
                safe!(
                    "the credentials are now of {} in {}, the plan was made for {} in {}",
                    identity.caller_arn.safe(),
                    identity.account,
                    plan.identity.caller_arn.safe(),
                    plan.identity.account
                ),
            ),
            Ok(identity) => {
                running.caller_arn = Some(identity.caller_arn);
                running.read_again(fleet, asked)
            }
            Err(why) => {
                running.sts_asked = running.sts_asked.saturating_sub(1);
                if !running.sts.is_empty() {
                    return running.ask_sts(now);
                }
                if running.sts_asked > 0 {
                    return Vec::new();
                }
                running.not_sent(now, safe!("no STS would say who this is: {}. {}", why.kind.words(), why.next_step))
            }
        }
    }

    /// A record is durable, or is not.
    pub(crate) fn recorded(
        &mut self,
        now: Now,
        id: ChangeId,
        kind: RecordKind,
        result: Result<(), RecordError>,
    ) -> Vec<Ask> {
        let Some(running) = self.running.get_mut(&id) else { return Vec::new() };
        match (kind, result) {
            (RecordKind::Intent, Ok(())) if running.status.phase == Phase::Recording => {
                running.status.phase = Phase::Sending { since: now.wall };
                vec![Ask::Effect(Effect::Send { change: id })]
            }
            (RecordKind::Intent, Err(RecordError::Locked(why))) if running.status.phase == Phase::Recording => {
                running.not_sent(now, safe!("another keyfleet changes keys of this account: {why}"))
            }
            (RecordKind::Intent, Err(RecordError::Journal(why))) if running.status.phase == Phase::Recording => {
                let mut asks =
                    running.not_sent(now, safe!("the journal cannot be written, so nothing was sent: {why}"));
                asks.push(Ask::TurnReadOnly);
                asks
            }
            (_, Err(_)) => vec![Ask::TurnReadOnly],
            (_, Ok(())) => Vec::new(),
        }
    }

    /// Records can no longer be made durable: what has been confirmed and has not left does not leave.
    pub(crate) fn stop_unsent(&mut self, now: Now) -> Vec<Ask> {
        let why = || Safe::from_static("the journal cannot be written any more, so nothing else is sent");
        let unsent = |running: &&mut Running| {
            matches!(running.status.phase, Phase::CheckingIdentity | Phase::ReadingAgain { .. } | Phase::Recording)
        };
        self.running.values_mut().filter(unsent).flat_map(|running| running.not_sent(now, why())).collect()
    }

    /// The one request was answered, or its answer was lost.
    pub(crate) fn replied(&mut self, now: Now, (id, asked): (ChangeId, Asked), reply: &Reply) -> Vec<Ask> {
        let Some(running) = self.running.get_mut(&id) else { return Vec::new() };
        let (Phase::Sending { .. }, Some(intent)) = (&running.status.phase, running.intent.clone()) else {
            return Vec::new();
        };
        let claim = outcome::claim(intent.mutation.change.operation(), reply);
        let outcome = claim.outcome;
        running.status.claim = Some(claim.clone());
        running.asked_after = asked;
        let changed = Ask::Changed { key: running.status.want.key.clone(), region: intent.mutation.concerns().clone() };
        let mut asks =
            vec![Ask::Effect(Effect::RecordOutcome { change: id, intent, kind: RecordKind::Outcome, claim })];
        match outcome {
            Outcome::Done => {
                running.status.phase =
                    Phase::Following { since: now.wall, words: Safe::from_static("accepted"), next_read: None };
                asks.push(changed);
                running.schedule(now);
            }
            Outcome::Unknown => {
                running.status.phase = Phase::Reconciling {
                    since: now.wall,
                    words: Safe::from_static("reply lost: reading what happened"),
                    next_read: None,
                };
                asks.push(changed);
                running.schedule(now);
            }
            Outcome::Failed | Outcome::NotSent => running.end(now),
        }
        if running.status.phase == Phase::Ended {
            asks.push(Ask::Effect(Effect::Release { change: id }));
        }
        asks
    }

    /// Time has passed: another STS may be asked, a key may be read again.
    pub(crate) fn tick(&mut self, now: Now, fleet: &Fleet, asked: Asked) -> Vec<Ask> {
        let mut asks = Vec::new();
        for running in self.running.values_mut() {
            if running.sts_next.is_some_and(|at| at <= now.monotonic) {
                asks.extend(running.ask_sts(now));
            }
            if running.next_read.is_some_and(|at| at <= now.monotonic) {
                asks.extend(running.read_on(fleet, asked));
            }
        }
        asks
    }

    pub(crate) fn next_deadline(&self) -> Option<Duration> {
        self.running.values().flat_map(|running| [running.sts_next, running.next_read]).flatten().min()
    }

    fn waiting(&mut self, id: ChangeId, phase: &Phase) -> Option<&mut Running> {
        self.running.get_mut(&id).filter(|running| running.status.phase == *phase)
    }
}

impl Running {
    fn is_over(&self) -> bool {
        self.status.phase == Phase::Ended
    }

    fn ask_sts(&mut self, now: Now) -> Vec<Ask> {
        let Some(region) = self.sts.pop() else {
            self.sts_next = None;
            return Vec::new();
        };
        self.sts_asked += 1;
        self.sts_next = (!self.sts.is_empty()).then(|| now.monotonic + STS_PATIENCE);
        vec![Ask::Effect(Effect::Identify { change: self.status.id, region })]
    }

    fn read_again(&mut self, fleet: &Fleet, asked: Asked) -> Vec<Ask> {
        self.sts_next = None;
        self.sts.clear();
        let reads = planning::reads(fleet, &self.status.want);
        self.all_reads = count(reads.len());
        self.status.phase = Phase::ReadingAgain { read: 0, of: self.all_reads };
        self.await_reads(&reads, asked)
    }

    fn await_reads(&mut self, reads: &[ReadRequest], asked: Asked) -> Vec<Ask> {
        self.awaited = reads.iter().cloned().collect();
        self.asked_after = asked;
        vec![Ask::Read(needed(&self.status.want, reads))]
    }

    /// Compares the key with the plan, by value; what agrees is recorded.
    fn compare(&mut self, now: Now, plan: impl FnOnce(&Want) -> Result<Plan, Safe>) -> Vec<Ask> {
        let Some(confirmed) = self.status.plan.clone() else { return Vec::new() };
        let current = match plan(&self.status.want) {
            Ok(current) => current,
            Err(why) => return self.not_sent(now, why),
        };
        if let Some(difference) = difference(&confirmed, &current) {
            return self.not_sent(now, safe!("the key is not as the plan saw it: {difference}"));
        }
        let intent = Arc::new(Intent {
            id: Arc::clone(&current.id),
            plan: Arc::clone(&confirmed.id),
            step: confirmed.step.number,
            account: confirmed.identity.account,
            caller_arn: self.caller_arn.clone().unwrap_or_else(|| confirmed.identity.caller_arn.clone()),
            mutation: confirmed.step.mutation.clone(),
        });
        self.intent = Some(Arc::clone(&intent));
        self.status.phase = Phase::Recording;
        vec![Ask::Effect(Effect::RecordIntent { change: self.status.id, intent })]
    }

    /// The end of a change that never left.
    fn not_sent(&mut self, now: Now, detail: Safe) -> Vec<Ask> {
        self.status.claim = Some(Claim { outcome: Outcome::NotSent, code: None, request_id: None, detail });
        self.end(now);
        vec![Ask::Effect(Effect::Release { change: self.status.id })]
    }

    fn end(&mut self, now: Now) {
        self.status.phase = Phase::Ended;
        self.status.ended_at = Some(now.wall);
        self.awaited.clear();
        self.next_read = None;
        self.sts_next = None;
    }

    fn mutation(&self) -> Option<&Mutation> {
        self.status.plan.as_ref().map(|plan| &plan.step.mutation)
    }
}

fn agrees(plan: &Plan, identity: &Identity) -> bool {
    let account = plan.step.mutation.arn.account;
    identity.account == account
        && identity.account == plan.identity.account
        && principal(&identity.caller_arn) == principal(&plan.identity.caller_arn)
}

/// Who a caller ARN speaks of. An assumed role's session may have another name each time credentials are resolved, so it is the role that counts.
fn principal(caller_arn: &Foreign) -> &str {
    let arn = caller_arn.original();
    if arn.contains(":assumed-role/") { arn.rsplit_once('/').map_or(arn, |(role, _session)| role) } else { arn }
}

/// The first thing in which the key differs from the plan. Ages, dates and counts are not looked at.
fn difference(confirmed: &Plan, current: &Plan) -> Option<Safe> {
    let (before, after) = (&confirmed.step.fingerprint, &current.step.fingerprint);
    if confirmed.step.mutation != current.step.mutation && before.policy_sha256 == after.policy_sha256 {
        return Some(Safe::from_static("its tags, description or primary changed"));
    }
    if before.policy_sha256 != after.policy_sha256 {
        return Some(Safe::from_static("its policy changed"));
    }
    if before.regions != after.regions {
        return Some(Safe::from_static("its set of related keys changed"));
    }
    let changed = before.members.iter().find(|member| !after.members.contains(member));
    if let Some(member) = changed {
        return Some(safe!("{} was {} and is not any more", member.arn.region, member.state.safe()));
    }
    current.blocked_by().map(|condition| condition.text.clone())
}

fn needed(want: &Want, reads: &[ReadRequest]) -> Vec<Needed> {
    let place = |request: &ReadRequest| match request {
        ReadRequest::DescribeKey { arn }
        | ReadRequest::GetKeyPolicy { arn }
        | ReadRequest::ListResourceTags { arn, .. }
        | ReadRequest::GetKeyRotationStatus { arn } => want.key.place(&arn.region),
        ReadRequest::ListKeys { .. } | ReadRequest::ListAliases { .. } | ReadRequest::GetCallerIdentity => {
            want.key.place(&want.region)
        }
    };
    reads.iter().map(|request| Needed { place: place(request), request: request.clone() }).collect()
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
