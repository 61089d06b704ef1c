//! A snapshot read back: the whole fleet with its evidence, so that everything is concluded from it again as it was then.
//!
//! Nothing is taken on trust. The fleet that comes out is written once more, and where that differs from the document, the document contradicts itself and is
//! refused by the place. So a field, a member or a key that was cut out makes nothing absent.

mod evidence;
mod kept;
mod member;
mod same;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::error::Category;

use self::evidence::{Questions, region_facts, required_time, wrong};
use self::kept::{Kept, KeptKey};
use self::member::{Regions, key};
use super::deep::ScopeEntry;
use super::{AccountOf, FleetReport, SCHEMA};
use crate::domain::fleet::{Aliases, Fleet, MultiRegionKey, RegionFacts, Scope};
use crate::domain::id::{AccountId, KeyId, Login, Region};
use crate::domain::reading::Asked;
use crate::domain::text::{Foreign, Safe, safe};
use crate::domain::time::Timestamp;
use crate::wire::found::Wrong;

/// What a snapshot holds.
#[derive(Clone, Debug)]
pub(crate) struct Restored {
    pub(crate) fleet: Fleet,
    pub(crate) accounts: Vec<AccountOf>,
    pub(crate) taken_at: Timestamp,
    pub(crate) finished_at: Timestamp,
    /// By their questions, what AWS called the requests.
    pub(crate) request_ids: BTreeMap<Asked, Foreign>,
}

impl Restored {
    pub(crate) fn report(&self) -> FleetReport<'_> {
        FleetReport {
            fleet: &self.fleet,
            taken_at: self.taken_at,
            finished_at: self.finished_at,
            accounts: &self.accounts,
            selection: None,
        }
    }
}

/// Why a document is not read: what is wrong with it, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refused(Safe);

impl Refused {
    pub(crate) fn words(&self) -> &Safe {
        &self.0
    }
}

impl From<Wrong> for Refused {
    fn from(wrong: Wrong) -> Self {
        Self(wrong.words())
    }
}

/// The one login that a snapshot is of.
const LOGIN: Login = Login(0);

/// The fleet that a snapshot holds.
pub(crate) fn restore(bytes: &[u8]) -> Result<Restored, Refused> {
    let mut kept = parse(bytes)?;
    let keys = std::mem::take(&mut kept.keys);
    let restored = fleet(&kept, &keys)?;
    same::check(&kept, &keys, &restored)?;
    Ok(restored)
}

/// What a document is looked at for when it does not fit.
#[derive(Deserialize)]
struct Named {
    schema: String,
    scope: Option<IgnoredAny>,
}

fn parse(bytes: &[u8]) -> Result<Kept, Refused> {
    let error = match serde_json::from_slice::<Kept>(bytes) {
        Ok(kept) if kept.schema == SCHEMA => return Ok(kept),
        Ok(kept) => return Err(other_schema(&kept.schema)),
        Err(error) => error,
    };
    let why = Foreign::new(error.to_string()).safe();
    match (error.classify(), serde_json::from_slice::<Named>(bytes)) {
        (Category::Io | Category::Syntax | Category::Eof, _) => Err(Refused(safe!("it is not JSON: {why}"))),
        (Category::Data, Ok(named)) if named.schema != SCHEMA => Err(other_schema(&named.schema)),
        (Category::Data, Ok(Named { scope: None, .. })) => Err(Refused(Safe::from_static(
            "it has no `scope`: it is a list of the fleet, without the evidence; `keyfleet snapshot` writes what can be read back",
        ))),
        (Category::Data, Ok(_)) => Err(Refused(safe!("it does not have the form of {SCHEMA}: {why}"))),
        (Category::Data, Err(_)) => Err(Refused(safe!("it is no snapshot of keyfleet: {why}"))),
    }
}

fn other_schema(found: &str) -> Refused {
    let number = |schema: &str| schema.strip_prefix("keyfleet.fleet/").and_then(|number| number.parse::<u32>().ok());
    let is_newer = number(found) > number(SCHEMA);
    let shown = Foreign::new(found).safe();
    Refused(if is_newer {
        safe!("its schema is {shown}, of a newer keyfleet; this one reads {SCHEMA}")
    } else {
        safe!("its schema is {shown}, and this keyfleet reads {SCHEMA}")
    })
}

fn fleet(kept: &Kept, keys: &[KeptKey]) -> Result<Restored, Wrong> {
    let mut questions = Questions::default();
    let scope = scope(&kept.scope)?;
    let regions = regions(kept, keys, &mut questions)?;
    let mut restored: BTreeMap<KeyId, MultiRegionKey> = BTreeMap::new();
    for (index, kept) in keys.iter().enumerate() {
        let path = format!("keys[{index}]");
        let (id, entry) = key(kept, (&path, &regions), &mut questions)?;
        if restored.insert(id, entry).is_some() {
            return Err(wrong(&path, ".key_id", "stands there twice"));
        }
    }
    Ok(Restored {
        fleet: Fleet::of_facts((LOGIN, scope), regions, restored),
        accounts: accounts(kept)?,
        taken_at: required_time("", ".taken_at", &kept.taken_at)?,
        finished_at: required_time("", ".finished_at", &kept.finished_at)?,
        request_ids: questions.request_ids,
    })
}

fn accounts(kept: &Kept) -> Result<Vec<AccountOf>, Wrong> {
    if kept.accounts.len() > 1 {
        return Err(wrong("accounts", "", "are several: a snapshot of several accounts cannot be read yet"));
    }
    let foreign = |text: &str| Foreign::new(text);
    let account = |of: &kept::KeptAccount| {
        let digits = AccountId::parse(&of.account);
        Ok(AccountOf {
            login: LOGIN,
            account: digits.ok_or_else(|| wrong("accounts[0]", ".account", "is not twelve digits"))?,
            name: of.name.text().map(foreign),
            caller_arn: foreign(&of.caller_arn),
            profile: of.profile.text().map(foreign),
        })
    };
    kept.accounts.iter().map(account).collect()
}

fn scope(kept: &[ScopeEntry]) -> Result<Scope, Wrong> {
    let [scope] = kept else { return Err(wrong("scope", "", "is not that of one login")) };
    let region = |(index, name): (usize, &String)| {
        Region::parse(name).map_err(|_| wrong("scope[0]", &format!(".regions[{index}]"), "is not a Region"))
    };
    Ok(Scope { regions: scope.regions.iter().enumerate().map(region).collect::<Result<_, _>>()?, auto: scope.auto })
}

/// What the Regions' own listings said, and the aliases of each, gathered from the members.
fn regions(kept: &Kept, keys: &[KeptKey], questions: &mut Questions) -> Result<Regions, Wrong> {
    let mut regions: BTreeMap<Region, RegionFacts> = BTreeMap::new();
    let mut listed = listed(keys)?;
    for (index, region) in kept.regions.iter().enumerate() {
        let path = format!("regions[{index}]");
        let name = Region::parse(&region.region).map_err(|_| wrong(&path, ".region", "is not a Region"))?;
        let (ids, aliases) = listed.remove(&name).unwrap_or_default();
        let facts = region_facts(region, (ids, aliases), &path, questions)?;
        if regions.insert(name, facts).is_some() {
            return Err(wrong(&path, ".region", "stands there twice"));
        }
    }
    Ok(regions)
}

type Listed = BTreeMap<Region, (BTreeSet<KeyId>, Aliases)>;

/// By Region, the keys that it listed, and their aliases.
fn listed(keys: &[KeptKey]) -> Result<Listed, Wrong> {
    let mut listed = Listed::new();
    for (index, key) in keys.iter().enumerate() {
        let path = || format!("keys[{index}]");
        let id = KeyId::parse(&key.key_id).ok_or_else(|| wrong(&path(), ".key_id", "is no multi-Region key's ID"))?;
        for (number, member) in key.related.iter().enumerate() {
            let region = Region::parse(&member.region)
                .map_err(|_| wrong(&path(), &format!(".related[{number}].region"), "is not a Region"))?;
            let (ids, aliases) = listed.entry(region).or_default();
            if member.listed {
                ids.insert(id.clone());
            }
            let names: Vec<Foreign> =
                member.aliases.0.iter().flatten().map(|name| Foreign::new(name.as_str())).collect();
            if !names.is_empty() {
                aliases.insert(id.as_str().into(), names);
            }
        }
    }
    Ok(listed)
}
