//! Which change can be planned for a key and a Region. What it refuses could not end well; what it lets through, the plan's preconditions still judge.

use super::Subject;
use crate::domain::filter::Truth;
use crate::domain::fleet::presence::{Presence, Present};
use crate::domain::fleet::row::{Cell, Primary, Row};
use crate::domain::id::Region;
use crate::domain::key::{KeyState, Role};
use crate::domain::plan::Operation;
use crate::domain::rule::Rule;
use crate::domain::text::{Safe, safe};
use crate::engine::change::{Options, Want};

/// A change that can be planned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Offer {
    pub(crate) wants: Vec<Want>,
    /// Why another change is offered than the one asked for.
    pub(crate) rescue: Option<Safe>,
}

pub(super) fn offer(subject: Subject<'_>, operation: Operation, rules: &[Rule]) -> Result<Offer, Safe> {
    let Subject { row, region } = subject;
    let (operation, region, rescue) = match operation {
        Operation::ReplicateKey => replicate(row, region, rules)?,
        Operation::CancelKeyDeletion => (operation, keep(row, region)?, None),
        Operation::UpdatePrimaryRegion => (operation, promote(row, region)?, None),
        Operation::EnableKey => (operation, enable(row, region)?, None),
        Operation::CreateAlias => return Err(Safe::from_static("an alias is made only together with a replica")),
    };
    let want = Want { key: row.key.clone(), operation, region, options: Options::default() };
    Ok(Offer { wants: vec![want], rescue })
}

fn replicate(row: &Row, region: Option<&Region>, rules: &[Rule]) -> Result<(Operation, Region, Option<Safe>), Safe> {
    let region = region.ok_or(Safe::from_static("R replicates into the Region under the cursor: h and l go to one"))?;
    let cell = row.cell(region).ok_or_else(|| safe!("{region} is outside the Regions asked for: --region adds it"))?;
    match &cell.presence {
        Presence::Absent(_) => {
            is_not_forbidden(row, region, rules)?;
            let primary = settled_primary(row)?;
            let present = readable(primary)?;
            sound(present, &primary.region)?;
            must_be_enabled(present, "primary", &primary.region)?;
            Ok((Operation::ReplicateKey, region.clone(), None))
        }
        Presence::Present(present) => {
            sound(present, region)?;
            if present.state() != &KeyState::PendingDeletion || cell.role != Some(Role::Replica) {
                return Err(safe!("{region} already has a member of this key"));
            }
            let rescue = safe!(
                "ReplicateKey into {region} would be refused: the replica there is pending deletion. This plan cancels its deletion instead."
            );
            Ok((Operation::CancelKeyDeletion, region.clone(), Some(rescue)))
        }
        Presence::Unknown(unknown) => {
            let what = if unknown.is_named() { "a member is named there, and not readable" } else { "not known" };
            Err(safe!("{region}: {what} ({}); {}", unknown.why.kind.words(), unknown.why.next_step))
        }
    }
}

/// A rule that certainly forbids the Region is said here; where it cannot be told whether the rule is about the key, the plan says so.
fn is_not_forbidden(row: &Row, region: &Region, rules: &[Rule]) -> Result<(), Safe> {
    let forbids = |rule: &&Rule| rule.forbids(region) && rule.matching.matches(row) == Truth::Yes;
    match rules.iter().find(forbids) {
        Some(rule) => Err(safe!("rule {} forbids {region}: no replica is made there", rule.name.safe())),
        None => Ok(()),
    }
}

fn keep(row: &Row, region: Option<&Region>) -> Result<Region, Safe> {
    let qualifies = |state: &KeyState| state.is_pending_deletion();
    match region {
        Some(region) => qualifying(row, region, qualifies, "not pending deletion"),
        None => only_one(row, qualifies, "pending deletion"),
    }
}

fn enable(row: &Row, region: Option<&Region>) -> Result<Region, Safe> {
    let qualifies = |state: &KeyState| *state == KeyState::Disabled;
    match region {
        Some(region) => qualifying(row, region, qualifies, "not Disabled"),
        None => only_one(row, qualifies, "Disabled"),
    }
}

fn promote(row: &Row, region: Option<&Region>) -> Result<Region, Safe> {
    let region = region.ok_or(Safe::from_static("P promotes the replica under the cursor: h and l go to one"))?;
    let primary = settled_primary(row)?;
    if primary.region == *region {
        return Err(safe!("{region} already holds the primary key"));
    }
    let cell = row.cell(region).ok_or_else(|| safe!("{region} is outside the Regions asked for"))?;
    let present = readable(cell)?;
    sound(readable(primary)?, &primary.region)?;
    sound(present, region)?;
    must_be_enabled(present, "replica", region)?;
    if cell.role == Some(Role::Replica) {
        Ok(region.clone())
    } else {
        Err(safe!("the member in {region} is not known to be a replica key"))
    }
}

fn must_be_enabled(present: &Present, role: &'static str, region: &Region) -> Result<(), Safe> {
    let state = present.state();
    if *state == KeyState::Enabled {
        Ok(())
    } else {
        Err(safe!("the {role} key in {region} is {}, and must be Enabled", state.safe()))
    }
}

/// The member in a Region, if its state fits.
fn qualifying(
    row: &Row,
    region: &Region,
    fits: impl Fn(&KeyState) -> bool,
    otherwise: &'static str,
) -> Result<Region, Safe> {
    let cell = row.cell(region).ok_or_else(|| safe!("{region} is outside the Regions asked for"))?;
    let present = readable(cell)?;
    sound(present, region)?;
    if fits(present.state()) {
        Ok(region.clone())
    } else {
        Err(safe!("the member in {region} is {}: {otherwise}", present.state().safe()))
    }
}

/// On the key itself: the one member whose state fits.
fn only_one(row: &Row, fits: impl Fn(&KeyState) -> bool, what: &'static str) -> Result<Region, Safe> {
    let mut fitting = row.cells.iter().filter(|cell| cell.state().is_some_and(&fits));
    let first = fitting.next().ok_or_else(|| safe!("no member of this key that could be read is {what}"))?;
    if fitting.next().is_some() {
        return Err(safe!("more than one member is {what}: go to one of them with h and l"));
    }
    sound(readable(first)?, &first.region)?;
    Ok(first.region.clone())
}

fn settled_primary(row: &Row) -> Result<&Cell, Safe> {
    let region = match &row.primary {
        Primary::In(region) => region,
        Primary::Moving { .. } => return Err(Safe::from_static("no primary key yet: it is moving")),
        Primary::Contradictory { .. } => {
            return Err(Safe::from_static("the members contradict each other about the primary key: read again, r"));
        }
        Primary::Unknown => return Err(Safe::from_static("no readable member says where the primary key is")),
    };
    row.cell(region).ok_or_else(|| safe!("the primary key is in {region}, outside the Regions asked for"))
}

/// What DescribeKey said of a member, unless a later question about it failed.
fn readable(cell: &Cell) -> Result<&Present, Safe> {
    let region = &cell.region;
    match &cell.presence {
        Presence::Present(present) => match &present.stale {
            None => Ok(present),
            Some(why) => Err(safe!("{region} could not be read again: {}; {}", why.kind.words(), why.next_step)),
        },
        Presence::Absent(_) => Err(safe!("this key has no member in {region}")),
        Presence::Unknown(unknown) => {
            Err(safe!("{region} could not be read: {}; {}", unknown.why.kind.words(), unknown.why.next_step))
        }
    }
}

/// No change is offered on an answer that AWS does not give of a sound key.
fn sound(present: &Present, region: &Region) -> Result<(), Safe> {
    match present.key.oddities.first() {
        None => Ok(()),
        Some(oddity) => Err(safe!("no change is offered on {region}: {}", oddity.safe())),
    }
}
