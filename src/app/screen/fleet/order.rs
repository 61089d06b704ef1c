//! Where a row stands in the list.

use std::cmp::Ordering;
use std::sync::Arc;

use super::Sorting;
use crate::app::column::Column;
use crate::domain::fleet::KeyRef;
use crate::domain::fleet::presence::Presence;
use crate::domain::fleet::row::{Cell, Row, RowName};
use crate::domain::key::{KeyState, Role};
use crate::domain::text::Foreign;

/// What goes before the name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Nothing,
    Urgency(u8, i64),
    Tail(String),
    Spec(Option<Foreign>),
    Weight(u8),
}

/// A row's place among the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Spot {
    /// What the filter keeps for certain comes before what it cannot decide, in either direction.
    pub(super) is_undecided: bool,
    rank: Rank,
    name: (bool, Arc<str>),
    pub(super) key: KeyRef,
}

impl Spot {
    pub(super) fn of(
        row: &Row,
        name: &(bool, Arc<str>),
        (sorting, is_scanned): (&Sorting, bool),
        is_undecided: bool,
    ) -> Self {
        let rank = match &sorting.column {
            None | Some(Column::Wrong) if is_scanned => {
                let (group, soon) = row.urgency();
                Rank::Urgency(group, soon)
            }
            None | Some(Column::Wrong | Column::Key) => Rank::Nothing,
            Some(Column::Id) => Rank::Tail(row.key.id.tail().to_owned()),
            Some(Column::Spec) => Rank::Spec(row.shared().map(|key| key.spec.clone())),
            Some(Column::Region(region)) => Rank::Weight(weight(row.cell(region))),
        };
        Self { is_undecided, rank, name: name.clone(), key: row.key.clone() }
    }

    pub(super) fn compare(&self, other: &Self, is_reversed: bool) -> Ordering {
        let by_place = || (&self.rank, &self.name, &self.key).cmp(&(&other.rank, &other.name, &other.key));
        let directed = || if is_reversed { by_place().reverse() } else { by_place() };
        self.is_undecided.cmp(&other.is_undecided).then_with(directed)
    }
}

/// What a row is sorted by where names decide: those with an alias first, by alias, then the others by ID.
pub(super) fn sort_name(row: &Row) -> (bool, Arc<str>) {
    match &row.name {
        RowName::Alias { name, .. } | RowName::AliasOf { name, .. } => {
            (false, name.safe().as_str().to_lowercase().into())
        }
        RowName::Description(_) | RowName::Denied | RowName::Id => (true, row.key.id.as_str().into()),
    }
}

/// What a Region's column is sorted by: what is wrong there, what is well, what is not known, what is not there.
fn weight(cell: Option<&Cell>) -> u8 {
    let Some(cell) = cell else { return u8::MAX };
    match &cell.presence {
        Presence::Present(present) => match present.state() {
            KeyState::PendingDeletion => 0,
            KeyState::PendingReplicaDeletion => 1,
            KeyState::Unavailable | KeyState::Other(_) | KeyState::Missing => 2,
            KeyState::Disabled => 3,
            KeyState::PendingImport => 4,
            KeyState::Creating | KeyState::Updating => 5,
            KeyState::Enabled if cell.role == Some(Role::Primary) => 6,
            KeyState::Enabled => 7,
        },
        Presence::Unknown(unknown) => 8 + u8::from(!unknown.is_named()),
        Presence::Absent(_) => 10,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::screen::edits::Edits;
    use crate::domain::id::{KeyId, Login};
    use proptest::prelude::*;

    fn spot(number: u8, is_undecided: bool) -> Spot {
        let id = KeyId::parse(&format!("mrk-{number}")).unwrap();
        let key = KeyRef { login: Login(0), id };
        Spot { is_undecided, rank: Rank::Weight(number % 3), name: (true, format!("{number}").into()), key }
    }

    fn sorted(numbers: impl IntoIterator<Item = (u8, bool)>, is_reversed: bool) -> Vec<Spot> {
        let mut spots: Vec<Spot> = numbers.into_iter().map(|(number, undecided)| spot(number, undecided)).collect();
        spots.sort_by(|one, other| one.compare(other, is_reversed));
        spots
    }

    proptest! {
        /// Taking out and putting in gives what sorting everything would.
        #[test]
        fn a_spliced_order_is_the_sorted_one(
            before in proptest::collection::btree_map(any::<u8>(), any::<bool>(), 0..60),
            after in proptest::collection::btree_map(any::<u8>(), any::<bool>(), 0..60),
            is_reversed: bool,
        ) {
            let mut ordered = sorted(before.clone(), is_reversed);
            let gone = before.iter().filter(|(number, undecided)| after.get(number) != Some(undecided));
            let come = after.iter().filter(|(number, undecided)| before.get(number) != Some(undecided));
            let spots = |numbers: Vec<(&u8, &bool)>| -> Vec<Spot> { numbers.into_iter().map(|(number, undecided)| spot(*number, *undecided)).collect() };
            let by_place = |one: &Spot, other: &Spot| one.compare(other, is_reversed);
            let edits = Edits::of(&ordered, &spots(gone.collect()), spots(come.collect()), by_place);
            let wanted = sorted(after, is_reversed);
            for (index, spot) in ordered.iter().enumerate() {
                if let Some(place) = wanted.iter().position(|other| other == spot) {
                    prop_assert_eq!(edits.place_after(index), place);
                }
            }
            edits.apply(&mut ordered, Spot::clone);
            prop_assert_eq!(ordered, wanted);
        }
    }
}
