//! `EnableKey`: makes a disabled key usable again; on an enabled key it changes nothing.

use serde::Deserialize;

use super::Success;
use super::call::{self, Call};
use crate::emulator::key::Life;
use crate::emulator::refusal::Refusal;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Input {
    key_id: Option<String>,
}

pub(crate) fn perform(call: &mut Call<'_>, body: &[u8]) -> Result<Success, Refusal> {
    let input: Input = call::parse(body)?;
    let key = call.key(input.key_id.as_deref())?;
    call.own(key)?.life = Life::Enabled;
    Ok(Success::Empty)
}
