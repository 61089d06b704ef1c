//! What a request is refused with: a code, a status and the words that the real service uses where they are known.

use std::borrow::Cow;
use std::fmt::Display;

use super::key::KeyState;

/// An error answer, not yet written in either wire's form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// The error's code, such as `NotFoundException`.
    pub code: Cow<'static, str>,
    /// The words for a human.
    pub message: String,
}

impl Refusal {
    /// An error of HTTP status 400, which is what KMS answers for nearly everything.
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { status: 400, code: Cow::Borrowed(code), message: message.into() }
    }

    pub(crate) fn not_found(arn: impl Display) -> Self {
        Self::new("NotFoundException", format!("Key '{arn}' does not exist"))
    }

    pub(crate) fn disabled(arn: impl Display) -> Self {
        Self::new("DisabledException", format!("{arn} is disabled."))
    }

    pub(crate) fn invalid_state(arn: impl Display, state: KeyState) -> Self {
        Self::new("KMSInvalidStateException", format!("{arn} is {}.", state.words()))
    }

    pub(crate) fn unsupported(message: impl Into<String>) -> Self {
        Self::new("UnsupportedOperationException", message)
    }

    /// The service's own sentence for a field that breaks a rule.
    pub(crate) fn validation(field: &str, value: impl Display, rule: &str) -> Self {
        let message =
            format!("1 validation error detected: Value '{value}' at '{field}' failed to satisfy constraint: {rule}");
        Self::new("ValidationException", message)
    }

    /// A field that must be there and is not.
    pub(crate) fn missing(field: &str) -> Self {
        let message = format!(
            "1 validation error detected: Value null at '{field}' failed to satisfy constraint: Member must not be null"
        );
        Self::new("ValidationException", message)
    }

    pub(crate) fn not_authenticated() -> Self {
        Self::new("MissingAuthenticationTokenException", "Missing Authentication Token")
    }

    /// What a Region that the account has not enabled answers, and every Region to strangers.
    pub(crate) fn not_enabled() -> Self {
        Self::new("UnrecognizedClientException", "The security token included in the request is invalid.")
    }

    /// The words of the service when an account asks too often.
    pub(crate) const THROTTLED: &str =
        "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.";

    pub(crate) fn throttled() -> Self {
        Self::new("ThrottlingException", Self::THROTTLED)
    }

    pub(crate) fn expired() -> Self {
        Self::new("ExpiredTokenException", "The security token included in the request is expired")
    }

    pub(crate) fn unknown_operation() -> Self {
        Self::new("UnknownOperationException", "The operation is not one that this KMS serves.")
    }
}
