//! How every key stands with every rule: keys down, rules across, and below them what the rules say of the key under the cursor.

use ratatui::layout::Rect;

use super::findings::progress;
use super::{fold, identity_line, tabs};
use crate::app::action::Action;
use crate::app::list::Window;
use crate::app::screen::findings::{Covered, FindingsScreen};
use crate::app::{Drawn, Model};
use crate::domain::text::{Foreign, Safe, safe};
use crate::domain::time::Now;
use crate::domain::verdict::Verdict;
use crate::ui::canvas::{Align, Canvas, row_of, skip_columns, skip_rows};
use crate::ui::layout::{page, rows};
use crate::ui::line::Line;
use crate::ui::screen::fleet::{filtered_rule, no_session};
use crate::ui::theme::{Look, Tone};
use crate::ui::widget::grid::{MARKS, Span};
use crate::ui::widget::matrix::marks;
use crate::ui::widget::{footer, message, name};

const ACTIONS: [Action; 9] = [
    Action::Open,
    Action::Replicate,
    Action::Left,
    Action::Right,
    Action::Filter,
    Action::FindingsScreen,
    Action::Errors,
    Action::FleetScreen,
    Action::Quit,
];

/// What the row's own columns take.
const KEY: u16 = 24;
const ID: u16 = 7;
/// What a rule's column takes, its gap included.
const RULE: u16 = 15;

pub(super) fn draw(
    canvas: &mut Canvas<'_>,
    area: Rect,
    (screen, model): (&FindingsScreen, &Model),
    drawn: &mut Drawn,
    now: Now,
) {
    let areas = page(area);
    identity_line(canvas, areas.identity, model, now);
    canvas.line(areas.title, &tabs(model));
    canvas.ends(row_of(areas.body, 0), &summary(screen), &progress(screen, model));
    let body = skip_rows(areas.body, 1);
    let lines = if screen.coverage().is_empty() {
        fold(canvas, skip_columns(skip_rows(body, 1), 2), &why_empty(screen, model));
        body.height
    } else {
        table(canvas, body, (screen, model))
    };
    drawn.list_lines = Some(usize::from(lines));
    message::draw(canvas, areas.message, model, now);
    footer::draw(canvas, areas.footer, model.keymap(), &ACTIONS);
}

fn summary(screen: &FindingsScreen) -> Line {
    let (mut fail, mut unknown) = (0, 0);
    for rule in screen.rules().items() {
        let count = screen.count_of(rule);
        fail += count.fail;
        unknown += count.unknown;
    }
    let rules = screen.rules().len();
    let plural = if rules == 1 { "rule" } else { "rules" };
    let mut line = Line::of(safe!(" {rules} {plural}"), Tone::Plain);
    if fail > 0 {
        line.push(safe!(" · {fail} FAIL"), Tone::Danger);
    }
    if unknown > 0 {
        line.push(safe!(" · {unknown} not known"), Tone::Unknown);
    }
    if fail + unknown == 0 && rules > 0 && screen.waiting() == 0 {
        line.push(" · every key that they are about is covered", Tone::Good);
    }
    line
}

fn table(canvas: &mut Canvas<'_>, body: Rect, (screen, model): (&FindingsScreen, &Model)) -> u16 {
    let explained = if body.height >= 14 { 6 } else { 2 };
    let columns = Columns::of(body.width, screen);
    columns.heads(canvas, body, screen);
    let body = skip_rows(body, 2);
    let list = Rect { height: body.height.saturating_sub(explained + 1), ..body };
    let window = screen.coverage().window(usize::from(list.height));
    let keys = screen.coverage().items().get(window.first..window.end).unwrap_or_default();
    for (place, covered) in rows(list).zip(keys) {
        columns.row(canvas, place, (covered, screen, model));
    }
    let below = skip_rows(body, list.height);
    canvas.rule(row_of(below, 0), &filtered_rule(window, &Line::new(), model.fleet().filter()));
    if let Some(covered) = screen.coverage().cursor() {
        fold(canvas, skip_columns(skip_rows(below, 1), 1), &explanation(screen, covered));
    }
    list.height
}

/// What the rules say of the key, the one under the cursor first.
fn explanation(screen: &FindingsScreen, covered: &Covered) -> Vec<Line> {
    let chosen = screen.rules().cursor();
    let others = screen.rules().items().iter().filter(|rule| Some(*rule) != chosen);
    let mut lines = Vec::new();
    for rule in chosen.into_iter().chain(others) {
        for finding in screen.of_rule(&covered.key, rule) {
            let (word, tone) = cell(Some(finding.judgement.verdict));
            let line = Line::of(safe!("{word} "), tone).with(safe!("{}: ", rule.safe()), Tone::Quiet);
            lines.push(line.with(finding.judgement.detail.clone(), Tone::Plain));
        }
    }
    lines
}

fn why_empty(screen: &FindingsScreen, model: &Model) -> Vec<Line> {
    if let Some(lines) = no_session(model) {
        return lines;
    }
    if model.engine().fleet().rules().is_empty() {
        let mut lines = vec![
            Line::of("No rule says where keys must be. Rules stand in the configuration, for example:", Tone::Plain),
            Line::new(),
        ];
        let example = [
            "[[rules]]",
            "name = \"payments\"",
            "match = \"alias:alias/payments-*\"",
            "required = [\"us-east-1\", \"eu-west-1\"]",
            "forbidden = [\"ap-*\"]",
        ];
        lines.extend(example.map(|line| Line::of(safe!("    {line}"), Tone::Key)));
        return lines;
    }
    if screen.waiting() > 0 || !model.fleet().is_scanned() {
        return vec![Line::of("not every key has been held against the rules yet", Tone::Moving)];
    }
    vec![Line::of("no rule is about any key that is listed: the findings say which", Tone::Warning)]
}

/// Where the columns stand. Their widths come from the size of the terminal, never from content.
struct Columns {
    window: Window,
    rules: Vec<(Foreign, Span)>,
}

impl Columns {
    fn of(width: u16, screen: &FindingsScreen) -> Self {
        let edge = MARKS + KEY + ID;
        let room = width.saturating_sub(edge + 4) / RULE;
        let window = screen.rules().window(usize::from(room.max(1)));
        let shown = screen.rules().items().get(window.first..window.end).unwrap_or_default();
        let mut offset = edge;
        let mut place = |rule: &Foreign| {
            let span = Span { offset, width: RULE };
            offset += RULE;
            (rule.clone(), span)
        };
        let rules = shown.iter().map(&mut place).collect();
        Self { window, rules }
    }

    fn heads(&self, canvas: &mut Canvas<'_>, area: Rect, screen: &FindingsScreen) {
        let (first, second) = (row_of(area, 0), row_of(area, 1));
        canvas.text(skip_columns(first, MARKS), &"KEY".into(), Tone::Heading);
        canvas.text(skip_columns(first, MARKS + KEY), &"ID…".into(), Tone::Heading);
        for (rule, span) in &self.rules {
            let is_cursor = screen.rules().cursor() == Some(rule);
            let tone = if is_cursor { Tone::Key } else { Tone::Heading };
            canvas.name(span.within(first, 1), &rule.safe(), tone);
            let count = screen.count_of(rule);
            let words = match (count.fail, count.unknown) {
                (0, 0) => safe!("{} ok", count.pass),
                (fail, 0) => safe!("{fail} of {} FAIL", count.matched),
                (0, unknown) => safe!("{unknown} of {} ?", count.matched),
                (fail, unknown) => safe!("{fail} FAIL, {unknown} ?"),
            };
            canvas.text(span.within(second, 1), &words, Tone::Quiet);
        }
        let right = self.window.total.saturating_sub(self.window.end);
        if right > 0 {
            canvas.aligned(first, &safe!("›{right} "), Align::Right, Tone::Key);
        }
        if self.window.first > 0 {
            canvas.aligned(second, &safe!("‹{} ", self.window.first), Align::Right, Tone::Key);
        }
    }

    fn row(&self, canvas: &mut Canvas<'_>, place: Rect, (covered, screen, model): (&Covered, &FindingsScreen, &Model)) {
        let is_on_cursor_row = screen.coverage().cursor() == Some(covered);
        let look = |tone| Look { is_on_cursor_row, ..Look::from(tone) };
        if is_on_cursor_row {
            canvas.paint(place, look(Tone::Plain));
        }
        marks(canvas, place, is_on_cursor_row, (false, model.fleet().is_undecided(&covered.key)));
        let key = Span { offset: MARKS, width: KEY };
        if let Some(row) = model.fleet().row(&covered.key) {
            name::draw(canvas, key.within(place, 1), row, look(Tone::Plain));
        }
        let id = Span { offset: MARKS + KEY, width: ID };
        canvas.text(id.within(place, 1), &safe!("{}", covered.key.id.tail()), look(Tone::Quiet));
        for (rule, span) in &self.rules {
            let (word, tone) = cell(screen.verdict(&covered.key, rule));
            let is_cursor = is_on_cursor_row && screen.rules().cursor() == Some(rule);
            let word = if is_cursor { safe!("[{word}]") } else { safe!(" {word} ") };
            canvas.text(span.within(place, 1), &word, Look { is_cursor, ..look(tone) });
        }
    }
}

fn cell(verdict: Option<Verdict>) -> (Safe, Tone) {
    match verdict {
        Some(Verdict::Pass) => ("ok".into(), Tone::Good),
        Some(Verdict::Fail) => ("FAIL".into(), Tone::Danger),
        Some(Verdict::Unknown) => ("?".into(), Tone::Unknown),
        None => ("·".into(), Tone::Quiet),
    }
}
