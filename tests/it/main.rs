//! The integration tests.

#[cfg(test)]
mod emulator;
