//! Sockets and timers around the model. Listener, clock and the wish to stop come from the caller.
//!
//! One task per connection answers its requests in order; the model is asked under a lock that is never held while
//! anything waits.

mod control;
mod running;

use std::fmt;
use std::future::Future;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

pub use running::{Running, start};

use super::fleet::Fleet;
use super::model::{Model, Reply, Request, Timed};
use super::protocol::{self, Encoded, Wire};

/// The longest request that is read; the longest legitimate one, a key with a policy and tags, is well below.
const LONGEST_REQUEST: usize = 1024 * 1024;
/// How long to wait when no more connections can be accepted for the moment.
const ACCEPT_AGAIN: Duration = Duration::from_millis(10);

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

/// Serves a fleet until the shutdown completes; connections that are open then are dropped.
///
/// # Errors
/// Never once it runs: what goes wrong with one connection is that connection's.
pub async fn serve(
    fleet: &Fleet,
    listener: TcpListener,
    clock: Clock,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let model = Mutex::new(Model::new(fleet, clock.start_ms));
    let shared = Arc::new(Shared { model, clock });
    let mut connections = JoinSet::new();
    let mut number = 0;
    tokio::pin!(shutdown);
    loop {
        tokio::select! {
            () = &mut shutdown => return Ok(()),
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    number += 1;
                    accept(&mut connections, connection(stream, Arc::clone(&shared), number));
                }
                Err(_) => sleep(ACCEPT_AGAIN).await,
            },
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the emulator is a program of its own and runs its own tasks")]
fn accept(connections: &mut JoinSet<()>, connection: impl Future<Output = ()> + Send + 'static) {
    connections.spawn(connection);
}

#[expect(clippy::disallowed_methods, reason = "the emulator delays answers on purpose")]
async fn sleep(span: Duration) {
    tokio::time::sleep(span).await;
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

type Answered = Result<Response<Full<Bytes>>, Closed>;

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
    let (wire, replies) = ask(shared, &head.headers, &body, connection);
    deliver(shared, wire, replies).await
}

fn ask(shared: &Shared, headers: &HeaderMap, body: &Bytes, connection: u64) -> (Wire, Vec<Timed<Reply>>) {
    let text = |value: &HeaderValue| value.to_str().ok().map(str::to_owned);
    let target = headers.get("x-amz-target").and_then(text);
    let authorization = headers.get(AUTHORIZATION).and_then(text).unwrap_or_default();
    let scope = protocol::scope(&authorization);
    let (wire, operation) = protocol::operation(target.as_deref(), body);
    let request = Request {
        region: scope.as_ref().map_or("", |scope| scope.region),
        identity: scope.as_ref().map(|scope| scope.access_key),
        operation: &operation,
        body: if wire == Wire::Json { body } else { &[] },
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
        sleep(Duration::from_millis(wait)).await;
    }
    match reply.value {
        Reply::Close => Err(Closed),
        Reply::Answer(answer) => respond(protocol::encode(wire, answer)),
    }
}

fn respond(encoded: Encoded) -> Answered {
    let Encoded { status, content_type, error_type, request_id, body } = encoded;
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = StatusCode::from_u16(status).map_err(|_| Closed)?;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert("x-amzn-requestid", HeaderValue::try_from(request_id).map_err(|_| Closed)?);
    if let Some(code) = error_type.and_then(|code| HeaderValue::try_from(code).ok()) {
        headers.insert("x-amzn-errortype", code);
    }
    Ok(response)
}

fn plain(status: StatusCode, text: &'static str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from_static(text.as_bytes())));
    *response.status_mut() = status;
    response
}
