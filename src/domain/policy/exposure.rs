//! Policies that let in too many, and policies that leave nobody.
//!
//! "Nobody can change it" is said only where the document alone makes that certain. "Anyone is let in" is said of whatever is not visibly kept to an account,
//! an organization or named callers: a test that keyfleet does not understand keeps nobody out.

use std::collections::BTreeSet;

use super::document::{Condition, Document, Effect, Folded, Listed, Meaning, Principal, Statement, is_bare};
use super::narrow::{exempts_only_named, lets_only_named, never_holds_in};
use super::wildcard::{fits, overlap};
use crate::domain::id::AccountId;
use crate::domain::text::{Safe, safe};

const CHANGE: &str = "kms:putkeypolicy";

/// The statements that let anyone in the world in.
pub(crate) fn open_to_anyone(document: &Document) -> Option<Safe> {
    let is_closed = |statement: &&Statement| document.statements.iter().any(|deny| closes(deny, &statement.meaning));
    let mut open =
        document.statements.iter().filter(|statement| is_open(statement)).filter(|statement| !is_closed(statement));
    let first = open.next()?.name();
    Some(match open.count() {
        0 => safe!("{first} lets anyone in: no condition keeps it to an account"),
        more => safe!("{first} and {more} more let anyone in: no condition keeps them to an account"),
    })
}

/// Why no principal of the account could change the policy, ever: only AWS Support could.
pub(crate) fn nobody_can_manage(document: &Document, account: AccountId) -> Option<Safe> {
    let refusals: Vec<&Statement> = document.statements.iter().filter(|statement| denies_change(statement)).collect();
    if let Some(statement) = refusals.iter().find(|statement| meets_everybody(&statement.meaning.principals, account)) {
        return Some(safe!("{} denies kms:PutKeyPolicy to the whole account", statement.name()));
    }
    let allows: Vec<&Statement> =
        document.statements.iter().filter(|statement| may_allow_change(statement, account)).collect();
    let denied: BTreeSet<&Principal> = refusals
        .iter()
        .filter(|statement| !statement.meaning.principals.is_negated)
        .flat_map(|statement| &statement.meaning.principals.values)
        .collect();
    if allows.iter().any(|statement| lets_somebody(statement, account, &denied)) {
        return None;
    }
    let allowed = allows.iter().find(|statement| lets_somebody(statement, account, &BTreeSet::new()));
    Some(match allowed {
        Some(statement) => {
            safe!("whomever {} lets call kms:PutKeyPolicy, another statement denies it", statement.name())
        }
        None => "no statement lets the account or a principal that exists in it call kms:PutKeyPolicy".into(),
    })
}

fn is_open(statement: &Statement) -> bool {
    let meaning = &statement.meaning;
    let anyone = meaning.principals.is_negated != meaning.principals.values.contains(&Principal::Anyone);
    let acts =
        meaning.actions.is_negated || meaning.actions.values.iter().any(|action| overlap(&action.lower(), "kms:*"));
    meaning.effect == Effect::Allow && anyone && acts && !meaning.conditions.iter().any(lets_only_named)
}

/// Whether a Deny keeps out all but named callers from what an Allow leaves open.
fn closes(deny: &Statement, open: &Meaning) -> bool {
    let meaning = &deny.meaning;
    if meaning.effect != Effect::Deny
        || !is_of_every_key(meaning)
        || !covers(meaning, open)
        || !meaning.others.is_empty()
    {
        return false;
    }
    let names_anyone = meaning.principals.values.contains(&Principal::Anyone);
    let conditions: Vec<&Condition> = meaning.conditions.iter().collect();
    match conditions.as_slice() {
        [] => names_anyone != meaning.principals.is_negated,
        [test] => names_anyone && !meaning.principals.is_negated && exempts_only_named(test),
        // Of several tests each must hold: whom one exempts need not be whom another does.
        _ => false,
    }
}

/// Whether a Deny is of every action that an Allow is of.
fn covers(deny: &Meaning, allow: &Meaning) -> bool {
    let is_within = |action: &str| {
        // A pattern that fits another as text fits whatever that fits, unless a `?` stood for its `*`.
        deny.actions.values.iter().map(Folded::lower).any(|denied| !denied.contains('?') && fits(&denied, action))
    };
    !deny.actions.is_negated
        && (is_within("kms:*")
            || !allow.actions.is_negated && allow.actions.values.iter().all(|action| is_within(&action.lower())))
}

fn is_of_every_key(meaning: &Meaning) -> bool {
    !meaning.resources.is_negated && meaning.resources.values.contains("*")
}

fn acts(meaning: &Meaning) -> bool {
    meaning.actions.values.iter().any(|action| fits(&action.lower(), CHANGE)) != meaning.actions.is_negated
}

/// A Deny of the change that nothing but its principals limits.
fn denies_change(statement: &Statement) -> bool {
    let meaning = &statement.meaning;
    meaning.effect == Effect::Deny
        && acts(meaning)
        && is_of_every_key(meaning)
        && meaning.conditions.is_empty()
        && meaning.others.is_empty()
}

/// An Allow of the change that callers of the account may fulfil.
fn may_allow_change(statement: &Statement, account: AccountId) -> bool {
    let meaning = &statement.meaning;
    meaning.effect == Effect::Allow
        && acts(meaning)
        && !meaning.conditions.iter().any(|test| never_holds_in(test, account))
}

/// Whether principals are certain to be everybody of the account.
fn meets_everybody(principals: &Listed<Principal>, account: AccountId) -> bool {
    if principals.is_negated {
        return principals.values.iter().all(|principal| is_elsewhere(principal, account));
    }
    principals.values.contains(&Principal::Anyone) || principals.values.contains(&Principal::Account(account))
}

/// Whether a principal is certain to be of another account, or of none.
fn is_elsewhere(principal: &Principal, account: AccountId) -> bool {
    match principal {
        Principal::Anyone => false,
        Principal::Account(named) => *named != account,
        Principal::Aws(name) => account_of(name).is_some_and(|named| named != account),
        Principal::Other { kind, .. } => kind == "Service",
    }
}

/// Whether the statement may let somebody of the account in who is not denied.
fn lets_somebody(statement: &Statement, account: AccountId, denied: &BTreeSet<&Principal>) -> bool {
    let principals = &statement.meaning.principals;
    if principals.is_negated {
        return !principals.values.contains(&Principal::Anyone);
    }
    principals.values.iter().any(|principal| {
        let is_here = match principal {
            Principal::Anyone => true,
            Principal::Account(named) => *named == account,
            // What is not understood may be somebody; a unique ID is nobody any more.
            Principal::Aws(name) => !is_bare(name) && account_of(name).is_none_or(|named| named == account),
            Principal::Other { kind, .. } => kind != "Service",
        };
        is_here && !denied.contains(principal)
    })
}

fn account_of(arn: &str) -> Option<AccountId> {
    arn.split(':').nth(4).and_then(AccountId::parse)
}
