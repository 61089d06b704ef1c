//! `keyfleet emulate`: the embedded KMS alone, until it is interrupted.

use std::fmt::Write as _;
use std::path::Path;

use tokio::net::TcpListener;

use super::session::emulator_clock;
use super::{Ended, write_out};
use crate::cli::Emulate;
use crate::config::shown;
use crate::emulator::{self, Fleet};
use crate::runtime::clock::Clock;
use crate::runtime::signals::{Signal, Signals};

/// The largest fleet file that is read.
const LONGEST_FILE: u64 = 64 * 1024 * 1024;

pub(crate) async fn run(arguments: &Emulate) -> Result<Ended, Ended> {
    let fleet = match &arguments.fleet {
        Some(path) => read_fleet(path)?,
        None => Fleet::empty(),
    };
    let listener = TcpListener::bind(arguments.listen).await.map_err(|error| {
        Ended::environment(&format!(
            "--listen {}: {error}\nname another address with --listen ADDR:PORT",
            arguments.listen
        ))
    })?;
    let address = listener.local_addr().map_err(|error| Ended::environment(&error.to_string()))?;
    let mut signals = Signals::take().map_err(|error| Ended::environment(&error.to_string()))?;
    write_out(&announcement(&format!("http://{address}")))?;
    let ended = async move {
        loop {
            match signals.next().await {
                Signal::HangUp | Signal::Interrupt | Signal::Terminate => return,
                Signal::Resize | Signal::Stop => {}
            }
        }
    };
    let clock = emulator_clock(Clock::start());
    emulator::serve(&fleet, listener, clock, ended).await.map_err(|error| Ended::environment(&error.to_string()))?;
    Ok(Ended::done())
}

fn read_fleet(path: &Path) -> Result<Fleet, Ended> {
    let refuse = |what: String| Ended::usage(&format!("{}: {what}\ngive --fleet a readable fleet file", shown(path)));
    let metadata = std::fs::metadata(path).map_err(|error| refuse(error.kind().to_string()))?;
    if !metadata.is_file() {
        return Err(refuse("not a regular file".to_owned()));
    }
    if metadata.len() > LONGEST_FILE {
        return Err(refuse("over 64 MiB".to_owned()));
    }
    let text = std::fs::read_to_string(path).map_err(|error| refuse(error.kind().to_string()))?;
    Fleet::parse(&text).map_err(|error| Ended::usage(&error.in_file(shown(path).as_str())))
}

/// The endpoint, and what to paste to use it.
fn announcement(endpoint: &str) -> String {
    let mut text = String::new();
    let _infallible = writeln!(text, "{endpoint}");
    let _infallible = writeln!(
        text,
        "export AWS_ENDPOINT_URL={endpoint} AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_REGION=us-east-1"
    );
    let _infallible =
        writeln!(text, "AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test keyfleet --endpoint-url {endpoint}");
    text
}
