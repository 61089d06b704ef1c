//! The fleet file: which accounts, keys and faults the embedded KMS starts with.
//!
//! A file is taken whole or refused with one error: what, in which line and column, and what to do. What no
//! table has a field for is refused by name, never ignored.

mod access;
mod check;
mod error;
mod names;
mod schema;
mod span;
mod values;

use std::collections::BTreeMap;

pub(crate) use access::{Secret, Statement};
pub use error::FleetError;
pub(crate) use names::{AccountNumber, RegionName};
pub(crate) use schema::{Account, File, Generate, Key, MemberPlan};
pub(crate) use span::{FOR_EVER, TimeSpan, parse as time_span};
pub(crate) use values::{Clock, Propagation};

use super::key::KeyId;
use super::options::Size;
use super::random::named;
use super::region;

const DEFAULT_ACCOUNT: &str = "111122223333";

/// A fleet as its file describes it, checked.
#[derive(Clone, Debug)]
pub struct Fleet {
    pub(crate) file: File,
    /// Keys by the names that the file gives them.
    names: BTreeMap<String, KeyId>,
}

impl Fleet {
    /// A KMS without keys: every Region enabled, one account, no faults.
    pub fn empty() -> Self {
        Self { file: File::default(), names: BTreeMap::new() }
    }

    /// Reads a fleet file.
    ///
    /// # Errors
    /// If the text is not TOML, or says what this KMS cannot do.
    pub fn parse(text: &str) -> Result<Self, FleetError> {
        let file: File = toml::from_str(text).map_err(|error| FleetError::of_toml(text, &error))?;
        check::check(&file).map_err(|wrong| FleetError::new(text, wrong.span, wrong.what, wrong.remedy))?;
        let names = names(&file);
        Ok(Self { file, names })
    }

    /// The Regions of this fleet: those that the file lists; without a list every Region that the file names, in the
    /// order of the documentation; and if it names none, every Region of the partition `aws`.
    pub fn regions(&self) -> Vec<String> {
        if let Some(listed) = &self.file.regions {
            return listed.iter().map(ToString::to_string).collect();
        }
        let mut named = self.file.named_regions();
        if named.is_empty() {
            return region::of_partition("aws").map(str::to_owned).collect();
        }
        named.sort_by_key(|name| (region::rank(name), name.clone()));
        named.dedup();
        named
    }

    /// The number of the fleet's first account.
    pub fn account(&self) -> &str {
        self.file.account().map_or(DEFAULT_ACCOUNT, |account| account.id.as_str())
    }

    /// The first access key of the file, and whether it has a secret.
    pub fn first_credential(&self) -> Option<(&str, bool)> {
        let mut credentials = self.file.accounts.iter().flat_map(|account| &account.get_ref().credentials);
        let first = credentials.next()?.get_ref();
        Some((&first.access_key, first.secret.is_some()))
    }

    /// The name that the file gives to its first account.
    pub fn account_name(&self) -> Option<&str> {
        self.file.account()?.name.as_deref()
    }

    pub(crate) fn set_seed(&mut self, seed: u64) {
        self.file.seed = seed;
        self.names = names(&self.file);
    }

    pub(crate) fn set_latency(&mut self, millis: u64) {
        self.file.latency_ms = millis;
    }

    pub(crate) fn generate(&mut self, size: Size) {
        self.file.generate.push(toml::Spanned::new(0..0, Generate::of_size(size)));
    }

    /// What stands behind the `key` of a fault or a statement: the identifier of a key that the file names, or the text itself.
    pub(crate) fn meant_key(&self, text: &str) -> String {
        self.names.get(text).map_or_else(|| text.to_owned(), ToString::to_string)
    }
}

fn names(file: &File) -> BTreeMap<String, KeyId> {
    let with_name = |(number, key): (usize, &toml::Spanned<Key>)| {
        let key = key.get_ref();
        key.name.clone().map(|name| (name, key_id(file, number, key)))
    };
    file.keys.iter().enumerate().filter_map(with_name).collect()
}

/// The identifier of the n-th key of a file: its own, or one made from the seed and its name. Without a name the
/// position stands for it.
pub(crate) fn key_id(file: &File, number: usize, key: &Key) -> KeyId {
    if let Some(given) = key.id {
        return given.0;
    }
    let name = key.name.clone().unwrap_or_else(|| format!("#{number}"));
    let number = named(file.seed, "key", &name);
    if key.multi_region { KeyId::Multi(number) } else { KeyId::Single(number) }
}

#[cfg(test)]
mod tests;
