//! The names and values of the fleet file, checked while they are read, so that an error points at the value.

use std::fmt;

use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::emulator::key;
use crate::emulator::region;
use crate::emulator::spec;

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
    |text| spec::Origin::find(text).ok_or_else(|| format!("`{text}` is not an origin that is served, expected AWS_KMS, EXTERNAL, AWS_CLOUDHSM or EXTERNAL_KEY_STORE"))
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

    pub(crate) fn read(text: &str) -> Result<Self, String> {
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
pub(crate) struct Aliases(pub(crate) Vec<AliasName>);

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
