//! The engine without a screen: driven until everything in scope has been answered, well or badly, or without end.

use std::ops::ControlFlow;
use std::time::Duration;

use futures::FutureExt as _;

use super::clock::Clock;
use super::signals::{Signal, Signals};
use super::tasks::Tasks;
use crate::domain::id::Login;
use crate::domain::plan::{Claim, Intent, Plan};
use crate::domain::text::Safe;
use crate::domain::time::Now;
use crate::engine::Engine;
use crate::engine::change::Want;
use crate::engine::effect::{ChangeId, Effect};
use crate::engine::message::Message;

/// Answers that are taken together, so that many at a time cost one look.
const AT_ONCE: usize = 256;

/// How long a change on the wire is waited for once the run is to end.
const LAST_WAIT: Duration = Duration::from_secs(8);

/// How a reading ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Read,
    Signal(Signal),
}

/// What is driven, and by what.
pub(crate) struct Drive<'a> {
    engine: &'a mut Engine,
    tasks: &'a mut Tasks,
    clock: &'a Clock,
    signals: &'a mut Signals,
    wake_at: Option<Duration>,
    /// When whoever drives stops waiting.
    deadline: Option<Duration>,
}

impl<'a> Drive<'a> {
    pub(crate) fn new(
        engine: &'a mut Engine,
        tasks: &'a mut Tasks,
        (clock, signals): (&'a Clock, &'a mut Signals),
    ) -> Self {
        Self { engine, tasks, clock, signals, wake_at: None, deadline: None }
    }

    pub(crate) fn engine(&self) -> &Engine {
        self.engine
    }

    pub(crate) fn now(&self) -> Now {
        self.clock.now()
    }

    /// Reads the fleet once. `progress` is called after every answer.
    pub(crate) async fn read_once(&mut self, mut progress: impl FnMut(&Engine)) -> End {
        self.start();
        while !self.engine.first_scan_is_over() {
            if let Err(signal) = self.step().await {
                return End::Signal(signal);
            }
            progress(self.engine);
        }
        End::Read
    }

    /// Goes on reading after that, without end. `look` is called whenever something has happened, asks for what it needs, and may end it.
    pub(crate) async fn follow<T>(
        &mut self,
        mut look: impl FnMut(&mut Engine, Now) -> ControlFlow<T, Vec<Effect>>,
    ) -> Result<T, Signal> {
        loop {
            match look(self.engine, self.clock.now()) {
                ControlFlow::Break(end) => return Ok(end),
                ControlFlow::Continue(effects) => self.perform(effects),
            }
            self.step().await?;
            for _ in 0..AT_ONCE {
                let Some(message) = self.tasks.next().now_or_never() else { break };
                self.handle(message);
            }
        }
    }

    /// Goes on until this holds.
    pub(crate) async fn until(&mut self, done: impl Fn(&Engine) -> bool) -> Result<(), Signal> {
        self.until_or(None, done).await
    }

    /// Goes on until this holds, or until a monotonic time.
    pub(crate) async fn until_or(
        &mut self,
        deadline: Option<Duration>,
        done: impl Fn(&Engine) -> bool,
    ) -> Result<(), Signal> {
        self.deadline = deadline;
        while !done(self.engine) && deadline.is_none_or(|at| self.clock.now().monotonic < at) {
            self.step().await?;
        }
        self.deadline = None;
        Ok(())
    }

    /// Plans a change without meaning to make it.
    pub(crate) fn draft(&mut self, wants: Vec<Want>, valid_for: Duration) -> ChangeId {
        let (change, effects) = self.engine.draft(self.clock.now(), wants, valid_for);
        self.perform(effects);
        change
    }

    /// A plan in which there is nothing to do.
    pub(crate) fn plan_of_nothing(&mut self, login: Login, valid_for: Duration) -> Result<Plan, Safe> {
        self.engine.plan_of_nothing(self.clock.now(), login, valid_for)
    }

    /// Takes a plan that was made before. `over` are the steps that an earlier run has sent.
    pub(crate) fn adopt(&mut self, plan: Plan, over: &[(u32, Claim)]) -> ChangeId {
        self.engine.adopt(plan, over)
    }

    pub(crate) fn confirm(&mut self, change: ChangeId) {
        let effects = self.engine.confirm(self.clock.now(), change);
        self.perform(effects);
    }

    /// What of a change has not been sent is not sent any more.
    pub(crate) fn stop(&mut self, change: ChangeId, why: &Safe) {
        let effects = self.engine.stop(self.clock.now(), change, why);
        self.perform(effects);
    }

    /// Takes over what a former run left open.
    pub(crate) fn take_over(&mut self, login: Login, intent: Intent) -> ChangeId {
        let (change, effects) = self.engine.take_over(self.clock.now(), login, intent);
        self.perform(effects);
        change
    }

    /// A change on the wire is waited for, and its outcome recorded; nothing else is begun.
    pub(crate) async fn finish_changes(&mut self) {
        let end = self.clock.now().monotonic + LAST_WAIT;
        while self.tasks.is_busy_with_a_change() {
            let left = end.saturating_sub(self.clock.now().monotonic);
            let Ok(message) = tokio::time::timeout(left, self.tasks.next()).await else { return };
            for effect in self.engine.handle(self.clock.now(), message) {
                if matches!(effect, Effect::Send { .. } | Effect::RecordOutcome { .. } | Effect::Release { .. }) {
                    self.tasks.perform(effect);
                }
            }
        }
    }

    fn start(&mut self) {
        let effects = self.engine.start(self.clock.now());
        self.perform(effects);
    }

    /// Waits for the next thing and hands it to the engine.
    async fn step(&mut self) -> Result<(), Signal> {
        let message = tokio::select! {
            biased;
            signal = self.signals.next() => match signal {
                Signal::Resize | Signal::Stop => return Ok(()),
                Signal::HangUp | Signal::Interrupt | Signal::Terminate => return Err(signal),
            },
            () = alarm(self.clock, self.deadline) => return Ok(()),
            () = alarm(self.clock, self.wake_at) => {
                self.wake_at = None;
                Message::Woke
            }
            message = self.tasks.next() => message,
        };
        self.handle(message);
        Ok(())
    }

    fn handle(&mut self, message: Message) {
        let effects = self.engine.handle(self.clock.now(), message);
        self.perform(effects);
    }

    fn perform(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            if let Effect::WakeAt(at) = effect {
                self.wake_at = Some(at);
            } else {
                self.tasks.perform(effect);
            }
        }
    }
}

/// Waits until a monotonic time; for ever if there is none.
pub(super) async fn alarm(clock: &Clock, at: Option<Duration>) {
    let Some(at) = at else { return std::future::pending().await };
    let left = at.saturating_sub(clock.now().monotonic);
    // The timeout is the point: nothing else is waited for.
    let _elapsed = tokio::time::timeout(left, std::future::pending::<()>()).await;
}
