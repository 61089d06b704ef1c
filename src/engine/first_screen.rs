//! Until the first screen is known only what it needs is described: whoever looks waits for forty rows and not for forty thousand.
//!
//! Nothing waits for a Region that does not answer, nothing waits for longer than a moment, and without a screen nothing waits at all.

use std::time::Duration;

use super::Engine;
use crate::domain::fleet::KeyRef;
use crate::domain::fleet::presence::RegionStatus;
use crate::domain::time::Now;

/// What is off screen is read after this long in any case.
const LONGEST: Duration = Duration::from_secs(3);

/// Whether descriptions of keys off screen are held back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(super) enum FirstScreen {
    /// Nobody has a screen.
    #[default]
    None,
    Awaited {
        /// When there first was a key.
        since: Option<Duration>,
    },
    Known,
}

impl FirstScreen {
    /// There is a screen.
    pub(super) fn begin(&mut self) {
        if *self == FirstScreen::None {
            *self = FirstScreen::Awaited { since: None };
        }
    }

    /// When the waiting ends at the latest.
    pub(super) fn deadline(self) -> Option<Duration> {
        match self {
            FirstScreen::Awaited { since: Some(since) } => Some(since + LONGEST),
            FirstScreen::None | FirstScreen::Awaited { since: None } | FirstScreen::Known => None,
        }
    }
}

impl Engine {
    /// Whether what is off screen waits. Once it does not, it never does again.
    pub(super) fn waits_for_first_screen(&mut self, now: Now) -> bool {
        let FirstScreen::Awaited { since } = &mut self.first_screen else { return false };
        if self.fleet.keys().len() == 0 {
            return false;
        }
        let since = *since.get_or_insert(now.monotonic);
        let is_over = now.monotonic >= since + LONGEST || self.is_first_screen_known();
        if is_over {
            self.first_screen = FirstScreen::Known;
        }
        !is_over
    }

    /// Every cell on screen is known: no first listing is half read, and every member that is listed was described.
    fn is_first_screen_known(&self) -> bool {
        let is_half_read = |status| matches!(status, RegionStatus::Loading { pages: 1.., .. });
        let is_listed = !self.fleet.places().any(|(_, facts)| is_half_read(facts.status()));
        // What a former run saw may be all that is on screen so far.
        let is_drawn = || self.timers.visible().any(|key| self.fleet.key(key).is_some());
        is_listed && is_drawn() && self.timers.visible().all(|key| self.is_described(key))
    }

    fn is_described(&self, key: &KeyRef) -> bool {
        let Some(entry) = self.fleet.key(key) else { return true };
        let mut listed = entry.members.values().filter(|member| member.listed.is_some());
        listed.all(|member| member.described.asked().is_some() || self.loader.is_down(&key.place(&member.arn.region)))
    }
}
