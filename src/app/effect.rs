//! What the dashboard asks the runtime to do.

use std::time::Duration;

use super::left_open::Owner;
use crate::domain::text::Foreign;
use crate::engine::effect::Effect as EngineEffect;

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    Engine(EngineEffect),
    /// Put this on the clipboard (OSC 52). The text as it is, for machines.
    Copy(Foreign),
    /// Open this address; it is one of AWS's console.
    OpenLink(String),
    /// Look into an account's journal for changes that a former run left open, and take its lock if they are to be settled. Answered by `Message::LeftOpen`.
    FindOpen {
        owner: Owner,
        to_settle: bool,
    },
    /// Read the journals on disk. Answered by `Message::JournalLoaded`.
    LoadJournal,
    /// Send `Message::Tick` at this monotonic time; a later one replaces an earlier one. Not the engine's own `WakeAt`.
    WakeAt(Duration),
    /// Give the terminal back and stop, as Ctrl-Z does. Answered by `Message::Resumed`.
    Suspend,
    /// Leave.
    Quit(Exit),
}

/// How the dashboard is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// `q`: exit code 0.
    Done,
    /// Ctrl-C: exit code 130.
    Interrupted,
}
