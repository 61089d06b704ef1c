//! The fleet as a tree: each key with its member rows. What fits where a table of Regions does not.

use std::collections::BTreeMap;

use ratatui::layout::Rect;

use super::cell;
use super::matrix::marks;
use super::name;
use super::region::Standing;
use crate::app::screen::fleet::{FleetScreen, Item};
use crate::domain::fleet::presence::Presence;
use crate::domain::fleet::row::{Cell, Row};
use crate::domain::id::Region;
use crate::domain::text::{Safe, safe};
use crate::domain::time::Now;
use crate::ui::canvas::{Align, Canvas, skip_columns};
use crate::ui::layout::rows;
use crate::ui::measure::width;
use crate::ui::theme::{Look, Tone};
use crate::ui::words;

/// Columns of a Region's name; the longest known one is `ap-northeast-1`.
const REGION: u16 = 16;

/// Without it the letter of the role has to do.
const ROOM_FOR_ROLES: u16 = 36;

/// The tree and what its Regions are like.
pub(crate) struct Tree<'a> {
    pub(crate) screen: &'a FleetScreen,
    pub(crate) standings: &'a BTreeMap<Region, Standing>,
    pub(crate) now: Now,
}

impl Tree<'_> {
    /// Draws the lines in view.
    pub(crate) fn draw(&self, canvas: &mut Canvas<'_>, area: Rect) {
        let list = self.screen.list();
        let window = list.window(usize::from(area.height));
        let items = list.items().get(window.first..window.end).unwrap_or_default();
        for (place, item) in rows(area).zip(items) {
            if let Some(row) = self.screen.row(&item.key) {
                self.line(canvas, place, row, item);
            }
        }
    }

    fn line(&self, canvas: &mut Canvas<'_>, place: Rect, row: &Row, item: &Item) {
        let is_on_cursor_row = self.screen.list().cursor() == Some(item);
        let look = Look { is_on_cursor_row, ..Tone::Plain.into() };
        if is_on_cursor_row {
            canvas.paint(place, look);
        }
        let is_undecided = item.member.is_none() && self.screen.is_undecided(&row.key);
        marks(canvas, place, is_on_cursor_row, (self.screen.is_marked(item), is_undecided));
        let rest = skip_columns(place, 2);
        match item.member.as_ref().and_then(|region| row.cell(region)) {
            None if item.member.is_none() => self.key(canvas, rest, row, look),
            None => {}
            Some(member) => self.member(canvas, rest, (row, member), look),
        }
    }

    fn key(&self, canvas: &mut Canvas<'_>, area: Rect, row: &Row, look: Look) {
        let fold = if self.screen.is_folded(&row.key) { "▸" } else { "-" };
        let problem = words::worst(row, self.now);
        let head = (area.width / 2).clamp(22, 40);
        canvas.text(area, &fold.into(), Look { tone: Tone::Quiet, ..look });
        let strong = Look { tone: Tone::Strong, ..look };
        name::draw(canvas, Rect { width: head.saturating_sub(3), ..skip_columns(area, 2) }, row, strong);
        let rest = skip_columns(area, head);
        match problem {
            Some((text, tone, _)) => canvas.text(rest, &text, Look { tone, ..look }),
            None => canvas.text(rest, &safe!("{}", row.key.id.tail()), Look { tone: Tone::Quiet, ..look }),
        };
    }

    fn member(&self, canvas: &mut Canvas<'_>, area: Rect, (row, member): (&Row, &Cell), look: Look) {
        let area = skip_columns(area, 2);
        let (letters, tone) = cell::mark(member);
        let is_stale = self.standings.get(&member.region).is_some_and(Standing::is_stale);
        let look = Look { is_stale, ..look };
        // Brackets, as in the table: the member under the cursor is found without colours.
        let text = if look.is_on_cursor_row { safe!("[{letters}]") } else { safe!(" {letters}") };
        canvas.text(Rect { width: 5, ..area }, &text, Look { tone, is_cursor: look.is_on_cursor_row, ..look });
        let rest = skip_columns(area, 5);
        canvas.text(Rect { width: REGION, ..rest }, &safe!("{}", member.region), look);
        let rest = skip_columns(rest, REGION);
        let age = self.standings.get(&member.region).filter(|standing| standing.is_stale());
        let age = age.map(|standing| standing.short(self.now));
        let taken = age.as_ref().map_or(0, |(age, _)| width(age.as_str()) + 1);
        let (words, tone) = brief(row, member, rest.width >= ROOM_FOR_ROLES, self.now);
        canvas.text(Rect { width: rest.width.saturating_sub(taken), ..rest }, &words, Look { tone, ..look });
        if let Some((age, tone)) = age {
            canvas.aligned(rest, &age, Align::Right, Look { tone, ..look });
        }
    }
}

/// Role and state of a member in a few words.
fn brief(row: &Row, member: &Cell, has_room: bool, now: Now) -> (Safe, Tone) {
    match &member.presence {
        Presence::Present(present) => {
            let (_, tone) = cell::mark(member);
            let role = if has_room { safe!("{} ", words::role(member.role)) } else { Safe::default() };
            let mut text = safe!("{role}{}", present.state().safe());
            if let Some(at) = present.key.deletion_date {
                text = safe!("{text} {}", at.day());
            }
            (text, tone)
        }
        Presence::Absent(_) | Presence::Unknown(_) => words::cell(row, member, now),
    }
}
