//! Decides what is sent and what it means: settings and messages in, effects out. No clock, no socket, no file, no randomness of its own.

pub(crate) mod change;
pub(crate) mod effect;
pub(crate) mod message;
pub(crate) mod settings;

use std::collections::BTreeMap;
use std::time::Duration;

use crate::domain::fleet::{Fleet, KeyRef};
use crate::domain::id::{Login, Place, Region};
use crate::domain::plan::Identity;
use crate::domain::reading::Reading;
use crate::domain::time::{Now, Timestamp};
use change::{ChangeStatus, Want};
use effect::{ChangeId, Effect, ReadOperation};
use message::{ConnectError, Message};
use settings::Settings;

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

/// What was sent to a Region, for the Regions screen.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(crate) struct Traffic {
    pub(crate) sent: u64,
    pub(crate) in_flight: u32,
    pub(crate) queued: u32,
    pub(crate) throttled: u64,
    pub(crate) retried: u64,
    pub(crate) failed: u64,
    /// Of the last answer.
    pub(crate) latency: Option<Duration>,
    pub(crate) by_operation: BTreeMap<ReadOperation, u64>,
}

/// The engine: what is known, what is asked for, what is being changed.
#[derive(Debug)]
pub(crate) struct Engine {
    settings: Settings,
    fleet: Fleet,
    sessions: BTreeMap<Login, Session>,
}

impl Engine {
    pub(crate) fn new(settings: Settings) -> Self {
        Self { settings, fleet: Fleet::default(), sessions: BTreeMap::new() }
    }

    /// The first effects: connect every login.
    pub(crate) fn start(&mut self, _now: Now) -> Vec<Effect> {
        Vec::new()
    }

    /// Takes what happened outside and says what to do next.
    pub(crate) fn handle(&mut self, _now: Now, _message: Message) -> Vec<Effect> {
        Vec::new()
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

    /// Grows with every change of what is known: whoever derives from the fleet compares it.
    pub(crate) fn revision(&self) -> u64 {
        0
    }

    /// The keys whose facts changed since the last call; `None` means all of them may have.
    pub(crate) fn take_touched(&mut self) -> Option<Vec<KeyRef>> {
        None
    }

    /// Every first listing and description has been answered, well or badly.
    pub(crate) fn first_scan_is_over(&self) -> bool {
        false
    }

    /// How many members were described, of how many that are to be.
    pub(crate) fn progress(&self, _place: &Place) -> (u32, u32) {
        (0, 0)
    }

    pub(crate) fn traffic(&self, _place: &Place) -> Traffic {
        Traffic::default()
    }

    /// Reads one key again, everywhere it is in scope.
    pub(crate) fn refresh_key(&mut self, _now: Now, _key: &KeyRef) -> Vec<Effect> {
        Vec::new()
    }

    /// Reads every Region again. A Region whose scan is running is not started over.
    pub(crate) fn refresh_all(&mut self, _now: Now) -> Vec<Effect> {
        Vec::new()
    }

    /// Tells which keys are on screen: they are read first, and again every `refresh`.
    pub(crate) fn watch(&mut self, _now: Now, _visible: &[KeyRef]) -> Vec<Effect> {
        Vec::new()
    }

    /// Causes a reading that a screen needs, unless it is already there or asked for.
    pub(crate) fn want(&mut self, _now: Now, _key: &KeyRef, _region: &Region, _deep: Deep) -> Vec<Effect> {
        Vec::new()
    }

    /// Begins a change: reads what its plan needs. Nothing is sent before [`Engine::confirm`].
    pub(crate) fn prepare(&mut self, _now: Now, _want: Want) -> (ChangeId, Vec<Effect>) {
        (ChangeId(0), Vec::new())
    }

    /// The operator confirmed the plan that is shown, with the whole of it seen. Ignored unless the change is ready.
    pub(crate) fn confirm(&mut self, _now: Now, _change: ChangeId) -> Vec<Effect> {
        Vec::new()
    }

    /// The operator closed the dialog without confirming.
    pub(crate) fn abandon(&mut self, _change: ChangeId) {}

    pub(crate) fn change(&self, _change: ChangeId) -> Option<&ChangeStatus> {
        None
    }

    /// Every change of this run, oldest first.
    pub(crate) fn changes(&self) -> impl Iterator<Item = &ChangeStatus> {
        std::iter::empty()
    }
}
