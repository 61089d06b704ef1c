//! A replica with the policy that KMS gives where none was sent, although somebody has given the primary another one.

use super::{Check, Judgement, Looked, Remedy, deep, doubt, passed};
use crate::domain::evidence::Evidence;
use crate::domain::id::Region;
use crate::domain::policy::is_default;
use crate::domain::reading::Deep;
use crate::domain::standing::{Member, described};
use crate::domain::text::safe;
use crate::domain::verdict::Severity;

pub(super) const CHECK: Check = Check {
    id: "default_policy_replica",
    title: "A replica has the default policy, the primary does not",
    rationale: "ReplicateKey copies no policy. With the default one every IAM policy of the account that allows kms:Decrypt opens in that Region what \
                the primary's policy protects.",
    remedy: "Give the replica the primary's policy with aws kms put-key-policy; keyfleet changes no policy.",
    severity: Severity::High,
    needs: &[Deep::Policy],
    judge,
};

/// What a member's policy is, for this check.
enum Kind {
    Default(Evidence),
    Own(Evidence),
    NotRead(Box<Judgement>),
}

/// The replicas for which the check fails.
pub(super) fn failing(looked: &Looked<'_>) -> Vec<Region> {
    let Some(primary) = primary(looked) else { return Vec::new() };
    if !matches!(kind(&primary), Kind::Own(_)) {
        return Vec::new();
    }
    let replicas = replicas(looked).into_iter().filter(|replica| matches!(kind(replica), Kind::Default(_)));
    replicas.map(|replica| replica.region.clone()).collect()
}

fn judge(looked: &Looked<'_>) -> Vec<Judgement> {
    let of_primary = primary(looked).map(|primary| kind(&primary));
    if let Some(Kind::Default(evidence)) = of_primary {
        // Whatever the replicas have, it is no looser.
        let passed = passed(looked, "the primary has the default policy itself");
        return vec![Judgement { evidence: passed.evidence.into_iter().chain([evidence]).collect(), ..passed }];
    }
    let mut judgements = Vec::new();
    let mut evidence = Vec::new();
    for replica in replicas(looked) {
        match (&of_primary, kind(&replica)) {
            (_, Kind::Own(own)) => evidence.push(own),
            (Some(Kind::Own(primary)), Kind::Default(own)) => {
                judgements.push(found(&replica, vec![primary.clone(), own]));
            }
            (Some(Kind::NotRead(_) | Kind::Default(_)) | None, Kind::Default(own)) => {
                judgements.push(perhaps(&replica, own));
            }
            (_, Kind::NotRead(judgement)) => judgements.push(*judgement),
        }
    }
    judgements.extend(doubt(looked));
    if judgements.is_empty() {
        let passed = passed(looked, "no replica has the default policy");
        judgements.push(Judgement { evidence: passed.evidence.into_iter().chain(evidence).collect(), ..passed });
    }
    judgements
}

fn found(replica: &Member<'_>, evidence: Vec<Evidence>) -> Judgement {
    let region = replica.region;
    let detail = safe!(
        "the replica in {region} has the default policy, which leaves everything to IAM; the primary's policy is another, and does not protect it there"
    );
    let remedy = Remedy::text(
        "set the primary's policy on the replica with aws kms put-key-policy, after a look at the Regions that it names",
    );
    Judgement { remedy, ..Judgement::fail(Some(region.clone()), detail, evidence) }
}

fn perhaps(replica: &Member<'_>, own: Evidence) -> Judgement {
    let region = replica.region;
    let detail =
        safe!("the replica in {region} has the default policy; whether the primary has it too could not be read");
    let remedy =
        Remedy::text("read the primary's policy: allow kms:GetKeyPolicy there, or check again when its Region answers");
    Judgement { remedy, ..Judgement::unknown(Some(region.clone()), detail, vec![own]) }
}

/// The default policy is always understood, so what is not is another one.
fn kind(member: &Member<'_>) -> Kind {
    let reading = &member.related.policy;
    match deep::policy(member) {
        Ok((document, evidence)) if is_default(&document, member.key.arn.account) => Kind::Default(evidence),
        Ok((_, evidence)) => Kind::Own(evidence),
        Err(_) if reading.fresh().is_some() => Kind::Own(described(member)),
        Err(judgement) => Kind::NotRead(judgement),
    }
}

fn primary<'a>(looked: &Looked<'a>) -> Option<Member<'a>> {
    looked.subject.row.primary_region().and_then(|region| looked.subject.member(region))
}

/// While the primary role moves, every member may turn out to be a replica.
fn replicas<'a>(looked: &Looked<'a>) -> Vec<Member<'a>> {
    let primary = looked.subject.row.primary_region();
    looked.subject.members().into_iter().filter(|member| Some(member.region) != primary).collect()
}
