//! Regions that stop answering, and that answer again.

use std::sync::Arc;

use super::Engine;
use super::changes::Ask;
use super::effect::ReadRequest;
use super::evidence::Again;
use super::loader::{Job, Priority};
use super::message::{Failure, FailureClass};
use super::planning::Needed;
use crate::domain::id::{KeyArn, Place};
use crate::domain::reading::{Reason, ReasonKind};
use crate::domain::time::Now;

impl Engine {
    /// The Region answers again after it had been given up: everything of it is read anew. Until its new listing has ended it counts as out, because the old
    /// one proves no absence any more.
    pub(super) fn revive(&mut self, now: Now, place: &Place) {
        self.list(place);
        self.identify_if_unknown(now, place.login);
        let unread: Vec<KeyArn> = self
            .fleet
            .keys()
            .filter(|(key, _)| key.login == place.login)
            .filter_map(|(_, entry)| entry.members.get(&place.region))
            .filter(|member| member.described.fresh().is_none())
            .filter(|member| member.listed.is_some() || member.described.failure().is_some())
            .map(|member| member.arn.clone())
            .collect();
        for arn in unread {
            self.loader.ask(place, Job::new(ReadRequest::DescribeKey { arn }, Priority::Rest));
        }
        self.read_deep_anew(now, Some(place), Again::Failed);
        self.read_deep_in(place);
        self.touch_all();
    }

    /// Regions that have just failed: what was wanted there is given up, with the reason.
    pub(super) fn fail_regions(&mut self, now: Now) -> Vec<Ask> {
        let mut asks = Vec::new();
        for (place, jobs) in self.loader.failed_regions(now.monotonic) {
            let why = self
                .loader
                .last_failure(&place)
                .unwrap_or_else(|| Arc::new(Reason { at: Some(now.wall), ..Reason::of(ReasonKind::Timeout) }));
            for job in jobs {
                asks.extend(self.give_up(now, &place, &job, &why));
            }
            self.fleet.set_outage(&place, Arc::clone(&why));
            self.touch_all();
        }
        asks
    }

    /// A read that will not be answered: that is what is known from now on.
    pub(super) fn give_up(&mut self, now: Now, place: &Place, job: &Job, why: &Arc<Reason>) -> Vec<Ask> {
        let asked = self.loader.next_number();
        let first = job.scan.unwrap_or(asked);
        match &job.request {
            ReadRequest::ListKeys { .. } => self.fleet.fail_listing(place, first, Arc::clone(why)),
            ReadRequest::ListAliases { .. } => {
                self.aliases_end(place, first, (**why).clone());
                let whole = Needed { place: place.clone(), request: ReadRequest::ListAliases { marker: None } };
                return self.change_read(now, asked, &whole);
            }
            ReadRequest::GetCallerIdentity => self.ask_identity_next(place.login),
            ReadRequest::DescribeKey { arn } => {
                self.fleet.describe(place.login, arn, asked, Err(Arc::clone(why)));
                return self.change_read(now, asked, &Needed { place: place.clone(), request: job.request.clone() });
            }
            ReadRequest::GetKeyPolicy { arn } | ReadRequest::GetKeyRotationStatus { arn } => {
                let failure = Failure { reason: (**why).clone(), class: FailureClass::Transport };
                self.take_deep(now, place, (asked, arn, job.request.operation()), Err(failure));
                return self.change_read(now, asked, &Needed { place: place.clone(), request: job.request.clone() });
            }
            ReadRequest::ListResourceTags { arn, marker } => {
                let failure = Failure { reason: (**why).clone(), class: FailureClass::Transport };
                self.take_tags(now, place, (asked, arn, marker.is_none()), Err(failure));
                let request = ReadRequest::ListResourceTags { arn: arn.clone(), marker: None };
                return self.change_read(now, asked, &Needed { place: place.clone(), request });
            }
        }
        Vec::new()
    }
}
