//! The subcommands: each puts the pieces together and says how the run ended.

mod cache;
mod change;
mod check;
pub(crate) mod config;
mod diff;
mod emulate;
mod impact;
pub(crate) mod journal;
pub(crate) mod keys;
mod list;
mod logging;
mod progress;
mod reading;
mod recorder;
mod session;
mod snapshot;
#[cfg(test)]
mod tests;
mod tui;
mod watch;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{self, IsTerminal as _, Write as _};

use clap::Parser as _;

use crate::cli::{Cli, Command, ConfigCommand, Global, JournalCommand};
use crate::config::ConfigError;
use crate::domain::id::AccountId;
use crate::domain::text::Foreign;
use crate::runtime::clock::Clock;
use crate::runtime::signals::Signal;
use crate::state::StateDir;

/// How a run ended: the exit code, and what stderr says of it.
#[derive(Debug)]
pub(crate) struct Ended {
    code: u8,
    words: Option<String>,
}

impl Ended {
    pub(crate) fn done() -> Self {
        Self::with(0)
    }

    pub(crate) fn with(code: u8) -> Self {
        Self { code, words: None }
    }

    /// A bad flag or file.
    pub(crate) fn usage(words: &str) -> Self {
        Self { code: 2, words: Some(words.to_owned()) }
    }

    /// Something that the machine lacks: a terminal, an address, a home.
    pub(crate) fn environment(words: &str) -> Self {
        Self::usage(words)
    }

    /// Something could not be read.
    pub(crate) fn incomplete(words: &str) -> Self {
        Self { code: 3, words: Some(words.to_owned()) }
    }

    /// A guard refuses it.
    pub(crate) fn refused(words: &str) -> Self {
        Self { code: 5, words: Some(words.to_owned()) }
    }

    /// Another keyfleet holds the account's lock.
    pub(crate) fn locked(words: &str) -> Self {
        Self { code: 7, words: Some(words.to_owned()) }
    }

    /// The journal cannot be used.
    pub(crate) fn journal(words: &str) -> Self {
        Self { code: 8, words: Some(words.to_owned()) }
    }

    /// A bug.
    pub(crate) fn internal(words: &str) -> Self {
        Self { code: 70, words: Some(words.to_owned()) }
    }

    pub(crate) fn signal(signal: Signal) -> Self {
        match signal {
            Signal::HangUp => Self::with(129),
            Signal::Interrupt => Self::with(130),
            Signal::Terminate => Self::with(143),
            Signal::Resize | Signal::Stop => Self::done(),
        }
    }

    fn saying(self, words: Option<String>) -> Self {
        Self { words, ..self }
    }
}

impl From<ConfigError> for Ended {
    fn from(error: ConfigError) -> Self {
        Self { code: error.exit, words: Some(error.to_string()) }
    }
}

/// What the process was started with, as values.
pub(crate) struct Outside {
    /// The command line, beginning with the program's name whatever path it was started by.
    pub(crate) arguments: Vec<Foreign>,
    pub(crate) variables: BTreeMap<String, String>,
    pub(crate) stdin_is_terminal: bool,
    pub(crate) stdout_is_terminal: bool,
    pub(crate) stderr_is_terminal: bool,
    pub(crate) seed: u64,
}

impl Outside {
    #[expect(clippy::disallowed_methods, reason = "the one place where the environment is read")]
    fn look(is_demo: bool, arguments: &[OsString]) -> Self {
        let readable = |(name, value): (OsString, OsString)| {
            Some((name.into_string().ok()?, value.to_string_lossy().into_owned()))
        };
        let started = Clock::start().now().wall.millis().unsigned_abs();
        let own = u64::from(std::process::id()) << 44;
        let given = arguments.iter().skip(1).map(|argument| argument.to_string_lossy().into_owned());
        Self {
            arguments: std::iter::once("keyfleet".to_owned()).chain(given).map(Foreign::new).collect(),
            variables: std::env::vars_os().filter_map(readable).collect(),
            stdin_is_terminal: io::stdin().is_terminal(),
            stdout_is_terminal: io::stdout().is_terminal(),
            stderr_is_terminal: io::stderr().is_terminal(),
            // The demo's identifiers are the same every time; elsewhere two runs must never share one.
            seed: if is_demo { 7 } else { started ^ own },
        }
    }

    pub(crate) fn variable(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }
}

/// Parses the command line and runs what it asks for. Returns the exit code; what is refused is said on stderr, with nothing in it that a terminal obeys.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> u8 {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    match Cli::try_parse_from(&arguments) {
        Ok(cli) => run_as(&cli, &arguments),
        Err(error) if !error.use_stderr() => match write_out(&error.to_string()) {
            Ok(ended) | Err(ended) => ended.code,
        },
        Err(error) => {
            let words = error.to_string();
            say(words.trim_start_matches("error: ").trim_end());
            2
        }
    }
}

/// Runs what the command line asks for, to its end, and returns the exit code; what went wrong is said on stderr. The codes stand in `keyfleet --help`.
///
/// Reports of this run name no command line; those of [`main`] do.
pub fn run(cli: &Cli) -> u8 {
    run_as(cli, &[])
}

fn run_as(cli: &Cli, arguments: &[OsString]) -> u8 {
    let outside = Outside::look(cli.global.demo, arguments);
    let ended = dispatch(cli, &outside).unwrap_or_else(|ended| ended);
    if let Some(words) = &ended.words {
        say(words);
    }
    ended.code
}

/// Says something on stderr; if nobody listens there, there is nobody to tell.
pub(crate) fn say(words: &str) {
    let words = words.lines().map(|line| Foreign::new(line).safe().to_string()).collect::<Vec<_>>().join("\n");
    let _nobody_listens = writeln!(io::stderr().lock(), "keyfleet: {words}");
}

fn dispatch(cli: &Cli, outside: &Outside) -> Result<Ended, Ended> {
    let global = &cli.global;
    snapshot::check_flags(cli)?;
    match &cli.command {
        None => tui::run(global, outside),
        Some(Command::List(list)) => list::run(global, list, outside),
        Some(Command::Check(check)) => check::run(global, check, outside),
        Some(Command::Impact(impact)) => impact::run(global, impact, outside),
        Some(Command::Snapshot(snapshot)) => snapshot::run(global, snapshot, outside),
        Some(Command::Diff(diff)) => diff::run(global, diff, outside),
        Some(Command::Plan(plan)) => change::plan::run(global, plan, outside),
        Some(Command::Apply(apply)) => change::apply::run(global, apply, outside),
        Some(Command::Emulate(emulate)) => block_on(emulate::run(emulate)),
        Some(Command::Keys) => {
            let settings = load(global, outside)?;
            write_out(&keys::keys(&settings.keymap))
        }
        Some(Command::Config(command)) => {
            let usual = config::usual_file();
            let named = global.config.as_deref();
            let text = match command.command {
                ConfigCommand::Path => config::path(named, usual.as_deref())?,
                ConfigCommand::Init => config::init(named, usual.as_deref())?,
                ConfigCommand::Check => config::check(&load(global, outside)?),
            };
            write_out(&text)
        }
        Some(Command::Journal(journal)) => read_journal(&journal.command, global.demo),
    }
}

fn load(global: &Global, outside: &Outside) -> Result<crate::config::Settings, Ended> {
    let usual = config::usual_file();
    let inputs = crate::config::Inputs {
        flags: &config::flags(global),
        environment: &outside.variables,
        usual_file: usual.as_deref(),
        live: false,
        seed: outside.seed,
    };
    crate::config::load(inputs).map_err(Ended::from)
}

fn read_journal(command: &JournalCommand, is_demo: bool) -> Result<Ended, Ended> {
    // The demo's journal ends with it, so for a demo that only reads journals there is none.
    let demo = is_demo.then(tempfile::tempdir).transpose();
    let demo = demo.map_err(|error| Ended::environment(&format!("no temporary directory: {error}")))?;
    let state = match &demo {
        Some(directory) => StateDir(directory.path().to_owned()),
        None => state_directory().ok_or_else(|| {
            let words = "no home directory, by environment or by user database: journals have no place\nset HOME";
            Ended::environment(words)
        })?,
    };
    let report = match command {
        JournalCommand::Show { account, output } => {
            journal::show(state.path(), account_flag(account.as_deref())?, *output)
        }
        JournalCommand::Verify { account, head } => {
            let head = head.as_deref().map(head_flag).transpose()?;
            journal::verify(state.path(), account_flag(account.as_deref())?, head.as_ref())
        }
    };
    let report = report.map_err(|error| Ended::environment(error.words().as_str()))?;
    let ended = write_out(&report.text)?;
    Ok(report.wrong.map_or(ended, |wrong| Ended::environment(&wrong)))
}

fn account_flag(digits: Option<&str>) -> Result<Option<AccountId>, Ended> {
    let bad = || Ended::usage("--account: twelve digits\nfor example --account 111122223333");
    digits.map(|digits| AccountId::parse(digits).ok_or_else(bad)).transpose()
}

fn head_flag(hash: &str) -> Result<journal::Head, Ended> {
    let bad = || Ended::usage("--head: 64 hexadecimal digits\nas `keyfleet journal show` prints them");
    journal::Head::parse(hash).ok_or_else(bad)
}

/// Where journals and locks are kept.
pub(crate) fn state_directory() -> Option<StateDir> {
    directories::ProjectDirs::from("", "", "keyfleet").as_ref().map(StateDir::of)
}

/// Writes the report. A reader who has seen enough is not an error.
pub(crate) fn write_out(text: &str) -> Result<Ended, Ended> {
    write_pieces(std::iter::once(Ok(text)))
}

/// The same of a report that is made piece by piece.
pub(crate) fn write_pieces<Piece: AsRef<str>>(
    pieces: impl Iterator<Item = Result<Piece, Ended>>,
) -> Result<Ended, Ended> {
    let mut stdout = io::BufWriter::new(io::stdout().lock());
    let unwritten = |error: io::Error| {
        let has_seen_enough = error.kind() == io::ErrorKind::BrokenPipe;
        if has_seen_enough { Ended::done() } else { Ended::environment(&format!("stdout: {error}")) }
    };
    for piece in pieces {
        stdout.write_all(piece?.as_ref().as_bytes()).map_err(unwritten)?;
    }
    stdout.flush().map_err(unwritten)?;
    Ok(Ended::done())
}

/// Runs on a runtime of its own, sized for this machine.
fn block_on(work: impl Future<Output = Result<Ended, Ended>>) -> Result<Ended, Ended> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(cores.saturating_sub(1).max(1))
        .max_blocking_threads(16)
        .enable_all()
        .build()
        .map_err(|error| Ended::environment(&format!("no runtime: {error}")))?;
    let ended = runtime.block_on(work);
    // A hung look-up or fsync must not hold us.
    runtime.shutdown_background();
    ended
}
