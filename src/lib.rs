//! keyfleet: a terminal dashboard for AWS KMS multi-Region keys.

mod app;
mod domain;
pub mod emulator;
mod engine;
