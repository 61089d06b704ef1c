//! `Decrypt`: opens what `Encrypt` has wrapped, in any Region that has a related key.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Success;
use super::call::{self, Arn, Call};
use super::encrypt::{algorithm, open};
use crate::emulator::key::KeyId;
use crate::emulator::refusal::Refusal;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Input {
    ciphertext_blob: Option<String>,
    key_id: Option<String>,
    encryption_algorithm: Option<String>,
    #[serde(default)]
    encryption_context: BTreeMap<String, String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Output<'a> {
    encryption_algorithm: &'a str,
    key_id: Arn<'a, KeyId>,
    plaintext: &'a str,
}

pub(crate) fn perform(call: &mut Call<'_>, body: &[u8]) -> Result<Success, Refusal> {
    let input: Input = call::parse(body)?;
    let blob = input.ciphertext_blob.ok_or_else(|| Refusal::missing("ciphertextBlob"))?;
    // Which key is meant is asked first: a key that cannot be used is that, whatever is to be opened.
    let named = input.key_id.as_deref().map(|text| call.key(Some(text))).transpose()?;
    let opened = open(&blob, &input.encryption_context);
    let (wrapped_by, text) = opened.ok_or_else(|| Refusal::new("InvalidCiphertextException", ""))?;
    if named.is_some_and(|named| named != wrapped_by) {
        let message = "The key ID in the request does not identify a CMK that can perform this operation.";
        return Err(Refusal::new("IncorrectKeyException", message));
    }
    let key = call.key(Some(&wrapped_by.to_string()))?;
    let algorithm = algorithm(call, key, input.encryption_algorithm.as_deref())?;
    call::answer(&Output { encryption_algorithm: algorithm, key_id: call.arn(key), plaintext: text })
}
