//! A member that is being made or updated for longer than that takes.

use super::{Check, Judgement, Looked, Remedy, each_member};
use crate::domain::fleet::row::Primary;
use crate::domain::key::KeyState;
use crate::domain::standing::{Member, described};
use crate::domain::text::safe;
use crate::domain::time::{Timestamp, span};
use crate::domain::verdict::Severity;

pub(super) const CHECK: Check = Check {
    id: "moving_long",
    title: "A related key has been Creating or Updating for long",
    rationale: "A replica is made within seconds, mostly, and ten minutes at times; a promotion takes a minute. Longer than that AWS may have to be asked, \
                and meanwhile the key cannot be managed.",
    remedy: "Check again later; if it stays, ask AWS Support with the key's ARN.",
    severity: Severity::Medium,
    needs: &[],
    judge,
};

fn judge(looked: &Looked<'_>) -> Vec<Judgement> {
    each_member(looked, |member| match member.key.state {
        KeyState::Creating => of_creating(looked, member),
        KeyState::Updating => Some(of_updating(looked, member)),
        KeyState::Enabled
        | KeyState::Disabled
        | KeyState::PendingDeletion
        | KeyState::PendingReplicaDeletion
        | KeyState::PendingImport
        | KeyState::Unavailable
        | KeyState::Other(_)
        | KeyState::Missing => None,
    })
}

fn of_creating(looked: &Looked<'_>, member: &Member<'_>) -> Option<Judgement> {
    match member.key.created_at {
        Some(created) if is_long(looked, created) => Some(long(looked, member, created)),
        Some(_) => None,
        None => Some(not_known(member, "no creation date was given")),
    }
}

/// Since when a member is Updating no answer says; only whoever has looked on knows a time that it is at least.
fn of_updating(looked: &Looked<'_>, member: &Member<'_>) -> Judgement {
    match &looked.subject.row.primary {
        Primary::Moving { since } | Primary::Contradictory { since } if is_long(looked, *since) => {
            long(looked, member, *since)
        }
        Primary::Moving { .. } | Primary::Contradictory { .. } | Primary::In(_) | Primary::Unknown => {
            not_known(member, "since when, one reading does not tell")
        }
    }
}

fn is_long(looked: &Looked<'_>, since: Timestamp) -> bool {
    looked.now.since(since) > looked.tuning.moving_at_most
}

fn long(looked: &Looked<'_>, member: &Member<'_>, since: Timestamp) -> Judgement {
    let (region, state) = (member.region, member.key.state.safe());
    let detail = safe!("the member in {region} has been {state} for {}", span(looked.now.since(since)));
    let remedy = Remedy::text("check again later; if it stays, ask AWS Support with the key's ARN");
    Judgement { remedy, ..Judgement::fail(Some(region.clone()), detail, vec![described(member)]) }
}

fn not_known(member: &Member<'_>, why: &'static str) -> Judgement {
    let (region, state) = (member.region, member.key.state.safe());
    let detail = safe!("the member in {region} is {state}; {why}");
    let remedy = Remedy::text("check again in ten minutes");
    Judgement { remedy, ..Judgement::unknown(Some(region.clone()), detail, vec![described(member)]) }
}
