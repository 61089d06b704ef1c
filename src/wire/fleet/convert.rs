//! From what is known to what is written. Pure, and total: every fleet has a document.

use std::sync::Arc;

#[cfg(test)]
use super::Document;
use super::{
    AccountEntry, AccountOf, FleetReport, Head, KeyEntry, Reason, RegionEntry, Related, SCHEMA, Selection,
    UnknownRegion,
};
use crate::domain::fleet::presence::{Presence, Present, RegionStatus, Unknown};
use crate::domain::fleet::row::{Cell, Row};
use crate::domain::fleet::{Fleet, KeyRef, MultiRegionKey, RegionFacts};
use crate::domain::id::{AccountId, KeyArn, Login, Place};
use crate::domain::reading::{self, ReasonKind};
use crate::domain::text::Foreign;
use crate::domain::time::Timestamp;

/// The document of a fleet.
#[cfg(test)]
pub(crate) fn fleet_document(report: &FleetReport<'_>) -> Document {
    Document { head: head(report), keys: key_entries(report).collect() }
}

/// The keys that the report is about, by account and key ID: those that the filter let through.
pub(super) fn selected<'report>(report: &'report FleetReport<'_>) -> Vec<&'report KeyRef> {
    let is_selected = |key: &KeyRef| report.selection.is_none_or(|selection: &Selection| selection.contains(key));
    let login_account = |login| report.accounts.iter().find(|of| of.login == login).map(|of| of.account);
    let mut keys: Vec<(&KeyRef, Option<AccountId>)> = report
        .fleet
        .keys()
        .filter(|(key, _)| is_selected(key))
        .map(|(key, entry)| (key, entry.account().or_else(|| login_account(key.login))))
        .collect();
    keys.sort_by(|(one, one_account), (other, other_account)| (one_account, &one.id).cmp(&(other_account, &other.id)));
    keys.into_iter().map(|(key, _)| key).collect()
}

/// The rows that the report is about.
pub(crate) fn rows(report: &FleetReport<'_>) -> Vec<Row> {
    selected(report).into_iter().filter_map(|key| report.fleet.row(key, report.finished_at)).collect()
}

/// The keys as they stand in the document, made one at a time: a large fleet is never there twice.
pub(crate) fn key_entries<'report>(report: &'report FleetReport<'_>) -> impl Iterator<Item = KeyEntry> + 'report {
    let keys = selected(report);
    keys.into_iter().filter_map(|found| report.fleet.row(found, report.finished_at)).map(|row| key(report, &row))
}

/// Everything of the document but the keys.
pub(crate) fn head(report: &FleetReport<'_>) -> Head {
    let mut accounts: Vec<AccountEntry> = report.accounts.iter().map(account).collect();
    accounts.sort_by(|one, other| one.account.cmp(&other.account));
    let mut regions: Vec<RegionEntry> =
        report.fleet.places().map(|(place, facts)| region(report, place, facts)).collect();
    regions.sort_by(|one, other| (&one.account, &one.region).cmp(&(&other.account, &other.region)));
    Head {
        schema: SCHEMA,
        keyfleet: env!("CARGO_PKG_VERSION"),
        taken_at: report.taken_at.rfc3339(),
        finished_at: report.finished_at.rfc3339(),
        complete: report.fleet.is_complete(),
        accounts,
        scope: None,
        regions,
    }
}

fn account(of: &AccountOf) -> AccountEntry {
    AccountEntry {
        account: of.account.to_string(),
        name: of.name.as_ref().map(original),
        caller_arn: original(&of.caller_arn),
        profile: of.profile.as_ref().map(original),
    }
}

pub(super) fn login_account(report: &FleetReport<'_>, login: Login) -> Option<String> {
    report.accounts.iter().find(|of| of.login == login).map(|of| of.account.to_string())
}

/// The account that the members' ARNs say, else the one that the login turned out to be.
pub(super) fn account_of(report: &FleetReport<'_>, row: &Row) -> Option<String> {
    row.account.map(|account| account.to_string()).or_else(|| login_account(report, row.key.login))
}

fn region(report: &FleetReport<'_>, place: &Place, facts: &RegionFacts) -> RegionEntry {
    let status = facts.status();
    let known = Known::of(&status, facts);
    RegionEntry {
        account: login_account(report, place.login),
        region: place.region.to_string(),
        status: status_name(&status),
        reason: status_reason(&status),
        listed: known.listed,
        multi_region: known.multi_region,
        read_at: known.read_at.map(Timestamp::rfc3339),
        deep: None,
    }
}

/// What was read of a Region, whole or in part: of a failed one, what its last complete listing had, with that listing's time.
#[derive(Default)]
struct Known {
    listed: Option<u32>,
    multi_region: Option<u32>,
    read_at: Option<Timestamp>,
}

impl Known {
    fn of(status: &RegionStatus, facts: &RegionFacts) -> Self {
        match status {
            RegionStatus::Waiting | RegionStatus::Loading { pages: 0, .. } => Known::default(),
            RegionStatus::Loading { listed, .. } => Known { listed: Some(*listed), ..Known::default() },
            RegionStatus::Loaded { listed, multi_region, at } => {
                Known { listed: Some(*listed), multi_region: Some(*multi_region), read_at: Some(*at) }
            }
            RegionStatus::Partial { listed, multi_region, .. } => {
                Known { listed: Some(*listed), multi_region: Some(*multi_region), read_at: None }
            }
            RegionStatus::Failed { last, .. } => {
                let listing = facts.listing.value();
                let multi_region = listing.and_then(|listing| u32::try_from(listing.multi_region.len()).ok());
                Known { listed: listing.map(|listing| listing.listed), multi_region, read_at: *last }
            }
        }
    }
}

/// The schema has no word for a Region that is still being read; a document made before its end calls it what its pages prove.
pub(in crate::wire) fn status_name(status: &RegionStatus) -> &'static str {
    match status {
        RegionStatus::Loaded { .. } => "loaded",
        RegionStatus::Partial { .. } => "partial",
        RegionStatus::Loading { pages, .. } if *pages > 0 => "partial",
        RegionStatus::Waiting | RegionStatus::Loading { .. } => "error",
        RegionStatus::Failed { why, .. } => failure_name(why.kind),
    }
}

fn failure_name(kind: ReasonKind) -> &'static str {
    match kind {
        ReasonKind::DeniedByKeyPolicy | ReasonKind::Denied => "denied",
        ReasonKind::NotEnabled => "not_enabled",
        ReasonKind::Throttled => "throttled",
        ReasonKind::Dns | ReasonKind::Connect | ReasonKind::Tls | ReasonKind::Timeout => "unreachable",
        ReasonKind::ExpiredCredentials => "expired",
        ReasonKind::PartialListing => "partial",
        ReasonKind::ClockSkew
        | ReasonKind::UnexpectedAnswer
        | ReasonKind::Contradiction
        | ReasonKind::OutOfScope
        | ReasonKind::NotRead
        | ReasonKind::ServerError
        | ReasonKind::Internal => "error",
    }
}

fn status_reason(status: &RegionStatus) -> Option<Reason> {
    match status {
        RegionStatus::Loaded { .. } => None,
        RegionStatus::Partial { why, .. } | RegionStatus::Failed { why, .. } => Some(reason(why)),
        RegionStatus::Waiting | RegionStatus::Loading { .. } => Some(reason(&reading::Reason::of(ReasonKind::NotRead))),
    }
}

/// One key alone, as it stands in the document.
pub(crate) fn key_entry(fleet: &Fleet, row: &Row) -> KeyEntry {
    let at = Timestamp::from_millis(0);
    key(&FleetReport { fleet, taken_at: at, finished_at: at, accounts: &[], selection: None }, row)
}

pub(super) fn key(report: &FleetReport<'_>, row: &Row) -> KeyEntry {
    let shared = row.shared();
    let entry = report.fleet.key(&row.key);
    let undecided = report.selection.is_some_and(|selection| selection.undecided.contains(&row.key));
    KeyEntry {
        account: account_of(report, row),
        key_id: row.key.id.to_string(),
        primary_region: row.primary_region().map(ToString::to_string),
        spec: shared.and_then(|key| given(&key.spec)),
        usage: shared.and_then(|key| given(&key.usage)),
        origin: shared.and_then(|key| given(&key.origin)),
        related: row.cells.iter().filter_map(|cell| related(cell, entry)).collect(),
        absent_regions: row.cells.iter().filter_map(absent).collect(),
        unknown_regions: row.cells.iter().filter_map(unknown).collect(),
        matched: undecided.then_some("undecided"),
        deep: None,
    }
}

fn related(cell: &Cell, entry: Option<&MultiRegionKey>) -> Option<Related> {
    match &cell.presence {
        Presence::Present(present) => Some(present_member(cell, present, entry)),
        Presence::Unknown(unknown) if unknown.is_named() => Some(unknown_member(cell, unknown, entry)),
        Presence::Unknown(_) | Presence::Absent(_) => None,
    }
}

fn present_member(cell: &Cell, present: &Present, entry: Option<&MultiRegionKey>) -> Related {
    let key = &present.key;
    Related {
        presence: "present",
        state: Some(key.state.name().to_owned()).filter(|state| !state.is_empty()),
        description: Some(original(&key.description)),
        created_at: key.created_at.map(Timestamp::rfc3339),
        deletion_date: key.deletion_date.map(Timestamp::rfc3339),
        pending_window_days: key.pending_window_days,
        read_at: Some(present.at.rfc3339()),
        reason: present.stale.as_deref().map(reason),
        ..named_member(cell, entry)
    }
}

fn unknown_member(cell: &Cell, unknown: &Unknown, entry: Option<&MultiRegionKey>) -> Related {
    Related { reason: Some(reason(&unknown.why)), ..named_member(cell, entry) }
}

/// What is known of a member without a description of its own.
fn named_member(cell: &Cell, entry: Option<&MultiRegionKey>) -> Related {
    let declared_by = entry.map(|entry| entry.declared_by(&cell.region)).unwrap_or_default();
    Related {
        region: cell.region.to_string(),
        presence: "unknown",
        role: cell.role.map(crate::domain::key::Role::name),
        state: None,
        arn: entry.and_then(|entry| arn(entry, cell)).map(|arn| arn.to_string()),
        aliases: cell.aliases.as_ref().map(aliases),
        description: None,
        created_at: None,
        deletion_date: None,
        pending_window_days: None,
        declared_by: declared_by.into_iter().map(|(region, _)| region.to_string()).collect(),
        read_at: None,
        reason: None,
        deep: None,
    }
}

/// Related keys differ in their Region alone, so any member's ARN tells the others'.
fn arn(entry: &MultiRegionKey, cell: &Cell) -> Option<KeyArn> {
    let any = entry.members.get(&cell.region).or_else(|| entry.members.values().next())?;
    Some(any.arn.in_region(&cell.region))
}

fn aliases(names: &Arc<[Foreign]>) -> Vec<String> {
    let mut names: Vec<String> = names.iter().map(original).collect();
    names.sort();
    names
}

fn absent(cell: &Cell) -> Option<String> {
    match &cell.presence {
        Presence::Absent(_) => Some(cell.region.to_string()),
        Presence::Present(_) | Presence::Unknown(_) => None,
    }
}

fn unknown(cell: &Cell) -> Option<UnknownRegion> {
    match &cell.presence {
        Presence::Unknown(unknown) if !unknown.is_named() => {
            Some(UnknownRegion { region: cell.region.to_string(), reason: reason(&unknown.why) })
        }
        Presence::Unknown(_) | Presence::Present(_) | Presence::Absent(_) => None,
    }
}

pub(super) fn reason(why: &reading::Reason) -> Reason {
    Reason {
        kind: why.kind.name(),
        code: why.code.as_ref().map(original),
        message: why.message.as_ref().map(original),
        request_id: why.request_id.as_ref().map(original),
        at: why.at.map(Timestamp::rfc3339),
        next_step: why.next_step.as_str().to_owned(),
    }
}

pub(super) fn original(text: &Foreign) -> String {
    text.original().to_owned()
}

/// AWS leaves a field out by leaving it empty: then it was not read.
fn given(text: &Foreign) -> Option<String> {
    Some(original(text)).filter(|text| !text.is_empty())
}
