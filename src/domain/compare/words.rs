//! What came of a comparison, in one line.

use super::{Comparison, Likeness, Why};
use crate::domain::text::{Safe, safe};

/// `2 differences: tags, policy; not known: aliases (eu-west-1: access denied)`.
pub(crate) fn verdict(comparison: &Comparison) -> Safe {
    let all = comparison.properties.iter().map(|compared| (compared.property.name(), &compared.likeness));
    let all: Vec<(&str, &Likeness)> = all.chain([("policy", &comparison.policies.likeness)]).collect();
    let is_differing = |(_, likeness): &&(&str, &Likeness)| **likeness == Likeness::Differs;
    let differing: Vec<&str> = all.iter().filter(is_differing).map(|(name, _)| *name).collect();
    let waiting: Vec<&str> = all.iter().filter(|(_, likeness)| is_waiting(likeness)).map(|(name, _)| *name).collect();
    let dark = not_known(&all);
    let has_differed =
        |(_, likeness): &&(&str, &Likeness)| matches!(likeness, Likeness::NotKnown { differed: true, .. });
    let differed: Vec<&str> = all.iter().filter(has_differed).map(|(name, _)| *name).collect();
    let so_far = if waiting.is_empty() { "" } else { " so far" };
    let mut words = match differing.as_slice() {
        [] if waiting.is_empty() && !dark.is_empty() => "no difference in what could be read".to_owned(),
        [] => format!("no difference{so_far}"),
        [one] => format!("1 difference{so_far}: {one}"),
        several => format!("{} differences{so_far}: {}", several.len(), several.join(", ")),
    };
    for (head, names) in
        [("being read", waiting.join(", ")), ("differed when last read", differed.join(", ")), ("not known", dark)]
    {
        if !names.is_empty() {
            words = format!("{words}; {head}: {names}");
        }
    }
    safe!("{words}")
}

fn is_waiting(likeness: &Likeness) -> bool {
    match likeness {
        Likeness::Same | Likeness::Differs | Likeness::Own => false,
        Likeness::NotKnown { doubts, differed: _ } => doubts.iter().any(|doubt| doubt.why == Why::Waiting),
    }
}

/// What is not known, those together that are so for the same reason.
fn not_known(all: &[(&str, &Likeness)]) -> String {
    let mut groups: Vec<(String, Vec<&str>)> = Vec::new();
    for (name, likeness) in all {
        let Likeness::NotKnown { doubts, differed: _ } = likeness else { continue };
        if is_waiting(likeness) {
            continue;
        }
        let doubts: Vec<String> =
            doubts.iter().map(|doubt| format!("{}: {}", doubt.region, doubt.why.words())).collect();
        let reason = doubts.join(", ");
        match groups.iter_mut().find(|(other, _)| *other == reason) {
            Some((_, names)) => names.push(name),
            None => groups.push((reason, vec![name])),
        }
    }
    let worded = groups.into_iter().map(|(reason, names)| format!("{} ({reason})", names.join(", ")));
    worded.collect::<Vec<_>>().join("; ")
}
