//! `GetCallerIdentity`, the one operation of STS that is served: whose credentials these are.

use super::Success;
use super::call::Call;
use crate::emulator::random::named;

pub(crate) fn perform(call: &Call<'_>) -> Success {
    let arn = call.caller_arn();
    let unique = format!("{:032X}", named(call.settings.seed, "user", &arn));
    let unique = unique.get(..17).unwrap_or_default();
    // A role's session is known by the role's identifier and its own name.
    let user_id = match arn.split_once(":assumed-role/").and_then(|(_, role)| role.split_once('/')) {
        Some((_, session)) => format!("AROA{unique}:{session}"),
        None => format!("AIDA{unique}"),
    };
    Success::CallerIdentity { account: call.account.id.to_string(), arn, user_id }
}
