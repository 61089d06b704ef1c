//! `ListKeys`: the keys of one Region, by identifier.

use std::ops::Bound;

use serde::{Deserialize, Serialize};

use super::Success;
use super::call::{self, Arn, Call};
use crate::emulator::key::KeyId;
use crate::emulator::marker;
use crate::emulator::refusal::Refusal;

const DEFAULT_LIMIT: usize = 100;
const MOST: usize = 1000;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Input {
    limit: Option<i64>,
    marker: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Output<'a> {
    keys: Vec<Entry<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_marker: Option<String>,
    truncated: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Entry<'a> {
    key_arn: Arn<'a, KeyId>,
    key_id: String,
}

pub(crate) fn perform(call: &mut Call<'_>, body: &[u8]) -> Result<Success, Refusal> {
    let input: Input = call::parse(body)?;
    let limit = call::limit(input.limit, DEFAULT_LIMIT, MOST)?;
    let after = call::after(call.operation, input.marker.as_deref())?;
    let start = after.and_then(|bytes| KeyId::from_bytes(&bytes)).map_or(Bound::Unbounded, Bound::Excluded);
    let mut page = call.account.keys_at(call.region, call.seen, start, limit + 1);
    let truncated = page.len() > limit;
    page.truncate(limit);
    let next_marker =
        page.last().filter(|_| truncated).map(|last| marker::encode(call.operation.name(), &last.to_bytes()));
    let entry = |key: &KeyId| Entry { key_arn: call.arn(*key), key_id: key.to_string() };
    call::answer(&Output { keys: page.iter().map(entry).collect(), next_marker, truncated })
}
