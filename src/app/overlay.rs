//! What lies on top of a screen and takes its keys: a stack, the last one listens.

pub(crate) mod by_hand;
pub(crate) mod menu;
pub(crate) mod permissions;
pub(crate) mod plan;
pub(crate) mod prompt;
pub(crate) mod side_by_side;

use by_hand::ByHandPrompt;
use menu::Menu;
use permissions::Permissions;
use plan::PlanDialog;
use prompt::{FilterPrompt, SearchPrompt};
use side_by_side::SideBySide;

use super::effect::Exit;
use super::text::Text;
use crate::domain::text::Safe;

/// One overlay.
#[derive(Debug)]
pub(crate) enum Overlay {
    Help(Viewer),
    /// A text: the policy that a plan sends, what became of the changes.
    Reader(Viewer),
    /// What the row under the cursor needs to be changed.
    Permissions(Permissions),
    /// Two members of a key, compared.
    SideBySide(SideBySide),
    Menu(Menu),
    /// Waits for the second key of a copy; the choices are the actions of `Scope::Copy`.
    Copy,
    Filter(FilterPrompt),
    Search(SearchPrompt),
    Plan(PlanDialog),
    /// The word of a person on a change of which reading cannot tell.
    ByHand(ByHandPrompt),
    /// Somebody wants to quit while a change is on its way.
    Quit(Leaving),
}

/// A text to read and to search.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Viewer {
    pub(crate) title: Safe,
    pub(crate) text: Text,
}

/// Quitting while a request is on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Leaving {
    pub(crate) exit: Exit,
    /// Confirmed: keyfleet quits as soon as the answer is in, and at the latest at this monotonic time.
    pub(crate) until: Option<std::time::Duration>,
}
