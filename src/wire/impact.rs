//! `keyfleet.impact/1`: what losing Regions would mean, as other programs read it.
//!
//! What was not read is null, and an effect that something unread could overturn is `unknown`. Nothing is concluded here that the
//! [`Impact`] does not hold.

#[cfg(test)]
pub(crate) mod tests;

use serde::Serialize;

use super::fleet::{AccountOf, Selection};
use crate::domain::filter::Truth;
use crate::domain::impact::{Impact, KeyImpact, Survivor};
use crate::domain::text::Foreign;
use crate::domain::time::Timestamp;

/// The schema's name.
pub(crate) const SCHEMA: &str = "keyfleet.impact/1";

/// An impact, with who read the fleet and when.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ImpactReport<'a> {
    pub(crate) impact: &'a Impact,
    pub(crate) taken_at: Timestamp,
    pub(crate) finished_at: Timestamp,
    pub(crate) accounts: &'a [AccountOf],
    /// The keys that a filter let through; `None` is all of them.
    pub(crate) selection: Option<&'a Selection>,
}

/// Everything but the keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Head {
    pub(crate) schema: &'static str,
    pub(crate) taken_at: String,
    pub(crate) finished_at: String,
    pub(crate) regions: Vec<String>,
    pub(crate) complete: bool,
    pub(crate) unseen: Vec<String>,
    pub(crate) last_known: Vec<LastKnown>,
    pub(crate) single_region_keys: Option<u32>,
}

/// A lost Region that could not be read, and when it last was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct LastKnown {
    pub(crate) region: String,
    pub(crate) read_at: String,
}

/// What happens to one key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct KeyEntry {
    pub(crate) account: Option<String>,
    pub(crate) key_id: String,
    pub(crate) primary_region: Option<String>,
    pub(crate) effect: &'static str,
    pub(crate) basis: &'static str,
    /// When that was last known; null if the effect rests on this run alone.
    pub(crate) last_known_at: Option<String>,
    pub(crate) survivors: Vec<SurvivorEntry>,
    pub(crate) detail: String,
    pub(crate) now: String,
    /// The command that makes the plan of what to do, where there is one.
    pub(crate) plan: Option<String>,
    /// `undecided`, where a filter could not tell.
    #[serde(rename = "match", skip_serializing_if = "Option::is_none")]
    pub(crate) matched: Option<&'static str>,
}

/// A member outside the lost Regions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct SurvivorEntry {
    pub(crate) region: String,
    pub(crate) arn: String,
    pub(crate) state: Option<String>,
    /// Null if it could not be read whether it is.
    pub(crate) usable: Option<bool>,
    /// The kind of the reason why its state is not known.
    pub(crate) reason: Option<&'static str>,
    pub(crate) aliases: Option<Vec<String>>,
    pub(crate) missing_aliases: Option<Vec<String>>,
    pub(crate) policy: &'static str,
}

/// Everything of the document but the keys.
pub(crate) fn head(report: &ImpactReport<'_>) -> Head {
    let impact = report.impact;
    let last_known = impact.last_known.iter();
    Head {
        schema: SCHEMA,
        taken_at: report.taken_at.rfc3339(),
        finished_at: report.finished_at.rfc3339(),
        regions: impact.regions.iter().map(ToString::to_string).collect(),
        complete: impact.is_complete(),
        unseen: impact.unseen.iter().map(ToString::to_string).collect(),
        last_known: last_known
            .map(|(region, at)| LastKnown { region: region.to_string(), read_at: at.rfc3339() })
            .collect(),
        single_region_keys: impact.single_region_keys,
    }
}

/// The keys as they stand in the document, the worst first.
pub(crate) fn key_entries<'report>(report: &'report ImpactReport<'_>) -> impl Iterator<Item = KeyEntry> + 'report {
    report.impact.keys.iter().map(|key| entry(report, key))
}

fn entry(report: &ImpactReport<'_>, key: &KeyImpact) -> KeyEntry {
    let of_login = || report.accounts.iter().find(|of| of.login == key.key.login).map(|of| of.account);
    let is_undecided = report.selection.is_some_and(|selection| selection.undecided.contains(&key.key));
    let command = key.remedy.as_ref().and_then(crate::domain::impact::Remedy::command);
    KeyEntry {
        account: key.account.or_else(of_login).map(|account| account.to_string()),
        key_id: key.key.id.to_string(),
        primary_region: key.primary.as_ref().map(ToString::to_string),
        effect: key.effect.name(),
        basis: key.basis.name(),
        last_known_at: key.last_known_at.map(Timestamp::rfc3339),
        survivors: key.survivors.iter().map(survivor).collect(),
        detail: key.detail.as_str().to_owned(),
        now: key.now.as_str().to_owned(),
        plan: command.map(|command| command.as_str().to_owned()),
        matched: is_undecided.then_some("undecided"),
    }
}

fn survivor(survivor: &Survivor) -> SurvivorEntry {
    let originals = |names: &Vec<Foreign>| -> Vec<String> {
        let mut names: Vec<String> = names.iter().map(|name| name.original().to_owned()).collect();
        names.sort();
        names
    };
    SurvivorEntry {
        region: survivor.region.to_string(),
        arn: survivor.arn.to_string(),
        state: survivor.state.as_ref().map(|state| state.name().to_owned()).filter(|state| !state.is_empty()),
        usable: match survivor.is_usable {
            Truth::Yes => Some(true),
            Truth::No => Some(false),
            Truth::Undecided => None,
        },
        reason: survivor.reason.map(crate::domain::reading::ReasonKind::name),
        aliases: survivor.aliases.as_ref().map(originals),
        missing_aliases: survivor.missing_aliases.as_ref().map(originals),
        policy: survivor.policy.name(),
    }
}
