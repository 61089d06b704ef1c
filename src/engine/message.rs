//! What the edge reports back.

use std::sync::Arc;
use std::time::Duration;

use super::effect::ChangeId;
use crate::domain::id::{KeyArn, Login, Place, Region};
use crate::domain::key::{RegionalKey, Rotation, Tag};
use crate::domain::plan::{Identity, RecordKind, Reply};
use crate::domain::reading::{Asked, Reason};
use crate::domain::text::{Foreign, Safe};

/// Something happened outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Message {
    Connected {
        login: Login,
        result: Result<Connection, ConnectError>,
    },
    Answer {
        asked: Asked,
        place: Place,
        result: Result<Answer, Failure>,
        took: Duration,
        /// What AWS calls the request, if it was answered: to be looked up in CloudTrail.
        request_id: Option<Foreign>,
    },
    /// A time that was asked for has come.
    Woke,
    Frozen {
        change: ChangeId,
        result: Result<(), Reason>,
    },
    Identified {
        change: ChangeId,
        region: Region,
        result: Result<Identity, Reason>,
    },
    Recorded {
        change: ChangeId,
        kind: RecordKind,
        result: Result<(), RecordError>,
    },
    Replied {
        change: ChangeId,
        reply: Reply,
    },
}

/// What connecting found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Connection {
    /// The Region that the profile or the environment configures.
    pub(crate) region: Option<Region>,
    /// An endpoint that the environment or an AWS profile sets, and that no flag or setting replaces.
    pub(crate) endpoint: Option<Foreign>,
}

/// Why there is no usable login.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ConnectError {
    pub(crate) what: Safe,
    /// What to run.
    pub(crate) next_step: Safe,
}

/// Why a record could not be made durable. Then nothing is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RecordError {
    /// Another keyfleet holds the account's lock.
    Locked(Safe),
    Journal(Safe),
}

/// A well-formed answer to a read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Keys {
        /// Keys of every kind on this page.
        listed: u32,
        multi_region: Vec<KeyArn>,
        /// What names the multi-Region keys on this page whose ARN here cannot be told: the listing is partial for them.
        unnamed: Vec<Foreign>,
        next: Next,
    },
    /// (alias name, the ID of the key it points to)
    Aliases {
        aliases: Vec<(Foreign, Arc<str>)>,
        next: Next,
    },
    Key(Box<RegionalKey>),
    Policy(Foreign),
    Tags {
        tags: Vec<Tag>,
        next: Next,
    },
    Rotation(Rotation),
    Identity(Identity),
}

/// Whether a listing goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    End,
    Marker(Foreign),
    /// `Truncated` without a marker: there is more, and no way to ask for it.
    Lost,
}

/// A read that brought no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) reason: Reason,
    pub(crate) class: FailureClass,
}

/// What the engine does about a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum FailureClass {
    /// AWS answered and means it: denied, not enabled, expired credentials. Asking again changes nothing.
    Refused,
    /// AWS answered that there is no such key.
    NotFound,
    /// Asked too fast: slow down, then ask again.
    Throttled,
    /// AWS answered with a fault of its own (5xx): ask again.
    Server,
    /// No answer, or none that is KMS's: ask again, and count it against the Region.
    Transport,
}
