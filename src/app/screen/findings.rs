//! What the checks and the rules say of the fleet, key by key: the findings, worst first, and how each rule stands with each key.
//!
//! Nothing is judged before one of the two screens is opened for the first time. Then every key is, so many at a time, and each again when its row changes.
//! Counts and lists follow what changed; only another filter looks at every key.

use std::cell::LazyCell;
use std::collections::{BTreeMap, BTreeSet};

use super::edits::Unlisted;
use crate::app::list::List;
use crate::app::screen::fleet::FleetScreen;
use crate::domain::check::finding::{COVERAGE, Finding};
use crate::domain::check::place;
use crate::domain::check::run::{Checking, matches_nothing, of_key};
use crate::domain::check::tuning::Tuning;
use crate::domain::evidence::Accepted;
use crate::domain::filter::Truth;
use crate::domain::fleet::{Fleet, KeyRef};
use crate::domain::id::Region;
use crate::domain::text::Foreign;
use crate::domain::time::Timestamp;
use crate::domain::verdict::{Severity, Verdict};

/// Keys that are judged at a time: whoever types meanwhile waits for these and not for a fleet.
const KEYS_AT_A_TIME: usize = 48;

/// A line of the findings, by what it is about; in the order in which it stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Item {
    /// Certain failures before what is not known; the heavier first, and of those the more urgent.
    rank: (u8, std::cmp::Reverse<Severity>, usize),
    pub(crate) key: Option<KeyRef>,
    pub(crate) check: &'static str,
    pub(crate) rule: Option<Foreign>,
    pub(crate) region: Option<Region>,
}

/// A line of the coverage: a key, those first that a rule finds wanting.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Covered {
    rank: u8,
    pub(crate) key: KeyRef,
}

/// How many findings there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) struct Counts {
    pub(crate) high: usize,
    pub(crate) medium: usize,
    pub(crate) low: usize,
    pub(crate) info: usize,
    pub(crate) unknown: usize,
}

/// How a rule stands with all keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) struct OfRule {
    pub(crate) matched: usize,
    pub(crate) pass: usize,
    pub(crate) fail: usize,
    pub(crate) unknown: usize,
}

/// What the two screens hold.
#[derive(Debug, Default)]
pub(crate) struct FindingsScreen {
    pub(in crate::app) list: List<Item>,
    pub(in crate::app) coverage: List<Covered>,
    /// The rules by name: the columns of the coverage.
    pub(in crate::app) rules: List<Foreign>,
    found: BTreeMap<KeyRef, Found>,
    /// Rules that are about no key, once every key was judged.
    idle: Vec<Finding>,
    unlisted: Unlisted<Item>,
    uncovered: Unlisted<Covered>,
    /// Keys that are to be judged, or judged again.
    waiting: BTreeSet<KeyRef>,
    counts: Counts,
    /// Of the keys that the filter keeps, and of all.
    by_rule: BTreeMap<Foreign, OfRule>,
    matched: BTreeMap<Foreign, usize>,
    is_open: bool,
    /// Another filter is in force.
    is_rearranged: bool,
}

/// What was found of a key; of the rules what passed too.
#[derive(Debug)]
struct Found {
    findings: Vec<Finding>,
    /// The filter keeps the key.
    is_kept: bool,
}

/// What judging needs beside the keys.
#[derive(Clone, Copy, Debug)]
pub(in crate::app) struct Judging<'a> {
    pub(in crate::app) fleet: &'a Fleet,
    pub(in crate::app) rows: &'a FleetScreen,
    pub(in crate::app) tuning: &'a Tuning,
    pub(in crate::app) now: Timestamp,
}

impl FindingsScreen {
    /// The findings in order. The view asks `window` for the lines it has.
    pub(crate) fn list(&self) -> &List<Item> {
        &self.list
    }

    pub(crate) fn rules(&self) -> &List<Foreign> {
        &self.rules
    }

    pub(crate) fn coverage(&self) -> &List<Covered> {
        &self.coverage
    }

    /// The finding that a line is about.
    pub(crate) fn finding(&self, item: &Item) -> Option<&Finding> {
        let is_it = |finding: &&Finding| {
            finding.check == item.check && finding.rule == item.rule && finding.region() == item.region.as_ref()
        };
        match &item.key {
            Some(key) => self.found.get(key)?.findings.iter().find(is_it),
            None => self.idle.iter().find(is_it),
        }
    }

    /// What a rule says of a key, in every Region that it speaks of; empty if it is not about the key.
    pub(crate) fn of_rule<'a>(&'a self, key: &KeyRef, rule: &'a Foreign) -> impl Iterator<Item = &'a Finding> {
        let found = self.found.get(key).map(|found| found.findings.as_slice()).unwrap_or_default();
        found.iter().filter(move |finding| finding.check == COVERAGE.id && finding.rule.as_ref() == Some(rule))
    }

    /// What stands in the cell of a key and a rule; `None` if the rule is not about the key.
    pub(crate) fn verdict(&self, key: &KeyRef, rule: &Foreign) -> Option<Verdict> {
        self.of_rule(key, rule).map(|finding| finding.judgement.verdict).reduce(Verdict::worst)
    }

    pub(crate) fn counts(&self) -> Counts {
        self.counts
    }

    pub(crate) fn count_of(&self, rule: &Foreign) -> OfRule {
        self.by_rule.get(rule).copied().unwrap_or_default()
    }

    /// Keys that have not been judged since they last changed.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// From now on every key is judged.
    pub(in crate::app) fn open(&mut self, fleet: &Fleet) {
        if !std::mem::replace(&mut self.is_open, true) {
            self.waiting.extend(fleet.keys().map(|(key, _)| key.clone()));
            self.is_rearranged = true;
        }
    }

    pub(in crate::app) fn is_open(&self) -> bool {
        self.is_open
    }

    /// These keys' rows are others now.
    pub(in crate::app) fn touch(&mut self, keys: &[KeyRef]) {
        if self.is_open {
            self.waiting.extend(keys.iter().cloned());
        }
    }

    /// The filter is another: what is listed is found anew.
    pub(in crate::app) fn rearrange(&mut self) {
        self.is_rearranged = true;
    }

    /// Judges keys that wait, those on screen first, and brings the lists up to date.
    pub(in crate::app) fn judge(&mut self, judging: &Judging<'_>) {
        let visible = self.list.visible().iter().filter_map(|item| item.key.clone());
        let visible = visible.chain(self.coverage.visible().iter().map(|covered| covered.key.clone()));
        let first: Vec<KeyRef> = visible.filter(|key| self.waiting.contains(key)).collect();
        let rest: Vec<KeyRef> = self.waiting.iter().take(KEYS_AT_A_TIME).cloned().collect();
        let mut is_news = std::mem::take(&mut self.is_rearranged);
        if is_news {
            self.arrange(judging);
        }
        for key in first.into_iter().chain(rest) {
            if self.waiting.remove(&key) {
                self.judge_key(judging, &key);
                is_news = true;
            }
        }
        if is_news {
            self.note_idle_rules(judging);
        }
        self.settle();
    }

    fn judge_key(&mut self, judging: &Judging<'_>, key: &KeyRef) {
        let (before, after) = (self.found.remove(key), found(judging, key));
        for (found, is_there) in
            before.iter().map(|found| (found, false)).chain(after.iter().map(|found| (found, true)))
        {
            self.count_rules(found, is_there);
        }
        let [gone, come] = [&before, &after].map(|found| found.as_ref().map(Found::lines).unwrap_or_default());
        self.replace_lines(&gone, &come);
        let [gone, come] = [&before, &after].map(|found| found.as_ref().and_then(|found| found.covered(key)));
        self.uncovered.replace(&gone.into_iter().collect(), &come.into_iter().collect());
        self.found.extend(after.map(|found| (key.clone(), found)));
    }

    fn replace_lines(&mut self, before: &BTreeSet<Item>, after: &BTreeSet<Item>) {
        for item in before {
            self.counts.note(item, false);
        }
        for item in after {
            self.counts.note(item, true);
        }
        self.unlisted.replace(before, after);
    }

    fn count_rules(&mut self, found: &Found, is_there: bool) {
        for (rule, verdict) in found.verdicts() {
            count(self.matched.entry(rule.clone()).or_default(), is_there);
            if found.is_kept {
                self.by_rule.entry(rule.clone()).or_default().note(verdict, is_there);
            }
        }
    }

    /// Whether a rule is about no key can be said only when every key was judged.
    fn note_idle_rules(&mut self, judging: &Judging<'_>) {
        let is_known = self.waiting.is_empty() && judging.rows.is_scanned();
        let is_complete = LazyCell::new(|| judging.fleet.is_complete());
        let is_idle = |name: &Foreign| is_known && self.matched.get(name).is_none_or(|matched| *matched == 0);
        let rules = judging.fleet.rules().iter().filter(|rule| is_idle(&rule.name));
        let idle: Vec<Finding> = rules.map(|rule| matches_nothing(rule, *is_complete)).collect();
        let [before, after] = [&self.idle, &idle].map(|idle| idle.iter().map(line).collect());
        self.replace_lines(&before, &after);
        self.idle = idle;
        if !judging.fleet.rules().iter().map(|rule| &rule.name).eq(self.rules.items()) {
            self.rules.replace(judging.fleet.rules().iter().map(|rule| rule.name.clone()).collect());
        }
    }

    /// Brings the lists up to date: with the last key that waits, and until then when it is worth it.
    fn settle(&mut self) {
        let is_last = self.waiting.is_empty();
        if self.unlisted.is_due(self.list.len(), self.list.visible(), is_last) {
            self.unlisted.settle(&mut self.list);
        }
        if self.uncovered.is_due(self.coverage.len(), self.coverage.visible(), is_last) {
            self.uncovered.settle(&mut self.coverage);
        }
    }

    /// Asks the filter about every key, and lists and counts anew what it keeps.
    fn arrange(&mut self, judging: &Judging<'_>) {
        let mut found = std::mem::take(&mut self.found);
        let mut lines: BTreeSet<Item> = self.idle.iter().map(line).collect();
        let mut covered: BTreeSet<Covered> = BTreeSet::new();
        self.by_rule.clear();
        self.matched.clear();
        for (key, found) in &mut found {
            found.is_kept = is_kept(judging, key);
            self.count_rules(found, true);
            lines.extend(found.lines());
            covered.extend(found.covered(key));
        }
        self.found = found;
        self.counts = Counts::default();
        for item in &lines {
            self.counts.note(item, true);
        }
        (self.unlisted, self.uncovered) = (Unlisted::default(), Unlisted::default());
        self.list.replace(lines.into_iter().collect());
        self.coverage.replace(covered.into_iter().collect());
    }
}

impl Found {
    /// What the list of findings has of it.
    fn lines(&self) -> BTreeSet<Item> {
        let listed = |finding: &&Finding| self.is_kept && finding.judgement.verdict != Verdict::Pass;
        self.findings.iter().filter(listed).map(line).collect()
    }

    /// What the coverage has of it: nothing if no rule is about the key.
    fn covered(&self, key: &KeyRef) -> Option<Covered> {
        let worst = self.of_rules().map(|(_, verdict)| verdict).reduce(Verdict::worst);
        worst.filter(|_| self.is_kept).map(|worst| Covered { rank: rank(worst), key: key.clone() })
    }

    /// How each rule stands with the key.
    fn verdicts(&self) -> BTreeMap<&Foreign, Verdict> {
        let mut verdicts: BTreeMap<&Foreign, Verdict> = BTreeMap::new();
        for (rule, verdict) in self.of_rules() {
            verdicts.entry(rule).and_modify(|worst| *worst = worst.worst(verdict)).or_insert(verdict);
        }
        verdicts
    }

    fn of_rules(&self) -> impl Iterator<Item = (&Foreign, Verdict)> {
        let of_rules = self.findings.iter().filter(|finding| finding.check == COVERAGE.id);
        of_rules.filter_map(|finding| Some((finding.rule.as_ref()?, finding.judgement.verdict)))
    }
}

impl OfRule {
    fn note(&mut self, verdict: Verdict, is_there: bool) {
        count(&mut self.matched, is_there);
        let of_verdict = match verdict {
            Verdict::Pass => &mut self.pass,
            Verdict::Fail => &mut self.fail,
            Verdict::Unknown => &mut self.unknown,
        };
        count(of_verdict, is_there);
    }
}

impl Counts {
    fn note(&mut self, item: &Item, is_there: bool) {
        let (rank, std::cmp::Reverse(severity), _) = item.rank;
        let of_severity = match severity {
            _ if rank == UNKNOWN => &mut self.unknown,
            Severity::High => &mut self.high,
            Severity::Medium => &mut self.medium,
            Severity::Low => &mut self.low,
            Severity::Info => &mut self.info,
        };
        count(of_severity, is_there);
    }
}

/// One more, or one less.
fn count(counted: &mut usize, is_there: bool) {
    *counted = if is_there { *counted + 1 } else { counted.saturating_sub(1) };
}

/// What the checks and the rules say of a key that this run has read.
fn found(judging: &Judging<'_>, key: &KeyRef) -> Option<Found> {
    let mut findings = of_key(&checking(judging), judging.rows.live(key)?);
    findings.retain(|finding| finding.judgement.verdict != Verdict::Pass || finding.check == COVERAGE.id);
    Some(Found { findings, is_kept: is_kept(judging, key) })
}

fn is_kept(judging: &Judging<'_>, key: &KeyRef) -> bool {
    let Some(filtered) = judging.rows.filter() else { return true };
    judging.rows.row(key).is_none_or(|row| filtered.filter.matches(row) != Truth::No)
}

const FAILED: u8 = 0;
const UNKNOWN: u8 = 1;
const PASSED: u8 = 2;

fn rank(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Fail => FAILED,
        Verdict::Unknown => UNKNOWN,
        Verdict::Pass => PASSED,
    }
}

fn line(finding: &Finding) -> Item {
    Item {
        rank: (rank(finding.judgement.verdict), std::cmp::Reverse(finding.severity), place(finding.check)),
        key: finding.key.clone(),
        check: finding.check,
        rule: finding.rule.clone(),
        region: finding.region().cloned(),
    }
}

fn checking<'a>(judging: &Judging<'a>) -> Checking<'a> {
    Checking {
        fleet: judging.fleet,
        rules: judging.fleet.rules(),
        tuning: judging.tuning,
        accepted: Accepted::Declared,
        now: judging.now,
        keeps_passes: false,
    }
}
