//! What processes claim of changes, held against the truth: I4 and I5.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Oracle, Run};
use crate::domain::plan::{Intent, Outcome};
use crate::engine::change::{Phase, StepPhase, StepStatus};
use crate::simulation::books::entries;
use crate::simulation::disk::Disk;
use crate::simulation::process::Process;

/// The latest claim of a run about one of its steps.
#[derive(Clone, Debug)]
pub(super) struct Claimed {
    pub(super) outcome: Outcome,
    intent: Option<Arc<Intent>>,
}

impl Oracle {
    /// Takes note of every claim that is new, and says each in a line.
    pub(super) fn look_at_claims(&mut self, at: u64, process: &Process) -> Vec<String> {
        let mut lines = Vec::new();
        for change in process.engine.changes() {
            let run = (process.number, change.id);
            // Of a plan that was not confirmed a process knows only what an earlier run has claimed.
            if change.phase == Phase::Ready {
                continue;
            }
            for step in &change.steps {
                let Some(outcome) = step.outcome() else { continue };
                let former = self.claims.get(&(run, step.number)).map(|claimed| claimed.outcome);
                if former == Some(outcome) {
                    continue;
                }
                let is_earlier = self.confirmations.get(&run).is_some_and(|known| known.over.contains(&step.number));
                if is_earlier {
                    continue;
                }
                let claimed = Claimed { outcome, intent: step.intent().cloned() };
                self.claims.insert((run, step.number), claimed);
                let detail = step.claim.as_ref().map(|claim| claim.detail.clone()).unwrap_or_default();
                lines.push(format!(
                    "p{} {:?} claims step {} {}: {detail}",
                    process.number,
                    change.id,
                    step.number,
                    outcome.name()
                ));
                self.judge_claim(at, (run, step), former);
            }
        }
        lines
    }

    fn judge_claim(&mut self, at: u64, (run, step): (Run, &StepStatus), former: Option<Outcome>) {
        let may_change = matches!(former, None | Some(Outcome::Unknown));
        let outcome = step.outcome().unwrap_or(Outcome::Unknown);
        self.require(may_change, || format!("I4: {run:?} step {} was {former:?} and is {outcome:?}", step.number));
        if outcome == Outcome::Done {
            let is_true = step.intent().is_some_and(|intent| self.is_applied_or_seen(intent));
            self.require(is_true, || format!("I5: {run:?} claims step {} done at {at}, and it is not", step.number));
        }
    }

    fn is_applied(&self, intent: &str) -> bool {
        let own = self.sent.iter().filter(|sent| *sent.intent == *intent);
        own.into_iter().any(|sent| self.truth.is_applied(sent.number))
    }

    fn is_applied_or_seen(&self, intent: &Intent) -> bool {
        let since = self.recorded.get(&intent.id).map_or(0, |(at, _)| *at);
        self.is_applied(&intent.id) || self.truth.was_seen(&intent.mutation, since.saturating_sub(self.lag))
    }

    /// At the very end, when everything that was late has come.
    pub(in crate::simulation) fn judge(&mut self, at: u64, processes: &BTreeMap<u32, Process>, disk: &Disk) {
        self.judge_final_claims();
        self.judge_journal(disk);
        self.judge_open_intents(at, processes, disk);
    }

    fn judge_final_claims(&mut self) {
        let claims: Vec<((Run, u32), Claimed)> =
            self.claims.iter().map(|(key, claimed)| (*key, claimed.clone())).collect();
        for ((run, number), Claimed { outcome, intent }) in claims {
            let id = intent.map(|intent| Arc::clone(&intent.id));
            let applied = id.as_ref().is_some_and(|id| self.is_applied(id));
            let left = id.as_ref().is_some_and(|id| self.sent.iter().any(|sent| sent.intent == *id));
            match outcome {
                Outcome::Failed => {
                    self.require(!applied, || format!("I5: {run:?} claims step {number} failed, and it was applied"));
                }
                Outcome::NotSent => {
                    self.require(!left, || format!("I5: {run:?} claims step {number} not sent, and it was"));
                }
                Outcome::Done | Outcome::Unknown => {}
            }
        }
    }

    /// The journal is whole, and says of each intent at most once how it ended, and truly.
    fn judge_journal(&mut self, disk: &Disk) {
        let entries = entries(disk);
        if let Some((line, fault)) = entries.faults.first() {
            let words = fault.words();
            return self.blame(format!("I4: line {line} of the journal {words}"));
        }
        let mut ends: BTreeMap<String, Vec<Outcome>> = BTreeMap::new();
        for entry in &entries.all {
            let outcome = entry.outcome.as_ref().and_then(|outcome| Outcome::from_name(outcome.original()));
            let ended = outcome.filter(|outcome| *outcome != Outcome::Unknown);
            ends.entry(entry.intent.original().to_owned()).or_default().extend(ended);
        }
        for (intent, ends) in ends {
            self.require(ends.len() < 2, || format!("I4: the journal ends {intent} more than once: {ends:?}"));
            let applied = self.is_applied(&intent);
            let left = self.sent.iter().any(|sent| *sent.intent == *intent);
            let seen = self.recorded.get(intent.as_str()).cloned();
            let seen = seen.is_some_and(|(_, intent)| self.is_applied_or_seen(&intent));
            let is_true = match ends.first() {
                Some(Outcome::Failed) => !applied,
                Some(Outcome::NotSent) => !left,
                Some(Outcome::Done) => seen,
                Some(Outcome::Unknown) | None => true,
            };
            self.require(is_true, || format!("I5: the journal says {ends:?} of {intent}"));
        }
    }

    /// What is open in the journal is being reconciled by the last process; and what can be seen has been.
    fn judge_open_intents(&mut self, at: u64, processes: &BTreeMap<u32, Process>, disk: &Disk) {
        let reconciling: BTreeSet<Arc<str>> = processes
            .values()
            .flat_map(|process| process.engine.changes())
            .flat_map(|change| &change.steps)
            .filter(|step| matches!(step.phase, StepPhase::Reconciling { .. }))
            .filter_map(|step| step.intent().map(|intent| Arc::clone(&intent.id)))
            .collect();
        let open = entries(disk).open_intents();
        self.require(open.illegible.is_empty(), || "I4: an open intent cannot be read".to_owned());
        for open in open.all {
            let id = Arc::clone(&open.intent.id);
            let is_reconciled = reconciling.contains(&id);
            self.require(is_reconciled, || format!("I4: {id} is open, and nobody reconciles it"));
            let mutation = &open.intent.mutation;
            let is_plain = self.truth.is_seen(mutation, at);
            self.require(!is_plain, || {
                format!("I4: {id} is open although {} can be seen", mutation.change.operation())
            });
        }
    }
}
