//! A primary that waits for its replicas to be deleted, while nobody deletes one of them.

use super::{Check, Judgement, Looked, Remedy, command, doubt, passed};
use crate::domain::evidence::Evidence;
use crate::domain::fleet::deletion::{Awaited, AwaitedState, Clock, deletions};
use crate::domain::id::Region;
use crate::domain::key::KeyState;
use crate::domain::standing::{Member, described};
use crate::domain::text::safe;
use crate::domain::verdict::Severity;

pub(super) const CHECK: Check = Check {
    id: "deletion_never_starts",
    title: "A primary is pending deletion, and a replica is not",
    rationale: "A primary's clock starts when its last replica is deleted. With a replica that nobody deletes it stays PendingReplicaDeletion for ever: \
                unusable, and still there.",
    remedy: "Cancel the deletion of the primary, or schedule that of the replicas too.",
    severity: Severity::Medium,
    needs: &[],
    judge,
};

fn judge(looked: &Looked<'_>) -> Vec<Judgement> {
    let subject = looked.subject;
    let waiting = deletions(subject.row).into_iter().find_map(|deletion| match deletion.clock {
        Clock::Waits { replicas, .. } => subject.member(&deletion.region).map(|primary| (primary, replicas)),
        Clock::Runs { .. } => None,
    });
    match waiting {
        Some((primary, replicas)) => judge_waiting(looked, &primary, &replicas),
        // Only a primary waits, and this one was read and does not.
        None if subject.declaring().is_some() => vec![passed(looked, "no primary waits for its replicas")],
        None => vec![doubt(looked).unwrap_or_else(|| passed(looked, "no primary waits for its replicas"))],
    }
}

fn judge_waiting(looked: &Looked<'_>, primary: &Member<'_>, replicas: &[Awaited]) -> Vec<Judgement> {
    let alive: Vec<&Region> =
        replicas.iter().filter(|replica| is_alive(looked, replica)).map(|replica| &replica.region).collect();
    let here = Some(primary.region.clone());
    let of = |region: &&Region| looked.subject.member(region).map(|member| described(&member));
    if !alive.is_empty() {
        let names: Vec<&str> = alive.iter().map(|region| region.as_str()).collect();
        let detail = safe!(
            "the deletion of the primary in {} never starts: not pending deletion in {}",
            primary.region,
            names.join(", ")
        );
        let evidence: Vec<Evidence> = std::iter::once(described(primary)).chain(alive.iter().filter_map(of)).collect();
        let plan = command(&["plan", "cancel-deletion", &primary.key.arn.to_string()]);
        let remedy =
            Remedy::plan("cancel the deletion of the primary, or schedule that of the replicas too".into(), plan);
        return vec![Judgement { remedy, ..Judgement::fail(here, detail, evidence) }];
    }
    let unread = replicas.iter().find(|replica| !is_pending(looked, replica));
    if let Some(replica) = unread {
        let detail = safe!(
            "the primary in {} waits for its replicas; whether the one in {} is pending deletion is not known: {}",
            primary.region,
            replica.region,
            replica.state.words(looked.now)
        );
        let remedy =
            Remedy::text("read the replica: check again when its Region answers, or let the caller describe it");
        return vec![Judgement { remedy, ..Judgement::unknown(here, detail, looked.subject.everything()) }];
    }
    vec![
        doubt(looked).unwrap_or_else(|| passed(looked, "every replica that the primary waits for is pending deletion")),
    ]
}

/// Read in this run, and nobody deletes it.
fn is_alive(looked: &Looked<'_>, replica: &Awaited) -> bool {
    let is_read = looked.subject.member(&replica.region).is_some();
    match &replica.state {
        AwaitedState::NotPending(KeyState::Other(_) | KeyState::Missing)
        | AwaitedState::Pending { .. }
        | AwaitedState::Unknown(_) => false,
        AwaitedState::NotPending(_) => is_read,
    }
}

fn is_pending(looked: &Looked<'_>, replica: &Awaited) -> bool {
    matches!(replica.state, AwaitedState::Pending { .. }) && looked.subject.member(&replica.region).is_some()
}
