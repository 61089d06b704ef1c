//! What became of a plan: the report, and the exit code of the worst thing in it.

use std::fmt::Write as _;

use crate::cli::TableOrJson;
use crate::command::Ended;
use crate::domain::fleet::Fleet;
use crate::domain::key::KeyState;
use crate::domain::plan::{Claim, Outcome, Plan};
use crate::domain::text::{Safe, safe};
use crate::engine::change::{ChangeStatus, StepStatus, Unsent};
use crate::wire::outcome::{self, Ended as EndedStep};

/// The report of every step, in their order.
pub(super) fn report(status: &ChangeStatus, plan: &Plan, fleet: &Fleet, output: TableOrJson) -> Result<String, Ended> {
    let not_reached = Claim {
        outcome: Outcome::NotSent,
        code: None,
        request_id: None,
        detail: Safe::from_static("the run ended before its turn came"),
    };
    let ended: Vec<EndedStep<'_>> = status
        .steps
        .iter()
        .map(|step| EndedStep {
            number: step.number,
            mutation: &step.mutation,
            claim: step.claim.as_ref().unwrap_or(&not_reached),
            settled: step.settled,
            state: state(fleet, step),
        })
        .collect();
    match output {
        TableOrJson::Table => Ok(table(&ended)),
        TableOrJson::Json => document(&plan.id, &ended),
    }
}

/// `keyfleet.outcome/1`
pub(super) fn document(plan: &str, steps: &[EndedStep<'_>]) -> Result<String, Ended> {
    let broken = |error| Ended::internal(&format!("the outcome cannot be written: {error}"));
    Ok(crate::wire::json::to_string_pretty(&outcome::document(plan, steps)).map_err(broken)? + "\n")
}

/// What is said of every step when the run ends: what was settled meanwhile, what may be on its way, what the journal does not have.
pub(super) fn close(status: &mut ChangeStatus, earlier: &[(u32, Claim)]) {
    for step in &mut status.steps {
        if let Some((_, claim)) = earlier.iter().find(|(number, _)| *number == step.number) {
            step.settled |= claim.outcome == Outcome::Done;
            step.claim = Some(claim.clone());
        }
        if step.may_be_on_its_way() {
            let detail = "the run ended while it may have been on its way: applying the plan again settles it";
            step.claim = Some(Claim { outcome: Outcome::Unknown, code: None, request_id: None, detail: detail.into() });
        }
        if let (Some(why), Some(claim)) = (&step.unrecorded, &mut step.claim) {
            claim.detail = safe!("{}. The journal could not take this outcome: {why}", claim.detail);
        }
    }
}

fn state<'a>(fleet: &'a Fleet, step: &StepStatus) -> Option<&'a KeyState> {
    let member = fleet.member(&step.key, step.mutation.concerns())?;
    member.described.value().map(|key| &key.state)
}

fn table(steps: &[EndedStep<'_>]) -> String {
    let mut text = String::new();
    for step in steps {
        let (change, region) = (&step.mutation.change, step.mutation.concerns());
        let state = step.state.map(KeyState::name).unwrap_or_default();
        let settled = if step.claim.outcome == Outcome::Done && !step.settled { " (not settled yet)" } else { "" };
        let (number, outcome, operation, key) =
            (step.number, step.claim.outcome.name(), change.operation(), &step.mutation.arn.id);
        let _infallible = writeln!(
            text,
            "{number:>3}  {outcome:<8}  {operation:<19}  {region:<14}  {key}  {state}{settled}  {}",
            step.claim.detail
        );
    }
    text
}

/// The exit code: what is unknown weighs most, then what was refused or never left, then what stopped all of it before anything was sent.
pub(super) fn code(status: &ChangeStatus) -> u8 {
    let claims = || status.steps.iter().filter_map(StepStatus::outcome);
    // What the journal does not have is unknown to everybody who comes later.
    if claims().any(|outcome| outcome == Outcome::Unknown) || status.steps.iter().any(|step| step.unrecorded.is_some())
    {
        return 9;
    }
    let of_this_run = status.steps.iter().filter(|step| !step.is_of_earlier());
    let was_any_sent =
        of_this_run.filter_map(StepStatus::outcome).any(|outcome| matches!(outcome, Outcome::Done | Outcome::Failed));
    let unsent =
        |wanted: &[Unsent]| status.steps.iter().any(|step| step.unsent.is_some_and(|why| wanted.contains(&why)));
    let is_refused =
        claims().any(|outcome| outcome == Outcome::Failed) || unsent(&[Unsent::NeverLeft, Unsent::ChangedLate]);
    let is_stopped_midway = was_any_sent && claims().any(|outcome| outcome == Outcome::NotSent);
    if is_refused || is_stopped_midway {
        return 4;
    }
    let ranked =
        [(Unsent::Changed, 6), (Unsent::Guard, 5), (Unsent::Lock, 7), (Unsent::Journal, 8), (Unsent::Stopped, 4)];
    ranked.into_iter().find(|(why, _)| unsent(&[*why])).map_or(0, |(_, code)| code)
}
