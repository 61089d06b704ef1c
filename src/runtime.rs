//! The loop and everything it touches: the terminal, its keys, signals, the clock, the tasks.

pub(crate) mod clock;
pub(crate) mod dashboard;
pub(crate) mod headless;
mod input;
mod pulse;
pub(crate) mod signals;
pub(crate) mod tasks;
pub(crate) mod terminal;
