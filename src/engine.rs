//! Decides what is sent and what it means: settings and messages in, effects out. No clock, no socket, no file, no randomness of its own.

mod answers;
pub(crate) mod change;
mod changes;
pub(crate) mod effect;
mod loader;
pub(crate) mod message;
mod outage;
mod outcome;
mod pace;
mod planning;
mod random;
mod refresh;
pub(crate) mod settings;
#[cfg(test)]
pub(crate) mod tests;
pub(crate) mod traffic;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::domain::fleet::{Fleet, KeyRef};
use crate::domain::id::{Login, Place, Region};
use crate::domain::plan::{Identity, Plan, Precondition, Verdict};
use crate::domain::reading::{Asked, Reading, Reason, ReasonKind};
use crate::domain::text::{Foreign, Safe, safe};
use crate::domain::time::{Now, Timestamp};
use answers::Sweeps;
use change::{ChangeStatus, Phase, Want};
use changes::{Ask, Changes, Needed};
use effect::{ChangeId, Effect, ReadOperation, ReadRequest};
use loader::{Job, Loader, Priority};
use message::{ConnectError, Message};
use random::Random;
use refresh::Timers;
use settings::{EndpointOrigin, Settings};
use traffic::Traffic;

/// How a login stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Session {
    /// Profile and credentials are being resolved.
    Connecting {
        since: Timestamp,
    },
    /// No credentials, no profile: nothing can be read.
    Failed(ConnectError),
    Open {
        identity: Reading<Identity>,
    },
}

/// Which deep reading of one member a screen needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Deep {
    Policy,
    Tags,
    Rotation,
}

/// The engine: what is known, what is asked for, what is being changed.
#[derive(Debug)]
pub(crate) struct Engine {
    settings: Settings,
    fleet: Fleet,
    sessions: BTreeMap<Login, Session>,
    loader: Loader,
    sweeps: Sweeps,
    timers: Timers,
    changes: Changes,
    random: Random,
    /// Endpoints that the environment or an AWS profile sets behind the operator's back.
    found_endpoint: Option<Foreign>,
    touched: Option<BTreeSet<KeyRef>>,
    first_scan_is_over: bool,
}

impl Engine {
    pub(crate) fn new(settings: Settings) -> Self {
        Self {
            loader: Loader::new(settings.quota_share, settings.live),
            random: Random::new(settings.seed),
            fleet: Fleet::default(),
            sessions: BTreeMap::new(),
            sweeps: Sweeps::default(),
            timers: Timers::default(),
            changes: Changes::default(),
            found_endpoint: None,
            touched: None,
            first_scan_is_over: false,
            settings,
        }
    }

    /// The first effects: connect every login.
    pub(crate) fn start(&mut self, now: Now) -> Vec<Effect> {
        let logins: Vec<Login> = self.settings.logins.iter().map(|(login, _)| *login).collect();
        for login in &logins {
            self.sessions.insert(*login, Session::Connecting { since: now.wall });
        }
        logins.into_iter().map(|login| Effect::Connect { login }).collect()
    }

    /// Takes what happened outside and says what to do next.
    pub(crate) fn handle(&mut self, now: Now, message: Message) -> Vec<Effect> {
        self.notice_sleep(now);
        let asks = match message {
            Message::Connected { login, result } => {
                self.connected(now, login, result);
                Vec::new()
            }
            Message::Answer { asked, place, result, took } => self.answered(now, (&place, asked), result, took),
            Message::Woke => self.tick(now),
            Message::Frozen { change, result } => {
                let regions = self.sts_regions(change);
                self.changes.frozen(now, change, result, regions)
            }
            Message::Identified { change, region: _, result } => {
                let asked = self.loader.next_number();
                self.changes.identified(now, (change, asked), result, &self.fleet)
            }
            Message::Recorded { change, kind, result } => self.changes.recorded(now, change, kind, result),
            Message::Replied { change, reply } => {
                let asked = self.loader.next_number();
                self.changes.replied(now, (change, asked), &reply)
            }
        };
        let mut effects = self.obey(now, asks);
        effects.extend(self.pump(now));
        effects
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    pub(crate) fn fleet(&self) -> &Fleet {
        &self.fleet
    }

    pub(crate) fn session(&self, login: Login) -> Option<&Session> {
        self.sessions.get(&login)
    }

    /// The keys whose facts changed since the last call; `None` means all of them may have.
    pub(crate) fn take_touched(&mut self) -> Option<Vec<KeyRef>> {
        let touched = self.touched.replace(BTreeSet::new());
        touched.map(|keys| keys.into_iter().collect())
    }

    /// Every first listing and description has been answered, well or badly.
    pub(crate) fn first_scan_is_over(&self) -> bool {
        self.first_scan_is_over
    }

    /// How many members were described, of how many that are listed.
    pub(crate) fn progress(&self, place: &Place) -> (u32, u32) {
        self.sweeps.progress(place)
    }

    pub(crate) fn traffic(&self, place: &Place) -> Traffic {
        self.loader.traffic(place)
    }

    /// How many requests a second are allowed there at present: a share of AWS's quota, less where AWS throttled.
    pub(crate) fn allowed(&self, now: Now, place: &Place, operation: ReadOperation) -> u32 {
        self.loader.allowed(now.monotonic, place, operation)
    }

    /// The endpoint that changes would go to, if it is not AWS's own, and whether the operator named it.
    pub(crate) fn endpoint(&self, region: &Region) -> Option<(Foreign, EndpointOrigin)> {
        let named = self.settings.endpoints.as_ref();
        let named = named.and_then(|endpoints| Some((endpoints.of(region)?.clone(), endpoints.origin)));
        named.or_else(|| self.found_endpoint.clone().map(|found| (found, EndpointOrigin::Environment)))
    }

    /// Why nothing may be changed in this run, if so.
    pub(crate) fn changes_are_refused(&self, region: &Region) -> Option<Safe> {
        if self.settings.read_only {
            return Some(Safe::from_static("read-only: no key, flag or setting lifts it in this run"));
        }
        match self.endpoint(region) {
            Some((_, EndpointOrigin::Environment)) => Some(Safe::from_static(
                "the endpoint comes from the environment or an AWS profile: name it with --endpoint-url to change keys there",
            )),
            Some((_, EndpointOrigin::CommandLine | EndpointOrigin::Configuration)) | None => None,
        }
    }

    /// Begins a change: reads what its plan needs. Nothing is sent before [`Engine::confirm`].
    pub(crate) fn prepare(&mut self, now: Now, want: Want) -> (ChangeId, Vec<Effect>) {
        let asked = self.loader.next_number();
        let refused = self.changes_are_refused(&planning::sent_to(&self.fleet, &want));
        let (change, asks) = self.changes.prepare(&self.fleet, want, asked);
        if let Some(why) = refused {
            self.changes.refuse(change, why);
            return (change, Vec::new());
        }
        let mut effects = self.obey(now, asks);
        effects.extend(self.pump(now));
        (change, effects)
    }

    /// The operator confirmed the plan that is shown, with the whole of it seen. Ignored unless the change is ready.
    pub(crate) fn confirm(&mut self, now: Now, change: ChangeId) -> Vec<Effect> {
        let plan = self.changes.get(change).and_then(|status| status.plan.as_ref());
        let region = plan.map(|plan| plan.step.mutation.sent_to().clone());
        if region.is_none_or(|region| self.changes_are_refused(&region).is_some()) {
            return Vec::new();
        }
        let asks = self.changes.confirm(change);
        let mut effects = self.obey(now, asks);
        effects.extend(self.pump(now));
        effects
    }

    /// The operator closed the dialog without confirming.
    pub(crate) fn abandon(&mut self, change: ChangeId) {
        self.changes.abandon(change);
    }

    pub(crate) fn change(&self, change: ChangeId) -> Option<&ChangeStatus> {
        self.changes.get(change)
    }

    /// Every change of this run, oldest first.
    pub(crate) fn changes(&self) -> impl Iterator<Item = &ChangeStatus> {
        self.changes.all()
    }

    /// Carries out what the change machine asks for; a read of a Region that takes no questions is answered at once.
    fn obey(&mut self, now: Now, asks: Vec<Ask>) -> Vec<Effect> {
        let mut effects = Vec::new();
        let mut asks = std::collections::VecDeque::from(asks);
        while let Some(ask) = asks.pop_front() {
            match ask {
                Ask::Effect(effect) => effects.push(effect),
                Ask::Read(reads) => {
                    for needed in reads {
                        asks.extend(self.read_for_change(now, &needed));
                    }
                }
                Ask::Changed { key, region } => self.note_change(&key, &region),
                Ask::TurnReadOnly => {
                    self.settings.read_only = true;
                    asks.extend(self.changes.stop_unsent(now));
                }
            }
        }
        effects
    }

    fn read_for_change(&mut self, now: Now, needed: &Needed) -> Vec<Ask> {
        let job = Job::new(needed.request.clone(), Priority::Urgent);
        if self.loader.ask_anew(&needed.place, job) {
            return Vec::new();
        }
        // The Region takes no questions: what was known of it before is not the answer.
        let why = self.loader.last_failure(&needed.place);
        let why = why.unwrap_or_else(|| Arc::new(Reason::of(ReasonKind::Timeout)));
        self.give_up(now, &needed.place, &Job::new(needed.request.clone(), Priority::Urgent), &why)
    }

    /// Tells the changes that wait for it that a read was answered, well or badly.
    fn change_read(&mut self, now: Now, asked: Asked, request: &ReadRequest) -> Vec<Ask> {
        let mut asks = Vec::new();
        for change in self.changes.note_read(asked, request) {
            let planned = self.plan_for(now, change);
            asks.extend(self.changes.reads_are_complete(now, &self.fleet, change, |_| planned));
        }
        asks
    }

    fn plan_for(&mut self, now: Now, change: ChangeId) -> Result<Plan, Safe> {
        let unknown = || Safe::from_static("it is not known who the caller is: STS has not answered");
        let want = self.changes.get(change).map(|status| status.want.clone()).ok_or_else(unknown)?;
        let Some(Session::Open { identity }) = self.sessions.get(&want.key.login) else { return Err(unknown()) };
        let identity = identity.value().ok_or_else(unknown)?;
        let asker = planning::Asker {
            settings: &self.settings,
            identity,
            endpoint: self.endpoint(&planning::sent_to(&self.fleet, &want)).map(|(endpoint, _)| endpoint),
            id: self.random.identifier(),
            at: now.wall,
        };
        let mut plan = planning::plan(&self.fleet, &want, &asker)?;
        plan.step.preconditions.extend(self.unknown_outcomes(change, &want));
        Ok(plan)
    }

    /// Earlier changes of the same key of which it is not known whether they were applied. They do not stop another, but they are said.
    fn unknown_outcomes(&self, change: ChangeId, want: &Want) -> Vec<Precondition> {
        let earlier = self.changes.all().filter(|status| status.id != change && status.want.key == want.key);
        let unknown = earlier.filter(|status| matches!(status.phase, Phase::Reconciling { .. }));
        let said = |status: &ChangeStatus| {
            safe!(
                "an earlier {} of this key has an unknown outcome: it may have been applied",
                status.want.operation.verb()
            )
        };
        unknown.map(|status| Precondition { text: said(status), result: Verdict::Unknown, blocks: false }).collect()
    }

    /// The Regions whose STS is asked before a change: the one it is sent to, then the others.
    fn sts_regions(&self, change: ChangeId) -> Vec<Region> {
        let Some(status) = self.changes.get(change) else { return Vec::new() };
        let Some(plan) = &status.plan else { return Vec::new() };
        let first = plan.step.mutation.sent_to().clone();
        let scope = self.fleet.scope(status.want.key.login);
        let others = scope.into_iter().flat_map(|scope| &scope.regions).filter(|region| **region != first).cloned();
        let up: Vec<Region> =
            others.filter(|region| !self.loader.is_down(&status.want.key.place(region))).take(4).collect();
        std::iter::once(first).chain(up).collect()
    }

    /// From now on only a new listing of the Region can say that the key is not there.
    fn note_change(&mut self, key: &KeyRef, region: &Region) {
        let asked = self.loader.next_number();
        self.fleet.note_change(key, region, asked);
        self.touch(key.clone());
        self.list_anew(&key.place(region));
    }

    fn touch(&mut self, key: KeyRef) {
        if let Some(touched) = &mut self.touched {
            touched.insert(key);
        }
    }

    fn touch_all(&mut self) {
        self.touched = None;
    }
}
