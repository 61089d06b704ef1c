//! A login: where its credentials come from, the clients that read with them, and what to say when there are none.
//!
//! One configuration is loaded per login, as the AWS CLI would load it, and every Region's client is made from it. Retries are off: whoever asks counts every
//! request.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_config::environment::EnvironmentVariableRegionProvider;
use aws_config::identity::IdentityCache;
use aws_config::meta::region::RegionProviderChain;
use aws_config::profile::{ProfileFileCredentialsProvider, ProfileFileRegionProvider};
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::RetryConfig;
use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{AppName, BehaviorVersion, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials as _, SharedCredentialsProvider};
use aws_types::os_shim_internal::{Env, Fs};
use aws_types::region::Region as SdkRegion;

use super::guard::{AllowList, Capped};
use super::profile::Profiles;
use super::{endpoint, read};
use crate::domain::id::Region;
use crate::domain::text::{Foreign, Safe};
use crate::engine::message::{ConnectError, Connection};
use crate::engine::settings::Endpoints;

#[cfg(test)]
mod tests;

pub(super) const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// From asking to the first byte of the answer.
const READ_TIMEOUT: Duration = Duration::from_secs(5);
/// One read in all, renewing the credentials included.
const READ_TOTAL: Duration = Duration::from_secs(15);
/// The chain of credentials ends in the instance metadata service, which no laptop has.
pub(super) const CREDENTIALS_TIMEOUT: Duration = Duration::from_secs(10);

/// Where credentials come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// The chain of the AWS CLI: environment, profile, container, instance. With a profile named, that profile alone.
    Chain { profile: Option<Foreign> },
    /// Given. No AWS file, no profile and no environment variable is read, and no proxy is used: for the embedded KMS.
    Fixed { access_key: &'static str, secret: &'static str },
}

/// The clients of one login, made when they are first needed.
#[derive(Debug)]
pub(crate) struct Clients {
    config: SdkConfig,
    endpoints: Option<Endpoints>,
    /// An endpoint that nobody typed.
    foreign_endpoint: Option<Foreign>,
    sign_in: Safe,
    kms: Mutex<BTreeMap<Region, aws_sdk_kms::Client>>,
    sts: Mutex<BTreeMap<Region, aws_sdk_sts::Client>>,
}

/// Loads the configuration and proves that there are credentials. Takes ten seconds at most.
pub(crate) async fn connect(
    source: &Source,
    endpoints: Option<Endpoints>,
) -> Result<(Arc<Clients>, Connection), ConnectError> {
    for url in endpoints.iter().flat_map(|endpoints| endpoints.everywhere.iter().chain(endpoints.by_region.values())) {
        endpoint::check(url).map_err(bad_endpoint)?;
    }
    let clients = match source {
        Source::Fixed { access_key, secret } => Clients {
            config: fixed_config(access_key, secret),
            endpoints,
            foreign_endpoint: None,
            sign_in: Safe::from_static("these credentials are keyfleet's own"),
            kms: Mutex::default(),
            sts: Mutex::default(),
        },
        Source::Chain { profile } => chain(profile.as_ref(), endpoints).await?,
    };
    let region = clients.config.region().and_then(|region| Region::parse(region.as_ref()).ok());
    let connection = Connection { region, endpoint: clients.foreign_endpoint.clone() };
    Ok((Arc::new(clients), connection))
}

fn bad_endpoint(what: Safe) -> ConnectError {
    ConnectError { what, next_step: Safe::from_static("give https://HOST, or http://127.0.0.1:PORT on this machine") }
}

async fn chain(profile: Option<&Foreign>, endpoints: Option<Endpoints>) -> Result<Clients, ConnectError> {
    let mut profiles = None;
    let resolve = async {
        let known = profiles.insert(Profiles::load(&Fs::real(), &Env::real(), profile).await?);
        let config = chain_config(profile).await;
        resolve(&config).await.map_err(|error| known.explain(&error))?;
        Ok(config)
    };
    let in_time = tokio::time::timeout(CREDENTIALS_TIMEOUT, resolve).await;
    let too_late = |profiles: Option<&Profiles>| match profiles {
        Some(known) => Err(known.explain(&CredentialsError::provider_timed_out(CREDENTIALS_TIMEOUT))),
        None => Err(Profiles::unreadable()),
    };
    let config = in_time.unwrap_or_else(|_| too_late(profiles.as_ref()))?;
    let profiles = profiles.ok_or_else(Profiles::unreadable)?;
    let typed_everywhere = endpoints.as_ref().is_some_and(|endpoints| endpoints.everywhere.is_some());
    let foreign_endpoint = if typed_everywhere { None } else { endpoint::of_environment(&config) };
    if let Some(url) = &foreign_endpoint {
        let next_step =
            Safe::from_static("unset AWS_ENDPOINT_URL and its kin, or correct endpoint_url in the AWS profile");
        endpoint::check(url).map_err(|what| ConnectError { what, next_step })?;
    }
    Ok(Clients {
        config,
        endpoints,
        foreign_endpoint,
        sign_in: profiles.sign_in(),
        kms: Mutex::default(),
        sts: Mutex::default(),
    })
}

/// Finds credentials once, so that a machine without any is told at once and not by every Region.
pub(super) async fn resolve(config: &SdkConfig) -> Result<Credentials, CredentialsError> {
    let provider = config.credentials_provider().ok_or_else(CredentialsError::not_loaded_no_source)?;
    provider.provide_credentials().await
}

async fn chain_config(profile: Option<&Foreign>) -> SdkConfig {
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .retry_config(RetryConfig::disabled())
        .timeout_config(timeouts())
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .identity_cache(IdentityCache::lazy().load_timeout(CREDENTIALS_TIMEOUT).build());
    if let Ok(name) = AppName::new("keyfleet") {
        loader = loader.app_name(name);
    }
    let Some(profile) = profile.map(|profile| profile.original().to_owned()) else {
        let by_profile = ProfileFileRegionProvider::new();
        return loader.region(first_region(by_profile)).load().await;
    };
    // A profile that is named wins over credentials in the environment, as with the AWS CLI; the SDK's own chain would take those first.
    let by_profile = ProfileFileRegionProvider::builder().profile_name(&profile).build();
    let region = first_region(by_profile).region().await;
    let provider = ProfileFileCredentialsProvider::builder()
        .configure(&ProviderConfig::without_region().with_region(region.clone()))
        .profile_name(&profile)
        .build();
    loader.region(region).profile_name(profile).credentials_provider(provider).load().await
}

/// The configured Region, without asking the instance metadata service: that would cost seconds where there is none.
fn first_region(by_profile: ProfileFileRegionProvider) -> RegionProviderChain {
    RegionProviderChain::first_try(EnvironmentVariableRegionProvider::new()).or_else(by_profile)
}

fn fixed_config(access_key: &str, secret: &str) -> SdkConfig {
    let credentials = Credentials::new(access_key, secret, None, None, "keyfleet");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .retry_config(RetryConfig::disabled())
        .timeout_config(timeouts())
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build()
}

fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .read_timeout(READ_TIMEOUT)
        .operation_timeout(READ_TOTAL)
        .build()
}

impl Clients {
    /// The client that reads the keys of one Region.
    pub(super) fn kms(&self, region: &Region) -> aws_sdk_kms::Client {
        let mut clients = self.kms.lock().unwrap_or_else(PoisonError::into_inner);
        let make = || {
            let guarded = self.kms_config(region).interceptor(AllowList(read::ALLOWED)).interceptor(Capped);
            aws_sdk_kms::Client::from_conf(guarded.build())
        };
        clients.entry(region.clone()).or_insert_with(make).clone()
    }

    /// The client of one Region's own STS: the global endpoint lives in one Region and fails with it.
    pub(super) fn sts(&self, region: &Region) -> aws_sdk_sts::Client {
        let mut clients = self.sts.lock().unwrap_or_else(PoisonError::into_inner);
        let make = || aws_sdk_sts::Client::from_conf(self.sts_config(region).build());
        clients.entry(region.clone()).or_insert_with(make).clone()
    }

    /// What every KMS client of a Region has in common. Whoever builds one adds the list of what may leave.
    pub(super) fn kms_config(&self, region: &Region) -> aws_sdk_kms::config::Builder {
        let mut builder = aws_sdk_kms::config::Builder::from(&self.config);
        builder.set_region(Some(SdkRegion::new(region.as_str().to_owned())));
        if let Some(url) = self.endpoint(region) {
            builder.set_endpoint_url(Some(url.original().to_owned()));
        }
        builder
    }

    pub(super) fn sts_config(&self, region: &Region) -> aws_sdk_sts::config::Builder {
        let mut builder =
            aws_sdk_sts::config::Builder::from(&self.config).interceptor(AllowList(read::ALLOWED)).interceptor(Capped);
        builder.set_region(Some(SdkRegion::new(region.as_str().to_owned())));
        if let Some(url) = self.endpoint(region) {
            builder.set_endpoint_url(Some(url.original().to_owned()));
        }
        builder
    }

    fn endpoint(&self, region: &Region) -> Option<&Foreign> {
        self.endpoints.as_ref().and_then(|endpoints| endpoints.of(region))
    }

    pub(super) fn config(&self) -> &SdkConfig {
        &self.config
    }

    /// The endpoint that nobody typed, if requests of this Region go there.
    pub(super) fn foreign_endpoint(&self, region: &Region) -> Option<&Foreign> {
        self.foreign_endpoint.as_ref().filter(|_| self.endpoint(region).is_none())
    }

    /// What to run when the credentials do not work.
    pub(super) fn sign_in(&self) -> &Safe {
        &self.sign_in
    }
}
