//! `GetKeyRotationStatus`: whether the key material is replaced every year.
//!
//! Refuses keys that cannot rotate: for them "off" would be the wrong word.

use serde::{Deserialize, Serialize};

use super::Success;
use super::call::{self, Arn, Call};
use crate::emulator::key::{KeyId, KeyState, Member};
use crate::emulator::refusal::Refusal;
use crate::emulator::store::DAY;

const PERIOD_DAYS: u64 = 365;

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
    rotation_period_in_days: Option<u64>,
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
    let rotates = set.rotation && !dying;
    call::answer(&Output {
        key_id: call.arn(key),
        key_rotation_enabled: rotates,
        next_rotation_date: rotates.then(|| call::seconds(next_rotation(member, call.now))),
        rotation_period_in_days: rotates.then_some(PERIOD_DAYS),
    })
}

/// The next anniversary of the key's making.
fn next_rotation(member: &Member, now: u64) -> u64 {
    let period = PERIOD_DAYS * DAY;
    let passed = now.saturating_sub(member.created) / period;
    member.created + (passed + 1) * period
}
