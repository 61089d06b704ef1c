//! `UpdateAlias`: gives a name that exists to another key of the same kind.

use serde::Deserialize;

use super::Success;
use super::call::{self, Call};
use super::create_alias::require_room;
use crate::emulator::key::KeyId;
use crate::emulator::refusal::Refusal;
use crate::emulator::store::Alias;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Input {
    alias_name: Option<String>,
    target_key_id: Option<String>,
}

pub(crate) fn perform(call: &mut Call<'_>, body: &[u8]) -> Result<Success, Refusal> {
    let input: Input = call::parse(body)?;
    let name = input.alias_name.ok_or_else(|| Refusal::missing("aliasName"))?;
    let key = call.target_key(input.target_key_id.as_deref())?;
    let held = call.account.alias_at(call.region, &name, call.now).cloned();
    let missing = || Refusal::new("NotFoundException", format!("Alias {} is not found.", call.alias_arn(&name)));
    let held = held.ok_or_else(missing)?;
    require_same_kind(call, held.target, key)?;
    if held.target != Some(key) {
        require_room(call, key)?;
    }
    let (created, updated) = (held.created, call.now);
    call.account.remember_alias(call.region, &name, call.now);
    call.place().aliases.insert(name.into(), Alias { target: Some(key), created, updated });
    Ok(Success::Empty)
}

/// A name moves only between keys of one usage, and between symmetric ones or between others.
fn require_same_kind(call: &Call<'_>, former: Option<KeyId>, key: KeyId) -> Result<(), Refusal> {
    let kind =
        |key: KeyId| call.account.set_at(key, call.now).map(|set| (set.kind.usage, set.kind.spec.is_symmetric()));
    if former.is_none_or(|former| kind(former) == kind(key)) {
        return Ok(());
    }
    Err(Refusal::new("ValidationException", "The current and the new key must be of the same type and usage."))
}
