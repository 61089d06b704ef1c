//! Related keys with different tags, apart from tag keys that may differ.

use super::{Check, Judgement, Looked, Remedy, deep, drift};
use crate::domain::key::Tag;
use crate::domain::reading::Deep;
use crate::domain::text::{Safe, safe};
use crate::domain::verdict::Severity;

pub(super) const CHECK: Check = Check {
    id: "tags_drift",
    title: "Related keys have different tags",
    rationale: "ReplicateKey copies no tags. Access that goes by tags, cost allocation and ownership then differ from Region to Region.",
    remedy: "Tag the members alike with aws kms tag-resource, or put the tag's key on the ignore list.",
    severity: Severity::Low,
    needs: &[Deep::Tags],
    judge,
};

fn judge(looked: &Looked<'_>) -> Vec<Judgement> {
    let compared = drift::gather(looked, |member| {
        let (tags, evidence) = deep::tags(member)?;
        let ignored = |tag: &&Tag| looked.tuning.ignored_tags.iter().any(|glob| glob.matches(tag.key.original()));
        let mut kept: Vec<&Tag> = tags.iter().filter(|tag| !ignored(tag)).collect();
        kept.sort();
        Ok((kept, evidence))
    });
    let remedy =
        Remedy::text("tag the members alike with aws kms tag-resource, or put the tag's key on tags_drift.ignore");
    drift::judge(looked, &compared, &remedy, |reference, other| words(&reference.value, &other.value))
}

/// Compared as they are, worded for eyes: two tags that look alike may still differ.
fn words(reference: &[&Tag], other: &[&Tag]) -> Option<Safe> {
    if reference == other {
        return None;
    }
    let shown = |tags: &[&Tag]| -> Vec<Safe> {
        tags.iter().map(|tag| safe!("{}={}", tag.key.safe(), tag.value.safe())).collect()
    };
    Some(drift::set_words(&shown(reference), &shown(other)).unwrap_or_else(|| "tags that only look alike".into()))
}
