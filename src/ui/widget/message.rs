//! The line above the footer: the changes that are being followed, and what keyfleet has to say.

use std::time::Duration;

use ratatui::layout::Rect;

use super::name::Name;
use crate::app::Model;
use crate::app::text::Tone as Meaning;
use crate::domain::fleet::KeyRef;
use crate::domain::plan::{Operation, Outcome};
use crate::domain::text::{Safe, safe};
use crate::domain::time::{Now, Timestamp, stopwatch};
use crate::engine::change::{ChangeStatus, Phase, StepPhase, StepStatus};
use crate::ui::canvas::Canvas;
use crate::ui::line::Line;
use crate::ui::theme::Tone;

/// Of more steps than this not each has a line of its own.
const FEW: usize = 3;

/// Draws the changes under way and the newest notice, or the worst banner; what went wrong comes first.
pub(crate) fn draw(canvas: &mut Canvas<'_>, area: Rect, model: &Model, now: Now) {
    let notice = notice(model);
    let is_urgent = notice.as_ref().is_some_and(|(is_urgent, _)| *is_urgent);
    let said = notice.map(|(_, line)| line);
    let (first, second) = if is_urgent { (said, following(model, now)) } else { (following(model, now), said) };
    let mut line = Line::new();
    for part in [first, second].into_iter().flatten() {
        line.push(if line.is_empty() { " " } else { "   " }, Tone::Plain);
        line.append(part);
    }
    canvas.line(area, &line);
}

/// What is said, and whether it is about something that went wrong.
fn notice(model: &Model) -> Option<(bool, Line)> {
    let newest = model.notices().iter().next().map(|notice| (notice.tone, notice.text.clone()));
    let (tone, text) = newest.or_else(|| model.banners().into_iter().next())?;
    Some((tone == Meaning::Bad, Line::of(text, tone.into())))
}

/// Every change that is not over, side by side.
fn following(model: &Model, now: Now) -> Option<Line> {
    let mut line = Line::new();
    for status in model.engine().changes() {
        for (name, words, tone) in progress(model, status, now) {
            line.push(if line.is_empty() { "" } else { "   " }, Tone::Plain);
            line.push(safe!("{name}  "), Tone::Strong);
            line.push(words, tone);
        }
    }
    (!line.is_empty()).then_some(line)
}

fn name(model: &Model, key: &KeyRef) -> Safe {
    let name = model.fleet().row(key).map(|row| Name::of(row).whole());
    name.unwrap_or_else(|| safe!("{}", key.id))
}

/// What is to be said of one change: as long as it is a whole, of all of it, and then of each step that is under way.
fn progress(model: &Model, status: &ChangeStatus, now: Now) -> Vec<(Safe, Safe, Tone)> {
    let whole = |words: Safe| {
        let lead = status.steps.first().map(|step| (name(model, &step.key), what(step)));
        lead.into_iter().map(|(name, what)| (name, safe!("{what}  {words}"), Tone::Moving)).collect()
    };
    match &status.phase {
        Phase::Preparing { .. } | Phase::Impossible { .. } | Phase::Ready | Phase::Ended => Vec::new(),
        Phase::CheckingIdentity => whole("checking who we are".into()),
        Phase::ReadingAgain { read, of } => whole(safe!("reading again {read}/{of}")),
        Phase::Applying if status.steps.len() > FEW => vec![many(status)],
        Phase::Applying => {
            let steps = status.steps.iter().filter_map(|step| {
                let (words, tone) = step_words(step, now)?;
                Some((name(model, &step.key), safe!("{}  {words}", what(step)), tone))
            });
            steps.collect()
        }
    }
}

/// `enable 20  11 done, 1 failed, 8 to go`, with what is unknown before everything else.
fn many(status: &ChangeStatus) -> (Safe, Safe, Tone) {
    let count = |wanted: Option<Outcome>| status.steps.iter().filter(|step| step.outcome() == wanted).count();
    let all = [
        (count(Some(Outcome::Unknown)), "UNKNOWN"),
        (count(Some(Outcome::Failed)), "failed"),
        (count(Some(Outcome::Done)), "done"),
        (count(Some(Outcome::NotSent)), "not sent"),
        (count(None), "to go"),
    ];
    let counted: Vec<String> =
        all.iter().filter(|(number, _)| *number > 0).map(|(number, word)| format!("{number} {word}")).collect();
    let held = if status.is_paused { "  HELD BACK" } else { "" };
    let verb = status.steps.first().map_or("change", |step| step.operation().verb());
    let tone = if count(Some(Outcome::Unknown)) > 0 { Tone::Warning } else { Tone::Moving };
    (safe!("{verb} {}", status.steps.len()), safe!("{}{held}", counted.join(", ")), tone)
}

/// `UPDATING 0:41  next read 4s`
fn step_words(step: &StepStatus, now: Now) -> Option<(Safe, Tone)> {
    let clock = |since: Timestamp| stopwatch(now.wall.since(since));
    match &step.phase {
        StepPhase::Waiting | StepPhase::Ended => None,
        StepPhase::ReadingAgain => Some(("reading again".into(), Tone::Moving)),
        StepPhase::Recording => Some(("recording".into(), Tone::Moving)),
        StepPhase::Sending { since } => Some((safe!("SENT, no answer yet {}", clock(*since)), Tone::Moving)),
        StepPhase::Following { since, words, next_read } => {
            Some((safe!("{words} {}{}", clock(*since), next(*next_read, now)), Tone::Moving))
        }
        StepPhase::Reconciling { since, words, next_read } => {
            Some((safe!("OUTCOME UNKNOWN: {words} {}{}", clock(*since), next(*next_read, now)), Tone::Warning))
        }
    }
}

fn what(step: &StepStatus) -> Safe {
    let (verb, region) = (step.operation().verb(), step.mutation.concerns().short());
    match step.operation() {
        Operation::ReplicateKey | Operation::UpdatePrimaryRegion => safe!("{verb} → {region}"),
        Operation::CancelKeyDeletion | Operation::EnableKey | Operation::CreateAlias => safe!("{verb} {region}"),
    }
}

/// How long until it is read again; the moment is one of the monotonic clock.
fn next(next_read: Option<Duration>, now: Now) -> Safe {
    let left = next_read.map(|at| at.saturating_sub(now.monotonic).as_secs());
    left.map(|seconds| safe!("  next read {seconds}s")).unwrap_or_default()
}
