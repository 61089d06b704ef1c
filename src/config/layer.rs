//! One layer of settings, all of them checked: what a file, the environment or the flags say, and nothing where they say nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::checks::Tuned;
use super::coverage::Rules;
use super::problem::{ConfigError, Spot, suggest};
use super::value::{Kind, Text, Value, wrong_type};
use super::{Theme, bindings, checks, coverage, rules};
use crate::domain::id::{AccountId, Region};
use crate::domain::text::{Foreign, Safe, safe};
use crate::engine::settings::{EndpointOrigin, Endpoints, Regions};

/// The names of all settings, in the order of the documentation.
pub(super) const SETTINGS: [&str; 12] = [
    "regions",
    "profiles",
    "refresh",
    "read_only",
    "protected_accounts",
    "account_names",
    "quota_share",
    "theme",
    "endpoints",
    "keys",
    "rules",
    "checks",
];

/// Settings that are whole tables and stand in files only.
pub(super) const TABLES: [&str; 2] = ["rules", "checks"];

/// Settings that are described for later and do nothing yet.
const LATER: [&str; 1] = ["mouse"];

/// A setting that was made, and where.
#[derive(Clone, Debug)]
pub(super) struct Made<T> {
    pub(super) value: T,
    pub(super) spot: Spot,
}

/// What the configured keys are: action names and their chords.
pub(super) type Keys = Vec<(Text, Vec<Text>)>;

#[derive(Clone, Debug, Default)]
pub(super) struct Layer {
    pub(super) regions: Option<Made<Regions>>,
    pub(super) profiles: Option<Made<Vec<Foreign>>>,
    pub(super) refresh: Option<Made<Option<Duration>>>,
    pub(super) read_only: Option<Made<bool>>,
    pub(super) protected_accounts: Option<Made<BTreeSet<AccountId>>>,
    pub(super) account_names: Option<Made<BTreeMap<AccountId, Foreign>>>,
    pub(super) quota_share: Option<Made<f64>>,
    pub(super) theme: Option<Made<Theme>>,
    pub(super) endpoints: Option<Made<Endpoints>>,
    pub(super) keys: Option<Made<Keys>>,
    pub(super) rules: Option<Made<Rules>>,
    pub(super) checks: Option<Made<Tuned>>,
}

impl Layer {
    /// Takes one setting.
    pub(super) fn set(&mut self, name: &Text, value: Value, origin: EndpointOrigin) -> Result<(), ConfigError> {
        let spot = value.spot.clone();
        match name.text.as_str() {
            "regions" => self.regions = made(regions(value)?, spot),
            "profiles" => self.profiles = made(rules::profiles(&texts(value, "profiles = [\"prod\"]")?)?, spot),
            "refresh" => {
                self.refresh = made(rules::refresh(&value.into_text("refresh = \"60s\"")?)?, spot);
            }
            "read_only" => self.read_only = made(rules::truth(&value, "read_only = true")?, spot),
            "protected_accounts" => {
                let accounts = value.into_list("protected_accounts = [\"111122223333\"]")?;
                self.protected_accounts = made(rules::accounts(accounts)?, spot);
            }
            "account_names" => self.account_names = made(account_names(value)?, spot),
            "quota_share" => self.quota_share = made(share(&value)?, spot),
            "theme" => self.theme = made(rules::theme(&value.into_text("theme = \"auto\"")?)?, spot),
            "endpoints" => self.endpoints = made(endpoints(value, origin)?, spot),
            "keys" => self.keys = made(keys(value)?, spot),
            "rules" => self.rules = made(coverage::rules(value)?, spot),
            "checks" => self.checks = made(checks::tuned(value)?, spot),
            _ => return Err(unknown(name)),
        }
        Ok(())
    }

    /// This layer over a lower one. Whoever says `read_only = true` is heard, wherever it stands.
    pub(super) fn over(self, lower: Layer) -> Layer {
        let locks = |made: &Made<bool>| made.value;
        let locked = self.read_only.clone().filter(locks).or_else(|| lower.read_only.clone().filter(locks));
        Layer {
            regions: self.regions.or(lower.regions),
            profiles: self.profiles.or(lower.profiles),
            refresh: self.refresh.or(lower.refresh),
            read_only: locked.or(self.read_only).or(lower.read_only),
            protected_accounts: self.protected_accounts.or(lower.protected_accounts),
            account_names: self.account_names.or(lower.account_names),
            quota_share: self.quota_share.or(lower.quota_share),
            theme: self.theme.or(lower.theme),
            endpoints: self.endpoints.or(lower.endpoints),
            keys: self.keys.or(lower.keys),
            rules: self.rules.or(lower.rules),
            checks: checks_over(self.checks, lower.checks),
        }
    }
}

/// Each check's table is many values, so they are laid over each other one by one.
fn checks_over(upper: Option<Made<Tuned>>, lower: Option<Made<Tuned>>) -> Option<Made<Tuned>> {
    match (upper, lower) {
        (Some(upper), Some(lower)) => Some(Made { value: upper.value.over(lower.value), spot: upper.spot }),
        (upper, lower) => upper.or(lower),
    }
}

#[expect(clippy::unnecessary_wraps, reason = "every setting of a layer may be missing")]
fn made<T>(value: T, spot: Spot) -> Option<Made<T>> {
    Some(Made { value, spot })
}

/// Why a name is no setting.
pub(super) fn unknown(name: &Text) -> ConfigError {
    if LATER.contains(&name.text.as_str()) {
        let what = safe!("{} is not a setting yet", name.text);
        return name.spot.error(&what, Safe::from_static("take it out until it is"));
    }
    let what = safe!("there is no setting \"{}\"", Foreign::new(name.text.as_str()).safe());
    name.spot.error(&what, suggest(&name.text, &SETTINGS))
}

fn texts(value: Value, example: &'static str) -> Result<Vec<Text>, ConfigError> {
    value.into_list(example)?.into_iter().map(|item| item.into_text(example)).collect()
}

fn regions(value: Value) -> Result<Regions, ConfigError> {
    const EXAMPLE: &str = "regions = \"auto\" or regions = [\"us-east-1\", \"eu-west-1\"]";
    if let Kind::Text(text) = &value.kind {
        if text == "auto" {
            return Ok(Regions::Auto);
        }
        let what = Safe::from_static("as text only \"auto\" stands here; Regions stand in a list");
        return Err(value.spot.error(&what, safe!("for example {EXAMPLE}")));
    }
    let spot = value.spot.clone();
    let names = match value.kind {
        Kind::List(_) => texts(value, EXAMPLE)?,
        Kind::Text(_) | Kind::Number(_) | Kind::Bool(_) | Kind::Date | Kind::Table(_) => {
            return Err(wrong_type(&value, "\"auto\" or a list", EXAMPLE));
        }
    };
    if names.is_empty() {
        return Err(spot.error(&Safe::from_static("no Region is named"), safe!("for example {EXAMPLE}")));
    }
    rules::regions(&names).map(Regions::Only)
}

fn share(value: &Value) -> Result<f64, ConfigError> {
    match value.kind {
        Kind::Number(share) => rules::share(value, share),
        Kind::Text(_) | Kind::Bool(_) | Kind::Date | Kind::List(_) | Kind::Table(_) => {
            Err(wrong_type(value, "a number", "quota_share = 0.25"))
        }
    }
}

fn account_names(value: Value) -> Result<BTreeMap<AccountId, Foreign>, ConfigError> {
    const EXAMPLE: &str = "account_names = { \"111122223333\" = \"acme-prod\" }";
    let mut names = BTreeMap::new();
    for (account, name) in value.into_table(EXAMPLE)? {
        let name = name.into_text(EXAMPLE)?;
        if name.text.trim().is_empty() {
            return Err(name
                .spot
                .error(&Safe::from_static("an account's name is empty"), safe!("for example {EXAMPLE}")));
        }
        names.insert(rules::account(&account)?, Foreign::new(name.text));
    }
    Ok(names)
}

fn endpoints(value: Value, origin: EndpointOrigin) -> Result<Endpoints, ConfigError> {
    const EXAMPLE: &str = "us-east-1 = \"https://kms.example.com\"";
    let mut by_region: BTreeMap<Region, Foreign> = BTreeMap::new();
    for (name, url) in value.into_table(EXAMPLE)? {
        let region = rules::region(&name)?;
        let url = rules::url(&url.into_text(EXAMPLE)?)?;
        if by_region.insert(region.clone(), url).is_some() {
            return Err(name.spot.error(&safe!("{region} stands twice"), Safe::from_static("remove one of them")));
        }
    }
    Ok(Endpoints { everywhere: None, by_region, origin })
}

fn keys(value: Value) -> Result<Keys, ConfigError> {
    const EXAMPLE: &str = "replicate = [\"R\"], or [] for no key";
    let mut keys = Keys::new();
    for (action, chords) in value.into_table(EXAMPLE)? {
        let chords = match chords.kind {
            Kind::Text(_) => vec![chords.into_text(EXAMPLE)?],
            Kind::List(_) => texts(chords, EXAMPLE)?,
            Kind::Number(_) | Kind::Bool(_) | Kind::Date | Kind::Table(_) => {
                return Err(wrong_type(&chords, "a key or a list of keys", EXAMPLE));
            }
        };
        keys.push((action, chords));
    }
    bindings::check(&keys)?;
    Ok(keys)
}
