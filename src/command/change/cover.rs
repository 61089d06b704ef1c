//! `keyfleet plan cover`: a replica for every gap that is certain. What is left out is named with its reason.

use std::time::Duration;

use crate::command::Ended;
use crate::domain::coverage::gaps::gaps;
use crate::domain::filter::{Filter, Truth};
use crate::domain::id::Login;
use crate::domain::plan::{Operation, Plan, Skipped};
use crate::domain::text::Safe;
use crate::engine::Engine;
use crate::engine::change::{Options, Phase, Want};
use crate::runtime::headless::Drive;

/// Makes the plan out of a fleet that has been read. `filter` narrows the keys; one that it cannot decide is left out and named.
pub(super) async fn make(
    drive: &mut Drive<'_>,
    (filter, options): (Option<&Filter>, &Options),
    valid_for: Duration,
) -> Result<Plan, Ended> {
    let now = drive.now();
    if drive.engine().fleet().rules().is_empty() {
        return Err(Ended::usage(
            "no rule says where keys must be, so there is nothing to cover\nwrite [[rules]] into the configuration: `keyfleet config path`",
        ));
    }
    let fleet = drive.engine().fleet();
    let is_chosen = |truth: Truth| move |row: &_| filter.map_or(Truth::Yes, |filter| filter.matches(row)) == truth;
    let mut found = gaps(fleet, is_chosen(Truth::Yes), now.wall);
    let undecided = gaps(fleet, is_chosen(Truth::Undecided), now.wall);
    let open =
        |key, region| Skipped { key, region, why: Safe::from_static("whether the filter takes this key is open") };
    found.left.extend(undecided.left);
    found.left.extend(undecided.to_replicate.into_iter().map(|(key, region)| open(key.id, Some(region))));
    let wants: Vec<Want> = found
        .to_replicate
        .into_iter()
        .map(|(key, region)| Want { key, operation: Operation::ReplicateKey, region, options: options.clone() })
        .collect();
    let mut plan = plan(drive, wants, valid_for).await?;
    plan.skipped.extend(found.left);
    Ok(plan)
}

async fn plan(drive: &mut Drive<'_>, wants: Vec<Want>, valid_for: Duration) -> Result<Plan, Ended> {
    let Some(first) = wants.first().cloned() else { return nothing(drive, valid_for) };
    let is_only_one = wants.len() == 1;
    let change = drive.draft(wants, valid_for);
    let is_made =
        |engine: &Engine| !engine.change(change).is_some_and(|status| matches!(status.phase, Phase::Preparing { .. }));
    drive.until(is_made).await.map_err(Ended::signal)?;
    let lost = || Ended::internal("the plan was lost");
    let status = drive.engine().change(change).ok_or_else(lost)?;
    let left_out = |why: Safe| Skipped { key: first.key.id.clone(), region: Some(first.region.clone()), why };
    // A plan for one thing says no as a whole. Here it is one gap of perhaps none more, and is left out like any other.
    let (made, why) = match (&status.phase, &status.plan) {
        (Phase::Impossible { why }, _) if is_only_one => (None, Some(why.clone())),
        (Phase::Impossible { why }, _) => return Err(Ended::incomplete(&format!("no plan can be made: {why}"))),
        (_, Some(plan)) => (Some(Plan::clone(plan)), plan.blocked_by().map(|condition| condition.text.clone())),
        (_, None) => return Err(lost()),
    };
    let Some(why) = why else { return made.ok_or_else(lost) };
    let mut plan = nothing(drive, valid_for)?;
    plan.skipped = vec![left_out(why)];
    Ok(plan)
}

fn nothing(drive: &mut Drive<'_>, valid_for: Duration) -> Result<Plan, Ended> {
    let cannot = |why: Safe| Ended::incomplete(&format!("no plan can be made: {why}"));
    drive.plan_of_nothing(Login(0), valid_for).map_err(cannot)
}
