//! `[checks.NAME]`: which checks run, how much each weighs, and their few numbers.

use std::collections::BTreeMap;
use std::time::Duration;

use super::coverage;
use super::problem::{ConfigError, suggest};
use super::rules::{duration, truth};
use super::value::{Text, Value};
use crate::domain::check::tuning::{Switch, Tuning};
use crate::domain::check::{self, CHECKS};
use crate::domain::filter::Glob;
use crate::domain::text::{Foreign, Safe, safe};

/// What every check takes.
const EVERY: [&str; 2] = ["enabled", "severity"];

/// What some checks take besides.
const OWN: [(&str, &str); 4] =
    [("tags_drift", "ignore"), ("alias_drift", "ignore"), ("moving_long", "after"), ("material_expiry", "within")];

const EXAMPLE: &str = "[checks.not_usable], and below it severity = \"high\"";
const UNITS: [(char, u64); 3] = [('d', 86_400), ('h', 3_600), ('m', 60)];
const DAY: Duration = Duration::from_hours(24);

/// Every check that a table can be about: those that run, and those whose numbers are known.
fn ids() -> Vec<&'static str> {
    let own = OWN.iter().map(|(id, _)| *id).filter(|id| check::named(id).is_none());
    CHECKS.iter().map(|check| check.id).chain(own).collect()
}

/// What one layer says of the checks, and nothing where it says nothing.
#[derive(Clone, Debug, Default)]
pub(super) struct Tuned {
    switches: BTreeMap<&'static str, Switch>,
    ignored_tags: Option<Vec<Glob>>,
    ignored_aliases: Option<Vec<Glob>>,
    moving_at_most: Option<Duration>,
    expires_within: Option<Duration>,
}

impl Tuned {
    /// This layer over a lower one, value by value: a file that says one thing of a check leaves the rest as it was.
    pub(super) fn over(self, lower: Tuned) -> Self {
        let mut switches = lower.switches;
        for (id, switch) in self.switches {
            let below = switches.entry(id).or_default();
            *below = Switch { enabled: switch.enabled.or(below.enabled), severity: switch.severity.or(below.severity) };
        }
        Self {
            switches,
            ignored_tags: self.ignored_tags.or(lower.ignored_tags),
            ignored_aliases: self.ignored_aliases.or(lower.ignored_aliases),
            moving_at_most: self.moving_at_most.or(lower.moving_at_most),
            expires_within: self.expires_within.or(lower.expires_within),
        }
    }

    /// Switches a check on, unless this layer itself says whether it runs.
    pub(super) fn switch_on(&mut self, id: &'static str) {
        self.switches.entry(id).or_default().enabled.get_or_insert(true);
    }

    /// With the defaults below it.
    pub(super) fn tuning(&self) -> Tuning {
        let default = Tuning::default();
        Tuning {
            checks: self.switches.clone(),
            ignored_tags: self.ignored_tags.clone().unwrap_or(default.ignored_tags),
            ignored_aliases: self.ignored_aliases.clone().unwrap_or(default.ignored_aliases),
            moving_at_most: self.moving_at_most.unwrap_or(default.moving_at_most),
            expires_within: self.expires_within.unwrap_or(default.expires_within),
        }
    }
}

/// The checks as they are tuned.
pub(super) fn tuned(value: Value) -> Result<Tuned, ConfigError> {
    let mut tuned = Tuned::default();
    for (name, table) in value.into_table(EXAMPLE)? {
        let ids = ids();
        let Some(id) = ids.iter().copied().find(|id| *id == name.text) else {
            let what = safe!("there is no check \"{}\"", Foreign::new(name.text.as_str()).safe());
            return Err(name.spot.error(&what, suggest(&name.text, &ids)));
        };
        let mut switch = Switch::default();
        for (key, value) in table.into_table(EXAMPLE)? {
            one(id, &key, value, (&mut switch, &mut tuned))?;
        }
        tuned.switches.insert(id, switch);
    }
    Ok(tuned)
}

fn one(
    id: &'static str,
    key: &Text,
    value: Value,
    (switch, tuned): (&mut Switch, &mut Tuned),
) -> Result<(), ConfigError> {
    match (id, key.text.as_str()) {
        (_, "enabled") => switch.enabled = Some(truth(&value, "enabled = false")?),
        ("coverage", "severity") => {
            let what = Safe::from_static("coverage weighs what each rule says");
            return Err(key.spot.error(&what, Safe::from_static("give the severity to the rule, in [[rules]]")));
        }
        (_, "severity") => {
            switch.severity = Some(coverage::severity(&value.into_text("severity = \"high\"")?)?);
        }
        ("tags_drift", "ignore") => tuned.ignored_tags = Some(tags(value)?),
        ("alias_drift", "ignore") => tuned.ignored_aliases = Some(aliases(value)?),
        ("moving_long", "after") => {
            let range = (Duration::from_mins(1)..=DAY, "1m to 24h, for example \"10m\"");
            tuned.moving_at_most = Some(span(&value.into_text("after = \"10m\"")?, range)?);
        }
        ("material_expiry", "within") => {
            let range = (DAY..=DAY * 3_650, "1d to 3650d, for example \"30d\"");
            tuned.expires_within = Some(span(&value.into_text("within = \"30d\"")?, range)?);
        }
        (_, other) => {
            let what = safe!("the check {id} has no \"{}\"", Foreign::new(other).safe());
            return Err(key.spot.error(&what, suggest(other, &keys(id))));
        }
    }
    Ok(())
}

fn keys(id: &str) -> Vec<&'static str> {
    let common = EVERY.into_iter().filter(|key| id != "coverage" || *key != "severity");
    let own = OWN.iter().filter(|(of, _)| *of == id).map(|(_, key)| *key);
    common.chain(own).collect()
}

fn span(
    text: &Text,
    (range, words): (std::ops::RangeInclusive<Duration>, &'static str),
) -> Result<Duration, ConfigError> {
    let shown = Foreign::new(text.text.as_str()).safe();
    let Some(duration) = duration(&text.text, &UNITS) else {
        return Err(text.spot.error(&safe!("\"{shown}\" is no duration in d, h or m"), Safe::from_static(words)));
    };
    if range.contains(&duration) {
        return Ok(duration);
    }
    Err(text.spot.error(&safe!("{shown} is out of range"), Safe::from_static(words)))
}

fn tags(value: Value) -> Result<Vec<Glob>, ConfigError> {
    const EXAMPLE: &str = "ignore = [\"aws:*\", \"owner\"]";
    globs(value, EXAMPLE, |_| Ok(()))
}

fn aliases(value: Value) -> Result<Vec<Glob>, ConfigError> {
    const EXAMPLE: &str = "ignore = [\"alias/legacy-*\"]";
    globs(value, EXAMPLE, |text| {
        let begins = text.text.starts_with('*') || text.text.starts_with("alias/");
        if begins {
            return Ok(());
        }
        let what = Safe::from_static("an alias begins with alias/");
        Err(text.spot.error(&what, safe!("for example {EXAMPLE}")))
    })
}

fn globs(
    value: Value,
    example: &'static str,
    is_one: impl Fn(&Text) -> Result<(), ConfigError>,
) -> Result<Vec<Glob>, ConfigError> {
    let mut globs = Vec::new();
    for item in value.into_list(example)? {
        let text = item.into_text(example)?;
        if text.text.trim().is_empty() {
            let what = Safe::from_static("an empty name ignores nothing");
            return Err(text.spot.error(&what, safe!("for example {example}")));
        }
        is_one(&text)?;
        globs.push(Glob::whole(&text.text));
    }
    Ok(globs)
}

/// What is not at its default, in the words of the file.
pub(super) fn changed(tuning: &Tuning) -> Vec<Safe> {
    let default = Tuning::default();
    let mut changed = Vec::new();
    for (id, switch) in &tuning.checks {
        if switch.enabled == Some(false) {
            changed.push(safe!("{id}.enabled = false"));
        }
        let usual = check::named(id).map(|check| check.severity);
        if let Some(severity) = switch.severity.filter(|severity| Some(*severity) != usual) {
            changed.push(safe!("{id}.severity = \"{}\"", severity.name()));
        }
    }
    if tuning.ignored_tags != default.ignored_tags {
        changed.push(safe!("tags_drift.ignore = {}", list(&tuning.ignored_tags)));
    }
    if tuning.ignored_aliases != default.ignored_aliases {
        changed.push(safe!("alias_drift.ignore = {}", list(&tuning.ignored_aliases)));
    }
    if tuning.moving_at_most != default.moving_at_most {
        changed.push(safe!("moving_long.after = \"{}\"", written(tuning.moving_at_most)));
    }
    if tuning.expires_within != default.expires_within {
        changed.push(safe!("material_expiry.within = \"{}\"", written(tuning.expires_within)));
    }
    changed
}

fn list(globs: &[Glob]) -> Safe {
    let globs: Vec<String> = globs.iter().map(|glob| format!("\"{}\"", Foreign::new(glob.text()).safe())).collect();
    safe!("[{}]", globs.join(", "))
}

/// A duration in the largest unit that it is a whole number of.
fn written(duration: Duration) -> Safe {
    let seconds = duration.as_secs();
    let whole = UNITS.into_iter().find(|(_, factor)| seconds.is_multiple_of(*factor));
    let (unit, factor) = whole.unwrap_or(('s', 1));
    safe!("{}{unit}", seconds / factor)
}
