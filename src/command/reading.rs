//! The one way in which a command reads the fleet once: to the end, with a line of progress where somebody looks.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::list::{accounts, no_identity};
use super::progress::Progress;
use super::session::Session;
use super::{Ended, Outside, recorder};
use crate::cli::Global;
use crate::config::Settings;
use crate::domain::fleet::Fleet;
use crate::domain::time::Timestamp;
use crate::engine::effect::ReadOperation;
use crate::engine::evidence::RequestIds;
use crate::engine::traffic::usd;
use crate::engine::{Deep, Engine};
use crate::runtime::headless::{Drive, End};
use crate::runtime::signals::Signals;
use crate::runtime::tasks::Tasks;
use crate::state::private::shown;
use crate::wire::findings::Requests;
use crate::wire::fleet::{AccountOf, FleetReport, Restored, Selection};

/// What a report needs beyond the listings and descriptions, and beyond what rules and filter ask for.
#[derive(Clone, Debug, Default)]
pub(super) struct Wanted {
    pub(super) deep: Vec<Deep>,
    pub(super) request_ids: bool,
}

/// A fleet that has been read once.
pub(super) struct ReadFleet {
    pub(super) fleet: Fleet,
    pub(super) accounts: Vec<AccountOf>,
    pub(super) taken_at: Timestamp,
    pub(super) finished_at: Timestamp,
    /// By their questions, what AWS calls the requests; empty unless they were wanted.
    pub(super) request_ids: RequestIds,
    /// What was asked of AWS.
    pub(super) requests: Requests,
    pub(super) session: Session,
    /// A reading died of a bug in keyfleet.
    pub(super) has_panicked: bool,
    /// How old the snapshot is that this comes from; none if it was read just now.
    pub(super) snapshot_age: Option<Duration>,
}

impl ReadFleet {
    pub(super) fn settings(&self) -> &Settings {
        &self.session.settings
    }

    pub(super) fn report<'a>(&'a self, selection: Option<&'a Selection>) -> FleetReport<'a> {
        FleetReport {
            fleet: &self.fleet,
            taken_at: self.taken_at,
            finished_at: self.finished_at,
            accounts: &self.accounts,
            selection,
        }
    }

    /// A filter that takes no key is rather a slip than a question, and silence would read as a pass. Nothing is wrong with one of a fleet that was not read whole.
    pub(super) fn takes_a_key(&self, selection: Option<&Selection>, done: &str) -> Result<bool, Ended> {
        let takes_one = |selection: &Selection| !selection.matched.is_empty() || !selection.undecided.is_empty();
        if selection.is_none_or(takes_one) {
            return Ok(true);
        }
        if self.fleet.is_complete() {
            let words = format!("--filter: the filter takes no key: nothing was {done}");
            return Err(Ended::usage(&format!("{words}\ncorrect it; `keyfleet list --filter` shows what one takes")));
        }
        super::say(&format!("note: the filter takes no key that was read, and not everything was: nothing was {done}"));
        Ok(false)
    }

    /// A reading that died of a bug ends the run as one, after the report.
    pub(super) fn ended(&self, code: u8) -> Result<Ended, Ended> {
        if self.has_panicked {
            return Err(Ended::internal("a reading died of a bug in keyfleet: what it was for is shown as unknown"));
        }
        Ok(Ended::with(code))
    }
}

/// Starts a session and reads the fleet with it. `wanted` may depend on the settings.
pub(super) async fn read(
    global: &Global,
    outside: &Outside,
    wanted: impl FnOnce(&Settings) -> Wanted,
) -> Result<ReadFleet, Ended> {
    let session = Session::open(global, outside, false)?;
    for notice in &session.settings.notices {
        super::say(&format!("note: {notice}"));
    }
    if let Some(file) = &global.snapshot {
        return restored(session, file);
    }
    let wanted = wanted(&session.settings);
    read_with(session, &wanted, outside.stderr_is_terminal).await
}

/// What a snapshot tells, as if it had been read now. Its Regions and readings are those that it was taken with.
fn restored(session: Session, file: &Path) -> Result<ReadFleet, Ended> {
    let Restored { mut fleet, accounts, taken_at, finished_at, request_ids } = super::snapshot::open(file)?;
    fleet.expect(Arc::clone(&session.settings.engine.rules));
    super::say(&format!("note: nobody was asked; {} is of {}", shown(file), finished_at.minute()));
    let requests = Requests::default();
    let snapshot_age = Some(session.clock.now().wall.since(finished_at));
    let has_panicked = false;
    Ok(ReadFleet { fleet, accounts, taken_at, finished_at, request_ids, requests, session, has_panicked, snapshot_age })
}

async fn read_with(session: Session, wanted: &Wanted, shows_progress: bool) -> Result<ReadFleet, Ended> {
    let clock = session.clock;
    let taken_at = clock.now().wall;
    let mut engine = Engine::new(session.settings.engine.clone());
    engine.read_deep(wanted.deep.iter().copied().chain(session.settings.deep_needed()));
    if wanted.request_ids {
        engine.keep_request_ids();
    }
    let mut tasks = Tasks::new(clock, session.setup(), recorder::refuses_everything());
    let mut signals = Signals::take().map_err(|error| Ended::environment(&error.to_string()))?;
    let mut progress = Progress::new(shows_progress);
    let mut drive = Drive::new(&mut engine, &mut tasks, (&clock, &mut signals));
    let end = drive.read_once(|engine| progress.show(engine, clock.now())).await;
    progress.clear();
    if let End::Signal(signal) = end {
        return Err(Ended::signal(signal));
    }
    if let Some(error) = no_identity(&engine) {
        return Err(error);
    }
    let accounts = accounts(&engine);
    let requests = requests(&engine);
    let (fleet, request_ids) = engine.into_fleet();
    let (finished_at, has_panicked) = (clock.now().wall, tasks.panics() > 0);
    Ok(ReadFleet {
        fleet,
        accounts,
        taken_at,
        finished_at,
        request_ids,
        requests,
        session,
        has_panicked,
        snapshot_age: None,
    })
}

/// What was sent, by operation, retries included. KMS asks money for each of its own.
fn requests(engine: &Engine) -> Requests {
    let mut by_operation: BTreeMap<ReadOperation, u64> = BTreeMap::new();
    for (place, _) in engine.fleet().places() {
        for (operation, sent) in engine.traffic(place).by_operation {
            *by_operation.entry(operation).or_default() += sent;
        }
    }
    let of_kms = by_operation.iter().filter(|(operation, _)| **operation != ReadOperation::GetCallerIdentity);
    let usd = usd(of_kms.map(|(_, sent)| sent).sum());
    Requests { by_operation: by_operation.into_iter().map(|(operation, sent)| (operation.name(), sent)).collect(), usd }
}
