//! Names that AWS gives: Regions, partitions, accounts, keys. Parsed once, at the edge; what does not fit is refused there.

use std::fmt;
use std::sync::Arc;

/// A profile as configured, by its place in the list of profiles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Login(pub(crate) u16);

/// One Region seen through one login: the unit of reading.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Place {
    pub(crate) login: Login,
    pub(crate) region: Region,
}

impl Place {
    pub(crate) fn new(login: Login, region: Region) -> Self {
        Self { login, region }
    }
}

/// A set of Regions that share nothing with the Regions of another set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Partition {
    Aws,
    AwsCn,
    AwsUsGov,
    AwsEusc,
}

/// Enabled by default in every account of the `aws` partition, in AWS's own order.
const AWS_DEFAULT: [&str; 17] = [
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
];

/// Regions of the `aws` partition that an account must enable.
const AWS_OPT_IN: [&str; 17] = [
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
];

const CHINA: [&str; 2] = ["cn-north-1", "cn-northwest-1"];
const GOVERNMENT: [&str; 2] = ["us-gov-east-1", "us-gov-west-1"];
const SOVEREIGN: [&str; 1] = ["eusc-de-east-1"];

/// Every Region that is known by name.
const LISTED: [&[&str]; 5] = [&AWS_DEFAULT, &AWS_OPT_IN, &CHINA, &GOVERNMENT, &SOVEREIGN];

impl Partition {
    pub(crate) const ALL: [Partition; 4] = [Partition::Aws, Partition::AwsCn, Partition::AwsUsGov, Partition::AwsEusc];

    /// The partition's name as it stands in an ARN.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Partition::Aws => "aws",
            Partition::AwsCn => "aws-cn",
            Partition::AwsUsGov => "aws-us-gov",
            Partition::AwsEusc => "aws-eusc",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|partition| partition.name() == name)
    }

    /// The Regions of this partition that are known by name: those enabled by default, then those an account opts in to.
    pub(crate) fn regions(self) -> Vec<Region> {
        let names: Vec<&str> = match self {
            Partition::Aws => AWS_DEFAULT.iter().chain(&AWS_OPT_IN).copied().collect(),
            Partition::AwsCn => CHINA.to_vec(),
            Partition::AwsUsGov => GOVERNMENT.to_vec(),
            Partition::AwsEusc => SOVEREIGN.to_vec(),
        };
        names.into_iter().filter_map(|name| Region::parse(name).ok()).collect()
    }

    /// The partition whose naming pattern a Region's name fits.
    fn of_region(name: &str) -> Option<Self> {
        let parts: Vec<&str> = name.split('-').collect();
        let word = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase());
        let number = |part: &str| !part.is_empty() && part.len() <= 2 && part.bytes().all(|byte| byte.is_ascii_digit());
        match parts.as_slice() {
            ["us", "gov", middle, last] if word(middle) && number(last) => Some(Partition::AwsUsGov),
            ["eusc", "de", middle, last] if word(middle) && number(last) => Some(Partition::AwsEusc),
            ["cn", middle, last] if word(middle) && number(last) => Some(Partition::AwsCn),
            ["us" | "eu" | "ap" | "sa" | "ca" | "me" | "af" | "il" | "mx", middle, last]
                if word(middle) && number(last) =>
            {
                Some(Partition::Aws)
            }
            _ => None,
        }
    }
}

/// The name of a Region. Always fits the pattern of its partition, so it is safe to print.
#[derive(Clone)]
pub(crate) struct Region(Name);

/// A name from our list takes no memory of its own: a large fleet holds each of them very often.
#[derive(Clone)]
enum Name {
    Listed(&'static str),
    New(Arc<str>),
}

impl PartialEq for Region {
    fn eq(&self, other: &Self) -> bool {
        self.is_the_same_text(other) || self.as_str() == other.as_str()
    }
}

impl Eq for Region {}

impl PartialOrd for Region {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Region {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        if self.is_the_same_text(other) { std::cmp::Ordering::Equal } else { self.as_str().cmp(other.as_str()) }
    }
}

impl std::hash::Hash for Region {
    fn hash<State: std::hash::Hasher>(&self, state: &mut State) {
        self.as_str().hash(state);
    }
}

/// The text is no Region's name in any partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotARegion;

impl Region {
    pub(crate) fn parse(name: &str) -> Result<Self, NotARegion> {
        if let Some(listed) = LISTED.into_iter().flatten().find(|listed| **listed == name) {
            return Ok(Self(Name::Listed(listed)));
        }
        Partition::of_region(name).map(|_| Self(Name::New(name.into()))).ok_or(NotARegion)
    }

    /// A name from our list is the same text wherever it stands: most comparisons need not read it.
    fn is_the_same_text(&self, other: &Self) -> bool {
        std::ptr::eq(self.as_str(), other.as_str())
    }

    pub(crate) fn as_str(&self) -> &str {
        match &self.0 {
            Name::Listed(name) => name,
            Name::New(name) => name,
        }
    }

    pub(crate) fn partition(&self) -> Partition {
        Partition::of_region(self.as_str()).unwrap_or(Partition::Aws)
    }

    /// Whether the name stands in our list; a new Region does not, and is accepted all the same.
    pub(crate) fn is_listed(&self) -> bool {
        self.partition().regions().contains(self)
    }

    /// A Region that every account has: it can never be "not enabled".
    pub(crate) fn is_enabled_by_default(&self) -> bool {
        self.partition() != Partition::Aws || AWS_DEFAULT.contains(&self.as_str())
    }

    /// The short name of a column: `us-east-1` is `use1`, `ap-southeast-2` is `apse2`, `us-gov-west-1` is `usgw1`.
    pub(crate) fn short(&self) -> String {
        let parts: Vec<&str> = self.as_str().split('-').collect();
        let mut short = String::new();
        for (index, part) in parts.iter().enumerate() {
            let is_middle = index > 0 && index + 1 < parts.len();
            short.push_str(if is_middle { direction(part) } else { part });
        }
        short
    }
}

/// The letters of a compass word in a short name.
fn direction(word: &str) -> &str {
    match word {
        "north" | "northeast" => "n",
        "northwest" => "nw",
        "south" => "s",
        "southeast" => "se",
        "southwest" => "sw",
        "east" => "e",
        "west" => "w",
        "central" => "c",
        other => other.get(..1).unwrap_or(other),
    }
}

impl fmt::Display for Region {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

impl fmt::Debug for Region {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// The twelve digits of an AWS account.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct AccountId(u64);

impl AccountId {
    pub(crate) fn parse(digits: &str) -> Option<Self> {
        let fits = digits.len() == 12 && digits.bytes().all(|byte| byte.is_ascii_digit());
        if fits { digits.parse().ok().map(Self) } else { None }
    }

    /// What a protected account asks for in addition: the last four digits.
    pub(crate) fn last_four(self) -> String {
        format!("{:04}", self.0 % 10_000)
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:012}", self.0)
    }
}

impl fmt::Debug for AccountId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:012}", self.0)
    }
}

/// The ID that related multi-Region keys share: `mrk-` and then letters, digits and dashes (AWS: 32 hex digits).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct KeyId(Arc<str>);

impl KeyId {
    const LONGEST: usize = 128;

    pub(crate) fn parse(id: &str) -> Option<Self> {
        let rest = id.strip_prefix("mrk-")?;
        let fits = !rest.is_empty()
            && id.len() <= Self::LONGEST
            && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        fits.then(|| Self(id.into()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The last six characters, by which a row is told from its neighbours.
    pub(crate) fn tail(&self) -> &str {
        let start = self.0.len().saturating_sub(6);
        self.0.get(start..).unwrap_or(&self.0)
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// The ARN of one related key. Every part has been checked, so it is safe to print and to send.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct KeyArn {
    pub(crate) partition: Partition,
    pub(crate) region: Region,
    pub(crate) account: AccountId,
    pub(crate) id: KeyId,
}

/// Which part of a text kept it from being the ARN of a multi-Region key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotAKeyArn {
    Shape,
    Partition,
    Service,
    Region,
    Account,
    Resource,
    SingleRegion,
}

impl KeyArn {
    pub(crate) fn parse(text: &str) -> Result<Self, NotAKeyArn> {
        let mut parts = text.splitn(6, ':');
        let mut next = || parts.next().ok_or(NotAKeyArn::Shape);
        let (arn, partition, service, region, account, resource) =
            (next()?, next()?, next()?, next()?, next()?, next()?);
        if arn != "arn" {
            return Err(NotAKeyArn::Shape);
        }
        let partition = Partition::from_name(partition).ok_or(NotAKeyArn::Partition)?;
        if service != "kms" {
            return Err(NotAKeyArn::Service);
        }
        let region = Region::parse(region).map_err(|NotARegion| NotAKeyArn::Region)?;
        if region.partition() != partition {
            return Err(NotAKeyArn::Partition);
        }
        let account = AccountId::parse(account).ok_or(NotAKeyArn::Account)?;
        let id = resource.strip_prefix("key/").ok_or(NotAKeyArn::Resource)?;
        let id = KeyId::parse(id).ok_or(NotAKeyArn::SingleRegion)?;
        Ok(Self { partition, region, account, id })
    }

    /// The ARN that the related key in another Region has.
    pub(crate) fn in_region(&self, region: &Region) -> Self {
        Self { region: region.clone(), ..self.clone() }
    }
}

impl fmt::Display for KeyArn {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "arn:{}:kms:{}:{}:key/{}", self.partition.name(), self.region, self.account, self.id)
    }
}

impl fmt::Debug for KeyArn {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, expected: Option<(Partition, &str)>) {
        let found = Region::parse(name).ok().map(|region| (region.partition(), region.short()));
        assert_eq!(found, expected.map(|(partition, short)| (partition, short.to_owned())), "{name}");
    }

    #[test]
    fn regions_fit_a_partition_and_have_short_names() {
        check("us-east-1", Some((Partition::Aws, "use1")));
        check("ap-southeast-2", Some((Partition::Aws, "apse2")));
        check("eu-central-1", Some((Partition::Aws, "euc1")));
        check("mx-central-1", Some((Partition::Aws, "mxc1")));
        check("us-gov-west-1", Some((Partition::AwsUsGov, "usgw1")));
        check("cn-northwest-1", Some((Partition::AwsCn, "cnnw1")));
        check("eusc-de-east-1", Some((Partition::AwsEusc, "euscde1")));
        check("us-esat-1", Some((Partition::Aws, "use1")));
        check("useast1", None);
        check("us-east-", None);
        check("us-east-1\u{1b}", None);
        check("", None);
    }

    #[test]
    fn short_names_of_a_partition_are_told_apart() {
        for partition in Partition::ALL {
            let mut shorts: Vec<String> = partition.regions().iter().map(Region::short).collect();
            shorts.sort();
            let all = shorts.len();
            shorts.dedup();
            assert_eq!(shorts.len(), all, "{partition:?}");
        }
    }

    #[test]
    fn an_arn_says_which_part_is_wrong() {
        let good = "arn:aws:kms:us-east-1:111122223333:key/mrk-00d18cbb72904f3aa1d0c5e9e3317c00";
        assert_eq!(KeyArn::parse(good).unwrap().to_string(), good);
        let wrong = |text: &str| KeyArn::parse(text).unwrap_err();
        assert_eq!(wrong("mrk-1"), NotAKeyArn::Shape);
        assert_eq!(wrong("arn:aws:s3:us-east-1:111122223333:key/mrk-1"), NotAKeyArn::Service);
        assert_eq!(wrong("arn:aws-cn:kms:us-east-1:111122223333:key/mrk-1"), NotAKeyArn::Partition);
        assert_eq!(wrong("arn:aws:kms:moon:111122223333:key/mrk-1"), NotAKeyArn::Region);
        assert_eq!(wrong("arn:aws:kms:us-east-1:1111:key/mrk-1"), NotAKeyArn::Account);
        assert_eq!(wrong("arn:aws:kms:us-east-1:111122223333:alias/mrk-1"), NotAKeyArn::Resource);
        assert_eq!(wrong("arn:aws:kms:us-east-1:111122223333:key/1234"), NotAKeyArn::SingleRegion);
    }

    #[test]
    fn key_ids_keep_to_their_alphabet() {
        assert!(KeyId::parse("mrk-0a41").is_some());
        assert!(KeyId::parse("mrk-aaaa-bbbb").is_some());
        assert!(KeyId::parse("mrk-").is_none());
        assert!(KeyId::parse("mrk-\u{202e}").is_none());
        assert_eq!(KeyId::parse("mrk-00d18c").unwrap().tail(), "00d18c");
        assert_eq!(AccountId::parse("011122223333").unwrap().to_string(), "011122223333");
        assert!(AccountId::parse("11112222333").is_none());
    }
}
