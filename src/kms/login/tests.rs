//! Logins that need no file, no profile and no environment.

use std::collections::BTreeMap;

use super::*;
use crate::engine::settings::EndpointOrigin;
use crate::kms::stub::endpoints;

const FIXED: Source = Source::Fixed { access_key: "key", secret: "secret" };

impl Clients {
    /// The same clients over TLS, without a proxy: what the default client does where none is configured.
    pub(in crate::kms) fn with_tls(&self) -> Self {
        use aws_smithy_http_client::tls::Provider;
        use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
        let tls = aws_smithy_http_client::Builder::new().tls_provider(Provider::Rustls(CryptoMode::AwsLc));
        Self { config: self.config.clone().into_builder().http_client(tls.build_https()).build(), ..self.at(None) }
    }

    /// The same clients at an endpoint that nothing has checked.
    pub(in crate::kms) fn at(&self, url: Option<&str>) -> Self {
        Self {
            config: self.config.clone(),
            endpoints: url.map(endpoints).or_else(|| self.endpoints.clone()),
            foreign_endpoint: self.foreign_endpoint.clone(),
            sign_in: self.sign_in.clone(),
            kms: Mutex::default(),
            sts: Mutex::default(),
        }
    }
}

#[tokio::test]
async fn fixed_credentials_bring_nothing_from_this_machine() {
    let (clients, connection) = connect(&FIXED, Some(endpoints("http://127.0.0.1:9"))).await.unwrap();
    assert_eq!(connection, Connection { region: None, endpoint: None });
    assert!(clients.config.service_config().is_none() && clients.config.endpoint_url().is_none());
    assert_eq!(clients.config.retry_config().map(RetryConfig::max_attempts), Some(1));
}

#[tokio::test]
async fn an_endpoint_that_is_none_is_refused_before_anything_is_loaded() {
    for url in ["http://kms.example.com", "nonsense", "https://me:secret@kms.example.com"] {
        let error = connect(&FIXED, Some(endpoints(url))).await.unwrap_err();
        assert!(!error.next_step.as_str().is_empty() && !error.what.as_str().contains("secret"), "{error:?}");
    }
}

#[tokio::test]
async fn a_region_goes_to_its_own_endpoint() {
    let (here, there) = (Region::parse("eu-west-1").unwrap(), Region::parse("us-east-1").unwrap());
    let by_region = BTreeMap::from([(here.clone(), Foreign::new("http://127.0.0.1:1"))]);
    let typed = Endpoints { everywhere: None, by_region, origin: EndpointOrigin::CommandLine };
    let (clients, _) = connect(&FIXED, Some(typed)).await.unwrap();
    assert_eq!(clients.endpoint(&here), Some(&Foreign::new("http://127.0.0.1:1")));
    assert_eq!(clients.endpoint(&there), None);
}
