//! The keys that matter here, as bound in this run, most useful first. What does not fit is left out whole; help has it all.

use ratatui::layout::Rect;

use crate::app::action::Action;
use crate::app::keymap::Keymap;
use crate::domain::text::safe;
use crate::ui::canvas::{Canvas, skip_columns};
use crate::ui::line::Line;
use crate::ui::theme::Tone;

/// Draws the actions' keys and labels. An action without a key is not shown.
pub(crate) fn draw(canvas: &mut Canvas<'_>, area: Rect, keymap: &Keymap, actions: &[Action]) {
    let help = Line::of(safe!("{}", keymap.label(Action::Help)), Tone::Key).with(" ", Tone::Plain);
    let keep = help.width(canvas.theme());
    let mut used = 1;
    for action in actions {
        let key = keymap.label(*action);
        if key.is_empty() {
            continue;
        }
        let part = Line::of(safe!("{key}"), Tone::Key).with(safe!(" {}", action.label()), Tone::Plain);
        let wide = part.width(canvas.theme());
        if used + wide + 2 + keep > area.width {
            break;
        }
        canvas.line(skip_columns(area, used), &part);
        used += wide + 2;
    }
    canvas.line(skip_columns(area, area.width.saturating_sub(keep)), &help);
}
