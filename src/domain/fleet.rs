//! The facts of the fleet: what every Region listed, what every member said, and nothing concluded yet.
//!
//! Three kinds of evidence are kept apart and none is thrown away: a Region's listing, what related keys declare, and what DescribeKey says. What they mean
//! together is concluded in [`presence`] and [`row`]. Order is by question: an answer counts only if it was asked later than the one held.

pub(crate) mod changes;
pub(crate) mod deletion;
pub(crate) mod difference;
pub(crate) mod gaps;
pub(crate) mod glyph;
pub(crate) mod last_seen;
pub(crate) mod presence;
pub(crate) mod row;
pub(crate) mod tally;
#[cfg(test)]
mod tests;
pub(crate) mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::Arc;

use super::id::{AccountId, KeyArn, KeyId, Login, Place, Region};
use super::key::{RegionalKey, Rotation, Tag};
use super::reading::{Asked, Reading, Reason, ReasonKind};
use super::rule::Rule;
use super::text::Foreign;
use super::time::Timestamp;

/// Which multi-Region key: the identity of a row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct KeyRef {
    pub(crate) login: Login,
    pub(crate) id: KeyId,
}

impl KeyRef {
    pub(crate) fn place(&self, region: &Region) -> Place {
        Place::new(self.login, region.clone())
    }
}

/// A complete listing of one Region.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(crate) struct Listing {
    /// Keys of every kind, AWS managed ones included.
    pub(crate) listed: u32,
    pub(crate) multi_region: BTreeSet<KeyId>,
}

/// A listing that is under way, or that ended before it was complete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Scan {
    pub(crate) asked: Asked,
    pub(crate) pages: u32,
    pub(crate) so_far: Listing,
    /// Why it ended early.
    pub(crate) ended: Option<Arc<Reason>>,
}

/// Aliases by the ID of the key they point to.
pub(crate) type Aliases = BTreeMap<Arc<str>, Vec<Foreign>>;

/// What is known of one Region.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(crate) struct RegionFacts {
    /// The last complete listing. A new one replaces it only whole.
    pub(crate) listing: Reading<Listing>,
    pub(crate) scan: Option<Scan>,
    pub(crate) aliases: Reading<Aliases>,
    /// Set while the Region gives no answers at all: three transport failures in a row, or fifteen seconds without a good one.
    pub(crate) outage: Option<Arc<Reason>>,
    /// The listing is older than two refresh periods: it proves no absence any more.
    pub(crate) stale: bool,
}

/// What is known of one related key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RelatedKey {
    pub(crate) arn: KeyArn,
    /// The last listing question whose answer contained it.
    pub(crate) listed: Option<Asked>,
    pub(crate) described: Reading<Arc<RegionalKey>>,
    pub(crate) policy: Reading<Foreign>,
    pub(crate) tags: Reading<Arc<Vec<Tag>>>,
    pub(crate) rotation: Reading<Rotation>,
}

impl RelatedKey {
    fn new(arn: KeyArn) -> Self {
        Self {
            arn,
            listed: None,
            described: Reading::NotAsked,
            policy: Reading::NotAsked,
            tags: Reading::NotAsked,
            rotation: Reading::NotAsked,
        }
    }
}

/// What is known of one multi-Region key.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(crate) struct MultiRegionKey {
    /// Boxed: a node of the map has room for eleven, and most keys have three.
    pub(crate) members: BTreeMap<Region, Box<RelatedKey>>,
    /// Our own latest change that concerns a Region: a listing of it that was asked before proves no absence of this key.
    pub(crate) changed: BTreeMap<Region, Asked>,
    /// Since when the members have not agreed on one primary.
    pub(crate) unsettled_since: Option<Timestamp>,
}

impl MultiRegionKey {
    /// The members whose descriptions name one in `region`, and the questions they answered.
    pub(crate) fn declared_by(&self, region: &Region) -> Vec<(Region, Asked)> {
        let names_it = |described: &RegionalKey| described.named().any(|arn| arn.region == *region);
        self.members
            .iter()
            .filter(|(member, _)| *member != region)
            .filter_map(|(member, related)| {
                let described = related.described.value()?;
                let asked = related.described.asked()?;
                names_it(described).then(|| (member.clone(), asked))
            })
            .collect()
    }

    /// Every Region in which a member is listed, described or named.
    pub(crate) fn regions(&self) -> BTreeSet<Region> {
        let mut regions: BTreeSet<Region> = BTreeSet::new();
        for (region, related) in &self.members {
            if related.listed.is_some() || related.described.value().is_some() {
                regions.insert(region.clone());
            }
            if let Some(described) = related.described.value() {
                regions.extend(described.named().map(|arn| arn.region.clone()));
            }
        }
        regions
    }

    /// Whether one of [`MultiRegionKey::regions`] is as asked for.
    fn mentions(&self, is_it: impl Fn(&Region) -> bool) -> bool {
        self.members.iter().any(|(region, related)| {
            let described = related.described.value();
            let is_there = related.listed.is_some() || described.is_some();
            is_there && is_it(region) || described.is_some_and(|key| key.named().any(|arn| is_it(&arn.region)))
        })
    }

    /// The account, as the members' ARNs say.
    pub(crate) fn account(&self) -> Option<AccountId> {
        self.members.values().next().map(|related| related.arn.account)
    }

    /// The member in a Region, made if this is the first word of it.
    fn member(&mut self, arn: &KeyArn) -> &mut RelatedKey {
        self.members.entry(arn.region.clone()).or_insert_with(|| Box::new(RelatedKey::new(arn.clone())))
    }
}

/// Which Regions are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Scope {
    pub(crate) regions: BTreeSet<Region>,
    /// Found by asking the whole partition: a Region that is not enabled is then out of scope, unless a related key is named in it.
    pub(crate) auto: bool,
}

/// The facts of the whole fleet.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(crate) struct Fleet {
    scopes: BTreeMap<Login, Scope>,
    /// What the keys are held against.
    rules: Arc<[Rule]>,
    regions: BTreeMap<Place, RegionFacts>,
    keys: BTreeMap<KeyRef, MultiRegionKey>,
}

impl Fleet {
    /// Adds a login and the Regions that are to be read with it.
    pub(crate) fn open(&mut self, login: Login, scope: Scope) {
        for region in &scope.regions {
            self.regions.entry(Place::new(login, region.clone())).or_default();
        }
        self.scopes.insert(login, scope);
    }

    /// Holds the keys against these rules from now on.
    pub(crate) fn expect(&mut self, rules: Arc<[Rule]>) {
        self.rules = rules;
    }

    pub(crate) fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// A fleet out of facts that were gathered before. Nothing is concluded here: whoever calls it answers for them.
    pub(crate) fn of_facts(
        (login, scope): (Login, Scope),
        regions: BTreeMap<Region, RegionFacts>,
        keys: BTreeMap<KeyId, MultiRegionKey>,
    ) -> Self {
        let regions = regions.into_iter().map(|(region, facts)| (Place::new(login, region), facts)).collect();
        let keys = keys.into_iter().map(|(id, key)| (KeyRef { login, id }, key)).collect();
        Self { scopes: BTreeMap::from([(login, scope)]), regions, keys, ..Self::default() }
    }

    pub(crate) fn scope(&self, login: Login) -> Option<&Scope> {
        self.scopes.get(&login)
    }

    pub(crate) fn places(&self) -> impl Iterator<Item = (&Place, &RegionFacts)> {
        self.regions.iter()
    }

    pub(crate) fn region(&self, place: &Place) -> Option<&RegionFacts> {
        self.regions.get(place)
    }

    pub(crate) fn keys(&self) -> impl ExactSizeIterator<Item = (&KeyRef, &MultiRegionKey)> + DoubleEndedIterator {
        self.keys.iter()
    }

    /// The keys from this one on, in their order.
    pub(crate) fn keys_from(&self, first: Bound<&KeyRef>) -> impl Iterator<Item = &KeyRef> {
        self.keys.range((first, Bound::Unbounded)).map(|(key, _)| key)
    }

    pub(crate) fn key(&self, key: &KeyRef) -> Option<&MultiRegionKey> {
        self.keys.get(key)
    }

    pub(crate) fn member(&self, key: &KeyRef, region: &Region) -> Option<&RelatedKey> {
        self.keys.get(key)?.members.get(region).map(Box::as_ref)
    }

    /// A member's own aliases in its Region: `None` if they were not read, empty if it has none.
    pub(crate) fn aliases(&self, key: &KeyRef, region: &Region) -> Option<&[Foreign]> {
        let facts = self.regions.get(&key.place(region))?;
        let aliases = facts.aliases.value()?;
        Some(aliases.get(key.id.as_str()).map_or(&[], Vec::as_slice))
    }

    /// A listing of the Region is under way.
    pub(crate) fn is_being_listed(&self, place: &Place) -> bool {
        let scan = self.regions.get(place).and_then(|facts| facts.scan.as_ref());
        scan.is_some_and(|scan| scan.ended.is_none())
    }

    /// A listing question goes out. Without effect on what is known.
    pub(crate) fn begin_listing(&mut self, place: &Place, asked: Asked) {
        let facts = self.regions.entry(place.clone()).or_default();
        facts.listing.wait();
        facts.scan = Some(Scan { asked, pages: 0, so_far: Listing::default(), ended: None });
    }

    /// A page of the listing that began with `asked`: its multi-Region keys, and how many keys of every kind it held. Returns the keys that were not known to
    /// be in this Region.
    pub(crate) fn add_page(&mut self, place: &Place, asked: Asked, listed: u32, arns: &[KeyArn]) -> Vec<KeyArn> {
        let Some(scan) = self.regions.get_mut(place).and_then(|facts| facts.scan.as_mut()) else {
            return Vec::new();
        };
        if scan.asked != asked {
            return Vec::new();
        }
        scan.pages += 1;
        scan.so_far.listed += listed;
        let mut fresh = Vec::new();
        for arn in arns {
            let key = KeyRef { login: place.login, id: arn.id.clone() };
            // Every Region lists the same ID; it is held once.
            let key = self.keys.get_key_value(&key).map_or(key, |(held, _)| held.clone());
            let arn = KeyArn { id: key.id.clone(), ..arn.clone() };
            scan.so_far.multi_region.insert(key.id.clone());
            let member = self.keys.entry(key).or_default().member(&arn);
            if member.listed.is_none() {
                fresh.push(arn);
            }
            member.listed = Some(asked);
        }
        fresh
    }

    /// The listing that began with `asked` is complete and replaces the former one whole. Returns the members that the former one, or a description, had and
    /// this one lacks: they must be described again before anything is said of them.
    pub(crate) fn complete_listing(&mut self, place: &Place, asked: Asked, at: Timestamp) -> Vec<KeyArn> {
        let Some(facts) = self.regions.get_mut(place) else { return Vec::new() };
        let Some(scan) = facts.scan.take_if(|scan| scan.asked == asked) else { return Vec::new() };
        facts.stale = false;
        facts.outage = None;
        facts.listing.accept(asked, Ok((scan.so_far, at)));
        self.forget_unlisted(place, asked)
    }

    fn forget_unlisted(&mut self, place: &Place, asked: Asked) -> Vec<KeyArn> {
        let mut vanished = Vec::new();
        for (key, entry) in &mut self.keys {
            if key.login != place.login {
                continue;
            }
            let Some(member) = entry.members.get_mut(&place.region) else { continue };
            if member.listed == Some(asked) {
                continue;
            }
            let was_here = member.listed.take().is_some() || member.described.value().is_some();
            if was_here && member.described.asked().is_none_or(|described| described < asked) {
                vanished.push(member.arn.clone());
            }
        }
        self.drop_empty();
        vanished
    }

    /// A key that no evidence speaks of any more is gone.
    fn drop_empty(&mut self) {
        self.keys.retain(|_, key| {
            key.members.values().any(|member| member.listed.is_some() || member.described.value().is_some())
        });
    }

    /// The listing that began with `asked` ended early. What it had is evidence of presence, never of absence.
    pub(crate) fn fail_listing(&mut self, place: &Place, asked: Asked, why: Arc<Reason>) {
        let Some(facts) = self.regions.get_mut(place) else { return };
        let Some(scan) = facts.scan.as_mut().filter(|scan| scan.asked == asked) else { return };
        facts.outage = None;
        if scan.pages == 0 {
            facts.scan = None;
            facts.listing.accept(asked, Err(why));
        } else {
            scan.ended = Some(Arc::clone(&why));
            facts.listing.accept(asked, Err(why));
        }
    }

    /// The Region stopped answering. The end of its next listing, good or bad, is the end of this.
    pub(crate) fn set_outage(&mut self, place: &Place, why: Arc<Reason>) {
        if let Some(facts) = self.regions.get_mut(place) {
            facts.outage = Some(why);
        }
    }

    /// Whether the Region's listing is too old to prove an absence.
    pub(crate) fn set_stale(&mut self, place: &Place, stale: bool) {
        if let Some(facts) = self.regions.get_mut(place) {
            facts.stale = stale;
        }
    }

    pub(crate) fn set_aliases(
        &mut self,
        place: &Place,
        asked: Asked,
        answer: Result<(Aliases, Timestamp), Arc<Reason>>,
    ) {
        if let Some(facts) = self.regions.get_mut(place) {
            facts.aliases.accept(asked, answer);
        }
    }

    /// A DescribeKey question about this member goes out.
    pub(crate) fn wait_for_description(&mut self, login: Login, arn: &KeyArn) {
        let key = KeyRef { login, id: arn.id.clone() };
        self.keys.entry(key).or_default().member(arn).described.wait();
    }

    /// DescribeKey was answered. A key that is not found keeps no former state: there is none to keep. Says whether the answer was taken.
    pub(crate) fn describe(
        &mut self,
        login: Login,
        arn: &KeyArn,
        asked: Asked,
        answer: Result<(RegionalKey, Timestamp), Arc<Reason>>,
    ) -> bool {
        let key = self.keys.entry(KeyRef { login, id: arn.id.clone() }).or_default();
        let at = answer.as_ref().ok().map(|(_, at)| *at);
        let not_found = matches!(&answer, Err(why) if why.kind == ReasonKind::Contradiction);
        let member = key.member(arn);
        let taken = member.described.accept(asked, answer.map(|(value, at)| (Arc::new(value), at)));
        if taken && not_found {
            forget_last(&mut member.described);
        }
        if taken {
            key.unsettled_since = presence::unsettled_since(key, at);
        }
        if not_found {
            self.drop_empty();
        }
        taken
    }

    /// A reading that belongs to one member alone.
    pub(crate) fn member_mut(&mut self, key: &KeyRef, region: &Region) -> Option<&mut RelatedKey> {
        self.keys.get_mut(key)?.members.get_mut(region).map(Box::as_mut)
    }

    /// A change of our own was accepted: what was asked before it is not knowledge about it.
    pub(crate) fn note_change(&mut self, key: &KeyRef, region: &Region, asked: Asked) {
        if let Some(key) = self.keys.get_mut(key) {
            key.changed.insert(region.clone(), asked);
        }
    }
}

fn forget_last<T>(reading: &mut Reading<T>) {
    if let Reading::Failed { last, .. } = reading {
        *last = None;
    }
}
