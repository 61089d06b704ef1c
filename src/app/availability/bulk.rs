//! The same change of everything that is marked. What a key's own plan would refuse is left out of the plan of all, with its reason; nothing is left out silently.

use super::Offer;
use crate::app::Model;
use crate::app::screen::fleet::Item;
use crate::domain::fleet::row::Row;
use crate::domain::id::Region;
use crate::domain::key::KeyState;
use crate::domain::plan::Operation;
use crate::domain::text::{Safe, safe};
use crate::engine::change::{Options, Want};

/// More than this at once nobody reads.
const MOST: usize = 200;

impl Model {
    /// One plan for everything that is marked.
    pub(super) fn bulk(&self, operation: Operation) -> Result<Offer, Safe> {
        let mut wants: Vec<Want> = Vec::new();
        for item in self.fleet.marked() {
            let row = self.fleet.live(&item.key).ok_or_else(|| {
                safe!("{} is marked, and only a former run has seen it: wait until it has been read", item.key.id)
            })?;
            if let Some(busy) = self.under_way(&item.key) {
                return Err(safe!("{} of {} is under way: wait until it has been sent", busy.verb(), item.key.id));
            }
            for region in self.regions(operation, item, row)? {
                let want = Want { key: item.key.clone(), operation, region, options: Options::default() };
                if !wants.contains(&want) {
                    wants.push(want);
                }
            }
        }
        if wants.is_empty() {
            return Err(safe!("{operation} fits nothing of what is marked"));
        }
        if wants.len() > MOST {
            return Err(safe!("{} changes are too many to be read at once: mark {MOST} at most", wants.len()));
        }
        let offer = Offer { wants, rescue: None };
        self.is_not_twice(&offer)?;
        self.is_not_refused(&offer)?;
        Ok(offer)
    }

    /// Where: the member that is marked, or the Region under the cursor; on the keys' own column every member that qualifies.
    fn regions(&self, operation: Operation, item: &Item, row: &Row) -> Result<Vec<Region>, Safe> {
        let cursor = self.fleet.selected_region().cloned();
        match operation {
            Operation::ReplicateKey | Operation::UpdatePrimaryRegion => {
                let region = item.member.clone().or(cursor);
                let region = region.ok_or_else(|| safe!("{operation} needs a Region: h and l go to one"))?;
                Ok(vec![region])
            }
            Operation::CancelKeyDeletion => Ok(members(item, cursor, row, KeyState::is_pending_deletion)),
            Operation::EnableKey => Ok(members(item, cursor, row, |state| *state == KeyState::Disabled)),
            Operation::CreateAlias => Err(Safe::from_static("an alias is made only together with a replica")),
        }
    }
}

fn members(item: &Item, cursor: Option<Region>, row: &Row, qualifies: impl Fn(&KeyState) -> bool) -> Vec<Region> {
    if let Some(region) = item.member.clone().or(cursor) {
        return vec![region];
    }
    let fitting = row.cells.iter().filter(|cell| cell.state().is_some_and(&qualifies));
    fitting.map(|cell| cell.region.clone()).collect()
}
