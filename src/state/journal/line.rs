//! A line as it is written: the keys in their order, every one of them there, `hash` last.

use serde::Serialize;
use serde_json::Value;

use super::Writer;
use crate::domain::plan::{Claim, Intent, RecordKind};
use crate::domain::policy::sha256;
use crate::domain::text::Safe;
use crate::domain::time::Timestamp;
use crate::wire::json;

/// The version of the format.
pub(super) const VERSION: u32 = 1;

/// One line without its hash. The order of the fields is the order in the file.
#[derive(Debug, Serialize)]
pub(super) struct Line<'a> {
    v: u32,
    n: u64,
    prev: &'a str,
    at: String,
    kind: &'static str,
    intent: &'a str,
    plan: &'a str,
    step: u32,
    account: String,
    caller_arn: &'a str,
    host: String,
    pid: u32,
    operation: &'static str,
    key_arn: String,
    sent_to: &'a str,
    parameters: Option<Value>,
    outcome: Option<&'static str>,
    code: Option<&'a str>,
    request_id: Option<&'a str>,
    detail: Option<&'a str>,
}

impl<'a> Line<'a> {
    /// What every line about an intent says.
    pub(super) fn of(intent: &'a Intent, kind: RecordKind, writer: &Writer, at: Timestamp) -> Self {
        Self {
            v: VERSION,
            n: 0,
            prev: "",
            at: at.rfc3339(),
            kind: kind.name(),
            intent: &intent.id,
            plan: &intent.plan,
            step: intent.step,
            account: intent.account.to_string(),
            caller_arn: intent.caller_arn.original(),
            host: writer.host.to_string(),
            pid: writer.pid,
            operation: intent.mutation.change.operation().name(),
            key_arn: intent.mutation.arn.to_string(),
            sent_to: intent.mutation.sent_to().as_str(),
            parameters: None,
            outcome: None,
            code: None,
            request_id: None,
            detail: None,
        }
    }

    pub(super) fn with_parameters(mut self, parameters: Value) -> Self {
        self.parameters = Some(parameters);
        self
    }

    pub(super) fn with_claim(mut self, claim: &'a Claim) -> Self {
        self.outcome = Some(claim.outcome.name());
        self.code = claim.code.as_ref().map(crate::domain::text::Foreign::original);
        self.request_id = claim.request_id.as_ref().map(crate::domain::text::Foreign::original);
        self.with_detail(&claim.detail)
    }

    pub(super) fn with_detail(mut self, detail: &'a Safe) -> Self {
        self.detail = Some(detail.as_str());
        self
    }

    /// The line, without its end, and its hash.
    pub(super) fn finish(mut self, number: u64, prev: &'a str) -> Result<(String, String), serde_json::Error> {
        (self.n, self.prev) = (number, prev);
        let body = json::to_string(&self)?;
        let hash = sha256(&body);
        let open = body.strip_suffix('}').unwrap_or(&body);
        Ok((format!("{open}{HASH_KEY}{hash}\"}}"), hash))
    }
}

const HASH_KEY: &str = ",\"hash\":\"";

/// What the hash of a line should be by its own bytes.
pub(super) struct OwnHash {
    pub(super) hash: String,
    /// The line ends with exactly this hash and nothing else.
    pub(super) is_stated: bool,
}

/// `None` if the line has no hash at its end.
pub(super) fn own_hash(line: &str) -> Option<OwnHash> {
    let (body, stated) = line.rsplit_once(HASH_KEY)?;
    let hash = sha256(&format!("{body}}}"));
    // What stands behind the hash is covered by none, so nothing may.
    let is_stated = stated.strip_suffix("\"}").is_some_and(|stated| stated == hash);
    Some(OwnHash { hash, is_stated })
}
