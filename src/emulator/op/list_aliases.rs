//! `ListAliases`: the aliases of one Region, by name; of one key, if asked.

use std::ops::Bound;

use serde::{Deserialize, Serialize};

use super::Success;
use super::call::{self, Arn, Call};
use crate::emulator::marker;
use crate::emulator::refusal::Refusal;
use crate::emulator::store::Alias;

const DEFAULT_LIMIT: usize = 50;
const MOST: usize = 100;

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
    aliases: Vec<Entry<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_marker: Option<String>,
    truncated: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Entry<'a> {
    alias_arn: Arn<'a, &'a str>,
    alias_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    creation_date: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_updated_date: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    target_key_id: Option<String>,
}

pub(crate) fn perform(call: &mut Call<'_>, body: &[u8]) -> Result<Success, Refusal> {
    let input: Input = call::parse(body)?;
    let limit = call::limit(input.limit, DEFAULT_LIMIT, MOST)?;
    let after = call::after(call.operation, input.marker.as_deref())?;
    let after = after.and_then(|bytes| String::from_utf8(bytes).ok());
    let key = input.key_id.as_deref().map(|text| call.key(Some(text))).transpose()?;
    let start = after.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
    let mut page = call.account.aliases_at(call.region, call.seen, start, (key, limit + 1));
    let truncated = page.len() > limit;
    page.truncate(limit);
    let last = page.last().filter(|_| truncated);
    let next_marker = last.map(|(name, _)| marker::encode(call.operation.name(), name.as_bytes()));
    let aliases = page.into_iter().map(|(name, alias)| entry(call, name, alias)).collect();
    call::answer(&Output { aliases, next_marker, truncated })
}

fn entry<'c>(call: &'c Call<'_>, name: &'c str, alias: &Alias) -> Entry<'c> {
    // An alias that waits for a service's first key has no dates either.
    let dated = |moment: u64| alias.target.map(|_| call::seconds(moment));
    Entry {
        alias_arn: call.alias_arn(name),
        alias_name: name,
        creation_date: dated(alias.created),
        last_updated_date: dated(alias.updated),
        target_key_id: alias.target.map(|key| key.to_string()),
    }
}
