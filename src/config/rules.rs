//! What each kind of value may be. Refuses with the nearest valid name or the allowed range.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use super::Theme;
use super::problem::{ConfigError, nearest, suggest};
use super::value::{Kind, Text, Value, wrong_type};
use crate::domain::id::{AccountId, Partition, Region};
use crate::domain::text::{Foreign, Safe, safe};

const SHORTEST_REFRESH: Duration = Duration::from_secs(5);
const LONGEST_REFRESH: Duration = Duration::from_hours(24);
const REFRESH: &str = "5s to 24h, for example \"60s\" or \"5m\", or \"off\"";
const ENDPOINT: &str = "for example https://kms.example.com or http://127.0.0.1:4599";
const SMALLEST_SHARE: f64 = 0.01;

pub(super) const THEMES: [&str; 3] = ["auto", "dark", "monochrome"];
const LATER_THEMES: [&str; 2] = ["light", "colour-blind"];

/// One Region.
pub(super) fn region(name: &Text) -> Result<Region, ConfigError> {
    Region::parse(&name.text).map_err(|_| {
        let shown = Foreign::new(name.text.as_str()).safe();
        name.spot.error(&safe!("\"{shown}\" is no Region of any partition"), region_meant(&name.text))
    })
}

/// Which Region was probably meant by a name that is none.
pub(crate) fn region_meant(name: &str) -> Safe {
    let known: Vec<Region> = Partition::ALL.into_iter().flat_map(Partition::regions).collect();
    let by_short = known.iter().find(|region| region.short() == name).map(Region::as_str);
    match by_short.or_else(|| nearest(name, known.iter().map(Region::as_str))) {
        Some(meant) => safe!("did you mean {meant}?"),
        None => Safe::from_static("write it as AWS does, for example us-east-1"),
    }
}

/// At least one Region, each once, all of one partition.
pub(super) fn regions(names: &[Text]) -> Result<Vec<Region>, ConfigError> {
    let mut regions: Vec<Region> = Vec::new();
    for name in names {
        let region = region(name)?;
        if regions.contains(&region) {
            return Err(name.spot.error(&safe!("{region} stands twice"), Safe::from_static("remove one of them")));
        }
        if let Some(first) = regions.first().filter(|first| first.partition() != region.partition()) {
            let (ours, other) = (first.partition().name(), region.partition().name());
            let what = safe!("two partitions: {first} is in {ours}, {region} in {other}");
            return Err(name.spot.error(&what, Safe::from_static("one run reads one partition: take this out")));
        }
        regions.push(region);
    }
    Ok(regions)
}

/// How often to read again; `None` is never.
pub(super) fn refresh(text: &Text) -> Result<Option<Duration>, ConfigError> {
    if text.text == "off" {
        return Ok(None);
    }
    let shown = Foreign::new(text.text.as_str()).safe();
    let Some(duration) = duration(&text.text, &[('h', 3_600), ('m', 60), ('s', 1)]) else {
        return Err(text.spot.error(&safe!("\"{shown}\" is no duration"), Safe::from_static(REFRESH)));
    };
    if duration < SHORTEST_REFRESH || duration > LONGEST_REFRESH {
        return Err(text.spot.error(&safe!("{shown} is out of range"), Safe::from_static(REFRESH)));
    }
    Ok(Some(duration))
}

/// Whole numbers with their units, the larger before the smaller: `90s`, `1h30m`. Each unit has its seconds.
pub(super) fn duration(text: &str, units: &[(char, u64)]) -> Option<Duration> {
    let mut rest = text;
    let mut seconds: u64 = 0;
    let mut units = units.iter();
    while !rest.is_empty() {
        let end = rest.find(|character: char| !character.is_ascii_digit())?;
        let (number, tail) = rest.split_at_checked(end)?;
        let unit = tail.chars().next()?;
        let (_, factor) = units.find(|(name, _)| *name == unit)?;
        seconds = seconds.checked_add(number.parse::<u64>().ok()?.checked_mul(*factor)?)?;
        rest = tail.get(unit.len_utf8()..)?;
    }
    (!text.is_empty()).then(|| Duration::from_secs(seconds))
}

/// Yes or no.
pub(super) fn truth(value: &Value, example: &'static str) -> Result<bool, ConfigError> {
    match value.kind {
        Kind::Bool(holds) => Ok(holds),
        Kind::Text(_) | Kind::Number(_) | Kind::Date | Kind::List(_) | Kind::Table(_) => {
            Err(wrong_type(value, "true or false", example))
        }
    }
}

/// One account.
pub(super) fn account(text: &Text) -> Result<AccountId, ConfigError> {
    AccountId::parse(&text.text).ok_or_else(|| {
        let is_number = !text.text.is_empty() && text.text.bytes().all(|byte| byte.is_ascii_digit());
        let what = if is_number {
            safe!("an account has 12 digits, this has {}", text.text.len())
        } else {
            Safe::from_static("an account is 12 digits")
        };
        text.spot.error(&what, Safe::from_static("for example \"111122223333\""))
    })
}

/// Each of them an account in quotes: a number would lose its leading zeros.
pub(super) fn accounts(values: Vec<Value>) -> Result<BTreeSet<AccountId>, ConfigError> {
    let mut accounts = BTreeSet::new();
    for value in values {
        if let Kind::Number(_) = value.kind {
            let what = Safe::from_static("an account is text, not a number");
            return Err(value.spot.error(&what, Safe::from_static("put it in quotes: \"111122223333\"")));
        }
        accounts.insert(account(&value.into_text("\"111122223333\"")?)?);
    }
    Ok(accounts)
}

/// A share of a quota.
pub(super) fn share(value: &Value, share: f64) -> Result<f64, ConfigError> {
    if (SMALLEST_SHARE..=1.0).contains(&share) {
        return Ok(share);
    }
    Err(value
        .spot
        .error(&Safe::from_static("this share is out of range"), Safe::from_static("0.01 to 1, for example 0.25")))
}

/// One of the themes there are.
pub(super) fn theme(text: &Text) -> Result<Theme, ConfigError> {
    match text.text.as_str() {
        "auto" => Ok(Theme::Auto),
        "dark" => Ok(Theme::Dark),
        "monochrome" => Ok(Theme::Monochrome),
        name if LATER_THEMES.contains(&name) => {
            let what = safe!("the theme {} is not available yet", Foreign::new(name).safe());
            Err(text.spot.error(&what, safe!("there are {}", THEMES.join(", "))))
        }
        name => {
            let what = safe!("there is no theme \"{}\"", Foreign::new(name).safe());
            Err(text.spot.error(&what, suggest(name, &THEMES)))
        }
    }
}

/// One profile at most, and it has a name.
pub(super) fn profiles(names: &[Text]) -> Result<Vec<Foreign>, ConfigError> {
    if let Some(second) = names.get(1) {
        let what = Safe::from_static("several profiles at once are not available yet");
        return Err(second.spot.error(&what, Safe::from_static("name one profile")));
    }
    let name = |text: &Text| {
        if text.text.trim().is_empty() {
            let what = Safe::from_static("a profile needs a name");
            return Err(text.spot.error(&what, Safe::from_static("for example \"prod\"")));
        }
        Ok(Foreign::new(text.text.as_str()))
    };
    names.iter().map(name).collect()
}

/// Where requests go instead of to AWS. The URL itself never stands in the words of an error: it may hold what must not be shown.
pub(super) fn url(text: &Text) -> Result<Foreign, ConfigError> {
    let refuse = |what: &'static str, next_step: &'static str| {
        Err(text.spot.error(&Safe::from_static(what), Safe::from_static(next_step)))
    };
    if text.text.contains('@') {
        let what = Safe::from_static("a URL with a user or a password is not taken");
        return Err(text.spot.hidden().error(&what, Safe::from_static("remove it: AWS credentials do not stand here")));
    }
    let lower = text.text.to_ascii_lowercase();
    let (is_plain, rest) = match (lower.strip_prefix("http://"), lower.strip_prefix("https://")) {
        (Some(rest), _) => (true, rest),
        (None, Some(rest)) => (false, rest),
        (None, None) => return refuse("an endpoint begins with https:// or http://", ENDPOINT),
    };
    let authority = rest.split('/').next().unwrap_or_default();
    let fits = rest.bytes().all(|byte| byte.is_ascii_graphic() && !b"?#\\\"<>^`{|}".contains(&byte));
    match host(authority).filter(|_| fits) {
        None => refuse("this is no endpoint URL", ENDPOINT),
        Some(host) if is_plain && !is_loopback(host) => {
            refuse("plain http goes to this machine only", "use https://, or a loopback address")
        }
        Some(_) => Ok(Foreign::new(text.text.as_str())),
    }
}

/// The host of `host`, `host:port` or `[address]:port`.
fn host(authority: &str) -> Option<&str> {
    let (host, port) = match authority.strip_prefix('[') {
        Some(rest) => {
            let (host, after) = rest.split_once(']')?;
            host.parse::<Ipv6Addr>().ok()?;
            (host, if after.is_empty() { None } else { Some(after.strip_prefix(':')?) })
        }
        None => match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        },
    };
    let is_port =
        |port: &str| port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse().is_ok_and(|port: u16| port > 0);
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:".contains(&byte);
    (!host.is_empty() && host.bytes().all(is_name) && port.is_none_or(is_port)).then_some(host)
}

fn is_loopback(host: &str) -> bool {
    host == "localhost"
        || host.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback())
        || host.parse::<Ipv6Addr>().is_ok_and(|address| address.is_loopback())
}
