//! `TagResource`: adds tags to a key, or gives existing ones another value.

use serde::Deserialize;

use super::Success;
use super::call::{self, Call};
use super::tags::{self, Tag};
use crate::emulator::refusal::Refusal;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Input {
    key_id: Option<String>,
    tags: Option<Vec<Tag>>,
}

pub(crate) fn perform(call: &mut Call<'_>, body: &[u8]) -> Result<Success, Refusal> {
    let input: Input = call::parse(body)?;
    let sent = input.tags.ok_or_else(|| Refusal::missing("tags"))?;
    let key = call.key(input.key_id.as_deref())?;
    tags::add(&mut call.own(key)?.tags, &sent)?;
    Ok(Success::Empty)
}
