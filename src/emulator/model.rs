//! The embedded KMS as a synchronous value: no socket, no thread, no clock. Time is a parameter, and what happens late
//! or never is said in the replies.
//!
//! It decides nothing about keys itself: operations do, after asking the table.

mod build;
mod generate;

use std::borrow::Cow;
use std::sync::Arc;

use serde::Deserialize;

use super::fault::{Asked, Decision, Effect, FaultText, Faults};
use super::fleet::Fleet;
use super::key::{KeyId, write_uuid};
use super::log::{Called, Entry, Log};
use super::op::{self, Call, Operation, Settings, Success};
use super::random::Random;
use super::refusal::Refusal;
use super::region::{RegionId, Regions};
use super::store::Account;

/// A request, taken out of its wire.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The Region of the credential scope.
    pub region: &'a str,
    /// The access key of the credential scope; None if the request was not signed.
    pub identity: Option<&'a str>,
    /// The operation's name.
    pub operation: &'a str,
    /// The JSON document of a KMS request; of an STS request nothing is needed.
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
}

/// An account's keys in all Regions, with the faults and the log.
#[derive(Debug)]
pub struct Model {
    settings: Settings,
    /// Milliseconds of Unix time at the start, and how far the clock was moved since.
    started: u64,
    advanced: u64,
    regions: Regions,
    accounts: Vec<Account>,
    random: Random,
    faults: Faults,
    log: Log,
}

/// The field that most requests name their key in; enough of a request for faults and the log.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Subject {
    key_id: Option<String>,
    target_key_id: Option<String>,
}

impl Model {
    /// The model of a fleet that starts at a moment of Unix time, in milliseconds; a fleet with a clock of its own
    /// starts at that.
    pub fn new(fleet: &Fleet, start: u64) -> Self {
        build::model(fleet, start)
    }

    /// Answers one request that arrives so many milliseconds after the start.
    pub fn call(&mut self, at: u64, request: &Request<'_>) -> Vec<Timed<Reply>> {
        let now = self.started.saturating_add(self.advanced).saturating_add(at);
        for account in &mut self.accounts {
            account.settle_all(now);
        }
        let region = self.regions.intern(request.region);
        let (key, named) = self.subject(region, request);
        let arrival = Arrival { request, now, region, called: Called::new(request.operation), key };
        let decision = self.decide(&arrival, named.as_deref());
        let result = self.carry_out(&arrival, &decision);
        self.note(at, arrival, &decision, result.as_ref());
        self.replies(at, &decision, result)
    }

    /// Moves the clock forward.
    pub fn advance(&mut self, by_ms: u64) {
        self.advanced = self.advanced.saturating_add(by_ms);
    }

    /// Adds a fault given as JSON; the error is for the one who sent it.
    ///
    /// # Errors
    /// If the text is not a fault that this version serves.
    pub fn add_fault(&mut self, json: &[u8]) -> Result<(), String> {
        let text: FaultText = serde_json::from_slice(json).map_err(|error| error.to_string())?;
        text.check()?;
        self.faults.add(text);
        Ok(())
    }

    /// Ends every fault, also those of the fleet file.
    pub fn clear_faults(&mut self) {
        self.faults.clear();
    }

    /// The log from an entry on, one JSON object a line; entries count from 1.
    pub fn log(&self, from: u64) -> Vec<u8> {
        self.log.write(&self.regions, from)
    }

    /// The key that a request is about, and how it names it.
    fn subject(&self, region: Option<RegionId>, request: &Request<'_>) -> (Option<KeyId>, Option<String>) {
        let subject: Subject = serde_json::from_slice(request.body).unwrap_or_default();
        let Some(named) = subject.key_id.or(subject.target_key_id) else { return (None, None) };
        let resource = named.rsplit_once(':').map_or(named.as_str(), |(_, resource)| resource);
        let place = region.and_then(|region| self.accounts.first()?.places.get(&region));
        let key = match place.and_then(|place| place.aliases.get(resource)) {
            Some(alias) => alias.target,
            None => KeyId::parse(resource.strip_prefix("key/").unwrap_or(resource)),
        };
        (key, Some(named))
    }

    fn decide(&mut self, arrival: &Arrival<'_>, named: Option<&str>) -> Decision {
        let account = self.accounts.first().map_or("", |account| &account.id);
        let key = arrival.key.map(|key| key.to_string());
        let keys: Vec<&str> = named.into_iter().chain(key.as_deref()).collect();
        let region = arrival.request.region;
        self.faults.decide(&Asked { operation: arrival.called.name(), region, account, keys: &keys })
    }

    /// Carries the operation out unless a fault forbids it. None: nothing was done and nobody will hear of it.
    fn carry_out(&mut self, arrival: &Arrival<'_>, decision: &Decision) -> Option<Result<Success, Refusal>> {
        match &decision.effect {
            None | Some(Effect::ApplyClose) => Some(self.perform(arrival)),
            Some(Effect::Hang | Effect::DropClose) => None,
            Some(Effect::Error { status, code, message }) => {
                let message = self.words(arrival, code, message.as_deref());
                Some(Err(Refusal { status: *status, code: Cow::Owned(code.clone()), message }))
            }
        }
    }

    fn perform(&mut self, arrival: &Arrival<'_>) -> Result<Success, Refusal> {
        if arrival.request.identity.is_none() {
            return Err(Refusal::not_authenticated());
        }
        // One account answers to every access key.
        let enabled = arrival.region.zip(self.accounts.first_mut());
        let (region, account) =
            enabled.filter(|(region, account)| account.is_enabled(*region)).ok_or_else(Refusal::not_enabled)?;
        let Called::Known(operation) = arrival.called else { return Err(Refusal::unknown_operation()) };
        let mut call = Call {
            operation,
            region,
            now: arrival.now,
            account,
            regions: &mut self.regions,
            random: &mut self.random,
            settings: &self.settings,
        };
        op::perform(&mut call, arrival.request.body)
    }

    /// The message of a fault's error: the fault's own with its places filled in, or what the service usually says.
    fn words(&mut self, arrival: &Arrival<'_>, code: &str, message: Option<&str>) -> String {
        let text = message.unwrap_or_else(|| usual_words(code));
        let operation = match arrival.called {
            Called::Known(operation) => format!("{}:{}", operation.service(), operation.name()),
            Called::Other(_) => arrival.called.name().to_owned(),
        };
        let (caller, resource) = self.caller_and_resource(arrival);
        text.replace("{operation}", &operation).replace("{caller_arn}", &caller).replace("{resource}", &resource)
    }

    fn caller_and_resource(&mut self, arrival: &Arrival<'_>) -> (String, String) {
        let nobody = || ("unknown".to_owned(), "*".to_owned());
        let Some((region, account)) = arrival.region.zip(self.accounts.first_mut()) else { return nobody() };
        let operation = Operation::GetCallerIdentity;
        let (regions, random, settings) = (&mut self.regions, &mut self.random, &self.settings);
        let call = Call { operation, region, now: arrival.now, account, regions, random, settings };
        let resource = arrival.key.map_or_else(|| "*".to_owned(), |key| call.arn(key).to_string());
        (call.caller_arn(), resource)
    }

    fn replies(&mut self, at: u64, decision: &Decision, result: Option<Result<Success, Refusal>>) -> Vec<Timed<Reply>> {
        let at = at.saturating_add(self.settings.latency_ms).saturating_add(decision.delay_ms);
        let value = match (&decision.effect, result) {
            (Some(Effect::Hang), _) => return Vec::new(),
            (Some(Effect::ApplyClose | Effect::DropClose), _) | (_, None) => Reply::Close,
            (None | Some(Effect::Error { .. }), Some(result)) => {
                let mut request_id = String::with_capacity(36);
                // Writing to a string cannot fail.
                let _ = write_uuid(&mut request_id, self.random.wide());
                Reply::Answer(Answer { request_id, result })
            }
        };
        vec![Timed { at, value }]
    }

    fn note(
        &mut self,
        at_ms: u64,
        arrival: Arrival<'_>,
        decision: &Decision,
        result: Option<&Result<Success, Refusal>>,
    ) {
        let account = self.accounts.first().map_or_else(|| Arc::from(""), |account| Arc::clone(&account.id));
        let refusal = result.and_then(|result| result.as_ref().err());
        let answered = matches!(decision.effect, None | Some(Effect::Error { .. }));
        self.log.add(Entry {
            at_ms,
            account,
            region: arrival.region,
            operation: arrival.called,
            key: arrival.key,
            applied: matches!(result, Some(Ok(_))),
            status: answered.then(|| refusal.map_or(200, |refusal| refusal.status)),
            code: refusal.map(|refusal| refusal.code.clone()),
            connection: arrival.request.connection,
        });
    }
}

/// A request with what is known of it before it is tried.
struct Arrival<'a> {
    request: &'a Request<'a>,
    now: u64,
    region: Option<RegionId>,
    called: Called,
    key: Option<KeyId>,
}

fn usual_words(code: &str) -> &'static str {
    match code {
        "AccessDeniedException" => {
            "User: {caller_arn} is not authorized to perform: {operation} on resource: {resource} \
             because no identity-based policy allows the {operation} action"
        }
        "ThrottlingException" => {
            "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls."
        }
        "UnrecognizedClientException" => "The security token included in the request is invalid.",
        "ExpiredTokenException" => "The security token included in the request is expired",
        _ => "A fault was asked for.",
    }
}

#[cfg(test)]
mod tests;
