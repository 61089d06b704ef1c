//! What is claimed of a change whose reply is lost? The SDK's default client against keyfleet, judged by the server's own log.
//!
//!     cargo bench --bench default_client --profile dev
//!
//! For each of the four operations and each fault: ten keys are changed by `aws-sdk-kms` with endpoint, Region and
//! credentials set and nothing else, and ten by `keyfleet plan` and `keyfleet apply --yes --wait 5s`. Each client has an
//! embedded KMS of its own; the SDK is in a process of its own too, because clients of one process share what they may
//! still retry. "Failed" is what a caller of the SDK gets for anything but success: an `Err`.
//!
//! Prints how many changes were made, how many of them were claimed failed and in which words, and the most requests sent
//! for one. Fails if keyfleet claims anything false or sends anything but one request for a confirmation.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a measuring program reports to a terminal")]
#![expect(clippy::disallowed_methods, reason = "its servers need a clock")]
#![expect(clippy::unwrap_used, reason = "it has nobody to report an error to")]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

use aws_config::BehaviorVersion;
use aws_sdk_kms::Client;
use aws_sdk_kms::config::{Credentials, Region};
use aws_sdk_kms::error::{ProvideErrorMetadata, SdkError};
use keyfleet::emulator::{Clock, Fleet, Running, start};

const ROUNDS: usize = 10;
const ACCOUNT: &str = "111122223333";
/// Keys are in the first and the third.
const REGIONS: &str = "us-east-1,us-west-2,eu-west-1";

/// One of the changes, as everybody asks for it.
struct Operation {
    name: &'static str,
    /// Where AWS takes the request.
    region: &'static str,
    /// How the key's replica in eu-west-1 begins.
    replica: &'static str,
    /// The words of `keyfleet plan` before and after the key.
    plan: (&'static str, [&'static str; 2]),
}

const OPERATIONS: [Operation; 4] = [
    Operation { name: "ReplicateKey", region: "us-east-1", replica: "", plan: ("replicate", ["--to", "us-west-2"]) },
    Operation {
        name: "UpdatePrimaryRegion",
        region: "us-east-1",
        replica: "",
        plan: ("promote", ["--to", "eu-west-1"]),
    },
    Operation {
        name: "CancelKeyDeletion",
        region: "eu-west-1",
        replica: "state = \"PendingDeletion\"\ndeletion_in = \"9d\"\n",
        plan: ("cancel-deletion", ["--in", "eu-west-1"]),
    },
    Operation {
        name: "EnableKey",
        region: "eu-west-1",
        replica: "state = \"Disabled\"\n",
        plan: ("enable", ["--in", "eu-west-1"]),
    },
];

/// What befalls the requests for one key, and the rest of a `[[faults]]` table that does it.
const FAULTS: [(&str, &str); 5] = [
    ("one reply lost", "count = 1\nkind = \"apply_close\"\n"),
    ("every reply lost", "kind = \"apply_close\"\n"),
    ("one request lost", "count = 1\nkind = \"drop_close\"\n"),
    ("one 500", "count = 1\nkind = \"error\"\nstatus = 500\ncode = \"KMSInternalException\"\n"),
    ("503 each time", "kind = \"error\"\nstatus = 503\ncode = \"ServiceUnavailableException\"\n"),
];
/// So many of the faults lose a reply after the change was made.
const LOST_REPLIES: usize = 2;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.split_first() {
        Some((first, rest)) if first == "sdk" => change_by_sdk(rest),
        _ => return measure(),
    }
    ExitCode::SUCCESS
}

/// What one client claimed of the change of one key, beside what its server knows of it.
struct Change {
    /// An outcome, and behind "failed" the error of the SDK.
    claim: String,
    applied: bool,
    requests: usize,
}

/// The changes of one client under one operation and fault, or under several.
#[derive(Clone)]
struct Tally {
    made: usize,
    /// Made, and claimed failed.
    denied: usize,
    /// Claimed done, and not made.
    invented: usize,
    unknown: usize,
    fewest: usize,
    most: usize,
    /// What was said of those that were made and claimed failed.
    errors: BTreeSet<String>,
}

impl Tally {
    fn of(changes: &[Change]) -> Self {
        let count = |holds: fn(&Change) -> bool| changes.iter().filter(|change| holds(change)).count();
        let is_denied = |change: &Change| change.applied && change.claim.starts_with("failed");
        let error = |change: &Change| change.claim.trim_start_matches("failed").trim().to_owned();
        Self {
            made: count(|change| change.applied),
            denied: count(is_denied),
            invented: count(|change| !change.applied && change.claim == "done"),
            unknown: count(|change| change.claim == "unknown"),
            fewest: changes.iter().map(|change| change.requests).min().unwrap_or_default(),
            most: changes.iter().map(|change| change.requests).max().unwrap_or_default(),
            errors: changes.iter().filter(|change| is_denied(change)).map(error).collect(),
        }
    }

    fn with(mut self, other: Self) -> Self {
        self.errors.extend(other.errors);
        Self {
            made: self.made + other.made,
            denied: self.denied + other.denied,
            invented: self.invented + other.invented,
            unknown: self.unknown + other.unknown,
            fewest: self.fewest.min(other.fewest),
            most: self.most.max(other.most),
            errors: self.errors,
        }
    }
}

fn measure() -> ExitCode {
    println!("{:40}  SDK's default client      keyfleet", "");
    println!("{:40}  made  failed  requests    made  failed  unknown  requests    error of the SDK", "");
    let cases = FAULTS.iter().map(|(fault, rest)| OPERATIONS.iter().map(|operation| case(operation, fault, rest)));
    // A row each is printed as soon as it is known.
    let cases: Vec<Vec<[Tally; 2]>> = cases.map(Iterator::collect).collect();
    let by_fault: Vec<[Tally; 2]> = cases.iter().filter_map(|cases| sum(cases)).collect();
    let lost_replies = by_fault.get(..LOST_REPLIES).and_then(sum);
    let (Some(lost_replies), Some(all)) = (lost_replies, sum(&by_fault)) else { return ExitCode::FAILURE };
    println!("\nmade, and claimed failed:");
    for ((fault, _), tallies) in FAULTS.iter().zip(&by_fault).take(LOST_REPLIES) {
        rates(fault, tallies);
    }
    rates("all lost replies", &lost_replies);
    rates("all faults", &all);
    let [sdk, keyfleet] = &all;
    println!("requests for a confirmation: SDK up to {}, keyfleet {} (1)", sdk.most, keyfleet.most);
    let is_true = keyfleet.denied == 0 && keyfleet.invented == 0;
    if is_true && (keyfleet.fewest, keyfleet.most) == (1, 1) {
        return ExitCode::SUCCESS;
    }
    eprintln!("keyfleet claimed something false, or did not send exactly one request");
    ExitCode::FAILURE
}

fn sum(tallies: &[[Tally; 2]]) -> Option<[Tally; 2]> {
    tallies.iter().cloned().reduce(|[a, b], [c, d]| [a.with(c), b.with(d)])
}

fn rates(fault: &str, [sdk, keyfleet]: &[Tally; 2]) {
    println!(
        "{fault:19}  SDK's default client {} of {}, keyfleet {} of {} (0)",
        sdk.denied, sdk.made, keyfleet.denied, keyfleet.made
    );
}

/// Both clients, at once, each against a server of its own.
fn case(operation: &Operation, fault: &str, rest: &str) -> [Tally; 2] {
    let fleet = fleet(operation, rest);
    let tallies = std::thread::scope(|scope| {
        let sdk = scope.spawn(|| run(operation, &fleet, claims_of_sdk));
        let keyfleet = run(operation, &fleet, claims_of_keyfleet);
        [sdk.join().unwrap(), keyfleet]
    });
    let [sdk, keyfleet] = &tallies;
    let errors: Vec<&str> = sdk.errors.iter().map(String::as_str).collect();
    println!(
        "{:20} {fault:19}  {:4}  {:6}  {:8}    {:4}  {:6}  {:7}  {:8}    {}",
        operation.name,
        sdk.made,
        sdk.denied,
        sdk.most,
        keyfleet.made,
        keyfleet.denied,
        keyfleet.unknown,
        keyfleet.most,
        errors.join(", ")
    );
    tallies
}

fn key_id(round: usize) -> String {
    format!("mrk-{round:032x}")
}

/// A key for each round, and for each key its own fault.
fn fleet(operation: &Operation, fault: &str) -> String {
    let mut text = format!("[[accounts]]\nid = \"{ACCOUNT}\"\n");
    for key in (0..ROUNDS).map(key_id) {
        let _infallible = write!(
            text,
            "[[keys]]\nid = \"{key}\"\nprimary = \"us-east-1\"\nreplicas = [\"eu-west-1\"]\n\
             [keys.members.eu-west-1]\n{}[[faults]]\noperation = \"{}\"\nkey = \"*{key}\"\n{fault}",
            operation.replica, operation.name
        );
    }
    text
}

/// What the client claims of each round, and what the server says that it got and did.
fn run(operation: &Operation, fleet: &str, claims: fn(&Operation, &str) -> Vec<String>) -> Tally {
    let started = Instant::now();
    let elapsed = move || u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    let fleet = Fleet::parse(fleet).unwrap();
    let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let server = start(fleet, listen, Clock::new(1_795_284_000_000, elapsed)).unwrap();
    let claims = claims(operation, &server.endpoint());
    assert_eq!(claims.len(), ROUNDS, "a claim for each key");
    let log: Vec<serde_json::Value> = log(&server).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let change = |(round, claim): (usize, String)| {
        let key = key_id(round);
        let is_its = |line: &&serde_json::Value| {
            line.get("operation").is_some_and(|name| name == operation.name)
                && line.get("key_id").is_some_and(|id| *id == key)
        };
        let requests: Vec<_> = log.iter().filter(is_its).collect();
        let is_applied = |line: &&serde_json::Value| line.get("applied").is_some_and(|applied| *applied == true);
        Change { claim, applied: requests.iter().any(is_applied), requests: requests.len() }
    };
    Tally::of(&claims.into_iter().enumerate().map(change).collect::<Vec<_>>())
}

fn log(server: &Running) -> String {
    let address = server.address();
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET /_keyfleet/log HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.split_once("\r\n\r\n").unwrap().1.to_owned()
}

/// A program with a home of its own, credentials that nobody checks, and no other environment.
fn alone(program: &str, home: &tempfile::TempDir) -> Command {
    let mut command = Command::new(program);
    command.env_clear().current_dir(home.path()).stdin(Stdio::null());
    command.env("HOME", home.path()).env("AWS_EC2_METADATA_DISABLED", "true");
    command.env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "test");
    command
}

fn claims_of_sdk(operation: &Operation, endpoint: &str) -> Vec<String> {
    let home = tempfile::TempDir::new().unwrap();
    let program = std::env::current_exe().unwrap();
    let mut command = alone(program.to_str().unwrap(), &home);
    let done = command.args(["sdk", operation.name, operation.region, endpoint]).output().unwrap();
    assert!(done.status.success(), "{done:?}");
    String::from_utf8(done.stdout).unwrap().lines().map(str::to_owned).collect()
}

/// The process of the SDK's client: all keys at once, a line with the claim for each, in their order.
fn change_by_sdk(arguments: &[String]) {
    let [operation, region, endpoint] = arguments else { return };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let claims = runtime.block_on(async {
        let settings = aws_config::defaults(BehaviorVersion::latest())
            .endpoint_url(endpoint)
            .region(Region::new(region.clone()))
            .credentials_provider(Credentials::new("test", "test", None, None, "bench"));
        let client = Client::new(&settings.load().await);
        futures::future::join_all((0..ROUNDS).map(|round| claim_of_sdk(&client, operation, key_id(round)))).await
    });
    for claim in claims {
        println!("{claim}");
    }
}

/// What the client says of the change. It has two answers only.
async fn claim_of_sdk(client: &Client, operation: &str, key: String) -> String {
    match operation {
        "ReplicateKey" => said(&client.replicate_key().key_id(key).replica_region("us-west-2").send().await),
        "UpdatePrimaryRegion" => {
            said(&client.update_primary_region().key_id(key).primary_region("eu-west-1").send().await)
        }
        "CancelKeyDeletion" => said(&client.cancel_key_deletion().key_id(key).send().await),
        _ => said(&client.enable_key().key_id(key).send().await),
    }
}

fn said<T, E: ProvideErrorMetadata>(result: &Result<T, SdkError<E>>) -> String {
    match result {
        Ok(_) => "done".to_owned(),
        Err(SdkError::DispatchFailure(_)) => "failed dispatch failure".to_owned(),
        Err(error) => format!("failed {}", error.code().unwrap_or("without a code")),
    }
}

fn claims_of_keyfleet(operation: &Operation, endpoint: &str) -> Vec<String> {
    std::thread::scope(|scope| {
        let rounds: Vec<_> =
            (0..ROUNDS).map(|round| scope.spawn(move || claim_of_keyfleet(operation, endpoint, round))).collect();
        rounds.into_iter().map(|round| round.join().unwrap()).collect()
    })
}

/// A plan and its confirmation, each a process. Every round has a journal of its own, so that none waits for another.
fn claim_of_keyfleet(operation: &Operation, endpoint: &str, round: usize) -> String {
    let home = tempfile::TempDir::new().unwrap();
    let keyfleet = |arguments: &[&str]| {
        let mut command = alone(env!("CARGO_BIN_EXE_keyfleet"), &home);
        command.args(["--endpoint-url", endpoint, "--region", REGIONS]).args(arguments).output().unwrap()
    };
    let (verb, rest) = operation.plan;
    let plan = keyfleet(&[&["plan", verb, &key_id(round)], rest.as_slice()].concat());
    assert!(plan.status.success(), "{plan:?}");
    std::fs::write(home.path().join("plan.json"), plan.stdout).unwrap();
    let applied = keyfleet(&["apply", "plan.json", "--account", ACCOUNT, "--yes", "--wait", "5s", "--output", "json"]);
    let report: serde_json::Value = serde_json::from_slice(&applied.stdout).unwrap_or_default();
    let outcome = report.pointer("/steps/0/outcome").and_then(serde_json::Value::as_str);
    assert!(outcome.is_some(), "{applied:?}");
    outcome.unwrap_or_default().to_owned()
}
