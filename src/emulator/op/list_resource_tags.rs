//! `ListResourceTags`: a key's tags, by tag key.

use serde::{Deserialize, Serialize};

use super::Success;
use super::call::{self, Call};
use crate::emulator::marker;
use crate::emulator::refusal::Refusal;

const DEFAULT_LIMIT: usize = 50;
const MOST: usize = 50;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Input {
    key_id: Option<String>,
    limit: Option<i64>,
    marker: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Output<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    next_marker: Option<String>,
    tags: Vec<Entry<'a>>,
    truncated: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Entry<'a> {
    tag_key: &'a str,
    tag_value: &'a str,
}

pub(crate) fn perform(call: &mut Call<'_>, body: &[u8]) -> Result<Success, Refusal> {
    let input: Input = call::parse(body)?;
    let limit = call::limit(input.limit, DEFAULT_LIMIT, MOST)?;
    let after = call::after(call.operation, input.marker.as_deref())?;
    let key = call.key(input.key_id.as_deref())?;
    let (_, member) = call.find(call.region, key)?;
    let follows = |tag_key: &str| after.as_deref().is_none_or(|after| tag_key.as_bytes() > after);
    let mut rest = member.tags.iter().filter(|(tag_key, _)| follows(tag_key));
    let tags: Vec<Entry<'_>> =
        rest.by_ref().take(limit).map(|(tag_key, tag_value)| Entry { tag_key, tag_value }).collect();
    let truncated = rest.next().is_some();
    let last = tags.last().filter(|_| truncated);
    let next_marker = last.map(|tag| marker::encode(call.operation.name(), tag.tag_key.as_bytes()));
    call::answer(&Output { next_marker, tags, truncated })
}
