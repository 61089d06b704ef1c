//! Who acts: credentials resolved once for one change, and what STS says of exactly these.

use std::sync::{Arc, OnceLock};

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;

use super::error::{Question, failure};
use super::login::{CREDENTIALS_TIMEOUT, Clients, resolve};
use super::{convert, read};
use crate::domain::id::{AccountId, Region};
use crate::domain::plan::Identity;
use crate::domain::reading::{Reason, ReasonKind};
use crate::domain::time::Timestamp;
use crate::engine::effect::ReadOperation;

/// Credentials that do not change any more. Neither printed nor copied out.
#[derive(Debug)]
pub(crate) struct Frozen {
    clients: Arc<Clients>,
    provider: SharedCredentialsProvider,
    /// The account that STS named for these credentials.
    account: OnceLock<AccountId>,
}

/// Resolves credentials afresh and holds on to them.
pub(crate) async fn freeze(clients: Arc<Clients>) -> Result<Frozen, Reason> {
    let found: Option<Credentials> =
        tokio::time::timeout(CREDENTIALS_TIMEOUT, resolve(clients.config())).await.ok().and_then(Result::ok);
    let Some(credentials) = found else {
        return Err(Reason { next_step: clients.sign_in().clone(), ..Reason::of(ReasonKind::ExpiredCredentials) });
    };
    Ok(Frozen { clients, provider: SharedCredentialsProvider::new(credentials), account: OnceLock::new() })
}

/// Asks the STS of one Region who the frozen credentials are.
pub(crate) async fn identify(frozen: &Frozen, region: &Region, at: Timestamp) -> Result<Identity, Reason> {
    let config = frozen.clients.sts_config(region).credentials_provider(frozen.provider.clone());
    let sts = aws_sdk_sts::Client::from_conf(config.build());
    let answer = read::get_caller_identity(&sts).await.and_then(|output| convert::identity(output, region, at));
    let question =
        Question { operation: ReadOperation::GetCallerIdentity, region, sign_in: frozen.clients.sign_in(), at };
    let identity = answer.map_err(|fault| failure(fault, &question).reason)?;
    let first = frozen.account.get_or_init(|| identity.account);
    if *first == identity.account { Ok(identity) } else { Err(Reason::of(ReasonKind::Contradiction)) }
}

impl Frozen {
    /// The account of these credentials, once STS has said it.
    pub(crate) fn account(&self) -> Option<AccountId> {
        self.account.get().copied()
    }

    pub(super) fn clients(&self) -> &Clients {
        &self.clients
    }

    pub(super) fn provider(&self) -> SharedCredentialsProvider {
        self.provider.clone()
    }
}
