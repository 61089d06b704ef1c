//! What is marked, to be changed together: keys, or in the tree members. By identity, so that a mark stays on its key however the list is sorted or filtered.
//!
//! A mark is never set by anything but a key press, and never kept silently: what the filter hides is counted, and what is gone from the fleet is said.

use std::collections::BTreeSet;

use super::{FleetScreen, Item, Layout};
use crate::domain::filter::Truth;
use crate::domain::fleet::row::Cell;
use crate::domain::text::{Safe, safe};

/// The marks, and the range that is being drawn.
#[derive(Debug, Default)]
pub(in crate::app) struct Marks {
    set: BTreeSet<Item>,
    range: Option<Range>,
    /// Marked, and not in the list.
    hidden: usize,
    /// What happened to marks without a key press.
    news: Vec<Safe>,
}

/// A range from where it was begun to the cursor.
#[derive(Debug)]
struct Range {
    anchor: Item,
    /// What was marked before it.
    before: BTreeSet<Item>,
    /// The lines it holds: if they become others without a key press, the range ends, and what it held stays marked.
    lines: Vec<Item>,
}

impl FleetScreen {
    /// What is marked: keys, and members by Region.
    pub(crate) fn marked(&self) -> &BTreeSet<Item> {
        &self.marks.set
    }

    pub(crate) fn is_marking_range(&self) -> bool {
        self.marks.range.is_some()
    }

    /// Whether the line has a mark. A key's line has one for members that have no line of their own too: no mark is invisible.
    pub(crate) fn is_marked(&self, item: &Item) -> bool {
        let has_lines = self.layout() == Layout::Tree && !self.is_folded(&item.key);
        if item.member.is_some() || has_lines {
            return self.marks.set.contains(item);
        }
        self.of_key(item).next().is_some()
    }

    /// `3 keys marked, 1 hidden by the filter`; nothing if there is none.
    pub(crate) fn marks_words(&self) -> Option<Safe> {
        Some(safe!("{} marked{}", self.counted_marks()?, self.hidden_words()))
    }

    fn counted_marks(&self) -> Option<Safe> {
        let members = self.marks.set.iter().filter(|item| item.member.is_some()).count();
        let keys = self.marks.set.len() - members;
        let counted = |number: usize, noun: &'static str| match number {
            1 => safe!("1 {noun}"),
            _ => safe!("{number} {noun}s"),
        };
        match (keys, members) {
            (0, 0) => None,
            (_, 0) => Some(counted(keys, "key")),
            (0, _) => Some(counted(members, "member")),
            (_, _) => Some(safe!("{} and {}", counted(keys, "key"), counted(members, "member"))),
        }
    }

    fn hidden_words(&self) -> Safe {
        match self.marks.hidden {
            0 => Safe::default(),
            hidden => safe!(", {hidden} hidden by the filter"),
        }
    }

    /// Marks or unmarks what is under the cursor, and goes down. In the tree a key's line stands for its members.
    pub(in crate::app) fn toggle_mark(&mut self) {
        let Some(item) = self.list.cursor().cloned() else { return };
        // A range that is being drawn holds the cursor's line already.
        if self.marks.range.take().is_none() {
            let targets = self.targets(&item);
            let held: BTreeSet<Item> = match item.member {
                Some(_) => self.marks.set.get(&item).cloned().into_iter().collect(),
                None => self.of_key(&item).cloned().collect(),
            };
            let is_marked = match self.layout() {
                Layout::Matrix => !held.is_empty(),
                Layout::Tree => held.contains(&item) || targets.iter().all(|target| held.contains(target)),
            };
            self.marks.set.retain(|mark| !held.contains(mark));
            if !is_marked {
                add(&mut self.marks.set, targets);
            }
        }
        self.list.step(1);
        self.count_hidden();
    }

    /// Begins a range at the cursor, or ends the one that is being drawn: what it holds stays marked.
    pub(in crate::app) fn toggle_range(&mut self) {
        if self.marks.range.take().is_some() {
            return;
        }
        let Some(anchor) = self.list.cursor().cloned() else { return };
        self.marks.range = Some(Range { anchor, before: self.marks.set.clone(), lines: Vec::new() });
        self.extend_range();
    }

    /// The cursor was moved: the range ends where it is now.
    pub(in crate::app) fn extend_range(&mut self) {
        let Some(range) = &self.marks.range else { return };
        let Some(lines) = self.between(&range.anchor) else { return };
        let mut set = range.before.clone();
        add(&mut set, lines.iter().flat_map(|line| self.of_line(line)));
        self.marks.set = set;
        if let Some(range) = &mut self.marks.range {
            range.lines = lines;
        }
        self.count_hidden();
    }

    /// Lets the range go, and what it marked. Says whether there was one.
    pub(in crate::app) fn drop_range(&mut self) -> bool {
        let Some(range) = self.marks.range.take() else { return false };
        self.marks.set = range.before;
        self.count_hidden();
        true
    }

    /// Marks everything that the filter keeps. What it can neither keep nor drop is left out; returns how many keys those are.
    pub(in crate::app) fn mark_all(&mut self) -> usize {
        self.marks.range = None;
        let keys = self.ordered.iter().map(|spot| &spot.key);
        let keys = keys.filter(|key| !self.recalled.contains(key) && !self.undecided.contains(key));
        let items: Vec<Item> = keys.map(|key| Item { key: key.clone(), member: None }).collect();
        let targets: Vec<Item> = items.iter().flat_map(|item| self.targets(item)).collect();
        add(&mut self.marks.set, targets);
        self.count_hidden();
        self.undecided.len()
    }

    pub(in crate::app) fn unmark_all(&mut self) {
        self.marks = Marks::default();
    }

    /// Takes one mark away: what it stood for is done.
    pub(in crate::app) fn unmark(&mut self, item: &Item) {
        if self.marks.set.remove(item) {
            self.marks.range = None;
            self.count_hidden();
        }
    }

    /// The layout is another: lines are not what they were.
    pub(in crate::app) fn end_range(&mut self) {
        self.marks.range = None;
    }

    /// The list is another: marks of what is gone go, and a range whose lines are not the same any more ends.
    pub(super) fn settle_marks(&mut self) {
        if self.marks.set.is_empty() && self.marks.range.is_none() {
            return;
        }
        let is_there = |item: &Item| {
            self.rows.get(&item.key).is_some_and(|entry| match &item.member {
                None => true,
                Some(region) => entry.row.cell(region).is_some_and(Cell::is_member),
            })
        };
        let gone: Vec<Item> = self.marks.set.iter().filter(|item| !is_there(item)).cloned().collect();
        for item in &gone {
            self.marks.set.remove(item);
        }
        self.marks.news.extend(farewell(&gone));
        if let Some(range) = &mut self.marks.range {
            range.before.retain(|item| !gone.contains(item));
        }
        let is_other = |range: &Range| self.between(&range.anchor).is_none_or(|lines| lines != range.lines);
        if self.marks.range.as_ref().is_some_and(is_other) {
            self.marks.range = None;
            self.marks.news.push("the list changed: the range was ended, and what it held stays marked".into());
        }
        self.count_hidden();
    }

    /// What happened to marks without a key press, once.
    pub(in crate::app) fn take_news_of_marks(&mut self) -> Vec<Safe> {
        std::mem::take(&mut self.marks.news)
    }

    fn count_hidden(&mut self) {
        let hides = |item: &&Item| {
            let row = self.rows.get(&item.key).map(|entry| &entry.row);
            let filter = self.filtered.as_ref().map(|filtered| &filtered.filter);
            filter.zip(row).is_some_and(|(filter, row)| filter.matches(row) == Truth::No)
        };
        self.marks.hidden = self.marks.set.iter().filter(hides).count();
    }

    /// The marks of a key, its own and its members'.
    fn of_key<'a>(&'a self, item: &'a Item) -> impl Iterator<Item = &'a Item> {
        let own = Item { key: item.key.clone(), member: None };
        self.marks.set.range(own..).take_while(|mark| mark.key == item.key)
    }

    /// What a mark on a line is a mark of.
    fn targets(&self, item: &Item) -> Vec<Item> {
        if self.recalled.contains(&item.key) {
            return Vec::new();
        }
        if item.member.is_some() || self.layout() == Layout::Matrix {
            return vec![item.clone()];
        }
        let members = self.rows.get(&item.key).into_iter().flat_map(|entry| entry.row.members());
        members.map(|cell| Item { key: item.key.clone(), member: Some(cell.region.clone()) }).collect()
    }

    /// What a range marks of a line: of a key whose members have lines of their own, nothing.
    fn of_line(&self, item: &Item) -> Vec<Item> {
        let has_lines = self.layout() == Layout::Tree && item.member.is_none() && !self.is_folded(&item.key);
        if has_lines { Vec::new() } else { self.targets(item) }
    }

    /// The lines from one to the cursor's.
    fn between(&self, anchor: &Item) -> Option<Vec<Item>> {
        let items = self.list.items();
        let here = self.list.index()?;
        let there = items.iter().position(|item| item == anchor)?;
        items.get(here.min(there)..=here.max(there)).map(<[Item]>::to_vec)
    }
}

/// Sets marks. A key is never marked beside a member of its own: the later mark says what is meant.
fn add(set: &mut BTreeSet<Item>, marks: impl IntoIterator<Item = Item>) {
    for mark in marks {
        let own = Item { key: mark.key.clone(), member: None };
        if mark.member.is_some() {
            set.remove(&own);
        } else {
            let members: Vec<Item> = set.range(own..).take_while(|item| item.key == mark.key).cloned().collect();
            for member in members {
                set.remove(&member);
            }
        }
        set.insert(mark);
    }
}

fn farewell(gone: &[Item]) -> Option<Safe> {
    match gone {
        [] => None,
        [Item { key, member: None }] => Some(safe!("{} is gone, and is not marked any more", key.id)),
        [Item { key, member: Some(region) }] => {
            Some(safe!("{} has no member in {region} any more: it is not marked", key.id))
        }
        [_, ..] => Some(safe!("{} of what was marked is gone, and is not marked any more", gone.len())),
    }
}
