//! The action menu: what can be done here, and what cannot, with the reason.

use crate::app::action::Action;
use crate::app::availability::Availability;
use crate::app::list::List;

/// The menu as it was opened.
#[derive(Debug)]
pub(crate) struct Menu {
    pub(in crate::app) lines: Vec<MenuLine>,
    pub(in crate::app) list: List<Action>,
}

/// One action in the menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MenuLine {
    pub(crate) action: Action,
    pub(crate) availability: Availability,
}

impl Menu {
    pub(crate) fn new(lines: Vec<MenuLine>) -> Self {
        let mut list = List::default();
        list.replace(lines.iter().map(|line| line.action).collect());
        Self { lines, list }
    }

    pub(crate) fn line(&self, action: Action) -> Option<&MenuLine> {
        self.lines.iter().find(|line| line.action == action)
    }

    pub(crate) fn list(&self) -> &List<Action> {
        &self.list
    }

    pub(crate) fn list_mut(&mut self) -> &mut List<Action> {
        &mut self.list
    }
}
