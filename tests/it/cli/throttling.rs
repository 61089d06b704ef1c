//! Throttling, by the embedded KMS's own log: what is read in spite of it, and what it costs.

use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};

use keyfleet::emulator::{Clock, Fleet, Running, start};
use serde_json::Value;

use crate::program::{Program, Run};

fn serve(text: &str, clock: Clock) -> Running {
    let fleet = Fleet::parse(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    start(fleet, SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), clock).unwrap()
}

fn list(server: &Running, regions: &str) -> Run {
    let arguments = ["list", "--endpoint-url", &server.endpoint(), "--region", regions, "--output", "json"];
    Program::new().run(&arguments)
}

/// What arrived.
pub(crate) struct Log(pub(crate) Vec<Value>);

impl Log {
    pub(crate) fn of(server: &Running) -> Self {
        let address = server.endpoint().replace("http://", "");
        let mut stream = TcpStream::connect(&address).unwrap();
        write!(stream, "GET /_keyfleet/log HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        Self(answer.lines().filter_map(|line| serde_json::from_str(line).ok()).filter(Value::is_object).collect())
    }

    fn in_region(self, region: &str) -> Self {
        Self(self.0.into_iter().filter(|line| line["region"] == region).collect())
    }

    /// Requests sent for each question that there was: no listing here is longer than one page.
    fn amplification(&self) -> f64 {
        let logical: BTreeSet<String> =
            self.0.iter().map(|line| format!("{} {} {}", line["region"], line["operation"], line["key_id"])).collect();
        assert!(!logical.is_empty());
        f64::from(u32::try_from(self.0.len()).unwrap()) / f64::from(u32::try_from(logical.len()).unwrap())
    }
}

const TWELVE: &str = "us-east-1,us-east-2,us-west-1,us-west-2,ca-central-1,sa-east-1,eu-west-1,eu-west-2,eu-west-3,eu-central-1,\
                      eu-north-1,ap-south-1";

/// Two thousand members over twelve Regions.
fn many() -> String {
    let regions: Vec<String> = TWELVE.split(',').map(|name| format!("{name:?}")).collect();
    format!("seed = 11\n[[generate]]\nkeys = 680\nregions = [{}]\nrelated = 3\n", regions.join(", "))
}

#[test]
fn a_fifth_throttled_everywhere_costs_time_and_no_key() {
    let faults = "[[faults]]\nkind = \"error\"\ncode = \"ThrottlingException\"\nprobability = 0.2\n";
    let server = serve(&(many() + faults), Clock::new(1_795_284_000_000, || 0));
    let run = list(&server, TWELVE);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let fleet = run.json();
    assert_eq!((&fleet["complete"], fleet["keys"].as_array().unwrap().len()), (&true.into(), 680));
    let amplification = Log::of(&server).amplification();
    assert!((1.1..=1.3).contains(&amplification), "{amplification}");
}

#[test]
fn a_region_that_throttles_everything_is_not_asked_in_vain_for_long() {
    let faults = "[[faults]]\nregion = \"eu-west-1\"\nkind = \"error\"\ncode = \"ThrottlingException\"\n";
    let server = serve(&(many() + faults), Clock::new(1_795_284_000_000, || 0));
    let run = list(&server, TWELVE);
    assert_eq!(run.code, Some(3), "{}", run.stderr);
    for region in run.json()["regions"].as_array().unwrap() {
        let expected = if region["region"] == "eu-west-1" { "throttled" } else { "loaded" };
        assert_eq!(region["status"], expected, "{region}");
    }
    let amplification = Log::of(&server).in_region("eu-west-1").amplification();
    assert!((1.0..=2.0).contains(&amplification), "{amplification}");
}

/// A hundredth of the documented quotas, of which a quarter is used: the server's limit is far below what we allow ourselves.
#[test]
fn a_limit_lower_than_ours_is_kept_to_and_everything_is_read() {
    let text =
        "seed = 11\nquotas = 0.01\n[[generate]]\nkeys = 120\nregions = [\"us-east-1\", \"eu-west-1\"]\nrelated = 2\n";
    let server = start_in_real_time(text);
    let started = std::time::Instant::now();
    let run = list(&server, "us-east-1,eu-west-1");
    let took = started.elapsed();
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert_eq!(run.json()["complete"], true);
    // Twenty at once and twenty a second: a hundred and twenty take five seconds.
    assert!(took.as_secs() < 3 * 5, "{took:?}");
}

fn start_in_real_time(text: &str) -> Running {
    let started = std::time::Instant::now();
    let elapsed = move || u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    serve(text, Clock::new(1_795_284_000_000, elapsed))
}
