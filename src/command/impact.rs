//! `keyfleet impact`: what losing Regions would mean, once, to stdout. Sends nothing that changes anything.

use std::collections::BTreeSet;

use super::reading::{ReadFleet, Wanted};
use super::{Ended, Outside, block_on, cache, list, load, reading, say, write_out, write_pieces};
use crate::cli::{Global, Impact as Asked, Report};
use crate::config::region_meant;
use crate::domain::filter::{Filter, Truth};
use crate::domain::fleet::RegionFacts;
use crate::domain::fleet::last_seen::LastSeen;
use crate::domain::fleet::presence::RegionStatus;
use crate::domain::id::{Place, Region};
use crate::domain::impact::impact;
use crate::domain::text::{Foreign, safe};
use crate::engine::Deep;
use crate::engine::settings::Regions;
use crate::report::impact::{csv, json, markdown, table};
use crate::wire::fleet::Selection;
use crate::wire::impact::ImpactReport;

pub(crate) fn run(global: &Global, asked: &Asked, outside: &Outside) -> Result<Ended, Ended> {
    super::logging::start(global.log.as_deref(), None)?;
    let lost = asked.lost.iter().map(|name| region(name)).collect::<Result<BTreeSet<_>, _>>()?;
    // What is not going to be read is refused before anything is.
    if let (None, Regions::Only(regions)) = (&global.snapshot, load(global, outside)?.engine.regions) {
        is_in_scope(&lost, &regions.into_iter().collect())?;
    }
    block_on(report(global, (&lost, asked.output), outside))
}

async fn report(
    global: &Global,
    (lost, output): (&BTreeSet<Region>, Report),
    outside: &Outside,
) -> Result<Ended, Ended> {
    let wanted = |_: &_| Wanted { deep: vec![Deep::Policy], ..Wanted::default() };
    let read = reading::read(global, outside, wanted).await?;
    let fleet = &read.fleet;
    let asked: BTreeSet<Region> = fleet.places().map(|(place, _)| place.region.clone()).collect();
    is_in_scope(lost, &asked)?;
    let last_seen = kept(global, &read, lost);
    let mut impact = impact(fleet, last_seen.as_ref(), lost, read.finished_at);
    let selection = read.settings().filter.as_ref().map(|filter| select(&read, last_seen.as_ref(), filter));
    if let Some(selection) = &selection {
        impact.retain(|key| selection.contains(key));
    }
    let takes_a_key = read.takes_a_key(selection.as_ref(), "judged")?;
    let report = ImpactReport {
        impact: &impact,
        taken_at: read.taken_at,
        finished_at: read.finished_at,
        accounts: &read.accounts,
        selection: selection.as_ref(),
    };
    write(&report, output)?;
    read.ended(if impact.is_complete() && takes_a_key { 0 } else { 3 })
}

fn write(report: &ImpactReport<'_>, output: Report) -> Result<Ended, Ended> {
    let broken = |error: &dyn std::fmt::Display| Ended::internal(&format!("the report cannot be written: {error}"));
    match output {
        Report::Table => write_out(&table::render(report)),
        Report::Json => write_pieces(json::pieces(report).map(|piece| piece.map_err(|error| broken(&error)))),
        Report::Csv => write_out(&csv::render(report).map_err(|error| broken(&error))?),
        Report::Markdown => write_out(&markdown::render(report)),
    }
}

/// What was last known, if a lost Region cannot be read: otherwise nobody asks for it.
fn kept(global: &Global, read: &ReadFleet, lost: &BTreeSet<Region>) -> Option<LastSeen> {
    let is_dark = |(place, facts): (&Place, &RegionFacts)| {
        lost.contains(&place.region) && !matches!(facts.status(), RegionStatus::Loaded { .. })
    };
    // A file speaks for its own time: what this machine knows of another one is not mixed into it.
    if global.snapshot.is_some() || !read.fleet.places().any(is_dark) {
        return None;
    }
    cache::last_seen(global, read).unwrap_or_else(|why| {
        say(&format!("note: the last known fleet is not used: {why}"));
        None
    })
}

/// What a filter takes: of the keys that were read, and of those that only the last known fleet has.
fn select(read: &ReadFleet, last: Option<&LastSeen>, filter: &Filter) -> Selection {
    let mut selection = list::select(&read.fleet, filter, read.finished_at);
    let Some(last) = last.map(LastSeen::fleet) else { return selection };
    for (key, _) in last.keys().filter(|(key, _)| read.fleet.key(key).is_none()) {
        match last.row(key, read.finished_at).map(|row| filter.matches(&row)) {
            Some(Truth::Yes) => selection.matched.insert(key.clone()),
            Some(Truth::Undecided) => selection.undecided.insert(key.clone()),
            Some(Truth::No) | None => false,
        };
    }
    selection
}

fn region(name: &str) -> Result<Region, Ended> {
    Region::parse(name).map_err(|_| {
        let shown = Foreign::new(name).safe();
        Ended::usage(&format!("\"{shown}\" is no Region of any partition\n{}", region_meant(name)))
    })
}

fn is_in_scope(lost: &BTreeSet<Region>, scope: &BTreeSet<Region>) -> Result<(), Ended> {
    let Some(outside) = lost.difference(scope).next() else { return Ok(()) };
    // A name that AWS has never used is rather a slip of the finger than a Region that was left out.
    let next_step = if outside.is_listed() {
        safe!("add it with --region, or to `regions` in the configuration")
    } else {
        region_meant(outside.as_str())
    };
    let words = "is not among the Regions that are read, so nothing can be said of its loss";
    Err(Ended::usage(&format!("{outside} {words}\n{next_step}")))
}
