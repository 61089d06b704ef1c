//! What benches measure and nobody else uses: the dashboard on a screen that nobody sees, over a fleet of any size. It reads nothing and sends nothing.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use ratatui::Terminal;
use ratatui::backend::TestBackend;

use crate::app::effect::Effect as AppEffect;
use crate::app::key::Chord;
use crate::app::keymap::Keymap;
use crate::app::message::Message as AppMessage;
use crate::app::screen::Screen;
use crate::app::{Drawn, Formats, Model, Settings};
use crate::domain::id::{AccountId, KeyArn, KeyId, Login, Partition, Place, Region};
use crate::domain::key::{KeyState, RegionalKey, Role};
use crate::domain::plan::Identity;
use crate::domain::text::Foreign;
use crate::domain::time::{Now, Timestamp};
use crate::engine::Engine;
use crate::engine::effect::{Effect, ReadRequest};
use crate::engine::message::{Answer, Connection, Message, Next};
use crate::engine::settings::{Regions, Settings as EngineSettings};
use crate::ui;
use crate::ui::theme::Theme;

/// Members of each key.
const MEMBERS: usize = 3;

/// A dashboard that has read its whole fleet.
#[derive(Debug)]
pub struct Dashboard {
    model: Model,
    screen: Terminal<TestBackend>,
    now: Now,
    regions: Vec<Region>,
    keys: usize,
    goes_down: bool,
}

impl Dashboard {
    /// Reads a made-up fleet of so many multi-Region keys over the Regions that every account has. `None` if that cannot be set up.
    pub fn read(keys: usize, (width, height): (u16, u16)) -> Option<Self> {
        let regions: Vec<Region> = Partition::Aws.regions().into_iter().filter(Region::is_enabled_by_default).collect();
        let now = Now { monotonic: Duration::ZERO, wall: Timestamp::from_millis(1_800_000_000_000) };
        let engine = EngineSettings {
            logins: vec![(Login(0), None)],
            regions: Regions::Only(regions.clone()),
            refresh: None,
            quota_share: 1.0,
            rules: std::sync::Arc::from([]),
            protected_accounts: BTreeSet::new(),
            account_names: BTreeMap::new(),
            read_only: true,
            endpoints: None,
            live: true,
            seed: 1,
        };
        let settings = Settings {
            keymap: Keymap::default(),
            starts_unlocked: false,
            filter: None,
            tuning: crate::domain::check::tuning::Tuning::default(),
            formats: Formats {
                key_json: |_, _| String::new(),
                markdown: |_, _| String::new(),
                loss: |_, _| String::new(),
            },
            width,
            height,
        };
        let model = Model::new(settings, Engine::new(engine), now);
        let screen = Terminal::new(TestBackend::new(width, height)).ok()?;
        let mut dashboard = Self { model, screen, now, regions, keys, goes_down: true };
        dashboard.scan()?;
        Some(dashboard)
    }

    /// Moves the cursor by a row, up and down in turns, and draws the frame that shows it.
    pub fn key_and_frame(&mut self) {
        let chord = Chord::char(if self.goes_down { 'j' } else { 'k' });
        self.goes_down = !self.goes_down;
        self.pass(Duration::from_millis(1));
        let _nothing_is_sent = self.model.update(self.now, AppMessage::Key(chord.into()));
        self.frame();
    }

    /// Opens the findings: from the next frame on every key is judged, so many for each.
    pub fn open_findings(&mut self) {
        let _nothing_is_sent = self.model.update(self.now, AppMessage::Key(Chord::char('3').into()));
    }

    /// Draws a frame, judging keys for it. Says how many are still to be judged.
    pub fn judging_frame(&mut self) -> usize {
        self.pass(Duration::from_millis(1));
        self.frame();
        let Screen::Findings(findings) = self.model.screen() else { return 0 };
        findings.waiting()
    }

    /// Rows in the list.
    pub fn rows(&self) -> usize {
        self.model.fleet().counts().1
    }

    fn pass(&mut self, duration: Duration) {
        self.now = Now { monotonic: self.now.monotonic + duration, wall: self.now.wall.plus(duration) };
    }

    fn frame(&mut self) -> Vec<AppEffect> {
        let mut effects = self.model.freshen(self.now);
        let (model, now) = (&self.model, self.now);
        let mut drawn = Drawn::default();
        let shown = self.screen.draw(|frame| drawn = ui::view(model, Theme::auto(false, true), now, frame));
        effects.extend(shown.is_ok().then(|| self.model.drawn(self.now, &drawn)).into_iter().flatten());
        effects
    }

    /// Answers everything that is asked, and catches up. `None` if that does not come to an end.
    fn scan(&mut self) -> Option<()> {
        let mut waiting: VecDeque<AppEffect> = self.model.start(self.now).into();
        let mut answers: usize = 0;
        while !self.model.engine().first_scan_is_over() {
            if waiting.is_empty() {
                // What is held back until the first screen is known.
                self.pass(Duration::from_secs(4));
                waiting.extend(self.model.update(self.now, AppMessage::Engine(Message::Woke)));
                waiting.extend(self.frame());
                answers += 1_000;
            }
            let message = waiting.pop_front().and_then(|effect| self.answer(effect));
            let Some(message) = message else { continue };
            // Fast enough to be over soon, and slow enough for the quotas of AWS.
            self.pass(Duration::from_micros(100));
            waiting.extend(self.model.update(self.now, AppMessage::Engine(message)));
            answers += 1;
            if answers > self.keys * (MEMBERS + 1) + 10_000 {
                return None;
            }
        }
        self.frame();
        while self.model.is_unfinished() {
            self.model.catch_up(self.now);
        }
        self.frame();
        Some(())
    }

    fn answer(&self, effect: AppEffect) -> Option<Message> {
        let AppEffect::Engine(effect) = effect else { return None };
        match effect {
            Effect::Connect { login } => {
                let connection = Connection { region: self.regions.first().cloned(), endpoint: None };
                Some(Message::Connected { login, result: Ok(connection) })
            }
            Effect::Read { asked, place, request } => {
                let result = Ok(self.read_one(&place, &request)?);
                let took = Duration::from_millis(1);
                Some(Message::Answer { asked, place, result, took, request_id: None })
            }
            Effect::WakeAt(_)
            | Effect::Freeze { .. }
            | Effect::Identify { .. }
            | Effect::RecordIntent { .. }
            | Effect::Send { .. }
            | Effect::RecordOutcome { .. }
            | Effect::Release { .. } => None,
        }
    }

    fn read_one(&self, place: &Place, request: &ReadRequest) -> Option<Answer> {
        match request {
            ReadRequest::ListKeys { .. } => {
                let here = |number: &usize| self.members(*number).contains(&place.region);
                let multi_region: Vec<KeyArn> =
                    (0..self.keys).filter(here).filter_map(|number| arn(number, &place.region)).collect();
                let listed = u32::try_from(multi_region.len()).unwrap_or(u32::MAX);
                Some(Answer::Keys { listed, multi_region, unnamed: Vec::new(), next: Next::End })
            }
            ReadRequest::ListAliases { .. } => {
                let named = |number: usize| {
                    let id = arn(number, &place.region)?.id;
                    Some((Foreign::new(format!("alias/fleet-{number:06}")), id.as_str().into()))
                };
                let here = |number: &usize| self.members(*number).contains(&place.region);
                Some(Answer::Aliases {
                    aliases: (0..self.keys).filter(here).filter_map(named).collect(),
                    next: Next::End,
                })
            }
            ReadRequest::DescribeKey { arn } => Some(Answer::Key(Box::new(self.describe(arn)?))),
            ReadRequest::GetKeyPolicy { .. }
            | ReadRequest::ListResourceTags { .. }
            | ReadRequest::GetKeyRotationStatus { .. } => None,
            ReadRequest::GetCallerIdentity => Some(Answer::Identity(Identity {
                account: AccountId::parse("111122223333")?,
                caller_arn: Foreign::new("arn:aws:iam::111122223333:user/bench"),
                from: place.region.clone(),
                at: self.now.wall,
            })),
        }
    }

    /// The Regions of a key, its primary's first.
    fn members(&self, number: usize) -> Vec<Region> {
        self.regions.iter().cycle().skip(number % self.regions.len().max(1)).take(MEMBERS).cloned().collect()
    }

    fn describe(&self, asked: &KeyArn) -> Option<RegionalKey> {
        let number: usize = asked.id.tail().parse().ok()?;
        let members = self.members(number);
        let is_primary = members.first() == Some(&asked.region);
        // One in a hundred has something wrong with it, as in a fleet that lives.
        let state = if number.is_multiple_of(100) { KeyState::Disabled } else { KeyState::Enabled };
        Some(RegionalKey {
            arn: asked.clone(),
            state,
            role: Some(if is_primary { Role::Primary } else { Role::Replica }),
            primary: members.first().map(|region| asked.in_region(region)),
            replicas: members.iter().skip(1).map(|region| asked.in_region(region)).collect(),
            spec: Foreign::new("SYMMETRIC_DEFAULT"),
            usage: Foreign::new("ENCRYPT_DECRYPT"),
            origin: Foreign::new("AWS_KMS"),
            description: Foreign::new(""),
            created_at: None,
            deletion_date: None,
            pending_window_days: None,
            material_id: None,
            valid_to: None,
            oddities: Vec::new(),
        })
    }
}

fn arn(number: usize, region: &Region) -> Option<KeyArn> {
    let account = AccountId::parse("111122223333")?;
    let id = KeyId::parse(&format!("mrk-{number:06}"))?;
    Some(KeyArn { partition: Partition::Aws, region: region.clone(), account, id })
}
