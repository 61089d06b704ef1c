//! The settings that decide what is found, as one text, and its digest: two reports with the same digest were checked by the same terms.
//!
//! Where the settings were written, and what only decides how a report looks, is no part of it.

use std::fmt::Write as _;

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::convert::checks;
use super::{CheckEntry, FindingsReport};
use crate::domain::filter::{Glob, RegionPattern};
use crate::domain::id::Region;
use crate::domain::rule::Rule;
use crate::domain::text::Foreign;
use crate::wire::json;

/// What is digested: this, as JSON on one line, its fields in this order. Rules stand in the order in which they were written, Regions and globs as they are
/// compared, times in seconds.
#[derive(Debug, Serialize)]
struct Effective<'a> {
    evidence: &'static str,
    fail_on: &'static str,
    filter: Option<&'a str>,
    /// The Regions that were named; null where every Region of the partition was meant.
    regions: Option<Vec<&'a str>>,
    rules: Vec<RuleText<'a>>,
    checks: Vec<CheckEntry>,
    tags_ignored: Vec<String>,
    aliases_ignored: Vec<String>,
    moving_at_most: u64,
    expires_within: u64,
}

#[derive(Debug, Serialize)]
struct RuleText<'a> {
    name: &'a str,
    #[serde(rename = "match")]
    matching: &'a str,
    required: Vec<String>,
    allowed: Vec<String>,
    forbidden: Vec<String>,
    primary: Vec<String>,
    min_related: Option<u32>,
    severity: &'static str,
}

/// `sha256:` and the digest, in hexadecimal.
pub(crate) fn digest(report: &FindingsReport<'_>) -> String {
    // Strings and numbers only: there is nothing in it that JSON could not hold.
    let text = json::to_string(&effective(report)).unwrap_or_default();
    let mut digest = String::from("sha256:");
    for byte in Sha256::digest(text.as_bytes()) {
        let _infallible = write!(digest, "{byte:02x}");
    }
    digest
}

fn effective<'a>(report: &'a FindingsReport<'_>) -> Effective<'a> {
    let (terms, tuning) = (report.terms, report.terms.tuning);
    Effective {
        evidence: terms.accepted.name(),
        fail_on: terms.fail_on.name(),
        filter: terms.filter.map(Foreign::original),
        regions: regions(report),
        rules: terms.rules.iter().map(rule).collect(),
        checks: checks(tuning),
        tags_ignored: tuning.ignored_tags.iter().map(Glob::text).collect(),
        aliases_ignored: tuning.ignored_aliases.iter().map(Glob::text).collect(),
        moving_at_most: tuning.moving_at_most.as_secs(),
        expires_within: tuning.expires_within.as_secs(),
    }
}

fn regions<'a>(report: &'a FindingsReport<'_>) -> Option<Vec<&'a str>> {
    let fleet = report.fleet.fleet;
    let mut named: Vec<&str> = Vec::new();
    for (place, _) in fleet.places() {
        let scope = fleet.scope(place.login)?;
        if scope.auto {
            return None;
        }
        named.extend(scope.regions.iter().map(Region::as_str));
    }
    named.sort_unstable();
    named.dedup();
    Some(named)
}

fn rule(rule: &Rule) -> RuleText<'_> {
    let texts = |patterns: &[RegionPattern]| patterns.iter().map(|pattern| pattern.words().to_string()).collect();
    RuleText {
        name: rule.name.original(),
        matching: rule.matching.text().original(),
        required: texts(&rule.required),
        allowed: texts(&rule.allowed),
        forbidden: texts(&rule.forbidden),
        primary: texts(&rule.primary),
        min_related: rule.min_related,
        severity: rule.severity.name(),
    }
}
