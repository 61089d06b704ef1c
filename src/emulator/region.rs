//! Regions: their names in the documented order, their partitions, and small numbers to hold instead of names.
//!
//! A Region that fits a partition's pattern but is not in the list is accepted: AWS opens new ones.

use std::collections::BTreeMap;

/// Every Region of the public partitions. Those of `aws` that every account has come first, then the opt-in ones.
pub(crate) const KNOWN: [&str; 39] = [
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
    "ca-central-1",
    "sa-east-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "eu-central-1",
    "eu-north-1",
    "ap-south-1",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-southeast-1",
    "ap-southeast-2",
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-south-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-west-1",
    "eu-central-2",
    "eu-south-1",
    "eu-south-2",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
    "cn-north-1",
    "cn-northwest-1",
    "us-gov-east-1",
    "us-gov-west-1",
    "eusc-de-east-1",
];

/// The words that every Region's name has in front of its number.
const DIRECTIONS: [&str; 9] =
    ["north", "south", "east", "west", "central", "northeast", "northwest", "southeast", "southwest"];

/// How many different Regions one model will hold. Names beyond it are refused, so that a client which makes up
/// Region names cannot make the process grow.
const MOST_REGIONS: usize = 512;

/// A Region of one model, as a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct RegionId(u16);

/// The names behind the numbers.
#[derive(Debug)]
pub(crate) struct Regions {
    names: Vec<Box<str>>,
    numbers: BTreeMap<Box<str>, RegionId>,
}

impl Regions {
    /// All known Regions, in the documented order.
    pub(crate) fn new() -> Self {
        let mut regions = Self { names: Vec::new(), numbers: BTreeMap::new() };
        for name in KNOWN {
            regions.intern(name);
        }
        regions
    }

    /// The number of a Region; None if no partition has Regions of such a name.
    pub(crate) fn intern(&mut self, name: &str) -> Option<RegionId> {
        if let Some(known) = self.numbers.get(name) {
            return Some(*known);
        }
        partition(name)?;
        if self.names.len() >= MOST_REGIONS {
            return None;
        }
        let number = RegionId(u16::try_from(self.names.len()).ok()?);
        self.names.push(name.into());
        self.numbers.insert(name.into(), number);
        Some(number)
    }

    pub(crate) fn name(&self, region: RegionId) -> &str {
        self.names.get(usize::from(region.0)).map_or("", |name| name)
    }
}

/// The partition that a Region's name belongs to; None if it fits none.
pub(crate) fn partition(region: &str) -> Option<&'static str> {
    let mut parts = region.split('-');
    let (first, second) = (parts.next()?, parts.next()?);
    let rest: Vec<&str> = parts.collect();
    let (partition, direction, number) = match (first, second, rest.as_slice()) {
        ("us", "gov", [direction, number]) => ("aws-us-gov", *direction, *number),
        ("eusc", _, [direction, number]) => ("aws-eusc", *direction, *number),
        ("cn", direction, [number]) => ("aws-cn", direction, *number),
        ("us" | "eu" | "ap" | "sa" | "ca" | "me" | "af" | "il" | "mx", direction, [number]) => {
            ("aws", direction, *number)
        }
        (_, _, _) => return None,
    };
    let numbered = matches!(number.len(), 1 | 2) && number.bytes().all(|byte| byte.is_ascii_digit());
    (numbered && DIRECTIONS.contains(&direction)).then_some(partition)
}

/// The known Regions of a partition, in the documented order.
pub(crate) fn of_partition(wanted: &str) -> impl Iterator<Item = &'static str> {
    KNOWN.into_iter().filter(move |name| partition(name) == Some(wanted))
}

/// The position in the documented order; names that are not in it come last.
pub(crate) fn rank(region: &str) -> usize {
    KNOWN.iter().position(|name| *name == region).unwrap_or(KNOWN.len())
}

/// The known Region that looks most like a misspelt one.
pub(crate) fn nearest(wanted: &str) -> Option<&'static str> {
    let (distance, name) = KNOWN.into_iter().map(|name| (edits(wanted, name), name)).min()?;
    (distance <= 3).then_some(name)
}

/// How many single-letter edits lie between two names.
fn edits(left: &str, right: &str) -> usize {
    let mut row: Vec<usize> = (0..=right.chars().count()).collect();
    for (line, from) in left.chars().enumerate() {
        let mut diagonal = line;
        let mut behind = line + 1;
        let mut next = vec![behind];
        for (above, to) in row.iter().skip(1).zip(right.chars()) {
            behind = (diagonal + usize::from(from != to)).min(*above + 1).min(behind + 1);
            diagonal = *above;
            next.push(behind);
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_region_has_the_partition_of_its_name() {
        let check = |region: &str, expected: Option<&str>| assert_eq!(partition(region), expected, "{region}");
        for region in of_partition("aws") {
            check(region, Some("aws"));
        }
        assert_eq!(of_partition("aws").count(), 34);
        check("cn-northwest-1", Some("aws-cn"));
        check("us-gov-west-1", Some("aws-us-gov"));
        check("eusc-de-east-1", Some("aws-eusc"));
        check("ap-southeast-9", Some("aws"));
        check("us-east", None);
        check("us-east-", None);
        check("us-gov-1", None);
        check("mars-north-1", None);
        check("us-east-1a", None);
    }

    #[test]
    fn a_misspelt_region_finds_its_neighbour() {
        assert_eq!(nearest("us-eats-1"), Some("us-east-1"));
        assert_eq!(nearest("eu-wes-2"), Some("eu-west-2"));
        assert_eq!(nearest("somewhere-else"), None);
    }

    #[test]
    fn numbers_stand_for_names_and_do_not_grow_without_end() {
        let mut regions = Regions::new();
        let first = regions.intern("us-east-1").unwrap();
        assert_eq!(regions.name(first), "us-east-1");
        assert_eq!(regions.intern("us-east-1"), Some(first));
        assert_eq!(regions.intern("nowhere"), None);
        let names = (0..100).flat_map(|n| DIRECTIONS.map(|direction| format!("ap-{direction}-{n}")));
        let made_up = names.filter(|name| rank(name) == KNOWN.len() && regions.intern(name).is_some()).count();
        assert_eq!(made_up, MOST_REGIONS - KNOWN.len());
    }
}
