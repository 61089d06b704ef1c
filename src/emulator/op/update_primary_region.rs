//! `UpdatePrimaryRegion`: the primary role moves to the Region of an existing replica.
//!
//! It is no failover: the current primary is asked, both keys must be enabled, and there is no way to force it.

use serde::Deserialize;

use super::Success;
use super::call::{self, Call};
use super::replicate_key::{region_of, require_primary};
use crate::emulator::key::Moving;
use crate::emulator::refusal::Refusal;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Input {
    key_id: Option<String>,
    primary_region: Option<String>,
}

pub(crate) fn perform(call: &mut Call<'_>, body: &[u8]) -> Result<Success, Refusal> {
    let input: Input = call::parse(body)?;
    let key = call.key(input.key_id.as_deref())?;
    require_primary(call, key)?;
    let to = region_of(call, "primaryRegion", input.primary_region.as_deref())?;
    if to == call.region {
        return Err(Refusal::unsupported(format!("{} is the primary key already.", call.arn(key))));
    }
    call.admit(to, key)?;
    let until = call.now.saturating_add(call.settings.updating_ms);
    call.account.remember(key, call.now);
    if let Some(set) = call.account.sets.get_mut(&key) {
        set.moving = Some(Moving { to, until });
    }
    call.reschedule(key);
    Ok(Success::Empty)
}
