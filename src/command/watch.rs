//! `keyfleet list --watch`: what changes in the fleet, a line each, until interrupted.
//!
//! The first reading is the base and is not printed. Whoever stops listening ends it without a word.

use std::fmt::Write as _;
use std::ops::ControlFlow;

use super::list::{accounts, no_identity};
use super::progress::Progress;
use super::session::Session;
use super::{Ended, Outside, block_on, write_out};
use crate::cli::Global;
use crate::domain::fleet::KeyRef;
use crate::domain::fleet::changes::{Change, Watch};
use crate::domain::fleet::presence::RegionStatus;
use crate::domain::time::Now;
use crate::engine::Engine;
use crate::engine::effect::Effect;
use crate::runtime::headless::{Drive, End};
use crate::runtime::signals::Signals;
use crate::runtime::tasks::Tasks;
use crate::wire::event::event;
use crate::wire::json;

/// Up to this many keys are described at every refresh, as if they were on a screen; more of them every fifteen minutes.
const AS_ON_SCREEN: usize = 500;

pub(crate) fn run(global: &Global, outside: &Outside) -> Result<Ended, Ended> {
    let session = Session::open(global, outside, true)?;
    if session.settings.engine.refresh.is_none() {
        return Err(Ended::usage(
            "--watch: nothing is read again while refresh is \"off\"\nfor example refresh = \"60s\"",
        ));
    }
    for notice in &session.settings.notices {
        super::say(&format!("note: {notice}"));
    }
    block_on(watch(session, outside.stderr_is_terminal))
}

async fn watch(session: Session, shows_progress: bool) -> Result<Ended, Ended> {
    let clock = session.clock;
    let mut engine = Engine::new(session.settings.engine.clone());
    engine.read_deep(session.settings.deep_needed());
    let mut tasks = Tasks::new(clock, session.setup(), super::recorder::refuses_everything());
    let mut signals = Signals::take().map_err(|error| Ended::environment(&error.to_string()))?;
    let mut progress = Progress::new(shows_progress);
    let mut drive = Drive::new(&mut engine, &mut tasks, (&clock, &mut signals));
    let end = drive.read_once(|engine| progress.show(engine, clock.now())).await;
    progress.clear();
    if let End::Signal(signal) = end {
        return Err(Ended::signal(signal));
    }
    if let Some(error) = no_identity(drive.engine()) {
        return Err(error);
    }
    super::say(&base(drive.engine()));
    let mut watch = Watch::new(session.settings.filter.clone());
    match drive.follow(|engine, now| look(&mut watch, engine, now)).await {
        Ok(ended) => Err(ended),
        Err(signal) => Err(Ended::signal(signal)),
    }
}

/// Prints what is different, and says which keys are to be read as often as if somebody looked at them.
fn look(watch: &mut Watch, engine: &mut Engine, now: Now) -> ControlFlow<Ended, Vec<Effect>> {
    let touched = engine.take_touched();
    let changes = watch.look(engine.fleet(), touched, now.wall);
    if let Err(ended) = print(&changes, engine) {
        return ControlFlow::Break(ended);
    }
    let wanted: Vec<KeyRef> = watch.wanted().take(AS_ON_SCREEN + 1).cloned().collect();
    let on_screen = if wanted.len() > AS_ON_SCREEN { &[] } else { wanted.as_slice() };
    ControlFlow::Continue(engine.watch(now, on_screen))
}

fn print(changes: &[Change], engine: &Engine) -> Result<(), Ended> {
    if changes.is_empty() {
        return Ok(());
    }
    let accounts = accounts(engine);
    let mut lines = String::new();
    for change in changes {
        let account = accounts.iter().find(|of| of.login == change.login).map(|of| of.account);
        let line = json::to_string(&event(change, account));
        let line = line.map_err(|error| Ended::internal(&format!("an event cannot be written: {error}")))?;
        let _infallible = writeln!(lines, "{line}");
    }
    write_out(&lines).map(|_| ())
}

/// What the changes are counted from.
fn base(engine: &Engine) -> String {
    let fleet = engine.fleet();
    let in_scope: Vec<bool> = fleet
        .places()
        .filter(|(place, _)| fleet.is_region_in_scope(place))
        .map(|(_, facts)| matches!(facts.status(), RegionStatus::Loaded { .. }))
        .collect();
    let read = in_scope.iter().filter(|is_loaded| **is_loaded).count();
    format!("watching {} keys, {read} of {} Regions read; changes follow", fleet.keys().len(), in_scope.len())
}
