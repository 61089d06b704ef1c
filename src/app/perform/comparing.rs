//! Two members of a key side by side: which two, what is read for them, and the text that follows what is read.

use std::sync::Arc;

use crate::app::Model;
use crate::app::action::Action;
use crate::app::availability::NO_KEY;
use crate::app::effect::Effect;
use crate::app::overlay::Overlay;
use crate::app::overlay::side_by_side::{Members, SideBySide, Source};
use crate::app::screen::Screen;
use crate::app::screen::fleet::Item;
use crate::domain::compare::{Comparison, Likeness, Side, Texts, properties};
use crate::domain::fleet::KeyRef;
use crate::domain::fleet::row::Row;
use crate::domain::id::Region;
use crate::domain::text::Safe;
use crate::engine::Deep;
use crate::engine::effect::Effect as EngineEffect;

impl Model {
    /// The key whose members can be compared, and their Regions: the one that the others are measured by first, then as the columns stand.
    pub(in crate::app) fn comparable(&self) -> Result<(KeyRef, Vec<Region>), Safe> {
        let subject = self.subject().ok_or(NO_KEY)?;
        let key = self.marked_pair().map_or_else(|| subject.row.key.clone(), |(key, _)| key);
        let Some(row) = self.fleet.live(&key) else { return Err(self.why_only_the_past(subject)) };
        let regions = self.members_to_compare(row);
        if regions.len() < 2 {
            return Err("this key has no replica to compare with".into());
        }
        Ok((key, regions))
    }

    fn members_to_compare(&self, row: &Row) -> Vec<Region> {
        let mut regions = self.fleet.in_column_order(row.members().map(|cell| cell.region.clone()));
        // Stable: the others keep their order.
        regions.sort_by_key(|region| Some(region) != row.primary_region());
        regions
    }

    pub(super) fn open_comparison(&mut self) -> Vec<Effect> {
        let Ok((key, regions)) = self.comparable() else { return Vec::new() };
        let Some(members) = self.members(&key, &regions) else { return Vec::new() };
        self.push(Overlay::SideBySide(SideBySide::new(key, members)))
    }

    /// The two to begin with: those that are marked, else the one under the cursor and the primary, else the primary and the first that differs from it.
    fn members(&self, key: &KeyRef, regions: &[Region]) -> Option<Members> {
        let (reference, others) = regions.split_first()?;
        if let Some((_, marked)) = self.marked_pair() {
            // In the order of the Regions: the primary is first if it is among them.
            let mut both = regions.iter().filter(|region| marked.contains(region));
            return Some(Members { one: both.next()?.clone(), other: both.next()?.clone() });
        }
        let chosen = self.subject().and_then(|subject| subject.region).filter(|region| others.contains(region));
        let other = chosen.or_else(|| others.iter().find(|other| self.differ(key, reference, other)));
        Some(Members { one: reference.clone(), other: other.or(others.first())?.clone() })
    }

    /// Exactly two marks, on two members of one key.
    fn marked_pair(&self) -> Option<(KeyRef, [Region; 2])> {
        let Screen::Fleet(fleet) = self.screen() else { return None };
        let marks: Vec<&Item> = fleet.marked().iter().take(3).collect();
        match marks.as_slice() {
            [Item { key, member: Some(one) }, Item { key: same, member: Some(other) }] if key == same => {
                Some((key.clone(), [one.clone(), other.clone()]))
            }
            _ => None,
        }
    }

    /// Whether they differ for certain, as far as they have been read.
    fn differ(&self, key: &KeyRef, one: &Region, other: &Region) -> bool {
        let Some(row) = self.fleet.live(key) else { return false };
        let (one, other) = (Side::new(self.engine.fleet(), row, one), Side::new(self.engine.fleet(), row, other));
        properties(&one, &other).iter().any(|compared| compared.likeness == Likeness::Differs)
            || Texts::of(&one, &other).compare(row.account).likeness == Likeness::Differs
    }

    fn open_side_by_side(&self) -> Option<&SideBySide> {
        self.overlays.iter().find_map(|overlay| match overlay {
            Overlay::SideBySide(compared) => Some(compared),
            Overlay::Help(_)
            | Overlay::Reader(_)
            | Overlay::Permissions(_)
            | Overlay::ByHand(_)
            | Overlay::Menu(_)
            | Overlay::Copy
            | Overlay::Filter(_)
            | Overlay::Search(_)
            | Overlay::Plan(_)
            | Overlay::Quit(_) => None,
        })
    }

    /// Goes to the member before or after, past the one that it is compared with.
    pub(super) fn compare_with_next(&mut self, by: isize) -> Vec<Effect> {
        let Some(open) = self.open_side_by_side() else { return Vec::new() };
        let Some(row) = self.fleet.live(&open.key) else { return Vec::new() };
        let mut others = self.members_to_compare(row);
        others.retain(|region| *region != open.members.one);
        let last = others.len().saturating_sub(1);
        let here = others.iter().position(|region| *region == open.members.other);
        let next = here.map_or(0, |here| here.saturating_add_signed(by).min(last));
        let Some(other) = others.get(next).filter(|region| **region != open.members.other).cloned() else {
            return Vec::new();
        };
        let again = SideBySide::new(open.key.clone(), Members { one: open.members.one.clone(), other });
        self.overlays.pop();
        self.push(Overlay::SideBySide(again))
    }

    /// Policy and tags of both are read for as long as somebody compares them.
    pub(in crate::app) fn want_both_sides(&mut self) -> Vec<EngineEffect> {
        let Some(open) = self.open_side_by_side() else { return Vec::new() };
        let (key, Members { one, other }) = (open.key.clone(), open.members.clone());
        let now = self.now;
        let mut effects = Vec::new();
        for region in [one, other] {
            for deep in [Deep::Policy, Deep::Tags] {
                effects.extend(self.engine.want(now, &key, &region, deep));
            }
        }
        effects
    }

    /// Composes the text anew; of a key that is gone the last one stays. The policies are compared only when one of them was read anew.
    pub(in crate::app) fn compose_comparison(&mut self) {
        let Some(open) = self.open_side_by_side() else { return };
        let Some(row) = self.fleet.live(&open.key) else { return };
        let fleet = self.engine.fleet();
        let sides = [&open.members.one, &open.members.other].map(|region| Side::new(fleet, row, region));
        let [one, other] = &sides;
        let texts = Texts::of(one, other);
        let policies = open.policies_of(&texts).unwrap_or_else(|| Arc::new(texts.compare(row.account)));
        let mut others = self.members_to_compare(row);
        others.retain(|region| *region != open.members.one);
        let keymap = &self.settings.keymap;
        let source = Source {
            sides,
            others,
            comparison: Comparison { properties: properties(one, other), policies: Arc::clone(&policies) },
            now: self.now.wall,
            width: usize::from(self.size.0),
            keys: [Action::Left, Action::Right, Action::Policy].map(|action| keymap.label(action)),
        };
        let (title, lines) = (source.title(row), source.lines());
        for overlay in &mut self.overlays {
            if let Overlay::SideBySide(compared) = overlay {
                compared.take(title.clone(), lines.clone(), (texts.clone(), Arc::clone(&policies)));
            }
        }
    }
}
