//! Conditions of a statement against a request that keyfleet would send itself.
//!
//! Only what is certain of such a request is compared: who asks, from which account, in which Region, that it comes directly and not through a service.
//! Whatever else a condition tests is not known, and is said to be so.

use super::Request;
use super::document::Condition;
use super::wildcard::fits;
use crate::domain::text::{Safe, safe};

/// What a request says about the key of a condition.
enum Fact {
    /// The request has no such key.
    Missing,
    Is(String),
    /// The ARN of the caller, in which the path of a role is not known.
    Caller,
    Unknown,
}

/// Whether the condition holds; None if that cannot be known from here.
pub(super) fn holds(condition: &Condition, request: &Request<'_>) -> Option<bool> {
    let operator = condition.operator.lower();
    let fact = fact(&condition.key.lower(), request);
    if condition.values.iter().any(|value| value.contains("${")) {
        return None;
    }
    if operator == "null" {
        let is_missing = match fact {
            Fact::Missing => true,
            Fact::Is(_) | Fact::Caller => false,
            Fact::Unknown => return None,
        };
        return Some(condition.values.iter().any(|value| value.eq_ignore_ascii_case("true") == is_missing));
    }
    let (operator, if_exists) = match operator.strip_suffix("ifexists") {
        Some(operator) => (operator, true),
        None => (operator.as_str(), false),
    };
    let comparison = Comparison::named(operator)?;
    match fact {
        Fact::Unknown => None,
        Fact::Missing => Some(if_exists || comparison.is_negated),
        Fact::Is(actual) => {
            Some(condition.values.iter().any(|value| comparison.fits(value, &actual)) != comparison.is_negated)
        }
        Fact::Caller => comparison.with_caller(condition, request),
    }
}

/// The condition for eyes.
pub(super) fn name(condition: &Condition) -> Safe {
    let of = |text: &str| crate::domain::text::Foreign::new(text).safe();
    safe!("{} {}", of(&condition.operator.0), of(&condition.key.0))
}

fn fact(key: &str, request: &Request<'_>) -> Fact {
    let is = |text: String| Fact::Is(text);
    match key {
        "kms:calleraccount" | "aws:principalaccount" => is(request.caller.account().to_string()),
        "aws:principalarn" => Fact::Caller,
        "aws:requestedregion" => is(request.key.region.to_string()),
        "aws:viaawsservice" | "aws:principalisawsservice" => is("false".to_owned()),
        "aws:securetransport" => is("true".to_owned()),
        // Only a service that acts for somebody brings these.
        "kms:viaservice" | "aws:sourcearn" | "aws:sourceaccount" | "aws:calledvia" => Fact::Missing,
        "kms:replicaregion" if request.action == "kms:ReplicateKey" => of_target(request),
        "kms:primaryregion" if request.action == "kms:UpdatePrimaryRegion" => of_target(request),
        _ => Fact::Unknown,
    }
}

fn of_target(request: &Request<'_>) -> Fact {
    request.target.map_or(Fact::Unknown, |region| Fact::Is(region.to_string()))
}

/// How an operator compares one value.
struct Comparison {
    is_negated: bool,
    manner: Manner,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Manner {
    Exact,
    IgnoringCase,
    Wildcards,
}

impl Comparison {
    /// The comparison of an operator in lower case; None if it is not one of text.
    fn named(operator: &str) -> Option<Self> {
        let (is_negated, manner) = match operator {
            "stringequals" => (false, Manner::Exact),
            "stringnotequals" => (true, Manner::Exact),
            "stringequalsignorecase" | "bool" => (false, Manner::IgnoringCase),
            "stringnotequalsignorecase" => (true, Manner::IgnoringCase),
            "stringlike" | "arnequals" | "arnlike" => (false, Manner::Wildcards),
            "stringnotlike" | "arnnotequals" | "arnnotlike" => (true, Manner::Wildcards),
            _ => return None,
        };
        Some(Self { is_negated, manner })
    }

    fn fits(&self, value: &str, actual: &str) -> bool {
        match self.manner {
            Manner::Exact => value == actual,
            Manner::IgnoringCase => value.eq_ignore_ascii_case(actual),
            Manner::Wildcards => fits(value, actual),
        }
    }

    fn with_caller(&self, condition: &Condition, request: &Request<'_>) -> Option<bool> {
        if self.manner == Manner::IgnoringCase {
            return None;
        }
        let mut is_open = false;
        for value in &condition.values {
            // Where wildcards mean nothing, a value that holds one fits no ARN.
            let is_literal = self.manner == Manner::Exact && value.contains(['*', '?']);
            match if is_literal { Some(false) } else { request.caller.arn_fits(value) } {
                Some(true) => return Some(!self.is_negated),
                Some(false) => {}
                None => is_open = true,
            }
        }
        if is_open { None } else { Some(self.is_negated) }
    }
}
