//! `keyfleet list`: the fleet, once, to stdout.

use std::collections::BTreeSet;

use super::{Ended, Outside, block_on, reading, watch, write_out, write_pieces};
use crate::cli::{Color, Global, List, Output};
use crate::domain::filter::{Filter, Truth};
use crate::domain::fleet::Fleet;
use crate::domain::fleet::row::Row;
use crate::domain::id::Login;
use crate::domain::reading::ReasonKind;
use crate::domain::time::Timestamp;
use crate::engine::message::ConnectError;
use crate::engine::{Engine, Session as Standing};
use crate::report::{csv, json, markdown, ndjson, table};
use crate::wire::fleet::{AccountOf, FleetReport, Selection};

pub(crate) fn run(global: &Global, list: &List, outside: &Outside) -> Result<Ended, Ended> {
    super::logging::start(global.log.as_deref(), None)?;
    match (list.watch, list.output) {
        (true, None | Some(Output::Ndjson)) => watch::run(global, outside),
        (true, Some(Output::Table | Output::Json | Output::Csv | Output::Markdown)) => {
            Err(Ended::usage("--watch: changes are written as ndjson only\nleave out --output, or say --output ndjson"))
        }
        (false, output) => once(global, output.unwrap_or_default(), outside),
    }
}

fn once(global: &Global, output: Output, outside: &Outside) -> Result<Ended, Ended> {
    block_on(read(global, output, outside))
}

async fn read(global: &Global, output: Output, outside: &Outside) -> Result<Ended, Ended> {
    let read = reading::read(global, outside, |_| reading::Wanted::default()).await?;
    let filter = read.settings().filter.as_ref();
    let selection = filter.map(|filter| select(&read.fleet, filter, read.finished_at));
    write(&read.report(selection.as_ref()), output, is_coloured(global, outside))?;
    read.ended(if read.fleet.is_complete() { 0 } else { 3 })
}

/// Whether a table for eyes is coloured; what prints it is told.
pub(super) fn is_coloured(global: &Global, outside: &Outside) -> bool {
    let is_coloured = match global.color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => outside.stdout_is_terminal && outside.variable("NO_COLOR").is_none(),
    };
    crossterm::style::force_color_output(is_coloured);
    is_coloured
}

/// Writes the report, piece by piece where it may be large.
fn write(report: &FleetReport<'_>, output: Output, is_coloured: bool) -> Result<Ended, Ended> {
    let broken = |error: &dyn std::fmt::Display| Ended::internal(&format!("the report cannot be written: {error}"));
    match output {
        Output::Table => write_out(&table::render(report, is_coloured)),
        Output::Json => write_pieces(json::pieces(report).map(|piece| piece.map_err(|error| broken(&error)))),
        Output::Csv => write_out(&csv::render(report).map_err(|error| broken(&error))?),
        Output::Markdown => write_out(&markdown::render(report)),
        Output::Ndjson => write_pieces(ndjson::pieces(report).map(|piece| piece.map_err(|error| broken(&error)))),
    }
}

/// Nothing could be read because nobody was signed in: there were no credentials, or none that any Region takes.
pub(super) fn no_identity(engine: &Engine) -> Option<Ended> {
    let words = |error: &ConnectError| format!("{}\n{}", error.what, error.next_step);
    match engine.session(Login(0)) {
        Some(Standing::Failed(error)) => Some(Ended::environment(&words(error))),
        Some(Standing::Open { identity }) => {
            let why = identity.failure().filter(|_| identity.value().is_none())?;
            let is_of_the_credentials = match why.kind {
                ReasonKind::ExpiredCredentials
                | ReasonKind::ClockSkew
                | ReasonKind::NotEnabled
                | ReasonKind::Denied => true,
                ReasonKind::DeniedByKeyPolicy
                | ReasonKind::Throttled
                | ReasonKind::Dns
                | ReasonKind::Connect
                | ReasonKind::Tls
                | ReasonKind::Timeout
                | ReasonKind::UnexpectedAnswer
                | ReasonKind::PartialListing
                | ReasonKind::Contradiction
                | ReasonKind::OutOfScope
                | ReasonKind::NotRead
                | ReasonKind::ServerError
                | ReasonKind::Internal => false,
            };
            let nothing_was_read = engine.fleet().places().all(|(_, facts)| facts.listing.value().is_none());
            let said = || format!("STS does not take these credentials: {}\n{}", why.kind.words(), why.next_step);
            (is_of_the_credentials && nothing_was_read).then(|| Ended::environment(&said()))
        }
        Some(Standing::Connecting { .. }) | None => None,
    }
}

/// The keys that a filter takes, and those that it can neither take nor rule out.
pub(super) fn select(fleet: &Fleet, filter: &Filter, now: Timestamp) -> Selection {
    let (mut matched, mut undecided) = (BTreeSet::new(), BTreeSet::new());
    let rows = fleet.keys().filter_map(|(key, _)| fleet.row(key, now));
    for row in rows {
        let Row { key, .. } = &row;
        match filter.matches(&row) {
            Truth::Yes => matched.insert(key.clone()),
            Truth::Undecided => undecided.insert(key.clone()),
            Truth::No => false,
        };
    }
    Selection { matched, undecided }
}

pub(super) fn accounts(engine: &Engine) -> Vec<AccountOf> {
    let settings = engine.settings();
    settings
        .logins
        .iter()
        .filter_map(|(login, profile)| {
            let Some(Standing::Open { identity }) = engine.session(*login) else { return None };
            let identity = identity.value()?;
            Some(AccountOf {
                login: *login,
                account: identity.account,
                name: settings.account_names.get(&identity.account).cloned(),
                caller_arn: identity.caller_arn.clone(),
                profile: profile.clone(),
            })
        })
        .collect()
}
