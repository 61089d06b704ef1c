//! Faults: what a rule of the fleet file, or of a request to the control path, does to matching requests.
//!
//! A fault decides before the operation is tried. Refuses kinds that are not served yet, by name.

use serde::Deserialize;

use super::op::Operation;
use super::pattern;
use super::random::Random;
use super::region;

/// A rule as it is written, in TOML or JSON.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FaultText {
    #[serde(default = "OperationPattern::any")]
    pub(crate) operation: OperationPattern,
    #[serde(default = "RegionPattern::any")]
    pub(crate) region: RegionPattern,
    #[serde(default = "any")]
    pub(crate) key: String,
    #[serde(default = "any")]
    pub(crate) account: String,
    /// The first matching request that it strikes.
    #[serde(default = "one")]
    pub(crate) from: u64,
    /// How many matching requests it strikes; without it, all that follow.
    pub(crate) count: Option<u64>,
    #[serde(default)]
    pub(crate) probability: Probability,
    pub(crate) kind: Kind,
    pub(crate) ms: Option<u64>,
    pub(crate) code: Option<String>,
    pub(crate) status: Option<Status>,
    pub(crate) message: Option<String>,
}

fn any() -> String {
    "*".to_owned()
}

fn one() -> u64 {
    1
}

/// What a fault does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) enum Kind {
    /// The answer comes later.
    Delay,
    /// An error answers in place of the operation.
    Error,
    /// Nothing ever answers.
    Hang,
    /// The operation is carried out and the connection closed without an answer.
    ApplyClose,
    /// The connection is closed and nothing was carried out.
    DropClose,
}

/// Kinds that the file format knows and this version does not serve.
const LATER: [&str; 11] = [
    "close",
    "apply_later",
    "trickle",
    "truncate",
    "html",
    "garbage",
    "huge",
    "repeat_marker",
    "no_marker",
    "unknown_enum",
    "hostile",
];

impl TryFrom<String> for Kind {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        match name.as_str() {
            "delay" => Ok(Self::Delay),
            "error" => Ok(Self::Error),
            "hang" => Ok(Self::Hang),
            "apply_close" => Ok(Self::ApplyClose),
            "drop_close" => Ok(Self::DropClose),
            later if LATER.contains(&later) => {
                Err(format!("the fault kind `{later}` is not supported by this version"))
            }
            other => {
                Err(format!("unknown fault kind `{other}`, expected delay, error, hang, apply_close or drop_close"))
            }
        }
    }
}

/// An operation's name, or a pattern of some.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct OperationPattern(String);

impl OperationPattern {
    fn any() -> Self {
        Self(any())
    }
}

impl TryFrom<String> for OperationPattern {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        if name.contains('*') || Operation::find(&name).is_some() {
            return Ok(Self(name));
        }
        Err(format!("`{name}` is not an operation of this KMS"))
    }
}

/// A Region's name, or a pattern of some.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct RegionPattern(String);

impl RegionPattern {
    fn any() -> Self {
        Self(any())
    }

    /// The Region, if the pattern is one.
    pub(crate) fn exact(&self) -> Option<&str> {
        (!self.0.contains('*')).then_some(self.0.as_str())
    }
}

impl TryFrom<String> for RegionPattern {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        if name.contains('*') || region::partition(&name).is_some() {
            return Ok(Self(name));
        }
        Err(format!("`{name}` is not a Region"))
    }
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "f64")]
pub(crate) struct Probability(f64);

impl Default for Probability {
    fn default() -> Self {
        Self(1.0)
    }
}

impl TryFrom<f64> for Probability {
    type Error = String;

    fn try_from(value: f64) -> Result<Self, String> {
        let valid = (0.0..=1.0).contains(&value);
        valid.then_some(Self(value)).ok_or_else(|| format!("a probability lies between 0.0 and 1.0, not at {value}"))
    }
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "u16")]
pub(crate) struct Status(u16);

impl TryFrom<u16> for Status {
    type Error = String;

    fn try_from(value: u16) -> Result<Self, String> {
        let valid = (400..=599).contains(&value);
        valid
            .then_some(Self(value))
            .ok_or_else(|| format!("an error's status lies between 400 and 599, not at {value}"))
    }
}

impl FaultText {
    /// What its fields lack or have in excess, taken together.
    pub(crate) fn check(&self) -> Result<(), &'static str> {
        let answers = self.code.is_some() || self.status.is_some() || self.message.is_some();
        if self.from == 0 {
            return Err("`from` counts matching requests from 1");
        }
        match self.kind {
            Kind::Delay if self.ms.is_none() => Err("a fault of kind `delay` needs `ms`"),
            Kind::Error if self.code.is_none() => Err("a fault of kind `error` needs a `code`"),
            Kind::Delay | Kind::Hang | Kind::ApplyClose | Kind::DropClose if answers => {
                Err("`code`, `status` and `message` belong to a fault of kind `error`")
            }
            Kind::Error | Kind::Hang | Kind::ApplyClose | Kind::DropClose if self.ms.is_some() => {
                Err("`ms` belongs to a fault of kind `delay`")
            }
            Kind::Delay | Kind::Error | Kind::Hang | Kind::ApplyClose | Kind::DropClose => Ok(()),
        }
    }
}

/// What a rule sees of a request.
pub(crate) struct Asked<'a> {
    pub(crate) operation: &'a str,
    pub(crate) region: &'a str,
    pub(crate) account: &'a str,
    /// The key as the request names it, and its identifier where that is known.
    pub(crate) keys: &'a [&'a str],
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
    Error { status: u16, code: String, message: Option<String> },
    Hang,
    ApplyClose,
    DropClose,
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

    /// Delays add up; of the other kinds the first that strikes decides.
    pub(crate) fn decide(&mut self, asked: &Asked<'_>) -> Decision {
        let mut decision = Decision::default();
        for rule in &mut self.rules {
            if !rule.strikes(asked) {
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
}

impl Rule {
    fn strikes(&mut self, asked: &Asked<'_>) -> bool {
        if !self.fits(asked) {
            return false;
        }
        self.seen += 1;
        let from = self.text.from;
        let counted = self.text.count.is_none_or(|count| self.seen < from.saturating_add(count));
        self.seen >= from && counted && self.random.chance(self.text.probability.0)
    }

    fn fits(&self, asked: &Asked<'_>) -> bool {
        let key = &self.text.key;
        pattern::matches(&self.text.operation.0, asked.operation)
            && pattern::matches(&self.text.region.0, asked.region)
            && pattern::matches(&self.text.account, asked.account)
            && (key == "*" || asked.keys.iter().any(|asked| pattern::matches(key, asked)))
    }

    fn effect(&self) -> Option<Effect> {
        match self.text.kind {
            Kind::Delay => None,
            Kind::Hang => Some(Effect::Hang),
            Kind::ApplyClose => Some(Effect::ApplyClose),
            Kind::DropClose => Some(Effect::DropClose),
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
