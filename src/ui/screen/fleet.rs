//! The fleet: a table of keys and Regions, or the tree where a table does not fit.

use std::collections::BTreeMap;

use ratatui::layout::Rect;

use super::identity_line;
use crate::app::action::Action;
use crate::app::list::Window;
use crate::app::screen::fleet::{Filtered, FleetScreen, Layout};
use crate::app::{Drawn, Model};
use crate::domain::id::{Place, Region};
use crate::domain::text::{Safe, safe};
use crate::domain::time::Now;
use crate::engine::Session;
use crate::ui::canvas::{Canvas, skip_columns};
use crate::ui::layout::{FleetAreas, Size, fleet, rows};
use crate::ui::line::Line;
use crate::ui::theme::Tone;
use crate::ui::widget::grid::Grid;
use crate::ui::widget::matrix::Matrix;
use crate::ui::widget::region::{self, Standing};
use crate::ui::widget::tree::Tree;
use crate::ui::widget::{footer, members, message, state, strip, text};

/// What the keys below mean, always in view where there is room.
const LEGEND: &str = "P prim R repl ! dies w waits d disabled i import ~ moving ? unread · none - off";

/// The same where there are rules to mark what is missing and what must not be; and where there is more room.
const LEGEND_WITH_RULES: &str = "P prim R repl ! dies w waits d disabled i import ~ moving X gap # banned · none";
const WIDE_LEGEND_WITH_RULES: &str =
    "P prim R repl ! dies w waits d disabled i import ~ moving X gap # banned ? unread · none - off";

const ACTIONS: [Action; 13] = [
    Action::Open,
    Action::Filter,
    Action::Replicate,
    Action::Keep,
    Action::Promote,
    Action::Enable,
    Action::Menu,
    Action::Errors,
    Action::Mark,
    Action::Layout,
    Action::Sort,
    Action::RefreshKey,
    Action::Quit,
];

pub(super) fn draw(
    canvas: &mut Canvas<'_>,
    area: Rect,
    (screen, model): (&FleetScreen, &Model),
    drawn: &mut Drawn,
    now: Now,
) {
    let size = Size::of(area);
    let is_tree = screen.layout() == Layout::Tree || size == Size::Narrow;
    let areas = fleet(area, is_tree, size.is_wide());
    let standings = standings(model);
    identity_line(canvas, areas.identity, model, now);
    let is_over = screen.is_scanned();
    if standings.is_empty() {
        let words = if model.last_seen().is_some() {
            "nothing has been read yet: these keys are as they were last seen"
        } else {
            "no key and no Region has been read"
        };
        canvas.text(skip_columns(areas.state, 1), &words.into(), Tone::Quiet);
    } else {
        canvas.line(areas.state, &state::line(screen.summary(), is_over, size.is_wide(), now));
        canvas.line(areas.regions, &region::line(&standings, is_auto(model), now));
    }
    let by_region: BTreeMap<Region, Standing> =
        standings.into_iter().map(|(place, standing)| (place.region, standing)).collect();
    let grid = Grid::new(area.width, size.is_wide(), screen.columns());
    if is_tree {
        Tree { screen, standings: &by_region, now }.draw(canvas, areas.rows);
    } else {
        let matrix = Matrix { screen, grid: &grid, standings: &by_region, is_scan_over: is_over, now };
        matrix.heads(canvas, areas.heads);
        matrix.rows(canvas, areas.rows);
        drawn.region_columns = Some(grid.columns());
    }
    drawn.list_lines = Some(usize::from(areas.rows.height));
    if screen.list().is_empty() {
        empty(canvas, areas.rows, (screen, model));
    }
    below(canvas, &areas, (screen, model), now);
}

fn below(canvas: &mut Canvas<'_>, areas: &FleetAreas, (screen, model): (&FleetScreen, &Model), now: Now) {
    canvas.rule(areas.rule, &rule(screen, usize::from(areas.rows.height)));
    strip::draw(canvas, areas.strip, model, now);
    let loss = model.loss_under_cursor().filter(|_| areas.members.height > 1);
    members::draw(canvas, areas.members, (screen, loss.as_ref()), model.engine().fleet(), now);
    message::draw(canvas, areas.message, model, now);
    canvas.text(skip_columns(areas.legend, 1), &legend(model, areas.legend.width).into(), Tone::Quiet);
    footer::draw(canvas, areas.footer, model.keymap(), &ACTIONS);
}

fn legend(model: &Model, width: u16) -> &'static str {
    if model.engine().fleet().rules().is_empty() {
        LEGEND
    } else if usize::from(width) > WIDE_LEGEND_WITH_RULES.chars().count() {
        WIDE_LEGEND_WITH_RULES
    } else {
        LEGEND_WITH_RULES
    }
}

/// How every Region stands, in the fleet's own order.
fn standings(model: &Model) -> Vec<(Place, Standing)> {
    let engine = model.engine();
    let standing = |(place, facts)| (Place::clone(place), Standing::of(engine, place, facts));
    engine.fleet().places().map(standing).collect()
}

fn is_auto(model: &Model) -> bool {
    use crate::engine::settings::Regions;
    match model.engine().settings().regions {
        Regions::Auto => true,
        Regions::Only(_) => false,
    }
}

/// Which rows are in view, and the filter that chose them.
fn rule(screen: &FleetScreen, lines: usize) -> Line {
    let window = screen.list().window(lines);
    let mut marks = Line::new();
    if let Some(words) = screen.marks_words() {
        marks.push(safe!("+ {words}"), Tone::Strong);
    }
    if screen.is_marking_range() {
        marks.push("  RANGE: V ends it, Esc drops it", Tone::Key);
    }
    filtered_rule(window, &marks, screen.filter())
}

/// The same for any list that can be filtered.
pub(super) fn filtered_rule(window: Window, marks: &Line, filter: Option<&Filtered>) -> Line {
    let mut line = text::position(window.first, window.end - window.first, window.total);
    if !marks.is_empty() {
        line.push(if line.is_empty() { "" } else { "  " }, Tone::Plain);
        line.append(marks.clone());
    }
    if let Some(filtered) = filter {
        let gap = if line.is_empty() { "" } else { "  " };
        line.push(safe!("{gap}filter: {}", filtered.text.safe()), Tone::Key);
        line.push("  Esc clears", Tone::Quiet);
    }
    line
}

/// Says why there is no row: never silently.
fn empty(canvas: &mut Canvas<'_>, area: Rect, (screen, model): (&FleetScreen, &Model)) {
    let lines = why_empty(screen, model);
    let middle = skip_columns(area, 2);
    let folded = lines.iter().flat_map(|line| line.wrap(middle.width, 2, canvas.theme())).collect::<Vec<_>>();
    for (place, line) in rows(middle).skip(1).zip(folded) {
        canvas.line(place, &line);
    }
}

fn why_empty(screen: &FleetScreen, model: &Model) -> Vec<Line> {
    let engine = model.engine();
    if let Some(lines) = no_session(model) {
        return lines;
    }
    if screen.filter().is_some() && screen.summary().keys > 0 {
        let text = safe!("None of the {} keys is what the filter asks for.", screen.summary().keys);
        return vec![Line::of(text, Tone::Plain)];
    }
    if !engine.first_scan_is_over() {
        return vec![Line::of("Waiting for the first Regions to answer.", Tone::Moving)];
    }
    let (text, tone): (Safe, Tone) = if everything_answered(model) {
        ("There is no multi-Region key in these Regions.".into(), Tone::Plain)
    } else {
        ("No multi-Region key in the Regions that answered; the others may hold some: e".into(), Tone::Warning)
    };
    vec![Line::of(text, tone)]
}

/// Why nothing can be read at all, if that is so.
pub(super) fn no_session(model: &Model) -> Option<Vec<Line>> {
    let engine = model.engine();
    let login = engine.settings().logins.first().map(|(login, _)| *login);
    match login.and_then(|login| engine.session(login)) {
        Some(Session::Failed(error)) => Some(vec![
            Line::of("Nothing can be read.", Tone::Danger),
            Line::of(error.what.clone(), Tone::Plain),
            Line::of("Try: ", Tone::Quiet).with(error.next_step.clone(), Tone::Strong),
        ]),
        None | Some(Session::Connecting { .. }) => Some(vec![
            Line::of("Waiting for credentials: environment, profile, SSO, container, instance.", Tone::Moving),
            Line::of("If none are found: ", Tone::Quiet)
                .with("aws sso login, aws configure, or keyfleet --demo", Tone::Strong),
        ]),
        Some(Session::Open { .. }) => None,
    }
}

fn everything_answered(model: &Model) -> bool {
    standings(model).iter().all(|(_, standing)| matches!(standing, Standing::Ok { .. } | Standing::NotEnabled))
}
