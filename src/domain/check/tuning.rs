//! How the checks are tuned: which run, how much each weighs, and their few numbers.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{CHECKS, Check};
use crate::domain::filter::Glob;
use crate::domain::verdict::Severity;

/// What the configuration says of the checks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tuning {
    /// By check; what is not there is at its default.
    pub(crate) checks: BTreeMap<&'static str, Switch>,
    /// Tag keys that may differ (`tags_drift`).
    pub(crate) ignored_tags: Vec<Glob>,
    /// Alias names that may differ (`alias_drift`), with `alias/`.
    pub(crate) ignored_aliases: Vec<Glob>,
    /// A member that is Creating or Updating for longer is stuck (`moving_long`).
    pub(crate) moving_at_most: Duration,
    /// Imported key material that expires within this time (`material_expiry`).
    pub(crate) expires_within: Duration,
}

/// One check, switched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) struct Switch {
    pub(crate) enabled: Option<bool>,
    pub(crate) severity: Option<Severity>,
}

impl Default for Tuning {
    fn default() -> Self {
        Self {
            checks: BTreeMap::new(),
            ignored_tags: vec![Glob::whole("aws:*")],
            ignored_aliases: Vec::new(),
            moving_at_most: Duration::from_mins(10),
            expires_within: Duration::from_hours(30 * 24),
        }
    }
}

impl Tuning {
    pub(crate) fn is_enabled(&self, check: &Check) -> bool {
        self.checks.get(check.id).and_then(|switch| switch.enabled).unwrap_or(true)
    }

    pub(crate) fn severity(&self, check: &Check) -> Severity {
        self.checks.get(check.id).and_then(|switch| switch.severity).unwrap_or(check.severity)
    }

    /// The checks that run.
    pub(crate) fn enabled(&self) -> impl Iterator<Item = &'static Check> {
        CHECKS.iter().filter(|check| self.is_enabled(check))
    }
}
