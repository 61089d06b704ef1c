//! The screens: what each holds between two frames. Facts are not kept here; they are the engine's.

pub(crate) mod deletions;
pub(crate) mod detail;
mod edits;
pub(crate) mod findings;
pub(crate) mod fleet;
pub(crate) mod journal;
pub(crate) mod loss;
pub(crate) mod regions;

use deletions::DeletionsScreen;
use detail::Detail;
use findings::FindingsScreen;
use fleet::FleetScreen;
use journal::Journal;
use loss::LossScreen;
use regions::RegionsScreen;

/// Which of the numbered screens is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Tab {
    Fleet,
    Coverage,
    Findings,
    Loss,
    Deletions,
    Regions,
    Journal,
}

impl Tab {
    pub(crate) const ALL: [Tab; 7] =
        [Tab::Fleet, Tab::Coverage, Tab::Findings, Tab::Loss, Tab::Deletions, Tab::Regions, Tab::Journal];

    pub(crate) fn title(self) -> &'static str {
        match self {
            Tab::Fleet => "Fleet",
            Tab::Coverage => "Coverage",
            Tab::Findings => "Findings",
            Tab::Loss => "Loss",
            Tab::Deletions => "Deletions",
            Tab::Regions => "Regions",
            Tab::Journal => "Journal",
        }
    }

    pub(crate) fn number(self) -> u8 {
        match self {
            Tab::Fleet => 1,
            Tab::Coverage => 2,
            Tab::Findings => 3,
            Tab::Loss => 4,
            Tab::Deletions => 5,
            Tab::Regions => 6,
            Tab::Journal => 7,
        }
    }

    pub(super) fn next(self) -> Self {
        self.after(1)
    }

    pub(super) fn previous(self) -> Self {
        self.after(Self::ALL.len() - 1)
    }

    fn after(self, steps: usize) -> Self {
        let here = Self::ALL.iter().position(|tab| *tab == self).unwrap_or_default();
        Self::ALL.iter().cycle().nth(here + steps).copied().unwrap_or(self)
    }
}

/// The screen that is shown, under the overlays.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Screen<'model> {
    Fleet(&'model FleetScreen),
    /// One key, opened from a list of keys.
    Detail(&'model Detail),
    /// The rules, by key.
    Coverage(&'model FindingsScreen),
    Findings(&'model FindingsScreen),
    /// What losing Regions would mean.
    Loss(&'model LossScreen),
    Deletions(&'model DeletionsScreen),
    Regions(&'model RegionsScreen),
    Journal(&'model Journal),
}
