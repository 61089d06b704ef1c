//! Why an effect is what it is, in one sentence for a person at night.

use super::evidence::{Evidence, Standing};
use super::loss::Loss;
use super::{Effect, KeyImpact, PolicyIs, Survivor};
use crate::domain::filter::Truth;
use crate::domain::id::Region;
use crate::domain::key::KeyState;
use crate::domain::reading::ReasonKind;
use crate::domain::text::{Safe, safe};
use crate::domain::time::{Timestamp, span};

pub(super) fn detail(
    loss: &Loss<'_>,
    evidence: &Evidence,
    survivors: &[Survivor],
    last_known_at: Option<Timestamp>,
) -> Safe {
    let effect = evidence.effect();
    let mut parts = match effect {
        Effect::Lost => lost(loss, evidence),
        Effect::Frozen => vec![frozen(evidence)],
        Effect::Reduced => vec![reduced(evidence)],
        Effect::Unknown => unknown(evidence),
        Effect::Unaffected => unaffected(loss, evidence),
    };
    if effect != Effect::Unaffected {
        parts.extend(survivors.iter().filter_map(lacking));
    }
    if let Some(at) = last_known_at {
        parts.push(format!("as last known {} ago, {}", span(loss.now.since(at)), at.minute()));
    }
    safe!("{}", parts.join("; "))
}

/// `FROZEN. us-west-2 and eu-west-1 go on; no replicate, rotate or promote until it is back.`
pub(super) fn sentence(key: &KeyImpact) -> Safe {
    let usable = key.survivors.iter().filter(|survivor| survivor.is_usable == Truth::Yes);
    let usable: Vec<&str> = usable.map(|survivor| survivor.region.as_str()).collect();
    let goes_on = match usable.as_slice() {
        [one] => format!("{one} goes on"),
        several => format!("{} go on", together(several)),
    };
    match key.effect {
        Effect::Lost => safe!("LOST. {}.", key.detail),
        Effect::Frozen => safe!("FROZEN. {goes_on}; no replicate, rotate or promote until it is back."),
        Effect::Reduced => safe!("REDUCED. {goes_on}, the primary among them."),
        Effect::Unknown => safe!("UNKNOWN. {}.", key.detail),
        Effect::Unaffected => safe!("unaffected: {}.", key.detail),
    }
}

/// `one, two and three`
fn together(names: &[&str]) -> String {
    match names {
        [] => "none".to_owned(),
        [one] => (*one).to_owned(),
        [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
    }
}

/// Names with commas between them.
pub(super) fn listed<'a>(regions: impl Iterator<Item = &'a Region>) -> String {
    regions.map(Region::as_str).collect::<Vec<_>>().join(", ")
}

fn names<'a>(standings: impl IntoIterator<Item = &'a Standing>) -> String {
    listed(standings.into_iter().map(|standing| &standing.region))
}

fn lost(loss: &Loss<'_>, evidence: &Evidence) -> Vec<String> {
    let there = names(evidence.lost().filter(|standing| standing.is_member == Truth::Yes));
    let survivors: Vec<&Standing> = evidence.outside().filter(|standing| standing.is_member == Truth::Yes).collect();
    let mut parts = vec![if survivors.is_empty() {
        format!("every member is in {there}")
    } else {
        format!("no usable member outside {there}")
    }];
    parts.extend(survivors.into_iter().filter_map(|standing| revival(loss, standing)));
    parts.extend(word(&Evidence::on_the_primarys_word(evidence.outside())));
    parts
}

/// What keeps a survivor from being used, and what would bring it back.
fn revival(loss: &Loss<'_>, standing: &Standing) -> Option<String> {
    let (region, key) = (&standing.region, standing.described.as_ref()?);
    Some(match &key.state {
        KeyState::Disabled => format!("{region} is Disabled: EnableKey would bring it back"),
        KeyState::PendingDeletion => {
            let when = key.deletion_date.map(|at| format!(" in {}, {}", span(at.since(loss.now)), at.minute()));
            let when = when.unwrap_or_default();
            format!("{region} is to be deleted{when}: CancelKeyDeletion and then EnableKey would bring it back")
        }
        KeyState::PendingReplicaDeletion => format!(
            "{region} is to be deleted after its replicas: CancelKeyDeletion and then EnableKey would bring it back"
        ),
        KeyState::PendingImport => {
            format!("{region} waits for its key material: importing the same material again would bring it back")
        }
        KeyState::Creating => format!("{region} is still being created and not usable before it is Enabled"),
        KeyState::Unavailable => format!("{region} is Unavailable"),
        KeyState::Enabled | KeyState::Updating | KeyState::Other(_) | KeyState::Missing => return None,
    })
}

fn frozen(evidence: &Evidence) -> String {
    let usable = names(evidence.outside().filter(|standing| standing.is_usable == Truth::Yes));
    let primary = listed(evidence.primaries.iter());
    format!("the primary is in {primary}; usable in {usable}")
}

fn reduced(evidence: &Evidence) -> String {
    let gone = names(evidence.lost().filter(|standing| standing.is_member == Truth::Yes));
    let usable = names(evidence.outside().filter(|standing| standing.is_usable == Truth::Yes));
    let primary = listed(evidence.primaries.iter());
    format!("loses its replica in {gone}; the primary in {primary} stays; usable in {usable}")
}

fn unaffected(loss: &Loss<'_>, evidence: &Evidence) -> Vec<String> {
    let mut parts = vec![format!("no member in {}", listed(loss.regions.iter()))];
    parts.extend(word(&Evidence::on_the_primarys_word(evidence.lost())));
    parts
}

/// What rests on the primary's word alone.
fn word(unread: &[&Standing]) -> Option<String> {
    let names = names(unread.iter().copied());
    (!unread.is_empty()).then(|| format!("{names} could not be read; the primary names no member there"))
}

fn unknown(evidence: &Evidence) -> Vec<String> {
    let mut parts: Vec<String> = evidence.doubts().into_iter().map(doubt).collect();
    if evidence.hit() == Truth::Yes && evidence.remains() == Truth::Undecided && evidence.may_be_elsewhere {
        parts.push("no member could be described, so it may have others outside the Regions asked for".to_owned());
    }
    if parts.is_empty() {
        parts.push(if evidence.primaries.is_empty() {
            "no member that could be read says where the primary is".to_owned()
        } else {
            format!("members do not agree on the primary, which is in one of {}", listed(evidence.primaries.iter()))
        });
    }
    parts
}

fn doubt(standing: &Standing) -> String {
    let region = &standing.region;
    let because = standing.why.as_ref().map(|why| why.kind.words()).unwrap_or_default();
    match (&standing.described, standing.is_named, standing.is_lost) {
        (Some(key), _, _) if standing.why.is_none() => {
            format!("{region} is in a state that decides nothing: {}", key.state.safe())
        }
        (Some(key), _, false) => format!("{region} was {}, and could not be read again: {because}", key.state.safe()),
        // The Region lists it, and what it then said is of no use.
        (None, true, true) if standing.why.as_ref().is_some_and(|why| why.kind == ReasonKind::UnexpectedAnswer) => {
            format!("a member in {region} could not be read: {because}")
        }
        (None, true, false) => format!("a member in {region} could not be read: {because}"),
        (_, true, true) => format!("members do not agree that one is in {region}: {because}"),
        (_, false, _) => format!("a member may be in {region}, which could not be read: {because}"),
    }
}

/// What a survivor lacks that the primary has: neither alias nor policy follows a replica by itself.
fn lacking(survivor: &Survivor) -> Option<String> {
    let region = &survivor.region;
    let missing = survivor.missing_aliases.iter().flatten().map(|alias| alias.safe().to_string());
    let missing: Vec<String> = missing.collect();
    let alias = (!missing.is_empty()).then(|| format!("lacks {}", missing.join(" and ")));
    let policy = match survivor.policy {
        PolicyIs::Same | PolicyIs::Unknown => None,
        PolicyIs::Default => Some("has KMS's default policy, not the primary's".to_owned()),
        PolicyIs::Differs => Some("has another policy than the primary".to_owned()),
    };
    let both: Vec<String> = alias.into_iter().chain(policy).collect();
    (!both.is_empty()).then(|| format!("{region} {}", both.join(" and ")))
}
