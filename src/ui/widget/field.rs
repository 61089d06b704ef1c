//! One line to type into, with its cursor.

use ratatui::layout::Rect;

use crate::domain::text::Safe;
use crate::ui::canvas::{Canvas, skip_columns};
use crate::ui::measure::width;
use crate::ui::theme::{Look, Tone};

/// Draws what was typed and the cursor after `before` columns of it. What does not fit is cut at the left: the end is where one types.
pub(crate) fn draw(canvas: &mut Canvas<'_>, area: Rect, typed: &Safe, before: u16) {
    let room = area.width.saturating_sub(1);
    let hidden = before.saturating_sub(room);
    let shown = after_columns(typed.as_str(), hidden);
    canvas.text(area, &shown, Tone::Strong);
    let cursor = skip_columns(area, before.saturating_sub(hidden));
    let cursor = Rect { width: cursor.width.min(1), ..cursor };
    if before.saturating_sub(hidden) >= width(shown.as_str()) {
        canvas.text(cursor, &"▁".into(), Tone::Key);
    } else {
        canvas.paint(cursor, Look { is_cursor: true, ..Tone::Strong.into() });
    }
}

/// The text without its first columns.
fn after_columns(text: &str, columns: u16) -> Safe {
    let head = crate::ui::measure::head(text, columns);
    Safe::format(format_args!("{}", text.get(head.len()..).unwrap_or_default()))
}
