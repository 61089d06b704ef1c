//! The state of the fleet in words, the worst first.

use crate::domain::fleet::words::Counts;
use crate::domain::text::{Safe, safe};
use crate::domain::time::{Now, span};
use crate::ui::line::Line;
use crate::ui::theme::Tone;

/// `41 keys · 2 DYING, first 2d23h · 1 waits · 2 unusable · 2 gaps · 1 banned · 8 ?`
pub(crate) fn line(summary: &Counts, is_scan_over: bool, is_wide: bool, now: Now) -> Line {
    let so_far = if is_scan_over { "" } else { " so far" };
    let noun = if summary.keys == 1 { "key" } else { "keys" };
    let mut line = Line::of(safe!(" {} {noun}{so_far}", summary.keys), Tone::Strong);
    let gap = if is_wide { "    " } else { " · " };
    let mut is_well = true;
    for (text, tone) in parts(summary, is_wide, now) {
        is_well = false;
        line.push(gap, Tone::Quiet);
        line.push(text, tone);
    }
    if is_well && is_scan_over && summary.keys > 0 {
        line.push(gap, Tone::Quiet);
        line.push("nothing wrong seen", Tone::Good);
    }
    line
}

fn parts(summary: &Counts, is_wide: bool, now: Now) -> impl Iterator<Item = (Safe, Tone)> {
    let word = |short: &'static str, long: &'static str| if is_wide { long } else { short };
    let first = summary.first.map(|at| safe!(", first {}", span(at.since(now.wall)))).unwrap_or_default();
    let mut parts = vec![
        (summary.dying, safe!("{} DYING{first}", summary.dying), Tone::Danger),
        (summary.waiting, safe!("{} {}", summary.waiting, word("waits", "waiting")), Tone::Danger),
        (
            summary.contradictory,
            safe!("{} {}", summary.contradictory, word("contradict", "contradictory")),
            Tone::Warning,
        ),
        (summary.unusable, safe!("{} unusable", summary.unusable), Tone::Warning),
        (summary.gaps, safe!("{} {}", summary.gaps, if summary.gaps == 1 { "gap" } else { "gaps" }), Tone::Danger),
        (summary.banned, safe!("{} banned", summary.banned), Tone::Danger),
        (summary.not_fully_known, safe!("{} {}", summary.not_fully_known, word("?", "not fully known")), Tone::Unknown),
    ];
    // Where rules add their counts a narrow line ends too early: what passes by itself goes last then.
    let place = if summary.gaps + summary.banned > 0 { parts.len() } else { parts.len() - 1 };
    parts.insert(place, (summary.moving, safe!("{} moving", summary.moving), Tone::Moving));
    parts.into_iter().filter(|(how_many, _, _)| *how_many > 0).map(|(_, text, tone)| (text, tone))
}
