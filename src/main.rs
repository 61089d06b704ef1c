//! The `keyfleet` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(keyfleet::main(std::env::args_os()))
}
