//! How wide text is on a terminal, and what of it fits. Counts columns, never bytes or characters.

use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

/// The columns that a text takes.
pub(crate) fn width(text: &str) -> u16 {
    u16::try_from(text.width()).unwrap_or(u16::MAX)
}

/// The text cut at the end to fit.
pub(crate) fn cut_end(text: &str, room: u16, ellipsis: &str) -> String {
    if width(text) <= room {
        return text.to_owned();
    }
    let Some(left) = room.checked_sub(width(ellipsis)) else { return String::new() };
    let mut cut = head(text, left).to_owned();
    cut.push_str(ellipsis);
    cut
}

/// The text cut in the middle to fit: names differ at both ends.
pub(crate) fn cut_middle(text: &str, room: u16, ellipsis: &str) -> String {
    if width(text) <= room {
        return text.to_owned();
    }
    let Some(left) = room.checked_sub(width(ellipsis)) else { return String::new() };
    let front = head(text, left.div_ceil(2));
    let back = tail(text, left.saturating_sub(width(front)));
    format!("{front}{ellipsis}{back}")
}

/// The longest beginning that takes at most `room` columns.
pub(crate) fn head(text: &str, room: u16) -> &str {
    let mut used = 0_u16;
    for (start, grapheme) in text.grapheme_indices(true) {
        used = used.saturating_add(width(grapheme));
        if used > room {
            return text.get(..start).unwrap_or_default();
        }
    }
    text
}

/// The longest end that takes at most `room` columns.
fn tail(text: &str, room: u16) -> &str {
    let mut used = 0_u16;
    let mut from = text.len();
    for (start, grapheme) in text.grapheme_indices(true).rev() {
        used = used.saturating_add(width(grapheme));
        if used > room {
            break;
        }
        from = start;
    }
    text.get(from..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, room: u16, end: &str, middle: &str) {
        assert_eq!(cut_end(text, room, "…"), end);
        assert_eq!(cut_middle(text, room, "…"), middle);
    }

    #[test]
    fn text_is_cut_where_it_matters_least() {
        check("payments-card-data", 18, "payments-card-data", "payments-card-data");
        check("payments-card-data", 9, "payments…", "paym…data");
        check("keys", 1, "…", "…");
        check("keys", 0, "", "");
        check("漢字漢字", 5, "漢字…", "漢…字");
    }

    proptest! {
        #[test]
        fn what_is_cut_always_fits(text in "\\PC{0,40}", room in 0_u16..30) {
            prop_assert!(width(&cut_end(&text, room, "…")) <= room);
            prop_assert!(width(&cut_middle(&text, room, "…")) <= room);
        }
    }
}
