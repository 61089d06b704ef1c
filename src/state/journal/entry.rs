//! One line of a journal as it is read.
//!
//! The file may have been edited, so everything in it is foreign. What cannot be made a change again is told in words, never guessed at.

use serde::Deserialize;
use serde_json::Value;

use super::line::VERSION;
use crate::domain::id::{AccountId, KeyArn};
use crate::domain::plan::{Claim, Intent, Mutation, Operation, Outcome, RecordKind};
use crate::domain::text::{Foreign, Safe, safe};
use crate::wire::found::Found;
use crate::wire::parameters;

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) number: u64,
    pub(crate) kind: RecordKind,
    pub(crate) at: Foreign,
    pub(crate) intent: Foreign,
    pub(crate) plan: Foreign,
    pub(crate) step: u32,
    pub(crate) account: Foreign,
    pub(crate) caller_arn: Foreign,
    pub(crate) host: Foreign,
    pub(crate) pid: u32,
    pub(crate) operation: Foreign,
    pub(crate) key_arn: Foreign,
    pub(crate) sent_to: Foreign,
    pub(crate) parameters: Option<Value>,
    pub(crate) outcome: Option<Foreign>,
    pub(crate) code: Option<Foreign>,
    pub(crate) request_id: Option<Foreign>,
    pub(crate) detail: Option<Foreign>,
    pub(super) prev: String,
    pub(crate) hash: String,
}

/// A line as serde sees it. What is missing is empty: the chain of hashes tells whether it was there.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Raw {
    v: u32,
    n: u64,
    prev: String,
    at: String,
    kind: String,
    intent: Option<String>,
    plan: Option<String>,
    step: Option<u32>,
    account: Option<String>,
    caller_arn: Option<String>,
    host: Option<String>,
    pid: Option<u32>,
    operation: Option<String>,
    key_arn: Option<String>,
    sent_to: Option<String>,
    parameters: Option<Value>,
    outcome: Option<String>,
    code: Option<String>,
    request_id: Option<String>,
    detail: Option<String>,
    hash: String,
}

impl Entry {
    /// `None` if the line is not one of this format's.
    pub(super) fn parse(line: &str) -> Option<Self> {
        let raw: Raw = serde_json::from_str(line).ok().filter(|raw: &Raw| raw.v == VERSION)?;
        let text = |text: Option<String>| Foreign::new(text.unwrap_or_default());
        Some(Self {
            number: raw.n,
            kind: RecordKind::from_name(&raw.kind)?,
            at: Foreign::new(raw.at),
            intent: text(raw.intent),
            plan: text(raw.plan),
            step: raw.step.unwrap_or_default(),
            account: text(raw.account),
            caller_arn: text(raw.caller_arn),
            host: text(raw.host),
            pid: raw.pid.unwrap_or_default(),
            operation: text(raw.operation),
            key_arn: text(raw.key_arn),
            sent_to: text(raw.sent_to),
            parameters: raw.parameters,
            outcome: raw.outcome.map(Foreign::new),
            code: raw.code.map(Foreign::new),
            request_id: raw.request_id.map(Foreign::new),
            detail: raw.detail.map(Foreign::new),
            prev: raw.prev,
            hash: raw.hash,
        })
    }

    pub(super) fn intent_id(&self) -> &str {
        self.intent.original()
    }

    /// Whether this line says how its intent ended.
    pub(super) fn closes(&self) -> bool {
        match self.kind {
            RecordKind::Intent | RecordKind::Note => false,
            RecordKind::ResolvedByHand => true,
            RecordKind::Outcome | RecordKind::Reconciled => {
                self.outcome.as_ref().is_some_and(|outcome| outcome.original() != Outcome::Unknown.name())
            }
        }
    }

    /// Which request it is about.
    pub(crate) fn summary(&self) -> Safe {
        safe!("{} {} recorded {}", self.operation.safe(), self.key_arn.safe(), self.at.safe())
    }

    /// The request of an intent, as it was going to be sent.
    pub(crate) fn mutation(&self) -> Result<Mutation, Safe> {
        let operation = Operation::from_name(self.operation.original())
            .ok_or_else(|| safe!("\"{}\" is no operation of keyfleet", self.operation.safe()))?;
        let arn = KeyArn::parse(self.key_arn.original())
            .map_err(|_| safe!("\"{}\" is no ARN of a multi-Region key", self.key_arn.safe()))?;
        let parameters = self.parameters.as_ref().ok_or(Safe::from_static("the record has no parameters"))?;
        let change = parameters::read(operation, &arn, &Found::at("parameters", parameters));
        let change = change.map_err(|wrong| wrong.words())?;
        Ok(Mutation { arn, change })
    }

    /// The whole intent again, as it was before it was recorded.
    pub(crate) fn to_intent(&self) -> Result<Intent, Safe> {
        let mutation = self.mutation()?;
        let account = AccountId::parse(self.account.original())
            .filter(|account| *account == mutation.arn.account)
            .ok_or_else(|| safe!("account \"{}\" is not that of the key", self.account.safe()))?;
        Ok(Intent {
            id: self.intent.original().into(),
            plan: self.plan.original().into(),
            step: self.step,
            account,
            caller_arn: self.caller_arn.clone(),
            mutation,
        })
    }

    /// What the line claims of its intent; `None` if it claims nothing.
    pub(crate) fn claim(&self) -> Option<Claim> {
        Some(Claim {
            outcome: Outcome::from_name(self.outcome.as_ref()?.original())?,
            code: self.code.clone(),
            request_id: self.request_id.clone(),
            detail: self.detail.as_ref().map(Foreign::safe).unwrap_or_default(),
        })
    }
}
