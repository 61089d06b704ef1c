//! The members outside the lost Regions: what they are, and how they differ from the primary in what does not follow a replica by itself.

use super::evidence::{Evidence, Standing};
use super::loss::Loss;
use super::{PolicyIs, Survivor};
use crate::domain::filter::Truth;
use crate::domain::fleet::KeyRef;
use crate::domain::fleet::row::Row;
use crate::domain::id::{KeyArn, Region};
use crate::domain::policy::{Document, Side, differences, is_default};
use crate::domain::text::Foreign;

/// By Region. Without a `row` the key is known from a former run only, and so is what is named here.
pub(super) fn survivors(loss: &Loss<'_>, key: &KeyRef, row: Option<&Row>, evidence: &Evidence) -> Vec<Survivor> {
    let Some(any) = any_arn(loss, key) else { return Vec::new() };
    let primary = Original::of(loss, key, evidence);
    let is_there = |standing: &&Standing| standing.is_named && standing.is_member != Truth::No;
    evidence.outside().filter(is_there).map(|standing| survivor((loss, key), row, standing, (&any, &primary))).collect()
}

fn survivor(
    (loss, key): (&Loss<'_>, &KeyRef),
    row: Option<&Row>,
    standing: &Standing,
    (any, primary): (&KeyArn, &Original),
) -> Survivor {
    let region = &standing.region;
    let aliases = row.and_then(|row| row.cell(region)?.aliases.as_ref()).map(|aliases| aliases.to_vec());
    let policy = loss.fleet.member(key, region).and_then(|member| member.policy.value());
    Survivor {
        region: region.clone(),
        arn: any.in_region(region),
        state: standing.described.as_ref().map(|key| key.state.clone()),
        reason: standing.why.as_ref().map(|why| why.kind),
        is_usable: standing.is_usable,
        missing_aliases: primary.missing(region, aliases.as_deref().filter(|_| standing.is_member == Truth::Yes)),
        policy: primary.compared(region, policy, any),
        aliases,
    }
}

/// Related keys differ in their Region alone.
fn any_arn(loss: &Loss<'_>, key: &KeyRef) -> Option<KeyArn> {
    let entry = loss.fleet.key(key).or_else(|| loss.former(key))?;
    entry.members.values().next().map(|member| member.arn.clone())
}

/// What of the primary a survivor is measured by.
struct Original {
    region: Option<Region>,
    aliases: Option<Vec<Foreign>>,
    policy: Option<Document>,
}

impl Original {
    fn of(loss: &Loss<'_>, key: &KeyRef, evidence: &Evidence) -> Self {
        let region = evidence.primary().cloned();
        let member = region.as_ref().and_then(|region| loss.fleet.member(key, region));
        let policy = member.and_then(|member| member.policy.value()).and_then(parsed);
        let aliases = region.as_ref().and_then(|region| aliases(loss, key, region));
        Self { region, aliases, policy }
    }

    fn missing(&self, region: &Region, own: Option<&[Foreign]>) -> Option<Vec<Foreign>> {
        if self.region.as_ref() == Some(region) {
            return Some(Vec::new());
        }
        let (wanted, own) = (self.aliases.as_ref()?, own?);
        Some(wanted.iter().filter(|alias| !own.contains(alias)).cloned().collect())
    }

    fn compared(&self, region: &Region, own: Option<&Foreign>, any: &KeyArn) -> PolicyIs {
        let Some(primary) = &self.region else { return PolicyIs::Unknown };
        if primary == region {
            return PolicyIs::Same;
        }
        let (Some(original), Some(own)) = (&self.policy, own.and_then(parsed)) else { return PolicyIs::Unknown };
        let (before, after) = (Side { document: original, region: primary }, Side { document: &own, region });
        if differences(before, after).is_empty() {
            PolicyIs::Same
        } else if is_default(&own, any.account) {
            PolicyIs::Default
        } else {
            PolicyIs::Differs
        }
    }
}

/// What is no policy can be compared with nothing.
fn parsed(policy: &Foreign) -> Option<Document> {
    Document::parse(policy.original()).ok()
}

/// The primary's aliases: as read, or the last that was known of a lost Region that cannot be read.
fn aliases(loss: &Loss<'_>, key: &KeyRef, region: &Region) -> Option<Vec<Foreign>> {
    if let Some(aliases) = loss.fleet.aliases(key, region) {
        return Some(aliases.to_vec());
    }
    if !loss.is_dark_loss(key.login, region) {
        return None;
    }
    // A former run that had read none, and one that had not read them, look the same.
    let last = loss.last_of(key.login)?.fleet().aliases(key, region)?;
    Some(last.to_vec()).filter(|aliases| !aliases.is_empty())
}
