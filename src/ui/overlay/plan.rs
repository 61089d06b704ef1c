//! The plan dialog. Whose account, which key and what is sent stand on top, the field at the bottom; only what lies between scrolls.
//!
//! What was really on screen is reported, so that nothing can be confirmed that was not.

mod parts;

use ratatui::layout::Rect;

use crate::app::Model;
use crate::app::overlay::plan::{Field, PlanDialog, PlanDrawn};
use crate::domain::plan::Plan;
use crate::domain::text::{Safe, safe};
use crate::domain::time::{Now, stopwatch};
use crate::engine::change::{ChangeStatus, Phase};
use crate::ui::canvas::{Canvas, row_of, skip_columns, skip_rows};
use crate::ui::layout::{centred, rows};
use crate::ui::line::Line;
use crate::ui::theme::Tone;
use crate::ui::widget::field;
use parts::parts;

/// No wider than a text is read.
const WIDEST: u16 = 104;

/// Columns of the longest question: the one that asks for the digits of the account too.
const LONGEST_QUESTION: u16 = 61;

/// Draws the dialog and says what of it was on screen.
pub(crate) fn draw(
    canvas: &mut Canvas<'_>,
    screen: Rect,
    dialog: &PlanDialog,
    model: &Model,
    now: Now,
) -> Option<PlanDrawn> {
    let status = model.engine().change(dialog.change())?;
    let width = screen.width.min(WIDEST);
    let room = width.saturating_sub(4);
    let parts = parts(dialog, status, (model, canvas.theme()), room, now);
    let (above, below) = (count(parts.identity.len()), bottom(status.plan.as_deref(), room));
    let wanted = count(parts.middle.len()).saturating_add(above).saturating_add(below).saturating_add(4);
    let area = centred(screen, width, wanted);
    let rules = [above + 1, area.height.saturating_sub(below + 2)];
    let inside = canvas.frame(area, &parts.title, if area.height > above + below + 4 { &rules } else { &[] });
    let inside = Rect { width: inside.width.saturating_sub(2), ..skip_columns(inside, 1) };
    let room = inside.height.saturating_sub(above + below + 2);
    let has_room = room >= 1;

    write(canvas, Rect { height: above.min(inside.height.saturating_sub(below)), ..inside }, &parts.identity);
    let middle = Rect { height: room, ..skip_rows(inside, above + 1) };
    let first = dialog.first().min(parts.middle.len().saturating_sub(usize::from(room)));
    let shown = parts.middle.len().saturating_sub(first).min(usize::from(room));
    write(canvas, middle, parts.middle.get(first..first + shown).unwrap_or_default());
    position(canvas, row_of(area, area.height.saturating_sub(below + 2)), (first, shown, parts.middle.len()));
    let bottom = skip_rows(inside, inside.height.saturating_sub(below));
    confirmation(canvas, bottom, (dialog, status), has_room, (model, now));
    Some(PlanDrawn {
        change: dialog.change(),
        has_identity_and_field: has_room,
        first,
        shown,
        total: parts.middle.len(),
    })
}

fn count(length: usize) -> u16 {
    u16::try_from(length).unwrap_or(u16::MAX / 4)
}

fn write(canvas: &mut Canvas<'_>, area: Rect, lines: &[Line]) {
    for (place, line) in rows(area).zip(lines) {
        canvas.line(place, line);
    }
}

/// On the rule under the middle: how much of it is in view.
fn position(canvas: &mut Canvas<'_>, rule: Rect, (first, shown, total): (usize, usize, usize)) {
    if shown < total && shown > 0 {
        let mut line = Line::of(" ", Tone::Plain);
        line.append(crate::ui::widget::text::position(first, shown, total));
        canvas.line(skip_columns(rule, 2), &line.with(" ", Tone::Plain));
    }
}

/// Rows for the question, the field and the last line. Question and field share a row where the whole phrase fits beside the question.
fn bottom(plan: Option<&Plan>, room: u16) -> u16 {
    let question = if plan.is_some_and(|plan| plan.is_protected) { LONGEST_QUESTION } else { 24 };
    let phrase = plan.map_or(0, |plan| crate::ui::measure::width(&plan.phrase()));
    if question + phrase < room { 2 } else { 2 + LONGEST_QUESTION.div_ceil(room.max(1)) }
}

/// The field, or what stands in its place.
fn confirmation(
    canvas: &mut Canvas<'_>,
    area: Rect,
    (dialog, status): (&PlanDialog, &ChangeStatus),
    has_room: bool,
    (model, now): (&Model, Now),
) {
    let last = row_of(area, area.height.saturating_sub(1));
    let lock = model.lock().left(now).map(|left| safe!("unlocked {}", stopwatch(left))).unwrap_or_default();
    let lock = Line::of(lock, Tone::Quiet);
    let esc = Line::of("Esc", Tone::Key).with(" cancel", Tone::Plain);
    if !has_room && status.phase == Phase::Ready {
        let text = "Too small: this plan cannot be confirmed here";
        said(canvas, area, text.into(), Tone::Danger);
        canvas.ends(last, &esc, &lock);
        return;
    }
    let said_and_tone = match dialog.field(status, model.lock(), now) {
        Field::Reading { read, of } => (safe!("reading {} of {of}…", (read + 1).min(of)), Tone::Moving),
        Field::Blocked(why) => (safe!("Cannot be done: {why}"), Tone::Danger),
        Field::Locked(why) => (why, Tone::Warning),
        Field::Unseen { seen, total } => (safe!("PgDn: {seen} of {total} lines seen"), Tone::Warning),
        Field::Past => ("confirmed".into(), Tone::Good),
        Field::Open { prompt, typed, matches, hint } => {
            open(canvas, area, &prompt, &typed);
            let rest = match (matches, hint) {
                (true, _) => Line::of("   ", Tone::Plain).with(" Enter SENDS IT ", Tone::Loud),
                (false, Some(hint)) => Line::of(safe!("   {hint}"), Tone::Warning),
                (false, None) => Line::of("   anything else: Enter does nothing", Tone::Quiet),
            };
            let mut left = esc;
            left.append(rest);
            canvas.ends(last, &left, &lock);
            return;
        }
    };
    said(canvas, area, said_and_tone.0, said_and_tone.1);
    canvas.ends(last, &esc, &lock);
}

fn said(canvas: &mut Canvas<'_>, area: Rect, text: Safe, tone: Tone) {
    let above = Rect { height: area.height.saturating_sub(1), ..area };
    let lines = Line::of(text, tone).wrap(area.width, 0, canvas.theme());
    write(canvas, above, &lines);
}

fn open(canvas: &mut Canvas<'_>, area: Rect, prompt: &Safe, typed: &Safe) {
    let line = Line::of(safe!("{prompt} "), Tone::Plain);
    let cursor = crate::ui::measure::width(typed.as_str());
    if area.height <= 2 {
        let used = canvas.line(row_of(area, 0), &line);
        field::draw(canvas, skip_columns(row_of(area, 0), used), typed, cursor);
        return;
    }
    let lines = line.wrap(area.width, 0, canvas.theme());
    write(canvas, Rect { height: area.height.saturating_sub(2), ..area }, &lines);
    field::draw(canvas, row_of(area, area.height.saturating_sub(2)), typed, cursor);
}
