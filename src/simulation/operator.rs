//! The people: an operator who wants, confirms, abandons, pauses, quits and starts over, and others who change the same keys behind their back.

use serde_json::{Value, json};

use super::bug::Bug;
use super::fleet::{ACCOUNT, OTHERS};
use super::process::Process;
use super::world::{Event, World};
use crate::domain::fleet::{KeyRef, MultiRegionKey};
use crate::domain::id::Region;
use crate::domain::key::{KeyState, Role};
use crate::domain::plan::{Claim, Operation, Outcome, Plan};
use crate::domain::text::Safe;
use crate::emulator::{Reply, Request};
use crate::engine::change::{ChangeStatus, Options, Phase, PolicyChoice, Want};
use crate::engine::effect::ChangeId;

impl World {
    /// One decision of the operator at one keyfleet.
    pub(super) fn operate(&mut self, number: u32) {
        let Some(process) = self.processes.get(&number) else { return };
        let waiting =
            process.engine.changes().find(|change| matches!(change.phase, Phase::Ready | Phase::Impossible { .. }));
        let waiting = waiting.map(|change| (change.id, change.phase == Phase::Ready));
        let busy: Vec<ChangeId> =
            process.engine.changes().filter(|change| change.is_in_flight()).map(|change| change.id).collect();
        let is_at_rest = process.is_at_rest();
        let roll = self.chance.between(0, 100);
        match waiting {
            Some((change, true)) => self.decide(number, change, roll),
            Some((change, false)) => self.abandon(number, change),
            None if roll < 4 && is_at_rest => return self.quit(number),
            None if roll < 15 && !busy.is_empty() => {
                let change = *self.chance.pick(&busy);
                self.pause(number, change);
            }
            None if roll < 25 => self.apply_again(number),
            None if roll < 90 => self.want(number),
            None => {}
        }
        let pause = self.chance.between(100, 3_000);
        self.after(pause, Event::Operate(number));
    }

    fn decide(&mut self, number: u32, change: ChangeId, roll: u64) {
        match roll {
            0..10 => self.abandon(number, change),
            10..50 if roll < 20 || self.processes.len() > 1 => {
                // Written into a file, for later.
                let process = &self.processes[&number];
                let plan = process.engine.change(change).and_then(|change| change.plan.clone()).unwrap();
                let last = self.plans.len();
                self.plans.push(plan);
                self.abandon(number, change);
                self.apply_twice(number, last);
            }
            50..56 => {
                let options = self.options();
                let process = self.processes.get_mut(&number).unwrap();
                let now = process.now(self.at);
                let _refused = process.engine.choose(now, change, &options);
            }
            _ => self.confirm(number, change, &[]),
        }
    }

    fn abandon(&mut self, number: u32, change: ChangeId) {
        self.processes.get_mut(&number).unwrap().engine.abandon(change);
    }

    fn pause(&mut self, number: u32, change: ChangeId) {
        let process = self.processes.get_mut(&number).unwrap();
        let paused = process.engine.change(change).is_some_and(|change| change.is_paused);
        let effects = process.engine.pause(process.now(self.at), change, !paused);
        self.note(format!("p{number} {change:?} is {}", if paused { "let go on" } else { "paused" }));
        self.look(number);
        self.perform(number, effects);
    }

    /// The operator confirms the plan that is shown. The oracle keeps it: nothing else may leave.
    fn confirm(&mut self, number: u32, change: ChangeId, over: &[(u32, Claim)]) {
        let process = self.processes.get_mut(&number).unwrap();
        let now = process.now(self.at);
        let effects = process.engine.confirm(now, change);
        let status = process.engine.change(change);
        let is_confirmed = status.is_some_and(|status| status.phase == Phase::CheckingIdentity);
        let plan = status.and_then(|status| status.plan.clone());
        if let Some(plan) = plan.filter(|_| is_confirmed) {
            let steps: Vec<String> = plan.steps.iter().map(step).collect();
            self.note(format!("p{number} {change:?} confirmed, plan {}: {}", plan.id, steps.join("; ")));
            self.oracle.confirmed((number, change), &plan, over);
        }
        self.look(number);
        self.perform(number, effects);
    }

    /// A plan that was confirmed before is applied once more, as `apply` does it with its file.
    fn apply_again(&mut self, number: u32) {
        if self.plans.is_empty() {
            return;
        }
        let index = usize::try_from(self.chance.between(0, self.plans.len() as u64)).unwrap();
        self.apply_twice(number, index);
    }

    /// By one, or by two people with the same file; and whoever has applied it is gone.
    fn apply_twice(&mut self, number: u32, index: usize) {
        let others: Vec<u32> = self.processes.keys().copied().filter(|other| *other != number).collect();
        if !others.is_empty() && self.chance.percent(80) {
            let (other, soon) = (*self.chance.pick(&others), self.chance.between(0, 300));
            self.after(soon, Event::Apply(other, index));
            self.after(100, Event::Leave(number));
        }
        self.apply(number, index);
    }

    /// It quits as soon as nothing is left to be sent.
    pub(super) fn leave_when_done(&mut self, number: u32) {
        match self.processes.get(&number).map(Process::is_at_rest) {
            Some(true) => self.quit(number),
            Some(false) => self.after(50, Event::Leave(number)),
            None => {}
        }
    }

    pub(super) fn apply(&mut self, number: u32, index: usize) {
        let plan: Plan = self.plans[index].as_ref().clone();
        let Some(process) = self.processes.get_mut(&number) else { return };
        let is_known = |change: &ChangeStatus| change.plan.as_ref().is_some_and(|known| known.id == plan.id);
        let is_running = process.engine.changes().any(|change| is_known(change) && change.is_in_flight());
        if is_running || process.read_only || !process.has_looked {
            return;
        }
        if self.bug != Some(Bug::LooksWithoutLock) && !process.books.lock() {
            return;
        }
        let Some(records) = process.books.steps_of(&plan.id) else { return };
        let may_have_left =
            |claim: &Option<Claim>| claim.as_ref().is_none_or(|claim| claim.outcome != Outcome::NotSent);
        let over = records.into_iter().filter(|(_, record)| record.is_open || may_have_left(&record.claim));
        let over: Vec<(u32, Claim)> =
            over.map(|(number, record)| (number, record.claim.unwrap_or_else(open))).collect();
        let over = if self.bug == Some(Bug::ForgetsSteps) { Vec::new() } else { over };
        let change = process.engine.adopt(plan, &over);
        self.confirm(number, change, &over);
    }

    fn options(&mut self) -> Options {
        let policy = match self.chance.between(0, 4) {
            0 => PolicyChoice::Default,
            1 => PolicyChoice::Rewritten,
            _ => PolicyChoice::Verbatim,
        };
        Options {
            policy,
            leave_tags: self.chance.percent(20),
            leave_description: self.chance.percent(20),
            alias: self.chance.percent(40),
            then_enable: self.chance.percent(50),
        }
    }

    /// One key, or up to twelve, for an operation that has a chance.
    fn want(&mut self, number: u32) {
        let operation = *self.chance.pick(&[
            Operation::ReplicateKey,
            Operation::ReplicateKey,
            Operation::UpdatePrimaryRegion,
            Operation::CancelKeyDeletion,
            Operation::EnableKey,
        ]);
        let most = if self.chance.percent(40) { 12 } else { 1 };
        let (region, options) = (self.region(), self.options());
        let anything = self.chance.percent(10);
        let process = &self.processes[&number];
        let keys = process.engine.fleet().keys();
        let mut fitting: Vec<KeyRef> =
            keys.filter(|(_, entry)| anything || fits(entry, operation, &region)).map(|(key, _)| key.clone()).collect();
        let mut wants = Vec::new();
        while wants.len() < most && !fitting.is_empty() {
            let index = usize::try_from(self.chance.between(0, fitting.len() as u64)).unwrap();
            let key = fitting.swap_remove(index);
            wants.push(Want { key, operation, region: region.clone(), options: options.clone() });
        }
        if wants.is_empty() {
            return;
        }
        let process = self.processes.get_mut(&number).unwrap();
        let count = wants.len();
        let (change, effects) = process.engine.prepare(process.now(self.at), wants);
        self.note(format!("p{number} {change:?} wants {operation} {region} of {count}"));
        self.look(number);
        self.perform(number, effects);
    }

    /// Somebody else changes a key, through the service and past keyfleet.
    pub(super) fn interfere(&mut self) {
        let region = self.region();
        let id = format!("mrk-{:032x}", self.chance.between(1, 6));
        let arn = format!("arn:aws:kms:{region}:{ACCOUNT}:key/{id}");
        let other = self.region();
        let (operation, body): (&str, Value) = match self.chance.between(0, 8) {
            0 => ("ScheduleKeyDeletion", json!({"KeyId": arn, "PendingWindowInDays": 7})),
            1 => ("CancelKeyDeletion", json!({"KeyId": arn})),
            2 | 3 => ("DisableKey", json!({"KeyId": arn})),
            4 => ("EnableKey", json!({"KeyId": arn})),
            5 => ("ReplicateKey", json!({"KeyId": arn, "ReplicaRegion": other.as_str()})),
            6 => ("UpdatePrimaryRegion", json!({"KeyId": arn, "PrimaryRegion": other.as_str()})),
            _ => ("PutKeyPolicy", json!({"KeyId": arn, "PolicyName": "default", "Policy": policy()})),
        };
        let body = body.to_string().into_bytes();
        let region = region.as_str();
        let request = Request { region, identity: Some(OTHERS), proof: None, operation, body: &body, connection: 0 };
        let replies = self.model.call(self.at, &request);
        self.oracle.truth.learn(&mut self.model, self.at);
        if let Some(Reply::Answer(answer)) = replies.first().map(|reply| &reply.value)
            && answer.result.is_ok()
        {
            self.note(format!("somebody else: {operation} {}", String::from_utf8_lossy(&body)));
        }
        let pause = self.chance.between(500, 15_000);
        self.after(pause, Event::Interfere);
    }
}

fn policy() -> String {
    let statement = json!({
        "Sid": "Other", "Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{ACCOUNT}:root")},
        "Action": "kms:*", "Resource": "*",
    });
    json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
}

/// Recorded, and then nothing more is known.
fn open() -> Claim {
    let detail = Safe::from_static("recorded, and nothing more is known");
    Claim { outcome: Outcome::Unknown, code: None, request_id: None, detail }
}

fn step(step: &crate::domain::plan::Step) -> String {
    let mutation = &step.mutation;
    let (operation, region) = (mutation.change.operation(), mutation.concerns());
    format!("{} {operation} {} {region} after {:?}", step.number, mutation.arn.id.tail(), step.after)
}

fn fits(entry: &MultiRegionKey, operation: Operation, region: &Region) -> bool {
    let there = entry.members.get(region).and_then(|member| member.described.value());
    match operation {
        Operation::ReplicateKey => there.is_none(),
        Operation::UpdatePrimaryRegion => there.is_some_and(|key| key.role == Some(Role::Replica)),
        Operation::CancelKeyDeletion => there.is_some_and(|key| key.state.is_pending_deletion()),
        Operation::EnableKey => there.is_some_and(|key| key.state == KeyState::Disabled),
        Operation::CreateAlias => false,
    }
}
