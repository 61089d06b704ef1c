//! A world that answers effects: what each Region holds and how it fails, as values.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use crate::domain::id::{AccountId, KeyArn, KeyId, Login, Partition, Place, Region};
use crate::domain::key::{KeyState, RegionalKey, Role, Tag};
use crate::domain::plan::{Identity, Outcome, RecordKind, Reply};
use crate::domain::policy::default_policy;
use crate::domain::reading::{Reason, ReasonKind};
use crate::domain::text::Foreign;
use crate::domain::time::{Now, Timestamp};
use crate::engine::Engine;
use crate::engine::effect::{ChangeId, Effect, ReadOperation, ReadRequest};
use crate::engine::message::{Answer, Connection, Failure, FailureClass, Message, Next, RecordError};
use crate::engine::random::Random;
use crate::engine::settings::{Regions, Settings};

pub(crate) fn region(name: &str) -> Region {
    Region::parse(name).unwrap()
}

pub(crate) fn arn(id: &str, at: &str) -> KeyArn {
    KeyArn {
        partition: Partition::Aws,
        region: region(at),
        account: AccountId::parse("111122223333").unwrap(),
        id: KeyId::parse(id).unwrap(),
    }
}

/// KMS's default policy.
pub(crate) fn policy() -> Foreign {
    Foreign::new(default_policy(Partition::Aws, AccountId::parse("111122223333").unwrap()))
}

/// A member as AWS describes it.
pub(crate) fn member(id: &str, at: &str, primary: &str, replicas: &[&str]) -> RegionalKey {
    let role = if at == primary { Role::Primary } else { Role::Replica };
    RegionalKey {
        arn: arn(id, at),
        state: KeyState::Enabled,
        role: Some(role),
        primary: Some(arn(id, primary)),
        replicas: replicas.iter().map(|at| arn(id, at)).collect(),
        spec: Foreign::new("SYMMETRIC_DEFAULT"),
        usage: Foreign::new("ENCRYPT_DECRYPT"),
        origin: Foreign::new("AWS_KMS"),
        description: Foreign::new(""),
        created_at: None,
        deletion_date: None,
        pending_window_days: None,
        material_id: None,
        valid_to: None,
        oddities: Vec::new(),
    }
}

/// How a Region fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    None,
    /// ListKeys and DescribeKey are denied.
    Denied,
    ListDenied,
    /// The listing stops after its first page.
    PageLost,
    /// It accepts and never answers; the edge times out.
    Dark,
    NotEnabled,
    /// DescribeKey of these keys is denied.
    KeysDenied(BTreeSet<KeyId>),
}

#[derive(Clone, Debug)]
pub(crate) struct World {
    pub(crate) keys: BTreeMap<(Region, KeyId), RegionalKey>,
    pub(crate) trouble: BTreeMap<Region, Trouble>,
    /// Alias, Region and the ID of the key it points to.
    pub(crate) aliases: Vec<(&'static str, &'static str, &'static str)>,
    pub(crate) page: usize,
    /// What every listing names beside its keys on its first page, and nobody can read.
    pub(crate) unnamed: Vec<&'static str>,
    /// Aliases and tags come this many at a time.
    pub(crate) alias_page: usize,
    /// The policy of every key.
    pub(crate) policy: Foreign,
    /// The mutations that arrived.
    pub(crate) sent: Vec<ChangeId>,
    /// The changes whose credentials were let go of.
    pub(crate) released: Vec<ChangeId>,
    pub(crate) records: Vec<(RecordKind, Option<Outcome>)>,
    pub(crate) reply: Reply,
    /// The replies to the first requests, in their order; `reply` answers the rest.
    pub(crate) script: std::collections::VecDeque<Reply>,
    pub(crate) record_fails: Option<RecordError>,
    pub(crate) caller: &'static str,
    /// No STS says who the held credentials of a change are.
    pub(crate) sts_is_dark: bool,
    /// The STS of these Regions does not answer.
    pub(crate) dark_sts: BTreeSet<Region>,
    failing: Vec<(Option<Region>, ReadOperation, Failure)>,
    /// First pages of ListKeys that were asked for, by Region.
    pub(crate) listings: BTreeMap<Region, u32>,
}

impl World {
    pub(crate) fn new() -> Self {
        Self {
            keys: BTreeMap::new(),
            trouble: BTreeMap::new(),
            aliases: Vec::new(),
            page: 2,
            unnamed: Vec::new(),
            alias_page: 100,
            policy: policy(),
            sent: Vec::new(),
            released: Vec::new(),
            records: Vec::new(),
            reply: Reply::Broken { why: "reset".into() },
            script: std::collections::VecDeque::new(),
            record_fails: None,
            caller: "arn:aws:iam::111122223333:user/maria",
            sts_is_dark: false,
            dark_sts: BTreeSet::new(),
            failing: Vec::new(),
            listings: BTreeMap::new(),
        }
    }

    pub(crate) fn hold(&mut self, key: RegionalKey) {
        self.keys.insert((key.arn.region.clone(), key.arn.id.clone()), key);
    }

    pub(crate) fn key_mut(&mut self, id: &str, at: &str) -> &mut RegionalKey {
        self.keys.get_mut(&(region(at), KeyId::parse(id).unwrap())).unwrap()
    }

    pub(crate) fn heal(&mut self) {
        self.failing.clear();
    }

    /// Makes one operation fail in a Region, or everywhere, from now on.
    pub(crate) fn fail(&mut self, at: Option<&str>, operation: ReadOperation, failure: Failure) {
        self.failing.push((at.map(region), operation, failure));
    }

    fn failing(&self, place: &Place, request: &ReadRequest) -> Option<Failure> {
        let fits = |(at, operation, _): &&(Option<Region>, ReadOperation, Failure)| {
            *operation == request.operation() && at.as_ref().is_none_or(|at| *at == place.region)
        };
        self.failing.iter().find(fits).map(|(_, _, failure)| failure.clone())
    }

    fn read(&self, place: &Place, request: &ReadRequest) -> Result<Answer, Failure> {
        if let Some(failure) = self.failing(place, request) {
            return Err(failure);
        }
        let trouble = self.trouble.get(&place.region).unwrap_or(&Trouble::None);
        let listing = matches!(request, ReadRequest::ListKeys { .. });
        match (trouble, request) {
            (Trouble::Dark, _) => Err(failure(ReasonKind::Timeout, FailureClass::Transport)),
            (Trouble::NotEnabled, _) => Err(failure(ReasonKind::NotEnabled, FailureClass::Refused)),
            (Trouble::Denied, _) => Err(failure(ReasonKind::Denied, FailureClass::Refused)),
            (Trouble::ListDenied, _) if listing => Err(failure(ReasonKind::Denied, FailureClass::Refused)),
            (Trouble::PageLost, ReadRequest::ListKeys { marker: Some(_) }) => {
                Err(failure(ReasonKind::UnexpectedAnswer, FailureClass::Refused))
            }
            (Trouble::KeysDenied(keys), ReadRequest::DescribeKey { arn }) if keys.contains(&arn.id) => {
                Err(failure(ReasonKind::DeniedByKeyPolicy, FailureClass::Refused))
            }
            _ => self.answer(place, request),
        }
    }

    fn answer(&self, place: &Place, request: &ReadRequest) -> Result<Answer, Failure> {
        match request {
            ReadRequest::ListKeys { marker } => {
                let all = self.keys.values().map(|key| key.arn.clone()).filter(|arn| arn.region == place.region);
                let (multi_region, next) = page(all.collect(), marker.as_ref(), self.page);
                let is_first = marker.is_none();
                let unnamed = self.unnamed.iter().filter(|_| is_first).map(|name| Foreign::new(*name)).collect();
                Ok(Answer::Keys { listed: u32::try_from(multi_region.len()).unwrap(), multi_region, unnamed, next })
            }
            ReadRequest::ListAliases { marker } => {
                let here = self.aliases.iter().filter(|(_, at, _)| *at == place.region.as_str());
                let all = here.map(|(alias, _, id)| (Foreign::new(*alias), Arc::from(*id)));
                let (aliases, next) = page(all.collect(), marker.as_ref(), self.alias_page);
                Ok(Answer::Aliases { aliases, next })
            }
            ReadRequest::DescribeKey { arn } => {
                let found = self.keys.get(&(arn.region.clone(), arn.id.clone())).cloned();
                found
                    .map(|key| Answer::Key(Box::new(key)))
                    .ok_or_else(|| failure(ReasonKind::Contradiction, FailureClass::NotFound))
            }
            ReadRequest::GetKeyPolicy { .. } => Ok(Answer::Policy(self.policy.clone())),
            ReadRequest::ListResourceTags { marker, .. } => {
                let tag = |key: &str| Tag { key: Foreign::new(key), value: Foreign::new("v") };
                let (tags, next) = page(vec![tag("env"), tag("aws:stack")], marker.as_ref(), self.alias_page);
                Ok(Answer::Tags { tags, next })
            }
            ReadRequest::GetKeyRotationStatus { .. } => {
                Ok(Answer::Rotation(crate::domain::key::Rotation::NotApplicable))
            }
            ReadRequest::GetCallerIdentity => Ok(Answer::Identity(self.identity(&place.region))),
        }
    }

    pub(crate) fn identity(&self, from: &Region) -> Identity {
        Identity {
            account: AccountId::parse("111122223333").unwrap(),
            caller_arn: Foreign::new(self.caller),
            from: from.clone(),
            at: Timestamp::from_millis(0),
        }
    }

    /// What the edge would report for an effect.
    pub(crate) fn perform(&mut self, effect: Effect) -> Option<Message> {
        let took = Duration::from_millis(1);
        match effect {
            Effect::Connect { login } => Some(Message::Connected {
                login,
                result: Ok(Connection { region: Some(region("us-east-1")), endpoint: None }),
            }),
            Effect::Read { asked, place, request } => {
                if request == (ReadRequest::ListKeys { marker: None }) {
                    *self.listings.entry(place.region.clone()).or_default() += 1;
                }
                let result = self.read(&place, &request);
                Some(Message::Answer { asked, place, result, took, request_id: None })
            }
            Effect::WakeAt(_) => None,
            Effect::Release { change } => {
                self.released.push(change);
                None
            }
            Effect::Freeze { change, .. } => Some(Message::Frozen { change, result: Ok(()) }),
            Effect::Identify { change, region } => {
                let result = if self.sts_is_dark || self.dark_sts.contains(&region) {
                    Err(Reason::of(ReasonKind::ExpiredCredentials))
                } else {
                    Ok(self.identity(&region))
                };
                Some(Message::Identified { change, region, result })
            }
            Effect::RecordIntent { change, .. } => {
                let result = self.record_fails.clone().map_or(Ok(()), Err);
                if result.is_ok() {
                    self.records.push((RecordKind::Intent, None));
                }
                Some(Message::Recorded { change, kind: RecordKind::Intent, result })
            }
            Effect::Send { change } => {
                self.sent.push(change);
                let reply = self.script.pop_front().unwrap_or_else(|| self.reply.clone());
                Some(Message::Replied { change, reply })
            }
            Effect::RecordOutcome { change, kind, claim, .. } => {
                self.records.push((kind, Some(claim.outcome)));
                Some(Message::Recorded { change, kind, result: Ok(()) })
            }
        }
    }
}

/// One page, whose marker is where the next one begins: the same for every listing of the same.
fn page<T>(mut all: Vec<T>, marker: Option<&Foreign>, size: usize) -> (Vec<T>, Next) {
    let start: usize = marker.map_or(0, |marker| marker.original().parse().unwrap());
    let mut rest = all.split_off(start);
    let cut = rest.len() > size;
    rest.truncate(size);
    let next = if cut { Next::Marker(Foreign::new((start + rest.len()).to_string())) } else { Next::End };
    (rest, next)
}

pub(crate) fn failure(kind: ReasonKind, class: FailureClass) -> Failure {
    Failure { reason: Reason::of(kind), class }
}

pub(crate) fn settings(regions: &[&str], live: bool) -> Settings {
    Settings {
        logins: vec![(Login(0), None)],
        regions: Regions::Only(regions.iter().map(|name| region(name)).collect()),
        refresh: live.then(|| Duration::from_mins(1)),
        quota_share: 1.0,
        rules: std::sync::Arc::from([]),
        protected_accounts: BTreeSet::new(),
        account_names: BTreeMap::new(),
        read_only: false,
        endpoints: None,
        live,
        seed: 7,
    }
}

/// The engine with its world, and everything that is under way between them.
pub(crate) struct Drive {
    pub(crate) engine: Engine,
    pub(crate) world: World,
    pub(crate) now: Now,
    waiting: Vec<Effect>,
    wake_at: Option<Duration>,
    order: Random,
    /// When which Region was asked what.
    pub(crate) asked: Vec<(Duration, Region, ReadOperation)>,
}

impl Drive {
    pub(crate) fn start(settings: Settings, world: World, order: u64) -> Self {
        let now = Now { monotonic: Duration::ZERO, wall: Timestamp::from_millis(1_800_000_000_000) };
        let mut engine = Engine::new(settings);
        let effects = engine.start(now);
        let mut drive = Self {
            engine,
            world,
            now,
            waiting: Vec::new(),
            wake_at: None,
            order: Random::new(order),
            asked: Vec::new(),
        };
        drive.take(effects);
        drive
    }

    pub(crate) fn take(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            if let Effect::Read { place, request, .. } = &effect {
                self.asked.push((self.now.monotonic, place.region.clone(), request.operation()));
            }
            if let Effect::WakeAt(at) = effect {
                self.wake_at = Some(at);
            } else {
                self.waiting.push(effect);
            }
        }
    }

    fn pass(&mut self, duration: Duration) {
        self.now = Now { monotonic: self.now.monotonic + duration, wall: self.now.wall.plus(duration) };
    }

    /// One answer, any of those under way; or, with nothing under way, the time that the engine waits for.
    pub(crate) fn step(&mut self) -> bool {
        self.pass(Duration::from_millis(2));
        if self.waiting.is_empty() {
            let Some(at) = self.wake_at.take() else { return false };
            self.pass(at.saturating_sub(self.now.monotonic));
            let effects = self.engine.handle(self.now, Message::Woke);
            self.take(effects);
            return true;
        }
        let index = usize::try_from(self.order.between(0, self.waiting.len() as u64)).unwrap();
        let effect = self.waiting.swap_remove(index);
        if let Some(message) = self.world.perform(effect) {
            let effects = self.engine.handle(self.now, message);
            self.take(effects);
        }
        true
    }

    /// Goes on until `done` says so.
    pub(crate) fn until(&mut self, mut done: impl FnMut(&Engine) -> bool) {
        for _ in 0..200_000 {
            if done(&self.engine) {
                return;
            }
            assert!(self.step(), "nothing is under way and nothing is waited for");
        }
        panic!("it never came to pass");
    }

    /// Goes on for a time, and comes to rest after it.
    pub(crate) fn pass_until(&mut self, end: Duration) {
        while !self.waiting.is_empty() || self.wake_at.is_some_and(|at| at <= end) {
            self.step();
        }
        self.pass(end.saturating_sub(self.now.monotonic));
    }

    /// The machine sleeps: the monotonic clock stands still.
    pub(crate) fn sleep(&mut self, duration: Duration) {
        self.now.wall = self.now.wall.plus(duration);
    }

    /// Answers everything that is under way.
    pub(crate) fn drain(&mut self) {
        while !self.waiting.is_empty() {
            self.step();
        }
    }

    pub(crate) fn scan(&mut self) {
        self.until(Engine::first_scan_is_over);
    }
}
