//! Does a frame cost the same whatever the fleet's size?
//!
//!     cargo bench --bench frame --profile ci
//!
//! A dashboard of 200 x 60 cells: a key that moves the cursor, and the frame that shows it, at 1,000 and at 100,000 rows. By
//! criterion, and then one by one for what one frame in a hundred exceeds. Fails if that is above two milliseconds.
//!
//! Then the frames in which every key of a fleet is judged for the findings. Fails if the usual one grows with the fleet.

#![expect(clippy::print_stdout, reason = "a measuring program reports to a terminal")]
#![expect(clippy::disallowed_methods, reason = "it measures time")]
#![expect(clippy::unwrap_used, reason = "it has nobody to report an error to")]

use std::process::ExitCode;
use std::time::{Duration, Instant};

use criterion::Criterion;
use keyfleet::bench::Dashboard;

const SIZE: (u16, u16) = (200, 60);
const FRAMES: usize = 2_000;
const MOST: Duration = Duration::from_millis(2);

fn main() -> ExitCode {
    let mut criterion = Criterion::default().measurement_time(Duration::from_secs(4)).configure_from_args();
    let mut slowest = Duration::ZERO;
    for keys in [1_000, 100_000] {
        let mut dashboard = Dashboard::read(keys, SIZE).unwrap();
        assert_eq!(dashboard.rows(), keys);
        criterion.bench_function(&format!("a key and its frame, {keys} rows"), |bencher| {
            bencher.iter(|| dashboard.key_and_frame());
        });
        let p99 = percentile(&mut dashboard);
        println!("{keys} rows: p99 {:.2} ms (at most {:.2})", p99.as_secs_f64() * 1e3, MOST.as_secs_f64() * 1e3);
        slowest = slowest.max(p99);
    }
    criterion.final_summary();
    let [small, large] = [3_300, 33_000].map(judging);
    if slowest <= MOST && large <= small * 2 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// What one frame in a hundred exceeds.
fn percentile(dashboard: &mut Dashboard) -> Duration {
    let one_frame = || {
        let started = Instant::now();
        dashboard.key_and_frame();
        started.elapsed()
    };
    let mut times: Vec<Duration> = std::iter::repeat_with(one_frame).take(FRAMES).collect();
    times.sort();
    times.get(FRAMES * 99 / 100).copied().unwrap_or_default()
}

/// What every other frame exceeds while the findings of so many keys are made.
fn judging(keys: usize) -> Duration {
    let mut dashboard = Dashboard::read(keys, SIZE).unwrap();
    dashboard.open_findings();
    let mut times: Vec<Duration> = Vec::new();
    let mut is_last = false;
    while !is_last {
        let started = Instant::now();
        is_last = dashboard.judging_frame() == 0;
        times.push(started.elapsed());
    }
    times.sort();
    let of = |percent: usize| times.get(times.len() * percent / 100).copied().unwrap_or_default();
    let [median, p99] = [of(50), of(99)].map(|time| time.as_secs_f64() * 1e3);
    println!("judging {keys} keys: {} frames, median {median:.2} ms, p99 {p99:.2} ms", times.len());
    of(50)
}
