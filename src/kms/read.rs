//! Reading: one request, one answer.

use aws_sdk_kms::Client;
use aws_sdk_kms::operation::RequestId;

use super::convert;
use super::error::{Fault, Question, failure, observe};
use super::guard::Witness;
use super::login::Clients;
use crate::domain::id::{KeyArn, Place};
use crate::domain::key::Rotation;
use crate::domain::text::Foreign;
use crate::domain::time::Timestamp;
use crate::engine::effect::ReadRequest;
use crate::engine::message::{Answer, Failure};

#[cfg(test)]
mod tests;

/// AWS's own limits of one page.
const KEYS_A_PAGE: i32 = 1_000;
const ALIASES_A_PAGE: i32 = 100;
const TAGS_A_PAGE: i32 = 50;

/// The operations that a reading client lets out.
pub(super) const ALLOWED: &[&str] = &[
    "ListKeys",
    "ListAliases",
    "DescribeKey",
    "GetKeyPolicy",
    "ListResourceTags",
    "GetKeyRotationStatus",
    "GetCallerIdentity",
];

/// Sends one read request and gives its answer, with what AWS calls the request if it answered well. `at` is when it was asked.
pub(crate) async fn read(
    clients: &Clients,
    place: &Place,
    request: &ReadRequest,
    at: Timestamp,
) -> (Option<Foreign>, Result<Answer, Failure>) {
    let region = &place.region;
    let kms = || clients.kms(region);
    let told = match request {
        ReadRequest::ListKeys { marker } => {
            told(list_keys(&kms(), marker.as_ref()).await, |output| convert::keys(output, region))
        }
        ReadRequest::ListAliases { marker } => told(list_aliases(&kms(), marker.as_ref()).await, convert::aliases),
        ReadRequest::DescribeKey { arn } => told(describe_key(&kms(), arn).await, |output| convert::key(output, arn)),
        ReadRequest::GetKeyPolicy { arn } => told(get_key_policy(&kms(), arn).await, convert::policy),
        ReadRequest::ListResourceTags { arn, marker } => {
            told(list_resource_tags(&kms(), arn, marker.as_ref()).await, convert::tags)
        }
        ReadRequest::GetKeyRotationStatus { arn } => get_key_rotation_status(&kms(), arn).await,
        ReadRequest::GetCallerIdentity => told(get_caller_identity(&clients.sts(region)).await, |output| {
            convert::identity(output, region, at).map(Answer::Identity)
        }),
    };
    let question = Question { operation: request.operation(), region, sign_in: clients.sign_in(), at };
    match told {
        Ok((request_id, answer)) => (request_id, Ok(answer)),
        Err(fault) => (None, Err(failure(fault, &question))),
    }
}

/// An answer, and what AWS calls the request.
type Told = Result<(Option<Foreign>, Answer), Fault>;

fn told<Output: RequestId>(
    output: Result<Output, Fault>,
    convert: impl FnOnce(Output) -> Result<Answer, Fault>,
) -> Told {
    let output = output?;
    let request_id = output.request_id().map(Foreign::new);
    Ok((request_id, convert(output)?))
}

/// Sends what an SDK builder holds, once, under a witness.
macro_rules! ask {
    ($builder:expr) => {{
        let witness = Witness::default();
        let sent = $builder.customize().interceptor(witness.clone()).send().await;
        sent.map_err(|error| observe(&error, witness.departed()))
    }};
}

async fn list_keys(
    kms: &Client,
    marker: Option<&Foreign>,
) -> Result<aws_sdk_kms::operation::list_keys::ListKeysOutput, Fault> {
    ask!(kms.list_keys().limit(KEYS_A_PAGE).set_marker(original(marker)))
}

async fn list_aliases(
    kms: &Client,
    marker: Option<&Foreign>,
) -> Result<aws_sdk_kms::operation::list_aliases::ListAliasesOutput, Fault> {
    ask!(kms.list_aliases().limit(ALIASES_A_PAGE).set_marker(original(marker)))
}

async fn describe_key(
    kms: &Client,
    arn: &KeyArn,
) -> Result<aws_sdk_kms::operation::describe_key::DescribeKeyOutput, Fault> {
    ask!(kms.describe_key().key_id(arn.to_string()))
}

async fn get_key_policy(
    kms: &Client,
    arn: &KeyArn,
) -> Result<aws_sdk_kms::operation::get_key_policy::GetKeyPolicyOutput, Fault> {
    ask!(kms.get_key_policy().key_id(arn.to_string()).policy_name("default"))
}

async fn list_resource_tags(
    kms: &Client,
    arn: &KeyArn,
    marker: Option<&Foreign>,
) -> Result<aws_sdk_kms::operation::list_resource_tags::ListResourceTagsOutput, Fault> {
    ask!(kms.list_resource_tags().key_id(arn.to_string()).limit(TAGS_A_PAGE).set_marker(original(marker)))
}

/// A key that cannot rotate by itself is answered with an error that is not one.
async fn get_key_rotation_status(kms: &Client, arn: &KeyArn) -> Told {
    match ask!(kms.get_key_rotation_status().key_id(arn.to_string())) {
        Err(Fault::Refused(refusal)) if refusal.code.as_ref().is_some_and(cannot_rotate) => {
            Ok((refusal.request_id, Answer::Rotation(Rotation::NotApplicable)))
        }
        output => told(output, |output| Ok(convert::rotation(&output))),
    }
}

fn cannot_rotate(code: &Foreign) -> bool {
    code.original() == "UnsupportedOperationException"
}

pub(super) async fn get_caller_identity(
    sts: &aws_sdk_sts::Client,
) -> Result<aws_sdk_sts::operation::get_caller_identity::GetCallerIdentityOutput, Fault> {
    ask!(sts.get_caller_identity())
}

fn original(marker: Option<&Foreign>) -> Option<String> {
    marker.map(|marker| marker.original().to_owned())
}
