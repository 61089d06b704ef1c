//! Imported key material that expires soon, or not at the same moment in all related keys.

use super::{Check, Judgement, Looked, Remedy, doubt, passed};
use crate::domain::fleet::words::spaced;
use crate::domain::key::KeyState;
use crate::domain::standing::{Member, described};
use crate::domain::text::{Safe, safe};
use crate::domain::time::Timestamp;
use crate::domain::verdict::Severity;

pub(super) const CHECK: Check = Check {
    id: "material_expiry",
    title: "Imported key material expires soon, or at different dates",
    rationale: "When its material expires a member stops working until the very same material is imported again. Related keys with different dates \
                fail one after the other.",
    remedy: "Import the key material again with aws kms import-key-material, with the same date, or none, in all members.",
    severity: Severity::High,
    needs: &[],
    judge,
};

fn judge(looked: &Looked<'_>) -> Vec<Judgement> {
    if !looked.subject.may_import() {
        return Vec::new();
    }
    // What has no material, or is dying, has checks of its own.
    let members: Vec<Member<'_>> = looked.subject.members().into_iter().filter(has_material).collect();
    let mut judgements: Vec<Judgement> = members.iter().filter_map(|member| expiring(looked, member)).collect();
    judgements.extend(different(&members));
    judgements.extend(doubt(looked));
    if judgements.is_empty() {
        judgements.push(passed(looked, "no imported key material expires soon or at another date than the others'"));
    }
    judgements
}

fn has_material(member: &Member<'_>) -> bool {
    match member.key.state {
        KeyState::Enabled | KeyState::Disabled | KeyState::Updating | KeyState::Unavailable => true,
        KeyState::Creating
        | KeyState::PendingDeletion
        | KeyState::PendingReplicaDeletion
        | KeyState::PendingImport
        | KeyState::Other(_)
        | KeyState::Missing => false,
    }
}

fn expiring(looked: &Looked<'_>, member: &Member<'_>) -> Option<Judgement> {
    let ends = member.key.valid_to?;
    let region = member.region;
    let detail = if ends <= looked.now {
        safe!("the key material of the member in {region} expired {}", ends.minute())
    } else if ends <= looked.now.plus(looked.tuning.expires_within) {
        safe!(
            "the key material of the member in {region} expires {}, in {}",
            ends.minute(),
            spaced(ends.since(looked.now))
        )
    } else {
        return None;
    };
    let remedy = Remedy::text("import the very same key material again, with a later date or none");
    Some(Judgement { remedy, ..Judgement::fail(Some(region.clone()), detail, vec![described(member)]) })
}

fn different(members: &[Member<'_>]) -> Option<Judgement> {
    let (first, others) = members.split_first()?;
    if others.iter().all(|other| other.key.valid_to == first.key.valid_to) {
        return None;
    }
    let each: Vec<String> =
        members.iter().map(|member| format!("{} {}", member.region, date(member.key.valid_to))).collect();
    let detail = safe!("the key material does not expire at the same date in all members: {}", each.join(", "));
    let remedy = Remedy::text(
        "import the key material again where the date is wrong, with the same date, or none, in all members",
    );
    Some(Judgement { remedy, ..Judgement::fail(None, detail, members.iter().map(described).collect()) })
}

fn date(ends: Option<Timestamp>) -> Safe {
    ends.map_or_else(|| Safe::from_static("never"), |ends| safe!("{}", ends.minute()))
}
