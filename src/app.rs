//! The dashboard without a terminal: what is on screen, what a key does, and what that asks of the outside.
//!
//! Messages go in, effects come out, and both are values. Nothing is drawn here, read from a clock here, or waited for here; a test is a driver as good as
//! the terminal. What is known of the fleet is the engine's.

pub(crate) mod action;
pub(crate) mod availability;
pub(crate) mod column;
pub(crate) mod context;
pub(crate) mod effect;
mod freshen;
#[cfg(test)]
pub(crate) mod harness;
pub(crate) mod help;
pub(crate) mod key;
pub(crate) mod keymap;
pub(crate) mod left_open;
pub(crate) mod list;
pub(crate) mod lock;
pub(crate) mod message;
pub(crate) mod notice;
pub(crate) mod overlay;
mod perform;
mod recall;
pub(crate) mod screen;
#[cfg(test)]
mod tests;
pub(crate) mod text;
mod update;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::domain::check::tuning::Tuning;
use crate::domain::filter::Filter;
use crate::domain::fleet::Fleet;
use crate::domain::fleet::last_seen::LastSeen;
use crate::domain::fleet::row::Row;
use crate::domain::id::Login;
use crate::domain::impact::Impact;
use crate::domain::plan::Outcome;
use crate::domain::time::{Now, Timestamp};
use crate::engine::Engine;
use crate::engine::effect::ChangeId;
use context::Context;
use keymap::Keymap;
use lock::WriteLock;
use notice::Notices;
use overlay::Overlay;
use overlay::plan::PlanDrawn;
use screen::deletions::DeletionsScreen;
use screen::detail::Detail;
use screen::findings::FindingsScreen;
use screen::fleet::{Filtered, FleetScreen};
use screen::journal::Journal;
use screen::loss::LossScreen;
use screen::regions::RegionsScreen;
use screen::{Screen, Tab};

/// Below this many columns the fleet is a tree, unless somebody chose otherwise.
const NARROW: u16 = 60;

/// What the dashboard is told about this run, beside what the engine is.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) keymap: Keymap,
    /// Writes start unlocked, for the whole run.
    pub(crate) starts_unlocked: bool,
    /// `--filter`.
    pub(crate) filter: Option<Filter>,
    /// How the checks are tuned.
    pub(crate) tuning: Tuning,
    pub(crate) formats: Formats,
    pub(crate) width: u16,
    pub(crate) height: u16,
}

/// Formats that other modules own, for copying and showing. The dashboard cannot compose them: their schemas are the reports' own.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Formats {
    /// One key as it stands in `keyfleet.fleet/1`, indented.
    pub(crate) key_json: fn(&Fleet, &Row) -> String,
    /// Rows as the Markdown table of `list`.
    pub(crate) markdown: fn(&Fleet, &[&Row]) -> String,
    /// A loss of Regions as `impact` prints it for a ticket.
    pub(crate) loss: fn(&Impact, Timestamp) -> String,
}

/// What the view drew: told to the model after every frame. Whatever was not on screen is `None`.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(crate) struct Drawn {
    /// Lines of the list: of the topmost one, be it the fleet, the Regions or the menu.
    pub(crate) list_lines: Option<usize>,
    /// Region columns that fitted.
    pub(crate) region_columns: Option<usize>,
    /// Lines of the text: of the topmost one, be it the detail, the journal, help or a policy.
    pub(crate) text_lines: Option<usize>,
    pub(crate) plan: Option<PlanDrawn>,
}

/// The dashboard.
#[derive(Debug)]
pub(crate) struct Model {
    engine: Engine,
    settings: Settings,
    now: Now,
    size: (u16, u16),
    tab: Tab,
    fleet: FleetScreen,
    deletions: DeletionsScreen,
    findings: FindingsScreen,
    loss: LossScreen,
    detail: Option<Detail>,
    regions: RegionsScreen,
    journal: Journal,
    /// The fleet of a former run, until answers arrive.
    last_seen: Option<LastSeen>,
    /// What of it is about Regions that have not been listed whole in this run: the last that is known of a Region that cannot be read.
    last_known: Option<LastSeen>,
    overlays: Vec<Overlay>,
    lock: WriteLock,
    notices: Notices,
    revision: u64,
    /// What was last said of a change.
    reported: BTreeMap<(ChangeId, u32), Outcome>,
    /// The steps that are done and whose marks were taken away.
    unmarked: BTreeSet<(ChangeId, u32)>,
    /// The changes that are over and of which everything has been said: nobody walks through their steps again.
    over_and_said: BTreeSet<ChangeId>,
    /// Whose journal has been looked into for what a former run left open.
    looked_for_open: BTreeSet<Login>,
    is_stale: bool,
    wake_at: Option<Duration>,
    /// The step of the clock that the screen shows.
    step: u64,
}

impl Model {
    pub(crate) fn new(settings: Settings, engine: Engine, now: Now) -> Self {
        let lock = if settings.starts_unlocked { WriteLock::Unlocked { until: None } } else { WriteLock::Locked };
        let size = (settings.width, settings.height);
        let filtered = settings.filter.clone().map(|filter| Filtered { text: filter.text().clone(), filter });
        let mut fleet = FleetScreen::default();
        (fleet.filtered, fleet.is_narrow) = (filtered, size.0 < NARROW);
        Self {
            engine,
            settings,
            now,
            size,
            tab: Tab::Fleet,
            fleet,
            deletions: DeletionsScreen::default(),
            findings: FindingsScreen::default(),
            loss: LossScreen::default(),
            detail: None,
            regions: RegionsScreen::default(),
            journal: Journal::default(),
            last_seen: None,
            last_known: None,
            overlays: Vec::new(),
            lock,
            notices: Notices::default(),
            revision: 1,
            reported: BTreeMap::new(),
            unmarked: BTreeSet::new(),
            over_and_said: BTreeSet::new(),
            looked_for_open: BTreeSet::new(),
            is_stale: true,
            wake_at: None,
            step: 0,
        }
    }

    /// Grows whenever the screen may look different: while it stands still there is nothing to draw.
    pub(crate) fn revision(&self) -> u64 {
        self.revision
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The numbered screen that is chosen.
    pub(crate) fn tab(&self) -> Tab {
        self.tab
    }

    /// What is shown under the overlays.
    pub(crate) fn screen(&self) -> Screen<'_> {
        match (self.tab, &self.detail) {
            (Tab::Fleet | Tab::Coverage | Tab::Findings | Tab::Loss | Tab::Deletions, Some(detail)) => {
                Screen::Detail(detail)
            }
            (Tab::Fleet, None) => Screen::Fleet(&self.fleet),
            (Tab::Coverage, None) => Screen::Coverage(&self.findings),
            (Tab::Findings, None) => Screen::Findings(&self.findings),
            (Tab::Loss, None) => Screen::Loss(&self.loss),
            (Tab::Deletions, None) => Screen::Deletions(&self.deletions),
            (Tab::Regions, _) => Screen::Regions(&self.regions),
            (Tab::Journal, _) => Screen::Journal(&self.journal),
        }
    }

    /// The fleet screen, whatever is shown: the detail draws the row of its key too.
    pub(crate) fn fleet(&self) -> &FleetScreen {
        &self.fleet
    }

    /// What is pending deletion, whatever is shown.
    #[cfg(test)]
    pub(crate) fn deletions(&self) -> &DeletionsScreen {
        &self.deletions
    }

    /// What losing Regions would mean, whatever is shown.
    #[cfg(test)]
    pub(crate) fn loss(&self) -> &LossScreen {
        &self.loss
    }

    /// From the bottom to the top.
    pub(crate) fn overlays(&self) -> &[Overlay] {
        &self.overlays
    }

    pub(crate) fn lock(&self) -> &WriteLock {
        &self.lock
    }

    pub(crate) fn notices(&self) -> &Notices {
        &self.notices
    }

    pub(crate) fn keymap(&self) -> &Keymap {
        &self.settings.keymap
    }

    /// What listens to the next key.
    pub(crate) fn context(&self) -> Context {
        match self.overlays.last() {
            Some(Overlay::Help(_) | Overlay::Reader(_) | Overlay::Permissions(_)) => Context::Viewer,
            Some(Overlay::SideBySide(_)) => Context::Comparison,
            Some(Overlay::Menu(_)) => Context::Menu,
            Some(Overlay::Copy) => Context::Copy,
            Some(Overlay::Filter(_) | Overlay::Search(_) | Overlay::ByHand(_)) => Context::Prompt,
            Some(Overlay::Plan(_)) => Context::Plan,
            Some(Overlay::Quit(_)) => Context::Quit,
            None => match self.screen() {
                Screen::Fleet(_) => Context::Fleet,
                Screen::Detail(_) => Context::Detail,
                Screen::Coverage(_) | Screen::Findings(_) => Context::Findings,
                Screen::Loss(_) => Context::Loss,
                Screen::Deletions(_) => Context::Deletions,
                Screen::Regions(_) => Context::Regions,
                Screen::Journal(_) => Context::Journal,
            },
        }
    }
}
