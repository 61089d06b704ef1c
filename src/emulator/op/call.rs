//! One request on its way through an operation.

use std::fmt;

use serde::{Deserialize, Serialize, Serializer};

use super::{Operation, Success};
use crate::emulator::fleet::Propagation;
use crate::emulator::identity::{Caller, Identities};
use crate::emulator::key::{KeyId, KeySet, KeyState, Member};
use crate::emulator::marker;
use crate::emulator::random::Random;
use crate::emulator::refusal::Refusal;
use crate::emulator::region::{self, RegionId, Regions};
use crate::emulator::store::{Account, Place};
use crate::emulator::table::{self, Verdict};

/// What the fleet file sets for the whole model.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) seed: u64,
    pub(crate) latency_ms: u64,
    pub(crate) creating_ms: u64,
    pub(crate) updating_ms: u64,
    pub(crate) propagation: Propagation,
}

/// Who asks for what, where and when, and the world in which it is answered.
pub(crate) struct Call<'a> {
    pub(crate) operation: Operation,
    pub(crate) region: RegionId,
    /// Milliseconds of Unix time.
    pub(crate) now: u64,
    /// The moment whose state is shown: now, or for a read that lags a moment before.
    pub(crate) seen: u64,
    pub(crate) caller: &'a Caller,
    pub(crate) identities: &'a mut Identities,
    pub(crate) account: &'a mut Account,
    pub(crate) regions: &'a mut Regions,
    pub(crate) random: &'a mut Random,
    pub(crate) settings: &'a Settings,
}

/// The ARN of a key or an alias, written without an allocation of its own.
#[derive(Clone, Copy)]
pub(crate) struct Arn<'a, R> {
    partition: &'static str,
    region: &'a str,
    account: &'a str,
    /// `key/` or nothing: an alias carries its own prefix.
    kind: &'static str,
    resource: R,
}

impl<R: fmt::Display> fmt::Display for Arn<'_, R> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { partition, region, account, kind, resource } = self;
        write!(formatter, "arn:{partition}:kms:{region}:{account}:{kind}{resource}")
    }
}

impl<R: fmt::Display> Serialize for Arn<'_, R> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// What a request's text names, once an ARN has been taken apart.
enum Named<'t> {
    Key(&'t str),
    Alias(&'t str),
}

impl Call<'_> {
    pub(crate) fn arn(&self, key: KeyId) -> Arn<'_, KeyId> {
        self.arn_in(self.region, key)
    }

    pub(crate) fn arn_in(&self, region: RegionId, key: KeyId) -> Arn<'_, KeyId> {
        self.arn_of(region, "key/", key)
    }

    pub(crate) fn alias_arn<'n>(&'n self, name: &'n str) -> Arn<'n, &'n str> {
        self.arn_of(self.region, "", name)
    }

    fn arn_of<R>(&self, region: RegionId, kind: &'static str, resource: R) -> Arn<'_, R> {
        let name = self.regions.name(region);
        let partition = region::partition(name).unwrap_or("aws");
        Arn { partition, region: name, account: &self.account.id, kind, resource }
    }

    pub(crate) fn partition(&self) -> &'static str {
        region::partition(self.regions.name(self.region)).unwrap_or("aws")
    }

    /// The place that is asked; an account without keys in a Region still has one.
    pub(crate) fn place(&mut self) -> &mut Place {
        self.account.places.entry(self.region).or_default()
    }

    /// Finds the key that a request names, and asks the table whether its state admits the operation.
    pub(crate) fn key(&self, text: Option<&str>) -> Result<KeyId, Refusal> {
        let key = self.locate("keyId", text)?;
        self.admit(self.region, key)?;
        self.refuse_managed(key)?;
        Ok(key)
    }

    /// Like [`Self::key`], for a request that names its key in another field.
    pub(crate) fn target_key(&self, text: Option<&str>) -> Result<KeyId, Refusal> {
        let key = self.locate("targetKeyId", text)?;
        self.admit(self.region, key)?;
        self.refuse_managed(key)?;
        Ok(key)
    }

    /// Asks the table about a member; the key has to be there.
    pub(crate) fn admit(&self, region: RegionId, key: KeyId) -> Result<(), Refusal> {
        let state = self.state(region, key)?;
        match table::verdict(self.operation, state) {
            Verdict::Allowed => Ok(()),
            Verdict::Disabled => Err(Refusal::disabled(self.arn_in(region, key))),
            // What is wrong with rescuing a key that is not dying is not the state that it is in.
            Verdict::InvalidState if self.operation == Operation::CancelKeyDeletion => {
                let arn = self.arn_in(region, key);
                Err(Refusal::new("KMSInvalidStateException", format!("{arn} is not pending deletion.")))
            }
            Verdict::InvalidState => Err(Refusal::invalid_state(self.arn_in(region, key), state)),
        }
    }

    pub(crate) fn state(&self, region: RegionId, key: KeyId) -> Result<KeyState, Refusal> {
        let (set, member) = self.find(region, key)?;
        Ok(set.state(region, member))
    }

    /// A key's shared and own parts in a Region.
    pub(crate) fn find(&self, region: RegionId, key: KeyId) -> Result<(&KeySet, &Member), Refusal> {
        let member = self.account.member_at(region, key, self.seen);
        let set = self.account.set_at(key, self.seen);
        set.zip(member).ok_or_else(|| Refusal::not_found(self.arn_in(region, key)))
    }

    /// A key's own part in the Region that is asked, to change it.
    pub(crate) fn own(&mut self, key: KeyId) -> Result<&mut Member, Refusal> {
        let missing = Refusal::not_found(self.arn(key));
        self.account.remember(key, self.now);
        self.account.member_mut(self.region, key).ok_or(missing)
    }

    /// Puts a key's next change by itself on the timeline; to be called after every change of its life.
    pub(crate) fn reschedule(&mut self, key: KeyId) {
        if let Some(at) = self.account.settle(key, self.now) {
            self.account.timeline.add(at, key);
        }
    }

    pub(crate) fn caller_arn(&self) -> String {
        let of_account = || format!("arn:{}:iam::{}:user/emulator", self.partition(), self.account.id);
        self.caller.arn.as_ref().map_or_else(of_account, ToString::to_string)
    }

    /// Says no as a key policy does.
    fn deny(&self, key: KeyId) -> Refusal {
        let (caller, operation, arn) = (self.caller_arn(), self.operation.name(), self.arn(key));
        let message = format!(
            "User: {caller} is not authorized to perform: kms:{operation} on resource: {arn} \
             because no resource-based policy allows the kms:{operation} action"
        );
        Refusal::new("AccessDeniedException", message)
    }

    /// The policy of an AWS managed key lets nobody of the account change it.
    fn refuse_managed(&self, key: KeyId) -> Result<(), Refusal> {
        let managed = self.account.set_at(key, self.seen).is_some_and(|set| set.aws_managed);
        if managed && !self.operation.reads() { Err(self.deny(key)) } else { Ok(()) }
    }

    fn locate(&self, field: &'static str, text: Option<&str>) -> Result<KeyId, Refusal> {
        let text = text.ok_or_else(|| Refusal::missing(field))?;
        if text.is_empty() || text.len() > 2048 {
            let rule = "Member must have length between 1 and 2048, inclusive";
            return Err(Refusal::validation(field, text, rule));
        }
        match self.take_apart(text)? {
            Named::Key(id) => {
                let key = KeyId::parse(id)
                    .ok_or_else(|| Refusal::new("NotFoundException", format!("Invalid keyId '{id}'")))?;
                let member = self.account.member_at(self.region, key, self.seen);
                member.map(|_| key).ok_or_else(|| Refusal::not_found(self.arn(key)))
            }
            Named::Alias(name) if self.operation.takes_alias() => self.behind_alias(name),
            Named::Alias(name) => Err(Refusal::new("NotFoundException", format!("Invalid keyId '{name}'"))),
        }
    }

    fn behind_alias(&self, name: &str) -> Result<KeyId, Refusal> {
        let alias = self.account.alias_at(self.region, name, self.seen);
        let missing = || Refusal::new("NotFoundException", format!("Alias {} is not found.", self.alias_arn(name)));
        alias.and_then(|alias| alias.target).ok_or_else(missing)
    }

    fn take_apart<'t>(&self, text: &'t str) -> Result<Named<'t>, Refusal> {
        if !text.starts_with("arn:") {
            return Ok(if text.starts_with("alias/") { Named::Alias(text) } else { Named::Key(text) });
        }
        let invalid = || Refusal::new("InvalidArnException", format!("Invalid arn {text}"));
        let mut parts = text.splitn(6, ':').skip(1);
        let (Some(partition), Some("kms"), Some(region)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(invalid());
        };
        let (Some(account), Some(resource)) = (parts.next(), parts.next()) else { return Err(invalid()) };
        let named = match resource.strip_prefix("key/") {
            Some(id) => Named::Key(id),
            None if resource.starts_with("alias/") => Named::Alias(resource),
            None => return Err(invalid()),
        };
        let here = (self.partition(), self.regions.name(self.region), &*self.account.id);
        if (partition, region, account) == here { Ok(named) } else { Err(Refusal::not_found(text)) }
    }
}

/// Reads a request's JSON; members that no operation knows are ignored, as the real service does.
pub(crate) fn parse<'b, T: Deserialize<'b>>(body: &'b [u8]) -> Result<T, Refusal> {
    let body = if body.is_empty() { b"{}" } else { body };
    serde_json::from_slice(body)
        .map_err(|_| Refusal::new("SerializationException", "The request body could not be read."))
}

/// Writes an answer's JSON.
pub(crate) fn answer(value: &impl Serialize) -> Result<Success, Refusal> {
    let written = serde_json::to_vec(value);
    written.map(Success::Json).map_err(|_| {
        let mut refusal = Refusal::new("KMSInternalException", "The answer could not be written.");
        refusal.status = 500;
        refusal
    })
}

/// The size of a page.
pub(crate) fn limit(asked: Option<i64>, default: usize, most: usize) -> Result<usize, Refusal> {
    let Some(asked) = asked else { return Ok(default) };
    match usize::try_from(asked) {
        Ok(size) if size > most => {
            let rule = format!("Member must have value less than or equal to {most}");
            Err(Refusal::validation("limit", asked, &rule))
        }
        Ok(size) if size >= 1 => Ok(size),
        Ok(_) | Err(_) => Err(Refusal::validation("limit", asked, "Member must have value greater than or equal to 1")),
    }
}

/// What a marker of this operation stands for.
pub(crate) fn after(operation: Operation, marker: Option<&str>) -> Result<Option<Vec<u8>>, Refusal> {
    let Some(text) = marker else { return Ok(None) };
    let invalid = || Refusal::new("InvalidMarkerException", "Could not deserialize marker.");
    marker::decode(operation.name(), text).map(Some).ok_or_else(invalid)
}

/// Milliseconds of Unix time as the seconds of the wire.
pub(crate) fn seconds(millis: u64) -> f64 {
    let whole = u32::try_from(millis / 1000).unwrap_or(u32::MAX);
    let rest = u32::try_from(millis % 1000).unwrap_or(0);
    f64::from(whole) + f64::from(rest) / 1000.0
}
