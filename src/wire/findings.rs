//! `keyfleet.findings/1`: what was checked, by what, what came of it, and on which answers of AWS it rests.
//!
//! Concludes nothing: every verdict is the checks' own. Passes are written only where they are asked for.

mod convert;
mod effective;
#[cfg(test)]
pub(crate) mod tests;

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

use super::fleet::{AccountEntry, FleetReport, RegionEntry};
use crate::domain::check::finding::Finding;
use crate::domain::check::run::Checked;
use crate::domain::check::tuning::Tuning;
use crate::domain::evidence::{Accepted, Evidence};
use crate::domain::reading::Asked;
use crate::domain::rule::Rule;
use crate::domain::text::Foreign;
use crate::domain::verdict::{Severity, Verdict};

pub(crate) use convert::{entry, head};
pub(crate) use effective::digest;

/// The schema's name.
pub(crate) const SCHEMA: &str = "keyfleet.findings/1";

/// The commit that this program was built from, where whoever built it said so.
pub(crate) const COMMIT: Option<&str> = option_env!("KEYFLEET_COMMIT");

/// What was found, of which fleet, by which terms.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FindingsReport<'a> {
    pub(crate) fleet: FleetReport<'a>,
    pub(crate) checked: &'a Checked,
    pub(crate) terms: &'a Terms<'a>,
    /// By their questions, what AWS calls the requests.
    pub(crate) request_ids: &'a BTreeMap<Asked, Foreign>,
    pub(crate) requests: &'a Requests,
    /// A reading died of a bug in keyfleet.
    pub(crate) has_panicked: bool,
    /// How old the snapshot is that is judged; none if the fleet was read.
    pub(crate) snapshot_age: Option<Duration>,
}

/// By what was checked, and what was asked for.
#[derive(Clone, Debug)]
pub(crate) struct Terms<'a> {
    pub(crate) rules: &'a [Rule],
    pub(crate) tuning: &'a Tuning,
    pub(crate) accepted: Accepted,
    pub(crate) fail_on: Severity,
    /// What passed is reported too.
    pub(crate) shows_passes: bool,
    pub(crate) filter: Option<&'a Foreign>,
    /// The command line.
    pub(crate) command: &'a [Foreign],
    /// The file that the rules stand in.
    pub(crate) rules_file: Option<Foreign>,
}

/// What a reading asked of AWS.
#[derive(Clone, Debug, PartialEq, Default)]
pub(crate) struct Requests {
    /// By AWS's name of the operation.
    pub(crate) by_operation: Vec<(&'static str, u64)>,
    /// What KMS asks for its part.
    pub(crate) usd: f64,
}

impl Requests {
    pub(crate) fn total(&self) -> u64 {
        self.by_operation.iter().map(|(_, count)| count).sum()
    }
}

impl<'a> FindingsReport<'a> {
    pub(crate) fn verdict(&self) -> Verdict {
        self.checked.verdict(self.terms.fail_on)
    }

    /// What the process says of the verdict, or of itself.
    pub(crate) fn exit_code(&self) -> u8 {
        if self.has_panicked {
            return 70;
        }
        match self.verdict() {
            Verdict::Pass => 0,
            Verdict::Fail => 1,
            Verdict::Unknown => 3,
        }
    }

    /// The findings that are reported, the worst first.
    pub(crate) fn shown(&self) -> impl Iterator<Item = &'a Finding> + use<'a> {
        let shows_passes = self.terms.shows_passes;
        let is_shown = move |finding: &&Finding| shows_passes || finding.judgement.verdict != Verdict::Pass;
        self.checked.findings.iter().filter(is_shown)
    }

    /// What AWS calls the request whose answer this is.
    pub(crate) fn request_id(&self, evidence: &Evidence) -> Option<&'a Foreign> {
        evidence.asked.and_then(|asked| self.request_ids.get(&asked))
    }
}

/// Everything but the findings.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Head {
    pub(crate) schema: &'static str,
    pub(crate) keyfleet: Build,
    pub(crate) command: Vec<String>,
    pub(crate) config_digest: String,
    pub(crate) filter: Option<String>,
    pub(crate) started_at: String,
    pub(crate) finished_at: String,
    pub(crate) evidence: &'static str,
    pub(crate) fail_on: &'static str,
    pub(crate) verdict: &'static str,
    pub(crate) complete: bool,
    pub(crate) accounts: Vec<AccountEntry>,
    pub(crate) regions: Vec<RegionEntry>,
    pub(crate) rules: Vec<RuleEntry>,
    pub(crate) checks: Vec<CheckEntry>,
    pub(crate) summary: Summary,
    pub(crate) requests: RequestsEntry,
}

/// The program that checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Build {
    pub(crate) version: &'static str,
    pub(crate) commit: Option<&'static str>,
}

/// How a rule came out, by keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct RuleEntry {
    pub(crate) name: String,
    pub(crate) matched: usize,
    pub(crate) pass: usize,
    pub(crate) fail: usize,
    pub(crate) unknown: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct CheckEntry {
    pub(crate) id: &'static str,
    pub(crate) enabled: bool,
    pub(crate) severity: &'static str,
}

/// Keys: all that were checked, those with a certain failure, and of the others those with something unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Summary {
    pub(crate) keys: usize,
    pub(crate) fail: usize,
    pub(crate) unknown: usize,
}

/// What the reading asked of AWS, and what KMS asks for that, in US dollars.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct RequestsEntry {
    pub(crate) total: u64,
    pub(crate) by_operation: BTreeMap<&'static str, u64>,
    pub(crate) usd: f64,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct FindingEntry {
    pub(crate) id: String,
    pub(crate) check: &'static str,
    pub(crate) rule: Option<String>,
    pub(crate) severity: &'static str,
    pub(crate) verdict: &'static str,
    pub(crate) account: Option<String>,
    pub(crate) key_id: Option<String>,
    pub(crate) region: Option<String>,
    pub(crate) detail: String,
    pub(crate) remedy: RemedyEntry,
    pub(crate) evidence: Vec<EvidenceEntry>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct RemedyEntry {
    pub(crate) text: String,
    pub(crate) plan: Option<String>,
}

/// One answer that a verdict rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct EvidenceEntry {
    pub(crate) region: String,
    pub(crate) operation: &'static str,
    pub(crate) at: Option<String>,
    pub(crate) request_id: Option<String>,
    pub(crate) basis: &'static str,
}
