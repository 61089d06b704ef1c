//! Faults as they are written, in TOML or JSON, and what makes one unacceptable.

use serde::Deserialize;

use crate::emulator::fleet::TimeSpan;
use crate::emulator::op::Operation;
use crate::emulator::pattern;
use crate::emulator::region;

/// A rule as it is written.
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
    /// When it begins, counted from the start; at once if nothing is said.
    pub(crate) after: Option<TimeSpan>,
    /// How long it goes on; without it, for ever.
    pub(crate) lasts: Option<TimeSpan>,
    /// After how long it begins again.
    pub(crate) every: Option<TimeSpan>,
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
    /// A connection is closed as soon as it is there, and nothing of it is read.
    Close,
    /// The operation is carried out and the connection closed without an answer.
    ApplyClose,
    /// The connection is closed and nothing was carried out.
    DropClose,
    /// The connection is closed, and the operation carried out a while after.
    ApplyLater,
    /// The answer comes byte by byte.
    Trickle,
    /// The connection ends in the middle of the answer.
    Truncate,
    /// A portal answers in place of the service.
    Html,
    /// The answer is noise.
    Garbage,
    /// The answer does not end for a long while.
    Huge,
    /// A listing's next page is the same again.
    RepeatMarker,
    /// A listing says that it goes on, and not where.
    NoMarker,
    /// Values that no client knows yet.
    UnknownEnum,
    /// Texts that a terminal should not get to see.
    Hostile,
}

impl Kind {
    pub(crate) const ALL: [(&'static str, Self); 16] = [
        ("delay", Self::Delay),
        ("error", Self::Error),
        ("hang", Self::Hang),
        ("close", Self::Close),
        ("apply_close", Self::ApplyClose),
        ("drop_close", Self::DropClose),
        ("apply_later", Self::ApplyLater),
        ("trickle", Self::Trickle),
        ("truncate", Self::Truncate),
        ("html", Self::Html),
        ("garbage", Self::Garbage),
        ("huge", Self::Huge),
        ("repeat_marker", Self::RepeatMarker),
        ("no_marker", Self::NoMarker),
        ("unknown_enum", Self::UnknownEnum),
        ("hostile", Self::Hostile),
    ];

    fn takes_ms(self) -> bool {
        matches!(self, Self::Delay | Self::ApplyLater | Self::Trickle)
    }
}

impl TryFrom<String> for Kind {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|(known, _)| *known == name);
        found.map(|(_, kind)| kind).ok_or_else(|| {
            let names = Self::ALL.map(|(name, _)| name).join(", ");
            format!("unknown fault kind `{name}`, expected {names}")
        })
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

    pub(crate) fn matches(&self, operation: &str) -> bool {
        pattern::matches(&self.0, operation)
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
    pub(crate) fn any() -> Self {
        Self(any())
    }

    /// The Region, if the pattern is one.
    pub(crate) fn exact(&self) -> Option<&str> {
        (!self.0.contains('*')).then_some(self.0.as_str())
    }

    pub(crate) fn matches(&self, region: &str) -> bool {
        pattern::matches(&self.0, region)
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
pub(crate) struct Probability(pub(crate) f64);

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
pub(crate) struct Status(pub(crate) u16);

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
        let everything = [&self.operation.0, &self.region.0, &self.key, &self.account].iter().all(|text| **text == "*");
        let complaints = [
            (self.from == 0, "`from` counts matching requests from 1"),
            (self.every.is_some() && self.lasts.is_none(), "a fault that comes `every` so often needs `lasts`"),
            (self.kind == Kind::Delay && self.ms.is_none(), "a fault of kind `delay` needs `ms`"),
            (self.kind == Kind::Error && self.code.is_none(), "a fault of kind `error` needs a `code`"),
            (self.kind == Kind::Close && !everything, "a fault of kind `close` knows connections only"),
            (self.kind != Kind::Error && answers, "`code`, `status` and `message` belong to a fault of kind `error`"),
            (
                !self.kind.takes_ms() && self.ms.is_some(),
                "`ms` belongs to a fault of kind `delay`, `apply_later` or `trickle`",
            ),
        ];
        complaints.into_iter().find(|(wrong, _)| *wrong).map_or(Ok(()), |(_, what)| Err(what))
    }

    /// Whether it goes on so many milliseconds after the start.
    pub(crate) fn is_on(&self, elapsed: u64) -> bool {
        let Some(since) = elapsed.checked_sub(self.after.map_or(0, |span| span.0)) else { return false };
        let since = self.every.map_or(since, |every| since % every.0.max(1));
        self.lasts.is_none_or(|lasts| since < lasts.0)
    }
}
