//! An answer of AWS that is none of a sound key.

use super::{Check, Judgement, Looked, Remedy, doubt, passed};
use crate::domain::fleet::presence::Presence;
use crate::domain::text::safe;
use crate::domain::verdict::Severity;

pub(super) const CHECK: Check = Check {
    id: "odd_answer",
    title: "What was answered about a related key is not what AWS says of a sound key",
    rationale: "An answer about another key, without a role, or in a state that is not documented proves nothing about this one.",
    remedy: "Read again; if it stays, look the member up in the console, and look for a proxy between here and AWS.",
    severity: Severity::Medium,
    needs: &[],
    judge,
};

fn judge(looked: &Looked<'_>) -> Vec<Judgement> {
    let mut judgements = Vec::new();
    for cell in looked.subject.row.cells.iter().filter(|cell| cell.in_scope) {
        let Presence::Present(present) = &cell.presence else { continue };
        let region = &cell.region;
        judgements.extend(present.key.oddities.iter().map(|oddity| Judgement {
            remedy: Remedy::text("read again; if it stays, look the member up in the console"),
            ..Judgement::unknown(
                Some(region.clone()),
                safe!("the answer about the member in {region} is odd: {}", oddity.safe()),
                looked.subject.evidence(region).into_iter().collect(),
            )
        }));
    }
    judgements.extend(doubt(looked));
    if judgements.is_empty() { vec![passed(looked, "nothing odd in any answer")] } else { judgements }
}
