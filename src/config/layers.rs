//! Where the layers come from: the file, the environment, the flags. The environment and the flags arrive as values; only the file is opened here.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use super::Flags;
use super::checks::Tuned;
use super::layer::{Layer, Made, SETTINGS, TABLES};
use super::problem::{ConfigError, nearest, shown};
use super::rules;
use super::value::{self, Kind, Text, Value};
use crate::domain::check::finding::COVERAGE;
use crate::domain::text::{Foreign, Safe, safe};
use crate::engine::settings::{EndpointOrigin, Endpoints};

/// More than any configuration needs.
const LARGEST_FILE: usize = 1024 * 1024;

/// What every environment name of ours begins with.
const PREFIX: &str = "KEYFLEET_";

/// Names that only a debug build takes: tests use them to make it fail on purpose.
const DEBUG_PREFIX: &str = "KEYFLEET_DEBUG_";

/// The layer of a file.
pub(super) fn of_file(path: &Path) -> Result<Layer, ConfigError> {
    let text = read(path)?;
    let mut layer = Layer::default();
    for (name, value) in value::parse_file(value::file(path, text))? {
        layer.set(&name, value, EndpointOrigin::Configuration)?;
    }
    Ok(layer)
}

/// The layer of a file of rules: rules and checks, and nothing else.
pub(super) fn of_rules(path: &Path) -> Result<Layer, ConfigError> {
    let mut layer = of_rules_text(path, read(path)?)?;
    if layer.rules.is_none() && layer.checks.is_none() {
        let what = Safe::from_static("no rule stands in this file");
        return Err(ConfigError::of_file(path, &what, Safe::from_static("write [[rules]], or name another file")));
    }
    // Whoever names rules wants them judged, whatever the configuration switched off.
    if let Some(rules) = layer.rules.as_ref().filter(|made| !made.value.rules.is_empty()) {
        let none = || Made { value: Tuned::default(), spot: rules.spot.clone() };
        layer.checks.get_or_insert_with(none).value.switch_on(COVERAGE.id);
    }
    Ok(layer)
}

/// The same of a text that has been read.
pub(super) fn of_rules_text(path: &Path, text: String) -> Result<Layer, ConfigError> {
    let mut layer = Layer::default();
    for (name, value) in value::parse_file(value::file(path, text))? {
        if !TABLES.contains(&name.text.as_str()) {
            let shown = Foreign::new(name.text.as_str()).safe();
            let what = safe!("a file of rules holds rules and checks, not \"{shown}\"");
            let is_setting = SETTINGS.contains(&name.text.as_str());
            let next_step = if is_setting { "settings stand in the configuration file" } else { "take it out" };
            return Err(name.spot.error(&what, Safe::from_static(next_step)));
        }
        layer.set(&name, value, EndpointOrigin::Configuration)?;
    }
    Ok(layer)
}

fn read(path: &Path) -> Result<String, ConfigError> {
    let refuse = |what: &Safe, next_step: &'static str| ConfigError::of_file(path, what, Safe::from_static(next_step));
    let cannot_read = |error: std::io::Error| {
        let kind = error.kind();
        if kind == ErrorKind::NotFound {
            return refuse(&"there is no such file".into(), "`keyfleet config init` writes one");
        }
        if kind == ErrorKind::PermissionDenied {
            return refuse(&"not readable: permission denied".into(), "give yourself the right to read it");
        }
        refuse(&safe!("not readable: {kind}"), "name another file with --config")
    };
    let kind = std::fs::metadata(path).map_err(cannot_read)?.file_type();
    if kind.is_dir() {
        return Err(refuse(&"this is a directory".into(), "name the file in it with --config"));
    }
    // Opening a pipe without a writer would wait for ever.
    if !kind.is_file() {
        return Err(refuse(&"this is not a file".into(), "name a file with --config"));
    }
    let mut bytes = Vec::new();
    let most = u64::try_from(LARGEST_FILE + 1).unwrap_or(u64::MAX);
    File::open(path).and_then(|file| file.take(most).read_to_end(&mut bytes)).map_err(cannot_read)?;
    if bytes.len() > LARGEST_FILE {
        return Err(refuse(&"larger than 1 MiB".into(), "is this the right file? A configuration has a few lines"));
    }
    String::from_utf8(bytes).map_err(|error| not_utf8(path, &error))
}

fn not_utf8(path: &Path, error: &std::string::FromUtf8Error) -> ConfigError {
    let offset = error.utf8_error().valid_up_to();
    let before = error.as_bytes().get(..offset).unwrap_or_default();
    let line = before.split(|byte| *byte == b'\n').count();
    let rest = before.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
    let column = String::from_utf8_lossy(rest).chars().count() + 1;
    let subject = safe!("{}:{line}:{column}", shown(path));
    ConfigError::new(&subject, &safe!("not UTF-8 at byte {offset}"), Safe::from_static("save the file as UTF-8"))
}

/// The layer of the environment.
pub(super) fn of_environment(environment: &BTreeMap<String, String>) -> Result<Layer, ConfigError> {
    let mut layer = Layer::default();
    for (name, text) in environment {
        let Some(ours) = name.strip_prefix(PREFIX) else { continue };
        if cfg!(debug_assertions) && name.starts_with(DEBUG_PREFIX) {
            continue;
        }
        let setting = SETTINGS.into_iter().find(|setting| setting.to_ascii_uppercase() == ours);
        let setting = setting.ok_or_else(|| unknown_name(name))?;
        if TABLES.contains(&setting) {
            return Err(too_large(name, setting));
        }
        let spot = value::variable(name, text);
        let named = Text { text: setting.to_owned(), spot: spot.clone() };
        layer.set(&named, from_variable(setting, Text::at(spot))?, EndpointOrigin::Environment)?;
    }
    Ok(layer)
}

/// Tables do not fit into a variable.
fn too_large(name: &str, setting: &'static str) -> ConfigError {
    let next_step = safe!("write them in the configuration file, or in one that `keyfleet check --rules` names");
    ConfigError::new(&Foreign::new(name).safe(), &safe!("{setting} cannot stand in a variable"), next_step)
}

fn unknown_name(name: &str) -> ConfigError {
    let ours = name.strip_prefix(PREFIX).unwrap_or(name);
    let names: Vec<&str> = SETTINGS.into_iter().filter(|setting| !TABLES.contains(setting)).collect();
    let next_step = match nearest(ours, names.iter().copied()) {
        Some(meant) => safe!("did you mean {PREFIX}{}?", meant.to_ascii_uppercase()),
        None => safe!("{PREFIX} is followed by one of {}", names.join(", ").to_ascii_uppercase()),
    };
    ConfigError::new(&Foreign::new(name).safe(), &Safe::from_static("there is no setting of this name"), next_step)
}

/// The value in the shape that the setting takes. What does not fit stays text, and the setting says so.
fn from_variable(setting: &str, text: Text) -> Result<Value, ConfigError> {
    let trimmed = value::trimmed(&text.spot);
    let spot = text.spot;
    let list = || Kind::List(value::split(&spot, ',').into_iter().map(Value::from).collect());
    let kind = match setting {
        "regions" if trimmed.text == "auto" => Kind::Text(trimmed.text),
        "regions" | "profiles" | "protected_accounts" => list(),
        "read_only" => trimmed.text.parse().map_or(Kind::Text(trimmed.text), Kind::Bool),
        "quota_share" => trimmed.text.parse().map_or(Kind::Text(trimmed.text), Kind::Number),
        "account_names" | "endpoints" => Kind::Table(pairs(&value::split(&spot, ','))?),
        "keys" => {
            let chords = |value: Value| Value {
                kind: Kind::List(
                    value::split(&value.spot, ' ').into_iter().filter(is_written).map(Value::from).collect(),
                ),
                spot: value.spot,
            };
            let pairs = pairs(&value::split(&spot, ','))?;
            Kind::Table(pairs.into_iter().map(|(action, value)| (action, chords(value))).collect())
        }
        _ => Kind::Text(trimmed.text),
    };
    Ok(Value { kind, spot })
}

fn is_written(text: &Text) -> bool {
    !text.text.is_empty()
}

fn pairs(items: &[Text]) -> Result<Vec<(Text, Value)>, ConfigError> {
    let pair = |item: &Text| {
        let (name, value) = value::pair(item).ok_or_else(|| {
            item.spot.error(
                &Safe::from_static("an = is missing"),
                Safe::from_static("write name=value, separated by commas"),
            )
        })?;
        Ok((name, Value::from(value)))
    };
    items.iter().map(pair).collect()
}

/// The layer of the flags.
pub(super) fn of_flags(flags: &Flags) -> Result<Layer, ConfigError> {
    let mut layer = Layer::default();
    let mut set = |setting: &str, value: Value| {
        let name = Text { text: setting.to_owned(), spot: value.spot.clone() };
        layer.set(&name, value, EndpointOrigin::CommandLine)
    };
    if let Some(profiles) = value::list_of_flags("--profile", &flags.profiles) {
        set("profiles", profiles)?;
    }
    if let [only] = flags.regions.as_slice()
        && only == "auto"
    {
        set("regions", Text::at(value::flag("--region", only)).into())?;
    } else if let Some(regions) = value::list_of_flags("--region", &flags.regions) {
        set("regions", regions)?;
    }
    if flags.read_only {
        let spot = value::flag("--read-only", "");
        set("read_only", Value { kind: Kind::Bool(true), spot })?;
    }
    layer.endpoints = endpoints(&flags.endpoint_urls)?;
    Ok(layer)
}

fn endpoints(flags: &[String]) -> Result<Option<Made<Endpoints>>, ConfigError> {
    let texts: Vec<Text> = flags.iter().map(|text| Text::at(value::flag("--endpoint-url", text))).collect();
    let Some(first) = texts.first() else { return Ok(None) };
    let spot = first.spot.clone();
    let mut endpoints = Endpoints { everywhere: None, by_region: BTreeMap::new(), origin: EndpointOrigin::CommandLine };
    let twice = |spot: &super::problem::Spot, what: &Safe| Err(spot.error(what, Safe::from_static("give one of them")));
    for text in &texts {
        let of_a_region = value::pair(text).filter(|(name, _)| !name.text.contains("://"));
        let Some((name, url)) = of_a_region else {
            if endpoints.everywhere.replace(rules::url(text)?).is_some() {
                return twice(&text.spot, &Safe::from_static("two endpoints for every Region"));
            }
            continue;
        };
        let region = rules::region(&name)?;
        if endpoints.by_region.insert(region.clone(), rules::url(&url)?).is_some() {
            return twice(&name.spot, &safe!("two endpoints for {region}"));
        }
    }
    Ok(Some(Made { value: endpoints, spot }))
}

/// The file to read: the one that is named, or the one in the usual place if there is one.
pub(super) fn file_of(flags: &Flags, usual: Option<&Path>) -> Option<PathBuf> {
    if let Some(named) = &flags.config {
        return Some(named.clone());
    }
    // The demo is the same for everybody.
    let usual = usual.filter(|_| !flags.demo)?;
    let is_missing = std::fs::symlink_metadata(usual).is_err_and(|error| error.kind() == ErrorKind::NotFound);
    (!is_missing).then(|| usual.to_owned())
}
