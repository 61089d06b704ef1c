//! The parameters of a change as AWS names them, as a plan file and the journal hold them: whole, so that nothing else is needed to tell what is sent.
//!
//! Reading refuses whatever the request of that operation cannot carry. `BypassPolicyLockoutSafetyCheck` is refused by name: keyfleet never sends it.

use serde_json::{Value, json};

use crate::domain::id::{KeyArn, Region};
use crate::domain::key::Tag;
use crate::domain::plan::{Change, Mutation, Operation};
use crate::domain::text::{Foreign, safe};
use crate::wire::found::{Found, Wrong};

/// Exactly what the request carries: an empty description and no tags are not sent.
pub(crate) fn of(mutation: &Mutation) -> Value {
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

fn tag(tag: &Tag) -> Value {
    json!({"TagKey": tag.key.original(), "TagValue": tag.value.original()})
}

/// The parameter that KMS would take and keyfleet never sends.
const BYPASS: &str = "BypassPolicyLockoutSafetyCheck";

/// The change that these parameters ask of this key.
pub(crate) fn read(operation: Operation, key: &KeyArn, parameters: &Found<'_>) -> Result<Change, Wrong> {
    if let Some(bypass) = parameters.field_if(BYPASS)? {
        return Err(bypass.senseless("is a parameter that keyfleet never sends"));
    }
    if let Some(stranger) = parameters.stranger(names(operation))? {
        return Err(stranger.senseless(safe!("is no parameter of {operation}")));
    }
    let field = |name| parameters.field(name);
    match operation {
        Operation::ReplicateKey => {
            is_key(&field("KeyId")?, key)?;
            let description = parameters.field_if("Description")?.map(|found| found.text()).transpose()?;
            let tags = parameters.field_if("Tags")?.map(|found| found.each(read_tag)).transpose()?;
            Ok(Change::ReplicateKey {
                to: other_region(&field("ReplicaRegion")?, key)?,
                policy: Foreign::new(field("Policy")?.text()?),
                description: Foreign::new(description.unwrap_or_default()),
                tags: tags.unwrap_or_default(),
            })
        }
        Operation::UpdatePrimaryRegion => {
            is_key(&field("KeyId")?, key)?;
            Ok(Change::UpdatePrimaryRegion { to: other_region(&field("PrimaryRegion")?, key)? })
        }
        Operation::CancelKeyDeletion => is_key(&field("KeyId")?, key).map(|()| Change::CancelKeyDeletion),
        Operation::EnableKey => is_key(&field("KeyId")?, key).map(|()| Change::EnableKey),
        Operation::CreateAlias => {
            is_key(&field("TargetKeyId")?, key)?;
            Ok(Change::CreateAlias { alias: own_alias(&field("AliasName")?)? })
        }
    }
}

/// The names that a request of this operation may have.
fn names(operation: Operation) -> &'static [&'static str] {
    match operation {
        Operation::ReplicateKey => &["KeyId", "ReplicaRegion", "Policy", "Description", "Tags"],
        Operation::UpdatePrimaryRegion => &["KeyId", "PrimaryRegion"],
        Operation::CancelKeyDeletion | Operation::EnableKey => &["KeyId"],
        Operation::CreateAlias => &["AliasName", "TargetKeyId"],
    }
}

fn is_key(found: &Found<'_>, key: &KeyArn) -> Result<(), Wrong> {
    if found.text()? == key.to_string() { Ok(()) } else { Err(found.senseless(safe!("is not the key {key}"))) }
}

/// Another Region of the key's own partition.
fn other_region(found: &Found<'_>, key: &KeyArn) -> Result<Region, Wrong> {
    let region = found.parsed(|name| Region::parse(name).ok(), "Region")?;
    if region.partition() != key.partition {
        return Err(found.senseless(safe!("is {region}, which is not in the partition {}", key.partition.name())));
    }
    if region == key.region {
        return Err(found.senseless(safe!("is {region}, where the key already is")));
    }
    Ok(region)
}

/// A name that AWS lets its customers give.
fn own_alias(found: &Found<'_>) -> Result<Foreign, Wrong> {
    let name = found.parsed(|name| name.strip_prefix("alias/").filter(|rest| !rest.is_empty()), "alias")?;
    if name.starts_with("aws/") {
        return Err(found.senseless("is an alias that AWS keeps for itself"));
    }
    found.text().map(Foreign::new)
}

fn read_tag(found: &Found<'_>) -> Result<Tag, Wrong> {
    if let Some(stranger) = found.stranger(&["TagKey", "TagValue"])? {
        return Err(stranger.senseless("is no part of a tag"));
    }
    let text = |name| found.field(name)?.text().map(Foreign::new);
    Ok(Tag { key: text("TagKey")?, value: text("TagValue")? })
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "arn:aws:kms:us-east-1:111122223333:key/mrk-00d18cbb72904f3aa1d0c5e9e3317c00";

    fn key() -> KeyArn {
        KeyArn::parse(KEY).unwrap()
    }

    fn west() -> Region {
        Region::parse("us-west-2").unwrap()
    }

    fn check(change: Change, expected: &Value) {
        let operation = change.operation();
        let mutation = Mutation { arn: key(), change };
        assert_eq!(&of(&mutation), expected);
        assert_eq!(read(operation, &key(), &Found::at("p", expected)), Ok(mutation.change));
    }

    #[test]
    fn they_are_those_of_the_request_and_come_back() {
        check(Change::EnableKey, &json!({"KeyId": KEY}));
        check(Change::CancelKeyDeletion, &json!({"KeyId": KEY}));
        let alias = Change::CreateAlias { alias: Foreign::new("alias/a") };
        check(alias, &json!({"AliasName": "alias/a", "TargetKeyId": KEY}));
        check(Change::UpdatePrimaryRegion { to: west() }, &json!({"KeyId": KEY, "PrimaryRegion": "us-west-2"}));
        let (policy, empty) = (Foreign::new("{\n}"), Foreign::new(""));
        check(
            Change::ReplicateKey { to: west(), policy: policy.clone(), description: empty, tags: Vec::new() },
            &json!({"KeyId": KEY, "ReplicaRegion": "us-west-2", "Policy": "{\n}"}),
        );
        let tags = vec![Tag { key: Foreign::new("env"), value: Foreign::new("") }];
        check(
            Change::ReplicateKey { to: west(), policy, description: Foreign::new("Nightly \u{202e}x"), tags },
            &json!({"KeyId": KEY, "ReplicaRegion": "us-west-2", "Policy": "{\n}", "Description": "Nightly \u{202e}x",
                   "Tags": [{"TagKey": "env", "TagValue": ""}]}),
        );
    }

    fn refused(operation: Operation, parameters: &Value, path: &str, word: &str) {
        let wrong = read(operation, &key(), &Found::at("p", parameters)).unwrap_err();
        assert_eq!(wrong.path, format!("p{path}"), "{}", wrong.what);
        assert!(wrong.what.as_str().contains(word), "no {word:?} in {}", wrong.what);
    }

    #[test]
    fn what_does_not_fit_the_operation_is_refused_with_its_place() {
        let named = |alias: &str| json!({"AliasName": alias, "TargetKeyId": KEY});
        refused(Operation::CreateAlias, &named("payments"), ".AliasName", "no alias");
        refused(Operation::CreateAlias, &named("alias/"), ".AliasName", "no alias");
        refused(Operation::CreateAlias, &named("alias/aws/ebs"), ".AliasName", "AWS keeps");
        refused(
            Operation::CreateAlias,
            &json!({"AliasName": "alias/a", "TargetKeyId": "mrk-1"}),
            ".TargetKeyId",
            "not the key",
        );
        refused(Operation::EnableKey, &json!([]), "", "not an object");
        refused(Operation::EnableKey, &json!({}), ".KeyId", "missing");
        refused(Operation::EnableKey, &json!({"KeyId": 1}), ".KeyId", "not text");
        refused(
            Operation::EnableKey,
            &json!({"KeyId": KEY.replace("us-east-1", "us-west-2")}),
            ".KeyId",
            "not the key",
        );
        refused(
            Operation::EnableKey,
            &json!({"KeyId": KEY, "PrimaryRegion": "us-west-2"}),
            ".PrimaryRegion",
            "no parameter of EnableKey",
        );
        let promote = |to: &str| json!({"KeyId": KEY, "PrimaryRegion": to});
        refused(Operation::UpdatePrimaryRegion, &promote("moon"), ".PrimaryRegion", "no Region");
        refused(Operation::UpdatePrimaryRegion, &promote("cn-north-1"), ".PrimaryRegion", "partition");
        refused(Operation::UpdatePrimaryRegion, &promote("us-east-1"), ".PrimaryRegion", "already");
        let mut request =
            json!({"KeyId": KEY, "ReplicaRegion": "us-west-2", "Policy": "{}", "Tags": [{"TagKey": "a"}]});
        refused(Operation::ReplicateKey, &request, ".Tags[0].TagValue", "missing");
        request["Tags"][0] = json!({"TagKey": "a", "TagValue": "b", "More": ""});
        refused(Operation::ReplicateKey, &request, ".Tags[0].More", "no part");
        request["Tags"] = json!({});
        refused(Operation::ReplicateKey, &request, ".Tags", "not a list");
        request["BypassPolicyLockoutSafetyCheck"] = json!(false);
        refused(Operation::ReplicateKey, &request, ".BypassPolicyLockoutSafetyCheck", "never sends");
    }
}
