//! The dashboard's memory of the last run: where it is kept, whether it is worth keeping, and what of it can be shown.

use super::list::accounts;
use super::reading::ReadFleet;
use super::session::Session;
use crate::app::Model;
use crate::app::message::Message;
use crate::cli::Global;
use crate::domain::fleet::Fleet;
use crate::domain::fleet::last_seen::LastSeen;
use crate::domain::fleet::presence::RegionStatus;
use crate::domain::id::{Login, Place, Region};
use crate::domain::reading::ReasonKind;
use crate::domain::text::{Foreign, Safe, safe};
use crate::engine::Engine;
use crate::report::json;
use crate::runtime::clock::Clock;
use crate::runtime::dashboard::Keeper;
use crate::state::cache::Cache;
use crate::wire::fleet::{AccountOf, FleetReport, recall};

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
    match recalled(cache, profile.as_ref()) {
        Ok(None) => {}
        Ok(Some(last_seen)) => model.recall(last_seen),
        Err(why) => model.cannot_recall(&why),
    }
}

/// The fleet that was kept, for a report of this run's account. What is another's is not used.
pub(super) fn last_seen(global: &Global, read: &ReadFleet) -> Result<Option<LastSeen>, Safe> {
    let Some(cache) = of(global, &read.session) else { return Ok(None) };
    let last_seen = recalled(&cache, profile(&read.settings().engine.logins))?;
    let is_ours = |last: &LastSeen| read.accounts.iter().any(|of| (of.login, of.account) == (last.login, last.account));
    Ok(last_seen.filter(is_ours))
}

fn recalled(cache: &Cache, profile: Option<&Foreign>) -> Result<Option<LastSeen>, Safe> {
    let kept = cache.read()?;
    kept.map(|bytes| recall(&bytes, Login(0), profile)).transpose()
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
            if accounts.first().is_some_and(|account| would_lose(&cache, &fleet, account)) {
                return Message::Tick;
            }
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

/// A Region that happens not to answer is read again, and a later fleet is kept. One that refuses us will go on so: see [`would_lose`].
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

/// Whether the file knows members in a Region that cannot be read now. They would be gone from it, and with them the last that was known there, so that the
/// former fleet stays: each of its members says when it was read.
fn would_lose(cache: &Cache, fleet: &Fleet, account: &AccountOf) -> bool {
    let is_unreadable = |region: &Region| {
        let facts = fleet.region(&Place::new(account.login, region.clone()));
        facts.is_some_and(|facts| matches!(facts.status(), RegionStatus::Failed { .. }))
    };
    if !fleet.places().any(|(place, _)| is_unreadable(&place.region)) {
        return false;
    }
    // A file that cannot be used holds nothing that could be lost.
    let Ok(Some(bytes)) = cache.read() else { return false };
    let Ok(former) = recall(&bytes, account.login, account.profile.as_ref()) else { return false };
    let mut members = former.fleet().keys().flat_map(|(_, entry)| entry.members.keys());
    former.account == account.account && members.any(is_unreadable)
}

fn profile(logins: &[(Login, Option<Foreign>)]) -> Option<&Foreign> {
    logins.first().and_then(|(_, profile)| profile.as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::tests::world::{Drive, Trouble, World, member, region, settings};

    const ID: &str = "mrk-00000000000000000000000000000001";
    const REGIONS: [&str; 3] = ["us-east-1", "eu-west-1", "us-west-2"];

    /// One run from its start to its end, with a Region that may be in trouble and a replica that may be new.
    fn run(cache: &Cache, trouble: Trouble, at: &str, replicas: &[&str]) {
        let mut world = World::new();
        for at in replicas.iter().chain(&["us-east-1"]) {
            world.hold(member(ID, at, "us-east-1", replicas));
        }
        world.trouble.insert(region(at), trouble);
        let mut drive = Drive::start(settings(&REGIONS, false), world, 11);
        drive.scan();
        drive.drain();
        let keep = keeper(cache.clone(), Clock::start())(&drive.engine).expect("it is worth keeping");
        assert!(matches!(keep(), Message::Tick));
    }

    fn check(cache: &Cache, expected: &[&str]) {
        let bytes = cache.read().unwrap().expect("something was kept");
        let last_seen = recall(&bytes, Login(0), None).unwrap();
        let members = last_seen.fleet().keys().flat_map(|(_, entry)| entry.members.keys());
        assert_eq!(members.map(Region::as_str).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn what_was_known_of_a_region_outlives_a_run_that_is_refused_there() {
        let directory = tempfile::tempdir().unwrap();
        let cache = Cache::of(&directory.path().join("keyfleet"), "prod");
        run(&cache, Trouble::Denied, "us-west-2", &["eu-west-1"]);
        check(&cache, &["eu-west-1", "us-east-1"]);
        for trouble in [Trouble::Denied, Trouble::ListDenied, Trouble::NotEnabled] {
            run(&cache, trouble, "eu-west-1", &["eu-west-1"]);
            check(&cache, &["eu-west-1", "us-east-1"]);
        }
        // A Region of which nothing was known keeps nothing back, and a fleet that is read whole is kept again.
        run(&cache, Trouble::NotEnabled, "us-west-2", &[]);
        check(&cache, &["us-east-1"]);
        run(&cache, Trouble::None, "us-west-2", &["eu-west-1", "us-west-2"]);
        check(&cache, &["eu-west-1", "us-east-1", "us-west-2"]);
    }
}
