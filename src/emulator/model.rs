//! The embedded KMS as a synchronous value: no socket, no thread, no clock. Time is a parameter, and what happens late
//! or never is said in the replies.
//!
//! It decides nothing about keys itself: operations do, after asking the table. `arrival` finds out what a request is
//! about, `admission` who may come, and the faults what becomes of both.

mod admission;
mod arrival;
mod build;
mod control;
mod generate;
mod later;
mod saved;

use std::borrow::Cow;

use super::damage::{self, Damage, Edit};
use super::fault::{Asked, Decision, Effect, Faults};
use super::fleet::Fleet;
use super::identity::Identities;
use super::key::write_uuid;
use super::log::{Called, Entry, Log};
use super::op::{self, Call, Operation, Settings, Success};
use super::quota::Quotas;
use super::random::Random;
use super::refusal::Refusal;
use super::region::Regions;
use super::signature::Proof;
use super::store::Account;
use arrival::Arrival;
use later::Later;

/// A request, taken out of its wire.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The Region of the credential scope.
    pub region: &'a str,
    /// The access key of the credential scope; None if the request was not signed.
    pub identity: Option<&'a str>,
    /// What is needed to check the signature. None: whoever hands the request in vouches for it.
    pub proof: Option<Proof<'a>>,
    /// The operation's name.
    pub operation: &'a str,
    /// The JSON document of a KMS request, the form of an STS request.
    pub body: &'a [u8],
    /// Which connection it came on, for the log.
    pub connection: u64,
}

/// A value and the moment at which it is to be delivered, in milliseconds since the start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timed<T> {
    /// Milliseconds since the start.
    pub at: u64,
    /// What is delivered.
    pub value: T,
}

/// What a client gets to see of its request. No reply at all means that the connection stays open and silent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// An answer.
    Answer(Answer),
    /// The connection is closed without one.
    Close,
}

/// An answer, not yet written in either wire's form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The request's identifier.
    pub request_id: String,
    /// What was done, or why not.
    pub result: Result<Success, Refusal>,
    /// What happens to it on its way.
    pub damage: Option<Damage>,
}

/// Accounts with their keys in all Regions, the faults and the log.
#[derive(Debug)]
pub struct Model {
    settings: Settings,
    /// Milliseconds of Unix time at the start, and how far the clock was moved since.
    started: u64,
    advanced: u64,
    /// Whether the start is that of the caller's clock, so that signatures can be compared with it.
    real_time: bool,
    /// Whether something was changed since this was last asked.
    changed: bool,
    regions: Regions,
    accounts: Vec<Account>,
    identities: Identities,
    quotas: Quotas,
    /// What keys and sessions are called.
    random: Random,
    /// What requests are called: a stream of its own, so that reading changes nothing.
    request_ids: Random,
    /// How far each read lags.
    lags: Random,
    faults: Faults,
    later: Later,
    log: Log,
}

impl Model {
    /// The model of a fleet that starts at a moment of Unix time, in milliseconds; a fleet with a clock of its own
    /// starts at that.
    pub fn new(fleet: &Fleet, start: u64) -> Self {
        build::model(fleet, start)
    }

    /// Answers one request that arrives so many milliseconds after the start.
    pub fn call(&mut self, at: u64, request: &Request<'_>) -> Vec<Timed<Reply>> {
        self.catch_up(at);
        let arrival = self.arrive(self.elapsed(at), request);
        let decision = self.decide(&arrival);
        let result = self.carry_out(&arrival, &decision);
        let number = self.note(at, &arrival, &decision, result.as_ref());
        if let Some(Effect::ApplyLater { ms }) = &decision.effect {
            self.later.add(arrival.elapsed.saturating_add(*ms), number, request);
        }
        self.replies(at, &decision, result)
    }

    /// Whether a connection that comes so many milliseconds after the start is to be closed unread.
    pub fn closes_connection(&mut self, at: u64) -> bool {
        self.faults.close(self.elapsed(at))
    }

    /// Milliseconds since the start on the clock that can be moved.
    fn elapsed(&self, at: u64) -> u64 {
        self.advanced.saturating_add(at)
    }

    /// Lets everything happen that is due: what keys do by themselves, and requests that are carried out late.
    fn catch_up(&mut self, at: u64) {
        let elapsed = self.elapsed(at);
        while let Some(stored) = self.later.take_due(elapsed) {
            self.settle(stored.due);
            let request = stored.request();
            let arrival = self.arrive(stored.due, &request);
            let applied = self.perform(&arrival).is_ok();
            self.log.carried_out_late(stored.entry, applied);
        }
        self.settle(elapsed);
    }

    fn settle(&mut self, elapsed: u64) {
        let now = self.started.saturating_add(elapsed);
        for account in &mut self.accounts {
            account.settle_all(now);
            account.past.forget(now);
        }
    }

    fn decide(&mut self, arrival: &Arrival<'_>) -> Decision {
        if self.faults.are_none() {
            return Decision::default();
        }
        let account = arrival.account().and_then(|account| self.accounts.get(account));
        let account = account.map_or("", |account| &account.id);
        let key = arrival.key.map(|key| key.to_string());
        let keys: Vec<&str> = arrival.named().into_iter().chain(key.as_deref()).collect();
        let (operation, region) = (arrival.called.name(), arrival.request.region);
        self.faults.decide(&Asked { operation, region, account, keys: &keys, elapsed: arrival.elapsed })
    }

    /// Carries the operation out unless a fault forbids it. None: nobody will hear of it, or nothing was done.
    fn carry_out(&mut self, arrival: &Arrival<'_>, decision: &Decision) -> Option<Result<Success, Refusal>> {
        match &decision.effect {
            None | Some(Effect::ApplyClose) => Some(self.attempt(arrival)),
            Some(Effect::Hang | Effect::DropClose | Effect::ApplyLater { .. }) => None,
            Some(Effect::Error { status, code, message }) => {
                let message = self.words(arrival, code, message.as_deref());
                Some(Err(Refusal { status: *status, code: Cow::Owned(code.clone()), message }))
            }
            Some(Effect::Damage(Damage::Html)) => Some(Err(Refusal::new("Portal", ""))),
            Some(Effect::Damage(Damage::Trickle { .. } | Damage::Truncate | Damage::Garbage | Damage::Huge)) => {
                Some(self.attempt(arrival))
            }
            Some(Effect::Edit(edit)) => Some(self.attempt_and_edit(arrival, *edit)),
        }
    }

    fn attempt_and_edit(&mut self, arrival: &Arrival<'_>, edit: Edit) -> Result<Success, Refusal> {
        let done = self.attempt(arrival);
        let (name, body) = (arrival.called.name(), arrival.request.body);
        done.map(|success| damage::edit(edit, name, body, success))
            .map_err(|refusal| damage::edit_refusal(edit, refusal))
    }

    /// What the service does with a request: asks who it is, whether it is too much, whether it is allowed, and only
    /// then does it.
    fn attempt(&mut self, arrival: &Arrival<'_>) -> Result<Success, Refusal> {
        self.authenticate(arrival)?;
        self.meter(arrival)?;
        self.perform(arrival)
    }

    fn perform(&mut self, arrival: &Arrival<'_>) -> Result<Success, Refusal> {
        let Called::Known(operation) = arrival.called else { return Err(Refusal::unknown_operation()) };
        self.permit(arrival, operation)?;
        let seen = self.seen(arrival, operation);
        let (Some(region), Some(caller)) = (arrival.region, arrival.caller.as_deref()) else {
            return Err(Refusal::not_enabled());
        };
        let Some(account) = self.accounts.get_mut(caller.account) else { return Err(Refusal::not_enabled()) };
        let mut call = Call {
            operation,
            region,
            now: arrival.now,
            seen,
            caller,
            identities: &mut self.identities,
            account,
            regions: &mut self.regions,
            random: &mut self.random,
            settings: &self.settings,
        };
        let result = op::perform(&mut call, arrival.request.body);
        self.changed |= result.is_ok() && !operation.reads();
        result
    }

    /// The moment that a read sees: now, or up to the Region's propagation delay before.
    fn seen(&mut self, arrival: &Arrival<'_>, operation: Operation) -> u64 {
        let most = self.settings.propagation.of(arrival.request.region);
        if most == 0 || !operation.reads() {
            return arrival.now;
        }
        arrival.now.saturating_sub(self.lags.next() % (most + 1))
    }

    fn replies(&mut self, at: u64, decision: &Decision, result: Option<Result<Success, Refusal>>) -> Vec<Timed<Reply>> {
        let at = at.saturating_add(self.settings.latency_ms).saturating_add(decision.delay_ms);
        let value = match (&decision.effect, result) {
            (Some(Effect::Hang), _) => return Vec::new(),
            (Some(Effect::ApplyClose | Effect::DropClose | Effect::ApplyLater { .. }), _) | (_, None) => Reply::Close,
            (None | Some(Effect::Error { .. } | Effect::Edit(_)), Some(result)) => self.answer(result, None),
            (Some(Effect::Damage(damage)), Some(result)) => self.answer(result, Some(*damage)),
        };
        vec![Timed { at, value }]
    }

    fn answer(&mut self, result: Result<Success, Refusal>, damage: Option<Damage>) -> Reply {
        let mut request_id = String::with_capacity(36);
        // Writing to a string cannot fail.
        let _ = write_uuid(&mut request_id, self.request_ids.wide());
        Reply::Answer(Answer { request_id, result, damage })
    }

    /// Writes a request into the log and says its number.
    fn note(
        &mut self,
        at_ms: u64,
        arrival: &Arrival<'_>,
        decision: &Decision,
        result: Option<&Result<Success, Refusal>>,
    ) -> u64 {
        let refusal = result.and_then(|result| result.as_ref().err());
        let instead = matches!(decision.effect, Some(Effect::Damage(_)));
        let answered = matches!(decision.effect, None | Some(Effect::Error { .. } | Effect::Edit(_)));
        let status = answered.then(|| refusal.map_or(200, |refusal| refusal.status));
        self.log.add(Entry {
            at_ms,
            account: arrival.account(),
            region: arrival.region,
            operation: arrival.called.clone(),
            key: arrival.key,
            applied: matches!(result, Some(Ok(_))),
            status: if instead { Some(200) } else { status },
            code: refusal.filter(|_| !instead).map(|refusal| refusal.code.clone()),
            connection: arrival.request.connection,
        })
    }
}

#[cfg(test)]
mod tests;
