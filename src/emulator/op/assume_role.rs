//! `AssumeRole`: credentials that end, with the rights of a role of the fleet file.
//!
//! There are no trust policies: whoever may call it for a role gets the role.

use super::call::Call;
use super::{AssumedRole, Success};
use crate::emulator::fleet::Secret;
use crate::emulator::form;
use crate::emulator::identity::{Caller, Session};
use crate::emulator::random::named_digits;
use crate::emulator::refusal::Refusal;

const USUAL_SECONDS: u64 = 3600;

pub(crate) fn perform(call: &mut Call<'_>, body: &[u8]) -> Result<Success, Refusal> {
    let role = form::field(body, "RoleArn").ok_or_else(|| Refusal::missing("roleArn"))?;
    let session = session_name(body)?;
    let seconds = duration(body)?;
    let (account, rights) = call.identities.role(&role).ok_or_else(|| denied(call, &role))?;
    let arn = session_arn(&role, &session).ok_or_else(|| denied(call, &role))?;
    let secret = letters(call, 40);
    let token = letters(call, 180);
    let access_key = format!("ASIA{}", letters(call, 16).to_ascii_uppercase());
    let role_id = format!("AROA{}", named_digits(call.settings.seed, "role", &role).to_ascii_uppercase());
    let expires = call.now.saturating_add(seconds.saturating_mul(1000));
    let caller = Caller {
        account,
        arn: Some(arn.as_str().into()),
        secret: Some(Secret(secret.clone())),
        session: Some(Session { token: token.as_str().into(), expires }),
        rights,
    };
    call.identities.add_session(access_key.clone(), caller);
    let role_id = format!("{}:{session}", role_id.get(..21).unwrap_or_default());
    let expiration = timestamp(expires);
    Ok(Success::AssumedRole(Box::new(AssumedRole { arn, role_id, access_key, secret, token, expiration })))
}

fn denied(call: &Call<'_>, role: &str) -> Refusal {
    let caller = call.caller_arn();
    let message = format!("User: {caller} is not authorized to perform: sts:AssumeRole on resource: {role}");
    Refusal::new("AccessDeniedException", message)
}

fn session_name(body: &[u8]) -> Result<String, Refusal> {
    let name = form::field(body, "RoleSessionName").ok_or_else(|| Refusal::missing("roleSessionName"))?;
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte);
    if (2..=64).contains(&name.len()) && name.bytes().all(allowed) {
        return Ok(name);
    }
    let rule = "Member must satisfy regular expression pattern: [\\w+=,.@-]* and have length between 2 and 64";
    Err(Refusal::validation("roleSessionName", name, rule))
}

fn duration(body: &[u8]) -> Result<u64, Refusal> {
    let Some(asked) = form::field(body, "DurationSeconds") else { return Ok(USUAL_SECONDS) };
    let seconds = asked.parse().ok().filter(|seconds| (900..=43_200).contains(seconds));
    let rule = "Member must have value between 900 and 43200";
    seconds.ok_or_else(|| Refusal::validation("durationSeconds", asked, rule))
}

/// `arn:aws:iam::1:role/path/name` is, for a while, `arn:aws:sts::1:assumed-role/name/session`.
fn session_arn(role: &str, session: &str) -> Option<String> {
    let mut parts = role.splitn(6, ':').skip(1);
    let (partition, _iam, _region) = (parts.next()?, parts.next()?, parts.next()?);
    let (account, resource) = (parts.next()?, parts.next()?);
    let name = resource.strip_prefix("role/")?.rsplit('/').next()?;
    Some(format!("arn:{partition}:sts::{account}:assumed-role/{name}/{session}"))
}

/// Letters and digits out of chance.
fn letters(call: &mut Call<'_>, count: usize) -> String {
    const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let mut text = String::with_capacity(count);
    while text.len() < count {
        let drawn = usize::try_from(call.random.next() >> 59).unwrap_or(0);
        text.push(LETTERS.get(drawn).copied().map_or('a', char::from));
    }
    text
}

fn timestamp(millis: u64) -> String {
    let seconds = i64::try_from(millis / 1000).unwrap_or(i64::MAX);
    jiff::Timestamp::from_second(seconds).map_or_else(|_| String::new(), |moment| moment.to_string())
}
