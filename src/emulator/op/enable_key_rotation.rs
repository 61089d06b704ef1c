//! `EnableKeyRotation`: related keys rotate together, so it is set on the primary for all of them.

use serde::Deserialize;

use super::Success;
use super::call::{self, Call};
use crate::emulator::key::KeyId;
use crate::emulator::refusal::Refusal;
use crate::emulator::spec::Origin;

const USUAL_PERIOD_DAYS: i64 = 365;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Input {
    key_id: Option<String>,
    rotation_period_in_days: Option<i64>,
}

pub(crate) fn perform(call: &mut Call<'_>, body: &[u8]) -> Result<Success, Refusal> {
    let input: Input = call::parse(body)?;
    let asked = input.rotation_period_in_days.unwrap_or(USUAL_PERIOD_DAYS);
    let days = u32::try_from(asked).ok().filter(|days| (90..=2560).contains(days));
    let rule = "Member must have value between 90 and 2560";
    let days = days.ok_or_else(|| Refusal::validation("rotationPeriodInDays", asked, rule))?;
    let key = call.key(input.key_id.as_deref())?;
    rotate(call, key, Some(days))
}

/// Sets the rotation of a key that can rotate.
pub(crate) fn rotate(call: &mut Call<'_>, key: KeyId, days: Option<u32>) -> Result<Success, Refusal> {
    let (set, _) = call.find(call.region, key)?;
    if !set.kind.spec.is_symmetric() || set.kind.origin != Origin::AwsKms || set.primary != call.region {
        return Err(Refusal::unsupported(format!("{} cannot be rotated here.", call.arn(key))));
    }
    call.account.remember(key, call.now);
    if let Some(set) = call.account.sets.get_mut(&key) {
        set.rotation = days;
    }
    Ok(Success::Empty)
}
