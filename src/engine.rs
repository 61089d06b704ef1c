//! Decides what is sent and what it means: settings and messages in, effects out. No clock, no socket, no file, no randomness of its own.

mod answers;
mod applying;
pub(crate) mod change;
mod changes;
pub(crate) mod effect;
pub(crate) mod evidence;
mod first_screen;
mod loader;
pub(crate) mod message;
mod outage;
mod outcome;
mod pace;
mod planning;
pub(crate) mod random;
mod refresh;
pub(crate) mod settings;
#[cfg(test)]
pub(crate) mod tests;
pub(crate) mod traffic;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use crate::domain::fleet::{Fleet, KeyRef};
use crate::domain::id::{Login, Place, Region};
use crate::domain::plan::Identity;
pub(crate) use crate::domain::reading::Deep;
use crate::domain::reading::Reading;
use crate::domain::text::{Foreign, Safe};
use crate::domain::time::{Now, Timestamp};
use answers::Sweeps;
use changes::Changes;
use effect::{Effect, ReadOperation};
use evidence::Evidence;
use first_screen::FirstScreen;
use loader::Loader;
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

/// The engine: what is known, what is asked for, what is being changed.
#[derive(Debug)]
pub(crate) struct Engine {
    settings: Settings,
    fleet: Fleet,
    sessions: BTreeMap<Login, Session>,
    loader: Loader,
    sweeps: Sweeps,
    timers: Timers,
    first_screen: FirstScreen,
    changes: Changes,
    random: Random,
    /// Endpoints that the environment or an AWS profile sets behind the operator's back.
    found_endpoint: Option<Foreign>,
    touched: Option<BTreeSet<KeyRef>>,
    first_scan_is_over: bool,
    /// How long a plan that is made may be applied.
    valid_for: Duration,
    evidence: Evidence,
}

impl Engine {
    pub(crate) fn new(settings: Settings) -> Self {
        let mut fleet = Fleet::default();
        fleet.expect(Arc::clone(&settings.rules));
        Self {
            fleet,
            loader: Loader::new(settings.quota_share, settings.live),
            random: Random::new(settings.seed),
            sessions: BTreeMap::new(),
            sweeps: Sweeps::default(),
            timers: Timers::default(),
            first_screen: FirstScreen::default(),
            changes: Changes::default(),
            found_endpoint: None,
            touched: None,
            first_scan_is_over: false,
            valid_for: planning::VALID_FOR,
            evidence: Evidence::default(),
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
            Message::Answer { asked, place, result, took, request_id } => {
                self.evidence.remember(asked, request_id);
                self.answered(now, (&place, asked), result, took)
            }
            Message::Woke => self.tick(now),
            Message::Frozen { change, result } => {
                let regions = self.sts_regions(change);
                self.changes.frozen(now, change, result, regions)
            }
            Message::Identified { change, region: _, result } => {
                let asked = self.loader.next_number();
                self.changes.identified(now, (change, asked), result)
            }
            Message::Recorded { change, kind, result } => self.changes.recorded(now, change, kind, result),
            Message::Replied { change, reply } => self.replied(now, change, &reply),
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
