//! keyfleet: a terminal dashboard for AWS KMS multi-Region keys.

mod domain;
pub mod emulator;
mod engine;
