//! Mistakes that a driver can make on purpose: each must be found, else the simulation proves nothing. None of them is in the program itself.

use super::edge::{Departed, Purpose};
use crate::domain::plan::Reply;
use crate::domain::text::Foreign;
use crate::engine::message::{Answer, Message, Next};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bug {
    /// A client with retries.
    SendsTwice,
    /// A sync that returns before the disk has anything.
    SyncsNothing,
    /// A receipt without a record.
    ForgetsIntent,
    /// A lost reply taken for a refusal.
    LostIsFailed,
    /// The first page of a listing taken for all of it.
    PartialIsComplete,
    /// The answer to an earlier question in the place of a later one.
    OlderAnswerWins,
    /// A lock that excludes nobody.
    LocksNobodyOut,
    /// A change signed with what the profile gives at that moment.
    ThawsCredentials,
    /// A run that ignores that it is read-only.
    WritesThoughReadOnly,
    /// A start that does not look for what was left open.
    TakesNothingOver,
    /// A start that sends again what was left open.
    SendsOpenAgain,
    /// A plan whose former steps are looked up while another process may be sending them.
    LooksWithoutLock,
    /// A plan that is applied once more as if nothing of it had been sent.
    ForgetsSteps,
}

impl Bug {
    pub(super) const ALL: [Bug; 11] = [
        Bug::SendsTwice,
        Bug::SyncsNothing,
        Bug::ForgetsIntent,
        Bug::LostIsFailed,
        Bug::PartialIsComplete,
        Bug::OlderAnswerWins,
        Bug::LocksNobodyOut,
        Bug::ThawsCredentials,
        Bug::WritesThoughReadOnly,
        Bug::TakesNothingOver,
        Bug::SendsOpenAgain,
    ];

    /// Mistakes of a caller that the journal itself makes harmless: it takes one request for a step.
    pub(super) const HARMLESS: [Bug; 2] = [Bug::LooksWithoutLock, Bug::ForgetsSteps];

    /// The invariants of which one must be seen to break.
    pub(super) fn breaks(self) -> &'static [&'static str] {
        match self {
            Bug::SendsTwice | Bug::SendsOpenAgain | Bug::LooksWithoutLock | Bug::ForgetsSteps => &["I1", "I2"],
            Bug::SyncsNothing | Bug::ForgetsIntent => &["I3"],
            Bug::LostIsFailed => &["I2", "I5"],
            Bug::PartialIsComplete => &["I6"],
            Bug::OlderAnswerWins => &["I11"],
            Bug::LocksNobodyOut => &["I2", "I4"],
            Bug::TakesNothingOver => &["I4"],
            Bug::ThawsCredentials => &["I8"],
            Bug::WritesThoughReadOnly => &["I7"],
        }
    }
}

/// The message as a driver with this mistake hands it on. `former` is an earlier answer about the same key.
pub(super) fn distorted(bug: Option<Bug>, departed: &Departed, message: Message, former: Option<Message>) -> Message {
    match (bug, &departed.purpose, message) {
        (Some(Bug::LostIsFailed), Purpose::Change { .. }, Message::Replied { change, reply: Reply::Broken { .. } }) => {
            let code = Some(Foreign::new("KMSInternalException"));
            let request_id = Some(Foreign::new("made-up"));
            Message::Replied { change, reply: Reply::Answered { status: 400, code, message: None, request_id } }
        }
        (
            Some(Bug::PartialIsComplete),
            Purpose::Read { .. },
            Message::Answer {
                asked,
                place,
                result: Ok(Answer::Keys { listed, multi_region, unnamed, next: _ }),
                took,
                request_id,
            },
        ) => {
            let result = Ok(Answer::Keys { listed, multi_region, unnamed, next: Next::End });
            Message::Answer { asked, place, result, took, request_id }
        }
        (
            Some(Bug::OlderAnswerWins),
            Purpose::Read { .. },
            Message::Answer { asked, place, result: Ok(Answer::Key(newer)), took, request_id },
        ) => {
            let older = match former {
                Some(Message::Answer { result: Ok(Answer::Key(older)), .. }) => older,
                Some(_) | None => newer,
            };
            Message::Answer { asked, place, result: Ok(Answer::Key(older)), took, request_id }
        }
        (_, _, message) => message,
    }
}
