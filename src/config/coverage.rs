//! `[[rules]]`: what a file says of which keys must, may and must not have members where.
//!
//! Refuses a rule that could only be a mistake: one that asks for nothing, contradicts itself, or names what cannot be a Region. A rule that guards less than
//! its author believes is worse than none.

use super::problem::{ConfigError, Spot, nearest, suggest};
use super::rules;
use super::value::{Kind, Text, Value, wrong_type};
use crate::domain::filter::{Filter, RegionPattern};
use crate::domain::id::{Partition, Region};
use crate::domain::rule::Rule;
use crate::domain::text::{Foreign, Safe, safe};
use crate::domain::verdict::Severity;

const KEYS: [&str; 8] = ["name", "match", "required", "allowed", "forbidden", "primary", "min_related", "severity"];
const EXAMPLE: &str = "[[rules]], and below it name = \"payments\", required = [\"us-east-1\", \"eu-west-1\"]";
const EXAMPLE_NAME: &str = "name = \"payments\"";
const EXAMPLE_COUNT: &str = "min_related = 2";
const EXAMPLE_PATTERNS: &str = "[\"us-east-1\", \"eu-*\"]";
const MOST_RELATED: u32 = 100;

/// All rules of a file, and where each Region stands that they name.
#[derive(Clone, Debug, Default)]
pub(super) struct Rules {
    pub(super) rules: Vec<Rule>,
    named: Vec<(Region, Spot)>,
}

impl Rules {
    /// The Regions that rules name are of the partition that is read.
    pub(super) fn fit(&self, read: Partition) -> Result<(), ConfigError> {
        let Some((region, spot)) = self.named.iter().find(|(region, _)| region.partition() != read) else {
            return Ok(());
        };
        let (ours, other) = (read.name(), region.partition().name());
        let what = safe!("two partitions: the Regions that are read are in {ours}, {region} is in {other}");
        Err(spot.error(&what, Safe::from_static("one run reads one partition: take this out, or read that one")))
    }

    fn add(&mut self, Finished { rule, name, named }: Finished) -> Result<(), ConfigError> {
        if self.rules.iter().any(|other| other.name == rule.name) {
            let what = safe!("two rules are called \"{}\"", rule.name.safe());
            return Err(name.spot.error(&what, Safe::from_static("a finding says which rule it is of: rename one")));
        }
        self.rules.push(rule);
        for (region, spot) in named {
            if let Some((first, _)) = self.named.first().filter(|(first, _)| first.partition() != region.partition()) {
                let (ours, other) = (first.partition().name(), region.partition().name());
                let what = safe!("two partitions: {first} is in {ours}, {region} in {other}");
                return Err(spot.error(&what, Safe::from_static("one run reads one partition: take this out")));
            }
            self.named.push((region, spot));
        }
        Ok(())
    }
}

/// The rules, in the order of the file.
pub(super) fn rules(value: Value) -> Result<Rules, ConfigError> {
    let mut all = Rules::default();
    for table in value.into_list(EXAMPLE)? {
        let spot = table.spot.clone();
        let mut written = Written::default();
        for (key, value) in table.into_table(EXAMPLE)? {
            written.take(&key, value)?;
        }
        all.add(written.finish(&spot)?)?;
    }
    Ok(all)
}

/// One pattern and where it stands.
type Placed = (RegionPattern, Spot);

/// A rule that is one, its name as it is written, and where each Region stands that it names.
struct Finished {
    rule: Rule,
    name: Text,
    named: Vec<(Region, Spot)>,
}

/// A rule as far as it has been read.
#[derive(Debug, Default)]
struct Written {
    name: Option<Text>,
    matching: Option<Filter>,
    required: Vec<Placed>,
    allowed: Vec<Placed>,
    forbidden: Vec<Placed>,
    primary: Vec<Placed>,
    min_related: Option<u32>,
    severity: Option<Severity>,
}

impl Written {
    fn take(&mut self, key: &Text, value: Value) -> Result<(), ConfigError> {
        match key.text.as_str() {
            "name" => self.name = Some(name(value)?),
            "match" => self.matching = Some(matching(&value.into_text("match = \"alias:alias/payments-*\"")?)?),
            "required" => self.required = patterns(value)?,
            "allowed" => self.allowed = allowed(value)?,
            "forbidden" => self.forbidden = patterns(value)?,
            "primary" => self.primary = patterns(value)?,
            "min_related" => self.min_related = Some(least(&value)?),
            "severity" => self.severity = Some(severity(&value.into_text("severity = \"high\"")?)?),
            other => {
                let what = safe!("a rule has no \"{}\"", Foreign::new(other).safe());
                return Err(key.spot.error(&what, suggest(other, &KEYS)));
            }
        }
        Ok(())
    }

    fn finish(self, spot: &Spot) -> Result<Finished, ConfigError> {
        let lists = [&self.required, &self.allowed, &self.forbidden, &self.primary];
        if self.min_related.is_none() && lists.iter().all(|list| list.is_empty()) {
            let what = Safe::from_static("this rule asks for nothing");
            let next_step = "give it required, allowed, forbidden, primary or min_related";
            return Err(spot.error(&what, Safe::from_static(next_step)));
        }
        let Some(name) = self.name else {
            let what = Safe::from_static("this rule has no name");
            return Err(spot.error(&what, safe!("a finding says which rule it is of, for example {EXAMPLE_NAME}")));
        };
        let named = lists.into_iter().flatten().filter_map(|(pattern, spot)| match pattern {
            RegionPattern::One(region) => Some((region.clone(), spot.clone())),
            RegionPattern::Any(_) => None,
        });
        let named = named.collect();
        let plain = |list: &[Placed]| list.iter().map(|(pattern, _)| pattern.clone()).collect();
        let rule = Rule {
            name: Foreign::new(name.text.as_str()),
            matching: self.matching.map_or_else(every_key, Ok)?,
            required: plain(&self.required),
            allowed: plain(&self.allowed),
            forbidden: plain(&self.forbidden),
            primary: plain(&self.primary),
            min_related: self.min_related,
            severity: self.severity.unwrap_or(Severity::High),
        };
        agrees_with_itself(&rule, &self.required, "is required")?;
        agrees_with_itself(&rule, &self.primary, "may hold the primary")?;
        Ok(Finished { rule, name, named })
    }
}

/// A rule without a match is about every key.
fn every_key() -> Result<Filter, ConfigError> {
    let broken = |error: crate::domain::filter::FilterError| {
        ConfigError::new(&Safe::from_static("match"), &error.message, Safe::from_static("this is a bug in keyfleet"))
    };
    Filter::parse("*").map_err(broken)
}

/// What a rule asks for in a Region and what it refuses there cannot both hold.
fn agrees_with_itself(rule: &Rule, wanted: &[Placed], how: &'static str) -> Result<(), ConfigError> {
    for (pattern, spot) in wanted {
        let regions = fitting(rule, pattern);
        if regions.iter().any(|region| !rule.forbids(region)) {
            continue;
        }
        let is_forbidden = |region: &Region| rule.forbidden.iter().any(|pattern| pattern.matches(region));
        let refuses = if regions.iter().all(is_forbidden) { "forbids" } else { "does not allow" };
        let whom = match pattern {
            RegionPattern::One(_) => "it",
            RegionPattern::Any(_) => "any Region that fits it",
        };
        let what = safe!("{} {how}, and the same rule {refuses} {whom}", pattern.words());
        return Err(spot.error(&what, Safe::from_static("no key can satisfy both: change one of them")));
    }
    Ok(())
}

/// The Regions that a pattern can mean: those that are known, and those that the rule names itself.
fn fitting(rule: &Rule, pattern: &RegionPattern) -> Vec<Region> {
    match pattern {
        RegionPattern::One(region) => vec![region.clone()],
        RegionPattern::Any(_) => {
            let known = Partition::ALL.into_iter().flat_map(Partition::regions);
            let all = known.chain(rule.all_regions().cloned());
            all.filter(|region| pattern.matches(region)).collect()
        }
    }
}

fn name(value: Value) -> Result<Text, ConfigError> {
    let name = value.into_text(EXAMPLE_NAME)?;
    let refuse = |what: &'static str| name.spot.error(&Safe::from_static(what), safe!("for example {EXAMPLE_NAME}"));
    if name.text.trim().is_empty() {
        return Err(refuse("a rule's name is empty"));
    }
    if name.text.chars().any(char::is_control) {
        return Err(refuse("a rule's name is one line of text"));
    }
    Ok(name)
}

fn matching(text: &Text) -> Result<Filter, ConfigError> {
    Filter::parse(&text.text).map_err(|error| {
        let before = text.text.chars().take(error.column.saturating_sub(1)).map(char::len_utf8).sum();
        let what = safe!("the match is wrong at character {}", error.column);
        text.inner(before).error(&what, error.message)
    })
}

fn allowed(value: Value) -> Result<Vec<Placed>, ConfigError> {
    let spot = value.spot.clone();
    let patterns = patterns(value)?;
    if patterns.is_empty() {
        let what = Safe::from_static("nothing would be allowed");
        return Err(spot.error(&what, Safe::from_static("name the Regions that are, or leave allowed out")));
    }
    Ok(patterns)
}

/// Regions by name, by short name, or by a pattern with `*`; each once.
fn patterns(value: Value) -> Result<Vec<Placed>, ConfigError> {
    let mut patterns: Vec<Placed> = Vec::new();
    for item in value.into_list(EXAMPLE_PATTERNS)? {
        let text = item.into_text(EXAMPLE_PATTERNS)?;
        let pattern = pattern(&text)?;
        if patterns.iter().any(|(other, _)| *other == pattern) {
            let what = safe!("{} stands twice", pattern.words());
            return Err(text.spot.error(&what, Safe::from_static("remove one of them")));
        }
        patterns.push((pattern, text.spot));
    }
    Ok(patterns)
}

fn pattern(text: &Text) -> Result<RegionPattern, ConfigError> {
    let Some(pattern) = RegionPattern::parse(&text.text) else {
        return rules::region(text).map(RegionPattern::One);
    };
    let is_one = matches!(pattern, RegionPattern::One(_));
    let known: Vec<Region> = Partition::ALL.into_iter().flat_map(Partition::regions).collect();
    if is_one || known.iter().any(|region| pattern.matches(region)) {
        return Ok(pattern);
    }
    let beginnings: Vec<String> = known.iter().filter_map(beginning).collect();
    let next_step = match nearest(&text.text, beginnings.iter().map(String::as_str)) {
        Some(meant) => safe!("did you mean {meant}?"),
        None => Safe::from_static("for example eu-*; a Region that is newer than keyfleet is named whole"),
    };
    Err(text.spot.error(&safe!("no Region fits \"{}\"", Foreign::new(text.text.as_str()).safe()), next_step))
}

/// `eu-*` for `eu-west-1`.
fn beginning(region: &Region) -> Option<String> {
    let (beginning, _) = region.as_str().split_once('-')?;
    Some(format!("{beginning}-*"))
}

fn least(value: &Value) -> Result<u32, ConfigError> {
    match value.kind {
        Kind::Number(number) => {
            let is_it = |count: &u32| (f64::from(*count) - number).abs() < f64::EPSILON;
            (1..=MOST_RELATED).find(is_it).ok_or_else(|| {
                let what = Safe::from_static("this count is out of range");
                value.spot.error(&what, safe!("1 to {MOST_RELATED}, the primary included, for example {EXAMPLE_COUNT}"))
            })
        }
        Kind::Text(_) | Kind::Bool(_) | Kind::Date | Kind::List(_) | Kind::Table(_) => {
            Err(wrong_type(value, "a number", EXAMPLE_COUNT))
        }
    }
}

/// One of the severities there are.
pub(super) fn severity(text: &Text) -> Result<Severity, ConfigError> {
    Severity::from_name(&text.text).ok_or_else(|| {
        let what = safe!("there is no severity \"{}\"", Foreign::new(text.text.as_str()).safe());
        text.spot.error(&what, suggest(&text.text, &Severity::ALL.map(Severity::name)))
    })
}
