//! Who may come, and what they may do: the credentials and roles of an account.

use std::fmt;

use serde::Deserialize;

use crate::emulator::fault::RegionPattern;

/// An access key of the file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Credential {
    pub(crate) access_key: String,
    /// With it, signatures are verified.
    pub(crate) secret: Option<Secret>,
    pub(crate) caller_arn: Option<String>,
    #[serde(default)]
    pub(crate) allow: Vec<Statement>,
    #[serde(default)]
    pub(crate) deny: Vec<Statement>,
}

/// A role that `AssumeRole` hands out.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Role {
    pub(crate) arn: String,
    #[serde(default)]
    pub(crate) allow: Vec<Statement>,
    #[serde(default)]
    pub(crate) deny: Vec<Statement>,
}

/// Some operations in some Regions on some keys. What is left out is any.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Statement {
    #[serde(default = "any_action")]
    pub(crate) actions: Vec<ActionPattern>,
    #[serde(default = "any_region")]
    pub(crate) regions: Vec<RegionPattern>,
    /// A key's name in the file, its identifier, an ARN, an alias, or a pattern of these.
    #[serde(default = "any_key")]
    pub(crate) keys: Vec<String>,
}

fn any_action() -> Vec<ActionPattern> {
    vec![ActionPattern("*".to_owned())]
}

fn any_region() -> Vec<RegionPattern> {
    vec![RegionPattern::any()]
}

fn any_key() -> Vec<String> {
    vec!["*".to_owned()]
}

/// An IAM action such as `kms:DescribeKey`, or a pattern of some.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct ActionPattern(pub(crate) String);

impl TryFrom<String> for ActionPattern {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let of_service = text.strip_prefix("kms:").or_else(|| text.strip_prefix("sts:"));
        let named =
            |name: &str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'*');
        if text == "*" || of_service.is_some_and(named) {
            return Ok(Self(text));
        }
        Err(format!("`{text}` is not an action, expected one such as kms:DescribeKey, kms:List*, sts:AssumeRole or *"))
    }
}

/// A secret access key. A made-up one, and still nothing that a debug print should show.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub(crate) struct Secret(pub(crate) String);

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(…)")
    }
}
