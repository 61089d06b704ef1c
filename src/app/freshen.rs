//! Once per frame: order, filter, counts and texts are brought up to date, and the engine is told what is on screen.

use super::effect::Effect;
use super::overlay::Overlay;
use super::screen::Tab;
use super::screen::detail::{Section, Source};
use super::screen::findings::Judging;
use super::text::Tone;
use super::{Drawn, Model, column};
use crate::domain::fleet::presence::RegionStatus;
use crate::domain::fleet::{KeyRef, RegionFacts};
use crate::domain::id::Place;
use crate::domain::time::Now;
use crate::engine::Deep;

/// Columns that a view may need beside a text: borders, a blank on either side, the mark of a match.
const BORDERS: u16 = 6;

impl Model {
    /// Brings order, filter and counts up to date. Called once before a frame is drawn.
    pub(crate) fn freshen(&mut self, now: Now) -> Vec<Effect> {
        self.now = now;
        let overdue = self.fleet.overdue(now.wall);
        if self.is_stale || !overdue.is_empty() || self.is_unfinished() || self.fleet.is_unsettled() {
            if std::mem::take(&mut self.is_stale) {
                self.outgrow_last_seen();
                self.fleet.touch(self.engine.take_touched());
            }
            self.fleet.touch(Some(overdue));
            self.bring_rows_up_to_date(now);
            self.deletions.arrange(&self.fleet, self.engine.fleet());
            self.cover_deletions();
            self.arrange_regions();
        }
        self.judge(now);
        self.look_at_losses(now);
        for news in self.fleet.take_news_of_marks() {
            self.notices.say(now, Tone::Warning, news);
        }
        // What a section lacks is asked for first, so that its text can say so.
        let effects = self.tell_the_engine();
        self.refresh_detail_text();
        self.compose_permissions();
        self.compose_comparison();
        self.fit_texts();
        effects
    }

    /// Folds rows and brings them into order. Rows that come into view with that are folded too, before they are drawn.
    fn bring_rows_up_to_date(&mut self, now: Now) {
        let elsewhere = self.visible_elsewhere();
        let mut seen = self.fleet.fold(self.engine.fleet(), &elsewhere, now.wall);
        self.fleet.recall(self.last_seen.as_ref(), self.engine.fleet(), now.wall);
        self.arrange_columns();
        self.settle_rows();
        self.fleet.fold_visible(self.engine.fleet(), &elsewhere, now.wall, &mut seen);
        self.settle_rows();
        self.journal.note(seen);
    }

    /// Brings order, counts and the list of deletions up to date with the rows that were folded.
    fn settle_rows(&mut self) {
        let is_scanned = self.is_scanned();
        self.fleet.settle(is_scanned);
        let folded = self.fleet.take_folded();
        self.deletions.take(&self.fleet, &folded);
        self.findings.touch(&folded);
        self.loss.touch(&folded);
    }

    /// Everything was answered once, and nothing of it waits to be folded: before that no count says that nothing is wrong.
    fn is_scanned(&self) -> bool {
        self.engine.first_scan_is_over() && (self.fleet.is_scanned() || !self.fleet.is_behind())
    }

    /// Judges what waits for it while somebody looks at what comes of it.
    fn judge(&mut self, now: Now) {
        if !matches!(self.tab, Tab::Coverage | Tab::Findings) {
            return;
        }
        let (fleet, rows, tuning) = (self.engine.fleet(), &self.fleet, &self.settings.tuning);
        self.findings.judge(&Judging { fleet, rows, tuning, now: now.wall });
    }

    /// Keys are still to be judged, or looked at, for the screen that is shown.
    fn is_judging(&self) -> bool {
        match self.tab {
            Tab::Coverage | Tab::Findings => self.findings.waiting() > 0,
            Tab::Loss => self.loss.waiting() > 0,
            Tab::Fleet | Tab::Deletions | Tab::Regions | Tab::Journal => false,
        }
    }

    /// The keys on screen that are not in the fleet's list.
    fn visible_elsewhere(&self) -> Vec<KeyRef> {
        let deletions = self.deletions.list.visible().iter().filter(|_| self.tab == Tab::Deletions);
        let detail = self.detail.as_ref().map(|detail| detail.key.clone());
        deletions.map(|item| item.key.clone()).chain(self.visible_judged()).chain(detail).collect()
    }

    /// The keys of the findings, the coverage or the losses that are on screen.
    fn visible_judged(&self) -> Vec<KeyRef> {
        match self.tab {
            Tab::Coverage => self.findings.coverage.visible().iter().map(|covered| covered.key.clone()).collect(),
            Tab::Findings => self.findings.list.visible().iter().filter_map(|item| item.key.clone()).collect(),
            Tab::Loss => self.loss.list.visible().to_vec(),
            Tab::Fleet | Tab::Deletions | Tab::Regions | Tab::Journal => Vec::new(),
        }
    }

    /// Rows off screen wait: frames must come although nothing else happens.
    pub(crate) fn is_unfinished(&self) -> bool {
        self.fleet.is_behind() || self.fleet.is_recalling(self.last_seen.as_ref()) || self.is_judging()
    }

    /// Folds some of the rows that wait. Called between frames, while nobody waits for one.
    pub(crate) fn catch_up(&mut self, now: Now) {
        let seen = self.fleet.fold(self.engine.fleet(), &[], now.wall);
        self.journal.note(seen);
        if self.last_seen.is_some() {
            self.fleet.recall(self.last_seen.as_ref(), self.engine.fleet(), now.wall);
        }
        // What has gathered when the next frame is due is what that frame takes longer for.
        if self.fleet.has_moved_much() {
            self.fleet.settle(self.is_scanned());
        }
    }

    /// Breaks every text to the width that is left between a frame's borders.
    fn fit_texts(&mut self) {
        let width = usize::from(self.size.0.saturating_sub(BORDERS));
        self.journal.text.fit(width);
        if let Some(detail) = &mut self.detail {
            detail.text.fit(width);
        }
        for overlay in &mut self.overlays {
            match overlay {
                Overlay::Help(viewer) | Overlay::Reader(viewer) => viewer.text.fit(width),
                Overlay::Permissions(permissions) => permissions.viewer.text.fit(width),
                Overlay::SideBySide(compared) => compared.viewer.text.fit(width),
                Overlay::Menu(_)
                | Overlay::Copy
                | Overlay::Filter(_)
                | Overlay::Search(_)
                | Overlay::Plan(_)
                | Overlay::ByHand(_)
                | Overlay::Quit(_) => {}
            }
        }
    }

    /// Filter and order are others now.
    pub(in crate::app) fn rearrange(&mut self) {
        self.fleet.arrange(self.is_scanned());
        self.deletions.arrange(&self.fleet, self.engine.fleet());
        self.findings.rearrange();
        self.loss.rearrange();
    }

    /// A Region that is not enabled and found so by asking the whole partition holds nothing that anybody asked for, unless a member is named there.
    fn cover_deletions(&mut self) {
        let facts = self.engine.fleet();
        let [known, recalled] = self.fleet.regions();
        self.deletions.cover(facts, self.fleet.is_behind(), |place, region| {
            let is_auto = facts.scope(place.login).is_some_and(|scope| scope.auto);
            is_auto && region.is_not_enabled() && !known.contains(&place.region) && !recalled.contains(&place.region)
        });
    }

    fn arrange_columns(&mut self) {
        let asked = &self.engine.settings().regions;
        let [mut known, recalled] = self.fleet.regions();
        column::add_ruled(&mut known, self.engine.fleet().rules(), asked);
        let mut regions = column::regions(&known, asked);
        if self.last_seen.is_some() {
            let recalled = column::regions(&recalled, asked);
            regions.extend(recalled.into_iter().filter(|region| !regions.contains(region)).collect::<Vec<_>>());
        }
        if regions != self.fleet.columns.items() {
            self.fleet.columns.replace(regions);
        }
    }

    /// Those that could not be read first, then those that are being read, then by name.
    fn arrange_regions(&mut self) {
        let fleet = self.engine.fleet();
        // What the rows have counted says whether a member is named there: no key is looked at for it.
        let [named, _] = self.fleet.regions();
        let is_in_scope = |place: &Place, facts: &RegionFacts| {
            let scope = fleet.scope(place.login).filter(|scope| scope.regions.contains(&place.region));
            scope.is_some_and(|scope| !(scope.auto && facts.is_not_enabled()) || named.contains(&place.region))
        };
        let rank = |place: &Place, facts: &RegionFacts| match facts.status() {
            RegionStatus::Failed { .. } if is_in_scope(place, facts) => 0,
            RegionStatus::Partial { .. } => 1,
            RegionStatus::Waiting | RegionStatus::Loading { .. } => 2,
            RegionStatus::Loaded { .. } => 3,
            RegionStatus::Failed { .. } => 4,
        };
        let mut places: Vec<(u8, Place)> =
            fleet.places().map(|(place, facts)| (rank(place, facts), place.clone())).collect();
        places.sort();
        self.regions.list.replace(places.into_iter().map(|(_, place)| place).collect());
    }

    /// Composes the section of the detail anew; a key that is gone closes it.
    pub(in crate::app) fn refresh_detail_text(&mut self) {
        let Some(detail) = &self.detail else { return };
        let Some(row) = self.fleet.row(&detail.key) else {
            self.detail = None;
            return;
        };
        let source = Source {
            fleet: self.engine.fleet(),
            row,
            regions: self.fleet.in_column_order(row.cells.iter().map(|cell| cell.region.clone())),
            now: self.now.wall,
            key_json: self.settings.formats.key_json,
        };
        let lines = source.lines(detail);
        if let Some(detail) = &mut self.detail {
            detail.text.replace(lines);
        }
    }

    /// What is on screen is read first, and what a section shows is read at all.
    fn tell_the_engine(&mut self) -> Vec<Effect> {
        let mut visible: Vec<KeyRef> = match self.tab {
            Tab::Deletions => self.deletions.list.visible().iter().map(|item| item.key.clone()).collect(),
            Tab::Coverage | Tab::Findings | Tab::Loss => self.visible_judged(),
            Tab::Fleet | Tab::Regions | Tab::Journal => {
                self.fleet.list.visible().iter().map(|item| item.key.clone()).collect()
            }
        };
        visible.dedup();
        let mut effects = Vec::new();
        if let Some(detail) = &self.detail {
            visible = vec![detail.key.clone()];
            let deep = match detail.section {
                Section::Properties => Some(Deep::Rotation),
                Section::Policy => Some(Deep::Policy),
                Section::Tags => Some(Deep::Tags),
                Section::Aliases | Section::Json => None,
            };
            if let (Some(deep), Some(region)) = (deep, &detail.region) {
                effects.extend(self.engine.want(self.now, &detail.key, region, deep));
            }
        }
        effects.extend(self.want_policies());
        effects.extend(self.want_both_sides());
        effects.extend(self.engine.watch(self.now, &visible));
        effects.into_iter().map(Effect::Engine).collect()
    }

    /// Takes what the view drew. Called after every frame; if it changes what is to be seen, the revision grows.
    pub(crate) fn drawn(&mut self, now: Now, drawn: &Drawn) -> Vec<Effect> {
        self.now = now;
        let mut is_news = false;
        if let Some(lines) = drawn.list_lines {
            is_news |= match self.overlays.last_mut() {
                Some(Overlay::Menu(menu)) => menu.list_mut().drawn(lines),
                _ => match self.tab {
                    Tab::Regions => self.regions.list.drawn(lines),
                    Tab::Coverage => self.findings.coverage.drawn(lines),
                    Tab::Findings => self.findings.list.drawn(lines),
                    Tab::Loss => self.loss.list.drawn(lines),
                    Tab::Deletions => self.deletions.list.drawn(lines),
                    Tab::Fleet | Tab::Journal => self.fleet.list.drawn(lines),
                },
            };
        }
        if let Some(columns) = drawn.region_columns {
            let list = if self.tab == Tab::Loss { &mut self.loss.regions } else { &mut self.fleet.columns };
            is_news |= list.drawn(columns);
        }
        if let (Some(lines), Some(text)) = (drawn.text_lines, self.text_mut()) {
            is_news |= text.drawn(lines);
        }
        for overlay in &mut self.overlays {
            if let Overlay::Plan(dialog) = overlay {
                let status = self.engine.change(dialog.change());
                is_news |= dialog.drawn(drawn.plan.as_ref(), status, now);
            }
        }
        if is_news || self.is_unfinished() {
            self.redraw();
        }
        self.tell_the_engine()
    }
}
