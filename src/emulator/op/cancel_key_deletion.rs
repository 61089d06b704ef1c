//! `CancelKeyDeletion`: the key is Disabled afterwards, whatever it was before.

use serde::{Deserialize, Serialize};

use super::Success;
use super::call::{self, Arn, Call};
use crate::emulator::key::{KeyId, Life};
use crate::emulator::refusal::Refusal;
use crate::emulator::spec::Origin;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Input {
    key_id: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Output<'a> {
    key_id: Arn<'a, KeyId>,
}

pub(crate) fn perform(call: &mut Call<'_>, body: &[u8]) -> Result<Success, Refusal> {
    let input: Input = call::parse(body)?;
    let key = call.key(input.key_id.as_deref())?;
    let (set, member) = call.find(call.region, key)?;
    // A key that never had its material cannot be disabled: it goes on waiting for it.
    let waits = set.kind.origin == Origin::External && !member.imported;
    call.own(key)?.life = if waits { Life::PendingImport } else { Life::Disabled };
    call::answer(&Output { key_id: call.arn(key) })
}
