//! The tables of the fleet file. Names of AWS are checked while they are read, so that an error points at the value.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use toml::Spanned;

use super::span::TimeSpan;
use crate::emulator::fault::FaultText;
use crate::emulator::key;
use crate::emulator::region;
use crate::emulator::spec;

/// The whole file.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct File {
    pub(crate) clock: Clock,
    pub(crate) seed: u64,
    pub(crate) latency_ms: u64,
    quotas: Nothing,
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
    propagation_ms: Nothing,
}

impl Default for Transitions {
    fn default() -> Self {
        Self { creating_ms: 3000, updating_ms: 4000, propagation_ms: Nothing }
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
    #[expect(dead_code, reason = "it is read only to be refused")]
    credentials: Option<Later>,
    #[expect(dead_code, reason = "it is read only to be refused")]
    roles: Option<Later>,
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

fn three() -> usize {
    3
}

impl File {
    pub(crate) fn account(&self) -> Option<&Account> {
        self.accounts.first().map(Spanned::get_ref)
    }

    /// Every Region that some table names.
    pub(crate) fn named_regions(&self) -> Vec<String> {
        let keys = self.keys.iter().map(Spanned::get_ref).flat_map(Key::regions).map(ToString::to_string);
        let disabled =
            self.account().into_iter().flat_map(|account| &account.regions_not_enabled).map(ToString::to_string);
        let generated = self.generate.iter().flat_map(|generate| generate.get_ref().regions.names());
        let struck = self.faults.iter().filter_map(|fault| fault.get_ref().region.exact()).map(str::to_owned);
        keys.chain(disabled).chain(generated).chain(struck).collect()
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

/// The moment at which the model starts.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(try_from = "String")]
pub(crate) enum Clock {
    #[default]
    Now,
    /// Milliseconds of Unix time.
    At(u64),
}

impl TryFrom<String> for Clock {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text == "now" {
            return Ok(Self::Now);
        }
        let moment =
            text.parse::<jiff::Timestamp>().ok().and_then(|moment| u64::try_from(moment.as_millisecond()).ok());
        moment
            .map(Self::At)
            .ok_or_else(|| format!("`{text}` is neither \"now\" nor a time such as 2026-11-21T18:00:00Z"))
    }
}

/// A number that may only be nought: what it would turn on comes in a later version.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(try_from = "f64")]
struct Nothing;

impl TryFrom<f64> for Nothing {
    type Error = &'static str;

    fn try_from(value: f64) -> Result<Self, Self::Error> {
        if value == 0.0 { Ok(Self) } else { Err("this setting is not supported by this version, expected 0") }
    }
}

/// A table that this version does not serve, whatever it holds.
#[derive(Clone, Copy, Debug)]
struct Later;

impl<'de> Deserialize<'de> for Later {
    fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        Err(D::Error::custom("credentials and roles are not supported by this version, expected any credentials"))
    }
}

/// Declares a type that holds a checked name.
macro_rules! checked {
    ($(#[$doc:meta])* $name:ident($held:ty), $read:expr) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Deserialize)]
        #[serde(try_from = "String")]
        pub(crate) struct $name(pub(crate) $held);

        impl TryFrom<String> for $name {
            type Error = String;

            fn try_from(text: String) -> Result<Self, String> {
                let read: fn(&str) -> Result<$held, String> = $read;
                read(&text).map(Self)
            }
        }
    };
}

checked!(
    /// A key's identifier.
    GivenId(key::KeyId),
    |text| key::KeyId::parse(text).ok_or_else(|| format!("`{text}` is no key ID, expected mrk- and 32 hexadecimal digits, or a UUID"))
);
checked!(
    /// A key state.
    StateName(key::KeyState),
    |text| {
        let found = key::KeyState::ALL.into_iter().find(|state| state.name() == text);
        found.ok_or_else(|| format!("`{text}` is not a key state, expected {}", key::KeyState::ALL.map(key::KeyState::name).join(", ")))
    }
);
checked!(
    /// A key spec.
    SpecName(&'static spec::Spec),
    |text| spec::Spec::find(text).ok_or_else(|| format!("`{text}` is not a key spec, expected one such as SYMMETRIC_DEFAULT, RSA_2048, HMAC_256"))
);
checked!(
    /// A key usage.
    UsageName(spec::Usage),
    |text| spec::Usage::find(text).ok_or_else(|| format!("`{text}` is not a key usage, expected one such as ENCRYPT_DECRYPT, SIGN_VERIFY"))
);
checked!(
    /// A key's origin.
    OriginName(spec::Origin),
    |text| spec::Origin::find(text).ok_or_else(|| format!("`{text}` is not an origin that is served, expected AWS_KMS or EXTERNAL"))
);

/// A text that is checked while it is read, so that an error points at the very element of a list.
struct Checked<T>(fn(&str) -> Result<T, String>);

impl<T> Visitor<'_> for Checked<T> {
    type Value = T;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a string")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        (self.0)(text).map_err(E::custom)
    }
}

/// A Region's name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct RegionName(String);

impl RegionName {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    fn read(text: &str) -> Result<Self, String> {
        if region::partition(text).is_some() {
            return Ok(Self(text.to_owned()));
        }
        let hint = region::nearest(text).map(|name| format!(", expected perhaps {name}")).unwrap_or_default();
        Err(format!("`{text}` is not a Region{hint}"))
    }
}

impl fmt::Display for RegionName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for RegionName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Checked(Self::read))
    }
}

/// An account's number.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct AccountNumber(String);

impl AccountNumber {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for AccountNumber {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let valid = text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
        if valid { Ok(Self(text)) } else { Err(format!("`{text}` is not an account, expected 12 digits in quotes")) }
    }
}

/// An alias with its prefix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AliasName(String);

impl AliasName {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    fn read(text: &str) -> Result<Self, String> {
        let own = text.strip_prefix("alias/").unwrap_or_default();
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'_' | b'-');
        if own.is_empty() || !own.bytes().all(allowed) {
            return Err(format!("`{text}` is not an alias, expected alias/ and letters, digits, / _ -"));
        }
        Ok(Self(text.to_owned()))
    }
}

impl<'de> Deserialize<'de> for AliasName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Checked(Self::read))
    }
}

/// One alias or a list of them.
#[derive(Clone, Debug)]
pub(crate) struct Aliases(Vec<AliasName>);

impl<'de> Deserialize<'de> for Aliases {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AliasesVisitor)
    }
}

struct AliasesVisitor;

impl<'de> Visitor<'de> for AliasesVisitor {
    type Value = Aliases;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an alias or a list of aliases")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Aliases, E> {
        AliasName::read(text).map(|name| Aliases(vec![name])).map_err(E::custom)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Aliases, A::Error> {
        let mut names = Vec::new();
        while let Some(name) = items.next_element()? {
            names.push(name);
        }
        Ok(Aliases(names))
    }
}

/// The Regions that generated keys are spread over: so many in the order of the documentation, or these.
#[derive(Clone, Debug)]
pub(crate) enum Spread {
    First(usize),
    These(Vec<RegionName>),
}

impl Spread {
    pub(crate) fn names(&self) -> Vec<String> {
        match self {
            Self::First(count) => region::KNOWN.iter().take(*count).map(ToString::to_string).collect(),
            Self::These(names) => names.iter().map(ToString::to_string).collect(),
        }
    }
}

impl<'de> Deserialize<'de> for Spread {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SpreadVisitor)
    }
}

struct SpreadVisitor;

impl<'de> Visitor<'de> for SpreadVisitor {
    type Value = Spread;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a number of Regions or a list of Regions")
    }

    fn visit_i64<E: Error>(self, count: i64) -> Result<Spread, E> {
        let most = region::of_partition("aws").count();
        let valid = usize::try_from(count).ok().filter(|count| (1..=most).contains(count));
        valid
            .map(Spread::First)
            .ok_or_else(|| E::custom(format!("{count} Regions are not to be had, expected 1 to {most}")))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Spread, A::Error> {
        let mut names = Vec::new();
        while let Some(name) = items.next_element()? {
            names.push(name);
        }
        Ok(Spread::These(names))
    }
}
