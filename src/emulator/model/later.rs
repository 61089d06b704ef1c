//! Requests that are carried out a while after their connection was closed.

use std::collections::BTreeMap;

use super::Request;

/// How much may wait. What comes beyond is lost, as a request can be.
const MOST: usize = 10_000;

/// The requests that wait, by the moment at which they are due.
#[derive(Debug, Default)]
pub(super) struct Later(BTreeMap<(u64, u64), Stored>);

/// A request with everything that its execution needs.
#[derive(Debug)]
pub(super) struct Stored {
    pub(super) due: u64,
    /// Its number in the log.
    pub(super) entry: u64,
    region: String,
    identity: Option<String>,
    operation: String,
    body: Vec<u8>,
    connection: u64,
}

impl Later {
    pub(super) fn add(&mut self, due: u64, entry: u64, request: &Request<'_>) {
        if self.0.len() >= MOST {
            return;
        }
        let stored = Stored {
            due,
            entry,
            region: request.region.to_owned(),
            identity: request.identity.map(str::to_owned),
            operation: request.operation.to_owned(),
            body: request.body.to_vec(),
            connection: request.connection,
        };
        self.0.insert((due, entry), stored);
    }

    /// Takes the earliest that is due.
    pub(super) fn take_due(&mut self, elapsed: u64) -> Option<Stored> {
        let first = self.0.first_entry().filter(|entry| entry.key().0 <= elapsed)?;
        Some(first.remove())
    }
}

impl Stored {
    pub(super) fn request(&self) -> Request<'_> {
        Request {
            region: &self.region,
            identity: self.identity.as_deref(),
            // It was checked, if at all, when it arrived.
            proof: None,
            operation: &self.operation,
            body: &self.body,
            connection: self.connection,
        }
    }
}
