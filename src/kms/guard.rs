//! What stands between the SDK and the network: an allow-list of operations, a cap on answers, and a witness of whether a request left.
//!
//! Each is an interceptor, so it holds for whatever the SDK does, not only for what this crate means to ask of it.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU16, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_kms::operation::RequestId as _;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    AfterDeserializationInterceptorContextRef, BeforeDeserializationInterceptorContextMut,
    BeforeDeserializationInterceptorContextRef, BeforeTransmitInterceptorContextMut,
    BeforeTransmitInterceptorContextRef,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpResponse, Metadata};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::ConfigBag;
use http_body_util::Limited;

use crate::domain::trail;

/// Bytes of one answer that are read at most. The SDK buffers whole bodies, and none of KMS's answers comes near.
pub(crate) const LONGEST_ANSWER: usize = 8 * 1024 * 1024;

/// The service name that precedes every operation of KMS in `X-Amz-Target`.
const TARGET: &str = "TrentService.";

/// Lets through only the named operations, by what is about to be signed rather than by what was called.
#[derive(Clone, Copy, Debug)]
pub(super) struct AllowList(pub(super) &'static [&'static str]);

/// An operation that is on no list of ours was about to leave.
#[derive(Debug)]
pub(super) struct NotAllowed(String);

impl fmt::Display for NotAllowed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "keyfleet does not send {}", self.0)
    }
}

impl std::error::Error for NotAllowed {}

impl AllowList {
    fn check(self, operation: Option<&str>, target: Option<&str>) -> Result<(), NotAllowed> {
        let listed = |name: &str| self.0.contains(&name);
        let named = operation.is_some_and(listed);
        // STS speaks another protocol and has no target; a target that is there must be the operation's own.
        let targeted = target.is_none_or(|target| target.strip_prefix(TARGET) == operation);
        if named && targeted {
            return Ok(());
        }
        Err(NotAllowed(operation.or(target).unwrap_or("a request without a name").to_owned()))
    }
}

impl Intercept for AllowList {
    fn name(&self) -> &'static str {
        "AllowList"
    }

    fn modify_before_signing(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        bag: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let operation = bag.load::<Metadata>().map(Metadata::name);
        let target = context.request().headers().get("x-amz-target");
        Ok(self.check(operation, target)?)
    }
}

/// Cuts an answer off where it gets too long.
#[derive(Clone, Copy, Debug)]
pub(super) struct Capped;

impl Intercept for Capped {
    fn name(&self) -> &'static str {
        "Capped"
    }

    fn modify_before_deserialization(
        &self,
        context: &mut BeforeDeserializationInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        _bag: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let body = std::mem::replace(context.response_mut().body_mut(), SdkBody::taken());
        *context.response_mut().body_mut() = SdkBody::from_body_1_x(Limited::new(body, LONGEST_ANSWER));
        Ok(())
    }
}

#[derive(Debug, Default)]
struct Seen {
    departed: AtomicBool,
    status: AtomicU16,
    is_in_shape: AtomicBool,
    request_id: Mutex<Option<String>>,
}

/// Watches one request: whether anything was handed to the network, and what the answer looked like from outside.
#[derive(Clone, Debug, Default)]
pub(super) struct Witness(Arc<Seen>);

impl Witness {
    /// Something may have left. While this is false nothing has, whatever the error says: the hook runs right before the connector is called.
    pub(super) fn departed(&self) -> bool {
        self.0.departed.load(Ordering::SeqCst)
    }

    /// The status of the answer, or zero.
    pub(super) fn status(&self) -> u16 {
        self.0.status.load(Ordering::SeqCst)
    }

    /// The answer is one that AWS could have given. The SDK does not look at the body of an operation that has no output, and would take a portal's page for
    /// success.
    pub(super) fn is_in_shape(&self) -> bool {
        self.0.is_in_shape.load(Ordering::SeqCst)
    }

    pub(super) fn request_id(&self) -> Option<String> {
        self.0.request_id.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Intercept for Witness {
    fn name(&self) -> &'static str {
        "Witness"
    }

    fn read_before_transmit(
        &self,
        _context: &BeforeTransmitInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _bag: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.0.departed.store(true, Ordering::SeqCst);
        Ok(())
    }

    fn read_after_transmit(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _bag: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let response = context.response();
        self.0.status.store(response.status().as_u16(), Ordering::SeqCst);
        *self.0.request_id.lock().unwrap_or_else(PoisonError::into_inner) = response.request_id().map(str::to_owned);
        Ok(())
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _bag: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.0.is_in_shape.store(is_in_shape(context.response()), Ordering::SeqCst);
        Ok(())
    }
}

/// Empty or one JSON object, and signed as AWS signs: with a request ID, or as JSON.
fn is_in_shape(response: &HttpResponse) -> bool {
    let headers = response.headers();
    let is_json = headers.get("content-type").is_some_and(|kind| kind.contains("json"));
    if !is_json && headers.request_id().is_none() {
        return false;
    }
    response.body().bytes().is_some_and(|bytes| {
        bytes.is_empty() || serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(bytes).is_ok()
    })
}

/// Puts keyfleet's version and the intent's ID behind the SDK's own User-Agent, so that CloudTrail can prove whose request it was. The header is not part of
/// the signature, so it is completed after signing.
#[derive(Clone, Debug)]
pub(super) struct Signed {
    pub(super) intent: Arc<str>,
}

impl Intercept for Signed {
    fn name(&self) -> &'static str {
        "Signed"
    }

    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        _bag: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let headers = context.request_mut().headers_mut();
        let sdk = headers.get("user-agent").unwrap_or_default().to_owned();
        let whole = format!("{sdk} keyfleet/{} {}", env!("CARGO_PKG_VERSION"), trail::mark(&self.intent));
        headers.try_insert("user-agent", whole.trim_start().to_owned())?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(operation: Option<&str>, target: Option<&str>, expected: bool) {
        let list = AllowList(&["EnableKey", "GetCallerIdentity"]);
        assert_eq!(list.check(operation, target).is_ok(), expected, "{operation:?} {target:?}");
    }

    #[test]
    fn only_what_is_listed_leaves() {
        check(Some("EnableKey"), Some("TrentService.EnableKey"), true);
        check(Some("GetCallerIdentity"), None, true);
        check(Some("DisableKey"), Some("TrentService.DisableKey"), false);
        check(Some("EnableKey"), Some("TrentService.ScheduleKeyDeletion"), false);
        check(Some("EnableKey"), Some("EnableKey"), false);
        check(None, Some("TrentService.EnableKey"), false);
        check(None, None, false);
    }
}
