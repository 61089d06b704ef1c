//! Endpoints other than AWS's own: what may be one, and whether one comes from where nobody typed it.

use aws_config::SdkConfig;
use aws_types::service_config::ServiceConfigKey;
use hyper::Uri;

use crate::domain::text::{Foreign, Safe, safe};

/// The service names under which an AWS profile and the environment may override an endpoint.
const SERVICES: [&str; 2] = ["KMS", "STS"];

/// Refuses what cannot be asked safely. Credentials in a URL are never repeated in the words.
pub(super) fn check(url: &Foreign) -> Result<(), Safe> {
    let original = url.original();
    let uri: Uri = original.parse().map_err(|_| Safe::from_static("an endpoint is not a URL"))?;
    if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
        return Err(Safe::from_static("an endpoint holds a user name or a password"));
    }
    let host = uri.host().ok_or_else(|| safe!("the endpoint {} names no host", url.safe()))?;
    match uri.scheme_str() {
        Some("https") => Ok(()),
        Some("http") if is_loopback(host) => Ok(()),
        Some("http") => Err(safe!("the endpoint {} is plain http and not on this machine", url.safe())),
        Some(_) | None => Err(safe!("the endpoint {} is neither https nor http", url.safe())),
    }
}

fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare == "localhost" || bare.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// The first endpoint that the environment or an AWS profile puts in the place of AWS's own.
pub(super) fn of_environment(config: &SdkConfig) -> Option<Foreign> {
    let of_service = |service: &str| {
        let key = ServiceConfigKey::builder()
            .service_id(service)
            .env("AWS_ENDPOINT_URL")
            .profile("endpoint_url")
            .build()
            .ok()?;
        config.service_config()?.load_config(key)
    };
    let general = || config.endpoint_url().map(str::to_owned);
    SERVICES.into_iter().find_map(of_service).or_else(general).map(Foreign::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(url: &str, expected: Option<&str>) {
        let found = check(&Foreign::new(url)).err();
        match expected {
            None => assert_eq!(found, None, "{url}"),
            Some(words) => assert!(found.as_ref().is_some_and(|why| why.as_str().contains(words)), "{url}: {found:?}"),
        }
    }

    #[test]
    fn plain_http_goes_to_this_machine_only() {
        verdict("https://kms.example.com", None);
        verdict("http://127.0.0.1:4599", None);
        verdict("http://localhost:5602/", None);
        verdict("http://[::1]:5602", None);
        verdict("http://169.254.169.254", Some("not on this machine"));
        verdict("http://127.0.0.1.example.com", Some("not on this machine"));
        verdict("ftp://127.0.0.1", Some("neither"));
        verdict("127.0.0.1:5602", Some("neither"));
        verdict("/path", Some("no host"));
        verdict("nonsense \u{1b}", Some("not a URL"));
    }

    #[test]
    fn a_password_in_a_url_is_refused_and_not_repeated() {
        let why = check(&Foreign::new("https://me:hunter2@kms.example.com")).unwrap_err();
        assert!(!why.as_str().contains("hunter2"), "{why}");
    }
}
