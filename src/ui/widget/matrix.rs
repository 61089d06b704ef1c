//! The fleet as a table: a row for each key, a column for each Region. Only the rows in view are looked at.

use std::collections::BTreeMap;

use ratatui::layout::Rect;

use super::cell;
use super::grid::{Grid, Span};
use super::name;
use super::region::Standing;
use crate::app::column::Column;
use crate::app::screen::fleet::{FleetScreen, Item, Order};
use crate::domain::fleet::row::Row;
use crate::domain::id::Region;
use crate::domain::text::{Safe, safe};
use crate::domain::time::Now;
use crate::ui::canvas::{Align, Canvas, row_of};
use crate::ui::layout::rows;
use crate::ui::theme::{Look, Tone};

/// The table and what its columns' Regions are like.
pub(crate) struct Matrix<'a> {
    pub(crate) screen: &'a FleetScreen,
    pub(crate) grid: &'a Grid,
    pub(crate) standings: &'a BTreeMap<Region, Standing>,
    /// Until then worst first would mean that rows jump about: they stand by name.
    pub(crate) is_scan_over: bool,
    pub(crate) now: Now,
}

impl Matrix<'_> {
    /// Draws the heads: names, and under them how each Region stands, which is the age where it is old.
    pub(crate) fn heads(&self, canvas: &mut Canvas<'_>, area: Rect) {
        let (names, states, extents) = (row_of(area, 0), row_of(area, 1), row_of(area, 2));
        let titles = [(self.grid.key, Column::Key.title()), (self.grid.id, Column::Id.title())];
        for (span, title) in titles {
            canvas.text(span.within(names, 1), &safe!("{title}"), Tone::Heading);
        }
        if let Some(span) = self.grid.spec {
            canvas.text(span.within(names, 1), &safe!("{}", Column::Spec.title()), Tone::Heading);
        }
        if let Some(span) = self.grid.note {
            canvas.text(span.within(names, 0), &safe!("{}", Column::Wrong.title()), Tone::Heading);
        }
        canvas.text(
            Rect { width: self.grid.key.width + self.grid.id.width - 1, ..self.grid.key.within(states, 0) },
            &self.order(),
            Tone::Quiet,
        );
        canvas.text(self.grid.key.within(extents, 1), &"keys listed, age".into(), Tone::Quiet);
        for (region, span) in &self.grid.regions {
            let is_cursor = self.screen.selected_region() == Some(region);
            self.head(canvas, (names, states, extents), (region, *span), is_cursor);
        }
        self.arrows(canvas, names);
    }

    fn head(
        &self,
        canvas: &mut Canvas<'_>,
        (names, states, extents): (Rect, Rect, Rect),
        (region, span): (&Region, Span),
        is_cursor: bool,
    ) {
        let align = if self.grid.is_wide { Align::Centre } else { Align::Left };
        let look = Look { is_cursor, ..Tone::Heading.into() };
        canvas.aligned(span.within(names, 1), &safe!("{}", region.short()), align, look);
        let Some(standing) = self.standings.get(region) else {
            // Before there is a login nothing is out of scope: nothing has been asked.
            let word = if self.standings.is_empty() { "…" } else { "out" };
            canvas.aligned(span.within(states, 1), &word.into(), align, Tone::Quiet);
            return;
        };
        let (text, tone) = if self.grid.is_wide { standing.word() } else { standing.short(self.now) };
        canvas.aligned(span.within(states, 1), &text, align, tone);
        canvas.aligned(span.within(extents, 1), &standing.extent(self.now), align, Tone::Quiet);
    }

    fn arrows(&self, canvas: &mut Canvas<'_>, names: Rect) {
        if let (true, Some((_, first))) = (self.grid.left > 0, self.grid.regions.first()) {
            let gap = Span { offset: first.offset.saturating_sub(4), width: 4 };
            canvas.aligned(gap.within(names, 1), &safe!("‹{}", self.grid.left), Align::Right, Tone::Key);
        }
        if let (true, Some((_, last))) = (self.grid.right > 0, self.grid.regions.last()) {
            let rest = Span { offset: last.offset + last.width, width: 4 };
            canvas.text(rest.within(names, 0), &safe!("›{}", self.grid.right), Tone::Key);
        }
    }

    /// `41 of 41, worst first`
    fn order(&self) -> Safe {
        let (shown, all) = self.screen.counts();
        let reversed = if self.screen.is_reversed() { ", reversed" } else { "" };
        match self.screen.order() {
            Order::WorstFirst if !self.is_scan_over => safe!("{shown} of {all} so far, by name{reversed}"),
            Order::WorstFirst => safe!("{shown} of {all}, worst first{reversed}"),
            Order::By(column) => safe!("{shown} of {all}, by {}{reversed}", column.title().to_lowercase()),
        }
    }

    /// Draws the rows in view.
    pub(crate) fn rows(&self, canvas: &mut Canvas<'_>, area: Rect) {
        let list = self.screen.list();
        let window = list.window(usize::from(area.height));
        let items = list.items().get(window.first..window.end).unwrap_or_default();
        for (place, item) in rows(area).zip(items) {
            let is_cursor_row = list.cursor() == Some(item);
            if let Some(row) = self.screen.row(&item.key) {
                self.row(canvas, place, row, is_cursor_row);
            }
        }
    }

    fn row(&self, canvas: &mut Canvas<'_>, place: Rect, row: &Row, is_on_cursor_row: bool) {
        let look = |tone| Look { is_on_cursor_row, ..Look::from(tone) };
        if is_on_cursor_row {
            canvas.paint(place, look(Tone::Plain));
        }
        let item = Item { key: row.key.clone(), member: None };
        let is_undecided = self.screen.is_undecided(&row.key);
        marks(canvas, place, is_on_cursor_row, (self.screen.is_marked(&item), is_undecided));
        let is_recalled = self.screen.is_recalled(&row.key);
        let name = Look { is_stale: is_recalled, ..look(Tone::Plain) };
        name::draw(canvas, self.grid.key.within(place, 2), row, name);
        self.id(canvas, place, row, look(Tone::Quiet));
        if let Some(span) = self.grid.spec {
            canvas.text(span.within(place, 1), &cell::spec(row), look(Tone::Quiet));
        }
        for (region, span) in &self.grid.regions {
            let is_cursor = is_on_cursor_row && self.screen.selected_region() == Some(region);
            let is_stale = self.standings.get(region).is_some_and(Standing::is_stale);
            let look = Look { is_stale, is_cursor, ..look(Tone::Plain) };
            let is_not_enabled = matches!(self.standings.get(region), Some(Standing::NotEnabled));
            let align = if self.grid.is_wide { Align::Centre } else { Align::Left };
            cell::draw(canvas, span.within(place, 1), (row, region), (align, is_not_enabled), look);
        }
        if let Some(span) = self.grid.note.filter(|_| is_recalled) {
            canvas.text(span.within(place, 0), &"last seen; not read yet".into(), look(Tone::Quiet));
        } else if let Some(span) = self.grid.note {
            cell::note(canvas, span.within(place, 0), row, look(Tone::Plain), self.now);
        }
    }

    fn id(&self, canvas: &mut Canvas<'_>, place: Rect, row: &Row, look: Look) {
        let tail = row.key.id.tail();
        let text = if self.grid.is_wide {
            let head = row.key.id.as_str().get(4..8).unwrap_or_default();
            safe!("{head}…{tail}")
        } else {
            safe!("{tail}")
        };
        canvas.text(self.grid.id.within(place, 1), &text, look);
    }
}

/// The cursor's mark; and a mark that somebody set, or else that of a row that the filter could neither keep nor drop.
pub(crate) fn marks(
    canvas: &mut Canvas<'_>,
    place: Rect,
    is_cursor_row: bool,
    (is_marked, is_undecided): (bool, bool),
) {
    let column = |offset: u16| Span { offset, width: 1 }.within(place, 0);
    let look = |tone| Look { is_on_cursor_row: is_cursor_row, ..Look::from(tone) };
    if is_cursor_row {
        canvas.text(column(0), &"▌".into(), look(Tone::Key));
    }
    if is_marked {
        canvas.text(column(1), &"+".into(), look(Tone::Key));
    } else if is_undecided {
        canvas.text(column(1), &"?".into(), look(Tone::Unknown));
    }
}
