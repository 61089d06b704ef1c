//! What to start: a fleet, and what a command line changes about it.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use super::fleet::{FOR_EVER, Fleet, time_span};
use super::state::StateFile;

/// A span of time as people write it: `60ms`, `2s`, `1h30m`. None for anything else.
pub fn span(text: &str) -> Option<Duration> {
    time_span(text).filter(|millis| *millis != FOR_EVER).map(Duration::from_millis)
}

/// A fleet with the settings that go before those of its file.
#[derive(Clone, Debug)]
pub struct Options {
    pub(crate) fleet: Fleet,
    pub(crate) state: Option<StateFile>,
}

impl Options {
    /// A fleet as its file says.
    pub fn new(fleet: Fleet) -> Self {
        Self { fleet, state: None }
    }

    /// Another seed: other identifiers, other chances.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.fleet.set_seed(seed);
        self
    }

    /// How long every answer takes at least.
    #[must_use]
    pub fn latency(mut self, latency: Duration) -> Self {
        self.fleet.set_latency(u64::try_from(latency.as_millis()).unwrap_or(u64::MAX));
        self
    }

    /// Many generated keys, beside those of the file.
    #[must_use]
    pub fn size(mut self, size: Size) -> Self {
        self.fleet.generate(size);
        self
    }

    /// Where the keys are kept between runs; what is there goes before the fleet's own keys.
    #[must_use]
    pub fn state(mut self, file: PathBuf) -> Self {
        self.state = Some(StateFile::new(file));
        self
    }
}

impl From<Fleet> for Options {
    fn from(fleet: Fleet) -> Self {
        Self::new(fleet)
    }
}

impl From<&Fleet> for Options {
    fn from(fleet: &Fleet) -> Self {
        Self::new(fleet.clone())
    }
}

/// The size of a generated fleet, written `keys=10000,regions=17,related=3`; `single=500` adds single-Region keys in
/// each Region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    pub(crate) keys: u32,
    pub(crate) regions: usize,
    pub(crate) related: usize,
    pub(crate) single: u32,
}

/// Why a text is not a size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SizeError(String);

impl fmt::Display for SizeError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for SizeError {}

/// More than this is more than one account may have in the Regions of a partition.
const MOST_KEYS: usize = 1_000_000;
/// The Regions that every account has from the start.
const MOST_REGIONS: usize = 34;

impl FromStr for Size {
    type Err = SizeError;

    fn from_str(text: &str) -> Result<Self, SizeError> {
        let mut size = Self { keys: 0, regions: 17, related: 3, single: 0 };
        for part in text.split(',') {
            let (name, number) = part.split_once('=').ok_or_else(|| wrong(part, "write it as keys=10000"))?;
            let count: usize = number.parse().map_err(|_| wrong(part, "the number is none"))?;
            let most = if name == "regions" || name == "related" { MOST_REGIONS } else { MOST_KEYS };
            if count > most {
                return Err(wrong(part, &format!("at most {most}")));
            }
            let few = u32::try_from(count).unwrap_or(u32::MAX);
            match name {
                "keys" => size.keys = few,
                "regions" => size.regions = count,
                "related" => size.related = count,
                "single" | "single_region" => size.single = few,
                _ => return Err(wrong(part, "expected keys, regions, related or single")),
            }
        }
        if size.regions == 0 || !(1..=size.regions).contains(&size.related) {
            return Err(wrong(text, "`related` lies between 1 and `regions`"));
        }
        Ok(size)
    }
}

fn wrong(part: &str, why: &str) -> SizeError {
    SizeError(format!("`{part}`: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_a_few_numbers() {
        let check = |text: &str, expected: Result<(u32, usize, usize, u32), &str>| {
            let size = text.parse::<Size>().map(|size| (size.keys, size.regions, size.related, size.single));
            match (size, expected) {
                (Ok(size), Ok(expected)) => assert_eq!(size, expected, "{text}"),
                (Err(error), Err(part)) => assert!(error.to_string().contains(part), "{error}"),
                (size, expected) => panic!("{text}: {size:?}, not {expected:?}"),
            }
        };
        check("keys=10000,regions=17,related=3", Ok((10_000, 17, 3, 0)));
        check("keys=5", Ok((5, 17, 3, 0)));
        check("single=500,regions=2,related=1", Ok((0, 2, 1, 500)));
        check("keys", Err("write it as"));
        check("keys=many", Err("the number is none"));
        check("keys=-1", Err("the number is none"));
        check("keys=1,colour=2", Err("expected keys"));
        check("keys=1,regions=35", Err("at most 34"));
        check("keys=1,regions=2", Err("between 1 and `regions`"));
        check("keys=1,regions=0,related=0", Err("between 1 and `regions`"));
        check("", Err("write it as"));
    }

    #[test]
    fn options_go_before_the_file() {
        let fleet = Fleet::parse("seed = 1\nlatency_ms = 5").unwrap();
        let size = "keys=4,regions=3,related=2".parse().unwrap();
        let options = Options::new(fleet).seed(9).latency(Duration::from_millis(60)).size(size);
        assert_eq!((options.fleet.file.seed, options.fleet.file.latency_ms), (9, 60));
        assert_eq!(options.fleet.regions(), ["us-east-1", "us-east-2", "us-west-1"]);
    }
}
