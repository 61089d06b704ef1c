//! A plan as the document that `keyfleet plan` prints.

use serde::Serialize;
use serde_json::Value;

use super::{SCHEMA, digest};
use crate::domain::id::Region;
use crate::domain::key::{KeyState, Role};
use crate::domain::plan::{Fingerprint, MemberPrint, Permission, Plan, Precondition, Skipped, Step, Verdict};
use crate::domain::text::{Foreign, Safe};
use crate::wire::{json, parameters};

#[derive(Debug, Serialize)]
struct Document<'a> {
    schema: &'static str,
    keyfleet: &'static str,
    id: &'a str,
    made_at: String,
    expires_at: String,
    account: String,
    partition: &'static str,
    caller_arn: &'a str,
    endpoint: Option<&'a str>,
    steps: Vec<StepEntry<'a>>,
    skipped: Vec<SkippedEntry<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<String>,
}

#[derive(Debug, Serialize)]
struct StepEntry<'a> {
    number: u32,
    after: &'a [u32],
    operation: &'static str,
    key_arn: String,
    sent_to: &'a str,
    parameters: Value,
    fingerprint: FingerprintEntry<'a>,
    preconditions: Vec<PreconditionEntry<'a>>,
    permissions: Vec<PermissionEntry<'a>>,
    consequences: Vec<&'a str>,
    way_back: Option<&'a str>,
    cli: &'a str,
}

#[derive(Debug, Serialize)]
struct FingerprintEntry<'a> {
    members: Vec<MemberEntry<'a>>,
    regions: Vec<&'a str>,
    policy_sha256: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct MemberEntry<'a> {
    arn: String,
    /// Null if AWS gave none.
    state: Option<&'a str>,
    role: Option<&'static str>,
    primary_region: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct PreconditionEntry<'a> {
    text: &'a str,
    result: &'static str,
    blocks: bool,
}

#[derive(Debug, Serialize)]
struct PermissionEntry<'a> {
    action: &'static str,
    region: &'a str,
    result: &'static str,
}

#[derive(Debug, Serialize)]
struct SkippedEntry<'a> {
    key_id: &'a str,
    region: Option<&'a str>,
    why: &'a str,
}

/// The document, indented, with its digest.
pub(crate) fn write(plan: &Plan) -> Result<String, serde_json::Error> {
    let document = Document {
        schema: SCHEMA,
        keyfleet: env!("CARGO_PKG_VERSION"),
        id: &plan.id,
        made_at: plan.made_at.rfc3339(),
        expires_at: plan.expires_at.rfc3339(),
        account: plan.identity.account.to_string(),
        partition: plan.partition.name(),
        caller_arn: plan.identity.caller_arn.original(),
        endpoint: plan.endpoint.as_ref().map(Foreign::original),
        steps: plan.steps.iter().map(StepEntry::of).collect(),
        skipped: plan.skipped.iter().map(SkippedEntry::of).collect(),
        digest: None,
    };
    let digest = Some(digest(&serde_json::to_value(&document)?)?);
    json::to_string_pretty(&Document { digest, ..document })
}

impl<'a> StepEntry<'a> {
    fn of(step: &'a Step) -> Self {
        Self {
            number: step.number,
            after: &step.after,
            operation: step.mutation.change.operation().name(),
            key_arn: step.mutation.arn.to_string(),
            sent_to: step.mutation.sent_to().as_str(),
            parameters: parameters::of(&step.mutation),
            fingerprint: FingerprintEntry::of(&step.fingerprint),
            preconditions: step.preconditions.iter().map(PreconditionEntry::of).collect(),
            permissions: step.permissions.iter().map(PermissionEntry::of).collect(),
            consequences: step.consequences.iter().map(Safe::as_str).collect(),
            way_back: step.way_back.as_ref().map(Safe::as_str),
            cli: step.cli.original(),
        }
    }
}

impl<'a> FingerprintEntry<'a> {
    fn of(fingerprint: &'a Fingerprint) -> Self {
        Self {
            members: fingerprint.members.iter().map(MemberEntry::of).collect(),
            regions: fingerprint.regions.iter().map(Region::as_str).collect(),
            policy_sha256: fingerprint.policy_sha256.as_deref(),
        }
    }
}

impl<'a> MemberEntry<'a> {
    fn of(member: &'a MemberPrint) -> Self {
        Self {
            arn: member.arn.to_string(),
            state: (member.state != KeyState::Missing).then(|| member.state.name()),
            role: member.role.map(Role::name),
            primary_region: member.primary.as_ref().map(Region::as_str),
        }
    }
}

impl<'a> PreconditionEntry<'a> {
    fn of(condition: &'a Precondition) -> Self {
        let result = match condition.result {
            Verdict::Pass => "pass",
            Verdict::Fail => "fail",
            Verdict::Unknown => "unknown",
        };
        Self { text: condition.text.as_str(), result, blocks: condition.blocks }
    }
}

impl<'a> PermissionEntry<'a> {
    fn of(permission: &'a Permission) -> Self {
        let result = match permission.result {
            Verdict::Pass => "allowed",
            Verdict::Fail => "denied",
            Verdict::Unknown => "unknown",
        };
        Self { action: permission.action, region: permission.region.as_str(), result }
    }
}

impl<'a> SkippedEntry<'a> {
    fn of(skipped: &'a Skipped) -> Self {
        let region = skipped.region.as_ref().map(Region::as_str);
        Self { key_id: skipped.key.as_str(), region, why: skipped.why.as_str() }
    }
}
