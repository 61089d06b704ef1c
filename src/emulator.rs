//! The embedded KMS: a server that speaks the wires of AWS KMS and STS and behaves as multi-Region keys do.
//!
//! `fleet` reads what it starts with, `model` is the service as a synchronous value, `op` holds one file per operation,
//! `table` alone decides what a key's state admits, `protocol` knows the two wires, and `server` puts sockets and
//! timers around it all. It is a leaf: it knows nothing of the rest of the crate and shares no code with the client,
//! because a fake that shares the parser shares its mistakes.
//!
//! It refuses to encrypt: there is no cryptography here. `Encrypt` only wraps, and says so in what it returns.

mod damage;
mod fault;
mod fleet;
mod form;
mod identity;
mod key;
mod log;
mod marker;
mod model;
mod op;
mod options;
mod past;
mod pattern;
mod policy;
mod protocol;
mod quota;
mod random;
mod refusal;
mod region;
mod server;
mod signature;
mod spec;
mod state;
mod store;
mod table;

pub use damage::Damage;
pub use fleet::{Fleet, FleetError};
pub use model::{Answer, Model, Reply, Request, Timed};
pub use op::{AssumedRole, Operation, Success};
pub use options::{Options, Size, SizeError, span};
pub use refusal::Refusal;
pub use server::{Clock, Emulation, Running, start};
pub use signature::Proof;
