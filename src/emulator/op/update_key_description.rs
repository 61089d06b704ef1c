//! `UpdateKeyDescription`: describes one member anew; its related keys keep theirs.

use serde::Deserialize;

use super::call::{self, Call};
use super::{Success, create_key};
use crate::emulator::refusal::Refusal;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Input {
    key_id: Option<String>,
    description: Option<String>,
}

pub(crate) fn perform(call: &mut Call<'_>, body: &[u8]) -> Result<Success, Refusal> {
    let input: Input = call::parse(body)?;
    let text = input.description.ok_or_else(|| Refusal::missing("description"))?;
    let description = create_key::description(Some(text))?;
    let key = call.key(input.key_id.as_deref())?;
    call.own(key)?.description = description;
    Ok(Success::Empty)
}
