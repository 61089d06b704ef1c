//! What a failed request means: first what was seen, without the SDK's types, then a kind, a class and a next step.
//!
//! AWS's errors are told apart by their code. Their messages are kept and shown, never matched.

use std::time::Duration;

use aws_sdk_kms::error::ProvideErrorMetadata;
use aws_sdk_kms::operation::RequestId as _;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::{ConnectorError, SdkError};
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;

use crate::domain::id::Region;
use crate::domain::reading::{Reason, ReasonKind};
use crate::domain::text::{Foreign, Safe, safe};
use crate::domain::time::Timestamp;
use crate::engine::effect::ReadOperation;
use crate::engine::message::{Failure, FailureClass};

mod chain;
#[cfg(test)]
mod tests;

/// A clock that is off by more than this makes AWS refuse signatures.
const SKEW: Duration = Duration::from_mins(4);

/// How one request failed, as seen from here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// Nothing was handed to the network: it could not be built, or there were no credentials to sign it with.
    Withheld(Withheld),
    /// No connection was made, so nothing was sent either.
    Connect(Connect),
    Timeout,
    /// The connection ended after the request may have left.
    Lost,
    /// Something answered, and it is not KMS.
    Garbled(Safe),
    /// An error, with the code if it had one.
    Refused(Refusal),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Withheld {
    NotBuilt,
    NotAllowed,
    NoCredentials,
}

/// Which part of connecting failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Connect {
    Dns,
    Tcp,
    Tls,
    Timeout,
}

/// An answer that says no.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: u16,
    pub(super) code: Option<Foreign>,
    pub(super) message: Option<Foreign>,
    pub(super) request_id: Option<Foreign>,
    /// The answer's own date.
    pub(super) server_time: Option<Timestamp>,
}

impl Fault {
    /// In words, for an answer that is none.
    pub(super) fn words(&self) -> Safe {
        match self {
            Fault::Withheld(Withheld::NoCredentials) => Safe::from_static("no credentials to sign it with"),
            Fault::Withheld(Withheld::NotBuilt) => Safe::from_static("the request could not be built"),
            Fault::Withheld(Withheld::NotAllowed) => Safe::from_static("the operation is not one that keyfleet sends"),
            Fault::Connect(Connect::Dns) => Safe::from_static("the endpoint's name does not resolve"),
            Fault::Connect(Connect::Tcp) => Safe::from_static("no connection to the endpoint"),
            Fault::Connect(Connect::Tls) => Safe::from_static("TLS failed before anything was sent"),
            Fault::Connect(Connect::Timeout) => Safe::from_static("no connection to the endpoint in time"),
            Fault::Timeout => Safe::from_static("no answer in time"),
            Fault::Lost => Safe::from_static("the connection broke before the answer was whole"),
            Fault::Garbled(what) => what.clone(),
            Fault::Refused(refusal) => match &refusal.code {
                Some(code) => safe!("refused with {}", code.safe()),
                None => safe!("HTTP status {} without an AWS error code", refusal.status),
            },
        }
    }
}

/// Takes the SDK's error apart. `departed` is what the witness saw.
pub(super) fn observe<E>(error: &SdkError<E, HttpResponse>, departed: bool) -> Fault
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    match error {
        SdkError::ConstructionFailure(_) => Fault::Withheld(chain::why_withheld(error).unwrap_or(Withheld::NotBuilt)),
        SdkError::ServiceError(inner) => Fault::Refused(refusal(inner.err(), inner.raw())),
        // Before the request departs there is one thing that takes time or fails by itself: finding credentials.
        SdkError::TimeoutError(_) | SdkError::DispatchFailure(_) | SdkError::ResponseError(_) | _ if !departed => {
            Fault::Withheld(chain::why_withheld(error).unwrap_or(Withheld::NoCredentials))
        }
        SdkError::TimeoutError(_) => Fault::Timeout,
        SdkError::DispatchFailure(failure) => {
            failure.as_connector_error().map_or(Fault::Lost, |error| chain::why_lost(error, ConnectorError::is_timeout))
        }
        SdkError::ResponseError(_) => chain::why_unreadable(error),
        _ => Fault::Garbled(Safe::from_static("the SDK reports an error of a kind that keyfleet does not know")),
    }
}

fn refusal<E: ProvideErrorMetadata>(error: &E, raw: &HttpResponse) -> Refusal {
    let request_id = raw.request_id().or_else(|| error.meta().extra("aws_request_id"));
    let date = raw.headers().get("date").and_then(|date| DateTime::from_str(date, Format::HttpDate).ok());
    Refusal {
        status: raw.status().as_u16(),
        code: error.code().map(Foreign::new),
        message: error.message().map(Foreign::new),
        request_id: request_id.map(Foreign::new),
        server_time: date.and_then(|date| date.to_millis().ok()).map(Timestamp::from_millis),
    }
}

/// What was asked, as far as the meaning of a refusal depends on it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Question<'a> {
    pub(super) operation: ReadOperation,
    pub(super) region: &'a Region,
    /// What to run when credentials do not work.
    pub(super) sign_in: &'a Safe,
    /// When it was asked.
    pub(super) at: Timestamp,
}

/// What a refusal means: why, what the engine does about it, what a person does about it.
#[derive(Debug, PartialEq, Eq)]
struct Meaning {
    kind: ReasonKind,
    class: FailureClass,
    next_step: Safe,
}

impl Meaning {
    fn new(kind: ReasonKind, class: FailureClass, next_step: Safe) -> Self {
        Self { kind, class, next_step }
    }

    fn usual(kind: ReasonKind, class: FailureClass) -> Self {
        Self::new(kind, class, Safe::from_static(kind.next_step()))
    }
}

/// The fault as the engine is told it.
pub(super) fn failure(fault: Fault, question: &Question<'_>) -> Failure {
    let (meaning, refusal) = match fault {
        Fault::Withheld(withheld) => (of_withheld(withheld, question), None),
        Fault::Connect(connect) => (of_connect(connect, question.region), None),
        Fault::Timeout => (Meaning::usual(ReasonKind::Timeout, FailureClass::Transport), None),
        Fault::Lost => {
            let step = safe!("the connection to {} broke; keyfleet asks again by itself", question.region);
            (Meaning::new(ReasonKind::Connect, FailureClass::Transport, step), None)
        }
        Fault::Garbled(what) => {
            let step = safe!("{what}: check for a captive portal or proxy at this endpoint");
            (Meaning::new(ReasonKind::UnexpectedAnswer, FailureClass::Transport, step), None)
        }
        Fault::Refused(refusal) => (of_refusal(&refusal, question), Some(refusal)),
    };
    let (code, message, request_id) =
        refusal.map_or((None, None, None), |said| (said.code, said.message, said.request_id));
    let reason =
        Reason { kind: meaning.kind, code, message, request_id, at: Some(question.at), next_step: meaning.next_step };
    Failure { reason, class: meaning.class }
}

fn of_withheld(withheld: Withheld, question: &Question<'_>) -> Meaning {
    match withheld {
        Withheld::NoCredentials => {
            Meaning::new(ReasonKind::ExpiredCredentials, FailureClass::Refused, question.sign_in.clone())
        }
        Withheld::NotBuilt | Withheld::NotAllowed => Meaning::usual(ReasonKind::Internal, FailureClass::Refused),
    }
}

fn of_connect(connect: Connect, region: &Region) -> Meaning {
    let kind = match connect {
        Connect::Dns => ReasonKind::Dns,
        Connect::Tls => ReasonKind::Tls,
        Connect::Tcp => ReasonKind::Connect,
        Connect::Timeout => {
            let step = safe!("{region} does not take connections: check the network path, VPN and firewall");
            return Meaning::new(ReasonKind::Timeout, FailureClass::Transport, step);
        }
    };
    Meaning::usual(kind, FailureClass::Transport)
}

fn of_refusal(refusal: &Refusal, question: &Question<'_>) -> Meaning {
    let Some(code) = &refusal.code else { return without_code(refusal.status) };
    by_identity_code(code.original(), refusal, question)
        .or_else(|| by_key_code(code.original(), question))
        .or_else(|| by_service_code(code.original(), question))
        .unwrap_or_else(|| by_status(refusal.status, code))
}

/// Codes about who asks.
fn by_identity_code(code: &str, refusal: &Refusal, question: &Question<'_>) -> Option<Meaning> {
    let refused = |kind, step| Some(Meaning::new(kind, FailureClass::Refused, step));
    let region = question.region;
    match code {
        "ExpiredTokenException" | "ExpiredToken" | "TokenRefreshRequired" => {
            refused(ReasonKind::ExpiredCredentials, question.sign_in.clone())
        }
        "UnrecognizedClientException" | "InvalidClientTokenId" | "InvalidClientTokenIdException" => {
            if region.is_enabled_by_default() {
                refused(
                    ReasonKind::Denied,
                    safe!("this access key or token is not valid in {region}: {}", question.sign_in),
                )
            } else {
                refused(ReasonKind::NotEnabled, safe!("enable {region} for the account, or use Regional STS tokens"))
            }
        }
        "InvalidSignatureException" | "SignatureDoesNotMatch" | "InvalidSignature" => {
            if is_skewed(refusal, question.at) {
                Some(Meaning::usual(ReasonKind::ClockSkew, FailureClass::Refused))
            } else {
                refused(ReasonKind::Denied, Safe::from_static("the secret access key does not fit the access key ID"))
            }
        }
        "RequestTimeTooSkewed" | "RequestExpired" | "RequestInTheFuture" => {
            Some(Meaning::usual(ReasonKind::ClockSkew, FailureClass::Refused))
        }
        "AccessDeniedException" | "AccessDenied" | "UnauthorizedOperation" | "AuthorizationError" => {
            Some(denied(refusal, question))
        }
        "MissingAuthenticationToken"
        | "MissingAuthenticationTokenException"
        | "IncompleteSignature"
        | "IncompleteSignatureException" => {
            refused(ReasonKind::Denied, Safe::from_static("the endpoint does not accept this signature: check it"))
        }
        "OptInRequired" | "SubscriptionRequiredException" => {
            refused(ReasonKind::Denied, Safe::from_static("the account is not ready to use AWS KMS: finish its setup"))
        }
        _ => None,
    }
}

/// An answer without a date cannot clear the clock of suspicion.
fn is_skewed(refusal: &Refusal, at: Timestamp) -> bool {
    refusal.server_time.is_none_or(|server| server.since(at).max(at.since(server)) > SKEW)
}

/// A denial for one key is that key's policy or the caller's; which of them the code does not say. For a Region it is the caller's or the organization's.
fn denied(refusal: &Refusal, question: &Question<'_>) -> Meaning {
    let (operation, region) = (question.operation.name(), question.region);
    let (kind, step) = match question.operation {
        ReadOperation::DescribeKey
        | ReadOperation::GetKeyPolicy
        | ReadOperation::ListResourceTags
        | ReadOperation::GetKeyRotationStatus => {
            (ReasonKind::DeniedByKeyPolicy, safe!("the key policy must allow kms:{operation} to this caller"))
        }
        ReadOperation::ListKeys | ReadOperation::ListAliases => (
            ReasonKind::Denied,
            safe!("allow kms:{operation} in {region} to this caller, by IAM and the organization's policies"),
        ),
        ReadOperation::GetCallerIdentity => {
            (ReasonKind::Denied, safe!("allow sts:{operation} in {region}: a policy denies it"))
        }
    };
    let is_clock = refusal.server_time.is_some() && is_skewed(refusal, question.at);
    let step = if is_clock { safe!("{step}; this machine's clock is off too: set it first") } else { step };
    Meaning::new(kind, FailureClass::Refused, step)
}

/// Codes about one key.
fn by_key_code(code: &str, question: &Question<'_>) -> Option<Meaning> {
    let operation = question.operation.name();
    match code {
        "NotFoundException" => Some(Meaning::new(
            ReasonKind::Contradiction,
            FailureClass::NotFound,
            Safe::from_static("it is named but not found: read again in a minute"),
        )),
        "KMSInvalidStateException" | "DisabledException" => Some(Meaning::new(
            ReasonKind::Contradiction,
            FailureClass::Refused,
            safe!("the key's state does not allow {operation} now: read again when it has settled"),
        )),
        "InvalidArnException" | "ValidationException" | "SerializationException" => Some(Meaning::new(
            ReasonKind::UnexpectedAnswer,
            FailureClass::Refused,
            safe!("the server does not accept this {operation} request: is the endpoint AWS KMS?"),
        )),
        _ => None,
    }
}

/// Codes about the service.
fn by_service_code(code: &str, question: &Question<'_>) -> Option<Meaning> {
    let operation = question.operation.name();
    match code {
        "ThrottlingException"
        | "Throttling"
        | "ThrottledException"
        | "RequestThrottled"
        | "RequestThrottledException"
        | "TooManyRequestsException"
        | "RequestLimitExceeded"
        | "SlowDown" => Some(Meaning::usual(ReasonKind::Throttled, FailureClass::Throttled)),
        "KMSInternalException"
        | "DependencyTimeoutException"
        | "KeyUnavailableException"
        | "InternalFailure"
        | "InternalError"
        | "ServiceUnavailable"
        | "ServiceUnavailableException" => Some(Meaning::usual(ReasonKind::ServerError, FailureClass::Server)),
        "InvalidMarkerException" => Some(Meaning::new(
            ReasonKind::PartialListing,
            FailureClass::Refused,
            Safe::from_static("the server forgot where the listing was: read again"),
        )),
        // A resource quota. The SDK takes it for throttling, but waiting does not clear it.
        "LimitExceededException" => Some(Meaning::new(
            ReasonKind::UnexpectedAnswer,
            FailureClass::Refused,
            Safe::from_static("a resource quota of the account is used up: ask AWS to raise it"),
        )),
        "UnsupportedOperationException" | "UnknownOperationException" | "InvalidAction" | "NotImplemented" => {
            Some(Meaning::new(
                ReasonKind::UnexpectedAnswer,
                FailureClass::Refused,
                safe!("this server does not support {operation}"),
            ))
        }
        _ => None,
    }
}

fn by_status(status: u16, code: &Foreign) -> Meaning {
    match status {
        429 => Meaning::usual(ReasonKind::Throttled, FailureClass::Throttled),
        500.. => Meaning::usual(ReasonKind::ServerError, FailureClass::Server),
        _ => Meaning::new(
            ReasonKind::UnexpectedAnswer,
            FailureClass::Refused,
            safe!("an error that keyfleet does not know: {}", code.safe()),
        ),
    }
}

/// No code means that not KMS but something before it answered: a load balancer's 503, a proxy's 407, a portal's page.
fn without_code(status: u16) -> Meaning {
    match status {
        429 => Meaning::usual(ReasonKind::Throttled, FailureClass::Throttled),
        500.. => Meaning::usual(ReasonKind::ServerError, FailureClass::Server),
        _ => Meaning::new(
            ReasonKind::UnexpectedAnswer,
            FailureClass::Transport,
            safe!("HTTP status {status} without an AWS error code: check for a portal or proxy at this endpoint"),
        ),
    }
}
