//! Which tests of a statement leave only callers of named accounts and organizations, named callers, or named networks.
//!
//! A test counts only if it is understood whole: its operator, its key, and each of its values. `kms:ViaService` does not count, since a service acts for
//! every account, and neither does what a caller can choose: tags, user names, session names.

use super::document::Condition;
use crate::domain::id::AccountId;

/// What the values of a condition key name.
#[derive(Clone, Copy)]
enum Named {
    Account,
    /// An organization, or a path in one.
    Organization,
    Arn,
    /// A role's or user's ID, and after a colon the name of a session.
    UserId,
    /// A network's ID, or a service: the value as a whole.
    Whole,
    Addresses,
}

/// Whether a test of an Allow fails for all but named callers.
pub(super) fn lets_only_named(condition: &Condition) -> bool {
    let operator = condition.operator.lower();
    // `ForAllValues:` and `…IfExists` hold where a request lacks the key.
    let operator = operator.strip_prefix("foranyvalue:").unwrap_or(&operator);
    is_positive(operator) && names_few(condition)
}

/// Whether a test of a Deny holds for all but named callers. A negated operator holds as well where a request lacks the key.
pub(super) fn exempts_only_named(condition: &Condition) -> bool {
    let operator = condition.operator.lower();
    let operator = operator.strip_suffix("ifexists").unwrap_or(&operator);
    operator.contains("not") && is_positive(&operator.replacen("not", "", 1)) && names_few(condition)
}

/// Whether a test is certain to fail for every caller of the account.
pub(super) fn never_holds_in(condition: &Condition, account: AccountId) -> bool {
    let is_account = ["kms:calleraccount", "aws:principalaccount"].contains(&condition.key.lower().as_str());
    let is_other = |value: &String| AccountId::parse(value).is_some_and(|named| named != account);
    is_account && condition.operator.lower() == "stringequals" && condition.values.iter().all(is_other)
}

fn is_positive(operator: &str) -> bool {
    ["stringequals", "stringlike", "stringequalsignorecase", "arnequals", "arnlike", "ipaddress"].contains(&operator)
}

fn names_few(condition: &Condition) -> bool {
    let Some(named) = named(&condition.key.lower()) else { return false };
    let is_by_field = condition.operator.lower().contains("arn");
    condition.values.iter().all(|value| is_narrow(named, value) || is_by_field && is_of_account(named, value))
}

fn named(key: &str) -> Option<Named> {
    Some(match key {
        "kms:calleraccount" | "aws:principalaccount" | "aws:sourceaccount" | "aws:vpceaccount" => Named::Account,
        "aws:principalorgid"
        | "aws:principalorgpaths"
        | "aws:sourceorgid"
        | "aws:sourceorgpaths"
        | "aws:vpceorgid"
        | "aws:vpceorgpaths" => Named::Organization,
        "aws:principalarn" | "aws:sourcearn" | "aws:sourcevpcarn" => Named::Arn,
        "aws:userid" => Named::UserId,
        "aws:sourcevpc" | "aws:sourcevpce" | "aws:principalservicename" => Named::Whole,
        "aws:sourceip" => Named::Addresses,
        _ => return None,
    })
}

fn is_narrow(named: Named, value: &str) -> bool {
    let is_fixed = |text: &str| !text.is_empty() && !text.contains(['*', '?', '$']);
    // The account and the organization of the key itself; any other variable may hold whatever the caller brings.
    let own = ["${aws:resourceaccount}", "${aws:resourceorgid}"];
    match named {
        Named::Account => is_fixed(value) || own.first().is_some_and(|own| value.eq_ignore_ascii_case(own)),
        Named::Organization => {
            let organization = value.split('/').next().unwrap_or(value);
            is_fixed(organization) || own.iter().any(|own| organization.eq_ignore_ascii_case(own))
        }
        Named::Arn => is_fixed(value) || is_of_account(named, value) && is_fixed(before_resource(value)),
        Named::UserId => is_fixed(value.split(':').next().unwrap_or(value)),
        Named::Whole => is_fixed(value),
        Named::Addresses => is_some_network(value),
    }
}

/// Whether the account of an ARN is given. As text, a wildcard before it could stand for an ARN whose path repeats that account.
fn is_of_account(named: Named, value: &str) -> bool {
    matches!(named, Named::Arn) && value.split(':').nth(4).is_some_and(|account| AccountId::parse(account).is_some())
}

fn before_resource(arn: &str) -> &str {
    let resource = arn.splitn(6, ':').nth(5).map_or(0, str::len);
    arn.get(..arn.len() - resource).unwrap_or(arn)
}

/// Whether a range of addresses is one that somebody can own, not half of the Internet. A variable or a wildcard is no address.
fn is_some_network(value: &str) -> bool {
    let (address, prefix) = value.split_once('/').map_or((value, None), |(address, prefix)| (address, Some(prefix)));
    let is_address = |character: char| character.is_ascii_hexdigit() || character == '.' || character == ':';
    let widest = if address.contains(':') { 32 } else { 8 };
    !address.is_empty()
        && address.chars().all(is_address)
        && prefix.is_none_or(|prefix| prefix.parse::<u8>().is_ok_and(|prefix| prefix >= widest))
}
