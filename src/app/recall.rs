//! What a former run saw, shown until this one's answers arrive. It is looked at and nothing else: no change is offered on it.

use std::collections::BTreeSet;

use super::Model;
use super::text::Tone;
use crate::domain::fleet::last_seen::LastSeen;
use crate::domain::id::{AccountId, Login, Region};
use crate::domain::text::{Safe, safe};
use crate::engine::Session;

impl Model {
    /// Takes what was kept.
    pub(crate) fn recall(&mut self, last_seen: LastSeen) {
        self.deletions.remember(&last_seen, self.now.wall);
        self.last_seen = Some(last_seen);
        self.is_stale = true;
        self.redraw();
    }

    /// Says why what was kept is not used.
    pub(crate) fn cannot_recall(&mut self, why: &Safe) {
        self.notices.say(self.now, Tone::Warning, safe!("the last fleet is not shown: {why}"));
    }

    /// What is still shown of a former run.
    pub(crate) fn last_seen(&self) -> Option<&LastSeen> {
        self.last_seen.as_ref()
    }

    /// Forgets the former run when everything has been answered, or when it was another account's.
    ///
    /// What was dying then in a Region that does not answer now is remembered for longer: the Deletions screen keeps it until that Region speaks.
    pub(in crate::app) fn outgrow_last_seen(&mut self) {
        let owner = self.deletions.former_owner();
        let is_foreign = |(login, owner)| self.account(login).is_some_and(|account| account != owner);
        if owner.is_some_and(is_foreign) {
            self.deletions.forget_former();
        }
        self.outgrow_last_known();
        let Some(last_seen) = &self.last_seen else { return };
        let is_of_another = self.account(last_seen.login).is_some_and(|account| account != last_seen.account);
        if is_of_another {
            let words = safe!("the keys last seen were of account {}: they are not shown", last_seen.account);
            self.notices.say(self.now, Tone::Warning, words);
        }
        if is_of_another {
            self.last_seen = None;
        } else if self.engine.first_scan_is_over() {
            // What it knew of a Region that has not answered is the last that is known of it.
            let unlisted: BTreeSet<Region> = self.unlisted().cloned().collect();
            self.last_known = Some(last_seen.concerning(|region| unlisted.contains(region)));
            self.last_seen = None;
            self.outgrow_last_known();
        }
    }

    /// What of a former run counts where a lost Region cannot be read.
    pub(in crate::app) fn last_known(&self) -> Option<&LastSeen> {
        self.last_seen.as_ref().or(self.last_known.as_ref())
    }

    /// A Region that has been listed whole speaks for itself from then on, whatever becomes of it.
    fn outgrow_last_known(&mut self) {
        let Some(last_known) = &self.last_known else { return };
        let is_foreign = self.account(last_known.login).is_some_and(|account| account != last_known.account);
        let all_have_spoken = self.unlisted().next().is_none();
        if is_foreign || all_have_spoken || last_known.is_empty() {
            self.last_known = None;
        }
    }

    /// The Regions that have not been listed to their end in this run.
    fn unlisted(&self) -> impl Iterator<Item = &Region> {
        let places = self.engine.fleet().places();
        places.filter(|(_, facts)| facts.listing.at().is_none()).map(|(place, _)| &place.region)
    }

    fn account(&self, login: Login) -> Option<AccountId> {
        let Some(Session::Open { identity }) = self.engine.session(login) else { return None };
        identity.value().map(|identity| identity.account)
    }
}
