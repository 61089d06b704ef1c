//! Who waits for which read. Answers come by the thousand and changes are few, so the answer finds its change, not the change its answer.

use std::collections::BTreeMap;

use crate::domain::reading::Asked;
use crate::engine::effect::ChangeId;
use crate::engine::planning::Needed;

/// A change, or one of its steps, that waits for a read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Waiter {
    pub(super) change: ChangeId,
    /// The step's place in the change; none where the change as a whole waits.
    pub(super) step: Option<usize>,
}

/// Every read that a change waits for, each with the number after which its question must have been asked.
#[derive(Clone, Debug, PartialEq, Default)]
pub(super) struct Awaited(BTreeMap<Needed, Vec<(Waiter, Asked)>>);

impl Awaited {
    /// Waits for these reads, and for nothing that was waited for before. Returns how many they are.
    pub(super) fn wait(&mut self, waiter: Waiter, reads: &[Needed], after: Asked) -> usize {
        self.forget(waiter);
        let mut count = 0;
        for needed in reads {
            let waiters = self.0.entry(needed.clone()).or_default();
            if !waiters.iter().any(|(other, _)| *other == waiter) {
                waiters.push((waiter, after));
                count += 1;
            }
        }
        count
    }

    /// A read was answered, well or badly: those that waited for it.
    pub(super) fn answered(&mut self, needed: &Needed, asked: Asked) -> Vec<Waiter> {
        let Some(waiters) = self.0.get_mut(needed) else { return Vec::new() };
        let served: Vec<Waiter> =
            waiters.iter().filter(|(_, after)| asked > *after).map(|(waiter, _)| *waiter).collect();
        waiters.retain(|(_, after)| asked <= *after);
        if waiters.is_empty() {
            self.0.remove(needed);
        }
        served
    }

    pub(super) fn forget(&mut self, waiter: Waiter) {
        self.0.retain(|_, waiters| {
            waiters.retain(|(other, _)| *other != waiter);
            !waiters.is_empty()
        });
    }
}
