//! The tables of the fleet file.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::access::{Credential, Role};
use super::names::{
    AccountNumber, AliasName, Aliases, GivenId, OriginName, RegionName, SpecName, Spread, StateName, UsageName,
};
use super::span::TimeSpan;
use super::values::{Clock, Propagation, Quotas};
use crate::emulator::fault::FaultText;
use crate::emulator::options::Size;
use crate::emulator::spec;

/// The whole file.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct File {
    pub(crate) clock: Clock,
    pub(crate) seed: u64,
    pub(crate) latency_ms: u64,
    pub(crate) quotas: Quotas,
    pub(crate) regions: Option<Vec<RegionName>>,
    /// Policy documents that keys refer to by name.
    pub(crate) policies: BTreeMap<String, Spanned<String>>,
    pub(crate) transitions: Transitions,
    pub(crate) accounts: Vec<Spanned<Account>>,
    pub(crate) keys: Vec<Spanned<Key>>,
    pub(crate) generate: Vec<Spanned<Generate>>,
    pub(crate) faults: Vec<Spanned<FaultText>>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(clippy::struct_field_names, reason = "the names of the file format")]
pub(crate) struct Transitions {
    pub(crate) creating_ms: u64,
    pub(crate) updating_ms: u64,
    pub(crate) propagation_ms: Propagation,
}

impl Default for Transitions {
    fn default() -> Self {
        Self { creating_ms: 3000, updating_ms: 4000, propagation_ms: Propagation::default() }
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Account {
    pub(crate) id: AccountNumber,
    pub(crate) name: Option<String>,
    pub(crate) caller_arn: Option<String>,
    #[serde(default)]
    pub(crate) regions_not_enabled: Vec<RegionName>,
    #[serde(default)]
    pub(crate) credentials: Vec<Spanned<Credential>>,
    #[serde(default)]
    pub(crate) roles: Vec<Spanned<Role>>,
}

/// What a key and one of its members can both be given; a member's own comes first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Share<'a> {
    pub(crate) aliases: &'a [AliasName],
    pub(crate) description: &'a str,
    pub(crate) tags: Option<&'a BTreeMap<String, String>>,
    pub(crate) policy: Option<&'a str>,
}

/// A key with its members. `alias`, `description`, `tags` and `policy` are every member's, unless a member has its own.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Key {
    pub(crate) id: Option<GivenId>,
    pub(crate) name: Option<String>,
    pub(crate) account: Option<AccountNumber>,
    #[serde(default = "yes")]
    pub(crate) multi_region: bool,
    #[serde(default)]
    pub(crate) aws_managed: bool,
    pub(crate) primary: RegionName,
    #[serde(default)]
    pub(crate) replicas: Vec<RegionName>,
    pub(crate) promoting_to: Option<RegionName>,
    pub(crate) promotion_ends_in: Option<TimeSpan>,
    pub(crate) created_ago: Option<TimeSpan>,
    pub(crate) spec: Option<SpecName>,
    pub(crate) usage: Option<UsageName>,
    pub(crate) origin: Option<OriginName>,
    #[serde(default)]
    pub(crate) rotation: bool,
    pub(crate) alias: Option<Aliases>,
    pub(crate) description: Option<String>,
    pub(crate) tags: Option<BTreeMap<String, String>>,
    pub(crate) policy: Option<String>,
    #[serde(default)]
    pub(crate) members: BTreeMap<RegionName, Spanned<MemberPlan>>,
}

fn yes() -> bool {
    true
}

/// What differs in one Region.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MemberPlan {
    pub(crate) state: Option<StateName>,
    pub(crate) deletion_in: Option<TimeSpan>,
    pub(crate) window_days: Option<u32>,
    pub(crate) settles_in: Option<TimeSpan>,
    /// When its imported key material expires.
    pub(crate) material_expires_in: Option<TimeSpan>,
    /// The last rotation has not reached it: it still has the key material from before.
    #[serde(default)]
    pub(crate) rotation_pending: bool,
    pub(crate) created_ago: Option<TimeSpan>,
    pub(crate) alias: Option<Aliases>,
    pub(crate) description: Option<String>,
    pub(crate) tags: Option<BTreeMap<String, String>>,
    pub(crate) policy: Option<String>,
}

/// Many keys at once.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Generate {
    /// Whose keys these are; the first account's if nothing is said.
    pub(crate) account: Option<AccountNumber>,
    #[serde(default)]
    pub(crate) keys: u32,
    pub(crate) regions: Spread,
    /// Members of each key, the primary among them.
    #[serde(default = "three")]
    pub(crate) related: usize,
    /// Keys that live in one Region only, for each of the Regions.
    #[serde(default)]
    pub(crate) single_region: u32,
}

impl Generate {
    pub(crate) fn of_size(size: Size) -> Self {
        let Size { keys, regions, related, single } = size;
        Self { account: None, keys, regions: Spread::First(regions), related, single_region: single }
    }
}

fn three() -> usize {
    3
}

impl File {
    /// The first account, whose everything is that names no account.
    pub(crate) fn account(&self) -> Option<&Account> {
        self.accounts.first().map(Spanned::get_ref)
    }

    /// The position of a named account among `accounts`; the first if no name is given.
    pub(crate) fn position(&self, named: Option<&AccountNumber>) -> Option<usize> {
        let Some(named) = named else { return Some(0) };
        let first = self.accounts.is_empty() && named.as_str() == super::DEFAULT_ACCOUNT;
        let listed = || self.accounts.iter().position(|account| account.get_ref().id == *named);
        if first { Some(0) } else { listed() }
    }

    /// Every Region that some table names.
    pub(crate) fn named_regions(&self) -> Vec<String> {
        let keys = self.keys.iter().map(Spanned::get_ref).flat_map(Key::regions).map(ToString::to_string);
        let disabled =
            self.accounts.iter().flat_map(|account| &account.get_ref().regions_not_enabled).map(ToString::to_string);
        let generated = self.generate.iter().flat_map(|generate| generate.get_ref().regions.names());
        let struck = self.faults.iter().filter_map(|fault| fault.get_ref().region.exact()).map(str::to_owned);
        let lagging = self.transitions.propagation_ms.regions().map(str::to_owned);
        keys.chain(disabled).chain(generated).chain(struck).chain(lagging).collect()
    }

    /// The text behind a `policy`: a document, the name of one, or `default`.
    pub(crate) fn policy<'a>(&'a self, text: &'a str) -> Option<&'a str> {
        if text == "default" {
            return None;
        }
        self.policies.get(text).map_or(Some(text), |document| Some(document.get_ref()))
    }
}

impl Key {
    /// The Regions of all members, the primary's first.
    pub(crate) fn regions(&self) -> impl Iterator<Item = &RegionName> {
        std::iter::once(&self.primary).chain(&self.replicas)
    }

    pub(crate) fn member(&self, region: &RegionName) -> Option<&MemberPlan> {
        self.members.get(region).map(Spanned::get_ref)
    }

    pub(crate) fn kind(&self) -> spec::Kind {
        let spec = self.spec.map_or_else(spec::Spec::symmetric, |spec| spec.0);
        let usage = self.usage.map(|usage| usage.0).or_else(|| spec.only_usage()).unwrap_or(spec::Usage::SignVerify);
        spec::Kind { spec, usage, origin: self.origin.map_or(spec::Origin::AwsKms, |origin| origin.0) }
    }

    /// What the member of a Region is given, its own first.
    pub(crate) fn share<'a>(&'a self, file: &'a File, region: &RegionName) -> Share<'a> {
        let own = self.member(region);
        let aliases = own.and_then(|own| own.alias.as_ref()).or(self.alias.as_ref());
        let description = own.and_then(|own| own.description.as_deref()).or(self.description.as_deref());
        let policy = own.and_then(|own| own.policy.as_deref()).or(self.policy.as_deref());
        Share {
            aliases: aliases.map_or(&[], |aliases| &aliases.0),
            description: description.unwrap_or_default(),
            tags: own.and_then(|own| own.tags.as_ref()).or(self.tags.as_ref()),
            policy: policy.and_then(|text| file.policy(text)),
        }
    }
}
