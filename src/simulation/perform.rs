//! What the effects of a process come to: messages, later.

use std::sync::Arc;
use std::time::Duration;

use super::bug::Bug;
use super::edge::{self, Departed, Purpose, Seen, Trouble};
use super::fleet::{JOHN, MARIA, STRANGER};
use super::process::{Frozen, LOGIN};
use super::world::{Event, Line, World};
use crate::domain::id::Region;
use crate::domain::plan::{Intent, RecordKind, Reply};
use crate::domain::reading::{Reason, ReasonKind};
use crate::domain::text::Safe;
use crate::engine::effect::{ChangeId, Effect};
use crate::engine::message::{Connection, Message, RecordError};
use crate::state::journal::Receipt;

impl World {
    pub(super) fn perform(&mut self, number: u32, effects: Vec<Effect>) {
        for effect in effects {
            if !self.processes.contains_key(&number) {
                return;
            }
            self.perform_one(number, effect);
        }
    }

    fn perform_one(&mut self, number: u32, effect: Effect) {
        match effect {
            Effect::Connect { login } => {
                let region = Some(Region::parse("us-east-1").unwrap());
                let result = Ok(Connection { region, endpoint: None });
                self.answer(number, Message::Connected { login, result });
            }
            Effect::Read { asked, place, request } => {
                self.oracle.asks(self.at, (number, asked));
                let (operation, body) = edge::read(&request);
                let region = place.region.clone();
                let purpose = Purpose::Read { asked, place, request };
                self.depart(number, (region, operation, body), (MARIA, purpose));
            }
            Effect::WakeAt(at) => self.wake_at(number, at),
            Effect::Freeze { change, login: _ } => self.freeze(number, change),
            Effect::Identify { change, region } => {
                let process = &self.processes[&number];
                let credential = process.frozen.get(&change).map_or(MARIA, |frozen| frozen.credential);
                let sent = (region, "GetCallerIdentity", edge::identify());
                self.depart(number, sent, (credential, Purpose::Identify { change }));
            }
            Effect::RecordIntent { change, intent } => self.record_intent(number, change, intent),
            Effect::RecordOutcome { change, intent, kind, claim } => {
                let line = Line { change, intent, outcome: Some((kind, claim)), is_late: false };
                let delay = self.chance.between(0, 20);
                self.after(delay, Event::Append(number, Box::new(line)));
            }
            Effect::Send { change } => self.send(number, change),
            Effect::Release { change } => {
                let process = self.processes.get_mut(&number).unwrap();
                process.frozen.remove(&change);
                process.receipts.remove(&change);
            }
        }
        if !self.is_quiet && self.chance.between(0, 4_000) == 0 {
            self.kill(number);
        }
    }

    fn answer(&mut self, number: u32, message: Message) {
        let delay = self.chance.delay();
        self.after(delay, Event::Tell(number, Box::new(message)));
    }

    fn wake_at(&mut self, number: u32, at: Duration) {
        let now = self.at;
        let process = self.processes.get_mut(&number).unwrap();
        let at = process.moment(at).max(now);
        process.wake_at = Some(at);
        self.after(at - now, Event::Wake(number, at));
    }

    /// The credentials are whatever the profile gives at this moment.
    fn freeze(&mut self, number: u32, change: ChangeId) {
        if !self.is_quiet && self.chance.percent(12) {
            self.switch_profile();
        }
        let result = if !self.is_quiet && self.chance.percent(2) {
            Err(Reason::of(ReasonKind::ExpiredCredentials))
        } else {
            let frozen = Frozen { credential: self.profile, account: None };
            self.processes.get_mut(&number).unwrap().frozen.insert(change, frozen);
            Ok(())
        };
        self.answer(number, Message::Frozen { change, result });
    }

    /// Just now somebody signs in as somebody else: before the credentials are taken, or before they are used.
    fn switch_profile(&mut self) {
        let other = *self.chance.pick(&[JOHN, STRANGER]);
        if self.chance.percent(20) {
            self.profile = other;
        }
        let at = self.chance.between(1, 200);
        self.after(at, Event::Profile(other));
        let until = at + self.chance.between(100, 10_000);
        self.after(until, Event::Profile(MARIA));
    }

    /// A disk that takes more than five seconds counts as one that refuses; its line may come all the same.
    fn record_intent(&mut self, number: u32, change: ChangeId, intent: Arc<Intent>) {
        self.oracle.records(self.at, &intent);
        self.note(format!("p{number} wants {} of {} recorded", intent.mutation.change.operation(), intent.id));
        if !self.is_quiet && self.point_of_death(number) {
            return;
        }
        let is_late = !self.is_quiet && self.chance.percent(1);
        if is_late {
            let result = Err(RecordError::Journal(Safe::from_static("the disk did not answer")));
            let message = Message::Recorded { change, kind: RecordKind::Intent, result };
            self.after(5_000, Event::Tell(number, Box::new(message)));
        }
        let delay = if is_late { 6_000 } else { self.chance.between(0, 20) };
        self.after(delay, Event::Append(number, Box::new(Line { change, intent, outcome: None, is_late })));
    }

    /// Between a confirmation and its outcome there are moments that matter more than others.
    fn point_of_death(&mut self, number: u32) -> bool {
        let dies = !self.is_quiet && self.chance.percent(2);
        if dies {
            self.kill(number);
        }
        dies
    }

    /// Spends the receipt: one request, with the credentials that were held.
    fn send(&mut self, number: u32, change: ChangeId) {
        if self.point_of_death(number) {
            return;
        }
        let profile = self.profile;
        let thaws = self.bug == Some(Bug::ThawsCredentials);
        let ignores_read_only = self.bug == Some(Bug::WritesThoughReadOnly);
        let process = self.processes.get_mut(&number).unwrap();
        let receipt = process.receipts.remove(&change);
        let frozen = process.frozen.get(&change).copied();
        let is_allowed = !process.read_only || ignores_read_only;
        let ready = receipt
            .zip(frozen)
            .filter(|(receipt, frozen)| is_allowed && frozen.account == Some(receipt.intent().account));
        let Some((receipt, frozen)) = ready else {
            let why = Safe::from_static("no receipt or no credentials");
            return self.answer(number, Message::Replied { change, reply: Reply::NotSent { why } });
        };
        let credential = if thaws { profile } else { frozen.credential };
        self.leave(number, change, (&receipt, credential));
        if self.bug == Some(Bug::SendsTwice) {
            self.leave(number, change, (&receipt, credential));
        }
        self.point_of_death(number);
    }

    pub(super) fn leave(&mut self, number: u32, change: ChangeId, (receipt, credential): (&Receipt, &'static str)) {
        let intent = receipt.intent();
        let (operation, body) = edge::change(&intent.mutation);
        let sent = (intent.mutation.sent_to().clone(), operation, body);
        let purpose = Purpose::Change { change, intent: Arc::clone(&intent.id) };
        self.depart(number, sent, (credential, purpose));
    }

    /// A request goes out, and its fate is drawn.
    fn depart(
        &mut self,
        process: u32,
        (region, operation, body): (Region, &'static str, Vec<u8>),
        (credential, purpose): (&'static str, Purpose),
    ) {
        let is_change = matches!(purpose, Purpose::Change { .. });
        self.requests += u64::from(is_change);
        let number = if is_change { self.requests } else { 0 };
        let departed = Departed { number, process, region, operation, body, credential, purpose, at: self.at };
        let fate = self.weather.fate(&departed);
        if let Purpose::Change { change, intent } = &departed.purpose {
            let text = format!(
                "p{process} {change:?} sends #{number} {operation} to {} as {credential} for {intent}: {fate:?}",
                departed.region
            );
            self.note(text);
            // What never had a connection has not left.
            if fate.instead.is_none_or(|(_, trouble)| trouble != Trouble::Refused) {
                self.oracle.departs(&departed, self.processes.get(&process), &self.disk);
            }
        }
        if let Some((at, trouble)) = fate.instead {
            self.after(at, Event::Hear(Box::new(departed.clone()), Box::new(Seen::Trouble(trouble))));
        }
        if let Some(arrives) = fate.arrives {
            let is_heard = fate.instead.is_none();
            self.after(arrives, Event::Arrive(Box::new(departed), fate.back, is_heard));
        }
    }

    /// At the start, once it is known whose account it is: what a former run left open is taken over.
    pub(super) fn look_for_open(&mut self, number: u32) {
        let Some(process) = self.processes.get_mut(&number) else { return };
        if process.has_looked || process.read_only || !process.is_identified() {
            return;
        }
        process.has_looked = true;
        let open = if self.bug == Some(Bug::TakesNothingOver) { None } else { process.books.open_intents() };
        for open in open.into_iter().flat_map(|open| open.all) {
            let Some(process) = self.processes.get_mut(&number) else { return };
            let intent = open.intent.as_ref().clone();
            let (change, effects) = process.engine.take_over(process.now(self.at), LOGIN, intent);
            self.note(format!("p{number} takes {} over", open.intent.id));
            self.look(number);
            self.perform(number, effects);
            if self.bug == Some(Bug::SendsOpenAgain) {
                let receipt = Receipt::for_test(open.intent);
                self.leave(number, change, (&receipt, MARIA));
            }
        }
    }
}
