//! Judges a schedule by the invariants of changes: from what was confirmed, what was durable, what left, and what the service's own log says of it.
//!
//! It believes nothing that a keyfleet claims; it holds the claims against the truth.

mod claims;
mod knowledge;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::books::journal_name;
use super::disk::Disk;
use super::edge::{self, Departed, Purpose};
use super::fleet::{JOHN, MARIA};
use super::process::Process;
use super::truth::Truth;
use crate::domain::fleet::KeyRef;
use crate::domain::id::Region;
use crate::domain::key::RegionalKey;
use crate::domain::plan::{Claim, Intent, Outcome, Plan, Reply, Step};
use crate::domain::reading::Asked;
use crate::emulator::Model;
use crate::engine::effect::ChangeId;
use crate::engine::message::{Answer, Message};

/// A change of one process.
pub(super) type Run = (u32, ChangeId);

/// What an operator confirmed, and how far it has come on the wire.
#[derive(Debug)]
struct Confirmation {
    plan: Arc<Plan>,
    /// The steps that an earlier run has sent, which this one must not.
    over: Vec<u32>,
    is_on_the_wire: bool,
    /// A reply was lost: nothing more may leave.
    is_unknown: bool,
}

/// A request for a change that has left its process.
#[derive(Clone, Debug)]
struct Sent {
    number: u64,
    run: Run,
    intent: Arc<str>,
    /// The plan and the number of its step.
    step: (Arc<str>, u32),
}

#[derive(Debug)]
pub(super) struct Oracle {
    pub(super) truth: Truth,
    lag: u64,
    pub(super) violations: Vec<String>,
    confirmations: BTreeMap<Run, Confirmation>,
    sent: Vec<Sent>,
    /// When each question was asked, and what DescribeKey truly answered.
    asked: BTreeMap<(u32, Asked), u64>,
    answers: BTreeMap<(u32, Asked), RegionalKey>,
    /// The latest question by which a process knows a member, or a Region's listing.
    known: BTreeMap<(u32, Option<KeyRef>, Region), Asked>,
    /// When an intent was first to be recorded.
    recorded: BTreeMap<Arc<str>, (u64, Arc<Intent>)>,
    claims: BTreeMap<(Run, u32), claims::Claimed>,
}

impl Oracle {
    pub(super) fn new(model: &mut Model, lag: u64) -> Self {
        let mut truth = Truth::default();
        truth.learn(model, 0);
        Self {
            truth,
            lag,
            violations: Vec::new(),
            confirmations: BTreeMap::new(),
            sent: Vec::new(),
            asked: BTreeMap::new(),
            answers: BTreeMap::new(),
            known: BTreeMap::new(),
            recorded: BTreeMap::new(),
            claims: BTreeMap::new(),
        }
    }

    fn blame(&mut self, violation: String) {
        self.violations.push(violation);
    }

    fn require(&mut self, holds: bool, violation: impl FnOnce() -> String) {
        if !holds {
            self.blame(violation());
        }
    }

    /// The operator has confirmed a plan.
    pub(super) fn confirmed(&mut self, run: Run, plan: &Arc<Plan>, over: &[(u32, Claim)]) {
        let over = over.iter().map(|(number, _)| *number).collect();
        let confirmation = Confirmation { plan: Arc::clone(plan), over, is_on_the_wire: false, is_unknown: false };
        self.confirmations.insert(run, confirmation);
    }

    /// A read goes out.
    pub(super) fn asks(&mut self, at: u64, question: (u32, Asked)) {
        self.asked.insert(question, at);
    }

    /// An intent is to be recorded.
    pub(super) fn records(&mut self, at: u64, intent: &Arc<Intent>) {
        let again = self.recorded.insert(Arc::clone(&intent.id), (at, Arc::clone(intent)));
        self.require(again.is_none(), || format!("I2: the intent {} is recorded twice", intent.id));
    }

    /// The service's answer, before any driver touches it.
    pub(super) fn heard(&mut self, departed: &Departed, message: &Message) {
        match (&departed.purpose, message) {
            (Purpose::Read { asked, .. }, Message::Answer { result: Ok(Answer::Key(key)), .. }) => {
                self.answers.insert((departed.process, *asked), key.as_ref().clone());
            }
            (Purpose::Change { change, .. }, Message::Replied { reply, .. }) => {
                if let Some(confirmation) = self.confirmations.get_mut(&(departed.process, *change)) {
                    confirmation.is_on_the_wire = false;
                    confirmation.is_unknown |= match reply {
                        Reply::Broken { .. } => true,
                        Reply::Answered { status, .. } => *status >= 500,
                        Reply::NotSent { .. } => false,
                    };
                }
            }
            (Purpose::Read { .. } | Purpose::Identify { .. } | Purpose::Change { .. }, _) => {}
        }
    }

    /// A mutating request leaves: I1, I2, I3, I7 and I8.
    pub(super) fn departs(&mut self, departed: &Departed, process: Option<&Process>, disk: &Disk) {
        let Purpose::Change { change, intent } = &departed.purpose else { return };
        let run = (departed.process, *change);
        let number = departed.number;
        self.require(process.is_some_and(|process| !process.read_only), || {
            format!("I7: #{number} leaves a read-only process")
        });
        let durable = is_durable(disk, intent);
        self.require(durable, || format!("I3: #{number} leaves before its intent {intent} is durable"));
        let Some((_, recorded)) = self.recorded.get(intent).cloned() else {
            return self.blame(format!("I3: #{number} leaves without an intent"));
        };
        let Some(confirmation) = self.confirmations.get_mut(&run) else {
            return self.blame(format!("I1: #{number} leaves without a confirmation"));
        };
        let (plan, over) = (Arc::clone(&confirmation.plan), confirmation.over.clone());
        let was_on_the_wire = std::mem::replace(&mut confirmation.is_on_the_wire, true);
        let is_unknown = confirmation.is_unknown;
        let step = plan.steps.iter().find(|step| step.number == recorded.step);
        let Some(step) = step.filter(|step| is_confirmed(step, departed)) else {
            return self.blame(format!("I1: #{number} is not what was confirmed"));
        };
        let (account, caller) = whose(departed.credential);
        let identity = &plan.identity;
        let is_same = identity.account.to_string() == account && identity.caller_arn.original() == caller;
        self.require(is_same, || format!("I8: #{number} leaves with the credentials of {caller}"));
        self.require(!was_on_the_wire, || format!("I2: #{number} leaves before the one before it was answered"));
        self.require(!is_unknown, || format!("I2: #{number} leaves after an unknown outcome"));
        self.require(!over.contains(&step.number), || format!("I2: #{number} leaves though its step is over"));
        self.is_the_only_one(run, step, &plan, number);
        self.what_it_builds_on_is_done(run, step, number);
        self.sent.push(Sent { number, run, intent: Arc::clone(intent), step: (Arc::clone(&plan.id), step.number) });
    }

    fn is_the_only_one(&mut self, run: Run, step: &Step, plan: &Plan, number: u64) {
        let same = |sent: &&Sent| sent.step.0 == plan.id && sent.step.1 == step.number;
        let former = self.sent.iter().find(same).map(|sent| (sent.number, sent.run));
        if let Some((former, by)) = former {
            self.blame(format!("I2: #{number} of {run:?} is the step that #{former} of {by:?} was"));
        }
    }

    /// The steps before it are done, as claimed and in truth.
    fn what_it_builds_on_is_done(&mut self, (process, change): Run, step: &Step, number: u64) {
        for before in &step.after {
            let claimed = self.claims.get(&((process, change), *before)).map(|claimed| claimed.outcome);
            let is_over = self
                .confirmations
                .get(&(process, change))
                .is_some_and(|confirmation| confirmation.over.contains(before));
            let is_done = claimed == Some(Outcome::Done) || is_over;
            self.require(is_done, || format!("I2: #{number} leaves before step {before} is done"));
        }
    }
}

/// What is on the wire is the step to the letter, in its Region.
fn is_confirmed(step: &Step, departed: &Departed) -> bool {
    let (operation, body) = edge::change(&step.mutation);
    operation == departed.operation && body == departed.body && departed.region == *step.mutation.sent_to()
}

fn whose(credential: &str) -> (&'static str, &'static str) {
    match credential {
        MARIA => ("111122223333", "arn:aws:iam::111122223333:user/maria"),
        JOHN => ("111122223333", "arn:aws:iam::111122223333:user/john"),
        _ => ("444455556666", "arn:aws:iam::444455556666:user/maria"),
    }
}

/// The line of the intent is on the disk whatever happens.
fn is_durable(disk: &Disk, intent: &str) -> bool {
    let durable = disk.durable(&journal_name());
    let mark = format!("\"intent\":\"{intent}\"");
    let text = String::from_utf8_lossy(&durable);
    let whole = text.rsplit_once('\n').map_or("", |(whole, _torn)| whole);
    whole.lines().any(|line| line.contains(&mark) && line.contains("\"kind\":\"intent\""))
}
