//! `CreateAlias`: a name for a key, in one Region.

use serde::Deserialize;

use super::Success;
use super::call::{self, Call};
use crate::emulator::key::KeyId;
use crate::emulator::refusal::Refusal;
use crate::emulator::store::Alias;

/// The documented number of aliases of a key.
const MOST_ALIASES: usize = 50;
const LONGEST_NAME: usize = 256;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Input {
    alias_name: Option<String>,
    target_key_id: Option<String>,
}

pub(crate) fn perform(call: &mut Call<'_>, body: &[u8]) -> Result<Success, Refusal> {
    let input: Input = call::parse(body)?;
    let name = input.alias_name.ok_or_else(|| Refusal::missing("aliasName"))?;
    check_name(&name)?;
    let key = call.target_key(input.target_key_id.as_deref())?;
    let held = call.account.places.get(&call.region).is_some_and(|place| place.aliases.contains_key(name.as_str()));
    if held {
        let message = format!("An alias with the name {} already exists", call.alias_arn(&name));
        return Err(Refusal::new("AlreadyExistsException", message));
    }
    require_room(call, key)?;
    let alias = Alias { target: Some(key), created: call.now, updated: call.now };
    call.account.remember_alias(call.region, &name, call.now);
    call.place().aliases.insert(name.into(), alias);
    Ok(Success::Empty)
}

pub(crate) fn check_name(name: &str) -> Result<(), Refusal> {
    let invalid = |message: &str| Err(Refusal::new("InvalidAliasNameException", message));
    if name.is_empty() || name.len() > LONGEST_NAME {
        let rule = format!("Member must have length between 1 and {LONGEST_NAME}, inclusive");
        return Err(Refusal::validation("aliasName", name, &rule));
    }
    let Some(own) = name.strip_prefix("alias/") else {
        let message = "Alias must start with the prefix \"alias/\". Please see the API reference for alias names.";
        return Err(Refusal::new("ValidationException", message));
    };
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'_' | b'-');
    if own.is_empty() || !own.bytes().all(allowed) {
        return Err(Refusal::validation(
            "aliasName",
            name,
            "Member must satisfy regular expression pattern: ^[a-zA-Z0-9:/_-]+$",
        ));
    }
    if own.starts_with("aws/") {
        return invalid("Aliases that begin with alias/aws/ are reserved for AWS services.");
    }
    Ok(())
}

pub(crate) fn require_room(call: &Call<'_>, key: KeyId) -> Result<(), Refusal> {
    let aliases = call.account.places.get(&call.region).into_iter().flat_map(|place| place.aliases.values());
    if aliases.filter(|alias| alias.target == Some(key)).count() < MOST_ALIASES {
        return Ok(());
    }
    Err(Refusal::new("LimitExceededException", format!("{} has {MOST_ALIASES} aliases already.", call.arn(key))))
}
