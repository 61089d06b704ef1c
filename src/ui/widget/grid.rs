//! Where the columns of the fleet table stand. Widths come from the registry of columns and the size of the terminal, never from content.

use ratatui::layout::Rect;

use crate::app::column::Column;
use crate::app::list::List;
use crate::domain::id::Region;

/// The mark of the cursor's row, and the mark of a row that the filter could not decide.
pub(crate) const MARKS: u16 = 2;

/// Least that a note needs to say anything.
const LEAST_NOTE: u16 = 34;
/// What a note gets on a wide screen, before Region columns do.
const WIDE_NOTE: u16 = 46;
/// `›12`
const MORE: u16 = 4;

/// One column: its offset from the left edge, and its width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) offset: u16,
    pub(crate) width: u16,
}

impl Span {
    /// The part of a row that the column takes, without its gap to the next one.
    pub(crate) fn within(self, row: Rect, gap: u16) -> Rect {
        let offset = self.offset.min(row.width);
        let width = self.width.saturating_sub(gap).min(row.width - offset);
        Rect { x: row.x.saturating_add(offset), width, ..row }
    }
}

/// The whole table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Grid {
    pub(crate) is_wide: bool,
    pub(crate) key: Span,
    pub(crate) id: Span,
    pub(crate) spec: Option<Span>,
    pub(crate) regions: Vec<(Region, Span)>,
    pub(crate) note: Option<Span>,
    /// Region columns that are scrolled away at either side.
    pub(crate) left: usize,
    pub(crate) right: usize,
}

impl Grid {
    pub(crate) fn new(width: u16, is_wide: bool, columns: &List<Region>) -> Self {
        let mut edge = MARKS;
        let (key, id) = (take(&mut edge, &Column::Key, is_wide), take(&mut edge, &Column::Id, is_wide));
        let spec = is_wide.then(|| take(&mut edge, &Column::Spec, is_wide));
        let room = width.saturating_sub(edge).saturating_sub(if is_wide { WIDE_NOTE } else { 0 });
        let window = columns.window(fitting(columns.items(), room, is_wide));
        let shown = columns.items().get(window.first..window.end).unwrap_or_default();
        let place = |region: &Region| (region.clone(), take(&mut edge, &Column::Region(region.clone()), is_wide));
        let regions: Vec<(Region, Span)> = shown.iter().map(place).collect();
        let right = window.total - window.end;
        if right > 0 {
            edge = edge.saturating_add(MORE);
        }
        let left_over = width.saturating_sub(edge);
        let note = (left_over >= LEAST_NOTE).then_some(Span { offset: edge, width: left_over });
        Self { is_wide, key, id, spec, regions, note, left: window.first, right }
    }

    /// Region columns that fit.
    pub(crate) fn columns(&self) -> usize {
        self.regions.len()
    }
}

/// The next column from the left.
fn take(edge: &mut u16, column: &Column, is_wide: bool) -> Span {
    let span = Span { offset: *edge, width: column.width(is_wide) };
    *edge = edge.saturating_add(span.width);
    span
}

/// How many columns fit wherever the window stands: as many as of the widest, so that scrolling changes nothing else.
fn fitting(regions: &[Region], room: u16, is_wide: bool) -> usize {
    let widths = || regions.iter().map(|region| Column::Region(region.clone()).width(is_wide));
    if widths().fold(0_u16, u16::saturating_add) <= room {
        return regions.len();
    }
    let widest = widths().max().unwrap_or(1).max(1);
    usize::from(room.saturating_sub(MORE) / widest).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(names: &[&str]) -> List<Region> {
        let mut list = List::default();
        list.replace(names.iter().map(|name| Region::parse(name).unwrap()).collect());
        list
    }

    const EIGHT: [&str; 8] =
        ["us-east-1", "us-west-2", "eu-west-1", "eu-central-1", "ap-south-1", "eu-west-2", "sa-east-1", "me-south-1"];

    #[test]
    fn eight_regions_fit_into_eighty_columns() {
        let grid = Grid::new(80, false, &columns(&EIGHT));
        assert_eq!((grid.columns(), grid.left, grid.right, grid.note), (8, 0, 0, None));
        assert_eq!(grid.regions[0].1, Span { offset: 33, width: 5 });
    }

    #[test]
    fn a_wide_screen_has_room_for_notes() {
        let grid = Grid::new(160, true, &columns(&EIGHT));
        assert_eq!(grid.columns(), 8);
        assert!(grid.note.is_some_and(|note| note.width >= WIDE_NOTE), "{grid:?}");
    }

    #[test]
    fn what_does_not_fit_is_counted() {
        let mut every = List::default();
        every.replace(crate::domain::id::Partition::Aws.regions());
        let grid = Grid::new(80, false, &every);
        assert_eq!(grid.left + grid.columns() + grid.right, 34);
        let (_, last) = grid.regions.last().unwrap();
        assert!(last.offset + last.width + MORE <= 80, "{grid:?}");
    }

    #[test]
    fn any_width_is_good() {
        for width in 0..300 {
            for is_wide in [false, true] {
                let grid = Grid::new(width, is_wide, &columns(&EIGHT));
                assert!(grid.columns() >= 1);
            }
        }
    }
}
