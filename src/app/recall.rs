//! What a former run saw, shown until this one's answers arrive. It is looked at and nothing else: no change is offered on it.

use super::Model;
use super::text::Tone;
use crate::domain::fleet::last_seen::LastSeen;
use crate::domain::id::{AccountId, Login};
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
        let Some(last_seen) = &self.last_seen else { return };
        let is_of_another = self.account(last_seen.login).is_some_and(|account| account != last_seen.account);
        if is_of_another {
            let words = safe!("the keys last seen were of account {}: they are not shown", last_seen.account);
            self.notices.say(self.now, Tone::Warning, words);
        }
        if is_of_another || self.engine.first_scan_is_over() {
            self.last_seen = None;
        }
    }

    fn account(&self, login: Login) -> Option<AccountId> {
        let Some(Session::Open { identity }) = self.engine.session(login) else { return None };
        identity.value().map(|identity| identity.account)
    }
}
