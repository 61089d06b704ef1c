//! A model out of a fleet: accounts and who may come, and every key with its members, dates and states, as if it had
//! lived before the start.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::later::Later;
use super::{Model, generate};
use crate::emulator::fault::Faults;
use crate::emulator::fleet::{self, AccountNumber, Clock, FOR_EVER, File, Fleet, Key, MemberPlan, RegionName};
use crate::emulator::identity::{Caller, Identities, Rights, Role};
use crate::emulator::key::{KeyId, KeySet, KeyState, Life, Member, Moving};
use crate::emulator::log::Log;
use crate::emulator::op::Settings;
use crate::emulator::past::Past;
use crate::emulator::quota::Quotas;
use crate::emulator::random::{Random, named};
use crate::emulator::region::Regions;
use crate::emulator::store::{Account, Alias, DAY, Timeline};

/// The youngest and the oldest that a key of a fleet is, unless the file says otherwise.
const AGES: std::ops::Range<u64> = 40 * DAY..900 * DAY;
const DEFAULT_WINDOW: u32 = 30;
const USUAL_ROTATION_DAYS: u32 = 365;

pub(crate) fn model(fleet: &Fleet, start: u64) -> Model {
    let file = &fleet.file;
    let mut model = without_keys(fleet, start);
    let mut builder = Builder {
        file,
        started: model.started,
        regions: &mut model.regions,
        accounts: &mut model.accounts,
        policies: BTreeMap::new(),
    };
    for (number, key) in file.keys.iter().enumerate() {
        builder.add(number, key.get_ref());
    }
    for (number, directive) in file.generate.iter().enumerate() {
        generate::generate(&mut builder, number, directive.get_ref());
    }
    model
}

/// Everything of a fleet but its keys.
pub(crate) fn without_keys(fleet: &Fleet, start: u64) -> Model {
    let file = &fleet.file;
    let (started, real_time) = match file.clock {
        Clock::Now => (start, true),
        Clock::At(moment) => (moment, false),
    };
    let mut regions = Regions::new();
    let keep_ms = file.transitions.propagation_ms.longest();
    let accounts = match file.accounts.as_slice() {
        [] => vec![account(fleet, None, keep_ms, &mut regions)],
        listed => listed.iter().map(|one| account(fleet, Some(one.get_ref()), keep_ms, &mut regions)).collect(),
    };
    let mut faults = Faults::new(file.seed);
    for fault in &file.faults {
        let mut fault = fault.get_ref().clone();
        fault.key = fleet.meant_key(&fault.key);
        faults.add(fault);
    }
    Model {
        settings: Settings {
            seed: file.seed,
            latency_ms: file.latency_ms,
            creating_ms: file.transitions.creating_ms,
            updating_ms: file.transitions.updating_ms,
            propagation: file.transitions.propagation_ms.clone(),
        },
        started,
        advanced: 0,
        real_time,
        changed: false,
        regions,
        accounts,
        identities: identities(fleet),
        quotas: Quotas::new(file.quotas.0),
        random: Random::new(file.seed),
        request_ids: Random::new(file.seed.rotate_left(32)),
        lags: Random::new(!file.seed),
        faults,
        later: Later::default(),
        log: Log::default(),
    }
}

fn account(fleet: &Fleet, described: Option<&fleet::Account>, keep_ms: u64, regions: &mut Regions) -> Account {
    let not_enabled = described.map(|account| account.regions_not_enabled.as_slice()).unwrap_or_default();
    let listed = fleet.file.regions.as_ref();
    Account {
        id: described.map_or_else(|| fleet.account(), |account| account.id.as_str()).into(),
        enabled: listed.map(|names| names.iter().filter_map(|name| regions.intern(name.as_str())).collect()),
        disabled: not_enabled.iter().filter_map(|name| regions.intern(name.as_str())).collect(),
        sets: BTreeMap::new(),
        places: BTreeMap::new(),
        timeline: Timeline::default(),
        past: Past::keeping(keep_ms),
    }
}

fn identities(fleet: &Fleet) -> Identities {
    let file = &fleet.file;
    let rights = |allow: &[_], deny: &[_]| Arc::new(Rights::new(allow, deny, |key| fleet.meant_key(key)));
    let mut identities = Identities::default();
    let mut roles = BTreeMap::new();
    for (position, account) in file.accounts.iter().map(toml::Spanned::get_ref).enumerate() {
        identities.accounts.push(account.id.as_str().to_owned());
        let arn = |own: &Option<String>| own.as_deref().or(account.caller_arn.as_deref()).map(Into::into);
        for credential in account.credentials.iter().map(toml::Spanned::get_ref) {
            let caller = Caller {
                account: position,
                arn: arn(&credential.caller_arn),
                secret: credential.secret.clone(),
                session: None,
                rights: rights(&credential.allow, &credential.deny),
            };
            identities.known.insert(credential.access_key.clone(), Arc::new(caller));
        }
        for role in account.roles.iter().map(toml::Spanned::get_ref) {
            roles.insert(role.arn.clone(), Role { account: position, rights: rights(&role.allow, &role.deny) });
        }
        let anyone = Caller { account: position, arn: arn(&None), ..Caller::default() };
        identities.anyone.push(Arc::new(anyone));
    }
    if file.accounts.is_empty() {
        identities.accounts.push(fleet.account().to_owned());
        identities.anyone.push(Arc::new(Caller::default()));
    }
    // Whoever lists credentials means these and no others.
    if !identities.known.is_empty() {
        identities.anyone.clear();
    }
    identities.roles = (!roles.is_empty()).then_some(roles);
    identities
}

/// Adds keys to accounts.
pub(crate) struct Builder<'a> {
    pub(crate) file: &'a File,
    pub(crate) started: u64,
    pub(crate) regions: &'a mut Regions,
    pub(crate) accounts: &'a mut [Account],
    /// Each policy text once, however many members have it.
    policies: BTreeMap<&'a str, Arc<str>>,
}

impl<'a> Builder<'a> {
    fn add(&mut self, number: usize, key: &'a Key) {
        let id = fleet::key_id(self.file, number, key);
        let Some(primary) = self.regions.intern(key.primary.as_str()) else { return };
        let moving = self.moving(key);
        let Some(account) = self.account(key.account.as_ref()) else { return };
        let set = KeySet {
            kind: key.kind(),
            multi_region: key.multi_region,
            aws_managed: key.aws_managed,
            rotation: key.rotation.then_some(USUAL_ROTATION_DAYS),
            primary,
            members: Vec::new(),
            moving,
        };
        account.sets.insert(id, set);
        for (position, region) in (0..).zip(key.regions()) {
            self.add_member(id, key, region, position);
        }
        let started = self.started;
        if let Some(account) = self.account(key.account.as_ref())
            && let Some(at) = account.settle(id, started)
        {
            account.timeline.add(at, id);
        }
    }

    /// The account of a name; the first without one.
    pub(crate) fn account(&mut self, named: Option<&AccountNumber>) -> Option<&mut Account> {
        self.accounts.get_mut(self.file.position(named)?)
    }

    fn moving(&mut self, key: &Key) -> Option<Moving> {
        let to = self.regions.intern(key.promoting_to.as_ref()?.as_str())?;
        let lasts = key.promotion_ends_in.map_or(self.file.transitions.updating_ms, |span| span.0);
        Some(Moving { to, until: self.in_(lasts) })
    }

    fn add_member(&mut self, id: KeyId, key: &'a Key, name: &RegionName, position: u64) {
        let Some(region) = self.regions.intern(name.as_str()) else { return };
        let plan = key.member(name);
        let share = key.share(self.file, name);
        let life = self.life(plan);
        let created = self.created(id, key, plan, position);
        let policy = share.policy.map(|text| Arc::clone(self.policies.entry(text).or_insert_with(|| text.into())));
        let tags = share.tags.into_iter().flatten();
        let member = Member {
            life,
            created,
            imported: !matches!(life, Life::PendingImport | Life::Creating { .. }),
            material_ends: plan
                .and_then(|plan| plan.material_expires_in)
                .map(|span| self.in_(span.0))
                .filter(|at| *at != FOR_EVER),
            is_behind: plan.is_some_and(|plan| plan.rotation_pending),
            description: share.description.into(),
            tags: tags.map(|(tag_key, value)| (tag_key.as_str().into(), value.as_str().into())).collect(),
            policy,
        };
        let Some(account) = self.account(key.account.as_ref()) else { return };
        account.add_member(region, id, member);
        for alias in share.aliases {
            account.add_alias(region, alias.as_str(), Alias { target: Some(id), created, updated: created });
        }
    }

    fn life(&self, plan: Option<&MemberPlan>) -> Life {
        let Some(plan) = plan else { return Life::Enabled };
        match plan.state.map(|state| state.0) {
            // The file's check keeps Updating away from members: it belongs to a promotion.
            None | Some(KeyState::Enabled | KeyState::Updating) => Life::Enabled,
            Some(KeyState::Disabled) => Life::Disabled,
            Some(KeyState::PendingImport) => Life::PendingImport,
            Some(KeyState::PendingDeletion) => {
                Life::PendingDeletion { at: self.in_(plan.deletion_in.map_or(FOR_EVER, |span| span.0)) }
            }
            Some(KeyState::PendingReplicaDeletion) => {
                Life::PendingReplicaDeletion { window_days: plan.window_days.unwrap_or(DEFAULT_WINDOW) }
            }
            Some(KeyState::Creating) => {
                let lasts = plan.settles_in.map_or(self.file.transitions.creating_ms, |span| span.0);
                Life::Creating { until: self.in_(lasts) }
            }
        }
    }

    /// A moment after the start; of a span without end, one that never comes.
    fn in_(&self, span: u64) -> u64 {
        if span == FOR_EVER { FOR_EVER } else { self.started.saturating_add(span) }
    }

    fn created(&self, id: KeyId, key: &Key, plan: Option<&MemberPlan>, position: u64) -> u64 {
        let own = plan.and_then(|plan| plan.created_ago).map(|span| span.0);
        let creating = plan.and_then(|plan| plan.state).is_some_and(|state| state.0 == KeyState::Creating);
        let ago = match (own, creating) {
            (Some(span), _) => span,
            (None, true) => 0,
            // Replicas come one by one in the weeks after their primary.
            (None, false) => {
                let age = key.created_ago.map_or_else(|| self.age(id), |span| span.0);
                age.saturating_sub(position.saturating_mul(9 * DAY + 5_400_000).min(age / 2))
            }
        };
        self.started.saturating_sub(ago)
    }

    /// How old a key is of which the file does not say it.
    pub(crate) fn age(&self, id: KeyId) -> u64 {
        let span = u128::from(AGES.end - AGES.start);
        let drawn = named(self.file.seed, "age", id.to_bytes()) % span;
        AGES.start + u64::try_from(drawn).unwrap_or(0)
    }
}
