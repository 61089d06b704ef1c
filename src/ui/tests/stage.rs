//! The dashboard on a stage: the model, the world that answers it, and the terminal it is drawn on. Everything happens by messages.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;

use super::story::{EIGHT, START, World, region};
use crate::app::effect::Effect;
use crate::app::key::{Chord, Key};
use crate::app::keymap::Keymap;
use crate::app::message::Message;
use crate::app::{Drawn, Formats, Model, Settings};
use crate::domain::filter::{Filter, RegionPattern};
use crate::domain::id::{AccountId, Login};
use crate::domain::rule::Rule;
use crate::domain::text::Foreign;
use crate::domain::time::{Now, Timestamp};
use crate::domain::verdict::Severity;
use crate::engine::Engine;
use crate::engine::effect::Effect as EngineEffect;
use crate::engine::settings::{Regions, Settings as EngineSettings};
use crate::ui::theme::Theme;
use crate::ui::view;

pub(super) struct Stage {
    pub(super) model: Model,
    pub(super) world: World,
    pub(super) theme: Theme,
    pub(super) drawn: Drawn,
    now: Now,
    waiting: VecDeque<EngineEffect>,
    engine_wakes: Option<Duration>,
    screen: Terminal<TestBackend>,
}

pub(super) fn engine_settings() -> EngineSettings {
    let account = AccountId::parse("111122223333").unwrap();
    EngineSettings {
        logins: vec![(Login(0), Some(Foreign::new("prod")))],
        regions: Regions::Only(EIGHT.iter().map(|name| region(name)).collect()),
        refresh: Some(Duration::from_mins(1)),
        quota_share: 1.0,
        rules: std::sync::Arc::from([]),
        protected_accounts: BTreeSet::new(),
        account_names: BTreeMap::from([(account, Foreign::new("acme-prod"))]),
        read_only: false,
        endpoints: None,
        live: true,
        seed: 11,
    }
}

impl Stage {
    pub(super) fn new((width, height): (u16, u16), world: World, engine: EngineSettings) -> Self {
        let now = Now { monotonic: Duration::ZERO, wall: Timestamp::parse(START).unwrap() };
        let settings = Settings {
            keymap: Keymap::default(),
            starts_unlocked: false,
            filter: None,
            tuning: crate::domain::check::tuning::Tuning::default(),
            formats: Formats {
                key_json: |_, _| "{}".to_owned(),
                markdown: |_, _| String::new(),
                loss: |_, _| String::new(),
            },
            width,
            height,
        };
        let mut stage = Self {
            model: Model::new(settings, Engine::new(engine), now),
            world,
            theme: Theme::auto(false, true),
            drawn: Drawn::default(),
            now,
            waiting: VecDeque::new(),
            engine_wakes: None,
            screen: Terminal::new(TestBackend::new(width, height)).unwrap(),
        };
        let effects = stage.model.start(now);
        stage.take(effects);
        stage.draw();
        stage
    }

    /// The story, told to its end.
    pub(super) fn story(size: (u16, u16)) -> Self {
        let mut stage = Self::new(size, World::story(), engine_settings());
        stage.settle();
        stage
    }

    /// The same under two rules: one misses members, one forbids one.
    pub(super) fn ruled(size: (u16, u16)) -> Self {
        let patterns =
            |names: &[&str]| -> Vec<_> { names.iter().map(|name| RegionPattern::parse(name).unwrap()).collect() };
        let rule = |name: &str, matching: &str, required: &[&str], allowed: &[&str]| Rule {
            name: Foreign::new(name),
            matching: Filter::parse(matching).unwrap(),
            required: patterns(required),
            allowed: patterns(allowed),
            forbidden: Vec::new(),
            primary: Vec::new(),
            min_related: None,
            severity: Severity::High,
        };
        let rules = [
            rule("dr-tier1", "alias:alias/backup-master", &["us-east-1", "us-west-2", "eu-central-1"], &[]),
            rule("eu-residency", "alias:alias/eu-*", &[], &["eu-*"]),
        ];
        let engine = EngineSettings { rules: std::sync::Arc::from(rules), ..engine_settings() };
        let mut stage = Self::new(size, World::story(), engine);
        stage.settle();
        stage
    }

    fn take(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Engine(EngineEffect::WakeAt(at)) => self.engine_wakes = Some(at),
                Effect::Engine(effect) => self.waiting.push_back(effect),
                Effect::LoadJournal => self.send(Message::JournalLoaded(Ok(Vec::new()))),
                Effect::Copy(_)
                | Effect::OpenLink(_)
                | Effect::WakeAt(_)
                | Effect::FindOpen { .. }
                | Effect::Suspend
                | Effect::Quit(_) => {}
            }
        }
    }

    pub(super) fn send(&mut self, message: Message) {
        let effects = self.model.update(self.now, message);
        self.take(effects);
    }

    pub(super) fn pass(&mut self, duration: Duration) {
        self.now = Now { monotonic: self.now.monotonic + duration, wall: self.now.wall.plus(duration) };
        self.send(Message::Tick);
    }

    /// Answers what is under way, for at most three seconds of the story: what is held back, or only probed, never ends.
    pub(super) fn settle(&mut self) {
        let end = self.now.monotonic + Duration::from_secs(3);
        loop {
            self.answer();
            self.draw();
            if self.waiting.iter().any(|effect| !self.world.holds(effect)) {
                continue;
            }
            let Some(at) = self.engine_wakes.take_if(|at| *at <= end) else { return };
            self.pass(at.saturating_sub(self.now.monotonic).max(Duration::from_millis(1)));
            self.send(Message::Engine(crate::engine::message::Message::Woke));
        }
    }

    /// One answer to everything that is under way now.
    fn answer(&mut self) {
        for effect in std::mem::take(&mut self.waiting) {
            match self.world.perform(&effect, self.now.wall) {
                Some(message) => self.send(Message::Engine(message)),
                None if self.world.holds(&effect) => self.waiting.push_back(effect),
                None => {}
            }
        }
    }

    /// Presses keys by their names, with a frame after each.
    pub(super) fn keys(&mut self, keys: &str) -> &mut Self {
        for name in keys.split(' ') {
            self.press(Chord::parse(name).unwrap());
        }
        self
    }

    /// Types text, key by key.
    pub(super) fn types(&mut self, text: &str) -> &mut Self {
        for character in text.chars() {
            self.press(Chord::plain(Key::Char(character)));
        }
        self
    }

    fn press(&mut self, chord: Chord) {
        self.send(Message::Key(chord.into()));
        self.draw();
    }

    /// One frame, and a second one if the first was news to the model.
    pub(super) fn draw(&mut self) -> &Buffer {
        for _ in 0..2 {
            let effects = self.model.freshen(self.now);
            self.take(effects);
            let (model, theme, now) = (&self.model, self.theme, self.now);
            let mut drawn = Drawn::default();
            self.screen.draw(|frame| drawn = view(model, theme, now, frame)).unwrap();
            let effects = self.model.drawn(self.now, &drawn);
            self.drawn = drawn;
            self.take(effects);
        }
        self.buffer()
    }

    pub(super) fn buffer(&self) -> &Buffer {
        self.screen.backend().buffer()
    }

    /// The screen as lines of text.
    pub(super) fn text(&self) -> String {
        text_of(self.buffer())
    }
}

pub(super) fn text_of(buffer: &Buffer) -> String {
    let area = buffer.area();
    let row = |row: u16| {
        let cells = (0..area.width).filter_map(|column| buffer.cell((column, row)));
        cells.map(ratatui::buffer::Cell::symbol).collect::<String>().trim_end().to_owned()
    };
    (0..area.height).map(row).collect::<Vec<_>>().join("\n")
}
