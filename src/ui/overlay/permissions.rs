//! What a row's changes need, over the screen that they would be made from.

use ratatui::layout::Rect;

use super::frame;
use crate::app::overlay::permissions::Permissions;
use crate::ui::canvas::Canvas;

/// Draws the text. Returns the lines that fitted.
pub(crate) fn draw(canvas: &mut Canvas<'_>, screen: Rect, permissions: &Permissions) -> usize {
    frame::viewer(canvas, screen, permissions.viewer())
}
