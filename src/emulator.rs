//! The embedded KMS: a server that speaks the wires of AWS KMS and STS and behaves as multi-Region keys do.
//!
//! `fleet` reads what it starts with, `model` is the service as a synchronous value, `op` holds one file per operation,
//! `table` alone decides what a key's state admits, `protocol` knows the two wires, and `server` puts sockets and
//! timers around it all. It is a leaf: it knows nothing of the rest of the crate and shares no code with the client,
//! because a fake that shares the parser shares its mistakes.
//!
//! It refuses to encrypt: there is no cryptography here, and no operation that would need any.

mod fault;
mod fleet;
mod key;
mod log;
mod marker;
mod model;
mod op;
mod pattern;
mod policy;
mod protocol;
mod random;
mod refusal;
mod region;
mod server;
mod spec;
mod store;
mod table;

pub use fleet::{Fleet, FleetError};
pub use model::{Answer, Model, Reply, Request, Timed};
pub use op::{Operation, Success};
pub use refusal::Refusal;
pub use server::{Clock, Running, serve, start};
