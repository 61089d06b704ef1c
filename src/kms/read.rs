//! Reading: one request, one answer.

use aws_sdk_kms::Client;

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

/// Sends one read request and gives its answer. `at` is when it was asked.
pub(crate) async fn read(
    clients: &Clients,
    place: &Place,
    request: &ReadRequest,
    at: Timestamp,
) -> Result<Answer, Failure> {
    let region = &place.region;
    let kms = || clients.kms(region);
    let answer = match request {
        ReadRequest::ListKeys { marker } => {
            let output = list_keys(&kms(), marker.as_ref()).await;
            output.and_then(|output| convert::keys(output, region))
        }
        ReadRequest::ListAliases { marker } => list_aliases(&kms(), marker.as_ref()).await.and_then(convert::aliases),
        ReadRequest::DescribeKey { arn } => {
            describe_key(&kms(), arn).await.and_then(|output| convert::key(output, arn))
        }
        ReadRequest::GetKeyPolicy { arn } => get_key_policy(&kms(), arn).await.and_then(convert::policy),
        ReadRequest::ListResourceTags { arn, marker } => {
            list_resource_tags(&kms(), arn, marker.as_ref()).await.and_then(convert::tags)
        }
        ReadRequest::GetKeyRotationStatus { arn } => get_key_rotation_status(&kms(), arn).await,
        ReadRequest::GetCallerIdentity => get_caller_identity(&clients.sts(region))
            .await
            .and_then(|output| convert::identity(output, region, at))
            .map(Answer::Identity),
    };
    let question = Question { operation: request.operation(), region, sign_in: clients.sign_in(), at };
    answer.map_err(|fault| failure(fault, &question))
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
async fn get_key_rotation_status(kms: &Client, arn: &KeyArn) -> Result<Answer, Fault> {
    let output = ask!(kms.get_key_rotation_status().key_id(arn.to_string()));
    match output {
        Ok(output) => Ok(convert::rotation(&output)),
        Err(Fault::Refused(refusal)) if refusal.code.as_ref().is_some_and(cannot_rotate) => {
            Ok(Answer::Rotation(Rotation::NotApplicable))
        }
        Err(fault) => Err(fault),
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
