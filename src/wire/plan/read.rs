//! A plan read back from its document. What does not have its form, contradicts itself or asks what keyfleet never plans is refused, with its place; fields that
//! a later keyfleet may have added are left alone.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::Value;

use super::{PlanError, SCHEMA, SCHEMAS, digest};
use crate::domain::aws_command;
use crate::domain::id::{AccountId, KeyArn, KeyId, Login, Partition, Region};
use crate::domain::key::{KeyState, Role};
use crate::domain::plan::{
    Fingerprint, Identity, MemberPrint, Mutation, Operation, Permission, Plan, Precondition, Skipped, Step, Verdict,
};
use crate::domain::text::{Foreign, Safe, safe};
use crate::domain::time::Timestamp;
use crate::wire::found::{Found, Wrong};
use crate::wire::parameters;

/// Nothing is planned for longer.
const LONGEST: Duration = Duration::from_hours(72);

/// The plan in a document. What a document does not say, the caller must: which login it is for, what the account is called and whether it is protected, and,
/// by asking STS, who applies it; until then its maker stands there.
pub(crate) fn read(text: &str, login: Login) -> Result<Plan, PlanError> {
    let mut document: Value = serde_json::from_str(text).map_err(|error| not_json(&error))?;
    check_schema(&document)?;
    check_digest(&mut document)?;
    let root = Found::root(&document);
    root.field("keyfleet")?.text()?;
    let owner = Owner {
        partition: root.field("partition")?.parsed(Partition::from_name, "partition")?,
        account: root.field("account")?.parsed(AccountId::parse, "account of 12 digits")?,
    };
    let (made_at, expires_at) = lifetime(&root)?;
    let steps = steps(&root.field("steps")?, owner)?;
    // The command is what the operator reads before saying yes: it must be that of the request, whoever sealed the file.
    if steps.iter().any(|step| step.cli != aws_command::command(&step.mutation)) {
        return Err(PlanError::Edited);
    }
    let endpoint = root.field("endpoint")?.if_given().map(|endpoint| endpoint.text().map(Foreign::new));
    let any_region = steps.first().map(|step| step.mutation.arn.region.clone());
    let from = any_region.or_else(|| owner.partition.regions().into_iter().next());
    let no_region = || root.senseless("is of a partition without Regions");
    Ok(Plan {
        id: root.field("id")?.parsed(identifier, "identifier")?.into(),
        login,
        made_at,
        expires_at,
        partition: owner.partition,
        identity: Identity {
            account: owner.account,
            caller_arn: Foreign::new(root.field("caller_arn")?.text()?),
            from: from.ok_or_else(no_region)?,
            at: made_at,
        },
        account_name: None,
        is_protected: false,
        endpoint: endpoint.transpose()?,
        skipped: root.field("skipped")?.each(skipped)?,
        steps,
    })
}

/// Whether a plan may be applied to this account now.
pub(crate) fn check(plan: &Plan, account: AccountId, now: Timestamp) -> Result<(), PlanError> {
    if plan.identity.account != account {
        return Err(PlanError::OtherAccount { plan: plan.identity.account, wanted: account });
    }
    if now >= plan.expires_at {
        return Err(PlanError::Expired { at: plan.expires_at, now });
    }
    Ok(())
}

fn not_json(error: &serde_json::Error) -> PlanError {
    let words = error.to_string();
    // The place stands at the end of the words, and on its own as well.
    let what = words.split(" at line ").next().unwrap_or_default();
    PlanError::NotJson { line: error.line(), column: error.column(), what: Foreign::new(what).safe() }
}

fn check_schema(document: &Value) -> Result<(), PlanError> {
    match document.get("schema").and_then(Value::as_str) {
        Some(SCHEMA) => Ok(()),
        Some(other) if other.starts_with(SCHEMAS) => Err(PlanError::OtherSchema { found: Foreign::new(other) }),
        Some(_) | None => Err(PlanError::NotAPlan),
    }
}

/// Takes the digest out, and compares it with that of what remains.
fn check_digest(document: &mut Value) -> Result<(), PlanError> {
    Found::root(document).field("digest")?.text()?;
    let stated = document.as_object_mut().and_then(|fields| fields.remove("digest"));
    let unedited = digest(document).is_ok_and(|digest| stated == Some(Value::String(digest)));
    if unedited { Ok(()) } else { Err(PlanError::Edited) }
}

/// Whose keys the plan changes.
#[derive(Clone, Copy)]
struct Owner {
    partition: Partition,
    account: AccountId,
}

fn lifetime(root: &Found<'_>) -> Result<(Timestamp, Timestamp), Wrong> {
    let date = |name| root.field(name)?.parsed(Timestamp::parse, "date (RFC 3339)");
    let (made_at, expires_at) = (date("made_at")?, date("expires_at")?);
    if expires_at <= made_at || expires_at.since(made_at) > LONGEST {
        return Err(root.field("expires_at")?.senseless("is not within 72 hours after made_at"));
    }
    Ok((made_at, expires_at))
}

/// Letters, digits and a few marks: it stands in journals and file names.
fn identifier(text: &str) -> Option<&str> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    (!text.is_empty() && text.len() <= 128 && text.bytes().all(fits)).then_some(text)
}

fn steps(found: &Found<'_>, owner: Owner) -> Result<Vec<Step>, Wrong> {
    let mut steps = Vec::new();
    let mut requests = BTreeSet::new();
    for (number, item) in (1..).zip(found.items()?) {
        let step = step(&item, number, owner)?;
        let change = &step.mutation.change;
        let request = (change.operation(), step.mutation.arn.clone(), change.target().cloned());
        // A step is sent at most once, so the same request must not stand in two.
        if !requests.insert(request) {
            return Err(item.senseless("asks for the same change as a step before it"));
        }
        steps.push(step);
    }
    Ok(steps)
}

fn step(found: &Found<'_>, number: u32, owner: Owner) -> Result<Step, Wrong> {
    let stated = found.field("number")?;
    if stated.number()? != number {
        return Err(stated.senseless(safe!("is not {number}: steps are numbered from 1 in the order of sending")));
    }
    let operation = found.field("operation")?.parsed(Operation::from_name, "operation of keyfleet")?;
    let arn = key_arn(&found.field("key_arn")?, owner)?;
    let sent_to = found.field("sent_to")?;
    if region(&sent_to)? != arn.region {
        return Err(sent_to.senseless(safe!("is not {}, the Region of the key that is changed", arn.region)));
    }
    let change = parameters::read(operation, &arn, &found.field("parameters")?)?;
    let after = found.field("after")?.each(|item| earlier(item, number))?;
    let mutation = Mutation { arn, change };
    Ok(Step {
        fingerprint: fingerprint(&found.field("fingerprint")?, &mutation, after.is_empty(), owner)?,
        preconditions: found.field("preconditions")?.each(precondition)?,
        permissions: found.field("permissions")?.each(permission)?,
        consequences: found.field("consequences")?.each(shown)?,
        way_back: found.field("way_back")?.if_given().map(|way| shown(&way)).transpose()?,
        cli: Foreign::new(found.field("cli")?.text()?),
        alias: None,
        description: Foreign::new(""),
        number,
        after,
        mutation,
    })
}

fn earlier(item: &Found<'_>, number: u32) -> Result<u32, Wrong> {
    let before = item.number()?;
    let is_earlier = (1..number).contains(&before);
    if is_earlier { Ok(before) } else { Err(item.senseless(safe!("is {before}, and no step before step {number}"))) }
}

fn region(found: &Found<'_>) -> Result<Region, Wrong> {
    found.parsed(|name| Region::parse(name).ok(), "Region")
}

fn key_arn(found: &Found<'_>, owner: Owner) -> Result<KeyArn, Wrong> {
    let arn = found.parsed(|text| KeyArn::parse(text).ok(), "ARN of a multi-Region key")?;
    if arn.account != owner.account {
        return Err(found.senseless(safe!("is a key of account {}, the plan is for {}", arn.account, owner.account)));
    }
    if arn.partition != owner.partition {
        let (own, plans) = (arn.partition.name(), owner.partition.name());
        return Err(found.senseless(safe!("is a key of the partition {own}, the plan is for {plans}")));
    }
    Ok(arn)
}

/// What the step is compared with before it is sent. A first step that compared nothing would be sent whatever the key has become.
fn fingerprint(found: &Found<'_>, of: &Mutation, is_first: bool, owner: Owner) -> Result<Fingerprint, Wrong> {
    let list = found.field("members")?;
    let members = list.each(|member| member_print(member, &of.arn.id, owner))?;
    let is_named = |region: &Region| members.iter().any(|member| member.arn.region == *region);
    let promoted = if of.change.operation() == Operation::UpdatePrimaryRegion { of.change.target() } else { None };
    let missing = std::iter::once(&of.arn.region).chain(promoted).find(|region| !is_named(region));
    if let Some(region) = missing.filter(|_| is_first) {
        return Err(list.senseless(safe!("does not say what the key in {region} was like")));
    }
    let policy = found.field("policy_sha256")?.if_given();
    let policy = policy.map(|policy| policy.parsed(sha256, "SHA-256 of 64 hexadecimal digits")).transpose()?;
    Ok(Fingerprint {
        members,
        regions: found.field("regions")?.each(region)?,
        policy_sha256: policy.map(std::convert::Into::into),
    })
}

fn sha256(text: &str) -> Option<&str> {
    let fits = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    fits.then_some(text)
}

fn member_print(found: &Found<'_>, id: &KeyId, owner: Owner) -> Result<MemberPrint, Wrong> {
    let named = found.field("arn")?;
    let arn = key_arn(&named, owner)?;
    if arn.id != *id {
        return Err(named.senseless("is another key than that of the step"));
    }
    let role = |name: &str| [Role::Primary, Role::Replica].into_iter().find(|role| role.name() == name);
    let state = found.field("state")?.if_given();
    let state = state.map(|state| state.parsed(|name| Some(KeyState::parse(name)), "state")).transpose()?;
    let given = |name| Ok(found.field(name)?.if_given());
    Ok(MemberPrint {
        state: state.unwrap_or(KeyState::Missing),
        role: given("role")?.map(|found| found.parsed(role, "role (PRIMARY or REPLICA)")).transpose()?,
        primary: given("primary_region")?.map(|found| region(&found)).transpose()?,
        arn,
    })
}

fn precondition(found: &Found<'_>) -> Result<Precondition, Wrong> {
    let verdict = |name: &str| match name {
        "pass" => Some(Verdict::Pass),
        "fail" => Some(Verdict::Fail),
        "unknown" => Some(Verdict::Unknown),
        _ => None,
    };
    Ok(Precondition {
        text: shown(&found.field("text")?)?,
        result: found.field("result")?.parsed(verdict, "result (pass, fail or unknown)")?,
        blocks: found.field("blocks")?.flag()?,
    })
}

fn permission(found: &Found<'_>) -> Result<Permission, Wrong> {
    let verdict = |name: &str| match name {
        "allowed" => Some(Verdict::Pass),
        "denied" => Some(Verdict::Fail),
        "unknown" => Some(Verdict::Unknown),
        _ => None,
    };
    let action = |name: &str| Permission::ACTIONS.into_iter().find(|action| *action == name);
    Ok(Permission {
        action: found.field("action")?.parsed(action, "action that a plan needs")?,
        region: region(&found.field("region")?)?,
        result: found.field("result")?.parsed(verdict, "result (allowed, denied or unknown)")?,
    })
}

fn skipped(found: &Found<'_>) -> Result<Skipped, Wrong> {
    Ok(Skipped {
        key: found.field("key_id")?.parsed(KeyId::parse, "ID of a multi-Region key")?,
        region: found.field("region")?.if_given().map(|found| region(&found)).transpose()?,
        why: shown(&found.field("why")?)?,
    })
}

fn shown(found: &Found<'_>) -> Result<Safe, Wrong> {
    Ok(Foreign::new(found.text()?).safe())
}
