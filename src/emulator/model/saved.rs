//! A model's keys as a JSON document, and back: what `--state` keeps between two runs.
//!
//! It holds what clients have made of the fleet: keys, aliases and the clock. Credentials, faults and settings are the
//! fleet file's each time anew. A document of another schema, or with an account that the fleet does not have, is refused.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Model, build};
use crate::emulator::fleet::Fleet;
use crate::emulator::key::{KeyId, KeySet, Life, Member, Moving};
use crate::emulator::random::Random;
use crate::emulator::region::{RegionId, Regions};
use crate::emulator::spec::{Kind, Origin, Spec, Usage};
use crate::emulator::store::{Account, Alias};

const SCHEMA: &str = "keyfleet.emulator/1";

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Saved {
    schema: String,
    /// Milliseconds of Unix time, on the clock that can be moved.
    at: u64,
    random: u64,
    accounts: Vec<SavedAccount>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct SavedAccount {
    id: String,
    keys: Vec<SavedKey>,
    aliases: Vec<SavedAlias>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct SavedKey {
    id: String,
    spec: String,
    usage: String,
    origin: String,
    multi_region: bool,
    aws_managed: bool,
    rotation_days: Option<u32>,
    primary: String,
    moving: Option<(String, u64)>,
    members: Vec<SavedMember>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct SavedMember {
    region: String,
    life: SavedLife,
    created: u64,
    imported: bool,
    material_ends: Option<u64>,
    #[serde(default)]
    is_behind: bool,
    description: String,
    tags: Vec<(String, String)>,
    policy: Option<String>,
}

#[derive(Deserialize, Serialize)]
enum SavedLife {
    Creating { until: u64 },
    Enabled,
    Disabled,
    PendingImport,
    PendingDeletion { at: u64 },
    PendingReplicaDeletion { window_days: u32 },
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct SavedAlias {
    region: String,
    name: String,
    key: Option<String>,
    created: u64,
    updated: u64,
}

impl Model {
    /// The keys as a document, if anything was changed since this was last asked.
    pub fn save_changes(&mut self, at: u64) -> Option<Vec<u8>> {
        if !std::mem::take(&mut self.changed) {
            return None;
        }
        self.catch_up(at);
        let saved = Saved {
            schema: SCHEMA.to_owned(),
            at: self.started.saturating_add(self.elapsed(at)),
            random: self.random.state(),
            accounts: self.accounts.iter().map(|account| save_account(account, &self.regions)).collect(),
        };
        serde_json::to_vec(&saved).ok()
    }

    /// The model of a fleet with the keys of a document in place of its own.
    ///
    /// # Errors
    /// If the document is not one of this version, or not of this fleet.
    pub fn restore(fleet: &Fleet, start: u64, json: &[u8]) -> Result<Self, String> {
        let saved: Saved = serde_json::from_slice(json).map_err(|error| error.to_string())?;
        if saved.schema != SCHEMA {
            return Err(format!("it has the schema `{}`, and this version reads `{SCHEMA}`", saved.schema));
        }
        let mut model = build::without_keys(fleet, start);
        model.random = Random::new(saved.random);
        // Time never goes back: what was due then is not due again.
        model.advanced = saved.at.saturating_sub(model.started);
        for account in saved.accounts {
            restore_account(&mut model, account)?;
        }
        Ok(model)
    }
}

fn save_account(account: &Account, regions: &Regions) -> SavedAccount {
    let name = |region: RegionId| regions.name(region).to_owned();
    let keys = account.sets.iter().map(|(id, set)| SavedKey {
        id: id.to_string(),
        spec: set.kind.spec.name.to_owned(),
        usage: set.kind.usage.name().to_owned(),
        origin: set.kind.origin.name().to_owned(),
        multi_region: set.multi_region,
        aws_managed: set.aws_managed,
        rotation_days: set.rotation,
        primary: name(set.primary),
        moving: set.moving.map(|moving| (name(moving.to), moving.until)),
        members: set
            .members
            .iter()
            .filter_map(|region| Some(save_member(name(*region), account.member(*region, *id)?)))
            .collect(),
    });
    let places = account.places.iter();
    let aliases = places.flat_map(|(region, place)| place.aliases.iter().map(move |alias| (*region, alias)));
    let aliases = aliases.map(|(region, (alias_name, alias))| SavedAlias {
        region: name(region),
        name: alias_name.to_string(),
        key: alias.target.map(|key| key.to_string()),
        created: alias.created,
        updated: alias.updated,
    });
    SavedAccount { id: account.id.to_string(), keys: keys.collect(), aliases: aliases.collect() }
}

fn save_member(region: String, member: &Member) -> SavedMember {
    SavedMember {
        region,
        life: match member.life {
            Life::Creating { until } => SavedLife::Creating { until },
            Life::Enabled => SavedLife::Enabled,
            Life::Disabled => SavedLife::Disabled,
            Life::PendingImport => SavedLife::PendingImport,
            Life::PendingDeletion { at } => SavedLife::PendingDeletion { at },
            Life::PendingReplicaDeletion { window_days } => SavedLife::PendingReplicaDeletion { window_days },
        },
        created: member.created,
        imported: member.imported,
        material_ends: member.material_ends,
        is_behind: member.is_behind,
        description: member.description.to_string(),
        tags: member.tags.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect(),
        policy: member.policy.as_deref().map(str::to_owned),
    }
}

fn restore_account(model: &mut Model, saved: SavedAccount) -> Result<(), String> {
    let Model { accounts, regions, started, advanced, .. } = model;
    let now = started.saturating_add(*advanced);
    let account = accounts.iter_mut().find(|account| *account.id == *saved.id);
    let account = account.ok_or_else(|| format!("the fleet has no account {}", saved.id))?;
    let mut policies = BTreeMap::new();
    for key in saved.keys {
        let id = restore_key(account, regions, key, &mut policies)?;
        if let Some(at) = account.settle(id, now) {
            account.timeline.add(at, id);
        }
    }
    for alias in saved.aliases {
        let target = alias.key.as_deref().map(key_id).transpose()?;
        let restored = Alias { target, created: alias.created, updated: alias.updated };
        account.add_alias(region(regions, &alias.region)?, &alias.name, restored);
    }
    Ok(())
}

fn restore_key(
    account: &mut Account,
    regions: &mut Regions,
    saved: SavedKey,
    policies: &mut BTreeMap<String, Arc<str>>,
) -> Result<KeyId, String> {
    let id = key_id(&saved.id)?;
    let unknown = |what: &str| format!("`{what}` is not known to this version");
    let moving = match &saved.moving {
        Some((to, until)) => Some(Moving { to: region(regions, to)?, until: *until }),
        None => None,
    };
    let set = KeySet {
        kind: Kind {
            spec: Spec::find(&saved.spec).ok_or_else(|| unknown(&saved.spec))?,
            usage: Usage::find(&saved.usage).ok_or_else(|| unknown(&saved.usage))?,
            origin: Origin::find(&saved.origin).ok_or_else(|| unknown(&saved.origin))?,
        },
        multi_region: saved.multi_region,
        aws_managed: saved.aws_managed,
        rotation: saved.rotation_days,
        primary: region(regions, &saved.primary)?,
        members: Vec::with_capacity(saved.members.len()),
        moving,
    };
    account.sets.insert(id, set);
    for member in saved.members {
        let place = region(regions, &member.region)?;
        account.add_member(place, id, restore_member(member, policies));
    }
    Ok(id)
}

fn restore_member(saved: SavedMember, policies: &mut BTreeMap<String, Arc<str>>) -> Member {
    // Many members have one policy: each text is kept once.
    let shared = |text: String| Arc::clone(policies.entry(text).or_insert_with_key(|text| text.as_str().into()));
    Member {
        life: match saved.life {
            SavedLife::Creating { until } => Life::Creating { until },
            SavedLife::Enabled => Life::Enabled,
            SavedLife::Disabled => Life::Disabled,
            SavedLife::PendingImport => Life::PendingImport,
            SavedLife::PendingDeletion { at } => Life::PendingDeletion { at },
            SavedLife::PendingReplicaDeletion { window_days } => Life::PendingReplicaDeletion { window_days },
        },
        created: saved.created,
        imported: saved.imported,
        material_ends: saved.material_ends,
        is_behind: saved.is_behind,
        description: saved.description.into(),
        tags: saved.tags.into_iter().map(|(key, value)| (key.into(), value.into())).collect(),
        policy: saved.policy.map(shared),
    }
}

fn key_id(text: &str) -> Result<KeyId, String> {
    KeyId::parse(text).ok_or_else(|| format!("`{text}` is no key ID"))
}

fn region(regions: &mut Regions, name: &str) -> Result<RegionId, String> {
    regions.intern(name).ok_or_else(|| format!("`{name}` is not a Region"))
}
