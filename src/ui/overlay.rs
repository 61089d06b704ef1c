//! What lies over a screen: one function for each of the model's overlays.

pub(crate) mod frame;
pub(crate) mod permissions;
pub(crate) mod plan;

use ratatui::layout::Rect;

use super::canvas::Canvas;
use crate::app::overlay::Overlay;
use crate::app::{Drawn, Model};
use crate::domain::time::Now;

/// Draws one overlay and notes what of it was on screen.
pub(crate) fn draw(
    canvas: &mut Canvas<'_>,
    area: Rect,
    (overlay, model): (&Overlay, &Model),
    drawn: &mut Drawn,
    now: Now,
) {
    // Only what lies on top counts as seen.
    drawn.plan = None;
    match overlay {
        Overlay::Help(viewer) | Overlay::Reader(viewer) => {
            drawn.text_lines = Some(frame::viewer(canvas, area, viewer));
        }
        Overlay::Permissions(permissions) => {
            drawn.text_lines = Some(permissions::draw(canvas, area, permissions));
        }
        Overlay::SideBySide(compared) => drawn.text_lines = Some(frame::viewer(canvas, area, compared.viewer())),
        Overlay::Menu(menu) => drawn.list_lines = Some(frame::menu(canvas, area, menu, model)),
        Overlay::Copy => frame::copy(canvas, area, model),
        Overlay::Filter(prompt) => frame::filter(canvas, area, prompt),
        Overlay::Search(prompt) => frame::search(canvas, area, prompt),
        Overlay::ByHand(prompt) => frame::by_hand(canvas, area, prompt),
        Overlay::Plan(dialog) => drawn.plan = plan::draw(canvas, area, dialog, model, now),
        Overlay::Quit(leaving) => frame::quit(canvas, area, *leaving, now),
    }
}
