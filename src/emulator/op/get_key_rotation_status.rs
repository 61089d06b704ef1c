//! `GetKeyRotationStatus`: whether the key material is replaced every year.
//!
//! Refuses keys that cannot rotate: for them "off" would be the wrong word.

use serde::{Deserialize, Serialize};

use super::Success;
use super::call::{self, Arn, Call};
use crate::emulator::key::{KeyId, KeyState, Member};
use crate::emulator::refusal::Refusal;
use crate::emulator::store::DAY;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Input {
    key_id: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Output<'a> {
    key_id: Arn<'a, KeyId>,
    key_rotation_enabled: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_rotation_date: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rotation_period_in_days: Option<u32>,
}

pub(crate) fn perform(call: &mut Call<'_>, body: &[u8]) -> Result<Success, Refusal> {
    let input: Input = call::parse(body)?;
    let key = call.key(input.key_id.as_deref())?;
    let (set, member) = call.find(call.region, key)?;
    if !set.kind.spec.is_symmetric() {
        return Err(Refusal::unsupported(format!("{} cannot be rotated.", call.arn(key))));
    }
    let dying = match set.state(call.region, member) {
        KeyState::PendingDeletion | KeyState::PendingReplicaDeletion => true,
        KeyState::Enabled | KeyState::Disabled | KeyState::PendingImport | KeyState::Creating | KeyState::Updating => {
            false
        }
    };
    // While the key is pending deletion the service says "off", whatever it was.
    let rotation = set.rotation.filter(|_| !dying);
    call::answer(&Output {
        key_id: call.arn(key),
        key_rotation_enabled: rotation.is_some(),
        next_rotation_date: rotation.map(|days| call::seconds(next_rotation(member, call.now, days))),
        rotation_period_in_days: rotation,
    })
}

/// The next time that a whole number of periods has passed since the key was made.
fn next_rotation(member: &Member, now: u64, days: u32) -> u64 {
    let period = u64::from(days.max(1)) * DAY;
    let passed = now.saturating_sub(member.created) / period;
    member.created + (passed + 1) * period
}
