//! What a snapshot says beyond a list: the evidence itself, from which the fleet can be had back, and the deep readings.
//!
//! Nothing here is concluded. What was not read is null, and what could not be read has its reason beside it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::convert::{head, key, login_account, original, reason, selected};
use super::{FleetReport, Head, KeyEntry, Reason, RegionEntry};
use crate::domain::fleet::{Aliases, Fleet, KeyRef, RelatedKey};
use crate::domain::id::{KeyId, Login, Place, Region};
use crate::domain::key::{Oddity, RegionalKey, Rotation, Tag};
use crate::domain::reading::{Asked, Reading};
use crate::domain::text::Foreign;
use crate::domain::time::Timestamp;

/// A fleet, with the requests by which AWS can prove what it answered.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Snapshot<'a> {
    /// Without a selection: a snapshot holds every key.
    pub(crate) report: FleetReport<'a>,
    pub(crate) request_ids: &'a BTreeMap<Asked, Foreign>,
}

/// The Regions that were asked for with one login.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ScopeEntry {
    /// Found by asking the whole partition.
    pub(crate) auto: bool,
    pub(crate) regions: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct RegionDeep {
    /// Of the listing.
    request_id: Option<String>,
    aliases_at: Option<String>,
    aliases_reason: Option<Reason>,
    /// What stands with none of the members: aliases of AWS managed keys, and of multi-Region keys that are not known to be there.
    other_aliases: Vec<AliasesOf>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct AliasesOf {
    pub(super) key_id: String,
    pub(super) aliases: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct KeyDeep {
    /// Since when the members have not agreed on one primary.
    unsettled_since: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize)]
pub(crate) struct MemberDeep {
    /// The Region's listing had it.
    listed: bool,
    /// The Region of the key that this member calls the primary.
    names_primary: Option<String>,
    material_id: Option<String>,
    valid_to: Option<String>,
    oddities: Vec<OddityEntry>,
    request_id: Option<String>,
    policy: Option<String>,
    policy_at: Option<String>,
    policy_reason: Option<Reason>,
    policy_request_id: Option<String>,
    tags: Option<Vec<TagEntry>>,
    tags_at: Option<String>,
    tags_reason: Option<Reason>,
    tags_request_id: Option<String>,
    rotation: Option<RotationEntry>,
    rotation_at: Option<String>,
    rotation_reason: Option<Reason>,
    rotation_request_id: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct OddityEntry {
    pub(super) kind: String,
    pub(super) value: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct TagEntry {
    pub(super) key: String,
    pub(super) value: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct RotationEntry {
    status: &'static str,
    period_days: Option<u16>,
    next: Option<String>,
}

/// Everything of a snapshot but its keys.
pub(crate) fn snapshot_head(snapshot: &Snapshot<'_>) -> Head {
    let mut head = head(&snapshot.report);
    let logins: BTreeSet<Login> = snapshot.report.fleet.places().map(|(place, _)| place.login).collect();
    head.scope = Some(logins.into_iter().filter_map(|login| scope(snapshot.report.fleet, login)).collect());
    for entry in &mut head.regions {
        entry.deep = place_of(&snapshot.report, entry).and_then(|place| region_deep(snapshot, &place));
    }
    head
}

/// The keys of a snapshot, made one at a time.
pub(crate) fn snapshot_entries<'a>(snapshot: &'a Snapshot<'a>) -> impl Iterator<Item = KeyEntry> + 'a {
    selected(&snapshot.report).into_iter().filter_map(|found| deep_entry(snapshot, found))
}

fn scope(fleet: &Fleet, login: Login) -> Option<ScopeEntry> {
    let scope = fleet.scope(login)?;
    Some(ScopeEntry { auto: scope.auto, regions: scope.regions.iter().map(Region::to_string).collect() })
}

fn place_of(report: &FleetReport<'_>, entry: &RegionEntry) -> Option<Place> {
    let is_it =
        |place: &Place| place.region.as_str() == entry.region && login_account(report, place.login) == entry.account;
    report.fleet.places().map(|(place, _)| place).find(|place| is_it(place)).cloned()
}

fn region_deep(snapshot: &Snapshot<'_>, place: &Place) -> Option<RegionDeep> {
    let facts = snapshot.report.fleet.region(place)?;
    let aliases = facts.aliases.value();
    Some(RegionDeep {
        request_id: request_id(snapshot, &facts.listing),
        aliases_at: at(&facts.aliases),
        aliases_reason: failure(&facts.aliases),
        other_aliases: aliases.map(|aliases| other_aliases(snapshot.report.fleet, place, aliases)).unwrap_or_default(),
    })
}

fn other_aliases(fleet: &Fleet, place: &Place, aliases: &Aliases) -> Vec<AliasesOf> {
    let is_of_aws = |names: &[Foreign]| names.iter().any(|name| name.original().starts_with("alias/aws/"));
    let stands_with_a_member = |id: &str| {
        let key = KeyId::parse(id).map(|id| KeyRef { login: place.login, id });
        key.and_then(|key| fleet.key(&key)).is_some_and(|entry| {
            let is_there = entry.regions().contains(&place.region);
            is_there || !entry.declared_by(&place.region).is_empty()
        })
    };
    aliases
        .iter()
        .filter(|(id, names)| id.starts_with("mrk-") || is_of_aws(names))
        .filter(|(id, _)| !stands_with_a_member(id))
        .map(|(id, names)| AliasesOf { key_id: id.to_string(), aliases: names.iter().map(original).collect() })
        .collect()
}

fn deep_entry(snapshot: &Snapshot<'_>, found: &KeyRef) -> Option<KeyEntry> {
    let report = &snapshot.report;
    let row = report.fleet.row(found, report.finished_at)?;
    let held = report.fleet.key(found)?;
    let mut entry = key(report, &row);
    entry.deep = Some(KeyDeep { unsettled_since: held.unsettled_since.map(Timestamp::rfc3339) });
    for related in &mut entry.related {
        let member = Region::parse(&related.region).ok().and_then(|region| held.members.get(&region));
        related.deep = Some(Box::new(member.map_or_else(MemberDeep::default, |member| member_deep(snapshot, member))));
    }
    Some(entry)
}

fn member_deep(snapshot: &Snapshot<'_>, member: &RelatedKey) -> MemberDeep {
    let described: Option<&RegionalKey> = member.described.value().map(std::convert::AsRef::as_ref);
    MemberDeep {
        listed: member.listed.is_some(),
        names_primary: described.and_then(|key| key.primary.as_ref()).map(|arn| arn.region.to_string()),
        material_id: described.and_then(|key| key.material_id.as_ref()).map(original),
        valid_to: described.and_then(|key| key.valid_to).map(Timestamp::rfc3339),
        oddities: described.map(|key| key.oddities.iter().map(oddity).collect()).unwrap_or_default(),
        request_id: request_id(snapshot, &member.described),
        policy: member.policy.value().map(original),
        policy_at: at(&member.policy),
        policy_reason: failure(&member.policy),
        policy_request_id: request_id(snapshot, &member.policy),
        tags: member.tags.value().map(|tags| tags.iter().map(tag).collect()),
        tags_at: at(&member.tags),
        tags_reason: failure(&member.tags),
        tags_request_id: request_id(snapshot, &member.tags),
        rotation: member.rotation.value().map(rotation),
        rotation_at: at(&member.rotation),
        rotation_reason: failure(&member.rotation),
        rotation_request_id: request_id(snapshot, &member.rotation),
    }
}

fn at<T>(reading: &Reading<T>) -> Option<String> {
    reading.at().map(Timestamp::rfc3339)
}

fn failure<T>(reading: &Reading<T>) -> Option<Reason> {
    reading.failure().map(|why| reason(why))
}

fn request_id<T>(snapshot: &Snapshot<'_>, reading: &Reading<T>) -> Option<String> {
    snapshot.request_ids.get(&reading.asked()?).map(original)
}

fn tag(tag: &Tag) -> TagEntry {
    TagEntry { key: original(&tag.key), value: original(&tag.value) }
}

fn rotation(rotation: &Rotation) -> RotationEntry {
    let (status, period_days, next) = match rotation {
        Rotation::NotApplicable => ("not_applicable", None, None),
        Rotation::Off => ("off", None, None),
        Rotation::On { period_days, next } => ("on", *period_days, *next),
    };
    RotationEntry { status, period_days, next: next.map(Timestamp::rfc3339) }
}

fn oddity(oddity: &Oddity) -> OddityEntry {
    let (kind, value) = match oddity {
        Oddity::OtherArn(arn) => ("other_arn", original(arn)),
        Oddity::UnknownState(state) => ("unknown_state", original(state)),
        Oddity::NoState => ("no_state", String::new()),
        Oddity::UnknownRole(role) => ("unknown_role", original(role)),
        Oddity::NoPrimary => ("no_primary", String::new()),
        Oddity::RegionTwice(region) => ("region_twice", region.to_string()),
        Oddity::BadMember(arn) => ("bad_member", original(arn)),
        Oddity::NotMultiRegion => ("not_multi_region", String::new()),
    };
    OddityEntry { kind: kind.to_owned(), value }
}
