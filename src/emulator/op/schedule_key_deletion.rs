//! `ScheduleKeyDeletion`: starts the clock, or for a primary with replicas the wait for the last of them.

use serde::{Deserialize, Serialize};

use super::Success;
use super::call::{self, Arn, Call};
use crate::emulator::key::{KeyId, Life};
use crate::emulator::refusal::Refusal;
use crate::emulator::store::DAY;

const DEFAULT_WINDOW: i64 = 30;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Input {
    key_id: Option<String>,
    pending_window_in_days: Option<i64>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Output<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    deletion_date: Option<f64>,
    key_id: Arn<'a, KeyId>,
    key_state: &'static str,
    pending_window_in_days: u32,
}

pub(crate) fn perform(call: &mut Call<'_>, body: &[u8]) -> Result<Success, Refusal> {
    let input: Input = call::parse(body)?;
    let window_days = window(input.pending_window_in_days)?;
    let key = call.key(input.key_id.as_deref())?;
    let (set, _) = call.find(call.region, key)?;
    let waits = set.multi_region && set.primary == call.region && set.has_replicas();
    let at = call.now + u64::from(window_days) * DAY;
    let life = if waits { Life::PendingReplicaDeletion { window_days } } else { Life::PendingDeletion { at } };
    call.own(key)?.life = life;
    call.reschedule(key);
    call::answer(&Output {
        deletion_date: (!waits).then(|| call::seconds(at)),
        key_id: call.arn(key),
        key_state: life.state().name(),
        pending_window_in_days: window_days,
    })
}

fn window(asked: Option<i64>) -> Result<u32, Refusal> {
    let days = asked.unwrap_or(DEFAULT_WINDOW);
    let window = u32::try_from(days).ok().filter(|days| (7..=30).contains(days));
    let rule = if days < 7 {
        "Member must have value greater than or equal to 7"
    } else {
        "Member must have value less than or equal to 30"
    };
    window.ok_or_else(|| Refusal::validation("pendingWindowInDays", days, rule))
}
