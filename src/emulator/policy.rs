//! Key policies: the default one, and what makes a document unacceptable.
//!
//! This is no policy engine. It refuses what the real service refuses by form: text that is not a policy, principals
//! that cannot be resolved, and a policy that leaves nobody of the account able to change it.

use std::sync::Arc;

use serde_json::Value;

use super::refusal::Refusal;

/// The documented size limit of a key policy.
const MOST_BYTES: usize = 32 * 1024;

/// The policy of a key for which none was sent.
pub(crate) fn default_policy(partition: &str, account: &str) -> String {
    format!(
        r#"{{
  "Version" : "2012-10-17",
  "Id" : "key-default-1",
  "Statement" : [ {{
    "Sid" : "Enable IAM User Permissions",
    "Effect" : "Allow",
    "Principal" : {{
      "AWS" : "arn:{partition}:iam::{account}:root"
    }},
    "Action" : "kms:*",
    "Resource" : "*"
  }} ]
}}"#
    )
}

/// Accepts a policy document as it was sent, or says what is wrong with it.
pub(crate) fn accept(text: &str, account: &str, bypass_lockout_check: bool) -> Result<Arc<str>, Refusal> {
    if text.len() > MOST_BYTES {
        let message = format!("The policy is longer than the {MOST_BYTES} bytes that a key policy may have.");
        return Err(Refusal::new("LimitExceededException", message));
    }
    let document: Value = serde_json::from_str(text).map_err(|_| malformed("Syntax errors in policy."))?;
    let statements = statements(&document).ok_or_else(|| malformed("Syntax errors in policy."))?;
    if statements.iter().any(|statement| principals(statement).iter().any(|principal| !is_principal(principal))) {
        return Err(malformed("Policy contains a statement with one or more invalid principals."));
    }
    if !bypass_lockout_check && !statements.iter().any(|statement| lets_change_the_policy(statement, account)) {
        return Err(malformed("The new key policy will not allow you to update the key policy in the future."));
    }
    Ok(text.into())
}

fn malformed(message: &str) -> Refusal {
    Refusal::new("MalformedPolicyDocumentException", message)
}

/// The statements of a document; None if it is not a policy document at all.
fn statements(document: &Value) -> Option<Vec<&Value>> {
    let held = document.as_object()?.get("Statement")?;
    let statements: Vec<&Value> = held.as_array().map_or_else(|| vec![held], |list| list.iter().collect());
    let shaped = |statement: &&Value| {
        let effect = statement.get("Effect").and_then(Value::as_str);
        let acts = statement.get("Action").is_some() || statement.get("NotAction").is_some();
        let names = statement.get("Principal").is_some() || statement.get("NotPrincipal").is_some();
        matches!(effect, Some("Allow" | "Deny")) && acts && names && statement.get("Resource").is_some()
    };
    (!statements.is_empty() && statements.iter().all(shaped)).then_some(statements)
}

/// A string, or a list of strings, as a list.
fn texts(value: Option<&Value>) -> Vec<&str> {
    match value {
        Some(Value::String(text)) => vec![text],
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect(),
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_)) | None => Vec::new(),
    }
}

/// The AWS principals of a statement.
fn principals(statement: &Value) -> Vec<&str> {
    match statement.get("Principal") {
        Some(Value::Object(kinds)) => texts(kinds.get("AWS")),
        other => texts(other),
    }
}

/// Bare unique identifiers are what AWS shows for principals that were deleted; it accepts none in a new policy.
fn is_principal(principal: &str) -> bool {
    let account = principal.len() == 12 && principal.bytes().all(|byte| byte.is_ascii_digit());
    principal == "*" || account || principal.starts_with("arn:")
}

fn lets_change_the_policy(statement: &Value, account: &str) -> bool {
    let ours =
        |principal: &str| principal == "*" || principal == account || principal.split(':').nth(4) == Some(account);
    let acts = |action: &str| matches!(action, "*" | "kms:*" | "kms:Put*" | "kms:PutKeyPolicy");
    statement.get("Effect").and_then(Value::as_str) == Some("Allow")
        && principals(statement).into_iter().any(ours)
        && texts(statement.get("Action")).into_iter().any(acts)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACCOUNT: &str = "111122223333";

    fn check(policy: &str, expected: Result<(), &str>) {
        let actual = accept(policy, ACCOUNT, false).map(|_| ()).map_err(|refusal| refusal.code.into_owned());
        assert_eq!(actual, expected.map_err(str::to_owned), "{policy}");
    }

    fn with(principal: &str, action: &str) -> String {
        format!(r#"{{"Statement":{{"Effect":"Allow","Principal":{principal},"Action":"{action}","Resource":"*"}}}}"#)
    }

    #[test]
    fn a_policy_must_be_one_and_keep_itself_changeable() {
        let malformed = Err("MalformedPolicyDocumentException");
        check(&default_policy("aws", ACCOUNT), Ok(()));
        check(&with(r#"{"AWS":"111122223333"}"#, "kms:*"), Ok(()));
        check(&with(r#"{"AWS":["arn:aws:iam::111122223333:role/KmsOps"]}"#, "kms:PutKeyPolicy"), Ok(()));
        check("", malformed);
        check("[]", malformed);
        check("{}", malformed);
        check(r#"{"Statement":[]}"#, malformed);
        check(&with(r#"{"AWS":"AIDAEXAMPLEID"}"#, "kms:*"), malformed);
        check(&with(r#"{"AWS":"444455556666"}"#, "kms:*"), malformed);
        check(&with(r#"{"AWS":"111122223333"}"#, "kms:Decrypt"), malformed);
        check(&" ".repeat(MOST_BYTES + 1), Err("LimitExceededException"));
        assert!(accept(&with(r#"{"AWS":"111122223333"}"#, "kms:Decrypt"), ACCOUNT, true).is_ok());
    }
}
