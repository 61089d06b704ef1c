//! How much does truth cost? `keyfleet list` against a bare sweep of the same calls by the same SDK.
//!
//!     cargo bench --bench list_sweep --profile ci
//!
//! One run: an embedded KMS in a process of its own with 1,000 multi-Region keys of three members over 17 Regions, 500
//! single-Region keys each and 60 ms of latency. In turns, `keyfleet list --output json` (its whole process) and a bare
//! `aws-sdk-kms` sweep of ListKeys, ListAliases and DescribeKey with 32 in flight per Region. Prints the medians and
//! their ratio. Then the same `list` on 10,000 and on 100,000 related keys without latency: the ratio of the times, and
//! the most memory taken. Fails above 1.25, above 10.5, and above 250 MB.

#![expect(clippy::print_stdout, reason = "a measuring program reports to a terminal")]
#![expect(clippy::disallowed_methods, reason = "it measures time, starts tasks and processes")]
#![expect(clippy::unwrap_used, reason = "it has nobody to report an error to")]

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use aws_sdk_kms::Client;
use aws_sdk_kms::config::retry::RetryConfig;
use aws_sdk_kms::config::{BehaviorVersion, Credentials, Region};
use futures::StreamExt as _;

const REGIONS: &str = "us-east-1,us-east-2,us-west-1,us-west-2,ca-central-1,sa-east-1,eu-west-1,eu-west-2,eu-west-3,\
                       eu-central-1,eu-north-1,ap-south-1,ap-northeast-1,ap-northeast-2,ap-northeast-3,ap-southeast-1,\
                       ap-southeast-2";
const IN_FLIGHT: usize = 32;
const ROUNDS: usize = 5;

fn main() -> ExitCode {
    let (list, sweep) = against_a_sweep();
    let against = list.as_secs_f64() / sweep.as_secs_f64();
    println!(
        "keyfleet list {:.2} s, bare sweep {:.2} s: {against:.2} (at most 1.25)",
        list.as_secs_f64(),
        sweep.as_secs_f64()
    );
    let (small, _) = sized("keys=3334,regions=17,related=3");
    let (large, memory) = sized("keys=33334,regions=17,related=3");
    let growth = large.as_secs_f64() / small.as_secs_f64();
    println!(
        "10,000 related keys {:.2} s, 100,000 {:.2} s: {growth:.1} (at most 10.5); most memory {memory:.0} MB (at most 250)",
        small.as_secs_f64(),
        large.as_secs_f64()
    );
    let holds = against <= 1.25 && growth <= 10.5 && memory <= 250.0;
    if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The program that this bench was built beside, of the same profile.
fn keyfleet() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_keyfleet"))
}

/// An embedded KMS in a process of its own.
struct Server {
    process: Child,
    endpoint: String,
}

impl Server {
    fn start(arguments: &[&str]) -> Self {
        let mut process = Command::new(keyfleet())
            .args(["emulate", "--listen", "127.0.0.1:0"])
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let endpoint = lines.find_map(|line| line.ok().filter(|line| line.starts_with("http://"))).unwrap();
        Self { process, endpoint }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ended_already = self.process.kill();
        let _reaped = self.process.wait();
    }
}

fn list(endpoint: &str) -> (Duration, f64) {
    let started = Instant::now();
    let mut child = Command::new(keyfleet())
        .args(["list", "--output", "json", "--region", REGIONS, "--endpoint-url", endpoint])
        .env("KEYFLEET_QUOTA_SHARE", "1.0")
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut most = 0.0_f64;
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        most = most.max(peak_megabytes(child.id()));
        std::thread::sleep(Duration::from_millis(5));
    };
    assert!(status.success(), "list ended with {status}");
    (started.elapsed(), most)
}

/// The most memory that a process has taken so far (Linux; zero elsewhere).
fn peak_megabytes(process: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM"));
    let kilobytes = line.and_then(|line| line.split_whitespace().nth(1)).and_then(|number| number.parse::<f64>().ok());
    kilobytes.unwrap_or(0.0) / 1024.0
}

fn against_a_sweep() -> (Duration, Duration) {
    let size = "keys=1000,regions=17,related=3,single_region=500";
    let server = Server::start(&["--size", size, "--latency", "60ms"]);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let (mut lists, mut sweeps) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        lists.push(list(&server.endpoint).0);
        let started = Instant::now();
        runtime.block_on(sweep(&server.endpoint));
        sweeps.push(started.elapsed());
    }
    (median(lists), median(sweeps))
}

fn sized(size: &str) -> (Duration, f64) {
    let server = Server::start(&["--size", size]);
    let runs: Vec<(Duration, f64)> = (0..3).map(|_| list(&server.endpoint)).collect();
    let most = runs.iter().map(|(_, memory)| *memory).fold(0.0, f64::max);
    (median(runs.into_iter().map(|(time, _)| time).collect()), most)
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// What somebody in a hurry writes: every Region at once, each page's keys described with 32 in flight, aliases beside.
async fn sweep(endpoint: &str) {
    let credentials = Credentials::new("test", "test", None, None, "bench");
    let shared = aws_sdk_kms::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .credentials_provider(credentials)
        .retry_config(RetryConfig::disabled())
        .endpoint_url(endpoint);
    let mut regions = tokio::task::JoinSet::new();
    for region in REGIONS.split(',') {
        let client = Client::from_conf(shared.clone().region(Region::new(region)).build());
        regions.spawn(async move { tokio::join!(aliases(&client), keys(&client)) });
    }
    while let Some(done) = regions.join_next().await {
        done.unwrap();
    }
}

async fn aliases(client: &Client) {
    let mut marker = None;
    loop {
        let page = client.list_aliases().limit(100).set_marker(marker).send().await.unwrap();
        marker = page.next_marker;
        if marker.is_none() {
            return;
        }
    }
}

async fn keys(client: &Client) {
    let mut marker = None;
    loop {
        let page = client.list_keys().limit(1000).set_marker(marker).send().await.unwrap();
        let related = page.keys.unwrap_or_default().into_iter().filter_map(|key| key.key_id);
        let related = related.filter(|id| id.starts_with("mrk-"));
        futures::stream::iter(related)
            .map(|id| client.describe_key().key_id(id).send())
            .for_each_concurrent(IN_FLIGHT, async |described| {
                described.await.unwrap();
            })
            .await;
        marker = page.next_marker;
        if marker.is_none() {
            return;
        }
    }
}
