//! What the checks and the rules say of the fleet, key by key: the findings, worst first, and how each rule stands with each key.
//!
//! Nothing is judged before one of the two screens is opened for the first time. Then every key is, so many at a time, and each again when its row changes.

use std::collections::{BTreeMap, BTreeSet};

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
    /// What was found of each key; of the rules what passed too.
    found: BTreeMap<KeyRef, Vec<Finding>>,
    /// Rules that are about no key, once every key was judged.
    idle: Vec<Finding>,
    lines: BTreeSet<Item>,
    covered: BTreeSet<Covered>,
    /// Keys that are to be judged, or judged again.
    waiting: BTreeSet<KeyRef>,
    counts: Counts,
    by_rule: BTreeMap<Foreign, OfRule>,
    is_open: bool,
    is_changed: bool,
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
            Some(key) => self.found.get(key)?.iter().find(is_it),
            None => self.idle.iter().find(is_it),
        }
    }

    /// What a rule says of a key, in every Region that it speaks of; empty if it is not about the key.
    pub(crate) fn of_rule<'a>(&'a self, key: &KeyRef, rule: &'a Foreign) -> impl Iterator<Item = &'a Finding> {
        let found = self.found.get(key).map(Vec::as_slice).unwrap_or_default();
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
            self.is_changed = true;
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
        self.is_changed = true;
    }

    /// Judges keys that wait, those on screen first, and brings the lists up to date.
    pub(in crate::app) fn judge(&mut self, judging: &Judging<'_>) {
        let visible = self.list.visible().iter().filter_map(|item| item.key.clone());
        let visible = visible.chain(self.coverage.visible().iter().map(|covered| covered.key.clone()));
        let first: Vec<KeyRef> = visible.filter(|key| self.waiting.contains(key)).collect();
        let rest: Vec<KeyRef> = self.waiting.iter().take(KEYS_AT_A_TIME).cloned().collect();
        for key in first.into_iter().chain(rest) {
            if self.waiting.remove(&key) {
                self.judge_key(judging, &key);
                self.is_changed = true;
            }
        }
        if std::mem::take(&mut self.is_changed) {
            self.note_idle_rules(judging);
            self.arrange(judging);
        }
    }

    fn judge_key(&mut self, judging: &Judging<'_>, key: &KeyRef) {
        for finding in self.found.remove(key).unwrap_or_default() {
            self.lines.remove(&line(&finding));
        }
        for rank in [FAILED, UNKNOWN, PASSED] {
            self.covered.remove(&Covered { rank, key: key.clone() });
        }
        let checking = checking(judging);
        let Some(row) = judging.rows.live(key) else { return };
        let mut findings = of_key(&checking, row);
        findings.retain(|finding| finding.judgement.verdict != Verdict::Pass || finding.check == COVERAGE.id);
        let of_rules = findings.iter().filter(|finding| finding.check == COVERAGE.id);
        if let Some(worst) = of_rules.map(|finding| finding.judgement.verdict).reduce(Verdict::worst) {
            self.covered.insert(Covered { rank: rank(worst), key: key.clone() });
        }
        self.lines.extend(findings.iter().filter(|finding| is_listed(finding)).map(line));
        self.found.insert(key.clone(), findings);
    }

    /// Whether a rule is about no key can be said only when every key was judged.
    fn note_idle_rules(&mut self, judging: &Judging<'_>) {
        for finding in self.idle.drain(..) {
            self.lines.remove(&line(&finding));
        }
        if !self.waiting.is_empty() || !judging.rows.is_scanned() {
            return;
        }
        let is_idle = |rule: &Foreign| self.covered.iter().all(|covered| self.verdict(&covered.key, rule).is_none());
        let rules = judging.fleet.rules().iter().filter(|rule| is_idle(&rule.name));
        let is_complete = judging.fleet.is_complete();
        self.idle = rules.map(|rule| matches_nothing(rule, is_complete)).collect();
        self.lines.extend(self.idle.iter().map(line));
    }

    /// The lines that the filter keeps.
    fn arrange(&mut self, judging: &Judging<'_>) {
        let filter = judging.rows.filter().map(|filtered| &filtered.filter);
        let is_kept = |key: &KeyRef| {
            let row = judging.rows.row(key);
            filter.zip(row).is_none_or(|(filter, row)| filter.matches(row) != Truth::No)
        };
        self.list.replace(self.lines.iter().filter(|item| item.key.as_ref().is_none_or(is_kept)).cloned().collect());
        self.coverage.replace(self.covered.iter().filter(|covered| is_kept(&covered.key)).cloned().collect());
        self.counts = self.list.items().iter().fold(Counts::default(), Counts::with);
        let rules = judging.fleet.rules().iter().map(|rule| (rule.name.clone(), self.count(&rule.name)));
        self.by_rule = rules.collect();
        let names: Vec<Foreign> = judging.fleet.rules().iter().map(|rule| rule.name.clone()).collect();
        if names != self.rules.items() {
            self.rules.replace(names);
        }
    }

    fn count(&self, rule: &Foreign) -> OfRule {
        let mut count = OfRule::default();
        for verdict in self.coverage.items().iter().filter_map(|covered| self.verdict(&covered.key, rule)) {
            count.matched += 1;
            match verdict {
                Verdict::Pass => count.pass += 1,
                Verdict::Fail => count.fail += 1,
                Verdict::Unknown => count.unknown += 1,
            }
        }
        count
    }
}

impl Counts {
    fn with(mut self, item: &Item) -> Self {
        let (rank, std::cmp::Reverse(severity), _) = item.rank;
        let count = match severity {
            _ if rank == UNKNOWN => &mut self.unknown,
            Severity::High => &mut self.high,
            Severity::Medium => &mut self.medium,
            Severity::Low => &mut self.low,
            Severity::Info => &mut self.info,
        };
        *count += 1;
        self
    }
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

fn is_listed(finding: &Finding) -> bool {
    finding.judgement.verdict != Verdict::Pass
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
    }
}
