//! Effects and the messages that answer them, also when a task dies or hangs.

mod emulated;

use std::sync::mpsc;

use super::*;
use crate::domain::id::{KeyArn, Region};
use crate::domain::plan::{Change, Mutation};
use crate::domain::text::Foreign;
use crate::kms::stub::{Stub, http, json};

const CHANGE: ChangeId = ChangeId(1);
const STS: &str = "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>\
    <Arn>arn:aws:iam::111122223333:user/ops</Arn><Account>111122223333</Account></GetCallerIdentityResult>\
    </GetCallerIdentityResponse>";

fn region() -> Region {
    Region::parse("us-east-1").unwrap()
}

fn intent() -> Arc<Intent> {
    let arn = KeyArn::parse("arn:aws:kms:us-east-1:111122223333:key/mrk-1").unwrap();
    Arc::new(Intent {
        id: "intent-7".into(),
        plan: "plan".into(),
        step: 1,
        account: arn.account,
        caller_arn: Foreign::new("arn:aws:iam::111122223333:user/ops"),
        mutation: Mutation { arn, change: Change::EnableKey },
    })
}

/// A journal that takes everything.
fn journal() -> Recorder {
    Arc::new(|record, _| match record {
        Record::Intent(intent) => Ok(Some(Receipt::for_test(intent))),
        Record::Outcome { .. } => Ok(None),
    })
}

fn tasks(endpoints: Option<Endpoints>, read_only: bool, recorder: Recorder) -> Tasks {
    let logins = BTreeMap::from([(Login(0), Source::Fixed { access_key: "key", secret: "secret" })]);
    Tasks::new(Clock::start(), Setup { logins, endpoints, read_only, crash: Crash::default() }, recorder)
}

async fn ask(tasks: &mut Tasks, effect: Effect) -> Message {
    tasks.perform(effect);
    tasks.next().await
}

fn read_effect() -> Effect {
    let place = Place::new(Login(0), region());
    Effect::Read { asked: Asked(3), place, request: ReadRequest::ListKeys { marker: None } }
}

async fn connected(stub: &Stub, read_only: bool) -> Tasks {
    let mut tasks = tasks(Some(stub.endpoints()), read_only, journal());
    let message = ask(&mut tasks, Effect::Connect { login: Login(0) }).await;
    assert!(matches!(message, Message::Connected { result: Ok(_), .. }), "{message:?}");
    tasks
}

/// Up to the moment before sending.
async fn ready(stub: &Stub, read_only: bool) -> Tasks {
    let mut tasks = connected(stub, read_only).await;
    let message = ask(&mut tasks, Effect::Freeze { change: CHANGE, login: Login(0) }).await;
    assert!(matches!(message, Message::Frozen { result: Ok(()), .. }), "{message:?}");
    let answers = [http(200, "content-type: text/xml\r\n", STS)];
    let identify = Effect::Identify { change: CHANGE, region: region() };
    let (_, message) = tokio::join!(stub.answer(&answers), ask(&mut tasks, identify));
    assert!(matches!(message, Message::Identified { result: Ok(_), .. }), "{message:?}");
    let message = ask(&mut tasks, Effect::RecordIntent { change: CHANGE, intent: intent() }).await;
    assert_eq!(message, Message::Recorded { change: CHANGE, kind: RecordKind::Intent, result: Ok(()) });
    tasks
}

fn reply(message: Message) -> Reply {
    let Message::Replied { reply, .. } = message else { panic!("{message:?}") };
    reply
}

#[tokio::test]
async fn a_read_is_answered_under_its_number() {
    let stub = Stub::open().await;
    let mut tasks = connected(&stub, false).await;
    let answers = [json(200, r#"{"Keys":[]}"#)];
    let (_, message) = tokio::join!(stub.answer(&answers), ask(&mut tasks, read_effect()));
    let Message::Answer { asked: Asked(3), result: Ok(_), .. } = message else { panic!("{message:?}") };
    assert!(tasks.is_idle());
}

#[tokio::test]
async fn a_read_without_a_login_is_an_internal_failure() {
    let message = ask(&mut tasks(None, false, journal()), read_effect()).await;
    let Message::Answer { result: Err(failure), .. } = message else { panic!("{message:?}") };
    assert_eq!((failure.reason.kind, failure.class), (ReasonKind::Internal, FailureClass::Refused));
}

#[tokio::test]
async fn a_task_that_dies_is_the_failure_of_what_it_was_for() {
    let mut tasks = tasks(None, false, journal());
    tasks.start(read_effect(), async { panic!("a bug") });
    let message = tasks.next().await;
    let Message::Answer { asked: Asked(3), result: Err(failure), .. } = message else { panic!("{message:?}") };
    assert_eq!((failure.reason.kind, tasks.panics()), (ReasonKind::Internal, 1));
}

#[tokio::test]
async fn a_change_is_sent_once_for_one_receipt() {
    let stub = Stub::open().await;
    let mut tasks = ready(&stub, false).await;
    let answers = [json(200, "")];
    let (requests, message) = tokio::join!(stub.answer(&answers), ask(&mut tasks, Effect::Send { change: CHANGE }));
    assert!(matches!(reply(message), Reply::Answered { status: 200, .. }));
    assert!(requests.concat().contains("intent/intent-7"));
    let again = reply(ask(&mut tasks, Effect::Send { change: CHANGE }).await);
    assert!(matches!(again, Reply::NotSent { .. }), "{again:?}");
    assert!(!stub.was_called().await && !tasks.is_busy_with_a_change());
}

#[tokio::test]
async fn without_a_receipt_or_when_read_only_nothing_leaves() {
    let stub = Stub::open().await;
    let mut tasks = ready(&stub, true).await;
    assert!(matches!(reply(ask(&mut tasks, Effect::Send { change: CHANGE }).await), Reply::NotSent { .. }));
    let mut tasks = ready(&stub, false).await;
    tasks.perform(Effect::Release { change: CHANGE });
    assert!(matches!(reply(ask(&mut tasks, Effect::Send { change: CHANGE }).await), Reply::NotSent { .. }));
    assert!(!stub.was_called().await);
}

#[tokio::test]
async fn dropping_the_tasks_does_not_drop_a_change() {
    let stub = Stub::open().await;
    let mut tasks = ready(&stub, false).await;
    tasks.perform(Effect::Send { change: CHANGE });
    assert!(tasks.is_busy_with_a_change());
    drop(tasks);
    let requests = stub.answer(&[json(200, "")]).await;
    assert!(requests.concat().contains("TrentService.EnableKey"));
}

#[tokio::test]
async fn a_change_on_the_wire_keeps_us_busy_until_it_is_answered() {
    let stub = Stub::open().await;
    let mut tasks = ready(&stub, false).await;
    tasks.perform(Effect::Send { change: CHANGE });
    let answers = [Vec::new()];
    assert!(tasks.is_busy_with_a_change());
    let (_, message) = tokio::join!(stub.answer(&answers), tasks.next());
    assert!(matches!(message, Message::Replied { reply: Reply::Broken { .. }, .. }), "{message:?}");
    assert!(!tasks.is_busy_with_a_change());
}

#[tokio::test]
async fn a_record_that_fails_hangs_or_dies_is_an_error() {
    let record = async |recorder: Recorder, limit| {
        let mut tasks = tasks(None, false, recorder);
        tasks.record_timeout = limit;
        let message = ask(&mut tasks, Effect::RecordIntent { change: CHANGE, intent: intent() }).await;
        let Message::Recorded { result: Err(error), .. } = message else { panic!("{message:?}") };
        error
    };
    let locked = RecordError::Locked("another keyfleet".into());
    let refuses = locked.clone();
    assert_eq!(record(Arc::new(move |_, _| Err(refuses.clone())), RECORD_TIMEOUT).await, locked);
    let dies: Recorder = Arc::new(|_, _| panic!("a bug"));
    assert!(matches!(record(dies, RECORD_TIMEOUT).await, RecordError::Journal(_)));
    let (release, held) = mpsc::channel::<()>();
    let held = std::sync::Mutex::new(held);
    let hangs: Recorder = Arc::new(move |_, _| {
        let _released = held.lock().unwrap().recv();
        Ok(None)
    });
    let error = record(hangs, Duration::from_millis(1)).await;
    assert!(matches!(&error, RecordError::Journal(why) if why.as_str().contains("5 seconds")), "{error:?}");
    drop(release);
}
