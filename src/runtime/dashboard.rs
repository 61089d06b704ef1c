//! The loop of the dashboard: one turn waits for whatever comes first, takes all that has come, and draws if something changed.
//!
//! It decides nothing about keys or keys' states. Input is drawn at once, data at most thirty times a second, and nothing at all while nothing changes.

use std::io;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt as _;

use super::clock::Clock;
use super::headless::alarm;
use super::input::{Input, Stamped};
use super::pulse::Pulse;
use super::signals::{Signal, Signals};
use super::tasks::Tasks;
use super::terminal::Terminal;
use crate::app::Model;
use crate::app::effect::{Effect, Exit};
use crate::app::left_open::Owner;
use crate::app::message::Message;
use crate::domain::text::safe;
use crate::engine::Engine;
use crate::engine::effect::Effect as EngineEffect;
use crate::engine::message::Message as EngineMessage;
use crate::ui;
use crate::ui::theme::Theme;

/// Input messages taken in one turn.
const INPUTS: usize = 64;
/// Time spent on finished tasks in one turn.
const TASKS: Duration = Duration::from_millis(4);
/// A frame that answers a key begins this long after the last one began at the earliest; one that shows data, that long.
const AFTER_INPUT: Duration = Duration::from_millis(8);
const AFTER_DATA: Duration = Duration::from_millis(33);
/// How long quitting waits for a change that is on the wire.
const LAST_WAIT: Duration = Duration::from_secs(32);

/// How long quitting waits for the fleet to be kept.
const KEEPING: Duration = Duration::from_secs(2);

/// How the dashboard was left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Left {
    Quit,
    Signal(Signal),
    /// The terminal is gone.
    Lost,
}

/// Takes what is known and returns the work of keeping it, which may block; nothing if it is not worth it.
pub(crate) type Keeper = Box<dyn Fn(&Engine) -> Option<Work>>;
type Work = Box<dyn FnOnce() -> Message + Send>;

/// What one turn woke up for.
enum Woken {
    Signal(Signal),
    Input(Option<Stamped>),
    Alarm,
    Task(Message),
}

/// The dashboard with everything around it.
pub(crate) struct Dashboard {
    pub(crate) model: Model,
    pub(crate) tasks: Tasks,
    pub(crate) clock: Clock,
    pub(crate) theme: Theme,
    /// Reads the journals for the screen; called where it may block.
    pub(crate) journals: Arc<dyn Fn() -> Message + Send + Sync>,
    /// Looks into an account's journal for what a former run left open, to settle it or only to say so; called where it may block.
    pub(crate) left_open: Arc<dyn Fn(Owner, bool) -> Message + Send + Sync>,
    /// Keeps the fleet for the next run; `None` where nothing is kept.
    pub(crate) keeper: Option<Keeper>,
    /// What must live as long as the dashboard: the embedded KMS of a demo.
    pub(crate) _keeps: Box<dyn std::any::Any>,
    /// Fail on purpose once the first frame is drawn, to prove that the terminal survives it.
    pub(crate) panic_after_start: bool,
}

/// The times at which a turn must come even if nothing happens.
#[derive(Default)]
struct Alarms {
    engine: Option<Duration>,
    app: Option<Duration>,
    frame: Option<Duration>,
}

impl Alarms {
    fn next(&self) -> Option<Duration> {
        [self.engine, self.app, self.frame].into_iter().flatten().min()
    }
}

struct Turn {
    terminal: Terminal,
    input: Input,
    signals: Signals,
    alarms: Alarms,
    drawn_revision: Option<u64>,
    last_frame: Option<Duration>,
    input_waits: bool,
    pulse: Pulse,
    left: Option<Left>,
    is_kept: bool,
}

impl Turn {
    /// When the next frame may be drawn at the earliest.
    fn next_frame(&self) -> Duration {
        let gap = if self.input_waits { AFTER_INPUT } else { AFTER_DATA };
        self.last_frame.map_or(Duration::ZERO, |last| last + gap)
    }
}

impl Dashboard {
    /// Runs until it is left; the terminal is given back whatever happens.
    pub(crate) async fn run(mut self) -> io::Result<Left> {
        let signals = Signals::take()?;
        let mut turn = Turn {
            terminal: Terminal::take()?,
            input: Input::start(self.clock)?,
            signals,
            alarms: Alarms::default(),
            drawn_revision: None,
            last_frame: None,
            input_waits: false,
            pulse: Pulse::default(),
            left: None,
            is_kept: false,
        };
        // Whatever ends the turns, a bug included: a change that is on its way is waited for.
        let ended = AssertUnwindSafe(self.turns(&mut turn)).catch_unwind().await;
        turn.pulse.report();
        drop(turn);
        self.wait_for_changes().await;
        if ended.is_ok() {
            self.keep();
            self.tasks.finish_aside(KEEPING).await;
        }
        match ended {
            Ok(Ok(left)) => Ok(left),
            // The terminal went away under us: that is how a connection that is cut looks.
            Ok(Err(_gone)) => Ok(Left::Lost),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }

    async fn turns(&mut self, turn: &mut Turn) -> io::Result<Left> {
        let effects = self.model.start(self.clock.now());
        self.perform(turn, effects)?;
        self.draw(turn)?;
        assert!(!self.panic_after_start, "asked to fail");
        loop {
            if let Some(left) = turn.left {
                return Ok(left);
            }
            self.turn(turn).await?;
        }
    }

    async fn turn(&mut self, turn: &mut Turn) -> io::Result<()> {
        let woken = tokio::select! {
            biased;
            signal = turn.signals.next() => Woken::Signal(signal),
            message = turn.input.next() => Woken::Input(message),
            () = alarm(&self.clock, turn.alarms.next()) => Woken::Alarm,
            message = self.tasks.next_for_screen() => Woken::Task(message),
        };
        match woken {
            Woken::Signal(signal) => self.signal(turn, signal)?,
            Woken::Input(Some(input)) => self.input(turn, input)?,
            Woken::Input(None) => turn.left = Some(Left::Lost),
            Woken::Alarm => {}
            Woken::Task(message) => self.update(turn, message)?,
        }
        self.ring(turn)?;
        self.drain(turn)?;
        if !turn.is_kept && self.model.engine().first_scan_is_over() {
            turn.is_kept = true;
            self.keep();
        }
        self.draw_if_due(turn)?;
        self.catch_up(turn);
        Ok(())
    }

    /// Works off what the model has put aside, little by little: a turn comes again at once until all of it is done.
    fn catch_up(&mut self, turn: &mut Turn) {
        if self.model.is_unfinished() && !turn.input_waits {
            let now = self.clock.now();
            self.model.catch_up(now);
            turn.alarms.frame = Some(now.monotonic);
        }
    }

    /// Takes what else has come, up to a budget. What was typed is drawn before anything else is taken.
    fn drain(&mut self, turn: &mut Turn) -> io::Result<()> {
        for _ in 0..INPUTS {
            let Some(input) = turn.input.try_next() else { break };
            self.input(turn, input)?;
        }
        if turn.input_waits && self.clock.now().monotonic >= turn.next_frame() {
            return Ok(());
        }
        let start = self.clock.now().monotonic;
        while self.clock.now().monotonic.saturating_sub(start) < TASKS {
            let Some(message) = self.tasks.next_for_screen().now_or_never() else { break };
            self.update(turn, message)?;
        }
        Ok(())
    }

    /// Alarms whose time has come.
    fn ring(&mut self, turn: &mut Turn) -> io::Result<()> {
        let now = self.clock.now().monotonic;
        let due = |alarm: &mut Option<Duration>| alarm.take_if(|at| *at <= now).is_some();
        if due(&mut turn.alarms.engine) {
            self.update(turn, Message::Engine(EngineMessage::Woke))?;
        }
        if due(&mut turn.alarms.app) {
            self.update(turn, Message::Tick)?;
        }
        due(&mut turn.alarms.frame);
        Ok(())
    }

    fn input(&mut self, turn: &mut Turn, (message, read_at): Stamped) -> io::Result<()> {
        turn.input_waits = true;
        turn.pulse.read(read_at);
        self.update(turn, message)
    }

    fn signal(&mut self, turn: &mut Turn, signal: Signal) -> io::Result<()> {
        match signal {
            Signal::HangUp | Signal::Interrupt | Signal::Terminate => turn.left = Some(Left::Signal(signal)),
            Signal::Resize => {
                let (width, height) = crossterm::terminal::size()?;
                self.input(turn, (Message::Resized { width, height }, self.clock.now().monotonic))?;
            }
            Signal::Stop => self.perform(turn, vec![Effect::Suspend])?,
        }
        Ok(())
    }

    fn update(&mut self, turn: &mut Turn, message: Message) -> io::Result<()> {
        if matches!(message, Message::Engine(EngineMessage::Connected { result: Ok(_), .. })) {
            Pulse::connected();
        }
        let effects = self.model.update(self.clock.now(), message);
        self.perform(turn, effects)
    }

    fn perform(&mut self, turn: &mut Turn, effects: Vec<Effect>) -> io::Result<()> {
        for effect in effects {
            match effect {
                Effect::Engine(EngineEffect::WakeAt(at)) => turn.alarms.engine = Some(at),
                Effect::Engine(effect) => self.tasks.perform(effect),
                Effect::WakeAt(at) => turn.alarms.app = Some(at),
                Effect::Copy(text) => Terminal::copy(text.original())?,
                Effect::OpenLink(link) => {
                    if let Err(error) = open(&link) {
                        let words = safe!("cannot open a browser ({}): {link}", error.kind());
                        self.update(turn, Message::CouldNot(words))?;
                    }
                }
                Effect::LoadJournal => {
                    let read = Arc::clone(&self.journals);
                    self.tasks.start_aside(move || read());
                }
                Effect::FindOpen { owner, to_settle } => {
                    let find = Arc::clone(&self.left_open);
                    self.tasks.start_aside(move || find(owner, to_settle));
                }
                Effect::Suspend => {
                    turn.terminal.suspend()?;
                    turn.drawn_revision = None;
                    self.update(turn, Message::Resumed)?;
                }
                Effect::Quit(Exit::Done) => turn.left = Some(Left::Quit),
                Effect::Quit(Exit::Interrupted) => turn.left = Some(Left::Signal(Signal::Interrupt)),
            }
        }
        Ok(())
    }

    fn draw_if_due(&mut self, turn: &mut Turn) -> io::Result<()> {
        if turn.drawn_revision == Some(self.model.revision()) {
            turn.input_waits = false;
            turn.pulse.needs_no_frame();
            return Ok(());
        }
        let due = turn.next_frame();
        if self.clock.now().monotonic < due {
            turn.alarms.frame = Some(due);
            return Ok(());
        }
        self.draw(turn)
    }

    fn draw(&mut self, turn: &mut Turn) -> io::Result<()> {
        let now = self.clock.now();
        let effects = self.model.freshen(now);
        self.perform(turn, effects)?;
        turn.drawn_revision = Some(self.model.revision());
        let (model, theme) = (&self.model, self.theme);
        let mut drawn = crate::app::Drawn::default();
        turn.terminal.draw(|frame| drawn = ui::view(model, theme, now, frame))?;
        turn.last_frame = Some(now.monotonic);
        turn.input_waits = false;
        turn.pulse.drew(now.monotonic, self.clock.now().monotonic);
        let effects = self.model.drawn(self.clock.now(), &drawn);
        self.perform(turn, effects)
    }

    fn keep(&mut self) {
        if let Some(work) = self.keeper.as_ref().and_then(|keeper| keeper(self.model.engine())) {
            self.tasks.start_aside(work);
        }
    }

    /// A change that is on the wire is waited for: its outcome belongs into the journal.
    async fn wait_for_changes(&mut self) {
        let end = self.clock.now().monotonic + LAST_WAIT;
        while self.tasks.is_busy_with_a_change() && self.clock.now().monotonic < end {
            let left = end.saturating_sub(self.clock.now().monotonic);
            let Ok(message) = tokio::time::timeout(left, self.tasks.next()).await else { return };
            for effect in self.model.update(self.clock.now(), Message::Engine(message)) {
                match effect {
                    Effect::Engine(
                        effect @ (EngineEffect::Send { .. }
                        | EngineEffect::RecordOutcome { .. }
                        | EngineEffect::Release { .. }),
                    ) => self.tasks.perform(effect),
                    Effect::Engine(_)
                    | Effect::WakeAt(_)
                    | Effect::Copy(_)
                    | Effect::OpenLink(_)
                    | Effect::LoadJournal
                    | Effect::FindOpen { .. }
                    | Effect::Suspend
                    | Effect::Quit(_) => {}
                }
            }
        }
    }
}

/// Hands an address to the desktop's browser.
fn open(link: &str) -> io::Result<()> {
    let opener = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    std::process::Command::new(opener)
        .arg(link)
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .map(|_| ())
}
