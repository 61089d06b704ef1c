//! Places where a debug build can be made to die as by `kill -9`, to prove what the next start finds. An optimised build has none of them.

use crate::domain::plan::RecordKind;
use crate::engine::effect::Effect;
use crate::engine::message::Message;

/// Where to die, if anywhere.
#[derive(Clone, Debug, Default)]
pub(crate) struct Crash(Option<String>);

impl Crash {
    /// The name of the place, as a variable says it.
    pub(crate) fn at(place: Option<&str>) -> Self {
        Self(place.filter(|_| cfg!(debug_assertions)).map(str::to_owned))
    }

    /// An effect has been set going.
    pub(super) fn after_effect(&self, effect: &Effect) {
        let place = match effect {
            Effect::Freeze { .. } => "confirmed",
            Effect::RecordIntent { .. } => "recording",
            Effect::Send { .. } => "sending",
            Effect::RecordOutcome { .. } => "claiming",
            Effect::Connect { .. }
            | Effect::Read { .. }
            | Effect::WakeAt(_)
            | Effect::Identify { .. }
            | Effect::Release { .. } => return,
        };
        self.reached(place);
    }

    /// Something happened of which nobody has been told yet.
    pub(super) fn before_message(&self, message: &Message) {
        let place = match message {
            Message::Identified { .. } => "identified",
            Message::Recorded { kind: RecordKind::Intent, .. } => "recorded",
            Message::Replied { .. } => "replied",
            Message::Recorded { .. } => "claimed",
            Message::Connected { .. } | Message::Answer { .. } | Message::Woke | Message::Frozen { .. } => return,
        };
        self.reached(place);
    }

    fn reached(&self, place: &str) {
        if self.0.as_deref() == Some(place) {
            let _cannot_fail = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
        }
    }
}
