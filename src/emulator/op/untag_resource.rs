//! `UntagResource`: removes tags from a key; names that it does not have are no error.

use serde::Deserialize;

use super::Success;
use super::call::{self, Call};
use crate::emulator::refusal::Refusal;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Input {
    key_id: Option<String>,
    tag_keys: Option<Vec<String>>,
}

pub(crate) fn perform(call: &mut Call<'_>, body: &[u8]) -> Result<Success, Refusal> {
    let input: Input = call::parse(body)?;
    let names = input.tag_keys.ok_or_else(|| Refusal::missing("tagKeys"))?;
    let key = call.key(input.key_id.as_deref())?;
    call.own(key)?.tags.retain(|(name, _)| !names.iter().any(|removed| **removed == **name));
    Ok(Success::Empty)
}
