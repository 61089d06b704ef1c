//! One bad Region costs itself only.

use std::fmt::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use keyfleet::emulator::{Clock, Fleet, Running, start};
use serde_json::Value;

use crate::program::{Program, Run};

const TWELVE: [&str; 12] = [
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
    "ca-central-1",
    "sa-east-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "eu-central-1",
    "eu-north-1",
    "ap-south-1",
];

/// A fleet over twelve Regions: one key with a primary in us-east-1 and replicas in eu-west-1 and ap-south-1, and one in each pair of Regions.
fn fleet(faults: &str) -> Running {
    let regions: Vec<String> = TWELVE.iter().map(|name| format!("{name:?}")).collect();
    let mut text = format!("regions = [{}]\n[[accounts]]\nid = \"111122223333\"\n", regions.join(", "));
    text.push_str(
        "[[keys]]\nname = \"everywhere\"\nprimary = \"us-east-1\"\nreplicas = [\"eu-west-1\", \"ap-south-1\"]\n",
    );
    for (index, pair) in TWELVE.windows(2).enumerate() {
        let (primary, replica) = (pair[0], pair[1]);
        text.push_str("[[keys]]\n");
        let _infallible = writeln!(text, "name = \"pair-{index}\"\nprimary = {primary:?}\nreplicas = [{replica:?}]");
    }
    text.push_str(faults);
    let fleet = Fleet::parse(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    start(fleet, SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), Clock::new(1_795_284_000_000, || 0)).unwrap()
}

fn list(server: &Running) -> Run {
    let regions = TWELVE.join(",");
    let arguments = ["list", "--endpoint-url", &server.endpoint(), "--region", &regions, "--output", "json"];
    Program::new().run(&arguments)
}

fn member<'a>(fleet: &'a Value, region: &str) -> Vec<&'a Value> {
    let keys = fleet["keys"].as_array().unwrap();
    keys.iter().flat_map(|key| key["related"].as_array().unwrap()).filter(|member| member["region"] == region).collect()
}

fn status(fleet: &Value, region: &str) -> Value {
    let regions = fleet["regions"].as_array().unwrap();
    regions.iter().find(|entry| entry["region"] == region).unwrap()["status"].clone()
}

#[test]
fn a_region_that_never_answers_costs_seconds_and_hides_nothing() {
    let server = fleet("[[faults]]\nregion = \"ap-south-1\"\nkind = \"hang\"\n");
    let started = Instant::now();
    let run = list(&server);
    let took = started.elapsed();
    assert!(took < Duration::from_secs(20), "{took:?}");
    assert_eq!(run.code, Some(3), "{}", run.stderr);
    let fleet = run.json();
    for region in TWELVE {
        let expected = if region == "ap-south-1" { "unreachable" } else { "loaded" };
        assert_eq!(status(&fleet, region), expected, "{region}");
    }
    let dark = member(&fleet, "ap-south-1");
    assert_eq!(dark.len(), 2, "both members that related keys name there: {dark:?}");
    for member in dark {
        assert_eq!((&member["presence"], &member["state"]), (&"unknown".into(), &Value::Null));
        assert_eq!(member["reason"]["kind"], "timeout");
        assert!(!member["declared_by"].as_array().unwrap().is_empty());
    }
    for key in fleet["keys"].as_array().unwrap() {
        assert!(!key["absent_regions"].as_array().unwrap().contains(&"ap-south-1".into()), "{key}");
    }
}

#[test]
fn a_key_that_may_not_be_described_stays() {
    let fault = "[[faults]]\nregion = \"eu-west-1\"\noperation = \"DescribeKey\"\nkey = \"everywhere\"\nkind = \"error\"\n\
                 code = \"AccessDeniedException\"\nstatus = 400\n";
    let server = fleet(fault);
    let run = list(&server);
    assert_eq!(run.code, Some(3));
    let fleet = run.json();
    let denied: Vec<&Value> =
        member(&fleet, "eu-west-1").into_iter().filter(|member| member["state"].is_null()).collect();
    assert_eq!(denied.len(), 1);
    assert_eq!(denied[0]["reason"]["code"], "AccessDeniedException");
    assert_eq!(denied[0]["role"], "REPLICA", "the others say so");
}

#[test]
fn credentials_that_nobody_takes_are_no_identity() {
    let server = fleet("[[faults]]\nkind = \"error\"\ncode = \"ExpiredTokenException\"\nstatus = 400\n");
    let run = list(&server);
    assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{}", run.stderr);
    assert!(run.stderr.contains("expired"), "{}", run.stderr);
}

#[test]
fn a_region_that_may_not_be_listed_makes_nothing_absent() {
    let server = fleet(
        "[[faults]]\nregion = \"eu-west-1\"\noperation = \"ListKeys\"\nkind = \"error\"\ncode = \"AccessDeniedException\"\nstatus = 400\n",
    );
    let run = list(&server);
    assert_eq!(run.code, Some(3));
    let fleet = run.json();
    assert_eq!(status(&fleet, "eu-west-1"), "denied");
    for key in fleet["keys"].as_array().unwrap() {
        assert!(!key["absent_regions"].as_array().unwrap().contains(&"eu-west-1".into()), "{key}");
    }
}
