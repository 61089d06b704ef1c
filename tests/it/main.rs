//! The integration tests: one binary, any order, nothing but loopback.
#![expect(
    clippy::disallowed_methods,
    clippy::string_slice,
    reason = "a test waits for a condition until a deadline of its own, and may panic"
)]

#[cfg(test)]
mod cli;
#[cfg(test)]
mod emulator;
#[cfg(test)]
mod program;
#[cfg(test)]
mod pty;
#[cfg(test)]
mod terminal;
#[cfg(test)]
mod tidy;
