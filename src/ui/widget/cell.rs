//! One key in one Region, in a few letters; and the other small fields of a row.

use ratatui::layout::Rect;

use crate::domain::fleet::glyph::{Glyph, GlyphKind, glyph};
use crate::domain::fleet::row::{Cell, Row};
use crate::domain::id::Region;
use crate::domain::key::Role;
use crate::domain::text::{Safe, safe};
use crate::domain::time::Now;
use crate::ui::canvas::{Align, Canvas};
use crate::ui::measure::width;
use crate::ui::theme::{Look, Tone};
use crate::ui::words;

/// The letters of a cell, and what they are about.
pub(crate) fn mark(cell: &Cell) -> (Safe, Tone) {
    let glyph = glyph(cell);
    (safe!("{}", glyph.text()), tone(glyph.kind, cell.role))
}

fn tone(kind: GlyphKind, role: Option<Role>) -> Tone {
    match (kind, role) {
        (GlyphKind::Enabled, Some(Role::Primary)) => Tone::Strong,
        (GlyphKind::Enabled, Some(Role::Replica)) => Tone::Plain,
        (GlyphKind::Enabled, None) | (GlyphKind::Unreadable | GlyphKind::Unread, _) => Tone::Unknown,
        (GlyphKind::Moving | GlyphKind::Reading, _) => Tone::Moving,
        (GlyphKind::Dying | GlyphKind::Waiting | GlyphKind::Banned | GlyphKind::Gap, _) => Tone::Danger,
        (GlyphKind::Disabled | GlyphKind::PendingImport | GlyphKind::StateUnknown, _) => Tone::Warning,
        (GlyphKind::Absent | GlyphKind::NotEnabled, _) => Tone::Quiet,
    }
}

/// Draws a cell: four columns, or centred. The one under the cursor stands in brackets, so that it is found without colours.
pub(crate) fn draw(
    canvas: &mut Canvas<'_>,
    area: Rect,
    (row, region): (&Row, &Region),
    (align, is_not_enabled): (Align, bool),
    look: Look,
) {
    let cell = row.cell(region);
    let glyph = cell.map_or(Glyph::unspoken(is_not_enabled), glyph);
    let letters = glyph.text();
    let tone = tone(glyph.kind, cell.and_then(|cell| cell.role));
    let look = Look { tone, is_stale: look.is_stale || glyph.is_stale, ..look };
    let text = if look.is_cursor { safe!("[{letters}]") } else { safe!(" {letters} ") };
    canvas.aligned(area, &text, align, look);
}

/// The spec in at most six letters: `SYM`, `RSA4k`, `P256`, `HM256`, `DSA44`.
pub(crate) fn spec(row: &Row) -> Safe {
    let Some(shared) = row.shared() else { return "?".into() };
    let spec = shared.spec.safe();
    match spec.as_str() {
        "SYMMETRIC_DEFAULT" => "SYM".into(),
        "RSA_2048" => "RSA2k".into(),
        "RSA_3072" => "RSA3k".into(),
        "RSA_4096" => "RSA4k".into(),
        other => {
            let curve = other.strip_prefix("ECC_NIST_").or(other.strip_prefix("ECC_SECG_"));
            let code = other.strip_prefix("HMAC_").map(|bits| safe!("HM{bits}"));
            code.unwrap_or_else(|| safe!("{}", curve.unwrap_or(other).replace("ML_DSA_", "DSA")))
        }
    }
}

/// The worst that is wrong with a key, and the key to press at the right end.
pub(crate) fn note(canvas: &mut Canvas<'_>, area: Rect, row: &Row, look: Look, now: Now) {
    let Some((text, tone, remedy)) = words::worst(row, now) else { return };
    let remedy: Safe = remedy.into();
    let room = area.width.saturating_sub(width(remedy.as_str()) + 2);
    canvas.text(Rect { width: room, ..area }, &text, Look { tone, ..look });
    let end = Rect { width: area.width.saturating_sub(1), ..area };
    canvas.aligned(end, &remedy, Align::Right, Look { tone: Tone::Key, ..look });
}
