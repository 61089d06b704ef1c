//! `Encrypt`: wraps a text so that `Decrypt` finds key, context and text again. **Nothing is encrypted**: whoever has the
//! ciphertext has the text, and it says so in its first letters.
//!
//! It is here for what the state of a key does to its use, and for reading in one Region what was written in another.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Success;
use super::call::{self, Arn, Call};
use crate::emulator::key::KeyId;
use crate::emulator::random::named;
use crate::emulator::refusal::Refusal;
use crate::emulator::spec::Usage;

/// The beginning of every ciphertext. With what follows it up to the text it is a whole number of base64 groups, so
/// that the text can stay as it was sent.
const PREFIX: &str = "KeyfleetNotEncrypted";
/// The documented most for symmetric keys, 4096 bytes, in base64.
const LONGEST_TEXT: usize = 5464;
/// Two kinds of identifiers, each in four letters.
const MULTI: &str = "mrk0";
const SINGLE: &str = "uuid";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Input {
    key_id: Option<String>,
    plaintext: Option<String>,
    encryption_algorithm: Option<String>,
    #[serde(default)]
    encryption_context: BTreeMap<String, String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Output<'a> {
    ciphertext_blob: String,
    encryption_algorithm: &'a str,
    key_id: Arn<'a, KeyId>,
}

pub(crate) fn perform(call: &mut Call<'_>, body: &[u8]) -> Result<Success, Refusal> {
    let input: Input = call::parse(body)?;
    let text = input.plaintext.ok_or_else(|| Refusal::missing("plaintext"))?;
    if text.is_empty() || text.len() > LONGEST_TEXT || !is_base64(&text) {
        let rule = "Member must have length between 1 and 4096 bytes, in base64";
        return Err(Refusal::validation("plaintext", "…", rule));
    }
    let key = call.key(input.key_id.as_deref())?;
    let algorithm = algorithm(call, key, input.encryption_algorithm.as_deref())?;
    let (kind, number) = match key {
        KeyId::Multi(number) => (MULTI, number),
        KeyId::Single(number) => (SINGLE, number),
    };
    let ciphertext_blob = format!("{PREFIX}{kind}{number:032x}{}{text}", seal(&input.encryption_context));
    call::answer(&Output { ciphertext_blob, encryption_algorithm: algorithm, key_id: call.arn(key) })
}

/// The key and the text of a ciphertext, if it is one of ours and the context is that of its making.
pub(crate) fn open<'t>(blob: &'t str, context: &BTreeMap<String, String>) -> Option<(KeyId, &'t str)> {
    let rest = blob.strip_prefix(PREFIX)?;
    let (kind, rest) = rest.split_at_checked(4)?;
    let (number, rest) = rest.split_at_checked(32)?;
    let number = u128::from_str_radix(number, 16).ok()?;
    let key = match kind {
        MULTI => KeyId::Multi(number),
        SINGLE => KeyId::Single(number),
        _ => return None,
    };
    let text = rest.strip_prefix(&seal(context))?;
    is_base64(text).then_some((key, text))
}

/// The algorithm that is used: the one asked for, if the key has it.
pub(crate) fn algorithm(call: &Call<'_>, key: KeyId, asked: Option<&str>) -> Result<&'static str, Refusal> {
    let (set, _) = call.find(call.region, key)?;
    if set.kind.usage != Usage::EncryptDecrypt {
        let message = format!(
            "{} key usage is {} which is not valid for {}.",
            call.arn(key),
            set.kind.usage.name(),
            call.operation.name()
        );
        return Err(Refusal::new("InvalidKeyUsageException", message));
    }
    let asked = asked.unwrap_or("SYMMETRIC_DEFAULT");
    let found = set.kind.encryption().iter().find(|known| **known == asked).copied();
    found.ok_or_else(|| {
        let message = format!("Algorithm {asked} is incompatible with key spec {}.", set.kind.spec.name);
        Refusal::new("InvalidKeyUsageException", message)
    })
}

/// Sixteen letters that stand for a context.
fn seal(context: &BTreeMap<String, String>) -> String {
    let mut text = serde_json::to_string(context)
        .map_or_else(|_| String::new(), |text| format!("{:032x}", named(0, "context", text)));
    text.truncate(16);
    text
}

fn is_base64(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    let letters = body.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'));
    text.len().is_multiple_of(4) && text.len() - body.len() <= 2 && letters
}
