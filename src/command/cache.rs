//! The dashboard's memory of the last run: where it is kept, whether it is worth keeping, and what of it can be shown.

use super::list::accounts;
use super::session::Session;
use crate::app::Model;
use crate::app::message::Message;
use crate::cli::Global;
use crate::domain::fleet::Fleet;
use crate::domain::fleet::presence::RegionStatus;
use crate::domain::id::Login;
use crate::domain::reading::ReasonKind;
use crate::domain::text::{Foreign, safe};
use crate::engine::Engine;
use crate::report::json;
use crate::runtime::clock::Clock;
use crate::runtime::dashboard::Keeper;
use crate::state::cache::Cache;
use crate::wire::fleet::{FleetReport, recall};

/// The file of this run's login, unless nothing is to be kept.
pub(super) fn of(global: &Global, session: &Session) -> Option<Cache> {
    if global.demo || global.no_cache {
        return None;
    }
    let directories = directories::ProjectDirs::from("", "", "keyfleet")?;
    let engine = &session.settings.engine;
    let login = format!("{:?} {:?}", profile(&engine.logins), engine.endpoints);
    Some(Cache::of(directories.cache_dir(), &login))
}

/// Shows what was kept, or says why not.
pub(super) fn show(cache: &Cache, model: &mut Model) {
    let profile = profile(&model.engine().settings().logins).cloned();
    let read = |bytes: Vec<u8>| recall(&bytes, Login(0), profile.as_ref());
    match cache.read().and_then(|kept| kept.map(read).transpose()) {
        Ok(None) => {}
        Ok(Some(last_seen)) => model.recall(last_seen),
        Err(why) => model.cannot_recall(&why),
    }
}

/// Keeps the fleet after the first scan and at the end.
pub(super) fn keeper(cache: Cache, clock: Clock) -> Keeper {
    Box::new(move |engine: &Engine| {
        let accounts = accounts(engine);
        if accounts.len() != 1 || !is_worth_keeping(engine) {
            return None;
        }
        let (cache, fleet, at) = (cache.clone(), engine.fleet().clone(), clock.now().wall);
        Some(Box::new(move || {
            let report =
                FleetReport { fleet: &fleet, taken_at: at, finished_at: at, accounts: &accounts, selection: None };
            let document: Result<String, _> = json::pieces(&report).collect();
            match document.map_or(Ok(()), |document| cache.write(document.as_bytes())) {
                Ok(()) => Message::Tick,
                Err(why) => Message::CouldNot(safe!("this fleet is not kept for the next start: {why}")),
            }
        }))
    })
}

/// A Region that happens not to answer must not take what was last known of it out of the file; one that refuses us has nothing in it.
fn is_worth_keeping(engine: &Engine) -> bool {
    let fleet: &Fleet = engine.fleet();
    let is_answered = |status: RegionStatus| match status {
        RegionStatus::Loaded { .. } => true,
        RegionStatus::Failed { why, .. } => {
            matches!(why.kind, ReasonKind::Denied | ReasonKind::DeniedByKeyPolicy | ReasonKind::NotEnabled)
        }
        RegionStatus::Waiting | RegionStatus::Loading { .. } | RegionStatus::Partial { .. } => false,
    };
    engine.first_scan_is_over() && fleet.places().all(|(_, facts)| is_answered(facts.status()))
}

fn profile(logins: &[(Login, Option<Foreign>)]) -> Option<&Foreign> {
    logins.first().and_then(|(_, profile)| profile.as_ref())
}
