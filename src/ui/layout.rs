//! Which parts of a screen there is room for, and where they stand. Goes by the size of the terminal alone, never by content: nothing jumps while rows arrive.

use ratatui::layout::Rect;

use super::canvas::{row_of, skip_rows};

/// Below this nothing useful can be said.
pub(crate) const LEAST: (u16, u16) = (40, 10);

/// From here on the columns are wide.
const WIDE: u16 = 140;
/// Below this a table of Regions has no room.
const TABLE: u16 = 60;
/// From this height on the members of the selected key have a panel.
const PANEL: u16 = 34;

/// The classes of terminals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Size {
    TooSmall,
    /// Only the tree fits.
    Narrow,
    Compact,
    Wide,
}

impl Size {
    pub(crate) fn of(area: Rect) -> Self {
        let (least_width, least_height) = LEAST;
        if area.width < least_width || area.height < least_height {
            Size::TooSmall
        } else if area.width < TABLE {
            Size::Narrow
        } else if area.width < WIDE {
            Size::Compact
        } else {
            Size::Wide
        }
    }

    pub(crate) fn is_wide(self) -> bool {
        match self {
            Size::Wide => true,
            Size::TooSmall | Size::Narrow | Size::Compact => false,
        }
    }
}

/// Where the parts of the fleet screen stand. A part that has no room is empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FleetAreas {
    pub(crate) identity: Rect,
    pub(crate) state: Rect,
    /// The Regions in words; on a wide screen the table's head says it.
    pub(crate) regions: Rect,
    pub(crate) heads: Rect,
    pub(crate) rows: Rect,
    pub(crate) rule: Rect,
    /// What explains the cell under the cursor.
    pub(crate) strip: Rect,
    /// The members of the selected key, on a tall screen.
    pub(crate) members: Rect,
    /// Changes that are followed, and notices.
    pub(crate) message: Rect,
    pub(crate) legend: Rect,
    pub(crate) footer: Rect,
}

/// Takes rows from the top.
struct Stack {
    rest: Rect,
}

impl Stack {
    fn take(&mut self, rows: u16) -> Rect {
        let taken = Rect { height: rows.min(self.rest.height), ..self.rest };
        self.rest = skip_rows(self.rest, rows);
        taken
    }
}

/// The parts of the fleet screen. The tree has no heads; on a wide screen they are one row more.
pub(crate) fn fleet(area: Rect, is_tree: bool, is_wide: bool) -> FleetAreas {
    let tall = area.height;
    let heads = match (is_tree, is_wide) {
        (true, _) => 0,
        (false, false) => 2,
        (false, true) => 3,
    };
    let strip = if tall >= 18 { 3 } else { 1 };
    let members = if tall >= PANEL && area.width >= 100 { 8 } else { 0 };
    let legend = u16::from(tall >= 20);
    let below = 1 + strip + members + 1 + legend + 1;
    let mut stack = Stack { rest: area };
    let (identity, state, regions, heads) = (stack.take(1), stack.take(1), stack.take(1), stack.take(heads));
    let rows = stack.take(stack.rest.height.saturating_sub(below));
    FleetAreas {
        identity,
        state,
        regions,
        heads,
        rows,
        rule: stack.take(1),
        strip: stack.take(strip),
        members: stack.take(members),
        message: stack.take(1),
        legend: stack.take(legend),
        footer: stack.take(1),
    }
}

/// Where the parts of every other screen stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PageAreas {
    pub(crate) identity: Rect,
    pub(crate) title: Rect,
    pub(crate) body: Rect,
    pub(crate) message: Rect,
    pub(crate) footer: Rect,
}

pub(crate) fn page(area: Rect) -> PageAreas {
    let mut stack = Stack { rest: area };
    let (identity, title) = (stack.take(1), stack.take(1));
    let body = stack.take(stack.rest.height.saturating_sub(2));
    PageAreas { identity, title, body, message: stack.take(1), footer: stack.take(1) }
}

/// A box in the middle of the screen, no larger than it.
pub(crate) fn centred(area: Rect, width: u16, height: u16) -> Rect {
    let (width, height) = (width.min(area.width), height.min(area.height));
    Rect { x: area.x + (area.width - width) / 2, y: area.y + (area.height - height) / 2, width, height }
}

/// The rows of an area, from the top.
pub(crate) fn rows(area: Rect) -> impl Iterator<Item = Rect> {
    (0..area.height).map(move |row| row_of(area, row))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(width: u16, height: u16, size: Size, list: u16) {
        let area = Rect::new(0, 0, width, height);
        assert_eq!(Size::of(area), size, "{width}x{height}");
        assert_eq!(fleet(area, size == Size::Narrow, size.is_wide()).rows.height, list, "{width}x{height}");
    }

    #[test]
    fn the_list_gets_what_the_rest_leaves() {
        check(80, 24, Size::Compact, 12);
        check(120, 40, Size::Compact, 20);
        check(160, 50, Size::Wide, 29);
        check(50, 12, Size::Narrow, 5);
        check(40, 10, Size::Narrow, 3);
        check(39, 24, Size::TooSmall, 12);
    }

    #[test]
    fn the_parts_fill_the_screen_and_do_not_overlap() {
        for height in 0..60 {
            let area = Rect::new(0, 0, 80, height);
            let parts = fleet(area, false, false);
            let all = [
                parts.identity,
                parts.state,
                parts.regions,
                parts.heads,
                parts.rows,
                parts.rule,
                parts.strip,
                parts.members,
                parts.message,
                parts.legend,
                parts.footer,
            ];
            assert_eq!(all.iter().map(|part| part.height).sum::<u16>(), height);
            assert!(all.iter().filter(|part| part.height > 0).is_sorted_by_key(|part| part.y));
        }
    }
}
