//! What the checks find, worst first; and of the finding under the cursor everything that it says and what helps.

use ratatui::layout::Rect;

use super::{fold, identity_line, tabs};
use crate::app::action::Action;
use crate::app::screen::findings::{Counts, FindingsScreen, Item};
use crate::app::{Drawn, Model};
use crate::domain::check::finding::Finding;
use crate::domain::check::named;
use crate::domain::id::Region;
use crate::domain::text::{Safe, safe};
use crate::domain::time::Now;
use crate::domain::verdict::{Severity, Verdict};
use crate::ui::canvas::{Canvas, row_of, skip_columns, skip_rows};
use crate::ui::layout::{page, rows};
use crate::ui::line::Line;
use crate::ui::screen::fleet::{filtered_rule, no_session};
use crate::ui::theme::{Look, Tone};
use crate::ui::widget::grid::Span;
use crate::ui::widget::matrix::marks;
use crate::ui::widget::name::Name;
use crate::ui::widget::{footer, message, name};

const ACTIONS: [Action; 10] = [
    Action::Open,
    Action::Replicate,
    Action::Keep,
    Action::Promote,
    Action::Enable,
    Action::Filter,
    Action::CoverageScreen,
    Action::Errors,
    Action::FleetScreen,
    Action::Quit,
];

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
    canvas.ends(row_of(areas.body, 0), &summary(&screen.counts()), &progress(screen, model));
    let columns = Columns::of(area.width);
    columns.heads(canvas, row_of(areas.body, 1));
    let body = skip_rows(areas.body, 2);
    let lines = if screen.list().is_empty() {
        fold(canvas, skip_columns(body, 2), &why_empty(screen, model));
        body.height
    } else {
        list(canvas, body, (screen, model, &columns))
    };
    drawn.list_lines = Some(usize::from(lines));
    message::draw(canvas, areas.message, model, now);
    footer::draw(canvas, areas.footer, model.keymap(), &ACTIONS);
}

fn list(canvas: &mut Canvas<'_>, body: Rect, (screen, model, columns): (&FindingsScreen, &Model, &Columns)) -> u16 {
    let explained = if body.height >= 14 { 6 } else { 2 };
    let list = Rect { height: body.height.saturating_sub(explained + 1), ..body };
    let window = screen.list().window(usize::from(list.height));
    let items = screen.list().items().get(window.first..window.end).unwrap_or_default();
    for (place, item) in rows(list).zip(items) {
        if let Some(finding) = screen.finding(item) {
            columns.row(canvas, place, (item, finding, model), screen.list().cursor() == Some(item));
        }
    }
    let below = skip_rows(body, list.height);
    canvas.rule(row_of(below, 0), &filtered_rule(window, &Line::new(), model.fleet().filter()));
    let under_cursor = screen.list().cursor().and_then(|item| screen.finding(item));
    if let Some(finding) = under_cursor {
        fold(canvas, skip_columns(skip_rows(below, 1), 1), &explanation(finding, model));
    }
    list.height
}

/// `2 high · 5 medium · 4 not known`
fn summary(counts: &Counts) -> Line {
    let Counts { high, medium, low, info, unknown } = *counts;
    let parts = [
        (high, "high", Tone::Danger),
        (medium, "medium", Tone::Warning),
        (low, "low", Tone::Plain),
        (info, "info", Tone::Quiet),
        (unknown, "not known", Tone::Unknown),
    ];
    let mut line = Line::new();
    for (count, word, tone) in parts.into_iter().filter(|(count, _, _)| *count > 0) {
        line.push(if line.is_empty() { " " } else { " · " }, Tone::Quiet);
        line.push(safe!("{count} {word}"), tone);
    }
    line
}

/// How far judging and reading have come.
pub(super) fn progress(screen: &FindingsScreen, model: &Model) -> Line {
    let (answered, wanted) = model.engine().deep_progress();
    let mut line = Line::new();
    if screen.waiting() > 0 {
        line.push(safe!("{} keys to be judged ", screen.waiting()), Tone::Moving);
    }
    if answered < wanted {
        line.push(safe!("reading policies, tags, rotation {answered}/{wanted} "), Tone::Moving);
    }
    line
}

fn why_empty(screen: &FindingsScreen, model: &Model) -> Vec<Line> {
    if let Some(lines) = no_session(model) {
        return lines;
    }
    let (answered, wanted) = model.engine().deep_progress();
    if screen.waiting() > 0 || answered < wanted || !model.fleet().is_scanned() {
        return vec![Line::of("nothing found yet: not everything has been read", Tone::Moving)];
    }
    if model.fleet().filter().is_some() {
        return vec![Line::of("no finding about the keys that the filter keeps", Tone::Plain)];
    }
    if model.engine().fleet().is_complete() {
        vec![Line::of("no check finds anything, and everything in scope was read", Tone::Good)]
    } else {
        vec![Line::of("no check finds anything in what was read; not everything could be: see Regions", Tone::Warning)]
    }
}

fn explanation(finding: &Finding, model: &Model) -> Vec<Line> {
    let judgement = &finding.judgement;
    let mut head = Line::of(weight(finding), tone(finding));
    let row = finding.key.as_ref().and_then(|key| model.fleet().row(key));
    if let Some(row) = row {
        head.push(safe!("  {}", Name::of(row).whole()), Tone::Strong);
        head.push(safe!("  {}", row.key.id), Tone::Quiet);
    }
    if let Some(region) = finding.region() {
        head.push(safe!("  {region}"), Tone::Plain);
    }
    let mut lines = vec![head, Line::of(judgement.detail.clone(), Tone::Plain)];
    if !judgement.remedy.text.as_str().is_empty() {
        lines.push(Line::of("What helps: ", Tone::Heading).with(judgement.remedy.text.clone(), Tone::Plain));
    }
    if let Some(plan) = &judgement.remedy.plan {
        lines.push(Line::of(safe!("  {}", plan.safe()), Tone::Key));
    }
    if let Some(check) = named(finding.check) {
        lines.push(Line::of(safe!("Why: {}", check.rationale), Tone::Quiet));
    }
    lines
}

/// `HIGH coverage, rule dr-tier1`
fn weight(finding: &Finding) -> Safe {
    let rule = finding.rule.as_ref().map(|rule| safe!(", rule {}", rule.safe())).unwrap_or_default();
    let known = if finding.judgement.verdict == Verdict::Unknown { "not known, " } else { "" };
    safe!("{known}{} {}{rule}", finding.severity.name(), finding.check)
}

fn tone(finding: &Finding) -> Tone {
    match (finding.judgement.verdict, finding.severity) {
        (Verdict::Unknown, _) => Tone::Unknown,
        (Verdict::Pass, _) => Tone::Good,
        (Verdict::Fail, Severity::High) => Tone::Danger,
        (Verdict::Fail, Severity::Medium) => Tone::Warning,
        (Verdict::Fail, Severity::Low) => Tone::Plain,
        (Verdict::Fail, Severity::Info) => Tone::Quiet,
    }
}

/// Where the columns stand. Their widths come from the size of the terminal, never from content.
struct Columns {
    severity: Span,
    key: Span,
    region: Span,
    check: Option<Span>,
    detail: Span,
    is_wide: bool,
}

impl Columns {
    fn of(width: u16) -> Self {
        let is_wide = width >= 120;
        let (key, region, check) = match width {
            0..60 => (14, 5, 0),
            60..120 => (20, 6, 0),
            120.. => (28, 15, 26),
        };
        let mut edge = 2;
        let mut take = |width: u16| {
            let span = Span { offset: edge, width };
            edge += width;
            span
        };
        let (severity, key, region) = (take(9), take(key), take(region));
        let check = (check > 0).then(|| take(check));
        let detail = Span { offset: edge, width: width.saturating_sub(edge) };
        Self { severity, key, region, check, detail, is_wide }
    }

    fn heads(&self, canvas: &mut Canvas<'_>, place: Rect) {
        let title = if self.check.is_some() { "WHAT WAS FOUND" } else { "CHECK: WHAT WAS FOUND" };
        let heads = [(self.severity, "WEIGHT"), (self.key, "KEY"), (self.region, "REGION"), (self.detail, title)];
        for (span, title) in heads.into_iter().chain(self.check.map(|check| (check, "CHECK"))) {
            canvas.text(span.within(place, 1), &title.into(), Tone::Heading);
        }
    }

    fn row(
        &self,
        canvas: &mut Canvas<'_>,
        place: Rect,
        (item, finding, model): (&Item, &Finding, &Model),
        is_on_cursor_row: bool,
    ) {
        let look = |tone| Look { is_on_cursor_row, ..Look::from(tone) };
        if is_on_cursor_row {
            canvas.paint(place, look(Tone::Plain));
        }
        marks(canvas, place, is_on_cursor_row, (false, false));
        let is_unknown = finding.judgement.verdict == Verdict::Unknown;
        let known = if is_unknown { "? " } else { "" };
        let severity = safe!("{known}{}", finding.severity.name());
        canvas.text(self.severity.within(place, 1), &severity, look(tone(finding)));
        if let Some(row) = item.key.as_ref().and_then(|key| model.fleet().row(key)) {
            name::draw(canvas, self.key.within(place, 1), row, look(Tone::Plain));
        } else {
            let rule = item.rule.as_ref().map(|rule| safe!("rule {}", rule.safe())).unwrap_or_default();
            canvas.text(self.key.within(place, 1), &rule, look(Tone::Quiet));
        }
        let region = finding.region().map(|region| self.region_name(region)).unwrap_or_default();
        canvas.text(self.region.within(place, 1), &region, look(Tone::Plain));
        let check = match &finding.rule {
            Some(rule) => safe!("{} {}", finding.check, rule.safe()),
            None => safe!("{}", finding.check),
        };
        let detail = match self.check {
            Some(span) => {
                canvas.text(span.within(place, 1), &check, look(Tone::Quiet));
                finding.judgement.detail.clone()
            }
            None => safe!("{check}: {}", finding.judgement.detail),
        };
        canvas.text(self.detail.within(place, 0), &detail, look(Tone::Plain));
    }

    fn region_name(&self, region: &Region) -> Safe {
        if self.is_wide { safe!("{region}") } else { safe!("{}", region.short()) }
    }
}
