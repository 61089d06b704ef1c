//! The line above the footer: the changes that are being followed, and what keyfleet has to say.

use std::time::Duration;

use ratatui::layout::Rect;

use super::name::Name;
use crate::app::Model;
use crate::app::text::Tone as Meaning;
use crate::domain::plan::Operation;
use crate::domain::text::{Safe, safe};
use crate::domain::time::{Now, Timestamp, stopwatch};
use crate::engine::change::{ChangeStatus, Phase};
use crate::ui::canvas::Canvas;
use crate::ui::line::Line;
use crate::ui::theme::Tone;

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
        let Some((words, tone)) = progress(status, now) else { continue };
        line.push(if line.is_empty() { "" } else { "   " }, Tone::Plain);
        line.push(safe!("{}  ", subject(model, status)), Tone::Strong);
        line.push(words, tone);
    }
    (!line.is_empty()).then_some(line)
}

fn subject(model: &Model, status: &ChangeStatus) -> Safe {
    let name = model.fleet().row(&status.want.key).map(|row| Name::of(row).whole());
    name.unwrap_or_else(|| safe!("{}", status.want.key.id))
}

/// `promote → euw1  UPDATING 0:41  next read 4s`
fn progress(status: &ChangeStatus, now: Now) -> Option<(Safe, Tone)> {
    let what = what(status);
    let clock = |since: Timestamp| stopwatch(now.wall.since(since));
    match &status.phase {
        Phase::Preparing { .. } | Phase::Impossible { .. } | Phase::Ready | Phase::Ended => None,
        Phase::CheckingIdentity => Some((safe!("{what}  checking who we are"), Tone::Moving)),
        Phase::ReadingAgain { read, of } => Some((safe!("{what}  reading again {read}/{of}"), Tone::Moving)),
        Phase::Recording => Some((safe!("{what}  recording"), Tone::Moving)),
        Phase::Sending { since } => Some((safe!("{what}  SENT, no answer yet {}", clock(*since)), Tone::Moving)),
        Phase::Following { since, words, next_read } => {
            Some((safe!("{what}  {words} {}{}", clock(*since), next(*next_read, now)), Tone::Moving))
        }
        Phase::Reconciling { since, words, next_read } => {
            Some((safe!("{what}  OUTCOME UNKNOWN: {words} {}{}", clock(*since), next(*next_read, now)), Tone::Warning))
        }
    }
}

fn what(status: &ChangeStatus) -> Safe {
    let (verb, region) = (status.want.operation.verb(), status.want.region.short());
    match status.want.operation {
        Operation::ReplicateKey | Operation::UpdatePrimaryRegion => safe!("{verb} → {region}"),
        Operation::CancelKeyDeletion | Operation::EnableKey => safe!("{verb} {region}"),
    }
}

/// How long until it is read again; the moment is one of the monotonic clock.
fn next(next_read: Option<Duration>, now: Now) -> Safe {
    let left = next_read.map(|at| at.saturating_sub(now.monotonic).as_secs());
    left.map(|seconds| safe!("  next read {seconds}s")).unwrap_or_default()
}
