//! The engine against a scripted world: no network, no clock, any order of answers.

mod bulk;
mod deep;
mod failures;
mod first_screen;
mod folding;
mod policies;
mod refreshing;
pub(crate) mod ruled;
mod stories;
mod sweeps;
pub(crate) mod world;
