//! The engine without a screen: driven until everything in scope has been answered, well or badly, or without end.

use std::ops::ControlFlow;
use std::time::Duration;

use futures::FutureExt as _;

use super::clock::Clock;
use super::signals::{Signal, Signals};
use super::tasks::Tasks;
use crate::domain::time::Now;
use crate::engine::Engine;
use crate::engine::effect::Effect;
use crate::engine::message::Message;

/// Answers that are taken together, so that many at a time cost one look.
const AT_ONCE: usize = 256;

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
}

impl<'a> Drive<'a> {
    pub(crate) fn new(
        engine: &'a mut Engine,
        tasks: &'a mut Tasks,
        (clock, signals): (&'a Clock, &'a mut Signals),
    ) -> Self {
        Self { engine, tasks, clock, signals, wake_at: None }
    }

    pub(crate) fn engine(&self) -> &Engine {
        self.engine
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
