//! The engine without a screen: driven until everything in scope has been answered, well or badly.

use std::time::Duration;

use super::clock::Clock;
use super::signals::{Signal, Signals};
use super::tasks::Tasks;
use crate::engine::Engine;
use crate::engine::effect::Effect;
use crate::engine::message::Message;

/// How a reading ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Read,
    Signal(Signal),
}

/// Reads the fleet once. `progress` is called after every answer.
pub(crate) async fn read_once(
    engine: &mut Engine,
    tasks: &mut Tasks,
    (clock, signals): (&Clock, &mut Signals),
    mut progress: impl FnMut(&Engine),
) -> End {
    let mut wake_at = None;
    let mut effects = engine.start(clock.now());
    loop {
        for effect in effects {
            if let Effect::WakeAt(at) = effect {
                wake_at = Some(at);
            } else {
                tasks.perform(effect);
            }
        }
        if engine.first_scan_is_over() {
            return End::Read;
        }
        let message = tokio::select! {
            biased;
            signal = signals.next() => match signal {
                Signal::Resize | Signal::Stop => None,
                Signal::HangUp | Signal::Interrupt | Signal::Terminate => return End::Signal(signal),
            },
            () = alarm(clock, wake_at) => {
                wake_at = None;
                Some(Message::Woke)
            }
            message = tasks.next() => Some(message),
        };
        effects = message.map(|message| engine.handle(clock.now(), message)).unwrap_or_default();
        progress(engine);
    }
}

/// Waits until a monotonic time; for ever if there is none.
pub(super) async fn alarm(clock: &Clock, at: Option<Duration>) {
    let Some(at) = at else { return std::future::pending().await };
    let left = at.saturating_sub(clock.now().monotonic);
    // The timeout is the point: nothing else is waited for.
    let _elapsed = tokio::time::timeout(left, std::future::pending::<()>()).await;
}
