//! A primary that could not be read, although a related key names it.

use super::{Check, Judgement, Looked, Remedy, passed};
use crate::domain::fleet::row::Primary;
use crate::domain::reading::ReasonKind;
use crate::domain::standing::Standing;
use crate::domain::text::{Safe, safe};
use crate::domain::verdict::Severity;

pub(super) const CHECK: Check = Check {
    id: "primary_unreadable",
    title: "A replica is known and its primary could not be read",
    rationale: "The primary's word is what the set is known by, and it alone can be replicated, rotated and promoted from. A set whose primary cannot be \
                read cannot be vouched for.",
    remedy: "Let the caller describe the primary, or check again when its Region answers.",
    severity: Severity::Medium,
    needs: &[],
    judge,
};

fn judge(looked: &Looked<'_>) -> Vec<Judgement> {
    let subject = looked.subject;
    let region = match &subject.row.primary {
        Primary::In(region) => region,
        // Whether there is one primary at all is another check's question.
        Primary::Moving { .. } | Primary::Contradictory { .. } => return Vec::new(),
        Primary::Unknown => return nobody_says(looked),
    };
    let unread = |why: Safe, kind: ReasonKind| {
        let detail = safe!("the primary in {region} {why}");
        let evidence = subject.evidence(region).into_iter().collect();
        vec![Judgement {
            remedy: Remedy::text(kind.next_step()),
            ..Judgement::unknown(Some(region.clone()), detail, evidence)
        }]
    };
    match subject.standing(region) {
        Standing::Read(_) => vec![passed(looked, "the primary was read")],
        Standing::Exists(kind) => unread(safe!("is listed and could not be read: {}", kind.words()), kind),
        Standing::Named(ReasonKind::Contradiction) => unread(
            safe!("is named by its replicas, and its Region was listed without it: a contradiction"),
            ReasonKind::Contradiction,
        ),
        Standing::Named(kind) | Standing::NotKnown(kind) => {
            unread(safe!("is named by its replicas and could not be read: {}", kind.words()), kind)
        }
        Standing::Absent | Standing::DeclaredAbsent => {
            unread("is not where it is said to be".into(), ReasonKind::Contradiction)
        }
        // It was left out on purpose.
        Standing::OutOfScope => Vec::new(),
    }
}

/// Members are listed, and none of them could be described: one of them may be the primary.
fn nobody_says(looked: &Looked<'_>) -> Vec<Judgement> {
    let hidden = looked.subject.hidden();
    let Some((_, kind)) = hidden.members.first() else { return Vec::new() };
    let remedy = Remedy::text(kind.next_step());
    vec![Judgement { remedy, ..Judgement::unknown(None, hidden.words(), looked.subject.everything()) }]
}
