//! The two wires: AWS JSON 1.1 for KMS, the Query protocol with its XML for STS.
//!
//! Both come in on one port. The form of the request tells them apart, and the credential scope tells the Region: a
//! client that is pointed at one endpoint says nowhere else which Region it means.

use serde::Serialize;

use super::model::Answer;
use super::op::{AssumedRole, Operation, Success};
use super::refusal::Refusal;

#[cfg(test)]
mod tests;

/// The form of a request and of its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wire {
    Json,
    Query,
}

/// Who signed a request, and for which Region.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Scope<'a> {
    pub(crate) access_key: &'a str,
    pub(crate) region: &'a str,
}

/// An answer as it goes over the wire.
#[derive(Debug)]
pub(crate) struct Encoded {
    pub(crate) status: u16,
    pub(crate) content_type: &'static str,
    pub(crate) error_type: Option<String>,
    pub(crate) request_id: String,
    pub(crate) body: Vec<u8>,
}

/// Reads the credential scope out of an `Authorization` header.
pub(crate) fn scope(authorization: &str) -> Option<Scope<'_>> {
    let parts = authorization.strip_prefix("AWS4-HMAC-SHA256")?;
    let credential = parts.split(',').find_map(|part| part.trim().strip_prefix("Credential="))?;
    let mut fields = credential.split('/');
    let (access_key, _date, region) = (fields.next()?, fields.next()?, fields.next()?);
    let (_service, last) = (fields.next()?, fields.next()?);
    let whole = last == "aws4_request" && fields.next().is_none() && !access_key.is_empty() && !region.is_empty();
    whole.then_some(Scope { access_key, region })
}

/// Which wire a request speaks and which operation it asks for. A name that belongs to the other service is kept, but
/// spelt so that no operation has it.
pub(crate) fn operation(target: Option<&str>, body: &[u8]) -> (Wire, String) {
    if let Some(target) = target {
        let name = target.strip_prefix("TrentService.").unwrap_or(target);
        return (Wire::Json, of_service("kms", name));
    }
    let form = std::str::from_utf8(body).unwrap_or_default();
    let action = form.split('&').find_map(|field| field.strip_prefix("Action=")).unwrap_or_default();
    (Wire::Query, of_service("sts", action))
}

fn of_service(service: &str, name: &str) -> String {
    match Operation::find(name) {
        Some(operation) if operation.service() != service => format!("{service}:{name}"),
        Some(_) | None => name.to_owned(),
    }
}

/// Writes an answer in the form of its request.
pub(crate) fn encode(wire: Wire, answer: Answer) -> Encoded {
    match wire {
        Wire::Json => encode_json(answer),
        Wire::Query => encode_query(answer),
    }
}

#[derive(Serialize)]
struct JsonError<'a> {
    #[serde(rename = "__type")]
    code: &'a str,
    message: &'a str,
}

fn encode_json(answer: Answer) -> Encoded {
    let content_type = "application/x-amz-json-1.1";
    let Answer { request_id, result, damage: _ } = answer;
    match result {
        Ok(Success::Json(body)) => Encoded { status: 200, content_type, error_type: None, request_id, body },
        Ok(Success::Empty | Success::CallerIdentity { .. } | Success::AssumedRole(_)) => {
            Encoded { status: 200, content_type, error_type: None, request_id, body: Vec::new() }
        }
        Err(Refusal { status, code, message }) => {
            let body = serde_json::to_vec(&JsonError { code: &code, message: &message }).unwrap_or_default();
            Encoded { status, content_type, error_type: Some(code.into_owned()), request_id, body }
        }
    }
}

const NAMESPACE: &str = "https://sts.amazonaws.com/doc/2011-06-15/";

fn encode_query(answer: Answer) -> Encoded {
    let content_type = "text/xml";
    let Answer { request_id, result, damage: _ } = answer;
    let (status, body) = match result {
        Ok(Success::CallerIdentity { account, arn, user_id }) => (200, identity(&account, &arn, &user_id, &request_id)),
        Ok(Success::AssumedRole(role)) => (200, assumed(&role, &request_id)),
        Ok(Success::Json(_) | Success::Empty) => (200, String::new()),
        Err(refusal) => query_error(&refusal, &request_id),
    };
    Encoded { status, content_type, error_type: None, request_id, body: body.into_bytes() }
}

fn identity(account: &str, arn: &str, user_id: &str, request_id: &str) -> String {
    let (account, arn, user_id) = (escape(account), escape(arn), escape(user_id));
    format!(
        "<GetCallerIdentityResponse xmlns=\"{NAMESPACE}\">\n  <GetCallerIdentityResult>\n    <Arn>{arn}</Arn>\n    \
         <UserId>{user_id}</UserId>\n    <Account>{account}</Account>\n  </GetCallerIdentityResult>\n  \
         <ResponseMetadata>\n    <RequestId>{request_id}</RequestId>\n  </ResponseMetadata>\n</GetCallerIdentityResponse>\n"
    )
}

fn assumed(role: &AssumedRole, request_id: &str) -> String {
    let AssumedRole { arn, role_id, access_key, secret, token, expiration } = role;
    let (arn, role_id) = (escape(arn), escape(role_id));
    format!(
        "<AssumeRoleResponse xmlns=\"{NAMESPACE}\">\n  <AssumeRoleResult>\n    <AssumedRoleUser>\n      \
         <AssumedRoleId>{role_id}</AssumedRoleId>\n      <Arn>{arn}</Arn>\n    </AssumedRoleUser>\n    <Credentials>\n      \
         <AccessKeyId>{access_key}</AccessKeyId>\n      <SecretAccessKey>{secret}</SecretAccessKey>\n      \
         <SessionToken>{token}</SessionToken>\n      <Expiration>{expiration}</Expiration>\n    </Credentials>\n  \
         </AssumeRoleResult>\n  <ResponseMetadata>\n    <RequestId>{request_id}</RequestId>\n  </ResponseMetadata>\n\
         </AssumeRoleResponse>\n"
    )
}

/// STS has other names and statuses than KMS for the same refusals.
fn query_error(refusal: &Refusal, request_id: &str) -> (u16, String) {
    let (status, code) = match &*refusal.code {
        "UnrecognizedClientException" => (403, "InvalidClientTokenId"),
        "MissingAuthenticationTokenException" => (403, "MissingAuthenticationToken"),
        "AccessDeniedException" => (403, "AccessDenied"),
        "ExpiredTokenException" => (403, "ExpiredToken"),
        "UnknownOperationException" => (400, "InvalidAction"),
        "ThrottlingException" => (400, "Throttling"),
        "InvalidSignatureException" => (403, "SignatureDoesNotMatch"),
        "IncompleteSignatureException" => (400, "IncompleteSignature"),
        "ValidationException" => (400, "ValidationError"),
        other => (refusal.status, other),
    };
    let kind = if status < 500 { "Sender" } else { "Receiver" };
    let (code, message) = (escape(code), escape(&refusal.message));
    let body = format!(
        "<ErrorResponse xmlns=\"{NAMESPACE}\">\n  <Error>\n    <Type>{kind}</Type>\n    <Code>{code}</Code>\n    \
         <Message>{message}</Message>\n  </Error>\n  <RequestId>{request_id}</RequestId>\n</ErrorResponse>\n"
    );
    (status, body)
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
