//! One keyfleet: its engine, its journal, and what its edge keeps between effects. All of it is lost when it is killed.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::books::Books;
use super::disk::Disk;
use crate::domain::id::{AccountId, Login, Region};
use crate::domain::time::{Now, Timestamp};
use crate::engine::effect::ChangeId;
use crate::engine::settings::{Regions, Settings};
use crate::engine::{Engine, Session};
use crate::state::journal::Receipt;

pub(super) const LOGIN: Login = Login(0);

/// 21 November 2026, 18:00 UTC: when every schedule begins.
pub(super) const START: u64 = 1_795_284_000_000;

/// Credentials that are held for one change.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frozen {
    pub(super) credential: &'static str,
    /// Whose they are, once STS has said it.
    pub(super) account: Option<AccountId>,
}

#[derive(Debug)]
pub(super) struct Process {
    pub(super) number: u32,
    pub(super) engine: Engine,
    pub(super) read_only: bool,
    started: u64,
    pub(super) books: Books,
    pub(super) frozen: BTreeMap<ChangeId, Frozen>,
    pub(super) receipts: BTreeMap<ChangeId, Receipt>,
    pub(super) wake_at: Option<u64>,
    /// It has looked for what a former run left open.
    pub(super) has_looked: bool,
}

/// The wall clock at a moment of the schedule.
pub(super) fn wall(at: u64) -> Timestamp {
    Timestamp::from_millis(i64::try_from(START + at).unwrap())
}

impl Process {
    pub(super) fn new((number, at): (u32, u64), settings: Settings, disk: &Disk) -> Self {
        Self {
            number,
            read_only: settings.read_only,
            engine: Engine::new(settings),
            started: at,
            books: Books::new(disk.clone(), number),
            frozen: BTreeMap::new(),
            receipts: BTreeMap::new(),
            wake_at: None,
            has_looked: false,
        }
    }

    pub(super) fn now(&self, at: u64) -> Now {
        Now { monotonic: Duration::from_millis(at - self.started), wall: wall(at) }
    }

    /// The moment of the schedule at which the engine wants to be woken.
    pub(super) fn moment(&self, monotonic: Duration) -> u64 {
        self.started + u64::try_from(monotonic.as_micros().div_ceil(1_000)).unwrap()
    }

    /// It knows who it is.
    pub(super) fn is_identified(&self) -> bool {
        matches!(self.engine.session(LOGIN), Some(Session::Open { identity }) if identity.value().is_some())
    }

    /// Nothing that was confirmed may still be sent.
    pub(super) fn is_at_rest(&self) -> bool {
        !self.engine.changes().any(crate::engine::change::ChangeStatus::is_in_flight)
    }
}

pub(super) fn settings(regions: &[&str], read_only: bool, seed: u64) -> Settings {
    Settings {
        logins: vec![(LOGIN, None)],
        regions: Regions::Only(regions.iter().map(|name| Region::parse(name).unwrap()).collect()),
        refresh: Some(Duration::from_mins(1)),
        quota_share: 1.0,
        rules: std::sync::Arc::from([]),
        protected_accounts: BTreeSet::new(),
        account_names: BTreeMap::new(),
        read_only,
        endpoints: None,
        live: true,
        seed,
    }
}
