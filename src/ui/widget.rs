//! The parts that screens are made of. Each draws itself into an area it is given and remembers nothing.

pub(crate) mod cell;
pub(crate) mod field;
pub(crate) mod footer;
pub(crate) mod grid;
pub(crate) mod identity;
pub(crate) mod matrix;
pub(crate) mod members;
pub(crate) mod message;
pub(crate) mod name;
pub(crate) mod region;
pub(crate) mod state;
pub(crate) mod strip;
pub(crate) mod text;
pub(crate) mod tree;
