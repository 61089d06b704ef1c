//! `DescribeKey`: the only operation here that also takes an alias for a key.

use serde::{Deserialize, Serialize};

use super::Success;
use super::call::{self, Call};
use super::metadata::{self, KeyMetadata};
use crate::emulator::refusal::Refusal;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Input {
    key_id: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Output<'a> {
    key_metadata: KeyMetadata<'a>,
}

pub(crate) fn perform(call: &mut Call<'_>, body: &[u8]) -> Result<Success, Refusal> {
    let input: Input = call::parse(body)?;
    let key = call.key(input.key_id.as_deref())?;
    call::answer(&Output { key_metadata: metadata::describe(call, call.region, key)? })
}
