//! Drives the dashboard without a terminal: keys and time go in, a scripted world answers what is asked, and what was asked for is kept to be looked at.

use std::collections::VecDeque;
use std::time::Duration;

use super::effect::Effect;
use super::key::{Chord, Key};
use super::keymap::Keymap;
use super::message::{KeyPress, Message};
use super::overlay::Overlay;
use super::overlay::plan::{Field, PlanDrawn};
use super::{Drawn, Formats, Model, Settings};
use crate::domain::text::Foreign;
use crate::domain::time::{Now, Timestamp};
use crate::engine::Engine;
use crate::engine::effect::Effect as EngineEffect;
use crate::engine::message::Message as EngineMessage;
use crate::engine::settings::Settings as EngineSettings;
use crate::engine::tests::world::World;

/// The dashboard, its world, and how much of it a screen would show.
pub(crate) struct Harness {
    pub(crate) model: Model,
    pub(crate) world: World,
    pub(crate) now: Now,
    /// Lines of the plan's middle, and how many of them are on screen at once.
    pub(crate) plan_lines: (usize, usize),
    /// Everything that was asked for but reads, waits and connections.
    sought: Vec<Effect>,
    pub(crate) effects: Vec<Effect>,
    waiting: VecDeque<EngineEffect>,
    engine_wakes: Option<Duration>,
    wakes: Option<Duration>,
}

/// What the dashboard is told, with the writes locked.
pub(crate) fn settings() -> Settings {
    Settings {
        keymap: Keymap::default(),
        starts_unlocked: false,
        filter: None,
        tuning: crate::domain::check::tuning::Tuning::default(),
        formats: Formats {
            key_json: |_, row| format!("{{\n  \"key_id\": \"{}\"\n}}", row.key.id),
            markdown: |_, rows| rows.iter().map(|row| row.key.id.as_str()).collect::<Vec<_>>().join("\n"),
            loss: |impact, _| format!("{}\n{}", impact.names(), impact.counts()),
        },
        width: 80,
        height: 24,
    }
}

impl Harness {
    /// Starts; nothing has been answered yet.
    pub(crate) fn start(settings: Settings, engine: EngineSettings, world: World) -> Self {
        let now = Now { monotonic: Duration::ZERO, wall: Timestamp::from_millis(1_800_000_000_000) };
        let model = Model::new(settings, Engine::new(engine), now);
        let mut harness = Self {
            model,
            world,
            now,
            plan_lines: (8, 8),
            effects: Vec::new(),
            sought: Vec::new(),
            waiting: VecDeque::new(),
            engine_wakes: None,
            wakes: None,
        };
        let effects = harness.model.start(now);
        harness.take(effects);
        harness
    }

    /// Starts and reads everything.
    pub(crate) fn open(settings: Settings, engine: EngineSettings, world: World) -> Self {
        let mut harness = Self::start(settings, engine, world);
        harness.answer();
        for _ in 0..60 {
            if harness.model.engine().first_scan_is_over() {
                break;
            }
            harness.wait(Duration::from_millis(500));
        }
        harness
    }

    /// One message, and the frame after it.
    pub(crate) fn tell(&mut self, message: Message) {
        let effects = self.model.update(self.now, message);
        self.take(effects);
        self.frame();
    }

    /// Presses keys by name, with time enough between them, and without answering anything.
    pub(crate) fn keys(&mut self, names: &str) {
        for name in names.split_whitespace() {
            let chord = Chord::parse(name).unwrap_or_else(|_| panic!("{name} is no key"));
            self.press(chord);
        }
    }

    /// Types a text, character by character.
    pub(crate) fn type_text(&mut self, text: &str) {
        for character in text.chars() {
            self.press(Chord::char(character));
        }
    }

    pub(crate) fn enter(&mut self) {
        self.press(Chord::plain(Key::Enter));
    }

    pub(crate) fn press(&mut self, chord: Chord) {
        self.pass(Duration::from_millis(20));
        self.tell(Message::Key(chord.into()));
    }

    /// What a terminal reports while a key is held down.
    pub(crate) fn hold(&mut self, chord: Chord) {
        self.pass(Duration::from_millis(20));
        self.tell(Message::Key(KeyPress { chord, is_repeat: true }));
    }

    pub(crate) fn paste(&mut self, text: &str) {
        self.tell(Message::Paste(Foreign::new(text)));
    }

    /// Answers everything that is under way, and what that asks for.
    pub(crate) fn answer(&mut self) {
        self.answer_until(|_| false);
    }

    /// Answers one thing after the other, until the world is as it is waited for.
    pub(crate) fn answer_until(&mut self, done: impl Fn(&World) -> bool) {
        while !done(&self.world) {
            let Some(effect) = self.waiting.pop_front() else { return };
            self.pass(Duration::from_millis(1));
            if let Some(message) = self.world.perform(effect) {
                self.tell(Message::Engine(message));
            }
        }
    }

    /// Answers one thing.
    pub(crate) fn answer_one(&mut self) {
        let effect = self.waiting.pop_front().expect("nothing is under way");
        self.pass(Duration::from_millis(1));
        if let Some(message) = self.world.perform(effect) {
            self.tell(Message::Engine(message));
        }
    }

    /// Lets time pass, with everything that becomes due in it.
    pub(crate) fn wait(&mut self, duration: Duration) {
        let end = self.now.monotonic + duration;
        loop {
            self.answer();
            let next = [self.engine_wakes, self.wakes].into_iter().flatten().filter(|at| *at <= end).min();
            let Some(at) = next else { break };
            self.pass(at.saturating_sub(self.now.monotonic));
            if self.engine_wakes.is_some_and(|due| due <= at) {
                self.engine_wakes = None;
                self.tell(Message::Engine(EngineMessage::Woke));
            }
            if self.wakes.is_some_and(|due| due <= at) {
                self.wakes = None;
                self.tell(Message::Tick);
            }
        }
        self.pass(end.saturating_sub(self.now.monotonic));
        self.tell(Message::Tick);
    }

    /// Draws, as far as the model can tell.
    pub(crate) fn frame(&mut self) {
        let effects = self.model.freshen(self.now);
        self.take(effects);
        let drawn =
            Drawn { list_lines: Some(12), region_columns: Some(8), text_lines: Some(12), plan: self.plan_drawn() };
        let effects = self.model.drawn(self.now, &drawn);
        self.take(effects);
    }

    fn plan_drawn(&self) -> Option<PlanDrawn> {
        let Some(Overlay::Plan(dialog)) = self.model.overlays().last() else { return None };
        let (total, shown) = self.plan_lines;
        let first = dialog.first().min(total.saturating_sub(shown));
        Some(PlanDrawn { change: dialog.change(), has_identity_and_field: true, first, shown, total })
    }

    pub(crate) fn field(&self) -> Field {
        self.model.plan_field().expect("a plan is open")
    }

    /// The newest thing that was said.
    pub(crate) fn said(&self) -> String {
        self.model.notices().iter().next().map(|notice| notice.text.as_str().to_owned()).unwrap_or_default()
    }

    /// The names of the keys in the list, in order, by the last six characters of their IDs.
    pub(crate) fn listed(&self) -> Vec<String> {
        self.model.fleet().list().items().iter().map(|item| item.key.id.tail().to_owned()).collect()
    }

    /// What was looked for of former runs.
    pub(crate) fn sought(&self) -> &[Effect] {
        &self.sought
    }

    /// What was asked for since the last call.
    pub(crate) fn take_effects(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.effects)
    }

    fn pass(&mut self, duration: Duration) {
        self.now = Now { monotonic: self.now.monotonic + duration, wall: self.now.wall.plus(duration) };
    }

    fn take(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Engine(EngineEffect::WakeAt(at)) => self.engine_wakes = Some(at),
                Effect::WakeAt(at) => self.wakes = Some(at),
                Effect::Engine(effect) => {
                    if !matches!(effect, EngineEffect::Read { .. } | EngineEffect::Connect { .. }) {
                        self.effects.push(Effect::Engine(effect.clone()));
                    }
                    self.waiting.push_back(effect);
                }
                Effect::Copy(_) | Effect::OpenLink(_) | Effect::LoadJournal | Effect::Suspend | Effect::Quit(_) => {
                    self.effects.push(effect);
                }
                Effect::FindOpen { .. } => self.sought.push(effect),
            }
        }
    }
}
