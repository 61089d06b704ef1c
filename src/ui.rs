//! What the dashboard looks like: a pure function from the model to a frame. No clock, no state, nothing decided.
//!
//! Only what is in view is looked at, so a frame costs the same whatever the fleet's size. Only [`crate::domain::text::Safe`] text reaches the terminal, through
//! [`canvas`]. Where the cursor is and what is scrolled is the model's; what was really on screen is told back to it as [`Drawn`].

pub(crate) mod canvas;
pub(crate) mod layout;
pub(crate) mod line;
pub(crate) mod measure;
pub(crate) mod overlay;
#[cfg(test)]
pub(crate) mod picture;
pub(crate) mod screen;
#[cfg(test)]
mod tests;
pub(crate) mod theme;
pub(crate) mod widget;
pub(crate) mod words;

use ratatui::Frame;
use ratatui::layout::Rect;

use crate::app::{Drawn, Model};
use crate::domain::time::Now;
use canvas::{Canvas, row_of};
use layout::Size;
use theme::{Theme, Tone};

/// Draws the whole screen, and says what of it was drawn: the model is to be told after every frame.
pub(crate) fn view(model: &Model, theme: Theme, now: Now, frame: &mut Frame<'_>) -> Drawn {
    let area = frame.area();
    let mut canvas = Canvas::new(frame.buffer_mut(), theme);
    let mut drawn = Drawn::default();
    if Size::of(area) == Size::TooSmall {
        too_small(&mut canvas, area);
        return drawn;
    }
    screen::draw(&mut canvas, area, model, &mut drawn, now);
    for overlay in model.overlays() {
        overlay::draw(&mut canvas, area, (overlay, model), &mut drawn, now);
    }
    drawn
}

/// Nothing is shown as seen here, so nothing can be confirmed either.
fn too_small(canvas: &mut Canvas<'_>, area: Rect) {
    canvas.text(row_of(area, area.height / 2), &"terminal too small".into(), Tone::Strong);
    canvas.text(row_of(area, area.height / 2 + 1), &"at least 40 x 10".into(), Tone::Quiet);
}
