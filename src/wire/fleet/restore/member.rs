//! Keys and their members as they were. Who names whom is had back from the named: X names Y if Y is declared by X.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::evidence::{Held, Questions, reason, time, wrong};
use super::kept::{KeptKey, KeptMember, KeptRotation, OrNull};
use crate::domain::fleet::{MultiRegionKey, RegionFacts, RelatedKey};
use crate::domain::id::{KeyArn, KeyId, Region};
use crate::domain::key::{KeyState, Oddity, RegionalKey, Role, Rotation, Tag};
use crate::domain::reading::{Asked, Reading};
use crate::domain::text::Foreign;
use crate::wire::fleet::deep::{OddityEntry, TagEntry};
use crate::wire::found::Wrong;

/// The Regions of the snapshot.
pub(super) type Regions = BTreeMap<Region, RegionFacts>;

/// By member, the Regions that it names.
type Named = BTreeMap<Region, Vec<Region>>;

/// Later than every question: nothing that was asked proves an absence.
const NEVER: Asked = Asked(u64::MAX);

/// One key with everything that was known of it.
pub(super) fn key(
    kept: &KeptKey,
    (path, regions): (&str, &Regions),
    questions: &mut Questions,
) -> Result<(KeyId, MultiRegionKey), Wrong> {
    let id = KeyId::parse(&kept.key_id).ok_or_else(|| wrong(path, ".key_id", "is no multi-Region key's ID"))?;
    let mut key = MultiRegionKey {
        unsettled_since: time(path, ".unsettled_since", &kept.unsettled_since)?,
        ..MultiRegionKey::default()
    };
    let by_member = named(kept, path)?;
    for (index, member) in kept.related.iter().enumerate() {
        let path = format!("{path}.related[{index}]");
        let region = region(&path, ".region", &member.region)?;
        let arn = arn(kept, member, &path)?;
        let facts = regions.get(&region);
        let names = by_member.get(&region).map_or(&[][..], Vec::as_slice);
        if let Some(related) = related((kept, member, arn), (&path, facts, names), questions)? {
            key.members.insert(region, Box::new(related));
        }
    }
    for (index, unknown) in kept.unknown_regions.iter().enumerate() {
        let region = region(path, &format!(".unknown_regions[{index}].region"), &unknown.region)?;
        // The listing was whole, and proved nothing of this key even so.
        if regions.get(&region).is_some_and(is_proof) {
            key.changed.insert(region, NEVER);
        }
    }
    Ok((id, key))
}

fn is_proof(facts: &RegionFacts) -> bool {
    facts.listing.fresh().is_some()
}

fn region(path: &str, field: &str, name: &str) -> Result<Region, Wrong> {
    Region::parse(name).map_err(|_| wrong(path, field, "is not a Region"))
}

fn named(kept: &KeptKey, path: &str) -> Result<Named, Wrong> {
    let mut named = Named::new();
    for (index, member) in kept.related.iter().enumerate() {
        let path = format!("{path}.related[{index}]");
        let region_named = region(&path, ".region", &member.region)?;
        for (number, by) in member.declared_by.iter().enumerate() {
            let by = region(&path, &format!(".declared_by[{number}]"), by)?;
            named.entry(by).or_default().push(region_named.clone());
        }
    }
    Ok(named)
}

fn arn(kept: &KeptKey, member: &KeptMember, path: &str) -> Result<KeyArn, Wrong> {
    let bad = || wrong(path, ".arn", "is not the ARN of this key in this Region");
    let arn = KeyArn::parse(member.arn.text().ok_or_else(bad)?).map_err(|_| bad())?;
    let is_its = arn.id.as_str() == kept.key_id
        && arn.region.as_str() == member.region
        && kept.account.text().is_none_or(|account| account == arn.account.to_string());
    if is_its { Ok(arn) } else { Err(bad()) }
}

/// The member, unless it is only named by others: of such a one nothing is held.
fn related(
    (key, member, arn): (&KeptKey, &KeptMember, KeyArn),
    (path, facts, names): (&str, Option<&RegionFacts>, &[Region]),
    questions: &mut Questions,
) -> Result<Option<RelatedKey>, Wrong> {
    let listed = if member.listed { facts.and_then(|facts| facts.listing.asked()) } else { None };
    if member.listed && listed.is_none() {
        return Err(wrong(path, ".listed", "is true, and the Region was never asked"));
    }
    let related = RelatedKey {
        described: described((key, member, &arn), (path, names), questions)?,
        policy: Held {
            value: member.policy.text().map(Foreign::new),
            at: &member.policy_at,
            reason: &member.policy_reason,
            request_id: &member.policy_request_id,
        }
        .reading(path, ".policy", questions)?,
        tags: Held {
            value: member.tags.0.as_ref().map(|tags| Arc::new(tags.iter().map(tag).collect())),
            at: &member.tags_at,
            reason: &member.tags_reason,
            request_id: &member.tags_request_id,
        }
        .reading(path, ".tags", questions)?,
        rotation: Held {
            value: member.rotation.0.as_ref().map(|kept| rotation(path, kept)).transpose()?,
            at: &member.rotation_at,
            reason: &member.rotation_reason,
            request_id: &member.rotation_request_id,
        }
        .reading(path, ".rotation", questions)?,
        arn,
        listed,
    };
    let is_read = related.policy != Reading::NotAsked
        || related.tags != Reading::NotAsked
        || related.rotation != Reading::NotAsked
        || related.described.value().is_some()
        || member.request_id.0.is_some();
    Ok((is_read || listed.is_some() || facts.is_some_and(is_proof)).then_some(related))
}

fn described(
    (key, member, arn): (&KeptKey, &KeptMember, &KeyArn),
    (path, names): (&str, &[Region]),
    questions: &mut Questions,
) -> Result<Reading<Arc<RegionalKey>>, Wrong> {
    let value = match member.presence.as_str() {
        "present" => Some(Arc::new(regional_key((key, member, arn), path, names)?)),
        "unknown" => None,
        _ => return Err(wrong(path, ".presence", "is neither present nor unknown")),
    };
    if value.is_none() {
        let why = member.reason.0.as_ref().ok_or_else(|| wrong(path, ".reason", "is null: why is the member unknown?"));
        reason(path, ".reason", why?)?;
    }
    Held { value, at: &member.read_at, reason: &member.reason, request_id: &member.request_id }
        .reading(path, ".read_at", questions)
}

fn regional_key(
    (key, member, arn): (&KeptKey, &KeptMember, &KeyArn),
    path: &str,
    names: &[Region],
) -> Result<RegionalKey, Wrong> {
    let foreign = |text: &OrNull<String>| Foreign::new(text.text().unwrap_or_default());
    let primary = member.names_primary.text().map(|name| region(path, ".names_primary", name)).transpose()?;
    let role = match member.role.text() {
        Some("PRIMARY") => Some(Role::Primary),
        Some("REPLICA") => Some(Role::Replica),
        None => None,
        Some(_) => return Err(wrong(path, ".role", "is neither PRIMARY nor REPLICA")),
    };
    Ok(RegionalKey {
        arn: arn.clone(),
        state: KeyState::parse(member.state.text().unwrap_or_default()),
        role,
        replicas: names.iter().filter(|named| primary.as_ref() != Some(named)).map(|at| arn.in_region(at)).collect(),
        primary: primary.map(|region| arn.in_region(&region)),
        spec: foreign(&key.spec),
        usage: foreign(&key.usage),
        origin: foreign(&key.origin),
        description: foreign(&member.description),
        created_at: time(path, ".created_at", &member.created_at)?,
        deletion_date: time(path, ".deletion_date", &member.deletion_date)?,
        pending_window_days: member.pending_window_days.0,
        material_id: member.material_id.text().map(Foreign::new),
        valid_to: time(path, ".valid_to", &member.valid_to)?,
        oddities: member.oddities.iter().map(|kept| oddity(path, kept)).collect::<Result<_, _>>()?,
    })
}

fn oddity(path: &str, kept: &OddityEntry) -> Result<Oddity, Wrong> {
    let value = Foreign::new(kept.value.as_str());
    Ok(match kept.kind.as_str() {
        "other_arn" => Oddity::OtherArn(value),
        "unknown_state" => Oddity::UnknownState(value),
        "no_state" => Oddity::NoState,
        "unknown_role" => Oddity::UnknownRole(value),
        "no_primary" => Oddity::NoPrimary,
        "region_twice" => Oddity::RegionTwice(region(path, ".oddities", &kept.value)?),
        "bad_member" => Oddity::BadMember(value),
        "not_multi_region" => Oddity::NotMultiRegion,
        _ => return Err(wrong(path, ".oddities", "have a kind that this keyfleet does not know")),
    })
}

fn tag(kept: &TagEntry) -> Tag {
    Tag { key: Foreign::new(kept.key.as_str()), value: Foreign::new(kept.value.as_str()) }
}

fn rotation(path: &str, kept: &KeptRotation) -> Result<Rotation, Wrong> {
    match kept.status.as_str() {
        "not_applicable" => Ok(Rotation::NotApplicable),
        "off" => Ok(Rotation::Off),
        "on" => {
            let next = time(path, ".rotation.next", &kept.next)?;
            Ok(Rotation::On { period_days: kept.period_days.0, next })
        }
        _ => Err(wrong(path, ".rotation.status", "is neither on, off nor not_applicable")),
    }
}
