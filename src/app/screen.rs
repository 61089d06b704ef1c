//! The screens: what each holds between two frames. Facts are not kept here; they are the engine's.

pub(crate) mod deletions;
pub(crate) mod detail;
pub(crate) mod fleet;
pub(crate) mod journal;
pub(crate) mod regions;

use deletions::DeletionsScreen;
use detail::Detail;
use fleet::FleetScreen;
use journal::Journal;
use regions::RegionsScreen;

/// Which of the numbered screens is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Tab {
    Fleet,
    Deletions,
    Regions,
    Journal,
}

impl Tab {
    pub(crate) const ALL: [Tab; 4] = [Tab::Fleet, Tab::Deletions, Tab::Regions, Tab::Journal];

    pub(crate) fn title(self) -> &'static str {
        match self {
            Tab::Fleet => "Fleet",
            Tab::Deletions => "Deletions",
            Tab::Regions => "Regions",
            Tab::Journal => "Journal",
        }
    }

    pub(crate) fn number(self) -> u8 {
        match self {
            Tab::Fleet => 1,
            Tab::Deletions => 5,
            Tab::Regions => 6,
            Tab::Journal => 7,
        }
    }

    pub(super) fn next(self) -> Self {
        match self {
            Tab::Fleet => Tab::Deletions,
            Tab::Deletions => Tab::Regions,
            Tab::Regions => Tab::Journal,
            Tab::Journal => Tab::Fleet,
        }
    }

    pub(super) fn previous(self) -> Self {
        self.next().next().next()
    }
}

/// The screen that is shown, under the overlays.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Screen<'model> {
    Fleet(&'model FleetScreen),
    /// One key, opened from a list of keys.
    Detail(&'model Detail),
    Deletions(&'model DeletionsScreen),
    Regions(&'model RegionsScreen),
    Journal(&'model Journal),
}
