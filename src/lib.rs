//! keyfleet: a terminal dashboard for AWS KMS multi-Region keys.

mod app;
pub mod cli;
mod command;
mod config;
mod domain;
pub mod emulator;
mod engine;
mod kms;
mod report;
mod runtime;
mod state;
mod ui;
mod wire;

pub use command::run;
