//! What this run goes by: the file, under the environment, under the flags; each layer checked on its own before they are laid over each other.
//!
//! Refuses what it does not know, with one error that says what, where and what to do. The environment, the home and the flags arrive as values. A run of the
//! demo reads no file but the one that is named, and no variable.

mod bindings;
mod checks;
mod coverage;
mod effective;
mod layer;
mod layers;
mod problem;
mod rules;
#[cfg(test)]
mod tests;
mod value;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::app::keymap::Keymap;
use crate::domain::check::tuning::Tuning;
use crate::domain::filter::Filter;
use crate::domain::id::{Login, Region};
use crate::domain::reading::Deep;
use crate::domain::rule::Rule;
use crate::domain::text::{Safe, safe};
use crate::engine::settings::{Endpoints, Regions, Settings as EngineSettings};
pub(crate) use effective::Effective;
use layer::Layer;
pub(crate) use problem::{ConfigError, shown};
pub(crate) use rules::region_meant;
use value::Text;

/// The configuration file as it is handed out: every setting, commented out, at its default.
pub(crate) const EXAMPLE: &str = include_str!("../config.example.toml");

const REFRESH: Duration = Duration::from_mins(1);
const QUOTA_SHARE: f64 = 0.25;

/// How the screens look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Theme {
    /// Dark, or monochrome where colours are not wanted.
    #[default]
    Auto,
    Dark,
    Monochrome,
}

/// What the command line says of settings.
#[derive(Clone, Debug, Default)]
pub(crate) struct Flags {
    pub(crate) demo: bool,
    pub(crate) config: Option<PathBuf>,
    pub(crate) profiles: Vec<String>,
    pub(crate) regions: Vec<String>,
    pub(crate) endpoint_urls: Vec<String>,
    pub(crate) read_only: bool,
    pub(crate) write: bool,
    pub(crate) filter: Option<String>,
    /// The file whose rules and checks go before those of the configuration.
    pub(crate) rules: Option<PathBuf>,
}

/// Everything that settings are made of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Inputs<'a> {
    pub(crate) flags: &'a Flags,
    pub(crate) environment: &'a BTreeMap<String, String>,
    /// Where the file is looked for if none is named; `None` if there is no home.
    pub(crate) usual_file: Option<&'a Path>,
    /// Follow and refresh, or read once.
    pub(crate) live: bool,
    pub(crate) seed: u64,
}

/// What this run goes by.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) engine: EngineSettings,
    pub(crate) keymap: Keymap,
    pub(crate) theme: Theme,
    pub(crate) filter: Option<Filter>,
    /// How the checks are tuned.
    pub(crate) tuning: Tuning,
    /// Writes need not be unlocked first.
    pub(crate) starts_unlocked: bool,
    /// The file that was read.
    pub(crate) file: Option<PathBuf>,
    /// What is odd and no error.
    pub(crate) notices: Vec<Safe>,
    /// Every setting, and where it comes from.
    pub(crate) effective: Vec<Effective>,
}

/// Reads, checks and lays over each other everything that settings come from.
pub(crate) fn load(inputs: Inputs<'_>) -> Result<Settings, ConfigError> {
    let Inputs { flags, environment, usual_file, live, seed } = inputs;
    if flags.write && flags.read_only {
        let what = Safe::from_static("not together with --read-only");
        return Err(ConfigError::new(&Safe::from_static("--write"), &what, Safe::from_static("leave out one of them")));
    }
    let file = layers::file_of(flags, usual_file);
    let of_file = file.as_deref().map(layers::of_file).transpose()?.unwrap_or_default();
    let of_environment = if flags.demo { Layer::default() } else { layers::of_environment(environment)? };
    let of_rules = flags.rules.as_deref().map(layers::of_rules).transpose()?.unwrap_or_default();
    let layer = layers::of_flags(flags)?.over(of_environment).over(of_rules).over(of_file);
    fit_together(&layer)?;
    let is_read_only = layer.read_only.as_ref().is_some_and(|made| made.value);
    if let Some(made) = layer.read_only.as_ref().filter(|made| made.value && flags.write) {
        return Err(locked(&made.spot.origin()));
    }
    let filter = flags.filter.as_deref().map(filter).transpose()?;
    let engine = engine_settings(&layer, live, seed);
    Ok(Settings {
        notices: notices(&engine),
        engine,
        keymap: layer.keys.as_ref().map_or_else(|| Ok(Keymap::default()), |made| bindings::keymap(&made.value))?,
        theme: layer.theme.as_ref().map(|made| made.value).unwrap_or_default(),
        filter,
        tuning: layer.checks.as_ref().map(|made| made.value.tuning()).unwrap_or_default(),
        starts_unlocked: !is_read_only && (flags.write || flags.demo),
        file,
        effective: effective::of(&layer),
    })
}

impl Settings {
    /// The readings of every member that the rules and the filter need, so that it can be told which keys they are about.
    pub(crate) fn deep_needed(&self) -> Vec<Deep> {
        let of_rules = self.engine.rules.iter().map(|rule| &rule.matching);
        let needs: BTreeSet<Deep> = of_rules.chain(&self.filter).flat_map(Filter::needs).collect();
        needs.into_iter().collect()
    }

    /// Some layer says which rules there are, be it none.
    pub(crate) fn says_rules(&self) -> bool {
        let default = Safe::from_static("default");
        self.effective.iter().any(|setting| setting.name == "rules" && setting.origin != default)
    }
}

/// The rules of a text that comes with keyfleet.
pub(crate) fn rules_of(name: &'static str, text: &'static str) -> Result<Arc<[Rule]>, ConfigError> {
    let layer = layers::of_rules_text(Path::new(name), text.to_owned())?;
    Ok(rules_in(&layer))
}

/// What two layers say, each right by itself, is to be right together.
fn fit_together(layer: &Layer) -> Result<(), ConfigError> {
    let Some(Regions::Only(regions)) = layer.regions.as_ref().map(|made| &made.value) else { return Ok(()) };
    match (regions.first(), &layer.rules) {
        (Some(region), Some(made)) => made.value.fit(region.partition()),
        (None, _) | (_, None) => Ok(()),
    }
}

fn rules_in(layer: &Layer) -> Arc<[Rule]> {
    layer.rules.as_ref().map(|made| Arc::from(made.value.rules.as_slice())).unwrap_or_default()
}

fn locked(origin: &Safe) -> ConfigError {
    let what = safe!("read_only = true stands in {origin}, and no flag lifts it");
    ConfigError::new(&Safe::from_static("--write"), &what, Safe::from_static("leave out --write; nothing was started"))
        .refused()
}

fn filter(expression: &str) -> Result<Filter, ConfigError> {
    Filter::parse(expression).map_err(|error| {
        let spot = value::flag("--filter", expression);
        let at = expression.char_indices().nth(error.column.saturating_sub(1)).map_or(expression.len(), |(at, _)| at);
        let text = Text::at(spot.part(at, 0));
        text.spot.error(&safe!("wrong at character {}", error.column), error.message)
    })
}

fn engine_settings(layer: &Layer, live: bool, seed: u64) -> EngineSettings {
    let profile = layer.profiles.as_ref().and_then(|made| made.value.first().cloned());
    let endpoints: Option<Endpoints> = layer.endpoints.as_ref().map(|made| made.value.clone());
    EngineSettings {
        logins: vec![(Login(0), profile)],
        regions: layer.regions.as_ref().map_or(Regions::Auto, |made| made.value.clone()),
        refresh: layer.refresh.as_ref().map_or(Some(REFRESH), |made| made.value),
        rules: rules_in(layer),
        quota_share: layer.quota_share.as_ref().map_or(QUOTA_SHARE, |made| made.value),
        protected_accounts: layer.protected_accounts.as_ref().map(|made| made.value.clone()).unwrap_or_default(),
        account_names: layer.account_names.as_ref().map(|made| made.value.clone()).unwrap_or_default(),
        read_only: layer.read_only.as_ref().is_some_and(|made| made.value),
        endpoints: endpoints.filter(|endpoints| endpoints.everywhere.is_some() || !endpoints.by_region.is_empty()),
        live,
        seed,
    }
}

/// A Region that is newer than our list is a Region all the same. In a rule it may also be a slip, and a rule that is never broken is noticed by nobody.
fn notices(engine: &EngineSettings) -> Vec<Safe> {
    let regions: &[Region] = match &engine.regions {
        Regions::Only(regions) => regions,
        Regions::Auto => &[],
    };
    let unlisted = regions.iter().filter(|region| !region.is_listed());
    let asked = unlisted.map(|region| safe!("{region} is not in keyfleet's list of Regions; it is asked all the same"));
    let named = engine.rules.iter().flat_map(|rule| {
        let unlisted = rule.all_regions().filter(|region| !region.is_listed());
        unlisted
            .map(|region| safe!("rule {} names {region}, which is not in keyfleet's list of Regions", rule.name.safe()))
    });
    asked.chain(named).collect()
}
