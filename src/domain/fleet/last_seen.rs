//! The fleet as a former run saw it. A picture to look at until answers arrive: it is never mixed with what this run has read, and proves nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Aliases, Fleet, KeyRef, Scope};
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
    /// When each Region was last listed to its end.
    listed: BTreeMap<Region, Timestamp>,
    /// Every Region in which a member was, or was named.
    named: BTreeMap<KeyRef, BTreeSet<Region>>,
}

impl LastSeen {
    pub(crate) fn new(login: Login, account: AccountId, at: Timestamp) -> Self {
        Self {
            login,
            account,
            at,
            fleet: Fleet::default(),
            aliases: BTreeMap::new(),
            listed: BTreeMap::new(),
            named: BTreeMap::new(),
        }
    }

    /// The Region was listed to its end at this moment.
    pub(crate) fn add_listing(&mut self, region: Region, at: Timestamp) {
        self.listed.insert(region, at);
    }

    /// A member was in this Region, or was named there.
    pub(crate) fn add_named(&mut self, arn: &KeyArn) {
        let key = KeyRef { login: self.login, id: arn.id.clone() };
        self.named.entry(key).or_default().insert(arn.region.clone());
    }

    /// Every member is a reading that has failed since, so that none is fresh; no Region is listed, so that none is absent.
    pub(crate) fn add(&mut self, member: RegionalKey, read_at: Timestamp, aliases: Vec<Foreign>) {
        let arn: KeyArn = member.arn.clone();
        self.add_named(&arn);
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

    /// What of it is about these Regions: the keys with a member there, whole, and when the Regions were listed.
    pub(crate) fn concerning(&self, is_wanted: impl Fn(&Region) -> bool) -> Self {
        let mut part = Self::new(self.login, self.account, self.at);
        let listed = self.listed.iter().filter(|(region, _)| is_wanted(region));
        part.listed = listed.map(|(region, at)| (region.clone(), *at)).collect();
        for (key, entry) in self.fleet.keys().filter(|(_, entry)| entry.members.keys().any(&is_wanted)) {
            for member in entry.members.values() {
                let described = member.described.value().zip(member.described.at());
                let Some((described, at)) = described else { continue };
                let aliases = self.fleet.aliases(key, &member.arn.region).map(<[_]>::to_vec).unwrap_or_default();
                part.add(RegionalKey::clone(described), at, aliases);
            }
            if let Some(named) = self.named.get(key) {
                part.named.insert(key.clone(), named.clone());
            }
        }
        part.finish()
    }

    /// It says nothing: no key, and of no Region that it was read.
    pub(crate) fn is_empty(&self) -> bool {
        self.listed.is_empty() && self.fleet.keys().next().is_none()
    }

    pub(crate) fn fleet(&self) -> &Fleet {
        &self.fleet
    }

    /// When the Region was listed to its end, if it was: only then is what the fleet has of it everything that was there.
    pub(crate) fn listed_at(&self, region: &Region) -> Option<Timestamp> {
        self.listed.get(region).copied()
    }

    /// Every Region in which a member of the key was, or was named.
    pub(crate) fn named(&self, key: &KeyRef) -> Option<&BTreeSet<Region>> {
        self.named.get(key)
    }
}

fn not_read() -> Arc<Reason> {
    Arc::new(Reason::of(ReasonKind::NotRead))
}
