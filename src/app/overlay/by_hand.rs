//! The word of a person on a change whose outcome reading cannot tell: what it was, where CloudTrail would have it, and a field that takes `done` or `failed`.
//!
//! It changes no key. It refuses paste, and Enter does nothing until one of the two words stands there.

use super::prompt::Line;
use crate::app::key::Chord;
use crate::domain::by_hand::ByHand;
use crate::domain::text::{Safe, safe};
use crate::domain::trail;
use crate::engine::change::StepStatus;
use crate::engine::effect::ChangeId;

/// The question, about one step.
#[derive(Clone, Debug)]
pub(crate) struct ByHandPrompt {
    change: ChangeId,
    /// Which of how many unknown outcomes it is about.
    place: (usize, usize),
    lines: Vec<Safe>,
    line: Line,
}

impl ByHandPrompt {
    pub(crate) fn new(change: ChangeId, step: &StepStatus, place: (usize, usize)) -> Self {
        let mutation = &step.mutation;
        let mut lines = vec![safe!("{} {} in {}", step.operation(), mutation.arn.id, mutation.concerns())];
        let mark = step.intent().map(|intent| trail::mark(&intent.id)).unwrap_or_default();
        for event in trail::events(mutation) {
            lines.push(safe!("CloudTrail in {}: {}, userAgent with {mark}", event.region, event.event));
        }
        lines.push("Look there first. Your word is recorded as yours, and closes the matter.".into());
        lines.push("Type done if AWS has made the change, failed if it has not:".into());
        Self { change, place, lines, line: Line::default() }
    }

    pub(crate) fn change(&self) -> ChangeId {
        self.change
    }

    /// Which of how many, where there are several.
    pub(crate) fn place(&self) -> Option<(usize, usize)> {
        Some(self.place).filter(|(_, all)| *all > 1)
    }

    pub(crate) fn lines(&self) -> &[Safe] {
        &self.lines
    }

    pub(crate) fn typed(&self) -> Safe {
        self.line.safe()
    }

    pub(crate) fn cursor(&self) -> usize {
        self.line.cursor()
    }

    pub(crate) fn key(&mut self, chord: Chord) {
        self.line.key(chord);
    }

    /// What was said, if it is one of the two words.
    pub(crate) fn word(&self) -> Option<ByHand> {
        match self.line.foreign().original() {
            "done" => Some(ByHand::Done),
            "failed" => Some(ByHand::Failed),
            _ => None,
        }
    }
}
