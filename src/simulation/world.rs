//! Everything of one schedule under one virtual clock: processes, disk, network, the service, and what happens next.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::bug::{Bug, distorted};
use super::chance::Chance;
use super::disk::Disk;
use super::edge::{Departed, Purpose, Seen};
use super::fleet::{MARIA, setting};
use super::oracle::Oracle;
use super::process::{Process, START, settings, wall};
use super::weather::Weather;
use crate::domain::id::Region;
use crate::domain::plan::{Claim, Intent, Plan, RecordKind};
use crate::emulator::{Fleet, Model, Reply, Request};
use crate::engine::effect::ChangeId;
use crate::engine::message::{Message, RecordError};

/// More events than this mean that something goes round for ever.
const MOST_EVENTS: usize = 40_000;
/// The quiet time after a schedule, in which everything must come to an end.
const QUIET: u64 = 140_000;

/// Something that happens at its time.
#[derive(Debug)]
pub(super) enum Event {
    /// A request reaches the service.
    Arrive(Box<Departed>, u64, bool),
    /// A process is told something.
    Tell(u32, Box<Message>),
    /// The client sees how its request ended.
    Hear(Box<Departed>, Box<Seen>),
    Wake(u32, u64),
    /// A line reaches the disk.
    Append(u32, Box<Line>),
    Operate(u32),
    /// The plan with this number is applied once more.
    Apply(u32, usize),
    Leave(u32),
    Interfere,
    Start,
    Kill,
    /// The profile gives other credentials from now on.
    Profile(&'static str),
}

/// A line for the journal, and whether anybody still waits for it.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) change: ChangeId,
    pub(super) intent: Arc<Intent>,
    pub(super) outcome: Option<(RecordKind, Claim)>,
    pub(super) is_late: bool,
}

pub(super) struct World {
    pub(super) bug: Option<Bug>,
    pub(super) chance: Chance,
    pub(super) at: u64,
    queue: BTreeMap<(u64, u64), Event>,
    events: u64,
    pub(super) model: Model,
    pub(super) regions: Vec<&'static str>,
    pub(super) weather: Weather,
    pub(super) disk: Disk,
    pub(super) processes: BTreeMap<u32, Process>,
    started: u32,
    pub(super) requests: u64,
    /// Whose credentials the profile gives.
    pub(super) profile: &'static str,
    /// Plans that somebody may have: from a file, or from what the journal says of them.
    pub(super) plans: Vec<Arc<Plan>>,
    pub(super) oracle: Oracle,
    former: BTreeMap<(u32, String), Message>,
    pub(super) is_quiet: bool,
    length: u64,
    pub(super) trace: Vec<String>,
}

impl World {
    pub(super) fn new(seed: u64, bug: Option<Bug>) -> Self {
        let mut chance = Chance::new(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5eed);
        let setting = setting(&mut chance);
        let length = chance.between(20_000, 120_000);
        let fleet = Fleet::parse(&setting.text).unwrap_or_else(|error| panic!("{error}\n{}", setting.text));
        let mut model = Model::new(&fleet, START);
        // The document of all keys is written only after something has changed.
        model.advance(0);
        let weather = Weather::new(chance.fork(), &setting.regions, length);
        let disk = Disk::default();
        match bug {
            Some(Bug::LocksNobodyOut) => disk.break_locks(),
            Some(Bug::SyncsNothing) => disk.break_sync(),
            Some(_) | None => {}
        }
        let mut world = Self {
            bug,
            chance,
            at: 0,
            queue: BTreeMap::new(),
            events: 0,
            oracle: Oracle::new(&mut model, setting.lag),
            model,
            regions: setting.regions,
            weather,
            disk,
            processes: BTreeMap::new(),
            started: 0,
            requests: 0,
            profile: MARIA,
            plans: Vec::new(),
            former: BTreeMap::new(),
            is_quiet: false,
            length,
            trace: vec![setting.text],
        };
        world.foresee();
        world
    }

    /// What happens whatever anybody does.
    fn foresee(&mut self) {
        self.after(0, Event::Start);
        if self.chance.percent(60) {
            let at = self.chance.between(0, self.length);
            self.after(at, Event::Start);
        }
        for _ in 0..self.chance.between(0, 3) {
            let at = self.chance.between(3_000, self.length);
            self.after(at, Event::Kill);
        }
        if self.chance.percent(70) {
            self.after(1_000, Event::Interfere);
        }
    }

    /// Plays the schedule, then lets everything come to an end in quiet, and judges.
    pub(super) fn play(&mut self) {
        self.run_until(self.length);
        self.calm();
        self.run_until(self.length + QUIET);
        if self.oracle.violations.is_empty() {
            self.oracle.judge(self.at, &self.processes, &self.disk);
        }
    }

    fn run_until(&mut self, end: u64) {
        let mut count = 0;
        while self.oracle.violations.is_empty() {
            let Some(next) = self.queue.first_entry().filter(|next| next.key().0 <= end) else { break };
            let ((at, _), event) = next.remove_entry();
            self.at = at;
            self.happen(event);
            count += 1;
            if count > MOST_EVENTS {
                self.oracle.violations.push("I10: it goes round for ever".to_owned());
            }
        }
        self.at = end;
    }

    /// No more troubles and nobody else: one last keyfleet looks at what is left.
    fn calm(&mut self) {
        self.note("quiet");
        self.is_quiet = true;
        self.weather.clear();
        self.disk.heal();
        self.profile = MARIA;
        self.processes.clear();
        self.queue.retain(|_, event| matches!(event, Event::Arrive(..)));
        self.after(0, Event::Start);
    }

    pub(super) fn note(&mut self, text: impl AsRef<str>) {
        self.trace.push(format!("{:>7} {}", self.at, text.as_ref()));
    }

    pub(super) fn after(&mut self, delay: u64, event: Event) {
        self.events += 1;
        self.queue.insert((self.at + delay, self.events), event);
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Arrive(departed, back, is_heard) => self.arrive(*departed, back, is_heard),
            Event::Tell(process, message) => self.tell(process, *message),
            Event::Hear(departed, seen) => self.hear(&departed, &seen),
            Event::Wake(process, at) => self.wake(process, at),
            Event::Append(process, line) => self.append(process, *line),
            Event::Operate(process) => self.operate(process),
            Event::Apply(process, plan) => self.apply(process, plan),
            Event::Leave(process) => self.leave_when_done(process),
            Event::Interfere => self.interfere(),
            Event::Start => self.start(),
            Event::Kill => self.kill_any(),
            Event::Profile(credential) => {
                self.note(format!("the profile gives {credential}"));
                self.profile = credential;
            }
        }
    }

    fn start(&mut self) {
        if self.processes.len() >= 2 {
            return;
        }
        self.started += 1;
        let number = self.started;
        let read_only = !self.is_quiet && self.chance.percent(15);
        let mut settings = settings(&self.regions, read_only, self.chance.between(0, u64::MAX));
        if self.bug == Some(Bug::WritesThoughReadOnly) {
            settings.read_only = false;
        }
        let mut process = Process::new((number, self.at), settings, &self.disk);
        process.read_only = read_only;
        if !self.is_quiet && self.chance.percent(15) {
            let (after, count) = (self.chance.between(0, 12), *self.chance.pick(&[1, 1, 2, 1_000]));
            self.disk.fail(number, after, count);
        }
        self.note(format!("p{number} starts{}", if read_only { ", read-only" } else { "" }));
        let effects = process.engine.start(process.now(self.at));
        self.processes.insert(number, process);
        self.perform(number, effects);
        if !self.is_quiet {
            let first = self.chance.between(500, 3_000);
            self.after(first, Event::Operate(number));
        }
    }

    fn kill_any(&mut self) {
        let numbers: Vec<u32> = self.processes.keys().copied().collect();
        if numbers.is_empty() {
            return;
        }
        let number = *self.chance.pick(&numbers);
        self.kill(number);
    }

    /// A process dies, or the power goes for all of them. What is on the wire goes on.
    pub(super) fn kill(&mut self, number: u32) {
        if self.chance.percent(40) {
            self.note("the power goes");
            self.processes.clear();
            let mut chance = self.chance.fork();
            self.disk.lose_power(|most| usize::try_from(chance.between(0, most as u64 + 1)).unwrap());
        } else {
            self.note(format!("p{number} is killed"));
            self.processes.remove(&number);
        }
        let pause = self.chance.between(10, 5_000);
        self.after(pause, Event::Start);
    }

    /// A process ends by itself.
    pub(super) fn quit(&mut self, number: u32) {
        self.note(format!("p{number} quits"));
        self.processes.remove(&number);
        let pause = self.chance.between(10, 5_000);
        self.after(pause, Event::Start);
    }

    fn wake(&mut self, number: u32, at: u64) {
        let Some(process) = self.processes.get_mut(&number).filter(|process| process.wake_at == Some(at)) else {
            return;
        };
        process.wake_at = None;
        self.tell(number, Message::Woke);
    }

    /// Hands a message to a process that still lives.
    pub(super) fn tell(&mut self, number: u32, message: Message) {
        let Some(process) = self.processes.get_mut(&number) else { return };
        if let Message::Identified { change, result: Ok(identity), .. } = &message
            && let Some(frozen) = process.frozen.get_mut(change)
        {
            frozen.account.get_or_insert(identity.account);
        }
        let effects = process.engine.handle(process.now(self.at), message);
        self.look(number);
        self.perform(number, effects);
        self.look_for_open(number);
    }

    /// Lets the oracle see what a process claims now.
    pub(super) fn look(&mut self, number: u32) {
        if let Some(process) = self.processes.get_mut(&number) {
            let claimed = self.oracle.look(self.at, process);
            for line in claimed {
                self.note(line);
            }
        }
    }

    fn arrive(&mut self, departed: Departed, back: u64, is_heard: bool) {
        let request = Request {
            region: departed.region.as_str(),
            identity: Some(departed.credential),
            proof: None,
            operation: departed.operation,
            body: &departed.body,
            connection: departed.number,
        };
        let replies = self.model.call(self.at, &request);
        if departed.number > 0 {
            self.oracle.truth.read_log(&mut self.model, self.at, departed.number);
            self.oracle.truth.learn(&mut self.model, self.at);
            let applied = self.oracle.truth.is_applied(departed.number);
            self.note(format!("#{} arrives: {}", departed.number, if applied { "applied" } else { "refused" }));
        }
        let Some(Reply::Answer(answer)) = replies.into_iter().next().map(|reply| reply.value) else { return };
        if is_heard {
            self.after(back, Event::Hear(Box::new(departed), Box::new(Seen::Answer(answer))));
        }
    }

    fn hear(&mut self, departed: &Departed, seen: &Seen) {
        let message = departed.told(seen, (self.at, wall(self.at)));
        self.oracle.heard(departed, &message);
        match (&departed.purpose, seen) {
            (Purpose::Change { .. }, _) => {
                let seen = match seen {
                    Seen::Answer(answer) => {
                        format!("{:?}", answer.result.as_ref().map(|_| "ok").map_err(|no| &no.code))
                    }
                    Seen::Trouble(trouble) => format!("{trouble:?}"),
                };
                self.note(format!("p{} hears of #{}: {seen}", departed.process, departed.number));
            }
            (_, Seen::Trouble(trouble)) => {
                let line = format!("p{} {} in {}: {trouble:?}", departed.process, departed.operation, departed.region);
                self.note(line);
            }
            (Purpose::Read { .. } | Purpose::Identify { .. }, Seen::Answer(_)) => {}
        }
        let former = self.former_answer(departed, &message);
        self.tell(departed.process, distorted(self.bug, departed, message, former));
    }

    /// For the mistake that confuses answers: the first that was ever heard to the same question.
    fn former_answer(&mut self, departed: &Departed, message: &Message) -> Option<Message> {
        if self.bug != Some(Bug::OlderAnswerWins) {
            return None;
        }
        let question = (departed.process, format!("{} {:?}", departed.region, departed.body));
        Some(self.former.entry(question).or_insert_with(|| message.clone()).clone())
    }

    /// A line reaches the disk, or does not; sometimes that is the moment of the end.
    fn append(&mut self, number: u32, line: Line) {
        let cut = (!self.is_quiet && self.chance.percent(3)).then(|| self.chance.between(0, 4));
        if let Some(after) = cut {
            self.disk.fail(number, after, u64::MAX);
        }
        let Some(process) = self.processes.get_mut(&number) else { return };
        let (kind, result) = match line.outcome {
            None if self.bug == Some(Bug::ForgetsIntent) => {
                let receipt = crate::state::journal::Receipt::for_test(Arc::clone(&line.intent));
                process.receipts.insert(line.change, receipt);
                (RecordKind::Intent, Ok(()))
            }
            None => {
                let receipt = process.books.append_intent(&line.intent, wall(self.at));
                let kept = receipt.map(|receipt| process.receipts.insert(line.change, receipt)).map(|_| ());
                if line.is_late {
                    process.receipts.remove(&line.change);
                }
                (RecordKind::Intent, kept)
            }
            Some((kind, claim)) => (kind, process.books.append_outcome(&line.intent, kind, &claim, wall(self.at))),
        };
        let plan = process.engine.change(line.change).and_then(|change| change.plan.clone());
        let is_new = |plan: &Arc<Plan>| !self.plans.iter().any(|known| known.id == plan.id);
        let plan = plan.filter(|plan| result.is_ok() && is_new(plan));
        self.plans.extend(plan);
        let shown = result.as_ref().map_err(|error| match error {
            RecordError::Locked(why) | RecordError::Journal(why) => why.clone(),
        });
        self.trace.push(format!("{:>7} p{number} records {} of {}: {shown:?}", self.at, kind.name(), line.intent.id));
        if cut.is_some() {
            self.kill(number);
        } else if !line.is_late {
            let delay = self.chance.between(0, 20);
            self.after(delay, Event::Tell(number, Box::new(Message::Recorded { change: line.change, kind, result })));
        }
    }

    pub(super) fn region(&mut self) -> Region {
        let name = *self.chance.pick(&self.regions);
        Region::parse(name).unwrap()
    }
}
