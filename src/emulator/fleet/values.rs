//! The settings of the fleet file that are more than a number.

use std::collections::BTreeMap;

use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::names::RegionName;

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

/// How much of the documented request quotas is granted; nought is no limit at all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
#[serde(try_from = "f64")]
pub(crate) struct Quotas(pub(crate) f64);

impl TryFrom<f64> for Quotas {
    type Error = String;

    fn try_from(scale: f64) -> Result<Self, String> {
        let valid = (0.0..=1000.0).contains(&scale);
        valid.then_some(Self(scale)).ok_or_else(|| format!("quotas are scaled by 0.0 (off) to 1000.0, not by {scale}"))
    }
}

/// For how long reads may still show what was before: everywhere, or Region by Region.
#[derive(Clone, Debug, Default)]
pub(crate) struct Propagation {
    everywhere: u64,
    regions: BTreeMap<String, u64>,
}

impl Propagation {
    pub(crate) fn longest(&self) -> u64 {
        self.regions.values().copied().chain([self.everywhere]).max().unwrap_or(0)
    }

    pub(crate) fn of(&self, region: &str) -> u64 {
        self.regions.get(region).copied().unwrap_or(self.everywhere)
    }

    /// The Regions that have a delay of their own.
    pub(crate) fn regions(&self) -> impl Iterator<Item = &str> {
        self.regions.keys().map(String::as_str)
    }
}

/// Reads stay bounded: what a change was before is kept for this long at most.
const LONGEST_PROPAGATION_MS: u64 = 600_000;

impl<'de> Deserialize<'de> for Propagation {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PropagationVisitor)
    }
}

struct PropagationVisitor;

impl<'de> Visitor<'de> for PropagationVisitor {
    type Value = Propagation;

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("milliseconds, or a table of milliseconds by Region")
    }

    fn visit_i64<E: Error>(self, millis: i64) -> Result<Propagation, E> {
        Ok(Propagation { everywhere: bounded(millis)?, regions: BTreeMap::new() })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Propagation, A::Error> {
        let mut propagation = Propagation::default();
        while let Some((name, millis)) = entries.next_entry::<String, i64>()? {
            let millis = bounded(millis)?;
            if name == "*" {
                propagation.everywhere = millis;
            } else {
                let region = RegionName::read(&name).map_err(A::Error::custom)?;
                propagation.regions.insert(region.to_string(), millis);
            }
        }
        Ok(propagation)
    }
}

fn bounded<E: Error>(millis: i64) -> Result<u64, E> {
    let valid = u64::try_from(millis).ok().filter(|millis| *millis <= LONGEST_PROPAGATION_MS);
    valid.ok_or_else(|| E::custom(format!("reads lag by 0 to {LONGEST_PROPAGATION_MS} ms, not by {millis}")))
}
