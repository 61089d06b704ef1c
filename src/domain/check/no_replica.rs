//! A multi-Region key with one member only.

use super::{Check, Judgement, Looked, Remedy};
use crate::domain::evidence::Accepted;
use crate::domain::id::Region;
use crate::domain::key::Role;
use crate::domain::reading::ReasonKind;
use crate::domain::standing::{Standing, described};
use crate::domain::text::safe;
use crate::domain::verdict::Severity;

pub(super) const CHECK: Check = Check {
    id: "no_replica",
    title: "A primary has no replica",
    rationale: "A multi-Region key without a replica protects against nothing: when its Region is lost, so is every use of the key, and it cannot be \
                replicated then.",
    remedy: "Replicate the key, or take it for what it is: a key of one Region.",
    severity: Severity::Low,
    needs: &[],
    judge,
};

fn judge(looked: &Looked<'_>) -> Vec<Judgement> {
    let subject = looked.subject;
    let (mut there, mut named, mut not_known) = (0_usize, Vec::new(), Vec::new());
    for cell in &subject.row.cells {
        match subject.standing_of(cell) {
            Standing::Read(_) | Standing::Exists(_) => there += 1,
            Standing::Named(kind) => named.push((&cell.region, kind)),
            Standing::OutOfScope if cell.is_member() => named.push((&cell.region, ReasonKind::OutOfScope)),
            Standing::NotKnown(kind) => not_known.push((&cell.region, kind)),
            Standing::Absent | Standing::DeclaredAbsent | Standing::OutOfScope => {}
        }
    }
    if let Some(replica) = subject.members().into_iter().find(|member| member.key.role == Some(Role::Replica)) {
        // Its own word, not another's: one member alone is a primary.
        let detail = safe!("the member in {} is a replica", replica.region);
        return vec![Judgement::pass(None, detail, vec![described(&replica)])];
    }
    if there > 1 {
        return vec![Judgement::pass(None, safe!("{there} members"), subject.everything())];
    }
    let sure = named.iter().find(|(_, kind)| *kind != ReasonKind::Contradiction);
    if let (Some((region, _)), Accepted::Declared, Some(_)) = (sure, subject.accepted, subject.declaring()) {
        let detail = safe!("the primary names a member in {region}, which could not be read (declared)");
        return vec![Judgement::pass(None, detail, subject.everything())];
    }
    named.extend(not_known);
    match named.first() {
        Some((region, kind)) => vec![perhaps(looked, region, *kind)],
        None => vec![alone(looked)],
    }
}

fn perhaps(looked: &Looked<'_>, region: &Region, kind: ReasonKind) -> Judgement {
    let detail = safe!("one member was seen; whether another is in {region} could not be read: {}", kind.words());
    Judgement {
        remedy: Remedy::text(kind.next_step()),
        ..Judgement::unknown(None, detail, looked.subject.everything())
    }
}

/// Every Region in scope is known to have none, or is taken to by the primary's word. What lies outside only the primary knows.
fn alone(looked: &Looked<'_>) -> Judgement {
    let subject = looked.subject;
    let Some(primary) = subject.declaring() else {
        let detail = "one member was seen, and it is not a primary that could be read and is settled".into();
        let remedy = Remedy::text("let the caller describe the member, or check again in five minutes");
        return Judgement { remedy, ..Judgement::unknown(None, detail, subject.everything()) };
    };
    let how = if subject.hidden().is_declared { " (in part declared)" } else { "" };
    let detail = safe!("the primary in {} has no replica{how}", primary.region);
    let key = &subject.row.key.id;
    let remedy = Remedy::said(safe!("replicate the key: keyfleet plan replicate {key} --to REGION"));
    Judgement { remedy, ..Judgement::fail(None, detail, subject.everything()) }
}
