//! What is claimed of a change, from what the wire showed. One total function, and one table of words for every error that AWS models.

use crate::domain::plan::{Claim, Operation, Outcome, Reply};
use crate::domain::text::{Foreign, Safe, safe};

/// "failed" is claimed only where AWS itself refused, in its own shape; whatever may have been applied is unknown.
pub(crate) fn claim(operation: Operation, reply: &Reply) -> Claim {
    match reply {
        Reply::NotSent { why } => Claim {
            outcome: Outcome::NotSent,
            code: None,
            request_id: None,
            detail: safe!("nothing left this machine: {why}"),
        },
        Reply::Broken { why } => Claim {
            outcome: Outcome::Unknown,
            code: None,
            request_id: None,
            detail: safe!("the reply was lost ({why}): it may have been applied; reading the key to find out"),
        },
        Reply::Answered { status, code, message, request_id } => {
            let outcome = answered(*status, code.as_ref(), request_id.as_ref());
            let detail = match outcome {
                Outcome::Done => Safe::from_static("accepted by AWS"),
                Outcome::Failed => refusal(operation, code.as_ref(), message.as_ref()),
                Outcome::Unknown | Outcome::NotSent => {
                    safe!("AWS answered {status}: it may have been applied; reading the key to find out")
                }
            };
            Claim { outcome, code: code.clone(), request_id: request_id.clone(), detail }
        }
    }
}

fn answered(status: u16, code: Option<&Foreign>, request_id: Option<&Foreign>) -> Outcome {
    match status {
        200..=299 => Outcome::Done,
        400..=499 if code.is_some() && request_id.is_some() => Outcome::Failed,
        _ => Outcome::Unknown,
    }
}

/// The words for one error: what it means here, and the next step. `None` as operation stands for all of them.
struct Row {
    operation: Option<Operation>,
    code: &'static str,
    words: &'static str,
}

const fn row(operation: Option<Operation>, code: &'static str, words: &'static str) -> Row {
    Row { operation, code, words }
}

/// Every error that the API reference lists for the four operations, and those that AWS gives without modelling them. The first match counts.
const REFUSALS: [Row; 28] = [
    row(
        Some(Operation::ReplicateKey),
        "AlreadyExistsException",
        "a related key is already in that Region. If it is pending deletion, cancel that instead: K on it",
    ),
    row(Some(Operation::ReplicateKey), "DisabledException", "the primary key is Disabled: enable it first (E)"),
    row(
        Some(Operation::ReplicateKey),
        "UnsupportedOperationException",
        "the key is not a multi-Region primary key (any more), or is in a custom key store. Read again (r)",
    ),
    row(
        Some(Operation::ReplicateKey),
        "KMSInvalidStateException",
        "the primary key's state does not allow it (Creating, Updating or pending). Wait until it is Enabled",
    ),
    row(
        Some(Operation::ReplicateKey),
        "LimitExceededException",
        "a resource quota of the account is reached in that Region; waiting does not help. Ask AWS for a higher one",
    ),
    row(
        Some(Operation::ReplicateKey),
        "MalformedPolicyDocumentException",
        "AWS refuses the primary's policy in that Region: a principal or Region in it does not exist there",
    ),
    row(
        Some(Operation::ReplicateKey),
        "TagException",
        "AWS refuses one of the primary's tags. Change it at the primary, then try again",
    ),
    row(
        Some(Operation::UpdatePrimaryRegion),
        "DisabledException",
        "the primary or the replica is Disabled: both must be Enabled (E)",
    ),
    row(
        Some(Operation::UpdatePrimaryRegion),
        "UnsupportedOperationException",
        "this KMS does not do it, or the key is no longer the primary. Read again (r)",
    ),
    row(
        Some(Operation::UpdatePrimaryRegion),
        "KMSInvalidStateException",
        "the primary or the replica is not Enabled, or a promotion is already under way. Wait, then read again (r)",
    ),
    row(
        Some(Operation::UpdatePrimaryRegion),
        "NotFoundException",
        "AWS finds no replica in that Region (yet): a new replica may take minutes to be seen",
    ),
    row(
        Some(Operation::CancelKeyDeletion),
        "KMSInvalidStateException",
        "the key is not pending deletion (any more): somebody may have cancelled it. Read again (r)",
    ),
    row(
        Some(Operation::EnableKey),
        "KMSInvalidStateException",
        "the key's state does not allow it: pending deletion must be cancelled first (K), material must be imported first",
    ),
    row(
        Some(Operation::EnableKey),
        "LimitExceededException",
        "a resource quota of the account is reached; waiting does not help. Ask AWS for a higher one",
    ),
    row(None, "NotFoundException", "AWS finds no such key in that Region. Read again (r)"),
    row(None, "InvalidArnException", "AWS refuses the key's ARN. Read again (r)"),
    row(None, "DependencyTimeoutException", "AWS gave up waiting on a part of its own. Read again (r), then try again"),
    row(None, "KMSInternalException", "a fault inside AWS. Read again (r) before another try"),
    row(
        None,
        "AccessDeniedException",
        "the caller may not do this: key policy, IAM policy or an organization's policy",
    ),
    row(
        None,
        "ThrottlingException",
        "AWS's request quota is used up (5 a second, shared with everybody). Wait, then try again",
    ),
    row(None, "ValidationException", "AWS refuses a parameter as it was sent"),
    row(None, "ExpiredTokenException", "the credentials expired before the request. Sign in again"),
    row(
        None,
        "UnrecognizedClientException",
        "the Region is not enabled for this account, or this token is not valid there",
    ),
    row(None, "InvalidClientTokenId", "the Region is not enabled for this account, or this token is not valid there"),
    row(None, "InvalidSignatureException", "AWS refuses the signature: check this machine's clock"),
    row(None, "UnknownOperationException", "this server does not support the operation: it is not AWS's own KMS"),
    row(None, "InvalidAction", "this server does not support the operation: it is not AWS's own KMS"),
    row(None, "NotImplemented", "this server does not support the operation: it is not AWS's own KMS"),
];

/// A refusal in its own words: the meaning and the next step first, then what AWS said.
fn refusal(operation: Operation, code: Option<&Foreign>, message: Option<&Foreign>) -> Safe {
    let name = code.map_or("", Foreign::original);
    let known = REFUSALS.iter().find(|row| row.code == name && row.operation.is_none_or(|only| only == operation));
    let words = known.map_or("AWS refused it", |row| row.words);
    let code = code.map(Foreign::safe).unwrap_or_default();
    match message.filter(|message| !message.is_empty()) {
        Some(message) => safe!("{words}. {code}: {}", message.safe()),
        None => safe!("{words}. {code}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, code: Option<&str>, request_id: Option<&str>) -> Reply {
        let foreign = |text: &str| Foreign::new(text);
        Reply::Answered { status, code: code.map(foreign), message: None, request_id: request_id.map(foreign) }
    }

    fn check(reply: &Reply, expected: Outcome) {
        assert_eq!(claim(Operation::ReplicateKey, reply).outcome, expected, "{reply:?}");
    }

    #[test]
    fn every_reply_has_one_outcome() {
        check(&Reply::NotSent { why: "refused".into() }, Outcome::NotSent);
        check(&Reply::Broken { why: "reset".into() }, Outcome::Unknown);
        check(&answer(200, None, Some("id")), Outcome::Done);
        check(&answer(204, None, None), Outcome::Done);
        check(&answer(400, Some("AlreadyExistsException"), Some("id")), Outcome::Failed);
        check(&answer(403, Some("AccessDeniedException"), Some("id")), Outcome::Failed);
        check(&answer(400, Some("AlreadyExistsException"), None), Outcome::Unknown);
        check(&answer(404, None, Some("id")), Outcome::Unknown);
        check(&answer(302, None, None), Outcome::Unknown);
        check(&answer(500, Some("KMSInternalException"), Some("id")), Outcome::Unknown);
        check(&answer(503, None, None), Outcome::Unknown);
    }

    #[test]
    fn every_modelled_error_has_words_of_its_own() {
        let modelled: [(Operation, &[&str]); 4] = [
            (
                Operation::ReplicateKey,
                &[
                    "AlreadyExistsException",
                    "DisabledException",
                    "InvalidArnException",
                    "KMSInternalException",
                    "KMSInvalidStateException",
                    "LimitExceededException",
                    "MalformedPolicyDocumentException",
                    "NotFoundException",
                    "TagException",
                    "UnsupportedOperationException",
                ],
            ),
            (
                Operation::UpdatePrimaryRegion,
                &[
                    "DisabledException",
                    "InvalidArnException",
                    "KMSInternalException",
                    "KMSInvalidStateException",
                    "NotFoundException",
                    "UnsupportedOperationException",
                ],
            ),
            (
                Operation::CancelKeyDeletion,
                &[
                    "NotFoundException",
                    "InvalidArnException",
                    "DependencyTimeoutException",
                    "KMSInternalException",
                    "KMSInvalidStateException",
                ],
            ),
            (
                Operation::EnableKey,
                &[
                    "NotFoundException",
                    "InvalidArnException",
                    "DependencyTimeoutException",
                    "KMSInternalException",
                    "KMSInvalidStateException",
                    "LimitExceededException",
                ],
            ),
        ];
        for (operation, codes) in modelled {
            for code in codes {
                let words = claim(operation, &answer(400, Some(code), Some("id"))).detail;
                assert!(!words.as_str().starts_with("AWS refused it"), "{operation} {code}: {words}");
            }
        }
    }
}
