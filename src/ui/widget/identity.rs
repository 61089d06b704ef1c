//! The first line of every screen: whose keys these are, who is looking, whether anything can be changed, and how old the knowledge is. Never scrolls away.

use std::time::Duration;

use ratatui::layout::Rect;

use crate::app::lock::WriteLock;
use crate::domain::fleet::Fleet;
use crate::domain::fleet::presence::RegionStatus;
use crate::domain::id::Login;
use crate::domain::plan::Identity;
use crate::domain::reading::Reading;
use crate::domain::text::{Foreign, Safe, safe};
use crate::domain::time::{Now, Timestamp, age, stopwatch};
use crate::engine::settings::{EndpointOrigin, Settings};
use crate::engine::{Engine, Session};
use crate::ui::canvas::Canvas;
use crate::ui::line::Line;
use crate::ui::theme::Tone;

/// What the line speaks of.
pub(crate) struct Subject<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) login: Login,
    pub(crate) lock: &'a WriteLock,
    /// The key that locks and unlocks, as bound in this run.
    pub(crate) unlock_key: String,
    /// When the former run ended whose keys are shown.
    pub(crate) last_seen: Option<Timestamp>,
}

/// Draws the line. The lock and the age stand at the right end and are never pushed off it.
pub(crate) fn draw(canvas: &mut Canvas<'_>, area: Rect, subject: &Subject<'_>, now: Now) {
    let is_wide = area.width >= 140;
    let left = identity(subject, is_wide, now);
    let mut right = lock(subject, area.width >= 60, now);
    right.push("  ", Tone::Plain);
    right.append(freshness(subject, is_wide, now));
    canvas.ends(area, &left, &right);
}

fn identity(subject: &Subject<'_>, is_wide: bool, now: Now) -> Line {
    let mut line = Line::of(" ", Tone::Plain);
    match subject.engine.session(subject.login) {
        None => line.push("starting", Tone::Moving),
        Some(Session::Connecting { since }) => {
            let waited = stopwatch(now.wall.since(*since));
            line.push(safe!("looking for credentials  {waited}"), Tone::Moving);
        }
        Some(Session::Failed(error)) => line.push(safe!("NO IDENTITY: {}", error.what), Tone::Loud),
        Some(Session::Open { identity }) => line.append(known(subject, identity, is_wide)),
    }
    if let Some(profile) = profile(subject.engine.settings(), subject.login) {
        let name = if is_wide { safe!("   profile {}", profile.safe()) } else { safe!("  {}", profile.safe()) };
        line.push(name, Tone::Quiet);
    }
    line.append(endpoint(subject.engine, subject.login, is_wide));
    line
}

fn known(subject: &Subject<'_>, identity: &Reading<Identity>, is_wide: bool) -> Line {
    let Some(known) = identity.value() else {
        return match identity.failure() {
            Some(why) => Line::of(safe!("identity unknown: {}", why.kind.words()), Tone::Warning),
            None => Line::of("asking STS who this is", Tone::Moving),
        };
    };
    let settings = subject.engine.settings();
    let mut line = Line::new();
    if let Some(name) = settings.account_names.get(&known.account) {
        line.push(safe!("{} ", name.safe()), Tone::Strong);
    }
    line.push(safe!("{}", known.account), Tone::Strong);
    if settings.protected_accounts.contains(&known.account) {
        line.push(" ", Tone::Plain);
        line.push("PROTECTED", Tone::Warning);
    }
    let caller = if is_wide { known.caller_arn.safe() } else { short_caller(&known.caller_arn) };
    line.with(safe!("  {caller}"), Tone::Plain)
}

/// `KmsOps/maria` of `arn:aws:sts::111122223333:assumed-role/KmsOps/maria`; an ARN that is built otherwise is shown whole.
pub(crate) fn short_caller(arn: &Foreign) -> Safe {
    let shown = arn.safe();
    let resource = shown.as_str().splitn(6, ':').nth(5);
    match resource.and_then(|resource| resource.split_once('/')) {
        Some((_, name)) if !name.is_empty() => safe!("{name}"),
        Some(_) | None => safe!("{}", resource.unwrap_or(shown.as_str())),
    }
}

fn profile(settings: &Settings, login: Login) -> Option<&Foreign> {
    settings.logins.iter().find(|(other, _)| *other == login).and_then(|(_, profile)| profile.as_ref())
}

fn endpoint(engine: &Engine, login: Login, is_wide: bool) -> Line {
    let place = engine.fleet().places().find(|(place, _)| place.login == login).map(|(place, _)| &place.region);
    let Some((address, origin)) = place.and_then(|region| engine.endpoint(region)) else { return Line::new() };
    let refuses = origin == EndpointOrigin::Environment;
    let (words, tone) = match (refuses, is_wide) {
        (true, true) => ("ENDPOINT FROM THE ENVIRONMENT, changes refused:", Tone::Loud),
        (true, false) => ("ENDPOINT FROM ENV", Tone::Loud),
        (false, true) => ("not AWS:", Tone::Warning),
        (false, false) => ("not AWS", Tone::Warning),
    };
    let mut line = Line::of("  ", Tone::Plain).with(words, tone);
    if is_wide {
        line.push(safe!(" {}", address.safe()), tone);
    }
    line
}

fn lock(subject: &Subject<'_>, has_room: bool, now: Now) -> Line {
    let key = &subject.unlock_key;
    match subject.lock {
        WriteLock::ReadOnly(_) => Line::of("READ-ONLY", Tone::Strong),
        WriteLock::Locked if key.is_empty() || !has_room => Line::of("LOCKED", Tone::Strong),
        WriteLock::Locked => Line::of("LOCKED", Tone::Strong).with(safe!("  {key}=unlock"), Tone::Quiet),
        WriteLock::Unlocked { .. } => {
            let left = subject.lock.left(now).map(|left| safe!(" {}", stopwatch(left))).unwrap_or_default();
            Line::of(safe!(" UNLOCKED{left} "), Tone::Loud)
        }
    }
}

/// The age of the oldest listing on screen: knowledge is as old as its oldest part.
fn freshness(subject: &Subject<'_>, is_wide: bool, now: Now) -> Line {
    if let Some(at) = subject.last_seen {
        return Line::of(safe!("last seen {} ago ", age(now.wall.since(at))), Tone::Warning);
    }
    let engine = subject.engine;
    let Some(oldest) = oldest_listing(engine.fleet(), subject.login) else {
        return Line::of("no data yet ", Tone::Quiet);
    };
    let since = now.wall.since(oldest);
    let refresh = engine.settings().refresh;
    let is_old = refresh.is_some_and(|refresh| since > refresh.saturating_mul(2));
    let tone = if is_old { Tone::Warning } else { Tone::Quiet };
    let line = if is_wide { safe!("data {}", age(since)) } else { safe!("{} ago ", age(since)) };
    if is_wide { Line::of(line, tone).with(every(refresh), Tone::Quiet) } else { Line::of(line, tone) }
}

fn every(refresh: Option<Duration>) -> Safe {
    match refresh {
        Some(refresh) => safe!(", every {}s ", refresh.as_secs()),
        None => Safe::from_static(", refresh off "),
    }
}

fn oldest_listing(fleet: &Fleet, login: Login) -> Option<Timestamp> {
    let listed_at = |status| match status {
        RegionStatus::Loaded { at, .. } => Some(at),
        RegionStatus::Failed { last, .. } => last,
        RegionStatus::Waiting | RegionStatus::Loading { .. } | RegionStatus::Partial { .. } => None,
    };
    fleet.places().filter(|(place, _)| place.login == login).filter_map(|(_, facts)| listed_at(facts.status())).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(arn: &str, expected: &str) {
        assert_eq!(short_caller(&Foreign::new(arn)).as_str(), expected);
    }

    #[test]
    fn callers_are_shortened_only_where_nothing_is_lost() {
        check("arn:aws:sts::111122223333:assumed-role/KmsOps/maria", "KmsOps/maria");
        check("arn:aws:iam::111122223333:user/maria", "maria");
        check("arn:aws:iam::111122223333:root", "root");
        check("strange", "strange");
    }
}
