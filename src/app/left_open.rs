//! What a former run left open: looked for once it is known whose account this is, and settled by reading the keys. Nothing of it is ever sent again.

use std::sync::Arc;

use super::Model;
use super::effect::Effect;
use super::lock::WriteLock;
use super::text::Tone;
use crate::domain::id::{AccountId, Login, Partition};
use crate::domain::plan::{Identity, Intent};
use crate::domain::text::{Safe, safe};
use crate::engine::Session;

/// Whose journal to look into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Owner {
    pub(crate) login: Login,
    pub(crate) partition: Partition,
    pub(crate) account: AccountId,
}

/// What the journal says is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LeftOpen {
    pub(crate) intents: Vec<Arc<Intent>>,
    /// What cannot be made a request again: only a person can settle it.
    pub(crate) illegible: Vec<Safe>,
    /// Who else holds the lock, and so settles it.
    pub(crate) held_by: Option<Safe>,
}

impl Model {
    /// Asks for the journal of every account that has become known.
    pub(in crate::app) fn look_for_open(&mut self) -> Vec<Effect> {
        let logins: Vec<Login> = self.engine.settings().logins.iter().map(|(login, _)| *login).collect();
        let mut effects = Vec::new();
        for login in logins {
            let Some(Session::Open { identity }) = self.engine.session(login) else { continue };
            let Some(identity) = identity.value().filter(|_| !self.looked_for_open.contains(&login)) else { continue };
            let owner = Owner { login, partition: partition(identity), account: identity.account };
            self.looked_for_open.insert(login);
            effects.push(Effect::FindOpen { owner, to_settle: !matches!(self.lock, WriteLock::ReadOnly(_)) });
        }
        effects
    }

    /// The journal has been read: what is open is taken over, by whoever may.
    pub(in crate::app) fn take_left_open(&mut self, login: Login, found: Result<LeftOpen, Safe>) -> Vec<Effect> {
        self.redraw();
        let found = match found {
            Ok(found) => found,
            Err(why) => {
                self.notices.keep(Tone::Bad, safe!("whether a former run left a change open cannot be told: {why}"));
                return Vec::new();
            }
        };
        for what in &found.illegible {
            self.notices.keep(Tone::Bad, safe!("a former run left this open, and reading cannot settle it: {what}"));
        }
        let count = found.intents.len();
        if count == 0 {
            return Vec::new();
        }
        let changes = if count == 1 { "1 change".to_owned() } else { format!("{count} changes") };
        if let Some(holder) = found.held_by {
            self.notices
                .keep(Tone::Warning, safe!("{changes} of a former run have no known outcome; {holder} settles them"));
            return Vec::new();
        }
        if matches!(self.lock, WriteLock::ReadOnly(_)) {
            let words =
                safe!("{changes} of a former run have no known outcome: keyfleet without read-only settles them");
            self.notices.keep(Tone::Warning, words);
            return Vec::new();
        }
        let mut effects = Vec::new();
        for intent in found.intents {
            let (_, asked) = self.engine.take_over(self.now, login, intent.as_ref().clone());
            effects.extend(asked.into_iter().map(Effect::Engine));
        }
        self.report_outcomes();
        effects
    }
}

/// The partition of the caller: its ARN says it.
fn partition(identity: &Identity) -> Partition {
    let name = identity.caller_arn.original().split(':').nth(1);
    name.and_then(Partition::from_name).unwrap_or(identity.from.partition())
}
