//! `ListGrants`: nobody can make a grant here, so a key has none.

use serde::{Deserialize, Serialize};

use super::Success;
use super::call::{self, Call};
use crate::emulator::refusal::Refusal;

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
struct Output {
    grants: [(); 0],
    truncated: bool,
}

pub(crate) fn perform(call: &mut Call<'_>, body: &[u8]) -> Result<Success, Refusal> {
    let input: Input = call::parse(body)?;
    call::limit(input.limit, DEFAULT_LIMIT, MOST)?;
    call::after(call.operation, input.marker.as_deref())?;
    call.key(input.key_id.as_deref())?;
    call::answer(&Output { grants: [], truncated: false })
}
