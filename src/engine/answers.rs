//! What an answer means: pages become listings, descriptions name members, failures become facts with a place on screen.

mod pages;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use super::changes::Ask;
use super::effect::{ReadOperation, ReadRequest};
use super::loader::{Job, Priority, Settled};
use super::message::{Answer, Connection, Failure, FailureClass, Next};
use super::planning::Needed;
use super::settings::Regions;
use super::{Engine, Session};
use crate::domain::fleet::presence::RegionStatus;
use crate::domain::fleet::{Aliases, KeyRef, RelatedKey, Scope};
use crate::domain::id::{KeyArn, Login, Partition, Place, Region};
use crate::domain::key::Tag;
use crate::domain::reading::{Asked, Reading, Reason, ReasonKind};
use crate::domain::text::{Foreign, Safe, safe};
use crate::domain::time::Now;

/// Listings that are gathered page by page.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(super) struct Sweeps {
    /// The running alias sweep of each Region, by its first question.
    aliases: BTreeMap<Place, AliasSweep>,
    /// The running tag sweep of each key, likewise.
    tags: BTreeMap<KeyArn, TagSweep>,
    /// The running listing of each Region.
    keys: BTreeMap<Place, KeySweep>,
    /// (described, listed) members
    progress: BTreeMap<Place, (u32, u32)>,
    /// Regions that were listed again because a key that they list was not found.
    listed_again: BTreeSet<Place>,
    /// Regions that are to be listed once more when the listing that runs has ended: it was asked before something that matters.
    once_more: BTreeSet<Place>,
}

/// What matters about the pages of a listing once they are taken.
#[derive(Clone, Debug, PartialEq, Eq)]
struct KeySweep {
    first: Asked,
    /// The markers given so far: one that comes again would go round for ever.
    markers: BTreeSet<Foreign>,
    /// The first key that could not be named: the listing proves no absence, but the keys beside it are listed.
    unnamed: Option<Foreign>,
}

/// Aliases gathered so far.
#[derive(Clone, Debug, PartialEq, Eq)]
struct AliasSweep {
    first: Asked,
    gathered: Aliases,
    markers: BTreeSet<Foreign>,
}

/// Tags gathered so far.
#[derive(Clone, Debug, PartialEq, Eq)]
struct TagSweep {
    first: Asked,
    gathered: Vec<Tag>,
    markers: BTreeSet<Foreign>,
}

impl Sweeps {
    pub(super) fn progress(&self, place: &Place) -> (u32, u32) {
        self.progress.get(place).copied().unwrap_or_default()
    }

    /// A new round of reading may list a Region again.
    pub(super) fn forget_contradictions(&mut self) {
        self.listed_again.clear();
    }

    fn of_keys(&mut self, place: &Place, first: Asked) -> &mut KeySweep {
        let new = || KeySweep { first, markers: BTreeSet::new(), unnamed: None };
        let sweep = self.keys.entry(place.clone()).or_insert_with(new);
        if sweep.first != first {
            *sweep = new();
        }
        sweep
    }
}

impl Engine {
    /// The profile is loaded: every Region in scope is asked at once.
    pub(super) fn connected(&mut self, now: Now, login: Login, result: Result<Connection, super::ConnectError>) {
        let connection = match result {
            Ok(connection) => connection,
            Err(error) => {
                self.sessions.insert(login, Session::Failed(error));
                self.timers.connect_again(now, login, &self.settings);
                return;
            }
        };
        let scope = match &self.settings.regions {
            Regions::Only(regions) => Scope { regions: regions.iter().cloned().collect(), auto: false },
            Regions::Auto => {
                let partition = connection.region.as_ref().map_or(Partition::Aws, Region::partition);
                Scope { regions: partition.regions().into_iter().collect(), auto: true }
            }
        };
        let everywhere = self.settings.endpoints.as_ref().is_some_and(|endpoints| endpoints.everywhere.is_some());
        self.found_endpoint = connection.endpoint.filter(|_| !everywhere);
        self.sessions.insert(login, Session::Open { identity: Reading::Waiting });
        let mut regions: Vec<Region> = scope.regions.iter().cloned().collect();
        if let Some(own) = connection.region.filter(|own| scope.regions.contains(own)) {
            regions.retain(|region| *region != own);
            regions.insert(0, own);
        }
        self.fleet.open(login, scope);
        for region in &regions {
            self.list(&Place::new(login, region.clone()));
        }
        self.timers.begin(now, &self.settings);
        self.timers.identify(now, login, regions);
        self.ask_identity(now);
        self.touch_all();
    }

    /// Wants the keys and the aliases of a Region. What is being listed already is not started over.
    pub(super) fn list(&mut self, place: &Place) {
        if !self.is_listing(place) {
            self.loader.ask(place, Job::new(ReadRequest::ListKeys { marker: None }, Priority::Listing));
        }
        if !self.sweeps.aliases.contains_key(place) {
            self.loader.ask(place, Job::new(ReadRequest::ListAliases { marker: None }, Priority::Listing));
        }
    }

    /// Wants a listing whose questions are asked from now on: after the one that runs, if one does.
    pub(super) fn list_anew(&mut self, place: &Place) {
        if self.is_listing(place) {
            self.sweeps.once_more.insert(place.clone());
        } else {
            self.loader.ask(place, Job::new(ReadRequest::ListKeys { marker: None }, Priority::Listing));
        }
    }

    fn is_listing(&self, place: &Place) -> bool {
        let scan = self.fleet.region(place).and_then(|facts| facts.scan.as_ref());
        scan.is_some_and(|scan| scan.ended.is_none())
    }

    /// A listing has ended, well or badly: the one that was put off until then is asked.
    fn list_once_more(&mut self, place: &Place) {
        if self.sweeps.once_more.remove(place) {
            self.loader.ask(place, Job::new(ReadRequest::ListKeys { marker: None }, Priority::Listing));
        }
    }

    pub(super) fn answered(
        &mut self,
        now: Now,
        (place, asked): (&Place, Asked),
        result: Result<Answer, Failure>,
        took: Duration,
    ) -> Vec<Ask> {
        let result = result.map_err(|failure| dated(failure, now));
        let failure = result.as_ref().err();
        if let Some(failure) = failure.filter(|failure| failure.class == FailureClass::Transport) {
            self.loader.remember_failure(place, &Arc::new(failure.reason.clone()));
        }
        let settled = self.loader.settle(now.monotonic, (place, asked), failure, (took, &mut self.random));
        let mut asks = match settled {
            Settled::Stray | Settled::Retried => Vec::new(),
            Settled::Final { job, revived } => {
                if revived {
                    self.revive(now, place);
                }
                self.take(now, place, (asked, job), result)
            }
        };
        asks.extend(self.fail_regions(now));
        asks
    }

    fn take(
        &mut self,
        now: Now,
        place: &Place,
        (asked, job): (Asked, Job),
        result: Result<Answer, Failure>,
    ) -> Vec<Ask> {
        if job.is_probe {
            if result.is_err_and(|failure| failure.class == FailureClass::Transport) {
                self.loader.probe_again(now.monotonic, place);
            }
            return Vec::new();
        }
        let first = job.scan.unwrap_or(asked);
        match &job.request {
            ReadRequest::ListKeys { .. } => self.take_page(now, place, first, result),
            ReadRequest::ListAliases { marker } => {
                if self.take_aliases(now, place, (first, marker.is_none()), result) {
                    let whole = Needed { place: place.clone(), request: ReadRequest::ListAliases { marker: None } };
                    return self.change_read(now, first, &whole);
                }
            }
            ReadRequest::GetCallerIdentity => self.take_identity(now, place, asked, result),
            ReadRequest::DescribeKey { arn } => {
                self.take_description(now, place, (asked, arn), result);
                return self.change_read(now, asked, &Needed { place: place.clone(), request: job.request });
            }
            ReadRequest::ListResourceTags { arn, marker } => {
                if !self.take_tags(now, place, (first, arn, marker.is_none()), result) {
                    return Vec::new();
                }
                self.evidence.note_answer();
                let request = ReadRequest::ListResourceTags { arn: arn.clone(), marker: None };
                return self.change_read(now, first, &Needed { place: place.clone(), request });
            }
            ReadRequest::GetKeyPolicy { arn } | ReadRequest::GetKeyRotationStatus { arn } => {
                self.evidence.note_answer();
                self.take_deep(now, place, (asked, arn, job.request.operation()), result);
                return self.change_read(now, asked, &Needed { place: place.clone(), request: job.request });
            }
        }
        Vec::new()
    }

    fn take_page(&mut self, now: Now, place: &Place, scan: Asked, result: Result<Answer, Failure>) {
        let (listed, arns, unnamed, next) = match result {
            Ok(Answer::Keys { listed, multi_region, unnamed, next }) => (listed, multi_region, unnamed, next),
            Ok(_) => return self.listing_ends(place, scan, Arc::new(Reason::of(ReasonKind::Internal))),
            Err(failure) => return self.listing_ends(place, scan, Arc::new(failure.reason)),
        };
        let fresh = self.fleet.add_page(place, scan, listed, &arns);
        self.sweeps.progress.entry(place.clone()).or_default().1 += u32::try_from(fresh.len()).unwrap_or(u32::MAX);
        for arn in fresh {
            let key = KeyRef { login: place.login, id: arn.id.clone() };
            let priority = if self.timers.is_visible(&key) { Priority::Visible } else { Priority::Rest };
            self.touch(key);
            self.loader.ask(place, Job::new(ReadRequest::DescribeKey { arn }, priority));
        }
        let sweep = self.sweeps.of_keys(place, scan);
        sweep.unnamed = sweep.unnamed.take().or_else(|| unnamed.into_iter().next());
        match next {
            Next::End => match sweep.unnamed.as_ref().map(Foreign::safe) {
                None => self.listing_is_complete(now, place, scan),
                Some(key) => self.listing_ends(place, scan, partial(&unnamed_key(&key), now)),
            },
            Next::Marker(marker) if sweep.markers.insert(marker.clone()) => {
                let mut job = Job::new(ReadRequest::ListKeys { marker: Some(marker) }, Priority::Listing);
                job.scan = Some(scan);
                self.loader.ask(place, job);
            }
            Next::Marker(_) => {
                self.listing_ends(place, scan, partial(&"the listing gave the same marker twice".into(), now));
            }
            Next::Lost => {
                self.listing_ends(place, scan, partial(&"the listing is truncated and gives no marker".into(), now));
            }
        }
    }

    fn listing_is_complete(&mut self, now: Now, place: &Place, scan: Asked) {
        let vanished = self.fleet.complete_listing(place, scan, now.wall);
        for arn in vanished {
            self.loader.ask(place, Job::new(ReadRequest::DescribeKey { arn }, Priority::Rest));
        }
        self.describe_named(place);
        self.describe_contradicted(place);
        self.list_once_more(place);
        self.touch_all();
    }

    fn listing_ends(&mut self, place: &Place, scan: Asked, why: Arc<Reason>) {
        self.fleet.fail_listing(place, scan, why);
        self.describe_named(place);
        self.list_once_more(place);
        self.touch_all();
    }

    /// Members that related keys name in a Region whose listing has ended without them are asked about by ARN: DescribeKey may say what ListKeys did not.
    fn describe_named(&mut self, place: &Place) {
        let Some(facts) = self.fleet.region(place) else { return };
        if !answers_about_named(&facts.status()) {
            return;
        }
        let unread = |member: Option<&RelatedKey>| member.is_none_or(|member| member.described == Reading::NotAsked);
        let named: Vec<KeyArn> = self
            .fleet
            .keys()
            .filter(|(key, _)| key.login == place.login)
            .filter(|(_, entry)| unread(entry.members.get(&place.region).map(Box::as_ref)))
            .filter(|(_, entry)| !entry.declared_by(&place.region).is_empty())
            .filter_map(|(_, entry)| Some(entry.members.values().next()?.arn.in_region(&place.region)))
            .collect();
        for arn in named {
            self.loader.ask(place, Job::new(ReadRequest::DescribeKey { arn }, Priority::Rest));
        }
    }

    /// Keys that the Region lists and does not find are asked about once more after a new listing.
    fn describe_contradicted(&mut self, place: &Place) {
        if !self.sweeps.listed_again.contains(place) {
            return;
        }
        let contradicted = |member: &RelatedKey| {
            member.listed.is_some()
                && member.described.failure().is_some_and(|why| why.kind == ReasonKind::Contradiction)
        };
        let again: Vec<KeyArn> = self
            .fleet
            .keys()
            .filter(|(key, _)| key.login == place.login)
            .filter_map(|(_, entry)| entry.members.get(&place.region))
            .filter(|member| contradicted(member))
            .map(|member| member.arn.clone())
            .collect();
        for arn in again {
            self.loader.ask(place, Job::new(ReadRequest::DescribeKey { arn }, Priority::Rest));
        }
    }

    fn take_description(
        &mut self,
        now: Now,
        place: &Place,
        (asked, arn): (Asked, &KeyArn),
        result: Result<Answer, Failure>,
    ) {
        let key = KeyRef { login: place.login, id: arn.id.clone() };
        let was_listed = self.fleet.member(&key, &arn.region).is_some_and(|member| member.listed.is_some());
        let first_answer = self.fleet.member(&key, &arn.region).is_none_or(|member| member.described.asked().is_none());
        if was_listed && first_answer {
            self.sweeps.progress.entry(place.clone()).or_default().0 += 1;
        }
        let not_found = result.as_ref().is_err_and(|failure| failure.class == FailureClass::NotFound);
        let answer = match result {
            Ok(Answer::Key(described)) => Ok((*described, now.wall)),
            Ok(_) => Err(Arc::new(Reason::of(ReasonKind::Internal))),
            Err(failure) => Err(Arc::new(failure.reason)),
        };
        self.fleet.describe(place.login, arn, asked, answer);
        if not_found && was_listed && self.sweeps.listed_again.insert(place.clone()) {
            self.list_anew(place);
        }
        self.read_deep_of(&key, arn);
        self.describe_members_of(&key);
        self.follow_if_moving(now, &key);
        self.touch(key);
    }

    /// A description names other members: those whose Region has ended its listing without them are asked about.
    fn describe_members_of(&mut self, key: &KeyRef) {
        let Some(entry) = self.fleet.key(key) else { return };
        let unread = |region: &Region| {
            entry
                .members
                .get(region)
                .is_none_or(|member| member.described == Reading::NotAsked && member.listed.is_none())
        };
        let arn = entry.members.values().next().map(|member| member.arn.clone());
        let wanted: Vec<Region> = entry
            .regions()
            .into_iter()
            .filter(|region| unread(region))
            .filter(|region| {
                let facts = self.fleet.region(&key.place(region));
                facts.is_some_and(|facts| answers_about_named(&facts.status()))
            })
            .collect();
        for region in wanted {
            if let Some(arn) = arn.as_ref().map(|arn| arn.in_region(&region)) {
                self.loader.ask(&key.place(&region), Job::new(ReadRequest::DescribeKey { arn }, Priority::Rest));
            }
        }
    }

    /// A policy or a rotation status. A failure is the answer to its own question only, and always counts: a change must not go by an older reading.
    pub(super) fn take_deep(
        &mut self,
        now: Now,
        place: &Place,
        (asked, arn, operation): (Asked, &KeyArn, ReadOperation),
        result: Result<Answer, Failure>,
    ) {
        let key = KeyRef { login: place.login, id: arn.id.clone() };
        let Some(member) = self.fleet.member_mut(&key, &arn.region) else { return };
        let internal = || Arc::new(Reason::of(ReasonKind::Internal));
        match (operation, result) {
            (ReadOperation::GetKeyPolicy, Ok(Answer::Policy(policy))) => {
                member.policy.accept(asked, Ok((policy, now.wall)));
            }
            (ReadOperation::GetKeyPolicy, Err(failure)) => {
                member.policy.accept(asked, Err(Arc::new(failure.reason)));
            }
            (ReadOperation::GetKeyPolicy, Ok(_)) => {
                member.policy.accept(asked, Err(internal()));
            }
            (_, Ok(Answer::Rotation(rotation))) => {
                member.rotation.accept(asked, Ok((rotation, now.wall)));
            }
            (_, Err(failure)) => {
                member.rotation.accept(asked, Err(Arc::new(failure.reason)));
            }
            (_, Ok(_)) => {
                member.rotation.accept(asked, Err(internal()));
            }
        }
        self.touch(key);
    }

    fn take_identity(&mut self, now: Now, place: &Place, asked: Asked, result: Result<Answer, Failure>) {
        let Some(Session::Open { identity }) = self.sessions.get_mut(&place.login) else { return };
        match result {
            Ok(Answer::Identity(found)) => {
                identity.accept(asked, Ok((found, now.wall)));
                self.timers.identified(place.login);
                self.loader.forget_identity(place.login);
            }
            Ok(_) => {}
            Err(failure) => {
                if identity.fresh().is_none() {
                    identity.accept(asked, Err(Arc::new(failure.reason)));
                }
                self.ask_identity_next(place.login);
            }
        }
    }
}

/// Whether it is worth asking a Region about a key that its listing does not have: it answers, and it is enabled.
fn answers_about_named(status: &RegionStatus) -> bool {
    match status {
        RegionStatus::Loaded { .. } | RegionStatus::Partial { .. } => true,
        RegionStatus::Failed { why, .. } => matches!(why.kind, ReasonKind::Denied | ReasonKind::DeniedByKeyPolicy),
        RegionStatus::Waiting | RegionStatus::Loading { .. } => false,
    }
}

fn unnamed_key(key: &Safe) -> Safe {
    safe!("the listing holds a multi-Region key that is none of this Region: {key}")
}

fn partial(what: &Safe, now: Now) -> Arc<Reason> {
    Arc::new(Reason {
        at: Some(now.wall),
        message: Some(Foreign::new(what.as_str())),
        ..Reason::of(ReasonKind::PartialListing)
    })
}

/// A failure that does not say when it was is of now.
fn dated(mut failure: Failure, now: Now) -> Failure {
    failure.reason.at.get_or_insert(now.wall);
    failure
}
