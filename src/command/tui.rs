//! `keyfleet`: the dashboard.

use std::collections::BTreeSet;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use super::recorder::Books;
use super::session::Session;
use super::{Ended, Outside, block_on, cache, recorder};
use crate::app::{self, Formats, Model};
use crate::cli::{Color, Global};
use crate::config;
use crate::domain::fleet::Fleet;
use crate::domain::fleet::row::Row;
use crate::domain::impact::Impact;
use crate::domain::time::Timestamp;
use crate::engine::Engine;
use crate::runtime::dashboard::{Dashboard, Left};
use crate::runtime::tasks::Tasks;
use crate::runtime::terminal;
use crate::state::StateDir;
use crate::state::cache::Cache;
use crate::ui::theme::{Palette, Symbols, Theme};
use crate::wire::fleet::{FleetReport, Selection};
use crate::wire::impact::ImpactReport;

/// Debug builds fail on purpose if this is set, to prove what a failure leaves of the terminal.
const PANIC: &str = "KEYFLEET_DEBUG_PANIC";

pub(crate) fn run(global: &Global, outside: &Outside) -> Result<Ended, Ended> {
    needs_terminal(outside)?;
    let session = Session::open(global, outside, true)?;
    let state = session.state.clone().ok_or_else(|| {
        Ended::environment("no home directory, by environment or by user database: journals have no place\nset HOME")
    })?;
    super::logging::start(global.log.as_deref(), Some(state.path()))?;
    let cache = cache::of(global, &session);
    let books = Books::new(state.clone());
    let theme = theme(session.settings.theme, global.color, outside);
    crossterm::style::force_color_output(true);
    terminal::restore_on_panic();
    let panic_after_start = cfg!(debug_assertions) && outside.variable(PANIC).is_some();
    let dashboard = || dashboard(session, (state, cache), (&books, theme), panic_after_start);
    let outcome = std::panic::catch_unwind(AssertUnwindSafe(|| block_on(left(dashboard))));
    let ended = outcome.unwrap_or_else(|_| Err(Ended::internal("that was a bug in keyfleet: please report it")));
    let last_words = books.last_words();
    match ended {
        Ok(ended) if ended.words.is_none() => Ok(ended.saying(last_words)),
        other => other,
    }
}

async fn left(dashboard: impl FnOnce() -> std::io::Result<Dashboard>) -> Result<Ended, Ended> {
    let lost = |error: std::io::Error| Ended::environment(&format!("the terminal: {error}"));
    let left = dashboard().map_err(lost)?.run().await.map_err(lost)?;
    Ok(match left {
        Left::Quit => Ended::done(),
        Left::Signal(signal) => Ended::signal(signal),
        Left::Lost => Ended::with(129),
    })
}

/// Puts the pieces together, inside the runtime that they live in.
fn dashboard(
    session: Session,
    (state, cache): (StateDir, Option<Cache>),
    (books, theme): (&Books, Theme),
    panic_after_start: bool,
) -> std::io::Result<Dashboard> {
    let (width, height) = crossterm::terminal::size()?;
    let clock = session.clock;
    let settings = app::Settings {
        keymap: session.settings.keymap.clone(),
        starts_unlocked: session.settings.starts_unlocked,
        filter: session.settings.filter.clone(),
        tuning: session.settings.tuning.clone(),
        formats: Formats { key_json, markdown, loss },
        width,
        height,
    };
    let mut engine = Engine::new(session.settings.engine.clone());
    engine.read_deep(session.settings.deep_needed());
    let mut model = Model::new(settings, engine, clock.now());
    if let Some(cache) = &cache {
        cache::show(cache, &mut model);
    }
    let tasks = Tasks::new(clock, session.setup(), books.recorder());
    Ok(Dashboard {
        model,
        tasks,
        clock,
        theme,
        journals: Arc::new(move || recorder::load(&state)),
        left_open: books.finder(),
        keeper: cache.map(|cache| cache::keeper(cache, clock)),
        panic_after_start,
        _keeps: Box::new(session),
    })
}

fn needs_terminal(outside: &Outside) -> Result<(), Ended> {
    let hint = "use `keyfleet list` where there is none";
    if !outside.stdin_is_terminal || !outside.stdout_is_terminal {
        let which = if outside.stdin_is_terminal { "stdout" } else { "stdin" };
        return Err(Ended::environment(&format!("the dashboard needs a terminal, and {which} is not one\n{hint}")));
    }
    if outside.variable("TERM") == Some("dumb") {
        return Err(Ended::environment(&format!("TERM=dumb: this terminal cannot show the dashboard\n{hint}")));
    }
    Ok(())
}

fn theme(configured: config::Theme, color: Color, outside: &Outside) -> Theme {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(|name| outside.variable(name));
    // Without a locale most terminals of today are UTF-8 all the same; only one that says otherwise is believed.
    let is_utf8 = locale.is_none_or(|locale| {
        let locale = locale.to_ascii_lowercase();
        locale.contains("utf-8")
            || locale.contains("utf8")
            || !locale.contains('.') && locale != "c" && locale != "posix"
    });
    let no_color = match color {
        Color::Never => true,
        Color::Always => false,
        Color::Auto => outside.variable("NO_COLOR").is_some(),
    };
    let symbols = if is_utf8 { Symbols::Unicode } else { Symbols::Ascii };
    match configured {
        config::Theme::Auto => Theme::auto(no_color, is_utf8),
        config::Theme::Dark if !no_color => Theme::new(Palette::Dark, symbols),
        config::Theme::Dark | config::Theme::Monochrome => Theme::new(Palette::Monochrome, symbols),
    }
}

fn key_json(fleet: &Fleet, row: &Row) -> String {
    let entry = crate::wire::fleet::key_entry(fleet, row);
    crate::wire::json::to_string_pretty(&entry).unwrap_or_default()
}

fn loss(impact: &Impact, at: Timestamp) -> String {
    let report = ImpactReport { impact, taken_at: at, finished_at: at, accounts: &[], selection: None };
    crate::report::impact::markdown::render(&report)
}

fn markdown(fleet: &Fleet, rows: &[&Row]) -> String {
    let matched = rows.iter().map(|row| row.key.clone()).collect();
    let selection = Selection { matched, undecided: BTreeSet::new() };
    let at = Timestamp::from_millis(0);
    let report = FleetReport { fleet, taken_at: at, finished_at: at, accounts: &[], selection: Some(&selection) };
    crate::report::markdown::render(&report)
}
