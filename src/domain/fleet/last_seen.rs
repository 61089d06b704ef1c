//! The fleet as a former run saw it. A picture to look at until answers arrive: it is never mixed with what this run has read, and proves nothing.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Aliases, Fleet, Scope};
use crate::domain::id::{AccountId, KeyArn, Login, Place, Region};
use crate::domain::key::RegionalKey;
use crate::domain::reading::{Asked, Reason, ReasonKind};
use crate::domain::text::Foreign;
use crate::domain::time::Timestamp;

/// What was kept of a former run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LastSeen {
    pub(crate) login: Login,
    /// Whose keys these were. A login that turns out to be another account has never seen them.
    pub(crate) account: AccountId,
    pub(crate) at: Timestamp,
    fleet: Fleet,
    aliases: BTreeMap<Region, Aliases>,
}

impl LastSeen {
    pub(crate) fn new(login: Login, account: AccountId, at: Timestamp) -> Self {
        Self { login, account, at, fleet: Fleet::default(), aliases: BTreeMap::new() }
    }

    /// Every member is a reading that has failed since, so that none is fresh; no Region is listed, so that none is absent.
    pub(crate) fn add(&mut self, member: RegionalKey, read_at: Timestamp, aliases: Vec<Foreign>) {
        let arn: KeyArn = member.arn.clone();
        self.aliases.entry(arn.region.clone()).or_default().insert(Arc::from(arn.id.as_str()), aliases);
        self.fleet.describe(self.login, &arn, Asked(0), Ok((member, read_at)));
        self.fleet.describe(self.login, &arn, Asked(1), Err(not_read()));
    }

    /// Nothing more is added.
    pub(crate) fn finish(mut self) -> Self {
        let regions = self.aliases.keys().cloned().collect();
        self.fleet.open(self.login, Scope { regions, auto: false });
        for (region, aliases) in std::mem::take(&mut self.aliases) {
            let place = Place::new(self.login, region);
            self.fleet.set_aliases(&place, Asked(0), Ok((aliases, self.at)));
            self.fleet.set_aliases(&place, Asked(1), Err(not_read()));
        }
        self
    }

    pub(crate) fn fleet(&self) -> &Fleet {
        &self.fleet
    }
}

fn not_read() -> Arc<Reason> {
    Arc::new(Reason::of(ReasonKind::NotRead))
}
