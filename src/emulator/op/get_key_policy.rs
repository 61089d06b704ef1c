//! `GetKeyPolicy`: the policy of one member.

use serde::{Deserialize, Serialize};

use super::Success;
use super::call::{self, Call};
use super::put_key_policy::require_default_name;
use crate::emulator::policy;
use crate::emulator::refusal::Refusal;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Input {
    key_id: Option<String>,
    policy_name: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Output<'a> {
    policy: &'a str,
    policy_name: &'static str,
}

pub(crate) fn perform(call: &mut Call<'_>, body: &[u8]) -> Result<Success, Refusal> {
    let input: Input = call::parse(body)?;
    let key = call.key(input.key_id.as_deref())?;
    require_default_name(input.policy_name.as_deref())?;
    let (_, member) = call.find(call.region, key)?;
    let default = policy::default_policy(call.partition(), &call.account.id);
    call::answer(&Output { policy: member.policy.as_deref().unwrap_or(&default), policy_name: "default" })
}
