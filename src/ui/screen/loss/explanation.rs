//! Everything about the key under the cursor: why, what to do now, and each survivor with its whole ARN.

use ratatui::layout::Rect;

use super::tone;
use crate::domain::fleet::row::Row;
use crate::domain::impact::{KeyImpact, PolicyIs, Survivor};
use crate::domain::key::KeyState;
use crate::domain::text::{Safe, safe};
use crate::domain::time::{Now, age};
use crate::ui::canvas::Canvas;
use crate::ui::layout::rows;
use crate::ui::line::Line;
use crate::ui::theme::Tone;
use crate::ui::widget::cell;
use crate::ui::widget::name::Name;

/// Draws as much as there is room for, and says that there is more.
pub(super) fn draw(canvas: &mut Canvas<'_>, area: Rect, (impact, row): (&KeyImpact, &Row), now: Now) {
    let room = area.width.saturating_sub(1);
    let lines = lines(impact, row, now);
    let folded: Vec<Line> = lines.iter().flat_map(|line| line.wrap(room, 2, canvas.theme())).collect();
    let height = usize::from(area.height);
    let is_cut = folded.len() > height;
    for (place, (number, line)) in rows(area).zip(folded.iter().enumerate()) {
        if is_cut && number + 1 == height && height > 1 {
            let left = folded.len() - number;
            canvas.line(place, &Line::of(safe!("and {left} lines more; c a copies every ARN"), Tone::Key));
        } else {
            canvas.line(place, line);
        }
    }
}

fn lines(impact: &KeyImpact, row: &Row, now: Now) -> Vec<Line> {
    let mut head = Line::of(safe!("{}", impact.effect.name().to_uppercase()), tone(impact.effect));
    head.push(safe!("  {}", Name::of(row).whole()), Tone::Strong);
    head.push(safe!("  {}", impact.key.id), Tone::Quiet);
    if let Some(at) = impact.last_known_at {
        head.push(safe!("  as last known {} ago", age(now.wall.since(at))), Tone::Warning);
    }
    let mut lines = vec![head, Line::of("Now: ", Tone::Heading).with(impact.now.clone(), Tone::Key)];
    // The ARNs are what somebody came for: they come before the reasons, which may have no room.
    lines.extend(impact.survivors_by_use().into_iter().map(|survivor| of(survivor, row)));
    lines.push(Line::of("Why: ", Tone::Heading).with(impact.detail.clone(), Tone::Plain));
    lines
}

/// `usw2 R  Enabled  policy same  arn:aws:kms:…`
fn of(survivor: &Survivor, row: &Row) -> Line {
    let cell = row.cell(&survivor.region);
    let (mark, tone) = cell.map_or(("?".into(), Tone::Unknown), cell::mark);
    let state = survivor.state.as_ref().map_or("state unknown".into(), KeyState::safe);
    let mut line = Line::of(safe!("{} ", survivor.region.short()), Tone::Heading);
    line.push(mark, tone);
    line.push(safe!(" {state}"), tone);
    let (policy, tone) = policy(survivor.policy);
    line.push(policy, tone);
    let (aliases, tone) = aliases(survivor);
    line.push(aliases, tone);
    if let Some(reason) = survivor.reason {
        line.push(safe!(" {}", reason.words()), Tone::Unknown);
    }
    line.with(" ", Tone::Plain).with(safe!("{}", survivor.arn), Tone::Strong)
}

fn policy(policy: PolicyIs) -> (&'static str, Tone) {
    match policy {
        PolicyIs::Same => (" policy same", Tone::Plain),
        PolicyIs::Default => (" DEFAULT POLICY", Tone::Warning),
        PolicyIs::Differs => (" POLICY DIFFERS", Tone::Warning),
        PolicyIs::Unknown => (" policy ?", Tone::Unknown),
    }
}

fn aliases(survivor: &Survivor) -> (Safe, Tone) {
    match survivor.missing_aliases.as_deref() {
        Some([]) => (Safe::default(), Tone::Plain),
        Some(missing) => {
            let names: Vec<String> = missing.iter().map(|name| name.safe().to_string()).collect();
            (safe!(" lacks {}", names.join(" ")), Tone::Warning)
        }
        None => (" alias ?".into(), Tone::Unknown),
    }
}
