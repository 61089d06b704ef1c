//! What a former run left open: its intents are taken over and reconciled by reading. Nothing of it is ever sent again.

use std::sync::Arc;

use super::{Ask, Changes};
use crate::domain::fleet::KeyRef;
use crate::domain::id::Login;
use crate::domain::plan::{Claim, Intent, Outcome, RecordKind};
use crate::domain::text::Safe;
use crate::domain::time::Now;
use crate::engine::change::{Phase, StepPhase, StepStatus};
use crate::engine::effect::{ChangeId, Effect};

impl Changes {
    /// Takes over an intent whose outcome no record tells.
    pub(crate) fn take_over(&mut self, now: Now, login: Login, intent: Intent) -> (ChangeId, Vec<Ask>) {
        let id = self.add(Vec::new(), Phase::Applying);
        let key = KeyRef { login, id: intent.mutation.arn.id.clone() };
        let changed = Ask::Changed { key: key.clone(), region: intent.mutation.concerns().clone() };
        let mut step = StepStatus::new(intent.step, Vec::new(), key, intent.mutation.clone());
        step.tracking.intent = Some(Arc::new(intent));
        step.take(now, &left_open());
        if let Some(running) = self.running.get_mut(&id) {
            running.is_stopped = true;
            running.status.steps.push(step);
        }
        (id, vec![changed])
    }

    /// Somebody says what became of a change of which reading cannot tell. It is recorded as their word, not as ours.
    pub(crate) fn resolve_by_hand(&mut self, now: Now, id: ChangeId, word: Claim) -> Vec<Ask> {
        let Some(running) = self.running.get_mut(&id) else { return Vec::new() };
        let mut steps = running.status.steps.iter_mut();
        let Some(step) = steps.find(|step| matches!(step.phase, StepPhase::Reconciling { .. })) else {
            return Vec::new();
        };
        let Some(intent) = step.tracking.intent.clone() else { return Vec::new() };
        step.claim = Some(word.clone());
        step.phase = StepPhase::Ended;
        step.tracking.next_read = None;
        running.end_if_over(now);
        let kind = RecordKind::ResolvedByHand;
        vec![Ask::Effect(Effect::RecordOutcome { change: id, intent, kind, claim: word })]
    }
}

fn left_open() -> Claim {
    let detail = Safe::from_static("left open by a former run: it may have been applied; reading the key to find out");
    Claim { outcome: Outcome::Unknown, code: None, request_id: None, detail }
}
