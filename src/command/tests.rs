//! A change through everything that is real but the terminal: engine, tasks, journal on disk, the SDK, and a server that says what reached it.

mod absence;
mod snapshots;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tempfile::TempDir;

use super::recorder::Books;
use crate::domain::fleet::KeyRef;
use crate::domain::id::{Login, Region};
use crate::domain::plan::{Operation, Outcome};
use crate::domain::text::Foreign;
use crate::domain::time::{Now, Timestamp};
use crate::emulator::{self, Fleet, Running};
use crate::engine::Engine;
use crate::engine::change::{Options, Phase, PolicyChoice, StepPhase, StepStatus, Want};
use crate::engine::effect::{ChangeId, Effect};
use crate::engine::message::Message;
use crate::engine::settings::{EndpointOrigin, Endpoints, Regions, Settings};
use crate::kms::login::Source;
use crate::runtime::clock::Clock;
use crate::runtime::tasks::crash::Crash;
use crate::runtime::tasks::{Setup, Tasks};
use crate::state::StateDir;
use crate::state::journals::found_in;

const START: u64 = 1_795_284_000_000;
const REGIONS: [&str; 3] = ["us-east-1", "us-west-2", "eu-west-1"];

/// A healthy pair, one whose replica is pending deletion, one whose replica is Disabled.
const FLEET: &str = r#"
regions = ["us-east-1", "us-west-2", "eu-west-1"]
[[accounts]]
id = "111122223333"
[[keys]]
name = "healthy"
alias = "alias/healthy"
primary = "us-east-1"
replicas = ["eu-west-1"]
[[keys]]
name = "dying"
alias = "alias/dying"
primary = "us-east-1"
replicas = ["eu-west-1"]
[keys.members.eu-west-1]
state = "PendingDeletion"
deletion_in = "3d"
[[keys]]
name = "disabled"
alias = "alias/disabled"
primary = "us-east-1"
replicas = ["eu-west-1"]
[keys.members.eu-west-1]
state = "Disabled"
"#;

/// Everything under one virtual clock: nothing here waits for time to pass.
struct Rig {
    engine: Engine,
    tasks: Tasks,
    server: Running,
    elapsed: Arc<AtomicU64>,
    wake_at: Option<Duration>,
    state: TempDir,
}

fn region(name: &str) -> Region {
    Region::parse(name).unwrap()
}

fn settings(endpoint: &str) -> Settings {
    Settings {
        logins: vec![(Login(0), None)],
        regions: Regions::Only(REGIONS.iter().map(|name| region(name)).collect()),
        refresh: None,
        quota_share: 1.0,
        rules: std::sync::Arc::from([]),
        protected_accounts: BTreeSet::new(),
        account_names: BTreeMap::new(),
        read_only: false,
        endpoints: Some(Endpoints {
            everywhere: Some(Foreign::new(endpoint)),
            by_region: BTreeMap::new(),
            origin: EndpointOrigin::CommandLine,
        }),
        live: true,
        seed: 1,
    }
}

impl Rig {
    async fn open(fault: &str) -> Self {
        let fleet = Fleet::parse(&format!("{FLEET}{fault}")).unwrap_or_else(|error| panic!("{error}"));
        let elapsed = Arc::new(AtomicU64::new(0));
        let told = Arc::clone(&elapsed);
        let clock = emulator::Clock::new(START, move || told.load(Ordering::SeqCst));
        let server = emulator::start(fleet, ([127, 0, 0, 1], 0).into(), clock).unwrap();
        let state = TempDir::new().unwrap();
        let settings = settings(&server.endpoint());
        let setup = Setup {
            logins: [(Login(0), Source::Fixed { access_key: "AKIATEST", secret: "secret" })].into(),
            endpoints: settings.endpoints.clone(),
            read_only: false,
            crash: Crash::default(),
        };
        let books = Books::new(StateDir(state.path().join("keyfleet")));
        let tasks = Tasks::new(Clock::start(), setup, books.recorder());
        let mut rig = Self { engine: Engine::new(settings), tasks, server, elapsed, wake_at: None, state };
        let effects = rig.engine.start(rig.now());
        rig.take(effects);
        rig.until(Engine::first_scan_is_over).await;
        rig
    }

    fn now(&self) -> Now {
        let elapsed = self.elapsed.load(Ordering::SeqCst);
        let wall = Timestamp::from_millis(i64::try_from(START + elapsed).unwrap());
        Now { monotonic: Duration::from_millis(elapsed), wall }
    }

    fn take(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            if let Effect::WakeAt(at) = effect {
                self.wake_at = Some(at);
            } else {
                self.tasks.perform(effect);
            }
        }
    }

    /// The one step of a change.
    fn step_of(&self, change: ChangeId) -> &StepStatus {
        self.engine.change(change).unwrap().steps.first().unwrap()
    }

    /// One answer; or, with nothing under way, the moment that the engine waits for.
    async fn step(&mut self) {
        let message = if self.tasks.is_idle() {
            let at = self.wake_at.take().expect("nothing is under way and nothing is waited for");
            let at = u64::try_from(at.as_millis()).unwrap() + 1;
            self.elapsed.fetch_max(at, Ordering::SeqCst);
            Message::Woke
        } else {
            self.tasks.next().await
        };
        self.elapsed.fetch_add(1, Ordering::SeqCst);
        let effects = self.engine.handle(self.now(), message);
        self.take(effects);
    }

    async fn until(&mut self, done: impl Fn(&Engine) -> bool) {
        for _ in 0..2_000 {
            if done(&self.engine) {
                return;
            }
            self.step().await;
        }
        panic!("it never came to pass");
    }

    /// Takes every answer that is still to come.
    async fn until_idle(&mut self) {
        while !self.tasks.is_idle() {
            self.step().await;
        }
    }

    fn key(&self, alias: &str) -> KeyRef {
        let name = format!("alias/{alias}");
        let fleet = self.engine.fleet();
        let has_it = |key: &KeyRef| {
            let aliases = fleet.aliases(key, &region("us-east-1"));
            aliases.is_some_and(|aliases| aliases.iter().any(|alias| alias.original() == name))
        };
        fleet.keys().map(|(key, _)| key).find(|key| has_it(key)).unwrap().clone()
    }

    async fn confirmed(&mut self, operation: Operation, alias: &str, at: &str) -> ChangeId {
        let want = Want {
            key: self.key(alias),
            operation,
            region: region(at),
            options: Options { policy: PolicyChoice::Verbatim, ..Options::default() },
        };
        let (change, effects) = self.engine.prepare(self.now(), vec![want]);
        self.take(effects);
        self.until(|engine| !matches!(engine.change(change).unwrap().phase, Phase::Preparing { .. })).await;
        assert_eq!(self.engine.change(change).unwrap().phase, Phase::Ready);
        let effects = self.engine.confirm(self.now(), change);
        self.take(effects);
        change
    }

    /// How often the server received the operation, and how often it applied it: its own account, not ours.
    fn reached(&self, operation: Operation) -> (usize, usize) {
        let log = log(&self.server);
        let lines: Vec<serde_json::Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let of: Vec<_> = lines.iter().filter(|line| line["operation"] == operation.name()).collect();
        (of.len(), of.iter().filter(|line| line["applied"] == true).count())
    }

    /// The kinds of the journal's lines, with their outcomes.
    fn journal(&self) -> Vec<String> {
        let found = found_in(&self.state.path().join("keyfleet")).unwrap();
        let [(subject, path)] = found.as_slice() else { panic!("{found:?}") };
        let entries = crate::state::journal::read(path, *subject).unwrap();
        assert!(entries.is_sound());
        let line = |entry: &crate::state::journal::entry::Entry| {
            let outcome = entry.outcome.as_ref().map_or("", Foreign::original);
            format!("{} {outcome}", entry.kind.name()).trim().to_owned()
        };
        entries.all.iter().map(line).collect()
    }
}

/// What the server says that it received.
fn log(server: &Running) -> String {
    let mut stream = TcpStream::connect(server.address()).unwrap();
    write!(stream, "GET /_keyfleet/log HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", server.address()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.split_once("\r\n\r\n").unwrap().1.to_owned()
}

const CHANGES: [(Operation, &str, &str); 4] = [
    (Operation::ReplicateKey, "healthy", "us-west-2"),
    (Operation::UpdatePrimaryRegion, "healthy", "eu-west-1"),
    (Operation::CancelKeyDeletion, "dying", "eu-west-1"),
    (Operation::EnableKey, "disabled", "eu-west-1"),
];

fn fault(operation: Operation, rest: &str) -> String {
    format!("[[faults]]\noperation = \"{operation}\"\n{rest}\n")
}

#[tokio::test]
async fn a_change_is_recorded_sent_once_and_followed_until_it_settles() {
    for (operation, alias, at) in CHANGES {
        let mut rig = Rig::open("").await;
        let change = rig.confirmed(operation, alias, at).await;
        rig.until(|engine| engine.change(change).unwrap().phase == Phase::Ended).await;
        let claim = rig.step_of(change).claim.clone().unwrap();
        assert_eq!(claim.outcome, Outcome::Done, "{operation}: {}", claim.detail);
        assert_eq!(rig.reached(operation), (1, 1), "{operation}");
        assert_eq!(rig.journal(), ["intent", "outcome done"], "{operation}");
    }
}

#[tokio::test]
async fn a_reply_lost_after_it_was_applied_is_unknown_then_done_and_sent_once() {
    // Applied at once, and applied half a minute after the connection was closed.
    let kinds = ["kind = \"apply_close\"", "kind = \"apply_later\""];
    for ((operation, alias, at), kind) in CHANGES.iter().flat_map(|change| kinds.map(|kind| (*change, kind))) {
        let mut rig = Rig::open(&fault(operation, kind)).await;
        let change = rig.confirmed(operation, alias, at).await;
        rig.until(|engine| engine.change(change).unwrap().steps.iter().any(|step| step.claim.is_some())).await;
        assert_eq!(rig.step_of(change).claim.clone().unwrap().outcome, Outcome::Unknown, "{operation}");
        rig.until(|engine| engine.change(change).unwrap().phase == Phase::Ended).await;
        assert_eq!(rig.step_of(change).claim.clone().unwrap().outcome, Outcome::Done, "{operation}");
        rig.until_idle().await;
        assert_eq!(rig.reached(operation), (1, 1), "{operation}");
        assert_eq!(rig.journal(), ["intent", "outcome unknown", "reconciled done"], "{operation}");
    }
}

#[tokio::test]
async fn a_request_lost_before_it_was_applied_stays_unknown_and_is_never_sent_again() {
    for (operation, alias, at) in CHANGES {
        for kind in [
            "kind = \"drop_close\"",
            "kind = \"error\"\nstatus = 500\ncode = \"KMSInternalException\"",
            "kind = \"error\"\nstatus = 503\ncode = \"ServiceUnavailableException\"",
        ] {
            let mut rig = Rig::open(&fault(operation, kind)).await;
            let change = rig.confirmed(operation, alias, at).await;
            let five_minutes = rig.now().monotonic + Duration::from_mins(5);
            rig.until(|engine| {
                let phase = engine.change(change).unwrap().steps.first().map(|step| &step.phase);
                matches!(phase, Some(StepPhase::Reconciling { next_read: Some(at), .. }) if *at > five_minutes)
            })
            .await;
            let claim = rig.step_of(change).claim.clone().unwrap();
            assert_eq!(claim.outcome, Outcome::Unknown, "{operation} {kind}");
            assert_eq!(rig.reached(operation), (1, 0), "{operation} {kind}");
            assert_eq!(rig.journal(), ["intent", "outcome unknown"], "{operation} {kind}");
        }
    }
}

#[tokio::test]
async fn a_refusal_is_failed_and_sent_once() {
    for (operation, alias, at) in CHANGES {
        for code in
            ["AccessDeniedException", "ThrottlingException", "AlreadyExistsException", "KMSInvalidStateException"]
        {
            let refusal = format!("kind = \"error\"\nstatus = 400\ncode = \"{code}\"");
            let mut rig = Rig::open(&fault(operation, &refusal)).await;
            let change = rig.confirmed(operation, alias, at).await;
            rig.until(|engine| engine.change(change).unwrap().phase == Phase::Ended).await;
            let claim = rig.step_of(change).claim.clone().unwrap();
            assert_eq!(claim.outcome, Outcome::Failed, "{operation} {code}");
            rig.until_idle().await;
            assert_eq!(rig.reached(operation), (1, 0), "{operation} {code}");
            assert_eq!(rig.journal(), ["intent", "outcome failed"], "{operation} {code}");
        }
    }
}

#[tokio::test]
async fn a_state_directory_that_cannot_be_written_stops_every_change() {
    for (operation, alias, at) in CHANGES {
        let mut rig = Rig::open("").await;
        std::fs::write(rig.state.path().join("keyfleet"), "a file where the directory should be").unwrap();
        let change = rig.confirmed(operation, alias, at).await;
        rig.until(|engine| engine.change(change).unwrap().phase == Phase::Ended).await;
        let claim = rig.step_of(change).claim.clone().unwrap();
        assert_eq!(claim.outcome, Outcome::NotSent, "{operation}: {}", claim.detail);
        assert_eq!(rig.reached(operation), (0, 0), "{operation}");
    }
}
