//! What the key policies that have been read say of a change. What IAM and an organization's policies say stays unknown.

use super::Facts;
use crate::domain::id::{KeyArn, Region};
use crate::domain::plan::{Change, Identity, Mutation, Precondition, Verdict};
use crate::domain::policy::{self, Caller, Document, Lockout, Permits, PlaceNamed, Request};
use crate::domain::text::{Foreign, Safe, safe};

/// The longest policy that KMS takes, in bytes.
const LONGEST: usize = 32 * 1024;

/// What must hold of the policy that a replica gets.
pub(super) fn conditions(mutation: &Mutation, identity: &Identity) -> Vec<Precondition> {
    let Change::ReplicateKey { to, policy, .. } = &mutation.change else { return Vec::new() };
    match Document::parse(policy.original()) {
        Ok(document) => {
            let lockout = lockout(&document, &mutation.arn.in_region(to), identity);
            too_long(policy).into_iter().chain(deleted_principal(&document)).chain([lockout]).collect()
        }
        Err(why) => vec![Precondition {
            text: safe!("what the policy allows is not known: {}", why.words()),
            result: Verdict::Unknown,
            blocks: true,
        }],
    }
}

/// The places of the policy that mean a Region: what a copy to the letter gets wrong.
pub(super) fn bound_to(policy: &Foreign, region: &Region) -> usize {
    policy::places(policy.original(), region).iter().filter(|place| place.is_rewritten()).count()
}

/// Every place of the policy that names the primary's Region, with what it means for the replica.
pub(super) fn places(policy: &Foreign, from: &Region, to: &Region) -> Vec<Safe> {
    let line = |place: &PlaceNamed| {
        let words = place.words(to);
        if place.is_rewritten() { safe!("! {words}") } else { words }
    };
    let mut all = policy::places(policy.original(), from);
    // What a copy gets wrong comes before what is only a name.
    all.sort_by_key(|place| !place.is_rewritten());
    all.iter().map(line).collect()
}

/// Whether the replica's policy says of its own Region what the primary's says of its own; None if either is no policy.
pub(super) fn means_the_same(own: &Foreign, from: &Region, policy: &Foreign, to: &Region) -> Option<bool> {
    let parsed = |text: &Foreign| Document::parse(text.original()).ok();
    Some(parsed(own)?.normalised(from) == parsed(policy)?.normalised(to))
}

/// Whether the policy is KMS's default: whoever has the IAM policies may do everything.
pub(super) fn is_default(policy: &Foreign, arn: &KeyArn) -> bool {
    Document::parse(policy.original()).is_ok_and(|document| policy::is_default(&document, arn.account))
}

/// What the policy of the member in a Region says to the caller; None if it is not known.
pub(super) fn permits(
    facts: Facts<'_>,
    region: &Region,
    (action, mutation): (&str, &Mutation),
    identity: &Identity,
) -> Option<Permits> {
    let document = Document::parse(facts.policy(region)?.original()).ok()?;
    let caller = Caller::new(identity.caller_arn.original(), identity.account);
    let key = mutation.arn.in_region(region);
    let request = Request { caller: &caller, action, key: &key, target: mutation.change.target() };
    Some(policy::permits(&document, &request))
}

fn too_long(policy: &Foreign) -> Option<Precondition> {
    let length = policy.original().len();
    let text = safe!("the policy has {length} bytes: KMS takes no more than {LONGEST}");
    (length > LONGEST).then_some(Precondition { text, result: Verdict::Fail, blocks: true })
}

/// A principal that is a bare unique ID is what AWS leaves of a deleted one: KMS refuses a policy that holds it.
fn deleted_principal(document: &Document) -> Option<Precondition> {
    let found = document.bare_principals();
    let name = found.first()?.safe();
    let text = safe!("the policy names a deleted principal ({name}): AWS refuses it; mend the primary's policy first");
    Some(Precondition { text, result: Verdict::Fail, blocks: true })
}

/// AWS refuses a policy that locks its author out, unless told not to look; keyfleet never tells it.
fn lockout(document: &Document, replica: &KeyArn, identity: &Identity) -> Precondition {
    let caller = Caller::new(identity.caller_arn.original(), identity.account);
    let (result, text) = match policy::lockout(document, &caller, replica) {
        Lockout::Safe => {
            (Verdict::Pass, Safe::from_static("the policy does not keep the caller from changing it later"))
        }
        Lockout::LockedOut(why) => {
            (Verdict::Fail, safe!("the caller could not change the replica's policy later: {why}"))
        }
        Lockout::Unknown(why) => {
            (Verdict::Unknown, safe!("whether the caller could change the replica's policy later is not known: {why}"))
        }
    };
    // Where it is not known AWS decides, and refuses before anything is made.
    Precondition { text, result, blocks: result != Verdict::Unknown }
}
