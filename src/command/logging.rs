//! `--log`: what happens, one line each, identifiers and states only. To stderr, or under the dashboard to a file of this user alone.

use std::io;
use std::path::Path;
use std::sync::Mutex;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::writer::BoxMakeWriter;

use super::Ended;
use crate::config::shown;
use crate::state::private::{self, Access};

/// The dashboard's log, beside the journals.
const FILE: &str = "keyfleet.log";

/// Starts the log, if one was asked for. `directory` is where a dashboard keeps its file.
pub(super) fn start(filter: Option<&str>, directory: Option<&Path>) -> Result<(), Ended> {
    let Some(filter) = filter else { return Ok(()) };
    // The SDK's own lines may hold whole requests; only its warnings are let through unless they are asked for by name.
    let defaults =
        "aws_config=warn,aws_sdk_kms=warn,aws_sdk_sts=warn,aws_smithy_runtime=warn,hyper=warn,hyper_util=warn";
    let filter = EnvFilter::try_new(format!("{defaults},{filter}"))
        .map_err(|error| Ended::usage(&format!("--log: {error}\nfor example --log debug or --log keyfleet=trace")))?;
    let writer = match directory {
        None => BoxMakeWriter::new(io::stderr),
        Some(directory) => BoxMakeWriter::new(Mutex::new(open(directory)?)),
    };
    let started = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false).with_writer(writer).try_init();
    started.map_err(|error| Ended::internal(&format!("--log: {error}")))
}

fn open(directory: &Path) -> Result<std::fs::File, Ended> {
    let path = directory.join(FILE);
    private::directory(directory)
        .and_then(|()| private::open(&path, Access::Append))
        .map_err(|error| Ended::environment(&format!("--log: {}: {error}", shown(&path))))
}
