//! Related keys that do not agree on one primary.

use super::{Check, Judgement, Looked, Remedy, doubt, passed};
use crate::domain::fleet::row::Primary;
use crate::domain::fleet::words::spaced;
use crate::domain::key::{KeyState, Role};
use crate::domain::text::{Safe, safe};
use crate::domain::verdict::Severity;

pub(super) const CHECK: Check = Check {
    id: "no_single_primary",
    title: "The related keys do not agree on one primary",
    rationale: "Only the primary can be replicated, rotated or promoted from. Without one, or with two, none of this can be done. While a promotion is \
                under way there is no primary for seconds or a minute, so it is called a failure only after five.",
    remedy: "Check again in five minutes; if it stays, ask AWS Support.",
    severity: Severity::Medium,
    needs: &[],
    judge,
};

fn judge(looked: &Looked<'_>) -> Vec<Judgement> {
    let subject = looked.subject;
    let again = Remedy::text("a promotion may be under way: check again in five minutes");
    match &subject.row.primary {
        Primary::In(_) => vec![doubt(looked).unwrap_or_else(|| passed(looked, "the related keys name one primary"))],
        Primary::Moving { .. } => {
            let detail = safe!("no single primary: {}", said(looked));
            vec![Judgement { remedy: again, ..Judgement::unknown(None, detail, subject.everything()) }]
        }
        Primary::Contradictory { since } => {
            let time = spaced(looked.now.since(*since));
            let detail = safe!("no single primary for {time}: {}", said(looked));
            let remedy = Remedy::text("check again; if it stays, ask AWS Support: no promotion takes that long");
            vec![Judgement { remedy, ..Judgement::fail(None, detail, subject.everything()) }]
        }
        Primary::Unknown => vec![doubt(looked).unwrap_or_else(|| {
            let detail = Safe::from_static("no related key names a primary");
            Judgement { remedy: again, ..Judgement::unknown(None, detail, subject.everything()) }
        })],
    }
}

/// Who calls itself what, as was read.
fn said(looked: &Looked<'_>) -> Safe {
    let each = looked.subject.members().into_iter().map(|member| {
        let role = member.key.role.map_or("no role", Role::name);
        let moving = if member.key.state == KeyState::Updating { ", Updating" } else { "" };
        match &member.key.primary {
            Some(primary) => format!("{} is {role}{moving} and names {}", member.region, primary.region),
            None => format!("{} is {role}{moving} and names none", member.region),
        }
    });
    safe!("{}", each.collect::<Vec<_>>().join("; "))
}
