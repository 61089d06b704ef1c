//! Readings as they were: a value with its time, or the reason why there is none. A value without a time is no reading.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::kept::{KeptReason, KeptRegion, OrNull};
use crate::domain::fleet::{Aliases, Listing, RegionFacts, Scan};
use crate::domain::id::KeyId;
use crate::domain::reading::{Asked, Reading, Reason, ReasonKind};
use crate::domain::text::{Foreign, Safe};
use crate::domain::time::Timestamp;
use crate::wire::found::{Wrong, Wrongness};

/// Numbers the questions anew, and keeps by which requests they were answered.
#[derive(Debug, Default)]
pub(super) struct Questions {
    last: u64,
    pub(super) request_ids: BTreeMap<Asked, Foreign>,
}

impl Questions {
    fn next(&mut self, request_id: Option<&str>) -> Asked {
        self.last += 1;
        let asked = Asked(self.last);
        self.request_ids.extend(request_id.map(|id| (asked, Foreign::new(id))));
        asked
    }
}

/// One reading as the document has it.
pub(super) struct Held<'a, T> {
    pub(super) value: Option<T>,
    pub(super) at: &'a OrNull<String>,
    pub(super) reason: &'a OrNull<KeptReason>,
    pub(super) request_id: &'a OrNull<String>,
}

impl<T> Held<'_, T> {
    /// `path` is the object's, `field` the reading's own.
    pub(super) fn reading(self, path: &str, field: &str, questions: &mut Questions) -> Result<Reading<T>, Wrong> {
        let at = time(path, field, self.at)?;
        let why = self.reason.0.as_ref().map(|why| reason(path, field, why)).transpose()?;
        let last = match (self.value, at) {
            (Some(value), Some(at)) => Some((value, at)),
            (None, None) => None,
            (Some(_), None) => return Err(wrong(path, field, "has no time at which it was read")),
            (None, Some(_)) => return Err(wrong(path, field, "was read and is not there")),
        };
        if why.is_none() && last.is_none() {
            return Ok(Reading::NotAsked);
        }
        let asked = questions.next(self.request_id.text());
        Ok(match (why, last) {
            (Some(why), last) => Reading::Failed { why, asked, last },
            (None, Some((value, at))) => Reading::Known { value, asked, at },
            (None, None) => Reading::NotAsked,
        })
    }
}

/// What is known of a Region. `ids` are the keys that say they were listed there.
pub(super) fn region_facts(
    region: &KeptRegion,
    (ids, mut aliases): (BTreeSet<KeyId>, Aliases),
    path: &str,
    questions: &mut Questions,
) -> Result<RegionFacts, Wrong> {
    let value = match (region.listed.0, region.multi_region.0) {
        (Some(listed), Some(_)) => Some(Listing { listed, multi_region: ids }),
        (None, None) => None,
        (Some(_), None) | (None, Some(_)) => {
            return Err(wrong(path, ".multi_region", "and listed are null together, or neither is"));
        }
    };
    for other in &region.other_aliases {
        let names = other.aliases.iter().map(|name| Foreign::new(name.as_str())).collect();
        aliases.insert(other.key_id.as_str().into(), names);
    }
    let is_read = region.aliases_at.0.is_some();
    let (at, reason, nobody) = (&region.aliases_at, &region.aliases_reason, OrNull(None));
    let aliases = Held { value: is_read.then_some(aliases), at, reason, request_id: &nobody };
    let aliases = aliases.reading(path, ".aliases", questions)?;
    let (listing, scan) = match value {
        Some(so_far) if region.status == "partial" && region.read_at.0.is_none() => {
            partial(region, so_far, path, questions)?
        }
        value => {
            let (at, reason, request_id) = (&region.read_at, &region.reason, &region.request_id);
            (Held { value, at, reason, request_id }.reading(path, ".listed", questions)?, None)
        }
    };
    Ok(RegionFacts { listing, scan, aliases, outage: None, stale: false })
}

/// A listing that ended before its last page.
fn partial(
    region: &KeptRegion,
    so_far: Listing,
    path: &str,
    questions: &mut Questions,
) -> Result<(Reading<Listing>, Option<Scan>), Wrong> {
    let (at, reason, request_id) = (&region.read_at, &region.reason, &region.request_id);
    let listing = Held { value: None, at, reason, request_id }.reading(path, ".listed", questions)?;
    let (Some(why), Some(asked)) = (listing.failure().cloned(), listing.asked()) else {
        return Err(wrong(path, ".reason", "is missing: why is the listing partial?"));
    };
    Ok((listing, Some(Scan { asked, pages: 1, so_far, ended: Some(why) })))
}

pub(super) fn reason(path: &str, field: &str, kept: &KeptReason) -> Result<Arc<Reason>, Wrong> {
    let text = |text: &OrNull<String>| text.text().map(Foreign::new);
    let kind = ReasonKind::from_name(&kept.kind);
    Ok(Arc::new(Reason {
        kind: kind.ok_or_else(|| wrong(path, field, "has a reason of a kind that this keyfleet does not know"))?,
        code: text(&kept.code),
        message: text(&kept.message),
        request_id: text(&kept.request_id),
        at: time(path, field, &kept.at)?,
        next_step: Foreign::new(kept.next_step.as_str()).safe(),
    }))
}

pub(super) fn time(path: &str, field: &str, text: &OrNull<String>) -> Result<Option<Timestamp>, Wrong> {
    text.text().map(|text| required_time(path, field, text)).transpose()
}

pub(super) fn required_time(path: &str, field: &str, text: &str) -> Result<Timestamp, Wrong> {
    Timestamp::parse(text).ok_or_else(|| wrong(path, field, "has a time that is not RFC 3339"))
}

pub(super) fn wrong(path: &str, field: &str, what: &'static str) -> Wrong {
    let path = format!("{path}{field}");
    let path = path.strip_prefix('.').unwrap_or(&path).to_owned();
    Wrong { path, what: Safe::from_static(what), kind: Wrongness::Sense }
}
