//! Where CloudTrail tells of a change, and what there proves whose request it was.
//!
//! AWS writes an event in every Region that a change touches, and keeps each in that Region.

use super::id::Region;
use super::plan::{Change, Mutation};

/// One event to look for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TrailEvent {
    pub(crate) event: &'static str,
    pub(crate) region: Region,
}

/// The events that a change leaves behind. The first is of the request itself; the second, where there is one, is AWS's own in the other Region.
pub(crate) fn events(mutation: &Mutation) -> Vec<TrailEvent> {
    let asked = TrailEvent { event: mutation.change.operation().name(), region: mutation.sent_to().clone() };
    let followed = match &mutation.change {
        Change::ReplicateKey { to, .. } => Some(TrailEvent { event: "CreateKey", region: to.clone() }),
        Change::UpdatePrimaryRegion { to } => Some(TrailEvent { event: asked.event, region: to.clone() }),
        Change::CancelKeyDeletion | Change::EnableKey | Change::CreateAlias { .. } => None,
    };
    std::iter::once(asked).chain(followed).collect()
}

/// What stands in the request's User-Agent, and so in the event's `userAgent`.
pub(crate) fn mark(intent: &str) -> String {
    format!("intent/{intent}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::KeyArn;
    use crate::domain::text::Foreign;

    fn check(change: Change, expected: &[(&str, &str)]) {
        let arn = KeyArn::parse("arn:aws:kms:us-east-1:111122223333:key/mrk-1").unwrap();
        let found = events(&Mutation { arn, change });
        let found: Vec<(&str, &str)> = found.iter().map(|found| (found.event, found.region.as_str())).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn every_region_that_a_change_touches_has_its_event() {
        let to = Region::parse("us-west-2").unwrap();
        let empty = Foreign::new("");
        let replicate =
            Change::ReplicateKey { to: to.clone(), policy: empty.clone(), description: empty, tags: Vec::new() };
        check(replicate, &[("ReplicateKey", "us-east-1"), ("CreateKey", "us-west-2")]);
        let promote = Change::UpdatePrimaryRegion { to };
        check(promote, &[("UpdatePrimaryRegion", "us-east-1"), ("UpdatePrimaryRegion", "us-west-2")]);
        check(Change::CancelKeyDeletion, &[("CancelKeyDeletion", "us-east-1")]);
        check(Change::EnableKey, &[("EnableKey", "us-east-1")]);
        check(Change::CreateAlias { alias: Foreign::new("alias/a") }, &[("CreateAlias", "us-east-1")]);
    }
}
