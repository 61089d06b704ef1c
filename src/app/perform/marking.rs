//! Marks: what the keys do that set and take them.

use crate::app::Model;
use crate::app::action::Action;
use crate::app::effect::Effect;
use crate::app::text::Tone;
use crate::domain::text::safe;

impl Model {
    pub(super) fn mark(&mut self, action: Action) -> Vec<Effect> {
        if action == Action::Mark {
            self.fleet.toggle_mark();
        } else if action == Action::MarkRange {
            self.fleet.toggle_range();
        } else if action == Action::MarkAll {
            let undecided = self.fleet.mark_all();
            if undecided > 0 {
                let words = safe!("{undecided} that the filter cannot decide were not marked: Space marks one by one");
                self.notices.say(self.now, Tone::Warning, words);
            }
        } else {
            self.fleet.unmark_all();
        }
        Vec::new()
    }
}
