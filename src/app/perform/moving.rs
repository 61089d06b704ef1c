//! Moving about: cursor, scrolling, Regions, order and layout.

use crate::app::Model;
use crate::app::action::Action;
use crate::app::column::Column;
use crate::app::effect::Effect;
use crate::app::list::List;
use crate::app::overlay::Overlay;
use crate::app::screen::Tab;
use crate::app::screen::fleet::{Item, Layout};
use crate::app::text::Text;
use crate::domain::id::Region;

/// A movement, of a cursor or of a text.
#[derive(Clone, Copy)]
enum Motion {
    By(isize),
    First,
    Last,
}

fn motion(action: Action, page: usize) -> Motion {
    let lines = |count: usize| isize::try_from(count.max(1)).unwrap_or(isize::MAX);
    let (by_page, by_half) = (lines(page.saturating_sub(1)), lines(page / 2));
    let by = [
        (Action::Down, Motion::By(1)),
        (Action::Up, Motion::By(-1)),
        (Action::PageDown, Motion::By(by_page)),
        (Action::PageUp, Motion::By(-by_page)),
        (Action::HalfPageDown, Motion::By(by_half)),
        (Action::HalfPageUp, Motion::By(-by_half)),
        (Action::Top, Motion::First),
        (Action::Bottom, Motion::Last),
    ];
    by.into_iter().find(|(moves, _)| *moves == action).map_or(Motion::By(0), |(_, motion)| motion)
}

fn move_list<I: Clone + PartialEq>(list: &mut List<I>, action: Action) {
    match motion(action, list.page()) {
        Motion::By(by) => list.step(by),
        Motion::First => list.go_to_first(),
        Motion::Last => list.go_to_last(),
    }
}

fn move_text(text: &mut Text, action: Action) {
    match motion(action, text.page()) {
        Motion::By(by) => text.scroll(by),
        Motion::First => text.scroll_to(0),
        Motion::Last => text.scroll_to(usize::MAX),
    }
}

impl Model {
    pub(super) fn move_by(&mut self, action: Action) -> Vec<Effect> {
        if let Some(Overlay::Menu(menu)) = self.overlays.last_mut() {
            move_list(menu.list_mut(), action);
        } else if let Some(text) = self.text_mut() {
            move_text(text, action);
        } else {
            match self.tab {
                Tab::Regions => move_list(&mut self.regions.list, action),
                Tab::Coverage => move_list(&mut self.findings.coverage, action),
                Tab::Findings => move_list(&mut self.findings.list, action),
                Tab::Loss => move_list(&mut self.loss.list, action),
                Tab::Deletions => move_list(&mut self.deletions.list, action),
                Tab::Fleet | Tab::Journal => {
                    move_list(&mut self.fleet.list, action);
                    self.fleet.extend_range();
                }
            }
        }
        Vec::new()
    }

    pub(super) fn go_left(&mut self) -> Vec<Effect> {
        if let Some(Overlay::SideBySide(_)) = self.overlays.last() {
            return self.compare_with_next(-1);
        }
        if self.detail.is_some() {
            return self.change_detail_region(-1);
        }
        match self.fleet.layout() {
            _ if self.tab == Tab::Coverage => self.findings.rules.step(-1),
            _ if self.tab == Tab::Loss => self.loss.regions.step(-1),
            // There is one member to a line: nothing lies beside it.
            _ if self.tab != Tab::Fleet => {}
            Layout::Matrix => self.region_left(),
            Layout::Tree => self.fold(),
        }
        Vec::new()
    }

    pub(super) fn go_right(&mut self) -> Vec<Effect> {
        if let Some(Overlay::SideBySide(_)) = self.overlays.last() {
            return self.compare_with_next(1);
        }
        if self.detail.is_some() {
            return self.change_detail_region(1);
        }
        match self.fleet.layout() {
            _ if self.tab == Tab::Coverage => self.findings.rules.step(1),
            _ if self.tab == Tab::Loss => self.loss.regions.step(1),
            // There is one member to a line: nothing lies beside it.
            _ if self.tab != Tab::Fleet => {}
            Layout::Matrix => self.region_right(),
            Layout::Tree => self.unfold(),
        }
        Vec::new()
    }

    fn region_left(&mut self) {
        if self.fleet.columns.index() == Some(0) {
            self.fleet.is_in_region = false;
        } else {
            self.fleet.columns.step(-1);
        }
    }

    fn region_right(&mut self) {
        if self.fleet.is_in_region {
            self.fleet.columns.step(1);
        } else if !self.fleet.columns.is_empty() {
            self.fleet.is_in_region = true;
            self.fleet.columns.go_to_first();
        }
    }

    /// On a member: goes to its key. On a key: folds its members away.
    fn fold(&mut self) {
        let Some(item) = self.fleet.list.cursor().cloned() else { return };
        if item.member.is_some() {
            self.fleet.list.select(&Item { member: None, ..item });
        } else {
            self.fleet.folded.insert(item.key);
            self.fleet.arrange_items();
        }
    }

    fn unfold(&mut self) {
        let Some(item) = self.fleet.list.cursor().cloned() else { return };
        self.fleet.folded.remove(&item.key);
        self.fleet.arrange_items();
    }

    /// Goes to the member before or after in the detail.
    fn change_detail_region(&mut self, by: isize) -> Vec<Effect> {
        let Some(detail) = &self.detail else { return Vec::new() };
        let Some(row) = self.fleet.row(&detail.key) else { return Vec::new() };
        let regions: Vec<Region> = self.fleet.in_column_order(row.cells.iter().map(|cell| cell.region.clone()));
        let last = regions.len().saturating_sub(1);
        let here = detail.region.as_ref().and_then(|region| regions.iter().position(|other| other == region));
        let next = here.map_or(0, |here| here.saturating_add_signed(by).min(last));
        let region = regions.get(next).cloned();
        if let Some(detail) = &mut self.detail {
            detail.region = region;
        }
        self.refresh_detail_text();
        Vec::new()
    }

    /// Worst first, by name, by ID, where there is room by spec, and by the Region under the cursor.
    pub(super) fn sort_by_next_column(&mut self) -> Vec<Effect> {
        let mut choices = vec![None, Some(Column::Key), Some(Column::Id)];
        if self.size.0 >= 100 {
            choices.push(Some(Column::Spec));
        }
        choices.extend(self.fleet.selected_region().map(|region| Some(Column::Region(region.clone()))));
        let here = choices.iter().position(|choice| *choice == self.fleet.sorting.column);
        let next = here.map_or(0, |here| here + 1);
        self.fleet.sorting.column = choices.into_iter().nth(next).flatten();
        self.rearrange();
        Vec::new()
    }

    pub(super) fn reverse_order(&mut self) -> Vec<Effect> {
        self.fleet.sorting.is_reversed = !self.fleet.sorting.is_reversed;
        self.rearrange();
        Vec::new()
    }

    pub(super) fn change_layout(&mut self) -> Vec<Effect> {
        let region = self.fleet.selected_region().cloned();
        let other = match self.fleet.layout() {
            Layout::Matrix => Layout::Tree,
            Layout::Tree => Layout::Matrix,
        };
        self.fleet.chosen_layout = Some(other);
        self.fleet.follow_layout(region);
        Vec::new()
    }
}
