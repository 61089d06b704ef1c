//! What an earlier run of a plan has sent: looked up in the journal under its lock, and settled by reading before anything else is sent.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::command::Ended;
use crate::command::recorder::Books;
use crate::domain::plan::{Claim, Outcome, Plan};
use crate::domain::text::Safe;
use crate::engine::Engine;
use crate::engine::change::{StepPhase, StepStatus};
use crate::engine::effect::ChangeId;
use crate::runtime::headless::Drive;
use crate::runtime::signals::Signal;
use crate::state::journal::history::StepRecord;
use crate::state::journal::{JournalError, Subject};

pub(super) struct Earlier {
    records: BTreeMap<u32, StepRecord>,
    /// The steps that nobody knew the end of, as they are settled now.
    taken_over: Vec<(u32, ChangeId)>,
}

impl Earlier {
    /// Reads the journal. A record that is of another request than the plan's step is of another plan with the same ID.
    pub(super) fn look(plan: &Plan, books: &Books) -> Result<Self, Ended> {
        let records = books.steps_of(subject(plan), &plan.id).map_err(|error| unreadable(&error))?;
        for (number, record) in &records {
            let step = plan.steps.iter().find(|step| step.number == *number);
            if step.is_none_or(|step| step.mutation != record.intent.mutation) {
                return Err(Ended::refused(&format!(
                    "the journal holds another request for step {number} of a plan with this ID: this is not the plan that was applied\nmake the plan again"
                )));
            }
        }
        Ok(Self { records, taken_over: Vec::new() })
    }

    /// Settles what is open by reading, for a while: what stays unknown does not keep the other steps from being sent, since whoever applies the plan again has
    /// seen it.
    pub(super) async fn settle(
        &mut self,
        drive: &mut Drive<'_>,
        plan: &Plan,
        books: &Books,
        longest: Duration,
    ) -> Result<Option<Signal>, Ended> {
        if !self.records.values().any(|record| record.is_open) {
            return Ok(None);
        }
        let open = books.left_open(subject(plan), true).map_err(|error| unreadable(&error))?;
        if let Some(holder) = open.held_by {
            return Err(Ended::locked(&format!("{holder} changes keys of this account\nwait until it has ended")));
        }
        for intent in open.intents {
            let (is_own, step) = (intent.plan == plan.id, intent.step);
            let change = drive.take_over(plan.login, intent.as_ref().clone());
            if is_own {
                self.taken_over.push((step, change));
            }
        }
        let soon = drive.now().monotonic + longest;
        Ok(drive.until_or(Some(soon), |engine| self.is_settled(engine)).await.err())
    }

    pub(super) fn is_settled(&self, engine: &Engine) -> bool {
        let is_open =
            |change: &ChangeId| engine.change(*change).is_some_and(|status| status.steps.iter().any(is_reconciling));
        !self.taken_over.iter().any(|(_, change)| is_open(change))
    }

    /// The steps that are not to be sent again, with what is known of each.
    pub(super) fn over(&self, engine: &Engine) -> Vec<(u32, Claim)> {
        let settled = |number: u32| {
            let (_, change) = self.taken_over.iter().find(|(step, _)| *step == number)?;
            engine.change(*change)?.steps.first()?.claim.clone()
        };
        let known = |(number, record): (&u32, &StepRecord)| Some((*number, settled(*number).or_else(|| sent(record))?));
        self.records.iter().filter_map(known).collect()
    }
}

fn subject(plan: &Plan) -> Subject {
    (plan.partition, plan.identity.account)
}

/// What is known of a step that was sent, or may have been. What provably never left may be sent now.
fn sent(record: &StepRecord) -> Option<Claim> {
    let unknown = || Claim {
        outcome: Outcome::Unknown,
        code: None,
        request_id: None,
        detail: Safe::from_static("an earlier run of this plan left it open"),
    };
    let claim = record.claim.clone().unwrap_or_else(unknown);
    (claim.outcome != Outcome::NotSent || record.is_open).then_some(claim)
}

fn is_reconciling(step: &StepStatus) -> bool {
    matches!(step.phase, StepPhase::Reconciling { .. })
}

fn unreadable(error: &JournalError) -> Ended {
    let words = error.words();
    if error.is_locked() {
        Ended::locked(&format!("{words}\nwait until the other keyfleet has ended"))
    } else {
        Ended::journal(&format!("the journal cannot be read: {words}"))
    }
}
