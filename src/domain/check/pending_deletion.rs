//! A member that will be deleted unless somebody cancels it.

use super::{Check, Judgement, Looked, Remedy, command, each_member};
use crate::domain::fleet::deletion::{Clock, Deletion, deletions};
use crate::domain::fleet::words::spaced;
use crate::domain::standing::{Member, described};
use crate::domain::text::{Safe, safe};
use crate::domain::time::Timestamp;
use crate::domain::verdict::Severity;

pub(super) const CHECK: Check = Check {
    id: "pending_deletion",
    title: "A related key is pending deletion",
    rationale: "When its date has passed the member is gone for good, and with the last member everything that is encrypted under the key. Until then it \
                neither encrypts nor decrypts.",
    remedy: "Cancel the deletion, unless it is meant: the member is Disabled afterwards and must be enabled.",
    severity: Severity::High,
    needs: &[],
    judge,
};

fn judge(looked: &Looked<'_>) -> Vec<Judgement> {
    let dying = deletions(looked.subject.row);
    each_member(looked, |member| {
        let deletion = dying.iter().find(|deletion| deletion.region == *member.region)?;
        Some(found(member, deletion, looked.now))
    })
}

fn found(member: &Member<'_>, deletion: &Deletion, now: Timestamp) -> Judgement {
    let region = member.region;
    let detail = match &deletion.clock {
        Clock::Runs { at: None } => safe!("the member in {region} is pending deletion, no date given"),
        Clock::Runs { at: Some(at) } if *at <= now => {
            safe!("the member in {region} was to be deleted {}, and is still there", at.minute())
        }
        Clock::Runs { at: Some(at) } => {
            safe!("the member in {region} is deleted {}, in {}", at.minute(), spaced(at.since(now)))
        }
        Clock::Waits { window_days, expected, .. } => {
            let window: Safe = window_days.map_or_else(Safe::default, |days| safe!(", {days} days after them"));
            safe!(
                "the primary in {region} waits for its replicas to be deleted and goes then{window}: {}",
                expected.words(now)
            )
        }
    };
    let plan = command(&["plan", "cancel-deletion", &member.key.arn.to_string()]);
    let remedy = Remedy::plan("cancel the deletion, unless it is meant".into(), plan);
    Judgement { remedy, ..Judgement::fail(Some(region.clone()), detail, vec![described(member)]) }
}
