//! Region loss: which Regions are counted as lost, and what has to be read so that the survivors' policies are known.

use std::collections::BTreeSet;

use crate::app::Model;
use crate::app::effect::Effect;
use crate::app::screen::loss::Looking;
use crate::app::screen::{Screen, Tab};
use crate::domain::fleet::presence::RegionStatus;
use crate::domain::fleet::{KeyRef, RegionFacts};
use crate::domain::id::Region;
use crate::domain::impact::KeyImpact;
use crate::domain::reading::ReasonKind;
use crate::domain::time::Now;
use crate::engine::Deep;

impl Model {
    /// `L`: the Region under the cursor is lost; without one, what was chosen before is shown.
    pub(super) fn show_loss_of_region(&mut self) -> Vec<Effect> {
        let region = match self.screen() {
            Screen::Loss(loss) => loss.regions().cursor(),
            Screen::Regions(regions) => regions.list().cursor().map(|place| &place.region),
            Screen::Fleet(fleet) => fleet.selected_region(),
            Screen::Detail(_)
            | Screen::Coverage(_)
            | Screen::Findings(_)
            | Screen::Deletions(_)
            | Screen::Journal(_) => self.subject().and_then(|subject| subject.region),
        };
        if let Some(region) = region.cloned() {
            self.loss.lose_only(&region);
        }
        self.show(Tab::Loss)
    }

    pub(super) fn lose_region(&mut self) -> Vec<Effect> {
        self.loss.toggle();
        Vec::new()
    }

    /// Policies do not follow a replica: those of all members are read, so that it can be said where they are others.
    pub(super) fn look_at_loss(&mut self) -> Vec<Effect> {
        if !self.loss.open() {
            return Vec::new();
        }
        self.read_of_every_member(vec![Deep::Policy])
    }

    /// Looks at the keys that wait for it while somebody sees what comes of it.
    pub(in crate::app) fn look_at_losses(&mut self, now: Now) {
        if self.tab != Tab::Loss {
            return;
        }
        self.loss.offer(self.regions_to_lose());
        let last_seen = self.last_seen.as_ref().or(self.last_known.as_ref());
        let looking = Looking { fleet: self.engine.fleet(), rows: &self.fleet, last_seen, now: now.wall };
        self.loss.look(&looking);
    }

    /// Those with a column, and every other that was asked for and is not simply switched off in the account.
    fn regions_to_lose(&self) -> Vec<Region> {
        let mut regions = self.fleet.columns.items().to_vec();
        let is_off = |facts: &RegionFacts| match facts.status() {
            RegionStatus::Failed { why, .. } => why.kind == ReasonKind::NotEnabled,
            RegionStatus::Waiting
            | RegionStatus::Loading { .. }
            | RegionStatus::Loaded { .. }
            | RegionStatus::Partial { .. } => false,
        };
        for (place, facts) in self.engine.fleet().places() {
            if !regions.contains(&place.region) && !is_off(facts) {
                regions.push(place.region.clone());
            }
        }
        regions
    }

    /// What becomes of the key in the fleet's list if the Region of its primary is lost, or the one under the cursor.
    pub(crate) fn loss_under_cursor(&self) -> Option<(Region, KeyImpact)> {
        let row = self.fleet.live(self.fleet.selected().map(|row| &row.key)?)?;
        let region = self.fleet.selected_region().or_else(|| row.primary_region())?;
        self.loss_of(&row.key, region).map(|impact| (region.clone(), impact))
    }

    fn loss_of(&self, key: &KeyRef, region: &Region) -> Option<KeyImpact> {
        let regions = BTreeSet::from([region.clone()]);
        let looking =
            Looking { fleet: self.engine.fleet(), rows: &self.fleet, last_seen: self.last_known(), now: self.now.wall };
        looking.loss(&regions).of(key)
    }
}
