//! Coverage rules: which keys must, may and must not have members where.

use super::filter::{Filter, RegionPattern};
use super::id::Region;
use super::text::{Foreign, Safe, safe};
use super::verdict::Severity;

/// One `[[rules]]` table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rule {
    pub(crate) name: Foreign,
    /// The keys it is about.
    pub(crate) matching: Filter,
    /// Each asks for a usable member in at least one Region that it matches.
    pub(crate) required: Vec<RegionPattern>,
    /// Where members may be; empty is anywhere.
    pub(crate) allowed: Vec<RegionPattern>,
    pub(crate) forbidden: Vec<RegionPattern>,
    /// Where the primary may be; empty is anywhere.
    pub(crate) primary: Vec<RegionPattern>,
    /// Usable members in all, the primary included.
    pub(crate) min_related: Option<u32>,
    pub(crate) severity: Severity,
}

impl Rule {
    /// No member may be in this Region.
    pub(crate) fn forbids(&self, region: &Region) -> bool {
        let is_in = |patterns: &[RegionPattern]| patterns.iter().any(|pattern| pattern.matches(region));
        is_in(&self.forbidden) || !self.allowed.is_empty() && !is_in(&self.allowed)
    }

    /// Where the primary may be, in words.
    pub(crate) fn primary_words(&self) -> Safe {
        let may: Vec<String> = self.primary.iter().map(|pattern| pattern.words().to_string()).collect();
        safe!("{}", may.join(", "))
    }

    /// The Regions that it asks for one by one: each is worth a column.
    pub(crate) fn named_regions(&self) -> impl Iterator<Item = &Region> {
        self.required.iter().chain(&self.primary).filter_map(one)
    }

    /// Every Region that it names.
    pub(crate) fn all_regions(&self) -> impl Iterator<Item = &Region> {
        self.required.iter().chain(&self.primary).chain(&self.allowed).chain(&self.forbidden).filter_map(one)
    }
}

fn one(pattern: &RegionPattern) -> Option<&Region> {
    match pattern {
        RegionPattern::One(region) => Some(region),
        RegionPattern::Any(_) => None,
    }
}
