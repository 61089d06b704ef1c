//! Faults as the model answers them, and the log that tells the truth about them.

use super::*;

fn world(kind: &str) -> World {
    World::new(&format!("[[faults]]\noperation = \"CreateKey\"\nkind = \"{kind}\""))
}

fn log(world: &mut World) -> Vec<Value> {
    let text = String::from_utf8(world.model.log(world.at, 1)).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn each_kind_answers_and_applies_as_it_says() {
    let check = |kind: &str, replies: &[Timed<Reply>], created: usize| {
        let mut world = world(kind);
        assert_eq!(world.replies("us-east-1", "CreateKey", &json!({})), replies, "{kind}");
        assert_eq!(world.keys("us-east-1").len(), created, "{kind}");
        let entry = &log(&mut world)[0];
        assert_eq!((&entry["applied"], &entry["status"]), (&json!(created == 1), &Value::Null), "{kind}");
    };
    let close = [Timed { at: 0, value: Reply::Close }];
    check("hang", &[], 0);
    check("apply_close", &close, 1);
    check("drop_close", &close, 0);
}

#[test]
fn an_error_has_the_code_status_and_words_of_its_fault() {
    let check = |fault: &str, expected: (u16, &str, &str)| {
        let mut world = World::new(&format!("[[faults]]\nkind = \"error\"\n{fault}"));
        let refusal = world.result("us-east-1", "ListKeys", &json!({})).unwrap_err();
        assert_eq!((refusal.status, &*refusal.code, refusal.message.as_str()), expected);
    };
    let denied = "User: arn:aws:iam::111122223333:user/emulator is not authorized to perform: kms:ListKeys on resource: * \
                  because no identity-based policy allows the kms:ListKeys action";
    check("code = \"AccessDeniedException\"", (400, "AccessDeniedException", denied));
    check("code = \"X\"\nstatus = 503\nmessage = \"{operation} {resource}\"", (503, "X", "kms:ListKeys *"));
    check("code = \"KMSInternalException\"", (500, "KMSInternalException", "A fault was asked for."));
}

#[test]
fn a_key_can_be_denied_by_the_name_that_the_file_gives_it() {
    let mut world = World::new(
        "[[keys]]\nname = \"sealed\"\nprimary = \"us-east-1\"\nreplicas = [\"eu-west-1\"]\nalias = \"alias/a\"\n\
         [[faults]]\nkey = \"sealed\"\nregion = \"us-east-1\"\noperation = \"DescribeKey\"\nkind = \"error\"\ncode = \"AccessDeniedException\"",
    );
    let key = world.keys("us-east-1").pop().unwrap();
    for name in [key.clone(), arn("us-east-1", &key), "alias/a".to_owned()] {
        let (code, message) = world.refused("us-east-1", "DescribeKey", &json!({"KeyId": name}));
        assert_eq!(code, "AccessDeniedException");
        assert!(message.contains(&arn("us-east-1", &key)), "{message}");
    }
    assert_eq!(world.state("eu-west-1", &key), "Enabled");
}

#[test]
fn a_delay_moves_the_answer() {
    let mut world = World::new("[[faults]]\nkind = \"delay\"\nms = 2500\nregion = \"sa-east-1\"");
    world.wait(100);
    let mut at = |region: &str| world.replies(region, "ListKeys", &json!({}))[0].at;
    assert_eq!((at("sa-east-1"), at("us-east-1")), (2600, 100));
}

#[test]
fn faults_can_be_added_and_cleared() {
    let mut world = World::empty();
    world
        .model
        .add_fault(br#"{"operation": "ListKeys", "kind": "error", "code": "ThrottlingException", "count": 1}"#)
        .unwrap();
    assert_eq!(world.refused("us-east-1", "ListKeys", &json!({})).0, "ThrottlingException");
    assert!(world.keys("us-east-1").is_empty());
    world.model.add_fault(br#"{"kind": "hang"}"#).unwrap();
    assert!(world.replies("us-east-1", "ListKeys", &json!({})).is_empty());
    world.model.clear_faults();
    assert!(world.keys("us-east-1").is_empty());
    let error = world.model.add_fault(br#"{"kind": "explode"}"#).unwrap_err();
    assert!(error.contains("unknown fault kind `explode`"), "{error}");
}

#[test]
fn the_log_names_every_request() {
    let mut world = World::empty();
    let key = world.create();
    world.wait(1500);
    world.refused("eu-west-1", "DescribeKey", &json!({"KeyId": key}));
    world.refused("eu-west-1", "GenerateDataKey", &json!({}));
    let expected = json!([
        {"n": 1, "at_ms": 0, "account": ACCOUNT, "region": "us-east-1", "operation": "CreateKey", "key_id": null,
         "applied": true, "status": 200, "code": null, "connection": 1},
        {"n": 2, "at_ms": 1500, "account": ACCOUNT, "region": "eu-west-1", "operation": "DescribeKey", "key_id": key,
         "applied": false, "status": 400, "code": "NotFoundException", "connection": 1},
        {"n": 3, "at_ms": 1500, "account": ACCOUNT, "region": "eu-west-1", "operation": "GenerateDataKey", "key_id": null,
         "applied": false, "status": 400, "code": "UnknownOperationException", "connection": 1},
    ]);
    assert_eq!(Value::Array(log(&mut world)), expected);
    assert_eq!(world.model.log(world.at, 3).split_inclusive(|byte| *byte == b'\n').count(), 1);
}

#[test]
fn what_is_applied_later_is_applied_when_its_time_has_come() {
    let mut world = world("apply_later");
    let close = [Timed { at: 0, value: Reply::Close }];
    assert_eq!(world.replies("us-east-1", "CreateKey", &json!({"MultiRegion": true})), close);
    assert_eq!(log(&mut world)[0]["applied"], false);
    world.wait(29_999);
    assert!(world.keys("us-east-1").is_empty());
    world.wait(1);
    assert_eq!(log(&mut world)[0]["applied"], true);
    let key = world.keys("us-east-1").pop().unwrap();
    assert_eq!(world.describe("us-east-1", &key)["CreationDate"], 1_795_284_030.0);
}

#[test]
fn a_clock_that_jumps_applies_late_changes_at_their_own_moment() {
    let mut world = World::new("[[faults]]\noperation = \"ScheduleKeyDeletion\"\nkind = \"apply_later\"\nms = 5000");
    let key = world.create();
    world.replies("us-east-1", "ScheduleKeyDeletion", &json!({"KeyId": key, "PendingWindowInDays": 7}));
    world.model.advance(3 * DAY);
    assert_eq!(world.describe("us-east-1", &key)["DeletionDate"], 1_795_284_005.0 + 7.0 * 86_400.0);
}

#[test]
fn a_portal_keeps_the_request_to_itself_and_noise_does_not() {
    for (kind, created) in [("html", 0), ("garbage", 1), ("truncate", 1), ("trickle", 1), ("huge", 1)] {
        let mut world = world(kind);
        let replies = world.replies("us-east-1", "CreateKey", &json!({}));
        assert!(matches!(&replies[0].value, Reply::Answer(answer) if answer.damage.is_some()), "{kind}");
        assert_eq!(world.keys("us-east-1").len(), created, "{kind}");
        assert_eq!(log(&mut world)[0]["status"], 200, "{kind}");
    }
}
