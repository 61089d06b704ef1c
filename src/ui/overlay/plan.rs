//! The plan dialog. Whose account, which key and what is sent stand on top, the field at the bottom; only what lies between scrolls.
//!
//! What was really on screen is reported, so that nothing can be confirmed that was not.

use ratatui::layout::Rect;

use crate::app::Model;
use crate::app::action::Action;
use crate::app::overlay::plan::{Field, PlanDialog, PlanDrawn};
use crate::domain::plan::{Change, Operation, Plan, Step, Verdict};
use crate::domain::text::{Safe, safe};
use crate::domain::time::{Now, age, stopwatch};
use crate::engine::change::{ChangeStatus, Phase};
use crate::ui::canvas::{Canvas, row_of, skip_columns, skip_rows};
use crate::ui::layout::{centred, rows};
use crate::ui::line::Line;
use crate::ui::theme::{Theme, Tone};
use crate::ui::widget::field;
use crate::ui::widget::name::Name;

/// No wider than a text is read.
const WIDEST: u16 = 104;

/// Columns of the names on the left.
const LABEL: u16 = 9;

/// Columns of the longest question: the one that asks for the digits of the account too.
const LONGEST_QUESTION: u16 = 61;

/// The parts of the dialog, ready to be drawn.
struct Parts {
    title: Line,
    identity: Vec<Line>,
    middle: Vec<Line>,
    bottom: u16,
}

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
    let parts = parts(dialog, status, (model, canvas.theme()), width.saturating_sub(4), now);
    let (above, below) = (count(parts.identity.len()), parts.bottom);
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

fn parts(dialog: &PlanDialog, status: &ChangeStatus, (model, theme): (&Model, Theme), room: u16, now: Now) -> Parts {
    let bottom = bottom(status.plan.as_deref(), room);
    let fold =
        |lines: Vec<Line>| -> Vec<Line> { lines.iter().flat_map(|line| line.wrap(room, LABEL, theme)).collect() };
    let shown_as = model.fleet().row(&status.want.key).map(|row| Name::of(row).whole());
    let shown_as = shown_as.unwrap_or_else(|| safe!("{}", status.want.key.id));
    let Some(plan) = &status.plan else {
        let identity = vec![label("Key", Line::of(safe!("{}", status.want.key.id), Tone::Strong))];
        return Parts {
            title: title(status.want.operation, &shown_as, status.want.region.as_str()),
            identity: fold(identity),
            middle: fold(rescue(dialog)),
            bottom,
        };
    };
    let name = plan.alias.as_ref().map_or(shown_as, crate::domain::text::Foreign::safe);
    Parts {
        title: title(status.want.operation, &name, plan.step.mutation.concerns().as_str()),
        identity: fold(identity(plan, now)),
        middle: fold(middle(dialog, plan, model)).into_iter().chain(command(plan, model, room, theme)).collect(),
        bottom,
    }
}

/// Rows for the question, the field and the last line. Question and field share a row where the whole phrase fits beside the question.
fn bottom(plan: Option<&Plan>, room: u16) -> u16 {
    let question = if plan.is_some_and(|plan| plan.is_protected) { LONGEST_QUESTION } else { 24 };
    let phrase = plan.map_or(0, |plan| crate::ui::measure::width(&plan.phrase()));
    if question + phrase < room { 2 } else { 2 + LONGEST_QUESTION.div_ceil(room.max(1)) }
}

/// `REPLICATE alias/backup-master into us-west-2`
fn title(operation: Operation, name: &Safe, region: &str) -> Line {
    let preposition = match operation {
        Operation::ReplicateKey => "into",
        Operation::UpdatePrimaryRegion => "to",
        Operation::CancelKeyDeletion | Operation::EnableKey => "in",
    };
    Line::of(safe!("{}", operation.verb().to_uppercase()), Tone::Strong)
        .with(safe!(" {name} {preposition}"), Tone::Plain)
        .with(safe!(" {region} "), Tone::Loud)
}

fn label(name: &'static str, line: Line) -> Line {
    let mut labelled = Line::of(safe!("{name:<9}"), Tone::Quiet);
    labelled.append(line);
    labelled
}

/// Who, what, from where: five facts that never scroll.
fn identity(plan: &Plan, now: Now) -> Vec<Line> {
    let step = &plan.step;
    let mut account = Line::of(safe!("{}", plan.identity.account), Tone::Strong);
    if let Some(name) = &plan.account_name {
        account.push(safe!(" {}", name.safe()), Tone::Strong);
    }
    account.push("   ", Tone::Plain);
    if plan.is_protected {
        account.push(" PROTECTED ", Tone::Loud);
        account.push("   ", Tone::Plain);
    }
    account.push(safe!("step {} of 1", step.number), Tone::Strong);
    if let Some(endpoint) = &plan.endpoint {
        account.push(safe!("   not AWS: {}", endpoint.safe()), Tone::Warning);
    }
    let asked = safe!("   asked {} ago, STS of {}", age(now.wall.since(plan.identity.at)), plan.identity.from);
    let caller = Line::of(plan.identity.caller_arn.safe(), Tone::Plain).with(asked, Tone::Quiet);
    let mut key = Line::of(safe!("{}", step.mutation.arn.id), Tone::Plain);
    if !plan.description.is_empty() {
        key.push(safe!("   “{}”", plan.description.safe()), Tone::Quiet);
    }
    vec![
        label("Account", account),
        label("Caller", caller),
        label("Key", key),
        label(member_label(step), member(step)),
        label("Sends", sends(step)),
    ]
}

fn member_label(step: &Step) -> &'static str {
    match step.mutation.change {
        Change::ReplicateKey { .. } | Change::UpdatePrimaryRegion { .. } => "From",
        Change::CancelKeyDeletion | Change::EnableKey => "Member",
    }
}

/// The member that the request goes to, as it was when the plan was made, and where the others are.
fn member(step: &Step) -> Line {
    let region = step.mutation.sent_to();
    let print = step.fingerprint.members.iter().find(|member| member.arn.region == *region);
    let mut line = Line::of(safe!("{region}"), Tone::Strong);
    if let Some(print) = print {
        line.push(safe!("  {} {}", crate::ui::words::role(print.role), print.state.safe()), Tone::Plain);
    }
    let named = || step.fingerprint.regions.iter();
    let compared = || step.fingerprint.members.iter().map(|member| &member.arn.region);
    let mut others: Vec<String> =
        named().chain(compared()).filter(|other| *other != region).map(crate::domain::id::Region::short).collect();
    others.sort();
    others.dedup();
    if !others.is_empty() {
        line.push(safe!("   also in {}", others.join(" ")), Tone::Quiet);
    }
    line
}

fn sends(step: &Step) -> Line {
    let mutation = &step.mutation;
    let parameter = match &mutation.change {
        Change::ReplicateKey { to, .. } => safe!(", ReplicaRegion={to}"),
        Change::UpdatePrimaryRegion { to } => safe!(", PrimaryRegion={to}"),
        Change::CancelKeyDeletion | Change::EnableKey => Safe::default(),
    };
    Line::of(safe!("{}", mutation.change.operation()), Tone::Strong)
        .with(safe!(" to {}{parameter}, once, no retry", mutation.sent_to()), Tone::Plain)
}

/// The same by hand, as far as it fits: a policy makes it long, and it is there to be copied.
fn command(plan: &Plan, model: &Model, room: u16, theme: Theme) -> [Line; 2] {
    let key = model.keymap().label(Action::PlanCopy);
    let copies = if key.is_empty() { Safe::default() } else { safe!("  {key} copies it") };
    let left = room.saturating_sub(crate::ui::measure::width(copies.as_str()));
    let shown = crate::ui::measure::cut_end(&theme.render(plan.step.cli.as_str()), left, theme.ellipsis());
    [Line::of("The same by hand", Tone::Heading), Line::of(safe!("{shown}"), Tone::Quiet).with(copies, Tone::Key)]
}

/// Everything else: what AWS will make of it, what must hold, which permissions it takes.
fn middle(dialog: &PlanDialog, plan: &Plan, model: &Model) -> Vec<Line> {
    let step = &plan.step;
    let mut lines = rescue(dialog);
    lines.push(heading(plan, model));
    lines.extend(step.consequences.iter().map(|text| Line::of(text.clone(), consequence_tone(text))));
    let undo = step.way_back.clone().unwrap_or("there is none".into());
    lines.push(Line::of(safe!("Undo: {undo}"), Tone::Warning));
    lines.push(Line::of("Preconditions", Tone::Heading));
    for condition in &step.preconditions {
        let (word, tone) = verdict(condition.result, condition.blocks);
        lines.push(Line::of(safe!("{word:<5} "), tone).with(condition.text.clone(), Tone::Plain));
    }
    for permission in &step.permissions {
        let (word, tone) = verdict(permission.result, false);
        let text = safe!("{} in {}: cannot be known from here", permission.action, permission.region);
        lines.push(Line::of(safe!("{word:<5} "), tone).with(text, Tone::Plain));
    }
    lines
}

fn heading(plan: &Plan, model: &Model) -> Line {
    let heading = Line::of("What AWS will make of it", Tone::Heading);
    let key = model.keymap().label(Action::PlanPolicy);
    match plan.step.mutation.change {
        Change::ReplicateKey { .. } if !key.is_empty() => heading.with(safe!("   {key} shows the policy"), Tone::Key),
        Change::ReplicateKey { .. }
        | Change::UpdatePrimaryRegion { .. }
        | Change::CancelKeyDeletion
        | Change::EnableKey => heading,
    }
}

fn consequence_tone(text: &Safe) -> Tone {
    if text.as_str().starts_with('!') { Tone::Warning } else { Tone::Plain }
}

/// Why this plan was opened instead of the one that was asked for.
fn rescue(dialog: &PlanDialog) -> Vec<Line> {
    dialog.rescue().map(|why| Line::of(why.clone(), Tone::Warning)).into_iter().collect()
}

fn verdict(verdict: Verdict, blocks: bool) -> (&'static str, Tone) {
    match (verdict, blocks) {
        (Verdict::Pass, _) => ("pass", Tone::Good),
        (Verdict::Fail, _) => ("FAIL", Tone::Danger),
        (Verdict::Unknown, true) => ("?", Tone::Danger),
        (Verdict::Unknown, false) => ("?", Tone::Unknown),
    }
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
