//! The one place where work is started: an effect becomes a task, its end becomes a message.
//!
//! A task sends at most one HTTP request and decides nothing; there is no loop in any of them. A read that is no longer wanted may be dropped with the rest; a
//! change on the wire never is.

use std::collections::{BTreeMap, HashMap};
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::{Id, JoinError, JoinSet};

use super::clock::Clock;
use crate::app::message::Message as AppMessage;
use crate::domain::id::{Login, Place};
use crate::domain::plan::{Claim, Intent, RecordKind, Reply};
use crate::domain::reading::{Asked, Reason, ReasonKind};
use crate::domain::text::{Foreign, Safe};
use crate::domain::time::Timestamp;
use crate::engine::effect::{ChangeId, Effect, ReadRequest};
use crate::engine::message::{ConnectError, Failure, FailureClass, Message, RecordError};
use crate::engine::settings::Endpoints;
use crate::kms::identity::{Frozen, freeze, identify};
use crate::kms::login::{Clients, Source, connect};
use crate::kms::read::read;
use crate::kms::write::{WriteAllowed, WriteClient, send};
use crate::state::journal::Receipt;
use crash::Crash;

pub(crate) mod crash;
#[cfg(test)]
mod tests;

/// How long a record may take to become durable. After that nothing is sent.
const RECORD_TIMEOUT: Duration = Duration::from_secs(5);

/// What the tasks go by.
#[derive(Debug)]
pub(crate) struct Setup {
    pub(crate) logins: BTreeMap<Login, Source>,
    pub(crate) endpoints: Option<Endpoints>,
    /// Nothing that changes a key may ever be sent.
    pub(crate) read_only: bool,
    pub(crate) crash: Crash,
}

/// A line for the journal.
#[derive(Clone, Debug)]
pub(crate) enum Record {
    /// Answered with the receipt that allows the request.
    Intent(Arc<Intent>),
    /// Answered with no receipt.
    Outcome { intent: Arc<Intent>, kind: RecordKind, claim: Claim },
}

/// Writes a record and comes back when it is durable. Called where it may block.
pub(crate) type Recorder = Arc<dyn Fn(Record, Timestamp) -> Result<Option<Receipt>, RecordError> + Send + Sync>;

/// What a task found that stays at this edge.
#[derive(Debug)]
enum Kept {
    Nothing,
    Clients(Login, Arc<Clients>),
    Frozen(ChangeId, Arc<Frozen>),
    Receipt(ChangeId, Receipt),
}

#[derive(Debug)]
struct Finished {
    message: Message,
    kept: Kept,
}

impl From<Message> for Finished {
    fn from(message: Message) -> Self {
        Self { message, kept: Kept::Nothing }
    }
}

/// The tasks under way, and what later tasks need of earlier ones.
pub(crate) struct Tasks {
    clock: Clock,
    setup: Setup,
    recorder: Recorder,
    running: JoinSet<Finished>,
    /// What each task was started for: who must be told if it dies.
    purposes: HashMap<Id, Effect>,
    clients: BTreeMap<Login, Arc<Clients>>,
    frozen: BTreeMap<ChangeId, Arc<Frozen>>,
    receipts: BTreeMap<ChangeId, Receipt>,
    panics: usize,
    record_timeout: Duration,
    /// Work that no effect of the engine asks for: reading the journals for the screen.
    aside: JoinSet<AppMessage>,
}

impl Tasks {
    pub(crate) fn new(clock: Clock, setup: Setup, recorder: Recorder) -> Self {
        Self {
            clock,
            setup,
            recorder,
            running: JoinSet::new(),
            purposes: HashMap::new(),
            clients: BTreeMap::new(),
            frozen: BTreeMap::new(),
            receipts: BTreeMap::new(),
            panics: 0,
            aside: JoinSet::new(),
            record_timeout: RECORD_TIMEOUT,
        }
    }

    /// Starts what an effect asks for. `WakeAt` is the loop's own affair.
    pub(crate) fn perform(&mut self, effect: Effect) {
        let purpose = effect.clone();
        self.begin(effect, purpose.clone());
        self.setup.crash.after_effect(&purpose);
    }

    fn begin(&mut self, effect: Effect, purpose: Effect) {
        match effect {
            Effect::Connect { login } => self.connect(purpose, login),
            Effect::Read { asked, place, request } => self.read(purpose, asked, place, request),
            Effect::WakeAt(_) => {}
            Effect::Freeze { change, login } => self.freeze(purpose, change, login),
            Effect::Identify { change, region } => {
                let Some(frozen) = self.frozen.get(&change).cloned() else { return self.fail(purpose) };
                let at = self.clock.now().wall;
                self.start(purpose, async move {
                    let result = identify(&frozen, &region, at).await;
                    Message::Identified { change, region, result }.into()
                });
            }
            Effect::RecordIntent { change, intent } => {
                self.record(purpose, change, RecordKind::Intent, Record::Intent(intent));
            }
            Effect::RecordOutcome { change, intent, kind, claim } => {
                self.record(purpose, change, kind, Record::Outcome { intent, kind, claim });
            }
            Effect::Send { change } => self.send(purpose, change),
            Effect::Release { change } => {
                self.frozen.remove(&change);
                self.receipts.remove(&change);
            }
        }
    }

    /// The next thing that happened. Waits for ever while nothing is under way; may be dropped and called again.
    pub(crate) async fn next(&mut self) -> Message {
        match self.running.join_next_with_id().await {
            Some(result) => self.finish(result),
            None => std::future::pending().await,
        }
    }

    /// Starts work that may block and that only the screen waits for.
    #[expect(clippy::disallowed_methods, reason = "this is the one module that starts work")]
    pub(crate) fn start_aside(&mut self, work: impl FnOnce() -> AppMessage + Send + 'static) {
        self.aside.spawn_blocking(work);
    }

    /// Waits for the work that only the screen waits for, but no longer than this.
    pub(crate) async fn finish_aside(&mut self, limit: Duration) {
        let rest = async { while self.aside.join_next().await.is_some() {} };
        let _in_time = tokio::time::timeout(limit, rest).await;
    }

    /// The next thing that happened, work for the screen included. Waits for ever while nothing is under way.
    pub(crate) async fn next_for_screen(&mut self) -> AppMessage {
        let finished = tokio::select! {
            biased;
            Some(finished) = self.running.join_next_with_id() => finished,
            Some(aside) = self.aside.join_next() => {
                let died = || AppMessage::CouldNot(Safe::from_static("reading failed: a bug in keyfleet"));
                return aside.unwrap_or_else(|_| died());
            }
            else => std::future::pending().await,
        };
        AppMessage::Engine(self.finish(finished))
    }

    /// Nothing is under way.
    #[cfg(test)]
    pub(crate) fn is_idle(&self) -> bool {
        self.purposes.is_empty()
    }

    /// A change is being recorded or is on the wire: leaving now would lose its outcome.
    pub(crate) fn is_busy_with_a_change(&self) -> bool {
        self.purposes.values().any(|purpose| match purpose {
            Effect::Send { .. } | Effect::RecordIntent { .. } | Effect::RecordOutcome { .. } => true,
            Effect::Connect { .. }
            | Effect::Read { .. }
            | Effect::WakeAt(_)
            | Effect::Freeze { .. }
            | Effect::Identify { .. }
            | Effect::Release { .. } => false,
        })
    }

    /// How many tasks have died of a bug. Each was reported as the failure of what it was for.
    pub(crate) fn panics(&self) -> usize {
        self.panics
    }

    fn finish(&mut self, result: Result<(Id, Finished), JoinError>) -> Message {
        let (id, finished) = match result {
            Ok((id, finished)) => (id, Some(finished)),
            Err(error) => (error.id(), None),
        };
        let purpose = self.purposes.remove(&id);
        match (finished, purpose) {
            (Some(Finished { message, kept }), purpose) => {
                log(purpose.as_ref(), &message);
                self.setup.crash.before_message(&message);
                self.keep(kept);
                self.heed(&message);
                message
            }
            (None, purpose) => {
                self.panics += 1;
                purpose.and_then(died).unwrap_or(Message::Woke)
            }
        }
    }

    /// A journal that cannot be written closes this edge too, whatever is asked of it afterwards.
    fn heed(&mut self, message: &Message) {
        if let Message::Recorded { result: Err(RecordError::Journal(_)), .. } = message {
            self.setup.read_only = true;
        }
    }

    fn keep(&mut self, kept: Kept) {
        match kept {
            Kept::Nothing => {}
            Kept::Clients(login, clients) => {
                self.clients.insert(login, clients);
            }
            Kept::Frozen(change, frozen) => {
                self.frozen.insert(change, frozen);
            }
            Kept::Receipt(change, receipt) => {
                self.receipts.insert(change, receipt);
            }
        }
    }

    #[expect(clippy::disallowed_methods, reason = "this is the one module that starts work")]
    fn start(&mut self, purpose: Effect, task: impl Future<Output = Finished> + Send + 'static) {
        let id = self.running.spawn(task).id();
        self.purposes.insert(id, purpose);
    }

    /// Answers an effect that cannot be carried out because what it builds on is not there.
    fn fail(&mut self, purpose: Effect) {
        if let Some(message) = died(purpose.clone()) {
            self.start(purpose, std::future::ready(Finished::from(message)));
        }
    }

    fn connect(&mut self, purpose: Effect, login: Login) {
        let Some(source) = self.setup.logins.get(&login).cloned() else { return self.fail(purpose) };
        let endpoints = self.setup.endpoints.clone();
        self.start(purpose, async move {
            match connect(&source, endpoints).await {
                Ok((clients, connection)) => Finished {
                    message: Message::Connected { login, result: Ok(connection) },
                    kept: Kept::Clients(login, clients),
                },
                Err(error) => Message::Connected { login, result: Err(error) }.into(),
            }
        });
    }

    fn read(&mut self, purpose: Effect, asked: Asked, place: Place, request: ReadRequest) {
        let Some(clients) = self.clients.get(&place.login).cloned() else { return self.fail(purpose) };
        let clock = self.clock;
        self.start(purpose, async move {
            let start = clock.now();
            let (request_id, mut result) = read(&clients, &place, &request, start.wall).await;
            let end = clock.now();
            if let Err(failure) = &mut result {
                failure.reason.at = Some(end.wall);
            }
            let took = end.monotonic.saturating_sub(start.monotonic);
            Message::Answer { asked, place, result, took, request_id }.into()
        });
    }

    fn freeze(&mut self, purpose: Effect, change: ChangeId, login: Login) {
        let Some(clients) = self.clients.get(&login).cloned() else { return self.fail(purpose) };
        self.start(purpose, async move {
            match freeze(clients).await {
                Ok(frozen) => Finished {
                    message: Message::Frozen { change, result: Ok(()) },
                    kept: Kept::Frozen(change, Arc::new(frozen)),
                },
                Err(reason) => Message::Frozen { change, result: Err(reason) }.into(),
            }
        });
    }

    /// A disk that does not answer counts as one that refuses: the receipt that comes too late is lost, and with it the leave to send.
    fn record(&mut self, purpose: Effect, change: ChangeId, kind: RecordKind, record: Record) {
        let (recorder, at, limit) = (Arc::clone(&self.recorder), self.clock.now().wall, self.record_timeout);
        self.start(purpose, async move {
            #[expect(clippy::disallowed_methods, reason = "this is the one module that starts work")]
            let writing = tokio::task::spawn_blocking(move || recorder(record, at));
            let result = match tokio::time::timeout(limit, writing).await {
                Ok(Ok(result)) => result,
                Ok(Err(_panicked)) => Err(RecordError::Journal("writing the journal failed: a bug".into())),
                Err(_elapsed) => Err(RecordError::Journal("the disk did not take the record within 5 seconds".into())),
            };
            match result {
                Ok(receipt) => Finished {
                    message: Message::Recorded { change, kind, result: Ok(()) },
                    kept: receipt.map_or(Kept::Nothing, |receipt| Kept::Receipt(change, receipt)),
                },
                Err(error) => Message::Recorded { change, kind, result: Err(error) }.into(),
            }
        });
    }

    /// Spends the receipt. The request runs apart from the other tasks, so that dropping them does not drop it.
    fn send(&mut self, purpose: Effect, change: ChangeId) {
        let (client, receipt) = match self.prepare(change) {
            Ok(prepared) => prepared,
            Err(why) => {
                let message = Message::Replied { change, reply: Reply::NotSent { why } };
                return self.start(purpose, std::future::ready(message.into()));
            }
        };
        #[expect(clippy::disallowed_methods, reason = "this is the one module that starts work")]
        let sending = tokio::spawn(send(client, receipt));
        self.start(purpose, async move {
            let why = Safe::from_static("sending it died of a bug in keyfleet");
            let reply = sending.await.unwrap_or(Reply::Broken { why });
            Message::Replied { change, reply }.into()
        });
    }

    /// All that a change needs to leave, or why it does not.
    fn prepare(&mut self, change: ChangeId) -> Result<(WriteClient, Receipt), Safe> {
        let missing = |what: &'static str| move || Safe::from_static(what);
        let receipt = self.receipts.remove(&change).ok_or_else(missing("no record of it is durable"))?;
        let allowed = WriteAllowed::unless(self.setup.read_only).ok_or_else(missing("this run is read-only"))?;
        let frozen = self.frozen.get(&change).ok_or_else(missing("no credentials were resolved for it"))?;
        let client = WriteClient::build(frozen, receipt.intent().mutation.sent_to(), allowed)?;
        Ok((client, receipt))
    }
}

/// Starts the one thread that is not the runtime's own: the terminal's reader.
pub(super) fn start_thread(name: &str, work: impl FnOnce() + Send + 'static) -> std::io::Result<()> {
    std::thread::Builder::new().name(name.to_owned()).spawn(work).map(|_| ())
}

/// One line of the log: what was asked where and how it ended. No parameters, no texts from outside but AWS's codes and request IDs.
fn log(purpose: Option<&Effect>, message: &Message) {
    match (purpose, message) {
        (Some(Effect::Read { place, request, .. }), Message::Answer { asked, result, took, .. }) => {
            let failure = result.as_ref().err().map(|failure| &failure.reason);
            let outcome = failure.map_or("ok", |reason| reason.kind.name());
            let request_id = failure.and_then(|reason| reason.request_id.as_ref()).map(Foreign::safe);
            let millis = took.as_millis();
            let (number, region, operation) = (asked.0, place.region.as_str(), request.operation().name());
            tracing::debug!(number, region, operation, outcome, ?request_id, millis, "read");
        }
        (Some(Effect::Send { change }), Message::Replied { reply, .. }) => {
            let (status, code) = match reply {
                Reply::Answered { status, code, .. } => (Some(*status), code.as_ref().map(Foreign::safe)),
                Reply::NotSent { .. } | Reply::Broken { .. } => (None, None),
            };
            tracing::info!(change = change.0, ?status, ?code, "change sent");
        }
        (Some(purpose), _) => tracing::debug!(effect = effect_name(purpose), "done"),
        (None, _) => {}
    }
}

fn effect_name(effect: &Effect) -> &'static str {
    match effect {
        Effect::Connect { .. } => "connect",
        Effect::Read { .. } => "read",
        Effect::WakeAt(_) => "wake",
        Effect::Freeze { .. } => "freeze credentials",
        Effect::Identify { .. } => "identify",
        Effect::RecordIntent { .. } => "record intent",
        Effect::Send { .. } => "send",
        Effect::RecordOutcome { .. } => "record outcome",
        Effect::Release { .. } => "release credentials",
    }
}

/// What is told of a task that ended without an answer.
fn died(purpose: Effect) -> Option<Message> {
    let reason = || Reason::of(ReasonKind::Internal);
    match purpose {
        Effect::Connect { login } => {
            let next_step = Safe::from_static(ReasonKind::Internal.next_step());
            let error = ConnectError { what: Safe::from_static("connecting failed inside keyfleet"), next_step };
            Some(Message::Connected { login, result: Err(error) })
        }
        Effect::Read { asked, place, request: _ } => {
            let failure = Failure { reason: reason(), class: FailureClass::Refused };
            Some(Message::Answer { asked, place, result: Err(failure), took: Duration::ZERO, request_id: None })
        }
        Effect::Freeze { change, login: _ } => Some(Message::Frozen { change, result: Err(reason()) }),
        Effect::Identify { change, region } => Some(Message::Identified { change, region, result: Err(reason()) }),
        Effect::RecordIntent { change, intent: _ } => Some(unrecorded(change, RecordKind::Intent)),
        Effect::RecordOutcome { change, intent: _, kind, claim: _ } => Some(unrecorded(change, kind)),
        // Whether it left is not known, so it may have.
        Effect::Send { change } => {
            let why = Safe::from_static("waiting for the answer died of a bug in keyfleet");
            Some(Message::Replied { change, reply: Reply::Broken { why } })
        }
        Effect::WakeAt(_) | Effect::Release { .. } => None,
    }
}

fn unrecorded(change: ChangeId, kind: RecordKind) -> Message {
    let error = RecordError::Journal(Safe::from_static("writing the journal failed inside keyfleet"));
    Message::Recorded { change, kind, result: Err(error) }
}
