//! `DeleteAlias`: takes a name away; the key keeps its others.

use serde::Deserialize;

use super::Success;
use super::call::{self, Call};
use crate::emulator::refusal::Refusal;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Input {
    alias_name: Option<String>,
}

pub(crate) fn perform(call: &mut Call<'_>, body: &[u8]) -> Result<Success, Refusal> {
    let input: Input = call::parse(body)?;
    let name = input.alias_name.ok_or_else(|| Refusal::missing("aliasName"))?;
    call.account.remember_alias(call.region, &name, call.now);
    let missing = Refusal::new("NotFoundException", format!("Alias {} is not found.", call.alias_arn(&name)));
    call.place().aliases.remove(name.as_str()).map(|_| Success::Empty).ok_or(missing)
}
