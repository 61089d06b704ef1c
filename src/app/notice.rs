//! What keyfleet has to say: notices that pass, and banners that stay as long as their cause does. Bounded; the newest is kept.

use std::collections::VecDeque;
use std::time::Duration;

use crate::domain::text::Safe;
use crate::domain::time::Now;

use super::text::Tone;

const KEPT: usize = 32;

/// Something that was said once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Notice {
    pub(crate) tone: Tone,
    pub(crate) text: Safe,
    /// Monotonic; `None` stays until the next key goes to it (Esc).
    pub(crate) until: Option<Duration>,
}

/// The notices of this run that are still to be seen.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(crate) struct Notices {
    notices: VecDeque<Notice>,
}

impl Notices {
    /// Says something that is gone after a while.
    pub(crate) fn say(&mut self, now: Now, tone: Tone, text: impl Into<Safe>) {
        let lasts = match tone {
            Tone::Bad | Tone::Warning => 12,
            Tone::Plain | Tone::Dim | Tone::Label | Tone::Title | Tone::Good => 6,
        };
        self.say_for(Duration::from_secs(lasts), now, tone, text);
    }

    /// Says something that is gone after so long.
    pub(crate) fn say_for(&mut self, lasts: Duration, now: Now, tone: Tone, text: impl Into<Safe>) {
        self.push(Notice { tone, text: text.into(), until: Some(now.monotonic + lasts) });
    }

    /// Says something that stays until it is dismissed.
    pub(crate) fn keep(&mut self, tone: Tone, text: impl Into<Safe>) {
        self.push(Notice { tone, text: text.into(), until: None });
    }

    fn push(&mut self, notice: Notice) {
        self.notices.retain(|other| other.text != notice.text);
        if self.notices.len() == KEPT {
            self.notices.pop_front();
        }
        self.notices.push_back(notice);
    }

    /// The newest first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Notice> {
        self.notices.iter().rev()
    }

    /// Lets the newest one that stays go. Says whether there was one.
    pub(crate) fn dismiss(&mut self) -> bool {
        let found = self.notices.iter().rposition(|notice| notice.until.is_none());
        found.and_then(|place| self.notices.remove(place)).is_some()
    }

    /// Forgets what has been said long enough. Says whether anything went.
    pub(crate) fn expire(&mut self, now: Now) -> bool {
        let before = self.notices.len();
        self.notices.retain(|notice| notice.until.is_none_or(|until| now.monotonic < until));
        self.notices.len() != before
    }

    /// When the next one goes.
    pub(crate) fn next_expiry(&self) -> Option<Duration> {
        self.notices.iter().filter_map(|notice| notice.until).min()
    }
}
