//! Which rows are to be folded again, and in which order: a whole fleet at once would make somebody who types wait for it.
//!
//! Every row comes to its turn, however often all of them are touched again meanwhile. What is on screen does not wait here.

use std::collections::BTreeSet;
use std::ops::Bound;

use crate::domain::fleet::{Fleet, KeyRef};

/// What has not been folded since it was touched.
#[derive(Debug, Default)]
pub(super) struct Backlog {
    touched: BTreeSet<KeyRef>,
    sweep: Option<Sweep>,
}

/// All rows are to be folded again. It has come as far as `after`.
#[derive(Debug, Default)]
struct Sweep {
    after: Option<KeyRef>,
    /// Begins at the first key once more when it has come to the last, and then ends at `until`.
    begins_again: bool,
    until: Option<KeyRef>,
}

/// A stretch of a sweep: what the fleet has there, and the bounds between which it has nothing else.
#[derive(Debug)]
pub(super) struct Stretch {
    pub(super) keys: Vec<KeyRef>,
    pub(super) bounds: (Bound<KeyRef>, Bound<KeyRef>),
}

impl Backlog {
    /// `None` touches all.
    pub(super) fn touch(&mut self, touched: Option<Vec<KeyRef>>) {
        match (touched, &mut self.sweep) {
            (Some(keys), _) => self.touched.extend(keys),
            (None, None) => self.sweep = Some(Sweep::default()),
            (None, Some(sweep)) => {
                sweep.begins_again = true;
                sweep.until = sweep.after.clone();
            }
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.touched.is_empty() && self.sweep.is_none()
    }

    /// Takes one row out of its turn. Says whether it has to be folded; while all of them are it is not asked which have been.
    pub(super) fn take(&mut self, key: &KeyRef) -> bool {
        self.touched.remove(key) || self.sweep.is_some()
    }

    pub(super) fn next_touched(&mut self) -> Option<KeyRef> {
        self.touched.pop_first()
    }

    /// The next so many keys of the sweep, if there is one.
    pub(super) fn next_stretch(&mut self, fleet: &Fleet, most: usize) -> Option<Stretch> {
        let sweep = self.sweep.as_mut()?;
        let after = sweep.after.clone().map_or(Bound::Unbounded, Bound::Excluded);
        let keys: Vec<KeyRef> = fleet.keys_from(after.as_ref()).take(most).cloned().collect();
        let is_at_the_end = keys.len() < most;
        let last = keys.last().filter(|_| !is_at_the_end).cloned();
        let bounds = (after, last.clone().map_or(Bound::Unbounded, Bound::Included));
        let is_round = !sweep.begins_again && sweep.until.is_some() && last >= sweep.until;
        if is_at_the_end && sweep.begins_again && sweep.until.is_some() {
            sweep.begins_again = false;
            sweep.after = None;
        } else if is_at_the_end || is_round {
            self.sweep = None;
        } else {
            sweep.after = last;
        }
        Some(Stretch { keys, bounds })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::{KeyArn, KeyId, Login, Place, Region};
    use crate::domain::reading::Asked;

    fn key(number: usize) -> KeyRef {
        KeyRef { login: Login(0), id: KeyId::parse(&format!("mrk-{number:03}")).unwrap() }
    }

    fn fleet(keys: usize) -> Fleet {
        let place = Place::new(Login(0), Region::parse("us-east-1").unwrap());
        let arns: Vec<KeyArn> = (0..keys)
            .map(|number| KeyArn::parse(&format!("arn:aws:kms:us-east-1:111122223333:key/mrk-{number:03}")).unwrap())
            .collect();
        let mut fleet = Fleet::default();
        fleet.begin_listing(&place, Asked(1));
        fleet.add_page(&place, Asked(1), 0, &arns);
        fleet
    }

    /// Every row comes to its turn after it was touched, however often all are touched again on the way.
    fn check(keys: usize, most: usize, again_after: &[usize]) {
        let fleet = fleet(keys);
        let mut backlog = Backlog::default();
        let mut stale: BTreeSet<KeyRef> = (0..keys).map(key).collect();
        backlog.touch(None);
        for step in 1..1_000 {
            let Some(stretch) = backlog.next_stretch(&fleet, most) else { break };
            assert!(stretch.keys.len() <= most);
            stretch.keys.iter().for_each(|key| assert!(stale.remove(key) || step > 1));
            if again_after.contains(&step) {
                stale = (0..keys).map(key).collect();
                backlog.touch(None);
            }
        }
        assert!(stale.is_empty() && backlog.is_empty(), "{keys} keys, {most} at a time: {stale:?} left");
    }

    #[test]
    fn every_row_comes_to_its_turn() {
        check(0, 10, &[]);
        check(10, 3, &[]);
        check(9, 3, &[]);
        check(10, 3, &[1]);
        check(10, 3, &[1, 2, 3, 5, 8]);
        check(9, 3, &[3]);
        check(3, 10, &[1]);
    }

    #[test]
    fn what_is_touched_is_handed_out_once() {
        let mut backlog = Backlog::default();
        backlog.touch(Some(vec![key(2), key(1), key(2)]));
        assert!(backlog.take(&key(2)) && !backlog.take(&key(2)));
        assert_eq!((backlog.next_touched(), backlog.next_touched()), (Some(key(1)), None));
        assert!(backlog.is_empty());
    }
}
