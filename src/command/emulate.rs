//! `keyfleet emulate`: the embedded KMS alone, until it is interrupted.

use std::path::Path;

use tokio::net::TcpListener;

use super::session::emulator_clock;
use super::{Ended, write_out};
use crate::cli::Emulate;
use crate::config::shown;
use crate::domain::text::Foreign;
use crate::emulator::{Emulation, Fleet, Options, Size, span};
use crate::runtime::clock::Clock;
use crate::runtime::signals::{Signal, Signals};

/// The largest fleet file that is read.
const LONGEST_FILE: u64 = 64 * 1024 * 1024;

pub(crate) async fn run(arguments: &Emulate) -> Result<Ended, Ended> {
    let fleet = match &arguments.fleet {
        Some(path) => read_fleet(path)?,
        None => Fleet::empty(),
    };
    let credentials = credentials(&fleet);
    let options = options(fleet, arguments)?;
    let refuse = |error: std::io::Error| Ended::environment(&lines(&error.to_string()));
    let emulation = Emulation::new(options, emulator_clock(Clock::start())).map_err(refuse)?;
    let listener = TcpListener::bind(arguments.listen).await.map_err(|error| {
        Ended::environment(&format!(
            "--listen {}: {error}\nname another address with --listen ADDR:PORT",
            arguments.listen
        ))
    })?;
    let address = listener.local_addr().map_err(refuse)?;
    let mut signals = Signals::take().map_err(refuse)?;
    write_out(&announcement(&format!("http://{address}"), &credentials))?;
    let ended = async move {
        loop {
            match signals.next().await {
                Signal::HangUp | Signal::Interrupt | Signal::Terminate => return,
                Signal::Resize | Signal::Stop => {}
            }
        }
    };
    emulation.serve(listener, ended).await.map_err(refuse)?;
    Ok(Ended::done())
}

/// The fleet with what the flags change about it.
fn options(fleet: Fleet, arguments: &Emulate) -> Result<Options, Ended> {
    let mut options = Options::new(fleet);
    if let Some(seed) = arguments.seed {
        options = options.seed(seed);
    }
    if let Some(text) = &arguments.latency {
        let refuse = || Ended::usage(&format!("--latency {}: this is no span of time\nwrite it as 60ms", inert(text)));
        options = options.latency(span(text).ok_or_else(refuse)?);
    }
    if let Some(text) = &arguments.size {
        let size = text.parse::<Size>().map_err(|error| {
            let what = error.to_string();
            Ended::usage(&format!("--size {}\nwrite it as keys=10000,regions=17,related=3", inert(&what)))
        })?;
        options = options.size(size);
    }
    if let Some(file) = &arguments.state {
        options = options.state(file.clone());
    }
    Ok(options)
}

/// A message of several lines, each as it may be printed.
fn lines(text: &str) -> String {
    text.lines().map(inert).collect::<Vec<_>>().join("\n")
}

/// A text from outside as it may be printed.
fn inert(text: &str) -> String {
    Foreign::new(text.to_owned()).safe().as_str().to_owned()
}

/// The credentials to paste. The secret of a fleet file stays there: it is not ours to print.
fn credentials(fleet: &Fleet) -> String {
    let (access_key, secret) = match fleet.first_credential() {
        Some((access_key, true)) => (access_key, "'the secret of the fleet file'"),
        Some((access_key, false)) => (access_key, "test"),
        None => ("test", "test"),
    };
    format!("AWS_ACCESS_KEY_ID={access_key} AWS_SECRET_ACCESS_KEY={secret}")
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
fn announcement(endpoint: &str, credentials: &str) -> String {
    format!(
        "{endpoint}\n\
         export AWS_ENDPOINT_URL={endpoint} {credentials} AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1\n\
         {credentials} keyfleet --endpoint-url {endpoint}\n"
    )
}
