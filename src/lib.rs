//! keyfleet: a terminal dashboard for AWS KMS multi-Region keys.

pub mod emulator;
