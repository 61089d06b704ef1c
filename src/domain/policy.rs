//! Key policies: their digest, and where they name a Region.

use std::fmt::Write as _;

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::id::{AccountId, Partition, Region};
use super::text::{Foreign, Safe};

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

/// The policy that KMS gives to a key that is made without one: IAM policies of the account decide.
pub(crate) fn default_policy(partition: Partition, account: AccountId) -> String {
    format!(
        concat!(
            r#"{{"Version":"2012-10-17","Id":"key-default-1","Statement":[{{"Sid":"Enable IAM User Permissions","#,
            r#""Effect":"Allow","Principal":{{"AWS":"arn:{}:iam::{}:root"}},"Action":"kms:*","Resource":"*"}}]}}"#
        ),
        partition.name(),
        account
    )
}

/// The policy with one Region's name replaced by another's.
pub(crate) fn rewritten(policy: &str, from: &Region, to: &Region) -> Result<String, Safe> {
    serde_json::from_str::<Value>(policy).map_err(|_| Safe::from_static("it is not JSON"))?;
    Ok(policy.replace(from.as_str(), to.as_str()))
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

/// The document for reading: as it stands if it has lines, else indented. No character but white space between tokens differs from the original.
pub(crate) fn readable(policy: &Foreign) -> Vec<Safe> {
    let text = policy.original();
    if text.contains('\n') {
        return text.lines().map(|line| Foreign::new(line.trim_end_matches('\r')).safe()).collect();
    }
    indented(text).iter().map(|line| Foreign::new(line.as_str()).safe()).collect()
}

/// Breaks one line of JSON at its brackets and commas. What is not JSON comes out as some lines of the same characters.
fn indented(text: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for character in text.chars() {
        if in_string {
            push(&mut lines, character);
            in_string = escaped || character != '"';
            escaped = character == '\\' && !escaped;
            continue;
        }
        match character {
            // Between tokens white space means nothing; the indentation replaces it.
            ' ' | '\t' => continue,
            '{' | '[' => {
                push(&mut lines, character);
                depth += 1;
                lines.push("  ".repeat(depth));
                continue;
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                lines.push("  ".repeat(depth));
            }
            '"' => in_string = true,
            _ => {}
        }
        push(&mut lines, character);
        if character == ',' {
            lines.push("  ".repeat(depth));
        } else if character == ':' {
            push(&mut lines, ' ');
        }
    }
    lines.retain(|line| !line.trim().is_empty());
    lines
}

fn push(lines: &mut [String], character: char) {
    if let Some(line) = lines.last_mut() {
        line.push(character);
    }
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

    #[test]
    fn one_line_of_json_is_indented_and_nothing_else_changed() {
        let lines = |text: &str| -> Vec<String> {
            readable(&Foreign::new(text)).iter().map(|line| line.as_str().to_owned()).collect()
        };
        assert_eq!(
            lines(r#"{"Statement":[{"Sid":"a, {b\"","Effect":"Allow"}]}"#),
            [
                "{",
                "  \"Statement\": [",
                "    {",
                r#"      "Sid": "a, {b\"","#,
                "      \"Effect\": \"Allow\"",
                "    }",
                "  ]",
                "}"
            ]
        );
        assert_eq!(lines("{\r\n \u{202e}}"), ["{", " \\u{202e}}"]);
        assert_eq!(lines("not json"), ["notjson"]);
    }
}
