//! What the engine is told about this run. Filled in by the configuration; nothing here reads a file or the environment.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use crate::domain::id::{AccountId, Login, Region};
use crate::domain::rule::Rule;
use crate::domain::text::Foreign;

/// Which Regions to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Regions {
    /// Every Region of the configured Region's partition.
    Auto,
    /// These and no others.
    Only(Vec<Region>),
}

/// Where an endpoint override comes from. One that nobody typed refuses changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EndpointOrigin {
    CommandLine,
    Configuration,
    /// `AWS_ENDPOINT_URL…` or an AWS profile.
    Environment,
}

/// Endpoints other than AWS's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Endpoints {
    /// For every Region and service.
    pub(crate) everywhere: Option<Foreign>,
    pub(crate) by_region: BTreeMap<Region, Foreign>,
    pub(crate) origin: EndpointOrigin,
}

impl Endpoints {
    /// The endpoint that requests to a Region go to, if it is not AWS's own.
    pub(crate) fn of(&self, region: &Region) -> Option<&Foreign> {
        self.by_region.get(region).or(self.everywhere.as_ref())
    }
}

/// Everything the engine goes by.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Settings {
    /// The profiles' names; `None` is the SDK's default chain.
    pub(crate) logins: Vec<(Login, Option<Foreign>)>,
    pub(crate) regions: Regions,
    /// How often listings and visible rows are read again; `None` is never.
    pub(crate) refresh: Option<Duration>,
    /// The share of each documented request quota that is used at most.
    pub(crate) quota_share: f64,
    pub(crate) protected_accounts: BTreeSet<AccountId>,
    pub(crate) account_names: BTreeMap<AccountId, Foreign>,
    /// What the keys are held against.
    pub(crate) rules: Arc<[Rule]>,
    /// Nothing that changes a key may ever be sent.
    pub(crate) read_only: bool,
    pub(crate) endpoints: Option<Endpoints>,
    /// Follow and refresh (the dashboard), or read once (the headless commands).
    pub(crate) live: bool,
    /// Of all randomness in this run: retry jitter, plan and intent IDs.
    pub(crate) seed: u64,
}
