//! Changes that were confirmed: what became of each step, holding the rest back, and the word of a person where reading cannot tell.

use crate::app::Model;
use crate::app::action::Action;
use crate::app::effect::Effect;
use crate::app::key::{Chord, Key};
use crate::app::overlay::by_hand::ByHandPrompt;
use crate::app::overlay::{Overlay, Viewer};
use crate::app::text::{Text, TextLine, Tone};
use crate::domain::plan::Outcome;
use crate::domain::text::{Safe, safe};
use crate::engine::Session;
use crate::engine::change::{ChangeStatus, Phase, StepPhase, StepStatus};
use crate::engine::effect::ChangeId;

impl Model {
    pub(super) fn show_changes(&mut self) -> Vec<Effect> {
        let mut lines: Vec<TextLine> =
            self.engine.changes().filter(|change| is_confirmed(change)).flat_map(told).collect();
        if lines.is_empty() {
            lines.push(TextLine::of(Tone::Dim, "nothing was changed in this run; 7 shows the journal of all"));
        }
        let title = Safe::from_static("Changes of this run, oldest first");
        self.push(Overlay::Reader(Viewer { title, text: Text::new(lines) }))
    }

    /// Holds back whatever still goes; only where everything is held back already does it all go on.
    pub(super) fn pause_or_go_on(&mut self) -> Vec<Effect> {
        let unsent: Vec<(ChangeId, bool)> = self
            .engine
            .changes()
            .filter(|change| has_unsent(change))
            .map(|change| (change.id, change.is_paused))
            .collect();
        if unsent.is_empty() {
            self.notices.say(self.now, Tone::Warning, "no change has steps left to be sent");
            return Vec::new();
        }
        if unsent.iter().any(|(_, is_paused)| !is_paused) {
            self.notices.say(self.now, Tone::Warning, "held back: what has been sent is followed all the same");
            return self.hold_all_back();
        }
        self.notices.say(self.now, Tone::Warning, "going on");
        let held: Vec<ChangeId> = unsent.into_iter().map(|(id, _)| id).collect();
        self.pause(&held, false)
    }

    /// Whoever leaves wants nothing more to be sent.
    pub(super) fn hold_all_back(&mut self) -> Vec<Effect> {
        let running = self.engine.changes().filter(|change| has_unsent(change) && !change.is_paused);
        let running: Vec<ChangeId> = running.map(|change| change.id).collect();
        self.pause(&running, true)
    }

    /// Whoever stays after all learns that their changes stand still.
    pub(super) fn say_what_is_held_back(&mut self) {
        let held = self.engine.changes().filter(|change| has_unsent(change) && change.is_paused);
        let unsent = held.map(unsent).sum::<usize>();
        if unsent > 0 {
            let steps = if unsent == 1 { "1 step is".to_owned() } else { format!("{unsent} steps are") };
            let key = self.settings.keymap.label(Action::Pause);
            self.notices.keep(Tone::Warning, safe!("{steps} held back and not sent: {key} goes on"));
        }
    }

    fn pause(&mut self, changes: &[ChangeId], paused: bool) -> Vec<Effect> {
        let effects = changes.iter().flat_map(|id| self.engine.pause(self.now, *id, paused));
        effects.map(Effect::Engine).collect()
    }

    pub(super) fn ask_by_hand(&mut self) -> Vec<Effect> {
        let Some(prompt) = self.question_after(None) else {
            self.notices.say(self.now, Tone::Warning, "no change of this run has an unknown outcome");
            return Vec::new();
        };
        self.push(Overlay::ByHand(prompt))
    }

    /// A key in that prompt: Tab goes to the next unknown outcome, everything else is text.
    pub(in crate::app) fn type_by_hand(&mut self, chord: Chord) {
        let Some(Overlay::ByHand(prompt)) = self.overlays.last_mut() else { return };
        if chord != Chord::plain(Key::Tab) {
            prompt.key(chord);
            return;
        }
        let here = prompt.change();
        if let Some(next) = self.question_after(Some(here)) {
            self.overlays.pop();
            self.overlays.push(Overlay::ByHand(next));
        }
    }

    /// The question about the unknown outcome after another one, round and round. A change has one at most: nothing is sent after it.
    fn question_after(&self, here: Option<ChangeId>) -> Option<ByHandPrompt> {
        let unknown = |change: &'_ ChangeStatus| change.steps.iter().any(is_unknown);
        let open: Vec<&ChangeStatus> = self.engine.changes().filter(|change| unknown(change)).collect();
        let later = open.iter().position(|change| here.is_none_or(|here| change.id > here));
        let place = later.unwrap_or(0);
        let change = open.get(place)?;
        let step = change.steps.iter().find(|step| is_unknown(step))?;
        Some(ByHandPrompt::new(change.id, step, (place + 1, open.len())))
    }

    /// Enter in that prompt: the word is recorded as this caller's. Anything else leaves the question where it is.
    pub(super) fn take_by_hand(&mut self, prompt: ByHandPrompt) -> Vec<Effect> {
        let change = prompt.change();
        let Some(word) = prompt.word() else {
            self.overlays.push(Overlay::ByHand(prompt));
            return Vec::new();
        };
        let open = self.engine.change(change).and_then(|status| status.steps.iter().find(|step| is_unknown(step)));
        let Some(step) = open else {
            self.notices.say(self.now, Tone::Warning, "reading has told the outcome meanwhile: nothing was recorded");
            return Vec::new();
        };
        let Some(Session::Open { identity }) = self.engine.session(step.key.login) else { return Vec::new() };
        let Some(caller) = identity.value().map(|identity| identity.caller_arn.clone()) else {
            self.notices.say(self.now, Tone::Warning, "it is not known who you are, so your word cannot be recorded");
            return Vec::new();
        };
        let effects = self.engine.resolve_by_hand(self.now, change, word.claim(&caller, None));
        self.report_outcomes();
        effects.into_iter().map(Effect::Engine).collect()
    }
}

/// The steps that holding back would keep from being sent.
fn unsent(change: &ChangeStatus) -> usize {
    let waits = |step: &&StepStatus| matches!(step.phase, StepPhase::Waiting | StepPhase::ReadingAgain);
    if change.is_in_flight() { change.steps.iter().filter(waits).count() } else { 0 }
}

fn has_unsent(change: &ChangeStatus) -> bool {
    unsent(change) > 0
}

fn is_unknown(step: &StepStatus) -> bool {
    matches!(step.phase, StepPhase::Reconciling { .. })
}

fn is_confirmed(change: &ChangeStatus) -> bool {
    match change.phase {
        Phase::Preparing { .. } | Phase::Impossible { .. } | Phase::Ready => false,
        Phase::CheckingIdentity | Phase::ReadingAgain { .. } | Phase::Applying | Phase::Ended => true,
    }
}

/// `enable 20` and a line for each step.
fn told(change: &ChangeStatus) -> Vec<TextLine> {
    let Some((_, operation, _)) = change.subject() else { return Vec::new() };
    let paused = if change.is_paused { "  held back: z goes on" } else { "" };
    let mut lines = vec![TextLine::of(Tone::Title, safe!("{} {}{paused}", operation.verb(), change.steps.len()))];
    lines.extend(change.steps.iter().map(line));
    lines
}

fn line(step: &StepStatus) -> TextLine {
    let (word, tone) = match (&step.phase, step.outcome()) {
        (_, Some(Outcome::Done)) => ("done", Tone::Good),
        (_, Some(Outcome::Failed)) => ("failed", Tone::Bad),
        (_, Some(Outcome::Unknown)) => ("unknown", Tone::Warning),
        (_, Some(Outcome::NotSent)) => ("not sent", Tone::Warning),
        (StepPhase::Waiting, None) => ("waits", Tone::Dim),
        (StepPhase::ReadingAgain, None) => ("reading", Tone::Dim),
        (StepPhase::Recording | StepPhase::Sending { .. }, None) => ("sending", Tone::Plain),
        (StepPhase::Following { .. } | StepPhase::Reconciling { .. } | StepPhase::Ended, None) => ("", Tone::Dim),
    };
    let detail = step.claim.as_ref().map(|claim| claim.detail.clone()).unwrap_or_default();
    TextLine::of(Tone::Dim, safe!("{:>4}  ", step.number))
        .and(tone, safe!("{word:<9} "))
        .and(Tone::Plain, safe!("{} {} {}  ", step.operation(), step.key.id, step.mutation.concerns()))
        .and(Tone::Dim, detail)
}
