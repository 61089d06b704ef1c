//! The one door through which a change leaves.
//!
//! It opens for a receipt of the journal, with credentials that STS has identified, and never when read-only. The request is sent once; what became of it is
//! told in three ways that are never mixed up: it provably did not leave, it was answered, or neither is known.

use std::sync::Arc;
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_sdk_kms::config::IdentityCache;
use aws_sdk_kms::types::Tag as SdkTag;

use super::error::{Fault, observe};
use super::guard::{AllowList, Capped, Signed, Witness};
use super::identity::Frozen;
use super::login::CONNECT_TIMEOUT;
use crate::domain::id::{AccountId, Region};
use crate::domain::key::Tag;
use crate::domain::plan::{Change, Intent, Reply};
use crate::domain::text::{Foreign, Safe, safe};
use crate::state::journal::Receipt;

#[cfg(test)]
mod tests;

/// One change in all. Nothing but the wire is waited for: the credentials are frozen.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The operations that a writing client lets out.
const ALLOWED: &[&str] = &["ReplicateKey", "CancelKeyDeletion", "UpdatePrimaryRegion", "EnableKey", "CreateAlias"];

/// Proof that this run may change keys.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WriteAllowed(());

impl WriteAllowed {
    /// There is none in a run that is read-only.
    pub(crate) fn unless(read_only: bool) -> Option<Self> {
        (!read_only).then_some(Self(()))
    }
}

/// A client for one change in one Region.
#[derive(Debug)]
pub(crate) struct WriteClient {
    kms: aws_sdk_kms::Client,
    region: Region,
    account: AccountId,
}

impl WriteClient {
    /// Builds the client from exactly the credentials that were identified.
    pub(crate) fn build(frozen: &Frozen, region: &Region, _allowed: WriteAllowed) -> Result<Self, Safe> {
        let account =
            frozen.account().ok_or_else(|| Safe::from_static("nobody has said whose credentials these are"))?;
        if let Some(url) = frozen.clients().foreign_endpoint(region) {
            return Err(safe!("the endpoint {} comes from the environment or an AWS profile", url.safe()));
        }
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .disable_read_timeout()
            .operation_timeout(TIMEOUT)
            .operation_attempt_timeout(TIMEOUT)
            .build();
        let config = frozen
            .clients()
            .kms_config(region)
            .credentials_provider(frozen.provider())
            .identity_cache(IdentityCache::no_cache())
            .retry_config(RetryConfig::disabled())
            .timeout_config(timeouts)
            .interceptor(AllowList(ALLOWED))
            .interceptor(Capped)
            .build();
        Ok(Self { kms: aws_sdk_kms::Client::from_conf(config), region: region.clone(), account })
    }
}

/// Sends the recorded request, once, and spends the receipt.
pub(crate) async fn send(client: WriteClient, receipt: Receipt) -> Reply {
    let intent = receipt.intent();
    if let Some(why) = mismatch(&client, intent) {
        return Reply::NotSent { why };
    }
    let id = &intent.id;
    let key = intent.mutation.arn.to_string();
    match &intent.mutation.change {
        Change::ReplicateKey { to, policy, description, tags } => {
            let sent = Replication { to, policy, description, tags };
            replicate(&client.kms, key, sent, id).await
        }
        Change::CancelKeyDeletion => cancel_deletion(&client.kms, key, id).await,
        Change::UpdatePrimaryRegion { to } => update_primary(&client.kms, key, to, id).await,
        Change::EnableKey => enable(&client.kms, key, id).await,
        Change::CreateAlias { alias } => create_alias(&client.kms, key, alias, id).await,
    }
}

/// What was recorded must be what this client was built for.
fn mismatch(client: &WriteClient, intent: &Intent) -> Option<Safe> {
    let arn = &intent.mutation.arn;
    if intent.account != client.account || arn.account != client.account {
        return Some(safe!("these credentials are of account {}, the change is of {}", client.account, intent.account));
    }
    (arn.region != client.region).then(|| safe!("the change is recorded for {}, not {}", arn.region, client.region))
}

/// What ReplicateKey sends beside the key. `BypassPolicyLockoutSafetyCheck` is not among it and never will be.
struct Replication<'a> {
    to: &'a Region,
    policy: &'a Foreign,
    description: &'a Foreign,
    tags: &'a [Tag],
}

/// Sends what an SDK builder holds, once, under a witness and with the intent's ID. `$holds` says whether the output has what a true one has.
macro_rules! change {
    ($builder:expr, $id:expr, $holds:expr) => {{
        let witness = Witness::default();
        let signed = Signed { intent: Arc::clone($id) };
        let sent = $builder.customize().interceptor(signed).interceptor(witness.clone()).send().await;
        match sent {
            Ok(output) => accepted(&witness, $holds(&output)),
            Err(error) => reply(observe(&error, witness.departed())),
        }
    }};
}

async fn replicate(kms: &aws_sdk_kms::Client, key: String, sent: Replication<'_>, id: &Arc<str>) -> Reply {
    let mut tags = Vec::new();
    for tag in sent.tags {
        match SdkTag::builder().tag_key(tag.key.original()).tag_value(tag.value.original()).build() {
            Ok(tag) => tags.push(tag),
            Err(_) => return Reply::NotSent { why: safe!("the tag {} cannot be sent", tag.key.safe()) },
        }
    }
    let description = (!sent.description.is_empty()).then(|| sent.description.original().to_owned());
    let request = kms
        .replicate_key()
        .key_id(key)
        .replica_region(sent.to.as_str())
        .policy(sent.policy.original())
        .set_description(description)
        .set_tags((!tags.is_empty()).then_some(tags));
    change!(request, id, |output: &aws_sdk_kms::operation::replicate_key::ReplicateKeyOutput| {
        output.replica_key_metadata.is_some()
    })
}

async fn cancel_deletion(kms: &aws_sdk_kms::Client, key: String, id: &Arc<str>) -> Reply {
    let request = kms.cancel_key_deletion().key_id(key);
    change!(request, id, |output: &aws_sdk_kms::operation::cancel_key_deletion::CancelKeyDeletionOutput| {
        output.key_id.is_some()
    })
}

async fn update_primary(kms: &aws_sdk_kms::Client, key: String, to: &Region, id: &Arc<str>) -> Reply {
    let request = kms.update_primary_region().key_id(key).primary_region(to.as_str());
    change!(request, id, |_: &_| true)
}

async fn enable(kms: &aws_sdk_kms::Client, key: String, id: &Arc<str>) -> Reply {
    let request = kms.enable_key().key_id(key);
    change!(request, id, |_: &_| true)
}

async fn create_alias(kms: &aws_sdk_kms::Client, key: String, alias: &Foreign, id: &Arc<str>) -> Reply {
    let request = kms.create_alias().alias_name(alias.original()).target_key_id(key);
    change!(request, id, |_: &_| true)
}

/// The SDK says that it succeeded; it is believed if the answer is one of AWS's.
fn accepted(witness: &Witness, holds: bool) -> Reply {
    if !holds || !witness.is_in_shape() {
        return Reply::Broken { why: Safe::from_static("the answer says success and is not KMS's") };
    }
    let request_id = witness.request_id().map(Foreign::new);
    Reply::Answered { status: witness.status(), code: None, message: None, request_id }
}

/// The SDK says that it failed. Only what is proved not to have left is called not sent.
fn reply(fault: Fault) -> Reply {
    match fault {
        Fault::Withheld(_) | Fault::Connect(_) => Reply::NotSent { why: fault.words() },
        Fault::Refused(refusal) if refusal.code.is_some() => Reply::Answered {
            status: refusal.status,
            code: refusal.code,
            message: refusal.message,
            request_id: refusal.request_id,
        },
        Fault::Refused(_) | Fault::Timeout | Fault::Lost | Fault::Garbled(_) => Reply::Broken { why: fault.words() },
    }
}
