//! Which Regions get a column, and what is said of all of them below the table.

use std::collections::BTreeSet;

use crate::domain::fleet::glyph::Glyph;
use crate::domain::fleet::presence::RegionStatus;
use crate::domain::fleet::row::Row;
use crate::domain::fleet::{KeyRef, RegionFacts};
use crate::domain::id::{Place, Region};
use crate::domain::reading::Reason;
use crate::domain::text::{Safe, safe};
use crate::wire::fleet::FleetReport;

/// Every Region that was asked for by name, every one that holds or is named to hold a member, and every one in scope that could not be read. Of a whole
/// partition, the Regions that hold nothing would only push the others off the paper.
pub(super) fn columns(report: &FleetReport<'_>, rows: &[Row]) -> Vec<Region> {
    let members = rows.iter().flat_map(|row| row.cells.iter().filter(|cell| cell.is_member()));
    let mut columns: BTreeSet<Region> = members.map(|cell| cell.region.clone()).collect();
    for (place, facts) in report.fleet.places() {
        let is_auto = report.fleet.scope(place.login).is_some_and(|scope| scope.auto);
        let is_missing = report.fleet.is_region_in_scope(place) && !is_loaded(facts);
        if !is_auto || is_missing {
            columns.insert(place.region.clone());
        }
    }
    columns.into_iter().collect()
}

/// A Region that this key says nothing of, in a column that others need.
pub(super) fn unspoken(report: &FleetReport<'_>, row: &Row, region: &Region) -> Glyph {
    let place = KeyRef::place(&row.key, region);
    Glyph::unspoken(report.fleet.region(&place).is_some_and(RegionFacts::is_not_enabled))
}

/// Every Region asked: those that were read, then those that were not, with the reason and the next step.
pub(super) fn footer(report: &FleetReport<'_>) -> String {
    let all: Vec<(&Place, &RegionFacts)> = report.fleet.places().collect();
    let (left_out, in_scope): (Vec<_>, Vec<_>) = all
        .iter()
        .copied()
        .partition(|(place, facts)| facts.is_not_enabled() && !report.fleet.is_region_in_scope(place));
    let (loaded, missing): (Vec<_>, Vec<_>) = in_scope.into_iter().partition(|(_, facts)| is_loaded(facts));
    let not_enabled = if left_out.is_empty() { String::new() } else { format!(", {} not enabled", left_out.len()) };
    let mut lines = vec![format!("Regions: {} asked, {} loaded{not_enabled}", all.len(), loaded.len())];
    let listed = loaded.into_iter().chain(missing).map(|(place, facts)| format!("  {}", line(place, facts)));
    lines.extend(listed);
    if !left_out.is_empty() {
        let names: Vec<&str> = left_out.iter().map(|(place, _)| place.region.as_str()).collect();
        lines.push(format!("  not enabled for this account, or this token is not valid there: {}", names.join(", ")));
    }
    lines.join("\n") + "\n"
}

/// The Regions in scope that were not read whole, each with the reason and the next step.
pub(in crate::report) fn missing(report: &FleetReport<'_>) -> Vec<Safe> {
    let places = report.fleet.places();
    let missing = places.filter(|(place, facts)| report.fleet.is_region_in_scope(place) && !is_loaded(facts));
    missing.map(|(place, facts)| line(place, facts)).collect()
}

fn is_loaded(facts: &RegionFacts) -> bool {
    matches!(facts.status(), RegionStatus::Loaded { .. })
}

fn line(place: &Place, facts: &RegionFacts) -> Safe {
    let region = &place.region;
    match facts.status() {
        RegionStatus::Waiting => safe!("{region} NOT READ: no answer was waited for"),
        RegionStatus::Loading { pages, listed } => {
            safe!("{region} NOT READ TO ITS END: {pages} pages, at least {listed} keys")
        }
        RegionStatus::Loaded { listed, multi_region, at } => {
            safe!("{region}: {listed} keys, {multi_region} multi-Region, read {}", at.minute())
        }
        RegionStatus::Partial { listed, multi_region, why } => {
            safe!("{region} PARTIAL: at least {listed} keys, {multi_region} multi-Region, then {}", because(&why))
        }
        RegionStatus::Failed { why, last: None } => {
            safe!("{region} {}: {}", why.kind.name().replace('_', " ").to_uppercase(), because(&why))
        }
        RegionStatus::Failed { why, last: Some(last) } => safe!(
            "{region} {}: {}; last read {}",
            why.kind.name().replace('_', " ").to_uppercase(),
            because(&why),
            last.minute()
        ),
    }
}

/// The reason, AWS's own code for it, and what to do.
fn because(why: &Reason) -> Safe {
    let code = why.code.as_ref().map(|code| safe!(" ({})", code.safe())).unwrap_or_default();
    safe!("{}{code}; {}", why.kind.words(), why.next_step)
}
