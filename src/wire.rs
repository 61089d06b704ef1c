//! The schemas that more than one module speaks, and the one way to write JSON.
//!
//! The structs here are the contract with other programs: names are never changed. They carry originals, and the writer makes them harmless on a terminal.

pub(crate) mod difference;
pub(crate) mod event;
pub(crate) mod findings;
pub(crate) mod fleet;
pub(crate) mod found;
pub(crate) mod impact;
pub(crate) mod json;
pub(crate) mod outcome;
pub(crate) mod parameters;
pub(crate) mod plan;
