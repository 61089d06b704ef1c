//! keyfleet: a terminal dashboard for AWS KMS multi-Region keys.
//!
//! This library is the whole of the `keyfleet` program. Three things of it are public: [`run`], the command line it takes ([`cli`]), and the embedded KMS
//! ([`emulator`]), which can be used alone. Everything else serves these and may change from one version to the next.
//!
//! # The map, in reading order
//!
//! What is known and decided, pure and without effects:
//!
//! - `domain`: keys, Regions, readings, plans, the filter language. `domain::fleet::presence` says what a key is in a Region: present, absent or unknown.
//! - `engine`: messages in, effects out. The Loader decides which read goes next; the change machine takes a change from the wish to its outcome.
//!
//! What it looks like, pure too:
//!
//! - `app`: the dashboard without a terminal. `app::action` is the registry of all that a person can do.
//! - `ui`: the model as a frame.
//!
//! The edge, where effects happen:
//!
//! - `config`: file, variables and flags, made settings.
//! - `kms`: one request to AWS each, and its answer as a value.
//! - `wire`, `report`: the fleet for other programs and on paper.
//! - `state`: the journal and its private files.
//! - `runtime`: the loop, the tasks, the terminal, the clock.
//! - `command`: the subcommands, which put all of it together.
//! - [`cli`]: flags and help.
//! - [`emulator`]: a KMS of our own, which shares no code with the client.
//!
//! Who may import whom is a table in `tests/it/tidy.rs`; ARCHITECTURE.md explains it and the choices behind it.

mod app;
#[doc(hidden)]
pub mod bench;
pub mod cli;
mod command;
mod config;
mod domain;
pub mod emulator;
mod engine;
mod kms;
mod report;
mod runtime;
#[cfg(test)]
mod simulation;
mod state;
mod ui;
mod wire;

pub use command::{main, run};
