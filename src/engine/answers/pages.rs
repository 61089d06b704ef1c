//! Aliases and tags, gathered page by page: they count only whole.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{AliasSweep, TagSweep};
use crate::domain::fleet::{Aliases, KeyRef};
use crate::domain::id::{KeyArn, Place};
use crate::domain::reading::{Asked, Reason, ReasonKind};
use crate::domain::time::Now;
use crate::engine::Engine;
use crate::engine::effect::ReadRequest;
use crate::engine::loader::{Job, Priority};
use crate::engine::message::{Answer, Failure, Next};

impl Engine {
    /// Returns whether the sweep has ended, well or badly.
    pub(super) fn take_aliases(
        &mut self,
        now: Now,
        place: &Place,
        (first, is_first): (Asked, bool),
        result: Result<Answer, Failure>,
    ) -> bool {
        // The answer to an older first question may come last: a newer sweep is not given up for it, for a change may wait for the newer one.
        if is_first && self.sweeps.aliases.get(place).is_none_or(|running| running.first <= first) {
            let sweep = AliasSweep { first, gathered: Aliases::new(), markers: BTreeSet::new() };
            self.sweeps.aliases.insert(place.clone(), sweep);
        }
        // A page of a sweep that is not the running one belongs to nothing.
        let Some(sweep) = self.sweeps.aliases.get_mut(place).filter(|sweep| sweep.first == first) else {
            return false;
        };
        let (aliases, next) = match result {
            Ok(Answer::Aliases { aliases, next }) => (aliases, next),
            Ok(_) => {
                self.aliases_end(place, first, Reason::of(ReasonKind::Internal));
                return true;
            }
            Err(failure) => {
                self.aliases_end(place, first, failure.reason);
                return true;
            }
        };
        for (name, target) in aliases {
            sweep.gathered.entry(target).or_default().push(name);
        }
        match next {
            Next::End => {
                let mut gathered = std::mem::take(&mut sweep.gathered);
                for names in gathered.values_mut() {
                    names.sort();
                }
                self.sweeps.aliases.remove(place);
                self.fleet.set_aliases(place, first, Ok((gathered, now.wall)));
                self.touch_all();
            }
            Next::Marker(marker) if sweep.markers.insert(marker.clone()) => {
                let mut job = Job::new(ReadRequest::ListAliases { marker: Some(marker) }, Priority::Listing);
                job.scan = Some(first);
                self.loader.ask(place, job);
                return false;
            }
            Next::Marker(_) | Next::Lost => self.aliases_end(place, first, Reason::of(ReasonKind::PartialListing)),
        }
        true
    }

    pub(in crate::engine) fn aliases_end(&mut self, place: &Place, first: Asked, why: Reason) {
        self.sweeps.aliases.remove(place);
        self.fleet.set_aliases(place, first, Err(Arc::new(why)));
        self.touch_all();
    }

    /// Returns whether this was the last page.
    pub(in crate::engine) fn take_tags(
        &mut self,
        now: Now,
        place: &Place,
        (first, arn, is_first): (Asked, &KeyArn, bool),
        result: Result<Answer, Failure>,
    ) -> bool {
        // A newer sweep is running, and what it says counts for whoever waits for this one.
        if self.sweeps.tags.get(arn).is_some_and(|running| running.first > first) {
            return false;
        }
        if is_first {
            let sweep = TagSweep { first, gathered: Vec::new(), markers: BTreeSet::new() };
            self.sweeps.tags.insert(arn.clone(), sweep);
        }
        let answer = match result {
            Ok(Answer::Tags { tags, next }) => {
                let Some(sweep) = self.sweeps.tags.get_mut(arn).filter(|sweep| sweep.first == first) else {
                    return false;
                };
                sweep.gathered.extend(tags);
                match next {
                    Next::Marker(marker) if sweep.markers.insert(marker.clone()) => {
                        let request = ReadRequest::ListResourceTags { arn: arn.clone(), marker: Some(marker) };
                        let mut job = Job::new(request, Priority::Urgent);
                        job.scan = Some(first);
                        self.loader.ask(place, job);
                        return false;
                    }
                    Next::End => Ok((Arc::new(std::mem::take(&mut sweep.gathered)), now.wall)),
                    Next::Marker(_) | Next::Lost => Err(Arc::new(Reason::of(ReasonKind::PartialListing))),
                }
            }
            Ok(_) => Err(Arc::new(Reason::of(ReasonKind::Internal))),
            Err(failure) => Err(Arc::new(failure.reason)),
        };
        self.sweeps.tags.remove(arn);
        let key = KeyRef { login: place.login, id: arn.id.clone() };
        if let Some(member) = self.fleet.member_mut(&key, &arn.region) {
            member.tags.accept(first, answer);
        }
        self.touch(key);
        true
    }
}
