//! What a key policy, by itself, says to a request that keyfleet would send.
//!
//! A Deny wins; without an Allow nothing is allowed. The policies of identities and organizations cannot be read from here, so "allowed" means that this policy
//! does not stand in the way, and a statement that hands the question to the account's IAM policies leaves it open.

use super::caller::{Caller, Meant};
use super::condition;
use super::document::{Document, Effect, Meaning, Principal, Statement};
use super::wildcard::fits;
use crate::domain::id::{KeyArn, Region};
use crate::domain::text::{Safe, safe};

/// One request as IAM sees it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Request<'a> {
    pub(crate) caller: &'a Caller,
    /// `kms:ReplicateKey`
    pub(crate) action: &'a str,
    pub(crate) key: &'a KeyArn,
    /// The Region that the request names as its target, if it names one.
    pub(crate) target: Option<&'a Region>,
}

/// The answer, as far as the key policy gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Permits {
    Allowed,
    Denied(Safe),
    Unknown(Doubt),
}

/// Why the policy alone does not decide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Doubt {
    /// It lets the account decide, which means the account's IAM policies. They cannot be read from here.
    LeftToIam,
    Statement(Safe),
}

/// Whether a policy keeps its author from changing it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Lockout {
    Safe,
    LockedOut(Safe),
    Unknown(Safe),
}

/// Whether one statement applies to a request.
enum Applies {
    Yes,
    No,
    ByAccount,
    Unknown(Safe),
}

/// Evaluates the policy for a request, as AWS does for the key policy alone.
pub(crate) fn permits(document: &Document, request: &Request<'_>) -> Permits {
    let (mut is_allowed, mut left_to_iam) = (false, false);
    let (mut perhaps_denied, mut perhaps_allowed) = (None, None);
    for statement in &document.statements {
        match (statement.meaning.effect, applies(statement, request)) {
            (_, Applies::No) => {}
            // A Deny of the account is a Deny of everybody in it.
            (Effect::Deny, Applies::Yes | Applies::ByAccount) => {
                return Permits::Denied(safe!("{} denies {}", statement.name(), request.action));
            }
            (Effect::Deny, Applies::Unknown(why)) => {
                perhaps_denied.get_or_insert(why);
            }
            (Effect::Allow, Applies::Yes) => is_allowed = true,
            (Effect::Allow, Applies::ByAccount) => left_to_iam = true,
            (Effect::Allow, Applies::Unknown(why)) => {
                perhaps_allowed.get_or_insert(why);
            }
        }
    }
    let statement = |why| Permits::Unknown(Doubt::Statement(why));
    let is_foreign = request.caller.account() != request.key.account;
    match (perhaps_denied, perhaps_allowed) {
        (Some(why), _) if is_allowed || left_to_iam => statement(why),
        (None, _) if is_allowed && is_foreign => Permits::Unknown(Doubt::LeftToIam),
        (None, _) if is_allowed => Permits::Allowed,
        (None, _) if left_to_iam => Permits::Unknown(Doubt::LeftToIam),
        (_, Some(why)) => statement(why),
        (_, None) => Permits::Denied(safe!("no statement allows {}", request.action)),
    }
}

/// Whether the caller could change the policy afterwards: KMS's lockout safety check, which refuses a policy that denies it.
pub(crate) fn lockout(document: &Document, caller: &Caller, key: &KeyArn) -> Lockout {
    let request = Request { caller, action: "kms:PutKeyPolicy", key, target: None };
    match permits(document, &request) {
        // An account that decides by IAM can always be given a principal that may.
        Permits::Allowed | Permits::Unknown(Doubt::LeftToIam) => Lockout::Safe,
        Permits::Denied(why) => Lockout::LockedOut(why),
        Permits::Unknown(Doubt::Statement(why)) => Lockout::Unknown(why),
    }
}

fn applies(statement: &Statement, request: &Request<'_>) -> Applies {
    let meaning = &statement.meaning;
    let acts = meaning.actions.values.iter().any(|action| fits(&action.lower(), &request.action.to_ascii_lowercase()));
    if acts == meaning.actions.is_negated {
        return Applies::No;
    }
    let key = request.key.to_string();
    let concerns = meaning.resources.values.iter().any(|resource| fits(resource, &key));
    if concerns == meaning.resources.is_negated && !has_variable(meaning) {
        return Applies::No;
    }
    let meant = meant(meaning, request.caller);
    if meant == Meant::No {
        return Applies::No;
    }
    let held: Vec<Option<bool>> = meaning.conditions.iter().map(|test| condition::holds(test, request)).collect();
    if held.contains(&Some(false)) {
        return Applies::No;
    }
    if let Some(why) = open(statement, meant, &held) {
        return Applies::Unknown(why);
    }
    if meant == Meant::ByAccount { Applies::ByAccount } else { Applies::Yes }
}

/// What keeps a statement that may apply from being certain.
fn open(statement: &Statement, meant: Meant, held: &[Option<bool>]) -> Option<Safe> {
    let (name, meaning) = (statement.name(), &statement.meaning);
    if let Some((test, _)) = meaning.conditions.iter().zip(held).find(|(_, held)| held.is_none()) {
        return Some(safe!("{name} depends on {}", condition::name(test)));
    }
    if meant == Meant::Unknown {
        let element = if meaning.principals.is_negated { "NotPrincipal" } else { "a principal with wildcards" };
        return Some(safe!("{name} has {element}"));
    }
    if has_variable(meaning) {
        return Some(safe!("{name} has a variable in its Resource"));
    }
    (!meaning.others.is_empty()).then(|| safe!("{name} has an element that keyfleet does not know"))
}

fn has_variable(meaning: &Meaning) -> bool {
    meaning.resources.values.iter().any(|resource| resource.contains("${"))
}

fn meant(meaning: &Meaning, caller: &Caller) -> Meant {
    let all: Vec<Meant> = meaning.principals.values.iter().map(|principal| caller.is_meant_by(principal)).collect();
    if meaning.principals.is_negated {
        // Whom it leaves out depends on every ARN of the caller, the account's included; only "everybody" is certain.
        let is_everybody = meaning.principals.values.contains(&Principal::Anyone);
        return if is_everybody { Meant::No } else { Meant::Unknown };
    }
    let order = [Meant::Yes, Meant::ByAccount, Meant::Unknown];
    order.into_iter().find(|meant| all.contains(meant)).unwrap_or(Meant::No)
}
