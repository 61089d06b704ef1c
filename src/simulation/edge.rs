//! Between the engine's effects and the emulator's wire: a stand-in for the client, written by hand and apart from it.

mod answer;

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use crate::domain::id::{KeyArn, Place, Region};
use crate::domain::plan::{Change, Mutation, Reply};
use crate::domain::reading::{Asked, Reason, ReasonKind};
use crate::domain::text::{Foreign, Safe};
use crate::domain::time::Timestamp;
use crate::emulator::{self, Success};
use crate::engine::effect::{ChangeId, ReadRequest};
use crate::engine::message::{Failure, FailureClass, Message};

/// A request that has left its process.
#[derive(Clone, Debug)]
pub(super) struct Departed {
    /// Its number on the wire, by which the emulator's log tells of it. Reads have none.
    pub(super) number: u64,
    pub(super) process: u32,
    pub(super) region: Region,
    pub(super) operation: &'static str,
    pub(super) body: Vec<u8>,
    pub(super) credential: &'static str,
    pub(super) purpose: Purpose,
    /// When it left, in milliseconds of the schedule.
    pub(super) at: u64,
}

/// What a request was sent for.
#[derive(Clone, Debug)]
pub(super) enum Purpose {
    Read {
        asked: Asked,
        place: Place,
        request: ReadRequest,
    },
    Identify {
        change: ChangeId,
    },
    /// With the intent's ID, which the User-Agent carries.
    Change {
        change: ChangeId,
        intent: Arc<str>,
    },
}

/// What goes wrong on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// No connection: proof that nothing left.
    Refused,
    /// Nothing is heard until the client gives up.
    Timeout,
    /// The connection breaks after the request left.
    Lost,
    /// The answer is cut off or not AWS's.
    Garbled,
    Error(u16, &'static str),
}

/// What the client gets to see.
#[derive(Clone, Debug)]
pub(super) enum Seen {
    Answer(emulator::Answer),
    Trouble(Trouble),
}

/// The operation and the document of a read.
pub(super) fn read(request: &ReadRequest) -> (&'static str, Vec<u8>) {
    let of_key = |arn: &KeyArn| json!({"KeyId": arn.to_string()});
    let body = match request {
        ReadRequest::ListKeys { marker } => page(json!({"Limit": 3}), marker.as_ref()),
        ReadRequest::ListAliases { marker } => page(json!({"Limit": 4}), marker.as_ref()),
        ReadRequest::DescribeKey { arn } | ReadRequest::GetKeyRotationStatus { arn } => of_key(arn),
        ReadRequest::GetKeyPolicy { arn } => json!({"KeyId": arn.to_string(), "PolicyName": "default"}),
        ReadRequest::ListResourceTags { arn, marker } => page(of_key(arn), marker.as_ref()),
        ReadRequest::GetCallerIdentity => return ("GetCallerIdentity", identify()),
    };
    (request.operation().name(), body.to_string().into_bytes())
}

fn page(mut body: Value, marker: Option<&Foreign>) -> Value {
    if let Some(marker) = marker {
        body["Marker"] = json!(marker.original());
    }
    body
}

/// The form of GetCallerIdentity.
pub(super) fn identify() -> Vec<u8> {
    b"Action=GetCallerIdentity&Version=2011-06-15".to_vec()
}

/// The operation and the document of a change.
pub(super) fn change(mutation: &Mutation) -> (&'static str, Vec<u8>) {
    let key = mutation.arn.to_string();
    let body = match &mutation.change {
        Change::ReplicateKey { to, policy, description, tags } => {
            let tags: Vec<Value> = tags
                .iter()
                .map(|tag| json!({"TagKey": tag.key.original(), "TagValue": tag.value.original()}))
                .collect();
            json!({
                "KeyId": key, "ReplicaRegion": to.as_str(), "Policy": policy.original(),
                "Description": description.original(), "Tags": tags,
            })
        }
        Change::UpdatePrimaryRegion { to } => json!({"KeyId": key, "PrimaryRegion": to.as_str()}),
        Change::CancelKeyDeletion | Change::EnableKey => json!({"KeyId": key}),
        Change::CreateAlias { alias } => json!({"AliasName": alias.original(), "TargetKeyId": key}),
    };
    (mutation.change.operation().name(), body.to_string().into_bytes())
}

impl Departed {
    /// What the process is told of its request.
    pub(super) fn told(&self, seen: &Seen, (now, wall): (u64, Timestamp)) -> Message {
        match &self.purpose {
            Purpose::Read { asked, place, request } => {
                let took = Duration::from_millis(now - self.at);
                let result = match seen {
                    Seen::Answer(answer) => answer::of_read(request, &place.region, &answer.result, wall),
                    Seen::Trouble(trouble) => Err(failure(*trouble)),
                };
                Message::Answer { asked: *asked, place: place.clone(), result, took, request_id: None }
            }
            Purpose::Identify { change } => {
                let result = match seen {
                    Seen::Answer(answer) => answer::identity(&answer.result, &self.region, wall),
                    Seen::Trouble(trouble) => Err(failure(*trouble)),
                };
                let result = result.map_err(|failure| failure.reason);
                Message::Identified { change: *change, region: self.region.clone(), result }
            }
            Purpose::Change { change, .. } => Message::Replied { change: *change, reply: reply(seen) },
        }
    }
}

fn reply(seen: &Seen) -> Reply {
    let answered = |status, code: Option<&str>, request_id: &str| Reply::Answered {
        status,
        code: code.map(Foreign::new),
        message: None,
        request_id: Some(Foreign::new(request_id)),
    };
    match seen {
        Seen::Answer(answer) => match &answer.result {
            Ok(Success::Json(_) | Success::Empty) => answered(200, None, &answer.request_id),
            Ok(Success::CallerIdentity { .. } | Success::AssumedRole(_)) => {
                Reply::Broken { why: Safe::from_static("an answer to something else") }
            }
            Err(refusal) => answered(refusal.status, Some(&refusal.code), &answer.request_id),
        },
        Seen::Trouble(Trouble::Refused) => Reply::NotSent { why: Safe::from_static("no connection") },
        Seen::Trouble(Trouble::Timeout) => Reply::Broken { why: Safe::from_static("no answer in time") },
        Seen::Trouble(Trouble::Lost) => Reply::Broken { why: Safe::from_static("the connection broke") },
        Seen::Trouble(Trouble::Garbled) => Reply::Broken { why: Safe::from_static("not an answer of AWS") },
        Seen::Trouble(Trouble::Error(status, code)) => answered(*status, Some(code), "injected"),
    }
}

/// What a read that went wrong is for the engine.
fn failure(trouble: Trouble) -> Failure {
    let (kind, class) = match trouble {
        Trouble::Refused | Trouble::Lost => (ReasonKind::Connect, FailureClass::Transport),
        Trouble::Timeout => (ReasonKind::Timeout, FailureClass::Transport),
        Trouble::Garbled => (ReasonKind::UnexpectedAnswer, FailureClass::Transport),
        Trouble::Error(status, code) => return refused(status, code),
    };
    Failure { reason: Reason::of(kind), class }
}

/// What an error answer is for the engine.
fn refused(status: u16, code: &str) -> Failure {
    let (kind, class) = match code {
        "ThrottlingException" => (ReasonKind::Throttled, FailureClass::Throttled),
        "AccessDeniedException" => (ReasonKind::Denied, FailureClass::Refused),
        "UnrecognizedClientException" => (ReasonKind::NotEnabled, FailureClass::Refused),
        "NotFoundException" => (ReasonKind::Contradiction, FailureClass::NotFound),
        "KMSInvalidStateException" => (ReasonKind::Contradiction, FailureClass::Refused),
        _ if status >= 500 => (ReasonKind::ServerError, FailureClass::Server),
        _ => (ReasonKind::UnexpectedAnswer, FailureClass::Refused),
    };
    Failure { reason: Reason { code: Some(Foreign::new(code)), ..Reason::of(kind) }, class }
}
