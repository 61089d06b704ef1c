//! Opening and closing: screens, the detail, prompts, and the way out.

use std::time::Duration;

use crate::app::Model;
use crate::app::action::Action;
use crate::app::effect::{Effect, Exit};
use crate::app::overlay::{Leaving, Overlay};
use crate::app::screen::Tab;
use crate::app::screen::detail::{Detail, Section};
use crate::app::screen::fleet::Filtered;
use crate::app::screen::journal::Recorded;
use crate::app::text::{Text, Tone};
use crate::domain::filter::Filter;
use crate::engine::Deep;
use crate::engine::change::{ChangeStatus, StepPhase, StepStatus};

/// A request that is on its way is waited for no longer than this: it has its own deadline of thirty seconds.
const WAIT_FOR_AN_ANSWER: Duration = Duration::from_secs(35);

impl Model {
    pub(super) fn show(&mut self, tab: Tab) -> Vec<Effect> {
        self.tab = tab;
        self.detail = None;
        match tab {
            Tab::Fleet | Tab::Deletions | Tab::Regions => Vec::new(),
            Tab::Coverage | Tab::Findings => self.look_for_findings(),
            Tab::Loss => self.look_at_loss(),
            Tab::Journal => self.load_journal(),
        }
    }

    /// Every key is judged from now on, and what the checks that are switched on need is read: policies, tags, rotation.
    fn look_for_findings(&mut self) -> Vec<Effect> {
        if self.findings.is_open() {
            return Vec::new();
        }
        self.findings.open(self.engine.fleet());
        let needs: Vec<Deep> = self.settings.tuning.enabled().flat_map(|check| check.needs).copied().collect();
        self.read_of_every_member(needs)
    }

    pub(super) fn read_of_every_member(&mut self, deep: Vec<Deep>) -> Vec<Effect> {
        self.engine.read_deep(deep);
        self.engine.read_deep_everywhere(self.now).into_iter().map(Effect::Engine).collect()
    }

    /// The Regions, from the first on: those that could not be read stand there.
    pub(super) fn show_errors(&mut self) -> Vec<Effect> {
        self.regions.list.go_to_first();
        self.show(Tab::Regions)
    }

    pub(in crate::app) fn load_journal(&mut self) -> Vec<Effect> {
        match self.journal.recorded {
            Recorded::Reading => Vec::new(),
            Recorded::NotRead => {
                self.journal.recorded = Recorded::Reading;
                self.journal.compose();
                vec![Effect::LoadJournal]
            }
            // What was read stays in view until it is read again.
            Recorded::Read(_) | Recorded::Failed(_) => vec![Effect::LoadJournal],
        }
    }

    pub(super) fn open_detail(&mut self, section: Section) -> Vec<Effect> {
        let Some(subject) = self.subject() else { return Vec::new() };
        let region = subject.member_region().cloned();
        let key = subject.row.key.clone();
        self.detail = Some(Detail { key, region, section, text: Text::default() });
        self.refresh_detail_text();
        Vec::new()
    }

    /// A section of the key under the cursor: in the detail, or by opening it.
    pub(super) fn open_section(&mut self, action: Action) -> Vec<Effect> {
        let sections = [
            (Action::Policy, Section::Policy),
            (Action::Tags, Section::Tags),
            (Action::Aliases, Section::Aliases),
            (Action::Json, Section::Json),
        ];
        let section = sections.into_iter().find(|(opens, _)| *opens == action);
        let section = section.map_or(Section::Properties, |(_, section)| section);
        let Some(detail) = &mut self.detail else { return self.open_detail(section) };
        if detail.section != section {
            detail.section = section;
            detail.text = Text::default();
        }
        self.refresh_detail_text();
        Vec::new()
    }

    /// Closes what is on top. Says whether anything was.
    fn close(&mut self) -> bool {
        if self.overlays.pop().is_some() {
            return true;
        }
        if self.detail.take().is_some() {
            return true;
        }
        let was_elsewhere = self.tab != Tab::Fleet;
        self.tab = Tab::Fleet;
        was_elsewhere
    }

    pub(super) fn back(&mut self) -> Vec<Effect> {
        if let Some(Overlay::Quit(Leaving { until: Some(_), .. })) = self.overlays.last() {
            self.overlays.pop();
            self.say_what_is_held_back();
            return Vec::new();
        }
        let is_listed = self.tab == Tab::Deletions && self.detail.is_none() && self.overlays.is_empty();
        let has_lifted = (is_listed && self.deletions.filtered.take().is_some())
            || (!self.close()
                && !self.fleet.drop_range()
                && !self.notices.dismiss()
                && self.fleet.filtered.take().is_some());
        if has_lifted {
            self.rearrange();
        }
        Vec::new()
    }

    pub(super) fn quit(&mut self) -> Vec<Effect> {
        if let Some(Overlay::Quit(_)) = self.overlays.last() {
            return self.leave(Exit::Done);
        }
        if self.close() {
            return Vec::new();
        }
        if self.is_any_in_flight() {
            return self.push(Overlay::Quit(Leaving { exit: Exit::Done, until: None }));
        }
        vec![Effect::Quit(Exit::Done)]
    }

    pub(super) fn interrupt(&mut self) -> Vec<Effect> {
        if self.is_any_in_flight() { self.leave(Exit::Interrupted) } else { vec![Effect::Quit(Exit::Interrupted)] }
    }

    fn is_any_in_flight(&self) -> bool {
        self.engine.changes().any(ChangeStatus::is_in_flight)
    }

    /// A request may have left, or is about to and cannot be held back any more.
    pub(in crate::app) fn is_waiting_for_an_answer(&self) -> bool {
        let is_out = |step: &StepStatus| match step.phase {
            StepPhase::Recording | StepPhase::Sending { .. } => true,
            StepPhase::Waiting
            | StepPhase::ReadingAgain
            | StepPhase::Following { .. }
            | StepPhase::Reconciling { .. }
            | StepPhase::Ended => false,
        };
        self.engine.changes().flat_map(|change| &change.steps).any(is_out)
    }

    /// Quits as soon as the answer is in, and sends nothing until then. Asking again does not prolong the wait.
    fn leave(&mut self, exit: Exit) -> Vec<Effect> {
        let effects = self.hold_all_back();
        let latest = self.now.monotonic + WAIT_FOR_AN_ANSWER;
        let is_quit = |overlay: &Overlay| matches!(overlay, Overlay::Quit(_));
        let before = self.overlays.iter().position(is_quit).map(|place| self.overlays.remove(place));
        let until = match before {
            Some(Overlay::Quit(Leaving { until: Some(until), .. })) => until,
            _ => latest,
        };
        self.overlays.push(Overlay::Quit(Leaving { exit, until: Some(until) }));
        effects
    }

    /// The filter of the list that is shown.
    pub(super) fn filtered_mut(&mut self) -> &mut Option<Filtered> {
        match self.tab {
            Tab::Deletions => &mut self.deletions.filtered,
            Tab::Fleet | Tab::Coverage | Tab::Findings | Tab::Loss | Tab::Regions | Tab::Journal => {
                &mut self.fleet.filtered
            }
        }
    }

    /// Enter in a prompt.
    pub(super) fn accept(&mut self) -> Vec<Effect> {
        match self.overlays.pop() {
            Some(Overlay::Filter(mut prompt)) => {
                let text = prompt.line.foreign();
                if text.is_empty() {
                    *self.filtered_mut() = None;
                    self.rearrange();
                    return Vec::new();
                }
                match Filter::parse(text.original()) {
                    Ok(filter) => {
                        let needs = filter.needs();
                        *self.filtered_mut() = Some(Filtered { text, filter });
                        self.rearrange();
                        self.fleet.leave_undecided();
                        if !needs.iter().all(|deep| self.engine.reads_deep(*deep)) {
                            return self.read_of_every_member(needs);
                        }
                    }
                    Err(error) => {
                        prompt.error = Some(error);
                        self.overlays.push(Overlay::Filter(prompt));
                    }
                }
            }
            Some(Overlay::Search(prompt)) => {
                let needle = prompt.line.foreign();
                let found = self.text_mut().is_some_and(|text| text.find(needle));
                if !found {
                    self.notices.say(self.now, Tone::Warning, "no match");
                }
            }
            Some(Overlay::ByHand(prompt)) => return self.take_by_hand(prompt),
            other => self.overlays.extend(other),
        }
        Vec::new()
    }

    /// The text that is on top, if it is a text.
    pub(in crate::app) fn text(&self) -> Option<&Text> {
        match self.overlays.last() {
            Some(Overlay::Help(viewer) | Overlay::Reader(viewer)) => Some(&viewer.text),
            Some(Overlay::Permissions(permissions)) => Some(&permissions.viewer.text),
            Some(Overlay::SideBySide(compared)) => Some(&compared.viewer.text),
            _ => match (self.tab, &self.detail) {
                (Tab::Fleet | Tab::Coverage | Tab::Findings | Tab::Loss | Tab::Deletions, Some(detail)) => {
                    Some(&detail.text)
                }
                (Tab::Journal, _) => Some(&self.journal.text),
                (Tab::Fleet | Tab::Coverage | Tab::Findings | Tab::Loss | Tab::Deletions, None) | (Tab::Regions, _) => {
                    None
                }
            },
        }
    }

    pub(in crate::app) fn text_mut(&mut self) -> Option<&mut Text> {
        match self.overlays.last_mut() {
            Some(Overlay::Help(viewer) | Overlay::Reader(viewer)) => Some(&mut viewer.text),
            Some(Overlay::Permissions(permissions)) => Some(&mut permissions.viewer.text),
            Some(Overlay::SideBySide(compared)) => Some(&mut compared.viewer.text),
            _ => match (self.tab, &mut self.detail) {
                (Tab::Fleet | Tab::Coverage | Tab::Findings | Tab::Loss | Tab::Deletions, Some(detail)) => {
                    Some(&mut detail.text)
                }
                (Tab::Journal, _) => Some(&mut self.journal.text),
                (Tab::Fleet | Tab::Coverage | Tab::Findings | Tab::Loss | Tab::Deletions, None) | (Tab::Regions, _) => {
                    None
                }
            },
        }
    }
}
