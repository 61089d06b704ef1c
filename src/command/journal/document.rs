//! `keyfleet.journal/1`: `journal show --output json`.

use serde::Serialize;
use serde_json::Value;

use super::Book;
use crate::domain::text::{Foreign, Safe};
use crate::domain::trail::{self, TrailEvent};
use crate::state::journal::entries::{Entries, Fault};
use crate::state::journal::entry::Entry;

#[derive(Debug, Serialize)]
pub(super) struct Document {
    schema: &'static str,
    keyfleet: &'static str,
    journals: Vec<Journal>,
}

#[derive(Debug, Serialize)]
struct Journal {
    account: String,
    partition: &'static str,
    file: String,
    /// Why it could not be read; then everything else is empty.
    unreadable: Option<String>,
    records: Vec<Record>,
    /// The intents that nothing says the end of.
    open: Vec<String>,
    faults: Vec<FaultEntry>,
    /// Bytes behind the last whole line.
    torn_bytes: usize,
    head: Option<String>,
}

#[derive(Debug, Serialize)]
struct FaultEntry {
    line: usize,
    what: String,
    remedy: String,
}

#[derive(Debug, Serialize)]
struct Record {
    n: u64,
    at: String,
    kind: &'static str,
    intent: String,
    plan: String,
    step: u32,
    account: String,
    caller_arn: String,
    host: String,
    pid: u32,
    operation: String,
    key_arn: String,
    sent_to: String,
    parameters: Option<Value>,
    outcome: Option<String>,
    code: Option<String>,
    request_id: Option<String>,
    detail: Option<String>,
    hash: String,
    /// Of an intent: the events that its request leaves behind. Null of other lines, and where the request cannot be told.
    cloudtrail: Option<Vec<Event>>,
    /// What the `userAgent` of the first event contains.
    user_agent: Option<String>,
}

#[derive(Debug, Serialize)]
struct Event {
    event: &'static str,
    region: String,
}

impl Document {
    pub(super) fn of(books: &[Book]) -> Self {
        Self {
            schema: "keyfleet.journal/1",
            keyfleet: env!("CARGO_PKG_VERSION"),
            journals: books.iter().map(Journal::of).collect(),
        }
    }
}

impl Journal {
    fn of(book: &Book) -> Self {
        let (partition, account) = book.subject;
        let nothing = Entries::default();
        let entries = book.entries.as_ref().unwrap_or(&nothing);
        let stories = entries.stories();
        let open = stories.iter().filter(|story| story.is_open());
        Self {
            account: account.to_string(),
            partition: partition.name(),
            file: book.path.to_string_lossy().into_owned(),
            unreadable: book.entries.as_ref().err().map(Safe::to_string),
            records: entries.all.iter().map(Record::of).collect(),
            open: open.map(|story| story.intent.intent.original().to_owned()).collect(),
            faults: entries.faults.iter().map(FaultEntry::of).collect(),
            torn_bytes: entries.torn.len(),
            head: book.entries.is_ok().then(|| entries.head().to_owned()),
        }
    }
}

impl FaultEntry {
    fn of((line, fault): &(usize, Fault)) -> Self {
        Self { line: *line, what: fault.words().to_string(), remedy: fault.remedy().to_string() }
    }
}

impl Record {
    fn of(entry: &Entry) -> Self {
        let original = |text: &Foreign| text.original().to_owned();
        let optional = |text: &Option<Foreign>| text.as_ref().map(original);
        let events = super::show::events(entry);
        Self {
            n: entry.number,
            at: original(&entry.at),
            kind: entry.kind.name(),
            intent: original(&entry.intent),
            plan: original(&entry.plan),
            step: entry.step,
            account: original(&entry.account),
            caller_arn: original(&entry.caller_arn),
            host: original(&entry.host),
            pid: entry.pid,
            operation: original(&entry.operation),
            key_arn: original(&entry.key_arn),
            sent_to: original(&entry.sent_to),
            parameters: entry.parameters.clone(),
            outcome: optional(&entry.outcome),
            code: optional(&entry.code),
            request_id: optional(&entry.request_id),
            detail: optional(&entry.detail),
            hash: entry.hash.clone(),
            user_agent: events.is_some().then(|| trail::mark(entry.intent.original())),
            cloudtrail: events.and_then(Result::ok).map(|events| events.iter().map(Event::of).collect()),
        }
    }
}

impl Event {
    fn of(event: &TrailEvent) -> Self {
        Self { event: event.event, region: event.region.to_string() }
    }
}
