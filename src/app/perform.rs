//! What each action does, once [`super::availability`] has let it through.

mod changes;
mod comparing;
mod copying;
mod following;
mod losing;
mod marking;
mod moving;
mod opening;
mod permissions;

use super::Model;
use super::action::Action;
use super::effect::Effect;
use super::overlay::menu::{Menu, MenuLine};
use super::overlay::prompt::{FilterPrompt, Line, SearchPrompt};
use super::overlay::{Overlay, Viewer};
use super::screen::Tab;
use super::screen::detail::Section;
use super::text::{Text, Tone};
use crate::domain::text::Safe;

impl Model {
    /// Does an action, or says why it cannot be done.
    pub(in crate::app) fn act(&mut self, action: Action) -> Vec<Effect> {
        match self.availability(action) {
            super::availability::Availability::Yes => self.perform(action),
            super::availability::Availability::No(why) => {
                self.notices.say(self.now, Tone::Warning, why);
                Vec::new()
            }
        }
    }

    #[expect(clippy::too_many_lines, reason = "an arm for each action: the compiler sees to it that none is missing")]
    fn perform(&mut self, action: Action) -> Vec<Effect> {
        match action {
            Action::Down
            | Action::Up
            | Action::PageDown
            | Action::PageUp
            | Action::HalfPageDown
            | Action::HalfPageUp
            | Action::Top
            | Action::Bottom => self.move_by(action),
            Action::Left => self.go_left(),
            Action::Right => self.go_right(),
            Action::Open => self.open_detail(Section::Properties),
            Action::Properties | Action::Policy | Action::Tags | Action::Aliases | Action::Json => {
                self.open_section(action)
            }
            Action::Filter => self.open_filter(),
            Action::Mark | Action::MarkRange | Action::MarkAll | Action::Unmark => self.mark(action),
            Action::Sort => self.sort_by_next_column(),
            Action::ReverseSort => self.reverse_order(),
            Action::Layout => self.change_layout(),
            Action::Search => self.push(Overlay::Search(SearchPrompt::default())),
            Action::SearchNext | Action::SearchPrevious => self.search_again(action == Action::SearchNext),
            Action::Replicate | Action::Keep | Action::Promote | Action::Enable => self.open_plan(action),
            Action::Diff => self.open_comparison(),
            Action::Permissions => self.open_permissions(),
            Action::RefreshKey => self.refresh_key(),
            Action::RefreshAll => self.refresh_all(),
            Action::Copy => self.push(Overlay::Copy),
            Action::CopyArn
            | Action::CopyKeyId
            | Action::CopyRegion
            | Action::CopyAlias
            | Action::CopyPolicy
            | Action::CopyJson
            | Action::CopyView
            | Action::CopyCommand
            | Action::CopyCommands
            | Action::PlanCopy => self.copy(action),
            Action::Console => self.open_console(),
            Action::FleetScreen => self.show(Tab::Fleet),
            Action::CoverageScreen => self.show(Tab::Coverage),
            Action::FindingsScreen => self.show(Tab::Findings),
            Action::LossScreen => self.show(Tab::Loss),
            Action::RegionLoss => self.show_loss_of_region(),
            Action::LoseRegion => self.lose_region(),
            Action::DeletionsScreen => self.show(Tab::Deletions),
            Action::RegionsScreen => self.show(Tab::Regions),
            Action::Errors => self.show_errors(),
            Action::JournalScreen => self.show(Tab::Journal),
            Action::NextScreen => self.show(self.tab.next()),
            Action::PreviousScreen => self.show(self.tab.previous()),
            Action::ToggleWrites => self.toggle_writes(),
            Action::Changes => self.show_changes(),
            Action::Pause => self.pause_or_go_on(),
            Action::ByHand => self.ask_by_hand(),
            Action::Menu => self.open_menu(),
            Action::Help => self.open_help(),
            Action::Back => self.back(),
            Action::Quit => self.quit(),
            Action::Interrupt => self.interrupt(),
            Action::Suspend => vec![Effect::Suspend],
            Action::Choose => self.choose(),
            Action::Accept => self.accept(),
            Action::Cancel => self.pop(),
            Action::PlanCancel => self.cancel_plan(),
            Action::PlanPolicy => self.view_plan_policy(),
            Action::PlanChoosePolicy => self.choose_policy(),
            Action::PlanOptions => self.next_option(),
            Action::PlanPageDown | Action::PlanPageUp | Action::PlanDown | Action::PlanUp => self.scroll_plan(action),
        }
    }

    pub(in crate::app) fn push(&mut self, overlay: Overlay) -> Vec<Effect> {
        self.overlays.push(overlay);
        Vec::new()
    }

    pub(in crate::app) fn pop(&mut self) -> Vec<Effect> {
        self.overlays.pop();
        Vec::new()
    }

    fn open_filter(&mut self) -> Vec<Effect> {
        let line = self.filtered_mut().as_ref().map(|filtered| Line::new(&filtered.text)).unwrap_or_default();
        self.push(Overlay::Filter(FilterPrompt { line, error: None }))
    }

    fn search_again(&mut self, forwards: bool) -> Vec<Effect> {
        let found = self.text_mut().is_some_and(|text| text.find_next(forwards));
        if !found {
            self.notices.say(self.now, Tone::Warning, "no match");
        }
        Vec::new()
    }

    fn refresh_key(&mut self) -> Vec<Effect> {
        let Some(key) = self.subject().map(|subject| subject.row.key.clone()) else { return Vec::new() };
        self.notices.say(self.now, Tone::Plain, "reading this key again");
        let effects = self.engine.refresh_key(self.now, &key);
        effects.into_iter().map(Effect::Engine).collect()
    }

    fn refresh_all(&mut self) -> Vec<Effect> {
        self.notices.say(self.now, Tone::Plain, "reading every Region again");
        self.engine.refresh_all(self.now).into_iter().map(Effect::Engine).collect()
    }

    fn toggle_writes(&mut self) -> Vec<Effect> {
        self.lock.toggle(self.now);
        let words = if self.lock.is_open(self.now) {
            "writes are unlocked for ten minutes; every change still asks for its own confirmation"
        } else {
            "writes are locked"
        };
        self.notices.say(self.now, Tone::Warning, words);
        Vec::new()
    }

    fn open_menu(&mut self) -> Vec<Effect> {
        let actions = super::help::offered(self.context());
        let lines = actions.map(|action| MenuLine { action, availability: self.availability(action) }).collect();
        self.push(Overlay::Menu(Menu::new(lines)))
    }

    /// Does what the menu's cursor is on, on the screen below the menu.
    fn choose(&mut self) -> Vec<Effect> {
        let Some(Overlay::Menu(menu)) = self.overlays.last() else { return Vec::new() };
        let chosen = menu.list().cursor().copied();
        self.overlays.pop();
        chosen.map(|action| self.act(action)).unwrap_or_default()
    }

    fn open_help(&mut self) -> Vec<Effect> {
        let text = Text::new(super::help::text(&self.settings.keymap, self.context()));
        self.push(Overlay::Help(Viewer { title: Safe::from_static("Help"), text }))
    }
}
