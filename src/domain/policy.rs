//! Key policies: their digest, and where they name a Region.

use std::fmt::Write as _;

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::id::Region;
use super::text::Foreign;

/// The SHA-256 of a text, in hex.
pub(crate) fn sha256(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().fold(String::with_capacity(64), |mut hex, byte| {
        let _infallible = write!(hex, "{byte:02x}");
        hex
    })
}

/// How often the policy document names the Region: in `kms:ViaService` conditions, service principals, ARNs. A verbatim copy may never match elsewhere.
pub(crate) fn mentions(policy: &str, region: &Region) -> usize {
    policy.matches(region.as_str()).count()
}

/// Principals that are bare unique IDs (`AIDA…`, `AROA…`): what is left of a principal that was deleted. KMS refuses a policy that names one.
pub(crate) fn bare_principals(policy: &str) -> Vec<Foreign> {
    let Ok(document) = serde_json::from_str::<Value>(policy) else { return Vec::new() };
    let statements = match document.get("Statement") {
        Some(Value::Array(statements)) => statements.clone(),
        Some(statement) => vec![statement.clone()],
        None => Vec::new(),
    };
    let principals = statements.iter().filter_map(|statement| statement.get("Principal")?.get("AWS"));
    let mut found = Vec::new();
    for principal in principals {
        match principal {
            Value::Array(all) => {
                found.extend(all.iter().filter_map(Value::as_str).filter(|id| is_bare(id)).map(Foreign::new));
            }
            Value::String(one) if is_bare(one) => found.push(Foreign::new(one.as_str())),
            Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => {}
        }
    }
    found
}

fn is_bare(principal: &str) -> bool {
    (principal.starts_with("AIDA") || principal.starts_with("AROA"))
        && principal.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(policy: &str, expected: &[&str]) {
        let found: Vec<String> = bare_principals(policy).iter().map(|id| id.original().to_owned()).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn deleted_principals_are_found() {
        check(
            r#"{"Statement":[{"Principal":{"AWS":["arn:aws:iam::1:root","AIDAJQABLZS4A3QDU576Q"]}}]}"#,
            &["AIDAJQABLZS4A3QDU576Q"],
        );
        check(r#"{"Statement":{"Principal":{"AWS":"AROADBQP57FF2AEXAMPLE"}}}"#, &["AROADBQP57FF2AEXAMPLE"]);
        check(r#"{"Statement":[{"Principal":"*"}]}"#, &[]);
        check("not json", &[]);
    }

    #[test]
    fn a_digest_is_of_the_very_bytes() {
        assert_eq!(sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert_eq!(mentions("ebs.us-east-1.amazonaws.com us-east-1", &Region::parse("us-east-1").unwrap()), 2);
    }
}
