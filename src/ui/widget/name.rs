//! What a row is called. The name is cut in the middle; how many aliases more it has, and where the name comes from, is not.

use ratatui::layout::Rect;

use crate::domain::fleet::row::{Cell, Row, RowName};
use crate::domain::id::Region;
use crate::domain::text::{Safe, safe};
use crate::ui::canvas::{Canvas, skip_columns};
use crate::ui::measure::width;
use crate::ui::theme::{Look, Tone};

/// The three parts of a name: what goes before it, the name itself, what goes after it.
pub(crate) struct Name {
    pub(crate) before: Safe,
    pub(crate) text: Safe,
    pub(crate) after: Safe,
}

impl Name {
    pub(crate) fn of(row: &Row) -> Self {
        let id = || safe!("{}", row.key.id);
        let none = Safe::default;
        match &row.name {
            RowName::Alias { name, more } => Self { before: none(), text: name.safe(), after: plus(*more) },
            RowName::AliasOf { region, name, more } => {
                Self { before: none(), text: name.safe(), after: safe!(" ({}){}", region.short(), plus(*more)) }
            }
            RowName::Description(text) => {
                Self { before: "(no alias) “".into(), text: text.safe(), after: "”".into() }
            }
            RowName::Denied => Self { before: "(denied) ".into(), text: id(), after: none() },
            RowName::Id => Self { before: none(), text: id(), after: none() },
        }
    }

    /// In one piece, for a sentence.
    pub(crate) fn whole(&self) -> Safe {
        safe!("{}{}{}", self.before, self.text, self.after)
    }
}

fn plus(more: usize) -> Safe {
    if more == 0 { Safe::default() } else { safe!(" +{more}") }
}

/// The row's cells in the order of the columns; what has no column comes last.
pub(crate) fn in_column_order<'row>(row: &'row Row, columns: &[Region]) -> Vec<&'row Cell> {
    let place = |cell: &&Cell| columns.iter().position(|region| *region == cell.region).unwrap_or(columns.len());
    let mut cells: Vec<&Cell> = row.cells.iter().collect();
    cells.sort_by_key(place);
    cells
}

/// Draws a row's name.
pub(crate) fn draw(canvas: &mut Canvas<'_>, area: Rect, row: &Row, look: Look) {
    let name = Name::of(row);
    let is_named = matches!(row.name, RowName::Alias { .. } | RowName::AliasOf { .. });
    let quiet = Look { tone: Tone::Quiet, ..look };
    let before = canvas.text(area, &name.before, quiet);
    let rest = skip_columns(area, before);
    let after = width(&canvas.theme().render(name.after.as_str()));
    let room = Rect { width: rest.width.saturating_sub(after), ..rest };
    let used = canvas.name(room, &name.text, if is_named { look } else { quiet });
    canvas.text(skip_columns(rest, used), &name.after, quiet);
}
