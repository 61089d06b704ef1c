//! What a coverage rule says of a key: for each thing that the rule asks for, whether it certainly holds, certainly does not, or cannot be known yet.
//!
//! A member counts as usable in state Enabled or Updating; one that is being created may yet be. Forbidden is a member in any state, until it is gone. A pass
//! never rests on a Region that was not read, unless the primary's own word is accepted for it, and then it says so.

pub(crate) mod gaps;
#[cfg(test)]
mod tests;

use super::check::{Judgement, Remedy, command};
use super::evidence::Evidence;
use super::filter::{RegionPattern, Truth};
use super::fleet::row::Primary;
use super::id::Region;
use super::key::KeyState;
use super::reading::ReasonKind;
use super::rule::Rule;
use super::standing::{Member, Standing, Subject};
use super::text::{Foreign, Safe, safe};
use super::verdict::Verdict;

/// What a rule asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Clause {
    /// Whether the rule is about this key at all.
    Match,
    Required(RegionPattern),
    /// `forbidden` and `allowed`
    Forbidden,
    MinRelated,
    Primary,
}

/// What came of one clause.
#[derive(Clone, Debug)]
pub(crate) struct Judged {
    pub(crate) clause: Clause,
    pub(crate) judgement: Judgement,
}

/// What a rule says of a key; `None` if the rule is not about it.
pub(crate) fn judge(rule: &Rule, subject: &Subject<'_>) -> Option<Vec<Judged>> {
    match rule.matching.matches_for_certain(subject.row, subject.accepted) {
        Truth::No => return None,
        Truth::Undecided => return Some(vec![undecided(subject)]),
        Truth::Yes => {}
    }
    let mut judged: Vec<Judged> = rule
        .required
        .iter()
        .map(|pattern| Judged { clause: Clause::Required(pattern.clone()), judgement: required(pattern, subject) })
        .collect();
    let forbidden = |judgement| Judged { clause: Clause::Forbidden, judgement };
    judged.extend(forbidden_in(rule, subject).into_iter().map(forbidden));
    if let Some(least) = rule.min_related {
        judged.push(Judged { clause: Clause::MinRelated, judgement: enough(least, subject) });
    }
    if !rule.primary.is_empty() {
        judged.push(Judged { clause: Clause::Primary, judgement: primary(rule, subject) });
    }
    Some(judged)
}

/// What a rule says for certain of a key's cells, for the matrix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Marks {
    pub(crate) rule: Foreign,
    pub(crate) banned: Vec<Region>,
    /// Regions that the rule requires and that have no member.
    pub(crate) gaps: Vec<Region>,
    /// What else does not hold, and no cell can show.
    pub(crate) breaches: Vec<Safe>,
}

/// The certain failures of a rule; `None` if there are none. A required member that is there and not usable shows its own letter.
pub(crate) fn marks(rule: &Rule, subject: &Subject<'_>) -> Option<Marks> {
    let mut marks = Marks { rule: rule.name.clone(), banned: Vec::new(), gaps: Vec::new(), breaches: Vec::new() };
    let failed = judge(rule, subject)?.into_iter().filter(|judged| judged.judgement.verdict == Verdict::Fail);
    for Judged { clause, judgement } in failed {
        match (clause, judgement.region) {
            (Clause::Forbidden, Some(region)) => marks.banned.push(region),
            (Clause::Required(_), Some(region)) => match subject.standing(&region) {
                Standing::Absent | Standing::DeclaredAbsent => marks.gaps.push(region),
                Standing::Read(_)
                | Standing::Exists(_)
                | Standing::Named(_)
                | Standing::NotKnown(_)
                | Standing::OutOfScope => {}
            },
            (Clause::Match, _) | (Clause::Forbidden, None) => {}
            (Clause::Required(_), None) | (Clause::MinRelated | Clause::Primary, _) => {
                marks.breaches.push(judgement.detail);
            }
        }
    }
    let is_empty = marks.banned.is_empty() && marks.gaps.is_empty() && marks.breaches.is_empty();
    (!is_empty).then_some(marks)
}

fn undecided(subject: &Subject<'_>) -> Judged {
    let detail = Safe::from_static("whether the rule is about this key depends on something that could not be read");
    let remedy = Remedy::text("read what the rule's match asks for: the reasons stand beside the Regions");
    let judgement = Judgement { remedy, ..Judgement::unknown(None, detail, subject.everything()) };
    Judged { clause: Clause::Match, judgement }
}

/// The Regions that a pattern can mean here.
fn meant(pattern: &RegionPattern, subject: &Subject<'_>) -> Vec<Region> {
    match pattern {
        RegionPattern::One(region) => vec![region.clone()],
        RegionPattern::Any(_) => {
            let in_scope = subject.row.cells.iter().filter(|cell| cell.in_scope);
            in_scope.map(|cell| &cell.region).filter(|region| pattern.matches(region)).cloned().collect()
        }
    }
}

fn required(pattern: &RegionPattern, subject: &Subject<'_>) -> Judgement {
    let regions = meant(pattern, subject);
    let named = if let [only] = regions.as_slice() { Some(only.clone()) } else { None };
    let of = |pattern: &RegionPattern| matches!(pattern, RegionPattern::One(_));
    let region = named.filter(|_| of(pattern));
    if regions.is_empty() {
        let detail = safe!("required: no Region of {} was read", pattern.words());
        let remedy = Remedy::text("add a Region that the rule names to the Regions that are read");
        return Judgement { remedy, ..Judgement::unknown(None, detail, Vec::new()) };
    }
    let wants: Vec<Judgement> = regions.iter().map(|region| required_in(region, subject)).collect();
    if let Some(held) = wants.iter().find(|want| want.verdict == Verdict::Pass) {
        return Judgement { region, ..held.clone() };
    }
    let evidence: Vec<Evidence> = wants.iter().flat_map(|want| want.evidence.clone()).collect();
    let verdict = wants.iter().fold(Verdict::Pass, |all, want| {
        // One Region that may yet turn out to hold a usable member is enough to leave it open.
        if all == Verdict::Unknown || want.verdict == Verdict::Unknown { Verdict::Unknown } else { Verdict::Fail }
    });
    let outside = member_out_of_scope(pattern, subject).filter(|_| region.is_none() && verdict == Verdict::Fail);
    if let Some(outside) = outside {
        let detail = safe!(
            "required: a usable member in a Region of {}; one is named in {outside}, which is outside the Regions that are read",
            pattern.words()
        );
        let remedy = Remedy::text("add the Region with --region");
        return Judgement { remedy, ..Judgement::unknown(None, detail, evidence) };
    }
    match wants.into_iter().next().filter(|_| region.is_some()) {
        Some(only) => Judgement { region, ..only },
        None => Judgement {
            region: None,
            verdict,
            detail: safe!("required: a usable member in a Region of {}", pattern.words()),
            remedy: Remedy::text("replicate the key into one of these Regions"),
            evidence,
        },
    }
}

/// A Region in which a member is named that nobody asked about.
fn member_out_of_scope<'a>(pattern: &RegionPattern, subject: &Subject<'a>) -> Option<&'a Region> {
    let outside = subject.row.cells.iter().filter(|cell| !cell.in_scope && cell.is_member());
    outside.map(|cell| &cell.region).find(|region| pattern.matches(region))
}

fn required_in(region: &Region, subject: &Subject<'_>) -> Judgement {
    let evidence: Vec<Evidence> = subject.evidence(region).into_iter().collect();
    let here = Some(region.clone());
    let unknown = |detail: Safe, remedy: Remedy| Judgement {
        remedy,
        ..Judgement::unknown(here.clone(), detail, evidence.clone())
    };
    let gap = |detail: Safe| {
        let remedy = if let Some(rule) = gaps::forbidding(subject, region) {
            Remedy::said(safe!("rule {rule} forbids a member there: the two rules contradict each other"))
        } else {
            let key = subject.key_argument();
            let plan = command(&["plan", "replicate", &key, "--to", region.as_str()]);
            Remedy::plan(safe!("replicate the key into {region}"), plan)
        };
        Judgement { remedy, ..Judgement::fail(here.clone(), detail, evidence.clone()) }
    };
    match subject.standing(region) {
        Standing::Read(member) => required_member(&member, evidence),
        Standing::Absent => gap(safe!("required in {region}, and absent there")),
        Standing::DeclaredAbsent => {
            gap(safe!("required in {region}, which could not be read; the primary names no member there (declared)"))
        }
        Standing::Exists(kind) => unknown(
            safe!("required in {region}: a member is listed there, its state could not be read: {}", kind.words()),
            reread(kind),
        ),
        Standing::Named(kind) => unknown(
            safe!("required in {region}: a related key names one there, it could not be read: {}", kind.words()),
            reread(kind),
        ),
        Standing::NotKnown(kind) => {
            unknown(safe!("required in {region}, which could not be read: {}", kind.words()), reread(kind))
        }
        Standing::OutOfScope => unknown(
            safe!("required in {region}, which is outside the Regions that are read"),
            Remedy::text("add the Region with --region"),
        ),
    }
}

fn required_member(member: &Member<'_>, evidence: Vec<Evidence>) -> Judgement {
    let region = member.region;
    let (here, state) = (Some(region.clone()), &member.key.state);
    let fail = |remedy: Remedy| {
        let detail = safe!("required in {region}, and the member there is {}", state.safe());
        Judgement { remedy, ..Judgement::fail(here.clone(), detail, evidence.clone()) }
    };
    let arn = member.key.arn.to_string();
    match state {
        KeyState::Enabled | KeyState::Updating => {
            Judgement::pass(here, safe!("required in {region}: {} there", state.safe()), evidence)
        }
        KeyState::Creating => Judgement {
            remedy: Remedy::text("wait until the member is made, then check again"),
            ..Judgement::unknown(here, safe!("required in {region}: the member there is being created"), evidence)
        },
        KeyState::Disabled => fail(Remedy::plan("enable the member".into(), command(&["plan", "enable", &arn]))),
        KeyState::PendingImport => fail(Remedy::text("import the key material into this member")),
        KeyState::PendingDeletion | KeyState::PendingReplicaDeletion => {
            fail(Remedy::plan("cancel the deletion".into(), command(&["plan", "cancel-deletion", &arn])))
        }
        KeyState::Unavailable => fail(Remedy::text("see the key store of this member")),
        KeyState::Other(_) | KeyState::Missing => Judgement::unknown(
            here,
            safe!("required in {region}: the member there is in a state that keyfleet does not know: {}", state.safe()),
            evidence,
        ),
    }
}

fn forbidden_in(rule: &Rule, subject: &Subject<'_>) -> Vec<Judgement> {
    if rule.forbidden.is_empty() && rule.allowed.is_empty() {
        return Vec::new();
    }
    let mut found = Forbidden::default();
    for cell in subject.row.cells.iter().filter(|cell| rule.forbids(&cell.region)) {
        found.add(&cell.region, subject, cell.is_member());
    }
    // A Region that is named one by one is looked at although it is not enabled and nothing names the key there.
    let named = rule.forbidden.iter().filter_map(|pattern| match pattern {
        RegionPattern::One(region) => Some(region),
        RegionPattern::Any(_) => None,
    });
    for region in named.filter(|region| subject.row.cell(region).is_none()) {
        found.add(region, subject, false);
    }
    found.judgements()
}

/// What was seen of the Regions that a rule forbids.
#[derive(Default)]
struct Forbidden<'a> {
    judgements: Vec<Judgement>,
    /// Of the Regions that hold none.
    evidence: Vec<Evidence>,
    is_declared: bool,
    /// Where a member is named that nobody asked about.
    outside: Vec<&'a Region>,
}

impl<'a> Forbidden<'a> {
    fn add(&mut self, region: &'a Region, subject: &Subject<'_>, is_member: bool) {
        let here = Some(region.clone());
        let own: Vec<Evidence> = subject.evidence(region).into_iter().collect();
        let unknown = |detail: Safe, kind: ReasonKind| Judgement {
            remedy: reread(kind),
            ..Judgement::unknown(here.clone(), detail, own.clone())
        };
        match subject.standing(region) {
            Standing::Read(member) => self.judgements.push(banned(region, &member.key.state.safe(), own)),
            Standing::Exists(_) => {
                self.judgements.push(banned(region, &"listed, its state is not known".into(), own));
            }
            Standing::Named(kind) => self.judgements.push(unknown(
                safe!("forbidden in {region}: a related key names one there, it could not be read: {}", kind.words()),
                kind,
            )),
            Standing::NotKnown(kind) => self
                .judgements
                .push(unknown(safe!("forbidden in {region}, which could not be read: {}", kind.words()), kind)),
            Standing::Absent => self.evidence.extend(own),
            Standing::DeclaredAbsent => {
                self.is_declared = true;
                self.evidence.extend(own);
            }
            Standing::OutOfScope => self.outside.extend(Some(region).filter(|_| is_member)),
        }
    }

    fn judgements(mut self) -> Vec<Judgement> {
        if self.judgements.is_empty() {
            let how = if self.is_declared { ", in part by the primary's word (declared)" } else { "" };
            let detail = if self.outside.is_empty() {
                safe!("no member where the rule forbids one{how}")
            } else {
                let outside: Vec<&str> = self.outside.iter().map(|region| region.as_str()).collect();
                let outside = outside.join(", ");
                safe!(
                    "no member in the Regions read where the rule forbids one{how}; one is named in {outside}, outside of them, and not counted"
                )
            };
            self.judgements.push(Judgement::pass(None, detail, self.evidence));
        }
        self.judgements
    }
}

fn banned(region: &Region, state: &Safe, evidence: Vec<Evidence>) -> Judgement {
    let remedy = Remedy::text(
        "decide whether the member may go; keyfleet deletes nothing: ScheduleKeyDeletion takes 7 to 30 days, the key material stays until then",
    );
    Judgement {
        remedy,
        ..Judgement::fail(
            Some(region.clone()),
            safe!("forbidden in {region}, and a member is there: {state}"),
            evidence,
        )
    }
}

fn enough(least: u32, subject: &Subject<'_>) -> Judgement {
    let (mut usable, mut possible) = (0_u32, 0_u32);
    for cell in &subject.row.cells {
        match subject.standing_of(cell) {
            Standing::Read(member) => match &member.key.state {
                KeyState::Enabled | KeyState::Updating => usable += 1,
                KeyState::Creating | KeyState::Other(_) | KeyState::Missing => possible += 1,
                KeyState::Disabled
                | KeyState::PendingDeletion
                | KeyState::PendingReplicaDeletion
                | KeyState::PendingImport
                | KeyState::Unavailable => {}
            },
            Standing::Exists(_) | Standing::Named(_) | Standing::NotKnown(_) => possible += 1,
            // One that is named outside the Regions that are read may be usable, and is not counted.
            Standing::OutOfScope => possible += u32::from(cell.is_member()),
            Standing::Absent | Standing::DeclaredAbsent => {}
        }
    }
    let evidence = subject.everything();
    let remedy = Remedy::text("replicate the key, or bring its other members back to Enabled");
    if usable >= least {
        Judgement::pass(None, safe!("{usable} usable members, {least} required"), evidence)
    } else if usable.saturating_add(possible) >= least {
        let detail = safe!("{usable} usable members, {least} required, {possible} more may be and are not known");
        Judgement { remedy, ..Judgement::unknown(None, detail, evidence) }
    } else {
        let detail = safe!("{usable} usable members, {least} required");
        Judgement { remedy, ..Judgement::fail(None, detail, evidence) }
    }
}

fn primary(rule: &Rule, subject: &Subject<'_>) -> Judgement {
    let may = rule.primary_words();
    let region = match &subject.row.primary {
        Primary::In(region) => region,
        Primary::Moving { .. } | Primary::Contradictory { .. } | Primary::Unknown => {
            let detail = safe!("the primary must be in {may}; where it is cannot be told now");
            return Judgement::unknown(None, detail, subject.everything());
        }
    };
    let evidence: Vec<Evidence> = subject.evidence(region).into_iter().collect();
    if subject.declaring().is_none() {
        let detail = safe!("the primary must be in {may}; it is said to be in {region}, and could not be read there");
        return Judgement::unknown(None, detail, evidence);
    }
    if rule.primary.iter().any(|pattern| pattern.matches(region)) {
        return Judgement::pass(None, safe!("the primary is in {region}"), evidence);
    }
    let text = safe!("promote a replica in {may}");
    let to = rule.primary.iter().find_map(|pattern| {
        let can_be_promoted =
            |member: &Member<'_>| pattern.matches(member.region) && member.key.state == KeyState::Enabled;
        subject.members().into_iter().find(can_be_promoted)
    });
    let key = subject.key_argument();
    let remedy = match to {
        Some(to) => Remedy::plan(text, command(&["plan", "promote", &key, "--to", to.region.as_str()])),
        None => Remedy::said(text),
    };
    Judgement { remedy, ..Judgement::fail(None, safe!("the primary is in {region}, and must be in {may}"), evidence) }
}

/// What helps against not having been able to read.
fn reread(kind: ReasonKind) -> Remedy {
    Remedy::text(kind.next_step())
}
