//! `PutKeyPolicy`: replaces the policy of one member; its related keys keep theirs.

use serde::Deserialize;

use super::Success;
use super::call::{self, Call};
use crate::emulator::policy;
use crate::emulator::refusal::Refusal;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Input {
    key_id: Option<String>,
    policy_name: Option<String>,
    policy: Option<String>,
    #[serde(default)]
    bypass_policy_lockout_safety_check: bool,
}

pub(crate) fn perform(call: &mut Call<'_>, body: &[u8]) -> Result<Success, Refusal> {
    let input: Input = call::parse(body)?;
    let text = input.policy.ok_or_else(|| Refusal::missing("policy"))?;
    require_default_name(input.policy_name.as_deref())?;
    let key = call.key(input.key_id.as_deref())?;
    let policy = policy::accept(&text, &call.account.id, input.bypass_policy_lockout_safety_check)?;
    call.own(key)?.policy = Some(policy);
    Ok(Success::Empty)
}

/// A key has one policy, and its name is `default`.
pub(crate) fn require_default_name(name: Option<&str>) -> Result<(), Refusal> {
    match name {
        None | Some("default") => Ok(()),
        Some(_) => Err(Refusal::new("NotFoundException", "No such policy exists")),
    }
}
