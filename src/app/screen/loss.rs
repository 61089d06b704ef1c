//! What losing some Regions would mean, key by key: which are chosen as lost, and what becomes of every key then, worst first.
//!
//! Nothing is concluded here: each key's fate is [`crate::domain::impact`]'s, the same that `keyfleet impact` prints. Every key is looked at when the choice of
//! Regions changes, so many at a time, and again when its row changes.

use std::collections::{BTreeMap, BTreeSet};

use super::edits::Unlisted;
use crate::app::list::List;
use crate::app::screen::fleet::FleetScreen;
use crate::domain::filter::Truth;
use crate::domain::fleet::last_seen::LastSeen;
use crate::domain::fleet::row::Row;
use crate::domain::fleet::{Fleet, KeyRef};
use crate::domain::id::{AccountId, Region};
use crate::domain::impact::{Effect, Impact, KeyImpact, Loss, LossBasis, Totals};
use crate::domain::time::Timestamp;

/// Keys that are looked at in one go: whoever types meanwhile waits for these and not for a fleet.
const KEYS_AT_A_TIME: usize = 64;

/// Where a key stands in the list.
type Spot = (Effect, Option<AccountId>, KeyRef);

/// What the Region loss screen holds.
#[derive(Debug, Default)]
pub(crate) struct LossScreen {
    /// The Regions that can be chosen; the cursor is on the one that Space is about.
    pub(in crate::app) regions: List<Region>,
    /// Keys, the worst effect first.
    pub(in crate::app) list: List<KeyRef>,
    lost: BTreeSet<Region>,
    found: BTreeMap<KeyRef, Found>,
    /// The rows of keys that only a former run knew.
    former_rows: BTreeMap<KeyRef, Row>,
    /// Where the keys of the list stand, in its order.
    ordered: Vec<Spot>,
    unlisted: Unlisted<Spot>,
    /// Keys that are to be looked at, or looked at again.
    waiting: BTreeSet<KeyRef>,
    totals: Totals,
    basis: LossBasis,
    /// By effect, of the keys that the filter keeps.
    counts: BTreeMap<Effect, usize>,
    was_scanned: bool,
    is_open: bool,
    /// Another filter is in force, or other Regions are lost.
    is_rearranged: bool,
}

/// What becomes of a key.
#[derive(Debug)]
struct Found {
    impact: KeyImpact,
    /// The filter keeps the key.
    is_kept: bool,
}

impl Found {
    /// Where it stands in the list; nowhere if the filter drops it.
    fn spot(&self) -> Option<Spot> {
        let KeyImpact { effect, account, key, .. } = &self.impact;
        self.is_kept.then(|| (*effect, *account, key.clone()))
    }
}

/// What looking takes beside the keys.
#[derive(Clone, Copy, Debug)]
pub(in crate::app) struct Looking<'a> {
    pub(in crate::app) fleet: &'a Fleet,
    pub(in crate::app) rows: &'a FleetScreen,
    pub(in crate::app) last_seen: Option<&'a LastSeen>,
    pub(in crate::app) now: Timestamp,
}

impl<'a> Looking<'a> {
    /// The loss of these Regions, as far as it is known.
    pub(in crate::app) fn loss(&self, regions: &'a BTreeSet<Region>) -> Loss<'a> {
        let Looking { fleet, rows, last_seen, now } = *self;
        Loss { fleet, last_seen, regions, population: rows.population(), now }
    }
}

impl LossScreen {
    /// The Regions that can be chosen. The view asks `window` for as many as it has room for.
    pub(crate) fn regions(&self) -> &List<Region> {
        &self.regions
    }

    /// The keys that the filter keeps, the worst effect first.
    pub(crate) fn list(&self) -> &List<KeyRef> {
        &self.list
    }

    /// The Regions that are lost, as somebody chose.
    pub(crate) fn lost(&self) -> &BTreeSet<Region> {
        &self.lost
    }

    pub(crate) fn of(&self, key: &KeyRef) -> Option<&KeyImpact> {
        self.found.get(key).map(|found| &found.impact)
    }

    /// What becomes of the key under the cursor.
    pub(crate) fn selected(&self) -> Option<&KeyImpact> {
        self.of(self.list.cursor()?)
    }

    pub(crate) fn totals(&self) -> &Totals {
        &self.totals
    }

    pub(crate) fn count(&self, effect: Effect) -> usize {
        self.counts.get(&effect).copied().unwrap_or_default()
    }

    /// Keys that have not been looked at since they, or the choice, changed.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// The key as it is known now, or else as a former run saw it.
    pub(crate) fn row<'all>(&'all self, rows: &'all FleetScreen, key: &KeyRef) -> Option<&'all Row> {
        rows.live(key).or_else(|| self.former_rows.get(key))
    }

    /// What the list says, as `keyfleet impact` does: `None` while keys are still to be looked at.
    pub(in crate::app) fn impact(&self, fleet: &Fleet) -> Option<Impact> {
        if self.lost.is_empty() || !self.waiting.is_empty() {
            return None;
        }
        let keys = self.list.items().iter().filter_map(|key| self.of(key)).cloned().collect();
        Some(Impact::new(self.lost.clone(), keys, self.totals.clone(), fleet.is_complete()))
    }

    /// From now on keys are looked at. Says whether that is news.
    pub(in crate::app) fn open(&mut self) -> bool {
        !std::mem::replace(&mut self.is_open, true)
    }

    /// This Region, and no other, is lost.
    pub(in crate::app) fn lose_only(&mut self, region: &Region) {
        let lost = BTreeSet::from([region.clone()]);
        if self.lost != lost {
            self.lost = lost;
            self.begin_anew();
        }
        self.regions.select(region);
    }

    /// The Region under the cursor is lost too, or is not any more.
    pub(in crate::app) fn toggle(&mut self) {
        let Some(region) = self.regions.cursor().cloned() else { return };
        if !self.lost.remove(&region) {
            self.lost.insert(region);
        }
        self.begin_anew();
    }

    fn begin_anew(&mut self) {
        self.found.clear();
        self.former_rows.clear();
        self.waiting.clear();
        self.basis = LossBasis::default();
        self.totals = Totals::default();
        self.is_rearranged = true;
        self.was_scanned = false;
    }

    /// The Regions that can be chosen are these; what is chosen stays among them.
    pub(in crate::app) fn offer(&mut self, mut regions: Vec<Region>) {
        let missing: Vec<Region> = self.lost.iter().filter(|region| !regions.contains(region)).cloned().collect();
        regions.extend(missing);
        if regions != self.regions.items() {
            self.regions.replace(regions);
            // A Region that was chosen before it could be listed here is where the cursor belongs.
            if let Some(one) = self.lost.first().filter(|_| self.lost.len() == 1).cloned() {
                self.regions.select(&one);
            }
        }
    }

    /// These keys' rows are others now.
    pub(in crate::app) fn touch(&mut self, keys: &[KeyRef]) {
        if self.is_open && !self.lost.is_empty() {
            self.waiting.extend(keys.iter().cloned());
        }
    }

    /// The filter is another: what is listed is found anew.
    pub(in crate::app) fn rearrange(&mut self) {
        self.is_rearranged = true;
    }

    /// Looks at keys that wait, those on screen first, and brings the list up to date.
    pub(in crate::app) fn look(&mut self, looking: &Looking<'_>) {
        let regions = self.lost.clone();
        let loss = looking.loss(&regions);
        if std::mem::take(&mut self.is_rearranged) {
            self.arrange(looking.rows);
        }
        if !regions.is_empty() {
            self.look_at_the_whole(&loss, looking.rows.is_scanned());
            let visible = self.list.visible().iter().filter(|key| self.waiting.contains(key));
            // What is said in words of the key under the cursor tells an age.
            let first: Vec<KeyRef> = visible.chain(self.list.cursor()).cloned().collect();
            let rest: Vec<KeyRef> = self.waiting.iter().take(KEYS_AT_A_TIME).cloned().collect();
            for key in first.into_iter().chain(rest) {
                self.waiting.remove(&key);
                self.look_at((&loss, looking.rows), &key);
            }
        }
        self.settle();
    }

    /// Which Regions cannot be read bears on every key; so does, for what to do, where the others are.
    fn look_at_the_whole(&mut self, loss: &Loss<'_>, is_scanned: bool) {
        let basis = loss.basis();
        if basis != self.basis {
            if basis.concerns_every_key(&self.basis) {
                self.waiting.extend(loss.keys());
                self.waiting.extend(self.found.keys().cloned());
            }
            self.totals = loss.totals();
            self.basis = basis;
        }
        if is_scanned && !self.was_scanned {
            self.waiting.extend(loss.keys());
        }
        self.was_scanned = is_scanned;
    }

    fn look_at(&mut self, (loss, rows): (&Loss<'_>, &FleetScreen), key: &KeyRef) {
        let impact = loss.of(key);
        let only_formerly = impact.as_ref().filter(|_| loss.fleet.key(key).is_none());
        let former = only_formerly.and_then(|_| loss.last_seen?.fleet().row(key, loss.now));
        self.former_rows.remove(key);
        self.former_rows.extend(former.map(|row| (key.clone(), row)));
        let is_kept = self.is_kept(rows, key);
        let found = impact.map(|impact| Found { impact, is_kept });
        let before = self.found.remove(key).and_then(|found| found.spot());
        let now = found.as_ref().and_then(Found::spot);
        if before != now {
            if let Some(spot) = &before {
                self.count_effect(spot, false);
            }
            if let Some(spot) = &now {
                self.count_effect(spot, true);
            }
            self.unlisted.replace(&before.into_iter().collect(), &now.into_iter().collect());
        }
        self.found.extend(found.map(|found| (key.clone(), found)));
    }

    fn count_effect(&mut self, (effect, _, _): &Spot, is_there: bool) {
        let count = self.counts.entry(*effect).or_default();
        *count = if is_there { *count + 1 } else { count.saturating_sub(1) };
    }

    fn is_kept(&self, rows: &FleetScreen, key: &KeyRef) -> bool {
        let Some(filtered) = rows.filter() else { return true };
        self.row(rows, key).is_none_or(|row| filtered.filter.matches(row) != Truth::No)
    }

    /// Brings the list up to date: with the last key that waits, and until then when it is worth it.
    fn settle(&mut self) {
        let window = self.list.window(self.list.page());
        let visible = self.ordered.get(window.first..window.end).unwrap_or_default();
        if !self.unlisted.is_due(self.ordered.len(), visible, self.waiting.is_empty()) {
            return;
        }
        let edits = self.unlisted.take(&self.ordered);
        edits.apply(&mut self.ordered, Spot::clone);
        let mut keys = self.list.take();
        edits.apply(&mut keys, |(_, _, key)| key.clone());
        let index = self.list.index().unwrap_or_default();
        self.list.replace_near(keys, edits.place_after(index));
    }

    /// Asks the filter about every key, and lists and counts anew what it keeps.
    fn arrange(&mut self, rows: &FleetScreen) {
        let mut found = std::mem::take(&mut self.found);
        for (key, found) in &mut found {
            found.is_kept = self.is_kept(rows, key);
        }
        let ordered: BTreeSet<Spot> = found.values().filter_map(Found::spot).collect();
        self.found = found;
        self.counts.clear();
        for spot in &ordered {
            self.count_effect(spot, true);
        }
        self.unlisted = Unlisted::default();
        self.list.replace(ordered.iter().map(|(_, _, key)| key.clone()).collect());
        self.ordered = ordered.into_iter().collect();
    }
}
