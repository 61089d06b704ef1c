//! The policy that KMS gives to a key for which none was sent.

use super::document::Document;
use crate::domain::id::{AccountId, Partition};

/// The document, laid out as KMS answers it.
pub(crate) fn default_policy(partition: Partition, account: AccountId) -> String {
    let root = format!("arn:{}:iam::{account}:root", partition.name());
    let statement = format!(
        "{{\n    \"Sid\" : \"Enable IAM User Permissions\",\n    \"Effect\" : \"Allow\",\n    \"Principal\" : {{\n      \"AWS\" : \"{root}\"\n    }},\n    \"Action\" : \"kms:*\",\n    \"Resource\" : \"*\"\n  }}"
    );
    format!("{{\n  \"Version\" : \"2012-10-17\",\n  \"Id\" : \"key-default-1\",\n  \"Statement\" : [ {statement} ]\n}}")
}

/// Whether a policy says what the default policy of a key in the account says: everything is left to the account's IAM policies.
pub(crate) fn is_default(document: &Document, account: AccountId) -> bool {
    // The partition is no part of the meaning of an account's root.
    Document::parse(&default_policy(Partition::Aws, account)).is_ok_and(|default| default == *document)
}
