//! What is read next. Every read waits here, nowhere else: an effect is emitted only when its Region has a free slot and the pace grants it.
//!
//! Retries are queue entries with a not-before time. Three transport failures in a row, or fifteen seconds without a good answer, fail the Region: what was
//! queued for it is given up, and while the run is live one probe a second asks whether it answers again.

mod desk;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::effect::{ReadOperation, ReadRequest};
use super::message::{Failure, FailureClass};
use super::pace::{Pace, Paced};
use super::random::Random;
use super::traffic::Traffic;
use crate::domain::id::{Login, Place};
use crate::domain::reading::{Asked, Reason};
use desk::Desk;

/// Requests under way in one Region at a time.
const IN_FLIGHT: usize = 32;

/// How urgent a read is; the first goes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Priority {
    /// Identity, and what a change waits for.
    Urgent,
    /// Listings: they say what there is.
    Listing,
    /// What is on screen.
    Visible,
    /// Keys on their way to another state.
    Moving,
    Rest,
}

/// One read that is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Job {
    pub(crate) request: ReadRequest,
    pub(crate) priority: Priority,
    /// The first question of the listing that this request goes on with, or its own.
    pub(crate) scan: Option<Asked>,
    pub(crate) attempt: u32,
    /// Asks whether a failed Region answers again.
    pub(crate) is_probe: bool,
}

impl Job {
    pub(crate) fn new(request: ReadRequest, priority: Priority) -> Self {
        Self { request, priority, scan: None, attempt: 0, is_probe: false }
    }

    /// What makes two jobs the same question: a page that goes on with one listing does not answer for another, though both listings give the same marker.
    fn question(&self) -> Question {
        let marker = match &self.request {
            ReadRequest::ListKeys { marker }
            | ReadRequest::ListAliases { marker }
            | ReadRequest::ListResourceTags { marker, .. } => marker.as_ref(),
            ReadRequest::DescribeKey { .. }
            | ReadRequest::GetKeyPolicy { .. }
            | ReadRequest::GetKeyRotationStatus { .. }
            | ReadRequest::GetCallerIdentity => None,
        };
        (self.request.clone(), self.scan.filter(|_| marker.is_some()))
    }
}

/// A request, and the listing that it goes on with if it is not a first page.
type Question = (ReadRequest, Option<Asked>);

/// A request that goes out now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sent {
    pub(crate) asked: Asked,
    pub(crate) place: Place,
    pub(crate) job: Job,
}

/// What an answer means for the queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Settled {
    /// Nobody waits for it: it was given up meanwhile, or it is not ours.
    Stray,
    /// It failed and is asked again later.
    Retried,
    /// This is the answer.
    Final { job: Job, revived: bool },
}

/// The queues of every Region.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Loader {
    desks: BTreeMap<Place, Desk>,
    pace: Pace,
    last_asked: u64,
    /// Probe failed Regions; a headless reading ends for them instead.
    live: bool,
    /// Somewhere a read that was asked again has been answered: throttling comes and goes here, and asking again is worth more of it.
    retries_pay: bool,
}

impl Loader {
    pub(crate) fn new(quota_share: f64, live: bool) -> Self {
        Self { desks: BTreeMap::new(), pace: Pace::new(quota_share), last_asked: 0, live, retries_pay: false }
    }

    /// A number later than that of every question so far.
    pub(crate) fn next_number(&mut self) -> Asked {
        self.last_asked += 1;
        Asked(self.last_asked)
    }

    /// Wants a read. One that is queued already is only made more urgent; one that is under way is not asked twice. Of a Region that has failed nothing is
    /// wanted until a probe is answered: it says whether the Region takes questions.
    pub(crate) fn ask(&mut self, place: &Place, job: Job) -> bool {
        let desk = self.desks.entry(place.clone()).or_default();
        if desk.is_down() {
            return false;
        }
        if !desk.is_in_flight(&job) {
            desk.enqueue(job);
        }
        true
    }

    /// It is known who a login is: the other Regions' STS are not waited for.
    pub(crate) fn forget_identity(&mut self, login: Login) {
        for (_, desk) in self.desks.iter_mut().filter(|(place, _)| place.login == login) {
            desk.forget(&ReadRequest::GetCallerIdentity);
        }
    }

    /// Wants a read that is asked from now on, whatever is under way. Says whether the Region takes questions.
    pub(crate) fn ask_anew(&mut self, place: &Place, job: Job) -> bool {
        let desk = self.desks.entry(place.clone()).or_default();
        if desk.is_down() {
            return false;
        }
        desk.replace(job);
        true
    }

    /// Lets go of everything that is wanted from a Region and returns it.
    fn give_up(&mut self, place: &Place) -> Vec<Job> {
        self.desks.get_mut(place).map(Desk::clear).unwrap_or_default()
    }

    /// Emits what may go out now. `only_what_is_on_screen`: the rest stays where it is.
    pub(crate) fn pump(&mut self, now: Duration, only_what_is_on_screen: bool) -> Vec<Sent> {
        let least = if only_what_is_on_screen { Priority::Moving } else { Priority::Rest };
        let mut sent = Vec::new();
        for (place, desk) in &mut self.desks {
            desk.release_due(now);
            while desk.in_flight() < IN_FLIGHT {
                let pace = &mut self.pace;
                let Some(mut job) = desk.next(least, |operation| pace.try_take(now, place, operation)) else { break };
                self.last_asked += 1;
                let asked = Asked(self.last_asked);
                job.scan.get_or_insert(asked);
                desk.send(now, asked, &job);
                sent.push(Sent { asked, place: place.clone(), job });
            }
        }
        sent
    }

    /// Takes an answer. What is final is handed back with its job.
    pub(crate) fn settle(
        &mut self,
        now: Duration,
        (place, asked): (&Place, Asked),
        failure: Option<&Failure>,
        (took, random): (Duration, &mut Random),
    ) -> Settled {
        let Some(desk) = self.desks.get_mut(place) else { return Settled::Stray };
        let Some(job) = desk.take(asked) else { return Settled::Stray };
        desk.note_latency(took);
        let Some(failure) = failure else {
            self.pace.granted(now, place, job.request.operation());
            self.retries_pay |= job.attempt > 0;
            let revived = desk.note_good(now);
            return Settled::Final { job, revived };
        };
        let mut revived = false;
        match failure.class {
            // STS is another service: that it is dark says nothing of this Region's keys.
            FailureClass::Transport if job.request == ReadRequest::GetCallerIdentity => {}
            FailureClass::Transport => desk.note_transport_failure(now, &job.request),
            FailureClass::Throttled => {
                self.pace.throttled(now, place, Paced::Read(job.request.operation()));
                revived = desk.note_throttled(now);
            }
            FailureClass::Refused | FailureClass::NotFound | FailureClass::Server => revived = desk.note_good(now),
        }
        if !job.is_probe && desk.may_retry(&job, failure.class, self.retries_pay) {
            let wait = backoff(job.attempt, failure.class, random);
            desk.retry(now + wait, job);
            return Settled::Retried;
        }
        Settled::Final { job, revived }
    }

    /// The Regions that have just failed, each with why and with everything that is given up there.
    pub(crate) fn failed_regions(&mut self, now: Duration) -> Vec<(Place, Vec<Job>)> {
        let failed: Vec<Place> = self
            .desks
            .iter_mut()
            .filter_map(|(place, desk)| desk.has_just_failed(now).then(|| place.clone()))
            .collect();
        let live = self.live;
        failed
            .into_iter()
            .map(|place| {
                let jobs = self.give_up(&place);
                if let Some(desk) = self.desks.get_mut(&place).filter(|_| live) {
                    desk.probe_at(now + Duration::from_secs(1));
                }
                (place, jobs)
            })
            .collect()
    }

    /// A probe was not answered: the next one is due a second later.
    pub(crate) fn probe_again(&mut self, now: Duration, place: &Place) {
        if let Some(desk) = self.desks.get_mut(place).filter(|_| self.live) {
            desk.probe_at(now + Duration::from_secs(1));
        }
    }

    pub(crate) fn is_down(&self, place: &Place) -> bool {
        self.desks.get(place).is_some_and(Desk::is_down)
    }

    /// When there is something to do that no answer will cause.
    pub(crate) fn next_deadline(&mut self, now: Duration) -> Option<Duration> {
        self.desks.values_mut().filter_map(|desk| desk.next_deadline(now)).min()
    }

    /// Nothing is queued and nothing is under way, probes aside.
    pub(crate) fn is_idle(&self) -> bool {
        self.desks.values().all(Desk::is_idle)
    }

    pub(crate) fn traffic(&self, place: &Place) -> Traffic {
        self.desks.get(place).map(Desk::traffic).unwrap_or_default()
    }

    pub(crate) fn allowed(&self, now: Duration, place: &Place, operation: ReadOperation) -> u32 {
        self.pace.allowed(now, place, operation)
    }

    /// The quotas, for what is not read: changes count against quotas of their own.
    pub(crate) fn pace(&mut self) -> &mut Pace {
        &mut self.pace
    }

    /// The last transport failure's reason is the Region's.
    pub(crate) fn remember_failure(&mut self, place: &Place, reason: &Arc<Reason>) {
        if let Some(desk) = self.desks.get_mut(place) {
            desk.last_failure = Some(Arc::clone(reason));
        }
    }

    pub(crate) fn last_failure(&self, place: &Place) -> Option<Arc<Reason>> {
        self.desks.get(place).and_then(|desk| desk.last_failure.clone())
    }
}

/// How long to wait before asking again: doubling, with jitter, longer where AWS asked for patience.
fn backoff(attempt: u32, class: FailureClass, random: &mut Random) -> Duration {
    let base = match class {
        FailureClass::Throttled => 400,
        FailureClass::Transport | FailureClass::Server | FailureClass::NotFound | FailureClass::Refused => 150,
    };
    let longest = base << attempt.min(5);
    Duration::from_millis(random.between(longest / 2, longest + 1))
}
