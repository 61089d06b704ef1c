//! `keyfleet.outcome/1`: what became of each step of a plan.

use serde::Serialize;

use crate::domain::key::KeyState;
use crate::domain::plan::{Claim, Mutation, Outcome};
use crate::domain::text::Foreign;
use crate::domain::trail::{self, TrailEvent};

/// One step, as it stands when the run ends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ended<'a> {
    pub(crate) number: u32,
    pub(crate) mutation: &'a Mutation,
    pub(crate) claim: &'a Claim,
    /// Whether what the change set going has come to its end.
    pub(crate) settled: bool,
    /// The state of the key that the change concerns, where it was seen.
    pub(crate) state: Option<&'a KeyState>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Document<'a> {
    schema: &'static str,
    plan: &'a str,
    steps: Vec<StepEntry<'a>>,
}

#[derive(Debug, Serialize)]
struct StepEntry<'a> {
    number: u32,
    outcome: &'static str,
    settled: bool,
    state: Option<&'a str>,
    code: Option<&'a str>,
    request_id: Option<&'a str>,
    detail: &'a str,
    cloudtrail: Vec<EventEntry>,
}

#[derive(Debug, Serialize)]
struct EventEntry {
    event: &'static str,
    region: String,
}

/// The document of a plan's steps, in their order.
pub(crate) fn document<'a>(plan: &'a str, steps: &[Ended<'a>]) -> Document<'a> {
    Document { schema: "keyfleet.outcome/1", plan, steps: steps.iter().map(StepEntry::of).collect() }
}

impl<'a> StepEntry<'a> {
    fn of(ended: &Ended<'a>) -> Self {
        let claim = ended.claim;
        Self {
            number: ended.number,
            outcome: claim.outcome.name(),
            settled: ended.settled,
            state: ended.state.filter(|state| **state != KeyState::Missing).map(KeyState::name),
            code: claim.code.as_ref().map(Foreign::original),
            request_id: claim.request_id.as_ref().map(Foreign::original),
            detail: claim.detail.as_str(),
            cloudtrail: events(ended).iter().map(EventEntry::of).collect(),
        }
    }
}

/// The events that can be there: none of a request that never left, and of one that was refused only its own.
fn events(ended: &Ended<'_>) -> Vec<TrailEvent> {
    let mut events = trail::events(ended.mutation);
    match ended.claim.outcome {
        Outcome::NotSent => events.clear(),
        Outcome::Failed => events.truncate(1),
        Outcome::Done | Outcome::Unknown => {}
    }
    events
}

impl EventEntry {
    fn of(event: &TrailEvent) -> Self {
        Self { event: event.event, region: event.region.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::id::{KeyArn, Region};
    use crate::domain::plan::Change;
    use crate::domain::text::Safe;

    fn check(outcome: Outcome, state: Option<&KeyState>, expected: &serde_json::Value) {
        let arn = KeyArn::parse("arn:aws:kms:us-east-1:111122223333:key/mrk-1").unwrap();
        let change = Change::UpdatePrimaryRegion { to: Region::parse("eu-west-1").unwrap() };
        let claim =
            Claim { outcome, code: None, request_id: Some(Foreign::new("8f2e")), detail: Safe::from_static("x") };
        let mutation = Mutation { arn, change };
        let ended = Ended { number: 2, mutation: &mutation, claim: &claim, settled: false, state };
        let document = serde_json::to_value(document("p-1", &[ended])).unwrap();
        assert_eq!((&document["schema"], &document["plan"]), (&json!("keyfleet.outcome/1"), &json!("p-1")));
        assert_eq!(&document["steps"], expected);
    }

    fn step(outcome: &str, state: &serde_json::Value, regions: &[&str]) -> serde_json::Value {
        let events: Vec<_> =
            regions.iter().map(|region| json!({"event": "UpdatePrimaryRegion", "region": region})).collect();
        json!([{"number": 2, "outcome": outcome, "settled": false, "state": state, "code": null, "request_id": "8f2e",
                "detail": "x", "cloudtrail": events}])
    }

    #[test]
    fn every_outcome_has_the_events_that_can_be_there() {
        let (here, there) = ("us-east-1", "eu-west-1");
        check(Outcome::Done, Some(&KeyState::Updating), &step("done", &json!("Updating"), &[here, there]));
        check(Outcome::Unknown, None, &step("unknown", &json!(null), &[here, there]));
        check(Outcome::Failed, Some(&KeyState::Missing), &step("failed", &json!(null), &[here]));
        check(Outcome::NotSent, Some(&KeyState::Enabled), &step("not_sent", &json!("Enabled"), &[]));
    }
}
