//! What a check reads of a member beyond its description: the value with its evidence, or the judgement that says why there is none.

use super::{Judgement, Remedy};
use crate::domain::evidence::{Basis, Evidence};
use crate::domain::fleet::Fleet;
use crate::domain::id::{Login, Place};
use crate::domain::key::{Rotation, Tag};
use crate::domain::policy::Document;
use crate::domain::reading::{Reading, Reason, ReasonKind};
use crate::domain::standing::{Member, read_of};
use crate::domain::text::{Foreign, Safe, safe};

/// A value and the answer that it comes from.
pub(super) type Found<T> = Result<(T, Evidence), Box<Judgement>>;

/// The member's policy, understood.
pub(super) fn policy(member: &Member<'_>) -> Found<Document> {
    let (text, evidence) = value(member, "GetKeyPolicy", &member.related.policy)?;
    match Document::parse(text.original()) {
        Ok(document) => Ok((document, evidence)),
        Err(error) => {
            let detail = safe!("the policy of the member in {} is not understood: {}", member.region, error.words());
            let remedy = Remedy::text("compare and judge this policy by hand");
            Err(Box::new(Judgement {
                remedy,
                ..Judgement::unknown(Some(member.region.clone()), detail, vec![evidence])
            }))
        }
    }
}

pub(super) fn tags<'a>(member: &Member<'a>) -> Found<&'a [Tag]> {
    value(member, "ListResourceTags", &member.related.tags).map(|(tags, evidence)| (tags.as_slice(), evidence))
}

pub(super) fn rotation<'a>(member: &Member<'a>) -> Found<&'a Rotation> {
    value(member, "GetKeyRotationStatus", &member.related.rotation)
}

/// The aliases of the member in its Region, by name.
pub(super) fn aliases<'a>(fleet: &'a Fleet, login: Login, member: &Member<'a>) -> Found<&'a [Foreign]> {
    let place = Place::new(login, member.region.clone());
    let reading = fleet.region(&place).map_or(&Reading::NotAsked, |facts| &facts.aliases);
    let evidence = Evidence { basis: Basis::Listed, ..read_of(member, "ListAliases", reading) };
    let all = of((member, "ListAliases"), reading, evidence.clone())?;
    Ok((all.get(member.key.arn.id.as_str()).map_or(&[], Vec::as_slice), evidence))
}

fn value<'a, T>(member: &Member<'a>, operation: &'static str, reading: &'a Reading<T>) -> Found<&'a T> {
    let evidence = read_of(member, operation, reading);
    of((member, operation), reading, evidence.clone()).map(|value| (value, evidence))
}

fn of<'a, T>(
    (member, operation): (&Member<'_>, &'static str),
    reading: &'a Reading<T>,
    evidence: Evidence,
) -> Result<&'a T, Box<Judgement>> {
    let here = Some(member.region.clone());
    match reading {
        Reading::Known { value, .. } => Ok(value),
        Reading::NotAsked | Reading::Waiting => {
            // Where the Region gives no answers, nobody asks it any more: then its reason is this reading's too.
            let (words, remedy) = match member.trouble() {
                Some(why) => (safe!("not asked, {}", why.kind.words()), Remedy::said(why.next_step.clone())),
                None => (Safe::from_static("not read yet"), Remedy::text("read it with keyfleet check")),
            };
            let detail = safe!("{operation} in {}: {words}", member.region);
            Err(Box::new(Judgement { remedy, ..Judgement::unknown(here, detail, Vec::new()) }))
        }
        Reading::Failed { why, .. } => {
            let detail = safe!("{operation} in {}: {}", member.region, failed(why));
            let remedy = Remedy::said(unlock(operation, why));
            Err(Box::new(Judgement { remedy, ..Judgement::unknown(here, detail, vec![evidence]) }))
        }
    }
}

/// A denial of one key is mostly, and not certainly, its policy's.
fn failed(why: &Reason) -> &'static str {
    if is_denied(why) { "access denied" } else { why.kind.words() }
}

fn unlock(operation: &'static str, why: &Reason) -> Safe {
    if is_denied(why) {
        safe!("allow kms:{operation} to this caller, in the key's policy or by IAM where the policy leaves it to IAM")
    } else {
        why.next_step.clone()
    }
}

fn is_denied(why: &Reason) -> bool {
    matches!(why.kind, ReasonKind::Denied | ReasonKind::DeniedByKeyPolicy)
}
