//! The same tasks against the embedded KMS: every request that keyfleet sends, over the wire and back.

use super::*;
use crate::domain::key::{KeyState, RegionalKey, Role};
use crate::emulator::{Clock as ServerClock, Fleet, Running, start};
use crate::engine::message::{Answer, Next};
use crate::kms::stub::endpoints;

const FLEET: &str = r#"
regions = ["us-east-1", "eu-west-1", "me-south-1"]
[[accounts]]
id = "111122223333"
regions_not_enabled = ["me-south-1"]
[[keys]]
id = "mrk-00000000000000000000000000000001"
primary = "us-east-1"
alias = "alias/payments"
description = "payments"
tags = { env = "prod" }
[[keys]]
id = "mrk-00000000000000000000000000000002"
primary = "us-east-1"
replicas = ["eu-west-1"]
[keys.members.eu-west-1]
state = "PendingDeletion"
deletion_in = "8d"
"#;

/// Time stands still there, so what is Creating stays Creating.
fn server() -> Running {
    let fleet = Fleet::parse(FLEET).unwrap();
    start(fleet, "127.0.0.1:0".parse().unwrap(), ServerClock::new(1_700_000_000_000, || 0)).unwrap()
}

async fn connected(server: &Running) -> Tasks {
    let mut tasks = tasks(Some(endpoints(&server.endpoint())), false, journal());
    let message = ask(&mut tasks, Effect::Connect { login: Login(0) }).await;
    assert!(matches!(message, Message::Connected { result: Ok(_), .. }), "{message:?}");
    tasks
}

async fn read(tasks: &mut Tasks, region: &str, request: ReadRequest) -> Result<Answer, Failure> {
    let place = Place::new(Login(0), Region::parse(region).unwrap());
    let message = ask(tasks, Effect::Read { asked: Asked(1), place, request }).await;
    let Message::Answer { result, .. } = message else { panic!("{message:?}") };
    result
}

fn arn(region: &str, number: u32) -> KeyArn {
    KeyArn::parse(&format!("arn:aws:kms:{region}:111122223333:key/mrk-{number:032}")).unwrap()
}

async fn describe(tasks: &mut Tasks, arn: KeyArn) -> RegionalKey {
    let region = arn.region.to_string();
    let answer = read(tasks, &region, ReadRequest::DescribeKey { arn }).await;
    let Ok(Answer::Key(key)) = answer else { panic!("{answer:?}") };
    *key
}

async fn apply(tasks: &mut Tasks, arn: KeyArn, change: Change) -> Reply {
    let region = arn.region.clone();
    let intent = Arc::new(Intent { mutation: Mutation { arn, change }, ..Intent::clone(&intent()) });
    for effect in [
        Effect::Freeze { change: CHANGE, login: Login(0) },
        Effect::Identify { change: CHANGE, region },
        Effect::RecordIntent { change: CHANGE, intent },
    ] {
        ask(tasks, effect).await;
    }
    let reply = reply(ask(tasks, Effect::Send { change: CHANGE }).await);
    tasks.perform(Effect::Release { change: CHANGE });
    reply
}

fn check_accepted(reply: &Reply) {
    let accepted = matches!(reply, Reply::Answered { status: 200, code: None, request_id: Some(_), .. });
    assert!(accepted, "{reply:?}");
}

#[tokio::test]
async fn every_reading_comes_back_whole() {
    let server = server();
    let mut tasks = connected(&server).await;
    let keys = read(&mut tasks, "us-east-1", ReadRequest::ListKeys { marker: None }).await;
    let Ok(Answer::Keys { multi_region, next: Next::End, .. }) = keys else { panic!("{keys:?}") };
    assert_eq!(multi_region, [arn("us-east-1", 1), arn("us-east-1", 2)]);
    let aliases = read(&mut tasks, "us-east-1", ReadRequest::ListAliases { marker: None }).await;
    let Ok(Answer::Aliases { aliases, .. }) = aliases else { panic!("{aliases:?}") };
    assert!(aliases.contains(&(Foreign::new("alias/payments"), arn("us-east-1", 1).id.as_str().into())), "{aliases:?}");
    let key = describe(&mut tasks, arn("us-east-1", 2)).await;
    assert_eq!((key.oddities, key.role, key.replicas), (vec![], Some(Role::Primary), vec![arn("eu-west-1", 2)]));
    let first = || arn("us-east-1", 1);
    let tags = read(&mut tasks, "us-east-1", ReadRequest::ListResourceTags { arn: first(), marker: None }).await;
    assert!(matches!(tags, Ok(Answer::Tags { ref tags, .. }) if tags.len() == 1), "{tags:?}");
    let policy = read(&mut tasks, "us-east-1", ReadRequest::GetKeyPolicy { arn: first() }).await;
    assert!(matches!(policy, Ok(Answer::Policy(_))), "{policy:?}");
    let rotation = read(&mut tasks, "us-east-1", ReadRequest::GetKeyRotationStatus { arn: first() }).await;
    assert!(matches!(rotation, Ok(Answer::Rotation(_))), "{rotation:?}");
    let identity = read(&mut tasks, "us-east-1", ReadRequest::GetCallerIdentity).await;
    assert!(matches!(identity, Ok(Answer::Identity(ref who)) if who.account == first().account), "{identity:?}");
}

#[tokio::test]
async fn a_region_or_key_that_is_not_there_says_which() {
    let server = server();
    let mut tasks = connected(&server).await;
    let off = read(&mut tasks, "me-south-1", ReadRequest::ListKeys { marker: None }).await.unwrap_err();
    assert_eq!((off.reason.kind, off.class), (ReasonKind::NotEnabled, FailureClass::Refused));
    let request = ReadRequest::DescribeKey { arn: arn("eu-west-1", 1) };
    let missing = read(&mut tasks, "eu-west-1", request).await.unwrap_err();
    assert_eq!((missing.reason.kind, missing.class), (ReasonKind::Contradiction, FailureClass::NotFound));
}

#[tokio::test]
async fn every_change_arrives_as_recorded() {
    let server = server();
    let mut tasks = connected(&server).await;
    let europe = || Region::parse("eu-west-1").unwrap();
    let Ok(Answer::Policy(policy)) =
        read(&mut tasks, "us-east-1", ReadRequest::GetKeyPolicy { arn: arn("us-east-1", 1) }).await
    else {
        panic!("no policy")
    };
    let (description, tags) = (Foreign::new("a copy"), Vec::new());
    let replicate = Change::ReplicateKey { to: europe(), policy, description, tags };
    check_accepted(&apply(&mut tasks, arn("us-east-1", 1), replicate).await);
    let replica = describe(&mut tasks, arn("eu-west-1", 1)).await;
    assert_eq!((replica.state, replica.description), (KeyState::Creating, Foreign::new("a copy")));
    check_accepted(&apply(&mut tasks, arn("eu-west-1", 2), Change::CancelKeyDeletion).await);
    assert_eq!(describe(&mut tasks, arn("eu-west-1", 2)).await.state, KeyState::Disabled);
    check_accepted(&apply(&mut tasks, arn("eu-west-1", 2), Change::EnableKey).await);
    assert_eq!(describe(&mut tasks, arn("eu-west-1", 2)).await.state, KeyState::Enabled);
    let promote = Change::UpdatePrimaryRegion { to: europe() };
    check_accepted(&apply(&mut tasks, arn("us-east-1", 2), promote).await);
    assert_eq!(describe(&mut tasks, arn("us-east-1", 2)).await.state, KeyState::Updating);
    let refused = apply(&mut tasks, arn("eu-west-1", 2), Change::CancelKeyDeletion).await;
    let Reply::Answered { status: 400, code: Some(code), .. } = refused else { panic!("{refused:?}") };
    assert_eq!(code, Foreign::new("KMSInvalidStateException"));
}
