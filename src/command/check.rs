//! `keyfleet check`: the fleet held against the rules and the checks, once.
//!
//! Everything is read in this run; what an earlier one saw is no evidence.

use super::reading::{self, ReadFleet, Wanted};
use super::{Ended, Outside, block_on, list, write_out, write_pieces};
use crate::cli::{Check, EvidenceMode, FailOn, FindingsOutput, Global};
use crate::config::Settings;
use crate::domain::check::run::{Checked, Checking, run as run_checks};
use crate::domain::evidence::Accepted;
use crate::domain::filter::{Filter, Truth};
use crate::domain::text::Foreign;
use crate::domain::verdict::Severity;
use crate::engine::Deep;
use crate::report::findings::{csv, json, junit, markdown, sarif, table};
use crate::wire::findings::{FindingsReport, Terms};
use crate::wire::fleet::Selection;

pub(crate) fn run(global: &Global, check: &Check, outside: &Outside) -> Result<Ended, Ended> {
    super::logging::start(global.log.as_deref(), None)?;
    let global = Global { rules: check.rules.clone(), ..global.clone() };
    block_on(read(&global, check, outside))
}

async fn read(global: &Global, check: &Check, outside: &Outside) -> Result<Ended, Ended> {
    let wanted = |settings: &Settings| Wanted { deep: needs(settings), request_ids: true };
    let read = reading::read(global, outside, wanted).await?;
    let settings = read.settings();
    let selection = settings.filter.as_ref().map(|filter| list::select(&read.fleet, filter, read.finished_at));
    read.takes_a_key(selection.as_ref(), "checked")?;
    let terms = Terms {
        rules: &settings.engine.rules,
        tuning: &settings.tuning,
        accepted: accepted(check.evidence),
        fail_on: fail_on(check.fail_on),
        shows_passes: check.all,
        filter: settings.filter.as_ref().map(Filter::text),
        command: &outside.arguments,
        rules_file: rules_file(check, settings),
    };
    let checked = judged(&read, &terms, selection.as_ref());
    let report = FindingsReport {
        fleet: read.report(selection.as_ref()),
        checked: &checked,
        terms: &terms,
        request_ids: &read.request_ids,
        requests: &read.requests,
        has_panicked: read.has_panicked,
        snapshot_age: read.snapshot_age,
    };
    write(&report, check.output)?;
    read.ended(report.exit_code())
}

/// The readings beyond listings and descriptions that the checks that run ask for. What rules and filter need is read of itself.
fn needs(settings: &Settings) -> Vec<Deep> {
    settings.tuning.enabled().flat_map(|check| check.needs.iter().copied()).collect()
}

fn judged(read: &ReadFleet, terms: &Terms<'_>, selection: Option<&Selection>) -> Checked {
    let checking = Checking {
        fleet: &read.fleet,
        rules: terms.rules,
        tuning: terms.tuning,
        accepted: terms.accepted,
        now: read.finished_at,
        keeps_passes: terms.shows_passes,
    };
    run_checks(&checking, |key| match selection {
        None => Truth::Yes,
        Some(selection) if selection.undecided.contains(key) => Truth::Undecided,
        Some(selection) => selection.matched.contains(key).into(),
    })
}

/// Where the rules stand: what a report points at.
fn rules_file(check: &Check, settings: &Settings) -> Option<Foreign> {
    let file = check.rules.as_ref().or(settings.file.as_ref());
    file.map(|file| Foreign::new(file.to_string_lossy().into_owned()))
}

fn accepted(mode: EvidenceMode) -> Accepted {
    match mode {
        EvidenceMode::Declared => Accepted::Declared,
        EvidenceMode::Listed => Accepted::Listed,
    }
}

fn fail_on(least: FailOn) -> Severity {
    match least {
        FailOn::High => Severity::High,
        FailOn::Medium => Severity::Medium,
        FailOn::Low => Severity::Low,
    }
}

/// Writes the report, piece by piece where it may be large.
fn write(report: &FindingsReport<'_>, output: FindingsOutput) -> Result<Ended, Ended> {
    let broken = |error: &dyn std::fmt::Display| Ended::internal(&format!("the report cannot be written: {error}"));
    match output {
        FindingsOutput::Table => write_out(&table::render(report)),
        FindingsOutput::Json => write_pieces(json::pieces(report).map(|piece| piece.map_err(|error| broken(&error)))),
        FindingsOutput::Csv => write_out(&csv::render(report).map_err(|error| broken(&error))?),
        FindingsOutput::Markdown => write_out(&markdown::render(report)),
        FindingsOutput::Junit => write_out(&junit::render(report)),
        FindingsOutput::Sarif => write_pieces(sarif::pieces(report).map(|piece| piece.map_err(|error| broken(&error)))),
    }
}
