//! The queue of one Region: what is wanted, what is under way, and whether the Region answers at all.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use super::{Job, Priority, Question};
use crate::domain::reading::{Asked, Reason};
use crate::engine::effect::{ReadOperation, ReadRequest};
use crate::engine::message::FailureClass;
use crate::engine::traffic::Traffic;

/// Transport failures in a row that fail the Region.
const FAILURES: u32 = 3;
/// Different questions that must have failed: one alone costs only itself.
const QUESTIONS: usize = 2;
/// Silence that fails the Region while something is under way.
const SILENCE: Duration = Duration::from_secs(15);
/// Attempts of one read.
const ATTEMPTS: u32 = 3;
/// Attempts of one read that is throttled.
const THROTTLED_ATTEMPTS: u32 = 16;
/// The first retry of a throttled read is free, so a Region that throttles everything is asked twice what it was to be asked and no more. Each further one
/// must have been earned there by an answer.
const RETRIES_AT_MOST: u32 = 1_000;
/// What a Region may overdraw once a retry has been answered anywhere.
const RETRIES_ON_CREDIT: u32 = 10;

/// A line that uses less of its room than one part in so many gives some back.
const SPARE: usize = 4;

type Line = (Priority, ReadOperation);

#[derive(Clone, Debug, PartialEq)]
struct Flight {
    job: Job,
    since: Duration,
}

/// One Region's queue. See the module.
#[derive(Clone, Debug, PartialEq, Default)]
pub(super) struct Desk {
    lines: BTreeMap<Line, VecDeque<Job>>,
    /// Where each queued question stands; an entry in another line is left over and skipped.
    queued: BTreeMap<Question, Priority>,
    delayed: BTreeMap<(Duration, u64), Job>,
    delays: u64,
    flights: BTreeMap<Asked, Flight>,
    blocked_until: Option<Duration>,
    /// Transport failures since the last good answer, and of which questions: one question that hangs is not a Region that is dark.
    failures: u32,
    failed: BTreeSet<ReadRequest>,
    /// Since when something has been under way without a good answer.
    silent_since: Option<Duration>,
    down: bool,
    announced: bool,
    retries: u32,
    overdrawn: u32,
    traffic: Traffic,
    pub(super) last_failure: Option<Arc<Reason>>,
}

impl Desk {
    pub(super) fn enqueue(&mut self, job: Job) {
        let question = job.question();
        let held = self.queued.get(&question).copied();
        if held.is_some_and(|held| held <= job.priority) {
            return;
        }
        self.queued.insert(question, job.priority);
        self.lines.entry((job.priority, job.request.operation())).or_default().push_back(job);
    }

    /// Puts a job in the place of one for the same request that waits already: its question is to be a new one.
    pub(super) fn replace(&mut self, job: Job) {
        let question = job.question();
        if self.queued.remove(&question).is_some() {
            for line in self.lines.values_mut() {
                line.retain(|waiting| waiting.question() != question);
            }
        }
        self.delayed.retain(|_, waiting| waiting.question() != question);
        self.enqueue(job);
    }

    /// Lets go of a request, wherever it stands. An answer to it will be a stray.
    pub(super) fn forget(&mut self, request: &ReadRequest) {
        self.queued.retain(|(waiting, _), _| waiting != request);
        self.delayed.retain(|_, waiting| waiting.request != *request);
        self.flights.retain(|_, flight| flight.job.request != *request);
    }

    /// Whether the same is being asked, or will be asked again.
    pub(super) fn is_in_flight(&self, job: &Job) -> bool {
        let question = job.question();
        // The request is compared first, without a copy: a Region's whole listing comes through here.
        let same = |other: &Job| other.request == job.request && other.question() == question;
        self.flights.values().any(|flight| same(&flight.job)) || self.delayed.values().any(same)
    }

    pub(super) fn in_flight(&self) -> usize {
        self.flights.len()
    }

    /// The most urgent job that may go out, no less urgent than `least`; `grant` is asked once for each operation.
    pub(super) fn next(
        &mut self,
        least: Priority,
        mut grant: impl FnMut(ReadOperation) -> Result<(), Duration>,
    ) -> Option<Job> {
        let lines: Vec<Line> = self.lines.keys().copied().filter(|(priority, _)| *priority <= least).collect();
        self.blocked_until = None;
        for line in lines {
            self.drop_leftovers(line);
            if !self.lines.contains_key(&line) {
                continue;
            }
            match grant(line.1) {
                Ok(()) => return self.pop(line),
                Err(until) => {
                    self.blocked_until = Some(self.blocked_until.map_or(until, |held| held.min(until)));
                }
            }
        }
        None
    }

    /// Entries that have moved to a more urgent line.
    fn drop_leftovers(&mut self, line: Line) {
        let Some(jobs) = self.lines.get_mut(&line) else { return };
        while jobs.front().is_some_and(|job| self.queued.get(&job.question()) != Some(&line.0)) {
            jobs.pop_front();
        }
        if jobs.is_empty() {
            self.lines.remove(&line);
        }
    }

    fn pop(&mut self, line: Line) -> Option<Job> {
        let jobs = self.lines.get_mut(&line)?;
        let job = jobs.pop_front()?;
        self.queued.remove(&job.question());
        if jobs.is_empty() {
            self.lines.remove(&line);
        } else if jobs.len() < jobs.capacity() / SPARE {
            // What is asked for later holds what is known by then: room that is not used any more is given back meanwhile.
            jobs.shrink_to(jobs.len() * 2);
        }
        Some(job)
    }

    pub(super) fn send(&mut self, now: Duration, asked: Asked, job: &Job) {
        if self.flights.is_empty() && self.delayed.is_empty() {
            self.silent_since = Some(now);
        }
        self.silent_since.get_or_insert(now);
        self.traffic.note_sent(now, job.request.operation(), job.attempt > 0);
        self.flights.insert(asked, Flight { job: job.clone(), since: now });
    }

    pub(super) fn take(&mut self, asked: Asked) -> Option<Job> {
        self.flights.remove(&asked).map(|flight| flight.job)
    }

    pub(super) fn retry(&mut self, at: Duration, mut job: Job) {
        job.attempt += 1;
        self.delays += 1;
        self.delayed.insert((at, self.delays), job);
    }

    /// Moves what has waited long enough into its line.
    pub(super) fn release_due(&mut self, now: Duration) {
        while self.delayed.first_key_value().is_some_and(|((at, _), _)| *at <= now) {
            if let Some((_, job)) = self.delayed.pop_first() {
                self.enqueue(job);
            }
        }
    }

    /// Whether this failure is worth another attempt.
    pub(super) fn may_retry(&mut self, job: &Job, class: FailureClass, retries_pay: bool) -> bool {
        let attempts = job.attempt + 1;
        match class {
            FailureClass::Refused | FailureClass::NotFound => false,
            FailureClass::Server => attempts < ATTEMPTS,
            FailureClass::Transport if job.request == ReadRequest::GetCallerIdentity => false,
            FailureClass::Transport => attempts < ATTEMPTS && !self.down,
            FailureClass::Throttled => attempts == 1 || attempts < THROTTLED_ATTEMPTS && self.spend_retry(retries_pay),
        }
    }

    fn spend_retry(&mut self, on_credit: bool) -> bool {
        if self.retries > 0 {
            self.retries -= 1;
            return true;
        }
        let affordable = on_credit && self.overdrawn < RETRIES_ON_CREDIT;
        self.overdrawn += u32::from(affordable);
        affordable
    }

    pub(super) fn note_latency(&mut self, took: Duration) {
        self.traffic.latency = Some(took);
    }

    /// The Region answered. Says whether it had been given up.
    pub(super) fn note_good(&mut self, now: Duration) -> bool {
        if self.overdrawn > 0 {
            self.overdrawn -= 1;
        } else {
            self.retries = (self.retries + 1).min(RETRIES_AT_MOST);
        }
        self.answered(now)
    }

    pub(super) fn note_throttled(&mut self, now: Duration) -> bool {
        self.traffic.throttled += 1;
        self.answered(now)
    }

    fn answered(&mut self, now: Duration) -> bool {
        self.failures = 0;
        self.failed.clear();
        self.silent_since = if self.flights.is_empty() { None } else { Some(now) };
        self.announced = false;
        std::mem::take(&mut self.down)
    }

    pub(super) fn note_transport_failure(&mut self, now: Duration, request: &ReadRequest) {
        self.failures += 1;
        self.failed.insert(request.clone());
        self.traffic.failed += 1;
        self.silent_since.get_or_insert(now);
        self.down |= self.failures >= FAILURES && self.failed.len() >= QUESTIONS;
    }

    /// True once for each time the Region fails.
    pub(super) fn has_just_failed(&mut self, now: Duration) -> bool {
        let silent = self.silent_since.is_some_and(|since| now.saturating_sub(since) >= SILENCE);
        // Only silence on questions counts: a Region that is waiting for its pace has not been asked.
        let long_ago = |flight: &&Flight| now.saturating_sub(flight.since) >= SILENCE;
        let unanswered = self.flights.values().filter(long_ago).map(|flight| &flight.job.request);
        let questions: BTreeSet<&ReadRequest> =
            unanswered.chain(&self.failed).filter(|request| **request != ReadRequest::GetCallerIdentity).collect();
        self.down |= silent && questions.len() >= QUESTIONS;
        self.down && !std::mem::replace(&mut self.announced, self.down)
    }

    /// Forgets everything wanted, and hands it back.
    pub(super) fn clear(&mut self) -> Vec<Job> {
        let mut jobs: Vec<Job> = std::mem::take(&mut self.lines).into_values().flatten().collect();
        let queued = std::mem::take(&mut self.queued);
        jobs.retain(|job| queued.get(&job.question()) == Some(&job.priority));
        jobs.extend(std::mem::take(&mut self.delayed).into_values());
        jobs.extend(std::mem::take(&mut self.flights).into_values().map(|flight| flight.job));
        self.silent_since = None;
        jobs
    }

    /// Schedules the question whether the Region answers again.
    pub(super) fn probe_at(&mut self, at: Duration) {
        let mut probe = Job::new(ReadRequest::ListKeys { marker: None }, Priority::Listing);
        probe.is_probe = true;
        self.delays += 1;
        self.delayed.insert((at, self.delays), probe);
    }

    pub(super) fn is_down(&self) -> bool {
        self.down
    }

    pub(super) fn is_idle(&self) -> bool {
        let probes_only = |job: &Job| job.is_probe;
        self.queued.is_empty()
            && self.delayed.values().all(probes_only)
            && self.flights.values().all(|flight| flight.job.is_probe)
    }

    /// When the queue needs to be looked at again though nothing was answered.
    pub(super) fn next_deadline(&mut self, now: Duration) -> Option<Duration> {
        let due = self.delayed.first_key_value().map(|((at, _), _)| *at);
        let blocked = self.blocked_until.filter(|_| !self.queued.is_empty());
        // A silence that has lasted and was judged harmless is looked at again with the next answer.
        let silence = self.silent_since.filter(|_| !self.flights.is_empty() && !self.down).map(|since| since + SILENCE);
        let silence = silence.filter(|at| *at > now);
        [due, blocked, silence].into_iter().flatten().min().map(|at| at.max(now))
    }

    pub(super) fn traffic(&self) -> Traffic {
        let mut traffic = self.traffic.clone();
        traffic.in_flight = u32::try_from(self.flights.len()).unwrap_or(u32::MAX);
        traffic.queued = u32::try_from(self.queued.len() + self.delayed.len()).unwrap_or(u32::MAX);
        traffic
    }
}
