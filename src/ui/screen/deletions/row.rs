//! One line of the list: whose member, where, how long it has, and when it is deleted or what it waits for.

use ratatui::layout::Rect;

use super::Shown;
use super::words;
use crate::domain::text::{Safe, safe};
use crate::domain::time::Now;
use crate::ui::canvas::Canvas;
use crate::ui::theme::{Look, Tone};
use crate::ui::widget::grid::Span;
use crate::ui::widget::matrix::marks;
use crate::ui::widget::{cell, name};
use crate::ui::words::role;

/// Where the columns stand. Their widths come from the size of the terminal, never from content.
pub(super) struct Columns {
    key: Span,
    member: Span,
    left: Span,
    words: Span,
    room: words::Room,
    /// Beside the letter there is room for the word.
    has_roles: bool,
}

impl Columns {
    pub(super) fn of(width: u16) -> Self {
        let (room, key, member, left) = match width {
            0..60 => (words::Room::Little, 17, 9, 8),
            60..100 => (words::Room::Some, 21, 9, 9),
            100..140 => (words::Room::Enough, 24, 18, 9),
            140.. => (words::Room::Enough, 30, 26, 10),
        };
        let member_at = 2 + key;
        let left_at = member_at + member;
        let words_at = left_at + left;
        Self {
            key: Span { offset: 2, width: key },
            member: Span { offset: member_at, width: member },
            left: Span { offset: left_at, width: left },
            words: Span { offset: words_at, width: width.saturating_sub(words_at) },
            room,
            has_roles: width >= 140,
        }
    }

    pub(super) fn heads(&self, canvas: &mut Canvas<'_>, place: Rect) {
        let heads = [
            (self.key, "KEY"),
            (self.member, "MEMBER"),
            (self.left, "LEFT"),
            (self.words, "DELETED, OR WHAT IT WAITS FOR"),
        ];
        for (span, title) in heads {
            canvas.text(span.within(place, 1), &title.into(), Tone::Heading);
        }
    }

    pub(super) fn row(&self, canvas: &mut Canvas<'_>, place: Rect, shown: &Shown<'_>, now: Now) {
        let is_on_cursor_row = shown.is_cursor;
        // What was known before is dim whatever it says; the words say the same.
        let is_stale = shown.past.is_some();
        let look = |tone| Look { is_stale, is_on_cursor_row, ..Look::from(tone) };
        if is_on_cursor_row {
            canvas.paint(place, look(Tone::Plain));
        }
        marks(canvas, place, is_on_cursor_row, (false, shown.is_undecided));
        name::draw(canvas, self.key.within(place, 1), shown.row, look(Tone::Plain));
        let (member, tone) = self.member(shown);
        canvas.text(self.member.within(place, 1), &member, look(tone));
        let (left, tone) = words::left(shown.fate, now);
        canvas.text(self.left.within(place, 1), &left, look(tone));
        let (text, tone) = words::brief(shown, self.room, now);
        canvas.text(self.words.within(place, 0), &text, look(tone));
    }

    /// `euw1 R!`, and where there is room `eu-west-1 R! REPLICA`.
    fn member(&self, shown: &Shown<'_>) -> (Safe, Tone) {
        let (letters, tone) = cell::mark(shown.cell);
        let region = &shown.item.region;
        let text = match self.room {
            words::Room::Little | words::Room::Some => safe!("{:<5}{letters}", region.short()),
            words::Room::Enough => {
                let role = if self.has_roles { safe!(" {}", role(shown.cell.role)) } else { Safe::default() };
                safe!("{:<15}{letters:<2}{role}", region.as_str())
            }
        };
        (text, tone)
    }
}
