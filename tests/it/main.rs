//! The integration tests: one binary, any order, nothing but loopback.

#[cfg(test)]
mod emulator;
#[cfg(test)]
mod tidy;
