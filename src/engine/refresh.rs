//! What is done without being asked by an answer: refreshing, following keys that move, asking the next STS, waking up.

mod rhythm;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::changes::Ask;
use super::effect::{Effect, ReadRequest};
use super::evidence::Again;
use super::loader::{Job, Priority};
use super::settings::Settings;
use super::{Deep, Engine, Session};
use crate::domain::fleet::presence::agrees;
use crate::domain::fleet::{KeyRef, MultiRegionKey, RegionFacts};
use crate::domain::id::{KeyArn, Login, Place, Region};
use crate::domain::reading::Reading;
use crate::domain::time::Now;
use rhythm::Rhythm;

/// Keys that nobody looks at are described again this often.
const OFF_SCREEN: Duration = Duration::from_mins(15);
/// Regions that are not enabled are asked again this often, where nobody named them.
const NOT_ENABLED: Duration = Duration::from_mins(10);
/// Without an answer for this long, another Region's STS is asked too.
const STS_PATIENCE: Duration = Duration::from_secs(1);
/// A login without credentials is tried again this often.
const CONNECT_AGAIN: Duration = Duration::from_secs(30);
/// A key that moves is read after 1, 2, 4 … and then every ten seconds, without end.
const LONGEST_FOLLOW: u64 = 10;

/// The times at which something is due.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(super) struct Timers {
    refresh_at: Option<Duration>,
    everything_at: Option<Duration>,
    not_enabled_at: Option<Duration>,
    rhythm: Rhythm,
    /// The Regions whose STS can still be asked, last first.
    sts: BTreeMap<Login, (Vec<Region>, Duration)>,
    /// Logins that failed, and when they are tried again.
    connect: BTreeMap<Login, Duration>,
    moving: BTreeMap<KeyRef, (Duration, u32)>,
    visible: BTreeSet<KeyRef>,
    woken_at: Option<Duration>,
}

impl Timers {
    pub(super) fn begin(&mut self, now: Now, settings: &Settings) {
        if let Some(refresh) = settings.refresh.filter(|_| settings.live) {
            if self.refresh_at.is_none() {
                self.rhythm.begin(now, refresh);
            }
            self.refresh_at.get_or_insert(now.monotonic + refresh);
            self.not_enabled_at.get_or_insert(now.monotonic + NOT_ENABLED);
            self.everything_at.get_or_insert(now.monotonic + OFF_SCREEN.max(refresh));
        }
    }

    pub(super) fn identify(&mut self, now: Now, login: Login, mut regions: Vec<Region>) {
        regions.reverse();
        self.sts.insert(login, (regions, now.monotonic));
    }

    /// A login that failed is tried again while somebody watches: signing in elsewhere is all that it needs.
    pub(super) fn connect_again(&mut self, now: Now, login: Login, settings: &Settings) {
        if settings.live {
            self.connect.insert(login, now.monotonic + CONNECT_AGAIN);
        }
    }

    pub(super) fn identified(&mut self, login: Login) {
        self.sts.remove(&login);
    }

    /// The keys on screen.
    pub(super) fn visible(&self) -> impl Iterator<Item = &KeyRef> {
        self.visible.iter()
    }

    pub(super) fn is_visible(&self, key: &KeyRef) -> bool {
        self.visible.contains(key)
    }

    fn next_deadline(&self) -> Option<Duration> {
        let sts = self.sts.values().filter(|(regions, _)| !regions.is_empty()).map(|(_, at)| *at);
        let moving = self.moving.values().map(|(at, _)| *at);
        let again = [self.refresh_at, self.everything_at, self.not_enabled_at];
        sts.chain(moving).chain(self.connect.values().copied()).chain(again.into_iter().flatten()).min()
    }
}

impl Engine {
    /// Reads one key again, everywhere it is in scope.
    pub(crate) fn refresh_key(&mut self, now: Now, key: &KeyRef) -> Vec<Effect> {
        self.describe_everywhere(key, Priority::Visible);
        self.read_deep_again(key);
        self.pump(now)
    }

    /// Asks again for what was read of a key's members beyond their descriptions.
    fn read_deep_again(&mut self, key: &KeyRef) {
        let Some(entry) = self.fleet.key(key) else { return };
        let mut wanted: Vec<(Region, ReadRequest)> = Vec::new();
        for (region, member) in &entry.members {
            let arn = &member.arn;
            if member.policy != Reading::NotAsked {
                wanted.push((region.clone(), ReadRequest::GetKeyPolicy { arn: arn.clone() }));
            }
            if member.tags != Reading::NotAsked {
                wanted.push((region.clone(), ReadRequest::ListResourceTags { arn: arn.clone(), marker: None }));
            }
            if member.rotation != Reading::NotAsked {
                wanted.push((region.clone(), ReadRequest::GetKeyRotationStatus { arn: arn.clone() }));
            }
        }
        for (region, request) in wanted {
            self.loader.ask(&key.place(&region), Job::new(request, Priority::Visible));
        }
    }

    /// Reads every Region again. A Region whose scan is running is not started over.
    pub(crate) fn refresh_all(&mut self, now: Now) -> Vec<Effect> {
        self.sweeps_begin_anew();
        let effects = self.connect_again(now, true);
        self.identify_where_unknown(now);
        let places: Vec<Place> = self.fleet.places().map(|(place, _)| place.clone()).collect();
        for place in &places {
            self.list(place);
        }
        self.describe_all();
        self.read_deep_anew(now, None, Again::Everything);
        effects.into_iter().chain(self.pump(now)).collect()
    }

    /// Tries the logins that failed: those that are due, or all of them.
    fn connect_again(&mut self, now: Now, all: bool) -> Vec<Effect> {
        let due = |at: &Duration| all || *at <= now.monotonic;
        let logins: Vec<Login> =
            self.timers.connect.iter().filter(|(_, at)| due(at)).map(|(login, _)| *login).collect();
        logins
            .into_iter()
            .map(|login| {
                self.timers.connect.remove(&login);
                Effect::Connect { login }
            })
            .collect()
    }

    /// Asks every STS again who a login is, if none has said so yet.
    pub(super) fn identify_if_unknown(&mut self, now: Now, login: Login) {
        let is_unknown =
            matches!(self.sessions.get(&login), Some(Session::Open { identity }) if identity.value().is_none());
        let is_asking = self.timers.sts.get(&login).is_some_and(|(regions, _)| !regions.is_empty());
        let regions = self.fleet.scope(login).map(|scope| scope.regions.iter().cloned().collect::<Vec<Region>>());
        if let Some(regions) = regions.filter(|_| is_unknown && !is_asking) {
            self.timers.identify(now, login, regions);
            self.ask_identity(now);
        }
    }

    fn identify_where_unknown(&mut self, now: Now) {
        let logins: Vec<Login> = self.sessions.keys().copied().collect();
        for login in logins {
            self.identify_if_unknown(now, login);
        }
    }

    /// Tells which keys are on screen: they are read first, and again every `refresh`.
    pub(crate) fn watch(&mut self, now: Now, visible: &[KeyRef]) -> Vec<Effect> {
        self.first_screen.begin();
        let same =
            self.timers.visible.len() == visible.len() && visible.iter().all(|key| self.timers.visible.contains(key));
        if same {
            return Vec::new();
        }
        self.timers.visible = visible.iter().cloned().collect();
        for key in visible {
            self.describe_unread(key);
        }
        self.pump(now)
    }

    /// Causes a reading that a screen needs, unless it is already there or asked for.
    pub(crate) fn want(&mut self, now: Now, key: &KeyRef, region: &Region, deep: Deep) -> Vec<Effect> {
        if self.want_reading(key, region, (deep, Priority::Visible)) { self.pump(now) } else { Vec::new() }
    }

    /// The same without sending anything yet. Says whether it is asked for because of this.
    pub(super) fn want_reading(&mut self, key: &KeyRef, region: &Region, (deep, priority): (Deep, Priority)) -> bool {
        let Some(member) = self.fleet.member_mut(key, region) else { return false };
        let arn = member.arn.clone();
        let (asked_for, request) = match deep {
            Deep::Policy => (member.policy != Reading::NotAsked, ReadRequest::GetKeyPolicy { arn }),
            Deep::Tags => (member.tags != Reading::NotAsked, ReadRequest::ListResourceTags { arn, marker: None }),
            Deep::Rotation => (member.rotation != Reading::NotAsked, ReadRequest::GetKeyRotationStatus { arn }),
        };
        // A Region that is down takes no question; the reading stays unasked, so that it is wanted again when it is back.
        if asked_for || !self.loader.ask(&key.place(region), Job::new(request, priority)) {
            return false;
        }
        if let Some(member) = self.fleet.member_mut(key, region) {
            match deep {
                Deep::Policy => member.policy.wait(),
                Deep::Tags => member.tags.wait(),
                Deep::Rotation => member.rotation.wait(),
            }
        }
        true
    }

    /// Everything that is due now.
    pub(super) fn tick(&mut self, now: Now) -> Vec<Ask> {
        let connecting = self.connect_again(now, false);
        self.ask_identity(now);
        self.refresh_if_due(now);
        self.read_moving(now);
        self.mark_stale(now);
        let mut asks = self.fail_regions(now);
        let asked = self.loader.next_number();
        asks.extend(self.changes.tick(now, asked));
        asks.extend(connecting.into_iter().map(Ask::Effect));
        asks
    }

    /// How often to refresh, if at all.
    fn refresh(&self) -> Option<Duration> {
        self.settings.refresh.filter(|_| self.settings.live)
    }

    /// The terminal got or lost the focus: while nobody looks, reading again is five times as rare.
    pub(crate) fn focus(&mut self, now: Now, is_focused: bool) -> Vec<Effect> {
        self.timers.rhythm.focus(is_focused);
        self.set_next_refresh(now)
    }

    /// A key was typed. Without one for fifteen minutes nobody is taken to look.
    pub(crate) fn typed(&mut self, now: Now) -> Vec<Effect> {
        self.timers.rhythm.typed(now);
        self.set_next_refresh(now)
    }

    fn set_next_refresh(&mut self, now: Now) -> Vec<Effect> {
        let Some(refresh) = self.refresh().filter(|_| self.timers.refresh_at.is_some()) else { return Vec::new() };
        let before = self.timers.refresh_at.replace(self.timers.rhythm.next(now, refresh));
        self.notice_sleep(now);
        if self.timers.refresh_at == before { Vec::new() } else { self.pump(now) }
    }

    /// After a sleep everything may be due at once. One refresh takes its place.
    pub(super) fn notice_sleep(&mut self, now: Now) {
        let Some(refresh) = self.refresh() else { return };
        if self.timers.rhythm.has_slept(now, refresh) && self.timers.refresh_at.is_some() {
            self.timers.refresh_at = Some(now.monotonic);
            self.timers.everything_at = Some(now.monotonic + OFF_SCREEN.max(refresh));
        }
    }

    fn refresh_if_due(&mut self, now: Now) {
        let Some(refresh) = self.refresh() else { return };
        let is_due = |at: Option<Duration>| at.is_some_and(|at| at <= now.monotonic);
        if is_due(self.timers.refresh_at) {
            self.timers.rhythm.refreshed(now, refresh);
            self.timers.refresh_at = Some(self.timers.rhythm.next(now, refresh));
            self.sweeps_begin_anew();
            self.identify_where_unknown(now);
            self.list_all(|is_dimmed| !is_dimmed);
            for key in self.timers.visible.clone() {
                self.describe_everywhere(&key, Priority::Visible);
            }
        }
        if is_due(self.timers.not_enabled_at) {
            self.timers.not_enabled_at = Some(now.monotonic + NOT_ENABLED);
            self.list_all(|is_dimmed| is_dimmed);
        }
        if is_due(self.timers.everything_at) {
            let period = self.timers.rhythm.period(now, OFF_SCREEN.max(refresh));
            self.timers.everything_at = Some(now.monotonic + period);
            self.describe_all();
            // A round takes a while: what was read late in the last one is still of this one, what was read early is not.
            self.read_deep_anew(now, None, Again::OlderThan(OFF_SCREEN.max(refresh) / 2));
        }
    }

    /// Wants the listings of the Regions that `wanted` takes; it is told whether the Region is not enabled and nobody named it.
    fn list_all(&mut self, wanted: impl Fn(bool) -> bool) {
        let is_dimmed = |place: &Place, facts: &RegionFacts| {
            facts.is_not_enabled() && self.fleet.scope(place.login).is_some_and(|scope| scope.auto)
        };
        let places = self.fleet.places().filter(|(place, facts)| wanted(is_dimmed(place, facts)));
        let places: Vec<Place> = places.map(|(place, _)| place.clone()).collect();
        for place in &places {
            self.list(place);
        }
    }

    fn describe_all(&mut self) {
        let keys: Vec<KeyRef> = self.fleet.keys().map(|(key, _)| key.clone()).collect();
        for key in keys {
            let priority = if self.timers.is_visible(&key) { Priority::Visible } else { Priority::Rest };
            self.describe_everywhere(&key, priority);
        }
    }

    /// Describes every member that is listed or has been described, and those that are named and could not be.
    fn describe_everywhere(&mut self, key: &KeyRef, priority: Priority) {
        let Some(entry) = self.fleet.key(key) else { return };
        let members: Vec<KeyArn> = entry
            .members
            .values()
            .filter(|member| {
                let is_named = || !entry.declared_by(&member.arn.region).is_empty();
                let is_there = member.listed.is_some() || member.described.value().is_some();
                is_there || member.described.failure().is_some() && is_named()
            })
            .map(|member| member.arn.clone())
            .collect();
        for arn in members {
            let place = key.place(&arn.region);
            self.loader.ask(&place, Job::new(ReadRequest::DescribeKey { arn }, priority));
        }
    }

    /// Moves what is still unread of a key to the front.
    fn describe_unread(&mut self, key: &KeyRef) {
        let Some(entry) = self.fleet.key(key) else { return };
        let unread: Vec<KeyArn> = entry
            .members
            .values()
            .filter(|member| member.listed.is_some())
            .filter(|member| matches!(member.described, Reading::NotAsked | Reading::Waiting))
            .map(|member| member.arn.clone())
            .collect();
        for arn in unread {
            let place = key.place(&arn.region);
            self.loader.ask(&place, Job::new(ReadRequest::DescribeKey { arn }, Priority::Visible));
        }
    }

    /// A key whose members are moving, or do not agree, is read until they have settled.
    pub(super) fn follow_if_moving(&mut self, now: Now, key: &KeyRef) {
        let is_moving = self.settings.live && self.fleet.key(key).is_some_and(moves);
        if !is_moving {
            self.timers.moving.remove(key);
        } else if !self.timers.moving.contains_key(key) {
            self.timers.moving.insert(key.clone(), (now.monotonic + Duration::from_secs(1), 1));
        }
    }

    fn read_moving(&mut self, now: Now) {
        let due: Vec<KeyRef> =
            self.timers.moving.iter().filter(|(_, (at, _))| *at <= now.monotonic).map(|(key, _)| key.clone()).collect();
        for key in due {
            self.describe_everywhere(&key, Priority::Moving);
            if let Some((at, round)) = self.timers.moving.get_mut(&key) {
                let seconds = 1_u64.checked_shl(*round).unwrap_or(LONGEST_FOLLOW).min(LONGEST_FOLLOW);
                *at = now.monotonic + Duration::from_secs(seconds);
                *round = round.saturating_add(1);
            }
        }
    }

    /// A listing that two refreshes should have replaced proves nothing any more.
    fn mark_stale(&mut self, now: Now) {
        if self.refresh().is_none() {
            return;
        }
        let too_old = |at: crate::domain::time::Timestamp| now.wall.since(at) > self.timers.rhythm.too_old();
        let changed: Vec<(Place, bool)> = self
            .fleet
            .places()
            .filter_map(|(place, facts)| {
                let stale = facts.listing.at().is_some_and(too_old);
                (stale != facts.stale).then(|| (place.clone(), stale))
            })
            .collect();
        if !changed.is_empty() {
            self.touch_all();
        }
        for (place, stale) in changed {
            self.fleet.set_stale(&place, stale);
        }
    }

    /// Asks the next Region's STS who we are, if the last one has had its second.
    pub(super) fn ask_identity(&mut self, now: Now) {
        let due: Vec<Login> =
            self.timers.sts.iter().filter(|(_, (_, at))| *at <= now.monotonic).map(|(login, _)| *login).collect();
        for login in due {
            if let Some((_, at)) = self.timers.sts.get_mut(&login) {
                *at = now.monotonic + STS_PATIENCE;
            }
            self.ask_identity_next(login);
        }
    }

    pub(super) fn ask_identity_next(&mut self, login: Login) {
        if let Some(Session::Open { identity }) = self.sessions.get(&login)
            && identity.fresh().is_some()
        {
            return;
        }
        let region = self.timers.sts.get_mut(&login).and_then(|(regions, _)| regions.pop());
        if let Some(region) = region {
            let place = Place::new(login, region);
            self.loader.ask(&place, Job::new(ReadRequest::GetCallerIdentity, Priority::Urgent));
        }
    }

    /// Emits what may go out now, and when to be woken for the rest.
    pub(super) fn pump(&mut self, now: Now) -> Vec<Effect> {
        let mut effects = Vec::new();
        let only_what_is_on_screen = self.waits_for_first_screen(now);
        for sent in self.loader.pump(now.monotonic, only_what_is_on_screen) {
            match &sent.job.request {
                ReadRequest::ListKeys { marker: None } if !sent.job.is_probe && sent.job.attempt == 0 => {
                    self.fleet.begin_listing(&sent.place, sent.asked);
                }
                ReadRequest::DescribeKey { arn } => self.fleet.wait_for_description(sent.place.login, arn),
                ReadRequest::ListKeys { .. }
                | ReadRequest::ListAliases { .. }
                | ReadRequest::GetKeyPolicy { .. }
                | ReadRequest::ListResourceTags { .. }
                | ReadRequest::GetKeyRotationStatus { .. }
                | ReadRequest::GetCallerIdentity => {}
            }
            effects.push(Effect::Read { asked: sent.asked, place: sent.place, request: sent.job.request });
        }
        let connected = self.sessions.values().all(|session| !matches!(session, Session::Connecting { .. }));
        self.first_scan_is_over |= connected && self.loader.is_idle();
        effects.extend(self.wake(now));
        effects
    }

    fn wake(&mut self, now: Now) -> Option<Effect> {
        let reading = [self.loader.next_deadline(now.monotonic), self.first_screen.deadline()];
        let deadlines = reading.into_iter().chain([self.timers.next_deadline(), self.changes.next_deadline()]);
        let next = deadlines.flatten().min()?;
        if self.timers.woken_at == Some(next) && next > now.monotonic {
            return None;
        }
        self.timers.woken_at = Some(next);
        Some(Effect::WakeAt(next))
    }

    fn sweeps_begin_anew(&mut self) {
        self.sweeps.forget_contradictions();
    }
}

/// Some member is on its way to another state, or the members do not agree.
fn moves(entry: &MultiRegionKey) -> bool {
    let moving = |state: &crate::domain::key::KeyState| state.is_moving();
    let described = || entry.members.values().filter_map(|member| member.described.value());
    described().any(|key| moving(&key.state)) || !agrees(entry)
}
