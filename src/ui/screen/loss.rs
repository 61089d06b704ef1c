//! What losing some Regions would mean: the choice of Regions, every key with its survivors and what to do now, and all about the key under the cursor.
//!
//! It says first that it is about keys, and what cannot be done; and what is not known of a Region that cannot be read stands above any key.

mod explanation;

use ratatui::layout::Rect;

use super::{fold, identity_line, tabs};
use crate::app::action::Action;
use crate::app::screen::loss::LossScreen;
use crate::app::{Drawn, Model};
use crate::domain::fleet::RegionFacts;
use crate::domain::fleet::presence::RegionStatus;
use crate::domain::fleet::row::Row;
use crate::domain::id::Region;
use crate::domain::impact::{Basis, Effect, KeyImpact, counts};
use crate::domain::text::{Safe, safe};
use crate::domain::time::{Now, age};
use crate::engine::Deep;
use crate::ui::canvas::{Align, Canvas, row_of, skip_columns, skip_rows};
use crate::ui::layout::{page, rows};
use crate::ui::line::Line;
use crate::ui::measure::width;
use crate::ui::screen::fleet::{filtered_rule, no_session};
use crate::ui::theme::{Look, Tone};
use crate::ui::widget::grid::{MARKS, Span};
use crate::ui::widget::matrix::marks;
use crate::ui::widget::{cell, footer, message, name};

const ACTIONS: [Action; 11] = [
    Action::Open,
    Action::LoseRegion,
    Action::Copy,
    Action::Replicate,
    Action::Promote,
    Action::Enable,
    Action::Filter,
    Action::Errors,
    Action::Menu,
    Action::FleetScreen,
    Action::Quit,
];

/// What one Region of the choice takes.
const CHOICE: u16 = 10;

pub(super) fn draw(
    canvas: &mut Canvas<'_>,
    area: Rect,
    (screen, model): (&LossScreen, &Model),
    drawn: &mut Drawn,
    now: Now,
) {
    let areas = page(area);
    identity_line(canvas, areas.identity, model, now);
    canvas.line(areas.title, &tabs(model));
    let first = row_of(areas.body, 0);
    canvas.ends(first, &about(area.width), &progress(screen, model));
    canvas.line(row_of(areas.body, 1), &summary(screen, area.width));
    drawn.region_columns = Some(choice(canvas, row_of(areas.body, 2), screen, model));
    let mut body = skip_rows(areas.body, 3);
    let dark = dark(screen, model, now);
    let room = if body.height >= 12 { 3 } else { 1 };
    for line in dark.iter().take(room) {
        canvas.line(body, line);
        body = skip_rows(body, 1);
    }
    let lines = if screen.list().is_empty() {
        fold(canvas, skip_columns(skip_rows(body, 1), 2), &why_empty(screen, model));
        body.height
    } else {
        table(canvas, body, (screen, model), now)
    };
    drawn.list_lines = Some(usize::from(lines));
    message::draw(canvas, areas.message, model, now);
    footer::draw(canvas, areas.footer, model.keymap(), &ACTIONS);
}

fn about(width: u16) -> Line {
    let words = if width < 62 {
        " Keys, not data. A lost primary cannot be moved."
    } else {
        " Keys, not data. A primary in a lost Region cannot be moved."
    };
    Line::of(words, Tone::Strong)
}

/// How far looking and reading have come.
fn progress(screen: &LossScreen, model: &Model) -> Line {
    let (answered, wanted) = model.engine().deep_progress();
    let mut line = Line::new();
    if screen.waiting() > 0 {
        line.push(safe!("{} keys to look at ", screen.waiting()), Tone::Moving);
    }
    if answered < wanted {
        let what = if model.engine().reads_deep(Deep::Tags) { "policies and more" } else { "policies" };
        line.push(safe!("reading {what} {answered}/{wanted} "), Tone::Moving);
    }
    line
}

/// `Without us-east-1: 41 keys: 2 lost · 18 frozen`
fn summary(screen: &LossScreen, room: u16) -> Line {
    let lost: Vec<&str> = screen.lost().iter().map(Region::as_str).collect();
    if lost.is_empty() {
        return Line::of(" no Region is chosen as lost", Tone::Quiet);
    }
    let worst = Effect::ALL.into_iter().find(|effect| screen.count(*effect) > 0);
    let words = counts(|effect| screen.count(effect));
    // The choice below names the Regions too: the counts are what nothing else says.
    let named = safe!(" Without {}: ", lost.join(", "));
    let has_room = width(named.as_str()) + width(words.as_str()) <= room;
    let first = if has_room { named } else { " ".into() };
    Line::of(first, Tone::Plain).with(words, worst.map_or(Tone::Quiet, tone))
}

/// The Regions that can be chosen: lost ones with a cross, the cursor's in brackets. Returns how many there was room for.
fn choice(canvas: &mut Canvas<'_>, place: Rect, screen: &LossScreen, model: &Model) -> usize {
    canvas.text(skip_columns(place, 1), &"LOST".into(), Tone::Heading);
    let room = usize::from(place.width.saturating_sub(9) / CHOICE).max(1);
    let window = screen.regions().window(room);
    let shown = screen.regions().items().get(window.first..window.end).unwrap_or_default();
    let mut offset = 6;
    for region in shown {
        let is_cursor = screen.regions().cursor() == Some(region);
        let is_lost = screen.lost().contains(region);
        let mark = if is_lost { "x " } else { "  " };
        let short = region.short();
        let text = if is_cursor { safe!("[{mark}{short}]") } else { safe!(" {mark}{short} ") };
        let tone = match (is_lost, is_dark(model, region)) {
            (true, _) => Tone::Danger,
            (false, true) => Tone::Unknown,
            (false, false) => Tone::Plain,
        };
        let span = Span { offset, width: CHOICE };
        canvas.text(span.within(place, 0), &text, Look { is_cursor, ..Look::from(tone) });
        offset += CHOICE;
    }
    let right = window.total.saturating_sub(window.end);
    let left = window.first;
    let more = match (left, right) {
        (0, 0) => Safe::default(),
        (0, right) => safe!("›{right} "),
        (left, 0) => safe!("‹{left} "),
        (left, right) => safe!("‹{left}›{right}"),
    };
    canvas.aligned(place, &more, Align::Right, Tone::Key);
    room
}

fn facts<'model>(model: &'model Model, region: &Region) -> impl Iterator<Item = &'model RegionFacts> {
    let places = model.engine().fleet().places().filter(|(place, _)| place.region == *region);
    places.map(|(_, facts)| facts).collect::<Vec<_>>().into_iter()
}

fn is_dark(model: &Model, region: &Region) -> bool {
    facts(model, region).any(|facts| !matches!(facts.status(), RegionStatus::Loaded { .. }))
}

/// Lost Regions that cannot be read: what is known of them all the same, and what nobody can know. The worse first.
fn dark(screen: &LossScreen, model: &Model, now: Now) -> Vec<Line> {
    let totals = screen.totals();
    let unseen = totals.unseen.iter().map(|region| {
        let state = unread(model, region);
        Line::of(safe!(" {region} {state} and was never seen whole: "), Tone::Danger)
            .with("keys that lived only there are not listed", Tone::Danger)
    });
    let known = totals.last_known.iter().map(|(region, at)| {
        let state = unread(model, region);
        let age = age(now.wall.since(*at));
        Line::of(safe!(" {region} {state}: "), Tone::Danger)
            .with(safe!("shown as last known {age} ago, {}", at.minute()), Tone::Warning)
    });
    unseen.chain(known).collect()
}

/// A Region that is still being read is not one that cannot be.
fn unread(model: &Model, region: &Region) -> &'static str {
    let is_being_read =
        |facts: &RegionFacts| matches!(facts.status(), RegionStatus::Waiting | RegionStatus::Loading { .. });
    if facts(model, region).all(is_being_read) { "is still being read" } else { "CANNOT BE READ" }
}

fn why_empty(screen: &LossScreen, model: &Model) -> Vec<Line> {
    if let Some(lines) = no_session(model) {
        return lines;
    }
    if screen.lost().is_empty() {
        let key = |action| model.keymap().label(action);
        let (left, right, lose) = (key(Action::Left), key(Action::Right), key(Action::LoseRegion));
        return vec![
            Line::of("Which Region is lost?", Tone::Strong),
            Line::of(
                safe!("{left} and {right} go to one, {lose} chooses it; several can be lost at once."),
                Tone::Plain,
            ),
        ];
    }
    if screen.waiting() > 0 || !model.fleet().is_scanned() {
        return vec![Line::of("No key has been read yet.", Tone::Moving)];
    }
    if model.fleet().filter().is_some() {
        return vec![Line::of("No key is what the filter asks for.", Tone::Plain)];
    }
    vec![Line::of("There is no multi-Region key in the Regions that were read.", Tone::Plain)]
}

/// Draws the keys, and below them all about the one under the cursor. Returns the lines that the list had.
fn table(canvas: &mut Canvas<'_>, body: Rect, (screen, model): (&LossScreen, &Model), now: Now) -> u16 {
    let columns = Columns::of(body.width);
    let heads = u16::from(body.height >= 8);
    if heads > 0 {
        columns.heads(canvas, row_of(body, 0));
    }
    let body = skip_rows(body, heads);
    let explained = explained(body.height);
    let list = Rect { height: body.height.saturating_sub(explained + 1), ..body };
    let window = screen.list().window(usize::from(list.height));
    let keys = screen.list().items().get(window.first..window.end).unwrap_or_default();
    for (place, key) in rows(list).zip(keys) {
        if let (Some(impact), Some(row)) = (screen.of(key), screen.row(model.fleet(), key)) {
            columns.row(canvas, place, (impact, row, model), screen.list().cursor() == Some(key));
        }
    }
    let below = skip_rows(body, list.height);
    canvas.rule(row_of(below, 0), &filtered_rule(window, &single_region(screen), model.fleet().filter()));
    let cursor = screen.selected().and_then(|impact| Some((impact, screen.row(model.fleet(), &impact.key)?)));
    if let Some((impact, row)) = cursor {
        explanation::draw(canvas, skip_columns(skip_rows(below, 1), 1), (impact, row), now);
    }
    list.height
}

/// Lines for the key under the cursor: at night its ARNs count for more than a long list.
fn explained(height: u16) -> u16 {
    match height {
        0..5 => 1,
        5..9 => 2,
        9..20 => height * 3 / 5,
        20.. => 12,
    }
}

/// What else goes with the Regions.
fn single_region(screen: &LossScreen) -> Line {
    match screen.totals().single_region_keys {
        Some(1) => Line::of("1 single-Region key goes with it", Tone::Plain),
        Some(count) => Line::of(safe!("{count} single-Region keys go with it"), Tone::Plain),
        None => Line::of("single-Region keys there: not known", Tone::Unknown),
    }
}

fn tone(effect: Effect) -> Tone {
    match effect {
        Effect::Lost => Tone::Danger,
        Effect::Frozen => Tone::Warning,
        Effect::Reduced => Tone::Plain,
        Effect::Unknown => Tone::Unknown,
        Effect::Unaffected => Tone::Quiet,
    }
}

/// Where the columns stand. Their widths come from the size of the terminal, never from content.
struct Columns {
    effect: Span,
    key: Span,
    survivors: Span,
    now: Option<Span>,
}

impl Columns {
    fn of(width: u16) -> Self {
        let (effect, key, survivors) = match width {
            0..60 => (10, 18, width.saturating_sub(30)),
            60..120 => (14, 22, 20),
            120.. => (20, 30, 34),
        };
        let mut edge = MARKS;
        let mut take = |width: u16| {
            let span = Span { offset: edge, width };
            edge += width;
            span
        };
        let (effect, key, survivors) = (take(effect), take(key), take(survivors));
        let rest = width.saturating_sub(edge);
        Self { effect, key, survivors, now: (rest > 10).then_some(Span { offset: edge, width: rest }) }
    }

    fn heads(&self, canvas: &mut Canvas<'_>, place: Rect) {
        let heads = [(self.effect, "EFFECT"), (self.key, "KEY"), (self.survivors, "SURVIVORS")];
        let now = self.now.map(|span| (span, "WHAT TO DO NOW"));
        for (span, title) in heads.into_iter().chain(now) {
            canvas.text(span.within(place, 1), &title.into(), Tone::Heading);
        }
    }

    fn row(
        &self,
        canvas: &mut Canvas<'_>,
        place: Rect,
        (impact, row, model): (&KeyImpact, &Row, &Model),
        is_on_cursor_row: bool,
    ) {
        let is_stale = impact.basis == Basis::LastKnown;
        let look = |tone| Look { is_on_cursor_row, ..Look::from(tone) };
        if is_on_cursor_row {
            canvas.paint(place, look(Tone::Plain));
        }
        marks(canvas, place, is_on_cursor_row, (false, model.fleet().is_undecided(&impact.key)));
        let name = impact.effect.name();
        let effect = match (is_stale, self.effect.width) {
            (false, _) => safe!("{name}"),
            (true, 0..14) => safe!("{name} *"),
            (true, 14..20) => safe!("{name} (old)"),
            (true, 20..) => safe!("{name}, last known"),
        };
        canvas.text(self.effect.within(place, 1), &effect, Look { is_stale, ..look(tone(impact.effect)) });
        name::draw(canvas, self.key.within(place, 1), row, look(Tone::Plain));
        let survivors = survivors(impact, row);
        canvas.line_with(self.survivors.within(place, 1), &survivors, look);
        if let Some(span) = self.now {
            canvas.text(span.within(place, 0), &impact.now, look(Tone::Plain));
        }
    }
}

/// `usw2 R  apn1 R!`, the usable ones first.
fn survivors(impact: &KeyImpact, row: &Row) -> Line {
    let mut line = Line::new();
    for survivor in impact.survivors_by_use() {
        let (mark, tone) = row.cell(&survivor.region).map_or(("?".into(), Tone::Unknown), cell::mark);
        let gap = if line.is_empty() { "" } else { "  " };
        line.push(safe!("{gap}{} ", survivor.region.short()), Tone::Quiet);
        line.push(mark, tone);
    }
    if line.is_empty() { Line::of("none", tone(impact.effect)) } else { line }
}
