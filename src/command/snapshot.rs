//! `keyfleet snapshot`, and the file of `--snapshot`: the fleet kept as it is, and read again without asking anybody.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use super::{Ended, Outside, block_on, reading, write_out};
use crate::cli::{Cli, Command, Global, Snapshot};
use crate::domain::fleet::gaps::Gaps;
use crate::domain::text::{Safe, safe};
use crate::engine::Deep;
use crate::report::json::snapshot_pieces;
use crate::state::private::{self, PrivateError, shown};
use crate::wire::fleet::{self, Restored, restore};

/// More than this is neither written nor read.
const LARGEST: u64 = 256 << 20;

const STDOUT: &str = "-";

pub(crate) fn run(global: &Global, snapshot: &Snapshot, outside: &Outside) -> Result<Ended, Ended> {
    super::logging::start(global.log.as_deref(), None)?;
    if global.filter.is_some() {
        let words = "--filter: a snapshot holds every key\nleave it out here, and filter what is read from the file";
        return Err(Ended::usage(words));
    }
    let is_stdout = snapshot.file.as_os_str() == STDOUT;
    if !is_stdout {
        // Told before the reading, which may take minutes.
        private::check_plain(&snapshot.file).map_err(|error| unwritten(&error))?;
    }
    block_on(take(global, (&snapshot.file, is_stdout), outside))
}

/// What a flag that makes no sense with --snapshot is told.
pub(crate) fn check_flags(cli: &Cli) -> Result<(), Ended> {
    let global = &cli.global;
    if global.snapshot.is_none() {
        return Ok(());
    }
    let refused = |what: &str| {
        Err(Ended::usage(&format!("--snapshot: {what}\nit is for reading a fleet once: keyfleet list --snapshot FILE")))
    };
    match &cli.command {
        None => refused("the dashboard reads AWS"),
        Some(Command::List(list)) if list.watch => refused("nothing changes in a file: not together with --watch"),
        Some(Command::List(_) | Command::Check(_) | Command::Impact(_)) => match live_flag(global) {
            Some(flag) => Err(Ended::usage(&format!(
                "--snapshot: not together with {flag}: it says what to ask AWS, and nobody is asked\nleave out one of them"
            ))),
            None => Ok(()),
        },
        Some(Command::Snapshot(_)) => refused("a snapshot is taken of AWS"),
        Some(Command::Diff(_)) => refused("diff is given both of its files without it"),
        Some(Command::Plan(_)) => refused("a plan is made of what is there now"),
        Some(Command::Apply(_)) => refused("a plan is applied to what is there now"),
        Some(Command::Emulate(_) | Command::Config(_) | Command::Keys | Command::Journal(_)) => {
            refused("this command reads no fleet")
        }
    }
}

/// The first flag that only says something to a reading of AWS.
fn live_flag(global: &Global) -> Option<&'static str> {
    let flags = [
        (global.demo, "--demo"),
        (!global.profile.is_empty(), "--profile"),
        (!global.region.is_empty(), "--region"),
        (!global.endpoint_url.is_empty(), "--endpoint-url"),
        (global.write, "--write"),
    ];
    flags.into_iter().find_map(|(is_given, flag)| is_given.then_some(flag))
}

/// What a file holds.
pub(super) fn open(file: &Path) -> Result<Restored, Ended> {
    let refused =
        |what: &Safe| Ended::usage(&format!("{}: {what}\nname a file that `keyfleet snapshot` wrote", shown(file)));
    let bytes = bytes(file).map_err(|what| refused(&what))?;
    restore(&bytes).map_err(|why| refused(why.words()))
}

fn bytes(file: &Path) -> Result<Vec<u8>, Safe> {
    let unreadable = |error: &io::Error| {
        let is_absent = error.kind() == io::ErrorKind::NotFound;
        if is_absent { "there is no such file".into() } else { safe!("it cannot be read: {}", error.kind()) }
    };
    let kind = std::fs::metadata(file).map_err(|error| unreadable(&error))?.file_type();
    if kind.is_dir() {
        return Err(Safe::from_static("it is a directory, not a file"));
    }
    // Opening a pipe that nobody writes to would wait for ever.
    if !kind.is_file() {
        return Err(Safe::from_static("it is not a regular file"));
    }
    let mut bytes = Vec::new();
    let read = File::open(file).and_then(|file| file.take(LARGEST + 1).read_to_end(&mut bytes));
    read.map_err(|error| unreadable(&error))?;
    if is_too_large(bytes.len()) { Err(Safe::from_static("it is larger than 256 MiB")) } else { Ok(bytes) }
}

async fn take(global: &Global, (file, is_stdout): (&Path, bool), outside: &Outside) -> Result<Ended, Ended> {
    let deep = vec![Deep::Policy, Deep::Tags, Deep::Rotation];
    let read = reading::read(global, outside, |_| reading::Wanted { deep, request_ids: true }).await?;
    let snapshot = fleet::Snapshot { report: read.report(None), request_ids: &read.request_ids };
    let broken = |error| Ended::internal(&format!("the snapshot cannot be written: {error}"));
    let document: String = snapshot_pieces(&snapshot).collect::<Result<_, _>>().map_err(broken)?;
    if is_too_large(document.len()) {
        return Err(Ended::environment("the snapshot would be larger than 256 MiB\nname fewer Regions with --region"));
    }
    if is_stdout {
        write_out(&document)?;
    } else {
        private::replace_plain(file, document.as_bytes()).map_err(|error| unwritten(&error))?;
    }
    let gaps = Gaps::of(&read.fleet);
    let is_whole = read.fleet.is_complete() && gaps.is_empty();
    Ok(read.ended(if is_whole { 0 } else { 3 })?.saying((!is_whole).then(|| incomplete(&gaps))))
}

fn incomplete(gaps: &Gaps) -> String {
    let mut lines = vec!["the snapshot is written, and is not complete:".to_owned()];
    lines.extend(gaps.words().iter().map(Safe::to_string));
    lines.join("\n")
}

fn is_too_large(length: usize) -> bool {
    u64::try_from(length).unwrap_or(u64::MAX) > LARGEST
}

fn unwritten(error: &PrivateError) -> Ended {
    Ended::environment(&format!("{error}\nname a new file, or a plain one to be replaced"))
}
