//! A server on a thread of its own, for the demo and for tests.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::thread::JoinHandle;

use tokio::sync::oneshot;

use super::{Clock, Emulation};
use crate::emulator::options::Options;

/// A server that runs. It stops when this is dropped.
#[derive(Debug)]
pub struct Running {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Running {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The URL to point a client at.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // A server that has ended by itself no longer listens for this.
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            // Its panic, if it had one, was reported by the thread itself.
            let _ = thread.join();
        }
    }
}

/// Starts a server on its own thread with its own runtime; with port 0 on a free port.
///
/// # Errors
/// If the address cannot be listened on, the state file cannot be read, or no thread can be had.
pub fn start(options: impl Into<Options>, listen: SocketAddr, clock: Clock) -> io::Result<Running> {
    let emulation = Emulation::new(options.into(), clock)?;
    let listener = TcpListener::bind(listen)?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
    let (stop, stopped) = oneshot::channel();
    let shutdown = async {
        // A sender that is gone wishes the same as one that speaks.
        let _ = stopped.await;
    };
    let work = move || {
        runtime.block_on(async {
            if let Ok(listener) = tokio::net::TcpListener::from_std(listener) {
                // It ends when it is told to, or with a state that cannot be saved: nobody is here to be told.
                let _ = emulation.serve(listener, shutdown).await;
            }
        });
    };
    let thread = std::thread::Builder::new().name("embedded-kms".to_owned()).spawn(work)?;
    Ok(Running { address, stop: Some(stop), thread: Some(thread) })
}
