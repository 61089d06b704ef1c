//! The `keyfleet` command.

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    ExitCode::from(keyfleet::run(&keyfleet::cli::Cli::parse()))
}
