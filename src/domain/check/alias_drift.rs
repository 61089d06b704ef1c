//! Related keys with different aliases, apart from names that may differ.

use super::{Check, Judgement, Looked, Remedy, deep, drift};
use crate::domain::text::{Foreign, Safe};
use crate::domain::verdict::Severity;

pub(super) const CHECK: Check = Check {
    id: "alias_drift",
    title: "Related keys have different aliases",
    rationale: "An alias belongs to one Region. A program that names the key by its alias does not find it where the alias is missing, which shows \
                in the failover.",
    remedy: "Create the alias in the other Region with aws kms create-alias, or put its name on the ignore list.",
    severity: Severity::Low,
    needs: &[],
    judge,
};

fn judge(looked: &Looked<'_>) -> Vec<Judgement> {
    let subject = looked.subject;
    let compared = drift::gather(looked, |member| {
        let (aliases, evidence) = deep::aliases(subject.fleet, subject.row.key.login, member)?;
        let ignored = |name: &&Foreign| looked.tuning.ignored_aliases.iter().any(|glob| glob.matches(name.original()));
        let mut kept: Vec<&Foreign> = aliases.iter().filter(|name| !ignored(name)).collect();
        kept.sort();
        Ok((kept, evidence))
    });
    let remedy =
        Remedy::text("create the alias in the other Region with aws kms create-alias, or put it on alias_drift.ignore");
    drift::judge(looked, &compared, &remedy, |reference, other| words(&reference.value, &other.value))
}

fn words(reference: &[&Foreign], other: &[&Foreign]) -> Option<Safe> {
    if reference == other {
        return None;
    }
    let shown = |names: &[&Foreign]| -> Vec<Safe> { names.iter().map(|name| name.safe()).collect() };
    Some(drift::set_words(&shown(reference), &shown(other)).unwrap_or_else(|| "names that only look alike".into()))
}
