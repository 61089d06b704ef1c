//! Sockets and timers around the model. Listener, clock and the wish to stop come from the caller.
//!
//! One task per connection answers its requests in order; the model is asked under a lock that is never held while
//! anything waits.

mod body;
mod control;
mod respond;
mod running;

use std::fmt;
use std::future::Future;
use std::io;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http_body_util::{BodyExt, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{AUTHORIZATION, DATE, HeaderValue};
use hyper::http::request::Parts;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Response, StatusCode};
use hyper_util::rt::TokioIo;
use jiff::fmt::rfc2822::DateTimePrinter;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::Sleep;

pub use running::{Running, start};

use super::model::{Model, Reply, Request, Timed};
use super::options::Options;
use super::protocol::{self, Wire};
use super::signature::Proof;
use super::state::StateFile;
use body::Body;
use respond::{Answered, plain, respond};

/// The longest request that is read; the longest legitimate one, a key with a policy and tags, is well below.
const LONGEST_REQUEST: usize = 1024 * 1024;
/// How long to wait when no more connections can be accepted for the moment.
const ACCEPT_AGAIN: Duration = Duration::from_millis(10);
/// How much work a crash may cost.
const SAVE_EVERY: Duration = Duration::from_secs(1);

/// The time as the caller tells it.
#[derive(Clone)]
pub struct Clock {
    start_ms: u64,
    elapsed: Arc<dyn Fn() -> u64 + Send + Sync>,
}

impl Clock {
    /// A clock that starts at a moment of Unix time, in milliseconds, and tells the milliseconds since.
    pub fn new(start_ms: u64, elapsed: impl Fn() -> u64 + Send + Sync + 'static) -> Self {
        Self { start_ms, elapsed: Arc::new(elapsed) }
    }

    fn now(&self) -> u64 {
        (self.elapsed)()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Clock").field("start_ms", &self.start_ms).finish_non_exhaustive()
    }
}

/// What every connection shares.
struct Shared {
    model: Mutex<Model>,
    clock: Clock,
}

impl Shared {
    /// A request that panicked cannot leave the model half changed in a way that matters to a test server.
    fn model(&self) -> MutexGuard<'_, Model> {
        self.model.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A KMS that is ready to be served.
pub struct Emulation {
    shared: Arc<Shared>,
    state: Option<StateFile>,
}

impl fmt::Debug for Emulation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Emulation").field("state", &self.state).finish_non_exhaustive()
    }
}

impl Emulation {
    /// Builds the KMS of a fleet, or brings it back from its state file.
    ///
    /// # Errors
    /// If there is a state file that cannot be read.
    pub fn new(options: Options, clock: Clock) -> io::Result<Self> {
        let Options { fleet, state } = options;
        let model = match &state {
            Some(file) => file.load(&fleet, clock.start_ms)?,
            None => Model::new(&fleet, clock.start_ms),
        };
        Ok(Self { shared: Arc::new(Shared { model: Mutex::new(model), clock }), state })
    }

    /// Serves until the shutdown completes; connections that are open then are dropped.
    ///
    /// # Errors
    /// If the state cannot be saved. What goes wrong with one connection is that connection's.
    pub async fn serve(self, listener: TcpListener, shutdown: impl Future<Output = ()>) -> io::Result<()> {
        let Self { shared, state } = self;
        let mut connections = JoinSet::new();
        let mut number = 0;
        let mut save = pin!(pause(SAVE_EVERY));
        let mut shutdown = pin!(shutdown);
        loop {
            tokio::select! {
                () = &mut shutdown => return keep(&shared, state.as_ref()),
                Some(_) = connections.join_next(), if !connections.is_empty() => {}
                () = &mut save, if state.is_some() => {
                    keep(&shared, state.as_ref())?;
                    save.set(pause(SAVE_EVERY));
                }
                accepted = listener.accept() => match accepted {
                    Ok((stream, _)) => {
                        number += 1;
                        admit(&mut connections, stream, &shared, number);
                    }
                    Err(_) => pause(ACCEPT_AGAIN).await,
                },
            }
        }
    }
}

/// Saves what was changed since the last time.
fn keep(shared: &Shared, state: Option<&StateFile>) -> io::Result<()> {
    let Some(file) = state else { return Ok(()) };
    let at = shared.clock.now();
    let changes = shared.model().save_changes(at);
    changes.map_or(Ok(()), |json| file.save(&json))
}

/// Starts a connection, unless a fault closes it unread.
fn admit(connections: &mut JoinSet<()>, stream: TcpStream, shared: &Arc<Shared>, number: u64) {
    let at = shared.clock.now();
    if !shared.model().closes_connection(at) {
        accept(connections, connection(stream, Arc::clone(shared), number));
    }
}

#[expect(clippy::disallowed_methods, reason = "the emulator is a program of its own and runs its own tasks")]
fn accept(connections: &mut JoinSet<()>, connection: impl Future<Output = ()> + Send + 'static) {
    connections.spawn(connection);
}

#[expect(clippy::disallowed_methods, reason = "the emulator delays answers on purpose")]
fn pause(span: Duration) -> Sleep {
    tokio::time::sleep(span)
}

async fn connection(stream: TcpStream, shared: Arc<Shared>, number: u64) {
    // Without it small answers wait for acknowledgements; where it cannot be set they merely come later.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| {
        let shared = Arc::clone(&shared);
        async move { handle(&shared, request, number).await }
    });
    // A connection that breaks is the client's affair, and one that we break is meant to be.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

/// The connection is to be closed without an answer.
#[derive(Debug)]
struct Closed;

impl fmt::Display for Closed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("closed without an answer")
    }
}

impl std::error::Error for Closed {}

async fn handle(shared: &Shared, request: hyper::Request<Incoming>, connection: u64) -> Answered {
    let (head, body) = request.into_parts();
    let Ok(body) = Limited::new(body, LONGEST_REQUEST).collect().await else {
        return Ok(plain(StatusCode::PAYLOAD_TOO_LARGE, "the request is too long\n"));
    };
    let body = body.to_bytes();
    if let Some(path) = head.uri.path().strip_prefix("/_keyfleet/") {
        return Ok(control::answer(shared, &head, path, &body));
    }
    if head.method != Method::POST || head.uri.path() != "/" {
        return Ok(plain(StatusCode::NOT_FOUND, "requests to this KMS are POST /\n"));
    }
    let (wire, replies) = ask(shared, &head, &body, connection);
    deliver(shared, wire, replies).await
}

fn ask(shared: &Shared, head: &Parts, body: &Bytes, connection: u64) -> (Wire, Vec<Timed<Reply>>) {
    let headers: Vec<(&str, &str)> =
        head.headers.iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?))).collect();
    let proof = Proof {
        method: head.method.as_str(),
        path: head.uri.path(),
        query: head.uri.query().unwrap_or_default(),
        headers: &headers,
    };
    let scope = proof.header(AUTHORIZATION.as_str()).and_then(protocol::scope);
    let (wire, operation) = protocol::operation(proof.header("x-amz-target"), body);
    let request = Request {
        region: scope.as_ref().map_or("", |scope| scope.region),
        identity: scope.as_ref().map(|scope| scope.access_key),
        proof: Some(proof),
        operation: &operation,
        body,
        connection,
    };
    let at = shared.clock.now();
    let replies = shared.model().call(at, &request);
    (wire, replies)
}

/// Waits until the reply is due. Without one the client waits for as long as it likes: hyper drops this task when the
/// client has closed the connection.
async fn deliver(shared: &Shared, wire: Wire, replies: Vec<Timed<Reply>>) -> Answered {
    let Some(reply) = replies.into_iter().next() else { return std::future::pending().await };
    let wait = reply.at.saturating_sub(shared.clock.now());
    if wait > 0 {
        pause(Duration::from_millis(wait)).await;
    }
    match reply.value {
        Reply::Close => Err(Closed),
        Reply::Answer(answer) => respond(wire, answer).map(|response| dated(response, &shared.clock)),
    }
}

/// Clients correct their clocks by this header, so it has to be the time that signatures are compared with.
fn dated(mut response: Response<Body>, clock: &Clock) -> Response<Body> {
    let millis = i64::try_from(clock.start_ms.saturating_add(clock.now())).unwrap_or(i64::MAX);
    let moment = jiff::Timestamp::from_millisecond(millis).ok();
    let text = moment.and_then(|moment| DateTimePrinter::new().timestamp_to_rfc9110_string(&moment).ok());
    if let Some(value) = text.and_then(|text| HeaderValue::try_from(text).ok()) {
        response.headers_mut().insert(DATE, value);
    }
    response
}
