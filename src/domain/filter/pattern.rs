//! Values with `*` in them, compared in linear time whatever they hold.

use std::borrow::Cow;

use crate::domain::id::{Partition, Region};
use crate::domain::text::{Foreign, Safe, safe};

/// Runs of characters that must follow each other; between two of them anything may stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Glob {
    first: String,
    /// What follows the first `*`, piece by piece; empty if there is none.
    rest: Vec<String>,
}

impl Glob {
    /// The whole text.
    pub(crate) fn whole(value: &str) -> Self {
        let value = fold(value);
        let mut pieces = value.split('*').map(str::to_owned);
        Self { first: pieces.next().unwrap_or_default(), rest: pieces.collect() }
    }

    /// The beginning of the text; the whole of it if the value has a `*`.
    pub(super) fn beginning(value: &str) -> Self {
        let mut glob = Self::whole(value);
        if glob.rest.is_empty() {
            glob.rest.push(String::new());
        }
        glob
    }

    /// Anywhere in the text.
    pub(super) fn anywhere(value: &str) -> Self {
        let Self { first, mut rest } = Self::whole(value);
        rest.insert(0, first);
        rest.push(String::new());
        Self { first: String::new(), rest }
    }

    /// The value, as it is compared.
    pub(crate) fn text(&self) -> String {
        std::iter::once(&self.first).chain(&self.rest).map(String::as_str).collect::<Vec<_>>().join("*")
    }

    /// Each piece is taken at its first place after the one before: if any way of placing them fits, this one does, so nothing is ever tried twice.
    pub(crate) fn matches(&self, text: &str) -> bool {
        let text = fold(text);
        let Some((last, middle)) = self.rest.split_last() else {
            return *text == self.first;
        };
        let Some(mut left) = text.strip_prefix(self.first.as_str()) else { return false };
        for piece in middle {
            match left.split_once(piece.as_str()) {
                Some((_, after)) => left = after,
                None => return false,
            }
        }
        left.ends_with(last.as_str())
    }
}

/// Which Regions are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RegionPattern {
    One(Region),
    Any(Glob),
}

impl RegionPattern {
    /// A name, a short name or a value with `*`; nothing else can ever be a Region.
    pub(crate) fn parse(value: &str) -> Option<Self> {
        if value.contains('*') {
            return Some(RegionPattern::Any(Glob::whole(value)));
        }
        let name = fold(value);
        let by_short = || {
            let regions = Partition::ALL.into_iter().flat_map(Partition::regions);
            regions.into_iter().find(|region| region.short() == *name)
        };
        Region::parse(&name).ok().or_else(by_short).map(RegionPattern::One)
    }

    /// The pattern in words: a Region's name, or what it is compared with.
    pub(crate) fn words(&self) -> Safe {
        match self {
            RegionPattern::One(region) => safe!("{region}"),
            RegionPattern::Any(glob) => Foreign::new(glob.text()).safe(),
        }
    }

    pub(crate) fn matches(&self, region: &Region) -> bool {
        match self {
            RegionPattern::One(named) => named == region,
            RegionPattern::Any(glob) => glob.matches(region.as_str()) || glob.matches(&region.short()),
        }
    }
}

/// Lower case, letter by letter: what stands beside a letter never matters.
fn fold(text: &str) -> Cow<'_, str> {
    let is_folded = text.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase());
    if is_folded { Cow::Borrowed(text) } else { Cow::Owned(text.chars().flat_map(char::to_lowercase).collect()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(value: &str, text: &str, [whole, beginning, anywhere]: [bool; 3]) {
        assert_eq!(Glob::whole(value).matches(text), whole, "{value} is {text}");
        assert_eq!(Glob::beginning(value).matches(text), beginning, "{value} begins {text}");
        assert_eq!(Glob::anywhere(value).matches(text), anywhere, "{value} is in {text}");
    }

    #[test]
    fn stars_are_any_run_of_characters() {
        check("pay", "pay", [true, true, true]);
        check("pay", "PAYments", [false, true, true]);
        check("pay", "repay", [false, false, true]);
        check("pay", "play", [false, false, false]);
        check("*", "", [true, true, true]);
        check("p*y", "pay", [true, true, true]);
        check("p*y", "pays", [false, false, true]);
        check("a*a", "a", [false, false, false]);
        check("ab*ba", "aba", [false, false, false]);
        check("*b*b*", "abab", [true, true, true]);
        check("ÄRGER*", "ärgerlich", [true, true, true]);
        check("a**b", "ab", [true, true, true]);
    }

    #[test]
    fn regions_go_by_name_and_short_name() {
        let names = |value: &str, region: &str| {
            RegionPattern::parse(value).map(|pattern| pattern.matches(&Region::parse(region).unwrap()))
        };
        assert_eq!(names("US-EAST-1", "us-east-1"), Some(true));
        assert_eq!(names("use1", "us-east-1"), Some(true));
        assert_eq!(names("use1", "us-east-2"), Some(false));
        assert_eq!(names("eu-*", "eu-west-1"), Some(true));
        assert_eq!(names("euw*", "eu-west-1"), Some(true));
        assert_eq!(names("xx-north-1", "us-east-1"), None);
        assert_eq!(names("", "us-east-1"), None);
    }
}
