//! Signals as values.

use std::io;

use tokio::signal::unix::{Signal as Stream, SignalKind, signal};

/// What the outside asks of the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signal {
    /// Exit code 129.
    HangUp,
    /// Exit code 130.
    Interrupt,
    /// Exit code 143.
    Terminate,
    Resize,
    /// Ctrl-Z from outside: `kill -TSTP`.
    Stop,
}

/// The signals that keyfleet takes. While it lives, none of them ends the process by itself.
pub(crate) struct Signals {
    hang_up: Stream,
    interrupt: Stream,
    terminate: Stream,
    resize: Stream,
    stop: Stream,
}

impl Signals {
    pub(crate) fn take() -> io::Result<Self> {
        Ok(Self {
            hang_up: signal(SignalKind::hangup())?,
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            resize: signal(SignalKind::window_change())?,
            stop: signal(SignalKind::from_raw(rustix::process::Signal::TSTP.as_raw()))?,
        })
    }

    pub(crate) async fn next(&mut self) -> Signal {
        tokio::select! {
            biased;
            Some(()) = self.terminate.recv() => Signal::Terminate,
            Some(()) = self.hang_up.recv() => Signal::HangUp,
            Some(()) = self.interrupt.recv() => Signal::Interrupt,
            Some(()) = self.stop.recv() => Signal::Stop,
            Some(()) = self.resize.recv() => Signal::Resize,
            else => std::future::pending().await,
        }
    }
}
