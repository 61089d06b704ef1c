//! Is the embedded KMS ever the bottleneck, and how much memory does it take?
//!
//!     cargo bench --bench emulator_throughput --profile ci
//!
//! One run, two servers in processes of their own: the embedded KMS with 100,002 related keys, and a bare hyper server
//! that answers the same bytes to everything. The same `aws-sdk-kms` client sweeps them in turns. It prints both speeds,
//! their ratio and the most memory that the embedded KMS has taken, and fails below 0.9 or above 200 MB.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a measuring program reports to a terminal")]
#![expect(clippy::disallowed_methods, reason = "it measures time, starts tasks and processes")]
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "it has nobody to report an error to")]

use std::convert::Infallible;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use aws_sdk_kms::Client;
use aws_sdk_kms::config::retry::RetryConfig;
use aws_sdk_kms::config::{BehaviorVersion, Credentials, Region};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use keyfleet::emulator::{Clock, Fleet, Options, start};

/// 33,334 multi-Region keys of three members each.
const SIZE: &str = "keys=33334,regions=17,related=3";
const DESCRIPTIONS: usize = 12_000;
const IN_FLIGHT: usize = 32;
const ROUNDS: usize = 5;
const LEAST_RATIO: f64 = 0.9;
const MOST_MEGABYTES: f64 = 200.0;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    match arguments.next().as_deref() {
        Some("emulator") => serve_emulator(),
        Some("constant") => serve_constant(&arguments.next().unwrap_or_default()),
        _ => return measure(),
    }
    ExitCode::SUCCESS
}

/// Says where it listens, and goes on until its input ends.
fn serve_emulator() {
    let started = Instant::now();
    let elapsed = move || u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    let options = Options::new(Fleet::empty()).size(SIZE.parse().unwrap());
    let server = start(options, SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), Clock::new(0, elapsed)).unwrap();
    announce(&server.endpoint());
}

fn announce(endpoint: &str) {
    println!("{endpoint}");
    std::io::stdout().flush().unwrap();
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
}

/// The least that a server can do: read a request whole, answer bytes that never change.
fn serve_constant(body: &str) {
    let body = Bytes::from(body.to_owned());
    let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.set_nonblocking(true).unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let _ = stream.set_nodelay(true);
                let body = body.clone();
                let service = service_fn(move |request| constant(request, body.clone()));
                tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
            }
        });
    });
    announce(&endpoint);
}

async fn constant(request: Request<Incoming>, body: Bytes) -> Result<Response<Full<Bytes>>, Infallible> {
    let _ = request.into_body().collect().await;
    let mut response = Response::new(Full::new(body));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-amz-json-1.1"));
    headers.insert("x-amzn-requestid", HeaderValue::from_static("00000000-0000-0000-0000-000000000000"));
    Ok(response)
}

/// A server in a process of its own. It ends when this is dropped.
struct Server {
    process: Child,
    endpoint: String,
}

impl Server {
    fn start(arguments: &[&str]) -> Self {
        let program = std::env::current_exe().unwrap();
        let piped = |command: &mut Command| command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut process = piped(Command::new(program).args(arguments));
        let mut endpoint = String::new();
        BufReader::new(process.stdout.as_mut().unwrap()).read_line(&mut endpoint).unwrap();
        Self { process, endpoint: endpoint.trim().to_owned() }
    }

    fn client(&self) -> Client {
        let config = aws_sdk_kms::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .endpoint_url(&self.endpoint)
            .region(Region::new("us-east-1"))
            .credentials_provider(Credentials::new("AKIAEXAMPLE", "secret", None, None, "bench"))
            .retry_config(RetryConfig::disabled());
        Client::from_conf(config.build())
    }

    /// The most memory that the process has had, where the system tells it.
    fn peak_megabytes(&self) -> Option<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        Some(line.split_whitespace().next()?.parse::<f64>().ok()? / 1000.0)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}

fn measure() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let emulator = Server::start(&["emulator"]);
    let (keys, answer) = runtime.block_on(sample(&emulator));
    let constant = Server::start(&["constant", &answer]);
    let clients = [emulator.client(), constant.client()];
    for client in &clients {
        runtime.block_on(sweep(client, &keys, DESCRIPTIONS / 4));
    }
    let mut spent = [Vec::new(), Vec::new()];
    for _ in 0..ROUNDS {
        for (client, spent) in clients.iter().zip(&mut spent) {
            let started = Instant::now();
            runtime.block_on(sweep(client, &keys, DESCRIPTIONS));
            spent.push(started.elapsed());
        }
    }
    let [ours, bare] = spent.map(|rounds| rate(&rounds));
    report(ours, bare, emulator.peak_megabytes())
}

fn report(ours: f64, bare: f64, megabytes: Option<f64>) -> ExitCode {
    let ratio = ours / bare;
    println!("embedded KMS     {ours:8.0} DescribeKey a second");
    println!("constant bytes   {bare:8.0} DescribeKey a second");
    println!("ratio            {ratio:8.3} (at least {LEAST_RATIO})");
    let memory = megabytes.unwrap_or_default();
    println!("peak memory      {memory:8.1} MB with 100,002 related keys (at most {MOST_MEGABYTES})");
    if ratio >= LEAST_RATIO && memory <= MOST_MEGABYTES {
        return ExitCode::SUCCESS;
    }
    eprintln!("the embedded KMS is too slow or too large");
    ExitCode::FAILURE
}

/// The median speed.
fn rate(rounds: &[Duration]) -> f64 {
    let mut seconds: Vec<f64> = rounds.iter().map(Duration::as_secs_f64).collect();
    seconds.sort_by(f64::total_cmp);
    let requests = u32::try_from(DESCRIPTIONS).unwrap();
    f64::from(requests) / seconds.get(seconds.len() / 2).copied().unwrap_or(f64::INFINITY)
}

/// Every key of the Region, and the bytes of one description.
async fn sample(server: &Server) -> (Arc<Vec<String>>, String) {
    let client = server.client();
    let mut keys = Vec::new();
    let mut marker = None;
    loop {
        let page = client.list_keys().limit(1000).set_marker(marker).send().await.expect("a page of keys");
        keys.extend(page.keys().iter().filter_map(|key| key.key_id().map(str::to_owned)));
        marker = page.next_marker().map(str::to_owned);
        if marker.is_none() {
            break;
        }
    }
    let first = keys.first().expect("a key");
    let described = client.describe_key().key_id(first).send().await.expect("a description");
    let metadata = described.key_metadata().expect("metadata");
    (Arc::new(keys.clone()), json(metadata))
}

/// A description as the embedded KMS writes it, of the same size.
fn json(metadata: &aws_sdk_kms::types::KeyMetadata) -> String {
    let related =
        |key: &aws_sdk_kms::types::MultiRegionKey| serde_json::json!({"Arn": key.arn(), "Region": key.region()});
    let configuration = metadata.multi_region_configuration().expect("a multi-Region key");
    let replicas: Vec<_> = configuration.replica_keys().iter().map(related).collect();
    let fields = serde_json::json!({
        "AWSAccountId": metadata.aws_account_id(), "Arn": metadata.arn(), "CreationDate": 1_795_284_000.5,
        "CurrentKeyMaterialId": metadata.current_key_material_id(), "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT",
        "Description": "", "Enabled": true, "EncryptionAlgorithms": ["SYMMETRIC_DEFAULT"], "KeyId": metadata.key_id(),
        "KeyManager": "CUSTOMER", "KeySpec": "SYMMETRIC_DEFAULT", "KeyState": "Enabled", "KeyUsage": "ENCRYPT_DECRYPT",
        "MultiRegion": true, "MultiRegionConfiguration": {
            "MultiRegionKeyType": configuration.multi_region_key_type().map(aws_sdk_kms::types::MultiRegionKeyType::as_str),
            "PrimaryKey": configuration.primary_key().map(related), "ReplicaKeys": replicas,
        },
        "Origin": "AWS_KMS",
    });
    serde_json::json!({ "KeyMetadata": fields }).to_string()
}

/// Describes keys in turn, so many at once.
async fn sweep(client: &Client, keys: &Arc<Vec<String>>, count: usize) {
    let next = Arc::new(AtomicUsize::new(0));
    let workers = (0..IN_FLIGHT).map(|_| {
        let (client, keys, next) = (client.clone(), Arc::clone(keys), Arc::clone(&next));
        tokio::spawn(async move {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= count {
                    return;
                }
                let key = keys.get(number % keys.len()).expect("a key");
                let answer = client.describe_key().key_id(key).send().await;
                assert!(answer.is_ok(), "{answer:?}");
            }
        })
    });
    for worker in workers.collect::<Vec<_>>() {
        worker.await.expect("a worker that ends");
    }
}
