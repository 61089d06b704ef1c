//! The adapters to AWS: one HTTP request each, no retries, and total conversion of whatever comes back.
//!
//! An answer becomes a value of the domain, a refusal a [`Failure`](crate::engine::message::Failure) told apart by its error code, never by its words.
//! Nothing here loops, waits or decides. A change leaves by [`mod@write`] alone, for a receipt of the journal, with credentials that were frozen for it.

mod convert;
mod endpoint;
mod error;
mod guard;
pub(crate) mod identity;
pub(crate) mod login;
mod profile;
pub(crate) mod read;
#[cfg(test)]
pub(crate) mod stub;
pub(crate) mod write;
