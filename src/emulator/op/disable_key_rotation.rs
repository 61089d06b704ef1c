//! `DisableKeyRotation`: ends the rotation of the related keys, on the primary for all of them.

use serde::Deserialize;

use super::Success;
use super::call::{self, Call};
use super::enable_key_rotation::rotate;
use crate::emulator::refusal::Refusal;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Input {
    key_id: Option<String>,
}

pub(crate) fn perform(call: &mut Call<'_>, body: &[u8]) -> Result<Success, Refusal> {
    let input: Input = call::parse(body)?;
    let key = call.key(input.key_id.as_deref())?;
    rotate(call, key, None)
}
