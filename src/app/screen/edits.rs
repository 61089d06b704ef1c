//! Lists in order that change a little: what stands elsewhere is taken out and put in again; nothing else is sorted, copied or looked at.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use crate::app::list::List;

/// How an order becomes another: what is taken out, and what is put in before which place; both by places in the former order, ascending.
#[derive(Debug)]
pub(super) struct Edits<S> {
    gone: Vec<usize>,
    come: Vec<(usize, S)>,
}

impl<S> Edits<S> {
    /// What turns `ordered` into one without `gone` and with `come`.
    pub(super) fn of(ordered: &[S], gone: &[S], mut come: Vec<S>, compare: impl Fn(&S, &S) -> Ordering) -> Self {
        let place = |spot: &S| ordered.binary_search_by(|other| compare(other, spot));
        let mut gone: Vec<usize> = gone.iter().filter_map(|spot| place(spot).ok()).collect();
        gone.sort_unstable();
        come.sort_by(&compare);
        let come = come.into_iter().map(|spot| (place(&spot).unwrap_or_else(|place| place), spot)).collect();
        Self { gone, come }
    }

    /// Carries them out on the order, or on what stands in the same order; everything else is moved and not looked at.
    pub(super) fn apply<T>(&self, items: &mut Vec<T>, make: impl Fn(&S) -> T) {
        let mut old = std::mem::take(items).into_iter();
        items.reserve(old.len() + self.come.len());
        let (mut gone, mut come, mut at) = (self.gone.iter().peekable(), self.come.iter().peekable(), 0);
        loop {
            let next_gone = gone.peek().map(|place| **place);
            let next_come = come.peek().map(|(place, _)| *place);
            let Some(next) = next_gone.into_iter().chain(next_come).min() else { break };
            items.extend(old.by_ref().take(next - at));
            at = next;
            while let Some((_, spot)) = come.next_if(|(place, _)| *place == next) {
                items.push(make(spot));
            }
            if gone.next_if(|place| **place == next).is_some() {
                old.next();
                at += 1;
            }
        }
        items.extend(old);
    }

    /// Where something that stays will stand.
    pub(super) fn place_after(&self, index: usize) -> usize {
        let gone = self.gone.partition_point(|place| *place < index);
        let come = self.come.partition_point(|(place, _)| *place <= index);
        (index + come).saturating_sub(gone)
    }
}

/// While more is to come, a list is brought up to date when one line in so many is not: what a line costs does not grow with the list then.
const PART: usize = 16;

/// What a list lacks, and what it has too much, since it was last brought up to date.
#[derive(Debug)]
pub(super) struct Unlisted<S> {
    gone: BTreeSet<S>,
    come: BTreeSet<S>,
}

impl<S> Default for Unlisted<S> {
    fn default() -> Self {
        Self { gone: BTreeSet::new(), come: BTreeSet::new() }
    }
}

impl<S: Ord + Clone> Unlisted<S> {
    /// These lines, all of one key, are to be those.
    pub(super) fn replace(&mut self, before: &BTreeSet<S>, after: &BTreeSet<S>) {
        for line in before.difference(after) {
            if !self.come.remove(line) {
                self.gone.insert(line.clone());
            }
        }
        for line in after.difference(before) {
            if !self.gone.remove(line) {
                self.come.insert(line.clone());
            }
        }
    }

    /// Whether the list of so many lines is to be brought up to date now. A line on screen that is not true any more does not wait for others.
    pub(super) fn is_due(&self, lines: usize, visible: &[S], is_last: bool) -> bool {
        let changed = self.gone.len() + self.come.len();
        changed > 0 && (is_last || changed >= lines / PART || visible.iter().any(|line| self.gone.contains(line)))
    }

    /// Hands out what is to be done to the list, and begins anew.
    pub(super) fn take(&mut self, ordered: &[S]) -> Edits<S> {
        let gone: Vec<S> = std::mem::take(&mut self.gone).into_iter().collect();
        Edits::of(ordered, &gone, std::mem::take(&mut self.come).into_iter().collect(), S::cmp)
    }

    pub(super) fn settle(&mut self, list: &mut List<S>) {
        let mut items = list.take();
        let edits = self.take(&items);
        edits.apply(&mut items, S::clone);
        let index = list.index().unwrap_or_default();
        list.replace_near(items, edits.place_after(index));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Whenever it is brought up to date, the list ends as one that is sorted from the start.
        #[test]
        fn what_waits_is_listed_in_the_end(
            steps in proptest::collection::vec((0_u8..8, proptest::collection::btree_set(0_u8..6, 0..4), any::<bool>()), 0..60),
        ) {
            let (mut list, mut unlisted) = (List::default(), Unlisted::default());
            let mut truth: BTreeSet<(u8, u8)> = BTreeSet::new();
            for (key, lines, is_last) in steps {
                let before: BTreeSet<(u8, u8)> = truth.iter().filter(|(_, of)| *of == key).copied().collect();
                let after: BTreeSet<(u8, u8)> = lines.into_iter().map(|line| (line, key)).collect();
                truth.retain(|(_, of)| *of != key);
                truth.extend(after.iter().copied());
                unlisted.replace(&before, &after);
                if unlisted.is_due(list.len(), &[], is_last) {
                    unlisted.settle(&mut list);
                }
            }
            if unlisted.is_due(list.len(), &[], true) {
                unlisted.settle(&mut list);
            }
            prop_assert!(list.items().iter().eq(truth.iter()));
        }
    }

    /// Lines moved in bringing a list of so many lines together, 48 at a time.
    fn moved(lines: usize) -> usize {
        let (mut list, mut unlisted) = (List::default(), Unlisted::default());
        let mut moved = 0;
        for first in (0..lines).step_by(48) {
            // What comes later is put in anywhere.
            let some: BTreeSet<usize> = (first..first + 48).map(|line| line * 7_919 % 100_003).collect();
            unlisted.replace(&BTreeSet::new(), &some);
            if unlisted.is_due(list.len(), &[], false) {
                moved += list.len();
                unlisted.settle(&mut list);
            }
        }
        moved
    }

    #[test]
    fn what_a_line_costs_does_not_grow_with_the_list() {
        for lines in [1_000, 10_000, 60_000] {
            assert!(moved(lines) <= lines * (PART + 1), "{lines}: {}", moved(lines));
        }
    }

    #[test]
    fn a_line_on_screen_that_is_not_true_any_more_does_not_wait() {
        let mut unlisted = Unlisted::default();
        unlisted.replace(&BTreeSet::from([5]), &BTreeSet::new());
        assert!(unlisted.is_due(1_000, &[4, 5], false) && !unlisted.is_due(1_000, &[4], false));
        assert!(unlisted.is_due(1_000, &[4], true));
    }
}
