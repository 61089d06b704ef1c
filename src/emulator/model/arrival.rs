//! What a request is about, as far as that can be told before it is tried.

use std::borrow::Cow;
use std::sync::Arc;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::{Model, Request};
use crate::emulator::identity::Caller;
use crate::emulator::key::KeyId;
use crate::emulator::log::Called;
use crate::emulator::region::RegionId;

/// A request with what is known of it before it is tried.
pub(super) struct Arrival<'a> {
    pub(super) request: &'a Request<'a>,
    /// Milliseconds since the start, on the clock that can be moved.
    pub(super) elapsed: u64,
    /// The same as Unix time.
    pub(super) now: u64,
    pub(super) region: Option<RegionId>,
    /// None: the request is not signed, or by nobody who is known.
    pub(super) caller: Option<Arc<Caller>>,
    pub(super) called: Called,
    pub(super) subject: Subject<'a>,
    pub(super) key: Option<KeyId>,
}

/// The fields of a request that say which key and which other Region it concerns.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Subject<'a> {
    #[serde(borrow)]
    key_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    target_key_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) alias_name: Option<Cow<'a, str>>,
    #[serde(borrow)]
    replica_region: Option<Cow<'a, str>>,
    #[serde(borrow)]
    primary_region: Option<Cow<'a, str>>,
    tags: Option<Vec<IgnoredAny>>,
}

impl Subject<'_> {
    /// The other Region that a request names.
    pub(super) fn other_region(&self) -> Option<&str> {
        self.replica_region.as_deref().or(self.primary_region.as_deref())
    }

    pub(super) fn has_tags(&self) -> bool {
        self.tags.as_ref().is_some_and(|tags| !tags.is_empty())
    }
}

impl Arrival<'_> {
    pub(super) fn account(&self) -> Option<usize> {
        self.caller.as_ref().map(|caller| caller.account)
    }

    /// The key as the request names it.
    pub(super) fn named(&self) -> Option<&str> {
        self.subject.key_id.as_deref().or(self.subject.target_key_id.as_deref())
    }
}

impl Model {
    /// Finds out what a request is about.
    pub(super) fn arrive<'a>(&mut self, elapsed: u64, request: &'a Request<'a>) -> Arrival<'a> {
        let subject = serde_json::from_slice(request.body).unwrap_or_default();
        let mut arrival = Arrival {
            request,
            elapsed,
            now: self.started.saturating_add(elapsed),
            region: self.regions.intern(request.region),
            caller: request.identity.and_then(|access_key| self.identities.find(access_key)),
            called: Called::new(request.operation),
            subject,
            key: None,
        };
        arrival.key = self.key_of(&arrival);
        arrival
    }

    fn key_of(&self, arrival: &Arrival<'_>) -> Option<KeyId> {
        let named = arrival.named()?;
        let resource = named.rsplit_once(':').map_or(named, |(_, resource)| resource);
        if resource.starts_with("alias/") {
            let account = self.accounts.get(arrival.account()?)?;
            return account.places.get(&arrival.region?)?.aliases.get(resource)?.target;
        }
        KeyId::parse(resource.strip_prefix("key/").unwrap_or(resource))
    }
}
