//! What a message does: the engine's go to the engine, keys through the keymap to an action, and time passes.

use std::time::Duration;

use super::effect::Effect;
use super::lock::WriteLock;
use super::message::{KeyPress, Message};
use super::overlay::{Leaving, Overlay};
use super::text::Tone;
use super::{Model, NARROW};
use crate::app::action::Risk;
use crate::domain::fleet::presence::RegionStatus;
use crate::domain::id::Region;
use crate::domain::reading::ReasonKind;
use crate::domain::text::{Foreign, Safe, safe};
use crate::domain::time::{Now, span};
use crate::engine::change::Phase;
use crate::engine::effect::Effect as EngineEffect;
use crate::engine::message::Message as EngineMessage;
use crate::engine::settings::{EndpointOrigin, Regions};
use crate::engine::{Engine, Session};

impl Model {
    /// The first effects.
    pub(crate) fn start(&mut self, now: Now) -> Vec<Effect> {
        self.now = now;
        let mut effects: Vec<Effect> = self.engine.start(now).into_iter().map(Effect::Engine).collect();
        self.heed_refusals();
        effects.extend(self.pass_time());
        effects
    }

    /// Takes one message. Costs little whatever the fleet's size: what is derived is brought up to date by [`Model::freshen`].
    pub(crate) fn update(&mut self, now: Now, message: Message) -> Vec<Effect> {
        self.now = now;
        let mut effects = match message {
            Message::Engine(message) => self.take_from_engine(message),
            Message::Key(press) => {
                let mut effects = self.look(Engine::typed);
                effects.extend(self.press(press));
                effects
            }
            Message::Paste(text) => self.paste(&text),
            Message::Resized { width, height } => self.resize(width, height),
            Message::FocusGained => self.look(|engine, now| engine.focus(now, true)),
            Message::FocusLost => self.look(|engine, now| engine.focus(now, false)),
            Message::Tick => Vec::new(),
            Message::Resumed => {
                self.close_plans();
                self.redraw();
                Vec::new()
            }
            Message::JournalLoaded(loaded) => {
                self.journal.take(loaded);
                self.redraw();
                Vec::new()
            }
            Message::LeftOpen { login, found } => self.take_left_open(login, found),
            Message::CouldNot(why) => {
                self.notices.say(now, Tone::Warning, why);
                self.redraw();
                Vec::new()
            }
        };
        effects.extend(self.pass_time());
        effects
    }

    /// Tells the engine whether anybody looks.
    fn look(&mut self, tell: impl FnOnce(&mut Engine, Now) -> Vec<EngineEffect>) -> Vec<Effect> {
        tell(&mut self.engine, self.now).into_iter().map(Effect::Engine).collect()
    }

    pub(in crate::app) fn redraw(&mut self) {
        self.revision += 1;
    }

    fn take_from_engine(&mut self, message: EngineMessage) -> Vec<Effect> {
        let is_record = matches!(message, EngineMessage::Recorded { .. });
        let effects = self.engine.handle(self.now, message);
        let mut effects: Vec<Effect> = effects.into_iter().map(Effect::Engine).collect();
        self.is_stale = true;
        self.heed_refusals();
        self.report_outcomes();
        effects.extend(self.look_for_open());
        if is_record && self.tab == super::screen::Tab::Journal {
            effects.extend(self.load_journal());
        }
        self.redraw();
        effects
    }

    /// Whatever forbids changes for the rest of the run closes the lock for good.
    fn heed_refusals(&mut self) {
        let anywhere = self.any_region();
        let refused = anywhere.and_then(|region| self.engine.changes_are_refused(&region));
        if let Some(why) = refused {
            self.lock = WriteLock::ReadOnly(why);
        }
    }

    /// A Region to ask about what holds for all of them.
    fn any_region(&self) -> Option<Region> {
        let settings = self.engine.settings();
        match &settings.regions {
            Regions::Only(regions) => regions.first().cloned(),
            Regions::Auto => {
                let place = self.engine.fleet().places().next();
                place.map(|(place, _)| place.region.clone()).or_else(|| Region::parse("us-east-1").ok())
            }
        }
    }

    fn press(&mut self, press: KeyPress) -> Vec<Effect> {
        self.redraw();
        let context = self.context();
        match self.settings.keymap.action(context, press.chord) {
            Some(action) if press.is_repeat && action.entry().risk != Risk::Looks => Vec::new(),
            Some(action) => self.act(action),
            None => self.type_text(press),
        }
    }

    /// A key that is bound to nothing: text, where there is a place for it.
    fn type_text(&mut self, press: KeyPress) -> Vec<Effect> {
        match self.overlays.last_mut() {
            Some(Overlay::Filter(prompt)) => {
                prompt.error = None;
                prompt.line.key(press.chord);
            }
            Some(Overlay::Search(prompt)) => prompt.line.key(press.chord),
            Some(Overlay::ByHand(_)) => self.type_by_hand(press.chord),
            Some(Overlay::Plan(_)) => return self.type_into_plan(press),
            // Any other key is not a choice: the question goes away.
            Some(Overlay::Copy) => {
                self.overlays.pop();
            }
            Some(
                Overlay::Help(_)
                | Overlay::Reader(_)
                | Overlay::Permissions(_)
                | Overlay::SideBySide(_)
                | Overlay::Menu(_)
                | Overlay::Quit(_),
            )
            | None => {}
        }
        Vec::new()
    }

    fn paste(&mut self, text: &Foreign) -> Vec<Effect> {
        self.redraw();
        match self.overlays.last_mut() {
            Some(Overlay::Filter(prompt)) => prompt.line.paste(text),
            Some(Overlay::Search(prompt)) => prompt.line.paste(text),
            Some(Overlay::Plan(dialog)) => {
                dialog.refuse_paste();
                self.notices.say(self.now, Tone::Warning, "pasting is refused in a plan: type the text");
            }
            Some(
                Overlay::Help(_)
                | Overlay::Reader(_)
                | Overlay::Permissions(_)
                | Overlay::SideBySide(_)
                | Overlay::Menu(_)
                | Overlay::Copy
                | Overlay::ByHand(_)
                | Overlay::Quit(_),
            )
            | None => {}
        }
        Vec::new()
    }

    fn resize(&mut self, width: u16, height: u16) -> Vec<Effect> {
        self.size = (width, height);
        let region = self.fleet.selected_region().cloned();
        let before = self.fleet.layout();
        self.fleet.is_narrow = width < NARROW;
        if self.fleet.layout() != before {
            self.fleet.follow_layout(region);
        }
        for overlay in &mut self.overlays {
            if let Overlay::Plan(dialog) = overlay {
                dialog.lose_sight();
            }
        }
        self.redraw();
        Vec::new()
    }

    /// What time alone does: locks run out, notices go, ages grow by a step, a wait for an answer ends.
    fn pass_time(&mut self) -> Vec<Effect> {
        if self.lock.expire(self.now) {
            self.notices.say(self.now, Tone::Warning, "the ten minutes are over: writes are locked");
            self.redraw();
        }
        if self.notices.expire(self.now) {
            self.redraw();
        }
        let step = self.step_length();
        let here = step_number(self.now.monotonic, step);
        if here != self.step {
            self.step = here;
            self.redraw();
        }
        let mut effects = self.leave_if_answered();
        let next_step = self.now.monotonic + step.saturating_sub(remainder(self.now.monotonic, step));
        let lock = self.lock.left(self.now).map(|left| self.now.monotonic + left);
        let leaving = self.leaving().and_then(|leaving| leaving.until);
        let due = [lock, leaving, self.notices.next_expiry()].into_iter().flatten();
        let next = due.filter(|at| *at > self.now.monotonic).chain([next_step]).min();
        if next != self.wake_at {
            self.wake_at = next;
            effects.extend(next.map(Effect::WakeAt));
        }
        effects
    }

    fn leaving(&self) -> Option<Leaving> {
        self.overlays.iter().find_map(|overlay| match overlay {
            Overlay::Quit(leaving) => Some(*leaving),
            Overlay::Help(_)
            | Overlay::Reader(_)
            | Overlay::Permissions(_)
            | Overlay::SideBySide(_)
            | Overlay::Menu(_)
            | Overlay::Copy
            | Overlay::Filter(_)
            | Overlay::Search(_)
            | Overlay::ByHand(_)
            | Overlay::Plan(_) => None,
        })
    }

    fn leave_if_answered(&mut self) -> Vec<Effect> {
        let Some(Leaving { exit, until: Some(until) }) = self.leaving() else { return Vec::new() };
        if self.is_waiting_for_an_answer() && self.now.monotonic < until {
            return Vec::new();
        }
        vec![Effect::Quit(exit)]
    }

    /// How long nothing that is shown looks different for time alone: a second where one is counted, ten where an age below a minute is shown.
    fn step_length(&self) -> Duration {
        let counts = |phase: &Phase| match phase {
            Phase::Impossible { .. } | Phase::Ended => false,
            Phase::Preparing { .. }
            | Phase::Ready
            | Phase::CheckingIdentity
            | Phase::ReadingAgain { .. }
            | Phase::Applying => true,
        };
        let is_counting = self.lock.left(self.now).is_some()
            || self.leaving().is_some()
            || self.fleet.summary().moving > 0
            || self.engine.changes().any(|change| counts(&change.phase));
        let minute_ago = |at| self.now.wall.since(at) < Duration::from_secs(65);
        let mut read_at = self.engine.fleet().places().filter_map(|(_, facts)| facts.listing.at());
        if is_counting {
            Duration::from_secs(1)
        } else if read_at.any(minute_ago) || self.engine.fleet().keys().len() == 0 {
            Duration::from_secs(10)
        } else {
            Duration::from_secs(30)
        }
    }

    /// What stays said as long as its cause lasts: no credentials, an endpoint that nobody typed. Worst first.
    pub(crate) fn banners(&self) -> Vec<(Tone, Safe)> {
        let mut banners = Vec::new();
        for (login, profile) in &self.engine.settings().logins {
            let name = profile
                .as_ref()
                .map_or(Safe::from_static("the default chain"), |name| safe!("profile {}", name.safe()));
            match self.engine.session(*login) {
                Some(Session::Failed(error)) => {
                    banners.push((Tone::Bad, safe!("{name}: {}. {}", error.what, error.next_step)));
                }
                Some(Session::Connecting { since }) => {
                    let waited = span(self.now.wall.since(*since));
                    let run = sign_in(profile.as_ref());
                    banners
                        .push((Tone::Plain, safe!("waiting for credentials of {name}, {waited}; if it lasts: {run}")));
                }
                Some(Session::Open { .. }) | None => {}
            }
        }
        banners.extend(self.expired());
        banners.extend(self.endpoint_banner());
        banners
    }

    /// Expired credentials fail every Region alike: they are one banner, not as many errors.
    fn expired(&self) -> Option<(Tone, Safe)> {
        let mut statuses = self.engine.fleet().places().map(|(_, facts)| facts.status());
        let why = statuses.find_map(|status| match status {
            RegionStatus::Failed { why, .. } | RegionStatus::Partial { why, .. } => {
                (why.kind == ReasonKind::ExpiredCredentials).then_some(why)
            }
            RegionStatus::Waiting | RegionStatus::Loading { .. } | RegionStatus::Loaded { .. } => None,
        })?;
        Some((Tone::Bad, safe!("{}: {}; what is shown grows old until then", why.kind.words(), why.next_step)))
    }

    fn endpoint_banner(&self) -> Option<(Tone, Safe)> {
        let (endpoint, origin) = self.engine.endpoint(&self.any_region()?)?;
        let endpoint = endpoint.safe();
        Some(match origin {
            EndpointOrigin::Environment => (
                Tone::Warning,
                safe!("endpoint {endpoint} comes from the environment or an AWS profile: changes are refused"),
            ),
            EndpointOrigin::CommandLine | EndpointOrigin::Configuration => {
                let named = self.engine.settings().endpoints.as_ref();
                let everywhere = named.is_some_and(|named| named.everywhere.is_some());
                let elsewhere =
                    if everywhere { "nothing goes to AWS" } else { "the other Regions' requests go to AWS" };
                (Tone::Dim, safe!("endpoint {endpoint}: {elsewhere}"))
            }
        })
    }
}

/// The command that most often brings credentials back.
fn sign_in(profile: Option<&Foreign>) -> Safe {
    match profile {
        Some(profile) => safe!("aws sso login --profile {}", profile.safe()),
        None => Safe::from_static("aws sso login, or aws configure"),
    }
}

fn step_number(at: Duration, step: Duration) -> u64 {
    let number = at.as_millis() / step.as_millis().max(1);
    u64::try_from(number).unwrap_or(u64::MAX)
}

fn remainder(at: Duration, step: Duration) -> Duration {
    let rest = at.as_millis() % step.as_millis().max(1);
    Duration::from_millis(u64::try_from(rest).unwrap_or(0))
}
