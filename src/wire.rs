//! The schemas that more than one module speaks, and the one way to write JSON.
//!
//! The structs here are the contract with other programs: names are never changed. They carry originals, and the writer makes them harmless on a terminal.

pub(crate) mod event;
pub(crate) mod fleet;
pub(crate) mod found;
pub(crate) mod json;
#[cfg_attr(not(test), expect(dead_code, reason = "no command says yet what became of a plan"))]
pub(crate) mod outcome;
pub(crate) mod parameters;
#[cfg_attr(not(test), expect(dead_code, unused_imports, reason = "no command writes or reads a plan yet"))]
pub(crate) mod plan;
