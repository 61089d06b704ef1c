//! The Regions: how each stands, what went wrong and what to do about it, and what was sent there.

use std::time::Duration;

use ratatui::layout::Rect;

use super::{identity_line, tabs};
use crate::app::action::Action;
use crate::app::screen::regions::RegionsScreen;
use crate::app::{Drawn, Model};
use crate::domain::fleet::RegionFacts;
use crate::domain::id::Place;
use crate::domain::reading::Reason;
use crate::domain::text::{Safe, safe};
use crate::domain::time::{Now, age};
use crate::engine::effect::ReadOperation;
use crate::engine::traffic::usd_a_day;
use crate::ui::canvas::{Canvas, row_of, skip_rows};
use crate::ui::layout::{page, rows};
use crate::ui::line::Line;
use crate::ui::theme::{Look, Tone};
use crate::ui::widget::grid::Span;
use crate::ui::widget::region::Standing;
use crate::ui::widget::{footer, message, text};

const ACTIONS: [Action; 5] =
    [Action::Back, Action::RefreshAll, Action::FleetScreen, Action::JournalScreen, Action::Quit];

/// Lines that explain the Region under the cursor, and what all of them cost.
const EXPLANATION: u16 = 8;

const REGION: Span = Span { offset: 2, width: 15 };
const STATUS: Span = Span { offset: 17, width: 14 };
const KEYS: Span = Span { offset: 31, width: 6 };
const MULTI: Span = Span { offset: 37, width: 6 };
const AGE: Span = Span { offset: 43, width: 7 };
const ANSWERS: Span = Span { offset: 50, width: 7 };
const SENT: Span = Span { offset: 57, width: 6 };
const QUEUE: Span = Span { offset: 63, width: 6 };
const TROUBLE: Span = Span { offset: 69, width: 12 };

pub(super) fn draw(
    canvas: &mut Canvas<'_>,
    area: Rect,
    (screen, model): (&RegionsScreen, &Model),
    drawn: &mut Drawn,
    now: Now,
) {
    let areas = page(area);
    identity_line(canvas, areas.identity, model, now);
    canvas.line(areas.title, &tabs(model));
    head(canvas, row_of(areas.body, 0));
    let explanation = EXPLANATION.min(areas.body.height / 2);
    let list_area = skip_rows(areas.body, 1);
    let list_area = Rect { height: list_area.height.saturating_sub(explanation + 1), ..list_area };
    let list = screen.list();
    let window = list.window(usize::from(list_area.height));
    let items = list.items().get(window.first..window.end).unwrap_or_default();
    for (place, item) in rows(list_area).zip(items) {
        if let Some(facts) = model.engine().fleet().region(item) {
            region(canvas, place, (item, facts), model, now);
        }
    }
    drawn.list_lines = Some(usize::from(list_area.height));
    let below = skip_rows(areas.body, areas.body.height.saturating_sub(explanation + 1));
    canvas.rule(row_of(below, 0), &text::position(window.first, window.end - window.first, window.total));
    if let Some(item) = list.cursor() {
        explain(canvas, skip_rows(below, 1), item, model, now);
    }
    message::draw(canvas, areas.message, model, now);
    footer::draw(canvas, areas.footer, model.keymap(), &ACTIONS);
}

fn head(canvas: &mut Canvas<'_>, place: Rect) {
    let heads = [
        (REGION, "REGION"),
        (STATUS, "STATUS"),
        (KEYS, "KEYS"),
        (MULTI, "MULTI"),
        (AGE, "AGE"),
        (ANSWERS, "ANSWER"),
        (SENT, "SENT"),
        (QUEUE, "QUEUE"),
        (TROUBLE, "THR RTY ERR"),
    ];
    for (span, title) in heads {
        canvas.text(span.within(place, 1), &title.into(), Tone::Heading);
    }
}

fn region(canvas: &mut Canvas<'_>, place: Rect, (item, facts): (&Place, &RegionFacts), model: &Model, now: Now) {
    let is_cursor =
        matches!(model.screen(), crate::app::screen::Screen::Regions(screen) if screen.list().cursor() == Some(item));
    let look = |tone| Look { is_on_cursor_row: is_cursor, ..Look::from(tone) };
    if is_cursor {
        canvas.paint(place, look(Tone::Plain));
        canvas.text(Span { offset: 0, width: 1 }.within(place, 0), &"▌".into(), look(Tone::Key));
    }
    let standing = Standing::of(model.engine(), item, facts);
    let (status, tone) = status(&standing, facts);
    let traffic = model.engine().traffic(item);
    let listing = facts.listing.value();
    let count = |number: Option<usize>| number.map_or_else(|| "?".into(), |number| safe!("{number}"));
    let read = facts.listing.at().map_or_else(|| "never".into(), |at| safe!("{}", age(now.wall.since(at))));
    let fields = [
        (REGION, safe!("{}", item.region), Tone::Strong),
        (STATUS, status, tone),
        (KEYS, count(listing.map(|listing| listing.listed as usize)), Tone::Plain),
        (MULTI, count(listing.map(|listing| listing.multi_region.len())), Tone::Plain),
        (AGE, read, if standing.is_stale() { Tone::Warning } else { Tone::Quiet }),
        (ANSWERS, traffic.latency.map_or_else(|| "none".into(), milliseconds), Tone::Quiet),
        (SENT, safe!("{}", traffic.sent), Tone::Quiet),
        (QUEUE, safe!("{}+{}", traffic.in_flight, traffic.queued), Tone::Quiet),
        (TROUBLE, safe!("{:<3} {:<3} {}", traffic.throttled, traffic.retried, traffic.failed), trouble(traffic.failed)),
    ];
    for (span, text, tone) in fields {
        canvas.text(span.within(place, 1), &text, look(tone));
    }
}

fn trouble(failed: u64) -> Tone {
    if failed == 0 { Tone::Quiet } else { Tone::Warning }
}

fn milliseconds(latency: Duration) -> Safe {
    safe!("{}ms", latency.as_millis())
}

fn status(standing: &Standing, facts: &RegionFacts) -> (Safe, Tone) {
    match standing {
        Standing::Waiting => ("waiting".into(), Tone::Quiet),
        Standing::Reading { of: 0, .. } => ("listing".into(), Tone::Moving),
        Standing::Reading { read, of } => (safe!("reading {read}/{of}"), Tone::Moving),
        Standing::Ok { .. } => ("ok".into(), Tone::Good),
        Standing::Stale { .. } => ("old".into(), Tone::Warning),
        Standing::Partial { .. } => ("PARTIAL".into(), Tone::Warning),
        Standing::NotEnabled => ("not enabled".into(), Tone::Quiet),
        Standing::Failed { .. } if facts.outage.is_some() => ("DARK, probing".into(), Tone::Danger),
        Standing::Failed { .. } => standing.word(),
    }
}

/// What is wrong with the Region, in words and in AWS's own, and what to do about it.
fn explain(canvas: &mut Canvas<'_>, area: Rect, item: &Place, model: &Model, now: Now) {
    let Some(facts) = model.engine().fleet().region(item) else { return };
    let mut lines = match Standing::of(model.engine(), item, facts) {
        Standing::Ok { .. } => vec![Line::of(safe!("{}: everything was read.", item.region), Tone::Good)],
        Standing::Waiting | Standing::Reading { .. } => {
            vec![Line::of(safe!("{}: being read.", item.region), Tone::Moving)]
        }
        Standing::Stale { .. } | Standing::Partial { .. } | Standing::NotEnabled | Standing::Failed { .. } => {
            reasons(item, facts, now)
        }
    };
    lines.push(Line::of(cost(item, model, now), Tone::Quiet));
    lines.push(Line::of(requests(item, model, now), Tone::Quiet));
    let folded: Vec<Line> =
        lines.iter().flat_map(|line| line.wrap(area.width.saturating_sub(2), 2, canvas.theme())).collect();
    for (place, line) in rows(area).zip(folded) {
        canvas.line(crate::ui::canvas::skip_columns(place, 1), &line);
    }
}

fn reasons(item: &Place, facts: &RegionFacts, now: Now) -> Vec<Line> {
    let scan = facts.scan.as_ref().and_then(|scan| scan.ended.as_deref());
    let why = facts.outage.as_deref().or(scan).or(facts.listing.failure().map(AsRef::as_ref));
    let Some(why) = why else {
        return vec![Line::of(safe!("{}: the listing is too old to prove an absence.", item.region), Tone::Warning)];
    };
    let tone = if facts.is_not_enabled() { Tone::Plain } else { Tone::Danger };
    let mut lines = vec![Line::of(safe!("{}: {}", item.region, why.kind.words()), tone)];
    lines.push(Line::of("Next: ", Tone::Quiet).with(why.next_step.clone(), Tone::Strong));
    lines.extend(from_aws(why, now));
    lines
}

/// Code, message and request ID, as AWS gave them.
fn from_aws(why: &Reason, now: Now) -> Option<Line> {
    let mut line = Line::new();
    if let Some(code) = &why.code {
        line.push(safe!("{} ", code.safe()), Tone::Strong);
    }
    if let Some(message) = &why.message {
        line.push(safe!("“{}” ", message.safe()), Tone::Plain);
    }
    if let Some(id) = &why.request_id {
        line.push(safe!("request {} ", id.safe()), Tone::Quiet);
    }
    if let Some(at) = why.at {
        line.push(safe!("{} ago", age(now.wall.since(at))), Tone::Quiet);
    }
    (!line.is_empty()).then_some(line)
}

/// What was sent there, by operation, and how many a second may be sent at present.
fn requests(item: &Place, model: &Model, now: Now) -> Safe {
    let traffic = model.engine().traffic(item);
    let part = |operation: ReadOperation| {
        let sent = traffic.by_operation.get(&operation)?;
        let allowed = model.engine().allowed(now, item, operation);
        Some(format!("{} {sent} (at most {allowed}/s)", operation.name()))
    };
    let parts: Vec<String> = ReadOperation::ALL.into_iter().filter_map(part).collect();
    safe!("Requests: {}", if parts.is_empty() { "none".to_owned() } else { parts.join(", ") })
}

/// Requests an hour, there and everywhere, and what they cost in a day.
fn cost(item: &Place, model: &Model, now: Now) -> Safe {
    let engine = model.engine();
    let Some(here) = engine.traffic(item).an_hour(now.monotonic) else {
        return Safe::from_static("An hour: not known yet; the first scan does not count");
    };
    let everywhere = engine.fleet().places().filter_map(|(place, _)| engine.traffic(place).an_hour(now.monotonic));
    let everywhere: u64 = everywhere.sum();
    let usd = usd_a_day(everywhere);
    safe!("An hour: {here} here, {everywhere} in all Regions, about USD {usd:.2} a day")
}
