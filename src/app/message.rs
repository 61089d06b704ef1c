//! What happens to the dashboard.

use super::key::Chord;
use super::left_open::LeftOpen;
use super::screen::journal::Entry;
use crate::domain::id::Login;
use crate::domain::text::{Foreign, Safe};
use crate::engine::message::Message as EngineMessage;

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Message {
    Engine(EngineMessage),
    Key(KeyPress),
    /// Text that the terminal says was pasted.
    Paste(Foreign),
    Resized {
        width: u16,
        height: u16,
    },
    FocusGained,
    FocusLost,
    /// Back from a suspension.
    Resumed,
    /// The time that `Effect::WakeAt` named has come.
    Tick,
    JournalLoaded(Result<Vec<Entry>, Safe>),
    LeftOpen {
        login: Login,
        found: Result<LeftOpen, Safe>,
    },
    /// Something that was asked for could not be done: the clipboard, the browser.
    CouldNot(Safe),
}

/// A key that went down. A key that came up never gets here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct KeyPress {
    pub(crate) chord: Chord,
    /// The terminal says that the key is being held down.
    pub(crate) is_repeat: bool,
}

impl From<Chord> for KeyPress {
    fn from(chord: Chord) -> Self {
        Self { chord, is_repeat: false }
    }
}
