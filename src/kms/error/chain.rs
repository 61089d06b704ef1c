//! What lies underneath the SDK's errors, by type and never by the words of a server.

use std::error::Error;
use std::io;

use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::dns::ResolveDnsError;
use aws_smithy_runtime_api::client::result::ConnectorError;
use http_body_util::LengthLimitError;
use hyper_util::client::legacy;

use super::{Connect, Fault, Withheld};
use crate::domain::text::Safe;
use crate::kms::guard::NotAllowed;

/// Every error underneath, from the outside in. What an `io::Error` wraps is not its source but its payload.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| match error.downcast_ref::<io::Error>() {
        Some(outer) => outer.get_ref().map(|inner| inner as &(dyn Error + 'static)),
        None => error.source(),
    })
}

fn find<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    causes(error).find_map(|cause| cause.downcast_ref::<T>())
}

/// Why a request stayed here, if that can be told.
pub(super) fn why_withheld(error: &(dyn Error + 'static)) -> Option<Withheld> {
    if find::<NotAllowed>(error).is_some() {
        return Some(Withheld::NotAllowed);
    }
    find::<CredentialsError>(error).map(|_| Withheld::NoCredentials)
}

/// Why there is no answer. A failure to connect is proved by the type that only connecting gives.
pub(super) fn why_lost(error: &ConnectorError, is_timeout: impl Fn(&ConnectorError) -> bool) -> Fault {
    if let Some(connecting) = causes(error).find(|cause| is_connect(*cause)) {
        return Fault::Connect(which_part(connecting, is_timeout(error)));
    }
    if find::<ResolveDnsError>(error).is_some() {
        return Fault::Connect(Connect::Dns);
    }
    if is_timeout(error) {
        return Fault::Timeout;
    }
    if find::<hyper::Error>(error).is_some_and(hyper::Error::is_parse) {
        return Fault::Garbled(Safe::from_static("the answer is not HTTP"));
    }
    Fault::Lost
}

fn is_connect(error: &(dyn Error + 'static)) -> bool {
    error.downcast_ref::<legacy::Error>().is_some_and(legacy::Error::is_connect)
}

fn which_part(connecting: &(dyn Error + 'static), is_timeout: bool) -> Connect {
    // The connector's own error type is private; these are its own constant words, not a server's.
    let is_dns = causes(connecting).any(|cause| cause.to_string() == "dns error");
    if is_dns || find::<ResolveDnsError>(connecting).is_some() {
        return Connect::Dns;
    }
    if is_timeout {
        return Connect::Timeout;
    }
    let kinds = causes(connecting).filter_map(|cause| cause.downcast_ref::<io::Error>()).map(io::Error::kind);
    for kind in kinds {
        // A handshake that fails reports bad data or an early end; opening a socket reports neither.
        if matches!(kind, io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof) {
            return Connect::Tls;
        }
    }
    Connect::Tcp
}

/// Why an answer that began could not be read.
pub(super) fn why_unreadable(error: &(dyn Error + 'static)) -> Fault {
    if find::<LengthLimitError>(error).is_some() {
        return Fault::Garbled(Safe::from_static("the answer is longer than any of KMS's"));
    }
    if find::<hyper::Error>(error).is_some() || find::<io::Error>(error).is_some() {
        return Fault::Lost;
    }
    Fault::Garbled(Safe::from_static("the answer is not KMS's"))
}
