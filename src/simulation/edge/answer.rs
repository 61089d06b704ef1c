//! Answers of the emulator as values of the engine. What is not as it should be fails the schedule: the wire itself is not what is tried here.

use std::sync::Arc;

use serde_json::Value;

use super::refused;
use crate::domain::id::{AccountId, KeyArn, Region};
use crate::domain::key::{KeyState, RegionalKey, Role, Rotation, Tag};
use crate::domain::plan::Identity;
use crate::domain::text::Foreign;
use crate::domain::time::Timestamp;
use crate::emulator::{Refusal, Success};
use crate::engine::effect::ReadRequest;
use crate::engine::message::{Answer, Failure, Next};

pub(super) fn of_read(
    request: &ReadRequest,
    region: &Region,
    result: &Result<Success, Refusal>,
    wall: Timestamp,
) -> Result<Answer, Failure> {
    if *request == ReadRequest::GetCallerIdentity {
        return identity(result, region, wall).map(Answer::Identity);
    }
    let document = match result {
        Ok(Success::Json(text)) => serde_json::from_slice::<Value>(text).unwrap(),
        Ok(Success::Empty) => Value::Null,
        Ok(other) => panic!("{request:?} was answered with {other:?}"),
        Err(refusal) => return Err(refused(refusal.status, &refusal.code)),
    };
    Ok(match request {
        ReadRequest::ListKeys { .. } => keys(&document),
        ReadRequest::ListAliases { .. } => aliases(&document),
        ReadRequest::DescribeKey { arn } => Answer::Key(Box::new(key(arn, &document["KeyMetadata"]))),
        ReadRequest::GetKeyPolicy { .. } => Answer::Policy(text(&document["Policy"])),
        ReadRequest::ListResourceTags { .. } => tags(&document),
        ReadRequest::GetKeyRotationStatus { .. } | ReadRequest::GetCallerIdentity => Answer::Rotation(Rotation::Off),
    })
}

pub(super) fn identity(result: &Result<Success, Refusal>, from: &Region, at: Timestamp) -> Result<Identity, Failure> {
    match result {
        Ok(Success::CallerIdentity { account, arn, .. }) => Ok(Identity {
            account: AccountId::parse(account).unwrap(),
            caller_arn: Foreign::new(arn.as_str()),
            from: from.clone(),
            at,
        }),
        Ok(other) => panic!("STS answered {other:?}"),
        Err(refusal) => Err(refused(refusal.status, &refusal.code)),
    }
}

fn text(value: &Value) -> Foreign {
    Foreign::new(value.as_str().unwrap_or_default())
}

fn each(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().unwrap().iter()
}

fn next(document: &Value) -> Next {
    match document["NextMarker"].as_str() {
        _ if document["Truncated"] != true => Next::End,
        Some(marker) => Next::Marker(Foreign::new(marker)),
        None => Next::Lost,
    }
}

fn keys(document: &Value) -> Answer {
    let listed = u32::try_from(each(&document["Keys"]).count()).unwrap();
    let arns = each(&document["Keys"]).filter_map(|entry| KeyArn::parse(entry["KeyArn"].as_str()?).ok());
    Answer::Keys { listed, multi_region: arns.collect(), unnamed: Vec::new(), next: next(document) }
}

fn aliases(document: &Value) -> Answer {
    let named = |entry: &Value| Some((text(&entry["AliasName"]), Arc::from(entry["TargetKeyId"].as_str()?)));
    Answer::Aliases { aliases: each(&document["Aliases"]).filter_map(named).collect(), next: next(document) }
}

fn tags(document: &Value) -> Answer {
    let tag = |entry: &Value| Tag { key: text(&entry["TagKey"]), value: text(&entry["TagValue"]) };
    Answer::Tags { tags: each(&document["Tags"]).map(tag).collect(), next: next(document) }
}

fn key(asked: &KeyArn, metadata: &Value) -> RegionalKey {
    assert_eq!(metadata["Arn"], asked.to_string(), "an answer about another key");
    let set = &metadata["MultiRegionConfiguration"];
    let named = |value: &Value| KeyArn::parse(value["Arn"].as_str().unwrap()).unwrap();
    let role = match set["MultiRegionKeyType"].as_str().unwrap() {
        "PRIMARY" => Role::Primary,
        _ => Role::Replica,
    };
    RegionalKey {
        arn: asked.clone(),
        state: KeyState::parse(metadata["KeyState"].as_str().unwrap()),
        role: Some(role),
        primary: Some(named(&set["PrimaryKey"])),
        replicas: each(&set["ReplicaKeys"]).map(named).collect(),
        spec: text(&metadata["KeySpec"]),
        usage: text(&metadata["KeyUsage"]),
        origin: text(&metadata["Origin"]),
        description: text(&metadata["Description"]),
        created_at: None,
        deletion_date: None,
        pending_window_days: None,
        material_id: None,
        valid_to: None,
        oddities: Vec::new(),
    }
}
