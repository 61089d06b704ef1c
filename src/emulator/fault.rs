//! Faults: what a rule of the fleet file, or of a request to the control path, does to matching requests.
//!
//! A fault decides before the operation is tried, and knows of a request only who asks where for what.

mod text;

use text::Kind;
pub(crate) use text::{FaultText, RegionPattern};

use super::damage::{Damage, Edit};
use super::pattern;
use super::random::Random;

/// How late `apply_later` is, and how slow `trickle`, unless the fault says it.
const USUAL_LATER_MS: u64 = 30_000;
const USUAL_TRICKLE_MS: u64 = 1000;

/// What a rule sees of a request.
pub(crate) struct Asked<'a> {
    pub(crate) operation: &'a str,
    pub(crate) region: &'a str,
    pub(crate) account: &'a str,
    /// The key as the request names it, and its identifier where that is known.
    pub(crate) keys: &'a [&'a str],
    /// Milliseconds since the start, on a clock that can be moved.
    pub(crate) elapsed: u64,
}

/// What the rules do to one request.
#[derive(Debug, Default)]
pub(crate) struct Decision {
    pub(crate) delay_ms: u64,
    pub(crate) effect: Option<Effect>,
}

/// What happens in place of a plain answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    Error {
        status: u16,
        code: String,
        message: Option<String>,
    },
    Hang,
    ApplyClose,
    DropClose,
    ApplyLater {
        ms: u64,
    },
    /// The operation is carried out, and its answer says something else.
    Edit(Edit),
    /// The answer is spoilt on its way.
    Damage(Damage),
}

/// The rules of one model, with what each has seen.
#[derive(Debug)]
pub(crate) struct Faults {
    seed: u64,
    made: u64,
    rules: Vec<Rule>,
}

#[derive(Debug)]
struct Rule {
    text: FaultText,
    seen: u64,
    random: Random,
}

impl Faults {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, made: 0, rules: Vec::new() }
    }

    pub(crate) fn add(&mut self, text: FaultText) {
        self.made += 1;
        let random = Random::new(self.seed.rotate_left(17) ^ self.made);
        self.rules.push(Rule { text, seen: 0, random });
    }

    pub(crate) fn clear(&mut self) {
        self.rules.clear();
    }

    pub(crate) fn are_none(&self) -> bool {
        self.rules.is_empty()
    }

    /// Delays add up; of the other kinds the first that strikes decides.
    pub(crate) fn decide(&mut self, asked: &Asked<'_>) -> Decision {
        let mut decision = Decision::default();
        for rule in self.rules.iter_mut().filter(|rule| rule.text.kind != Kind::Close) {
            if !rule.fits(asked) || !rule.strikes(asked.elapsed) {
                continue;
            }
            if rule.text.kind == Kind::Delay {
                decision.delay_ms = decision.delay_ms.saturating_add(rule.text.ms.unwrap_or(0));
            } else if decision.effect.is_none() {
                decision.effect = rule.effect();
            }
        }
        decision
    }

    /// Whether a connection that has just come is to be closed unread. Every rule counts it.
    pub(crate) fn close(&mut self, elapsed: u64) -> bool {
        let of_connections = self.rules.iter_mut().filter(|rule| rule.text.kind == Kind::Close);
        of_connections.filter_map(|rule| rule.strikes(elapsed).then_some(())).count() > 0
    }
}

impl Rule {
    /// Counts a request that fits, and says whether it is struck. One outside the rule's time is not counted.
    fn strikes(&mut self, elapsed: u64) -> bool {
        if !self.text.is_on(elapsed) {
            return false;
        }
        self.seen += 1;
        let from = self.text.from;
        let counted = self.text.count.is_none_or(|count| self.seen < from.saturating_add(count));
        self.seen >= from && counted && self.random.chance(self.text.probability.0)
    }

    fn fits(&self, asked: &Asked<'_>) -> bool {
        let key = &self.text.key;
        self.text.operation.matches(asked.operation)
            && self.text.region.matches(asked.region)
            && pattern::matches(&self.text.account, asked.account)
            && (key == "*" || asked.keys.iter().any(|asked| pattern::matches(key, asked)))
    }

    fn effect(&self) -> Option<Effect> {
        let ms = |usual| self.text.ms.unwrap_or(usual);
        match self.text.kind {
            Kind::Delay | Kind::Close => None,
            Kind::Hang => Some(Effect::Hang),
            Kind::ApplyClose => Some(Effect::ApplyClose),
            Kind::DropClose => Some(Effect::DropClose),
            Kind::ApplyLater => Some(Effect::ApplyLater { ms: ms(USUAL_LATER_MS) }),
            Kind::Trickle => Some(Effect::Damage(Damage::Trickle { ms: ms(USUAL_TRICKLE_MS) })),
            Kind::Truncate => Some(Effect::Damage(Damage::Truncate)),
            Kind::Html => Some(Effect::Damage(Damage::Html)),
            Kind::Garbage => Some(Effect::Damage(Damage::Garbage)),
            Kind::Huge => Some(Effect::Damage(Damage::Huge)),
            Kind::RepeatMarker => Some(Effect::Edit(Edit::RepeatMarker)),
            Kind::NoMarker => Some(Effect::Edit(Edit::NoMarker)),
            Kind::UnknownEnum => Some(Effect::Edit(Edit::UnknownEnum)),
            Kind::Hostile => Some(Effect::Edit(Edit::Hostile)),
            Kind::Error => {
                let code = self.text.code.clone().unwrap_or_default();
                let status = self.text.status.map_or_else(|| usual_status(&code), |status| status.0);
                Some(Effect::Error { status, code, message: self.text.message.clone() })
            }
        }
    }
}

fn usual_status(code: &str) -> u16 {
    match code {
        "InternalFailure" | "InternalServerError" | "KMSInternalException" => 500,
        "ServiceUnavailable" | "ServiceUnavailableException" | "DependencyTimeoutException" => 503,
        _ => 400,
    }
}

#[cfg(test)]
mod tests;
