//! The settings as they came out, in the words of the file, each with where it comes from.

use std::time::Duration;

use super::layer::{Keys, Layer, Made, SETTINGS};
use super::{QUOTA_SHARE, REFRESH, Theme, checks};
use crate::domain::text::{Foreign, Safe, safe};
use crate::engine::settings::{Endpoints, Regions};

/// One setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Effective {
    pub(crate) name: &'static str,
    pub(crate) value: Safe,
    /// `default`, a file and line, a variable or a flag.
    pub(crate) origin: Safe,
}

/// Every setting, in the order of the documentation.
pub(super) fn of(layer: &Layer) -> Vec<Effective> {
    SETTINGS.into_iter().map(|name| one(name, layer)).collect()
}

fn one(name: &'static str, layer: &Layer) -> Effective {
    let (value, origin) = match name {
        "regions" => pair(layer.regions.as_ref(), "\"auto\"", regions),
        "profiles" => pair(layer.profiles.as_ref(), "[]", |names| list(names.iter().map(Foreign::safe))),
        "refresh" => pair_or(layer.refresh.as_ref(), &refresh(Some(REFRESH)), |every| refresh(*every)),
        "read_only" => pair(layer.read_only.as_ref(), "false", |holds| safe!("{holds}")),
        "protected_accounts" => {
            pair(layer.protected_accounts.as_ref(), "[]", |accounts| list(accounts.iter().map(|id| safe!("{id}"))))
        }
        "account_names" => pair(layer.account_names.as_ref(), "{}", |names| {
            table(names.iter().map(|(account, name)| safe!("{account} = \"{}\"", name.safe())))
        }),
        "quota_share" => pair_or(layer.quota_share.as_ref(), &safe!("{QUOTA_SHARE}"), |share| safe!("{share}")),
        "theme" => pair(layer.theme.as_ref(), "\"auto\"", |name| theme(*name)),
        "endpoints" => pair(layer.endpoints.as_ref(), "{}", endpoints),
        "rules" => pair(layer.rules.as_ref(), "[]", |made| list(made.rules.iter().map(|rule| rule.name.safe()))),
        "checks" => pair(layer.checks.as_ref(), "{}", |tuned| table(checks::changed(&tuned.tuning()).into_iter())),
        _ => pair(layer.keys.as_ref(), "{}", keys),
    };
    Effective { name, value, origin }
}

fn pair<T>(made: Option<&Made<T>>, default: &'static str, show: impl Fn(&T) -> Safe) -> (Safe, Safe) {
    pair_or(made, &Safe::from_static(default), show)
}

fn pair_or<T>(made: Option<&Made<T>>, default: &Safe, show: impl Fn(&T) -> Safe) -> (Safe, Safe) {
    match made {
        Some(made) => (show(&made.value), made.spot.origin()),
        None => (default.clone(), Safe::from_static("default")),
    }
}

fn list(items: impl Iterator<Item = Safe>) -> Safe {
    let items: Vec<String> = items.map(|item| format!("\"{item}\"")).collect();
    safe!("[{}]", items.join(", "))
}

fn table(entries: impl Iterator<Item = Safe>) -> Safe {
    let entries: Vec<String> = entries.map(|entry| entry.to_string()).collect();
    if entries.is_empty() { Safe::from_static("{}") } else { safe!("{{ {} }}", entries.join(", ")) }
}

fn regions(regions: &Regions) -> Safe {
    match regions {
        Regions::Auto => Safe::from_static("\"auto\""),
        Regions::Only(names) => list(names.iter().map(|region| safe!("{region}"))),
    }
}

fn refresh(refresh: Option<Duration>) -> Safe {
    match refresh {
        None => Safe::from_static("\"off\""),
        Some(every) => safe!("\"{}s\"", every.as_secs()),
    }
}

fn theme(theme: Theme) -> Safe {
    match theme {
        Theme::Auto => Safe::from_static("\"auto\""),
        Theme::Dark => Safe::from_static("\"dark\""),
        Theme::Monochrome => Safe::from_static("\"monochrome\""),
    }
}

fn endpoints(endpoints: &Endpoints) -> Safe {
    let everywhere = endpoints.everywhere.iter().map(|url| safe!("everywhere = \"{}\"", url.safe()));
    let by_region = endpoints.by_region.iter().map(|(region, url)| safe!("{region} = \"{}\"", url.safe()));
    table(everywhere.chain(by_region))
}

fn keys(keys: &Keys) -> Safe {
    table(keys.iter().map(|(action, chords)| {
        let chords = list(chords.iter().map(|chord| Foreign::new(chord.text.as_str()).safe()));
        safe!("{} = {chords}", Foreign::new(action.text.as_str()).safe())
    }))
}
