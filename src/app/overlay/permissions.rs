//! What a row's changes need: the IAM actions of each operation, the Region each is needed in, and whether the caller may.
//!
//! Nothing is claimed that cannot be read from here: the policies of identities and of organizations are not among what keyfleet reads, so "allowed" never means
//! more than that the key policy does not stand in the way.

use std::collections::{BTreeMap, BTreeSet};

use super::Viewer;
use crate::app::text::{Text, TextLine, Tone};
use crate::domain::fleet::KeyRef;
use crate::domain::fleet::row::Row;
use crate::domain::id::Region;
use crate::domain::plan::{Identity, Operation, Verdict};
use crate::domain::policy::{Caller, Document, Doubt, Permits, Request, permits, simulate_line};
use crate::domain::reading::Reading;
use crate::domain::text::{Safe, safe};
use crate::engine::{Engine, Session};

/// One action that an operation needs, and the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Judged {
    pub(crate) operation: Operation,
    pub(crate) action: &'static str,
    pub(crate) region: Region,
    pub(crate) result: Verdict,
    pub(crate) why: Safe,
}

/// The overlay: a text that is composed anew while the key policies it asked for come in.
#[derive(Debug)]
pub(crate) struct Permissions {
    pub(in crate::app) key: KeyRef,
    /// The Region under the cursor; without one the key as a whole.
    pub(in crate::app) region: Option<Region>,
    pub(in crate::app) viewer: Viewer,
}

impl Permissions {
    pub(in crate::app) fn new(name: &Safe, key: KeyRef, region: Option<Region>) -> Self {
        let place = region.as_ref().map(|region| safe!(" in {region}")).unwrap_or_default();
        let title = safe!("What a change of {name}{place} needs");
        Self { key, region, viewer: Viewer { title, text: Text::default() } }
    }

    pub(crate) fn viewer(&self) -> &Viewer {
        &self.viewer
    }
}

/// What each operation needs for a row, and whether it is allowed as far as that is known.
pub(in crate::app) fn judged(engine: &Engine, row: &Row, region: Option<&Region>) -> Vec<Judged> {
    let judge = |(operation, action, of): (Operation, &'static str, Region)| {
        let target = region.filter(|region| is_target(row, operation, region));
        let (result, why) = judge(engine, row, (action, &of), target);
        Judged { operation, action, region: of, result, why }
    };
    needed(row, region).into_iter().map(judge).collect()
}

/// Whether the Region under the cursor is the one that the request would name as its target.
fn is_target(row: &Row, operation: Operation, region: &Region) -> bool {
    match operation {
        Operation::ReplicateKey => !is_member(row, region),
        Operation::UpdatePrimaryRegion => is_member(row, region) && row.primary_region() != Some(region),
        Operation::CancelKeyDeletion | Operation::EnableKey | Operation::CreateAlias => false,
    }
}

/// The Regions whose key policies have a say.
pub(in crate::app) fn regions(row: &Row, region: Option<&Region>) -> Vec<Region> {
    let mut regions: Vec<Region> = needed(row, region).into_iter().map(|(_, _, region)| region).collect();
    regions.retain(|region| is_member(row, region));
    regions.sort();
    regions.dedup();
    regions
}

/// (operation, action, Region), in the order of the keys R K P E.
fn needed(row: &Row, region: Option<&Region>) -> Vec<(Operation, &'static str, Region)> {
    let primary = row.primary_region();
    let members: Vec<&Region> = match region.filter(|region| is_member(row, region)) {
        Some(region) => vec![region],
        None => row.members().map(|cell| &cell.region).collect(),
    };
    let mut needed = Vec::new();
    needed.extend(primary.map(|primary| (Operation::ReplicateKey, "kms:ReplicateKey", primary.clone())));
    if let Some(target) = region.filter(|region| !is_member(row, region)) {
        for action in ["kms:CreateKey", "kms:TagResource"] {
            needed.push((Operation::ReplicateKey, action, target.clone()));
        }
    }
    let each = |operation, action, of: &[&Region]| {
        of.iter().map(|region| (operation, action, Region::clone(region))).collect::<Vec<_>>()
    };
    needed.extend(each(Operation::CancelKeyDeletion, "kms:CancelKeyDeletion", &members));
    let promoted: Vec<&Region> = members.iter().copied().filter(|region| Some(*region) != primary).collect();
    let both: Vec<&Region> = primary.into_iter().chain(promoted).collect();
    needed.extend(each(Operation::UpdatePrimaryRegion, "kms:UpdatePrimaryRegion", &both));
    needed.extend(each(Operation::EnableKey, "kms:EnableKey", &members));
    needed
}

fn is_member(row: &Row, region: &Region) -> bool {
    row.cell(region).is_some_and(crate::domain::fleet::row::Cell::is_member)
}

/// What the key policy says, where the member answers; policies of identities cannot be read from here at all.
fn judge(engine: &Engine, row: &Row, (action, of): (&str, &Region), target: Option<&Region>) -> (Verdict, Safe) {
    let unknown = |why: Safe| (Verdict::Unknown, why);
    let Some(member) = engine.fleet().member(&row.key, of).filter(|_| is_member(row, of)) else {
        return unknown(safe!("identity policies decide on {action}, and they cannot be read from here"));
    };
    let policy = match &member.policy {
        Reading::NotAsked | Reading::Waiting => return unknown("the key policy has not been read yet".into()),
        Reading::Failed { why, .. } => {
            return unknown(safe!("the key policy could not be read: {}", why.kind.words()));
        }
        Reading::Known { value, .. } => value,
    };
    let Some(identity) = identity(engine, &row.key) else {
        return unknown("who is asking is not known: STS has not answered".into());
    };
    let document = match Document::parse(policy.original()) {
        Ok(document) => document,
        Err(error) => return unknown(safe!("the key policy is not understood: {}", error.words())),
    };
    let caller = Caller::new(identity.caller_arn.original(), identity.account);
    match permits(&document, &Request { caller: &caller, action, key: &member.arn, target }) {
        Permits::Allowed => (Verdict::Pass, "the key policy allows it to the caller".into()),
        Permits::Denied(why) => (Verdict::Fail, safe!("by the key policy: {why}")),
        Permits::Unknown(Doubt::LeftToIam) => {
            unknown("the key policy leaves it to identity policies, and they cannot be read from here".into())
        }
        Permits::Unknown(Doubt::Statement(why)) => unknown(why),
    }
}

fn identity<'engine>(engine: &'engine Engine, key: &KeyRef) -> Option<&'engine Identity> {
    match engine.session(key.login) {
        Some(Session::Open { identity }) => identity.value(),
        Some(Session::Connecting { .. } | Session::Failed(_)) | None => None,
    }
}

/// The whole text. Reasons are numbered and stand below: most lines share theirs.
pub(in crate::app) fn lines(engine: &Engine, key: &KeyRef, judged: &[Judged]) -> Vec<TextLine> {
    let mut reasons: Vec<&Safe> = Vec::new();
    for each in judged {
        if !reasons.contains(&&each.why) {
            reasons.push(&each.why);
        }
    }
    let mut lines = vec![caller(engine, key)];
    for operation in Operation::ALL {
        lines.extend(group(operation, judged, &reasons));
    }
    lines.push(TextLine::default());
    for (number, why) in (1..).zip(reasons) {
        lines.push(TextLine::of(Tone::Label, safe!("({number}) ")).and(Tone::Plain, why.clone()));
    }
    let limits = "Allowed says no more than that the key policy does not stand in the way: what the policies of identities and of the \
                  organization say cannot be known here.";
    lines.push(TextLine::of(Tone::Dim, limits));
    let questions = questions(engine, key, judged);
    if !questions.is_empty() {
        lines.push(TextLine::default());
        lines.push(TextLine::of(Tone::Title, "What IAM knows of the caller's own policies (C copies the commands)"));
        lines.extend(questions.into_iter().map(|line| TextLine::of(Tone::Plain, line)));
    }
    lines
}

/// The commands that ask IAM about what cannot be known from here, one for each Region and resource.
pub(in crate::app) fn questions(engine: &Engine, key: &KeyRef, judged: &[Judged]) -> Vec<Safe> {
    let Some(identity) = identity(engine, key) else { return Vec::new() };
    let caller = Caller::new(identity.caller_arn.original(), identity.account);
    let any_arn = engine.fleet().key(key).and_then(|entry| entry.members.values().next()).map(|member| &member.arn);
    let mut asked: BTreeMap<(&Region, String), BTreeSet<&str>> = BTreeMap::new();
    for each in judged.iter().filter(|each| each.result == Verdict::Unknown) {
        // A key that is to be made has no ARN yet.
        let arn = any_arn.filter(|_| each.action != "kms:CreateKey").map(|arn| arn.in_region(&each.region).to_string());
        asked.entry((&each.region, arn.unwrap_or_else(|| "*".to_owned()))).or_default().insert(each.action);
    }
    let line = |((region, resource), actions): (&(&Region, String), &BTreeSet<&str>)| {
        simulate_line(&caller, &actions.iter().copied().collect::<Vec<_>>(), resource, region)
    };
    asked.iter().filter_map(line).collect()
}

fn group(operation: Operation, judged: &[Judged], reasons: &[&Safe]) -> Vec<TextLine> {
    let Some(letter) = letter(operation) else { return Vec::new() };
    let mut lines = vec![TextLine::default(), TextLine::of(Tone::Title, safe!("{letter}  {operation}"))];
    let before = lines.len();
    for each in judged.iter().filter(|each| each.operation == operation) {
        let reason = (1..).zip(reasons).find(|(_, why)| ***why == each.why).map_or(0, |(number, _)| number);
        lines.push(line(each, reason));
    }
    if lines.len() == before {
        lines.push(TextLine::of(Tone::Dim, "   no member that could be read says where the primary key is"));
    }
    let has_target = judged.iter().any(|judged| judged.action == "kms:CreateKey");
    if operation == Operation::ReplicateKey && !has_target {
        let words = "   and kms:CreateKey, with tags kms:TagResource, in the new replica's Region: h and l go to one";
        lines.push(TextLine::of(Tone::Dim, words));
    }
    lines
}

fn letter(operation: Operation) -> Option<&'static str> {
    match operation {
        Operation::ReplicateKey => Some("R"),
        Operation::CancelKeyDeletion => Some("K"),
        Operation::UpdatePrimaryRegion => Some("P"),
        Operation::EnableKey => Some("E"),
        // Only ever the second step of a replication.
        Operation::CreateAlias => None,
    }
}

fn caller(engine: &Engine, key: &KeyRef) -> TextLine {
    let caller = identity(engine, key)
        .map_or_else(|| "not known: STS has not answered".into(), |identity| identity.caller_arn.safe());
    TextLine::of(Tone::Label, "Caller  ").and(Tone::Plain, caller)
}

fn line(judged: &Judged, reason: usize) -> TextLine {
    let (word, tone) = match judged.result {
        Verdict::Pass => ("allowed", Tone::Good),
        Verdict::Fail => ("denied", Tone::Bad),
        Verdict::Unknown => ("cannot be known", Tone::Warning),
    };
    TextLine::of(Tone::Plain, safe!("   {:<25} {:<15} ", judged.action, judged.region.as_str()))
        .and(tone, word)
        .and(Tone::Label, safe!(" ({reason})"))
}
