//! What it means to have asked: a value with its question and its age, or the reason why there is none.

use std::sync::Arc;

use super::text::{Foreign, Safe};
use super::time::Timestamp;

/// The number of a question. Numbers only grow, so of two answers the one whose question is later is the newer knowledge.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Asked(pub(crate) u64);

/// One thing that can be read: a listing, a description, aliases, tags, a policy, a rotation status.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(crate) enum Reading<T> {
    #[default]
    NotAsked,
    /// Asked for the first time, no answer yet.
    Waiting,
    Known {
        value: T,
        asked: Asked,
        at: Timestamp,
    },
    /// The last question failed. What was known before it is kept with its age.
    Failed {
        why: Arc<Reason>,
        asked: Asked,
        last: Option<(T, Timestamp)>,
    },
}

impl<T> Reading<T> {
    /// The value, whether or not the last question for it failed.
    pub(crate) fn value(&self) -> Option<&T> {
        match self {
            Reading::NotAsked | Reading::Waiting | Reading::Failed { last: None, .. } => None,
            Reading::Known { value, .. } | Reading::Failed { last: Some((value, _)), .. } => Some(value),
        }
    }

    /// The value, if the last question for it was answered.
    pub(crate) fn fresh(&self) -> Option<&T> {
        match self {
            Reading::Known { value, .. } => Some(value),
            Reading::NotAsked | Reading::Waiting | Reading::Failed { .. } => None,
        }
    }

    /// When the value was read.
    pub(crate) fn at(&self) -> Option<Timestamp> {
        match self {
            Reading::NotAsked | Reading::Waiting | Reading::Failed { last: None, .. } => None,
            Reading::Known { at, .. } | Reading::Failed { last: Some((_, at)), .. } => Some(*at),
        }
    }

    /// The latest question that has been answered, well or badly.
    pub(crate) fn asked(&self) -> Option<Asked> {
        match self {
            Reading::NotAsked | Reading::Waiting => None,
            Reading::Known { asked, .. } | Reading::Failed { asked, .. } => Some(*asked),
        }
    }

    pub(crate) fn failure(&self) -> Option<&Arc<Reason>> {
        match self {
            Reading::Failed { why, .. } => Some(why),
            Reading::NotAsked | Reading::Waiting | Reading::Known { .. } => None,
        }
    }

    /// Notes that the question has gone out, if nothing is held yet.
    pub(crate) fn wait(&mut self) {
        if matches!(self, Reading::NotAsked) {
            *self = Reading::Waiting;
        }
    }

    /// Takes an answer, unless a later question has been answered already. Says whether it was taken.
    pub(crate) fn accept(&mut self, asked: Asked, answer: Result<(T, Timestamp), Arc<Reason>>) -> bool {
        if self.asked().is_some_and(|held| held >= asked) {
            return false;
        }
        *self = match (answer, std::mem::take(self)) {
            (Ok((value, at)), _) => Reading::Known { value, asked, at },
            (Err(why), Reading::Known { value, at, .. }) => Reading::Failed { why, asked, last: Some((value, at)) },
            (Err(why), Reading::Failed { last, .. }) => Reading::Failed { why, asked, last },
            (Err(why), Reading::NotAsked | Reading::Waiting) => Reading::Failed { why, asked, last: None },
        };
        true
    }
}

/// What can be read of one member beyond its description: one request each, made only where something needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Deep {
    Policy,
    Tags,
    Rotation,
}

/// Why something could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reason {
    pub(crate) kind: ReasonKind,
    /// The error code that AWS gave.
    pub(crate) code: Option<Foreign>,
    pub(crate) message: Option<Foreign>,
    pub(crate) request_id: Option<Foreign>,
    pub(crate) at: Option<Timestamp>,
    /// What to do about it, in our own words.
    pub(crate) next_step: Safe,
}

impl Reason {
    /// A reason that needs no answer from AWS to be known.
    pub(crate) fn of(kind: ReasonKind) -> Self {
        Self {
            kind,
            code: None,
            message: None,
            request_id: None,
            at: None,
            next_step: Safe::from_static(kind.next_step()),
        }
    }
}

/// The kinds of reasons, as `keyfleet.fleet/1` names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum ReasonKind {
    DeniedByKeyPolicy,
    Denied,
    NotEnabled,
    Throttled,
    Dns,
    Connect,
    Tls,
    Timeout,
    ExpiredCredentials,
    ClockSkew,
    UnexpectedAnswer,
    PartialListing,
    Contradiction,
    OutOfScope,
    NotRead,
    ServerError,
    Internal,
}

impl ReasonKind {
    const ALL: [ReasonKind; 17] = [
        ReasonKind::DeniedByKeyPolicy,
        ReasonKind::Denied,
        ReasonKind::NotEnabled,
        ReasonKind::Throttled,
        ReasonKind::Dns,
        ReasonKind::Connect,
        ReasonKind::Tls,
        ReasonKind::Timeout,
        ReasonKind::ExpiredCredentials,
        ReasonKind::ClockSkew,
        ReasonKind::UnexpectedAnswer,
        ReasonKind::PartialListing,
        ReasonKind::Contradiction,
        ReasonKind::OutOfScope,
        ReasonKind::NotRead,
        ReasonKind::ServerError,
        ReasonKind::Internal,
    ];

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The name in JSON and in the last column of CSV.
    pub(crate) fn name(self) -> &'static str {
        match self {
            ReasonKind::DeniedByKeyPolicy => "denied_by_key_policy",
            ReasonKind::Denied => "denied",
            ReasonKind::NotEnabled => "not_enabled",
            ReasonKind::Throttled => "throttled",
            ReasonKind::Dns => "dns",
            ReasonKind::Connect => "connect",
            ReasonKind::Tls => "tls",
            ReasonKind::Timeout => "timeout",
            ReasonKind::ExpiredCredentials => "expired_credentials",
            ReasonKind::ClockSkew => "clock_skew",
            ReasonKind::UnexpectedAnswer => "unexpected_answer",
            ReasonKind::PartialListing => "partial_listing",
            ReasonKind::Contradiction => "contradiction",
            ReasonKind::OutOfScope => "out_of_scope",
            ReasonKind::NotRead => "not_read",
            ReasonKind::ServerError => "server_error",
            ReasonKind::Internal => "internal",
        }
    }

    /// The same in words, for a sentence.
    pub(crate) fn words(self) -> &'static str {
        match self {
            ReasonKind::DeniedByKeyPolicy => "denied by the key policy",
            ReasonKind::Denied => "access denied",
            ReasonKind::NotEnabled => "Region not enabled, or this token is not valid there",
            ReasonKind::Throttled => "throttled",
            ReasonKind::Dns => "the endpoint's name does not resolve",
            ReasonKind::Connect => "no connection",
            ReasonKind::Tls => "TLS failed",
            ReasonKind::Timeout => "no answer in time",
            ReasonKind::ExpiredCredentials => "credentials expired",
            ReasonKind::ClockSkew => "this machine's clock is wrong",
            ReasonKind::UnexpectedAnswer => "an answer that is not KMS's",
            ReasonKind::PartialListing => "the listing is not complete",
            ReasonKind::Contradiction => "contradictory answers",
            ReasonKind::OutOfScope => "outside the Regions asked for",
            ReasonKind::NotRead => "not read yet",
            ReasonKind::ServerError => "an error inside AWS",
            ReasonKind::Internal => "an error inside keyfleet",
        }
    }

    /// What to do when nothing more particular is known.
    pub(crate) fn next_step(self) -> &'static str {
        match self {
            ReasonKind::DeniedByKeyPolicy => "the key policy must allow kms:DescribeKey to this caller",
            ReasonKind::Denied => "allow kms:ListKeys, kms:DescribeKey and kms:ListAliases to this caller",
            ReasonKind::NotEnabled => "enable the Region for the account, or use Regional STS tokens",
            ReasonKind::Throttled => "wait, or lower quota_share; other callers share this quota",
            ReasonKind::Dns => "check the endpoint's name, DNS and VPN",
            ReasonKind::Connect => "check network, proxy and endpoint",
            ReasonKind::Tls => "check the proxy and the trusted certificates",
            ReasonKind::Timeout => "check the network path; keyfleet asks again by itself",
            ReasonKind::ExpiredCredentials => "sign in again, for example: aws sso login",
            ReasonKind::ClockSkew => "set this machine's clock",
            ReasonKind::UnexpectedAnswer => "check for a captive portal or proxy at this endpoint",
            ReasonKind::PartialListing => "read again: r",
            ReasonKind::Contradiction => "related keys disagree; read again in a minute",
            ReasonKind::OutOfScope => "add the Region with --region to read it",
            ReasonKind::NotRead => "wait for the reading to end",
            ReasonKind::ServerError => "AWS reports a fault of its own; keyfleet asks again",
            ReasonKind::Internal => "this is a bug in keyfleet: please report it",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_to_an_earlier_question_never_replaces_a_later_one() {
        let at = Timestamp::from_millis(0);
        let mut reading = Reading::NotAsked;
        assert!(reading.accept(Asked(7), Ok(("new", at))));
        assert!(!reading.accept(Asked(6), Ok(("old", at))));
        assert!(!reading.accept(Asked(6), Err(Arc::new(Reason::of(ReasonKind::Timeout)))));
        assert_eq!(reading.fresh(), Some(&"new"));
    }

    #[test]
    fn a_failure_keeps_what_was_known() {
        let at = Timestamp::from_millis(5);
        let mut reading = Reading::NotAsked;
        reading.wait();
        assert!(reading.accept(Asked(1), Ok(("value", at))));
        assert!(reading.accept(Asked(2), Err(Arc::new(Reason::of(ReasonKind::Timeout)))));
        assert_eq!((reading.value(), reading.fresh(), reading.at()), (Some(&"value"), None, Some(at)));
    }
}
