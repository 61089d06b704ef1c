//! The gaps that replicating closes: what the rules require and what is certainly not there. Everything else that they find wanting is named with its reason,
//! and left to a person.

use std::collections::BTreeSet;

use super::{Clause, Judged, judge};
use crate::domain::evidence::Accepted;
use crate::domain::filter::RegionPattern;
use crate::domain::fleet::row::Row;
use crate::domain::fleet::{Fleet, KeyRef};
use crate::domain::id::Region;
use crate::domain::plan::Skipped;
use crate::domain::rule::Rule;
use crate::domain::standing::{Standing, Subject};
use crate::domain::text::{Safe, safe};
use crate::domain::time::Timestamp;
use crate::domain::verdict::Verdict;

/// What can be done about the gaps of a fleet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Gaps {
    /// Keys, and the Regions that want a replica of them.
    pub(crate) to_replicate: Vec<(KeyRef, Region)>,
    /// What the rules find wanting and replicating does not help, or not for certain.
    pub(crate) left: Vec<Skipped>,
}

/// The gaps of these keys. Only what a Region itself lists counts: a gap that rests on another's word is left.
pub(crate) fn gaps(fleet: &Fleet, is_chosen: impl Fn(&Row) -> bool, now: Timestamp) -> Gaps {
    let mut gaps = Gaps::default();
    for row in fleet.keys().filter_map(|(key, _)| fleet.row(key, now)).filter(|row| is_chosen(row)) {
        if let Some(subject) = Subject::new(fleet, &row, Accepted::Listed) {
            gaps.add(&subject);
        }
    }
    gaps
}

impl Gaps {
    fn add(&mut self, subject: &Subject<'_>) {
        let mut wanted: BTreeSet<Region> = BTreeSet::new();
        let mut left: BTreeSet<(Option<Region>, Safe)> = BTreeSet::new();
        for rule in subject.fleet.rules() {
            let judged = judge(rule, subject).unwrap_or_default();
            for judged in judged.into_iter().filter(|judged| judged.judgement.verdict != Verdict::Pass) {
                match help(rule, &judged, subject) {
                    Help::Replicate(region) => {
                        wanted.insert(region);
                    }
                    Help::Left(why) => {
                        left.insert((judged.judgement.region, why));
                    }
                    Help::NotAGap => {}
                }
            }
        }
        let key = &subject.row.key;
        self.to_replicate.extend(wanted.into_iter().map(|region| (key.clone(), region)));
        self.left.extend(left.into_iter().map(|(region, why)| Skipped { key: key.id.clone(), region, why }));
    }
}

enum Help {
    Replicate(Region),
    Left(Safe),
    /// A member too many, or a primary elsewhere: no replica helps against that.
    NotAGap,
}

fn help(rule: &Rule, judged: &Judged, subject: &Subject<'_>) -> Help {
    let detail = &judged.judgement.detail;
    let left = |what: Safe| Help::Left(safe!("rule {}: {what}", rule.name.safe()));
    let region = match &judged.clause {
        Clause::Forbidden | Clause::Primary => return Help::NotAGap,
        Clause::Match if rule.required.is_empty() && rule.min_related.is_none() => return Help::NotAGap,
        Clause::Match => return left(detail.clone()),
        Clause::MinRelated if judged.judgement.verdict == Verdict::Unknown => return left(detail.clone()),
        Clause::MinRelated | Clause::Required(RegionPattern::Any(_)) => {
            return left(safe!("{detail}: which Region gets a replica is for you to say: keyfleet plan replicate"));
        }
        Clause::Required(RegionPattern::One(region)) => region,
    };
    match subject.standing(region) {
        Standing::Absent => match forbidding(subject, region) {
            Some(other) => left(safe!("{detail}; but rule {other} forbids a member there")),
            None => Help::Replicate(region.clone()),
        },
        Standing::Read(_) => match &judged.judgement.remedy.plan {
            Some(plan) => left(safe!("{detail}: {}", plan.safe())),
            None => left(safe!("{detail}: {}", judged.judgement.remedy.text)),
        },
        Standing::Exists(_)
        | Standing::Named(_)
        | Standing::NotKnown(_)
        | Standing::DeclaredAbsent
        | Standing::OutOfScope => left(detail.clone()),
    }
}

/// A rule about this key, or perhaps about it, that forbids a member in the Region.
pub(super) fn forbidding(subject: &Subject<'_>, region: &Region) -> Option<Safe> {
    let may_be_about = |rule: &&Rule| rule.matching.matches(subject.row) != crate::domain::filter::Truth::No;
    let rules = subject.fleet.rules().iter();
    rules.filter(|rule| rule.forbids(region)).find(may_be_about).map(|rule| rule.name.safe())
}
