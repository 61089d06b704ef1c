//! The parameters of a request as AWS names them: the journal holds them whole, so that what was sent can be told without anything else.

use serde_json::{Value, json};

use crate::domain::plan::{Change, Mutation};

/// Exactly what the request carries: an empty description and no tags are not sent.
pub(super) fn of(mutation: &Mutation) -> Value {
    let key = mutation.arn.to_string();
    match &mutation.change {
        Change::ReplicateKey { to, policy, description, tags } => {
            let mut request = json!({"KeyId": key, "ReplicaRegion": to.as_str(), "Policy": policy.original()});
            let optional = [
                ("Description", (!description.is_empty()).then(|| json!(description.original()))),
                ("Tags", (!tags.is_empty()).then(|| tags.iter().map(tag).collect())),
            ];
            if let Value::Object(fields) = &mut request {
                fields.extend(optional.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
            }
            request
        }
        Change::UpdatePrimaryRegion { to } => json!({"KeyId": key, "PrimaryRegion": to.as_str()}),
        Change::CancelKeyDeletion | Change::EnableKey => json!({"KeyId": key}),
        Change::CreateAlias { alias } => json!({"AliasName": alias.original(), "TargetKeyId": key}),
    }
}

fn tag(tag: &crate::domain::key::Tag) -> Value {
    json!({"TagKey": tag.key.original(), "TagValue": tag.value.original()})
}
