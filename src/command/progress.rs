//! One line on stderr that says how far a long reading has come, if somebody is there to see it.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::time::Duration;

use crate::domain::fleet::presence::RegionStatus;
use crate::domain::time::Now;
use crate::engine::Engine;

/// Not before this, so that a quick reading shows nothing, and then no oftener.
const EVERY: Duration = Duration::from_millis(200);

pub(super) struct Progress {
    is_shown: bool,
    next: Option<Duration>,
    is_on_screen: bool,
}

impl Progress {
    pub(super) fn new(is_shown: bool) -> Self {
        Self { is_shown, next: None, is_on_screen: false }
    }

    pub(super) fn show(&mut self, engine: &Engine, now: Now) {
        let next = *self.next.get_or_insert(now.monotonic + EVERY);
        if !self.is_shown || now.monotonic < next {
            return;
        }
        self.next = Some(now.monotonic + EVERY);
        self.is_on_screen = true;
        let _nobody_looks = write!(io::stderr().lock(), "\r\u{1b}[K{}", words(engine));
    }

    /// Leaves the line as it was found.
    pub(super) fn clear(&mut self) {
        if std::mem::take(&mut self.is_on_screen) {
            let _nobody_looks = write!(io::stderr().lock(), "\r\u{1b}[K");
        }
    }
}

fn words(engine: &Engine) -> String {
    let (mut regions, mut ended, mut described, mut listed) = (0, 0, 0, 0);
    for (place, facts) in engine.fleet().places() {
        regions += 1;
        ended += usize::from(!matches!(facts.status(), RegionStatus::Waiting | RegionStatus::Loading { .. }));
        let (done, of) = engine.progress(place);
        described += done;
        listed += of;
    }
    let mut words =
        format!("reading: {ended} of {regions} Regions listed, {described} of {listed} related keys described");
    let (answered, wanted) = engine.deep_progress();
    if wanted > 0 {
        let _infallible = write!(words, ", {answered} of {wanted} policies, tags and rotations read");
    }
    words
}
