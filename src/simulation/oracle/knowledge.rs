//! What processes hold for known, against the truth: I6 and I11.

use super::Oracle;
use crate::domain::fleet::KeyRef;
use crate::domain::fleet::presence::Presence;
use crate::domain::id::Region;
use crate::simulation::process::{LOGIN, Process};

impl Oracle {
    /// Looks at everything that has changed in what a process knows and claims.
    pub(in crate::simulation) fn look(&mut self, at: u64, process: &mut Process) -> Vec<String> {
        let touched = process.engine.take_touched();
        let keys = touched.unwrap_or_else(|| process.engine.fleet().keys().map(|(key, _)| key.clone()).collect());
        let regions: Vec<Region> = process
            .engine
            .fleet()
            .scope(LOGIN)
            .map(|scope| scope.regions.iter().cloned().collect())
            .unwrap_or_default();
        for key in &keys {
            for region in &regions {
                self.look_at_presence(process, key, region);
                self.look_at_description(process, key, region);
            }
        }
        for region in &regions {
            self.look_at_listing(process, region);
        }
        self.look_at_claims(at, process)
    }

    /// Absent is only what was not there when the questions of the listing were asked, or is newer than what reads show.
    fn look_at_presence(&mut self, process: &Process, key: &KeyRef, region: &Region) {
        let Presence::Absent(listing) = process.engine.fleet().presence(key, region) else { return };
        let Some(since) = self.truth.member_since(key.id.as_str(), region.as_str()) else { return };
        let asked = self.asked.get(&(process.number, listing.asked)).copied();
        let was_there = asked.is_none_or(|asked| since + self.lag < asked);
        self.require(!was_there, || {
            format!("I6: p{} shows {} absent in {region}, where it is since {since}", process.number, key.id)
        });
    }

    /// A description is the true answer to its question, and never to an earlier one than before.
    fn look_at_description(&mut self, process: &Process, key: &KeyRef, region: &Region) {
        let Some(member) = process.engine.fleet().member(key, region) else { return };
        let Some(asked) = member.described.asked() else { return };
        let place = (process.number, Some(key.clone()), region.clone());
        let former = self.known.insert(place, asked);
        if former == Some(asked) {
            return;
        }
        self.require(former.is_none_or(|former| former <= asked), || {
            format!("I11: p{} goes back from {former:?} to {asked:?} for {} in {region}", process.number, key.id)
        });
        let true_answer = self.answers.get(&(process.number, asked));
        let is_true = match (member.described.fresh(), true_answer) {
            (Some(held), Some(answered)) => **held == *answered,
            (Some(_), None) => false,
            (None, _) => true,
        };
        self.require(is_true, || {
            format!("I11: p{} holds for {} in {region} what {asked:?} was not answered", process.number, key.id)
        });
    }

    fn look_at_listing(&mut self, process: &Process, region: &Region) {
        let place = crate::domain::id::Place::new(LOGIN, region.clone());
        let listing = process.engine.fleet().region(&place).and_then(|facts| facts.listing.asked());
        let Some(asked) = listing else { return };
        let former = self.known.insert((process.number, None, region.clone()), asked);
        self.require(former.is_none_or(|former| former <= asked), || {
            format!("I11: p{} goes back to an earlier listing of {region}", process.number)
        });
    }
}
