//! The Regions: those that could not be read first, then by name.

use crate::app::list::List;
use crate::domain::id::Place;

/// What the Regions screen holds. Status, errors and traffic are the engine's to tell.
#[derive(Debug, Default)]
pub(crate) struct RegionsScreen {
    pub(in crate::app) list: List<Place>,
}

impl RegionsScreen {
    pub(crate) fn list(&self) -> &List<Place> {
        &self.list
    }
}
